/* captured.h - events: one line of iamreplay's own capture file (iamreplay-capture(5)). */
#ifndef EVENTS_CAPTURED_H
#define EVENTS_CAPTURED_H

#include "base/arena.h"
#include "base/attributes.h"
#include "base/err.h"
#include "events/event.h"

/* What stays from line to line of one file. */
struct captured_state {
	char id[64];     /* capture id of the last header line, "" before the first */
	uint64_t header; /* number of that header line in the file, from 1 */
};

enum captured_kind {
	CAPTURED_HEADER = 1,   /* a capture begins; *out is untouched */
	CAPTURED_CALL = 2,     /* *out is filled, kind EVENT_CALL */
	CAPTURED_IDENTITY = 3, /* *out is filled, kind EVENT_IDENTITY */
	CAPTURED_OTHER = 4,    /* a kind of line that a later version writes; to be ignored */
};

/* Zeroed is before the first line. Reads line (no line feed) and counts it. Texts in *out point
 * into line, arena or state. STATUS_OK with *kind; STATUS_SKIP with err's reason "bad-json",
 * "bad-time", "no-header" (a line before any header), "bad-capture" (a member of a wrong type);
 * STATUS_FILE with "newer-format": a header of a format this version does not know. */
enum status captured_parse(struct captured_state *state, struct span text, uint64_t number,
                           struct arena *arena, enum captured_kind *kind, struct event *out,
                           struct err *err) MUST_CHECK;

#endif
