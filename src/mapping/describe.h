/* describe.h - mapping: what the mapping knows of a name, written for programs and for people. */
#ifndef MAPPING_DESCRIBE_H
#define MAPPING_DESCRIBE_H

#include "base/buf.h"
#include "mapping/asked.h"
#include "mapping/mapping.h"

/* A name from outside: longer ones are cut off as unknown. */
#define LIMIT_MAPPING_NAME ((size_t)512)

/* name is "s3.amazonaws.com:ListObjects" (CloudTrail's source and event) or "SERVICE.OPERATION",
 * the service as a CSM service id, an API model's folder or an IAM prefix. Adds one JSON object,
 * without a line end:
 * {"name","status","rule","actions":[{"action","level","when","resources":[{"type","required","arn","from":
 * {VARIABLE:[MEMBER...]},"arn_from":[MEMBER...]}]}],"pass_role":[MEMBER...],"dependents":[ACTION...]};
 * rule is null and the lists are empty unless status is "mapped", and "reason" says why; "from" and
 * "arn_from" stand where members are known. False if out is full. */
bool describe_json(const struct mapping *m, struct span name, struct buf *out);
/* The same for people: lines with the reasons and documents behind curated rows. */
bool describe_text(const struct mapping *m, struct span name, struct buf *out);

/* An action with its types and condition keys, and the operations that need it; or the operations
 * of a service or a pattern, with the number of those that no action is known for:
 * {"name","action","level","types":[{"type","required","arn"}],"conditions":[KEY...],"calls":[NAME...]},
 * {"name","unknown","calls":[NAME...]}. False if out is full. */
bool describe_asked_json(struct span name, const struct asked *a, struct buf *out);
bool describe_asked_text(struct span name, const struct asked *a, struct buf *out);

#endif
