/* test_app.c - what the commands do, without a command: names to principals, policies, verification
 * and the texts beside them, on a database of three calls. */
#include "unit.h"

#include "app/assign-keys.h"
#include "app/ingest.h"
#include "app/policy-output.h"
#include "app/proxy-bypass.h"
#include "app/simulate.h"
#include "review/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fixture {
	char dir[64], log[100], db[100];
	uint64_t problems;
};

static void write_call(FILE *f, int n, const char *account, const char *role, const char *source,
                       const char *name, const char *params)
{
	fprintf(f,
	        "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T03:04:0%dZ\","
	        "\"eventSource\":\"%s\",\"eventName\":\"%s\",\"awsRegion\":\"eu-west-1\","
	        "\"eventID\":\"e-%d\",\"eventType\":\"AwsApiCall\",\"recipientAccountId\":\"%s\","
	        "\"userIdentity\":{\"type\":\"AssumedRole\",\"arn\":\"arn:aws:sts::%s:assumed-role/"
	        "%s/s\",\"accountId\":\"%s\",\"sessionContext\":{\"sessionIssuer\":{\"type\":"
	        "\"Role\",\"arn\":\"arn:aws:iam::%s:role/%s\",\"accountId\":\"%s\"}}},"
	        "\"requestParameters\":%s}\n",
	        n, source, name, n, account, account, role, account, account, role, account,
	        params);
}

static void on_problem(void *data, const struct err *err, bool lost)
{
	((struct fixture *)data)->problems++;
}

static int set_up(void **state)
{
	struct fixture *x = calloc(1, sizeof *x);
	atomic_bool stop = false;
	snprintf(x->dir, sizeof x->dir, "/tmp/iamreplay-app.XXXXXX");
	if (!mkdtemp(x->dir))
		return -1;
	snprintf(x->log, sizeof x->log, "%s/log.ndjson", x->dir);
	snprintf(x->db, sizeof x->db, "%s/t.db", x->dir);
	FILE *f = fopen(x->log, "w");
	write_call(f, 1, "111122223333", "ci", "s3.amazonaws.com", "GetObject",
	           "{\"bucketName\":\"data\",\"key\":\"in/a\"}");
	write_call(f, 2, "444455556666", "ci", "s3.amazonaws.com", "PutObject",
	           "{\"bucketName\":\"data\",\"key\":\"out/b\"}");
	write_call(f, 3, "111122223333", "app", "s3.amazonaws.com", "ListBuckets", "null");
	fclose(f);
	char *names[] = {x->log};
	struct ingest_request q = {.database = {.db = x->db},
	                           .window = STORE_WINDOW_ALL,
	                           .jobs = 1,
	                           .names = names,
	                           .n_names = 1};
	struct ingest_callbacks callbacks = {.stop = &stop, .data = x, .problem = on_problem};
	struct pipeline_totals totals = {.read = 0};
	struct err err;
	err_clear(&err);
	uint64_t files, bytes;
	if (ingest_run(&q, &callbacks, &totals, &err) != STATUS_OK || totals.stored != 3 ||
	    !ingest_measure(&q, 10, &files, &bytes) || files != 1 || bytes < 100)
		return -1;
	*state = x;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *x = *state;
	unlink(x->log);
	unlink(x->db);
	rmdir(x->dir);
	free(x);
	return 0;
}

static void ask(struct policy_request *r, const struct fixture *x, const char *principal)
{
	static struct span one[1];
	policy_request_init(r);
	r->database.db = x->db;
	one[0] = span_of(principal);
	if (principal)
		r->principals = (struct text_list){one, 1};
}

static void find(const struct fixture *x, const char *principal, enum subjects_how how,
                 enum status want, size_t n)
{
	struct policy_request r;
	struct policy_source s;
	struct subjects subjects;
	struct err err;
	err_clear(&err);
	ask(&r, x, principal);
	assert_int_equal(policy_source_open(&r, &s, &err), STATUS_OK);
	assert_int_equal(subjects_find(&r, &s, how, &subjects, &err), want);
	assert_int_equal(subjects.n, n);
	assert_int_equal(subjects.n_candidates, want == STATUS_SKIP ? 2 : 0);
	assert_int_equal(err_is_set(&err), want == STATUS_END);
	policy_source_close(&s);
}

static void subjects_by_name(void **state)
{
	const struct fixture *x = *state;
	find(x, "role/app", SUBJECTS_TOGETHER, STATUS_OK, 1);
	find(x, "role/ci", SUBJECTS_TOGETHER, STATUS_SKIP, 0);
	find(x, "role/c*", SUBJECTS_TOGETHER, STATUS_OK, 1);
	find(x, "role/c*", SUBJECTS_EACH, STATUS_OK, 2);
	find(x, "role/nobody", SUBJECTS_EACH, STATUS_END, 0);
	find(x, NULL, SUBJECTS_ALL_EDITABLE, STATUS_OK, 3);
}

static void no_database(void **state)
{
	struct policy_request r;
	struct policy_source s;
	struct err err;
	err_clear(&err);
	policy_request_init(&r);
	r.database.db = "/nonexistent/t.db";
	assert_int_equal(policy_source_open(&r, &s, &err), STATUS_STOP);
	assert_true(err_is_set(&err));
}

static void policy_as_text(void **state)
{
	const struct fixture *x = *state;
	const struct policy_output_options options = {.emitter = &emitters[0]};
	struct policy_request r;
	struct policy_source s;
	struct subjects subjects;
	struct gathered g;
	struct policy p;
	struct policy_output o;
	struct buf text;
	struct err err;
	err_clear(&err);
	ask(&r, x, "arn:aws:iam::111122223333:role/ci");
	buf_init(&text, 1 << 16);
	gathered_init(&g);
	policy_output_init(&o, &options);
	assert_int_equal(policy_source_open(&r, &s, &err), STATUS_OK);
	assert_int_equal(subjects_find(&r, &s, SUBJECTS_TOGETHER, &subjects, &err), STATUS_OK);
	assert_int_equal(gather_subject(&r, &s, &subjects.s[0], &g, &err), STATUS_OK);
	assert_int_equal(gather_policy(&s, &g, &p, &err), STATUS_OK);
	assert_int_equal(policy_output_text(&o, &subjects.s[0], &p, &text, &err), STATUS_OK);
	assert_true(span_find(buf_span(&text), SPAN_LIT("s3:GetObject")) >= 0);
	assert_true(span_find(buf_span(&text), SPAN_LIT("s3:PutObject")) < 0);
	policy_output_release(&o);
	policy_release(&p);
	gathered_release(&g);
	policy_source_close(&s);
	buf_release(&text);
}

static void verify_generated(void **state)
{
	const struct fixture *x = *state;
	struct policy_request r;
	struct policy_files given;
	struct policy_source s;
	struct subjects subjects;
	struct verification v;
	struct err err;
	err_clear(&err);
	ask(&r, x, NULL);
	policy_files_init(&given);
	const struct verify_options options = {.request = &r, .given = &given};
	assert_int_equal(policy_source_open(&r, &s, &err), STATUS_OK);
	assert_int_equal(subjects_find(&r, &s, SUBJECTS_ALL_EDITABLE, &subjects, &err), STATUS_OK);
	assert_int_equal(verify_subjects(&options, &s, &subjects, &v, &err), STATUS_OK);
	assert_int_equal(v.n, 3);
	assert_int_equal(v.replay.calls, 3);
	assert_int_equal(v.replay.allowed, 3);
	verification_release(&v);
	policy_source_close(&s);
	policy_files_release(&given);
}

static void names_are_counted(void **state)
{
	struct names list = {.n = 0};
	names_add(&list, SPAN_LIT("b"), 2);
	names_add(&list, SPAN_LIT("a"), 1);
	names_add(&list, SPAN_LIT("b"), 3);
	assert_true(names_add_to_recent(&list, SPAN_LIT("a"), 1));
	assert_false(names_add_to_recent(&list, SPAN_LIT("c"), 1));
	assert_int_equal(names_events(&list), 7);
	names_rank(&list);
	assert_int_equal(list.n, 2);
	assert_true(span_is(list.v[0].text, "b"));
	assert_int_equal(list.v[0].events, 5);
	names_sum(&list);
	assert_true(span_is(list.v[0].text, "a"));
	names_release(&list);
}

static void questions_by_line(void **state)
{
	struct buf out;
	buf_init(&out, 1 << 16);
	assert_false(simulate_line(SPAN_LIT("{\"action\":1}"), 7, &out));
	assert_true(span_starts(buf_span(&out), SPAN_LIT("{\"error\":\"line 7: ")));
	buf_release(&out);
}

static void keys_of_principals(void **state)
{
	struct span key, arn;
	assert_true(key_assignment("AKIAIOSFODNN7EXAMPLE=arn:aws:iam::111122223333:user/ann", &key,
	                           &arn));
	assert_true(span_is(key, "AKIAIOSFODNN7EXAMPLE"));
	assert_false(key_assignment("AKIAIOSFODNN7EXAMPLE", &key, &arn));
	assert_false(key_assignment("AKIA=arn:aws:iam::111122223333:user/ann", &key, &arn));
	assert_false(key_assignment("AKIAIOSFODNN7EXAMPLE=arn:aws:s3:::bucket", &key, &arn));
}

static void calls_past_the_proxy(void **state)
{
	struct environment e;
	struct remarks r;
	environment_init(&e);
	remarks_init(&r);
	environment_set(&e, "NO_PROXY", "localhost,.amazonaws.com");
	environment_set(&e, "AWS_ENDPOINT_URL", "http://127.0.0.1:4566");
	proxy_bypasses(&e, &r);
	assert_int_equal(r.n, 2);
	remarks_release(&r);
	environment_set(&e, "NO_PROXY", "localhost");
	environment_unset(&e, "AWS_ENDPOINT_URL");
	remarks_init(&r);
	proxy_bypasses(&e, &r);
	assert_int_equal(r.n, 0);
	remarks_release(&r);
	environment_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(subjects_by_name),   cmocka_unit_test(no_database),
	        cmocka_unit_test(policy_as_text),     cmocka_unit_test(verify_generated),
	        cmocka_unit_test(names_are_counted),  cmocka_unit_test(questions_by_line),
	        cmocka_unit_test(keys_of_principals), cmocka_unit_test(calls_past_the_proxy),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
