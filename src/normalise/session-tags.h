/* session-tags.h - normalise: the tags that a session was given when it was made. Each is the value
 * of aws:PrincipalTag/KEY for all that the session does, whatever the role's own tag of that key
 * is; of other keys a session's tags say nothing.
 *
 * Source: IAM user guide, "Pass session tags in AWS STS" and "Viewing session tags in CloudTrail".
 */
#ifndef NORMALISE_SESSION_TAGS_H
#define NORMALISE_SESSION_TAGS_H

#include "base/arena.h"

/* Tags of one session, and the characters of a key and a value (IAM and STS quotas). */
#define LIMIT_SESSION_TAGS ((size_t)50)
#define LIMIT_TAG_KEY ((size_t)128)
#define LIMIT_TAG_VALUE ((size_t)256)

struct session_tag {
	struct span key, value;
};

struct session_tags {
	struct session_tag v[LIMIT_SESSION_TAGS]; /* by key, case ignored; no key twice */
	size_t n;
};

/* The tags that a request of STS gives its session: what it inherits (incomingTransitiveTags), over
 * that what the identity provider says (principalTags) and what the caller asks for (tags). False,
 * and *out is empty, if there are none or anything about them is odd: a session of which not all is
 * understood counts as one of which nothing is known. Spans live in request or in arena. */
bool session_tags_of_request(struct span request, struct arena *arena, struct session_tags *out);

/* As they are kept: a JSON object, sorted; equal tags give equal text. In arena. */
struct span session_tags_write(const struct session_tags *tags, struct arena *arena);
/* From that text; false, and *out is empty, for any other. Spans live in text or in arena. */
bool session_tags_read(struct span text, struct arena *arena, struct session_tags *out);

/* The tag of that key, case ignored, or NULL. */
const struct session_tag *session_tags_find(const struct session_tags *tags, struct span key);
/* Leaves of *tags what other has too with the same value. The order of several others does not
 * matter. other may be as short-lived as it likes: what is taken of it is copied to arena. */
void session_tags_keep(struct session_tags *tags, const struct session_tags *other,
                       struct arena *arena);

#endif
