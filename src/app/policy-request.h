/* policy-request.h - app: what policy, explain and verify have in common: which principals,
 * which of their events, and how their policy is to be made; the options that say so; and making it
 * from a store. */
#ifndef APP_POLICY_REQUEST_H
#define APP_POLICY_REQUEST_H

#include "app/database.h"
#include "cli/options.h"
#include "builder/build.h"
#include "store/store.h"

#include <stdio.h>

/* The shared options, to stand first in a command's table; policy_request_option takes their
 * indexes. */
#define POLICY_REQUEST_OPTIONS                                                                       \
	{"db",   0,    ARG_FILE,                                                                     \
	 "FILE", NULL, "the database (default: $IAMREPLAY_DB, else iamreplay.db)"},                  \
	        {"mappings", 0,    ARG_DIR,                                                          \
	         "DIR",      NULL, "read the mapping from DIR (or $IAMREPLAY_MAPPINGS)"},            \
	        {"principal",                                                                        \
	         'p',                                                                                \
	         ARG_TEXT,                                                                           \
	         "NAME",                                                                             \
	         NULL,                                                                               \
	         "an ARN, role/NAME, user/NAME, permission-set/NAME, an access key id or a glob; "   \
	         "may be repeated"},                                                                 \
	        {"account", 0, ARG_TEXT, "ID", NULL, "only principals of this account"},             \
	        {"since", 0, ARG_TIME, "TIME", NULL, "only events from TIME on"},                    \
	        {"until", 0, ARG_TIME, "TIME", NULL, "only events up to TIME"},                      \
	        {"last", 0, ARG_TEXT, "SPAN", NULL, "only the last SPAN (90d, 12h) before --now"},   \
	        {"now", 0, ARG_TIME, "TIME", NULL, "what --last counts from (default: the clock)"},  \
	        {"exclude-action", 0, ARG_TEXT, "GLOB", NULL, "leave out actions, e.g. 's3:Get*'"},  \
	        {"exclude-service", 0, ARG_TEXT, "GLOB", NULL, "leave out services"},                \
	        {"exclude-agent", 0, ARG_TEXT, "GLOB", NULL, "leave out user agents, e.g. console"}, \
	        {"exclude-session", 0, ARG_TEXT, "GLOB", NULL, "leave out role sessions by name"},   \
	        {"outcome",     0,                                                                   \
	         ARG_CHOICE,    "WHICH",                                                             \
	         "allowed|any", "allowed: not what failed for another reason than permissions"},     \
	        {"resources",         0,                                                             \
	         ARG_CHOICE,          "HOW",                                                         \
	         "grouped|exact|any", "patterns for what looks alike (default), the ARNs, or '*'"},  \
	        {"max-resources",                                                                    \
	         0,                                                                                  \
	         ARG_NUMBER,                                                                         \
	         "N",                                                                                \
	         NULL,                                                                               \
	         "more siblings than N fold (default 10; 0: none do)"},                              \
	        {"any-region", 0, ARG_NONE, NULL, NULL, "fold across regions too"},                  \
	        {"dependents", 0,    ARG_NONE,                                                       \
	         NULL,         NULL, "also what the reference calls dependent actions"},             \
	        {"denied",          0,                                                               \
	         ARG_CHOICE,        "HOW",                                                           \
	         "no|only|include", "what was refused for want of an identity-based grant"},         \
	        {"condition",                                                                        \
	         0,                                                                                  \
	         ARG_TEXT,                                                                           \
	         "KEY,...",                                                                          \
	         NULL,                                                                               \
	         "conditions from what all events had in common: region, source-vpce, source-ip, "   \
	         "mfa, "                                                                             \
	         "called-via, passed-to-service, secure-transport, principal-tag"},                  \
	        {"siblings", 0,                                                                      \
	         ARG_TEXT,   "KIND,...",                                                             \
	         NULL,       "actions that go with what was written: read, update, delete, tag"},    \
	        {"action-wildcards",                                                                 \
	         0,                                                                                  \
	         ARG_NONE,                                                                           \
	         NULL,                                                                               \
	         NULL,                                                                               \
	         "whole verbs as wildcards, within an access level"},                                \
	        {"limit",                                                                            \
	         0,                                                                                  \
	         ARG_TEXT,                                                                           \
	         "LIMIT",                                                                            \
	         NULL,                                                                               \
	         "managed, role-inline, user-inline, group-inline, permission-set, scp, trust, "     \
	         "none or a number"},                                                                \
	        {"max-policies", 0, ARG_NUMBER, "N", NULL, "at most N documents (default 10)"},      \
	{                                                                                            \
		"merge", 0, ARG_FILE, "POLICY", NULL,                                                \
		        "keep this policy's statements and add what is missing"                      \
	}

enum policy_request_index {
	REQUEST_DB,
	REQUEST_MAPPINGS,
	REQUEST_PRINCIPAL,
	REQUEST_ACCOUNT,
	REQUEST_SINCE,
	REQUEST_UNTIL,
	REQUEST_LAST,
	REQUEST_NOW,
	REQUEST_EXCLUDE_ACTION,
	REQUEST_EXCLUDE_SERVICE,
	REQUEST_EXCLUDE_AGENT,
	REQUEST_EXCLUDE_SESSION,
	REQUEST_OUTCOME,
	REQUEST_RESOURCES,
	REQUEST_MAX_RESOURCES,
	REQUEST_ANY_REGION,
	REQUEST_DEPENDENTS,
	REQUEST_DENIED,
	REQUEST_CONDITION,
	REQUEST_SIBLINGS,
	REQUEST_ACTION_WILDCARDS,
	REQUEST_LIMIT,
	REQUEST_MAX_POLICIES,
	REQUEST_MERGE,
	REQUEST_OPTIONS
};

enum { REQUEST_LIST = 64 }; /* times one option may be repeated */

struct text_list {
	struct span v[REQUEST_LIST];
	size_t n;
};

struct policy_request {
	const struct command *self;
	const char *db, *mappings, *merge;
	struct text_list principals, accounts;
	struct text_list exclude_actions, exclude_services, exclude_agents, exclude_sessions;
	struct store_window window;
	int64_t last, now; /* seconds; last 0: not given */
	bool has_now, allowed_only;
	bool limit_given;                 /* else limit follows from where the policy goes */
	const struct policy_limit *limit; /* NULL with a number or none */
	unsigned max_documents;           /* 0: not given */
	struct policy_options options;
};

void policy_request_init(struct policy_request *r, const struct command *self);
/* Takes the option of that index. EXIT_DONE, or EXIT_USAGE after saying what is wrong. */
int policy_request_option(struct policy_request *r, int index, const char *value);
/* Once all are read: what they mean together. EXIT_DONE or EXIT_USAGE. */
int policy_request_finish(struct policy_request *r);
/* What the limit is where none was given. */
void policy_request_limit(struct policy_request *r, const struct policy_limit *limit);

/* ---- the database */

struct policy_source {
	struct database database;
	struct store *store; /* of it */
	const struct mapping *mapping;
	struct arena arena;
	struct policy_document existing; /* --merge */
	bool has_existing;
};

/* Opens what the request names. EXIT_DONE (policy_source_close), or an exit status after saying
 * why. */
int policy_source_open(const struct policy_request *r, struct policy_source *out);
void policy_source_close(struct policy_source *s);

/* ---- principals */

/* Whom one policy is for. */
struct subject {
	struct span name;       /* ARN, "permission-set/NAME", or what was asked for */
	struct span account;    /* SPAN_NONE if several */
	struct span file;       /* path below DIR without suffix: "111122223333/role/ci" */
	struct span short_name; /* "ci" */
	enum principal_type type;
	bool editable;
	int64_t *ids; /* n of them */
	size_t n;
};

struct subjects {
	struct subject *s; /* in the source's arena */
	size_t n;
};

/* Those that the request names, or with all each editable one. each: one subject a principal (roles
 * of one permission set are one), else one for all together. EXIT_DONE; EXIT_USAGE if a plain name
 * means several accounts' principals (said, with what to type instead); EXIT_PARTLY if none was
 * found (said). */
int policy_subjects(const struct policy_request *r, struct policy_source *s, bool all, bool each,
                    struct subjects *out);

/* ---- what they did */

struct name_count {
	struct span text;
	uint64_t events;
};

struct names {
	struct name_count *v; /* sorted by text; free() */
	size_t n, room;
};

/* Everything that a policy is made of, and what it leaves out. */
struct gathered {
	struct arena arena;
	struct access_use *uses;
	struct use_context *contexts; /* with conditions; else NULL */
	size_t n_uses, room;
	uint64_t failed, unauthenticated; /* events */
	uint64_t denied;             /* events that asked for a grant and did not get one here */
	struct names denied_actions; /* those, by action or event name */
	struct names refused; /* denials that no grant heals: "s3:GetObject by a service control
	                         policy" */
	struct names unknown; /* events without a known action: "x.amazonaws.com:Foo" */
	uint64_t folded;      /* calls whose object keys or stream names the store folded */
	struct err err;
};

void gathered_release(struct gathered *g);
/* The filter of a request and subject: spans borrowed from both. */
struct store_filter policy_filter(const struct policy_request *r, const struct subject *who);
/* Asks for the session tags that are among the n condition keys which policies ask for (in lower
 * case); in arena. */
void policy_filter_tags(struct store_filter *f, const struct span *asked, size_t n,
                        struct arena *arena);
/* STATUS_OK or STATUS_STOP with g->err. Always to be released. */
enum status policy_gather(const struct policy_request *r, struct policy_source *s,
                          const struct subject *who, struct gathered *g);
/* Builds the policy from it. As policy_build. */
enum status policy_make(const struct policy_request *r, const struct policy_source *s,
                        const struct gathered *g, struct policy *out, struct err *err);
/* Nothing gathered: what policy_trust needs. */
enum status policy_gather_none(struct gathered *g);
/* Builds the trust policy of a role from who assumed it. As policy_build; STATUS_END: nobody did.
 * g's arena holds what *out refers to. */
enum status policy_trust(const struct policy_request *r, struct policy_source *s,
                         const struct subject *who, struct gathered *g, struct policy *out,
                         struct err *err);
/* Says on stderr what the policy leaves out and what was changed, each line with the subject's
 * name. */
void policy_remarks(const struct policy_request *r, const struct subject *who,
                    const struct gathered *g, const struct policy *p);

#endif
