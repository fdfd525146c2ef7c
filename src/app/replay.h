/* replay.h - app: what the files of iamreplay verify share: the recorded calls replayed
 * against policies, and what came of each. */
#ifndef APP_REPLAY_H
#define APP_REPLAY_H

#include "app/policies.h"
#include "app/policy-request.h"
#include "evaluator/mutate.h"
#include "evaluator/observed.h"

enum replay_state { REPLAY_ALLOWED, REPLAY_NOT_JUDGEABLE, REPLAY_DEPENDS, REPLAY_DENIED };

/* One kind of thing to tell: calls of one name that came to the same for the same reason. */
struct finding {
	enum replay_state state;
	struct span principal;
	struct span call;             /* "s3.amazonaws.com:GetObject" */
	struct span action, resource; /* SPAN_NONE where no action is known */
	struct span why;
	uint64_t events;
	int64_t last; /* seconds since 1970 UTC */
};

struct replay {
	struct arena arena;
	struct finding *findings; /* sorted, no two alike; denied, depends and not judgeable ones */
	size_t n_findings, room;
	uint64_t calls;   /* distinct calls and circumstances replayed */
	uint64_t allowed; /* of them */
	uint64_t denied_calls, depends_calls, unjudged_calls;
	uint64_t refused; /* events that were refused when they were recorded: not replayed */
	/* The actions that were judged, for reports by action: sorted, no two alike. */
	struct span *actions;
	size_t n_actions, actions_room;
	/* With keep: each distinct request that was allowed. */
	bool keep;
	struct request *evidence;
	size_t n_evidence, evidence_room;
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
                       const struct finding **first);

struct mutants { /* of one subject */
	struct mutation mutation;
	struct span principal;
	const struct policy_files *files;
};

void report_text(const struct replay *r);
void report_json(const struct replay *r);
/* One workflow command a finding, to stderr, as GitHub's runners read them. */
void report_annotations(const struct replay *r);
/* STATUS_OK or STATUS_FILE with err. Written as a whole or not at all. */
enum status report_junit(const struct replay *r, const char *path, struct err *err);
void report_mutants(const struct mutants *m, size_t n, bool json);

#endif
