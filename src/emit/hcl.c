/* hcl.c - emit: Terraform's aws_iam_policy_document, in HCL and in HCL's JSON syntax, laid out as
 * terraform fmt does it.
 *
 * Sources: HCL native syntax specification, "Quoted templates" and "Template interpolation"; the
 * aws_iam_policy_document data source, which also turns "&{" in its arguments into "${". */
#include "config.h"

#include "emit/emit.h"
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

static bool quoted_byte(struct buf *b, struct span s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];
	switch (c) {
	case '"': return buf_add_str(b, "\\\"");
	case '\\': return buf_add_str(b, "\\\\");
	case '\n': return buf_add_str(b, "\\n");
	case '\r': return buf_add_str(b, "\\r");
	case '\t': return buf_add_str(b, "\\t");
	case '$':
	case '%':
		if (i + 1 < s.n && s.p[i + 1] == '{')
			return buf_addf(b, "%c%c", c, c);
		if (before_template(s, i))
			return buf_addf(b, "\\u%04x", c);
		return buf_add_char(b, (char)c);
	default:
		return c < 0x20 || c == 0x7f ? buf_addf(b, "\\u%04x", c) : buf_add_char(b, (char)c);
	}
}

static bool quoted(struct buf *b, struct span s)
{
	bool ok = buf_add_char(b, '"');
	for (size_t i = 0; ok && i < s.n; i++)
		ok = quoted_byte(b, s, i);
	return ok && buf_add_char(b, '"');
}

/* In HCL's JSON syntax a string is first a JSON string and then a template. */
static bool json_template(struct buf *b, struct span s)
{
	struct buf t;
	buf_init(&t, 16 * s.n + 16);
	bool ok = true;
	for (size_t i = 0; ok && i < s.n; i++) {
		bool sign = s.p[i] == '$' || s.p[i] == '%';
		if (sign && i + 1 < s.n && s.p[i + 1] == '{')
			ok = buf_addf(&t, "%c%c", s.p[i], s.p[i]);
		else if (sign && before_template(s, i))
			ok = buf_addf(&t, "${\"%c\"}", s.p[i]);
		else
			ok = buf_add_char(&t, s.p[i]);
	}
	ok = ok && buf_add_json(b, buf_span(&t));
	buf_release(&t);
	return ok;
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

static void row(struct buf *b, const char *before, const struct span *v, size_t n)
{
	buf_addf(b, "%s[", before);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_str(b, ", ");
		quoted(b, v[i]);
	}
	buf_add_str(b, "]\n");
}

static void hcl_text(void *to, enum policy_element element, struct span value)
{
	buf_add_str(to, element == ELEMENT_SID ? "    sid    = " : "    effect = ");
	quoted(to, value);
	buf_add_char(to, '\n');
}

static void hcl_list(void *to, enum policy_element element, const struct span *v, size_t n)
{
	buf_addf(to, "    %s = [\n", list_name(element));
	for (size_t i = 0; i < n; i++) {
		buf_add_str(to, "      ");
		quoted(to, v[i]);
		buf_add_str(to, ",\n");
	}
	buf_add_str(to, "    ]\n");
}

static void hcl_principal(void *to, enum policy_element element, const struct policy_principal *p,
                          struct walk_place place)
{
	size_t n;
	const struct span *v = identifiers(p, &n);
	buf_addf(to, "\n    %s {\n      type        = ", list_name(element));
	quoted(to, p->kind);
	buf_add_char(to, '\n');
	row(to, "      identifiers = ", v, n);
	buf_add_str(to, "    }\n");
}

static void hcl_condition(void *to, const struct policy_condition *c, struct walk_place place)
{
	buf_add_str(to, "\n    condition {\n      test     = ");
	quoted(to, c->operator);
	buf_add_str(to, "\n      variable = ");
	quoted(to, c->key);
	buf_add_char(to, '\n');
	row(to, "      values   = ", c->values, c->n_values);
	buf_add_str(to, "    }\n");
}

static const struct policy_syntax hcl = {
        .principals_late = true,
        .text = hcl_text,
        .list = hcl_list,
        .principal = hcl_principal,
        .condition = hcl_condition,
};

static bool statement(struct buf *b, const struct policy_statement *s)
{
	buf_add_str(b, "  statement {\n");
	policy_walk(s, &hcl, b);
	buf_add_str(b, "  }\n");
	return !b->full;
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

static bool reference(struct buf *b, const char *before, struct span name, const char *after)
{
	return buf_add_str(b, before) && emit_identifier(b, name, true) && buf_add_str(b, after);
}

/* The policy that holds the document, and what binds it to its principal. */
static bool resources(struct buf *b, const struct emit_options *o)
{
	const char *type = o->use == USE_SCP ? "aws_organizations_policy" : "aws_iam_policy";
	const char *content = o->use == USE_SCP ? "content" : "policy";
	bool ok = buf_addf(b, "\nresource \"%s\" \"", type) && emit_identifier(b, o->name, true) &&
	          buf_add_str(b, "\" {\n");
	ok = ok && buf_addf(b, o->use == USE_SCP ? "  name    = " : "  name   = ") &&
	     quoted(b, o->name) && buf_addf(b, "\n  %s = ", content) &&
	     reference(b, "data.aws_iam_policy_document.", o->name, ".json\n}\n");
	bool bind = o->attach != ATTACH_NOTHING && o->use == USE_IDENTITY;
	if (!ok || !bind)
		return ok;
	return buf_addf(b, "\nresource \"%s\" \"", attachment_type(o)) &&
	       emit_identifier(b, o->name, true) && buf_add_str(b, "\" {\n") &&
	       buf_addf(b, "  %s       = ", o->attach == ATTACH_USER ? "user" : "role") &&
	       quoted(b, o->attach_name) &&
	       reference(b, "\n  policy_arn = aws_iam_policy.", o->name, ".arn\n}\n");
}

bool emit_hcl(const struct policy_document *d, const struct emit_options *o, struct buf *b)
{
	size_t parts = 0;
	bool ok = buf_add_str(b, "data \"aws_iam_policy_document\" \"") &&
	          emit_identifier(b, o->name, true) && buf_add_str(b, "\" {\n") &&
	          head(b, d, &parts);
	for (size_t i = 0; i < d->n_statements && ok; i++) {
		if (needs_source(&d->statements[i]))
			continue;
		ok = (!parts++ || buf_add_char(b, '\n')) && statement(b, &d->statements[i]);
	}
	ok = ok && buf_add_str(b, "}\n");
	return ok && (!o->tf_resource || o->use == USE_TRUST || resources(b, o));
}

/* ---- HCL's JSON */

static void json_row(struct buf *b, const char *name, const struct span *v, size_t n)
{
	buf_addf(b, "\"%s\": [", name);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_str(b, ", ");
		json_template(b, v[i]);
	}
	buf_add_char(b, ']');
}

static void json_text(void *to, enum policy_element element, struct span value)
{
	struct buf *b = to;
	if (b->p[b->n - 1] != '{') /* behind the Sid */
		buf_add_str(b, ", ");
	buf_add_str(b, element == ELEMENT_SID ? "\"sid\": " : "\"effect\": ");
	json_template(b, value);
}

static void json_list(void *to, enum policy_element element, const struct span *v, size_t n)
{
	buf_add_str(to, ", ");
	json_row(to, list_name(element), v, n);
}

static void json_principal(void *to, enum policy_element element, const struct policy_principal *p,
                           struct walk_place place)
{
	size_t n;
	const struct span *v = identifiers(p, &n);
	if (place.first)
		buf_addf(to, ", \"%s\": [{\"type\": ", list_name(element));
	else
		buf_add_str(to, ", {\"type\": ");
	json_template(to, p->kind);
	buf_add_str(to, ", ");
	json_row(to, "identifiers", v, n);
	buf_add_str(to, place.last ? "}]" : "}");
}

static void json_condition(void *to, const struct policy_condition *c, struct walk_place place)
{
	buf_add_str(to, place.first ? ", \"condition\": [{\"test\": " : ", {\"test\": ");
	json_template(to, c->operator);
	buf_add_str(to, ", \"variable\": ");
	json_template(to, c->key);
	buf_add_str(to, ", ");
	json_row(to, "values", c->values, c->n_values);
	buf_add_str(to, place.last ? "}]" : "}");
}

static const struct policy_syntax hcl_json = {
        .principals_late = true,
        .text = json_text,
        .list = json_list,
        .principal = json_principal,
        .condition = json_condition,
};

static bool json_statement(struct buf *b, const struct policy_statement *s)
{
	buf_add_str(b, "          {");
	if (!b->full)
		policy_walk(s, &hcl_json, b);
	buf_add_char(b, '}');
	return !b->full;
}

static bool json_resources(struct buf *b, const struct emit_options *o)
{
	bool scp = o->use == USE_SCP;
	bool ok = buf_addf(b, ",\n  \"resource\": {\n    \"%s\": {\n      \"",
	                   scp ? "aws_organizations_policy" : "aws_iam_policy") &&
	          emit_identifier(b, o->name, true) && buf_add_str(b, "\": {\"name\": ") &&
	          json_template(b, o->name) &&
	          buf_addf(b, ", \"%s\": ", scp ? "content" : "policy") &&
	          reference(b, "\"${data.aws_iam_policy_document.", o->name, ".json}\"}\n    }");
	if (ok && !scp && o->attach != ATTACH_NOTHING && o->use == USE_IDENTITY)
		ok = buf_addf(b, ",\n    \"%s\": {\n      \"", attachment_type(o)) &&
		     emit_identifier(b, o->name, true) &&
		     buf_addf(b, "\": {\"%s\": ", o->attach == ATTACH_USER ? "user" : "role") &&
		     json_template(b, o->attach_name) &&
		     reference(b, ", \"policy_arn\": \"${aws_iam_policy.", o->name,
		               ".arn}\"}\n    }");
	return ok && buf_add_str(b, "\n  }");
}

bool emit_hcl_json(const struct policy_document *d, const struct emit_options *o, struct buf *b)
{
	struct buf source;
	buf_init(&source, b->ceiling);
	bool ok =
	        source_text(d, &source) &&
	        buf_add_str(b, "{\n  \"data\": {\n    \"aws_iam_policy_document\": {\n      \"") &&
	        emit_identifier(b, o->name, true) && buf_add_str(b, "\": {\n");
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
			     json_statement(b, &d->statements[i]);
	ok = ok && buf_add_str(b, n ? "\n        ]\n      }\n    }\n  }"
	                            : "        ]\n      }\n    }\n  }");
	if (o->tf_resource && o->use != USE_TRUST)
		ok = ok && json_resources(b, o);
	buf_release(&source);
	return ok && buf_add_str(b, "\n}\n");
}
