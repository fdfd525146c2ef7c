/* merge.h - store, internal: one database that is taken into another. Both are open; rows are read
 * one by one from the one and put into the other as if their records had been read, so that nothing
 * but evidence is taken over and what belongs together is found anew. */
#ifndef STORE_MERGE_H
#define STORE_MERGE_H

#include "base/vec.h"
#include "store/writer.h"

struct id_pair {
	int64_t from, to;
};
/* By from, rising. */
struct id_map {
	VEC_OF(struct id_pair);
};

struct merge_stream { /* of the database that is taken in, as struct id_map */
	int64_t from, to;
	enum event_observer observer; /* of captured calls: any */
	struct span account, region;  /* in merge.arena */
};

struct merge {
	struct store *into, *from;
	struct id_map sources, contexts, sessions, calls;
	struct id_map stand_ins; /* calls that another one stands for, to join the map of calls */
	struct merge_streams {
		VEC_OF(struct merge_stream);
	} streams;
	struct arena arena;         /* of all of the merge */
	struct arena row;           /* of one row */
	struct store_merged counts; /* what became of events and sources */
	/* What sources that are not taken in once more had counted of events. */
	int64_t known_stored, known_conflicts;
	int64_t lost_conflicts; /* copies that no longer are any beside those that are there */
	bool any_shared;        /* it holds sides of calls across accounts */
	bool shared_index;      /* which can be found by their events */
};

/* NULL: the file was altered. */
const struct merge_stream *merge_stream_of(const struct merge *m, int64_t from);
/* merge-slices.c: days that are held as counts, after all events. Whether an event may go to its
 * day. */
enum status merge_slices(struct merge *m, struct err *err);
enum status merge_admit(struct merge *m, const struct merge_stream *stream, int64_t time,
                        struct err *err);
/* merge-rows.c: all that events point to, and what is known of keys and names. */
enum status merge_rows(struct merge *m, struct err *err);
/* The row that stands for this one; STATUS_STOP if there is none: the file was altered. */
enum status merge_id(struct merge *m, const struct id_map *map, int64_t from, int64_t *to,
                     struct err *err);
/* A text that is never NULL, a time in seconds within the years 1 to 9999: with another one the
 * next db_row fails. */
struct span merge_text(struct stmt *s, int column);
int64_t merge_time(struct stmt *s, int column);
enum status merge_altered(struct merge *m, struct err *err);

#endif
