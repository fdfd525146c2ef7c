/* finding.h - records: looks at a text of JSON: what an object in it is by its members
 * (container.h, wrapper.h), and where, after damage, the next record or envelope begins. Pure. */
#ifndef RECORDS_FINDING_H
#define RECORDS_FINDING_H

#include "records/container.h"
#include "records/wrapper.h"

enum verdict {
	VERDICT_ROW,     /* row decided */
	VERDICT_WRAPPED, /* the object ended and is an envelope: wrapped */
	VERDICT_END,     /* the object ended, nothing decided */
	VERDICT_BAD,     /* no JSON, from at on */
	VERDICT_CUT,     /* the view ended first */
};

struct finding {
	enum verdict verdict;
	const struct container_row *row;
	struct wrapped wrapped;
	size_t at; /* of VERDICT_ROW to enter: where the member's value begins; or the object's end,
	            * or the bad place */
	const char *error;
};

enum finding_place {
	PLACE_ANY,    /* anywhere in a source */
	PLACE_MIDDLE, /* behind a member of an object that was entered: only members to enter count
	               */
	PLACE_HAR,    /* in an HTTP archive: only its members count */
	PLACE_TEXT,   /* in a text that may be any line of any log: a record, a file of records, or
	                 what   EventBridge makes of one, and no other envelope */
};

/* Looks at the members of the object that begins (PLACE_MIDDLE: goes on) at the beginning of view.
 * One that begins as CloudTrail writes records, or has a list of records, is decided there; of
 * others all members are looked at. */
struct finding find_verdict(struct span view, enum finding_place place);

/* Where, from at on, the next record or envelope seems to begin: an object whose first key is one
 * of a record or of a file of records, and that is no member's value; or one that begins a line.
 * text.n if nowhere. */
size_t find_start(struct span text, size_t at);

/* The same, of objects alone that begin a line and have such a key. */
size_t find_line(struct span text, size_t at);

/* Where to look for the next beginning when the text is wrong at byte at. A string just before that
 * place may be one that lost its quote and took in a beginning: back to its first byte. */
size_t find_from(struct span text, size_t at);

#endif
