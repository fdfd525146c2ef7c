/* inert.c - emit: see inert.h. */
#include "config.h"

#include "emit/inert.h"

static bool is_token(struct span s, size_t at)
{
	return at > 0 && (s.p[at - 1] == '$' || s.p[at - 1] == '#') &&
	       span_starts(span_from(s, at + 1), SPAN_LIT("Token["));
}

static bool is_taken(const struct emitter *e, struct span s, size_t at)
{
	return s.p[at] == '{' && ((at > 0 && s.p[at - 1] == '{') ||
	                          (e->deployed == DEPLOYED_BY_CDK && is_token(s, at)));
}

struct span emit_inert_text(const struct emitter *e, struct span s, struct arena *arena,
                            size_t *replaced)
{
	char *copy = NULL;
	for (size_t i = 0; e->deployed && i < s.n; i++) {
		if (!is_taken(e, s, i))
			continue;
		if (!copy)
			copy = arena_str(arena, s);
		copy[i] = '?';
		++*replaced;
	}
	return copy ? span_make(copy, s.n) : s;
}

static bool holds(const struct emitter *e, const struct span *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].n; k++)
			if (is_taken(e, v[i], k))
				return true;
	return false;
}

/* What may not become wider or narrower by a '?'. */
static bool holds_elsewhere(const struct emitter *e, const struct policy_statement *s)
{
	bool yes = holds(e, s->actions, s->n_actions) || holds(e, &s->sid, 1) ||
	           ((s->deny || s->not_resource) && holds(e, s->resources, s->n_resources));
	for (size_t i = 0; i < s->n_principals && !yes; i++)
		yes = holds(e, s->principals[i].values, s->principals[i].n_values);
	for (size_t i = 0; i < s->n_conditions && !yes; i++)
		yes = holds(e, s->conditions[i].values, s->conditions[i].n_values) ||
		      holds(e, &s->conditions[i].key, 1);
	return yes;
}

/* Condition keys have no case (IAM user guide, "Condition keys"); the names of functions have. */
static struct span key_text(struct span key, struct arena *arena)
{
	if (!span_is(key, "Ref") && !span_starts(key, SPAN_LIT("Fn::")))
		return key;
	char *copy = arena_str(arena, key);
	copy[0] = ascii_lower(copy[0]);
	return span_make(copy, key.n);
}

static void make_inert(const struct emitter *e, struct policy_statement *s, struct arena *arena,
                       size_t *replaced)
{
	struct span *resources = arena_alloc(arena, (s->n_resources + 1) * sizeof *resources);
	struct policy_condition *conditions =
	        arena_alloc(arena, (s->n_conditions + 1) * sizeof *conditions);
	for (size_t i = 0; i < s->n_resources; i++)
		resources[i] = emit_inert_text(e, s->resources[i], arena, replaced);
	for (size_t i = 0; i < s->n_conditions; i++) {
		conditions[i] = s->conditions[i];
		conditions[i].key = key_text(conditions[i].key, arena);
	}
	s->resources = resources;
	s->conditions = conditions;
}

enum status emit_inert(const struct emitter *e, const struct policy_document *d,
                       struct arena *arena, struct policy_document *out, size_t *replaced,
                       struct err *err)
{
	struct policy_document made = *d;
	struct policy_statement *statements =
	        arena_alloc(arena, (d->n_statements + 1) * sizeof *statements);
	*replaced = 0;
	for (size_t i = 0; e->deployed && i < d->n_statements; i++) {
		statements[i] = d->statements[i];
		if (holds_elsewhere(e, &d->statements[i]))
			return err_set(err, STATUS_STOP, "not-inert",
			               "Statement[%zu] (%.*s) holds \"{{\" or a token, which would be "
			               "replaced when it is deployed, where no wildcard can stand for "
			               "it: write it as json",
			               i, SPAN_ARG(d->statements[i].sid));
		make_inert(e, &statements[i], arena, replaced);
	}
	if (e->deployed) {
		made.statements = statements;
		made.id = emit_inert_text(e, d->id, arena, replaced);
	}
	*out = made;
	return STATUS_OK;
}
