/* referenced-keys.c - evaluator: which condition keys and variables policies ask for. */
#include "config.h"

#include "evaluator/evaluate-internal.h"

#include <stdlib.h>

struct asked {
	const struct request_keys *given; /* these are left out; NULL: none is */
	struct arena *arena;
	struct span *keys;
	size_t n, room;
};

static void ask(struct asked *a, struct span key)
{
	if (a->given && keys_find(a->given, key))
		return;
	if (a->n == a->room) {
		size_t room = a->room ? a->room * 2 : 16;
		struct span *keys = arena_alloc(a->arena, room * sizeof *keys);
		if (a->n)
			memcpy(keys, a->keys, a->n * sizeof *keys);
		a->keys = keys;
		a->room = room;
	}
	a->keys[a->n++] = key;
}

static void ask_text(struct asked *a, const struct policy_text *t)
{
	for (size_t i = 0; i < t->n_variables; i++)
		ask(a, t->variables[i].key);
}

static void ask_resources(struct asked *a, const struct statement *s)
{
	for (size_t i = 0; i < s->text->n_resources; i++)
		ask_text(a, &s->resources[i]);
}

static void ask_tests(struct asked *a, const struct statement *s)
{
	for (size_t i = 0; i < s->text->n_conditions; i++) {
		const struct test *t = &s->tests[i];
		ask(a, t->key);
		for (size_t j = 0; j < t->n_operands; j++)
			if (operand_is_text(t, &t->operands[j]))
				ask_text(a, &t->operands[j].u.string);
	}
}

static void finish(struct asked *a, const struct span **keys, size_t *n)
{
	if (a->n)
		qsort(a->keys, a->n, sizeof *a->keys, span_order);
	*n = 0;
	for (size_t i = 0; i < a->n; i++)
		if (*n == 0 || !span_eq(a->keys[*n - 1], a->keys[i]))
			a->keys[(*n)++] = a->keys[i];
	*keys = a->keys;
}

void evaluate_absent(struct evaluator *e, const struct request *request, struct arena *arena,
                     const struct span **keys, size_t *n)
{
	struct asked a = {.given = &request->keys, .arena = arena};
	const struct concern *c = evaluator_concern(e, lower_copy(arena, request->action));
	for (size_t i = 0; i < c->n; i++) {
		const struct statement *s = e->ranked[c->which[i]].statement;
		ask_resources(&a, s);
		if (statement_resource(s, request) != TRUTH_NO &&
		    principal_match(s, request->principal) != PRINCIPAL_OTHER)
			ask_tests(&a, s);
	}
	finish(&a, keys, n);
}

void evaluator_keys(const struct evaluator *e, struct arena *arena, const struct span **keys,
                    size_t *n)
{
	struct asked a = {.arena = arena};
	for (size_t i = 0; i < e->n_ranked; i++) {
		ask_resources(&a, e->ranked[i].statement);
		ask_tests(&a, e->ranked[i].statement);
	}
	finish(&a, keys, n);
}
