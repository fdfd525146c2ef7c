/* bloom.h - store, internal: a set of fixed size that never says no of what was put into it, and
 * seldom yes of what was not: what it denies need not be asked of the database. */
#ifndef STORE_BLOOM_H
#define STORE_BLOOM_H

#include "base/hash.h"

struct bloom {
	uint64_t *word;
	uint64_t mask; /* bits - 1 */
};

/* bits: a power of two, at least 64. */
void bloom_init(struct bloom *b, uint64_t bits);
void bloom_release(struct bloom *b);
void bloom_clear(struct bloom *b);
void bloom_add(struct bloom *b, const struct hash128 *key);
bool bloom_may_have(const struct bloom *b, const struct hash128 *key);

#endif
