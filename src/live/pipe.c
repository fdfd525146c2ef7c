/* pipe.c - live: see flow.h: the bytes between the two ends of a flow, bounded, and without memory
 * while idle. */
#include "config.h"

#include "live/flow.h"

#include "ground/alloc.h"

#include <stdlib.h>

static char *take_room(struct worker *w)
{
	return w->n_rooms ? w->rooms[--w->n_rooms] : xmalloc(PIPE_ROOM);
}

static void give_room(struct worker *w, char *p, size_t room)
{
	if (room == PIPE_ROOM && w->n_rooms < SPARE_ROOMS)
		w->rooms[w->n_rooms++] = p;
	else
		free(p);
}

static void grow(struct worker *w, struct pipe *p)
{
	char *old = p->p;
	p->p = xmalloc(PIPE_ROOM_MOST);
	memcpy(p->p, old, p->end);
	give_room(w, old, p->room);
	p->room = PIPE_ROOM_MOST;
}

bool pipe_room(struct worker *w, struct pipe *p, size_t *n)
{
	if (!p->p) {
		p->p = take_room(w);
		p->room = PIPE_ROOM;
	}
	if (p->start == p->end)
		p->start = p->ready = p->end = 0;
	if (p->room - p->end < PIPE_ROOM / 4 && p->start > 0) {
		memmove(p->p, p->p + p->start, p->end - p->start);
		p->ready -= p->start;
		p->end -= p->start;
		p->start = 0;
	}
	if (p->end == p->room && p->room < PIPE_ROOM_MOST)
		grow(w, p);
	*n = p->room - p->end;
	return *n > 0;
}

void pipe_take(struct pipe *p, size_t n)
{
	p->start += n;
}

void pipe_add(struct worker *w, struct pipe *p, const void *data, size_t n)
{
	size_t room;
	while (n && pipe_room(w, p, &room)) {
		size_t k = n < room ? n : room;
		memcpy(p->p + p->end, data, k);
		p->end += k;
		data = (const char *)data + k;
		n -= k;
	}
}

void pipe_idle(struct worker *w, struct pipe *p)
{
	if (p->p && p->start == p->end) {
		give_room(w, p->p, p->room);
		p->p = NULL;
		p->room = p->start = p->ready = p->end = 0;
	}
}

void pipe_release(struct worker *w, struct pipe *p)
{
	if (p->p)
		give_room(w, p->p, p->room);
	p->p = NULL;
}
