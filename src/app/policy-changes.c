/* policy-changes.c - app: see policy-changes.h. What is granted is compared as texts, statement by
 * statement: what a statement without a condition, or with the same, covered before is nothing new.
 * A statement that denies, or names what it is not about, only equals itself; losing one that denied
 * widens. */
#include "config.h"

#include "app/policy-changes.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "policy/limits.h"
#include "policy/pattern-text.h"

void policy_changes_init(struct policy_changes *c)
{
	*c = (struct policy_changes){.n = 0};
	arena_init(&c->arena);
}

void policy_changes_release(struct policy_changes *c)
{
	vec_release(c);
	arena_release(&c->arena);
}

/* ---- what a document grants */

struct grants {
	VEC_OF(struct grant);
};

static struct span condition_text(struct arena *arena, const struct policy_statement *s)
{
	struct buf b;
	buf_init(&b, LIMIT_POLICY_BYTES);
	for (size_t i = 0; i < s->n_conditions; i++) {
		const struct policy_condition *c = &s->conditions[i];
		buf_addf(&b, "%s%.*s %.*s", i ? "; " : "", SPAN_ARG(c->operator), SPAN_ARG(c->key));
		for (size_t k = 0; k < c->n_values; k++)
			buf_addf(&b, "%s%.*s", k ? ", " : " ", SPAN_ARG(c->values[k]));
	}
	struct span out = arena_span(arena, buf_span(&b));
	buf_release(&b);
	return out;
}

static struct span element_text(struct arena *arena, struct span value, bool negated)
{
	return negated ? arena_printf(arena, "not %.*s", SPAN_ARG(value)) : arena_span(arena, value);
}

static void add_grants(struct grants *out, struct arena *arena, const struct policy_document *d)
{
	for (size_t i = 0; i < d->n_statements; i++) {
		const struct policy_statement *s = &d->statements[i];
		struct span condition = condition_text(arena, s);
		for (size_t a = 0; a < s->n_actions; a++) {
			struct span action = element_text(arena, s->actions[a], s->not_action);
			for (size_t r = 0; r < s->n_resources || r == 0; r++)
				*vec_add(out) = (struct grant){
				        .deny = s->deny,
				        .action = action,
				        .resource = s->n_resources
				                            ? element_text(arena, s->resources[r],
				                                           s->not_resource)
				                            : SPAN_NONE,
				        .condition = condition};
		}
	}
}

static int by_text(const void *a, const void *b)
{
	const struct grant *x = a, *y = b;
	int c = (int)x->deny - (int)y->deny;
	c = c ? c : span_cmp(x->action, y->action);
	c = c ? c : span_cmp(x->resource, y->resource);
	return c ? c : span_cmp(x->condition, y->condition);
}

/* Comparing each pattern with each is quadratic; past this many steps only equal ones are found. */
enum { LIMIT_PAIRS = 4000000 };

static bool is_negated(const struct grant *g)
{
	return span_starts(g->action, SPAN_LIT("not ")) || span_starts(g->resource, SPAN_LIT("not "));
}

static bool covers(const struct grant *outer, const struct grant *inner)
{
	return !outer->deny && !is_negated(outer) &&
	       (!outer->condition.n || span_eq(outer->condition, inner->condition)) &&
	       pattern_text_covers(outer->action, inner->action, true) &&
	       pattern_text_covers(outer->resource, inner->resource, false);
}

/* Those of a that b does not cover; both sorted. *out in arena; how many. */
static size_t uncovered(struct arena *arena, const struct grants *a, const struct grants *b,
                        struct grant **out)
{
	size_t n = 0, pairs = 0;
	*out = arena_alloc(arena, (a->n + 1) * sizeof **out);
	for (size_t i = 0; i < a->n; i++) {
		const struct grant *g = &a->v[i];
		bool known = b->n && bsearch(g, b->v, b->n, sizeof *g, by_text);
		for (size_t k = 0; k < b->n && !known && !g->deny && !is_negated(g) &&
		                   pairs++ < LIMIT_PAIRS;
		     k++)
			known = covers(&b->v[k], g);
		if (!known)
			(*out)[n++] = *g;
	}
	return n;
}

/* ---- what was seen of it */

static void add_evidence(struct grant *g, const struct gathered *from)
{
	struct span last = SPAN_NONE;
	for (size_t i = 0; i < from->n_uses; i++) {
		const struct access_use *u = &from->uses[i];
		if (!pattern_text_covers(g->action, u->access.action, true) ||
		    !pattern_text_covers(g->resource, u->access.resource, false))
			continue;
		g->first = g->events == 0 || u->first < g->first ? u->first : g->first;
		g->last = g->events == 0 || u->last > g->last ? u->last : g->last;
		g->events += u->events;
		g->n_resources += !span_eq(last, u->access.resource);
		last = u->access.resource;
	}
}

/* ---- one principal */

static enum status read_before(struct arena *arena, const struct policy_folder *folder,
                               const struct folder_entry *e, struct grants *out, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < e->n && status == STATUS_OK; i++) {
		struct span *texts;
		size_t n = 0;
		status = policy_folder_texts(folder, e, i, arena, &texts, &n, err);
		for (size_t k = 0; k < n && status == STATUS_OK; k++) {
			struct policy_document d;
			status = document_read(texts[k], arena, &d, err);
			if (status == STATUS_OK)
				add_grants(out, arena, &d);
		}
	}
	sort_items(out->v, out->n, sizeof *out->v, by_text);
	return status;
}

/* Grants that deny less come to the same as grants that allow more. */
static enum change_kind kind_of(const struct policy_change *c)
{
	bool wider = false;
	for (size_t i = 0; i < c->n_added && !wider; i++)
		wider = !c->added[i].deny;
	for (size_t i = 0; i < c->n_gone && !wider; i++)
		wider = c->gone[i].deny;
	return wider ? CHANGE_WIDENED : c->n_gone || c->n_added ? CHANGE_NARROWED : CHANGE_NONE;
}

struct policy_change *policy_changes_compare(struct policy_changes *c,
                                             const struct policy_folder *folder,
                                             const struct folder_entry *before,
                                             const struct subject *who, const struct policy *p,
                                             const struct gathered *g)
{
	struct policy_change *one = vec_add(c);
	struct grants old = {.n = 0}, now = {.n = 0};
	struct err err;
	err_clear(&err);
	*one = (struct policy_change){.kind = CHANGE_ADDED,
	                              .principal = arena_span(&c->arena, who->name)};
	for (size_t i = 0; i < p->n_documents; i++)
		add_grants(&now, &c->arena, &p->documents[i]);
	sort_items(now.v, now.n, sizeof *now.v, by_text);
	enum status status = before ? read_before(&c->arena, folder, before, &old, &err) : STATUS_OK;
	if (status == STATUS_OK) {
		one->n_added = uncovered(&c->arena, &now, &old, &one->added);
		one->n_gone = uncovered(&c->arena, &old, &now, &one->gone);
		one->kind = before ? kind_of(one) : CHANGE_ADDED;
	} else {
		one->kind = CHANGE_UNKNOWN;
		one->why = arena_span(&c->arena, span_of(err.text));
	}
	for (size_t i = 0; i < one->n_added; i++)
		add_evidence(&one->added[i], g);
	vec_release(&old);
	vec_release(&now);
	return one;
}

void policy_changes_gone(struct policy_changes *c, const struct folder_entry *e, const char *why)
{
	*vec_add(c) = (struct policy_change){.kind = CHANGE_GONE,
	                                     .principal = arena_span(&c->arena, e->principal),
	                                     .files = e->files,
	                                     .n_files = e->n,
	                                     .why = span_of(why)};
}
