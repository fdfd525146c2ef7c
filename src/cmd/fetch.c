/* fetch.c - commands: brings logs from AWS: from a bucket, LookupEvents, a log group. */
#include "config.h"

#include "cmd/fetch.h"

#include "app/fetch-policy.h"
#include "app/fetch-s3.h"
#include "base/alloc.h"
#include "base/when.h"
#include "cli/plain.h"
#include "cli/printing.h"
#include "cli/shared-options.h"
#include "cmd/ingest-report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	JOBS = 16, /* a transfer mostly waits: more than cores */
	MOST_JOBS = 256,
	MOST_TIMEOUT = 3600,
};

struct fetching {
	const struct command *self;
	const char *source; /* the operand */
	const char *output;
	struct text_list accounts, regions;
	bool json, requester_pays, print_policy, debug;
	struct ingest_request ingest;
	struct session_options session;
};

static bool is_region(const char *value)
{
	return endpoint_region_sound(span_of(value));
}

static const struct option which_rows[] = {
        {.name = "account",
         .kind = OPTION_LIST,
         .field = offsetof(struct fetching, accounts),
         .value = "ID",
         .check = is_account_id,
         .takes = "12 digits",
         .help = "of a bucket: only this account's; may be repeated"},
        {.name = "region",
         .kind = OPTION_LIST,
         .field = offsetof(struct fetching, regions),
         .value = "NAME",
         .check = is_region,
         .takes = "a region's name",
         .help = "only this region's logs; may be repeated"},
        {.name = NULL},
};
static const struct option service_rows[] = {
        {.name = "profile",
         .kind = OPTION_TEXT,
         .field = offsetof(struct fetching, session.profile),
         .value = "NAME",
         .help = "the profile of the AWS config and credentials files"},
        {.name = "no-sign-request",
         .kind = OPTION_FLAG,
         .field = offsetof(struct fetching, session.no_sign_request),
         .help = "without credentials, for public buckets"},
        {.name = "requester-pays",
         .kind = OPTION_FLAG,
         .field = offsetof(struct fetching, requester_pays),
         .help = "of a bucket whose owner wants that: pay for the requests"},
        {.name = "endpoint-url",
         .kind = OPTION_TEXT,
         .field = offsetof(struct fetching, session.endpoint_url),
         .value = "URL",
         .help = "ask the service there and not at AWS"},
        {.name = "dual-stack",
         .kind = OPTION_FLAG,
         .field = offsetof(struct fetching, session.dual_stack),
         .help = "use endpoints that have IPv6"},
        {.name = "fips",
         .kind = OPTION_FLAG,
         .field = offsetof(struct fetching, session.fips),
         .help = "use FIPS endpoints"},
        {.name = "jobs",
         .letter = 'j',
         .kind = OPTION_NUMBER,
         .field = offsetof(struct fetching, ingest.jobs),
         .value = "N",
         .min = 1,
         .max = MOST_JOBS,
         .help = "N transfers at once (16)"},
        {.name = "timeout",
         .kind = OPTION_NUMBER,
         .field = offsetof(struct fetching, session.timeout),
         .value = "SECONDS",
         .min = 1,
         .max = MOST_TIMEOUT,
         .help = "try again after so long without a byte (60)"},
        {.name = NULL},
};
static const struct option output_rows[] = {
        {.name = "output",
         .letter = 'o',
         .kind = OPTION_DIR,
         .field = offsetof(struct fetching, output),
         .value = "DIR",
         .help = "write files below DIR in place of filling the database"},
        {.name = "json",
         .kind = OPTION_FLAG,
         .field = offsetof(struct fetching, json),
         .help = "print the counts as JSON"},
        {.name = "print-policy",
         .kind = OPTION_FLAG,
         .field = offsetof(struct fetching, print_policy),
         .help = "print the IAM policy that this needs, and end"},
        {.name = "debug",
         .kind = OPTION_FLAG,
         .field = offsetof(struct fetching, debug),
         .help = "tell each request on standard error"},
        {.name = NULL},
};
static const struct option_group which_group = {.heading = "Which events", .options = which_rows};
static const struct option_group service_group = {.heading = "How AWS is asked",
                                                  .options = service_rows};
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&options_window, offsetof(struct fetching, ingest.window)},
        {&which_group, 0},
        {&service_group, 0},
        {&output_group, 0},
        {&options_database, offsetof(struct fetching, ingest.database)},
        {NULL, 0},
};

/* ---- the command line */

static void on_trace(void *data, const char *line)
{
	print_plain(stderr, "%s\n", line);
}

static int check(struct fetching *f, const struct command_line *line)
{
	if (line->n_operands == 0)
		return options_usage(f->self, "from where? (s3://BUCKET/PREFIX)");
	f->source = line->operands[0];
	if (!fetch_is_source(f->source))
		return options_usage(f->self, "'%s' is nothing to fetch from: s3://BUCKET/PREFIX",
		                     f->source);
	if (line->n_operands > 1)
		return options_usage(f->self, "one source at a time");
	if (f->output && f->ingest.database.db)
		return options_usage(f->self, "either --output or --db");
	if (f->debug)
		f->session.trace = on_trace;
	return window_finish(f->self, &f->ingest.window) ? EXIT_DONE : EXIT_USAGE;
}

/* The texts as APIs of strings want them; in arena. */
static const char *const *strings(struct arena *arena, const struct text_list *list)
{
	const char **v = arena_calloc(arena, list->n + 1, sizeof *v);
	for (size_t i = 0; i < list->n; i++)
		v[i] = list->v[i].p;
	return v;
}

/* ---- into the database */

static int into_database(struct fetching *f, const struct pipeline_feed *feed,
                         double (*done)(void *data), void *data)
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
	progress_wipe(&progress);
	if (status == STATUS_OK)
		exit_status = ingest_report(f->self->name, f->json, &progress, totals);
	else
		print_err(f->self->name, &err);
	free(totals);
	return exit_status;
}

/* ---- into files */

static double s3_done(void *data)
{
	return fetch_s3_progress(data);
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

static int into_files(struct fetching *f, struct fetch_s3 *from)
{
	struct file_progress progress = {.drawn = 0};
	struct fetch_files_totals totals;
	struct err err;
	err_clear(&err);
	f->ingest.feed = fetch_s3_feed(from);
	progress_begin(&progress.line, &f->ingest);
	progress.line.done = s3_done;
	progress.line.done_data = from;
	enum status status = fetch_s3_files(from, f->output, files_problem,
	                                    progress.line.terminal ? files_progress : NULL,
	                                    &progress, &totals, &err);
	progress_wipe(&progress.line);
	if (status == STATUS_OK)
		return report_files(f, &totals);
	print_err(f->self->name, &err);
	return EXIT_NOT_DONE;
}

/* ---- from a bucket */

static void on_note(void *data, const char *line)
{
	const struct fetching *f = data;
	print_plain(stderr, "%s: %s\n", f->source, line);
}

static int run_s3(struct fetching *f, struct session *session, struct arena *arena)
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
	if (!s3_parse(f->source, &o.bucket, &o.trail.prefix))
		return options_usage(f->self, "'%s' is no s3://BUCKET/PREFIX", f->source);
	struct fetch_s3 *from = fetch_s3_new(&o);
	int exit_status = f->output ? into_files(f, from)
	                            : into_database(f, fetch_s3_feed(from), s3_done, from);
	fetch_s3_free(from);
	return exit_status;
}

/* ---- the command */

bool fetch_is_source(const char *name)
{
	return strncmp(name, "s3://", 5) == 0;
}

static int print_policy(const struct fetching *f, const struct session *session,
                        struct arena *arena)
{
	struct fetch_policy policy = {
	        .kind = FETCH_S3,
	        .partition = endpoint_partition(span_of(session_region(session))),
	        .accounts = strings(arena, &f->accounts),
	        .regions = strings(arena, &f->regions),
	        .n_accounts = f->accounts.n,
	        .n_regions = f->regions.n,
	};
	struct buf out;
	if (!s3_parse(f->source, &policy.bucket, &policy.prefix))
		return options_usage(f->self, "'%s' is no s3://BUCKET/PREFIX", f->source);
	buf_init(&out, 1 << 24);
	bool fine = fetch_policy_write(&policy, &out);
	if (fine)
		fputs(buf_str(&out), stdout);
	buf_release(&out);
	return fine ? EXIT_DONE : EXIT_NOT_DONE;
}

static int run_fetching(struct fetching *f)
{
	struct session *session;
	struct err err;
	err_clear(&err);
	f->session.stop = stop_on_signals();
	f->session.service = "s3";
	if (session_open(&f->session, &session, &err) != STATUS_OK) {
		print_err(f->self->name, &err);
		return EXIT_NOT_DONE;
	}
	struct arena arena;
	arena_init(&arena);
	int exit_status =
	        f->print_policy ? print_policy(f, session, &arena) : run_s3(f, session, &arena);
	arena_release(&arena);
	session_close(session);
	return exit_status;
}

int fetch_for_ingest(const struct command *self, const struct ingest_request *request, bool json)
{
	if (request->n_names > 1)
		return options_usage(self, "a bucket is read alone: one s3:// and nothing else");
	struct fetching f = {
	        .self = self, .source = request->names[0], .ingest = *request, .json = json};
	f.ingest.jobs = JOBS;
	return run_fetching(&f);
}

static int check_and_run(struct fetching *f, const struct command_line *line)
{
	int status = check(f, line);
	return status == EXIT_DONE ? run_fetching(f) : status;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct fetching f = {.self = self, .ingest = {.jobs = JOBS, .window = STORE_WINDOW_ALL}};
	struct command_line line;
	int status = options_read(self, argc, argv, &f, &line) ? check_and_run(&f, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_fetch = {
        .name = "fetch",
        .usage = "[OPTION]... s3://BUCKET[/PREFIX]",
        .summary = "bring logs from AWS, into the database or as files",
        .options = uses,
        .examples = "  iamreplay fetch s3://my-trail\n"
                    "  iamreplay fetch --since 2026-01 --account 111122223333 s3://my-trail\n"
                    "  iamreplay fetch -o logs s3://my-trail/AWSLogs/\n",
        .run = run,
};
