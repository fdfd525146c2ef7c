/* buffer.c - proxy: see pipe.h. */
#include "config.h"

#include "proxy/buffer.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static char *take_room(struct rooms *r)
{
	return r->n ? r->spare[--r->n] : xmalloc(PIPE_ROOM);
}

static void give_room(struct rooms *r, char *p, size_t room)
{
	if (room == PIPE_ROOM && r->n < SPARE_ROOMS)
		r->spare[r->n++] = p;
	else
		free(p);
}

void rooms_release(struct rooms *r)
{
	while (r->n)
		free(r->spare[--r->n]);
}

static void grow(struct rooms *r, struct pipe *p)
{
	char *old = p->p;
	p->p = xmalloc(PIPE_ROOM_MOST);
	memcpy(p->p, old, p->end);
	give_room(r, old, p->room);
	p->room = PIPE_ROOM_MOST;
}

bool pipe_room(struct rooms *r, struct pipe *p, size_t *n)
{
	if (!p->p) {
		p->p = take_room(r);
		p->room = PIPE_ROOM;
	}
	if (p->start == p->end)
		pipe_drop(p);
	if (p->room - p->end < PIPE_ROOM / 4 && p->start > 0) {
		memmove(p->p, p->p + p->start, p->end - p->start);
		p->ready -= p->start;
		p->end -= p->start;
		p->start = 0;
	}
	if (p->end == p->room && p->room < PIPE_ROOM_MOST)
		grow(r, p);
	*n = p->room - p->end;
	return *n > 0;
}

void pipe_take(struct pipe *p, size_t n)
{
	p->start += n;
}

void pipe_add(struct rooms *r, struct pipe *p, const void *data, size_t n)
{
	size_t room;
	while (n && pipe_room(r, p, &room)) {
		size_t k = n < room ? n : room;
		memcpy(p->p + p->end, data, k);
		p->end += k;
		data = (const char *)data + k;
		n -= k;
	}
}

void pipe_drop(struct pipe *p)
{
	p->start = p->ready = p->end = 0;
}

void pipe_idle(struct rooms *r, struct pipe *p)
{
	if (!p->p || p->start != p->end)
		return;
	give_room(r, p->p, p->room);
	p->p = NULL;
	p->room = 0;
	pipe_drop(p);
}

void pipe_release(struct rooms *r, struct pipe *p)
{
	if (p->p)
		give_room(r, p->p, p->room);
	p->p = NULL;
}
