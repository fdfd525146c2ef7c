/* compare.c - evaluator: see compare.h. */
#include "config.h"

#include "evaluator/compare.h"

#include "base/alloc.h"

#include <stdlib.h>

const char *grant_state_name(enum grant_state state)
{
	static const char *const names[] = {"", "used", "unused", "not_observable", "not_granted"};
	return names[state];
}

struct comparer {
	const struct compare_input *in;
	struct grant_comparison *out;
	size_t room;
};

static void add(struct comparer *c, const struct compared *row)
{
	struct grant_comparison *o = c->out;
	if (o->n == c->room) {
		c->room = c->room ? 2 * c->room : 256;
		o->rows = xreallocarray(o->rows, c->room, sizeof *o->rows);
	}
	o->rows[o->n++] = *row;
}

/* A deny of everything, whatever the circumstances. */
static bool denies_all(const struct statement *s)
{
	return s->text->deny && s->text->n_conditions == 0 && s->text->n_principals == 0 &&
	       !s->text->not_resource && s->text->n_resources == 1 &&
	       span_is(s->resources[0].text, "*");
}

/* Whether the policies grant the action on anything at all: an allow in each layer that is there,
 * and no deny of everything. action in lower case. */
static bool grants(const struct compare_input *in, struct span action)
{
	bool there[LAYER_SESSION + 1] = {[LAYER_IDENTITY] = true};
	bool allowed[LAYER_SESSION + 1] = {false};
	for (size_t p = 0; p < in->n_policies; p++) {
		const struct document *d = in->policies[p].document;
		enum layer layer = in->policies[p].layer;
		there[layer] = true;
		for (size_t i = 0; d && i < d->n_statements; i++) {
			const struct statement *s = &d->statements[i];
			if ((allowed[layer] && !s->text->deny) || !statement_concerns(s, action))
				continue;
			if (denies_all(s))
				return false;
			allowed[layer] = allowed[layer] || !s->text->deny;
		}
	}
	for (size_t i = 0; i <= LAYER_SESSION; i++)
		if (there[i] && !allowed[i])
			return false;
	return true;
}

/* Whether an entry for actions can be about one of that service (lower case). */
static bool is_of_service(struct span entry, struct span prefix)
{
	struct span rest = entry, service = span_cut(&rest, ':');
	return !rest.p || span_chr(service, '*') >= 0 || span_chr(service, '?') >= 0 ||
	       span_eq_ci(service, prefix);
}

/* Whether an identity policy can grant anything of the service, without which no action of it is
 * granted (grants): most services are of no concern to most principals. */
static bool may_grant(const struct compare_input *in, struct span prefix)
{
	for (size_t p = 0; p < in->n_policies; p++) {
		const struct document *d = in->policies[p].document;
		for (size_t i = 0; d && in->policies[p].layer == LAYER_IDENTITY &&
		                   i < d->n_statements;
		     i++) {
			const struct policy_statement *s = d->statements[i].text;
			bool may = !s->deny && s->not_action;
			for (size_t a = 0; !s->deny && a < s->n_actions && !may; a++)
				may = is_of_service(s->actions[a], prefix);
			if (may)
				return true;
		}
	}
	return false;
}

static int by_action(const void *key, const void *row)
{
	return span_cmp_ci(*(const struct span *)key, ((const struct action_use *)row)->action);
}

static const struct action_use *use_of(const struct action_use *uses, size_t n, struct span action)
{
	return n ? bsearch(&action, uses, n, sizeof *uses, by_action) : NULL;
}

static int by_prefix(const void *key, const void *row)
{
	return span_cmp(*(const struct span *)key, ((const struct service_access *)row)->prefix);
}

static const struct service_access *service_of(const struct compare_input *in, struct span prefix)
{
	return in->n_services ? bsearch(&prefix, in->services, in->n_services, sizeof *in->services,
	                                by_prefix)
	                      : NULL;
}

/* Why the logs would not have shown it, or NULL. */
static const char *why_not_shown(const struct compare_input *in, const struct sar_action *a)
{
	struct span prefix = sar_action_service(a);
	switch (observable_action(in->observable, a)) {
	case VISIBLE_NEVER: return "CloudTrail does not log it";
	case VISIBLE_NO_CALL: return "no API operation that is known asks for it";
	case VISIBLE_AS_DATA:
		if (in->n_data_services && bsearch(&prefix, in->data_services, in->n_data_services,
		                                   sizeof *in->data_services, span_order))
			return NULL;
		return "data events of this service are not in the log";
	default: return NULL;
	}
}

/* What Access Advisor adds for an action that the log does not show. */
static void ask_services(const struct compare_input *in, struct span lower, struct compared *row)
{
	struct span rest = lower;
	const struct service_access *s = service_of(in, span_cut(&rest, ':'));
	if (!s || s->last == INT64_MIN)
		return;
	const struct action_use *u = use_of(s->actions, s->n_actions, lower);
	if (u) {
		row->state = GRANT_USED;
		row->first = u->first;
		row->last = u->last;
	} else if (!s->n_tracked ||
	           !bsearch(&lower, s->tracked, s->n_tracked, sizeof *s->tracked, span_order)) {
		row->state = GRANT_NOT_OBSERVABLE;
		row->why = "Access Advisor saw the service used, not by which action";
	}
}

static void compare_action(struct comparer *c, const struct sar_action *a)
{
	struct grant_comparison *o = c->out;
	struct span name = sar_action_full(a, &o->arena);
	struct span lower = lower_copy(&o->arena, name);
	if ((c->in->takes && !c->in->takes(c->in->data, name)) || !grants(c->in, lower))
		return;
	struct compared row = {.action = name, .level = sar_action_level(a), .state = GRANT_UNUSED};
	const struct action_use *u = use_of(c->in->uses, c->in->n_uses, name);
	for (; u && u > c->in->uses && span_eq_ci(u[-1].action, name); u--)
		;
	for (; u && u < c->in->uses + c->in->n_uses && span_eq_ci(u->action, name); u++) {
		if (!u->granted)
			continue;
		row.state = GRANT_USED;
		row.events = u->events;
		row.first = u->first;
		row.last = u->last;
	}
	if (row.state == GRANT_UNUSED && (row.why = why_not_shown(c->in, a)))
		row.state = GRANT_NOT_OBSERVABLE;
	if (row.state != GRANT_USED)
		ask_services(c->in, lower, &row);
	o->granted++;
	o->used += row.state == GRANT_USED;
	o->unused[row.level] += row.state == GRANT_UNUSED;
	add(c, &row);
}

static int by_state(const void *a, const void *b)
{
	const struct compared *x = a, *y = b;
	int c = x->state < y->state ? -1 : x->state > y->state;
	c = c ? c : span_cmp(x->action, y->action);
	return c ? c : span_cmp(x->resource, y->resource);
}

void compare(const struct compare_input *in, struct grant_comparison *out)
{
	struct comparer c = {.in = in, .out = out};
	*out = (struct grant_comparison){.n = 0};
	arena_init(&out->arena);
	for (size_t i = 0; i < sar_n_prefixes(in->mapping); i++) {
		size_t n;
		struct span prefix = sar_prefix(in->mapping, i);
		if (!may_grant(in, prefix))
			continue;
		const struct sar_action *first = sar_service(in->mapping, prefix, &n);
		for (size_t k = 0; k < n; k++)
			compare_action(&c, sar_action_at(first, k));
	}
	for (size_t i = 0; i < in->n_uses; i++) {
		const struct action_use *u = &in->uses[i];
		const struct sar_action *a = sar_action(in->mapping, u->action);
		if (!u->granted)
			add(&c, &(struct compared){.action = u->action,
			                           .level = a ? sar_action_level(a) : LEVEL_UNKNOWN,
			                           .state = USE_NOT_GRANTED,
			                           .resource = u->resource,
			                           .events = u->events,
			                           .first = u->first,
			                           .last = u->last});
	}
	if (out->n)
		qsort(out->rows, out->n, sizeof *out->rows, by_state);
}

void grant_comparison_release(struct grant_comparison *c)
{
	arena_release(&c->arena);
	free(c->rows);
	*c = (struct grant_comparison){.n = 0};
	arena_init(&c->arena);
}
