/* merge.c - builder: see merge.h. */
#include "config.h"

#include "builder/merge.h"

#include "policy/pattern-text.h"

/* ---- reading */

/* "${" is plain text in a document of 2008-10-17, and begins a variable in what it is merged into:
 * there "${$}" stands for the dollar sign. */
static struct span without_variables(struct arena *arena, struct span s)
{
	struct buf b;
	if (span_find(s, SPAN_LIT("${")) < 0)
		return s;
	buf_init(&b, 3 * s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		bool opens = s.p[i] == '$' && i + 1 < s.n && s.p[i + 1] == '{';
		if (opens)
			buf_add_str(&b, "${$}");
		else
			buf_add_char(&b, s.p[i]);
	}
	struct span out = arena_span(arena, buf_span(&b));
	buf_release(&b);
	return out;
}

static const struct span *all_without_variables(struct arena *arena, const struct span *v, size_t n)
{
	struct span *out = arena_alloc(arena, (n + 1) * sizeof *out);
	for (size_t i = 0; i < n; i++)
		out[i] = without_variables(arena, v[i]);
	return out;
}

static void statement_without_variables(struct arena *arena, struct policy_statement *s)
{
	struct policy_condition *c = arena_alloc(arena, (s->n_conditions + 1) * sizeof *c);
	for (size_t i = 0; i < s->n_conditions; i++) {
		c[i] = s->conditions[i];
		c[i].values = all_without_variables(arena, c[i].values, c[i].n_values);
	}
	s->conditions = c;
	s->resources = all_without_variables(arena, s->resources, s->n_resources);
}

enum status merge_read(struct span text, struct arena *arena, struct policy_document *out,
                       struct err *err)
{
	struct policy_document d;
	enum status status = document_read(text, arena, &d, err);
	if (status != STATUS_OK)
		return status;
	bool variables = span_is(d.version, "2012-10-17");
	struct policy_statement *s = arena_alloc(arena, (d.n_statements + 1) * sizeof *s);
	for (size_t i = 0; i < d.n_statements; i++) {
		s[i] = d.statements[i];
		s[i].origin = STATEMENT_KEPT;
		if (!variables)
			statement_without_variables(arena, &s[i]);
	}
	d.version = SPAN_LIT("2012-10-17");
	d.statements = s;
	*out = d;
	return STATUS_OK;
}

/* ---- comparing */

/* Whether a name could fit both: each would have to begin and end alike. Never false wrongly. */
static bool may_overlap(struct span a, struct span b)
{
	size_t head_a = pattern_text_head(a), head_b = pattern_text_head(b);
	size_t tail_a = pattern_text_tail(a), tail_b = pattern_text_tail(b);
	size_t head = head_a < head_b ? head_a : head_b, tail = tail_a < tail_b ? tail_a : tail_b;
	return span_eq(span_sub(a, 0, head), span_sub(b, 0, head)) &&
	       span_eq(span_from(a, a.n - tail), span_from(b, b.n - tail));
}

static bool names_action(const struct policy_statement *s, struct span action)
{
	return pattern_texts_any_covers(s->actions, s->n_actions, action, true) != s->not_action;
}

static bool names_resource(const struct policy_statement *s, struct span resource)
{
	if (!s->not_resource)
		return pattern_texts_any_covers(s->resources, s->n_resources, resource, false);
	for (size_t i = 0; i < s->n_resources; i++)
		if (may_overlap(s->resources[i], resource))
			return false;
	return s->n_resources > 0;
}

static bool names_both(const struct policy_statement *s, struct span action, struct span resource)
{
	return s->n_conditions == 0 && s->n_principals == 0 && names_action(s, action) &&
	       names_resource(s, resource);
}

bool merge_allows(const struct policy_document *existing, struct span action, struct span resource)
{
	for (size_t i = 0; i < existing->n_statements; i++)
		if (!existing->statements[i].deny &&
		    names_both(&existing->statements[i], action, resource))
			return true;
	return false;
}

const struct policy_statement *merge_denies(const struct policy_document *existing,
                                            struct span action, struct span resource)
{
	for (size_t i = 0; i < existing->n_statements; i++)
		if (existing->statements[i].deny &&
		    names_both(&existing->statements[i], action, resource))
			return &existing->statements[i];
	return NULL;
}

size_t merge_subtract(const struct policy_document *existing, struct entry *e, size_t n)
{
	size_t left = 0;
	for (size_t i = 0; i < n; i++) {
		size_t kept = 0;
		for (size_t k = 0; k < e[i].n_resources; k++)
			if (!merge_allows(existing, e[i].action, e[i].resources[k]))
				e[i].resources[kept++] = e[i].resources[k];
		e[i].n_resources = kept;
		if (kept)
			e[left++] = e[i];
	}
	return left;
}
