/* fuzz_document.c - fuzz: a policy document from outside is refused with a reason, or read into
 * the model that its own text is read into again. */
#include "policy/compile.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct document *one = NULL, *two = NULL;
	struct buf a, b;
	struct err err;
	err_clear(&err);
	if (document_parse(span_make((const char *)data, n), &one, &err) != STATUS_OK) {
		if (one || !err_is_set(&err) || !err.reason)
			abort();
		return 0;
	}
	buf_init(&a, (size_t)1 << 26);
	buf_init(&b, (size_t)1 << 26);
	if (!document_write(&one->text, true, &a) ||
	    document_parse(buf_span(&a), &two, &err) != STATUS_OK ||
	    !document_write(&two->text, true, &b) || !span_eq(buf_span(&a), buf_span(&b)))
		abort();
	document_free(one);
	document_free(two);
	buf_release(&a);
	buf_release(&b);
	return 0;
}
