/* human.c - emit: for people: a table for a terminal, and Markdown for a review. */
#include "config.h"

#include "emit/emit.h"
#include "policy/text.h"

/* Control characters would drive the terminal: they are shown as '?'. */
static bool plain(struct buf *b, struct span s)
{
	bool ok = true;
	for (size_t i = 0; i < s.n && ok; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool control = c < 0x20 || c == 0x7f ||
		               (c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0);
		ok = buf_add_char(b, control ? '?' : (char)c);
		i += control && c == 0xc2;
	}
	return ok;
}

static bool rows(struct buf *b, const char *what, const struct span *v, size_t n)
{
	bool ok = true;
	for (size_t i = 0; i < n && ok; i++)
		ok = buf_addf(b, "  %-14s", i ? "" : what) && plain(b, v[i]) &&
		     buf_add_char(b, '\n');
	return ok;
}

static bool condition_row(struct buf *b, const struct policy_condition *c, bool first)
{
	bool ok = buf_addf(b, "  %-14s", first ? "condition" : "") && plain(b, c->operator) &&
	          buf_add_char(b, ' ') && plain(b, c->key) && buf_add_str(b, " =");
	for (size_t i = 0; i < c->n_values && ok; i++)
		ok = buf_add_str(b, i ? ", " : " ") && plain(b, c->values[i]);
	return ok && buf_add_char(b, '\n');
}

static bool head(struct buf *b, const struct policy_statement *s)
{
	bool ok = plain(b, s->sid.p ? s->sid : SPAN_LIT("(no Sid)")) &&
	          buf_add_str(b, s->deny ? "  Deny" : "  Allow");
	if (s->origin != STATEMENT_KEPT && s->level != LEVEL_UNKNOWN)
		ok = ok && buf_addf(b, "  %s", level_name(s->level));
	if (s->origin == STATEMENT_SIBLING)
		ok = ok && buf_add_str(b, "  (not observed)");
	if (s->origin == STATEMENT_DENIED)
		ok = ok && buf_add_str(b, "  (was denied)");
	if (s->origin == STATEMENT_KEPT)
		ok = ok && buf_add_str(b, "  (kept)");
	return ok && buf_add_char(b, '\n');
}

bool emit_table(const struct policy_document *d, const struct emit_options *o, struct buf *b)
{
	bool ok = true;
	for (size_t i = 0; i < d->n_statements && ok; i++) {
		const struct policy_statement *s = &d->statements[i];
		ok = (!i || buf_add_char(b, '\n')) && head(b, s);
		for (size_t k = 0; k < s->n_principals && ok; k++)
			ok = span_is(s->principals[k].kind, "*")
			             ? buf_add_str(b, "  principal     *\n")
			             : rows(b, "principal", s->principals[k].values,
			                    s->principals[k].n_values);
		ok = ok &&
		     rows(b, s->not_action ? "not action" : "action", s->actions, s->n_actions) &&
		     rows(b, s->not_resource ? "not resource" : "resource", s->resources,
		          s->n_resources);
		for (size_t k = 0; k < s->n_conditions && ok; k++)
			ok = condition_row(b, &s->conditions[k], k == 0);
	}
	return ok && buf_addf(b, "\n%zu statement%s, %zu characters\n", d->n_statements,
	                      d->n_statements == 1 ? "" : "s", d->size);
}

/* Text in a Markdown table cell, shown as it is: what Markdown and HTML would take for themselves
 * is written as a character reference. */
static bool cell(struct buf *b, struct span s)
{
	bool ok = true;
	for (size_t i = 0; i < s.n && ok; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0x20 || c == 0x7f)
			ok = buf_add_char(b, '?');
		else if (strchr("|`*_<>&[]()\\~#!$@", c))
			ok = buf_addf(b, "&#%u;", c);
		else
			ok = buf_add_char(b, (char)c);
	}
	return ok;
}

static bool cells(struct buf *b, const struct span *v, size_t n)
{
	bool ok = true;
	for (size_t i = 0; i < n && ok; i++)
		ok = (!i || buf_add_str(b, "<br>")) && cell(b, v[i]);
	return ok;
}

static bool markdown_conditions(struct buf *b, const struct policy_statement *s)
{
	bool ok = true;
	for (size_t i = 0; i < s->n_conditions && ok; i++) {
		const struct policy_condition *c = &s->conditions[i];
		ok = (!i || buf_add_str(b, "<br>")) && cell(b, c->operator) &&
		     buf_add_char(b, ' ') && cell(b, c->key) && buf_add_str(b, " = ");
		for (size_t k = 0; k < c->n_values && ok; k++)
			ok = (!k || buf_add_str(b, ", ")) && cell(b, c->values[k]);
	}
	return ok;
}

bool emit_markdown(const struct policy_document *d, const struct emit_options *o, struct buf *b)
{
	bool ok =
	        buf_add_str(b, "# ") && cell(b, o->subject.n ? o->subject : o->name) &&
	        buf_addf(b, "\n\n%zu statement%s, %zu characters.\n\n", d->n_statements,
	                 d->n_statements == 1 ? "" : "s", d->size) &&
	        buf_add_str(b, "| Statement | Effect | Level | Actions | Resources | Conditions |\n"
	                       "| --- | --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; i < d->n_statements && ok; i++) {
		const struct policy_statement *s = &d->statements[i];
		ok = buf_add_str(b, "| ") && cell(b, s->sid.p ? s->sid : SPAN_LIT("-")) &&
		     buf_addf(b, " | %s | %s%s | ", s->deny ? "Deny" : "Allow",
		              level_name(s->level),
		              s->origin == STATEMENT_SIBLING  ? ", not observed"
		              : s->origin == STATEMENT_DENIED ? ", was denied"
		              : s->origin == STATEMENT_KEPT   ? ", kept"
		                                              : "") &&
		     buf_add_str(b, s->not_action ? "not: " : "") &&
		     cells(b, s->actions, s->n_actions) &&
		     buf_add_str(b, s->not_resource ? " | not: " : " | ") &&
		     cells(b, s->resources, s->n_resources);
		for (size_t k = 0; k < s->n_principals && ok; k++)
			ok = cell(b, s->principals[k].kind) && buf_add_str(b, ": ") &&
			     cells(b, s->principals[k].values, s->principals[k].n_values);
		ok = ok && buf_add_str(b, " | ") && markdown_conditions(b, s) &&
		     buf_add_str(b, " |\n");
	}
	return ok;
}
