/* scanner.h - builder: principals that look at what is there: inventories, audits, monitoring. What
 * they will look at next week has names that nobody knows yet. */
#ifndef BUILDER_SCANNER_H
#define BUILDER_SCANNER_H

#include "builder/generalise.h"

/* Whether the action tells of a resource and nothing of what is stored in it: access level List, and
 * of the level Read what describes. Never an action on S3 objects. NULL: false. */
bool reads_metadata(const struct mapping *m, const struct sar_action *action,
                    const struct sar_type *type);

/* One resource of a type, as a principal used it. */
struct looked_at {
	struct span resource; /* policy text */
	struct span folded;   /* what it folds to by itself; names of one pattern are one */
	bool metadata;        /* an action that reads metadata was called on it */
	bool else_too;        /* some other action was */
};

/* For each of n resources of a type: SPAN_NONE, or the pattern of all of the type in its account and
 * Region, in arena, if the principal scans these: it has read metadata of five or more unlike names,
 * and of more than half of them nothing else. Who describes the tables that it also reads knows its tables.
 * Names that all begin with the same words are a set of that name: the pattern keeps these. */
void scanned(const struct sar_type *type, const struct looked_at *r, size_t n, struct arena *arena,
             struct span *out);

#endif
