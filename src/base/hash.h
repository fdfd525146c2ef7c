/* hash.h - base: 16-byte BLAKE2b (RFC 7693, by libsodium), the identity of events, calls and
 * files. A cryptographic hash, because whoever writes a log must not be able to make one event hide
 * another. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/span.h"

#include <sodium/crypto_generichash.h>

enum { HASH_BYTES = 16 };

struct hash128 {
	unsigned char b[HASH_BYTES];
};

struct hasher {
	crypto_generichash_state state;
};

/* Once at the program's start, before threads: picks the fastest code for this processor. Without
 * it the same hashes come out, slower. */
void hash_start(void);
void hash_begin(struct hasher *h);
/* Raw bytes: two calls hash like one with both inputs joined. */
void hash_bytes(struct hasher *h, const void *p, size_t n);
/* A field: its length goes in first, so that ("ab","c") differs from ("a","bc"), and an absent text
 * differs from an empty one. */
void hash_field(struct hasher *h, struct span s);
void hash_u64(struct hasher *h, uint64_t v);
struct hash128 hash_end(struct hasher *h);
struct hash128 hash_of(struct span s);
bool hash_eq(const struct hash128 *a, const struct hash128 *b);
/* 64 bits of it, for tables in memory. */
uint64_t hash_low(const struct hash128 *h);

/* Any 64 bits that differ between most texts, several times faster than the above: for tables in
 * memory and where nothing but a count depends on it, since texts with equal bits are easily made.
 * Never 0. */
uint64_t hash_quick(struct span s);

#endif
