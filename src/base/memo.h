/* memo.h - base: remembers what pure functions said of texts that come again and again. A table
 * of fixed size without chains: a newer text takes an older one's place, so it never grows and
 * never lies. */
#ifndef BASE_MEMO_H
#define BASE_MEMO_H

#include "base/span.h"

struct memo;

/* slots is a power of two; texts longer than longest bytes are not remembered. */
struct memo *memo_new(size_t slots, size_t longest, size_t value_size);
void memo_free(struct memo *m);
/* The value kept for text, borrowed until the next memo_put; NULL if it is not known (any more). */
const void *memo_get(const struct memo *m, struct span text);
/* Keeps a copy of value (value_size bytes) for text. */
void memo_put(struct memo *m, struct span text, const void *value);

#endif
