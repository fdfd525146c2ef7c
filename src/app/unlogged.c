/* unlogged.c - app: see unlogged.h. */
#include "config.h"

#include "app/unlogged.h"

#include "base/vec.h"
#include "mapping/observable.h"
#include "policy/pattern-text.h"

struct finder {
	struct policy_source *source;
	const struct policy *policy;
	struct arena *arena;
	struct {
		VEC_OF(struct unlogged);
	} found;
};

static bool is_granted(const struct policy *p, struct span action)
{
	for (size_t d = 0; d < p->n_documents; d++)
		for (size_t i = 0; i < p->documents[d].n_statements; i++) {
			const struct policy_statement *s = &p->documents[d].statements[i];
			if (!s->deny && !s->not_action &&
			    pattern_texts_any_covers(s->actions, s->n_actions, action, true))
				return true;
		}
	return false;
}

/* Verbs by which data is put into what was made; other writes change the thing itself. */
static bool fills(struct span name)
{
	static const char *const verbs[] = {"Put", "Send", "Publish", "Write"};
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (span_starts(name, span_of(verbs[i])))
			return true;
	return false;
}

static bool takes(const struct sar_action *action, const struct sar_type *type)
{
	for (size_t i = 0; i < sar_action_n_types(action); i++)
		if (sar_action_type(action, i) == type && sar_action_type_required(action, i))
			return true;
	return false;
}

static bool is_never_logged(struct finder *f, const struct sar_action *action)
{
	return observable_action(policy_source_observable(f->source), action) == VISIBLE_NEVER;
}

/* What runs a task definition passes its roles; where none of them is told, none is granted. */
static void look_at_roles(struct finder *f, const struct sar_action *action, struct span granted)
{
	struct span pass = SPAN_LIT("iam:PassRole");
	const struct operation *op = mapping_operation(
	        f->source->mapping, sar_action_service(action), sar_action_name(action));
	if (op && operation_passes_unnamed(op) && !is_granted(f->policy, pass))
		*vec_add(&f->found) = (struct unlogged){granted, pass};
}

static void look_at(struct finder *f, struct span granted)
{
	const struct sar_action *made = sar_action(f->source->mapping, granted);
	size_t n = 0;
	if (made)
		look_at_roles(f, made, granted);
	if (!made || !span_starts(sar_action_name(made), SPAN_LIT("Create")))
		return;
	const struct sar_action *first = sar_service(f->source->mapping, sar_action_service(made), &n);
	for (size_t i = 0; i < n; i++) {
		const struct sar_action *a = sar_action_at(first, i);
		if (sar_action_level(a) != LEVEL_WRITE || !fills(sar_action_name(a)))
			continue;
		for (size_t t = 0; t < sar_action_n_types(made); t++) {
			if (!takes(a, sar_action_type(made, t)) || !is_never_logged(f, a))
				continue;
			struct span action = sar_action_full(a, f->arena);
			if (!is_granted(f->policy, action))
				*vec_add(&f->found) = (struct unlogged){granted, action};
			break;
		}
	}
}

static int by_action(const void *a, const void *b)
{
	return span_cmp(((const struct unlogged *)a)->action, ((const struct unlogged *)b)->action);
}

size_t unlogged_of(struct policy_source *s, const struct policy *p, struct arena *arena,
                   struct unlogged **out)
{
	struct finder f = {.source = s, .policy = p, .arena = arena};
	for (size_t d = 0; d < p->n_documents; d++)
		for (size_t i = 0; i < p->documents[d].n_statements; i++) {
			const struct policy_statement *t = &p->documents[d].statements[i];
			for (size_t a = 0; a < t->n_actions && !t->deny && !t->not_action; a++)
				look_at(&f, t->actions[a]);
		}
	size_t n = sort_unique(f.found.v, f.found.n, sizeof *f.found.v, by_action);
	*out = arena_alloc(arena, n * sizeof **out + 1);
	if (n)
		memcpy(*out, f.found.v, n * sizeof **out);
	vec_release(&f.found);
	return n;
}
