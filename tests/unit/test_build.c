/* test_build.c - from rows of access to policies: folding, statements, fitting, conditions,
 * siblings, merging. */
#include "config.h"

#include "unit.h"

#include "builder/build.h"
#include "builder/ephemeral.h"
#include "builder/merge.h"
#include "call/arn.h"
#include "policy/pattern-text.h"

#include <stdio.h>
#include <stdlib.h>

#define ACCOUNT "111122223333"
#define BUCKET "arn:aws:s3:::"
#define QUEUE "arn:aws:sqs:eu-west-1:" ACCOUNT ":"
#define TABLE "arn:aws:dynamodb:eu-west-1:" ACCOUNT ":table/"

/* ---- helpers */

struct rows {
	struct arena arena;
	struct access_use *v;
	struct use_context *where;
	size_t n, room;
};

static void rows_init(struct rows *r)
{
	*r = (struct rows){.n = 0};
	arena_init(&r->arena);
}

static void rows_release(struct rows *r)
{
	free(r->v);
	free(r->where);
	arena_release(&r->arena);
}

static struct access_use *add(struct rows *r, const char *action, const char *type,
                              struct span resource)
{
	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 64;
		r->v = realloc(r->v, r->room * sizeof *r->v);
		r->where = realloc(r->where, r->room * sizeof *r->where);
		assert_non_null(r->v);
		assert_non_null(r->where);
	}
	struct access_use *u = &r->v[r->n];
	*u = (struct access_use){.outcome = OUTCOME_ALLOWED, .events = 1};
	u->access.action = arena_span(&r->arena, span_of(action));
	u->access.type = type ? arena_span(&r->arena, span_of(type)) : SPAN_NONE;
	u->access.resource = arena_span(&r->arena, resource);
	u->access.need = NEED_ALWAYS;
	r->where[r->n++] = (struct use_context){SPAN_LIT("eu-west-1"), NULL};
	return u;
}

static struct access_use *use(struct rows *r, const char *action, const char *type,
                              const char *resource)
{
	return add(r, action, type, span_of(resource));
}

static enum status make(const struct rows *r, const struct policy_options *o, struct policy *p,
                        struct err *err)
{
	struct policy_input in = {.uses = r->v,
	                          .contexts = o->conditions ? r->where : NULL,
	                          .n_uses = r->n,
	                          .mapping = mapping_builtin()};
	err_clear(err);
	return policy_build(&in, o, p, err);
}

static char *text_of(const struct policy *p)
{
	struct buf b;
	buf_init(&b, 1 << 26);
	for (size_t i = 0; i < p->n_documents; i++)
		assert_true(document_write(&p->documents[i], false, &b));
	return buf_take(&b);
}

static void check(const struct rows *r, const struct policy_options *o, const char *want)
{
	struct policy p;
	struct err err;
	enum status status = make(r, o, &p, &err);
	if (status == STATUS_STOP)
		fail_msg("%s", err.text);
	char *text = text_of(&p);
	if (strcmp(text, want) != 0)
		fail_msg("got:\n%s\nwant:\n%s", text, want);
	free(text);
	policy_release(&p);
}

/* ---- ephemeral segments */

static const struct {
	const char *in, *out;
} ephemeral[] = {
        {"plain/name", "plain/name"},
        {"i-0123456789abcdef0", "*"},
        {"vol-0a1b2c3d", "*"},
        {"vpc-0123456789abcdef0", "vpc-0123456789abcdef0"}, /* stays for years */
        {"my-i-0123456789abcdef0x", "my-i-0123456789abcdef0x"},
        {"550e8400-e29b-41d4-a716-446655440000", "########-####-####-####-############"},
        {"job-550e8400-e29b-41d4-a716-446655440000.log", "job-########-####-####-####-############.log"},
        {"cluster/0123456789abcdef0123456789abcdef", "cluster/################################"},
        {"logs/2026/11/22/part-00017.gz", "logs/*/*/*/part-*.gz"},
        {"logs/2026-11-22/x", "logs/20##-##-##/x"},
        {"stream/2026-11-22T10:11:12.345", "stream/20##-##-##T##:##:##.*"},
        {"fam:12", "fam:*"},
        {"build-1234", "build-*"},
        {"app-1", "app-1"},
        {"v2", "v2"},
        {"us-east-1", "us-east-1"},
        {"assets-111122223333-us-east-1",
         "assets-111122223333-us-east-1"}, /* an account, no number */
        {"Stack-Role-1A2B3C4D5E6F7", "Stack-Role-###########*"},
        {"deadbeef", "deadbeef"}, /* a word of hex letters */
        {"a1b2c3d4", "########"},
        {"secret-AbCdEf", "secret-AbCdEf"},
        {"x/${*}/1234", "x/${*}/*"},
        {"", ""},
};

/* '#' is '?' in what is expected: two of those would begin a trigraph. */
static struct span expected(struct span s, struct arena *a)
{
	char *out = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		out[i] = s.p[i] == '#' ? '?' : s.p[i];
	return span_make(out, s.n);
}

static void test_ephemeral(void **state)
{
	struct arena a;
	arena_init(&a);
	for (size_t i = 0; i < sizeof ephemeral / sizeof *ephemeral; i++) {
		struct span out = without_ephemeral(span_of(ephemeral[i].in), false, false, &a);
		if (!span_eq(out, expected(span_of(ephemeral[i].out), &a)))
			fail_msg("%s: %.*s", ephemeral[i].in, SPAN_ARG(out));
	}
	arena_release(&a);
}

/* ---- folding */

/* Resources separated by blanks; N siblings stay apart. */
static const struct {
	const char *action, *service, *type;
	unsigned n;
	bool any_region;
	const char *in, *out;
} folds[] = {
        {"s3:GetObject", "s3", "object", 3, false, BUCKET "b/a " BUCKET "b/c " BUCKET "b/d",
         BUCKET "b/a " BUCKET "b/c " BUCKET "b/d"},
        {"s3:GetObject", "s3", "object", 2, false, BUCKET "b/a " BUCKET "b/c " BUCKET "b/d",
         BUCKET "b/*"},
        /* keys fold at '/', and only where there are too many */
        {"s3:GetObject", "s3", "object", 2, false,
         BUCKET "b/in/x " BUCKET "b/in/y " BUCKET "b/in/z " BUCKET "b/out/x",
         BUCKET "b/in/* " BUCKET "b/out/x"},
        /* many buckets: the key stays where all have the same, the '/' always */
        {"s3:GetObject", "s3", "object", 2, false, BUCKET "a/k " BUCKET "b/k " BUCKET "c/k",
         BUCKET "*/k"},
        {"s3:GetObject", "s3", "object", 2, false, BUCKET "a/k " BUCKET "b/l " BUCKET "c/m",
         BUCKET "*/*"},
        /* an id of a session is another the next time */
        {"ssm:TerminateSession", "ssm", "session", 10, false,
         "arn:aws:ssm:eu-west-1:111122223333:session/ann-bkqs75qpcrtlxk5paaytrydm2e "
         "arn:aws:ssm:eu-west-1:111122223333:session/bob.smith",
         "arn:aws:ssm:eu-west-1:111122223333:session/ann-########################## "
         "arn:aws:ssm:eu-west-1:111122223333:session/bob.smith"},
        /* never across accounts or regions */
        {"sqs:SendMessage", "sqs", "queue", 1, false,
         QUEUE "a " QUEUE "b arn:aws:sqs:us-east-1:" ACCOUNT
               ":a arn:aws:sqs:eu-west-1:444455556666:a",
         "arn:aws:sqs:eu-west-1:" ACCOUNT ":* arn:aws:sqs:eu-west-1:444455556666:a "
         "arn:aws:sqs:us-east-1:" ACCOUNT ":a"},
        {"sqs:SendMessage", "sqs", "queue", 5, true, QUEUE "a arn:aws:sqs:us-east-1:" ACCOUNT ":a",
         "arn:aws:sqs:*:" ACCOUNT ":a"},
        {"sqs:SendMessage", "sqs", "queue", 5, true, QUEUE "a", QUEUE "a"},
        /* names fold at their own delimiters first */
        {"sqs:SendMessage", "sqs", "queue", 2, false,
         QUEUE "app-a " QUEUE "app-b " QUEUE "app-c " QUEUE "other", QUEUE "app-* " QUEUE "other"},
        /* the words of the type stay */
        {"dynamodb:Query", "dynamodb", "index", 1, false, TABLE "t/index/a " TABLE "u/index/b",
         TABLE "*/index/*"},
        /* what AWS calls an id is beside others of its kind alone */
        {"ecs:StopTask", "ecs", "task", 10, false,
         "arn:aws:ecs:eu-west-1:" ACCOUNT ":task/web/0123456789abcdef0123456789abcdef",
         "arn:aws:ecs:eu-west-1:" ACCOUNT ":task/web/*"},
        {"logs:PutLogEvents", "logs", "log-stream", 10, false,
         "arn:aws:logs:eu-west-1:" ACCOUNT ":log-group:/aws/lambda/f:log-stream:x",
         "arn:aws:logs:eu-west-1:" ACCOUNT ":log-group:/aws/lambda/f:log-stream:*"},
        /* a key is named by its UUID for years */
        {"kms:Decrypt", "kms", "key", 10, false,
         "arn:aws:kms:eu-west-1:" ACCOUNT ":key/550e8400-e29b-41d4-a716-446655440000",
         "arn:aws:kms:eu-west-1:" ACCOUNT ":key/550e8400-e29b-41d4-a716-446655440000"},
        /* what a log named '*' is no wildcard and folds like any other name */
        {"s3:GetObject", "s3", "object", 1, false, BUCKET "b/p/${*} " BUCKET "b/p/x",
         BUCKET "b/p/*"},
        {"s3:GetObject", "s3", "object", 5, false, BUCKET "b/${*} " BUCKET "b/x",
         BUCKET "b/${*} " BUCKET "b/x"},
        {"s3:GetObject", "s3", "object", 5, false, "*", "*"},
        {"s3:GetObject", "s3", "object", 5, false, BUCKET "b/* " BUCKET "b/x", BUCKET "b/*"},
};

static size_t split(struct arena *a, const char *list, struct span **out)
{
	struct span rest = span_of(list);
	size_t n = 0;
	*out = arena_alloc(a, (rest.n + 1) * sizeof **out);
	while (rest.p)
		(*out)[n++] = span_cut(&rest, ' ');
	return spans_sort_unique(*out, n);
}

static void test_folds(void **state)
{
	for (size_t i = 0; i < sizeof folds / sizeof *folds; i++) {
		struct arena a;
		struct span *in, *want, *got;
		struct member members[8];
		struct generalise_options o = {.mode = RESOURCES_GROUPED,
		                               .max_siblings = folds[i].n,
		                               .asked_siblings = folds[i].n,
		                               .any_region = folds[i].any_region};
		arena_init(&a);
		const struct sar_type *type = sar_type(mapping_builtin(), span_of(folds[i].service),
		                                       span_of(folds[i].type));
		assert_non_null(type);
		size_t n = split(&a, folds[i].in, &in), wanted = split(&a, folds[i].out, &want);
		for (size_t k = 0; k < wanted; k++)
			want[k] = expected(want[k], &a);
		assert_true(n <= sizeof members / sizeof *members);
		for (size_t k = 0; k < n; k++)
			members[k] = (struct member){.pattern = in[k], .arns = 1, .example = in[k]};
		size_t made =
		        generalise(&o, span_of(folds[i].action), type, members, n, &a, &got, NULL);
		bool same = made == wanted;
		for (size_t k = 0; same && k < made; k++)
			same = span_eq(got[k], want[k]);
		for (size_t k = 0; !same && k < made; k++)
			print_message("got %.*s\n", SPAN_ARG(got[k]));
		if (!same)
			fail_msg("%zu: %s", i, folds[i].in);
		arena_release(&a);
	}
}

/* Each fold is told with the number of ARNs behind it. */
static void test_fold_counts(void **state)
{
	struct rows r;
	struct policy p;
	struct err err;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	for (int i = 0; i < 25; i++)
		add(&r, "s3:GetObject", "object",
		    arena_printf(&r.arena, BUCKET "b/in/k%c", 'a' + i));
	use(&r, "s3:GetObject", "object", BUCKET "b/out/x");
	use(&r, "s3:GetObject", "object", BUCKET "b/in/ka"); /* a second time: one ARN */
	assert_int_equal(make(&r, &o, &p, &err), STATUS_OK);
	assert_int_equal(p.n_folds, 1);
	assert_true(span_is(p.folds[0].pattern, BUCKET "b/in/*"));
	assert_int_equal(p.folds[0].arns, 25);
	assert_int_equal(p.folds[0].reason, FOLD_SIBLINGS);
	assert_true(span_is(p.folds[0].example, BUCKET "b/in/ka"));
	policy_release(&p);
	rows_release(&r);
}

#define EC2 "arn:aws:ec2:eu-west-1:111122223333:"

/* Ids of what the principal creates are others the next time; all others are names. */
static void test_made_anew(void **state)
{
	struct rows r;
	struct policy p;
	struct err err;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	use(&r, "ec2:CreateSubnet", "subnet", EC2 "subnet/*");
	use(&r, "ec2:CreateSubnet", "vpc", EC2 "vpc/vpc-0123456789abcdef0");
	use(&r, "ec2:DeleteVpc", "vpc", EC2 "vpc/vpc-0123456789abcdef0");
	use(&r, "ec2:DeleteSubnet", "subnet", EC2 "subnet/subnet-0123456789abcdef0");
	use(&r, "ec2:DeleteSubnet", "subnet",
	    "arn:aws:ec2:eu-west-2:111122223333:subnet/subnet-0aaaaaaaaaaaaaaaa");
	assert_int_equal(make(&r, &o, &p, &err), STATUS_OK);
	char *text = text_of(&p);
	assert_non_null(strstr(text, "vpc/vpc-0123456789abcdef0"));
	assert_null(strstr(text, "subnet-0123456789abcdef0"));
	assert_non_null(strstr(text, "eu-west-2:111122223333:subnet/subnet-0aaaaaaaaaaaaaaaa"));
	assert_int_equal(p.n_folds, 1);
	assert_int_equal(p.folds[0].reason, FOLD_MADE);
	free(text);
	policy_release(&p);
	use(&r, "ec2:CreateVpc", "vpc", EC2 "vpc/*");
	assert_int_equal(make(&r, &o, &p, &err), STATUS_OK);
	text = text_of(&p);
	assert_null(strstr(text, "vpc-0123456789abcdef0"));
	free(text);
	policy_release(&p);
	/* types whose names the calls have in part, or not at all */
	use(&r, "ec2:CreateFlowLogs", "vpc-flow-log", EC2 "vpc-flow-log/*");
	use(&r, "ec2:DeleteFlowLogs", "vpc-flow-log", EC2 "vpc-flow-log/fl-0123456789abcdef0");
	use(&r, "ec2:AllocateAddress", "elastic-ip", EC2 "elastic-ip/*");
	use(&r, "ec2:ReleaseAddress", "elastic-ip", EC2 "elastic-ip/eipalloc-0123456789abcdef0");
	assert_int_equal(make(&r, &o, &p, &err), STATUS_OK);
	text = text_of(&p);
	assert_null(strstr(text, "fl-0123456789abcdef0"));
	assert_null(strstr(text, "eipalloc-0123456789abcdef0"));
	free(text);
	policy_release(&p);
	o.resources = RESOURCES_EXACT;
	assert_int_equal(make(&r, &o, &p, &err), STATUS_OK);
	text = text_of(&p);
	assert_non_null(strstr(text, "vpc/vpc-0123456789abcdef0"));
	free(text);
	policy_release(&p);
	rows_release(&r);
}

/* ---- statements */

#define DOC(s) "{\"Version\":\"2012-10-17\",\"Statement\":[" s "]}"
#define ALLOW(sid, actions, resources)                                   \
	"{\"Sid\":\"" sid "\",\"Effect\":\"Allow\",\"Action\":[" actions \
	"],\"Resource\":[" resources "]}"

static void test_statements(void **state)
{
	struct rows r;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	use(&r, "s3:PutObject", "object", BUCKET "b/x");
	use(&r, "s3:GetObject", "object", BUCKET "b/x");
	use(&r, "s3:DeleteObject", "object", BUCKET "b/x");
	use(&r, "s3:ListBucket", "bucket", BUCKET "b");
	use(&r, "s3:ListAllMyBuckets", NULL, "*");
	use(&r, "ec2:DescribeInstances", NULL, "*");
	use(&r, "ec2:DescribeVpcs", NULL, "*");
	use(&r, "s3:GetObject", "object", BUCKET "b/x"); /* again */
	/* equal but for the action and its level: one statement; one action names itself */
	check(&r, &o,
	      DOC(ALLOW("Ec2List", "\"ec2:DescribeInstances\",\"ec2:DescribeVpcs\"", "\"*\"") ","
	          ALLOW("S3ListAllMyBuckets", "\"s3:ListAllMyBuckets\"", "\"*\"") ","
	          ALLOW("S3ListBucket", "\"s3:ListBucket\"", "\"arn:aws:s3:::b\"") ","
	          ALLOW("S3ReadWriteObject",
	                "\"s3:DeleteObject\",\"s3:GetObject\",\"s3:PutObject\"",
	                "\"arn:aws:s3:::b/x\"")));
	o.resources = RESOURCES_ANY;
	check(&r, &o,
	      DOC(ALLOW("Ec2List", "\"ec2:DescribeInstances\",\"ec2:DescribeVpcs\"", "\"*\"") ","
	          ALLOW("S3ListReadWrite",
	                "\"s3:DeleteObject\",\"s3:GetObject\",\"s3:ListAllMyBuckets\","
	                "\"s3:ListBucket\",\"s3:PutObject\"",
	                "\"*\"")));
	rows_release(&r);
}

/* Actions that overlap in their resources: by resource where that is fewer statements. */
static void test_fewest(void **state)
{
	struct rows r;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	use(&r, "sqs:SendMessage", "queue", QUEUE "a");
	use(&r, "sqs:ReceiveMessage", "queue", QUEUE "a");
	use(&r, "sqs:ReceiveMessage", "queue", QUEUE "b");
	use(&r, "sqs:DeleteMessage", "queue", QUEUE "b");
	check(&r, &o,
	      DOC(ALLOW("SqsReadWriteQueue9598", "\"sqs:DeleteMessage\",\"sqs:ReceiveMessage\"",
	                "\"" QUEUE "b\"") ","
	          ALLOW("SqsReadWriteQueueC944", "\"sqs:ReceiveMessage\",\"sqs:SendMessage\"",
	                "\"" QUEUE "a\"")));
	rows_release(&r);
}

/* Without loss: what does not fit as it is is merged before it is split. */
static void test_merged(void **state)
{
	struct rows r;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	use(&r, "s3:PutObject", "object", BUCKET "b/x");
	use(&r, "s3:GetObject", "object", BUCKET "b/x");
	use(&r, "s3:ListAllMyBuckets", NULL, "*");
	use(&r, "ec2:DescribeVpcs", NULL, "*");
	o.limit = 330;
	check(&r, &o,
	      DOC(ALLOW("SharedEc2DescribeVpcs", "\"ec2:DescribeVpcs\",\"s3:ListAllMyBuckets\"",
	                "\"*\"") "," ALLOW("S3ReadWriteObject", "\"s3:GetObject\",\"s3:PutObject\"",
	                                   "\"arn:aws:s3:::b/x\"")));
	rows_release(&r);
}

static struct span sid_with(const struct policy *p, const char *action)
{
	for (size_t i = 0; i < p->documents[0].n_statements; i++) {
		const struct policy_statement *s = &p->documents[0].statements[i];
		for (size_t k = 0; k < s->n_actions; k++)
			if (span_is(s->actions[k], action))
				return s->sid;
	}
	return SPAN_NONE;
}

/* A Sid stays when other statements come. */
static void test_sids_stay(void **state)
{
	struct rows r;
	struct policy before, after;
	struct err err;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	use(&r, "s3:GetObject", "object", BUCKET "b/x");
	use(&r, "sqs:SendMessage", "queue", QUEUE "q");
	assert_int_equal(make(&r, &o, &before, &err), STATUS_OK);
	use(&r, "s3:GetObjectTagging", "object", BUCKET "c/x");
	use(&r, "s3:ListBucket", "bucket", BUCKET "b");
	use(&r, "sqs:ReceiveMessage", "queue", QUEUE "r");
	use(&r, "dynamodb:GetItem", "table", TABLE "t");
	assert_int_equal(make(&r, &o, &after, &err), STATUS_OK);
	assert_true(span_eq(sid_with(&before, "s3:GetObject"), sid_with(&after, "s3:GetObject")));
	assert_true(
	        span_eq(sid_with(&before, "sqs:SendMessage"), sid_with(&after, "sqs:SendMessage")));
	policy_release(&before);
	policy_release(&after);
	rows_release(&r);
}

static void test_nothing(void **state)
{
	struct rows r;
	struct policy p;
	struct err err;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	assert_int_equal(make(&r, &o, &p, &err), STATUS_END);
	policy_release(&p);
	struct access_use *u = use(&r, "s3:GetObject", "object", BUCKET "b/x");
	u->outcome = OUTCOME_DENIED;
	u->denied_by = DENIAL_IDENTITY;
	assert_int_equal(make(&r, &o, &p, &err), STATUS_END);
	policy_release(&p);
	u->outcome = OUTCOME_UNAUTHENTICATED;
	assert_int_equal(make(&r, &o, &p, &err), STATUS_END);
	assert_int_equal(p.n_documents, 0);
	policy_release(&p);
	rows_release(&r);
}

static void test_denied(void **state)
{
	static const enum denial_by others[] = {
	        DENIAL_RESOURCE, DENIAL_SESSION, DENIAL_BOUNDARY,     DENIAL_SCP,
	        DENIAL_RCP,      DENIAL_TRUST,   DENIAL_VPC_ENDPOINT, DENIAL_OTHER};
	struct rows r;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	use(&r, "s3:GetObject", "object", BUCKET "b/x");
	struct access_use *u = use(&r, "s3:PutObject", "object", BUCKET "b/x");
	u->outcome = OUTCOME_DENIED;
	u->denied_by = DENIAL_IDENTITY;
	/* refused once and let through another time: no second grant */
	u = use(&r, "s3:GetObject", "object", BUCKET "b/x");
	u->outcome = OUTCOME_DENIED;
	u->denied_by = DENIAL_IDENTITY;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		u = use(&r, "s3:DeleteObject", "object", BUCKET "b/x");
		u->outcome = OUTCOME_DENIED;
		u->denied_by = others[i];
	}
	u = use(&r, "s3:DeleteObject", "object", BUCKET "b/x");
	u->outcome = OUTCOME_DENIED;
	u->denied_by = DENIAL_IDENTITY;
	u->explicit_deny = true;
	check(&r, &o, DOC(ALLOW("S3ReadGetObject", "\"s3:GetObject\"", "\"arn:aws:s3:::b/x\"")));
	o.denied = DENIED_INCLUDE;
	check(&r, &o,
	      DOC(ALLOW("S3ReadGetObject", "\"s3:GetObject\"", "\"arn:aws:s3:::b/x\"") "," ALLOW(
	              "S3WritePutObjectDenied", "\"s3:PutObject\"", "\"arn:aws:s3:::b/x\"")));
	/* no reason stated: likely missing; an explicit deny is stated */
	assert_true(denial_may_lack_allow(DENIAL_UNSTATED, false));
	assert_false(denial_may_lack_allow(DENIAL_UNSTATED, true));
	o.denied = DENIED_ONLY;
	check(&r, &o,
	      DOC(ALLOW("S3ReadWriteObjectDenied", "\"s3:GetObject\",\"s3:PutObject\"",
	                "\"arn:aws:s3:::b/x\"")));
	rows_release(&r);
}

/* A name from a log that is policy syntax stays a name; what IAM does not accept becomes '?'. */
static void test_hostile(void **state)
{
	struct rows r;
	struct policy p;
	struct err err;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	use(&r, "s3:GetObject", "object", BUCKET "b/${*}");
	use(&r, "s3:GetObject", "object", BUCKET "b/${$}{aws:username}");
	use(&r, "s3:GetObject", "object", BUCKET "b/\xe2\x82\xac\x01");
	o.resources = RESOURCES_EXACT;
	assert_int_equal(make(&r, &o, &p, &err), STATUS_OK);
	const struct policy_statement *s = &p.documents[0].statements[0];
	assert_int_equal(s->n_resources, 3);
	assert_true(span_is(s->resources[0], BUCKET "b/${$}{aws:username}"));
	assert_true(span_is(s->resources[1], BUCKET "b/${*}"));
	assert_true(span_is(s->resources[2], BUCKET "b/??"));
	assert_int_equal(p.replaced, 2);
	policy_release(&p);
	rows_release(&r);
}

/* ---- fitting */

static void many_tables(struct rows *r, int n)
{
	for (int i = 0; i < n; i++)
		add(r, "dynamodb:GetItem", "table",
		    arena_printf(&r->arena, TABLE "%c%c%c-orders", 'a' + i % 26, 'a' + i / 26 % 26,
		                 'a' + i / 676));
}

static void test_split(void **state)
{
	struct rows r;
	struct policy p;
	struct err err;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	many_tables(&r, 300);
	o.resources = RESOURCES_EXACT;
	o.limit = 6144;
	o.max_documents = 10;
	assert_int_equal(make(&r, &o, &p, &err), STATUS_OK);
	assert_true(p.n_documents > 1 && p.n_documents < 10);
	size_t resources = 0;
	for (size_t i = 0; i < p.n_documents; i++) {
		assert_true(p.documents[i].size <= 6144);
		assert_int_equal(p.documents[i].size, document_size(&p.documents[i], false));
		for (size_t k = 0; k < p.documents[i].n_statements; k++)
			resources += p.documents[i].statements[k].n_resources;
	}
	assert_int_equal(resources, 300);
	policy_release(&p);
	/* exact is never folded: what does not fit is an error, with the sizes */
	o.max_documents = 2;
	assert_int_equal(make(&r, &o, &p, &err), STATUS_STOP);
	assert_non_null(strstr(err.text, "2 documents of 6144"));
	assert_int_equal(p.n_documents, 0);
	policy_release(&p);
	/* grouped is folded until it fits */
	o.resources = RESOURCES_GROUPED;
	o.max_resources = 0;
	o.max_documents = 1;
	assert_int_equal(make(&r, &o, &p, &err), STATUS_OK);
	assert_int_equal(p.n_documents, 1);
	assert_int_equal(p.folds[0].reason, FOLD_TO_FIT);
	assert_int_equal(p.folds[0].arns, 300);
	policy_release(&p);
	rows_release(&r);
}

/* Statements whose actions alone are larger than a document are split by actions. */
static void test_split_actions(void **state)
{
	struct rows r;
	struct policy p;
	struct err err;
	size_t n, actions = 0;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	const struct sar_action *ec2 = sar_service(mapping_builtin(), SPAN_LIT("ec2"), &n);
	for (size_t i = 0; i < n; i++) {
		char name[200];
		struct span s = sar_action_name(sar_action_at(ec2, i));
		snprintf(name, sizeof name, "ec2:%.*s", SPAN_ARG(s));
		use(&r, name, NULL, "*");
	}
	o.limit = 2048;
	o.max_documents = 100;
	assert_int_equal(make(&r, &o, &p, &err), STATUS_OK);
	for (size_t i = 0; i < p.n_documents; i++) {
		assert_true(p.documents[i].size <= 2048);
		for (size_t k = 0; k < p.documents[i].n_statements; k++)
			actions += p.documents[i].statements[k].n_actions;
	}
	assert_int_equal(actions, n);
	policy_release(&p);
	/* wildcards are the last means, and allow nothing that was not seen: here all was */
	o.max_documents = 1;
	o.limit = 20000;
	assert_int_equal(make(&r, &o, &p, &err), STATUS_OK);
	assert_true(p.n_wildcards > 0);
	for (size_t i = 0; i < p.n_wildcards; i++)
		assert_int_equal(p.wildcards[i].seen, p.wildcards[i].matched);
	policy_release(&p);
	rows_release(&r);
}

/* A wildcard only stands for actions that were all seen, of one level; verbs on request may stand
 * for more. */
static void test_wildcards(void **state)
{
	struct rows r;
	struct policy p;
	struct err err;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	use(&r, "sqs:GetQueueAttributes", "queue", QUEUE "q");
	use(&r, "sqs:GetQueueUrl", "queue", QUEUE "q");
	use(&r, "dynamodb:DescribeTable", "table", TABLE "t");
	use(&r, "dynamodb:DescribeTimeToLive", "table", TABLE "t");
	o.action_verbs = true;
	assert_int_equal(make(&r, &o, &p, &err), STATUS_OK);
	char *text = text_of(&p);
	assert_non_null(strstr(text, "\"sqs:Get*\""));
	/* dynamodb:Describe* is Read but for none of another level: allowed with verbs only */
	assert_non_null(strstr(text, "\"dynamodb:Describe*\""));
	for (size_t i = 0; i < p.n_wildcards; i++)
		assert_true(p.wildcards[i].seen == 2 && p.wildcards[i].matched >= 2);
	free(text);
	policy_release(&p);
	rows_release(&r);
}

/* ---- conditions */

static const struct context direct = {.source_network = {"192.0.2.7", 9},
                                      .vpc_endpoint = {"vpce-1", 6},
                                      .mfa = TRI_YES,
                                      .tls = TRI_YES,
                                      .session_tags = {"{\"team\":\"blue\",\"x\":\"1\"}", 23}};
static const struct context other = {.source_network = {"192.0.2.8", 9},
                                     .mfa = TRI_NO,
                                     .tls = TRI_YES,
                                     .session_tags = {"{\"team\":\"blue\",\"x\":\"2\"}", 23}};
static const struct context service = {.source_network = {"s3.amazonaws.com", 16}};

static const struct context odd_tags = {
        .session_tags = SPAN_LIT("{\"a\":\"\xc5\x81\",\"a b\":\"2\",\"b\":\"1${x}\",\"c\":\"\"}")};
static const struct context untagged = {.source_network = {"192.0.2.8", 9}};

static char *with_conditions(const struct rows *r, unsigned bits, enum status want)
{
	struct policy p;
	struct err err;
	struct policy_options o = POLICY_DEFAULTS;
	o.conditions = bits;
	enum status status = make(r, &o, &p, &err);
	if (status != want)
		fail_msg("status %d: %s", (int)status, err.text);
	char *text = status == STATUS_OK ? text_of(&p) : strdup(err.text);
	policy_release(&p);
	return text;
}

static void has(char *text, const char *want)
{
	if (!strstr(text, want))
		fail_msg("no %s in %s", want, text);
	free(text);
}

static void test_conditions(void **state)
{
	struct rows r;
	rows_init(&r);
	use(&r, "kms:Decrypt", "key", "arn:aws:kms:eu-west-1:" ACCOUNT ":key/k");
	r.where[0].context = &direct;
	use(&r, "kms:Decrypt", "key", "arn:aws:kms:eu-west-1:" ACCOUNT ":key/k");
	r.where[1] = (struct use_context){SPAN_LIT("us-east-1"), &other};
	has(with_conditions(&r, 1u << CONDITION_REGION, STATUS_OK),
	    "{\"StringEquals\":{\"aws:RequestedRegion\":[\"eu-west-1\",\"us-east-1\"]}}");
	has(with_conditions(&r, 1u << CONDITION_SOURCE_IP, STATUS_OK),
	    "{\"IpAddress\":{\"aws:SourceIp\":[\"192.0.2.7\",\"192.0.2.8\"]}}");
	has(with_conditions(&r, 1u << CONDITION_SECURE_TRANSPORT, STATUS_OK),
	    "{\"Bool\":{\"aws:SecureTransport\":[\"true\"]}}");
	has(with_conditions(&r, 1u << CONDITION_PRINCIPAL_TAG, STATUS_OK),
	    "{\"StringEquals\":{\"aws:PrincipalTag/team\":[\"blue\"]}}");
	r.where[1].context = &odd_tags; /* what no policy can say is left out, the rest is not */
	r.where[0].context = &odd_tags;
	has(with_conditions(&r, 1u << CONDITION_PRINCIPAL_TAG, STATUS_OK),
	    "{\"StringEquals\":{\"aws:PrincipalTag/b\":[\"1${$}{x}\"],\"aws:PrincipalTag/"
	    "c\":[\"\"]}}");
	r.where[1].context = &untagged;
	has(with_conditions(&r, 1u << CONDITION_PRINCIPAL_TAG, STATUS_STOP),
	    "an event shows no session tags");
	r.where[0].context = &direct;
	r.where[1].context = &other;
	/* refused: one event does not show it */
	has(with_conditions(&r, 1u << CONDITION_MFA, STATUS_STOP), "mfa");
	has(with_conditions(&r, 1u << CONDITION_SOURCE_VPCE, STATUS_STOP), "source-vpce");
	r.where[1] = r.where[0];
	has(with_conditions(&r, 1u << CONDITION_MFA, STATUS_OK),
	    "{\"Bool\":{\"aws:MultiFactorAuthPresent\":[\"true\"]}}");
	has(with_conditions(&r, 1u << CONDITION_SOURCE_VPCE, STATUS_OK),
	    "{\"StringEquals\":{\"aws:SourceVpce\":[\"vpce-1\"]}}");
	rows_release(&r);
}

/* A call that S3 made with the principal's permissions comes from S3's network: it stands apart,
 * without the condition that would refuse it. */
static void test_fas(void **state)
{
	struct rows r;
	rows_init(&r);
	use(&r, "kms:Decrypt", "key", "arn:aws:kms:eu-west-1:" ACCOUNT ":key/k");
	r.where[0].context = &direct;
	use(&r, "kms:Decrypt", "key", "arn:aws:kms:eu-west-1:" ACCOUNT ":key/k")->via =
	        SPAN_LIT("s3.amazonaws.com");
	r.where[1].context = &service;
	char *text = with_conditions(&r, 1u << CONDITION_SOURCE_IP, STATUS_OK);
	assert_non_null(strstr(text, "\"Sid\":\"KmsWriteDecrypt\""));
	assert_non_null(strstr(text,
	                       "\"Sid\":\"KmsWriteDecryptViaS3\",\"Effect\":\"Allow\",\"Action\":["
	                       "\"kms:Decrypt\"],\"Resource\":[\"arn:aws:kms:eu-west-1:" ACCOUNT
	                       ":key/k\"]}"));
	free(text);
	has(with_conditions(&r, 1u << CONDITION_CALLED_VIA, STATUS_OK),
	    "{\"ForAnyValue:StringEquals\":{\"aws:CalledVia\":[\"s3.amazonaws.com\"]}}");
	/* without a condition they are one */
	struct policy_options o = POLICY_DEFAULTS;
	check(&r, &o,
	      DOC(ALLOW("KmsWriteDecrypt", "\"kms:Decrypt\"",
	                "\"arn:aws:kms:eu-west-1:" ACCOUNT ":key/k\"")));
	rows_release(&r);
}

static void test_passed_to(void **state)
{
	struct rows r;
	rows_init(&r);
	use(&r, "iam:PassRole", "role", "arn:aws:iam::" ACCOUNT ":role/fn")->access.passed_to =
	        SPAN_LIT("lambda.amazonaws.com");
	use(&r, "iam:PassRole", "role", "arn:aws:iam::" ACCOUNT ":role/task")->access.passed_to =
	        SPAN_LIT("ecs-tasks.amazonaws.com");
	use(&r, "lambda:CreateFunction", "function",
	    "arn:aws:lambda:eu-west-1:" ACCOUNT ":function:f");
	has(with_conditions(&r, 1u << CONDITION_PASSED_TO, STATUS_OK),
	    "\"Resource\":[\"arn:aws:iam::" ACCOUNT ":role/fn\"],\"Condition\":{\"StringEquals\":{"
	    "\"iam:PassedToService\":[\"lambda.amazonaws.com\"]}}");
	rows_release(&r);
}

/* ---- siblings */

/* Of a bucket's objects the folder that they share; the rest as ever. */
static void granted(const struct rows *r, const struct policy_options *o, const char *action,
                    const char *want)
{
	struct policy p;
	struct err err;
	char got[1024] = "";
	assert_int_equal(make(r, o, &p, &err), STATUS_OK);
	const struct policy_document *d = &p.documents[0];
	for (size_t i = 0; i < d->n_statements; i++)
		for (size_t k = 0; k < d->statements[i].n_actions; k++)
			for (size_t at = 0; span_is(d->statements[i].actions[k], action) &&
			                    at < d->statements[i].n_resources;
			     at++)
				snprintf(got + strlen(got), sizeof got - strlen(got), "%.*s ",
				         SPAN_ARG(span_from(d->statements[i].resources[at], 13)));
	policy_release(&p);
	assert_string_equal(got, want);
}

static void test_prefix(void **state)
{
	struct rows r;
	struct policy_options o = POLICY_DEFAULTS;
	const struct fold_rule rule = {SPAN_LIT("s3"), SPAN_LIT("object"),
	                               SPAN_LIT("arn:aws:s3:::logs/app/x-?"), SPAN_LIT("s:1")};
	(void)state;
	rows_init(&r);
	use(&r, "s3:GetObject", "object", "arn:aws:s3:::logs/app/2026/a");
	use(&r, "s3:GetObject", "object", "arn:aws:s3:::logs/app/2027/b");
	use(&r, "s3:GetObject", "object", "arn:aws:s3:::logs/app/x-1");
	use(&r, "s3:GetObject", "object", "arn:aws:s3:::logs2/alone");
	use(&r, "s3:GetObject", "object", "arn:aws:s3:::mail/a/1");
	use(&r, "s3:GetObject", "object", "arn:aws:s3:::mail/b/2");
	use(&r, "s3:PutObject", "object", "arn:aws:s3:::logs/app/2026/a");
	o.resources = RESOURCES_PREFIX;
	granted(&r, &o, "s3:GetObject", "logs/app/* logs2/alone mail/* ");
	granted(&r, &o, "s3:PutObject", "logs/app/*/a "); /* one alone folds as ever */
	o.rules = &rule; /* the user's word, whatever the mode */
	o.n_rules = 1;
	o.resources = RESOURCES_EXACT;
	granted(&r, &o, "s3:GetObject",
	        "logs/app/2026/a logs/app/2027/b logs/app/x-? logs2/alone mail/a/1 mail/b/2 ");
	rows_release(&r);
}

/* What covers what does not hang on where texts are cut. */
static void test_absorb(void **state)
{
	static const struct {
		const char *texts, *left;
	} cases[] = {
	        {"a* a${x}", "a*"},
	        {"a*} a${x}", "a${x} a*}"}, /* the variable is one token */
	        {"a$*b a${x}b", "a$*b a${x}b"},
	        {"ab*ba aba abba abcba", "ab*ba aba"}, /* head and tail do not overlap */
	        {"a*c abc abd ac", "a*c abd"},
	        {"a?c abc ac a\xc3\xa4"
	         "c",
	         "a?c ac"},
	        {"x*\xa4 x\xc3\xa4", "x*\xa4 x\xc3\xa4"}, /* half of a character */
	        {"a*/b* a/b a/x/b/y a/b*", "a*/b*"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct span v[8], rest = span_of(cases[i].texts);
		char got[128] = "";
		size_t n = 0;
		while (rest.p)
			v[n++] = span_cut(&rest, ' ');
		n = spans_sort_unique(v, n);
		n = pattern_texts_absorb(v, n);
		for (size_t k = 0; k < n; k++)
			snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s",
			         k ? " " : "", SPAN_ARG(v[k]));
		assert_string_equal(got, cases[i].left);
	}
}

#define SECRET "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"

/* A secret's six characters, in a log of any length. */
static void test_secrets(void **state)
{
	struct rows r;
	struct policy_options o = POLICY_DEFAULTS;
	(void)state;
	rows_init(&r);
	use(&r, "secretsmanager:GetSecretValue", "Secret", SECRET "shop/db-a1B2c3");
	use(&r, "secretsmanager:GetSecretValue", "Secret", SECRET "shop/db-??????");
	use(&r, "secretsmanager:GetSecretValue", "Secret", SECRET "db-master"); /* a name */
	granted(&r, &o, "secretsmanager:GetSecretValue",
	        "tsmanager:eu-west-1:111122223333:secret:db-master "
	        "tsmanager:eu-west-1:111122223333:secret:shop/db-?????? ");
	r.v[0].last = 20 * 86400; /* by history: seen all the time */
	granted(&r, &o, "secretsmanager:GetSecretValue",
	        "tsmanager:eu-west-1:111122223333:secret:db-master "
	        "tsmanager:eu-west-1:111122223333:secret:shop/db-?????? ");
	o.resources = RESOURCES_EXACT;
	r.n = 1;
	granted(&r, &o, "secretsmanager:GetSecretValue",
	        "tsmanager:eu-west-1:111122223333:secret:shop/db-a1B2c3 ");
	rows_release(&r);
}

/* What undoes or completes what was seen, of the same noun. */
static const struct {
	const char *seen, *action;
	enum sibling_kind kind;
} pairs[] = {
        {"CreateQueue", "sqs:DeleteQueue", SIBLING_DELETE},
        {"CreateQueue", "sqs:GetQueueAttributes", SIBLING_READ},
        {"CreateQueue", "sqs:SetQueueAttributes", SIBLING_KINDS}, /* manages permissions */
        {"CreateTable", "dynamodb:UpdateTable", SIBLING_UPDATE},
        {"CreateQueue", "sqs:TagQueue", SIBLING_TAG},
        {"CreateQueue", "sqs:SendMessage", SIBLING_KINDS},
        {"CreateQueue", "sqs:PurgeQueue", SIBLING_KINDS},
        {"CreateQueue", "sqs:DeleteMessage", SIBLING_KINDS},
        {"CreateQueue", "sqs:ReceiveMessage", SIBLING_KINDS},
        {"CreateQueue", "sqs:AddPermission", SIBLING_KINDS},
        {"SendMessage", "sqs:DeleteMessage", SIBLING_KINDS},
        {"SendMessage", "sqs:TagQueue", SIBLING_KINDS},
        {"DeleteQueue", "sqs:GetQueueAttributes", SIBLING_KINDS},
        {"CreateTable", "dynamodb:DescribeTable", SIBLING_READ},
        {"CreateTable", "dynamodb:GetItem", SIBLING_KINDS},
        {"RunInstances", "ec2:TerminateInstances", SIBLING_DELETE},
        {"RunInstances", "ec2:StopInstances", SIBLING_KINDS},
        {"StartInstances", "ec2:StopInstances", SIBLING_DELETE},
        {"AllocateAddress", "ec2:ReleaseAddress", SIBLING_DELETE},
        {"AssociateAddress", "ec2:DisassociateAddress", SIBLING_DELETE},
        {"CreateFunction", "lambda:UpdateFunctionCode", SIBLING_UPDATE},
        {"CreateFunction", "lambda:InvokeFunction", SIBLING_KINDS},
        {"CreateFunction", "lambda:DeleteFunctionConcurrency", SIBLING_KINDS},
        {"PutObject", "s3:DeleteObject", SIBLING_DELETE},
        /* who only sets going, or changes, did not make it */
        {"StartInstances", "ec2:ModifyInstanceAttribute", SIBLING_KINDS},
        {"StartInstances", "ec2:CreateTags", SIBLING_KINDS},
        {"StartInstances", "ec2:DescribeInstanceAttribute", SIBLING_READ},
        {"UpdateFunctionCode", "lambda:TagResource", SIBLING_KINDS},
        {"UpdateTable", "dynamodb:DescribeTable", SIBLING_READ},
        {"AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress", SIBLING_DELETE},
        {"AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", SIBLING_KINDS},
        {"ScheduleKeyDeletion", "kms:CancelKeyDeletion", SIBLING_DELETE},
};

static void test_sibling_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		const struct sar_action *a = sar_action(mapping_builtin(), span_of(pairs[i].action));
		assert_non_null(a);
		enum sibling_kind kind = sibling_of_action(span_of(pairs[i].seen), a);
		if (kind != pairs[i].kind)
			fail_msg("%s, %s: %d", pairs[i].seen, pairs[i].action, (int)kind);
	}
}

static void test_siblings(void **state)
{
	struct rows r;
	struct policy p;
	struct err err;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	use(&r, "sqs:CreateQueue", "queue", QUEUE "q");
	use(&r, "dynamodb:GetItem", "table", TABLE "t"); /* only read: no siblings */
	o.siblings = 1u << SIBLING_DELETE | 1u << SIBLING_TAG;
	assert_int_equal(make(&r, &o, &p, &err), STATUS_OK);
	char *text = text_of(&p);
	assert_non_null(strstr(text, "\"sqs:DeleteQueue\""));
	assert_non_null(strstr(text, "\"sqs:TagQueue\""));
	assert_non_null(strstr(text, "Unobserved\""));
	assert_null(strstr(text, "sqs:AddPermission")); /* permissions management never is one */
	assert_null(strstr(text, "sqs:SendMessage"));
	assert_null(strstr(text, "dynamodb:DeleteTable"));
	free(text);
	for (size_t i = 0; i < p.documents[0].n_statements; i++)
		if (p.documents[0].statements[i].origin == STATEMENT_SIBLING)
			assert_true(span_is(p.documents[0].statements[i].resources[0], QUEUE "q"));
	policy_release(&p);
	rows_release(&r);
}

/* ---- merging */

static const char people[] = "{\"Version\":\"2012-10-17\",\"Id\":\"team\",\"Statement\":["
                             "{\"Sid\":\"ByHand\",\"Effect\":\"Allow\",\"Action\":\"S3:get*\","
                             "\"Resource\":[\"arn:aws:s3:::b/*\"]},"
                             "{\"Effect\":\"Deny\",\"NotAction\":[\"sts:*\"],\"NotResource\":\"*\","
                             "\"Condition\":{\"Bool\":{"
                             "\"aws:MultiFactorAuthPresent\":false},\"NumericLessThan\":{\"aws:"
                             "MultiFactorAuthAge\":3600}}},"
                             "{\"Effect\":\"Allow\",\"Action\":\"s3:PutObject\",\"Resource\":\"*\","
                             "\"Condition\":{\"Bool\":{"
                             "\"aws:SecureTransport\":\"true\"}}}]}";

static void test_merge(void **state)
{
	struct rows r;
	struct policy p;
	struct err err;
	struct policy_document existing;
	struct policy_options o = POLICY_DEFAULTS;
	rows_init(&r);
	err_clear(&err);
	assert_int_equal(merge_read(span_of(people), &r.arena, &existing, &err), STATUS_OK);
	use(&r, "s3:GetObject", "object", BUCKET "b/x"); /* allowed already */
	use(&r, "s3:GetObject", "object", BUCKET "c/x"); /* another bucket */
	use(&r, "s3:PutObject", "object", BUCKET "b/x"); /* only under a condition */
	struct policy_input in = {
	        .uses = r.v, .n_uses = r.n, .mapping = mapping_builtin(), .existing = &existing};
	assert_int_equal(policy_build(&in, &o, &p, &err), STATUS_OK);
	const struct policy_document *d = &p.documents[0];
	assert_int_equal(d->n_statements, 5);
	assert_true(span_is(d->statements[0].sid, "ByHand"));
	assert_true(span_is(d->statements[0].actions[0], "S3:get*"));
	assert_true(d->statements[1].deny && d->statements[1].not_action &&
	            d->statements[1].not_resource);
	assert_int_equal(d->statements[1].n_conditions, 2);
	assert_true(span_is(d->statements[1].conditions[1].values[0], "3600"));
	assert_int_equal(d->statements[3].n_resources, 1);
	assert_true(span_is(d->statements[3].resources[0], BUCKET "c/x"));
	assert_true(span_is(d->statements[4].actions[0], "s3:PutObject"));
	policy_release(&p);
	/* a Deny that stands in the way is told */
	static const char never[] = "{\"Statement\":[{\"Sid\":\"Never\",\"Effect\":\"Deny\","
	                            "\"Action\":\"s3:Put*\",\"Resource\":\"*\"}]}";
	assert_int_equal(merge_read(span_of(never), &r.arena, &existing, &err), STATUS_OK);
	assert_int_equal(policy_build(&in, &o, &p, &err), STATUS_OK);
	assert_int_equal(p.n_notes, 1);
	assert_true(span_starts(
	        p.notes[0], SPAN_LIT("statement Never of the given policy denies s3:PutObject")));
	policy_release(&p);
	/* NotResource: what may be one of those is not allowed, whatever else the pattern is */
	static const char others[] = "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\","
	                             "\"Action\":\"s3:GetObject\",\"NotResource\":"
	                             "\"arn:aws:s3:::b/*/secret\"}}";
	static const struct {
		const char *resource;
		bool allowed;
	} overlap[] = {{BUCKET "b/x/secret", false}, {BUCKET "b/x/plain", true},
	               {BUCKET "c/x/secret", true},  {BUCKET "b/*", false},
	               {BUCKET "*/secret", false},   {BUCKET "*/plain", true},
	               {"*", false},                 {BUCKET "b/x/secretly", true}};
	assert_int_equal(merge_read(span_of(others), &r.arena, &existing, &err), STATUS_OK);
	for (size_t i = 0; i < sizeof overlap / sizeof overlap[0]; i++)
		assert_true(merge_allows(&existing, SPAN_LIT("s3:GetObject"),
		                         span_of(overlap[i].resource)) == overlap[i].allowed);
	assert_int_equal(merge_read(SPAN_LIT("{"), &r.arena, &existing, &err), STATUS_FILE);
	assert_int_equal(merge_read(SPAN_LIT("{}"), &r.arena, &existing, &err), STATUS_FILE);
	assert_int_equal(merge_read(SPAN_LIT(""), &r.arena, &existing, &err), STATUS_FILE);
	rows_release(&r);
}

/* ---- properties */

static uint64_t seed;

static size_t roll(size_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % n;
}

static const struct {
	const char *action, *type;
	const char *form; /* %d: a number */
} kinds[] = {
        {"s3:GetObject", "object", BUCKET "bucket-%d/in/%d/part-%d"},
        {"s3:PutObject", "object", BUCKET "bucket-%d/in/%d/${*}-%d"},
        {"s3:ListBucket", "bucket", BUCKET "bucket-%d%d%d"},
        {"sqs:SendMessage", "queue", "arn:aws:sqs:us-east-%d:" ACCOUNT ":queue-%d-%d"},
        {"dynamodb:Query", "index", "arn:aws:dynamodb:eu-west-%d:" ACCOUNT ":table/t%d/index/i%d"},
        {"dynamodb:Query", "table", "arn:aws:dynamodb:eu-west-%d:" ACCOUNT ":table/t%d%d"},
        {"ec2:StartInstances", "instance",
         "arn:aws:ec2:eu-west-%d:44445555666%d:instance/i-0000000%d"},
        {"ecs:RunTask", "task-definition",
         "arn:aws:ecs:eu-west-%d:" ACCOUNT ":task-definition/f%d:%d"},
        {"iam:PassRole", "role", "arn:aws-cn:iam::%d11122223333:role/app/%d/r%d"},
        {"ec2:DescribeInstances", NULL, "*"},
        {"logs:PutLogEvents", "log-stream",
         "arn:aws:logs:eu-west-%d:" ACCOUNT ":log-group:/g/%d:log-stream:s%d"},
};

static void random_rows(struct rows *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = roll(sizeof kinds / sizeof *kinds);
		char text[256];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
		snprintf(text, sizeof text, kinds[k].form, (int)roll(3) + 1, (int)roll(20),
		         (int)roll(10));
#pragma GCC diagnostic pop
		use(r, kinds[k].action, kinds[k].type, text);
	}
}

/* Whether a statement of the policy allows the pair, also where the resource is a pattern. */
static bool allows(const struct policy *p, struct span action, struct span resource)
{
	for (size_t d = 0; d < p->n_documents; d++)
		if (merge_allows(&p->documents[d], action, resource))
			return true;
	return false;
}

static bool contained(const struct policy *inner, const struct policy *outer)
{
	for (size_t d = 0; d < inner->n_documents; d++)
		for (size_t i = 0; i < inner->documents[d].n_statements; i++) {
			const struct policy_statement *s = &inner->documents[d].statements[i];
			for (size_t a = 0; a < s->n_actions; a++)
				for (size_t k = 0; k < s->n_resources; k++)
					if (!allows(outer, s->actions[a], s->resources[k]))
						return false;
		}
	return true;
}

/* A resource that the action was seen on has the same fields up to the type's word. */
static bool stays_within(const struct rows *r, struct span action, struct span pattern)
{
	struct arn a, b;
	if (!arn_parse(pattern, &a))
		return span_is(pattern, "*") && span_is(action, "ec2:DescribeInstances");
	for (size_t i = 0; i < r->n; i++) {
		struct access *x = &r->v[i].access;
		if (span_eq(x->action, action) && arn_parse(x->resource, &b) &&
		    span_eq(a.partition, b.partition) && span_eq(a.service, b.service) &&
		    span_eq(a.region, b.region) && span_eq(a.account, b.account)) {
			struct span prefix = action;
			const struct sar_type *t =
			        sar_type(mapping_builtin(), span_cut(&prefix, ':'), x->type);
			if (t && sar_type_matches(t, pattern))
				return true;
		}
	}
	return false;
}

static void check_properties(const struct rows *r, unsigned max_resources)
{
	struct policy exact, grouped, any;
	struct err err;
	struct policy_options o = POLICY_DEFAULTS;
	o.max_resources = max_resources;
	assert_int_equal(make(r, &o, &grouped, &err), STATUS_OK);
	o.resources = RESOURCES_EXACT;
	assert_int_equal(make(r, &o, &exact, &err), STATUS_OK);
	o.resources = RESOURCES_ANY;
	assert_int_equal(make(r, &o, &any, &err), STATUS_OK);
	for (size_t i = 0; i < r->n; i++)
		assert_true(allows(&exact, r->v[i].access.action, r->v[i].access.resource));
	assert_true(contained(&exact, &grouped));
	assert_true(contained(&grouped, &any));
	/* exact: each pair was seen */
	const struct policy_document *d = &exact.documents[0];
	for (size_t i = 0; i < d->n_statements; i++)
		for (size_t a = 0; a < d->statements[i].n_actions; a++)
			for (size_t k = 0; k < d->statements[i].n_resources; k++) {
				bool seen = false;
				for (size_t u = 0; u < r->n && !seen; u++)
					seen = span_eq(r->v[u].access.action,
					               d->statements[i].actions[a]) &&
					       span_eq(r->v[u].access.resource,
					               d->statements[i].resources[k]);
				assert_true(seen);
			}
	for (size_t i = 0; i < grouped.documents[0].n_statements; i++) {
		const struct policy_statement *s = &grouped.documents[0].statements[i];
		for (size_t a = 0; a < s->n_actions; a++)
			for (size_t k = 0; k < s->n_resources; k++)
				if (!stays_within(r, s->actions[a], s->resources[k]))
					fail_msg("%.*s on %.*s", SPAN_ARG(s->actions[a]),
					         SPAN_ARG(s->resources[k]));
	}
	policy_release(&exact);
	policy_release(&grouped);
	policy_release(&any);
}

static void shuffle(struct rows *r)
{
	for (size_t i = r->n; i > 1; i--) {
		size_t k = roll(i);
		struct access_use t = r->v[i - 1];
		r->v[i - 1] = r->v[k];
		r->v[k] = t;
	}
}

static void test_properties(void **state)
{
	for (seed = 1; seed < 20000; seed += 97) {
		struct rows r;
		uint64_t start = seed;
		rows_init(&r);
		random_rows(&r, 1 + roll(150));
		check_properties(&r, (unsigned)roll(12) + 1);
		/* the order of the rows does not matter, with and without a limit */
		for (int pass = 0; pass < 2; pass++) {
			struct policy a, b;
			struct err err;
			struct policy_options o = POLICY_DEFAULTS;
			o.limit = pass ? 2000 : 0;
			o.max_documents = 20;
			enum status sa = make(&r, &o, &a, &err);
			shuffle(&r);
			enum status sb = make(&r, &o, &b, &err);
			assert_int_equal(sa, sb);
			char *x = text_of(&a), *y = text_of(&b);
			assert_string_equal(x, y);
			free(x);
			free(y);
			policy_release(&a);
			policy_release(&b);
		}
		rows_release(&r);
		seed = start;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_ephemeral),   cmocka_unit_test(test_folds),
	        cmocka_unit_test(test_fold_counts), cmocka_unit_test(test_made_anew),
	        cmocka_unit_test(test_statements),  cmocka_unit_test(test_fewest),     cmocka_unit_test(test_merged),
	        cmocka_unit_test(test_sids_stay),   cmocka_unit_test(test_nothing),
	        cmocka_unit_test(test_denied),      cmocka_unit_test(test_hostile),
	        cmocka_unit_test(test_split),       cmocka_unit_test(test_split_actions),
	        cmocka_unit_test(test_wildcards),   cmocka_unit_test(test_conditions),
	        cmocka_unit_test(test_fas),         cmocka_unit_test(test_passed_to),
	        cmocka_unit_test(test_prefix), cmocka_unit_test(test_absorb), cmocka_unit_test(test_secrets), cmocka_unit_test(test_sibling_pairs), cmocka_unit_test(test_siblings),    cmocka_unit_test(test_merge),
	        cmocka_unit_test(test_properties),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
