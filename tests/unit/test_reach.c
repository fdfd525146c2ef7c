/* test_reach.c - which known resources an action is open on: by pattern, by NotResource, past a
 * Deny, under conditions that nobody knows; and only those of the action's types. */
#include "unit.h"

#include "evaluator/reach.h"

static const struct known_resource known[] = {
        {SPAN_LIT("s3"), SPAN_LIT("bucket"), SPAN_LIT("arn:aws:s3:::logs")},
        {SPAN_LIT("s3"), SPAN_LIT("object"), SPAN_LIT("arn:aws:s3:::logs/a")},
        {SPAN_LIT("s3"), SPAN_LIT("object"), SPAN_LIT("arn:aws:s3:::logs/a*b")},
        {SPAN_LIT("s3"), SPAN_LIT("object"), SPAN_LIT("arn:aws:s3:::logs/b")},
        {SPAN_LIT("s3"), SPAN_LIT("object"), SPAN_LIT("arn:aws:s3:::mail/a")},
        {SPAN_LIT("sqs"), SPAN_LIT("queue"), SPAN_LIT("arn:aws:sqs:eu-west-1:111122223333:q")},
};
enum { KNOWN = sizeof known / sizeof *known };

/* The indices as text, "1 2 3". */
static void reached(const char *statements, const char *action, const char *want)
{
	char text[1024], got[64] = "";
	struct document *d;
	struct err err;
	struct arena arena;
	const size_t *v;
	err_clear(&err);
	arena_init(&arena);
	snprintf(text, sizeof text, "{\"Version\":\"2012-10-17\",\"Statement\":[%s]}", statements);
	assert_int_equal(document_parse(span_of(text), &d, &err), STATUS_OK);
	struct layered policy = {.layer = LAYER_IDENTITY, .document = d};
	struct evaluator *e = evaluator_new(&policy, 1);
	const struct reach r = {e, mapping_builtin(), known, KNOWN, SPAN_NONE};
	size_t n = reach_of_action(&r, span_of(action), &arena, &v);
	for (size_t i = 0; i < n; i++)
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s%zu", i ? " " : "", v[i]);
	assert_string_equal(got, want);
	evaluator_free(e);
	document_free(d);
	arena_release(&arena);
}

#define ALLOW "{\"Effect\":\"Allow\",\"Action\":\"s3:*\","

static void by_pattern(void **state)
{
	(void)state;
	reached(ALLOW "\"Resource\":\"*\"}", "s3:GetObject", "1 2 3 4");
	reached(ALLOW "\"Resource\":\"*\"}", "s3:ListBucket", "0");
	reached(ALLOW "\"Resource\":\"*\"}", "sqs:SendMessage", "");
	reached(ALLOW "\"Resource\":\"*\"}", "s3:ListAllMyBuckets", "");
	reached(ALLOW "\"Resource\":\"arn:aws:s3:::logs/*\"}", "s3:GetObject", "1 2 3");
	reached(ALLOW "\"Resource\":[\"arn:aws:s3:::*/a\",\"arn:aws:s3:::logs/?\"]}",
	        "s3:GetObject", "1 3 4");
	/* a star that is part of the name, and a variable */
	reached(ALLOW "\"Resource\":\"arn:aws:s3:::logs/a${*}b\"}", "s3:GetObject", "2");
	reached(ALLOW "\"Resource\":\"arn:aws:s3:::logs/${aws:username}\"}", "s3:GetObject",
	        "1 2 3");
	reached(ALLOW "\"NotResource\":\"arn:aws:s3:::logs/*\"}", "s3:GetObject", "4");
	reached("{\"Effect\":\"Allow\",\"NotAction\":\"iam:*\",\"Resource\":\"*\"}",
	        "SQS:sendmessage", "5");
}

static void past_denies_and_conditions(void **state)
{
	(void)state;
	reached(ALLOW "\"Resource\":\"*\"},{\"Effect\":\"Deny\",\"Action\":\"s3:Get*\","
	              "\"Resource\":\"arn:aws:s3:::logs/*\"}",
	        "s3:GetObject", "4");
	reached(ALLOW "\"Resource\":\"arn:aws:s3:::mail/*\",\"Condition\":{\"StringEquals\":"
	              "{\"aws:SourceVpc\":\"vpc-1\"}}}",
	        "s3:GetObject", "4");
	reached("{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}", "s3:GetObject", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(by_pattern),
	                                   cmocka_unit_test(past_denies_and_conditions)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
