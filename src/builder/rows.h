/* rows.h - builder: the rows that a policy is built from, in the order in which statements are
 * formed. */
#ifndef BUILDER_ROWS_H
#define BUILDER_ROWS_H

#include "policy/policy.h"

struct seen; /* build-internal.h */

/* One action on one resource, as it was asked for. */
struct row {
	enum statement_origin origin;
	struct span via, passed_to, action; /* with origin: the entry that it belongs to */
	struct span type, resource;
	size_t use; /* index in the input; SIZE_MAX: none */
	const struct seen *seen; /* what all actions did with the resource; NULL: not looked up */
};

bool row_same_entry(const struct row *a, const struct row *b);
/* Sorts by origin, via, passed_to, action, type, resource, use. First by entries, of which there
 * are few, then within each: most comparisons are between neighbours. */
void rows_sort(struct row *rows, size_t n);

#endif
