/* dictionary.h - store, internal: from the hash of each call to its row, all of them, in memory:
 * whether a call is new is known without asking the database. Up to a bound; with more of them the
 * database is asked. */
#ifndef STORE_DICTIONARY_H
#define STORE_DICTIONARY_H

#include "base/hash.h"

/* 24 bytes each and as much again for free places: 100 MB. */
#define LIMIT_DICTIONARY ((size_t)3 << 20)

struct dictionary_entry {
	struct hash128 hash;
	int64_t id; /* 0: empty */
};

struct dictionary {
	struct dictionary_entry *entry; /* open addressing; NULL: none yet */
	size_t n, mask;
	/* Of this run, so that whoever writes a log can't choose hashes that meet at one place. */
	uint64_t secret[2];
};

void dictionary_init(struct dictionary *d);
/* Frees the memory; d is empty and may be used again. */
void dictionary_release(struct dictionary *d);
/* id: not 0; hash is not there yet. False: LIMIT_DICTIONARY are there, nothing was added. */
bool dictionary_add(struct dictionary *d, const struct hash128 *hash, int64_t id);
/* The hash is going to be asked for: what that reads is fetched meanwhile. */
void dictionary_ahead(const struct dictionary *d, const struct hash128 *hash);
/* 0 if it is not there. */
int64_t dictionary_find(const struct dictionary *d, const struct hash128 *hash);

#endif
