/* scan.h - records: a pull scanner for JSON (RFC 8259) over text in memory. It builds no tree and
 * allocates nothing: the caller walks objects and arrays, takes the values it wants, and skips the
 * rest, which is checked all the same: what the scanner walked to its end is valid JSON. It accepts
 * and rejects what jansson does with JSON_ALLOW_NUL, but numbers may be of any size, half of a surrogate
 * pair is read as U+FFFD, and nesting is bounded by LIMIT_JSON_DEPTH.
 *
 *     struct scan j;
 *     struct span key;
 *     scan_init(&j, text);
 *     if (scan_enter(&j, SCAN_OBJECT))
 *             while (scan_next_key(&j, &key))
 *                     if (span_is(key, "name")) scan_take_text(&j, arena, &name); else
 * scan_skip(&j); if (!scan_end(&j)) ... j.error, j.at
 *
 * Errors stick: after one, every function returns false, so loops end by themselves. */
#ifndef RECORDS_SCAN_H
#define RECORDS_SCAN_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/span.h"

enum scan_kind {
	SCAN_BAD = 0, /* no value is here */
	SCAN_NULL,
	SCAN_FALSE,
	SCAN_TRUE,
	SCAN_NUMBER,
	SCAN_STRING,
	SCAN_OBJECT,
	SCAN_ARRAY,
};

struct scan {
	const char *at, *end, *start;
	const char *error; /* a constant: what is wrong at at, or NULL */
	bool cut;          /* with error: the text ended too early and was sound so far */
	bool first;        /* internal: no member was read since the last scan_enter */
	unsigned depth;    /* objects and arrays entered and not left */
};

/* text is borrowed. */
void scan_init(struct scan *j, struct span text);
/* The kind of the value that comes next, from its first byte; SCAN_BAD (and the error) if there is
 * none. */
enum scan_kind scan_peek(struct scan *j);
/* Into the object or array that comes next; false (and the error) if it is not of this kind. */
bool scan_enter(struct scan *j, enum scan_kind kind);
/* Inside an object: the next member's key, raw as between its quotes (scan_unescape; of keys that
 * hold no backslash this is the text itself); the value comes next and must be taken or skipped.
 * False when the object's end was passed, or on error. */
bool scan_next_key(struct scan *j, struct span *key);
/* Inside an array: true if another value comes; false when the array's end was passed, or on error.
 */
bool scan_next_item(struct scan *j);
/* Passes the value that comes next. */
bool scan_skip(struct scan *j);
/* The same, with *raw its text as written (a string with its quotes). */
bool scan_take_raw(struct scan *j, struct span *raw);
/* A string: *raw is what is between its quotes, and *escaped tells whether it holds a backslash.
 * Another kind of value is an error. */
bool scan_take_string(struct scan *j, struct span *raw, bool *escaped);
/* A scalar as text: a string decoded (borrowed from the text where it holds no escape, else in
 * arena), a number or boolean as written; null gives SPAN_NONE. An object or array is skipped and
 * gives SPAN_NONE. */
bool scan_take_text(struct scan *j, struct arena *arena, struct span *text);
/* Nothing but white space is left and there was no error. */
bool scan_end(struct scan *j);

/* Decodes the inside of a valid string: at most raw.n bytes are written to out, their number is
 * returned. */
size_t scan_unescape(struct span raw, char *out);

/* Adds a valid JSON text to a hash without the white space between its tokens, so that a record has
 * one identity however it was printed. */
void scan_hash_text(struct hasher *h, struct span text);

/* Where the object or array that begins at text.p[0] ends (behind its last bracket), found by
 * counting brackets outside strings, nothing else is checked; 0 if it does not end inside text.
 * Several times faster than scan_skip. */
size_t scan_frame(struct span text);

#endif
