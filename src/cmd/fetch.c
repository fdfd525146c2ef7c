/* fetch.c - commands: brings logs from AWS: its options and sources. */
#include "config.h"

#include "cmd/fetch.h"

#include "base/when.h"
#include "cli/plain.h"
#include "cli/shared-options.h"
#include "cmd/fetch-sources.h"
#include "cmd/ingest-report.h"

#include <malloc.h>
#include <string.h>

enum {
	JOBS = 16, /* a transfer mostly waits: more than cores */
	MOST_JOBS = 256,
	MOST_TIMEOUT = 3600,
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
static const struct option athena_rows[] = {
        {.name = "query-file",
         .kind = OPTION_FILE,
         .field = offsetof(struct fetching, query_file),
         .value = "FILE",
         .help = "the statement to run"},
        {.name = "database",
         .kind = OPTION_TEXT,
         .field = offsetof(struct fetching, database),
         .value = "NAME",
         .help = "where the statement's tables are"},
        {.name = "workgroup",
         .kind = OPTION_TEXT,
         .field = offsetof(struct fetching, workgroup),
         .value = "NAME",
         .help = "the workgroup (primary)"},
        {.name = "output-location",
         .kind = OPTION_TEXT,
         .field = offsetof(struct fetching, results),
         .value = "S3",
         .help = "s3://BUCKET/PREFIX for the result (the workgroup's)"},
        {.name = NULL},
};
static const struct option iam_rows[] = {
        {.name = "last-accessed",
         .kind = OPTION_TEXT,
         .field = offsetof(struct fetching, last_accessed),
         .value = "ARN",
         .help = "what it last used, in place of all of IAM"},
        {.name = NULL},
};
static const struct option output_rows[] = {
        {.name = "output",
         .letter = 'o',
         .kind = OPTION_FILE,
         .field = offsetof(struct fetching, output),
         .value = "DIR",
         .help = "write files below DIR in place of filling the database; iam: a file"},
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
static const struct option_group athena_group = {.heading = "A query in Athena",
                                                 .options = athena_rows};
static const struct option_group iam_group = {.heading = "From IAM", .options = iam_rows};
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&options_window, offsetof(struct fetching, ingest.window)},
        {&which_group, 0},
        {&service_group, 0},
        {&athena_group, 0},
        {&iam_group, 0},
        {&output_group, 0},
        {&options_database, offsetof(struct fetching, ingest.database)},
        {NULL, 0},
};

/* ---- the command line */

static void on_trace(void *data, const char *line)
{
	print_plain(stderr, "%s\n", line);
}

static void on_waiting(void *data, const char *line)
{
	print_plain(stderr, "iamreplay fetch: %s\n", line);
}

/* What there is to fetch from but buckets, and what service is asked. */
static const struct source {
	const char *name, *service;
	enum fetch_kind kind;
	int operands;
} sources[] = {
        {"cloudtrail", "cloudtrail", FETCH_CLOUDTRAIL, 1},
        {"logs", "logs", FETCH_LOGS, 2},
        {"athena", "athena", FETCH_ATHENA, 1},
        {"iam", "iam", FETCH_IAM, 1},
};

static int set_source(struct fetching *f, const struct command_line *line)
{
	int operands = 1;
	f->source = line->operands[0];
	f->operand = line->n_operands > 1 ? line->operands[1] : NULL;
	f->session.service = fetch_is_source(f->source) ? "s3" : NULL;
	f->kind = FETCH_S3;
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		const struct source *s = &sources[i];
		if (strcmp(f->source, s->name) != 0)
			continue;
		f->kind = s->kind;
		f->session.service = s->service;
		operands = s->operands;
	}
	if (!f->session.service)
		return options_usage(f->self,
		                     "'%s' is nothing to fetch from: s3://BUCKET/PREFIX, "
		                     "cloudtrail, logs GROUP, athena or iam",
		                     f->source);
	if (line->n_operands < operands)
		return options_usage(f->self, "which log group?");
	return line->n_operands == operands ? EXIT_DONE
	                                    : options_usage(f->self, "one source at a time");
}

static int check(struct fetching *f, const struct command_line *line)
{
	if (line->n_operands == 0)
		return options_usage(f->self, "from where? (s3://BUCKET/PREFIX, cloudtrail, "
		                              "logs GROUP, athena or iam)");
	int status = set_source(f, line);
	if (status != EXIT_DONE)
		return status;
	bool athena = f->kind == FETCH_ATHENA;
	if (f->output && f->ingest.database.db)
		return options_usage(f->self, "either --output or --db");
	if (f->kind != FETCH_S3 && (f->accounts.n || f->requester_pays))
		return options_usage(f->self, "--account and --requester-pays are for buckets");
	if (!athena && (f->query_file || f->database || f->workgroup || f->results))
		return options_usage(f->self, "--query-file, --database, --workgroup and "
		                              "--output-location are for athena");
	if (athena && !f->query_file && !f->print_policy)
		return options_usage(f->self, "which statement? (--query-file FILE)");
	if (f->last_accessed && f->kind != FETCH_IAM)
		return options_usage(f->self, "--last-accessed is for iam");
	if (f->kind == FETCH_LOGS && f->ingest.window.since == WHEN_FIRST && !f->print_policy)
		return options_usage(f->self, "since when? (--since TIME)");
	if (f->debug)
		f->session.trace = on_trace;
	return window_finish(f->self, &f->ingest.window) ? EXIT_DONE : EXIT_USAGE;
}

/* ---- the command */

bool fetch_is_source(const char *name)
{
	return strncmp(name, "s3://", 5) == 0;
}

/* glibc gives threads heaps of their own: what one of many takes and another gives back leaves
 * holes in each, which grew with the number of objects. They seldom wait for one heap. */
static void share_heap(void)
{
#ifdef M_ARENA_MAX
	mallopt(M_ARENA_MAX, 1);
#endif
}

static int run_session(struct fetching *f)
{
	struct session *session;
	struct err err;
	err_clear(&err);
	if (session_open(&f->session, &session, &err) != STATUS_OK) {
		print_err(f->self->name, &err);
		return EXIT_NOT_DONE;
	}
	int exit_status = fetch_run(f, session);
	session_close(session);
	return exit_status;
}

/* In the process that fetches. */
static int serve(void *data, struct feed_server *server)
{
	struct fetching *f = data;
	f->server = server;
	return run_session(f);
}

/* The process that reads logs has no use for them. */
static void forget_keys(void)
{
	static const char *const names[] = {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
	                                    "AWS_SECURITY_TOKEN",
	                                    "AWS_CONTAINER_AUTHORIZATION_TOKEN"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *value = getenv(names[i]);
		if (value)
			memset(value, 0, strlen(value));
		unsetenv(names[i]);
	}
}

/* Athena has a feed for each statement. */
static int take_feeds(struct fetching *f, struct feed_process *p)
{
	int exit_status = EXIT_DONE;
	bool known = f->kind != FETCH_ATHENA;
	f->ingest.confine = true;
	while (feed_process_round(p, &f->ingest.jobs)) {
		int one = fetch_take(f, feed_process_feed(p), known ? feed_process_progress : NULL,
		                     p);
		feed_process_over(p, one);
		exit_status = one > exit_status ? one : exit_status;
		f->ingest.confine = false; /* it is */
	}
	return exit_status;
}

static int run_apart(struct fetching *f)
{
	struct feed_process *p;
	struct err err;
	err_clear(&err);
	if (feed_process_start(f->ingest.jobs, f->session.stop, serve, f, &p, &err) != STATUS_OK) {
		print_err(f->self->name, &err);
		return EXIT_NOT_DONE;
	}
	forget_keys();
	int exit_status = take_feeds(f, p);
	int theirs = feed_process_end(p);
	if (theirs < 0)
		fprintf(stderr, "iamreplay %s: the process that fetches was killed\n",
		        f->self->name);
	if (theirs < 0 || theirs > exit_status)
		return theirs < 0 ? EXIT_NOT_DONE : theirs;
	return exit_status;
}

static int run_fetching(struct fetching *f)
{
	f->session.stop = stop_on_signals();
	f->session.waiting = on_waiting;
	share_heap();
	return fetch_has_rows(f) ? run_apart(f) : run_session(f);
}

int fetch_for_ingest(const struct command *self, const struct ingest_request *request, bool json)
{
	if (request->n_names > 1)
		return options_usage(self, "a bucket is read alone: one s3:// and nothing else");
	struct fetching f = {
	        .self = self, .source = request->names[0], .ingest = *request, .json = json};
	f.ingest.jobs = JOBS;
	f.session.service = "s3";
	return run_fetching(&f);
}

static int check_and_run(struct fetching *f, const struct command_line *line)
{
	int status = check(f, line);
	return status == EXIT_DONE ? run_fetching(f) : status;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct fetching f = {
	        .self = self,
	        .ingest = {.jobs = JOBS, .window = STORE_WINDOW_ALL, .close_before = CLOSE_NONE}};
	struct command_line line;
	int status = options_read(self, argc, argv, &f, &line) ? check_and_run(&f, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_fetch = {
        .name = "fetch",
        .usage = "[OPTION]... s3://BUCKET[/PREFIX]|cloudtrail|logs GROUP|athena|iam",
        .summary = "bring logs from AWS, into the database or as files",
        .options = uses,
        .examples = "  iamreplay fetch s3://my-trail\n"
                    "  iamreplay fetch --since 2026-01 --account 111122223333 s3://my-trail\n"
                    "  iamreplay fetch -o logs s3://my-trail/AWSLogs/\n"
                    "  iamreplay fetch cloudtrail --region eu-west-1 --since 2026-09-01\n"
                    "  iamreplay fetch iam -o account.json\n",
        .run = run,
};
