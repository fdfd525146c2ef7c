/* ingest.c - commands: reads logs and captures into the database. */
#include "config.h"

#include "app/database.h"
#include "app/pipeline.h"
#include "cli/options.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/when.h"
#include "bytes/walk.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MOST_JOBS = 256, MOST_PROBLEMS = 20 };

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

struct request {
	const char *db, *mappings;
	unsigned jobs;
	struct store_window window;
	bool json;
	char **names;
	size_t n_names;
};

/* ---- what the user is told */

struct display {
	uint64_t told, untold;
	bool terminal, drawn;
	uint64_t files, bytes; /* to be read, for the progress line; 0 if not known */
	struct timespec began;
};

static void wipe(struct display *d)
{
	if (d->drawn)
		fputs("\r\033[K", stderr);
	d->drawn = false;
}

static void on_problem(void *data, const struct err *err, bool lost)
{
	struct display *d = data;
	char line[2048];
	if (lost && d->told >= MOST_PROBLEMS) {
		d->untold++;
		return;
	}
	d->told += lost;
	wipe(d);
	fprintf(stderr, "%s\n", err_line(err, line, sizeof line));
}

static double seconds_since(const struct timespec *then)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

static void on_progress(void *data, const struct pipeline_totals *t, uint64_t bytes)
{
	struct display *d = data;
	double seconds = seconds_since(&d->began);
	uint64_t files = t->read + t->unchanged + t->failed;
	if (!d->terminal || seconds < 0.5)
		return;
	fprintf(stderr, "\r\033[K%" PRIu64, files);
	if (d->files)
		fprintf(stderr, "/%" PRIu64, d->files);
	fprintf(stderr, " files, %.0f MB, %" PRIu64 " records, %.0f/s", (double)bytes / 1e6,
	        t->records, (double)t->records / seconds);
	if (d->bytes > bytes && bytes > 0)
		fprintf(stderr, ", %.0f s left",
		        seconds * (double)(d->bytes - bytes) / (double)bytes);
	fflush(stderr);
	d->drawn = true;
}

/* Counts what is to be read, so that the time left can be told. Gives up where that itself would
 * take long. */
static void measure(struct display *d, const struct request *q)
{
	struct walk *w = walk_new(q->names, q->n_names);
	const char *path;
	bool named;
	struct err err;
	struct stat st;
	uint64_t files = 0, bytes = 0;
	enum status status;
	while ((status = walk_next(w, &path, &named, &err)) != STATUS_END) {
		if (seconds_since(&d->began) > 1 || (status == STATUS_OK && strcmp(path, "-") == 0))
			break;
		files++;
		if (status == STATUS_OK && stat(path, &st) == 0)
			bytes += (uint64_t)st.st_size;
	}
	if (status == STATUS_END) {
		d->files = files;
		d->bytes = bytes;
	}
	walk_free(w);
}

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
	printf("\n}\n");
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
	printf("\n%12" PRIu64 "  records\n%12" PRIu64 "  stored", t->records, t->stored);
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
static bool read_request(const struct command *self, int argc, char **argv, struct request *q,
                         int *exit_status)
{
	struct options o;
	const char *value;
	uint64_t number;
	int64_t t;
	int index;
	*q = (struct request){.jobs = cores(), .window = STORE_WINDOW_ALL};
	options_init(&o, self, argc, argv);
	while ((index = options_next(&o, &value)) >= 0) {
		switch (index) {
		case OPT_DB: q->db = value; break;
		case OPT_MAPPINGS: q->mappings = value; break;
		case OPT_JSON: q->json = true; break;
		case OPT_JOBS:
			if (!options_number(value, 1, MOST_JOBS, &number)) {
				*exit_status = options_usage(self, "-j takes 1 to %d, not '%s'",
				                             MOST_JOBS, value);
				return false;
			}
			q->jobs = (unsigned)number;
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

static int not_done(const struct err *err)
{
	char line[2048];
	fprintf(stderr, "iamreplay ingest: %s\n", err_line(err, line, sizeof line));
	return EXIT_NOT_DONE;
}

static int tell_result(const struct request *q, const struct display *d,
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
	if (q->json)
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
	struct request q;
	struct err err;
	struct database db;
	struct pipeline_totals *totals;
	struct display display = {.terminal = isatty(STDERR_FILENO)};
	int exit_status;
	if (!read_request(self, argc, argv, &q, &exit_status))
		return exit_status;
	err_clear(&err);
	if (database_open(&db, q.db, q.mappings, STORE_WRITE, &err) != STATUS_OK)
		return not_done(&err);
	catch_signals();
	clock_gettime(CLOCK_MONOTONIC, &display.began);
	if (display.terminal)
		measure(&display, &q);
	const struct pipeline_options options = {
	        .store = db.store,
	        .mapping = db.mapping,
	        .window = q.window,
	        .jobs = q.jobs,
	        .stop = &stop_asked,
	        .data = &display,
	        .problem = on_problem,
	        .progress = display.terminal ? on_progress : NULL,
	};
	totals = xcalloc(1, sizeof *totals);
	enum status status = pipeline_run(&options, q.names, q.n_names, totals, &err);
	wipe(&display);
	struct err close_err;
	err_clear(&close_err);
	if (database_close(&db, &close_err) != STATUS_OK && status == STATUS_OK) {
		err = close_err;
		status = STATUS_STOP;
	}
	exit_status = status == STATUS_OK ? tell_result(&q, &display, totals) : not_done(&err);
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
