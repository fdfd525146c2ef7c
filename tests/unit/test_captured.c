/* test_captured.c - lines of a capture file become events. */
#include "unit.h"

#include "events/captured.h"
#include "normalise/denial.h"

#define HEADER                                                                              \
	"{\"kind\":\"capture\",\"format\":1,\"tool\":\"t\",\"mode\":\"proxy\",\"capture\":" \
	"\"abc\",\"time\":\"2026-09-01T08:00:00.000Z\"}"
#define CALL                                                                                      \
	"{\"kind\":\"call\",\"seen\":\"proxy\",\"time\":\"2026-09-01T08:00:01.250Z\",\"source\":" \
	"\"s3.amazonaws.com\",\"name\":\"PutObject\""

static struct captured_state state_with_header(struct arena *a)
{
	struct captured_state st = {.id = ""};
	enum captured_kind kind;
	struct event e;
	assert_int_equal(captured_parse(&st, SPAN_LIT(HEADER), 5, a, &kind, &e, NULL), STATUS_OK);
	assert_int_equal(kind, CAPTURED_HEADER);
	return st;
}

static void a_call_is_an_event(void **unused)
{
	struct arena a;
	struct event e;
	enum captured_kind kind;
	arena_init(&a);
	struct captured_state st = state_with_header(&a);
	struct span line =
	        SPAN_LIT(CALL ",\"region\":\"us-east-1\",\"access_key\":\"AKIAIOSFODNN7EXAMPLE\","
	                      "\"request_id\":\"R\",\"agent\":\"a\",\"status\":403,"
	                      "\"error\":\"AccessDenied\",\"denial\":{\"by\":5,\"explicit\":true,"
	                      "\"action\":\"s3:PutObject\",\"resource\":\"arn:aws:s3:::b/k\"},"
	                      "\"params\":{\"Bucket\":\"b\",\"Key\":\"k\"},\"later\":[1,{}]}");
	assert_int_equal(captured_parse(&st, line, 7, &a, &kind, &e, NULL), STATUS_OK);
	assert_int_equal(kind, CAPTURED_CALL);
	assert_int_equal(e.kind, EVENT_CALL);
	assert_int_equal(e.observer, OBSERVED_PROXY);
	assert_int_equal(e.time, 1788249601);
	assert_true(span_is(e.source, "s3.amazonaws.com"));
	assert_true(span_is(e.identity.access_key, "AKIAIOSFODNN7EXAMPLE"));
	assert_true(span_is(e.request, "{\"Bucket\":\"b\",\"Key\":\"k\"}"));
	assert_true(span_is(e.error_message, "User: unknown is not authorized to perform: "
	                                     "s3:PutObject on resource: \"arn:aws:s3:::b/k\" "
	                                     "with an explicit deny in a service control policy"));
	assert_true(span_is(e.capture_id, "abc"));
	assert_int_equal(e.capture_line, 2);
	arena_release(&a);
}

/* Who refused, and whether a statement did, is read back as it was written: an explicit deny that
 * lost its mark would be taken for a missing allow. */
static void a_refusal_is_read_back(void **unused)
{
	struct arena a;
	arena_init(&a);
	struct captured_state st = state_with_header(&a);
	for (int by = DENIAL_UNSTATED; by <= DENIAL_OTHER; by++)
		for (int is_explicit = 0; is_explicit < 2; is_explicit++) {
			struct event e;
			struct denial d;
			enum captured_kind kind;
			struct span line = arena_printf(
			        &a,
			        CALL
			        ",\"status\":403,\"error\":\"AccessDenied\",\"denial\":{\"by\":%d,"
			        "\"explicit\":%s,\"action\":\"s3:PutObject\"}}",
			        by, is_explicit ? "true" : "false");
			assert_int_equal(captured_parse(&st, line, 7, &a, &kind, &e, NULL),
			                 STATUS_OK);
			assert_true(denial_parse(e.error_message, DENIAL_MESSAGE_CUT, &d));
			assert_int_equal(d.by, by);
			assert_int_equal(d.explicit_deny, is_explicit);
		}
	arena_release(&a);
}

static void a_status_stands_for_a_missing_code(void **unused)
{
	struct arena a;
	struct event e;
	enum captured_kind kind;
	arena_init(&a);
	struct captured_state st = state_with_header(&a);
	assert_int_equal(
	        captured_parse(&st, SPAN_LIT(CALL ",\"status\":403}"), 7, &a, &kind, &e, NULL),
	        STATUS_OK);
	assert_true(span_is(e.error_code, "403"));
	assert_int_equal(
	        captured_parse(&st, SPAN_LIT(CALL ",\"status\":200}"), 7, &a, &kind, &e, NULL),
	        STATUS_OK);
	assert_true(span_empty(e.error_code));
	assert_int_equal(
	        captured_parse(&st, SPAN_LIT(CALL ",\"status\":0}"), 7, &a, &kind, &e, NULL),
	        STATUS_OK);
	assert_true(span_is(e.error_code, "NoResponse"));
	arena_release(&a);
}

/* None of these must read as a call that went through. */
static void odd_members_are_refused(void **unused)
{
	static const char *const members[] = {
	        ",\"status\":200,\"error\":{}",
	        ",\"status\":200,\"error\":[\"AccessDenied\"]",
	        ",\"status\":200,\"error\":\"AccessDenied\",\"error\":null",
	        ",\"status\":403,\"status\":200",
	        ",\"status\":200,\"err\\u006fr\":\"AccessDenied\"",
	};
	struct arena a;
	struct event e;
	struct err err;
	enum captured_kind kind;
	arena_init(&a);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		struct captured_state st = state_with_header(&a);
		struct span line = arena_printf(&a, "%s%s}", CALL, members[i]);
		err_clear(&err);
		assert_int_equal(captured_parse(&st, line, 7, &a, &kind, &e, &err), STATUS_SKIP);
		assert_string_equal(err.reason, "bad-capture");
	}
	arena_release(&a);
}

static void an_identity_says_whose_key(void **unused)
{
	struct arena a;
	struct event e;
	enum captured_kind kind;
	arena_init(&a);
	struct captured_state st = state_with_header(&a);
	struct span line = SPAN_LIT(
	        "{\"kind\":\"identity\",\"time\":\"2026-09-01T08:00:00.900Z\",\"access_key\":"
	        "\"ASIAX\",\"arn\":\"arn:aws:sts::111122223333:assumed-role/ci/deploy\","
	        "\"role\":\"arn:aws:iam::111122223333:role/x/ci\",\"parent_key\":\"AKIAY\"}");
	assert_int_equal(captured_parse(&st, line, 7, &a, &kind, &e, NULL), STATUS_OK);
	assert_int_equal(e.kind, EVENT_IDENTITY);
	assert_true(span_is(e.identity.type, "AssumedRole"));
	assert_true(span_is(e.identity.issuer.arn, "arn:aws:iam::111122223333:role/x/ci"));
	assert_true(span_is(e.identity.parent_key, "AKIAY"));
	arena_release(&a);
}

static void what_is_wrong_is_named(void **unused)
{
	static const struct {
		bool header;
		const char *line, *reason;
	} cases[] = {
	        {false, CALL "}", "no-header"},
	        {true, "{\"kind\":\"call\"", "bad-json"},
	        {true, "{\"kind\":\"call\",\"time\":\"yesterday\"}", "bad-time"},
	        {true, "{\"kind\":\"call\",\"time\":\"2026-09-01T08:00:01Z\"}", "bad-capture"},
	        {true, "{\"kind\":\"identity\",\"time\":\"2026-09-01T08:00:01Z\",\"arn\":7}",
	         "bad-capture"},
	        {false, "{\"kind\":\"capture\",\"format\":2,\"capture\":\"x\"}", "newer-format"},
	        {false, "{\"kind\":\"capture\",\"capture\":\"x\"}", "newer-format"},
	        {false, "{\"kind\":\"capture\",\"format\":1}", "bad-capture"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena a;
		struct event e;
		struct err err;
		enum captured_kind kind;
		arena_init(&a);
		err_clear(&err);
		struct captured_state st = {.id = ""};
		if (cases[i].header)
			st = state_with_header(&a);
		assert_int_equal(
		        captured_parse(&st, span_of(cases[i].line), 9, &a, &kind, &e, &err),
		        STATUS_SKIP);
		assert_string_equal(err.reason, cases[i].reason);
		arena_release(&a);
	}
}

static void other_lines_are_passed_over(void **unused)
{
	struct arena a;
	struct event e;
	enum captured_kind kind;
	arena_init(&a);
	struct captured_state st = state_with_header(&a);
	assert_int_equal(
	        captured_parse(&st, SPAN_LIT("{\"kind\":\"summary\"}"), 9, &a, &kind, &e, NULL),
	        STATUS_OK);
	assert_int_equal(kind, CAPTURED_OTHER);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_call_is_an_event),
	        cmocka_unit_test(a_refusal_is_read_back),
	        cmocka_unit_test(a_status_stands_for_a_missing_code),
	        cmocka_unit_test(odd_members_are_refused),
	        cmocka_unit_test(an_identity_says_whose_key),
	        cmocka_unit_test(what_is_wrong_is_named),
	        cmocka_unit_test(other_lines_are_passed_over),
	};
	return cmocka_run_group_tests_name("captured", tests, NULL, NULL);
}
