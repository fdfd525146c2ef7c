/* emit.h - emit: policy documents in the syntaxes that people keep them in. Each syntax escapes
 * names its own way, so that a name from a log never ends a string, begins an interpolation or
 * stands for more than itself. Same document, same bytes. */
#ifndef EMIT_EMIT_H
#define EMIT_EMIT_H

#include "base/buf.h"
#include "policy/policy.h"

/* A longer subject is left out of a description, which IAM limits to 1,000 characters. */
enum { EMIT_LIMIT_DESCRIPTION = 900 };

enum policy_use { USE_IDENTITY, USE_BOUNDARY, USE_SCP, USE_TRUST, USE_RESOURCE };

enum attach_to { ATTACH_NOTHING, ATTACH_ROLE, ATTACH_USER, ATTACH_PERMISSION_SET };

struct emit_variables;

struct emit_options {
	struct span name;    /* what the document is called: "ci", "ci-2" */
	struct span subject; /* whom it is for, in words or as ARN; comments and descriptions */
	enum policy_use use;
	enum attach_to attach;
	struct span attach_name; /* of the role or user */
	bool tf_resource;        /* Terraform: also the policy and its attachment */
	struct span label;       /* Terraform: of its blocks; SPAN_NONE: made from name */
	struct span provider;    /* Terraform: "aws.account_111122223333"; SPAN_NONE: the default */
	struct emit_variables *variables; /* Terraform: in the place of literals; NULL: none */
	/* Terraform, of a permission set, which takes one document: how many documents there are
	 * before this one, and whether it is the last. */
	size_t n_before;
	bool more;
	size_t first_label; /* length of the first document's label, with which this one's begins */
	bool cfn_inline;         /* CloudFormation: a Policies entry instead of a managed policy */
};

/* Who deploys the text, replacing what it takes for more than a name (inert.h). */
enum deployed_by { DEPLOYED_BY_NOBODY, DEPLOYED_BY_CLOUDFORMATION, DEPLOYED_BY_CDK };

struct emitter {
	const char *name;   /* of --format */
	const char *suffix; /* ".json" */
	/* Adds the text, newline at its end. False if the buffer's ceiling was met. */
	bool (*emit)(const struct policy_document *d, const struct emit_options *o,
	             struct buf *out);
	enum deployed_by deployed;
};

/* Ended by a NULL name. */
extern const struct emitter emitters[];
bool emit_json(const struct policy_document *d, const struct emit_options *o, struct buf *out);
bool emit_minified(const struct policy_document *d, const struct emit_options *o, struct buf *out);
bool emit_hcl(const struct policy_document *d, const struct emit_options *o, struct buf *out);
bool emit_hcl_json(const struct policy_document *d, const struct emit_options *o, struct buf *out);
bool emit_cfn_yaml(const struct policy_document *d, const struct emit_options *o, struct buf *out);
bool emit_cfn_json(const struct policy_document *d, const struct emit_options *o, struct buf *out);
bool emit_cdk_ts(const struct policy_document *d, const struct emit_options *o, struct buf *out);
bool emit_table(const struct policy_document *d, const struct emit_options *o, struct buf *out);
bool emit_markdown(const struct policy_document *d, const struct emit_options *o, struct buf *out);

/* A name as an identifier: letters, digits and (underscore) '_' stay; others become '_', or are
 * dropped where it is false, the letter after them in upper case. Never empty, never begins with a
 * digit. */
bool emit_identifier(struct buf *out, struct span name, bool underscore);

#endif
