/* bloom.h - store, internal: a Bloom filter. No false negatives, few false positives: what it does
 * not have need not be asked of the database. */
#ifndef STORE_BLOOM_H
#define STORE_BLOOM_H

#include "base/hash.h"

struct bloom {
	void *memory;
	uint64_t *word; /* in memory, where a line of the processor's cache begins */
	uint64_t mask;  /* bits - 1 */
};

/* bits: a power of two, at least 512. */
void bloom_init(struct bloom *b, uint64_t bits);
void bloom_release(struct bloom *b);
void bloom_clear(struct bloom *b);
void bloom_add(struct bloom *b, const struct hash128 *key);
bool bloom_may_have(const struct bloom *b, const struct hash128 *key);
/* The key is going to be asked for: what that reads is fetched meanwhile. */
void bloom_ahead(const struct bloom *b, const struct hash128 *key);

#endif
