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

/* Whether each is greater than the one before. */
static bool is_sorted_unique(const char *item, size_t n, size_t size,
                             int (*order)(const void *, const void *))
{
	for (size_t i = 1; i < n; i++)
		if (order(item + (i - 1) * size, item + i * size) >= 0)
			return false;
	return true;
}

/* What each call has few of is sorted without qsort, which takes memory. */
enum { FEW_ITEMS = 8, SMALL_ITEM = 64 };

static void sort_few(char *item, size_t n, size_t size, int (*order)(const void *, const void *))
{
	char moved[SMALL_ITEM];
	for (size_t i = 1; i < n; i++) {
		size_t to = i;
		while (to && order(item + (to - 1) * size, item + i * size) > 0)
			to--;
		if (to == i)
			continue;
		memcpy(moved, item + i * size, size);
		memmove(item + (to + 1) * size, item + to * size, (i - to) * size);
		memcpy(item + to * size, moved, size);
	}
}

void sort_items(void *v, size_t n, size_t size, int (*order)(const void *, const void *))
{
	if (n < 2)
		return;
	if (n <= FEW_ITEMS && size <= SMALL_ITEM)
		sort_few(v, n, size, order);
	else
		qsort(v, n, size, order);
}

size_t sort_unique(void *v, size_t n, size_t size, int (*order)(const void *, const void *))
{
	char *item = v;
	size_t kept = n ? 1 : 0;
	if (is_sorted_unique(item, n, size, order))
		return n;
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
