/* arn-parts.h - builder: a resource taken apart by its type's ARN pattern: the fixed texts and the
 * values of the variables, which alone may fold. */
#ifndef BUILDER_ARN_PARTS_H
#define BUILDER_ARN_PARTS_H

#include "call/arn.h"
#include "mapping/mapping.h"

enum { ARN_VARIABLES = 6 }; /* the reference's longest pattern has five behind the account */

struct arn_parts {
	struct arn arn;
	size_t pattern; /* which of the type's patterns; their number: none fits */
	struct span literal[ARN_VARIABLES + 1]; /* the texts around the variables */
	struct span value[ARN_VARIABLES];
	size_t n_values;
};

/* False if resource is no ARN. What no pattern of the type (may be NULL) fits is one value behind
 * the first '/' or ':'. Borrowed from resource and type. */
bool arn_parts_of(struct span resource, const struct sar_type *type, struct arn_parts *out);
/* Whether the reference calls value number v an id ("${TaskId}"): AWS makes it up. */
bool arn_parts_is_id(const struct arn_parts *p, const struct sar_type *type, size_t v);
struct span arn_parts_join(const struct arn_parts *p, struct arena *arena);

#endif
