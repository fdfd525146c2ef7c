/* live-policy.h - app: the policy of what a capture has seen so far: the capture file's own
 * lines, through the one way by which everything is ingested, into a database in memory. */
#ifndef APP_LIVE_POLICY_H
#define APP_LIVE_POLICY_H

#include "base/buf.h"
#include "base/err.h"
#include "builder/generalise.h"
#include "emit/emit.h"
#include "mapping/mapping.h"

struct live_policy;

struct live_policy_counts {
	uint64_t calls;
	uint64_t denied, failed;
	uint64_t unknown; /* calls that the mapping has no answer for */
};

struct live_policy_options {
	bool fails_only; /* a policy of what was refused for want of a grant, instead of what was
	                    allowed */
	enum resources_mode resources;
	const struct emitter *emitter; /* NULL: JSON */
};

/* STATUS_OK and *out (live_policy_free), or STATUS_STOP. */
enum status live_policy_new(const struct mapping *m, const struct live_policy_options *options,
                            struct live_policy **out, struct err *err);
void live_policy_free(struct live_policy *lp);
/* A whole line of a capture, with or without its line feed. What is no call is passed over. */
void live_policy_add(struct live_policy *lp, struct span line);
/* Adds one document for all that was added, in the syntax asked for. STATUS_OK; STATUS_END: nothing to grant;
 * STATUS_STOP. */
enum status live_policy_text(struct live_policy *lp, struct buf *out, struct err *err);
void live_policy_counts(const struct live_policy *lp, struct live_policy_counts *counts);

#endif
