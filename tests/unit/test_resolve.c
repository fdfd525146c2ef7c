/* test_resolve.c - what access a call needs: actions, resource types, ARNs, passed roles. */
#include "unit.h"

#include "meaning/mapping.h"

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
	        {"sts.amazonaws.com", "GetCallerIdentity", {{NULL}}, ""},
	        {"nosuch.amazonaws.com", "GetObject", {{"bucketName", "b"}}, ""},
	};
	check(cases, sizeof cases / sizeof cases[0]);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(parameters_name_resources),
	        cmocka_unit_test(names_from_logs_widen_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
