/* fetch-sources.c - commands: see fetch-sources.h. */
#include "config.h"

#include "cmd/fetch-sources.h"

#include "app/fetch-athena.h"
#include "app/fetch-iam.h"
#include "app/fetch-s3.h"
#include "app/fetch-windows.h"
#include "base/alloc.h"
#include "base/json-writer.h"
#include "base/read-file.h"
#include "base/when.h"
#include "base/write-file.h"
#include "cli/options.h"
#include "cli/plain.h"
#include "cmd/ingest-report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The texts as APIs of strings want them; in arena. */
static const char *const *strings(struct arena *arena, const struct text_list *list)
{
	const char **v = arena_calloc(arena, list->n + 1, sizeof *v);
	for (size_t i = 0; i < list->n; i++)
		v[i] = list->v[i].p;
	return v;
}

/* ---- into the database */

bool fetch_has_rows(const struct fetching *f)
{
	return !f->output && !f->print_policy && f->kind != FETCH_IAM;
}

int fetch_take(struct fetching *f, const struct pipeline_feed *feed, double (*done)(void *data),
               void *data)
{
	struct progress progress;
	struct err err;
	int exit_status = EXIT_NOT_DONE;
	err_clear(&err);
	f->ingest.feed = feed;
	progress_begin(&progress, &f->ingest);
	progress.done = done;
	progress.done_data = data;
	const struct ingest_callbacks callbacks = {
	        .stop = f->session.stop,
	        .data = &progress,
	        .problem = progress_problem,
	        .progress = progress.terminal ? progress_draw : NULL,
	};
	struct pipeline_totals *totals = xcalloc(1, sizeof *totals);
	enum status status = ingest_run(&f->ingest, &callbacks, totals, &err);
	progress_clear(&progress);
	if (status == STATUS_OK)
		exit_status = ingest_report(f->self->name, f->json, &progress, totals);
	else
		print_err(f->self->name, &err);
	free(totals);
	return exit_status;
}

/* By way of the process that has the database. */
static int into_database(struct fetching *f, const struct pipeline_feed *feed,
                         double (*done)(void *data), void *data)
{
	int exit_status = feed_serve(f->server, feed, f->ingest.jobs, done, data);
	return exit_status == FEED_GONE ? EXIT_NOT_DONE : exit_status;
}

/* ---- into files */

static double s3_done(void *data)
{
	return fetch_s3_progress(data);
}

static double windows_done(void *data)
{
	return fetch_windows_progress(data);
}

struct file_progress {
	struct progress line;
	int64_t drawn; /* ms */
};

static void files_problem(void *data, const struct err *err)
{
	struct file_progress *p = data;
	progress_problem(&p->line, err, false);
}

static void files_progress(void *data, const struct fetch_files_totals *t)
{
	enum { TICK_MS = 200 };
	struct file_progress *p = data;
	int64_t now = when_steady_ms();
	if (now - p->drawn < TICK_MS)
		return;
	p->drawn = now;
	const struct pipeline_totals totals = {
	        .read = t->fetched, .unchanged = t->unchanged, .failed = t->failed};
	progress_draw(&p->line, &totals, t->bytes);
}

static void print_json(const struct fetch_files_totals *t)
{
	struct json_writer w;
	json_to_file(&w, stdout, LAYOUT_INDENT);
	json_begin_object(&w);
	json_key(&w, "files");
	json_begin_object_as(&w, LAYOUT_LINE);
	json_member_u64(&w, "fetched", t->fetched);
	json_member_u64(&w, "unchanged", t->unchanged);
	json_member_u64(&w, "failed", t->failed);
	json_end_object(&w);
	json_member_u64(&w, "bytes", t->bytes);
	json_end_object(&w);
	print_json_end(&w);
}

static int report_files(const struct fetching *f, const struct fetch_files_totals *t)
{
	if (f->json) {
		print_json(t);
	} else {
		printf("%12" PRIu64 "  files fetched", t->fetched);
		if (t->unchanged)
			printf(", %" PRIu64 " there already", t->unchanged);
		if (t->failed)
			printf(", %" PRIu64 " could not be fetched", t->failed);
		printf("\n%12" PRIu64 "  bytes\n", t->bytes);
	}
	if (atomic_load(f->session.stop)) {
		fprintf(stderr, "iamreplay %s: interrupted; the same command goes on from here\n",
		        f->self->name);
		return EXIT_NOT_DONE;
	}
	return t->failed ? EXIT_PARTLY : EXIT_DONE;
}

static void begin_files(struct fetching *f, struct file_progress *p,
                        const struct pipeline_feed *feed, double (*done)(void *data), void *data)
{
	*p = (struct file_progress){.drawn = 0};
	f->ingest.feed = feed;
	progress_begin(&p->line, &f->ingest);
	p->line.done = done;
	p->line.done_data = data;
}

static int end_files(struct fetching *f, struct file_progress *p, enum status status,
                     const struct fetch_files_totals *totals, const struct err *err)
{
	progress_clear(&p->line);
	if (status == STATUS_OK)
		return report_files(f, totals);
	print_err(f->self->name, err);
	return EXIT_NOT_DONE;
}

static int s3_into_files(struct fetching *f, struct fetch_s3 *from)
{
	struct file_progress progress;
	struct fetch_files_totals totals;
	struct err err;
	err_clear(&err);
	begin_files(f, &progress, fetch_s3_feed(from), s3_done, from);
	enum status status = fetch_s3_files(from, f->output, files_problem,
	                                    progress.line.terminal ? files_progress : NULL,
	                                    &progress, &totals, &err);
	return end_files(f, &progress, status, &totals, &err);
}

static int windows_into_files(struct fetching *f, struct fetch_windows *from)
{
	struct file_progress progress;
	struct fetch_files_totals totals;
	struct err err;
	err_clear(&err);
	begin_files(f, &progress, fetch_windows_feed(from), windows_done, from);
	enum status status = fetch_windows_files(from, f->output, files_problem,
	                                         progress.line.terminal ? files_progress : NULL,
	                                         &progress, &totals, &err);
	return end_files(f, &progress, status, &totals, &err);
}

/* ---- from a bucket */

static void on_note(void *data, const char *line)
{
	const struct fetching *f = data;
	print_plain(stderr, "%s: %s\n", f->source, line);
}

static int run_s3(struct fetching *f, struct session *session, struct arena *arena, const char *url)
{
	struct fetch_s3_options o = {
	        .session = session,
	        .requester_pays = f->requester_pays,
	        .jobs = f->ingest.jobs,
	        .stop = f->session.stop,
	        .trail = {.accounts = strings(arena, &f->accounts),
	                  .regions = strings(arena, &f->regions),
	                  .n_accounts = f->accounts.n,
	                  .n_regions = f->regions.n,
	                  .since = f->ingest.window.since,
	                  .until = f->ingest.window.until,
	                  .note = on_note,
	                  .data = f},
	};
	if (!s3_parse(url, &o.bucket, &o.trail.prefix))
		return options_usage(f->self, "'%s' is no s3://BUCKET/PREFIX", url);
	struct fetch_s3 *from = fetch_s3_new(&o);
	int exit_status = f->output ? s3_into_files(f, from)
	                            : into_database(f, fetch_s3_feed(from), s3_done, from);
	fetch_s3_free(from);
	return exit_status;
}

/* ---- from LookupEvents and log groups */

/* What it will take, and what would be better. */
static void tell_estimate(const struct fetching *f, const struct fetch_windows *w, size_t regions)
{
	uint64_t calls = fetch_windows_count(w);
	if (f->kind != FETCH_CLOUDTRAIL)
		return;
	fprintf(stderr,
	        "LookupEvents gives 50 events a call and 2 calls a second in a region: at least "
	        "%" PRIu64 " calls, %" PRIu64 " minutes; 100,000 events take 17 minutes.\n"
	        "It has management events of 90 days. A trail's bucket has all of it, faster: "
	        "iamreplay fetch s3://BUCKET\n",
	        calls, calls / regions / 120 + 1);
}

static bool set_window(struct fetching *f, struct fetch_windows_options *o)
{
	int64_t oldest = 0;
	o->now = when_wall_ms() / 1000;
	o->since = f->ingest.window.since;
	o->until = f->ingest.window.until < o->now ? f->ingest.window.until : o->now;
	if (f->kind == FETCH_CLOUDTRAIL)
		oldest = o->now - (int64_t)LOOKUP_DAYS * WHEN_DAY_SECONDS;
	if (o->since < oldest && o->since != WHEN_FIRST && f->kind == FETCH_CLOUDTRAIL)
		fprintf(stderr, "LookupEvents has nothing older than %d days\n", LOOKUP_DAYS);
	if (o->since < oldest)
		o->since = oldest;
	return o->since < o->until;
}

static int run_windows(struct fetching *f, struct session *session, struct arena *arena)
{
	const char *region = session_region(session);
	char account[16];
	struct err err;
	struct fetch_windows_options o = {
	        .session = session,
	        .group = f->kind == FETCH_LOGS ? f->operand : NULL,
	        .account = account,
	        .regions = f->regions.n ? strings(arena, &f->regions) : &region,
	        .n_regions = f->regions.n ? f->regions.n : 1,
	        .stop = f->session.stop,
	};
	if (!f->regions.n && !*region)
		return options_usage(f->self, "which region? (--region NAME)");
	if (!set_window(f, &o))
		return options_usage(f->self, "there is nothing between --since and --until");
	o.jobs = o.n_regions < f->ingest.jobs ? (unsigned)o.n_regions : f->ingest.jobs;
	f->ingest.jobs = o.jobs;
	err_clear(&err);
	struct client *c = session_client(session);
	enum status status = session_account(session, c, account, &err);
	client_free(c);
	if (status != STATUS_OK) {
		print_err(f->self->name, &err);
		return EXIT_NOT_DONE;
	}
	struct fetch_windows *w = fetch_windows_new(&o);
	tell_estimate(f, w, o.n_regions);
	int exit_status = f->output ? windows_into_files(f, w)
	                            : into_database(f, fetch_windows_feed(w), windows_done, w);
	fetch_windows_free(w);
	return exit_status;
}

/* ---- from Athena */

/* What Athena keeps itself, into DIR/athena/ID.csv. */
static int rows_into_file(struct fetching *f, struct athena_result *r)
{
	struct err err;
	struct span bytes;
	const char *file;
	char path[4096];
	err_clear(&err);
	spool_end(&r->rows, &bytes, &file);
	int n = snprintf(path, sizeof path, "%s/athena/%s", f->output, r->name);
	enum status status =
	        n > 0 && (size_t)n < sizeof path
	                ? fetch_write_file(path, strlen(f->output), &r->rows, WHEN_FIRST, &err)
	                : err_set(&err, STATUS_STOP, "write", "the file's name is too long");
	if (status != STATUS_OK) {
		print_err(f->self->name, &err);
		return EXIT_NOT_DONE;
	}
	const struct fetch_files_totals totals = {.fetched = 1, .bytes = file ? 0 : bytes.n};
	return report_files(f, &totals);
}

static int take_result(struct fetching *f, struct session *session, struct arena *arena,
                       struct athena_result *result)
{
	if (result->location)
		return run_s3(f, session, arena, result->location);
	if (f->output)
		return rows_into_file(f, result);
	f->ingest.jobs = 1;
	return into_database(f, athena_result_feed(result), NULL, NULL);
}

/* The worse of two exit statuses. */
static int worse(int a, int b)
{
	return a > b ? a : b;
}

/* One statement: its result is one object. */
static int run_statement(struct fetching *f, struct fetch_athena *q, struct arena *arena)
{
	struct err err;
	struct athena_result result;
	int exit_status = EXIT_NOT_DONE;
	err_clear(&err);
	err_at_file(&err, "athena");
	athena_result_init(&result);
	enum status status =
	        q->statement.n > LIMIT_STATEMENT
	                ? err_set(&err, STATUS_STOP, "statement",
	                          "a statement is longer than the %zu bytes that Athena takes",
	                          LIMIT_STATEMENT)
	                : fetch_athena_run(q, &result, &err);
	if (status == STATUS_OK)
		exit_status = take_result(f, q->session, arena, &result);
	else
		print_err(f->self->name, &err);
	athena_result_release(&result);
	return exit_status;
}

static int run_athena(struct fetching *f, struct session *session, struct arena *arena)
{
	struct err err;
	struct buf text;
	struct fetch_athena q = {
	        .session = session,
	        .region = f->regions.n ? f->regions.v[0].p : session_region(session),
	        .workgroup = f->workgroup,
	        .database = f->database,
	        .output = f->results,
	        .note = on_note,
	        .data = f,
	};
	int exit_status = EXIT_DONE;
	if (!*q.region)
		return options_usage(f->self, "which region? (--region NAME)");
	err_clear(&err);
	buf_init(&text, LIMIT_STATEMENTS);
	if (file_read(f->query_file, &text, &err) != STATUS_OK) {
		print_err(f->self->name, &err);
		exit_status = EXIT_NOT_DONE;
	}
	f->regions.n = 0; /* that was Athena's; a result is one object */
	struct span rest = buf_span(&text);
	while (rest.p && exit_status != EXIT_NOT_DONE) {
		q.statement = athena_statement(&rest);
		exit_status = worse(exit_status, run_statement(f, &q, arena));
	}
	buf_release(&text);
	return exit_status;
}

/* ---- from IAM */

static int run_iam(struct fetching *f, struct session *session)
{
	struct err err;
	struct buf out;
	err_clear(&err);
	buf_init(&out, LIMIT_ACCOUNT_DETAILS);
	err_at_file(&err, "iam");
	enum status status =
	        f->last_accessed ? fetch_iam_last_accessed(session, f->last_accessed, &out, &err)
	                         : fetch_iam_details(session, &out, &err);
	if (status == STATUS_OK && f->output)
		status = file_replace(f->output, buf_span(&out), 0, &err);
	else if (status == STATUS_OK)
		fwrite(buf_str(&out), 1, out.n, stdout);
	buf_release(&out);
	if (status == STATUS_OK)
		return EXIT_DONE;
	print_err(f->self->name, &err);
	return EXIT_NOT_DONE;
}

/* ---- all of them */

static int print_policy(const struct fetching *f, const struct session *session,
                        struct arena *arena)
{
	struct fetch_policy policy = {
	        .kind = f->kind,
	        .partition = endpoint_partition(span_of(session_region(session))),
	        .accounts = strings(arena, &f->accounts),
	        .regions = strings(arena, &f->regions),
	        .n_accounts = f->accounts.n,
	        .n_regions = f->regions.n,
	        .group = f->operand,
	        .workgroup = f->workgroup ? f->workgroup : "primary",
	        .database = f->database,
	        .last_accessed = f->last_accessed != NULL,
	};
	struct buf out;
	if (f->results && !s3_parse(f->results, &policy.result_bucket, &policy.result_prefix))
		return options_usage(f->self, "'%s' is no s3://BUCKET/PREFIX", f->results);
	if (f->kind == FETCH_ATHENA)
		fprintf(stderr,
		        "not in it: s3:GetObject and s3:ListBucket where the tables' data lie%s\n",
		        f->results ? ""
		                   : ", and the result's place, which is the workgroup's "
		                     "(--output-location names it)");
	if (f->kind == FETCH_S3 && !s3_parse(f->source, &policy.bucket, &policy.prefix))
		return options_usage(f->self, "'%s' is no s3://BUCKET/PREFIX", f->source);
	buf_init(&out, 1 << 24);
	bool fine = fetch_policy_write(&policy, &out);
	if (fine)
		fputs(buf_str(&out), stdout);
	buf_release(&out);
	return fine ? EXIT_DONE : EXIT_NOT_DONE;
}

static int run_kind(struct fetching *f, struct session *session, struct arena *arena)
{
	if (f->print_policy)
		return print_policy(f, session, arena);
	switch (f->kind) {
	case FETCH_S3: return run_s3(f, session, arena, f->source);
	case FETCH_CLOUDTRAIL:
	case FETCH_LOGS: return run_windows(f, session, arena);
	case FETCH_ATHENA: return run_athena(f, session, arena);
	case FETCH_IAM: return run_iam(f, session);
	}
	return EXIT_NOT_DONE;
}

int fetch_run(struct fetching *f, struct session *session)
{
	struct arena arena;
	arena_init(&arena);
	int exit_status = run_kind(f, session, &arena);
	arena_release(&arena);
	return exit_status;
}
