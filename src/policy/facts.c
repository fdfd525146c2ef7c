/* facts.c - policy: see facts.h. */
#include "config.h"

#include "policy/facts.h"

#include <stdlib.h>

const struct fact *facts_find(const struct facts *facts, struct span key)
{
	size_t low = 0, high = facts->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = span_cmp(facts->facts[middle].key, key);
		if (c == 0)
			return &facts->facts[middle];
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static int by_key(const void *a, const void *b)
{
	return span_cmp(((const struct fact *)a)->key, ((const struct fact *)b)->key);
}

bool facts_sort(struct fact *facts, size_t n, struct span *twice)
{
	if (n > 1)
		qsort(facts, n, sizeof *facts, by_key);
	for (size_t i = 1; i < n; i++) {
		if (span_eq(facts[i - 1].key, facts[i].key)) {
			*twice = facts[i].key;
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
