/* reach.h - evaluator: which of the resources that are known an action is open on: what a wildcard
 * is worth where it stands. */
#ifndef EVALUATOR_REACH_H
#define EVALUATOR_REACH_H

#include "evaluator/evaluate.h"
#include "mapping/mapping.h"

/* A resource that somebody was seen to use. */
struct known_resource {
	struct span service, type; /* of the Service Authorization Reference */
	struct span resource;      /* an ARN as a request has it, with no unknown part */
};

/* By service, type and resource; for qsort and bsearch. */
int known_resource_order(const void *a, const void *b);

/* Whose policies are asked, and what is known; all borrowed. */
struct reach {
	struct evaluator *evaluator;
	const struct mapping *mapping;
	const struct known_resource *known; /* sorted, none twice */
	size_t n_known;
	struct span principal; /* for policies that name one; may be SPAN_NONE */
};

/* Finds which of the known resources of the types that the action takes are open to it. An action
 * that is open under a condition counts as open: nothing is known of the circumstances, and some
 * request meets them. *out gets their indices, rising, in arena; returns how many. */
size_t reach_of_action(const struct reach *r, struct span action, struct arena *arena,
                       const size_t **out);
/* With what the resources begin on which the action may be open, as far as the policies tell: ""
 * where they may be any. For whoever gathers what is to be known: r->known is not looked at. *out
 * is in arena; returns how many. */
size_t reach_heads(const struct reach *r, struct span action, struct arena *arena,
                   const struct span **out);
/* The text of the resource by which the first statement that allows it is open on one of them;
 * "NotResource" where that is what it has. In arena. */
struct span reach_pattern(const struct reach *r, struct span action,
                          const struct known_resource *one, struct arena *arena);

#endif
