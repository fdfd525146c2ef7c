/* suggest.h - base: what somebody may have meant who typed a name that there is not. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include "base/arena.h"

/* Letters to be added, dropped, changed or swapped with the next one to make b of a (optimal string
 * alignment distance); more than most: most + 1. */
unsigned edit_distance(struct span a, struct span b, unsigned most);

/* The name with that number; absent past the last. */
typedef struct span (*suggest_name_fn)(const void *data, size_t i);

/* "; did you mean 'policy'?" with the nearest names, or "" where none is near; in arena. before
 * stands before each name ("--"). */
struct span suggest(struct arena *arena, struct span typed, const char *before,
                    suggest_name_fn name_at, const void *data);

#endif
