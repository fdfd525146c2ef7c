/* fetch-policy.h - app: the IAM policy that fetching needs, and nothing else. */
#ifndef APP_FETCH_POLICY_H
#define APP_FETCH_POLICY_H

#include "base/buf.h"

enum fetch_kind { FETCH_S3, FETCH_CLOUDTRAIL, FETCH_LOGS, FETCH_ATHENA, FETCH_IAM };

struct fetch_policy {
	enum fetch_kind kind;
	const char *partition;                        /* "aws" */
	struct span bucket, prefix;                   /* FETCH_S3 */
	const char *const *accounts, *const *regions; /* none: any */
	size_t n_accounts, n_regions;
	const char *group; /* FETCH_LOGS: the log group's name */
	/* FETCH_ATHENA: where its result goes (SPAN_NONE: the workgroup's place, which is not known
	 * here), and the database that it reads, or NULL. */
	const char *workgroup, *database;
	struct span result_bucket, result_prefix;
	bool last_accessed; /* FETCH_IAM: that in place of the account's details */
};

/* Adds the policy as indented JSON. False if out is full. */
bool fetch_policy_write(const struct fetch_policy *p, struct buf *out);

#endif
