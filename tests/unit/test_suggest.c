/* test_suggest.c - how far two names are from each other, and what is suggested. */
#include "unit.h"

#include "base/suggest.h"

static unsigned far(const char *a, const char *b)
{
	return edit_distance(span_of(a), span_of(b), 100);
}

static void distances(void **state)
{
	assert_int_equal(far("", ""), 0);
	assert_int_equal(far("policy", "policy"), 0);
	assert_int_equal(far("", "abc"), 3);
	assert_int_equal(far("abc", ""), 3);
	assert_int_equal(far("polcy", "policy"), 1);
	assert_int_equal(far("pollicy", "policy"), 1);
	assert_int_equal(far("palicy", "policy"), 1);
	assert_int_equal(far("polciy", "policy"), 1);
	assert_int_equal(far("opilcy", "policy"), 2);
	assert_int_equal(far("abcd", "wxyz"), 4);
	assert_int_equal(edit_distance(SPAN_LIT("abcd"), SPAN_LIT("wxyz"), 2), 3);
}

static void long_names(void **state)
{
	char text[1000];
	memset(text, 'a', sizeof text);
	assert_int_equal(edit_distance(span_make(text, sizeof text), SPAN_LIT("a"), 3), 4);
	assert_int_equal(edit_distance(SPAN_LIT("a"), span_make(text, sizeof text), 3), 4);
	assert_int_equal(edit_distance(span_make(text, 64), span_make(text, 63), 3), 1);
}

static struct span name_at(const void *data, size_t i)
{
	static const char *const names[] = {"json", "jsonl", "hcl", "hcl-json", "table"};
	return i < sizeof names / sizeof names[0] ? span_of(names[i]) : SPAN_NONE;
}

static void suggestions(void **state)
{
	struct arena arena;
	arena_init(&arena);
	assert_true(span_is(suggest(&arena, SPAN_LIT("jsn"), "", name_at, NULL),
	                    "; did you mean 'json'?"));
	assert_true(span_is(suggest(&arena, SPAN_LIT("hc"), "--", name_at, NULL),
	                    "; did you mean '--hcl'?"));
	assert_true(span_is(suggest(&arena, SPAN_LIT("json-"), "", name_at, NULL),
	                    "; did you mean 'json' or 'jsonl'?"));
	assert_true(span_is(suggest(&arena, SPAN_LIT("tab"), "", name_at, NULL),
	                    "; did you mean 'table'?"));
	assert_int_equal(suggest(&arena, SPAN_LIT("yaml"), "", name_at, NULL).n, 0);
	assert_int_equal(suggest(&arena, SPAN_LIT(""), "", name_at, NULL).n, 0);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(distances),
	        cmocka_unit_test(long_names),
	        cmocka_unit_test(suggestions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
