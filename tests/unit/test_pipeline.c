/* test_pipeline.c - from files to the store: a run that is stopped inside a source and one that is
 * not end with the same content, with any number of threads. */
#include "unit.h"

#include "app/pipeline.h"
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RECORDS = 3000, FILES = 3 };

struct fixture {
	char dir[64];
	char *names[FILES];
};

static void write_file(const char *path, int file)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs("{\"Records\":[", f);
	for (int i = 0; i < RECORDS; i++) {
		if (i == RECORDS / 2)
			fputs("{\"eventVersion\":\"1.08\",\"eventName\":\"Broken\"},", f);
		/* Every tenth is in each file. */
		fprintf(f,
		        "%s{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T03:%02d:%02dZ\","
		        "\"eventSource\":"
		        "\"sqs.amazonaws.com\",\"eventName\":\"SendMessage\",\"awsRegion\":\"eu-"
		        "west-1\","
		        "\"eventID\":\"%d-%d\",\"eventType\":\"AwsApiCall\",\"userIdentity\":{"
		        "\"type\":\"Root\","
		        "\"arn\":\"arn:aws:iam::111122223333:root\",\"accountId\":\"111122223333\"}"
		        ","
		        "\"requestParameters\":{\"queueName\":\"q%d\"}}",
		        i ? "," : "", i / 60 % 60, i % 60, i % 10 ? file : 0, i, i % 7);
	}
	fputs("]}", f);
	assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
	struct fixture *x = calloc(1, sizeof *x);
	snprintf(x->dir, sizeof x->dir, "/tmp/iamreplay-pipeline.XXXXXX");
	if (!mkdtemp(x->dir))
		return -1;
	for (int i = 0; i < FILES; i++) {
		x->names[i] = malloc(100);
		snprintf(x->names[i], 100, "%s/%d.json", x->dir, i);
		write_file(x->names[i], i);
	}
	*state = x;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *x = *state;
	for (int i = 0; i < FILES; i++) {
		unlink(x->names[i]);
		free(x->names[i]);
	}
	rmdir(x->dir);
	free(x);
	return 0;
}

/* ---- content */

static bool on_head(void *data, const char *const *names, size_t n)
{
	return true;
}

static bool on_row(void *data, const struct cell *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (cells[i].kind == CELL_NUMBER)
			buf_addf(data, "%lld", (long long)cells[i].number);
		else if (cells[i].kind != CELL_NULL)
			buf_add_span(data, cells[i].text);
		buf_add_char(data, '|');
	}
	return buf_add_char(data, '\n');
}

static char *content_of(struct store *st)
{
	struct buf b;
	struct err err;
	buf_init(&b, (size_t)64 << 20);
	struct store_row_fn fn = {&b, on_head, on_row};
	assert_int_equal(store_report(st, "export", NULL, 0, &fn, &err), STATUS_OK);
	return buf_take(&b);
}

/* ---- runs */

struct run {
	atomic_bool stop;
	int problems, stop_at; /* stop when so many problems were told; 0: never */
};

static void on_problem(void *data, const struct err *err, bool lost)
{
	struct run *r = data;
	assert_true(lost);
	assert_int_equal(err->record, RECORDS / 2 + 1);
	if (++r->problems == r->stop_at)
		atomic_store(&r->stop, true);
}

static struct pipeline_totals run(struct store *st, struct fixture *x, unsigned jobs, int stop_at)
{
	struct run r = {.stop_at = stop_at};
	struct pipeline_totals totals;
	struct err err;
	const struct pipeline_options options = {
	        .store = st,
	        .mapping = mapping_builtin(),
	        .window = STORE_WINDOW_ALL,
	        .jobs = jobs,
	        .stop = &r.stop,
	        .data = &r,
	        .problem = on_problem,
	};
	err_clear(&err);
	assert_int_equal(pipeline_run(&options, x->names, FILES, &totals, &err), STATUS_OK);
	assert_int_equal(totals.records, totals.stored + totals.duplicates +
	                                         tally_sum(&totals.ignored) +
	                                         tally_sum(&totals.skipped));
	return totals;
}

static struct store *open_store(const char *path)
{
	const struct store_options options = {STORE_WRITE, mapping_builtin()};
	struct store *st;
	struct err err;
	err_clear(&err);
	assert_int_equal(store_open(path, &options, &st, &err), STATUS_OK);
	return st;
}

static void close_store(struct store *st)
{
	struct err err;
	assert_int_equal(store_close(st, &err), STATUS_OK);
}

static void a_stopped_run_is_taken_up(void **state)
{
	struct fixture *x = *state;
	char db[100];
	struct store *whole = open_store(":memory:");
	struct pipeline_totals all = run(whole, x, 1, 0);
	char *want = content_of(whole);
	close_store(whole);
	assert_int_equal(all.records, FILES * (RECORDS + 1));
	assert_int_equal(all.duplicates, (FILES - 1) * RECORDS / 10);
	assert_int_equal(tally_sum(&all.skipped), FILES);
	snprintf(db, sizeof db, "%s/x.db", x->dir);
	for (unsigned jobs = 1; jobs <= 4; jobs++)
		for (int stop_at = 1; stop_at <= FILES; stop_at++) {
			/* The snapshot of known sources is made when the store is opened. */
			struct store *st = open_store(db);
			struct pipeline_totals first = run(st, x, jobs, stop_at);
			close_store(st);
			assert_true(first.records < all.records);
			assert_true(first.read < FILES);
			st = open_store(db);
			struct pipeline_totals second = run(st, x, jobs, 0);
			assert_true(second.records < all.records);
			assert_int_equal(first.stored + second.stored, all.stored);
			assert_int_equal(first.records + second.records, all.records);
			assert_int_equal(second.read + second.unchanged, FILES);
			char *got = content_of(st);
			assert_string_equal(got, want);
			free(got);
			close_store(st);
			unlink(db);
		}
	free(want);
}

static void threads_change_nothing(void **state)
{
	char *want = NULL;
	for (unsigned jobs = 1; jobs <= 5; jobs++) {
		struct store *st = open_store(":memory:");
		run(st, *state, jobs, 0);
		char *got = content_of(st);
		if (want)
			assert_string_equal(got, want);
		free(want);
		want = got;
		close_store(st);
	}
	free(want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_stopped_run_is_taken_up, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(threads_change_nothing, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("pipeline", tests, NULL, NULL);
}
