/* test_observed.c - what a log shows of the condition keys of a call: a value, that the key was
 * absent, or nothing. */
#include "config.h"

#include "unit.h"

#include "evaluator/observed.h"

#define ACCOUNT "111122223333"

static const struct param params[] = {
        {.path = SPAN_LIT("a.engine"), .value = SPAN_LIT("mysql")},
        {.path = SPAN_LIT("b.engine"), .value = SPAN_LIT("mysql")},
        {.path = SPAN_LIT("instancesSet.items[].instanceType"), .value = SPAN_LIT("m5.large")},
        {.path = SPAN_LIT("keySpec"), .state = PARAM_HIDDEN},
        {.path = SPAN_LIT("name"), .value = SPAN_LIT("one")},
        {.path = SPAN_LIT("other.name"), .value = SPAN_LIT("two")},
};

static const struct call by_role = {
        .principal = {.arn = SPAN_LIT("arn:aws:iam::" ACCOUNT ":role/app"),
                      .type = PRINCIPAL_ROLE,
                      .account = SPAN_LIT(ACCOUNT)},
        .region = SPAN_LIT("eu-west-1"),
        .params = params,
        .n_params = sizeof params / sizeof *params};
static const struct call by_user = {
        .principal = {.arn = SPAN_LIT("arn:aws:iam::" ACCOUNT ":user/team/bob"),
                      .type = PRINCIPAL_USER,
                      .account = SPAN_LIT(ACCOUNT)}};
static const struct call by_root = {.principal = {.arn = SPAN_LIT("arn:aws:iam::" ACCOUNT ":root"),
                                                  .type = PRINCIPAL_ROOT}};
static const struct call by_federated = {.principal = {.type = PRINCIPAL_FEDERATED}};
static const struct call by_nobody = {.principal = {.arn = SPAN_LIT("anonymous"),
                                                    .type = PRINCIPAL_ANONYMOUS}};
static const struct call by_key = {.principal = {.arn = SPAN_LIT("access-key/AKIAEXAMPLE"),
                                                 .type = PRINCIPAL_ACCESS_KEY}};

static const struct context direct = {
        .source_network = SPAN_LIT("192.0.2.7"),
        .mfa = TRI_YES,
        .tls = TRI_YES,
        .session_tags = SPAN_LIT("{\"team\":\"blue\"}")};
static const struct context through_endpoint = {.source_network = SPAN_LIT("10.0.0.7"),
                                                .vpc_endpoint = SPAN_LIT("vpce-1"),
                                                .mfa = TRI_NO,
                                                .tls = TRI_NO};
static const struct context through_service = {
        .source_network = SPAN_LIT("athena.amazonaws.com"),
        .invoked_by = SPAN_LIT("athena.amazonaws.com")};
static const struct context ipv6 = {.source_network = SPAN_LIT("2001:db8:1:2::/64")};
static const struct context captured = {.mfa = 0};

static const struct access bucket = {.resource = SPAN_LIT("arn:aws:s3:::b/k")};
static const struct access queue = {
        .resource = SPAN_LIT("arn:aws:sqs:eu-west-1:" ACCOUNT ":jobs"),
        .passed_to = SPAN_LIT("lambda.amazonaws.com")};
static const struct access anywhere = {.resource = SPAN_LIT("arn:aws:sqs:eu-west-1:*:jobs")};

#define ABSENT "(absent)"
#define UNKNOWN "(unknown)"

static const struct {
	const struct call *call;
	const struct context *context;
	const struct access *access;
	const char *key, *want;
} shown[] = {
        {&by_role, &direct, &bucket, "aws:requestedregion", "eu-west-1"},
        {&by_user, &direct, &bucket, "aws:requestedregion", UNKNOWN},
        {&by_role, &direct, &bucket, "ec2:region", "eu-west-1"},
        {&by_role, &direct, &bucket, "aws:sourceip", "192.0.2.7"},
        {&by_role, &ipv6, &bucket, "aws:sourceip", "2001:db8:1:2::"},
        {&by_role, &through_endpoint, &bucket, "aws:sourceip", ABSENT},
        {&by_role, &through_service, &bucket, "aws:sourceip", UNKNOWN},
        {&by_role, &captured, &bucket, "aws:sourceip", UNKNOWN},
        {&by_role, &direct, &bucket, "aws:vpcsourceip", ABSENT},
        {&by_role, &through_endpoint, &bucket, "aws:vpcsourceip", "10.0.0.7"},
        {&by_role, &captured, &bucket, "aws:vpcsourceip", UNKNOWN},
        {&by_role, &direct, &bucket, "aws:sourcevpce", ABSENT},
        {&by_role, &through_endpoint, &bucket, "aws:sourcevpce", "vpce-1"},
        {&by_role, &captured, &bucket, "aws:sourcevpce", UNKNOWN},
        {&by_role, &direct, &bucket, "aws:sourcevpc", ABSENT},
        {&by_role, &through_endpoint, &bucket, "aws:sourcevpc", UNKNOWN},
        {&by_role, &direct, &bucket, "aws:multifactorauthpresent", "true"},
        {&by_role, &through_endpoint, &bucket, "aws:multifactorauthpresent", "false"},
        {&by_role, &captured, &bucket, "aws:multifactorauthpresent", UNKNOWN},
        {&by_role, &direct, &bucket, "aws:multifactorauthage", UNKNOWN},
        {&by_role, &through_endpoint, &bucket, "aws:multifactorauthage", ABSENT},
        {&by_role, &direct, &bucket, "aws:securetransport", "true"},
        {&by_role, &through_endpoint, &bucket, "aws:securetransport", "false"},
        {&by_role, &captured, &bucket, "aws:securetransport", UNKNOWN},
        {&by_role, &direct, &bucket, "aws:calledvia", ABSENT},
        {&by_role, &through_service, &bucket, "aws:calledvia", "athena.amazonaws.com"},
        {&by_role, &through_service, &bucket, "aws:calledvialast", "athena.amazonaws.com"},
        {&by_role, &direct, &bucket, "aws:calledviafirst", ABSENT},
        {&by_role, &through_service, &bucket, "aws:calledviafirst", UNKNOWN},
        {&by_role, &direct, &bucket, "aws:viaawsservice", "false"},
        {&by_role, &through_service, &bucket, "aws:viaawsservice", "true"},
        {&by_role, &direct, &bucket, "kms:viaservice", ABSENT},
        {&by_role, &through_service, &bucket, "kms:viaservice", "athena.eu-west-1.amazonaws.com"},
        {&by_user, &through_service, &bucket, "kms:viaservice", UNKNOWN},
        {&by_role, &direct, &bucket, "aws:principalarn", "arn:aws:iam::" ACCOUNT ":role/app"},
        {&by_key, &direct, &bucket, "aws:principalarn", UNKNOWN},
        {&by_role, &direct, &bucket, "aws:principalaccount", ACCOUNT},
        {&by_key, &direct, &bucket, "aws:principalaccount", UNKNOWN},
        {&by_role, &direct, &bucket, "kms:calleraccount", ACCOUNT},
        {&by_role, &direct, &bucket, "aws:principaltype", "AssumedRole"},
        {&by_user, &direct, &bucket, "aws:principaltype", "User"},
        {&by_root, &direct, &bucket, "aws:principaltype", "Account"},
        {&by_federated, &direct, &bucket, "aws:principaltype", "FederatedUser"},
        {&by_nobody, &direct, &bucket, "aws:principaltype", "Anonymous"},
        {&by_key, &direct, &bucket, "aws:principaltype", UNKNOWN},
        {&by_user, &direct, &bucket, "aws:username", "bob"},
        {&by_role, &direct, &bucket, "aws:username", ABSENT},
        {&by_key, &direct, &bucket, "aws:username", UNKNOWN},
        {&by_role, &direct, &bucket, "aws:principaltag/team", "blue"},
        {&by_role, &direct, &bucket, "aws:principaltag/cost", UNKNOWN},
        {&by_role, &captured, &bucket, "aws:principaltag/team", UNKNOWN},
        {&by_role, &direct, &bucket, "aws:principalisawsservice", "false"},
        {&by_role, &direct, &bucket, "aws:principalservicename", ABSENT},
        {&by_role, &direct, &bucket, "aws:currenttime", "2026-09-01T10:00:00Z"},
        {&by_role, &direct, &bucket, "aws:epochtime", "2026-09-01T10:00:00Z"},
        {&by_role, &direct, &bucket, "aws:resourceaccount", UNKNOWN},
        {&by_role, &direct, &queue, "aws:resourceaccount", ACCOUNT},
        {&by_role, &direct, &anywhere, "aws:resourceaccount", UNKNOWN},
        {&by_role, &direct, &queue, "iam:passedtoservice", "lambda.amazonaws.com"},
        {&by_role, &direct, &bucket, "iam:passedtoservice", UNKNOWN},
        {&by_role, &direct, &bucket, "ec2:instancetype", "m5.large"},
        {&by_role, &direct, &bucket, "rds:databaseengine", "mysql"},
        {&by_role, &direct, &bucket, "secretsmanager:name", UNKNOWN}, /* two values */
        {&by_role, &direct, &bucket, "kms:keyspec", UNKNOWN},         /* not kept */
        {&by_role, &direct, &bucket, "kms:keyusage", UNKNOWN},        /* not there */
        {&by_role, &direct, &bucket, "s3:nosuchkey", UNKNOWN},
};

static void every_source_of_a_key(void **state)
{
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		struct observation o = {shown[i].call, shown[i].context, shown[i].access,
		                        1788256800};
		struct span key = span_of(shown[i].key);
		struct request_keys keys;
		observed_keys(&o, &key, 1, &arena, &keys);
		struct span got = keys.n == 0          ? SPAN_LIT(ABSENT)
		                  : keys.v[0].unknown ? SPAN_LIT(UNKNOWN)
		                                      : keys.v[0].values[0];
		if (!span_is(got, shown[i].want))
			fail_msg("row %zu, %s: %.*s, not %s", i, shown[i].key, SPAN_ARG(got),
			         shown[i].want);
	}
	arena_release(&arena);
}

static void a_resource_with_unknown_parts(void **state)
{
	struct arena arena;
	bool partial = false;
	arena_init(&arena);
	struct span s = observed_resource(SPAN_LIT("arn:aws:s3:::b/${*}${?}${$}"), &arena, &partial);
	assert_true(span_is(s, "arn:aws:s3:::b/*?$") && !partial);
	s = observed_resource(SPAN_LIT("a*b?c${"), &arena, &partial);
	assert_true(partial && s.n == 7);
	assert_true(s.p[1] == PATTERN_UNKNOWN_RUN && s.p[3] == PATTERN_UNKNOWN_CHAR);
	arena_release(&arena);
}

static void an_action_without_resources(void **state)
{
	struct arena arena;
	struct request r;
	struct access a = {.action = SPAN_LIT("ec2:DescribeVpcs"),
	                   .resource = SPAN_LIT("*"),
	                   .origin = ORIGIN_NONE};
	struct observation o = {&by_role, &direct, &a, 0};
	arena_init(&arena);
	observed_request(&o, NULL, 0, &arena, &r);
	assert_true(span_is(r.resource, "*") && !r.resource_partial && r.keys.n == 0);
	a.origin = ORIGIN_PARTIAL;
	observed_request(&o, NULL, 0, &arena, &r);
	assert_true(r.resource_partial && r.resource.p[0] == PATTERN_UNKNOWN_RUN);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_source_of_a_key),
	        cmocka_unit_test(a_resource_with_unknown_parts),
	        cmocka_unit_test(an_action_without_resources),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
