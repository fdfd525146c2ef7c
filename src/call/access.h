/* access.h - call: what a call needed: one row per IAM action and resource type. */
#ifndef CALL_ACCESS_H
#define CALL_ACCESS_H

#include "call/call.h"

/* Service Authorization Reference, column "Access level". Stored. */
enum access_level {
	LEVEL_UNKNOWN = 0,
	LEVEL_LIST = 1,
	LEVEL_READ = 2,
	LEVEL_WRITE = 3,
	LEVEL_TAGGING = 4,
	LEVEL_PERMISSIONS = 5, /* Permissions management */
};

/* Where the resource's ARN came from, in order of trust. Stored. */
enum access_origin {
	ORIGIN_RESOURCES = 1, /* an entry of resources[] that fits the type's pattern */
	ORIGIN_PARAMETER = 2, /* built from identifying parameters */
	ORIGIN_DENIAL = 3,    /* named by the AccessDenied message */
	ORIGIN_PARTIAL = 4,   /* the pattern with '*' in the unknown segments */
	ORIGIN_NONE = 5,      /* the action takes no resource: "*" */
};

/* Why the action belongs to the call. Stored. */
enum access_need {
	NEED_ALWAYS = 1,
	NEED_PARAMETER = 2, /* because a parameter was there (tags, ACL header, version id, copy source) */
	NEED_PASS_ROLE = 3,
	NEED_DENIED = 4,    /* named only by the denial message */
	NEED_DEPENDENT = 5, /* SAR dependent action: opt-in */
	NEED_OPTIONAL = 6,  /* an optional resource type that a parameter or resources[] names */
	NEED_UNRECORDED = 7, /* asked with the caller's rights by the service that was called, in no event of its own */
};

/* How the name was mapped. Stored. */
enum mapping_rule {
	RULE_SAME_NAME = 1,
	RULE_VERB = 2,        /* API Gateway: the HTTP verb on a path */
	RULE_DATE_SUFFIX = 3,
	RULE_CURATED = 4,
};

struct access {
	struct span action;   /* "s3:GetObject", in the reference's spelling */
	enum access_level level;
	struct span type;     /* resource type in the reference, or SPAN_NONE */
	struct span resource; /* ARN pattern as policy text: '*' unknown, names from logs escaped (${*}) */
	enum access_origin origin;
	enum access_need need;
	enum mapping_rule rule;
	unsigned replaced;    /* characters of resource that IAM does not accept and that became '?' */
	struct span passed_to; /* iam:PassedToService of a PassRole, from the curated table; kms:ViaService of an action of KMS
	                          that was not recorded; or SPAN_NONE */
};

/* One row for the policy layer: an access of a principal, with what stands behind it. */
struct access_use {
	struct access access;
	struct span principal;
	enum outcome outcome;
	enum denial_by denied_by;  /* with OUTCOME_DENIED */
	bool explicit_deny;
	struct span via;           /* invokedBy service of a forward access session, or SPAN_NONE */
	uint64_t events;
	int64_t first, last;       /* seconds since 1970 UTC */
	int64_t call;              /* row id of a call, for evidence */
	bool folded;               /* the store folded names of calls behind it: see call_use */
};

#endif
