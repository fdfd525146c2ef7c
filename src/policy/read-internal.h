/* read-internal.h - policy: what the two steps of reading a document share: the model from JSON,
 * then its texts compiled. Both name the place of what they refuse. */
#ifndef POLICY_READ_INTERNAL_H
#define POLICY_READ_INTERNAL_H

#include "policy/compile.h"

struct reader {
	struct arena *arena;
	struct err *err;
	/* Where in the document the reader is. */
	const char *element; /* "Action" or NULL */
	size_t statement;
	bool in_statement;
	struct span operator_text, key; /* inside Condition */
};

/* STATUS_FILE, and err with the place, what is wrong there and name (SPAN_NONE: none). */
enum status reader_refuse(struct reader *r, const char *what, struct span name);

/* The model of a JSON value, in r->arena; the texts are not yet checked. */
enum status reader_model(struct reader *r, const json_t *json, struct policy_document *out);

/* Compiles out->text, in r->arena. */
enum status reader_compile(struct reader *r, struct document *out);

#endif
