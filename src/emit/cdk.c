/* cdk.c - emit: the AWS CDK in TypeScript: a function that makes the PolicyDocument, to be imported
 * by a stack.
 *
 * Source: aws-cdk-lib/aws-iam, PolicyStatementProps. */
#include "config.h"

#include "emit/emit.h"

/* A double-quoted string of TypeScript, where "${" has no meaning. A name from a log cannot look
 * like one of the CDK's tokens ("${Token[..."): its '$' stands as "${$}". U+2028 is no line break
 * inside such a string. */
static bool string(struct buf *b, struct span s)
{
	return buf_add_json(b, s);
}

static bool list(struct buf *b, const char *before, const struct span *v, size_t n,
                 const char *after)
{
	bool ok = buf_add_str(b, before) && buf_add_str(b, "[\n");
	for (size_t i = 0; i < n && ok; i++)
		ok = buf_add_str(b, "          ") && string(b, v[i]) && buf_add_str(b, ",\n");
	return ok && buf_add_str(b, "        ]") && buf_add_str(b, after);
}

static bool principal(struct buf *b, const struct policy_principal *p)
{
	bool ok = true;
	if (span_is(p->kind, "*"))
		return buf_add_str(b, "          new iam.StarPrincipal(),\n");
	bool service = span_is(p->kind, "Service"), federated = span_is(p->kind, "Federated");
	for (size_t i = 0; i < p->n_values && ok; i++) {
		ok = buf_addf(b, "          new iam.%s(",
		              service     ? "ServicePrincipal"
		              : federated ? "FederatedPrincipal"
		                          : "ArnPrincipal") &&
		     string(b, p->values[i]) && buf_add_str(b, "),\n");
	}
	return ok;
}

static bool principals(struct buf *b, const struct policy_statement *s)
{
	bool ok = buf_addf(b, "        %s: [\n", s->not_principal ? "notPrincipals" : "principals");
	for (size_t i = 0; i < s->n_principals && ok; i++)
		ok = principal(b, &s->principals[i]);
	return ok && buf_add_str(b, "        ],\n");
}

static bool conditions(struct buf *b, const struct policy_statement *s)
{
	bool ok = buf_add_str(b, "        conditions: {\n");
	for (size_t i = 0; i < s->n_conditions && ok; i++) {
		const struct policy_condition *c = &s->conditions[i];
		bool begins = i == 0 || !span_eq(c[-1].operator, c->operator);
		bool ends = i + 1 == s->n_conditions || !span_eq(c[1].operator, c->operator);
		if (begins)
			ok = buf_add_str(b, "          ") && string(b, c->operator) &&
			     buf_add_str(b, ": {\n");
		ok = ok && buf_add_str(b, "            ") && string(b, c->key) &&
		     buf_add_str(b, ": [");
		for (size_t k = 0; k < c->n_values && ok; k++)
			ok = (!k || buf_add_str(b, ", ")) && string(b, c->values[k]);
		ok = ok && buf_add_str(b, ends ? "],\n          },\n" : "],\n");
	}
	return ok && buf_add_str(b, "        },\n");
}

static bool statement(struct buf *b, const struct policy_statement *s)
{
	bool ok = buf_add_str(b, "      new iam.PolicyStatement({\n");
	if (s->sid.p)
		ok = ok && buf_add_str(b, "        sid: ") && string(b, s->sid) &&
		     buf_add_str(b, ",\n");
	ok = ok && buf_addf(b, "        effect: iam.Effect.%s,\n", s->deny ? "DENY" : "ALLOW");
	if (s->n_principals)
		ok = ok && principals(b, s);
	if (s->n_actions)
		ok = ok && list(b, s->not_action ? "        notActions: " : "        actions: ",
		                s->actions, s->n_actions, ",\n");
	if (s->n_resources)
		ok = ok &&
		     list(b, s->not_resource ? "        notResources: " : "        resources: ",
		          s->resources, s->n_resources, ",\n");
	if (s->n_conditions)
		ok = ok && conditions(b, s);
	return ok && buf_add_str(b, "      }),\n");
}

bool emit_cdk_ts(const struct policy_document *d, const struct emit_options *o, struct buf *b)
{
	bool ok = buf_add_str(b, "import * as iam from 'aws-cdk-lib/aws-iam';\n\n"
	                         "export function ") &&
	          buf_add_str(b, "policy") && emit_identifier(b, o->name, false) &&
	          buf_add_str(b, "(): iam.PolicyDocument {\n  return new iam.PolicyDocument({\n"
	                         "    minimize: false,\n    statements: [\n");
	for (size_t i = 0; i < d->n_statements && ok; i++)
		ok = statement(b, &d->statements[i]);
	return ok && buf_add_str(b, "    ],\n  });\n}\n");
}
