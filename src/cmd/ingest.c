/* ingest.c - commands: reads logs and captures into the database. */
#include "config.h"

#include "base/alloc.h"
#include "base/when.h"
#include "cli/options.h"
#include "cli/plain.h"
#include "cli/progress.h"
#include "cmd/fetch.h"
#include "cmd/ingest-report.h"

#include <stdlib.h>
#include <unistd.h>

enum { MOST_JOBS = 256 };

enum { OPT_DB, OPT_JOBS, OPT_SINCE, OPT_UNTIL, OPT_JSON, OPT_MAPPINGS };

static const struct option_spec ingest_options[] = {
        [OPT_DB] = {"db", 0, ARG_FILE, "FILE", NULL,
                    "the database (default: $IAMREPLAY_DB, else iamreplay.db)"},
        [OPT_JOBS] = {"jobs", 'j', ARG_NUMBER, "N", NULL,
                      "read N files at once (default: one a core)"},
        [OPT_SINCE] = {"since", 0, ARG_TIME, "TIME", NULL, "only events from TIME on"},
        [OPT_UNTIL] = {"until", 0, ARG_TIME, "TIME", NULL,
                       "only events up to TIME; a day counts as a whole"},
        [OPT_JSON] = {"json", 0, ARG_NONE, NULL, NULL, "print the counts as JSON"},
        [OPT_MAPPINGS] =
                {"mappings", 0, ARG_DIR, "DIR", NULL,
                 "read the mapping from DIR (default: $IAMREPLAY_MAPPINGS, else built in)"},
        {NULL, 0, ARG_NONE, NULL, NULL, NULL},
};

struct line {
	struct ingest_request request;
	bool json;
};

/* ---- the command */

static unsigned cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > MOST_JOBS ? MOST_JOBS : (unsigned)n;
}

/* False after a usage error was printed or --help was given; *exit_status tells. */
static bool read_line(const struct command *self, int argc, char **argv, struct line *l,
                      int *exit_status)
{
	struct ingest_request *q = &l->request;
	struct options o;
	const char *value;
	uint64_t number;
	int64_t t;
	int index;
	*l = (struct line){.request = {.jobs = cores(), .window = STORE_WINDOW_ALL}};
	options_init(&o, self, argc, argv);
	while ((index = options_next(&o, &value)) >= 0) {
		switch (index) {
		case OPT_DB: q->db = value; break;
		case OPT_MAPPINGS: q->mappings = value; break;
		case OPT_JSON: l->json = true; break;
		case OPT_JOBS:
			if (!options_number(value, 1, MOST_JOBS, &number)) {
				*exit_status = options_usage(self, "-j takes 1 to %d, not '%s'",
				                             MOST_JOBS, value);
				return false;
			}
			q->jobs = number;
			break;
		default:
			if (!when_parse_bound(span_of(value), index == OPT_UNTIL, &t)) {
				*exit_status = options_usage(self,
				                             "'%s' is no time such as 2026-01-31 "
				                             "or 2026-01-31T08:00:00Z",
				                             value);
				return false;
			}
			if (index == OPT_UNTIL)
				q->window.until = t + 1;
			else
				q->window.since = t;
			break;
		}
	}
	*exit_status = o.exit_status;
	if (index == OPTIONS_EXIT)
		return false;
	q->names = argv + 1;
	q->n_names = (size_t)o.operands;
	if (q->n_names == 0)
		*exit_status =
		        options_usage(self, "which files or folders? ('-' reads standard input)");
	else if (q->window.since >= q->window.until)
		*exit_status = options_usage(self, "--since lies behind --until");
	else
		return true;
	return false;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l;
	struct err err;
	struct progress progress;
	int exit_status;
	if (!read_line(self, argc, argv, &l, &exit_status))
		return exit_status;
	if (fetch_is_source(l.request.names[0]))
		return fetch_for_ingest(self, &l.request, l.json);
	err_clear(&err);
	const atomic_bool *stop = stop_on_signals();
	progress_begin(&progress, &l.request);
	const struct ingest_callbacks callbacks = {
	        .stop = stop,
	        .data = &progress,
	        .problem = progress_problem,
	        .progress = progress.terminal ? progress_draw : NULL,
	};
	struct pipeline_totals *totals = xcalloc(1, sizeof *totals);
	enum status status = ingest_run(&l.request, &callbacks, totals, &err);
	progress_wipe(&progress);
	if (status == STATUS_OK) {
		exit_status = ingest_report("ingest", l.json, &progress, totals);
	} else {
		print_err("ingest", &err);
		exit_status = EXIT_NOT_DONE;
	}
	free(totals);
	return exit_status;
}

const struct command command_ingest = {
        .name = "ingest",
        .usage = "[OPTION]... SOURCE...",
        .summary = "read CloudTrail logs and captures into the database",
        .options = ingest_options,
        .examples = "  iamreplay ingest AWSLogs/\n"
                    "  iamreplay ingest --db team.db --since 2026-01-01 cloudtrail/*.json.gz\n"
                    "  aws s3 cp s3://bucket/file.json.gz - | iamreplay ingest -\n",
        .run = run,
};
