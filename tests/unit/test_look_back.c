/* test_look_back.c - what a principal did with all resources of a type decides what each action gets:
 * scanners, folders of nobody else, what was written once. */
#include "config.h"

#include "unit.h"

#include "builder/build.h"
#include "builder/scanner.h"

#include <stdlib.h>

#define DAY ((int64_t)86400)
#define IAM "arn:aws:iam::111122223333:"
#define TABLE "arn:aws:dynamodb:eu-west-1:111122223333:table/"
#define FUNCTION "arn:aws:lambda:eu-west-1:111122223333:function:"
#define PARAMETER "arn:aws:ssm:eu-west-1:111122223333:parameter/"
#define SECRET "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"

#define EIP "arn:aws:ec2:eu-west-1:111122223333:elastic-ip/"

static const struct {
	const char *uses;  /* "ACTION|TYPE|RESOURCE@FIRST-LAST" in days; 'x' behind: one event */
	const char *other; /* resources that others used */
	const char *want;  /* "ACTION RESOURCE" of the policy, sorted */
	const char *note;  /* or NULL */
} cases[] = {
        /* a scanner: metadata of five unlike tables, and nothing else of most of them */
        {"dynamodb:DescribeTable|table|" TABLE "a@0-20 dynamodb:DescribeTable|table|" TABLE
         "b@0-20 dynamodb:DescribeTable|table|" TABLE "c@0-20 dynamodb:DescribeTable|table|" TABLE
         "d@0-20 dynamodb:DescribeTable|table|" TABLE "e@0-20 dynamodb:GetItem|table|" TABLE
         "a@0-20",
         "", "dynamodb:DescribeTable " TABLE "* dynamodb:GetItem " TABLE "a", NULL},
        /* four are none */
        {"dynamodb:DescribeTable|table|" TABLE "a@0-20 dynamodb:DescribeTable|table|" TABLE
         "b@0-20 dynamodb:DescribeTable|table|" TABLE "c@0-20 dynamodb:DescribeTable|table|" TABLE
         "d@0-20",
         "",
         "dynamodb:DescribeTable " TABLE "a dynamodb:DescribeTable " TABLE
         "b dynamodb:DescribeTable " TABLE "c dynamodb:DescribeTable " TABLE "d",
         NULL},
        /* who also reads the tables that it describes knows them */
        {"dynamodb:DescribeTable|table|" TABLE "a@0-20 dynamodb:DescribeTable|table|" TABLE
         "b@0-20 dynamodb:DescribeTable|table|" TABLE "c@0-20 dynamodb:DescribeTable|table|" TABLE
         "d@0-20 dynamodb:DescribeTable|table|" TABLE "e@0-20 dynamodb:GetItem|table|" TABLE
         "a@0-20 dynamodb:GetItem|table|" TABLE "b@0-20 dynamodb:GetItem|table|" TABLE "c@0-20",
         "",
         "dynamodb:DescribeTable " TABLE "a dynamodb:DescribeTable " TABLE
         "b dynamodb:DescribeTable " TABLE "c dynamodb:DescribeTable " TABLE
         "d dynamodb:DescribeTable " TABLE "e dynamodb:GetItem " TABLE "a dynamodb:GetItem " TABLE
         "b dynamodb:GetItem " TABLE "c",
         NULL},
        /* data is never scanned: a function's code */
        {"lambda:GetFunction|function|" FUNCTION "a@0-20 lambda:GetFunction|function|" FUNCTION
         "b@0-20 lambda:GetFunction|function|" FUNCTION "c@0-20 lambda:GetFunction|function|" FUNCTION
         "d@0-20 lambda:GetFunction|function|" FUNCTION "e@0-20",
         "",
         "lambda:GetFunction " FUNCTION "a lambda:GetFunction " FUNCTION
         "b lambda:GetFunction " FUNCTION "c lambda:GetFunction " FUNCTION
         "d lambda:GetFunction " FUNCTION "e",
         NULL},
        /* names of one growing set are no scan */
        {"dynamodb:DescribeTable|table|" TABLE "t-1@1-2 dynamodb:DescribeTable|table|" TABLE
         "t-2@5-6 dynamodb:DescribeTable|table|" TABLE "t-3@11-12 dynamodb:DescribeTable|table|" TABLE
         "t-4@14-15 dynamodb:DescribeTable|table|" TABLE "t-5@18-20",
         "", "dynamodb:DescribeTable " TABLE "t-*", NULL},
        /* a folder of one's own: three leaves, or two with a newcomer */
        {"ssm:GetParameter|parameter|" PARAMETER "a/live/x@0-20 ssm:GetParameter|parameter|" PARAMETER
         "a/live/Y@0-20 ssm:GetParameter|parameter|" PARAMETER "a/live/z.1@0-20",
         PARAMETER "a/dev/x", "ssm:GetParameter " PARAMETER "a/live/*", NULL},
        {"secretsmanager:GetSecretValue|Secret|" SECRET
         "a/x-??????@0-20 secretsmanager:GetSecretValue|Secret|" SECRET "a/Y-??????@15-20",
         SECRET "b/x-??????", "secretsmanager:GetSecretValue " SECRET "a/*-??????", NULL},
        {"ssm:GetParameter|parameter|" PARAMETER "a/live/x@0-20 ssm:GetParameter|parameter|" PARAMETER
         "a/live/Y@0-20",
         PARAMETER "a/dev/x",
         "ssm:GetParameter " PARAMETER "a/live/Y ssm:GetParameter " PARAMETER "a/live/x", NULL},
        /* that somebody else uses, too */
        {"ssm:GetParameter|parameter|" PARAMETER "a/live/x@0-20 ssm:GetParameter|parameter|" PARAMETER
         "a/live/Y@0-20 ssm:GetParameter|parameter|" PARAMETER "a/live/z.1@0-20",
         PARAMETER "a/live/other",
         "ssm:GetParameter " PARAMETER "a/live/Y ssm:GetParameter " PARAMETER
         "a/live/x ssm:GetParameter " PARAMETER "a/live/z.1",
         NULL},
        /* the root is no folder */
        {"ssm:GetParameter|parameter|" PARAMETER "x@0-20 ssm:GetParameter|parameter|" PARAMETER
         "Y@0-20 ssm:GetParameter|parameter|" PARAMETER "z.1@0-20",
         PARAMETER "a/dev/x",
         "ssm:GetParameter " PARAMETER "Y ssm:GetParameter " PARAMETER
         "x ssm:GetParameter " PARAMETER "z.1",
         NULL},
        /* what was written once stays, though others of its set are read */
        {"dynamodb:GetItem|table|" TABLE "t-ann@1-20 dynamodb:GetItem|table|" TABLE
         "t-bob@12-20 dynamodb:GetItem|table|" TABLE "t-cid@14-20 dynamodb:GetItem|table|" TABLE
         "t-dan@17-20 dynamodb:DeleteTable|table|" TABLE "t-bob@13-13x",
         "", "dynamodb:DeleteTable " TABLE "t-bob dynamodb:GetItem " TABLE "t-*",
         "dynamodb:DeleteTable: seen once, on one resource, and granted on that alone"},
        {"iam:TagRole|role|" IAM "role/deploy-a1b2c3d4@3-3x iam:GetRole|role|" IAM
         "role/other@0-20",
         "", "iam:GetRole " IAM "role/other iam:TagRole " IAM "role/deploy-a1b2c3d4",
         "iam:TagRole: seen once, on one resource, and granted on that alone"},
        /* what belongs to what is made anew folds with it, and names of one's own need less */
        {"iam:CreateRole|role|" IAM "role/app-red-x@2-2 iam:CreateRole|role|" IAM
         "role/app-sky-y-x@12-12 iam:CreateRole|role|" IAM "role/app-sea-x@17-17 iam:TagRole|role|" IAM
         "role/app-sea-x@17-17x iam:GetRole|role|" IAM "role/else@0-20",
         "", "iam:CreateRole " IAM "role/app-*-x iam:GetRole " IAM "role/else iam:TagRole " IAM
         "role/app-*-x",
         NULL},
        /* a short log: three that the principal created are evidence, where they begin alike */
        {"iam:CreateRole|role|" IAM "role/app-red-x@0-0 iam:CreateRole|role|" IAM
         "role/app-sky-y@0-0 iam:CreateRole|role|" IAM "role/app-sea-x@0-0 iam:TagRole|role|" IAM
         "role/app-sea-x@0-0x iam:GetRole|role|" IAM "role/app@0-0",
         "", "iam:CreateRole " IAM "role/app-* iam:GetRole " IAM "role/app iam:TagRole " IAM
         "role/app-*",
         NULL},
        {"iam:CreateRole|role|" IAM "role/red-x@0-0 iam:CreateRole|role|" IAM
         "role/sky-x@0-0 iam:CreateRole|role|" IAM "role/sea-x@0-0",
         "", "iam:CreateRole " IAM "role/red-x iam:CreateRole " IAM "role/sea-x iam:CreateRole " IAM
         "role/sky-x",
         NULL},
        {"iam:CreateRole|role|" IAM "role/app-red@0-0 iam:CreateRole|role|" IAM
         "role/app-sky@0-0 iam:GetRole|role|" IAM "role/app-sea@0-0",
         "", "iam:CreateRole " IAM "role/app-red iam:CreateRole " IAM "role/app-sky iam:GetRole " IAM
         "role/app-sea",
         NULL},
        {"ec2:AllocateAddress|elastic-ip|" EIP "*@0-0 ec2:ReleaseAddress|elastic-ip|" EIP
         "eipalloc-0123456789abcdef0@0-0",
         "", "ec2:AllocateAddress " EIP "* ec2:ReleaseAddress " EIP "*", NULL},
};

static struct access_use use_of(struct span word)
{
	struct span action = span_cut(&word, '|'), type = span_cut(&word, '|');
	size_t at = (size_t)span_rchr(word, '@');
	char *end;
	struct access_use u = {.outcome = OUTCOME_ALLOWED, .events = 5};
	const struct sar_action *sar = sar_action(mapping_builtin(), action);
	assert_non_null(sar);
	u.access.action = action;
	u.access.type = type;
	u.access.level = sar_action_level(sar);
	u.access.resource = span_sub(word, 0, at);
	u.access.need = NEED_ALWAYS;
	u.first = DAY * strtol(word.p + at + 1, &end, 10);
	u.last = DAY * strtol(end + 1, &end, 10);
	if (*end == 'x')
		u.events = 1;
	return u;
}

static void check_policy(const struct policy *p, const char *want)
{
	struct span got[32], rest = span_of(want);
	struct arena a;
	size_t n = 0;
	arena_init(&a);
	for (size_t d = 0; d < p->n_documents; d++)
		for (size_t i = 0; i < p->documents[d].n_statements; i++) {
			const struct policy_statement *s = &p->documents[d].statements[i];
			for (size_t k = 0; k < s->n_actions; k++)
				for (size_t r = 0; r < s->n_resources; r++)
					got[n++] = arena_printf(&a, "%.*s %.*s",
					                        SPAN_ARG(s->actions[k]),
					                        SPAN_ARG(s->resources[r]));
		}
	n = spans_sort_unique(got, n);
	for (size_t i = 0; i < n; i++) {
		struct span action = span_cut(&rest, ' '), resource = span_cut(&rest, ' ');
		struct span line = arena_printf(&a, "%.*s %.*s", SPAN_ARG(action), SPAN_ARG(resource));
		if (!span_eq(got[i], line))
			fail_msg("got %.*s, not %.*s", SPAN_ARG(got[i]), SPAN_ARG(line));
	}
	assert_int_equal(rest.n, 0);
	arena_release(&a);
}

struct names_used {
	const struct span *v;
	size_t n;
};

static void each_used(void *data, struct span head, bool (*take)(void *to, struct span resource),
                      void *to)
{
	const struct names_used *u = data;
	for (size_t i = 0; i < u->n; i++)
		if (span_starts(u->v[i], head) && !take(to, u->v[i]))
			break;
}

static void actions_get_what_all_tell(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct access_use uses[16];
		struct span used[32], rest = span_of(cases[i].uses);
		struct policy p;
		struct err err;
		size_t n = 0, n_used = 0;
		while (rest.n)
			uses[n++] = use_of(span_cut(&rest, ' '));
		rest = span_of(cases[i].other);
		while (rest.n)
			used[n_used++] = span_cut(&rest, ' ');
		for (size_t k = 0; k < n; k++)
			used[n_used++] = uses[k].access.resource;
		struct names_used names = {used, spans_sort_unique(used, n_used)};
		const struct used_resources by = {&names, each_used, NULL};
		struct policy_input in = {
		        .uses = uses, .n_uses = n, .mapping = mapping_builtin(), .used = &by};
		struct policy_options o = POLICY_DEFAULTS;
		assert_int_equal(policy_build(&in, &o, &p, &err), STATUS_OK);
		check_policy(&p, cases[i].want);
		assert_int_equal(p.n_notes, cases[i].note != NULL);
		if (cases[i].note && !span_is(p.notes[0], cases[i].note))
			fail_msg("case %zu: %.*s", i, SPAN_ARG(p.notes[0]));
		policy_release(&p);
	}
}

static void data_is_no_metadata(void **state)
{
	static const struct {
		const char *action, *service, *type;
		bool metadata;
	} actions[] = {
	        {"s3:GetBucketAcl", "s3", "bucket", true},
	        {"s3:GetLifecycleConfiguration", "s3", "bucket", true},
	        {"s3:GetObject", "s3", "object", false},
	        {"s3:GetObjectAcl", "s3", "object", false},
	        {"s3:PutBucketAcl", "s3", "bucket", false},
	        {"iam:GetRole", "iam", "role", true},
	        {"iam:ListRolePolicies", "iam", "role", true},
	        {"iam:PassRole", "iam", "role", false},
	        {"dynamodb:DescribeTable", "dynamodb", "table", true},
	        {"dynamodb:GetItem", "dynamodb", "table", false},
	        {"dynamodb:Query", "dynamodb", "table", false},
	        {"lambda:GetFunctionConcurrency", "lambda", "function", true},
	        {"lambda:GetFunctionConfiguration", "lambda", "function", false},
	        {"ec2:DescribeInstanceAttribute", "ec2", "instance", false},
	        {"lambda:GetFunction", "lambda", "function", false},
	        {"sqs:GetQueueAttributes", "sqs", "queue", true},
	        {"sqs:ReceiveMessage", "sqs", "queue", false},
	        {"ssm:GetParameter", "ssm", "parameter", false},
	        {"secretsmanager:DescribeSecret", "secretsmanager", "Secret", true},
	        {"secretsmanager:GetSecretValue", "secretsmanager", "Secret", false},
	        {"states:DescribeExecution", "states", "execution", false},
	        {"kms:DescribeKey", "kms", "key", true},
	        {"kms:Decrypt", "kms", "key", false},
	        {"appconfig:GetConfiguration", "appconfig", "configuration", false},
	};
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		const struct mapping *m = mapping_builtin();
		bool got = reads_metadata(m, sar_action(m, span_of(actions[i].action)),
		                          sar_type(m, span_of(actions[i].service),
		                                   span_of(actions[i].type)));
		if (got != actions[i].metadata)
			fail_msg("%s", actions[i].action);
	}
	assert_false(reads_metadata(mapping_builtin(), NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(actions_get_what_all_tell),
	        cmocka_unit_test(data_is_no_metadata),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
