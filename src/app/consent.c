/* consent.c - app: see consent.h. */
#include "config.h"

#include "app/consent.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/vec.h"
#include "call/arn.h"

#include <stdlib.h>

struct span consent_account(const struct gathered *g, struct span resource)
{
	struct arn a;
	if (!arn_parse(resource, &a))
		return SPAN_NONE;
	if (a.account.n)
		return arn_is_account(a.account) ? a.account : SPAN_NONE;
	const struct resource_owner key = {resource, SPAN_NONE}, *owner = NULL;
	if (g->owners.n)
		owner = bsearch(&key, g->owners.v, g->owners.n, sizeof key, resource_owner_order);
	return owner ? owner->account : SPAN_NONE;
}

/* Roles are passed inside their account. */
static bool needs_consent(const struct access *a)
{
	return a->need != NEED_DENIED && a->need != NEED_DEPENDENT &&
	       !span_is(a->action, "iam:PassRole");
}

/* Who may assume a role stands in its trust policy. */
static bool is_trust(struct span action)
{
	return span_starts(action, SPAN_LIT("sts:"));
}

/* The account of another's resource, or SPAN_NONE. */
static struct span other_account(const struct gathered *g, const struct subject *who,
                                 const struct access_use *u)
{
	if (!who->account.n || u->outcome == OUTCOME_DENIED || !needs_consent(&u->access))
		return SPAN_NONE;
	struct span account = consent_account(g, u->access.resource);
	return span_eq(account, who->account) ? SPAN_NONE : account;
}

struct part {
	struct span account, resource, action;
};

static int by_part(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	int c = span_cmp(x->account, y->account);
	c = c ? c : span_cmp(x->resource, y->resource);
	return c ? c : span_cmp(x->action, y->action);
}

enum { LIMIT_ACTIONS_TEXT = 1 << 20 }; /* every action there is takes less */

size_t consents_of(const struct gathered *g, const struct subject *who, struct arena *arena,
                   struct consent **out)
{
	struct part *p = xcalloc(g->n_uses + 1, sizeof *p);
	size_t n = 0, made = 0;
	for (size_t i = 0; i < g->n_uses; i++) {
		const struct access *a = &g->uses[i].access;
		struct span account = other_account(g, who, &g->uses[i]);
		if (account.p)
			p[n++] = (struct part){account, a->resource, a->action};
	}
	n = sort_unique(p, n, sizeof *p, by_part);
	struct consent *c = arena_alloc(arena, (n + 1) * sizeof *c);
	for (size_t i = 0, k; i < n; i = k) {
		struct buf actions;
		buf_init(&actions, LIMIT_ACTIONS_TEXT);
		for (k = i; k < n && span_eq(p[k].account, p[i].account) &&
		            span_eq(p[k].resource, p[i].resource);
		     k++)
			buf_addf(&actions, "%s%.*s", k > i ? ", " : "", SPAN_ARG(p[k].action));
		c[made++] = (struct consent){p[i].account, p[i].resource,
		                             arena_span(arena, buf_span(&actions)),
		                             is_trust(p[i].action)};
		buf_release(&actions);
	}
	free(p);
	*out = c;
	return made;
}

/* ---- the other side's statements */

struct named {
	const struct subject *who;
	struct arena *arena;
	struct span *v;
	size_t n;
};

static bool take_name(void *data, const struct principal_row *row)
{
	struct named *k = data;
	for (size_t i = 0; i < k->who->n; i++)
		if (k->who->ids[i] == row->id)
			k->v[k->n++] = arena_span(k->arena, row->principal.arn);
	return true;
}

static void name_principals(struct policy *p, const struct named *names)
{
	struct policy_principal *who = arena_calloc(&p->arena, 1, sizeof *who);
	*who = (struct policy_principal){SPAN_LIT("AWS"), names->v, names->n};
	for (size_t d = 0; d < p->n_documents; d++) {
		struct policy_document *doc = &p->documents[d];
		struct policy_statement *s =
		        arena_alloc(&p->arena, (doc->n_statements + 1) * sizeof *s);
		for (size_t i = 0; i < doc->n_statements; i++) {
			s[i] = doc->statements[i];
			s[i].principals = who;
			s[i].n_principals = 1;
		}
		doc->statements = s;
		doc->size = document_size(doc, false);
	}
}

enum status consent_policy(struct policy_source *s, const struct gathered *g,
                           const struct subject *who, struct policy *out, struct err *err)
{
	struct access_use *uses = xcalloc(g->n_uses + 1, sizeof *uses);
	struct policy_options options = g->request.options;
	struct policy_input in = {
	        .uses = uses, .mapping = s->mapping, .used = policy_source_others(s)};
	options.conditions = options.siblings = 0;
	for (size_t i = 0; i < g->n_uses; i++)
		if (other_account(g, who, &g->uses[i]).p && !is_trust(g->uses[i].access.action))
			uses[in.n_uses++] = g->uses[i];
	enum status status = policy_build(&in, &options, out, err);
	struct named names = {.who = who, .arena = &out->arena};
	names.v = arena_alloc(&out->arena, (who->n + 1) * sizeof *names.v);
	if (status != STATUS_STOP && policy_source_failed(s, err) != STATUS_OK)
		status = STATUS_STOP;
	if (status == STATUS_OK)
		status = store_each_principal(s->store, SPAN_NONE, take_name, &names, err);
	if (status == STATUS_OK)
		name_principals(out, &names);
	free(uses);
	return status;
}
