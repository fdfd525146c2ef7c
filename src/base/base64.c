/* base64.c - base: see base64.h. */
#include "config.h"

#include "base/base64.h"

#include <sodium/utils.h>

bool base64_decode(struct span text, struct buf *out)
{
	size_t room = text.n / 4 * 3 + 3, n;
	int variant = text.n && text.p[text.n - 1] == '='
	                      ? sodium_base64_VARIANT_ORIGINAL
	                      : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
	if (text.n == 0)
		return true;
	if (!buf_reserve(out, room) ||
	    sodium_base642bin((unsigned char *)out->p + out->n, room, text.p, text.n, NULL, &n,
	                      NULL, variant) != 0)
		return false;
	out->n += n;
	return true;
}
