/* principal.h - normalise: the canonical name of who acted. Sessions fold into their role, a role has
 * its path, and each identity type is named as what it is.
 *
 * Source: CloudTrail userIdentity element (AWS CloudTrail user guide); IAM identifiers (IAM user
 * guide). */
#ifndef NORMALISE_PRINCIPAL_H
#define NORMALISE_PRINCIPAL_H

#include "base/arena.h"
#include "call/call.h"

/* The forms of principal.arn that are no ARN:
 *   ec2.amazonaws.com              a service (by invokedBy), "AWS Internal" where AWS says no more
 *   account/ID                     another account, seen by the resource's owner
 *   saml/PROVIDER/USER             web-identity/PROVIDER/USER
 *   identity-center/STORE/USERID   directory/ACCOUNT/USER
 *   access-key/ID                  a captured call, or an identity without anything better
 *   principal-id/ID                an identity of which only AWS's unique id is known
 *   hidden-user/ACCOUNT            a sign-in with a wrong name, which CloudTrail hides
 *   anonymous                      unsigned
 *   unknown */
void principal_of_event(const struct event *e, struct arena *arena, struct principal *out);

/* The principal behind an ARN as policies, messages and users write it: a role, user, root or
 * federated user, or a role session (arn:...:assumed-role/NAME/SESSION, then path_unknown). False
 * if it is none; *out is untouched then. Spans live in arena or in the ARN. session (may be NULL):
 * the session's name or SPAN_NONE. */
bool principal_of_arn(struct span text, struct arena *arena, struct principal *out,
                      struct span *session);

/* access-key/ID, of which no more is known. id has been cleaned. */
void principal_of_key(struct span id, struct arena *arena, struct principal *out);

/* The session's name in arn:...:assumed-role/NAME/SESSION or arn:...:federated-user/SESSION,
 * borrowed from arn; else SPAN_NONE. */
struct span session_of_arn(struct span arn);
/* "role", "NAME" of arn:P:iam::A:role/PATH/NAME: what users type. False if arn is no IAM role or
 * user. */
bool principal_short(struct span arn, struct span *kind, struct span *name);

#endif
