/* trust.h - builder: the trust policy of a role from who assumed it, and how.
 *
 * Sources: IAM user guide, "AWS JSON policy elements: Principal" and "Available keys for AWS web
 * identity federation"; AWS STS condition keys (sts:ExternalId). */
#ifndef BUILDER_TRUST_H
#define BUILDER_TRUST_H

#include "base/err.h"
#include "builder/event-conditions.h"
#include "policy/policy.h"

/* One recorded AssumeRole* call that was let through. */
struct assumption {
	struct span action; /* "sts:AssumeRole", "sts:AssumeRoleWithSAML",
	                       "sts:AssumeRoleWithWebIdentity" */
	enum principal_type type;
	struct span principal; /* canonical name of who called */
	struct span partition; /* "aws" */
	struct span provider;  /* ARN of the SAML provider where the call names it, or SPAN_NONE */
	struct span external_id;    /* SPAN_NONE: none */
	bool tags, source_identity; /* the session got tags, a source identity */
	struct use_context where;
};

/* The document, in p's arena: one statement for each way in. conditions: bits of enum
 * condition_kind (region, source-vpce, source-ip, mfa, secure-transport), added where all its calls
 * support them, else noted in p. STATUS_END: nobody who can be named assumed it. */
enum status trust_build(const struct assumption *a, size_t n, unsigned conditions,
                        struct policy *p);

/* Takes "web-identity/PROVIDER/SUBJECT" apart; false if it is none. PROVIDER may hold '/', and so
 * may SUBJECT. */
bool trust_web_identity(struct span principal, struct span *provider, struct span *subject);

#endif
