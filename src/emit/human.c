/* human.c - emit: for people: a table for a terminal, and Markdown for a review. */
#include "config.h"

#include "emit/emit.h"
#include "policy/walk.h"

/* Control characters would drive the terminal, invisible ones deceive: they are shown as '?'. */
static bool plain(struct buf *b, struct span s)
{
	size_t from = b->n;
	bool ok = buf_add_span(b, s);
	if (ok)
		span_plain(b->p + from, b->n - from);
	return ok;
}

static void rows(struct buf *b, const char *what, const struct span *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_addf(b, "  %-14s", i ? "" : what);
		plain(b, v[i]);
		buf_add_char(b, '\n');
	}
}

static const char *row_name(enum policy_element element)
{
	switch (element) {
	case ELEMENT_ACTION: return "action";
	case ELEMENT_NOT_ACTION: return "not action";
	case ELEMENT_RESOURCE: return "resource";
	case ELEMENT_NOT_RESOURCE: return "not resource";
	case ELEMENT_NOT_PRINCIPAL: return "not principal";
	default: return "principal";
	}
}

/* The heading has the Sid and the effect. */
static void table_text(void *to, enum policy_element element, struct span value)
{
}

static void table_list(void *to, enum policy_element element, const struct span *v, size_t n)
{
	rows(to, row_name(element), v, n);
}

static void table_principal(void *to, enum policy_element element, const struct policy_principal *p,
                            struct walk_place place)
{
	if (principal_is_everyone(p))
		rows(to, row_name(element), &p->kind, 1);
	else
		rows(to, row_name(element), p->values, p->n_values);
}

static void table_condition(void *to, const struct policy_condition *c, struct walk_place place)
{
	buf_addf(to, "  %-14s", place.first ? "condition" : "");
	plain(to, c->operator);
	buf_add_char(to, ' ');
	plain(to, c->key);
	buf_add_str(to, " =");
	for (size_t i = 0; i < c->n_values; i++) {
		buf_add_str(to, i ? ", " : " ");
		plain(to, c->values[i]);
	}
	buf_add_char(to, '\n');
}

static const struct policy_syntax table = {
        .text = table_text,
        .list = table_list,
        .principal = table_principal,
        .condition = table_condition,
};

/* How a statement came to be, where that is not by calls that were allowed. */
static const char *origin_text(enum statement_origin origin)
{
	switch (origin) {
	case STATEMENT_SIBLING: return "not observed";
	case STATEMENT_DENIED: return "was denied";
	case STATEMENT_KEPT: return "kept";
	default: return NULL;
	}
}

/* Of a statement that the builder made; "" where nothing is known. */
static const char *level_of(const struct policy_statement *s)
{
	if (s->origin == STATEMENT_KEPT || s->origin == STATEMENT_READ)
		return "";
	return s->level == LEVEL_UNKNOWN ? "several levels" : level_name(s->level);
}

static bool head(struct buf *b, const struct policy_statement *s)
{
	bool ok = plain(b, s->sid.p ? s->sid : SPAN_LIT("(no Sid)")) &&
	          buf_add_str(b, s->deny ? "  Deny" : "  Allow");
	if (*level_of(s))
		ok = ok && buf_addf(b, "  %s", level_of(s));
	const char *origin = origin_text(s->origin);
	if (origin)
		ok = ok && buf_addf(b, "  (%s)", origin);
	return ok && buf_add_char(b, '\n');
}

bool emit_table(const struct policy_document *d, const struct emit_options *o, struct buf *b)
{
	bool ok = true;
	for (size_t i = 0; i < d->n_statements && ok; i++) {
		const struct policy_statement *s = &d->statements[i];
		ok = (!i || buf_add_char(b, '\n')) && head(b, s);
		policy_walk(s, &table, b);
	}
	return ok &&
	       buf_addf(b, "\n%zu statement%s, %zu characters\n", d->n_statements,
	                d->n_statements == 1 ? "" : "s", d->size) &&
	       !b->full;
}

/* Whether Markdown itself makes a link of what begins here (GFM, autolinks). */
static bool begins_link(struct span s)
{
	return span_starts(s, SPAN_LIT("://")) || span_starts_ci(s, SPAN_LIT("www."));
}

/* Text in a Markdown table cell, shown as it is: what Markdown and HTML would take for themselves
 * is written as a character reference. */
static bool cell(struct buf *b, struct span s)
{
	bool ok = true;
	for (size_t i = 0, n; i < s.n && ok; i += n) {
		uint32_t c = 0;
		n = utf8_take(span_from(s, i), &c);
		if (n == 0 || !utf8_visible(c))
			ok = buf_add_char(b, '?');
		else if (n == 1 &&
		         (strchr("|`*_<>&[]()\\~#!$@", (int)c) || begins_link(span_from(s, i))))
			ok = buf_addf(b, "&#%u;", (unsigned)c);
		else
			ok = buf_add_span(b, span_sub(s, i, n));
		n += n == 0;
	}
	return ok;
}

/* One cell's entries with breaks between them. */
static void cells(struct buf *b, const struct span *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_str(b, "<br>");
		cell(b, v[i]);
	}
}

/* The cells of one row of the Markdown table. Elements that a statement lacks leave theirs empty.
 */
enum column { COLUMN_ACTIONS, COLUMN_RESOURCES, COLUMN_CONDITIONS, COLUMNS };

struct markdown_row {
	struct buf cells[COLUMNS];
};

static void markdown_text(void *to, enum policy_element element, struct span value)
{
}

static void markdown_list(void *to, enum policy_element element, const struct span *v, size_t n)
{
	struct markdown_row *r = to;
	bool action = element == ELEMENT_ACTION || element == ELEMENT_NOT_ACTION;
	struct buf *b = &r->cells[action ? COLUMN_ACTIONS : COLUMN_RESOURCES];
	if (element == ELEMENT_NOT_ACTION || element == ELEMENT_NOT_RESOURCE)
		buf_add_str(b, "not: ");
	cells(b, v, n);
}

/* Who it is about stands with what it is about. */
static void markdown_principal(void *to, enum policy_element element,
                               const struct policy_principal *p, struct walk_place place)
{
	struct buf *b = &((struct markdown_row *)to)->cells[COLUMN_RESOURCES];
	buf_add_str(b, b->n ? "<br>" : "");
	buf_add_str(b, element == ELEMENT_NOT_PRINCIPAL ? "not: " : "");
	cell(b, p->kind);
	buf_add_str(b, principal_is_everyone(p) ? "" : ": ");
	cells(b, p->values, p->n_values);
}

static void markdown_condition(void *to, const struct policy_condition *c, struct walk_place place)
{
	struct buf *b = &((struct markdown_row *)to)->cells[COLUMN_CONDITIONS];
	buf_add_str(b, place.first ? "" : "<br>");
	cell(b, c->operator);
	buf_add_char(b, ' ');
	cell(b, c->key);
	buf_add_str(b, " = ");
	for (size_t i = 0; i < c->n_values; i++) {
		buf_add_str(b, i ? ", " : "");
		cell(b, c->values[i]);
	}
}

static const struct policy_syntax markdown = {
        .principals_late = true,
        .text = markdown_text,
        .list = markdown_list,
        .principal = markdown_principal,
        .condition = markdown_condition,
};

static bool markdown_statement(struct buf *b, const struct policy_statement *s)
{
	struct markdown_row r;
	const char *origin = origin_text(s->origin);
	bool ok = buf_add_str(b, "| ") && cell(b, s->sid.p ? s->sid : SPAN_LIT("-")) &&
	          buf_addf(b, " | %s | %s%s%s", s->deny ? "Deny" : "Allow", level_of(s),
	                   origin && *level_of(s) ? ", " : "", origin ? origin : "");
	for (size_t i = 0; i < COLUMNS; i++)
		buf_init(&r.cells[i], b->ceiling);
	policy_walk(s, &markdown, &r);
	for (size_t i = 0; i < COLUMNS; i++) {
		ok = ok && !r.cells[i].full && buf_add_str(b, " | ") &&
		     buf_add_span(b, buf_span(&r.cells[i]));
		buf_release(&r.cells[i]);
	}
	return ok && buf_add_str(b, " |\n");
}

bool emit_markdown(const struct policy_document *d, const struct emit_options *o, struct buf *b)
{
	bool ok =
	        buf_add_str(b, "# ") && cell(b, o->subject.n ? o->subject : o->name) &&
	        buf_addf(b, "\n\n%zu statement%s, %zu characters.\n\n", d->n_statements,
	                 d->n_statements == 1 ? "" : "s", d->size) &&
	        buf_add_str(b, "| Statement | Effect | Level | Actions | Resources | Conditions |\n"
	                       "| --- | --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; i < d->n_statements && ok; i++)
		ok = markdown_statement(b, &d->statements[i]);
	return ok;
}
