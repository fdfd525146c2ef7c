/* ingest.c - commands: reads logs and captures into the database. */
#include "config.h"

#include "base/alloc.h"
#include "base/when.h"
#include "cli/options.h"
#include "cli/plain.h"
#include "cli/progress.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* ---- what the user is told */

static void print_tally(const char *name, const struct tally *t)
{
	printf(",\n  \"%s\": {", name);
	for (size_t i = 0; i < t->n; i++)
		printf("%s\"%s\": %" PRIu64, i ? ", " : "", t->rows[i].word, t->rows[i].n);
	printf("}");
}

static void print_json(const struct pipeline_totals *t)
{
	printf("{\n  \"files\": {\"read\": %" PRIu64 ", \"unchanged\": %" PRIu64
	       ", \"failed\": %" PRIu64 "}",
	       t->read, t->unchanged, t->failed);
	printf(",\n  \"records\": %" PRIu64 ",\n  \"stored\": %" PRIu64
	       ",\n  \"duplicates\": %" PRIu64 ",\n  \"conflicts\": %" PRIu64,
	       t->records, t->stored, t->duplicates, t->conflicts);
	print_tally("ignored", &t->ignored);
	print_tally("skipped", &t->skipped);
	printf(",\n  \"wrapped\": {");
	for (size_t i = 0; i < t->wrapped.n; i++)
		printf("%s\"%s\": %" PRIu64, i ? ", " : "", t->wrapped.rows[i].path,
		       t->wrapped.rows[i].n);
	printf("}\n}\n");
}

static void print_words(const char *what, const struct tally *t)
{
	if (!t->n)
		return;
	printf("%12" PRIu64 "  %s:", tally_sum(t), what);
	for (size_t i = 0; i < t->n; i++)
		printf("%s %" PRIu64 " %s", i ? "," : "", t->rows[i].n, t->rows[i].word);
	printf("\n");
}

static void print_summary(const struct pipeline_totals *t)
{
	printf("%12" PRIu64 "  files read", t->read);
	if (t->unchanged)
		printf(", %" PRIu64 " unchanged since an earlier run", t->unchanged);
	if (t->failed)
		printf(", %" PRIu64 " could not be read", t->failed);
	printf("\n");
	for (size_t i = 0; i < t->wrapped.n; i++)
		printf("%12" PRIu64 "  of them with records in %s\n", t->wrapped.rows[i].n,
		       t->wrapped.rows[i].path);
	if (t->wrapped.others)
		printf("%12" PRIu64 "  of them with records in further members\n",
		       t->wrapped.others);
	printf("%12" PRIu64 "  records\n%12" PRIu64 "  stored", t->records, t->stored);
	if (t->conflicts)
		printf(", %" PRIu64 " of them with the event id of another", t->conflicts);
	printf("\n");
	if (t->duplicates)
		printf("%12" PRIu64 "  duplicates\n", t->duplicates);
	print_words("ignored", &t->ignored);
	print_words("skipped", &t->skipped);
}

/* ---- signals */

/* A handler can reach nothing but what is static. */
static atomic_bool stop_asked;

static void on_signal(int number)
{
	atomic_store(&stop_asked, true);
}

static void catch_signals(void)
{
	/* Once: the second Ctrl-C ends the program at once, which costs no more than the first's
	 * batch. */
	struct sigaction action = {.sa_handler = on_signal,
	                           .sa_flags = (int)SA_RESETHAND | SA_RESTART};
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

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

static int tell_result(const struct line *l, const struct progress *d,
                       const struct pipeline_totals *t)
{
	if (d->untold)
		fprintf(stderr, "... and %" PRIu64 " more lost records: iamreplay query skipped\n",
		        d->untold);
	if (t->passed == 1)
		fprintf(stderr, "%s: is no log, passed over\n", t->passed_first);
	else if (t->passed)
		fprintf(stderr, "%s: is no log, passed over, as %" PRIu64 " others\n",
		        t->passed_first, t->passed - 1);
	if (t->read + t->unchanged + t->failed + t->passed == 0 && !atomic_load(&stop_asked))
		fprintf(stderr, "iamreplay ingest: there are no files\n");
	if (l->json)
		print_json(t);
	else
		print_summary(t);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "iamreplay ingest: writing failed: %s\n", strerror(errno));
		return EXIT_NOT_DONE;
	}
	if (atomic_load(&stop_asked)) {
		fprintf(stderr,
		        "iamreplay ingest: interrupted; the same command goes on from here\n");
		return EXIT_NOT_DONE;
	}
	return t->failed || t->skipped.n ? EXIT_PARTLY : EXIT_DONE;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l;
	struct err err;
	struct progress progress;
	int exit_status;
	if (!read_line(self, argc, argv, &l, &exit_status))
		return exit_status;
	err_clear(&err);
	catch_signals();
	progress_begin(&progress, &l.request);
	const struct ingest_callbacks callbacks = {
	        .stop = &stop_asked,
	        .data = &progress,
	        .problem = progress_problem,
	        .progress = progress.terminal ? progress_draw : NULL,
	};
	struct pipeline_totals *totals = xcalloc(1, sizeof *totals);
	enum status status = ingest_run(&l.request, &callbacks, totals, &err);
	progress_wipe(&progress);
	if (status == STATUS_OK) {
		exit_status = tell_result(&l, &progress, totals);
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
