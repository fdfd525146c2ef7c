/* name-fold.h - mapping: the spellings of one member or service made equal. The API's models,
 * CloudTrail, CSM and requests each write a name in their own way; both sides of a comparison are
 * folded. */
#ifndef MAPPING_NAME_FOLD_H
#define MAPPING_NAME_FOLD_H

#include "base/span.h"

/* A longer path is cut: no API model comes near. */
enum { FOLD_MAX = 512 };

struct folded {
	struct span path; /* in the buffer given */
	bool through_set; /* it ran through "xxxSet.items" (EC2): its last segment alone names the
	                     member */
};

/* Folds a member path into out: ASCII lower case, "[]" and "[3]" dropped, the segments items, item,
 * member, entry and numbers dropped (if anything else is left), a last "content" dropped, "set"
 * dropped before items, the plural's s dropped, "X{key}" as "x.key"; "X{}" and "X{*}" keep their
 * braces. A leading "<operation>Request" goes too, if operation is not SPAN_NONE and something
 * follows. */
struct folded fold_path(struct span path, struct span operation, char out[FOLD_MAX]);
/* One segment: its lower case, without "[]" or "[3]" and the plural's s. */
struct span fold_segment(struct span segment, char *out, size_t size);
/* The length of the "[]" or "[3]" at the end of a path, 0 if it ends in none. */
size_t fold_list_mark(struct span path);
/* The last segment of a folded path. */
struct span fold_leaf(struct span folded);
/* "CloudWatch Logs", "cloudwatch-logs" -> "cloudwatchlogs". */
struct span fold_service(struct span name, char out[FOLD_MAX]);
/* The length of name without a trailing version ("20150331", "2020_05_31", "20150331v2"); name.n if
 * it has none. CloudTrail appends the API version to Lambda's and CloudFront's event names. */
size_t fold_undated(struct span name);

#endif
