/* arena.h - base: memory that is given back all at once, for what lives as long as one record or
 * one batch. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/span.h"

struct arena_block;

struct arena {
	struct arena_block *block; /* the one being filled, older ones behind it */
	size_t used;               /* bytes of it */
	size_t held;               /* bytes of all blocks */
};

void arena_init(struct arena *a);
void arena_release(struct arena *a);
/* Everything taken from it is gone; one block stays for what comes. */
void arena_reset(struct arena *a);
/* Aligned for any type, not cleared; never NULL. Lives until arena_reset or arena_release. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_calloc(struct arena *a, size_t n, size_t size);
/* A copy with a NUL behind it (not counted). An absent span stays absent. */
struct span arena_span(struct arena *a, struct span s);
char *arena_str(struct arena *a, struct span s);
struct span arena_printf(struct arena *a, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

#endif
