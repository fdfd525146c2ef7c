/* compare.h - evaluator: what a policy grants beside what was used: four states, over all actions that
 * the Service Authorization Reference knows, so that wildcards and NotAction mean what they mean.
 */
#ifndef EVALUATOR_COMPARE_H
#define EVALUATOR_COMPARE_H

#include "mapping/observable.h"
#include "evaluator/evaluate.h"

enum grant_state {
	GRANT_USED = 1,
	GRANT_UNUSED,         /* granted, never seen, though it would have been */
	GRANT_NOT_OBSERVABLE, /* granted, never seen, and the logs would not have shown it */
	USE_NOT_GRANTED,      /* seen, and not granted where it was seen */
};

/* "used", "unused", "not_observable", "not_granted". */
const char *grant_state_name(enum grant_state state);

struct action_use { /* what was seen of one action */
	struct span action;
	struct span resource; /* of a use that is not granted; SPAN_NONE elsewhere */
	bool granted;         /* the policy allows it where it was used */
	uint64_t events;
	int64_t first, last;
};

struct compared {
	struct span action;
	enum access_level level;
	enum grant_state state;
	struct span resource; /* USE_NOT_GRANTED */
	uint64_t events;      /* seen */
	int64_t first, last;
	const char *why; /* GRANT_NOT_OBSERVABLE: a constant */
};

/* What Access Advisor knows of a service. */
struct service_access {
	struct span prefix;               /* lower case */
	int64_t last;                     /* INT64_MIN: never */
	const struct action_use *actions; /* tracked ones that were used */
	size_t n_actions;
	const struct span *tracked; /* all that it tracks: lower case, full names, sorted */
	size_t n_tracked;
};

struct compare_input {
	/* Of which actions it is asked what is granted; NULL: of all. */
	bool (*takes)(const void *data, struct span action);
	const void *data;
	const struct mapping *mapping;
	const struct observable *observable;
	const struct layered *policies;
	size_t n_policies;
	const struct action_use *uses; /* sorted by action */
	size_t n_uses;
	const struct span
	        *data_services; /* IAM prefixes whose data events are in the log; sorted */
	size_t n_data_services;
	const struct service_access *services; /* further evidence, sorted by prefix; may be none */
	size_t n_services;
};

struct grant_comparison {
	struct arena arena;
	struct compared *rows; /* sorted by state, action, resource */
	size_t n;
	size_t granted; /* actions granted */
	size_t used;    /* of them */
	/* unused ones by level, index enum access_level */
	size_t unused[LEVEL_PERMISSIONS + 1];
};

/* *out is always to be released. Names borrow from the input and the mapping, or live in out's
 * arena. */
void compare(const struct compare_input *in, struct grant_comparison *out);
void grant_comparison_release(struct grant_comparison *c);

#endif
