/* finding.h - records: looks at a text of JSON: what an object in it is by its members
 * (container.h), and where, after damage, the next record or envelope begins. Pure. */
#ifndef RECORDS_FINDING_H
#define RECORDS_FINDING_H

#include "records/container.h"

enum verdict {
	VERDICT_ROW,    /* row decided */
	VERDICT_INSIDE, /* an unknown member's value begins as a record or envelope does */
	VERDICT_END,    /* the object ended, nothing decided */
	VERDICT_BAD,    /* no JSON, from at on */
	VERDICT_CUT,    /* the view ended first */
};

struct finding {
	enum verdict verdict;
	const struct container_row *row;
	struct span value; /* the deciding member as written; with ACT_ENTER and VERDICT_INSIDE only
	                    * its beginning counts */
	size_t at;         /* where value begins; or the end, or the bad place */
	const char *error;
};

/* Looks at the members of the object that begins (middle: goes on) at the beginning of view until
 * one tells what it is. In the middle of an object that was entered only members to enter count. */
struct finding find_verdict(struct span view, bool middle);

/* Where, from at on, the next record or envelope seems to begin: an object whose first key has a
 * row, or one that begins a line. text.n if nowhere. A member's value is no such place. */
size_t find_start(struct span text, size_t at);

/* Where to look for the next beginning when the text is wrong at byte at. A string just before that
 * place may be one that lost its quote and took in a beginning: back to its first byte. */
size_t find_from(struct span text, size_t at);

#endif
