/* test_cloudtrail.c - every member of a CloudTrail record that an event has, and members of odd
 * types. */
#include "unit.h"

#include "events/decoder.h"

struct got {
	struct event e;
	int events, ignored;
	const char *kind;
};

static void on_event(void *data, const struct event *e)
{
	struct got *g = data;
	g->e = *e;
	g->events++;
}

static void on_ignored(void *data, const char *kind)
{
	struct got *g = data;
	g->kind = kind;
	g->ignored++;
}

static void on_lost(void *data, const struct err *err)
{
	fail();
}

static enum status decode(const char *text, struct arena *arena, struct got *g, struct err *err)
{
	const struct event_sink sink = {g, on_event, on_ignored, on_lost};
	const struct record rec = {.text = span_of(text), .form = RECORD_CLOUDTRAIL, .ordinal = 1};
	*g = (struct got){.events = 0};
	err_clear(err);
	return decoder_for(RECORD_CLOUDTRAIL)->decode(NULL, &rec, arena, &sink, err);
}

#define IS(span, text) assert_true(span_is(span, text))

static const char whole[] =
        "{\"eventVersion\":\"1.09\",\"userIdentity\":{\"type\":\"AssumedRole\",\"principalId\":"
        "\"AROA:s\","
        "\"arn\":\"arn:aws:sts::111122223333:assumed-role/r/"
        "s\",\"accountId\":\"111122223333\",\"accessKeyId\":\"ASIA1\","
        "\"userName\":\"u\",\"sessionContext\":{\"sessionIssuer\":{\"type\":\"Role\","
        "\"principalId\":\"AROA\","
        "\"arn\":\"arn:aws:iam::111122223333:role/p/"
        "r\",\"accountId\":\"111122223333\",\"userName\":\"r\"},"
        "\"webIdFederationData\":{\"federatedProvider\":\"accounts.example.com\",\"attributes\":{"
        "\"x\":1}},"
        "\"attributes\":{\"creationDate\":\"2026-01-02T03:00:00Z\",\"mfaAuthenticated\":\"true\"},"
        "\"sourceIdentity\":\"ann\"},"
        "\"invokedBy\":\"athena.amazonaws.com\",\"identityProvider\":\"idp\",\"credentialId\":"
        "\"cred\","
        "\"onBehalfOf\":{\"userId\":\"uid\",\"identityStoreArn\":\"arn:aws:identitystore::1:"
        "identitystore/d-1\"}},"
        "\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":"
        "\"GetObject\","
        "\"awsRegion\":\"eu-west-1\",\"sourceIPAddress\":\"192.0.2.1\",\"userAgent\":"
        "\"a\\u0067ent\",\"errorCode\":\"NoSuchKey\","
        "\"errorMessage\":\"no "
        "\\\"key\\\"\",\"requestParameters\":{\"bucketName\":\"b\"},\"responseElements\":null,"
        "\"additionalEventData\":{\"a\":1},\"requestID\":\"req\",\"eventID\":\"id\",\"readOnly\":"
        "true,\"resources\":["
        "{\"accountId\":\"111122223333\",\"type\":\"AWS::S3::Bucket\",\"ARN\":\"arn:aws:s3:::b\"},"
        "{\"type\":\"AWS::S3::Object\",\"ARNPrefix\":\"arn:aws:s3:::b/"
        "\"},17,{}],\"eventType\":\"AwsApiCall\","
        "\"managementEvent\":false,\"recipientAccountId\":\"444455556666\",\"sharedEventID\":"
        "\"shared\","
        "\"vpcEndpointId\":\"vpce-1\",\"vpcEndpointAccountId\":\"777788889999\",\"tlsDetails\":{"
        "\"tlsVersion\":\"TLSv1.3\"},"
        "\"unknownMember\":{\"a\":[1,2,{\"b\":null}]}}";

static void all_members_are_taken(void **state)
{
	struct arena arena;
	struct got g;
	struct err err;
	arena_init(&arena);
	assert_int_equal(decode(whole, &arena, &g, &err), STATUS_OK);
	assert_int_equal(g.events, 1);
	const struct event *e = &g.e;
	const struct event_identity *id = &e->identity;
	assert_int_equal(e->kind, EVENT_CALL);
	assert_int_equal(e->observer, OBSERVED_CLOUDTRAIL);
	assert_int_equal(e->time, 1767323045);
	IS(e->text, whole);
	IS(e->version, "1.09");
	IS(e->type, "AwsApiCall");
	IS(e->source, "s3.amazonaws.com");
	IS(e->name, "GetObject");
	IS(e->region, "eu-west-1");
	IS(e->recipient, "444455556666");
	IS(e->request_id, "req");
	IS(e->shared_id, "shared");
	IS(e->id, "id");
	IS(e->source_ip, "192.0.2.1");
	IS(e->user_agent, "agent");
	IS(e->vpc_endpoint, "vpce-1");
	IS(e->vpc_endpoint_account, "777788889999");
	IS(e->tls_version, "TLSv1.3");
	IS(e->error_code, "NoSuchKey");
	IS(e->error_message, "no \"key\"");
	IS(e->request, "{\"bucketName\":\"b\"}");
	assert_null(e->response.p);
	IS(e->additional, "{\"a\":1}");
	assert_int_equal(e->read_only, TRI_YES);
	assert_int_equal(e->management, TRI_NO);
	assert_true(id->present);
	IS(id->type, "AssumedRole");
	IS(id->principal_id, "AROA:s");
	IS(id->arn, "arn:aws:sts::111122223333:assumed-role/r/s");
	IS(id->account, "111122223333");
	IS(id->access_key, "ASIA1");
	IS(id->user_name, "u");
	IS(id->invoked_by, "athena.amazonaws.com");
	IS(id->identity_provider, "idp");
	IS(id->source_identity, "ann");
	IS(id->federated_provider, "accounts.example.com");
	IS(id->identity_store_arn, "arn:aws:identitystore::1:identitystore/d-1");
	IS(id->on_behalf_of_user, "uid");
	IS(id->credential_id, "cred");
	IS(id->issuer.type, "Role");
	IS(id->issuer.principal_id, "AROA");
	IS(id->issuer.arn, "arn:aws:iam::111122223333:role/p/r");
	IS(id->issuer.account, "111122223333");
	IS(id->issuer.user_name, "r");
	assert_int_equal(id->mfa, TRI_YES);
	assert_int_equal(e->n_resources, 2);
	IS(e->resources[0].arn, "arn:aws:s3:::b");
	IS(e->resources[0].account, "111122223333");
	assert_false(e->resources[0].prefix);
	IS(e->resources[1].arn, "arn:aws:s3:::b/");
	IS(e->resources[1].type, "AWS::S3::Object");
	assert_true(e->resources[1].prefix);
	arena_release(&arena);
}

static void odd_types_are_no_error(void **state)
{
	static const char *const values[] = {
	        "null",
	        "17",
	        "true",
	        "\"x\"",
	        "[]",
	        "{}",
	        "[[{\"arn\":1}]]",
	        "{\"sessionContext\":[],\"arn\":{},\"type\":7,\"ARN\":[]}"};
	static const char *const keys[] = {"userIdentity",       "resources",
	                                   "tlsDetails",         "requestParameters",
	                                   "responseElements",   "readOnly",
	                                   "errorCode",          "eventID",
	                                   "awsRegion",          "eventType",
	                                   "recipientAccountId", "s3",
	                                   "insightDetails",     "additionalEventData",
	                                   "eventVersion"};
	struct arena arena;
	struct got g;
	struct err err;
	arena_init(&arena);
	for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
		for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
			struct span text =
			        arena_printf(&arena,
			                     "{\"%s\":%s,\"eventTime\":\"2026-01-02T03:04:05Z\","
			                     "\"eventSource\":\"s\",\"eventName\":\"n\"}",
			                     keys[k], values[v]);
			assert_int_equal(decode(text.p, &arena, &g, &err), STATUS_OK);
			assert_int_equal(g.events + g.ignored, 1);
		}
	assert_int_equal(decode("{\"userIdentity\":{\"arn\":\"a\"},\"userIdentity\":{\"type\":"
	                        "\"Root\"},\"eventTime\":1767323045,"
	                        "\"eventSource\":\"s\",\"eventName\":\"n\",\"readOnly\":\"TRUE\"}",
	                        &arena, &g, &err),
	                 STATUS_OK);
	assert_null(g.e.identity.arn.p);
	IS(g.e.identity.type, "Root");
	assert_int_equal(g.e.time, 1767323045);
	assert_int_equal(g.e.read_only, TRI_YES);
	arena_release(&arena);
}

/* Whoever garbles an error must not make a success of it. */
static void an_error_is_never_absent(void **state)
{
	static const struct {
		const char *members, *code, *message;
	} cases[] = {
	        {"", "", ""},
	        {",\"errorCode\":null,\"errorMessage\":null", "", ""},
	        {",\"errorCode\":{\"code\":\"AccessDenied\"}", "Unreadable", ""},
	        {",\"errorCode\":[]", "Unreadable", ""},
	        {",\"errorCode\":403", "403", ""},
	        {",\"errorMessage\":{}", "", "Unreadable"},
	        {",\"errorCode\":\"AccessDenied\",\"errorCode\":null", "AccessDenied", ""},
	        {",\"errorCode\":\"AccessDenied\",\"errorCode\":\"\"", "AccessDenied", ""},
	        {",\"errorCode\":\"AccessDenied\",\"errorCode\":\"AccessDenied\"", "AccessDenied",
	         ""},
	        {",\"errorCode\":\"AccessDenied\",\"errorCode\":\"AlreadyExists\"", "Unreadable",
	         ""},
	        {",\"error\\u0043ode\":\"AccessDenied\"", "AccessDenied", ""},
	};
	struct arena arena;
	struct got g;
	struct err err;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct span text = arena_printf(&arena,
		                                "{\"eventTime\":\"2026-01-02T03:04:05Z\","
		                                "\"eventSource\":\"s\",\"eventName\":\"n\"%s}",
		                                cases[i].members);
		assert_int_equal(decode(text.p, &arena, &g, &err), STATUS_OK);
		assert_true(span_is(g.e.error_code, cases[i].code) ||
		            (!g.e.error_code.n && !*cases[i].code));
		assert_true(span_is(g.e.error_message, cases[i].message) ||
		            (!g.e.error_message.n && !*cases[i].message));
	}
	arena_release(&arena);
}

static void kinds_are_told_apart(void **state)
{
	static const struct {
		const char *member;
		enum event_kind kind;
	} kinds[] = {
	        {"\"eventType\":\"AwsApiCall\"", EVENT_CALL},
	        {"\"eventType\":\"AwsServiceEvent\"", EVENT_SERVICE},
	        {"\"eventType\":\"AwsConsoleAction\"", EVENT_CONSOLE_ACTION},
	        {"\"eventType\":\"AwsConsoleSignIn\"", EVENT_SIGN_IN},
	        {"\"eventType\":\"AwsVpceEvent\"", EVENT_NETWORK},
	        {"\"eventType\":\"Another\"", EVENT_OTHER},
	        {"\"eventVersion\":\"1.08\"", EVENT_OTHER},
	        {"\"eventVersion\":\"1.0\"", EVENT_CALL},
	};
	static const char *const ignored[][2] = {
	        {"\"eventType\":\"AwsCloudTrailInsight\"", "insight"},
	        {"\"insightDetails\":{}", "insight"},
	        {"\"s3\":{}", "s3-notification"},
	        {"\"eventSource\":\"aws:s3\"", "s3-notification"},
	        {"\"eventSource\":\"aws:sqs\"", "notification"},
	};
	struct arena arena;
	struct got g;
	struct err err;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct span text = arena_printf(
		        &arena,
		        "{\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventSource\":\"s\","
		        "\"eventName\":\"n\",%s}",
		        kinds[i].member);
		assert_int_equal(decode(text.p, &arena, &g, &err), STATUS_OK);
		assert_int_equal(g.e.kind, kinds[i].kind);
	}
	for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) {
		struct span text =
		        arena_printf(&arena, "{\"eventSource\":\"s\",%s}", ignored[i][0]);
		assert_int_equal(decode(text.p, &arena, &g, &err), STATUS_OK);
		assert_string_equal(g.kind, ignored[i][1]);
	}
	assert_int_equal(
	        decode("{\"eventSource\":\"s\",\"eventName\":\"n\",\"eventTime\":\"redacted\"}",
	               &arena, &g, &err),
	        STATUS_SKIP);
	assert_string_equal(err.reason, "bad-time");
	assert_string_equal(err.text, "'eventTime' is not a time: \"redacted\"");
	assert_int_equal(decode("{\"eventSource\":\"s\" \"eventName\":\"n\"}", &arena, &g, &err),
	                 STATUS_SKIP);
	assert_string_equal(err.reason, "bad-json");
	assert_int_equal(err.offset, 19);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(all_members_are_taken),
	        cmocka_unit_test(odd_types_are_no_error),
	        cmocka_unit_test(an_error_is_never_absent),
	        cmocka_unit_test(kinds_are_told_apart),
	};
	return cmocka_run_group_tests_name("cloudtrail", tests, NULL, NULL);
}
