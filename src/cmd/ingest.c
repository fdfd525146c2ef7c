/* ingest.c - commands: reads logs and captures into the database. */
#include "config.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/read-file.h"
#include "base/when.h"
#include "cli/plain.h"
#include "cli/progress.h"
#include "cli/shared-options.h"
#include "cmd/fetch.h"
#include "cmd/ingest-report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_JOBS = 256 };

struct line {
	struct ingest_request request;
	bool json, reduce, verify_digests;
	const char *digest_keys; /* a file */
	int64_t close;           /* the last second of the days to be closed, or WHEN_FIRST */
};

static const struct option source_rows[] = {
        {.name = "jobs",
         .letter = 'j',
         .kind = OPTION_NUMBER,
         .field = offsetof(struct line, request.jobs),
         .value = "N",
         .min = 1,
         .max = MOST_JOBS,
         .help = "read N files at once (default: one a core)"},
        {.name = "rehash",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, request.rehash),
         .help = "open all files, whatever their times and sizes say"},
        {.name = NULL},
};
static const struct option digest_rows[] = {
        {.name = "verify-digests",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, verify_digests),
         .help = "read only if all files are as CloudTrail's digests list them"},
        {.name = "digest-keys",
         .kind = OPTION_FILE,
         .field = offsetof(struct line, digest_keys),
         .value = "FILE",
         .help = "and the digests are signed: 'aws cloudtrail list-public-keys'"},
        {.name = NULL},
};
static const struct option reduce_rows[] = {
        {.name = "reduce",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, reduce),
         .help = "keep counts in place of single events, of the days up to --until"},
        {.name = "close",
         .kind = OPTION_UNTIL,
         .field = offsetof(struct line, close),
         .value = "DATE",
         .help = "the same of the days up to DATE, read now or earlier"},
        {.name = NULL},
};
static const struct option output_rows[] = {
        {.name = "json",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, json),
         .help = "print the counts as JSON"},
        {.name = "verbose",
         .letter = 'v',
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, request.verbose),
         .help = "tell what the reading is confined to"},
        {.name = NULL},
};
static const struct option_group source_group = {.heading = "How files are read",
                                                 .options = source_rows};
static const struct option_group digest_group = {.heading = "Whether files were changed",
                                                 .options = digest_rows};
static const struct option_group reduce_group = {.heading = "What is kept", .options = reduce_rows};
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&options_window, offsetof(struct line, request.window)},
        {&source_group, 0},
        {&digest_group, 0},
        {&reduce_group, 0},
        {&output_group, 0},
        {&options_database, offsetof(struct line, request.database)},
        {NULL, 0},
};

/* ---- the command */

static unsigned cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > MOST_JOBS ? MOST_JOBS : (unsigned)n;
}

static void tell_sandbox(const struct pipeline_totals *t)
{
	if (t->sandbox)
		fprintf(stderr,
		        "iamreplay ingest: read in a sandbox (Landlock %d): the sources read-only, "
		        "files written in the database's folder only\n",
		        t->sandbox);
	else
		fputs("iamreplay ingest: read without a sandbox: this kernel has no Landlock\n",
		      stderr);
}

/* ---- digests */

/* Findings that are told one by one. */
enum { TOLD_FINDINGS = 100 };

static void tell_finding(void *data, const struct err *what)
{
	struct digest_totals *totals = data;
	char line[2048];
	if (totals->findings <= TOLD_FINDINGS)
		fprintf(stderr, "%s\n", err_line(what, line, sizeof line));
}

static void tell_digests(const struct digest_totals *t, bool keys)
{
	if (t->findings > TOLD_FINDINGS)
		fprintf(stderr, "... and %zu more\n", t->findings - TOLD_FINDINGS);
	fprintf(stderr, "iamreplay ingest: %zu %s, %zu %s as listed", t->digests,
	        plural(t->digests, "digest", "digests"), t->logs, plural(t->logs, "file", "files"));
	if (keys)
		fprintf(stderr, ", %zu of %zu signatures valid", t->verified,
		        t->digests - t->chains);
	if (t->newer)
		fprintf(stderr, ", %zu %s newer than the last digest", t->newer,
		        plural(t->newer, "file is", "files are"));
	fprintf(stderr, "%s\n",
	        t->findings ? "; nothing was read, since files are not as they were delivered"
	                    : "");
}

static enum status read_keys(const char *path, struct digest_keys **out, struct err *err)
{
	struct buf text;
	buf_init(&text, LIMIT_JSON_FILE);
	enum status status = file_read(path, &text, err);
	if (status == STATUS_OK) {
		err_at_file(err, path);
		status = digest_keys_read(buf_span(&text), out, err);
	}
	buf_release(&text);
	return status;
}

static int take_in(const struct line *l);

/* The files are taken in if they are as their digests say. */
static int take_in_checked(struct line *l)
{
	struct digest_totals totals = {0};
	struct digest_keys *keys = NULL;
	struct err err;
	err_clear(&err);
	if (l->digest_keys && read_keys(l->digest_keys, &keys, &err) != STATUS_OK) {
		print_err("ingest", &err);
		return EXIT_NOT_DONE;
	}
	const struct digest_check check = {.keys = keys, .data = &totals, .finding = tell_finding};
	l->request.digests = &check;
	l->request.digest_totals = &totals;
	int exit_status = take_in(l);
	digest_keys_free(keys);
	return exit_status;
}

static int take_in(const struct line *l)
{
	struct err err;
	struct progress progress;
	int exit_status = EXIT_NOT_DONE;
	err_clear(&err);
	const atomic_bool *stop = stop_on_signals();
	progress_begin(&progress, &l->request);
	const struct ingest_callbacks callbacks = {
	        .stop = stop,
	        .data = &progress,
	        .problem = progress_problem,
	        .progress = progress.terminal ? progress_draw : NULL,
	};
	struct pipeline_totals *totals = xcalloc(1, sizeof *totals);
	enum status status = ingest_run(&l->request, &callbacks, totals, &err);
	progress_clear(&progress);
	if (l->request.verbose)
		tell_sandbox(totals);
	const struct digest_totals *digests = l->request.digest_totals;
	if (status == STATUS_OK && digests)
		tell_digests(digests, l->digest_keys != NULL);
	if (status == STATUS_OK && digests && digests->findings)
		exit_status = EXIT_PARTLY;
	else if (status == STATUS_OK)
		exit_status = ingest_report("ingest", l->json, &progress, totals);
	else
		print_err("ingest", &err);
	free(totals);
	return exit_status;
}

/* Which days are to be closed. Only whole ones are: of a part, the rest could never be added. */
static int set_close(struct line *l, const struct command *self)
{
	const struct store_window *w = &l->request.window;
	if (l->close != WHEN_FIRST) {
		l->request.close_before = when_day(l->close + 1);
		l->request.close_anyway = true;
	} else if (l->reduce && w->until == WHEN_LAST) {
		return options_usage(self, "--reduce up to which day? (--until DATE)");
	} else if (l->reduce) {
		l->request.close_before = when_day(w->until);
	}
	if (l->reduce && w->since != WHEN_FIRST &&
	    w->since != when_day(w->since) * WHEN_DAY_SECONDS)
		return options_usage(self, "--reduce takes whole days: --since is inside of one");
	return EXIT_DONE;
}

static int ingest(struct line *l, const struct command *self, const struct command_line *line)
{
	l->request.names = line->operands;
	l->request.n_names = (size_t)line->n_operands;
	if (line->n_operands == 0 && l->close == WHEN_FIRST)
		return options_usage(self, "which files or folders? ('-' reads standard input)");
	if (!window_finish(self, &l->request.window))
		return EXIT_USAGE;
	int status = set_close(l, self);
	if (status != EXIT_DONE)
		return status;
	if (l->digest_keys && !l->verify_digests)
		return options_usage(self, "--digest-keys goes with --verify-digests");
	if (line->n_operands == 0) {
		const char *path = database_path(l->request.database.db);
		if (access(path, F_OK) == 0)
			return take_in(l);
		print_plain(stderr, "iamreplay ingest: %s: there is no such database\n", path);
		return EXIT_NOT_DONE;
	}
	for (int i = 0; l->verify_digests && i < line->n_operands; i++)
		if (fetch_is_source(line->operands[i]) || strcmp(line->operands[i], "-") == 0)
			return options_usage(self, "--verify-digests takes files and folders: "
			                           "'iamreplay fetch -o DIR' brings them");
	if (l->verify_digests)
		return take_in_checked(l);
	if (fetch_is_source(l->request.names[0]))
		return fetch_for_ingest(self, &l->request, l->json);
	return take_in(l);
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.request = {.jobs = cores(),
	                             .window = STORE_WINDOW_ALL,
	                             .close_before = CLOSE_NONE},
	                 .close = WHEN_FIRST};
	struct command_line line;
	int status = options_read(self, argc, argv, &l, &line) ? ingest(&l, self, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_ingest = {
        .name = "ingest",
        .usage = "[OPTION]... SOURCE... | --close DATE",
        .summary = "read CloudTrail logs and captures into the database",
        .options = uses,
        .examples = "  iamreplay ingest AWSLogs/\n"
                    "  iamreplay ingest --db team.db --since 2026-01-01 cloudtrail/*.json.gz\n"
                    "  aws s3 cp s3://bucket/file.json.gz - | iamreplay ingest -\n",
        .run = run,
};
