/* denial.h - normalise: what an error message says about a refusal.
 *
 * Sources: "Access denied error message formats" and its 2026 addition on authorization ids (IAM
 * user guide, troubleshoot_access-denied); the quotes that S3 puts around the resource since August
 * 2024. */
#ifndef NORMALISE_DENIAL_H
#define NORMALISE_DENIAL_H

#include "call/call.h"

/* CloudTrail cuts errorMessage at 1 KB; what touches the end of a message of that length may be
 * incomplete. */
#define DENIAL_MESSAGE_CUT ((size_t)1024)

/* Behind one of these, perhaps " action", and a colon, stands what was refused; tried in this order,
 * ended by NULL. */
extern const char *const denial_openings[];

/* How messages begin that give a reason which no policy of IAM changes, ended by NULL. Sources: IAM
 * access to billing ("Overview of managing access permissions", AWS Billing), model access (Amazon
 * Bedrock, "Troubleshooting API error codes"), "Granting a user permissions to pass a role" (IAM: not
 * across accounts), "Troubleshooting Lake Formation". */
extern const char *const denial_settings[];

/* True if message is one of those. */
bool denial_is_setting(struct span message);

/* True if message says that someone is not authorized to perform an action; *out is filled with
 * spans into message. False: *out is all empty. */
bool denial_parse(struct span message, struct denial *out);

#endif
