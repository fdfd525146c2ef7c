/* template.h - reduce: fills a text of sql/engine: "@word(a, b)" by the dialect's table, "@{name}"
 * by the caller, literals with the dialect's escapes. Comments at the beginning are left out. */
#ifndef REDUCE_TEMPLATE_H
#define REDUCE_TEMPLATE_H

#include "base/buf.h"
#include "reduce/dialect.h"

struct template_values {
	const struct dialect *dialect;
	/* Adds what stands for name; it is text of a template itself. False: there is no such name.
	 */
	bool (*add)(void *data, struct span name, struct buf *out);
	void *data;
};

/* A text without the comments at its beginning. */
struct span template_text(const char *text);

/* The texts are this program's own: what is wrong with one is an error of the program. */
void template_fill(const char *text, const struct template_values *values, struct buf *out);

#endif
