/* buffer.h - proxy: bytes on their way in one direction, bounded, and without memory while idle. */
#ifndef PROXY_BUFFER_H
#define PROXY_BUFFER_H

#include "proxy/http.h"

#include <stdbool.h>
#include <stddef.h>

/* First room of a pipe, and the most: a head and a TLS record behind it. */
#define PIPE_ROOM ((size_t)16 << 10)
#define PIPE_ROOM_MOST (LIMIT_HTTP_HEAD + ((size_t)16 << 10))

/* [start, ready) may be sent on, [ready, end) is not yet framed. */
struct pipe {
	char *p;
	size_t room, start, ready, end;
	size_t scanned; /* of the head at ready */
	bool eof;       /* the source sends no more */
	bool broken;    /* ... and did not say so properly */
	bool shut;      /* the sink knows */
};

enum { SPARE_ROOMS = 64 };

/* Memory of pipes, of one thread, to be used again. All zero is empty. */
struct rooms {
	char *spare[SPARE_ROOMS];
	size_t n;
};

void rooms_release(struct rooms *r);

/* Makes room at p->p + p->end, *n bytes; false when the pipe is full. */
bool pipe_room(struct rooms *r, struct pipe *p, size_t *n);
/* n bytes were sent from start. */
void pipe_take(struct pipe *p, size_t n);
/* Puts n bytes behind the others, as far as there is room. */
void pipe_add(struct rooms *r, struct pipe *p, const void *data, size_t n);
/* Forgets what is in it. */
void pipe_drop(struct pipe *p);
/* Gives memory back if empty. */
void pipe_idle(struct rooms *r, struct pipe *p);
void pipe_release(struct rooms *r, struct pipe *p);

static inline size_t pipe_ready(const struct pipe *p)
{
	return p->ready - p->start;
}
static inline size_t pipe_unframed(const struct pipe *p)
{
	return p->end - p->ready;
}
/* Where the unframed bytes are, also if there are none. */
static inline const char *pipe_next(const struct pipe *p)
{
	return p->p ? p->p + p->ready : "";
}
static inline size_t pipe_left(const struct pipe *p)
{
	return PIPE_ROOM_MOST - (p->end - p->start);
}

#endif
