/* pipeline.h - app: many sources into one store. Workers read sources side by side; the
 * caller's thread alone writes, source after source in the order of the walk, so that the database
 * does not depend on the number of workers. What waits to be written is bounded. */
#ifndef APP_PIPELINE_H
#define APP_PIPELINE_H

#include "app/intake.h"
#include "app/tally.h"

enum { PIPELINE_PASSED_TOLD = 10 };

struct pipeline_totals {
	uint64_t read, unchanged, failed; /* sources */
	uint64_t passed;  /* files met on a walk that are no logs; PIPELINE_PASSED_TOLD of them are
	                     told */
	uint64_t records; /* = stored + duplicates + sum of ignored + sum of skipped */
	uint64_t stored, duplicates, conflicts;
	struct tally ignored, skipped;
	struct wrapped_tally wrapped;
	uint64_t bytes;       /* on disk, of sources read or unchanged */
	int sandbox;          /* version of Landlock that held the reading; 0: none */
	uint64_t closed_days; /* days of streams of which only counts are left since this run */
	bool no_sources;      /* none were asked for */
	bool not_closed;      /* days were to be closed, but files could not be read */
	bool derived_anew;    /* the database was, on opening: see store_derived_anew */
	int64_t tables_since; /* day of the mapping tables, in seconds since 1970 UTC; 0: not told
	                       */
};

/* Sources that are brought from elsewhere, in place of names. */
struct pipeline_item {
	char *name;             /* for messages and the database; to be freed */
	struct hash128 content; /* as struct intake_remote */
	uint64_t size;
	void *data; /* the feed's */
};
struct pipeline_feed {
	void *data;
	/* The next one. Never called by two threads at once. STATUS_OK; STATUS_FILE with err: one,
	 * or several, can't be known, go on; STATUS_END; STATUS_STOP with err. */
	enum status (*next)(void *data, struct pipeline_item *out, struct err *err);
	/* As struct intake_remote; worker: 0 to jobs - 1, each a thread of its own. */
	enum status (*bring)(void *data, unsigned worker, struct pipeline_item *item,
	                     struct span *bytes, const char **file, struct err *err);
	/* item is no longer needed; its name is freed by the caller. */
	void (*drop)(void *data, struct pipeline_item *item);
};

struct pipeline_options {
	const struct pipeline_feed *feed; /* NULL: names are walked */
	struct store *store;
	const struct mapping *mapping;
	struct store_window window;
	bool rehash;             /* as intake_options */
	unsigned jobs;           /* 1: everything in the caller's thread */
	const atomic_bool *stop; /* set by a signal handler */
	void *data;
	/* Each problem in the order of sources and records; lost: a record, else a source. */
	void (*problem)(void *data, const struct err *err, bool lost);
	/* A few times a second at most; bytes: read so far by all workers. May be NULL. */
	void (*progress)(void *data, const struct pipeline_totals *so_far, uint64_t bytes);
};

/* names: n of them, as walk_new, or none with a feed. STATUS_OK: all was done, or stop was set.
 * STATUS_STOP: the store failed. Either way *totals tells what was taken in, and the caller closes
 * the store. */
enum status pipeline_run(const struct pipeline_options *options, char *const *names, size_t n,
                         struct pipeline_totals *totals, struct err *err);

#endif
