/* credential-report.h - review: IAM's credential report, which tells since when passwords and access
 * keys were not used; nothing else does so of those that the log does not know.
 *
 * Source: IAM user guide, "Get credential reports for your AWS account"; IAM API reference,
 * GetCredentialReport. */
#ifndef REVIEW_CREDENTIAL_REPORT_H
#define REVIEW_CREDENTIAL_REPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

/* One that is active. */
struct credential {
	struct span arn;   /* of the user, or the account's root */
	const char *what;  /* "password", "access key 1" or "access key 2" */
	int64_t changed;   /* when it was set or rotated; INT64_MIN: not known */
	int64_t last_used; /* INT64_MIN: never, as far as IAM knows */
};

struct credential_report {
	struct arena arena;
	VEC_OF(struct credential); /* by ARN and what */
};

void credential_report_init(struct credential_report *r);
void credential_report_release(struct credential_report *r);
/* Reads the CSV, or what "aws iam get-credential-report" prints, where it is Content. STATUS_OK, or
 * STATUS_FILE and err with the row that is wrong. */
enum status credential_report_read(struct credential_report *r, const char *path, struct err *err);

#endif
