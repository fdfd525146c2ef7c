/* memo.h - base: remembers the results of pure functions of texts that come again and again. A
 * direct-mapped cache of fixed size: a collision evicts the older text. */
#ifndef BASE_MEMO_H
#define BASE_MEMO_H

#include "base/span.h"

struct memo;

/* slots is a power of two; texts longer than longest bytes are not remembered. */
struct memo *memo_new(size_t slots, size_t longest, size_t value_size);
void memo_free(struct memo *m);
/* The value kept for text, borrowed until the next memo_put; NULL if there is none. */
const void *memo_get(const struct memo *m, struct span text);
/* Keeps a copy of value (value_size bytes) for text. */
void memo_put(struct memo *m, struct span text, const void *value);

#endif
