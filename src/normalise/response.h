/* response.h - normalise: what a response tells beyond the call's success: keys that were given
 * out, full IAM ARNs, and errors that a service put there. */
#ifndef NORMALISE_RESPONSE_H
#define NORMALISE_RESPONSE_H

#include "base/arena.h"
#include "normalise/normalise.h"

/* IAM ARNs kept of one response. */
#define LIMIT_RESPONSE_ARNS ((size_t)64)

/* The keys that e's response gave out, in arena. call: e's, with its parameters. */
void response_keys(const struct event *e, const struct call *call, struct arena *arena,
                   struct fact *out);

/* ARNs with a path in a response of IAM, in arena. */
/* The instance profile and the role of an AddRoleToInstanceProfile, into out. */
void response_profile(const struct call *call, struct fact *out);
void response_arns(const struct event *e, struct arena *arena, struct fact *out);

/* An error inside responseElements: true with *code and *message (either may be SPAN_NONE), in
 * arena or borrowed. */
bool response_error(const struct event *e, struct arena *arena, struct span *code,
                    struct span *message);

#endif
