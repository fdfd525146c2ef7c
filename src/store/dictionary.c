/* dictionary.c - store: see dictionary.h. */
#include "config.h"

#include "store/dictionary.h"

#include "base/alloc.h"

#include <sodium/randombytes.h>
#include <stdlib.h>

enum { FIRST_PLACES = 1 << 14 };

void dictionary_init(struct dictionary *d)
{
	*d = (struct dictionary){.entry = NULL};
	randombytes_buf(d->secret, sizeof d->secret);
	d->secret[0] |= 1;
	d->secret[1] |= 1;
}

void dictionary_release(struct dictionary *d)
{
	free(d->entry);
	d->entry = NULL;
	d->n = d->mask = 0;
}

static uint64_t first_place(const struct dictionary *d, const struct hash128 *hash)
{
	uint64_t half[2];
	memcpy(half, hash->b, sizeof half);
	return (half[0] * d->secret[0] + half[1] * d->secret[1]) >> 32;
}

void dictionary_ahead(const struct dictionary *d, const struct hash128 *hash)
{
	if (d->entry)
		__builtin_prefetch(&d->entry[first_place(d, hash) & d->mask]);
}

/* The hash's place, or the free one where it would be. */
static struct dictionary_entry *place_of(const struct dictionary *d, const struct hash128 *hash)
{
	for (uint64_t at = first_place(d, hash);; at++) {
		struct dictionary_entry *e = &d->entry[at & d->mask];
		if (!e->id || hash_eq(&e->hash, hash))
			return e;
	}
}

static void grow(struct dictionary *d)
{
	struct dictionary before = *d;
	size_t places = before.entry ? 2 * (before.mask + 1) : FIRST_PLACES;
	d->entry = xcalloc(places, sizeof *d->entry);
	d->mask = places - 1;
	for (size_t i = 0; before.entry && i <= before.mask; i++)
		if (before.entry[i].id)
			*place_of(d, &before.entry[i].hash) = before.entry[i];
	free(before.entry);
}

bool dictionary_add(struct dictionary *d, const struct hash128 *hash, int64_t id)
{
	if (d->n >= LIMIT_DICTIONARY)
		return false;
	if (!d->entry || d->n >= (d->mask + 1) / 4 * 3)
		grow(d);
	*place_of(d, hash) = (struct dictionary_entry){*hash, id};
	d->n++;
	return true;
}

int64_t dictionary_find(const struct dictionary *d, const struct hash128 *hash)
{
	return d->entry ? place_of(d, hash)->id : 0;
}
