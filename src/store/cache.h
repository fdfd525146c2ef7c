/* cache.h - store, internal: from the hash of a call, context or session to its row id, for those
 * seen lately. A set-associative cache of fixed size, so that memory does not grow with the
 * database; what was evicted is asked of the database. */
#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include "base/hash.h"

struct cache_entry {
	struct hash128 hash;
	int64_t id;            /* 0: empty */
	int64_t time;          /* of a call's sample */
	bool path_unknown;     /* of a principal */
	struct hash128 sample; /* of a call; of a principal: what is known beside its name */
};

struct cache {
	struct cache_entry *entry;
	size_t mask; /* sets of CACHE_WAYS entries - 1 */
};

/* entries: a power of two, at least 4. */
void cache_init(struct cache *c, size_t entries);
void cache_release(struct cache *c);
void cache_clear(struct cache *c);
/* NULL if it is not there. Valid until the next cache_put. */
struct cache_entry *cache_get(struct cache *c, const struct hash128 *hash);
/* The hash is going to be asked for: what that reads is fetched meanwhile. */
void cache_ahead(const struct cache *c, const struct hash128 *hash);
/* An entry for hash, id and all else 0, taking the place of the one that was put longest ago. */
struct cache_entry *cache_put(struct cache *c, const struct hash128 *hash);

#endif
