/* json-writer.h - base: writes one JSON text (RFC 8259), item by item: commas, quotes, escapes and
 * indentation are made here and nowhere else.
 *
 *     struct json_writer w;
 *     json_to_buf(&w, &out, LAYOUT_COMPACT);
 *     json_begin_object(&w);
 *     json_member_text(&w, "action", action);
 *     json_key(&w, "events");
 *     json_put_u64(&w, events);
 *     json_end_object(&w);
 *     if (!json_finish(&w)) ...
 *
 * Errors (the buffer's ceiling, a failed write) stick: what follows is not written, and
 * json_finish tells. What is no mistake of the input but of the program (a value without a key in
 * an object, an object that is ended twice) asserts. */
#ifndef BASE_JSON_WRITER_H
#define BASE_JSON_WRITER_H

#include "base/attributes.h"
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>

/* How the items of an object or array stand. */
enum json_layout {
	LAYOUT_COMPACT, /* {"a":1,"b":[2,3]} */
	LAYOUT_LINE,    /* {"a": 1, "b": [2, 3]} */
	LAYOUT_INDENT,  /* each item on a line of its own, two spaces deeper */
	LAYOUT_ROWS,    /* each item on a line of its own at the margin, compact itself */
};

/* Objects and arrays inside each other. What this program writes is a few levels deep; captured
 * parameters and policy conditions bring at most LIMIT_JSON_DEPTH. */
enum { JSON_WRITER_DEPTH = 544 };

struct json_writer {
	struct buf *out; /* NULL where a file is written */
	FILE *file;
	struct buf held; /* what goes to the file next */
	bool failed;     /* nothing more is written */
	bool after_key;  /* the next value stands behind its key */
	unsigned indent; /* enclosing levels whose layout is LAYOUT_INDENT */
	unsigned depth;  /* levels open */
	unsigned char level[JSON_WRITER_DEPTH + 1]; /* layout and flags of each; [0] is the text */
};

/* Appends to out, which is borrowed until json_finish; out->ceiling bounds the text. */
void json_to_buf(struct json_writer *w, struct buf *out, enum json_layout layout);
/* Writes to file, which is borrowed until json_finish and not flushed. */
void json_to_file(struct json_writer *w, FILE *file, enum json_layout layout);
/* Ends the text (no newline is added) and gives back what the writer holds. Objects and arrays
 * must be ended. False if anything was not written: past the buffer's ceiling, nested too deep, or
 * a failed fwrite, with its errno. */
bool json_finish(struct json_writer *w) MUST_CHECK;

/* Each opens a level that stands as the one around it, or as layout says. */
void json_begin_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_begin_object_as(struct json_writer *w, enum json_layout layout);
void json_begin_array_as(struct json_writer *w, enum json_layout layout);
void json_end_object(struct json_writer *w);
void json_end_array(struct json_writer *w);

/* In an object, before each value. Ill-formed UTF-8 is written as U+FFFD, as in texts. */
void json_key(struct json_writer *w, const char *name);
void json_key_span(struct json_writer *w, struct span name);

/* Values. An absent span is null. */
void json_put_text(struct json_writer *w, struct span s);
void json_put_str(struct json_writer *w, const char *s);
void json_put_textf(struct json_writer *w, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void json_put_u64(struct json_writer *w, uint64_t v);
void json_put_i64(struct json_writer *w, int64_t v);
/* With 17 significant digits; what JSON has no number for (infinite, not a number) is null. */
void json_put_real(struct json_writer *w, double v);
void json_put_bool(struct json_writer *w, bool v);
void json_put_null(struct json_writer *w);
/* s is one JSON value already, and is written as it is. */
void json_put_raw(struct json_writer *w, struct span s);

/* A key and its value. */
void json_member_text(struct json_writer *w, const char *name, struct span s);
void json_member_str(struct json_writer *w, const char *name, const char *s);
void json_member_u64(struct json_writer *w, const char *name, uint64_t v);
void json_member_bool(struct json_writer *w, const char *name, bool v);
void json_member_null(struct json_writer *w, const char *name);
/* Nothing where s is absent or empty. */
void json_member_if(struct json_writer *w, const char *name, struct span s);

#endif
