/* test_pattern.c - the text of patterns: what covers what, what IAM accepts. */
#include "config.h"

#include "unit.h"

#include "call/arn.h"
#include "policy/iam-text.h"
#include "policy/pattern-text.h"

static const struct {
	const char *outer, *inner;
	bool fold_case, covers;
} cases[] = {
        {"*", "anything", false, true},
        {"*", "", false, true},
        {"a*", "a", false, true},
        {"a*", "b", false, false},
        {"a?", "ab", false, true},
        {"a?", "a*", false, false}, /* one character is less than any run */
        {"a*", "a?", false, true},
        {"a*", "a*b", false, true},
        {"a*b", "a*", false, false},
        {"*b", "a*b", false, true},
        {"a*c*e", "abcde", false, true},
        {"a*c*e", "abde", false, false},
        {"*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false, false},
        {"S3:get*", "s3:GetObject", true, true},
        {"S3:get*", "s3:GetObject", false, false},
        /* escaped characters are themselves, not wildcards */
        {"k/${*}", "k/x", false, false},
        {"k/${*}", "k/${*}", false, true},
        {"k/*", "k/${*}", false, true},
        {"k/?", "k/${*}", false, true},
        {"k/?", "k/${$}", false, true},
        {"k/?", "k/${aws:username}", false, false}, /* may be longer */
        {"k/*", "k/${aws:username}", false, true},
        {"k/${aws:username}", "k/${aws:username}", false, true},
        {"k/x", "k/${*}", false, false},
        {"k/?", "k/\xc3\xa9", false, true}, /* one character of two bytes */
        {"k/??", "k/\xc3\xa9", false, false},
};

static void test_covers(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (pattern_text_covers(span_of(cases[i].outer), span_of(cases[i].inner),
		                cases[i].fold_case) != cases[i].covers)
			fail_msg("%s covers %s: not %d", cases[i].outer, cases[i].inner,
			         cases[i].covers);
}

static void test_absorb(void **state)
{
	struct span s[] = {SPAN_LIT("b/*/x"),  SPAN_LIT("b/1/x"), SPAN_LIT("b/1/y"),
	                   SPAN_LIT("b/?/y"),  SPAN_LIT("c"),     SPAN_LIT("b/*"),
	                   SPAN_LIT("d/${*}"), SPAN_LIT("c")};
	size_t n = spans_sort_unique(s, sizeof s / sizeof *s);
	assert_int_equal(n, 7);
	n = pattern_texts_absorb(s, n);
	assert_int_equal(n, 3);
	assert_true(span_is(s[0], "b/*"));
	assert_true(span_is(s[1], "c"));
	assert_true(span_is(s[2], "d/${*}"));
}

/* Many patterns with one prefix are told apart by their suffix: no quadratic time. */
static void test_absorb_many(void **state)
{
	enum { N = 20000 };
	struct arena a;
	arena_init(&a);
	struct span *s = arena_alloc(&a, 2 * N * sizeof *s);
	for (size_t i = 0; i < N; i++) {
		s[2 * i] = arena_printf(&a, "arn:aws:iam::111122223333:role/*/n%zu", i);
		s[2 * i + 1] = arena_printf(&a, "arn:aws:iam::111122223333:role/p/n%zu", i);
	}
	size_t n = spans_sort_unique(s, 2 * N);
	assert_int_equal(n, 2 * N);
	assert_int_equal(pattern_texts_absorb(s, n), N);
	arena_release(&a);
}

static void test_text(void **state)
{
	static const struct {
		const char *in, *out;
		size_t replaced;
	} texts[] = {
	        {"plain", "plain", 0},
	        {"tab\tand\nline\r", "tab\tand\nline\r", 0},
	        {"\x01", "?", 1},
	        {"caf\xc3\xa9", "caf\xc3\xa9", 0}, /* U+00E9 is accepted */
	        {"\xc4\x80", "?", 1},              /* U+0100 is not */
	        {"\xe2\x82\xac"
	         "x",
	         "?x", 1}, /* one '?' for one character */
	        {"\xf0\x9f\x98\x80", "?", 1},
	        {"\xff\xfe", "??", 2},
	        {"a\xc3", "a?", 1},
	};
	struct arena a;
	arena_init(&a);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		size_t replaced = 0;
		struct span out = iam_text(&a, span_of(texts[i].in), &replaced);
		if (!span_is(out, texts[i].out) || replaced != texts[i].replaced)
			fail_msg("%zu: %.*s, %zu replaced", i, SPAN_ARG(out), replaced);
	}
	arena_release(&a);
}

static void test_arn(void **state)
{
	struct arn arn;
	assert_true(arn_parse(SPAN_LIT("arn:aws-cn:s3:::b/k:x"), &arn));
	assert_true(span_is(arn.partition, "aws-cn") && span_is(arn.rest, "b/k:x"));
	assert_false(arn_parse(SPAN_LIT("arn:aws:s3"), &arn));
	assert_false(arn_parse(SPAN_LIT("*"), &arn));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_covers),      cmocka_unit_test(test_absorb),
	        cmocka_unit_test(test_absorb_many), cmocka_unit_test(test_text),
	        cmocka_unit_test(test_arn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
