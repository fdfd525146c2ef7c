/* replay.h - review: the recorded calls of subjects replayed against policies, and what came of
 * each. */
#ifndef REVIEW_REPLAY_H
#define REVIEW_REPLAY_H

#include "app/gather.h"
#include "app/policy-files.h"
#include "evaluator/observed.h"

enum replay_state { REPLAY_ALLOWED, REPLAY_NOT_JUDGEABLE, REPLAY_DEPENDS, REPLAY_DENIED };

/* One kind of thing to tell: calls of one name that came to the same for the same reason. */
struct replay_finding {
	enum replay_state state;
	struct span principal;
	struct span call;             /* "s3.amazonaws.com:GetObject" */
	struct span action, resource; /* SPAN_NONE where no action is known */
	struct span why;
	uint64_t events;
	int64_t last; /* seconds since 1970 UTC */
};

/* What came of one access of a call. */
struct replay_judged {
	const struct access *access;
	enum replay_state state;
};

struct replay {
	struct arena arena;
	struct replay_finding
	        *findings; /* sorted, no two alike; denied, depends and not judgeable ones */
	size_t n_findings, room;
	uint64_t calls;   /* distinct calls and circumstances replayed */
	uint64_t allowed; /* of them */
	uint64_t denied_calls, depends_calls, unjudged_calls;
	uint64_t refused;  /* events that were refused when they were recorded: not replayed */
	uint64_t unproven; /* events that failed, or had no answer, and prove no permission: not
	                      replayed */
	/* The actions that were judged, for reports by action: sorted, no two alike. */
	struct span *actions;
	size_t n_actions, actions_room;
	/* With keep: each distinct request that was allowed. */
	bool keep;
	struct request *evidence;
	size_t n_evidence, evidence_room;
	/* Resource-based policies of this and other accounts; NULL: they are not known, and a call
	 * on another account's resource is judged by the principal's side alone. */
	const struct policy_files *resource_policies;
	/* Where it is set: told of each call that is replayed, with what it needs (n may be 0). */
	void (*judged)(void *data, const struct call_use *u, const struct replay_judged *a,
	               size_t n);
	void *judged_data;
};

void replay_init(struct replay *r);
void replay_release(struct replay *r);
/* Replays the calls of who against the policies; adds to *out. STATUS_OK, or STATUS_STOP and err.
 */
enum status replay_run(const struct policy_request *request, struct policy_source *s,
                       const struct subject *who, const struct policy_files *policies,
                       struct replay *out, struct err *err);
/* Sorts and merges the findings. */
void replay_finish(struct replay *r);
/* How many findings are in that state; *first is the first of them. */
size_t replay_findings(const struct replay *r, enum replay_state state,
                       const struct replay_finding **first);

#endif
