/* cache.c - store: see cache.h. */
#include "config.h"

#include "store/cache.h"

#include "base/alloc.h"

#include <stdlib.h>

enum { CACHE_WAYS = 4 };

void cache_init(struct cache *c, size_t entries)
{
	c->entry = xcalloc(entries, sizeof *c->entry);
	c->mask = entries / CACHE_WAYS - 1;
}

void cache_release(struct cache *c)
{
	free(c->entry);
	c->entry = NULL;
}

void cache_clear(struct cache *c)
{
	memset(c->entry, 0, (c->mask + 1) * CACHE_WAYS * sizeof *c->entry);
}

static struct cache_entry *set_of(const struct cache *c, const struct hash128 *hash)
{
	return &c->entry[(hash_low(hash) & c->mask) * CACHE_WAYS];
}

/* Nearly all are found in the first two ways. */
void cache_ahead(const struct cache *c, const struct hash128 *hash)
{
	const struct cache_entry *e = set_of(c, hash);
	__builtin_prefetch(&e[0]);
	__builtin_prefetch(&e[1]);
}

struct cache_entry *cache_get(struct cache *c, const struct hash128 *hash)
{
	struct cache_entry *e = set_of(c, hash);
	for (int i = 0; i < CACHE_WAYS; i++)
		if (e[i].id && hash_eq(&e[i].hash, hash))
			return &e[i];
	return NULL;
}

struct cache_entry *cache_put(struct cache *c, const struct hash128 *hash)
{
	struct cache_entry *e = set_of(c, hash);
	memmove(&e[1], &e[0], (CACHE_WAYS - 1) * sizeof *e);
	e[0] = (struct cache_entry){.hash = *hash};
	return &e[0];
}
