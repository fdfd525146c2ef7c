/* reach.c - evaluator: see reach.h. Known resources are sorted, and a pattern begins with plain
 * text, so that only those behind it are tried. */
#include "config.h"

#include "evaluator/reach.h"

#include "base/alloc.h"
#include "base/vec.h"
#include "evaluator/evaluate-internal.h"

#include <stdlib.h>

int known_resource_order(const void *a, const void *b)
{
	const struct known_resource *x = a, *y = b;
	int c = span_cmp(x->service, y->service);
	c = c ? c : span_cmp(x->type, y->type);
	return c ? c : span_cmp(x->resource, y->resource);
}

/* The first known resource that is not before key. */
static size_t lower_bound(const struct reach *r, const struct known_resource *key)
{
	size_t lo = 0, hi = r->n_known;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (known_resource_order(&r->known[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool of_type(const struct known_resource *k, const struct sar_type *t)
{
	return span_eq(k->service, sar_type_service(t)) && span_eq(k->type, sar_type_name(t));
}

struct indices {
	VEC_OF(size_t);
};

static int by_index(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	return x < y ? -1 : x > y;
}

/* Adds the resources of the type that begin with what a match begins with. */
static void add_range(const struct reach *r, const struct sar_type *t, struct span head,
                      struct indices *found)
{
	const struct known_resource key = {sar_type_service(t), sar_type_name(t), head};
	for (size_t i = lower_bound(r, &key);
	     i < r->n_known && of_type(&r->known[i], t) && span_starts(r->known[i].resource, head);
	     i++)
		*vec_add(found) = i;
}

/* What a statement may apply to. */
static void add_candidates(const struct reach *r, const struct sar_type *t,
                           const struct statement *s, struct indices *found)
{
	if (s->text->n_resources == 0 || s->text->not_resource) {
		add_range(r, t, SPAN_LIT(""), found);
		return;
	}
	for (size_t i = 0; i < s->text->n_resources; i++)
		if (!s->resources[i].never)
			add_range(r, t, pattern_prefix(s->resources[i].widest), found);
}

/* Nothing is known of what the policies ask for. */
static struct request_keys unknown_keys(const struct reach *r, struct arena *arena)
{
	const struct span *asked;
	size_t n;
	evaluator_keys(r->evaluator, arena, &asked, &n);
	struct request_key *v = arena_calloc(arena, n + 1, sizeof *v);
	for (size_t i = 0; i < n; i++)
		v[i] = (struct request_key){.key = asked[i], .name = asked[i], .unknown = true};
	return (struct request_keys){.v = v, .n = n};
}

static struct span lower(struct span s, struct arena *arena)
{
	char *p = arena_alloc(arena, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		p[i] = ascii_lower(s.p[i]);
	return span_make(p, s.n);
}

static size_t keep_open(const struct reach *r, const struct concern *c, struct request *request,
                        size_t *v, size_t n)
{
	size_t open = 0;
	for (size_t i = 0; i < n; i++) {
		struct verdict verdict;
		request->resource = r->known[v[i]].resource;
		evaluate_plain(r->evaluator, c, request, &verdict);
		if (verdict.decision == DECISION_ALLOWED || verdict.decision == DECISION_DEPENDS)
			v[open++] = v[i];
	}
	return open;
}

size_t reach_of_action(const struct reach *r, struct span action, struct arena *arena,
                       const size_t **out)
{
	const struct sar_action *sar = sar_action(r->mapping, action);
	const struct concern *c = evaluator_concern(r->evaluator, lower(action, arena));
	struct indices found = {0};
	struct request request = {.principal = r->principal, .action = action};
	request.keys = unknown_keys(r, arena);
	for (size_t i = 0; sar && i < sar_action_n_types(sar); i++) {
		const struct sar_type *t = sar_action_type(sar, i);
		for (size_t k = c->denies; k < c->n; k++)
			add_candidates(r, t, r->evaluator->ranked[c->which[k]].statement, &found);
	}
	found.n = sort_unique(found.v, found.n, sizeof *found.v, by_index);
	size_t n = keep_open(r, c, &request, found.v, found.n);
	size_t *kept = arena_alloc(arena, (n + 1) * sizeof *kept);
	if (n)
		memcpy(kept, found.v, n * sizeof *kept);
	*out = kept;
	vec_release(&found);
	return n;
}

static void add_heads(const struct statement *s, struct span *v, size_t *n)
{
	bool any = s->text->n_resources == 0 || s->text->not_resource;
	if (any)
		v[(*n)++] = SPAN_LIT("");
	for (size_t i = 0; i < s->text->n_resources && !any; i++)
		if (!s->resources[i].never)
			v[(*n)++] = pattern_prefix(s->resources[i].widest);
}

size_t reach_heads(const struct reach *r, struct span action, struct arena *arena,
                   const struct span **out)
{
	const struct sar_action *sar = sar_action(r->mapping, action);
	const struct concern *c = evaluator_concern(r->evaluator, lower(action, arena));
	size_t n = 0, room = 0;
	if (!sar || !sar_action_n_types(sar)) /* it takes no resource */
		return 0;
	for (size_t k = c->denies; k < c->n; k++)
		room += r->evaluator->ranked[c->which[k]].statement->text->n_resources + 1;
	struct span *v = arena_alloc(arena, (room + 1) * sizeof *v);
	for (size_t k = c->denies; k < c->n; k++)
		add_heads(r->evaluator->ranked[c->which[k]].statement, v, &n);
	*out = v;
	return n;
}

struct span reach_pattern(const struct reach *r, struct span action,
                          const struct known_resource *one, struct arena *arena)
{
	const struct concern *c = evaluator_concern(r->evaluator, lower(action, arena));
	struct request request = {
	        .principal = r->principal, .action = action, .resource = one->resource};
	request.keys = unknown_keys(r, arena);
	for (size_t k = c->denies; k < c->n; k++) {
		const struct ranked *ranked = &r->evaluator->ranked[c->which[k]];
		const struct statement *s = ranked->statement;
		if (r->evaluator->groups[ranked->group].layer != LAYER_IDENTITY ||
		    statement_applies(s, &request) == TRUTH_NO)
			continue;
		for (size_t i = 0; i < s->text->n_resources && !s->text->not_resource; i++)
			if (policy_text_match(&s->resources[i], &request.keys, one->resource) !=
			    TRUTH_NO)
				return s->resources[i].text;
		return SPAN_LIT("NotResource");
	}
	return SPAN_LIT("*");
}
