/* mutate.c - policy: see mutate.h. A request that two statements allow notices a change of neither,
 * so only those that one statement alone allows are its evidence. */
#include "config.h"

#include "policy/mutate.h"

#include "ground/alloc.h"
#include "policy/bounds.h"
#include "policy/narrow.h"

#include <stdlib.h>

const char *mutant_kind_name(enum mutant_kind kind)
{
	static const char *const names[] = {"statement", "action", "resource", "condition",
	                                    "wildcard"};
	return names[kind];
}

struct mutator {
	struct mutation *out;
	size_t room;
	const struct request *evidence;
	size_t policy, statement;
	const struct statement *s;
	bool variables;
	const size_t *mine; /* evidence that this statement alone allows */
	size_t n_mine;
};

static void add(struct mutator *m, enum mutant_kind kind, struct span element, struct span narrowed,
                bool killed)
{
	struct mutation *o = m->out;
	if (o->n == m->room) {
		m->room = m->room ? 2 * m->room : 64;
		o->mutants = xreallocarray(o->mutants, m->room, sizeof *o->mutants);
	}
	o->mutants[o->n++] = (struct mutant){kind,
	                                     m->policy,
	                                     m->statement,
	                                     arena_span(&o->arena, element),
	                                     arena_span(&o->arena, narrowed),
	                                     killed};
	o->killed += killed;
}

static bool still_allows(const struct statement *s, const struct request *r)
{
	struct arena arena;
	arena_init(&arena);
	bool ok = statement_concerns(s, lower_copy(&arena, r->action)) &&
	          statement_applies(s, r) == TRUTH_YES;
	arena_release(&arena);
	return ok;
}

static bool some_fails(const struct mutator *m, const struct statement *mutant)
{
	for (size_t i = 0; i < m->n_mine; i++)
		if (!still_allows(mutant, &m->evidence[m->mine[i]]))
			return true;
	return false;
}

/* ---- actions */

static void remove_action(struct mutator *m, size_t at)
{
	struct statement mutant = *m->s;
	struct action_text *left = xcalloc(mutant.n_actions, sizeof *left);
	mutant.n_actions = 0;
	for (size_t i = 0; i < m->s->n_actions; i++)
		if (i != at)
			left[mutant.n_actions++] = m->s->actions[i];
	mutant.actions = left;
	add(m, MUTANT_ACTION, m->s->actions[at].text, SPAN_NONE, some_fails(m, &mutant));
	free(left);
}

static void narrow_action(struct mutator *m, size_t at, struct span narrowed)
{
	struct arena arena;
	struct policy_text t;
	struct statement mutant = *m->s;
	struct action_text *all = xcalloc(mutant.n_actions, sizeof *all);
	arena_init(&arena);
	memcpy(all, m->s->actions, mutant.n_actions * sizeof *all);
	mutant.actions = all;
	if (policy_text_compile(&arena, lower_copy(&arena, narrowed), TEXT_LIKE, false, &t))
		all[at].pattern = t.pattern;
	add(m, MUTANT_WILDCARD, m->s->actions[at].text, narrowed, some_fails(m, &mutant));
	free(all);
	arena_release(&arena);
}

static void narrow_actions(struct mutator *m, size_t at)
{
	struct narrowing n;
	narrowing_init(&n, m->s->actions[at].text, NARROW_ACTION);
	for (size_t k = 0; k < n.runs; k++) {
		narrowing_begin(&n, k);
		for (size_t i = 0; i < m->n_mine; i++)
			narrowing_see(&n, m->evidence[m->mine[i]].action);
		narrow_action(m, at, narrowing_end(&n));
	}
	narrowing_release(&n);
}

/* ---- resources */

static void remove_resource(struct mutator *m, size_t at)
{
	struct statement mutant = *m->s;
	struct policy_text *left = xcalloc(mutant.n_resources, sizeof *left);
	mutant.n_resources = 0;
	for (size_t i = 0; i < m->s->n_resources; i++)
		if (i != at)
			left[mutant.n_resources++] = m->s->resources[i];
	mutant.resources = left;
	add(m, MUTANT_RESOURCE, m->s->resources[at].text, SPAN_NONE, some_fails(m, &mutant));
	free(left);
}

static void narrow_resource(struct mutator *m, size_t at, struct span narrowed)
{
	struct arena arena;
	struct statement mutant = *m->s;
	struct policy_text *all = xcalloc(mutant.n_resources, sizeof *all);
	arena_init(&arena);
	memcpy(all, m->s->resources, mutant.n_resources * sizeof *all);
	mutant.resources = all;
	struct policy_text t;
	if (policy_text_compile(&arena, narrowed, TEXT_RESOURCE, m->variables, &t))
		all[at] = t;
	add(m, MUTANT_WILDCARD, m->s->resources[at].text, narrowed, some_fails(m, &mutant));
	free(all);
	arena_release(&arena);
}

static void narrow_resources(struct mutator *m, size_t at)
{
	struct narrowing n;
	if (m->s->resources[at].n_variables)
		return;
	narrowing_init(&n, m->s->resources[at].text, m->variables ? NARROW_RESOURCE : NARROW_PLAIN);
	for (size_t k = 0; k < n.runs; k++) {
		narrowing_begin(&n, k);
		for (size_t i = 0; i < m->n_mine; i++)
			narrowing_see(&n, m->evidence[m->mine[i]].resource);
		narrow_resource(m, at, narrowing_end(&n));
	}
	narrowing_release(&n);
}

/* ---- conditions */

static bool test_notices(const struct mutator *m, const struct test *mutant)
{
	for (size_t i = 0; i < m->n_mine; i++)
		if (test_evaluate(mutant, &m->evidence[m->mine[i]].keys) != TRUTH_YES)
			return true;
	return false;
}

static struct span test_label(struct mutator *m, const struct test *t, struct span value)
{
	return arena_printf(&m->out->arena, "%.*s %.*s %.*s", SPAN_ARG(t->operator_text),
	                    SPAN_ARG(t->key_text), SPAN_ARG(value));
}

static void mutate_test(struct mutator *m, const struct test *t)
{
	struct test mutant = *t;
	if (t->negated || t->comparison == COMPARE_NULL) {
		bool killed = false;
		for (size_t i = 0; i < m->n_mine; i++)
			killed = killed ||
			         test_evaluate(t, &m->evidence[m->mine[i]].keys) == TRUTH_YES;
		add(m, MUTANT_CONDITION, test_label(m, t, SPAN_LIT("")), SPAN_NONE, killed);
		return;
	}
	for (size_t at = 0; at < t->n_operands; at++) {
		struct operand *left = xcalloc(t->n_operands, sizeof *left);
		mutant.operands = left;
		mutant.n_operands = 0;
		for (size_t i = 0; i < t->n_operands; i++)
			if (i != at)
				left[mutant.n_operands++] = t->operands[i];
		add(m, MUTANT_CONDITION, test_label(m, t, t->operands[at].text), SPAN_NONE,
		    test_notices(m, &mutant));
		free(left);
	}
}

/* ---- statements */

static void mutate_statement(struct mutator *m)
{
	const struct statement *s = m->s;
	struct span label =
	        s->sid.n ? s->sid : arena_printf(&m->out->arena, "Statement[%zu]", m->statement);
	add(m, MUTANT_STATEMENT, label, SPAN_NONE, m->n_mine > 0);
	for (size_t i = 0; i < s->n_actions; i++) {
		if (s->not_action) /* whatever was used, more was granted */
			add(m, MUTANT_ACTION, s->actions[i].text, SPAN_NONE, false);
		else
			remove_action(m, i);
		if (!s->not_action)
			narrow_actions(m, i);
	}
	for (size_t i = 0; i < s->n_resources; i++) {
		if (s->resource_element == RESOURCE_NOT_IN)
			add(m, MUTANT_RESOURCE, s->resources[i].text, SPAN_NONE, false);
		else
			remove_resource(m, i);
		if (s->resource_element == RESOURCE_IN)
			narrow_resources(m, i);
	}
	for (size_t i = 0; i < s->n_tests; i++)
		mutate_test(m, &s->tests[i]);
}

struct sole { /* which statement alone allows a request */
	size_t policy, statement;
	bool none;
};

static struct sole sole_of(const struct layered *policies, size_t n, const struct request *r)
{
	struct sole sole = {0, 0, true};
	struct arena arena;
	size_t found = 0;
	arena_init(&arena);
	struct span action = lower_copy(&arena, r->action);
	for (size_t p = 0; p < n && found < 2; p++) {
		const struct document *d = policies[p].document;
		for (size_t i = 0; policies[p].layer == LAYER_IDENTITY && d && i < d->n_statements;
		     i++) {
			const struct statement *s = &d->statements[i];
			if (s->deny || !statement_concerns(s, action) ||
			    statement_applies(s, r) != TRUTH_YES)
				continue;
			sole = (struct sole){p, i, ++found > 1};
		}
	}
	arena_release(&arena);
	sole.none = found != 1;
	return sole;
}

void mutate(const struct layered *policies, size_t n, const struct request *evidence,
            size_t n_evidence, struct mutation *out)
{
	struct mutator m = {.out = out, .evidence = evidence};
	struct sole *soles = xcalloc(n_evidence + 1, sizeof *soles);
	size_t *mine = xcalloc(n_evidence + 1, sizeof *mine);
	*out = (struct mutation){.n = 0};
	arena_init(&out->arena);
	for (size_t i = 0; i < n_evidence; i++)
		soles[i] = sole_of(policies, n, &evidence[i]);
	m.mine = mine;
	for (m.policy = 0; m.policy < n; m.policy++) {
		const struct document *d = policies[m.policy].document;
		if (policies[m.policy].layer != LAYER_IDENTITY || !d)
			continue;
		m.variables = d->variables;
		for (m.statement = 0; m.statement < d->n_statements; m.statement++) {
			m.s = &d->statements[m.statement];
			m.n_mine = 0;
			for (size_t i = 0; i < n_evidence; i++)
				if (!soles[i].none && soles[i].policy == m.policy &&
				    soles[i].statement == m.statement)
					mine[m.n_mine++] = i;
			if (!m.s->deny)
				mutate_statement(&m);
		}
	}
	free(soles);
	free(mine);
}

void mutation_release(struct mutation *m)
{
	arena_release(&m->arena);
	free(m->mutants);
	*m = (struct mutation){.n = 0};
	arena_init(&m->arena);
}
