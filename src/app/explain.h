/* explain.h - app: what stands behind each permission of a policy, and what the log cannot show. */
#ifndef APP_EXPLAIN_H
#define APP_EXPLAIN_H

#include "app/gather.h"

/* A resource as it was seen. */
struct seen_resource {
	struct span type, arn;
	enum access_origin origin;
	uint64_t events;
};

struct permission {
	struct span action, sid;
	enum access_level level;
	enum statement_origin origin;
	struct span passed_to, via_service; /* what its statement is limited to, or SPAN_NONE */
	struct span *patterns;              /* what the policy grants it on */
	size_t n_patterns;
	uint64_t events;
	size_t n_calls; /* distinct */
	int64_t first, last;
	size_t days;
	enum mapping_rule rule;
	enum access_need need;
	struct span document; /* behind a curated rule, or SPAN_NONE */
	struct evidence sample;
	bool has_sample;
	struct seen_resource *resources;
	size_t n_resources;
	struct names calls, agents, networks, via;
	const struct policy_fold *folds;
	size_t n_folds;
};

struct explanation {
	struct arena arena;
	struct permission *permissions; /* by action; free() */
	size_t n;
	struct names dependents; /* actions that the reference names beside those and that are not
	                            granted */
	size_t days_seen, days_of_log; /* with events of the principal, of anyone */
	int64_t first_day, last_day;   /* of the principal */
	int64_t last_new_day; /* the last on which an access was new; meaningful with days_seen */
	int64_t log_first, log_last; /* days of the whole log */
	size_t quiet_days;           /* with events of anyone, after last_new_day */
	struct names gaps;    /* "2026-09-03 to 2026-09-04": days of the log without any event */
	struct names reduced; /* "2026-09-03 to 2026-09-04": days with events of the principal of
	                         which only counts are held */
	struct names no_data_events; /* event sources that can log data events and did not */
	struct names regions;        /* of the principal's calls */
	uint64_t cut_calls;          /* calls whose parameters were cut */
	uint64_t passed_roles;       /* events that iam:PassRole was derived from */
	/* what it explains */
	struct gathered gathered;
	struct policy policy;
	bool empty; /* the policy grants nothing */
};

enum explain_scope {
	EXPLAIN_LOG_TOO, /* also what concerns the log as a whole: its days and gaps, days held as
	                    counts, services without data events; reads all of it */
	EXPLAIN_SUBJECT, /* only the subject: for those who explain many */
};

/* STATUS_OK or STATUS_STOP with err. Always to be released. */
enum status explain_subject(const struct policy_request *r, struct policy_source *s,
                            const struct subject *who, enum explain_scope scope,
                            struct explanation *out, struct err *err);
void explanation_release(struct explanation *e);

/* Which of the permissions to print: an action (glob, case ignored) or a Sid; SPAN_NONE: all. */
bool explain_wanted(const struct permission *p, struct span wanted);

#endif
