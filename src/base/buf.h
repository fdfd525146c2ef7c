/* buf.h - base: a growing byte buffer with a ceiling that its owner must name. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/span.h"

struct buf {
	char *p;        /* n bytes, always followed by a NUL once something was added */
	size_t n;       /* bytes held */
	size_t room;    /* bytes allocated */
	size_t ceiling; /* never holds more than this */
	bool full;      /* something was refused since the last buf_reset */
};

/* Nothing is allocated yet. ceiling in bytes. */
void buf_init(struct buf *b, size_t ceiling);
void buf_release(struct buf *b);
/* Empties it, keeps the memory, clears full. */
void buf_reset(struct buf *b);
/* Each adds all of its input or, past the ceiling, nothing: then returns false and sets full. */
bool buf_add(struct buf *b, const void *p, size_t n);
bool buf_add_span(struct buf *b, struct span s);
bool buf_add_str(struct buf *b, const char *s);
bool buf_add_char(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for n more bytes at b->p + b->n, to be claimed by b->n += used; false past the ceiling. */
bool buf_reserve(struct buf *b, size_t n);
/* Drops the first n bytes. */
void buf_drop(struct buf *b, size_t n);
/* Borrowed until the next change. */
static inline struct span buf_span(const struct buf *b)
{
	return span_make(b->p ? b->p : "", b->n);
}
/* NUL-terminated, borrowed until the next change; never NULL. */
static inline const char *buf_str(const struct buf *b)
{
	if (!b->p)
		return "";
	b->p[b->n] = '\0'; /* buf_reserve leaves room for it, and its caller no NUL */
	return b->p;
}
/* Hands the memory (NUL-terminated, never NULL) to the caller, who frees it; b is empty again. */
char *buf_take(struct buf *b);

/* Adds s as a JSON string with its quotes: '"', '\\', control characters and what cannot be seen
 * (utf8_visible) escaped, other well-formed UTF-8 as it is, each ill-formed byte as \ufffd. */
bool buf_add_json(struct buf *b, struct span s);
/* The first character of s, which is not empty, as it stands there; how many bytes of s it takes.
 */
enum { JSON_ESCAPE_SIZE = 16 };
size_t json_escape(struct span s, char out[JSON_ESCAPE_SIZE]);
/* How many characters buf_add_json writes between the quotes. */
size_t json_characters(struct span s);

#endif
