/* ingest.c - commands: reads logs and captures into the database. */
#include "config.h"

#include "base/alloc.h"
#include "base/when.h"
#include "cli/plain.h"
#include "cli/progress.h"
#include "cli/shared-options.h"
#include "cmd/fetch.h"
#include "cmd/ingest-report.h"

#include <stdlib.h>
#include <unistd.h>

enum { MOST_JOBS = 256 };

struct line {
	struct ingest_request request;
	bool json, reduce;
	int64_t close; /* the last second of the days to be closed, or WHEN_FIRST */
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
static const struct option_group reduce_group = {.heading = "What is kept",
                                                 .options = reduce_rows};
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&options_window, offsetof(struct line, request.window)},
        {&source_group, 0},
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
	if (status == STATUS_OK)
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
	if (l->reduce && w->since != WHEN_FIRST && w->since != when_day(w->since) * WHEN_DAY_SECONDS)
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
	if (line->n_operands == 0)
		return take_in(l);
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
