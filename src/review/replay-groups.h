/* replay-groups.h - review: what a replay found, told once for all resources of one kind rather
 * than once for each. */
#ifndef REVIEW_REPLAY_GROUPS_H
#define REVIEW_REPLAY_GROUPS_H

#include "review/replay.h"

/* Findings of one principal, state, action and reason, whose resources are of one family
 * (resource-pattern.h); without an action, of one call. */
struct replay_group {
	const struct replay_finding *const *findings; /* n of them, by resource, then by call */
	size_t n, n_resources;
	struct span pattern; /* that the resources fit; SPAN_NONE where no action is known */
	struct span calls;   /* the names of the calls, with ", " between them */
	uint64_t events;
	int64_t last;
};

/* The groups of the findings in that state, sorted by principal, action, reason, resource; *out, n
 * of them, in arena. r, which is finished, must outlive them. */
size_t replay_groups(const struct replay *r, enum replay_state state, struct arena *arena,
                     struct replay_group **out);

#endif
