/* arena.c - base: see arena.h. */
#include "config.h"

#include "base/arena.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 64 * 1024 };

struct arena_block {
	struct arena_block *older;
	size_t size;
	_Alignas(max_align_t) char data[];
};

void arena_init(struct arena *a)
{
	*a = (struct arena){NULL, 0, 0};
}

static void free_blocks(struct arena_block *b)
{
	while (b) {
		struct arena_block *older = b->older;
		free(b);
		b = older;
	}
}

void arena_release(struct arena *a)
{
	free_blocks(a->block);
	arena_init(a);
}

void arena_reset(struct arena *a)
{
	struct arena_block *b = a->block;
	a->used = 0;
	if (!b)
		return;
	free_blocks(b->older);
	b->older = NULL;
	if (b->size > BLOCK) {
		free(b);
		b = NULL;
	}
	a->block = b;
	a->held = b ? b->size : 0;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t align = _Alignof(max_align_t);
	size = (size + align - 1) / align * align;
	if (!a->block || a->block->size - a->used < size) {
		size_t room = size > BLOCK ? size : BLOCK;
		struct arena_block *b = xmalloc(sizeof *b + room);
		b->older = a->block;
		b->size = room;
		a->block = b;
		a->used = 0;
		a->held += room;
	}
	void *p = a->block->data + a->used;
	a->used += size;
	return p;
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / 2 / size)
		abort();
	void *p = arena_alloc(a, n * size);
	memset(p, 0, n * size);
	return p;
}

char *arena_str(struct arena *a, struct span s)
{
	char *p = arena_alloc(a, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

struct span arena_span(struct arena *a, struct span s)
{
	return s.p ? span_make(arena_str(a, s), s.n) : SPAN_NONE;
}

struct span arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		return SPAN_NONE;
	char *p = arena_alloc(a, (size_t)n + 1);
	va_start(args, format);
	vsnprintf(p, (size_t)n + 1, format, args);
	va_end(args);
	return span_make(p, (size_t)n);
}
