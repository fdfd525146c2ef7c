/* remarks.c - app: see remarks.h. */
#include "config.h"

#include "app/remarks.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

enum { LONGEST_REMARK = 8192 }; /* two paths and what is said of them */

void remarks_init(struct remarks *r)
{
	*r = (struct remarks){.n = 0};
	arena_init(&r->arena);
}

void remarks_release(struct remarks *r)
{
	vec_release(r);
	arena_release(&r->arena);
}

void remarks_add(struct remarks *r, const char *format, ...)
{
	char text[LONGEST_REMARK];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	*vec_add(r) = arena_span(&r->arena, span_of(text));
}
