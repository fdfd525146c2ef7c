/* bloom.c - store: see bloom.h. */
#include "config.h"

#include "store/bloom.h"

#include "base/alloc.h"

#include <stdlib.h>

enum { PROBES = 3, LINE_WORDS = 8, LINE_BITS = 64 * LINE_WORDS, LINE_BYTES = LINE_BITS / 8 };

void bloom_init(struct bloom *b, uint64_t bits)
{
	b->memory = xcalloc(bits / 8 + LINE_BYTES, 1);
	b->word = (uint64_t *)(((uintptr_t)b->memory + LINE_BYTES - 1) &
	                       ~(uintptr_t)(LINE_BYTES - 1));
	b->mask = bits - 1;
}

void bloom_release(struct bloom *b)
{
	free(b->memory);
	b->memory = NULL;
	b->word = NULL;
}

void bloom_clear(struct bloom *b)
{
	memset(b->word, 0, (b->mask + 1) / 8);
}

/* A key's bits lie in one line of the processor's cache: one miss, not one a probe. */
static uint64_t *line_of(const struct bloom *b, const struct hash128 *key, uint64_t *bits)
{
	uint64_t at;
	memcpy(&at, key->b, sizeof at);
	memcpy(bits, key->b + sizeof at, sizeof *bits);
	/* what tells keys apart may be in either half */
	*bits ^= at >> 32;
	at ^= *bits * UINT64_C(0x9e3779b97f4a7c15);
	return b->word + (at & b->mask) / LINE_BITS * LINE_WORDS;
}

/* Each probe takes nine bits of the key. */
void bloom_add(struct bloom *b, const struct hash128 *key)
{
	uint64_t bits, *line = line_of(b, key, &bits);
	for (int i = 0; i < PROBES; i++, bits >>= 9)
		line[bits / 64 % LINE_WORDS] |= UINT64_C(1) << (bits & 63);
}

void bloom_ahead(const struct bloom *b, const struct hash128 *key)
{
	uint64_t bits;
	__builtin_prefetch(line_of(b, key, &bits), 1);
}

bool bloom_may_have(const struct bloom *b, const struct hash128 *key)
{
	uint64_t bits;
	const uint64_t *line = line_of(b, key, &bits);
	for (int i = 0; i < PROBES; i++, bits >>= 9)
		if (!(line[bits / 64 % LINE_WORDS] >> (bits & 63) & 1))
			return false;
	return true;
}
