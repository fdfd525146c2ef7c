/* history.h - builder: folds the resources of one type by when each was seen. A log of some days
 * tells which sets grow (pull requests, tenants, uploads) and which are closed (the tables of a
 * service); counting their members does not.
 *
 * All actions of the principal on the type are looked at together, so that what one creates and
 * another deletes gets one pattern. */
#ifndef BUILDER_HISTORY_H
#define BUILDER_HISTORY_H

#include "builder/generalise.h"

/* A log that is shorter does not tell growing sets from closed ones: days. */
enum { HISTORY_LEAST_DAYS = 3 };

/* One resource of the type as all actions of the principal saw it. */
struct sighting {
	struct span resource; /* policy text */
	int64_t first, last;  /* seconds since 1970 UTC */
	bool made;            /* by the principal: its id is another one the next time */
	bool created;         /* by the principal, under a name of its choice */
	bool written_once;    /* one event, and it wrote, tagged or changed permissions: another
	                         of its kind may never follow */
};

/* Resources that anybody used, as access rows have them. Few sets of names grow: they are asked for
 * where one does. */
struct used_resources {
	void *data;
	/* Calls take with each that begins with head, each once, until it returns false. What fails
	 * is remembered where data leads. */
	void (*each)(void *data, struct span head, bool (*take)(void *to, struct span resource),
	             void *to);
	/* The same of those and others, where that is quicker: when they are few enough, each need
	 * not be asked. NULL: there is no quicker way. */
	void (*each_at_most)(void *data, struct span head,
	                     bool (*take)(void *to, struct span resource), void *to);
};

struct history {
	int64_t since, until;              /* the first and last event of the principal */
	const struct used_resources *used; /* NULL: nothing is known of others */
	bool any_width; /* shorter patterns: '*' where '?' could stand for each character */
};

/* True if the history is long enough to fold by it: by when resources were seen. Of a shorter one
 * only what the principal creates itself is known to become more: it was not there before. */
bool history_tells(const struct history *h);

/* sightings: n of them, sorted by resource, none twice; type may be NULL. out[i] gets the pattern
 * of sightings[i]: itself, or one that stands for more, in arena; its reason, arns 1 and itself as
 * the example. */
void history_fold(const struct history *h, const struct sar_type *type,
                  const struct sighting *sightings, size_t n, struct arena *arena,
                  struct member *out);

#endif
