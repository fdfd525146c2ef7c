/* cdk.c - emit: the AWS CDK in TypeScript: a function that makes the PolicyDocument, for stacks that
 * there are, and a stack with the managed policy, as the CloudFormation template has it.
 *
 * Sources: aws-cdk-lib/aws-iam, PolicyStatementProps, ManagedPolicyProps; aws-cdk-lib, Stack. */
#include "config.h"

#include "emit/emit.h"
#include "policy/walk.h"

/* A double-quoted string of TypeScript, where "${" has no meaning. A name from a log cannot look
 * like one of the CDK's tokens ("${Token[..."): its '$' stands as "${$}". U+2028 is no line break
 * inside such a string. */
static void string(struct buf *b, struct span s)
{
	buf_add_json(b, s);
}

static const char *property(enum policy_element element)
{
	switch (element) {
	case ELEMENT_ACTION: return "actions";
	case ELEMENT_NOT_ACTION: return "notActions";
	case ELEMENT_RESOURCE: return "resources";
	case ELEMENT_NOT_RESOURCE: return "notResources";
	case ELEMENT_PRINCIPAL: return "principals";
	case ELEMENT_NOT_PRINCIPAL: return "notPrincipals";
	default: return "";
	}
}

static void cdk_text(void *to, enum policy_element element, struct span value)
{
	if (element == ELEMENT_EFFECT) {
		buf_addf(to, "        effect: iam.Effect.%s,\n",
		         span_is(value, "Deny") ? "DENY" : "ALLOW");
		return;
	}
	buf_add_str(to, "        sid: ");
	string(to, value);
	buf_add_str(to, ",\n");
}

static void cdk_list(void *to, enum policy_element element, const struct span *v, size_t n)
{
	buf_addf(to, "        %s: [\n", property(element));
	for (size_t i = 0; i < n; i++) {
		buf_add_str(to, "          ");
		string(to, v[i]);
		buf_add_str(to, ",\n");
	}
	buf_add_str(to, "        ],\n");
}

static const char *principal_class(const struct policy_principal *p)
{
	if (span_is(p->kind, "Service"))
		return "ServicePrincipal";
	if (span_is(p->kind, "Federated"))
		return "FederatedPrincipal";
	return span_is(p->kind, "CanonicalUser") ? "CanonicalUserPrincipal" : "ArnPrincipal";
}

static void cdk_principal(void *to, enum policy_element element, const struct policy_principal *p,
                          struct walk_place place)
{
	if (place.first)
		buf_addf(to, "        %s: [\n", property(element));
	if (principal_is_everyone(p))
		buf_add_str(to, "          new iam.StarPrincipal(),\n");
	for (size_t i = 0; i < p->n_values; i++) {
		buf_addf(to, "          new iam.%s(", principal_class(p));
		string(to, p->values[i]);
		buf_add_str(to, "),\n");
	}
	if (place.last)
		buf_add_str(to, "        ],\n");
}

static void cdk_condition(void *to, const struct policy_condition *c, struct walk_place place)
{
	if (place.first)
		buf_add_str(to, "        conditions: {\n");
	if (place.opens) {
		buf_add_str(to, "          ");
		string(to, c->operator);
		buf_add_str(to, ": {\n");
	}
	buf_add_str(to, "            ");
	string(to, c->key);
	buf_add_str(to, ": [");
	for (size_t i = 0; i < c->n_values; i++) {
		if (i)
			buf_add_str(to, ", ");
		string(to, c->values[i]);
	}
	buf_add_str(to, place.closes ? "],\n          },\n" : "],\n");
	if (place.last)
		buf_add_str(to, "        },\n");
}

static const struct policy_syntax cdk = {
        .text = cdk_text,
        .list = cdk_list,
        .principal = cdk_principal,
        .condition = cdk_condition,
};

/* Others are parts of a resource that a stack of its own would not own: a role, a bucket. */
static bool has_stack(const struct emit_options *o)
{
	return o->use == USE_IDENTITY || o->use == USE_BOUNDARY;
}

static void function_name(struct buf *b, const struct emit_options *o)
{
	buf_add_str(b, "policy");
	emit_identifier(b, o->name, false);
}

static void stack(struct buf *b, const struct emit_options *o)
{
	buf_add_str(b, "\nexport class ");
	emit_identifier(b, o->name, false);
	buf_add_str(b, "Stack extends cdk.Stack {\n"
	               "  constructor(scope: Construct, id: string, props?: cdk.StackProps) {\n"
	               "    super(scope, id, props);\n"
	               "    new iam.ManagedPolicy(this, ");
	buf_addf(b, "'%s', {\n", o->use == USE_BOUNDARY ? "Boundary" : "Policy");
	if (o->subject.n && o->subject.n <= EMIT_LIMIT_DESCRIPTION) {
		buf_add_str(b, "      description: ");
		string(b, o->subject);
		buf_add_str(b, ",\n");
	}
	buf_add_str(b, "      document: ");
	function_name(b, o);
	buf_add_str(b, "(),\n    });\n  }\n}\n");
}

bool emit_cdk_ts(const struct policy_document *d, const struct emit_options *o, struct buf *b)
{
	if (has_stack(o))
		buf_add_str(b, "import * as cdk from 'aws-cdk-lib';\n");
	buf_add_str(b, "import * as iam from 'aws-cdk-lib/aws-iam';\n");
	if (has_stack(o))
		buf_add_str(b, "import { Construct } from 'constructs';\n");
	buf_add_str(b, "\nexport function ");
	function_name(b, o);
	bool ok = buf_add_str(b, "(): iam.PolicyDocument {\n  return new iam.PolicyDocument({\n"
	                         "    minimize: false,\n    statements: [\n");
	for (size_t i = 0; i < d->n_statements && ok; i++) {
		buf_add_str(b, "      new iam.PolicyStatement({\n");
		policy_walk(&d->statements[i], &cdk, b);
		ok = buf_add_str(b, "      }),\n");
	}
	buf_add_str(b, "    ],\n  });\n}\n");
	if (has_stack(o))
		stack(b, o);
	return ok && !b->full;
}
