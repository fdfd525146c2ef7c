/* partition.h - meaning: small facts about AWS's identifiers: partitions, ARNs, account ids, access
 * keys. Sources: ARN format and IAM identifiers (IAM user guide). */
#ifndef MEANING_PARTITION_H
#define MEANING_PARTITION_H

#include "ground/arena.h"
#include "ground/span.h"

/* The partition a region belongs to: "aws-cn" of "cn-north-1"; "aws" when the region says nothing.
 */
struct span partition_of_region(struct span region);

/* arn:partition:service:region:account:resource; the resource may hold colons. */
struct arn {
	struct span partition, service, region, account, resource;
};
/* False if s is no ARN: fewer than five colons, or partition or service empty. */
bool arn_parse(struct span s, struct arn *out);

/* 12 digits. */
bool is_account(struct span s);

/* The account in an access key id, 12 characters in arena, or SPAN_NONE where it encodes none: the
 * key is not 20 characters of base32 behind AKIA or ASIA, or its fifth character is below 'Q'
 * (older keys, documentation examples that begin with AKIAI...). The 40 bits behind the prefix,
 * shifted by the 7 lowest, are the account. */
struct span account_of_access_key(struct span key, struct arena *arena);

#endif
