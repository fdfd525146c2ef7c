/* test_memo.c - what is remembered is true, whatever was forgotten. */
#include "unit.h"

#include "base/memo.h"

#include <stdio.h>

static void remembers_or_forgets_but_never_lies(void **state)
{
	struct memo *m = memo_new(64, 24, sizeof(uint64_t));
	size_t known = 0;
	char text[40];
	for (uint64_t k = 0; k < 4000; k++) {
		uint64_t i = k % 7 ? k : k / 100;
		size_t n =
		        (size_t)snprintf(text, sizeof text, "%.*s%llu", (int)(i % 24),
		                         "xxxxxxxxxxxxxxxxxxxxxxxx", (unsigned long long)i % 300);
		const uint64_t *v = memo_get(m, span_make(text, n));
		uint64_t right = n * 1000000 + i % 300;
		if (v) {
			known++;
			assert_int_equal(*v, right);
		}
		memo_put(m, span_make(text, n), &right);
		v = memo_get(m, span_make(text, n));
		if (n <= 24)
			assert_int_equal(*v, right);
		else
			assert_null(v);
	}
	assert_true(known > 0);
	assert_null(memo_get(m, SPAN_LIT("")));
	uint64_t seven = 7;
	memo_put(m, SPAN_LIT(""), &seven);
	assert_int_equal(*(const uint64_t *)memo_get(m, SPAN_LIT("")), 7);
	memo_free(m);
	memo_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(remembers_or_forgets_but_never_lies),
	};
	return cmocka_run_group_tests_name("memo", tests, NULL, NULL);
}
