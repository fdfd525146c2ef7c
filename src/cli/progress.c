/* progress.c - cli: see progress.h. */
#include "config.h"

#include "cli/progress.h"

#include "base/when.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { MOST_SHOWN = 20 };

void progress_clear(struct progress *d)
{
	if (d->drawn)
		fputs("\r\033[K", stderr);
	d->drawn = false;
}

void progress_problem(void *data, const struct err *err, bool lost)
{
	struct progress *d = data;
	char line[2048];
	if (lost && d->shown >= MOST_SHOWN) {
		d->not_shown++;
		return;
	}
	d->shown += lost;
	progress_clear(d);
	fprintf(stderr, "%s\n", err_line(err, line, sizeof line));
}

static double seconds_since(const struct timespec *then)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

void progress_draw(void *data, const struct pipeline_totals *t, uint64_t bytes)
{
	struct progress *d = data;
	double seconds = seconds_since(&d->began);
	uint64_t files = t->read + t->unchanged + t->failed;
	if (!d->terminal || seconds < 0.5)
		return;
	fprintf(stderr, "\r\033[K%" PRIu64, files);
	if (d->files)
		fprintf(stderr, "/%" PRIu64, d->files);
	fprintf(stderr, " files, %.0f MB, %" PRIu64 " records, %.0f/s", (double)bytes / 1e6,
	        t->records, (double)t->records / seconds);
	double done = d->done ? d->done(d->done_data) : 0;
	if (d->bytes > bytes && bytes > 0)
		done = (double)bytes / (double)d->bytes;
	if (done > 0.01 && done < 1)
		fprintf(stderr, ", %.0f s left", seconds * (1 - done) / done);
	fflush(stderr);
	d->drawn = true;
}

void progress_begin(struct progress *d, const struct ingest_request *q)
{
	*d = (struct progress){.terminal = isatty(STDERR_FILENO)};
	clock_gettime(CLOCK_MONOTONIC, &d->began);
	if (d->terminal && !q->feed && !ingest_measure(q, 1, &d->files, &d->bytes))
		d->files = d->bytes = 0;
}

/* ---- things that are counted */

enum { FIRST_AFTER_MS = 500, EVERY_MS = 200, MANY = 100 };

void count_progress_begin(struct count_progress *p, const char *what)
{
	*p = (struct count_progress){.what = what, .terminal = isatty(STDERR_FILENO)};
	p->told = when_steady_ms() + FIRST_AFTER_MS - EVERY_MS;
}

void count_progress_draw(void *data, size_t done, size_t all)
{
	struct count_progress *p = data;
	int64_t now = when_steady_ms();
	/* the first of many may take as long as hundreds: what all need is read with it */
	bool begins = done == 0 && all >= MANY;
	if (!p->terminal || done >= all || (now - p->told < EVERY_MS && !begins))
		return;
	if (done && !p->first_done) {
		p->first_done = done;
		p->first_at = now;
	}
	p->told = now;
	p->drawn = true;
	fprintf(stderr, "\r\033[K%zu of %zu %s", done, all, p->what);
	if (done > p->first_done && p->first_done)
		fprintf(stderr, ", %.0f s left",
		        (double)(now - p->first_at) / 1000 * (double)(all - done) /
		                (double)(done - p->first_done));
	fflush(stderr);
}

void count_progress_clear(struct count_progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = false;
}
