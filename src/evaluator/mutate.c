/* mutate.c - evaluator: see mutate.h. A request that two statements allow notices a change of neither,
 * so only those that one statement alone allows are its evidence; nor does one that two entries of
 * Action, or of Resource, take in notice a change of either: which entry is alone in that is found
 * once for each request, not once for each mutant. */
#include "config.h"

#include "evaluator/mutate.h"

#include "base/alloc.h"
#include "policy/limits.h"
#include "evaluator/narrow.h"

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
	size_t *action,
	        *resource; /* for each of mine: the entry that alone takes it in, or SEVERAL */
};

#define SEVERAL ((size_t)-1)

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
	                                     killed,
	                                     NULL};
	o->killed += killed;
}

static const struct request *mine_at(const struct mutator *m, size_t k)
{
	return &m->evidence[m->mine[k]];
}

/* Whether anything is taken in by this entry alone. */
static bool needs_entry(const struct mutator *m, const size_t *alone, size_t at)
{
	for (size_t k = 0; k < m->n_mine; k++)
		if (alone[k] == at)
			return true;
	return false;
}

/* ---- actions */

static bool has_action(const struct pattern *p, const struct request *r)
{
	struct arena arena;
	arena_init(&arena);
	bool has = pattern_match(p, lower_copy(&arena, r->action));
	arena_release(&arena);
	return has;
}

static size_t action_alone(const struct statement *s, const struct request *r)
{
	size_t at = SEVERAL;
	struct arena arena;
	arena_init(&arena);
	struct span action = lower_copy(&arena, r->action);
	for (size_t i = 0; i < s->text->n_actions; i++) {
		if (!pattern_match(s->actions[i], action))
			continue;
		if (at != SEVERAL) {
			at = SEVERAL;
			break;
		}
		at = i;
	}
	arena_release(&arena);
	return at;
}

static void narrow_action(struct mutator *m, size_t at, struct span narrowed)
{
	struct arena arena;
	struct policy_text t;
	bool killed = false;
	arena_init(&arena);
	if (policy_text_compile(&arena, lower_copy(&arena, narrowed), TEXT_LIKE, false, &t))
		for (size_t k = 0; k < m->n_mine && !killed; k++)
			killed = m->action[k] == at && !has_action(t.pattern, mine_at(m, k));
	add(m, MUTANT_WILDCARD, m->s->text->actions[at], narrowed, killed);
	arena_release(&arena);
}

static void narrow_actions(struct mutator *m, size_t at)
{
	struct narrowing n;
	narrowing_init(&n, m->s->text->actions[at], NARROW_ACTION);
	for (size_t k = 0; k < n.runs; k++) {
		narrowing_begin(&n, k);
		for (size_t i = 0; i < m->n_mine; i++)
			narrowing_see(&n, mine_at(m, i)->action);
		narrow_action(m, at, narrowing_end(&n));
	}
	narrowing_release(&n);
}

/* ---- resources */

/* statement_applies asked of one entry: all else of the statement is known to apply. */
static bool has_resource(const struct policy_text *t, const struct request *r)
{
	static const struct policy_statement text = {.n_resources = 1};
	struct policy_text one = *t;
	const struct statement s = {.text = &text, .resources = &one};
	return statement_applies(&s, r) == TRUTH_YES;
}

static size_t resource_alone(const struct statement *s, const struct request *r)
{
	size_t at = SEVERAL;
	for (size_t i = 0; i < s->text->n_resources; i++) {
		if (!has_resource(&s->resources[i], r))
			continue;
		if (at != SEVERAL)
			return SEVERAL;
		at = i;
	}
	return at;
}

static void narrow_resource(struct mutator *m, size_t at, struct span narrowed)
{
	struct arena arena;
	struct policy_text t;
	bool killed = false;
	arena_init(&arena);
	if (policy_text_compile(&arena, narrowed, TEXT_RESOURCE, m->variables, &t))
		for (size_t k = 0; k < m->n_mine && !killed; k++)
			killed = m->resource[k] == at && !has_resource(&t, mine_at(m, k));
	add(m, MUTANT_WILDCARD, m->s->resources[at].text, narrowed, killed);
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
			narrowing_see(&n, mine_at(m, i)->resource);
		narrow_resource(m, at, narrowing_end(&n));
	}
	narrowing_release(&n);
}

/* ---- conditions */

static struct span condition_label(struct mutator *m, size_t i, struct span value)
{
	const struct policy_condition *c = &m->s->text->conditions[i];
	return arena_printf(&m->out->arena, "%.*s %.*s %.*s", SPAN_ARG(c->operator),
	                    SPAN_ARG(c->key), SPAN_ARG(value));
}

static void mutate_condition(struct mutator *m, size_t condition)
{
	const struct test *t = &m->s->tests[condition];
	if (t->negated || t->comparison == COMPARE_NULL) {
		bool killed = false;
		for (size_t i = 0; i < m->n_mine; i++)
			killed = killed || test_evaluate(t, &mine_at(m, i)->keys) == TRUTH_YES;
		add(m, MUTANT_CONDITION, condition_label(m, condition, SPAN_LIT("")), SPAN_NONE, killed);
		return;
	}
	bool *needed = xcalloc(t->n_operands + 1, sizeof *needed);
	for (size_t i = 0; i < m->n_mine; i++)
		test_needs(t, &mine_at(m, i)->keys, needed);
	for (size_t at = 0; at < t->n_operands; at++)
		add(m, MUTANT_CONDITION, condition_label(m, condition, t->operands[at].text), SPAN_NONE,
		    needed[at]);
	free(needed);
}

/* ---- statements */

static void mutate_statement(struct mutator *m)
{
	const struct statement *s = m->s;
	struct span label =
	        s->text->sid.n ? s->text->sid : arena_printf(&m->out->arena, "Statement[%zu]", m->statement);
	add(m, MUTANT_STATEMENT, label, SPAN_NONE, m->n_mine > 0);
	for (size_t k = 0; k < m->n_mine; k++) {
		m->action[k] = action_alone(s, mine_at(m, k));
		m->resource[k] = resource_alone(s, mine_at(m, k));
	}
	for (size_t i = 0; i < s->text->n_actions; i++) {
		if (s->text->not_action) /* whatever was used, more was granted */
			add(m, MUTANT_ACTION, s->text->actions[i], SPAN_NONE, false);
		else
			add(m, MUTANT_ACTION, s->text->actions[i], SPAN_NONE,
			    needs_entry(m, m->action, i));
		if (!s->text->not_action)
			narrow_actions(m, i);
	}
	for (size_t i = 0; i < s->text->n_resources; i++) {
		if (s->text->not_resource)
			add(m, MUTANT_RESOURCE, s->resources[i].text, SPAN_NONE, false);
		else
			add(m, MUTANT_RESOURCE, s->resources[i].text, SPAN_NONE,
			    needs_entry(m, m->resource, i));
		if (!s->text->not_resource)
			narrow_resources(m, i);
	}
	for (size_t i = 0; i < s->text->n_conditions; i++)
		mutate_condition(m, i);
}

/* ---- what is too much */

static size_t wildcards(struct span text, enum narrow_use use)
{
	struct narrowing n;
	narrowing_init(&n, text, use);
	size_t runs = n.runs;
	narrowing_release(&n);
	return runs;
}

static enum status too_many(size_t statement, const char *element, size_t at, struct err *err)
{
	return err_set(err, STATUS_FILE, "bad-policy",
	               "Statement[%zu].%s[%zu]: more than %zu wildcards to be narrowed one by one",
	               statement, element, at, LIMIT_NARROWED);
}

static enum status check_statement(const struct document *d, size_t at, struct err *err)
{
	const struct statement *s = &d->statements[at];
	for (size_t i = 0; i < s->text->n_actions && !s->text->deny; i++)
		if (wildcards(s->text->actions[i], NARROW_ACTION) > LIMIT_NARROWED)
			return too_many(at, "Action", i, err);
	for (size_t i = 0; i < s->text->n_resources && !s->text->deny; i++)
		if (wildcards(s->resources[i].text, d->variables ? NARROW_RESOURCE : NARROW_PLAIN) >
		    LIMIT_NARROWED)
			return too_many(at, "Resource", i, err);
	return STATUS_OK;
}

enum status mutate_check(const struct layered *policies, size_t n, size_t *policy, struct err *err)
{
	for (*policy = 0; *policy < n; ++*policy) {
		const struct document *d = policies[*policy].document;
		for (size_t i = 0;
		     policies[*policy].layer == LAYER_IDENTITY && d && i < d->n_statements; i++)
			if (check_statement(d, i, err) != STATUS_OK)
				return STATUS_FILE;
	}
	return STATUS_OK;
}

/* ---- all of them */

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
			if (s->text->deny || !statement_concerns(s, action) ||
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
	m.action = xcalloc(n_evidence + 1, sizeof *m.action);
	m.resource = xcalloc(n_evidence + 1, sizeof *m.resource);
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
			if (!m.s->text->deny)
				mutate_statement(&m);
		}
	}
	free(soles);
	free(mine);
	free(m.action);
	free(m.resource);
}

void mutation_release(struct mutation *m)
{
	arena_release(&m->arena);
	free(m->mutants);
	*m = (struct mutation){.n = 0};
	arena_init(&m->arena);
}
