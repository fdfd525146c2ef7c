/* quotas.h - policy: how large AWS lets a policy be. One dated table, with the source of each
 * number. */
#ifndef POLICY_QUOTAS_H
#define POLICY_QUOTAS_H

#include "base/span.h"

struct policy_quota {
	const char *name;   /* of --limit */
	size_t characters;  /* 0: no limit */
	unsigned documents; /* at most so many of them count together or can be attached */
	bool white_space;   /* white space counts too */
	const char *what;   /* one line for a user */
	const char *source; /* the AWS document */
	const char *as_of;  /* when the source said so: year and month */
};

/* NULL if there is none of that name. */
const struct policy_quota *policy_quota(struct span name);

#endif
