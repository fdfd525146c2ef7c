/* diff.h - app: what the files of iamreplay diff share: what each principal is granted, what
 * it used, and the difference. */
#ifndef APP_DIFF_H
#define APP_DIFF_H

#include "app/policies.h"
#include "app/policy-request.h"
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
	bool editable;     /* not a service-linked role */
};

struct account_details {
	struct arena arena;
	struct account_principal *principals; /* sorted by ARN */
	size_t n;
};

void account_details_init(struct account_details *d);
void account_details_release(struct account_details *d);
enum status account_details_read(struct account_details *d, const char *path, struct err *err);

struct diff_subject {
	struct span principal;
	const struct policy_files *files;
	struct grant_comparison comparison;
	uint64_t events;
	int64_t first, last; /* of its events; INT64_MAX and INT64_MIN if none */
	int64_t last_known; /* the latest of log, RoleLastUsed and Access Advisor; INT64_MIN if none
	                     */
	bool editable;
	bool idle;                    /* never used, or not for as long as was asked */
	struct span *unused_services; /* prefixes granted without any use */
	size_t n_unused_services;
};

struct diff_report {
	bool json, details;   /* details: one table a principal, not one row */
	int64_t since, until; /* of all that was recorded */
	int64_t now;          /* INT64_MIN: ages are not told */
};

void diff_print(const struct diff_report *r, const struct diff_subject *s, size_t n);
/* Most to lose first: idle ones, then by unused write and permissions-management actions. */
void diff_sort(struct diff_subject *s, size_t n);

#endif
