/* pattern-text.h - policy: patterns as they stand in a policy, compared as texts: '*' any run of
 * characters, '?' one, and "${*}", "${?}", "${$}" the characters themselves. Other "${...}" are
 * policy variables, opaque here. (pattern.h matches names against compiled patterns.)
 *
 * Source: IAM JSON policy elements: Resource, variables and tags (IAM user guide). */
#ifndef POLICY_PATTERN_TEXT_H
#define POLICY_PATTERN_TEXT_H

#include "base/arena.h"

/* True if the pattern has a wildcard, so stands for more than one name. */
bool pattern_text_has_wildcard(struct span pattern);
/* True if every name that inner stands for fits outer (outer may be equal). Never true wrongly;
 * false where two variables would have to be compared. At worst |outer| x |inner| steps. */
bool pattern_text_covers(struct span outer, struct span inner, bool fold_case);
/* True if one of n patterns covers inner, as above. */
bool pattern_texts_any_covers(const struct span *patterns, size_t n, struct span inner,
                              bool fold_case);
/* How many bytes from the start, from the end, hold no wildcard. */
size_t pattern_text_head(struct span pattern);
size_t pattern_text_tail(struct span pattern);

/* Says which patterns another one covers: by[i] is the index of a pattern that covers patterns[i]
 * and is not covered itself, or i. patterns must be sorted by span_cmp without duplicates. No
 * quadratic growth for patterns that share a prefix or a suffix. */
void pattern_texts_covered(const struct span *patterns, size_t n, size_t *by);
/* Removes the covered ones, keeping the order; returns how many are left. */
size_t pattern_texts_absorb(struct span *patterns, size_t n);

#endif
