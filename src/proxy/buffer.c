/* buffer.c - proxy: see buffer.h. */
#include "config.h"

#include "proxy/buffer.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static char *take_room(struct buffer_pool *r)
{
	return r->n ? r->spare[--r->n] : xmalloc(BUFFER_ROOM);
}

static void give_room(struct buffer_pool *r, char *p, size_t room)
{
	if (room == BUFFER_ROOM && r->n < SPARE_BUFFERS)
		r->spare[r->n++] = p;
	else
		free(p);
}

void buffer_pool_release(struct buffer_pool *r)
{
	while (r->n)
		free(r->spare[--r->n]);
}

static void grow(struct buffer_pool *r, struct buffer *p)
{
	char *old = p->p;
	p->p = xmalloc(BUFFER_ROOM_MOST);
	memcpy(p->p, old, p->end);
	give_room(r, old, p->room);
	p->room = BUFFER_ROOM_MOST;
}

bool buffer_room(struct buffer_pool *r, struct buffer *p, size_t *n)
{
	if (!p->p) {
		p->p = take_room(r);
		p->room = BUFFER_ROOM;
	}
	if (p->start == p->end)
		buffer_drop(p);
	if (p->room - p->end < BUFFER_ROOM / 4 && p->start > 0) {
		memmove(p->p, p->p + p->start, p->end - p->start);
		p->ready -= p->start;
		p->end -= p->start;
		p->start = 0;
	}
	if (p->end == p->room && p->room < BUFFER_ROOM_MOST)
		grow(r, p);
	*n = p->room - p->end;
	return *n > 0;
}

void buffer_take(struct buffer *p, size_t n)
{
	p->start += n;
}

void buffer_add(struct buffer_pool *r, struct buffer *p, const void *data, size_t n)
{
	size_t room;
	while (n && buffer_room(r, p, &room)) {
		size_t k = n < room ? n : room;
		memcpy(p->p + p->end, data, k);
		p->end += k;
		data = (const char *)data + k;
		n -= k;
	}
}

void buffer_drop(struct buffer *p)
{
	p->start = p->ready = p->end = 0;
}

void buffer_idle(struct buffer_pool *r, struct buffer *p)
{
	if (!p->p || p->start != p->end)
		return;
	give_room(r, p->p, p->room);
	p->p = NULL;
	p->room = 0;
	buffer_drop(p);
}

void buffer_release(struct buffer_pool *r, struct buffer *p)
{
	if (p->p)
		give_room(r, p->p, p->room);
	p->p = NULL;
}
