/* fetch-iam.h - app: all of an account's IAM, as "aws iam get-account-authorization-details" prints
 * it and "diff --account-details" reads it. */
#ifndef APP_FETCH_IAM_H
#define APP_FETCH_IAM_H

#include "fetch/session.h"

/* Of a large account some tens of megabytes. */
#define LIMIT_ACCOUNT_DETAILS ((size_t)512 << 20)

/* Adds the details as indented JSON to out. STATUS_OK, or STATUS_STOP with err. */
enum status fetch_iam_details(struct session *session, struct buf *out, struct err *err);

/* The same of what a user, role, group or policy last used, action by action where IAM knows it, as
 * "aws iam get-service-last-accessed-details" prints it and "diff --last-accessed" reads it. */
enum status fetch_iam_last_accessed(struct session *session, const char *arn, struct buf *out,
                                    struct err *err);

/* Pure: adds an element's inside as the JSON that the AWS CLI makes of it. name decides whether it
 * is a list, a policy's text, a number or a truth. False if it is too deep or no JSON. */
struct json_writer;
bool fetch_iam_value(struct json_writer *w, struct span name, struct span inside);

#endif
