/* hcl.c - emit: Terraform's aws_iam_policy_document, in HCL and in HCL's JSON syntax, laid out as
 * terraform fmt does it.
 *
 * Sources: HCL native syntax specification, "Quoted templates" and "Template interpolation"; the
 * aws_iam_policy_document data source, which also turns "&{" in its arguments into "${". */
#include "config.h"

#include "call/arn.h"
#include "emit/emit.h"
#include "emit/variables.h"
#include "policy/walk.h"

/* ---- escaping */

/* "$${" stands for "${", but only where no further '$' stands before it: there the scanner would
 * take the first two for themselves. Then the '$' before is written by its number. */
static bool before_template(struct span s, size_t at)
{
	size_t i = at;
	while (i < s.n && s.p[i] == s.p[at])
		i++;
	return i < s.n && s.p[i] == '{' && i > at;
}

/* Adds the character at *i and goes past it. Invisible ones are written by number. */
static bool quoted_character(struct buf *b, struct span s, size_t *i)
{
	uint32_t c = 0;
	size_t at = *i, n = utf8_take(span_from(s, at), &c);
	bool sign = c == '$' || c == '%';
	*i += n ? n : 1;
	if (n == 0)
		return buf_add_char(b, s.p[at]);
	if (c == '"' || c == '\\')
		return buf_addf(b, "\\%c", (char)c);
	if (c == '\n' || c == '\t' || c == '\r')
		return buf_addf(b, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
	if (sign && *i < s.n && s.p[*i] == '{')
		return buf_addf(b, "%c%c", (char)c, (char)c);
	if (!utf8_visible(c) || (sign && before_template(s, at)))
		return buf_addf(b, c < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)c);
	return buf_add_span(b, span_sub(s, at, n));
}

static bool quoted(struct buf *b, struct span s)
{
	bool ok = buf_add_char(b, '"');
	for (size_t i = 0; ok && i < s.n;)
		ok = quoted_character(b, s, &i);
	return ok && buf_add_char(b, '"');
}

/* In HCL's JSON syntax a string is first a JSON string and then a template. */
static bool json_template_text(struct buf *t, struct span s)
{
	bool ok = true;
	for (size_t i = 0; ok && i < s.n; i++) {
		bool sign = s.p[i] == '$' || s.p[i] == '%';
		if (sign && i + 1 < s.n && s.p[i + 1] == '{')
			ok = buf_addf(t, "%c%c", s.p[i], s.p[i]);
		else if (sign && before_template(s, i))
			ok = buf_addf(t, "${\"%c\"}", s.p[i]);
		else
			ok = buf_add_char(t, s.p[i]);
	}
	return ok;
}

static bool json_template(struct buf *b, struct span s)
{
	struct buf t;
	buf_init(&t, 16 * s.n + 16);
	bool ok = json_template_text(&t, s) && buf_add_json(b, buf_span(&t));
	buf_release(&t);
	return ok;
}

/* What the walkers write to. */
struct out {
	struct buf *b;
	struct emit_variables *variables;
};

/* "arn:aws:sqs:eu-west-1:111122223333:" with variables, where value begins so and they are asked
 * for; *rest is what is left of it. */
static void arn_head(const struct out *o, struct buf *b, struct span *rest)
{
	struct arn arn;
	if (!o->variables || !arn_parse(*rest, &arn))
		return;
	const struct {
		enum variable_kind kind;
		struct span value;
	} fields[] = {{VARIABLE_PARTITION, arn.partition},
	              {VARIABLE_REGION, arn.region},
	              {VARIABLE_ACCOUNT, arn.account}};
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < fields[i].value.n; k++)
			if (strchr("$%{\"\\", fields[i].value.p[k]))
				return;
	buf_add_str(b, "arn:");
	for (size_t i = 0; i < 3; i++) {
		if (emit_variable_fits(fields[i].kind, fields[i].value))
			emit_variable_put(o->variables, fields[i].kind, fields[i].value, b);
		else
			buf_add_span(b, fields[i].value);
		buf_addf(b, i == 0 ? ":%.*s:" : ":", SPAN_ARG(arn.service));
	}
	*rest = arn.rest;
}

/* A value of a list. */
static void quoted_value(const struct out *o, struct span s)
{
	buf_add_char(o->b, '"');
	arn_head(o, o->b, &s);
	for (size_t i = 0; i < s.n;)
		quoted_character(o->b, s, &i);
	buf_add_char(o->b, '"');
}

static void json_value(const struct out *o, struct span s)
{
	struct buf t;
	buf_init(&t, 16 * s.n + 256);
	arn_head(o, &t, &s);
	json_template_text(&t, s);
	buf_add_json(o->b, buf_span(&t));
	buf_release(&t);
}

/* ---- what the data source cannot say */

static bool has_ampersand(const struct span *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_find(s[i], SPAN_LIT("&{")) >= 0)
			return true;
	return false;
}

/* "&{" would come out as "${", a policy variable: such a statement goes in as JSON text, which is
 * left alone. */
static bool needs_source(const struct policy_statement *s)
{
	bool yes = has_ampersand(s->actions, s->n_actions) ||
	           has_ampersand(s->resources, s->n_resources);
	for (size_t i = 0; i < s->n_conditions && !yes; i++)
		yes = has_ampersand(s->conditions[i].values, s->conditions[i].n_values) ||
		      has_ampersand(&s->conditions[i].key, 1);
	for (size_t i = 0; i < s->n_principals && !yes; i++)
		yes = has_ampersand(s->principals[i].values, s->principals[i].n_values);
	return yes;
}

/* The text of a document with only such statements; n 0 if there is none. */
static bool source_text(const struct policy_document *d, struct buf *out)
{
	bool ok = true;
	size_t n = 0;
	for (size_t i = 0; i < d->n_statements && ok; i++) {
		if (!needs_source(&d->statements[i]))
			continue;
		ok = buf_add_str(out, n++ ? "," : "{\"Version\":\"2012-10-17\",\"Statement\":[") &&
		     statement_write(&d->statements[i], false, out);
	}
	return ok && (n == 0 || buf_add_str(out, "]}"));
}

/* ---- HCL */

/* The data source's name of Action, Resource and their negations. */
static const char *list_name(enum policy_element element)
{
	switch (element) {
	case ELEMENT_ACTION: return "actions";
	case ELEMENT_NOT_ACTION: return "not_actions";
	case ELEMENT_RESOURCE: return "resources";
	case ELEMENT_NOT_RESOURCE: return "not_resources";
	case ELEMENT_PRINCIPAL: return "principals";
	case ELEMENT_NOT_PRINCIPAL: return "not_principals";
	default: return "";
	}
}

/* Everyone is type "*" with the identifier "*". */
static const struct span *identifiers(const struct policy_principal *p, size_t *n)
{
	static const struct span everyone = {"*", 1};
	bool all = principal_is_everyone(p);
	*n = all ? 1 : p->n_values;
	return all ? &everyone : p->values;
}

static void row(const struct out *o, const char *before, const struct span *v, size_t n)
{
	buf_addf(o->b, "%s[", before);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_str(o->b, ", ");
		quoted_value(o, v[i]);
	}
	buf_add_str(o->b, "]\n");
}

static void hcl_text(void *to, enum policy_element element, struct span value)
{
	const struct out *o = to;
	buf_add_str(o->b, element == ELEMENT_SID ? "    sid    = " : "    effect = ");
	quoted(o->b, value);
	buf_add_char(o->b, '\n');
}

static void hcl_list(void *to, enum policy_element element, const struct span *v, size_t n)
{
	const struct out *o = to;
	buf_addf(o->b, "    %s = [\n", list_name(element));
	for (size_t i = 0; i < n; i++) {
		buf_add_str(o->b, "      ");
		quoted_value(o, v[i]);
		buf_add_str(o->b, ",\n");
	}
	buf_add_str(o->b, "    ]\n");
}

static void hcl_principal(void *to, enum policy_element element, const struct policy_principal *p,
                          struct walk_place place)
{
	const struct out *o = to;
	size_t n;
	const struct span *v = identifiers(p, &n);
	buf_addf(o->b, "\n    %s {\n      type        = ", list_name(element));
	quoted(o->b, p->kind);
	buf_add_char(o->b, '\n');
	row(o, "      identifiers = ", v, n);
	buf_add_str(o->b, "    }\n");
}

static void hcl_condition(void *to, const struct policy_condition *c, struct walk_place place)
{
	const struct out *o = to;
	buf_add_str(o->b, "\n    condition {\n      test     = ");
	quoted(o->b, c->operator);
	buf_add_str(o->b, "\n      variable = ");
	quoted(o->b, c->key);
	buf_add_char(o->b, '\n');
	row(o, "      values   = ", c->values, c->n_values);
	buf_add_str(o->b, "    }\n");
}

static const struct policy_syntax hcl = {
        .principals_late = true,
        .text = hcl_text,
        .list = hcl_list,
        .principal = hcl_principal,
        .condition = hcl_condition,
};

static bool statement(struct out *o, const struct policy_statement *s)
{
	buf_add_str(o->b, "  statement {\n");
	policy_walk(s, &hcl, o);
	buf_add_str(o->b, "  }\n");
	return !o->b->full;
}

static bool head(struct buf *b, const struct policy_document *d, size_t *parts)
{
	bool ok = true;
	struct buf source;
	buf_init(&source, b->ceiling);
	if (d->version.p && !span_is(d->version, "2012-10-17")) {
		ok = buf_add_str(b, "  version = ") && quoted(b, d->version) &&
		     buf_add_char(b, '\n');
		++*parts;
	}
	if (d->id.p) {
		ok = ok && buf_addf(b, "%s  policy_id = ", *parts ? "\n" : "") &&
		     quoted(b, d->id) && buf_add_char(b, '\n');
		++*parts;
	}
	ok = ok && source_text(d, &source);
	if (source.n) {
		ok = ok &&
		     buf_addf(b, "%s  source_policy_documents = [\n    ", *parts ? "\n" : "") &&
		     quoted(b, buf_span(&source)) && buf_add_str(b, ",\n  ]\n");
		++*parts;
	}
	buf_release(&source);
	return ok;
}

static const char *attachment_type(const struct emit_options *o)
{
	return o->attach == ATTACH_USER ? "aws_iam_user_policy_attachment"
	                                : "aws_iam_role_policy_attachment";
}

static bool label(struct buf *b, const struct emit_options *o)
{
	return o->label.n ? buf_add_span(b, o->label) : emit_identifier(b, o->name, true);
}

static bool reference(struct buf *b, const char *before, const struct emit_options *o,
                      const char *after)
{
	return buf_add_str(b, before) && label(b, o) && buf_add_str(b, after);
}

/* "provider = aws.x" as the first of a block's arguments, whose names are width wide. */
static bool provider_line(struct buf *b, const struct emit_options *o, int width)
{
	return !o->provider.n ||
	       buf_addf(b, "  %-*s = %.*s\n", width, "provider", SPAN_ARG(o->provider));
}

static bool block(struct buf *b, const char *type, const struct emit_options *o)
{
	return buf_addf(b, "\n%s \"", type) && label(b, o) && buf_add_str(b, "\" {\n");
}

/* A permission set takes one document: of several, what they say together. */
static bool permission_set(struct buf *b, const struct emit_options *o)
{
	static const char instance[] = "tolist(data.aws_ssoadmin_instances.";
	struct emit_options first = *o;
	bool several = o->n_before > 0;
	bool ok = true;
	if (o->more)
		return true;
	first.label = span_sub(o->label, 0, o->first_label);
	if (several) {
		ok = buf_addf(b,
		              "\ndata \"aws_iam_policy_document\" \"%.*s__all\" {\n"
		              "  source_policy_documents = [\n",
		              SPAN_ARG(first.label));
		for (size_t i = 0; i <= o->n_before && ok; i++)
			ok = i ? buf_addf(b, "    data.aws_iam_policy_document.%.*s__%zu.json,\n",
			                  SPAN_ARG(first.label), i + 1)
			       : reference(b, "    data.aws_iam_policy_document.", &first,
			                   ".json,\n");
		ok = ok && buf_add_str(b, "  ]\n}\n");
	}
	ok = ok && block(b, "data \"aws_ssoadmin_instances\"", &first) && buf_add_str(b, "}\n") &&
	     block(b, "data \"aws_ssoadmin_permission_set\"", &first) &&
	     buf_addf(b, "  instance_arn = %s", instance) && label(b, &first) &&
	     buf_add_str(b, ".arns)[0]\n  name         = ") && quoted(b, o->attach_name) &&
	     buf_add_str(b, "\n}\n") &&
	     block(b, "resource \"aws_ssoadmin_permission_set_inline_policy\"", &first);
	return ok && buf_addf(b, "  instance_arn       = %s", instance) && label(b, &first) &&
	       buf_add_str(b, ".arns)[0]\n") &&
	       reference(b, "  permission_set_arn = data.aws_ssoadmin_permission_set.", &first,
	                 ".arn\n") &&
	       reference(b, "  inline_policy      = data.aws_iam_policy_document.", &first,
	                 several ? "__all.json\n}\n" : ".json\n}\n");
}

/* The policy that holds the document, and what binds it to its principal. */
static bool resources(struct buf *b, const struct emit_options *o)
{
	bool scp = o->use == USE_SCP;
	int width = o->provider.n ? 8 : scp ? 7 : 6;
	if (o->attach == ATTACH_PERMISSION_SET && o->use == USE_IDENTITY)
		return permission_set(b, o);
	bool ok =
	        block(b,
	              scp ? "resource \"aws_organizations_policy\"" : "resource \"aws_iam_policy\"",
	              o) &&
	        provider_line(b, o, width) && buf_addf(b, "  %-*s = ", width, "name") &&
	        quoted(b, o->name) &&
	        buf_addf(b, "\n  %-*s = ", width, scp ? "content" : "policy") &&
	        reference(b, "data.aws_iam_policy_document.", o, ".json\n}\n");
	bool bind = o->attach != ATTACH_NOTHING && o->use == USE_IDENTITY;
	if (!ok || !bind)
		return ok;
	return buf_addf(b, "\nresource \"%s\" \"", attachment_type(o)) && label(b, o) &&
	       buf_add_str(b, "\" {\n") && provider_line(b, o, 10) &&
	       buf_addf(b, "  %s       = ", o->attach == ATTACH_USER ? "user" : "role") &&
	       quoted(b, o->attach_name) &&
	       reference(b, "\n  policy_arn = aws_iam_policy.", o, ".arn\n}\n");
}

bool emit_hcl(const struct policy_document *d, const struct emit_options *o, struct buf *b)
{
	struct out out = {b, o->variables};
	size_t parts = 0;
	bool ok = buf_add_str(b, "data \"aws_iam_policy_document\" \"") && label(b, o) &&
	          buf_add_str(b, "\" {\n");
	if (o->provider.n) {
		ok = ok && provider_line(b, o, 8);
		parts++;
	}
	ok = ok && head(b, d, &parts);
	for (size_t i = 0; i < d->n_statements && ok; i++) {
		if (needs_source(&d->statements[i]))
			continue;
		ok = (!parts++ || buf_add_char(b, '\n')) && statement(&out, &d->statements[i]);
	}
	ok = ok && buf_add_str(b, "}\n");
	return ok && (!o->tf_resource || o->use == USE_TRUST || resources(b, o));
}

/* ---- HCL's JSON */

static void json_row(const struct out *o, const char *name, const struct span *v, size_t n)
{
	buf_addf(o->b, "\"%s\": [", name);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_str(o->b, ", ");
		json_value(o, v[i]);
	}
	buf_add_char(o->b, ']');
}

static void json_text(void *to, enum policy_element element, struct span value)
{
	const struct out *o = to;
	struct buf *b = o->b;
	if (b->p[b->n - 1] != '{') /* behind the Sid */
		buf_add_str(b, ", ");
	buf_add_str(b, element == ELEMENT_SID ? "\"sid\": " : "\"effect\": ");
	json_template(b, value);
}

static void json_list(void *to, enum policy_element element, const struct span *v, size_t n)
{
	const struct out *o = to;
	buf_add_str(o->b, ", ");
	json_row(o, list_name(element), v, n);
}

static void json_principal(void *to, enum policy_element element, const struct policy_principal *p,
                           struct walk_place place)
{
	const struct out *o = to;
	size_t n;
	const struct span *v = identifiers(p, &n);
	if (place.first)
		buf_addf(o->b, ", \"%s\": [{\"type\": ", list_name(element));
	else
		buf_add_str(o->b, ", {\"type\": ");
	json_template(o->b, p->kind);
	buf_add_str(o->b, ", ");
	json_row(o, "identifiers", v, n);
	buf_add_str(o->b, place.last ? "}]" : "}");
}

static void json_condition(void *to, const struct policy_condition *c, struct walk_place place)
{
	const struct out *o = to;
	buf_add_str(o->b, place.first ? ", \"condition\": [{\"test\": " : ", {\"test\": ");
	json_template(o->b, c->operator);
	buf_add_str(o->b, ", \"variable\": ");
	json_template(o->b, c->key);
	buf_add_str(o->b, ", ");
	json_row(o, "values", c->values, c->n_values);
	buf_add_str(o->b, place.last ? "}]" : "}");
}

static const struct policy_syntax hcl_json = {
        .principals_late = true,
        .text = json_text,
        .list = json_list,
        .principal = json_principal,
        .condition = json_condition,
};

static bool json_statement(struct out *o, const struct policy_statement *s)
{
	buf_add_str(o->b, "          {");
	if (!o->b->full)
		policy_walk(s, &hcl_json, o);
	buf_add_char(o->b, '}');
	return !o->b->full;
}

static bool json_resources(struct buf *b, const struct emit_options *o)
{
	bool scp = o->use == USE_SCP;
	bool ok = buf_addf(b, ",\n  \"resource\": {\n    \"%s\": {\n      \"",
	                   scp ? "aws_organizations_policy" : "aws_iam_policy") &&
	          label(b, o) && buf_add_str(b, "\": {\"name\": ") && json_template(b, o->name) &&
	          buf_addf(b, ", \"%s\": ", scp ? "content" : "policy") &&
	          reference(b, "\"${data.aws_iam_policy_document.", o, ".json}\"}\n    }");
	if (ok && !scp && o->attach != ATTACH_NOTHING && o->attach != ATTACH_PERMISSION_SET &&
	    o->use == USE_IDENTITY)
		ok = buf_addf(b, ",\n    \"%s\": {\n      \"", attachment_type(o)) && label(b, o) &&
		     buf_addf(b, "\": {\"%s\": ", o->attach == ATTACH_USER ? "user" : "role") &&
		     json_template(b, o->attach_name) &&
		     reference(b, ", \"policy_arn\": \"${aws_iam_policy.", o, ".arn}\"}\n    }");
	return ok && buf_add_str(b, "\n  }");
}

bool emit_hcl_json(const struct policy_document *d, const struct emit_options *o, struct buf *b)
{
	struct out out = {b, o->variables};
	struct buf source;
	buf_init(&source, b->ceiling);
	bool ok =
	        source_text(d, &source) &&
	        buf_add_str(b, "{\n  \"data\": {\n    \"aws_iam_policy_document\": {\n      \"") &&
	        label(b, o) && buf_add_str(b, "\": {\n");
	if (d->version.p && !span_is(d->version, "2012-10-17"))
		ok = ok && buf_add_str(b, "        \"version\": ") &&
		     json_template(b, d->version) && buf_add_str(b, ",\n");
	if (d->id.p)
		ok = ok && buf_add_str(b, "        \"policy_id\": ") && json_template(b, d->id) &&
		     buf_add_str(b, ",\n");
	if (source.n)
		ok = ok && buf_add_str(b, "        \"source_policy_documents\": [") &&
		     json_template(b, buf_span(&source)) && buf_add_str(b, "],\n");
	ok = ok && buf_add_str(b, "        \"statement\": [\n");
	size_t n = 0;
	for (size_t i = 0; i < d->n_statements && ok; i++)
		if (!needs_source(&d->statements[i]))
			ok = (!n++ || buf_add_str(b, ",\n")) &&
			     json_statement(&out, &d->statements[i]);
	ok = ok && buf_add_str(b, n ? "\n        ]\n      }\n    }\n  }"
	                            : "        ]\n      }\n    }\n  }");
	if (o->tf_resource && o->use != USE_TRUST)
		ok = ok && json_resources(b, o);
	buf_release(&source);
	return ok && buf_add_str(b, "\n}\n");
}
