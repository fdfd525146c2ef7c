/* facts.h - policy: what is known of one request: the keys of its context. A key that is not here
 * is absent from the request, as in AWS; one that is marked unknown may be absent or have any
 * values. */
#ifndef POLICY_FACTS_H
#define POLICY_FACTS_H

#include "ground/arena.h"

/* The answer to a question about a request of which not all is known; ordered. */
enum truth { TRUTH_NO, TRUTH_MAYBE, TRUTH_YES };

struct fact {
	struct span key; /* lower case; key names have no case (IAM user guide, policy variables) */
	struct span name; /* as the request spells it */
	const struct span *values;
	size_t n; /* 0: the key is there, its set of values is empty */
	bool unknown;
};

/* Plain data; facts sorted by key, no key twice. */
struct facts {
	const struct fact *facts;
	size_t n;
};

/* key in lower case. NULL if the key is absent. */
const struct fact *facts_find(const struct facts *facts, struct span key);

/* Sorts in place. False, with the name in *twice, if a key is there twice. */
bool facts_sort(struct fact *facts, size_t n, struct span *twice);

/* ASCII lower case, into the arena. */
struct span lower_copy(struct arena *arena, struct span s);

#endif
