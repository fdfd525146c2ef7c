/* hash.c - ground: see hash.h. */
#include "config.h"

#include "ground/hash.h"

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
