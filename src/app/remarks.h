/* remarks.h - app: what users are to be told beside a result, one line each: something was made,
 * something that they asked for is not taken. No errors. */
#ifndef APP_REMARKS_H
#define APP_REMARKS_H

#include "base/arena.h"
#include "base/vec.h"

struct remarks {
	VEC_OF(struct span);
	struct arena arena;
};

void remarks_init(struct remarks *r);
void remarks_release(struct remarks *r);
/* Adds a line, without its newline. */
void remarks_add(struct remarks *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
