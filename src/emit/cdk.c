/* cdk.c - emit: the AWS CDK in TypeScript: a function that makes the PolicyDocument, to be imported
 * by a stack.
 *
 * Source: aws-cdk-lib/aws-iam, PolicyStatementProps. */
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

bool emit_cdk_ts(const struct policy_document *d, const struct emit_options *o, struct buf *b)
{
	bool ok = buf_add_str(b, "import * as iam from 'aws-cdk-lib/aws-iam';\n\n"
	                         "export function ") &&
	          buf_add_str(b, "policy") && emit_identifier(b, o->name, false) &&
	          buf_add_str(b, "(): iam.PolicyDocument {\n  return new iam.PolicyDocument({\n"
	                         "    minimize: false,\n    statements: [\n");
	for (size_t i = 0; i < d->n_statements && ok; i++) {
		buf_add_str(b, "      new iam.PolicyStatement({\n");
		policy_walk(&d->statements[i], &cdk, b);
		ok = buf_add_str(b, "      }),\n");
	}
	return ok && buf_add_str(b, "    ],\n  });\n}\n") && !b->full;
}
