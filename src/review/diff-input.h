/* diff-input.h - review: what the aws CLI prints of an account's policies and of Access Advisor, as
 * diff needs it. */
#ifndef REVIEW_DIFF_INPUT_H
#define REVIEW_DIFF_INPUT_H

#include "app/policy-files.h"
#include "evaluator/compare.h"

/* Evidence of one principal from "aws iam get-service-last-accessed-details". */
struct last_accessed {
	struct arena arena;
	struct service_access *services; /* sorted by prefix */
	size_t n;
};

void last_accessed_init(struct last_accessed *a);
void last_accessed_release(struct last_accessed *a);
/* STATUS_OK, or STATUS_FILE and err. */
enum status last_accessed_read(struct last_accessed *a, const char *path, struct err *err);

/* One principal of "aws iam get-account-authorization-details" with the policies that count for it.
 */
struct account_principal {
	struct span arn;
	struct policy_files
	        policies;  /* identity policies and the boundary; its own and its groups' */
	int64_t last_used; /* RoleLastUsed, INT64_MIN if absent */
	int64_t made;      /* CreateDate, INT64_MIN if absent */
	bool editable;     /* not a service-linked role */
	/* Why one of its policies cannot be read, with its name; then it must not be judged by the
	 * others. SPAN_NONE: all were read. */
	struct span refused;
};

struct account_details {
	struct arena arena;
	struct account_principal *principals; /* sorted by ARN */
	size_t n;
};

void account_details_init(struct account_details *d);
void account_details_release(struct account_details *d);
/* STATUS_OK, also where policies of some principals were refused; or STATUS_FILE and err. */
enum status account_details_read(struct account_details *d, const char *path, struct err *err);

#endif
