/* rows.c - builder: see rows.h. */
#include "config.h"

#include "builder/rows.h"

#include "base/alloc.h"

#include <stdlib.h>

/* The rows of one entry: to[from] on. */
struct bucket {
	const struct row *first; /* any of its rows, for its key */
	size_t id, n, from;
};

struct buckets {
	struct bucket *v;
	size_t n, room;
	uint32_t *slots; /* index + 1, 0: free; a power of two of them */
	size_t n_slots;
};

static int entry_order(const struct row *x, const struct row *y)
{
	int c = (x->origin > y->origin) - (x->origin < y->origin);
	c = c ? c : span_cmp(x->via, y->via);
	c = c ? c : span_cmp(x->passed_to, y->passed_to);
	return c ? c : span_cmp(x->action, y->action);
}

bool row_same_entry(const struct row *a, const struct row *b)
{
	return entry_order(a, b) == 0;
}

static int resource_order(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int c = span_cmp(x->type, y->type);
	c = c ? c : span_cmp(x->resource, y->resource);
	return c ? c : (x->use > y->use) - (x->use < y->use);
}

static int bucket_order(const void *a, const void *b)
{
	return entry_order(((const struct bucket *)a)->first, ((const struct bucket *)b)->first);
}

/* FNV-1a: the actions are those of the reference, so nobody outside can choose what collides. */
static uint64_t mix(uint64_t h, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
	return (h ^ 0xff) * 1099511628211u;
}

static uint64_t row_hash(const struct row *r)
{
	uint64_t h = mix(mix(mix(14695981039346656037u + (uint64_t)r->origin, r->action), r->via),
	                 r->passed_to);
	return h ^ h >> 29;
}

static void slots_grow(struct buckets *b)
{
	free(b->slots);
	b->n_slots = b->n_slots ? 4 * b->n_slots : 1024;
	b->slots = xcalloc(b->n_slots, sizeof *b->slots);
	for (size_t i = 0; i < b->n; i++) {
		size_t at = row_hash(b->v[i].first) & (b->n_slots - 1);
		while (b->slots[at])
			at = (at + 1) & (b->n_slots - 1);
		b->slots[at] = (uint32_t)i + 1;
	}
}

static size_t bucket_of(struct buckets *b, const struct row *r)
{
	if (2 * b->n >= b->n_slots)
		slots_grow(b);
	size_t at = row_hash(r) & (b->n_slots - 1);
	while (b->slots[at]) {
		if (row_same_entry(b->v[b->slots[at] - 1].first, r))
			return b->slots[at] - 1;
		at = (at + 1) & (b->n_slots - 1);
	}
	if (b->n == b->room) {
		b->room = b->room ? 2 * b->room : 256;
		b->v = xreallocarray(b->v, b->room, sizeof *b->v);
	}
	b->v[b->n] = (struct bucket){.first = r, .id = b->n};
	b->slots[at] = (uint32_t)b->n + 1;
	return b->n++;
}

void rows_sort(struct row *rows, size_t n)
{
	struct buckets b = {NULL, 0, 0, NULL, 0};
	uint32_t *which = xcalloc(n + 1, sizeof *which);
	for (size_t i = 0; i < n; i++) {
		which[i] = (uint32_t)bucket_of(&b, &rows[i]);
		b.v[which[i]].n++;
	}
	if (b.n)
		qsort(b.v, b.n, sizeof *b.v, bucket_order);
	size_t *next = xcalloc(b.n + 1, sizeof *next);
	for (size_t i = 0, from = 0; i < b.n; i++) {
		b.v[i].from = next[b.v[i].id] = from;
		from += b.v[i].n;
	}
	struct row *sorted = xcalloc(n + 1, sizeof *sorted);
	for (size_t i = 0; i < n; i++)
		sorted[next[which[i]]++] = rows[i];
	if (n)
		memcpy(rows, sorted, n * sizeof *rows);
	for (size_t i = 0; i < b.n; i++)
		qsort(rows + b.v[i].from, b.v[i].n, sizeof *rows, resource_order);
	free(sorted);
	free(next);
	free(which);
	free(b.slots);
	free(b.v);
}
