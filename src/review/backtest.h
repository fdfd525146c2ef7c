/* backtest.h - review: how well a policy holds that was made earlier: made from what came before a
 * cut in time, it is asked for every later call, and for every resource that only others used. */
#ifndef REVIEW_BACKTEST_H
#define REVIEW_BACKTEST_H

#include "base/vec.h"
#include "review/known.h"

/* With fewer resources of others the share of opened ones says nothing: one in fifty is 2 %. */
enum { BACKTEST_LEAST_OTHERS = 50 };

struct backtest_options {
	const struct policy_request *request;
	bool has_cut;
	int64_t cut;    /* with has_cut: seconds since 1970 UTC; what is earlier makes the policy */
	unsigned train; /* else the cut is so many percent (1 to 99) into the time of the log */
};

/* Calls are distinct calls in distinct circumstances, as verify counts them. */
struct backtest_calls {
	uint64_t calls, held;
	uint64_t events, held_events;
};

/* One thing that later calls needed and the policy did not have. */
struct backtest_miss {
	struct span action;
	struct span resource; /* SPAN_NONE of new actions */
	uint64_t calls, events;
};
struct backtest_misses {
	VEC_OF(struct backtest_miss); /* sorted by action and resource, none twice */
};

/* A resource of others that the policy is open on. */
struct backtest_opened {
	struct span action; /* the first that it is open to */
	struct span resource;
	struct span near; /* the principal's own that begins most alike; SPAN_NONE: none */
	size_t common;    /* bytes that they share */
};

struct backtest_subject {
	struct span principal;
	bool nothing_before; /* no policy could be made: not judged */
	struct backtest_calls all;
	struct backtest_calls seen; /* those whose actions had all been seen before the cut */
	struct backtest_misses new_actions;
	struct backtest_misses missed;
	/* Names that have no word in common with any that the principal used before: nobody could
	 * predict them. */
	struct backtest_misses unpredictable;
	size_t others; /* resources that others alone used, of types that the policy's actions take
	                */
	VEC(struct backtest_opened) opened; /* the nearest first */
};

struct backtest {
	struct arena arena;
	struct store_window window; /* of the log, as far as the request asks for it */
	int64_t cut;
	VEC(struct backtest_subject) subjects;
	/* Of those that were judged. */
	struct backtest_calls all, seen;
	size_t others, opened;
};

/* STATUS_OK, or STATUS_STOP with err: the store failed, a policy does not fit its limit, or the cut
 * is not inside the log. Always to be released. */
enum status backtest_run(const struct backtest_options *o, struct policy_source *s,
                         const struct subjects *subjects, struct backtest *out, struct err *err);
void backtest_release(struct backtest *b);

#endif
