/* build.h - builder: from what a principal did to the policy that allows it. Pure: the same input in
 * any order gives the same policy. */
#ifndef BUILDER_BUILD_H
#define BUILDER_BUILD_H

#include "base/err.h"
#include "builder/event-conditions.h"
#include "builder/generalise.h"
#include "builder/history.h"
#include "policy/quotas.h"
#include "policy/policy.h"
#include "builder/siblings.h"

/* Whether an allow may be what a denied call lacked: no identity-based policy allowed it, or the
 * log states no reason. An explicit deny is stated as such (IAM user guide, "Troubleshoot access
 * denied error messages"), and any other policy's "no" stands whatever this policy says. */
bool denial_may_lack_allow(enum denial_by by, bool explicit_deny);

/* Whether the action creates what is of the type ("ec2:CreateVpc", "vpc"), by its name. */
bool action_makes_type(struct span action, struct span type);

enum denied_mode { DENIED_LEAVE_OUT, DENIED_INCLUDE, DENIED_ONLY };

struct policy_options {
	enum resources_mode resources;
	unsigned max_resources; /* siblings that stay apart; 0: any number */
	bool max_resources_given; /* by the user: a bound also on what the log shows to be closed */
	bool any_region;
	bool action_verbs; /* whole verbs as wildcards ("s3:Get*"), where they stay within one
	                      access level */
	bool dependents;   /* the reference's dependent actions too */
	enum denied_mode denied;
	unsigned conditions; /* bits 1u << enum condition_kind */
	bool no_passed_to;   /* iam:PassRole without iam:PassedToService, which it has by default */
	unsigned siblings;   /* bits 1u << enum sibling_kind */
	const struct fold_rule *rules; /* n_rules of them: the first that fits counts */
	size_t n_rules;
	size_t limit;        /* characters of a document; 0: none */
	bool limit_white_space;
	unsigned max_documents;
};

/* One row of use: contexts is NULL, or has an entry for each row (needed for conditions). */
struct policy_input {
	const struct access_use *uses;
	const struct use_context *contexts;
	size_t n_uses;
	const struct mapping *mapping;
	/* A policy that people wrote: its statements come first, as they are, and only what they do
	 * not allow is added. NULL: none. */
	const struct policy_document *existing;
	/* A fold by history takes in none of somebody else's. NULL: nothing is known of others. */
	const struct used_resources *used;
};

#define POLICY_DEFAULTS           \
	((struct policy_options){ \
	        .resources = RESOURCES_GROUPED, .max_resources = 10, .max_documents = 1})

/* STATUS_OK: *out is made (policy_release). STATUS_END: nothing to grant; *out is empty but for its
 * notes and counts. STATUS_STOP: it does not fit, or a condition was asked for that no statement
 * supports; err tells the sizes. What *out refers to of the input (spans) must outlive it. *out is
 * always to be released. */
enum status policy_build(const struct policy_input *in, const struct policy_options *options,
                         struct policy *out, struct err *err);

#endif
