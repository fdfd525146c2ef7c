/* replay-groups.c - review: see replay-groups.h. */
#include "config.h"

#include "review/replay-groups.h"

#include "app/resource-pattern.h"
#include "base/alloc.h"
#include "base/vec.h"

/* So many names of calls stand in a line; more are counted. */
enum { CALLS_NAMED = 4 };

static int group_order(const struct replay_finding *x, const struct replay_finding *y)
{
	int c = span_cmp(x->principal, y->principal);
	c = c ? c : span_cmp(x->action, y->action);
	c = c ? c : span_cmp(x->why, y->why);
	if (!c && !x->action.n)
		return span_cmp(x->call, y->call);
	return c ? c : span_cmp(resource_family(x->resource), resource_family(y->resource));
}

static int by_group(const void *a, const void *b)
{
	const struct replay_finding *x = *(const struct replay_finding *const *)a,
	                            *y = *(const struct replay_finding *const *)b;
	int c = group_order(x, y);
	c = c ? c : span_cmp(x->resource, y->resource);
	return c ? c : span_cmp(x->call, y->call);
}

static struct span list_calls(struct arena *arena, const struct replay_group *g)
{
	struct span *names = arena_alloc(arena, g->n * sizeof *names);
	struct buf b;
	for (size_t i = 0; i < g->n; i++)
		names[i] = g->findings[i]->call;
	size_t n = spans_sort_unique(names, g->n);
	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < n && i < CALLS_NAMED; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", SPAN_ARG(names[i]));
	if (n > CALLS_NAMED)
		buf_addf(&b, " and %zu more", n - CALLS_NAMED);
	struct span out = arena_span(arena, buf_span(&b));
	buf_release(&b);
	return out;
}

static void finish_group(struct arena *arena, struct replay_group *g)
{
	struct span *resources = arena_alloc(arena, g->n * sizeof *resources);
	g->last = g->findings[0]->last;
	for (size_t i = 0; i < g->n; i++) {
		resources[i] = g->findings[i]->resource;
		g->events += g->findings[i]->events;
		if (g->findings[i]->last > g->last)
			g->last = g->findings[i]->last;
	}
	g->n_resources = spans_sort_unique(resources, g->n);
	if (g->findings[0]->action.n)
		g->pattern = resources_pattern(arena, resources, g->n_resources);
	g->calls = list_calls(arena, g);
}

size_t replay_groups(const struct replay *r, enum replay_state state, struct arena *arena,
                     struct replay_group **out)
{
	const struct replay_finding *first;
	size_t n = replay_findings(r, state, &first), n_groups = 0;
	const struct replay_finding **sorted = arena_alloc(arena, (n + 1) * sizeof(void *));
	struct replay_group *groups = arena_calloc(arena, n + 1, sizeof *groups);
	for (size_t i = 0; i < n; i++)
		sorted[i] = &first[i];
	sort_items(sorted, n, sizeof(void *), by_group);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && group_order(sorted[i], sorted[k]) == 0;)
			k++;
		struct replay_group *g = &groups[n_groups++];
		g->findings = sorted + i;
		g->n = k - i;
		finish_group(arena, g);
	}
	*out = groups;
	return n_groups;
}
