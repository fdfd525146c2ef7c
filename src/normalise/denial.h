/* denial.h - normalise: what an error message says about a refusal.
 *
 * Sources: "Access denied error message formats" and its 2026 addition on authorization ids (IAM
 * user guide, troubleshoot_access-denied); the quotes that S3 puts around the resource since August
 * 2024. */
#ifndef NORMALISE_DENIAL_H
#define NORMALISE_DENIAL_H

#include "call/call.h"

/* CloudTrail cuts errorMessage at 1 KB; what touches the end of a message of that length may be
 * incomplete, and the reason behind the name of a resource may be gone. */
#define DENIAL_MESSAGE_CUT ((size_t)1024)
/* SDKs cut the messages that they report of themselves (botocore, monitoring: 512 characters). */
#define DENIAL_MESSAGE_CUT_CSM ((size_t)512)

/* What EC2 writes before the encoded message ("DecodeAuthorizationMessage", STS API reference), of
 * characters of base64url. In a cut message that has no quotes, so many of them to its end are that
 * message and no name (EC2: up to 255 characters): then all before it is there. */
#define DENIAL_ENCODED " Encoded authorization failure message:"
#define DENIAL_ENCODED_LEAST 256

/* Behind one of these, perhaps " action", and a colon, stands what was refused; tried in this order,
 * ended by NULL. */
extern const char *const denial_openings[];

/* What a message tells by how it begins where it names no action: who or what refused, and, where
 * that is not the call's own, the action that was. Ended by one whose text is NULL.
 * Sources: IAM access to billing ("Overview of managing access permissions", AWS Billing); model access
 * (Amazon Bedrock, "Troubleshooting API error codes"); "Granting a user permissions to pass a role"
 * (IAM: not across accounts); "Troubleshooting Lake Formation"; AssumeRole, GetSessionToken and
 * GetFederationToken (STS API reference: who may call them); NotAuthorizedException (Cognito API
 * references: of the user of a pool); CreateStateMachine (Step Functions: of the role that is given to
 * it); AccessDeniedException of KMS, and "Secret encryption and decryption" (Secrets Manager), for what
 * a service asks of KMS in the caller's name. */
struct denial_beginning {
	const char *text;
	enum denial_by by;
	const char *action; /* or NULL */
};
extern const struct denial_beginning denial_beginnings[];

/* True if message begins so; *out is filled, and all empty otherwise. */
bool denial_begins(struct span message, struct denial *out);

/* True if message names by its ARN an identity that is not caller's, another ARN of an identity:
 * what is said to be refused was refused to a role that works for the caller. */
bool denial_of_another(struct span message, struct span caller);

/* True if message says that someone is not authorized to perform an action; *out is filled with
 * spans into message. One of longest bytes or more (DENIAL_MESSAGE_CUT...) may be cut. Of a cut
 * message that names a resource neither it nor the reason is known (DENIAL_OTHER). False: *out is
 * all empty. */
bool denial_parse(struct span message, size_t longest, struct denial *out);

#endif
