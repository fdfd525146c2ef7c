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

struct span request_account(const struct request *r)
{
	return account_in(r->principal);
}

enum truth request_is_across(const struct request *r)
{
	if (!r->complete)
		return TRUTH_NO;
	struct span caller = request_account(r), owner = account_in(r->resource);
	if (!caller.n)
		return TRUTH_NO;
	/* of a bucket, for one, the ARN does not tell it, and a key of the request does */
	const struct request_key *k = keys_find(&r->keys, SPAN_LIT(OWNER_KEY));
	if (!owner.n && k && k->unknown)
		return TRUTH_MAYBE;
	if (!owner.n && k && k->n == 1 && arn_is_account(k->values[0]))
		owner = k->values[0];
	return owner.n && !span_eq(caller, owner) ? TRUTH_YES : TRUTH_NO;
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
