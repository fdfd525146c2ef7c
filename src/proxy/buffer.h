/* buffer.h - proxy: bytes on their way in one direction, bounded, and without memory while idle. */
#ifndef PROXY_BUFFER_H
#define PROXY_BUFFER_H

#include "proxy/http.h"

#include <stdbool.h>
#include <stddef.h>

/* First room of a buffer, and the most: a head and a TLS record behind it. */
#define BUFFER_ROOM ((size_t)16 << 10)
#define BUFFER_ROOM_MOST (LIMIT_HTTP_HEAD + ((size_t)16 << 10))

/* [start, ready) may be sent on, [ready, end) is not yet framed. */
struct buffer {
	char *p;
	size_t room, start, ready, end;
	size_t scanned; /* of the head at ready */
	bool eof;       /* the source sends no more */
	bool broken;    /* ... and did not say so properly */
	bool shut;      /* the sink knows */
};

enum { SPARE_BUFFERS = 64 };

/* Memory of buffers, of one thread, to be used again. All zero is empty. */
struct buffer_pool {
	char *spare[SPARE_BUFFERS];
	size_t n;
};

void buffer_pool_release(struct buffer_pool *r);

/* Makes room at p->p + p->end, *n bytes; false when the buffer is full. */
bool buffer_room(struct buffer_pool *r, struct buffer *p, size_t *n);
/* n bytes were sent from start. */
void buffer_take(struct buffer *p, size_t n);
/* Puts n bytes behind the others, as far as there is room. */
void buffer_add(struct buffer_pool *r, struct buffer *p, const void *data, size_t n);
/* Forgets what is in it. */
void buffer_drop(struct buffer *p);
/* Gives memory back if empty. */
void buffer_idle(struct buffer_pool *r, struct buffer *p);
void buffer_release(struct buffer_pool *r, struct buffer *p);

static inline size_t buffer_ready(const struct buffer *p)
{
	return p->ready - p->start;
}
static inline size_t buffer_unframed(const struct buffer *p)
{
	return p->end - p->ready;
}
/* Where the unframed bytes are, also if there are none. */
static inline const char *buffer_next(const struct buffer *p)
{
	return p->p ? p->p + p->ready : "";
}
static inline size_t buffer_left(const struct buffer *p)
{
	return BUFFER_ROOM_MOST - (p->end - p->start);
}

#endif
