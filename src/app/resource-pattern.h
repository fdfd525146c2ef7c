/* resource-pattern.h - app: one name for many resources, for people who read what was refused. */
#ifndef APP_RESOURCE_PATTERN_H
#define APP_RESOURCE_PATTERN_H

#include "base/arena.h"

/* The part of an ARN up to the first '/' or ':' of its resource, which it shares with what is told
 * together with it: the bucket of an object, "log-group" of a log group; where there is none, up to
 * the resource. The whole of what is no ARN. Borrowed. */
struct span resource_family(struct span resource);
/* v: n resources of one family, sorted. The one, or what they begin and end with and '*' between,
 * cut at a delimiter so that no word is halved ("arn:aws:s3:::b/in/" and ".csv"). In arena or
 * borrowed. */
struct span resources_pattern(struct arena *arena, const struct span *v, size_t n);

#endif
