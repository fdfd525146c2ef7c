/* policy.h - policy: what the builder makes and the emitters print: documents of statements, the
 * folds that were made on the way, and counts. Plain data; everything lives in the policy's arena.
 *
 * Source: IAM JSON policy element reference and grammar (IAM user guide). */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/arena.h"
#include "call/access.h"

/* Why a statement is there. */
enum statement_origin {
	STATEMENT_KEPT = 1, /* written by people, kept by a merge */
	STATEMENT_OBSERVED, /* calls that were made */
	STATEMENT_DENIED,   /* calls that were refused for want of an identity-based grant */
	STATEMENT_SIBLING,  /* never seen: goes with what was created or written */
};

struct policy_condition {
	struct span operator; /* "StringEquals", "ForAnyValue:StringEquals" */
	struct span key;      /* "aws:RequestedRegion" */
	const struct span *values;
	size_t n_values;
};

struct policy_principal {
	struct span kind; /* "AWS", "Service", "Federated"; "*" alone stands for everyone */
	const struct span *values;
	size_t n_values;
};

struct policy_statement {
	struct span sid; /* SPAN_NONE: none */
	enum statement_origin origin;
	bool deny;
	bool not_action, not_resource, not_principal;
	const struct span *actions; /* sorted (kept statements: as written) */
	size_t n_actions;
	const struct span *resources; /* none in a trust policy */
	size_t n_resources;
	const struct policy_principal *principals; /* trust policies and the like */
	size_t n_principals;
	const struct policy_condition *conditions; /* sorted by operator, key */
	size_t n_conditions;
	/* What the statement was grouped by; SPAN_NONE and LEVEL_UNKNOWN where it spans several. */
	struct span service;
	enum access_level level;
	struct span via;       /* calls that this service made on the principal's behalf */
	struct span passed_to; /* the service that the role is passed to */
};

struct policy_document {
	struct span version; /* "2012-10-17" */
	struct span id;      /* SPAN_NONE: none */
	const struct policy_statement *statements;
	size_t n_statements;
	size_t size; /* characters as the limit counts them (limits.h) */
};

enum fold_reason {
	FOLD_EPHEMERAL = 1, /* a segment that another run spells otherwise */
	FOLD_MADE,          /* the id of one that the principal makes anew each time */
	FOLD_SIBLINGS,      /* more siblings than --max-resources */
	FOLD_REGIONS,       /* --any-region */
	FOLD_TO_FIT,        /* siblings, at a lower number than asked for, so that it fits */
	FOLD_ANY,           /* --resources any */
};

/* One resource pattern of the policy that stands for what was seen. */
struct policy_fold {
	struct span action;
	struct span type;
	struct span pattern;
	enum fold_reason reason;
	size_t arns;         /* distinct ARNs behind it */
	struct span example; /* the least of them */
};

/* An action wildcard and the number of actions behind it. */
struct policy_wildcard {
	struct span pattern;
	size_t seen, matched;
};

struct policy {
	struct arena arena;
	struct policy_document *documents;
	size_t n_documents;
	struct policy_fold *folds; /* sorted by action, type, pattern */
	size_t n_folds;
	struct policy_wildcard *wildcards;
	size_t n_wildcards;
	struct span *notes; /* for the user: what was refused or done, one line each */
	size_t n_notes;
	size_t replaced;        /* characters that IAM does not accept and that became '?' */
	unsigned max_resources; /* the number of siblings that was folded at in the end */
};

void policy_init(struct policy *p);
void policy_release(struct policy *p);

const char *level_name(enum access_level level);       /* "Permissions management" */
const char *fold_reason_text(enum fold_reason reason); /* for explain */

#endif
