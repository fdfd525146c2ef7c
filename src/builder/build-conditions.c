/* build-conditions.c - builder: adds to each statement the conditions that all its events support; see
 * event-conditions.h. */
#include "config.h"

#include "builder/build-internal.h"

#include "base/alloc.h"

#include <stdlib.h>

bool builder_stands_apart(const struct builder *b, enum condition_kind kind)
{
	if (kind == CONDITION_PASSED_TO && !b->options->no_passed_to)
		return true;
	return b->options->conditions & 1u << kind;
}

/* Not asked for by the user: given where the events show it, and no error where they do not. */
bool builder_by_default(const struct builder *b, enum condition_kind kind)
{
	return !(b->options->conditions & 1u << kind);
}

static int condition_order(const void *a, const void *b)
{
	const struct policy_condition *x = a, *y = b;
	int c = span_cmp(x->operator, y->operator);
	return c ? c : span_cmp(x->key, y->key);
}

static size_t uses_of(const struct builder *b, const struct draft *d, struct condition_use **out)
{
	size_t n = 0;
	for (size_t i = 0; i < d->n_entries; i++)
		n += d->entries[i]->n_uses;
	struct condition_use *u = xcalloc(n + 1, sizeof *u);
	n = 0;
	for (size_t i = 0; i < d->n_entries; i++)
		for (size_t k = 0; k < d->entries[i]->n_uses; k++) {
			size_t use = b->rows[d->entries[i]->first_use + k].use;
			u[n++] = (struct condition_use){
			        &b->in->uses[use], b->in->contexts ? &b->in->contexts[use] : NULL};
		}
	*out = u;
	return n;
}

/* Asked of KMS by another service without a record: never granted but through that service. */
static bool is_through_service(const struct policy_statement *s)
{
	return s->passed_to.p && span_starts(s->actions[0], SPAN_LIT("kms:"));
}

/* Whether the key has any meaning for the statement: asking for it elsewhere is no refusal. */
static bool applies(enum condition_kind kind, const struct policy_statement *s)
{
	if (kind == CONDITION_PASSED_TO)
		return (s->n_actions == 1 && span_is(s->actions[0], "iam:PassRole")) ||
		       is_through_service(s);
	if (kind == CONDITION_CALLED_VIA)
		return s->via.p != NULL;
	return !s->via.p || !condition_breaks_fas(kind);
}

static void conditions_add(struct builder *b, struct draft *d)
{
	struct policy_condition found[CONDITION_KINDS + CONDITION_MAX_TAGS];
	size_t n = 0;
	struct condition_use *uses;
	size_t n_uses = uses_of(b, d, &uses);
	for (int k = 0; k < CONDITION_KINDS; k++) {
		enum condition_kind kind = (enum condition_kind)k;
		size_t more = 0;
		const char *why = "";
		bool through = kind == CONDITION_PASSED_TO && is_through_service(&d->s);
		if ((!builder_stands_apart(b, kind) && !through) || !applies(kind, &d->s) ||
		    (d->s.origin != STATEMENT_OBSERVED && kind != CONDITION_PASSED_TO))
			continue;
		if (condition_from_uses(kind, uses, n_uses, &b->out->arena, found + n, &more,
		                        &why)) {
			if (through)
				found[n].key = SPAN_LIT("kms:ViaService");
			else
				b->supported |= 1u << kind;
			n += more;
			continue;
		}
		if (builder_by_default(b, kind))
			continue;
		b->refused |= 1u << kind;
		builder_note(b, arena_printf(&b->out->arena, "no condition %s on %.*s: %s",
		                             condition_name(kind), SPAN_ARG(d->s.sid), why));
	}
	free(uses);
	if (n == 0)
		return;
	qsort(found, n, sizeof *found, condition_order);
	struct policy_condition *c = arena_alloc(&b->out->arena, n * sizeof *c);
	memcpy(c, found, n * sizeof *c);
	d->s.conditions = c;
	d->s.n_conditions = n;
	draft_hash(d);
}

enum status builder_conditions(struct builder *b, struct drafts *d, struct err *err)
{
	drafts_name(d, &b->out->arena);
	if (b->options->conditions && !b->in->existing)
		b->n_notes = 0;
	for (size_t i = 0; i < d->n; i++)
		if (d->d[i].s.origin == STATEMENT_OBSERVED ||
		    applies(CONDITION_PASSED_TO, &d->d[i].s))
			conditions_add(b, &d->d[i]);
	for (int k = 0; k < CONDITION_KINDS; k++) {
		enum condition_kind kind = (enum condition_kind)k;
		if (builder_by_default(b, kind) || b->supported & 1u << k)
			continue;
		const char *first =
		        b->n_notes ? b->notes[0].p : "no statement has calls that it is about";
		return err_set(err, STATUS_STOP, "condition",
		               "the recorded events support no condition %s%s%s",
		               condition_name(kind), b->refused & 1u << k ? ": " : "; ", first);
	}
	return STATUS_OK;
}
