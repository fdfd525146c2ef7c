/* policy-request.h - app: what policy, explain, verify and diff have in common: which principals,
 * which of their events, and how a policy of them is to be made. */
#ifndef APP_POLICY_REQUEST_H
#define APP_POLICY_REQUEST_H

#include "app/database.h"
#include "base/text-list.h"
#include "builder/build.h"
#include "mapping/errors.h"

/* How large a document may be, as --limit says it. */
struct request_limit {
	bool given;                       /* else it follows from where the policy goes */
	const struct policy_quota *quota; /* NULL with a number or none */
	size_t characters;                /* 0: as the quota says */
};

/* Which calls count as use of a permission. One that was refused, or failed with an error that
 * comes before authorization, never does. */
enum request_outcomes {
	OUTCOMES_PROVEN,  /* those that succeeded or failed with an error that comes after it */
	OUTCOMES_ANY,     /* also those whose error does not tell, and those without an answer */
	OUTCOMES_ALLOWED, /* those that succeeded */
};

/* A line of a settings file that a principal's policy follows. */
struct setting {
	struct span where; /* "FILE:LINE" */
	struct span text;  /* "fold = s3:bucket arn:aws:s3:::builds-*" */
};

struct policy_request;

/* What a settings file says. */
struct request_settings {
	/* Changes *r to what it says of the principal (a subject's name), in arena. */
	void (*apply)(const struct request_settings *s, struct span principal,
	              struct policy_request *r, struct arena *arena);
	/* Every pattern of the file, to be checked against the mapping. */
	const struct fold_rule *rules;
	size_t n_rules;
};

/* Texts are borrowed; NULL where not given. */
struct policy_request {
	struct database_request database;
	const char *merge;
	struct text_list principals, accounts;
	struct text_list exclude_actions, exclude_services, exclude_agents, exclude_sessions;
	/* Where given, what alone is looked at. */
	struct text_list actions, services, agents, sessions;
	struct store_window window;
	int64_t last, now; /* seconds; last 0: not given */
	bool has_now;
	enum request_outcomes outcomes;
	struct request_limit limit;
	unsigned max_documents; /* 0: not given */
	struct policy_options options;
	const char *settings_file;
	const struct request_settings *settings; /* NULL: none */
	/* Of one principal, by its settings. */
	const struct setting *used; /* n_used of them, in the file's order */
	size_t n_used;
	bool has_format;
	int format; /* of emitters */
};

/* All events of nobody yet, and the builder's defaults. */
void policy_request_init(struct policy_request *r);
/* How large documents may be: quota's number (NULL: no limit), or characters where it is not 0. */
void policy_request_limit(struct policy_request *r, const struct policy_quota *quota,
                          size_t characters);
/* Whether the call counts as use under r->outcomes; *phase (NULL is fine) is that of its error
 * where it failed. */
bool policy_request_counts(const struct policy_request *r, const struct mapping *m,
                           const struct call *call, enum error_phase *phase);
/* The same as outcomes and phases of a filter. */
void policy_request_filter(const struct policy_request *r, struct store_filter *f);
/* The request as its settings have it for a principal (a subject's name), in *own, whose further
 * memory is in arena. */
void policy_request_for(const struct policy_request *r, struct span principal, struct arena *arena,
                        struct policy_request *own);
/* Whether --action, --service and their exclude- forms let this action through. */
bool policy_request_takes(const struct policy_request *r, struct span action);
/* The same of all[at], one of the n accesses of one call: passing a role goes with what it is passed
 * to. */
bool policy_request_takes_access(const struct policy_request *r, const struct access *all, size_t n,
                                 size_t at);
/* The same of an event whose action is not known: --service by its source ("s3.amazonaws.com" or
 * "s3"), --action as "s3:GetObject". */
bool policy_request_takes_event(const struct policy_request *r, struct span source,
                                struct span name);
/* The i-th option that was given and leaves out calls by who or what made them, or by what they are
 * about ("session"); NULL past the last. */
const char *policy_request_filter_at(const struct policy_request *r, size_t i);
/* Whether --action or --service are given at all. */
bool policy_request_picks_actions(const struct policy_request *r);

#endif
