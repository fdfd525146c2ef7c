/* policy.h - policy: what the builder makes and the emitters print: documents, the folds that were
 * made on the way, and counts. Plain data; everything lives in the policy's arena. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "policy/document.h"

enum fold_reason {
	FOLD_EPHEMERAL = 1, /* a segment that another run spells otherwise */
	FOLD_GROWING,       /* a set of which new members kept coming */
	FOLD_FOLDER,        /* parameters or secrets of a folder that nobody else uses */
	FOLD_SCANNED,       /* metadata of all of the type is looked at */
	FOLD_MADE,          /* the id of one that the principal makes anew each time */
	FOLD_SIBLINGS,      /* more siblings than --max-resources */
	FOLD_REGIONS,       /* --any-region */
	FOLD_TO_FIT,        /* siblings, at a lower number than asked for, so that it fits */
	FOLD_ANY,           /* --resources any */
	FOLD_PREFIX,        /* --resources prefix */
	FOLD_SETTINGS,      /* the user says so (--settings) */
};

/* One resource pattern of the policy that stands for what was seen. */
struct policy_fold {
	struct span action;
	struct span type;
	struct span pattern;
	enum fold_reason reason;
	size_t arns;         /* distinct ARNs behind it */
	struct span example; /* the least of them */
	struct span where;   /* FOLD_SETTINGS: "FILE:LINE" that says so; else SPAN_NONE */
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
