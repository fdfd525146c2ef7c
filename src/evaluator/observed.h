/* observed.h - evaluator: a recorded call as requests to be judged: what the log shows of the
 * condition keys that policies ask for, and the resource with its unknown parts.
 *
 * Source: IAM user guide, "AWS global condition context keys"; CloudTrail record contents. */
#ifndef EVALUATOR_OBSERVED_H
#define EVALUATOR_OBSERVED_H

#include "call/access.h"
#include "evaluator/evaluate.h"

struct observation {
	const struct call *call;
	const struct context *context;
	const struct access *access;
	int64_t time; /* seconds since 1970 UTC */
};

/* Fills *out with what is known of the n keys asked for (lower case, sorted, no key twice): a value
 * where the log shows one, nothing where it shows that the key was absent, else unknown. In arena.
 */
void observed_keys(const struct observation *o, const struct span *asked, size_t n,
                   struct arena *arena, struct request_keys *out);

/* True if the time of the call is among the keys. */
bool observed_ask_time(const struct span *asked, size_t n);

/* The request behind an access: action, resource, principal; keys as above. */
void observed_request(const struct observation *o, const struct span *asked, size_t n,
                      struct arena *arena, struct request *out);

/* Policy text of a resource as a request's: '*' and '?' are unknown parts, "${*}", "${?}" and
 * "${$}" the characters. *partial is set if anything is unknown. */
struct span observed_resource(struct span text, struct arena *arena, bool *partial);

#endif
