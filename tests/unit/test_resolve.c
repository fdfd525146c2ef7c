/* test_resolve.c - what access a call needs: actions, resource types, ARNs, passed roles. */
#include "unit.h"

#include "call/arn.h"
#include "mapping/image.h"

#include <stdio.h>

enum { MAX_PARAMS = 8 };

struct want {
	const char *source, *name, *params[MAX_PARAMS][2];
	const char *rows; /* "ACTION=RESOURCE" joined by blanks, sorted as resolve_call sorts */
};

static struct call call_of(const struct want *w, struct param *params)
{
	struct call c = {.kind = EVENT_CALL,
	                 .source = span_of(w->source),
	                 .name = span_of(w->name),
	                 .region = SPAN_LIT("us-east-1"),
	                 .account = SPAN_LIT("111122223333"),
	                 .outcome = OUTCOME_ALLOWED,
	                 .params = params};
	c.principal.account = c.account;
	while (c.n_params < MAX_PARAMS && w->params[c.n_params][0]) {
		const char *const *p = w->params[c.n_params];
		params[c.n_params++] = (struct param){span_of(p[0]), span_of(p[1]),
		                                      p[1] ? PARAM_VALUE : PARAM_PRESENT};
	}
	return c;
}

static const char *rows_of(const struct call *call, const struct resolve_env *env)
{
	static char text[8192];
	struct arena arena;
	struct access *rows;
	size_t n, at = 0;
	arena_init(&arena);
	resolve_call(mapping_builtin(), call, env, &arena, &rows, &n);
	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%.*s=%.*s", i ? " " : "",
		                       SPAN_ARG(rows[i].action), SPAN_ARG(rows[i].resource));
	arena_release(&arena);
	return text;
}

static void check(const struct want *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct param params[MAX_PARAMS];
		struct call call = call_of(&w[i], params);
		assert_string_equal(rows_of(&call, NULL), w[i].rows);
	}
}

static void parameters_name_resources(void **state)
{
	const struct want cases[] = {
	        {"s3.amazonaws.com",
	         "GetObject",
	         {{"bucketName", "b"}, {"key", "a/b c"}},
	         "s3:GetObject=arn:aws:s3:::b/a/b c"},
	        {"s3.amazonaws.com",
	         "ListObjects",
	         {{"bucketName", "b"}},
	         "s3:ListBucket=arn:aws:s3:::b"},
	        {"sqs.amazonaws.com",
	         "SendMessage",
	         {{"queueUrl", "https://sqs.us-east-1.amazonaws.com/444455556666/q"}},
	         "sqs:SendMessage=arn:aws:sqs:us-east-1:444455556666:q"},
	        {"dynamodb.amazonaws.com",
	         "GetItem",
	         {{"tableName", "t"}},
	         "dynamodb:GetItem=arn:aws:dynamodb:us-east-1:111122223333:table/t"},
	        {"lambda.amazonaws.com",
	         "DeleteFunction20150331",
	         {{"functionName", "f"}},
	         "lambda:DeleteFunction=arn:aws:lambda:us-east-1:111122223333:function:f"},
	        {"iam.amazonaws.com",
	         "GetRole",
	         {{"roleName", "r"}},
	         "iam:GetRole=arn:aws:iam::111122223333:role/*/r "
	         "iam:GetRole=arn:aws:iam::111122223333:role/r"},
	        {"iam.amazonaws.com",
	         "CreateRole",
	         {{"path", "/app/"}, {"roleName", "r"}},
	         "iam:CreateRole=arn:aws:iam::111122223333:role/app/r"},
	        {"iam.amazonaws.com",
	         "CreateRole",
	         {{"path", "/"}, {"roleName", "r"}},
	         "iam:CreateRole=arn:aws:iam::111122223333:role/r"},
	        {"iam.amazonaws.com",
	         "CreateUser",
	         {{"userName", "u"}},
	         "iam:CreateUser=arn:aws:iam::111122223333:user/u"},
	        {"sts.amazonaws.com", "GetCallerIdentity", {{NULL}}, ""},
	        {"nosuch.amazonaws.com", "GetObject", {{"bucketName", "b"}}, ""},
	};
	check(cases, sizeof cases / sizeof cases[0]);
}

/* Requests that are authorised by IAM and are in no API model. */
static void data_planes_name_resources(void **state)
{
	const struct want cases[] = {
	        {"execute-api.amazonaws.com",
	         "Invoke",
	         {{"ApiId", "x1"},
	          {"Stage", "prod"},
	          {"MethodName", "POST"},
	          {"ResourcePath", "pets/*"}},
	         "execute-api:Invoke=arn:aws:execute-api:us-east-1:111122223333:x1/prod/POST/pets/"
	         "${*}"},
	        {"aps.amazonaws.com",
	         "RemoteWrite",
	         {{"workspaceId", "ws-1"}},
	         "aps:RemoteWrite=arn:aws:aps:us-east-1:111122223333:workspace/ws-1"},
	        {"es.amazonaws.com",
	         "ESHttpPut",
	         {{"DomainName", "d"}},
	         "es:ESHttpPut=arn:aws:es:us-east-1:111122223333:domain/d"},
	        {"aoss.amazonaws.com",
	         "APIAccessAll",
	         {{"CollectionId", "c"}},
	         "aoss:APIAccessAll=arn:aws:aoss:us-east-1:111122223333:collection/c"},
	        {"xray.amazonaws.com", "PutSpans", {{NULL}}, "xray:PutSpans=*"},
	        {"s3.amazonaws.com", /* in no Region */
	         "GetObject",
	         {{"bucketName", "arn:aws:s3::111122223333:accesspoint/a.mrap"}, {"key", "k"}},
	         "s3:GetObject=arn:aws:s3::111122223333:accesspoint/a.mrap/object/k"},
	};
	check(cases, sizeof cases / sizeof cases[0]);
}

/* What one element of a list has says nothing of the others. */
static void elements_are_judged_one_by_one(void **state)
{
	const struct want cases[] = {
	        {"events.amazonaws.com",
	         "PutEvents",
	         {{"entries[1]", NULL}, {"entries[2].eventBusName", "b"}},
	         "events:PutEvents=arn:aws:events:us-east-1:111122223333:event-bus/b "
	         "events:PutEvents=arn:aws:events:us-east-1:111122223333:event-bus/default"},
	        {"s3.amazonaws.com",
	         "DeleteObjects",
	         {{"bucketName", "b"},
	          {"delete.objects[1].key", "k1"},
	          {"delete.objects[12].key", "k2"},
	          {"delete.objects[12].versionId", "v"}},
	         "s3:DeleteObject=arn:aws:s3:::b/k1 s3:DeleteObject=arn:aws:s3:::b/k2 "
	         "s3:DeleteObjectVersion=arn:aws:s3:::b/k2"},
	        {"dynamodb.amazonaws.com",
	         "BatchExecuteStatement",
	         {{"statements[].statement", "DELETE FROM \"gone\""},
	          {"statements[].statement", "SELECT FROM \"read\""}},
	         "dynamodb:PartiQLDelete=arn:aws:dynamodb:us-east-1:111122223333:table/gone "
	         "dynamodb:PartiQLSelect=arn:aws:dynamodb:us-east-1:111122223333:table/read"},
	        {"redshift.amazonaws.com",
	         "BatchDeleteClusterSnapshots",
	         {{"identifiers[1].snapshotClusterIdentifier", "c"},
	          {"identifiers[1].snapshotIdentifier", "s1"},
	          {"identifiers[2].snapshotIdentifier", "s2"}},
	         "redshift:BatchDeleteClusterSnapshots="
	         "arn:aws:redshift:us-east-1:111122223333:snapshot:*/s2 "
	         "redshift:BatchDeleteClusterSnapshots="
	         "arn:aws:redshift:us-east-1:111122223333:snapshot:c/s1"},
	};
	check(cases, sizeof cases / sizeof cases[0]);
}

/* Of a call that is not known whole nobody can say that it named no path. */
static void a_cut_call_may_have_had_a_path(void **state)
{
	const struct want w = {"iam.amazonaws.com", "CreateUser", {{"userName", "u"}}, ""};
	struct param params[MAX_PARAMS];
	struct call call = call_of(&w, params);
	call.params_cut = true;
	assert_string_equal(rows_of(&call, NULL),
	                    "iam:CreateUser=arn:aws:iam::111122223333:user/*/u "
	                    "iam:CreateUser=arn:aws:iam::111122223333:user/u");
}

static void names_from_logs_widen_nothing(void **state)
{
	const struct want cases[] = {
	        {"s3.amazonaws.com",
	         "GetObject",
	         {{"bucketName", "b"}, {"key", "*"}},
	         "s3:GetObject=arn:aws:s3:::b/${*}"},
	        {"s3.amazonaws.com",
	         "GetObject",
	         {{"bucketName", "b"}, {"key", "?${aws:username}"}},
	         "s3:GetObject=arn:aws:s3:::b/${?}${$}{aws:username}"},
	        {"s3.amazonaws.com",
	         "GetObject",
	         {{"bucketName", "b"}, {"key", "\xe2\x82\xac\xc3\xbc\xff\x01"}},
	         "s3:GetObject=arn:aws:s3:::b/?\xc3\xbc??"},
	};
	check(cases, sizeof cases / sizeof cases[0]);
}

static const char *rows_with(const struct want *w, const struct event_resource *resources, size_t n,
                             const char *message_action, const char *message_resource)
{
	struct param params[MAX_PARAMS];
	struct call call = call_of(w, params);
	call.resources = resources;
	call.n_resources = n;
	if (message_action) {
		call.outcome = OUTCOME_DENIED;
		call.denial.by = DENIAL_IDENTITY;
		call.denial.action = span_of(message_action);
		call.denial.resource = span_of(message_resource);
	}
	return rows_of(&call, NULL);
}

static void resources_come_first_where_they_fit(void **state)
{
	const struct want get = {
	        "s3.amazonaws.com", "GetObject", {{"bucketName", "b"}, {"key", "k"}}, NULL};
	const struct event_resource both[] = {
	        {.arn = SPAN_LIT("arn:aws:s3:::b/other"), .account = SPAN_LIT("444455556666")},
	        {.arn = SPAN_LIT("arn:aws:s3:::b")},
	};
	assert_string_equal(rows_with(&get, both, 2, NULL, NULL),
	                    "s3:GetObject=arn:aws:s3:::b/other");
	/* the bucket's ARN is none of an object */
	assert_string_equal(rows_with(&get, both + 1, 1, NULL, NULL),
	                    "s3:GetObject=arn:aws:s3:::b/k");
	/* nor is an object's one of a bucket, though it fits the bucket's pattern */
	const struct want list = {"s3.amazonaws.com", "ListObjects", {{"bucketName", "b"}}, NULL};
	assert_string_equal(rows_with(&list, both, 1, NULL, NULL), "s3:ListBucket=arn:aws:s3:::b");
	/* a copy lists both its objects, and each action takes its own */
	const struct want copy = {
	        "s3.amazonaws.com",
	        "CopyObject",
	        {{"bucketName", "b"}, {"key", "other"}, {"x-amz-copy-source", "s/t"}},
	        NULL};
	const struct event_resource copied[] = {{.arn = SPAN_LIT("arn:aws:s3:::b/other")},
	                                        {.arn = SPAN_LIT("arn:aws:s3:::s/t")}};
	assert_string_equal(rows_with(&copy, copied, 2, NULL, NULL),
	                    "s3:GetObject=arn:aws:s3:::s/t s3:PutObject=arn:aws:s3:::b/other");
	const struct event_resource prefix = {.arn = SPAN_LIT("arn:aws:s3:::b/logs/"),
	                                      .prefix = true};
	assert_string_equal(rows_with(&get, &prefix, 1, NULL, NULL),
	                    "s3:GetObject=arn:aws:s3:::b/logs/*");
	const struct event_resource hostile = {.arn = SPAN_LIT("arn:aws:s3:::b/*")};
	assert_string_equal(rows_with(&get, &hostile, 1, NULL, NULL),
	                    "s3:GetObject=arn:aws:s3:::b/${*}");
	/* the account of what is in resources[] is that of the resource */
	const struct want queue = {"sqs.amazonaws.com", "GetQueueUrl", {{"queueName", "q"}}, NULL};
	const struct event_resource owner = {.account = SPAN_LIT("444455556666")};
	assert_string_equal(rows_with(&queue, &owner, 1, NULL, NULL),
	                    "sqs:GetQueueUrl=arn:aws:sqs:us-east-1:444455556666:q");
}

static void messages_name_what_was_refused(void **state)
{
	const struct want bare = {"sqs.amazonaws.com", "SendMessage", {{NULL}}, NULL};
	const struct want get = {
	        "sqs.amazonaws.com",
	        "SendMessage",
	        {{"queueUrl", "https://sqs.us-east-1.amazonaws.com/111122223333/q"}},
	        NULL};
	const char *arn = "arn:aws:sqs:us-east-1:111122223333:named";
	assert_string_equal(rows_with(&bare, NULL, 0, NULL, NULL),
	                    "sqs:SendMessage=arn:aws:sqs:us-east-1:111122223333:*");
	assert_string_equal(rows_with(&bare, NULL, 0, "SQS:SendMessage", arn),
	                    "sqs:SendMessage=arn:aws:sqs:us-east-1:111122223333:named");
	/* parameters before the message */
	assert_string_equal(rows_with(&get, NULL, 0, "sqs:SendMessage", arn),
	                    "sqs:SendMessage=arn:aws:sqs:us-east-1:111122223333:q");
	/* another action than the event's was refused */
	assert_string_equal(rows_with(&get, NULL, 0, "kms:GenerateDataKey",
	                              "arn:aws:kms:us-east-1:111122223333:key/1"),
	                    "kms:GenerateDataKey=arn:aws:kms:us-east-1:111122223333:key/1");
	/* of two roles that are passed the one that was refused */
	const struct want task = {"ecs.amazonaws.com",
	                          "RegisterTaskDefinition",
	                          {{"taskRoleArn", "arn:aws:iam::111122223333:role/task"},
	                           {"executionRoleArn", "arn:aws:iam::111122223333:role/exec"}},
	                          NULL};
	assert_string_equal(
	        rows_with(&task, NULL, 0, "iam:PassRole", "arn:aws:iam::111122223333:role/exec"),
	        "iam:PassRole=arn:aws:iam::111122223333:role/exec");
	assert_string_equal(
	        rows_with(&get, NULL, 0, "iam:PassRole", "arn:aws:iam::111122223333:role/x"),
	        "iam:PassRole=arn:aws:iam::111122223333:role/x");
	/* an action that there is not is none */
	assert_string_equal(rows_with(&get, NULL, 0, "sqs:NoSuch", arn),
	                    "sqs:SendMessage=arn:aws:sqs:us-east-1:111122223333:q");
	/* a resource of another kind says nothing */
	assert_string_equal(rows_with(&bare, NULL, 0, "sqs:SendMessage", "arn:aws:s3:::b"),
	                    "sqs:SendMessage=arn:aws:sqs:us-east-1:111122223333:*");
}

static void partitions_come_from_the_region(void **state)
{
	const char *const regions[][2] = {
	        {"us-east-1", "aws"},
	        {"cn-north-1", "aws-cn"},
	        {"us-gov-west-1", "aws-us-gov"},
	        {"us-iso-east-1", "aws-iso"},
	        {"us-isob-east-1", "aws-iso-b"},
	        {"eu-isoe-west-1", "aws-iso-e"},
	        {"us-isof-south-1", "aws-iso-f"},
	        {"eusc-de-east-1", "aws-eusc"},
	        {"aws-global", "aws"},
	        {"aws-cn-global", "aws-cn"},
	        {"aws-iso-b-global", "aws-iso-b"},
	};
	const struct want w = {
	        "s3.amazonaws.com", "GetObject", {{"bucketName", "b"}, {"key", "k"}}, NULL};
	for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
		struct param params[MAX_PARAMS];
		struct call call = call_of(&w, params);
		char want[64];
		call.region = span_of(regions[i][0]);
		snprintf(want, sizeof want, "s3:GetObject=arn:%s:s3:::b/k", regions[i][1]);
		assert_string_equal(rows_of(&call, NULL), want);
	}
}

static void accounts_are_never_made_up(void **state)
{
	const struct want w = {"sns.amazonaws.com", "CreateTopic", {{"name", "t"}}, NULL};
	struct param params[MAX_PARAMS];
	struct call call = call_of(&w, params);
	call.principal.account = SPAN_LIT("444455556666");
	assert_string_equal(rows_of(&call, NULL),
	                    "sns:CreateTopic=arn:aws:sns:us-east-1:444455556666:t");
	struct resolve_env owner = {.owner_account = SPAN_LIT("777788889999")};
	assert_string_equal(rows_of(&call, &owner),
	                    "sns:CreateTopic=arn:aws:sns:us-east-1:777788889999:t");
	call.principal.account = SPAN_LIT("anonymous");
	assert_string_equal(rows_of(&call, NULL),
	                    "sns:CreateTopic=arn:aws:sns:us-east-1:111122223333:t");
	call.account = SPAN_NONE;
	assert_string_equal(rows_of(&call, NULL), "sns:CreateTopic=arn:aws:sns:us-east-1:*:t");
	call.region = SPAN_NONE;
	assert_string_equal(rows_of(&call, NULL), "sns:CreateTopic=arn:*:sns:*:*:t");
	call.region = SPAN_LIT("us:east*1");
	assert_string_equal(rows_of(&call, NULL), "sns:CreateTopic=arn:aws:sns:*:*:t");
}

static void hidden_values_name_nothing(void **state)
{
	const struct want w = {"sqs.amazonaws.com", "GetQueueUrl", {{"queueName", "x"}}, NULL};
	struct param params[MAX_PARAMS];
	struct call call = call_of(&w, params);
	params[0].state = PARAM_HIDDEN;
	params[0].value = SPAN_NONE;
	assert_string_equal(rows_of(&call, NULL),
	                    "sqs:GetQueueUrl=arn:aws:sqs:us-east-1:111122223333:*");
}

static void folded_parameters_stand_for_all_that_begin_so(void **state)
{
	const struct want w = {
	        "s3.amazonaws.com", "GetObject", {{"bucketName", "b"}, {"key", "logs/*"}}, NULL};
	struct param params[MAX_PARAMS];
	struct call call = call_of(&w, params);
	params[1].state = PARAM_PREFIX;
	assert_string_equal(rows_of(&call, NULL), "s3:GetObject=arn:aws:s3:::b/logs/${*}*");
}

static void known_paths(void *data, struct span type, struct span name, struct span account,
                        void (*add)(void *to, struct span arn), void *to)
{
	if (span_is(type, "role") && span_is(name, "known") && span_is(account, "111122223333"))
		add(to, SPAN_LIT("arn:aws:iam::111122223333:role/app/known"));
}

static void iam_names_take_the_path_that_is_known(void **state)
{
	const struct resolve_env env = {.iam_arns = known_paths};
	const struct want known = {"iam.amazonaws.com", "GetRole", {{"roleName", "known"}}, NULL};
	const struct want other = {"iam.amazonaws.com", "GetRole", {{"roleName", "other"}}, NULL};
	struct param params[MAX_PARAMS];
	struct call call = call_of(&known, params);
	assert_string_equal(rows_of(&call, &env),
	                    "iam:GetRole=arn:aws:iam::111122223333:role/app/known");
	call = call_of(&other, params);
	assert_string_equal(rows_of(&call, &env),
	                    "iam:GetRole=arn:aws:iam::111122223333:role/*/other "
	                    "iam:GetRole=arn:aws:iam::111122223333:role/other");
}

static void callers_are_named_where_the_api_takes_them(void **state)
{
	const struct want w = {"iam.amazonaws.com", "ListAccessKeys", {{NULL, NULL}}, NULL};
	struct param params[MAX_PARAMS];
	struct call call = call_of(&w, params);
	call.principal.type = PRINCIPAL_USER;
	call.principal.arn = SPAN_LIT("arn:aws:iam::111122223333:user/ops/alice");
	assert_string_equal(rows_of(&call, NULL),
	                    "iam:ListAccessKeys=arn:aws:iam::111122223333:user/ops/alice");
	call.params_cut = true;
	assert_string_equal(rows_of(&call, NULL),
	                    "iam:ListAccessKeys=arn:aws:iam::111122223333:user/*");
	call.params_cut = false;
	call.outcome = OUTCOME_DENIED;
	assert_string_equal(rows_of(&call, NULL),
	                    "iam:ListAccessKeys=arn:aws:iam::111122223333:user/*");
	call.outcome = OUTCOME_ALLOWED;
	call.principal.type = PRINCIPAL_ROLE;
	assert_string_equal(rows_of(&call, NULL),
	                    "iam:ListAccessKeys=arn:aws:iam::111122223333:user/*");
}

static void profiles_hold(void *data, struct span type, struct span name, struct span account,
                          void (*add)(void *to, struct span arn), void *to)
{
	if (span_eq(type, IAM_ROLE_OF_PROFILE) && span_is(name, "web") &&
	    span_is(account, "111122223333"))
		add(to, SPAN_LIT("arn:aws:iam::111122223333:role/app/web"));
}

static void profiles_pass_the_role_that_they_hold(void **state)
{
	const struct resolve_env env = {.iam_arns = profiles_hold};
	const struct want known = {
	        "ec2.amazonaws.com",
	        "AssociateIamInstanceProfile",
	        {{"AssociateIamInstanceProfileRequest.IamInstanceProfile.Name", "web"}},
	        NULL};
	struct param params[MAX_PARAMS];
	struct call call = call_of(&known, params);
	assert_non_null(strstr(rows_of(&call, &env),
	                       "iam:PassRole=arn:aws:iam::111122223333:role/app/web"));
	assert_non_null(
	        strstr(rows_of(&call, NULL), "iam:PassRole=arn:aws:iam::111122223333:role/*"));
}

static void refusals_keep_the_wildcards_of_aws(void **state)
{
	const struct want w = {"ec2.amazonaws.com", "CreateFleet", {{NULL, NULL}}, NULL};
	struct param params[MAX_PARAMS];
	struct call call = call_of(&w, params);
	call.outcome = OUTCOME_DENIED;
	call.denial.action = SPAN_LIT("ec2:CreateFleet");
	call.denial.resource = SPAN_LIT("arn:aws:ec2:us-east-1:111122223333:launch-template/*");
	assert_non_null(
	        strstr(rows_of(&call, NULL),
	               "ec2:CreateFleet=arn:aws:ec2:us-east-1:111122223333:launch-template/*"));
}

static void other_records_need_nothing(void **state)
{
	const struct want w = {
	        "s3.amazonaws.com", "GetObject", {{"bucketName", "b"}, {"key", "k"}}, NULL};
	struct param params[MAX_PARAMS];
	struct call call = call_of(&w, params);
	struct arena arena;
	struct access *rows;
	size_t n;
	arena_init(&arena);
	call.kind = EVENT_SERVICE;
	assert_int_equal(resolve_call(mapping_builtin(), &call, NULL, &arena, &rows, &n),
	                 MAPPED_NOT_A_CALL);
	assert_int_equal(n, 0);
	arena_release(&arena);
}

static void dependents_are_asked_for(void **state)
{
	const struct want w = {
	        "lambda.amazonaws.com", "CreateFunction20150331", {{"functionName", "f"}}, NULL};
	const struct resolve_env env = {.dependents = true};
	struct param params[MAX_PARAMS];
	struct call call = call_of(&w, params);
	assert_null(strstr(rows_of(&call, NULL), "iam:PassRole"));
	assert_non_null(
	        strstr(rows_of(&call, &env), "iam:PassRole=arn:aws:iam::111122223333:role/*"));
}

/* ---- what holds for every operation */

enum { LIMIT_MEMBERS = 256 };

struct probe {
	struct arena arena;
	struct param params[LIMIT_MEMBERS];
	size_t n;
	const char *value;
};

static void add_member(struct probe *p, const struct image_part *part)
{
	struct span path = image_str(&part->text);
	ptrdiff_t bar = span_chr(path, '|');
	if (!part->path || p->n == LIMIT_MEMBERS)
		return;
	if (bar > 0)
		path.n = (size_t)bar;
	p->params[p->n++] = (struct param){path, span_of(p->value), PARAM_VALUE};
}

static void add_members(struct probe *p, const list_ref *on)
{
	size_t n, m, k;
	const struct image_on *o = image_list(on, &n);
	for (size_t i = 0; i < n; i++) {
		const struct image_noted *noted =
		        o[i].need & ON_NOTED ? image_row(&o[i].bindings) : NULL;
		const struct image_binding *b =
		        image_list(noted ? &noted->bindings : &o[i].bindings, &m);
		for (size_t j = 0; j < m; j++) {
			const struct image_part *part = image_list(&b[j].parts, &k);
			for (size_t l = 0; l < k; l++)
				add_member(p, &part[l]);
		}
	}
}

static bool requires_a_type(const struct operation *op)
{
	size_t n = 0;
	const struct image_on *on = image_flags(op) & OP_PLAIN ? image_list(&op->rest, &n) : NULL;
	for (size_t i = 0; i < n; i++) {
		const struct image_noted *noted =
		        on[i].need & ON_NOTED ? image_row(&on[i].bindings) : NULL;
		char need = (char)(on[i].need & 0xff);
		if ((need == 'r' || need == 'd') && !(noted && noted->when))
			return true;
	}
	return false;
}

static void assert_sound(const struct mapping *m, const struct access *row)
{
	const struct sar_action *a = sar_action(m, row->action);
	const struct sar_type *t = a ? sar_type(m, sar_action_service(a), row->type) : NULL;
	bool fits = !t || sar_type_matches(t, row->resource);
	if (!fits || (row->type.n && span_is(row->resource, "*")))
		fail_msg("%.*s %.*s %.*s", SPAN_ARG(row->action), SPAN_ARG(row->type),
		         SPAN_ARG(row->resource));
	/* No wildcard but ours: none from a name. */
	if (row->origin == ORIGIN_PARAMETER && span_find(row->resource, SPAN_LIT("w*w")) >= 0)
		fail_msg("%.*s is wider than its name", SPAN_ARG(row->resource));
}

/* Whoever looks for the names of a service may pass over calls that never name one. */
static void assert_may_name(const struct mapping *m, const struct call *call,
                            const struct access *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arn a;
		if (arn_parse(rows[i].resource, &a) &&
		    !mapping_may_name(m, call->source, call->name, a.service))
			fail_msg("%.*s:%.*s names %.*s", SPAN_ARG(call->source),
			         SPAN_ARG(call->name), SPAN_ARG(rows[i].resource));
	}
}

static void few_operations_may_name_a_service(void **state)
{
	const struct mapping *m = mapping_builtin();
	const struct span source = SPAN_LIT("sqs.amazonaws.com"), name = SPAN_LIT("SendMessage");
	assert_true(mapping_may_name(m, source, name, SPAN_LIT("sqs")));
	assert_false(mapping_may_name(m, source, name, SPAN_LIT("ssm")));
	assert_false(mapping_may_name(m, SPAN_LIT("ec2.amazonaws.com"),
	                              SPAN_LIT("DescribeInstances"), SPAN_LIT("ssm")));
	assert_false(mapping_may_name(m, SPAN_LIT("none.amazonaws.com"), SPAN_LIT("Nothing"),
	                              SPAN_LIT("ssm")));
}

static size_t probe_operation(const struct mapping *m, const struct operation *op, struct probe *p)
{
	const struct image_grant *g = NULL;
	struct access *rows;
	size_t n = 0;
	struct call call = {.kind = EVENT_CALL,
	                    .source = operation_event_source(m, op, &p->arena),
	                    .name = operation_event_name(op),
	                    .region = SPAN_LIT("us-east-1"),
	                    .account = SPAN_LIT("111122223333"),
	                    .outcome = OUTCOME_ALLOWED,
	                    .params = p->params};
	p->n = 0;
	if (image_flags(op) & OP_PLAIN)
		add_members(p, &op->rest);
	else
		g = image_list(&op->needs, &n);
	for (size_t i = 0; i < n; i++)
		add_members(p, &g[i].on);
	if (p->value)
		call.n_params = p->n;
	const struct resolve_env env = {.dependents = true};
	resolve_call(m, &call, &env, &p->arena, &rows, &n);
	assert_may_name(m, &call, rows, n);
	resolve_call(m, &call, NULL, &p->arena, &rows, &n);
	for (size_t i = 0; i < n; i++)
		assert_sound(m, &rows[i]);
	if (requires_a_type(op) && mapping_event(m, call.source, call.name) == op)
		for (size_t i = 0; i < n; i++)
			if (span_is(rows[i].resource, "*"))
				fail_msg("%.*s:%.*s gives *", SPAN_ARG(call.source),
				         SPAN_ARG(call.name));
	return n;
}

static void every_operation_yields_sound_rows(void **state)
{
	const struct mapping *m = mapping_builtin();
	static const char *const values[] = {NULL,
	                                     "w*w",
	                                     "arn:aws:s3:::w*w",
	                                     "arn:aws:iam::111122223333:role/w*w",
	                                     "a/b:c/w*w",
	                                     "https://sqs.us-east-1.amazonaws.com/111122223333/w*w",
	                                     "::::://///",
	                                     "${",
	                                     "w*w\xff\xe2\x82\xac"};
	static struct probe p;
	size_t n, rows = 0;
	const struct image_service *s = image_list(&m->services, &n);
	arena_init(&p.arena);
	for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
		p.value = values[v];
		for (size_t i = 0; i < n; i++) {
			const struct operation *op = image_row(&s[i].operations);
			for (size_t k = 0; k < s[i].n_operations; k++) {
				rows += probe_operation(m, &op[k], &p);
				arena_reset(&p.arena);
			}
		}
	}
	assert_true(rows > 9 * 18000);
	arena_release(&p.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(parameters_name_resources),
	        cmocka_unit_test(elements_are_judged_one_by_one),
	        cmocka_unit_test(data_planes_name_resources),
	        cmocka_unit_test(a_cut_call_may_have_had_a_path),
	        cmocka_unit_test(names_from_logs_widen_nothing),
	        cmocka_unit_test(resources_come_first_where_they_fit),
	        cmocka_unit_test(messages_name_what_was_refused),
	        cmocka_unit_test(partitions_come_from_the_region),
	        cmocka_unit_test(accounts_are_never_made_up),
	        cmocka_unit_test(hidden_values_name_nothing),
	        cmocka_unit_test(folded_parameters_stand_for_all_that_begin_so),
	        cmocka_unit_test(iam_names_take_the_path_that_is_known),
	        cmocka_unit_test(callers_are_named_where_the_api_takes_them),
	        cmocka_unit_test(profiles_pass_the_role_that_they_hold),
	        cmocka_unit_test(refusals_keep_the_wildcards_of_aws),
	        cmocka_unit_test(other_records_need_nothing),
	        cmocka_unit_test(dependents_are_asked_for),
	        cmocka_unit_test(every_operation_yields_sound_rows),
	        cmocka_unit_test(few_operations_may_name_a_service),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
