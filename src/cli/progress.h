/* progress.h - cli: how far ingest is, in one line of a terminal that is written over, and what is
 * told meanwhile. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "app/ingest.h"

#include <time.h>

struct progress {
	uint64_t shown, not_shown; /* lost records: only the first are shown one by one */
	bool terminal;             /* stderr is one: else there is no line */
	bool drawn;
	uint64_t files, bytes; /* to be read; 0 if not known */
	/* Where neither is known: how far it is, from 0 to 1; NULL: not known. */
	double (*done)(void *data);
	void *done_data;
	struct timespec began;
};

/* Counts what is to be read where the line is shown. */
void progress_begin(struct progress *p, const struct ingest_request *q);
/* Removes the line. */
void progress_clear(struct progress *p);
/* For struct ingest_callbacks, with a struct progress as data. */
void progress_problem(void *data, const struct err *err, bool lost);
void progress_draw(void *data, const struct pipeline_totals *so_far, uint64_t bytes);

/* How many of so many things are done, on a terminal, once it takes longer than a moment. */
struct count_progress {
	const char *what; /* "principals" */
	bool terminal, drawn;
	int64_t told, first_at; /* ms */
	size_t first_done; /* when something was told to be done first: what is left is reckoned from there */
};

void count_progress_begin(struct count_progress *p, const char *what);
/* data: a struct count_progress. */
void count_progress_draw(void *data, size_t done, size_t all);
/* Removes the line; before anything else is printed on stderr. */
void count_progress_clear(struct count_progress *p);

#endif
