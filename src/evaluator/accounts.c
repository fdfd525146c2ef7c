/* accounts.c - evaluator: whose the resource is, and which resources' own policies must allow.
 *
 * Sources: IAM user guide, "Cross-account policy evaluation logic"; "How AWS enforcement code logic
 * evaluates requests" (role trust policies and KMS key policies must allow); KMS developer guide,
 * "Key policies"; global condition keys, aws:ResourceAccount. */
#include "config.h"

#include "evaluator/evaluate-internal.h"

#include "call/arn.h"

static struct span account_in(struct span text)
{
	struct arn a;
	return arn_parse(text, &a) && arn_is_account(a.account) ? a.account : SPAN_NONE;
}

/* Of a bucket, for one, the ARN does not tell it, and a key of the request does. */
static struct span owner_of(const struct request *r)
{
	struct span account = account_in(r->resource);
	const struct request_key *k = keys_find(&r->keys, SPAN_LIT("aws:resourceaccount"));
	if (account.n || !k || k->unknown || k->n != 1 || !arn_is_account(k->values[0]))
		return account;
	return k->values[0];
}

bool request_is_across(const struct request *r)
{
	if (!r->complete)
		return false;
	struct span caller = account_in(r->principal), owner = owner_of(r);
	return caller.n && owner.n && !span_eq(caller, owner);
}

bool resource_policy_decides(struct span action, struct span resource)
{
	struct arn a;
	if (!arn_parse(resource, &a))
		return false;
	if (span_starts(action, SPAN_LIT("kms:")))
		return span_is(a.service, "kms") && span_starts(a.rest, SPAN_LIT("key/"));
	return span_starts(action, SPAN_LIT("sts:")) && arn_is_role(resource);
}

bool principal_is_root(struct span principal)
{
	struct arn a;
	return arn_parse(principal, &a) && span_is(a.service, "iam") && span_is(a.rest, "root");
}

bool principal_may_have_boundary(struct span principal)
{
	struct arn a;
	if (!arn_parse(principal, &a))
		return false;
	if (span_is(a.service, "sts"))
		return span_starts(a.rest, SPAN_LIT("assumed-role/"));
	return span_is(a.service, "iam") &&
	       (span_starts(a.rest, SPAN_LIT("user/")) || span_starts(a.rest, SPAN_LIT("role/")));
}
