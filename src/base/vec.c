/* vec.c - base: see vec.h. */
#include "config.h"

#include "base/vec.h"

#include "base/alloc.h"
#include "base/limits.h"

#include <string.h>

enum { FIRST_ITEMS = 16 };

void *vec_grow(void *v, size_t n, size_t *room, size_t size)
{
	if (n >= LIMIT_ITEMS)
		out_of_memory();
	if (n == *room) {
		*room = *room ? 2 * *room : FIRST_ITEMS;
		v = xreallocarray(v, *room, size);
	}
	memset((char *)v + n * size, 0, size);
	return v;
}

void sort_items(void *v, size_t n, size_t size, int (*order)(const void *, const void *))
{
	if (n > 1)
		qsort(v, n, size, order);
}

size_t sort_unique(void *v, size_t n, size_t size, int (*order)(const void *, const void *))
{
	char *item = v;
	size_t kept = n ? 1 : 0;
	sort_items(v, n, size, order);
	for (size_t i = 1; i < n; i++) {
		if (order(item + (kept - 1) * size, item + i * size) == 0)
			continue;
		if (kept != i)
			memcpy(item + kept * size, item + i * size, size);
		kept++;
	}
	return kept;
}
