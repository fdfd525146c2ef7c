/* ingest-report.c - commands: see ingest-report.h. */
#include "config.h"

#include "cmd/ingest-report.h"

#include "base/when.h"

#include "cli/command.h"
#include "cli/plain.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* ---- what the user is told */

static void write_tally(struct json_writer *w, const char *name, const struct tally *t)
{
	json_key(w, name);
	json_begin_object_as(w, LAYOUT_LINE);
	for (size_t i = 0; i < t->n; i++)
		json_member_u64(w, t->rows[i].word, t->rows[i].n);
	json_end_object(w);
}

static void print_json(const struct pipeline_totals *t)
{
	struct json_writer w;
	json_to_file(&w, stdout, LAYOUT_INDENT);
	json_begin_object(&w);
	json_key(&w, "files");
	json_begin_object_as(&w, LAYOUT_LINE);
	json_member_u64(&w, "read", t->read);
	json_member_u64(&w, "unchanged", t->unchanged);
	json_member_u64(&w, "failed", t->failed);
	json_end_object(&w);
	json_member_u64(&w, "records", t->records);
	json_member_u64(&w, "stored", t->stored);
	json_member_u64(&w, "duplicates", t->duplicates);
	json_member_u64(&w, "conflicts", t->conflicts);
	write_tally(&w, "ignored", &t->ignored);
	write_tally(&w, "skipped", &t->skipped);
	json_member_u64(&w, "closed_days", t->closed_days);
	json_key(&w, "wrapped");
	json_begin_object_as(&w, LAYOUT_LINE);
	for (size_t i = 0; i < t->wrapped.n; i++)
		json_member_u64(&w, t->wrapped.rows[i].path, t->wrapped.rows[i].n);
	json_end_object(&w);
	json_end_object(&w);
	print_json_end(&w);
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
	printf("%12" PRIu64 "  %s read", t->read, plural(t->read, "file", "files"));
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
	printf("%12" PRIu64 "  %s\n%12" PRIu64 "  stored", t->records,
	       plural(t->records, "record", "records"), t->stored);
	printf("\n");
	if (t->duplicates)
		printf("%12" PRIu64 "  %s\n", t->duplicates,
		       plural(t->duplicates, "duplicate", "duplicates"));
	if (t->conflicts)
		printf("%12" PRIu64 "  conflicts: the event id of another one with other content\n",
		       t->conflicts);
	print_words("ignored", &t->ignored);
	print_words("skipped", &t->skipped);
	if (t->closed_days)
		printf("%12" PRIu64 "  %s of streams closed: only their counts are kept\n",
		       t->closed_days, plural(t->closed_days, "day", "days"));
}

/* ---- signals */

/* A handler can reach nothing but what is static. */
static atomic_bool stop_asked;

static void on_signal(int number)
{
	atomic_store(&stop_asked, true);
}

const atomic_bool *stop_on_signals(void)
{
	/* Once: the second Ctrl-C ends the program at once, which costs no more than the first's
	 * batch. */
	struct sigaction action = {.sa_handler = on_signal,
	                           .sa_flags = (int)SA_RESETHAND | SA_RESTART};
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	return &stop_asked;
}

/* AWS adds some thousand operations a year. */
static void say_of_tables(const char *command, const struct pipeline_totals *t)
{
	static const int64_t year = INT64_C(366) * 86400;
	if (t->derived_anew)
		fprintf(stderr,
		        "iamreplay %s: other mapping tables had derived what the calls of this "
		        "database need; it is derived anew\n",
		        command);
	if (t->tables_since && when_wall_ms() / 1000 - t->tables_since > year)
		fprintf(stderr,
		        "iamreplay %s: the mapping tables are older than a year: newer calls may "
		        "be "
		        "unknown (iamreplay-update-mapping builds newer ones)\n",
		        command);
}

int ingest_report(const char *command, bool json, const struct progress *d,
                  const struct pipeline_totals *t)
{
	if (d->not_shown)
		fprintf(stderr, "... and %" PRIu64 " more lost records: iamreplay query skipped\n",
		        d->not_shown);
	if (t->passed > PIPELINE_PASSED_TOLD)
		fprintf(stderr, "... and %" PRIu64 " more files that are no logs, passed over\n",
		        t->passed - PIPELINE_PASSED_TOLD);
	if (t->not_closed)
		fprintf(stderr,
		        "iamreplay %s: no day was closed, since files could not be read; "
		        "iamreplay ingest --close DATE closes days all the same\n",
		        command);
	bool none = t->read + t->unchanged + t->failed + t->passed == 0 && !t->no_sources;
	if (none && !atomic_load(&stop_asked))
		fprintf(stderr, "iamreplay %s: there are no files\n", command);
	say_of_tables(command, t);
	if (json)
		print_json(t);
	else
		print_summary(t);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "iamreplay %s: writing failed: %s\n", command, strerror(errno));
		return EXIT_NOT_DONE;
	}
	if (atomic_load(&stop_asked)) {
		fprintf(stderr, "iamreplay %s: interrupted; the same command goes on from here\n",
		        command);
		return EXIT_NOT_DONE;
	}
	bool nothing = t->read + t->unchanged == 0 && !t->no_sources;
	return t->failed || t->skipped.n || nothing ? EXIT_PARTLY : EXIT_DONE;
}
