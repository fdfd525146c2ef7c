/* keys.c - policy: see keys.h. */
#include "config.h"

#include "policy/keys.h"

#include <stdlib.h>

const struct request_key *keys_find(const struct request_keys *keys, struct span key)
{
	size_t low = 0, high = keys->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = span_cmp(keys->v[middle].key, key);
		if (c == 0)
			return &keys->v[middle];
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static int by_key(const void *a, const void *b)
{
	return span_cmp(((const struct request_key *)a)->key, ((const struct request_key *)b)->key);
}

bool keys_sort(struct request_key *keys, size_t n, struct span *twice)
{
	if (n > 1)
		qsort(keys, n, sizeof *keys, by_key);
	for (size_t i = 1; i < n; i++) {
		if (span_eq(keys[i - 1].key, keys[i].key)) {
			*twice = keys[i].key;
			return false;
		}
	}
	return true;
}

struct span lower_copy(struct arena *arena, struct span s)
{
	char *p = arena_alloc(arena, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		p[i] = ascii_lower(s.p[i]);
	p[s.n] = '\0';
	return span_make(p, s.n);
}
