/* text.c - policy: see text.h. */
#include "config.h"

#include "policy/text.h"

struct sink {
	struct buf *out; /* NULL: only count */
	size_t characters;
	bool pretty, ok;
};

static void put(struct sink *k, const char *s)
{
	k->characters += strlen(s);
	if (k->out)
		k->ok &= buf_add_str(k->out, s);
}

static void line(struct sink *k, unsigned depth)
{
	static const char blanks[] = "                                        ";
	if (!k->pretty)
		return;
	put(k, "\n");
	put(k, blanks + sizeof blanks - 1 - 4 * (size_t)depth);
}

/* What buf_add_json does to one byte: how many characters come out. */
static size_t escaped_size(unsigned char c)
{
	if (c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t')
		return 2;
	return c < 0x20 || c == 0x7f ? 6 : (c & 0xc0) == 0x80 ? 0 : 1;
}

static void string(struct sink *k, struct span s)
{
	if (k->out) {
		k->ok &= buf_add_json(k->out, s);
		return;
	}
	k->characters += 2;
	for (size_t i = 0; i < s.n; i++)
		k->characters += escaped_size((unsigned char)s.p[i]);
}

static void key(struct sink *k, struct span name)
{
	string(k, name);
	put(k, k->pretty ? ": " : ":");
}

static void list(struct sink *k, const struct span *values, size_t n, unsigned depth)
{
	put(k, "[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			put(k, ",");
		line(k, depth + 1);
		string(k, values[i]);
	}
	if (n)
		line(k, depth);
	put(k, "]");
}

static void member(struct sink *k, const char *name, unsigned depth)
{
	put(k, ",");
	line(k, depth);
	key(k, span_of(name));
}

static void principals(struct sink *k, const struct policy_statement *s, unsigned depth)
{
	member(k, s->not_principal ? "NotPrincipal" : "Principal", depth);
	if (s->n_principals == 1 && span_is(s->principals[0].kind, "*")) {
		put(k, "\"*\"");
		return;
	}
	put(k, "{");
	for (size_t i = 0; i < s->n_principals; i++) {
		if (i)
			put(k, ",");
		line(k, depth + 1);
		key(k, s->principals[i].kind);
		list(k, s->principals[i].values, s->principals[i].n_values, depth + 1);
	}
	line(k, depth);
	put(k, "}");
}

static void conditions(struct sink *k, const struct policy_statement *s, unsigned depth)
{
	member(k, "Condition", depth);
	put(k, "{");
	for (size_t i = 0; i < s->n_conditions; i++) {
		const struct policy_condition *c = &s->conditions[i];
		bool same = i > 0 && span_eq(c[-1].operator, c->operator);
		if (i && !same) {
			line(k, depth + 1);
			put(k, "}");
		}
		if (i)
			put(k, ",");
		if (!same) {
			line(k, depth + 1);
			key(k, c->operator);
			put(k, "{");
		}
		line(k, depth + 2);
		key(k, c->key);
		list(k, c->values, c->n_values, depth + 2);
	}
	line(k, depth + 1);
	put(k, "}");
	line(k, depth);
	put(k, "}");
}

static void statement(struct sink *k, const struct policy_statement *s, unsigned depth)
{
	put(k, "{");
	line(k, depth + 1);
	if (s->sid.p) {
		key(k, SPAN_LIT("Sid"));
		string(k, s->sid);
		put(k, ",");
		line(k, depth + 1);
	}
	key(k, SPAN_LIT("Effect"));
	put(k, s->deny ? "\"Deny\"" : "\"Allow\"");
	if (s->n_principals)
		principals(k, s, depth + 1);
	if (s->n_actions) {
		member(k, s->not_action ? "NotAction" : "Action", depth + 1);
		list(k, s->actions, s->n_actions, depth + 1);
	}
	if (s->n_resources) {
		member(k, s->not_resource ? "NotResource" : "Resource", depth + 1);
		list(k, s->resources, s->n_resources, depth + 1);
	}
	if (s->n_conditions)
		conditions(k, s, depth + 1);
	line(k, depth);
	put(k, "}");
}

static void document(struct sink *k, const struct policy_document *d)
{
	put(k, "{");
	line(k, 1);
	key(k, SPAN_LIT("Version"));
	string(k, d->version.p ? d->version : SPAN_LIT("2012-10-17"));
	if (d->id.p) {
		member(k, "Id", 1);
		string(k, d->id);
	}
	member(k, "Statement", 1);
	put(k, "[");
	for (size_t i = 0; i < d->n_statements; i++) {
		if (i)
			put(k, ",");
		line(k, 2);
		statement(k, &d->statements[i], 2);
	}
	if (d->n_statements)
		line(k, 1);
	put(k, "]");
	line(k, 0);
	put(k, "}");
	if (k->pretty)
		put(k, "\n");
}

bool document_text(const struct policy_document *d, bool pretty, struct buf *out)
{
	struct sink k = {.out = out, .pretty = pretty, .ok = true};
	document(&k, d);
	return k.ok;
}

bool statement_text(const struct policy_statement *s, bool pretty, struct buf *out)
{
	struct sink k = {.out = out, .pretty = pretty, .ok = true};
	statement(&k, s, 0);
	return k.ok;
}

size_t document_size(const struct policy_document *d, bool pretty)
{
	struct sink k = {.pretty = pretty, .ok = true};
	document(&k, d);
	return k.characters;
}

size_t statement_size(const struct policy_statement *s, bool pretty)
{
	struct sink k = {.pretty = pretty, .ok = true};
	line(&k, 2);
	statement(&k, s, 2);
	return k.characters + 1;
}

size_t text_item_size(struct span value, bool pretty)
{
	struct sink k = {.pretty = pretty, .ok = true};
	line(&k, 4);
	string(&k, value);
	return k.characters + 1;
}
