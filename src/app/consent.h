/* consent.h - app: what of a subject's use lies in other accounts: the caller's policy is not
 * enough, the account of the resource must allow it as well.
 *
 * Source: IAM user guide, "Cross-account policy evaluation logic". */
#ifndef APP_CONSENT_H
#define APP_CONSENT_H

#include "app/gather.h"

/* Of one resource. */
struct consent {
	struct span account; /* 12 digits */
	struct span resource;
	struct span actions; /* "s3:GetObject, s3:PutObject" */
	bool trust;          /* the resource is a role: its trust policy allows it */
};

/* Of what was gathered, by account and resource, in arena; returns how many. None of a subject of
 * several accounts. */
size_t consents_of(const struct gathered *g, const struct subject *who, struct arena *arena,
                   struct consent **out);

/* Builds the other side's statements, for review: the subject may do what it did on what is not its
 * account's. STATUS_OK; STATUS_END: there is nothing of the kind; STATUS_STOP with err. As
 * policy_build. */
enum status consent_policy(struct policy_source *s, const struct gathered *g,
                           const struct subject *who, struct policy *out, struct err *err);

/* The account that owns what the ARN names: its own field, or what g knows of its owner; SPAN_NONE
 * where neither tells. */
struct span consent_account(const struct gathered *g, struct span resource);

#endif
