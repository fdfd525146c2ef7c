/* iam-text.h - policy: the characters that IAM takes in a policy, and counts.
 *
 * Source: IAM and AWS STS quotas, "IAM name requirements" and character limits (IAM user guide). */
#ifndef POLICY_IAM_TEXT_H
#define POLICY_IAM_TEXT_H

#include "base/arena.h"

/* Text that IAM accepts: tab, LF, CR, U+0020 to U+00FF; each other character, and each byte that is
 * no UTF-8, becomes '?' and is counted in *replaced. Borrowed from s where nothing had to change.
 */
struct span iam_text(struct arena *arena, struct span s, size_t *replaced);
/* The same for a value that a condition compares as it is: wildcards have no meaning there, but
 * "${" has, and is written "${$}{". */
struct span iam_literal(struct arena *arena, struct span s, size_t *replaced);
/* Characters (code points) of well-formed UTF-8. */
size_t iam_characters(struct span s);

#endif
