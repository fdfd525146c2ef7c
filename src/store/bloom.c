/* bloom.c - store: see bloom.h. */
#include "config.h"

#include "store/bloom.h"

#include "base/alloc.h"

#include <stdlib.h>

enum { PROBES = 3 };

void bloom_init(struct bloom *b, uint64_t bits)
{
	b->word = xcalloc(bits / 64, sizeof *b->word);
	b->mask = bits - 1;
}

void bloom_release(struct bloom *b)
{
	free(b->word);
	b->word = NULL;
}

void bloom_clear(struct bloom *b)
{
	memset(b->word, 0, (b->mask + 1) / 8);
}

/* The probes of a key: start + i * step. */
static void probes_of(const struct hash128 *key, uint64_t *start, uint64_t *step)
{
	memcpy(start, key->b, sizeof *start);
	memcpy(step, key->b + sizeof *start, sizeof *step);
	*step |= 1;
}

void bloom_add(struct bloom *b, const struct hash128 *key)
{
	uint64_t at, step;
	probes_of(key, &at, &step);
	for (int i = 0; i < PROBES; i++, at += step)
		b->word[(at & b->mask) / 64] |= UINT64_C(1) << (at & 63);
}

bool bloom_may_have(const struct bloom *b, const struct hash128 *key)
{
	uint64_t at, step;
	probes_of(key, &at, &step);
	for (int i = 0; i < PROBES; i++, at += step)
		if (!(b->word[(at & b->mask) / 64] >> (at & 63) & 1))
			return false;
	return true;
}
