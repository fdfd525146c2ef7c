/* property.h - what holds for any value: a function is run on random values, small ones first, so
 * that a failure shows a small one. A run is told by its number: IAMREPLAY_PROPERTY_SEED=N runs
 * that one alone, IAMREPLAY_PROPERTY_RUNS=N so many. */
#ifndef UNIT_PROPERTY_H
#define UNIT_PROPERTY_H

#include "unit.h"

#include "base/arena.h"

struct random {
	uint64_t state;
	unsigned size;      /* how large values may be: grows from 1 */
	struct arena arena; /* emptied after each run */
};

/* Calls property with so many randoms (or as the environment says); it fails by cmocka's
 * assertions. The number of the run is printed where it fails. */
void for_any(void (*property)(struct random *r), unsigned runs);

/* From 0 to n - 1; n > 0. */
unsigned any_below(struct random *r, unsigned n);
/* True once in so many times. */
bool once_in(struct random *r, unsigned times);
/* Up to size characters of any kind, JSON's and CSV's own, controls (without NUL) and UTF-8 among
 * them; in the arena. */
struct span any_text(struct random *r);
/* One of a list of n C strings. */
struct span any_of(struct random *r, const char *const *list, size_t n);
#define ANY_OF(r, list) any_of(r, list, sizeof(list) / sizeof *(list))

#endif
