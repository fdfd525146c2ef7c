/* hash.c - base: see hash.h. */
#include "config.h"

#include "base/hash.h"

#include <sodium/core.h>
#include <stdlib.h>

void hash_start(void)
{
	if (sodium_init() < 0)
		abort();
}

void hash_begin(struct hasher *h)
{
	if (crypto_generichash_init(&h->state, NULL, 0, HASH_BYTES) != 0)
		abort();
}

void hash_bytes(struct hasher *h, const void *p, size_t n)
{
	if (n)
		crypto_generichash_update(&h->state, p, n);
}

void hash_u64(struct hasher *h, uint64_t v)
{
	unsigned char b[8];
	for (int i = 0; i < 8; i++)
		b[i] = (unsigned char)(v >> (8 * i));
	hash_bytes(h, b, sizeof b);
}

void hash_field(struct hasher *h, struct span s)
{
	hash_u64(h, s.p ? (uint64_t)s.n : UINT64_MAX);
	hash_bytes(h, s.p, s.n);
}

struct hash128 hash_end(struct hasher *h)
{
	struct hash128 out;
	if (crypto_generichash_final(&h->state, out.b, sizeof out.b) != 0)
		abort();
	return out;
}

struct hash128 hash_of(struct span s)
{
	struct hash128 out;
	if (crypto_generichash(out.b, sizeof out.b, (const unsigned char *)s.p, s.n, NULL, 0) != 0)
		abort();
	return out;
}

bool hash_eq(const struct hash128 *a, const struct hash128 *b)
{
	return memcmp(a->b, b->b, HASH_BYTES) == 0;
}

uint64_t hash_low(const struct hash128 *h)
{
	uint64_t v;
	memcpy(&v, h->b, sizeof v);
	return v;
}

uint64_t hash_quick(struct span s)
{
	uint64_t h = s.n * UINT64_C(0x9e3779b97f4a7c15), word;
	size_t i = 0;
	for (; i + sizeof word <= s.n; i += sizeof word) {
		memcpy(&word, s.p + i, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		word = __builtin_bswap64(word);
#endif
		h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	word = 0;
	for (size_t shift = 0; i < s.n; i++, shift += 8)
		word |= (uint64_t)(unsigned char)s.p[i] << shift;
	h = (h ^ word) * UINT64_C(0xc4ceb9fe1a85ec53);
	h ^= h >> 29;
	return h ? h : 1;
}
