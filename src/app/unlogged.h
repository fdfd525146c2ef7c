/* unlogged.h - app: what goes with what was seen and is in no log. Who creates a log stream writes to it,
 * and CloudTrail never records that: a policy from a log alone lets the stream be made and stay
 * empty. Who runs a task passes the roles of its definition, which only the call that registered it
 * tells. Nothing of it is granted; the user is told.
 *
 * Source: what CloudTrail does not record is told by observable.h; which action takes which resource
 * type, by the Service Authorization Reference. */
#ifndef APP_UNLOGGED_H
#define APP_UNLOGGED_H

#include "app/policy-source.h"
#include "policy/policy.h"

struct unlogged {
	struct span made;   /* "logs:CreateLogStream": granted */
	struct span action; /* "logs:PutLogEvents": on the same resource type, never logged, not granted;
	                       or "iam:PassRole" */
};

/* Of an identity policy, sorted by action, in arena; returns how many. */
size_t unlogged_of(struct policy_source *s, const struct policy *p, struct arena *arena,
                   struct unlogged **out);

#endif
