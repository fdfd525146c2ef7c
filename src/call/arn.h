/* arn.h - call: ARNs as text: their fields, the reference's patterns, and how a name from a log
 * is written into a policy. */
#ifndef CALL_ARN_H
#define CALL_ARN_H

#include "base/arena.h"
#include "base/span.h"

struct arn { /* arn:partition:service:region:account:rest; any field may be empty */
	struct span partition, service, region, account, rest;
};

/* False if s is no ARN of six fields. The fields borrow from s. */
bool arn_parse(struct span s, struct arn *out);
/* True if s is 12 digits. */
bool arn_is_account(struct span s);
/* True if s can be what a redacted log has in place of an account's digits ("1111XXXX3333",
 * "<redacted>"): 1 to 64 characters without a separator of ARNs. Not 12 digits, and none of the
 * words that stand in that field themselves ("aws", "anonymous"). */
bool arn_is_masked_account(struct span s);
/* "arn:P:iam::ACCOUNT:role/...". */
bool arn_is_role(struct span s);

/* True if arn fits a pattern of the reference
 * ("arn:${Partition}:s3:::${BucketName}/${ObjectName}"): each
 * ${Variable} stands for one or more characters, in the partition, region and account fields
 * without ':';
 * '*' in a pattern for any. */
bool arn_matches(struct span pattern, struct span arn);
/* The number of its characters that are no variables: of two patterns that an ARN fits, the one
 * with more says more. */
size_t arn_literals(struct span pattern);
/* Cuts the next piece off a pattern: a run of literal text, or a variable (its name without "${}",
 * *variable set). SPAN_NONE at the end. */
struct span arn_piece(struct span *pattern, bool *variable);

/* The partition that a region lies in: "us-gov-west-1" -> "aws-us-gov"; SPAN_NONE if region is
 * empty. */
struct span arn_partition(struct span region);

/* Policy text that stands for exactly this name: '*', '?' and '$' as ${*}, ${?}, ${$} (IAM user
 * guide, policy variables: special characters); characters that IAM does not accept in a policy
 * (outside tab, LF, CR, U+0020 to U+00FF; bytes that are no UTF-8) as '?', added to *replaced.
 * Lives in arena, or is s. */
struct span arn_escape(struct span s, struct arena *arena, unsigned *replaced);

#endif
