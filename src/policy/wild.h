/* wild.h - policy: the text of a resource or action pattern: '*' any run of characters, '?' one,
 * and
 * "${*}", "${?}", "${$}" the characters themselves. Other "${...}" are policy variables, opaque
 * here.
 *
 * Source: IAM JSON policy elements: Resource, variables and tags (IAM user guide). */
#ifndef POLICY_WILD_H
#define POLICY_WILD_H

#include "base/arena.h"

/* True if the pattern has a wildcard, so stands for more than one name. */
bool wild_is(struct span pattern);
/* True if every name that inner stands for fits outer (outer may be equal). Never true wrongly;
 * false where two variables would have to be compared. At worst |outer| x |inner| steps. */
bool wild_covers(struct span outer, struct span inner, bool fold_case);
/* How many bytes from the start, from the end, hold no wildcard. */
size_t wild_prefix(struct span pattern);
size_t wild_suffix(struct span pattern);

/* Says which patterns another one covers: by[i] is the index of a pattern that covers patterns[i]
 * and is not covered itself, or i. patterns must be sorted by span_cmp without duplicates. No
 * quadratic growth for patterns that share a prefix or a suffix. */
void wild_covered(const struct span *patterns, size_t n, size_t *by);
/* Removes the covered ones, keeping the order; returns how many are left. */
size_t wild_absorb(struct span *patterns, size_t n);

/* Text that IAM accepts: tab, LF, CR, U+0020 to U+00FF; each other character, and each byte that is
 * no UTF-8, becomes '?' and is counted in *replaced. Borrowed from s where nothing had to change.
 */
struct span policy_text(struct arena *arena, struct span s, size_t *replaced);
/* The same for a value that a condition compares as it is: wildcards have no meaning there, but
 * "${" has, and is written "${$}{". */
struct span policy_literal(struct arena *arena, struct span s, size_t *replaced);
/* Characters (code points) of well-formed UTF-8. */
size_t text_characters(struct span s);

/* Fields of an ARN; false if s is none ("arn:" and five colons). resource is the rest, colons and
 * all. */
struct arn {
	struct span partition, service, region, account, resource;
};
bool arn_split(struct span s, struct arn *out);

/* What the emitters and merges need again and again. */
int span_order(const void *a, const void *b); /* qsort over struct span */
/* Sorts and drops duplicates; returns how many are left. */
size_t spans_sort_unique(struct span *s, size_t n);

#endif
