/* keys.h - policy: what is known of one request: the keys of its context. A key that is not here
 * is absent from the request, as in AWS; one that is marked unknown may be absent or have any
 * values. */
#ifndef POLICY_KEYS_H
#define POLICY_KEYS_H

#include "base/arena.h"

/* The answer to a question about a request of which not all is known; ordered. */
enum truth { TRUTH_NO, TRUTH_MAYBE, TRUTH_YES };

struct request_key {
	struct span key; /* lower case; key names have no case (IAM user guide, policy variables) */
	struct span name; /* as the request spells it */
	const struct span *values;
	size_t n; /* 0: the key is there, its set of values is empty */
	bool unknown;
};

/* Plain data; keys sorted by key, no key twice. */
struct request_keys {
	const struct request_key *v;
	size_t n;
};

/* key in lower case. NULL if the key is absent. */
const struct request_key *keys_find(const struct request_keys *keys, struct span key);

/* Sorts in place. False, with the name in *twice, if a key is there twice. */
bool keys_sort(struct request_key *keys, size_t n, struct span *twice);

/* ASCII lower case, into the arena. */
struct span lower_copy(struct arena *arena, struct span s);

#endif
