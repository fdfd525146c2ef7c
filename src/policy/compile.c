/* compile.c - policy: see compile.h. What cannot be compiled is no policy: this is the second half
 * of the reader's checks. */
#include "config.h"

#include "policy/read-internal.h"

#include "base/alloc.h"

#include <stdlib.h>

static enum status check_action(struct reader *r, struct span text)
{
	bool stars = text.n > 0;
	size_t colons = 0;
	for (size_t i = 0; i < text.n; i++) {
		stars = stars && text.p[i] == '*';
		colons += text.p[i] == ':';
	}
	if (stars)
		return STATUS_OK;
	if (colons == 0)
		return reader_refuse(r, "no service prefix in", text);
	if (colons > 1)
		return reader_refuse(r, "more than one colon in", text);
	if (text.p[0] == ':' || text.p[text.n - 1] == ':')
		return reader_refuse(r, "no action in", text);
	return STATUS_OK;
}

static enum status compile_actions(struct reader *r, struct statement *s)
{
	r->element = s->text->not_action ? "NotAction" : "Action";
	s->actions = arena_alloc(r->arena, s->text->n_actions * sizeof(const struct pattern *));
	for (size_t i = 0; i < s->text->n_actions; i++) {
		struct policy_text t;
		enum status status = check_action(r, s->text->actions[i]);
		if (status != STATUS_OK)
			return status;
		if (!policy_text_compile(r->arena, lower_copy(r->arena, s->text->actions[i]),
		                         TEXT_LIKE, false, &t))
			return reader_refuse(r, "is too long", SPAN_NONE);
		s->actions[i] = t.pattern;
	}
	return STATUS_OK;
}

static enum status compile_resources(struct reader *r, bool variables, struct statement *s)
{
	r->element = s->text->not_resource ? "NotResource" : "Resource";
	s->resources = arena_alloc(r->arena, (s->text->n_resources + 1) * sizeof *s->resources);
	for (size_t i = 0; i < s->text->n_resources; i++)
		if (!policy_text_compile(r->arena, s->text->resources[i], TEXT_RESOURCE, variables,
		                         &s->resources[i]))
			return reader_refuse(r, "is too long", SPAN_NONE);
	return STATUS_OK;
}

static bool principal_kind_of(struct span name, enum principal_kind *kind)
{
	static const char *const names[] = {"AWS", "Federated", "Service", "CanonicalUser"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (span_is(name, names[i])) {
			*kind = (enum principal_kind)i;
			return true;
		}
	}
	return false;
}

static enum status compile_principals(struct reader *r, struct statement *s)
{
	size_t total = 0;
	r->element = s->text->not_principal ? "NotPrincipal" : "Principal";
	for (size_t i = 0; i < s->text->n_principals; i++)
		total += s->text->principals[i].n_values;
	s->principals = arena_alloc(r->arena, (total + 1) * sizeof *s->principals);
	for (size_t i = 0; i < s->text->n_principals; i++) {
		const struct policy_principal *p = &s->text->principals[i];
		enum principal_kind kind;
		if (span_is(p->kind, "*") && p->n_values == 0 && s->text->n_principals == 1) {
			s->everyone = true;
			continue;
		}
		if (!principal_kind_of(p->kind, &kind))
			return reader_refuse(r, "no such kind of principal:", p->kind);
		for (size_t k = 0; k < p->n_values; k++)
			s->principals[s->n_principals++] =
			        (struct principal_id){kind, p->values[k]};
	}
	return STATUS_OK;
}

static enum status compile_test(struct reader *r, const struct policy_condition *c, bool variables,
                                struct test *t)
{
	r->operator_text = c->operator;
	r->key = c->key;
	if (!test_operator(c->operator, t))
		return reader_refuse(r, "no such condition operator", SPAN_NONE);
	t->key = lower_copy(r->arena, c->key);
	t->operands = arena_calloc(r->arena, c->n_values + 1, sizeof *t->operands);
	for (; t->n_operands < c->n_values; t->n_operands++) {
		struct err why;
		err_clear(&why);
		if (test_operand(r->arena, t, c->values[t->n_operands], variables,
		                 &t->operands[t->n_operands], &why) != STATUS_OK)
			return reader_refuse(r, why.text, SPAN_NONE);
	}
	r->operator_text = r->key = SPAN_NONE;
	return STATUS_OK;
}

struct keyed { /* a condition and the key in lower case, to find equal ones */
	const struct policy_condition *condition;
	struct span key;
};

static int by_meaning(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int c = span_cmp(x->key, y->key);
	c = c ? c : span_cmp(x->condition->operator, y->condition->operator);
	return c ? c : (x->condition > y->condition) - (x->condition < y->condition);
}

/* Keys of one operator differ by more than case. */
static enum status check_keys(struct reader *r, const struct statement *s)
{
	const struct policy_condition *twice = NULL;
	size_t n = s->text->n_conditions;
	struct keyed *k = xcalloc(n + 1, sizeof *k);
	for (size_t i = 0; i < n; i++)
		k[i] = (struct keyed){&s->text->conditions[i], s->tests[i].key};
	if (n)
		qsort(k, n, sizeof *k, by_meaning);
	for (size_t i = 1; i < n; i++)
		if (span_eq(k[i - 1].key, k[i].key) &&
		    span_eq(k[i - 1].condition->operator, k[i].condition->operator) &&
		    (!twice || k[i].condition < twice))
			twice = k[i].condition;
	free(k);
	if (!twice)
		return STATUS_OK;
	r->operator_text = twice->operator;
	r->key = twice->key;
	return reader_refuse(r, "the key is there twice, in another case", SPAN_NONE);
}

static enum status compile_conditions(struct reader *r, bool variables, struct statement *s)
{
	r->element = "Condition";
	s->tests = arena_calloc(r->arena, s->text->n_conditions + 1, sizeof *s->tests);
	for (size_t i = 0; i < s->text->n_conditions; i++) {
		enum status status =
		        compile_test(r, &s->text->conditions[i], variables, &s->tests[i]);
		if (status != STATUS_OK)
			return status;
	}
	return check_keys(r, s);
}

enum status reader_compile(struct reader *r, struct document *d)
{
	enum status status = STATUS_OK;
	d->variables = span_is(d->text.version, "2012-10-17");
	d->n_statements = d->text.n_statements;
	d->statements = arena_calloc(r->arena, d->n_statements + 1, sizeof *d->statements);
	r->in_statement = true;
	for (size_t i = 0; i < d->n_statements && status == STATUS_OK; i++) {
		struct statement *s = &d->statements[i];
		s->text = &d->text.statements[i];
		r->statement = i;
		status = compile_principals(r, s);
		if (status == STATUS_OK)
			status = compile_actions(r, s);
		if (status == STATUS_OK)
			status = compile_resources(r, d->variables, s);
		if (status == STATUS_OK)
			status = compile_conditions(r, d->variables, s);
	}
	return status;
}
