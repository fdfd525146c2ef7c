/* document-write.c - policy: see document.h. */
#include "config.h"

#include "policy/walk.h"

/* Prints, or only counts. */
struct sink {
	struct buf *out; /* NULL: only count */
	size_t characters;
	bool pretty, ok;
	bool first; /* the object that is being written has no member yet */
	unsigned depth;
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

static void string(struct sink *k, struct span s)
{
	if (k->out) {
		k->ok &= buf_add_json(k->out, s);
		return;
	}
	k->characters += 2 + json_characters(s);
}

/* The member's name on a line of its own, after a comma where it is not the first. */
static void member(struct sink *k, struct span name, unsigned depth)
{
	if (!k->first)
		put(k, ",");
	line(k, depth);
	string(k, name);
	put(k, k->pretty ? ": " : ":");
	k->first = false;
}

static void open(struct sink *k)
{
	put(k, "{");
	k->first = true;
}

static void close(struct sink *k, unsigned depth)
{
	line(k, depth);
	put(k, "}");
	k->first = false;
}

static void values(struct sink *k, const struct span *v, size_t n, unsigned depth)
{
	put(k, "[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			put(k, ",");
		line(k, depth + 1);
		string(k, v[i]);
	}
	if (n)
		line(k, depth);
	put(k, "]");
}

static void write_text(void *to, enum policy_element element, struct span value)
{
	struct sink *k = to;
	member(k, span_of(policy_element_name(element)), k->depth);
	string(k, value);
}

static void write_list(void *to, enum policy_element element, const struct span *v, size_t n)
{
	struct sink *k = to;
	member(k, span_of(policy_element_name(element)), k->depth);
	values(k, v, n, k->depth);
}

static void write_principal(void *to, enum policy_element element,
                            const struct policy_principal *p, struct walk_place place)
{
	struct sink *k = to;
	if (place.first)
		member(k, span_of(policy_element_name(element)), k->depth);
	if (principal_is_everyone(p)) {
		string(k, p->kind);
		return;
	}
	if (place.first)
		open(k);
	member(k, p->kind, k->depth + 1);
	values(k, p->values, p->n_values, k->depth + 1);
	if (place.last)
		close(k, k->depth);
}

static void write_condition(void *to, const struct policy_condition *c, struct walk_place place)
{
	struct sink *k = to;
	if (place.first) {
		member(k, SPAN_LIT("Condition"), k->depth);
		open(k);
	}
	if (place.opens) {
		member(k, c->operator, k->depth + 1);
		open(k);
	}
	member(k, c->key, k->depth + 2);
	values(k, c->values, c->n_values, k->depth + 2);
	if (place.closes)
		close(k, k->depth + 1);
	if (place.last)
		close(k, k->depth);
}

static const struct policy_syntax json = {
        .text = write_text,
        .list = write_list,
        .principal = write_principal,
        .condition = write_condition,
};

static void statement(struct sink *k, const struct policy_statement *s, unsigned depth)
{
	open(k);
	k->depth = depth + 1;
	policy_walk(s, &json, k);
	close(k, depth);
}

static void document(struct sink *k, const struct policy_document *d)
{
	open(k);
	if (d->version.p) {
		member(k, SPAN_LIT("Version"), 1);
		string(k, d->version);
	}
	if (d->id.p) {
		member(k, SPAN_LIT("Id"), 1);
		string(k, d->id);
	}
	member(k, SPAN_LIT("Statement"), 1);
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
	close(k, 0);
	if (k->pretty)
		put(k, "\n");
}

bool document_write(const struct policy_document *d, bool pretty, struct buf *out)
{
	struct sink k = {.out = out, .pretty = pretty, .ok = true};
	document(&k, d);
	return k.ok;
}

bool statement_write(const struct policy_statement *s, bool pretty, struct buf *out)
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

size_t value_size(struct span value, bool pretty)
{
	struct sink k = {.pretty = pretty, .ok = true};
	line(&k, 4);
	string(&k, value);
	return k.characters + 1;
}
