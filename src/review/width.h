/* width.h - review: where policies grant an action on more than it was used on, and what of others'
 * is open by that. */
#ifndef REVIEW_WIDTH_H
#define REVIEW_WIDTH_H

#include "base/vec.h"
#include "review/known.h"

/* An action that was used and granted, on resources that only others used. */
struct wide_grant {
	struct span action;
	enum access_level level;
	struct span pattern; /* the resource of the statement that opens them, or "NotResource" */
	size_t used;         /* resources that the principal used it on */
	size_t others;       /* those that it could use it on, too, and never used in any way */
	struct span example; /* the one that begins most like one of the principal's own */
};
struct wide_grants {
	struct arena arena;
	VEC_OF(struct wide_grant); /* most others first */
};

/* What is known of everybody, read once a policy is so wide that all of it may be open. */
struct known_everybody {
	struct known_resources k;
	bool read;
};

struct width_question {
	const struct policy_request *request;
	struct policy_source *source;
	struct known_everybody *everybody;
	const struct subject *who;
	const struct policy_files *files; /* what it is granted */
	const struct span *actions;       /* that it used and may use; n_actions of them */
	size_t n_actions;
};

/* Adds to *out, which is initialised. What a policy made now would open as well (explain tells why)
 * is not wide. STATUS_OK, or STATUS_STOP with err. */
enum status width_find(const struct width_question *q, struct wide_grants *out, struct err *err);

void wide_grants_init(struct wide_grants *w);
void wide_grants_release(struct wide_grants *w);

#endif
