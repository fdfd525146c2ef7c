/* test_shape.c - what stands for a name, and that it does not matter in how many steps it came
 * there. */
#include "unit.h"

#include "call/shape.h"

static struct arena arena;

static struct span at(const char *text, enum shape_level level, enum shape_form want)
{
	enum shape_form form = SHAPE_EXACT;
	struct span out = shape_fold(span_of(text), level, &arena, &form);
	assert_int_equal(form, want);
	return out;
}

#define assert_at(text, level, form, want)                                             \
	do {                                                                           \
		struct span got = at(text, level, form);                               \
		if (!span_is(got, want))                                               \
			fail_msg("%s became %.*s, not %s", text, SPAN_ARG(got), want); \
	} while (0)

static void ids(void **state)
{
	assert_at("i-0123456789abcdef0", SHAPE_IDS, SHAPE_PATTERN, "i-*");
	assert_at("i-0a1b2c3d", SHAPE_IDS, SHAPE_PATTERN, "i-*");
	assert_at("deadbeef-aaaa-4bbb-8ccc-ddddeeeeffff", SHAPE_IDS, SHAPE_PATTERN, "*");
	assert_at("task/web/0123456789abcdef0123456789abcdef", SHAPE_IDS, SHAPE_PATTERN,
	          "task/web/*");
	assert_at("build-20260102-Zx9Kq2LmNop4RstUv/out", SHAPE_IDS, SHAPE_PATTERN,
	          "build-*-*/out");
	assert_at("1767225600123", SHAPE_IDS, SHAPE_PATTERN, "*");
	/* few, or words */
	assert_at("facade-decade-deadbeef", SHAPE_IDS, SHAPE_EXACT, "facade-decade-deadbeef");
	assert_at("AWSServiceRoleForAutoScaling", SHAPE_IDS, SHAPE_EXACT,
	          "AWSServiceRoleForAutoScaling");
	assert_at("logs-111122223333-1", SHAPE_IDS, SHAPE_EXACT, "logs-111122223333-1");
	assert_at("web-12", SHAPE_IDS, SHAPE_EXACT, "web-12");
	assert_at("", SHAPE_IDS, SHAPE_EXACT, "");
}

static void numbers_and_words(void **state)
{
	assert_at("/team/pay/value-123", SHAPE_NUMBERS, SHAPE_PATTERN, "/team/pay/value-*");
	assert_at("web12b34", SHAPE_NUMBERS, SHAPE_PATTERN, "web*b*");
	assert_at("eu-west-1", SHAPE_NUMBERS, SHAPE_EXACT, "eu-west-1");
	assert_at("logs-111122223333-17", SHAPE_NUMBERS, SHAPE_PATTERN, "logs-111122223333-*");
	assert_at("web-eu-blue", SHAPE_WORDS, SHAPE_PREFIX, "web-");
	assert_at("web12-eu", SHAPE_WORDS, SHAPE_PREFIX, "web");
	assert_at("launchPermission", SHAPE_WORDS, SHAPE_EXACT, "launchPermission");
	assert_at("a*b", SHAPE_NUMBERS, SHAPE_EXACT, "a*b");
	assert_at("a*b", SHAPE_WORDS, SHAPE_PREFIX, "a");
}

static void heads_stay(void **state)
{
	assert_at("arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d", SHAPE_WORDS,
	          SHAPE_PREFIX, "arn:aws:ec2:eu-west-1:111122223333:instance/i-");
	assert_at("arn:aws:sns:eu-west-1:111122223333:jobs-2026", SHAPE_WORDS, SHAPE_PREFIX,
	          "arn:aws:sns:eu-west-1:111122223333:jobs-");
	assert_at("https://sqs.us-gov-west-12.amazonaws.com/111122223333/q-123", SHAPE_NUMBERS,
	          SHAPE_PATTERN, "https://sqs.us-gov-west-12.amazonaws.com/111122223333/q-*");
	/* a pattern of roles would be a grant of strangers' rights */
	assert_at("arn:aws:iam::111122223333:role/ci-0123456789abcdef", SHAPE_WORDS, SHAPE_EXACT,
	          "arn:aws:iam::111122223333:role/ci-0123456789abcdef");
}

static uint64_t seed = 7;

static unsigned below(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static struct span random_text(void)
{
	static const char *const pieces[] = {"arn:aws:ecs:eu-west-1:111122223333:task/",
	                                     "arn:aws:iam::1:role/",
	                                     "https://h12/",
	                                     "i-",
	                                     "/",
	                                     ":",
	                                     "-",
	                                     "0123456789abcdef",
	                                     "20260102",
	                                     "deadbeef-aaaa-4bbb-8ccc-ddddeeeeffff",
	                                     "a1",
	                                     "12",
	                                     "111122223333",
	                                     "word",
	                                     "Zx9Kq2LmNop4RstUv",
	                                     "*",
	                                     "?",
	                                     "\xc3\xa9",
	                                     "_",
	                                     "f",
	                                     "7",
	                                     "z12abcdef0a"};
	struct span out = SPAN_LIT("");
	for (unsigned n = below(9); n; n--)
		out = arena_printf(&arena, "%.*s%s", SPAN_ARG(out),
		                   pieces[below(sizeof pieces / sizeof pieces[0])]);
	return out;
}

static void steps_do_not_matter(void **state)
{
	for (int i = 0; i < 200000; i++) {
		struct span text = random_text();
		enum shape_level low = (enum shape_level)below(3);
		enum shape_level high = (enum shape_level)(low + below(3 - low));
		enum shape_form once = SHAPE_EXACT, steps = SHAPE_EXACT;
		struct span a = shape_fold(text, low, &arena, &once);
		struct span b = shape_fold(text, high, &arena, &steps);
		b = shape_fold(b, low, &arena, &steps);
		if (!span_eq(a, b) || once != steps)
			fail_msg("%.*s at %d is %.*s, by way of %d %.*s", SPAN_ARG(text), (int)low,
			         SPAN_ARG(a), (int)high, SPAN_ARG(b));
		arena_reset(&arena);
	}
}

/* What stands for a text stands for it. */
static void text_is_covered(void **state)
{
	for (int i = 0; i < 100000; i++) {
		struct span text = random_text();
		enum shape_form form = SHAPE_EXACT;
		struct span out = shape_fold(text, (enum shape_level)below(3), &arena, &form);
		bool covered = form == SHAPE_EXACT    ? span_eq(out, text)
		               : form == SHAPE_PREFIX ? span_starts(text, out)
		                                      : span_glob(text, out, false);
		if (!covered)
			fail_msg("%.*s does not stand for %.*s", SPAN_ARG(out), SPAN_ARG(text));
		arena_reset(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ids),
	        cmocka_unit_test(numbers_and_words),
	        cmocka_unit_test(heads_stay),
	        cmocka_unit_test(steps_do_not_matter),
	        cmocka_unit_test(text_is_covered),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
