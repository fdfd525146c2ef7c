/* test_csm.c - client-side monitoring: one datagram, and attempts joined with their call. */
#include "unit.h"

#include "events/csm.h"
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

struct seen {
	int n;
	char text[16][400];
};

static void note_call(void *data, const struct csm_datagram *d)
{
	struct seen *seen = data;
	if (seen->n < 16)
		snprintf(seen->text[seen->n], sizeof seen->text[0], "%.*s.%.*s %.*s %.*s %u %.*s",
		         SPAN_ARG(d->service), SPAN_ARG(d->api), SPAN_ARG(d->access_key),
		         SPAN_ARG(d->request_id), d->status, SPAN_ARG(d->exception));
	seen->n++;
}

static struct seen run(const char *const lines[], struct csm_pair_counts *counts)
{
	struct seen seen = {.n = 0};
	struct csm_pairs *p = csm_pairs_new(note_call, &seen);
	struct csm_reader *r = csm_reader_new();
	struct csm_datagram d;
	for (size_t i = 0; lines[i]; i++) {
		assert_int_equal(csm_parse(r, span_of(lines[i]), &d, NULL), STATUS_OK);
		csm_pairs_add(p, &d);
	}
	csm_pairs_flush(p);
	csm_pairs_counts(p, counts);
	csm_reader_free(r);
	csm_pairs_free(p);
	return seen;
}

#define COMMON                                                                                  \
	"\"Version\":1,\"ClientId\":\"c\",\"Region\":\"us-east-1\",\"Service\":\"S3\",\"Api\":" \
	"\"GetObject\","
#define ATTEMPT(time, rest)                                                                        \
	"{" COMMON "\"Type\":\"ApiCallAttempt\",\"Timestamp\":" time ",\"AttemptLatency\":5," rest \
	"}"
#define CALL(time, latency, rest) \
	"{" COMMON "\"Type\":\"ApiCall\",\"Timestamp\":" time ",\"Latency\":" latency "," rest "}"

static void a_call_takes_its_attempts(void **state)
{
	const char *const lines[] = {
	        ATTEMPT("1000",
	                "\"AccessKey\":\"AKIA1\",\"HttpStatusCode\":500,\"XAmznRequestId\":\"r1\""),
	        ATTEMPT("1020",
	                "\"AccessKey\":\"AKIA1\",\"HttpStatusCode\":200,\"XAmznRequestId\":\"r2\""),
	        CALL("1000", "30", "\"AttemptCount\":2,\"FinalHttpStatusCode\":200"), NULL};
	struct csm_pair_counts counts;
	struct seen seen = run(lines, &counts);
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.text[0], "S3.GetObject AKIA1 r2 200 ");
	assert_int_equal(counts.attempts, 2);
	assert_int_equal(counts.local, 0);
}

static void calls_side_by_side_keep_apart(void **state)
{
	const char *const lines[] = {
	        ATTEMPT("1000",
	                "\"AccessKey\":\"AKIA1\",\"HttpStatusCode\":200,\"XAmznRequestId\":\"r1\""),
	        ATTEMPT("1001", "\"AccessKey\":\"AKIA1\",\"HttpStatusCode\":403,\"XAmznRequestId\":"
	                        "\"r2\",\"AwsException\":\"AccessDenied\""),
	        CALL("1000", "10", "\"AttemptCount\":1,\"FinalHttpStatusCode\":200"),
	        CALL("1000", "12",
	             "\"AttemptCount\":1,\"FinalHttpStatusCode\":403,\"FinalAwsException\":"
	             "\"AccessDenied\""),
	        NULL};
	struct csm_pair_counts counts;
	struct seen seen = run(lines, &counts);
	assert_int_equal(seen.n, 2);
	assert_string_equal(seen.text[0], "S3.GetObject AKIA1 r1 200 ");
	assert_string_equal(seen.text[1], "S3.GetObject AKIA1 r2 403 AccessDenied");
}

static void what_never_left_is_no_call(void **state)
{
	const char *const lines[] = {
	        /* Go: a parameter was missing, nothing was sent */
	        CALL("1000", "1",
	             "\"AttemptCount\":0,\"FinalHttpStatusCode\":0,\"FinalSdkException\":"
	             "\"InvalidParameter\""),
	        /* JavaScript: the host does not answer */
	        ATTEMPT("2000", "\"AccessKey\":\"AKIA1\",\"SdkException\":\"UnknownEndpoint\""),
	        CALL("2000", "9", "\"AttemptCount\":1,\"FinalSdkException\":\"UnknownEndpoint\""),
	        /* botocore: sent, and no answer in time */
	        ATTEMPT("3000", "\"AccessKey\":\"AKIA1\",\"SdkException\":\"ReadTimeoutError\""),
	        CALL("3000", "9", "\"AttemptCount\":1,\"FinalSdkException\":\"ReadTimeoutError\""),
	        NULL};
	struct csm_pair_counts counts;
	struct seen seen = run(lines, &counts);
	assert_int_equal(counts.local, 2);
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.text[0], "S3.GetObject AKIA1  0 ");
}

static void a_call_alone_is_a_call(void **state)
{
	/* with a bearer token no attempt is sent */
	const char *const lines[] = {CALL("1000", "9", "\"FinalHttpStatusCode\":200"), NULL};
	struct csm_pair_counts counts;
	struct seen seen = run(lines, &counts);
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.text[0], "S3.GetObject   200 ");
}

static void attempts_without_call_are_calls_once(void **state)
{
	const char *const lines[] = {
	        ATTEMPT("1000",
	                "\"AccessKey\":\"AKIA1\",\"HttpStatusCode\":503,\"XAmznRequestId\":\"r1\""),
	        ATTEMPT("1100",
	                "\"AccessKey\":\"AKIA1\",\"HttpStatusCode\":200,\"XAmznRequestId\":\"r2\""),
	        ATTEMPT("1200",
	                "\"AccessKey\":\"AKIA1\",\"HttpStatusCode\":200,\"XAmznRequestId\":\"r3\""),
	        NULL};
	struct csm_pair_counts counts;
	struct seen seen = run(lines, &counts);
	assert_int_equal(seen.n, 2);
	assert_string_equal(seen.text[0], "S3.GetObject AKIA1 r2 200 ");
	assert_string_equal(seen.text[1], "S3.GetObject AKIA1 r3 200 ");
}

static void far_away_attempts_belong_elsewhere(void **state)
{
	const char *const lines[] = {
	        ATTEMPT("1000",
	                "\"AccessKey\":\"AKIA1\",\"HttpStatusCode\":200,\"XAmznRequestId\":\"r1\""),
	        CALL("900000", "9", "\"FinalHttpStatusCode\":200"), NULL};
	struct csm_pair_counts counts;
	struct seen seen = run(lines, &counts);
	assert_int_equal(seen.n, 2);
	assert_string_equal(seen.text[0], "S3.GetObject   200 ");
	assert_string_equal(seen.text[1], "S3.GetObject AKIA1 r1 200 ");
}

static void hostile_datagrams_are_named(void **state)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
	        {"", "bad-json"},
	        {"{", "bad-json"},
	        {"\xff\xfe", "bad-json"},
	        {"[]", "not-csm"},
	        {"{}", "not-csm"},
	        {"{\"Type\":\"ApiCall\"}", "not-csm"},
	        {"{\"Type\":7,\"Service\":\"S3\",\"Api\":\"X\"}", "not-csm"},
	        {"{\"Type\":\"ApiCall\",\"Service\":\"\",\"Api\":\"X\"}", "not-csm"},
	        {"{\"Type\":\"ApiCall\",\"Service\":\"S3\",\"Api\":\"X\",\"Timestamp\":-1}",
	         "not-csm"},
	        {"{\"Type\":\"ApiCall\",\"Service\":\"S3\",\"Api\":\"X\",\"Timestamp\":1e300}",
	         "not-csm"},
	        {"{\"Type\":\"ApiCall\",\"Service\":\"S3\",\"Api\":\"X\",\"AttemptCount\":"
	         "4000000000}",
	         "not-csm"},
	};
	struct csm_reader *r = csm_reader_new();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct csm_datagram d;
		struct err e;
		err_clear(&e);
		assert_int_equal(csm_parse(r, span_of(cases[i].text), &d, &e), STATUS_SKIP);
		assert_string_equal(e.reason, cases[i].reason);
	}
	struct buf deep;
	buf_init(&deep, LIMIT_CSM_BYTES);
	while (deep.n < LIMIT_CSM_BYTES)
		buf_add_char(&deep, '[');
	struct csm_datagram d;
	struct err e;
	err_clear(&e);
	assert_int_equal(csm_parse(r, buf_span(&deep), &d, &e), STATUS_SKIP);
	assert_string_equal(e.reason, "bad-json");
	buf_release(&deep);
	csm_reader_free(r);
}

static void a_flood_is_held_within_bounds(void **state)
{
	struct seen seen = {.n = 0};
	struct csm_pairs *p = csm_pairs_new(note_call, &seen);
	struct csm_datagram d = {.type = CSM_ATTEMPT,
	                         .service = SPAN_LIT("S3"),
	                         .api = SPAN_LIT("GetObject"),
	                         .status = 200,
	                         .attempts = 1,
	                         .time_ms = 1};
	for (int i = 0; i < 100000; i++)
		csm_pairs_add(p, &d);
	assert_true(seen.n >= 100000 - (int)LIMIT_CSM_HELD);
	csm_pairs_flush(p);
	assert_int_equal(seen.n, 100000);
	csm_pairs_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_call_takes_its_attempts),
	        cmocka_unit_test(calls_side_by_side_keep_apart),
	        cmocka_unit_test(what_never_left_is_no_call),
	        cmocka_unit_test(a_call_alone_is_a_call),
	        cmocka_unit_test(attempts_without_call_are_calls_once),
	        cmocka_unit_test(far_away_attempts_belong_elsewhere),
	        cmocka_unit_test(hostile_datagrams_are_named),
	        cmocka_unit_test(a_flood_is_held_within_bounds),
	};
	return cmocka_run_group_tests_name("csm", tests, NULL, NULL);
}
