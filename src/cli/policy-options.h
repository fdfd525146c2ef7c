/* policy-options.h - cli: the options by which policy, explain, verify and diff are told whom and
 * what they are about. */
#ifndef CLI_POLICY_OPTIONS_H
#define CLI_POLICY_OPTIONS_H

#include "app/policy-request.h"
#include "cli/options.h"

/* To stand first in a command's table; policy_request_option takes their indexes. */
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

/* Takes the option of that index. EXIT_DONE, or EXIT_USAGE after saying what is wrong. */
int policy_request_option(const struct command *self, struct policy_request *r, int index,
                          const char *value);
/* Once all are read: what they mean together. EXIT_DONE or EXIT_USAGE. */
int policy_request_finish(const struct command *self, struct policy_request *r);

#endif
