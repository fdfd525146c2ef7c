/* policy-request.h - app: what policy, explain, verify and diff have in common: which principals,
 * which of their events, and how a policy of them is to be made. */
#ifndef APP_POLICY_REQUEST_H
#define APP_POLICY_REQUEST_H

#include "builder/build.h"
#include "store/store.h"

enum { REQUEST_LIST = 64 }; /* times one option may be repeated */

struct text_list {
	struct span v[REQUEST_LIST];
	size_t n;
};

/* Texts are borrowed; NULL where not given. */
struct policy_request {
	const char *db, *mappings, *merge;
	struct text_list principals, accounts;
	struct text_list exclude_actions, exclude_services, exclude_agents, exclude_sessions;
	struct store_window window;
	int64_t last, now; /* seconds; last 0: not given */
	bool has_now, allowed_only;
	bool limit_given;                 /* else limit follows from where the policy goes */
	const struct policy_quota *limit; /* NULL with a number or none */
	unsigned max_documents;           /* 0: not given */
	struct policy_options options;
};

/* All events of nobody yet, and the builder's defaults. */
void policy_request_init(struct policy_request *r);
/* What the limit is where none was given; NULL: none. */
void policy_request_limit(struct policy_request *r, const struct policy_quota *limit);
/* Whether --exclude-action or --exclude-service leave out this action. */
bool policy_request_excludes(const struct policy_request *r, struct span action);

#endif
