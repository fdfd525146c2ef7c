/* cfn.c - emit: CloudFormation, in YAML and JSON: a managed policy, an entry for a role's or user's
 * Policies, a service control policy, or a role with its trust policy. Nothing is put under
 * Fn::Sub, so that "${aws:username}" and "${*}" stand as they are.
 *
 * Sources: AWS::IAM::ManagedPolicy, AWS::IAM::Role, AWS::Organizations::Policy (CloudFormation user
 * guide); YAML 1.1, double-quoted style. */
#include "config.h"

#include "emit/emit.h"
#include "policy/walk.h"

/* Both syntaxes are written by one walk; json tells which. */
struct out {
	struct buf *b;
	bool json;
	bool ok;
	bool first;     /* JSON: nothing was written in this container yet */
	bool item;      /* YAML: the next key stands behind "- " */
	unsigned depth; /* of a statement's elements */
};

static void raw(struct out *o, const char *s)
{
	o->ok = o->ok && buf_add_str(o->b, s);
}

/* JSON's escapes are a subset of those of YAML's double-quoted style; U+0085 and the like, which
 * YAML takes for line breaks, and other invisible characters are written by number. */
static void string(struct out *o, struct span s)
{
	if (o->json) {
		o->ok = o->ok && buf_add_json(o->b, s);
		return;
	}
	raw(o, "\"");
	for (size_t i = 0, n; i < s.n && o->ok; i += n) {
		uint32_t c = 0;
		n = utf8_take(span_from(s, i), &c);
		if (c == '"' || c == '\\')
			o->ok = buf_addf(o->b, "\\%c", (char)c);
		else if (n == 0 || (utf8_visible(c) && c != 0xa0))
			o->ok = buf_add_span(o->b, span_sub(s, i, n ? n : 1));
		else
			o->ok = buf_addf(o->b,
			                 c < 0x100     ? "\\x%02x"
			                 : c < 0x10000 ? "\\u%04x"
			                               : "\\U%08x",
			                 (unsigned)c);
		n += n == 0;
	}
	raw(o, "\"");
}

static void indent(struct out *o, unsigned depth)
{
	raw(o, "\n");
	/* JSON has a brace around it all */
	for (unsigned i = o->json ? 0 : 1; i < depth; i++)
		raw(o, "  ");
}

/* In YAML an entry of a list is "- KEY" with the further keys below the first. */
static void key(struct out *o, struct span name, unsigned depth)
{
	if (o->json) {
		if (!o->first)
			raw(o, ",");
		indent(o, depth);
		string(o, name);
		raw(o, ": ");
	} else if (o->item) {
		o->ok = o->ok && buf_add_span(o->b, name);
		raw(o, ": ");
	} else {
		indent(o, depth);
		bool plain = true;
		for (size_t i = 0; i < name.n; i++)
			plain &= ascii_alpha(name.p[i]) || ascii_digit(name.p[i]);
		if (plain && name.n)
			o->ok = o->ok && buf_add_span(o->b, name);
		else
			string(o, name);
		raw(o, ": ");
	}
	o->first = o->item = false;
}

static void text(struct out *o, const char *name, struct span value, unsigned depth)
{
	key(o, span_of(name), depth);
	string(o, value);
}

static void open(struct out *o, char bracket)
{
	if (o->json)
		o->ok = o->ok && buf_add_char(o->b, bracket);
	else if (o->ok && o->b->n && o->b->p[o->b->n - 1] == ' ')
		o->b->p[--o->b->n] = '\0'; /* the blank behind the key's colon */
	o->first = true;
}

static void close(struct out *o, char bracket, unsigned depth)
{
	if (o->json) {
		indent(o, depth);
		o->ok = o->ok && buf_add_char(o->b, bracket);
	}
	o->first = o->item = false;
}

static void item(struct out *o, unsigned depth)
{
	if (o->json && !o->first)
		raw(o, ",");
	indent(o, depth);
	if (!o->json)
		raw(o, "- ");
	o->first = false;
}

static void list(struct out *o, struct span name, const struct span *v, size_t n, unsigned depth)
{
	key(o, name, depth);
	open(o, '[');
	for (size_t i = 0; i < n; i++) {
		item(o, depth + 1);
		string(o, v[i]);
	}
	close(o, ']', depth);
}

static struct span element_name(enum policy_element element)
{
	return span_of(policy_element_name(element));
}

static void cfn_text(void *to, enum policy_element element, struct span value)
{
	struct out *o = to;
	key(o, element_name(element), o->depth);
	string(o, value);
}

static void cfn_list(void *to, enum policy_element element, const struct span *v, size_t n)
{
	struct out *o = to;
	list(o, element_name(element), v, n, o->depth);
}

static void cfn_principal(void *to, enum policy_element element, const struct policy_principal *p,
                          struct walk_place place)
{
	struct out *o = to;
	if (place.first)
		key(o, element_name(element), o->depth);
	if (principal_is_everyone(p)) {
		string(o, p->kind);
		return;
	}
	if (place.first)
		open(o, '{');
	list(o, p->kind, p->values, p->n_values, o->depth + 1);
	if (place.last)
		close(o, '}', o->depth);
}

static void cfn_condition(void *to, const struct policy_condition *c, struct walk_place place)
{
	struct out *o = to;
	if (place.first) {
		key(o, element_name(ELEMENT_CONDITION), o->depth);
		open(o, '{');
	}
	if (place.opens) {
		key(o, c->operator, o->depth + 1);
		open(o, '{');
	}
	list(o, c->key, c->values, c->n_values, o->depth + 2);
	if (place.closes)
		close(o, '}', o->depth + 1);
	if (place.last)
		close(o, '}', o->depth);
}

static const struct policy_syntax cfn = {
        .text = cfn_text,
        .list = cfn_list,
        .principal = cfn_principal,
        .condition = cfn_condition,
};

static void statement(struct out *o, const struct policy_statement *s, unsigned depth)
{
	item(o, depth);
	o->item = !o->json;
	o->depth = depth + 1;
	if (o->json)
		open(o, '{');
	policy_walk(s, &cfn, o);
	if (o->json)
		close(o, '}', depth);
}

static void document(struct out *o, const char *name, const struct policy_document *d,
                     unsigned depth)
{
	key(o, span_of(name), depth);
	open(o, '{');
	if (d->version.p)
		text(o, "Version", d->version, depth + 1);
	if (d->id.p)
		text(o, "Id", d->id, depth + 1);
	key(o, SPAN_LIT("Statement"), depth + 1);
	open(o, '[');
	for (size_t i = 0; i < d->n_statements; i++)
		statement(o, &d->statements[i], depth + 2);
	close(o, ']', depth + 1);
	close(o, '}', depth);
}

static const struct {
	const char *type, *member, *suffix;
} kinds[] = {
        [USE_IDENTITY] = {"AWS::IAM::ManagedPolicy", "PolicyDocument", "Policy"},
        [USE_BOUNDARY] = {"AWS::IAM::ManagedPolicy", "PolicyDocument", "Boundary"},
        [USE_SCP] = {"AWS::Organizations::Policy", "Content", "Scp"},
        [USE_TRUST] = {"AWS::IAM::Role", "AssumeRolePolicyDocument", "Role"},
        [USE_RESOURCE] = {"AWS::S3::BucketPolicy", "PolicyDocument", "BucketPolicy"},
};

static void properties(struct out *o, const struct policy_document *d, const struct emit_options *e)
{
	key(o, SPAN_LIT("Properties"), 3);
	open(o, '{');
	if (e->use == USE_SCP) {
		text(o, "Name", e->name, 4);
		text(o, "Type", SPAN_LIT("SERVICE_CONTROL_POLICY"), 4);
	} else if (e->use != USE_TRUST && e->subject.n && e->subject.n <= EMIT_LIMIT_DESCRIPTION) {
		text(o, "Description", e->subject, 4);
	}
	document(o, kinds[e->use].member, d, 4);
	close(o, '}', 3);
}

static void template(struct out *o, const struct policy_document *d, const struct emit_options *e)
{
	struct buf id;
	buf_init(&id, 512);
	o->ok = o->ok && emit_identifier(&id, e->name, false) &&
	        buf_add_str(&id, kinds[e->use].suffix);
	if (o->json) {
		open(o, '{');
	} else {
		raw(o, "---");
	}
	text(o, "AWSTemplateFormatVersion", SPAN_LIT("2010-09-09"), 1);
	key(o, SPAN_LIT("Resources"), 1);
	open(o, '{');
	key(o, buf_span(&id), 2);
	open(o, '{');
	text(o, "Type", span_of(kinds[e->use].type), 3);
	properties(o, d, e);
	close(o, '}', 2);
	close(o, '}', 1);
	close(o, '}', 0);
	buf_release(&id);
}

/* Policies: [{PolicyName, PolicyDocument}], to be put under a role's or user's Properties. */
static void inline_entry(struct out *o, const struct policy_document *d,
                         const struct emit_options *e)
{
	if (o->json)
		open(o, '{');
	else
		raw(o, "---");
	key(o, SPAN_LIT("Policies"), 1);
	open(o, '[');
	item(o, 2);
	o->item = !o->json;
	if (o->json)
		open(o, '{');
	text(o, "PolicyName", e->name, 3);
	document(o, "PolicyDocument", d, 3);
	if (o->json)
		close(o, '}', 2);
	close(o, ']', 1);
	close(o, '}', 0);
}

static bool emit(const struct policy_document *d, const struct emit_options *e, struct buf *b,
                 bool json)
{
	struct out o = {.b = b, .json = json, .ok = true};
	if (e->cfn_inline && e->use == USE_IDENTITY)
		inline_entry(&o, d, e);
	else
		template(&o, d, e);
	raw(&o, "\n");
	return o.ok;
}

bool emit_cfn_yaml(const struct policy_document *d, const struct emit_options *o, struct buf *out)
{
	return emit(d, o, out, false);
}

bool emit_cfn_json(const struct policy_document *d, const struct emit_options *o, struct buf *out)
{
	return emit(d, o, out, true);
}
