/* event-conditions.h - builder: what all events of a statement had in common, as IAM conditions. Each key
 * is used with the operator that AWS documents for it, and only where every event shows it.
 *
 * Source: AWS global condition context keys; condition operators (IAM user guide). */
#ifndef BUILDER_EVENT_CONDITIONS_H
#define BUILDER_EVENT_CONDITIONS_H

#include "base/arena.h"
#include "normalise/session-tags.h"
#include "policy/policy.h"

enum condition_kind {
	CONDITION_REGION,
	CONDITION_SOURCE_VPCE,
	CONDITION_SOURCE_IP,
	CONDITION_MFA,
	CONDITION_CALLED_VIA,
	CONDITION_PASSED_TO,
	CONDITION_SECURE_TRANSPORT,
	CONDITION_PRINCIPAL_TAG,
	CONDITION_KINDS
};

/* Where and how a row's calls were made. */
struct use_context {
	struct span region;
	const struct context *context;
};

/* One row of a statement. */
struct condition_use {
	const struct access_use *use;
	const struct use_context *where;
};

/* The --condition name of a kind, "source-vpce". */
const char *condition_name(enum condition_kind kind);
/* True if the key is about how the principal's own request came in, so that a call which a service
 * makes on the principal's behalf would be refused by it. */
bool condition_breaks_fas(enum condition_kind kind);

/* The condition that kind gives for a statement of these rows: true and *out (in arena), *n_out of
 * them, which is one but for tags at most CONDITION_MAX_TAGS; or false and *why, one line without
 * the statement's name. */
enum { CONDITION_MAX_TAGS = LIMIT_SESSION_TAGS, CONDITION_MAX_VALUES = 20 };
bool condition_from_uses(enum condition_kind kind, const struct condition_use *uses, size_t n,
                         struct arena *arena, struct policy_condition *out, size_t *n_out,
                         const char **why);

#endif
