/* fetch.c - commands: brings logs from AWS: from a bucket, LookupEvents, a log group. */
#include "config.h"

#include "cmd/fetch.h"

#include "app/fetch-policy.h"
#include "app/fetch-s3.h"
#include "base/alloc.h"
#include "base/when.h"
#include "cli/options.h"
#include "cli/plain.h"
#include "cli/printing.h"
#include "cmd/ingest-report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	JOBS = 16, /* a transfer mostly waits: more than cores */
	MOST_JOBS = 256,
	MOST_NAMES = 1000, /* accounts or regions */
	MOST_TIMEOUT = 3600,
};

enum {
	OPT_DB,
	OPT_OUTPUT,
	OPT_SINCE,
	OPT_UNTIL,
	OPT_ACCOUNT,
	OPT_REGION,
	OPT_JOBS,
	OPT_JSON,
	OPT_PROFILE,
	OPT_ENDPOINT,
	OPT_PAYS,
	OPT_UNSIGNED,
	OPT_DUAL,
	OPT_FIPS,
	OPT_TIMEOUT,
	OPT_DEBUG,
	OPT_POLICY,
	OPT_MAPPINGS,
};

static const struct option_spec fetch_options[] = {
        [OPT_DB] = {"db", 0, ARG_FILE, "FILE", NULL,
                    "the database (default: $IAMREPLAY_DB, else iamreplay.db)"},
        [OPT_OUTPUT] = {"output", 'o', ARG_DIR, "DIR", NULL,
                        "write files below DIR in place of filling the database"},
        [OPT_SINCE] = {"since", 0, ARG_TIME, "TIME", NULL, "only events from TIME on"},
        [OPT_UNTIL] = {"until", 0, ARG_TIME, "TIME", NULL,
                       "only events up to TIME; a day counts as a whole"},
        [OPT_ACCOUNT] = {"account", 0, ARG_TEXT, "ID", NULL,
                         "of a bucket: only this account's; may be repeated"},
        [OPT_REGION] = {"region", 0, ARG_TEXT, "NAME", NULL,
                        "only this region's logs; may be repeated"},
        [OPT_JOBS] = {"jobs", 'j', ARG_NUMBER, "N", NULL, "N transfers at once (16)"},
        [OPT_JSON] = {"json", 0, ARG_NONE, NULL, NULL, "print the counts as JSON"},
        [OPT_PROFILE] = {"profile", 0, ARG_TEXT, "NAME", NULL,
                         "the profile of the AWS config and credentials files"},
        [OPT_ENDPOINT] = {"endpoint-url", 0, ARG_TEXT, "URL", NULL,
                          "ask the service there and not at AWS"},
        [OPT_PAYS] = {"requester-pays", 0, ARG_NONE, NULL, NULL,
                      "of a bucket whose owner wants that: pay for the requests"},
        [OPT_UNSIGNED] = {"no-sign-request", 0, ARG_NONE, NULL, NULL,
                          "without credentials, for public buckets"},
        [OPT_DUAL] = {"dual-stack", 0, ARG_NONE, NULL, NULL, "use endpoints that have IPv6"},
        [OPT_FIPS] = {"fips", 0, ARG_NONE, NULL, NULL, "use FIPS endpoints"},
        [OPT_TIMEOUT] = {"timeout", 0, ARG_NUMBER, "SECONDS", NULL,
                         "try again after so long without a byte (60)"},
        [OPT_DEBUG] = {"debug", 0, ARG_NONE, NULL, NULL, "tell each request on standard error"},
        [OPT_POLICY] = {"print-policy", 0, ARG_NONE, NULL, NULL,
                        "print the IAM policy that this needs, and end"},
        [OPT_MAPPINGS] =
                {"mappings", 0, ARG_DIR, "DIR", NULL,
                 "read the mapping from DIR (default: $IAMREPLAY_MAPPINGS, else built in)"},
        {NULL, 0, ARG_NONE, NULL, NULL, NULL},
};

struct names {
	const char *v[MOST_NAMES];
	size_t n;
};

struct fetching {
	const struct command *self;
	const char *source;  /* first operand */
	const char *operand; /* second one, or NULL */
	const char *output;
	struct names accounts, regions;
	bool json, requester_pays, print_policy;
	struct ingest_request ingest;
	struct session_options session;
};

/* ---- the command line */

static bool add_name(struct names *names, const char *value)
{
	if (names->n == MOST_NAMES)
		return false;
	names->v[names->n++] = value;
	return true;
}

static void on_trace(void *data, const char *line)
{
	print_plain(stderr, "%s\n", line);
}

static bool is_account(const char *s)
{
	return strlen(s) == 12 && strspn(s, "0123456789") == 12;
}

static bool take_number(const char *value, uint64_t most, uint64_t *out)
{
	return options_number(value, 1, most, out);
}

/* EXIT_DONE, or the status of a usage error that was printed. */
static int take_option(struct fetching *f, int index, const char *value)
{
	int64_t t;
	uint64_t n;
	switch (index) {
	case OPT_DB: f->ingest.db = value; return EXIT_DONE;
	case OPT_OUTPUT: f->output = value; return EXIT_DONE;
	case OPT_MAPPINGS: f->ingest.mappings = value; return EXIT_DONE;
	case OPT_JSON: f->json = true; return EXIT_DONE;
	case OPT_PROFILE: f->session.profile = value; return EXIT_DONE;
	case OPT_ENDPOINT: f->session.endpoint_url = value; return EXIT_DONE;
	case OPT_PAYS: f->requester_pays = true; return EXIT_DONE;
	case OPT_UNSIGNED: f->session.no_sign_request = true; return EXIT_DONE;
	case OPT_DUAL: f->session.dual_stack = true; return EXIT_DONE;
	case OPT_FIPS: f->session.fips = true; return EXIT_DONE;
	case OPT_DEBUG: f->session.trace = on_trace; return EXIT_DONE;
	case OPT_POLICY: f->print_policy = true; return EXIT_DONE;
	case OPT_JOBS:
		return take_number(value, MOST_JOBS, &f->ingest.jobs)
		               ? EXIT_DONE
		               : options_usage(f->self, "-j takes 1 to %d, not '%s'", MOST_JOBS,
		                               value);
	case OPT_TIMEOUT:
		if (!take_number(value, MOST_TIMEOUT, &n))
			return options_usage(f->self, "--timeout takes 1 to %d, not '%s'",
			                     MOST_TIMEOUT, value);
		f->session.timeout = (unsigned)n;
		return EXIT_DONE;
	case OPT_ACCOUNT:
		return is_account(value) && add_name(&f->accounts, value)
		               ? EXIT_DONE
		               : options_usage(f->self, "--account takes 12 digits, not '%s'",
		                               value);
	case OPT_REGION:
		return endpoint_region_sound(span_of(value)) && add_name(&f->regions, value)
		               ? EXIT_DONE
		               : options_usage(f->self, "'%s' is no region's name", value);
	default:
		if (!when_parse_bound(span_of(value), index == OPT_UNTIL, &t))
			return options_usage(f->self,
			                     "'%s' is no time such as 2026-01-31 or "
			                     "2026-01-31T08:00:00Z",
			                     value);
		if (index == OPT_UNTIL)
			f->ingest.window.until = t + 1;
		else
			f->ingest.window.since = t;
		return EXIT_DONE;
	}
}

static int check(const struct fetching *f, int operands)
{
	if (operands == 0)
		return options_usage(f->self, "from where? (s3://BUCKET/PREFIX)");
	if (!fetch_is_source(f->source))
		return options_usage(f->self, "'%s' is nothing to fetch from: s3://BUCKET/PREFIX",
		                     f->source);
	if (operands > 1)
		return options_usage(f->self, "one source at a time");
	if (f->output && f->ingest.db)
		return options_usage(f->self, "either --output or --db");
	if (f->ingest.window.since >= f->ingest.window.until)
		return options_usage(f->self, "--since lies behind --until");
	return EXIT_DONE;
}

/* False: end with *exit_status. */
static bool read_line(const struct command *self, int argc, char **argv, struct fetching *f,
                      int *exit_status)
{
	struct options o;
	const char *value;
	int index;
	*f = (struct fetching){.self = self, .ingest = {.jobs = JOBS, .window = STORE_WINDOW_ALL}};
	options_init(&o, self, argc, argv);
	while ((index = options_next(&o, &value)) >= 0)
		if ((*exit_status = take_option(f, index, value)) != EXIT_DONE)
			return false;
	*exit_status = o.exit_status;
	if (index == OPTIONS_EXIT)
		return false;
	f->source = o.operands > 0 ? argv[1] : NULL;
	f->operand = o.operands > 1 ? argv[2] : NULL;
	*exit_status = check(f, o.operands);
	return *exit_status == EXIT_DONE;
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

static int report_files(const struct fetching *f, const struct fetch_files_totals *t)
{
	if (f->json) {
		printf("{\n  \"files\": {\"fetched\": %" PRIu64 ", \"unchanged\": %" PRIu64
		       ", \"failed\": %" PRIu64 "},\n  \"bytes\": %" PRIu64 "\n}\n",
		       t->fetched, t->unchanged, t->failed, t->bytes);
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

static int run_s3(struct fetching *f, struct session *session)
{
	struct fetch_s3_options o = {
	        .session = session,
	        .requester_pays = f->requester_pays,
	        .jobs = (unsigned)f->ingest.jobs,
	        .stop = f->session.stop,
	        .trail = {.accounts = f->accounts.v,
	                  .regions = f->regions.v,
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

static int print_policy(const struct fetching *f, const struct session *session)
{
	struct fetch_policy policy = {
	        .kind = FETCH_S3,
	        .partition = endpoint_partition(span_of(session_region(session))),
	        .accounts = f->accounts.v,
	        .regions = f->regions.v,
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
	int exit_status = f->print_policy ? print_policy(f, session) : run_s3(f, session);
	session_close(session);
	return exit_status;
}

int fetch_for_ingest(const struct command *self, const struct ingest_request *request, bool json)
{
	if (request->n_names > 1)
		return options_usage(self, "a bucket is read alone: one s3:// and nothing else");
	struct fetching *f = xcalloc(1, sizeof *f);
	f->self = self;
	f->source = request->names[0];
	f->ingest = *request;
	f->ingest.jobs = JOBS;
	f->json = json;
	int exit_status = run_fetching(f);
	free(f);
	return exit_status;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct fetching *f = xcalloc(1, sizeof *f);
	int exit_status;
	if (read_line(self, argc, argv, f, &exit_status))
		exit_status = run_fetching(f);
	free(f);
	return exit_status;
}

const struct command command_fetch = {
        .name = "fetch",
        .usage = "[OPTION]... s3://BUCKET[/PREFIX]",
        .summary = "bring logs from AWS, into the database or as files",
        .options = fetch_options,
        .examples = "  iamreplay fetch s3://my-trail\n"
                    "  iamreplay fetch --since 2026-01 --account 111122223333 s3://my-trail\n"
                    "  iamreplay fetch -o logs s3://my-trail/AWSLogs/\n",
        .run = run,
};
