/* gather.c - app: see gather.h. */
#include "config.h"

#include "app/gather.h"

#include "base/alloc.h"
#include "call/arn.h"
#include "policy/iam-text.h"
#include "policy/pattern-text.h"

#include <stdlib.h>

struct gatherer {
	const struct policy_request *r;
	struct policy_source *s;
	struct gathered *g;
	struct arena scratch; /* for one call */
	const struct context *last_context;
};

static struct access_use *use_add(struct gathered *g)
{
	if (g->n_uses == g->room) {
		g->room = g->room ? 2 * g->room : 256;
		g->uses = xreallocarray(g->uses, g->room, sizeof *g->uses);
		if (g->contexts)
			g->contexts = xreallocarray(g->contexts, g->room, sizeof *g->contexts);
	}
	g->uses[g->n_uses] = (struct access_use){.events = 0};
	return &g->uses[g->n_uses++];
}

/* Rows come sorted: what equals the row before shares its copy. */
static struct span shared(struct gathered *g, struct span s, struct span before)
{
	return span_eq(s, before) && !s.p == !before.p ? before : arena_span(&g->arena, s);
}

static void access_copy(struct gathered *g, struct access_use *to, const struct access_use *from)
{
	const struct access_use none = {.events = 0};
	const struct access_use *before = g->n_uses > 1 ? to - 1 : &none;
	*to = *from;
	to->principal = SPAN_NONE; /* the subject says it */
	to->access.action = shared(g, from->access.action, before->access.action);
	to->access.type = shared(g, from->access.type, before->access.type);
	to->access.resource = shared(g, from->access.resource, before->access.resource);
	to->access.passed_to = shared(g, from->access.passed_to, before->access.passed_to);
	to->via = shared(g, from->via, before->via);
}

static bool take_access(void *data, const struct access_use *use)
{
	struct gathered *g = data;
	access_copy(g, use_add(g), use);
	return true;
}

/* ---- through the calls */

static const struct context *context_copy(struct gatherer *k, const struct context *c)
{
	struct arena *a = &k->g->arena;
	const struct context *l = k->last_context;
	if (l && l->mfa == c->mfa && l->tls == c->tls &&
	    span_eq(l->source_network, c->source_network) &&
	    span_eq(l->vpc_endpoint, c->vpc_endpoint) &&
	    span_eq(l->session_tags, c->session_tags) && span_eq(l->invoked_by, c->invoked_by) &&
	    span_eq(l->agent, c->agent))
		return l;
	struct context *copy = arena_alloc(a, sizeof *copy);
	*copy = *c;
	copy->source_network = arena_span(a, c->source_network);
	copy->vpc_endpoint = arena_span(a, c->vpc_endpoint);
	copy->tls_version = arena_span(a, c->tls_version);
	copy->invoked_by = arena_span(a, c->invoked_by);
	copy->agent = arena_span(a, c->agent);
	copy->session_tags = arena_span(a, c->session_tags);
	return k->last_context = copy;
}

static size_t resolve(struct gatherer *k, const struct call_use *u, struct access **out)
{
	struct resolve_env env;
	size_t n = 0;
	arena_reset(&k->scratch);
	store_resolve_env(k->s->store, u, &env);
	env.dependents = k->r->options.dependents;
	resolve_call(k->s->mapping, &u->call, &env, &k->scratch, out, &n);
	return n;
}

static void take_call(struct gatherer *k, const struct call_use *u, const struct access *a)
{
	struct gathered *g = k->g;
	struct access_use row = {.access = *a,
	                         .outcome = u->call.outcome,
	                         .denied_by = u->call.denial.by,
	                         .explicit_deny = u->call.denial.explicit_deny,
	                         .via = u->context.invoked_by,
	                         .events = u->events,
	                         .first = u->first,
	                         .last = u->last,
	                         .call = u->id};
	struct access_use *to = use_add(g);
	access_copy(g, to, &row);
	if (g->contexts)
		g->contexts[g->n_uses - 1] = (struct use_context){
		        arena_span(&g->arena, u->call.region), context_copy(k, &u->context)};
}

static bool take_calls(void *data, const struct call_use *u)
{
	struct gatherer *k = data;
	struct access *a;
	size_t n = resolve(k, u, &a);
	for (size_t i = 0; i < n; i++)
		if (policy_request_takes_access(k->r, a, n, i))
			take_call(k, u, &a[i]);
	return true;
}

/* ---- refusals, and what else is to be said */

static void add_name(struct gathered *g, struct names *list, struct span text, uint64_t events)
{
	if (!names_add_to_recent(list, text, events))
		names_add(list, arena_span(&g->arena, text), events);
}

static const char *denial_text(enum denial_by by)
{
	switch (by) {
	case DENIAL_UNSTATED: return "a policy that the log does not name";
	case DENIAL_IDENTITY: return "an identity-based policy";
	case DENIAL_RESOURCE: return "a resource-based policy";
	case DENIAL_SESSION: return "a session policy";
	case DENIAL_BOUNDARY: return "a permissions boundary";
	case DENIAL_SCP: return "a service control policy";
	case DENIAL_RCP: return "a resource control policy";
	case DENIAL_VPC_ENDPOINT: return "a VPC endpoint policy";
	case DENIAL_TRUST: return "a role trust policy";
	case DENIAL_SETTING: return "a setting outside of IAM";
	case DENIAL_OTHER: break;
	}
	return "another policy";
}

static void count_failed(struct gatherer *k, const struct call_use *u)
{
	enum error_phase phase;
	struct access *a;
	bool counts = policy_request_counts(k->r, k->s->mapping, &u->call, &phase);
	bool names = phase != ERROR_BEFORE && resolve(k, u, &a) > 0;
	if (!names)
		k->g->never += u->events;
	else if (counts)
		k->g->failed += u->events;
	else
		k->g->unproven += u->events;
}

/* Whether a is one of the first n actions of the call. */
static bool is_told(const struct access *a, size_t n, struct span action)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq_ci(a[i].action, action))
			return true;
	return false;
}

/* "ACTION on RESOURCE and 2 more" for the resources of one action, one that is known best. */
static struct span action_text(struct gatherer *k, const struct access *a, size_t n,
                               struct span action)
{
	struct span best = SPAN_NONE;
	size_t found = 0;
	for (size_t i = 0; i < n; i++) {
		if (!span_eq_ci(a[i].action, action))
			continue;
		found++;
		if (!best.n || (span_chr(best, '*') >= 0 && span_chr(a[i].resource, '*') < 0))
			best = a[i].resource;
	}
	struct arena *arena = &k->g->arena;
	if (found > 1)
		return arena_printf(arena, "%.*s on %.*s and %zu more", SPAN_ARG(action),
		                    SPAN_ARG(best), found - 1);
	return found ? arena_printf(arena, "%.*s on %.*s", SPAN_ARG(action), SPAN_ARG(best))
	             : arena_span(arena, action);
}

static int lacking_order(const void *a, const void *b)
{
	const struct lacking *x = a, *y = b;
	int c = span_cmp(x->text, y->text);
	if (c == 0)
		c = span_cmp(x->action, y->action);
	return c ? c : span_cmp(x->resource, y->resource);
}

/* The last were added for the same call, or for one like it. */
static void add_lacking(struct gathered *g, struct span text, struct span action,
                        struct span resource)
{
	const struct lacking one = {text, action, resource};
	const size_t near = 8;
	for (size_t i = g->lacking.n; i-- > 0 && g->lacking.n - i <= near;)
		if (lacking_order(&g->lacking.v[i], &one) == 0)
			return;
	*vec_add(&g->lacking) = (struct lacking){arena_span(&g->arena, text),
	                                         arena_span(&g->arena, action),
	                                         arena_span(&g->arena, resource)};
}

/* Each action of the n accesses, any of which it may have been, those of the own service first. */
static struct span any_text(struct gatherer *k, const struct access *a, size_t n, struct span own)
{
	struct span text = SPAN_NONE;
	for (int others = 0; others < 2; others++) {
		for (size_t i = 0; i < n; i++) {
			bool foreign = !span_starts(a[i].action, own);
			if (foreign != (others != 0) || is_told(a, i, a[i].action))
				continue;
			struct span one = action_text(k, a, n, a[i].action);
			text = text.n ? arena_printf(&k->g->arena, "%.*s, or %.*s", SPAN_ARG(text),
			                             SPAN_ARG(one))
			              : one;
		}
	}
	return text;
}

/* What the message names, on the resource that it names or that the mapping finds; else each action
 * of the call. */
static void note_likely_missing(struct gatherer *k, const struct call_use *u, struct span named)
{
	const struct denial *d = &u->call.denial;
	struct span what = arena_span(&k->g->arena, named), text;
	struct access *a = NULL;
	size_t n = 0, found = 0;
	if (d->action.n && d->resource.n)
		text = arena_printf(&k->g->arena, "%.*s on %.*s", SPAN_ARG(d->action),
		                    SPAN_ARG(d->resource));
	else if ((n = resolve(k, u, &a)) == 0 || d->action.n)
		text = action_text(k, a, n, what);
	else
		text = any_text(k, a, n, span_cut(&(struct span){what.p, what.n}, '.'));
	for (size_t i = 0; i < n; i++)
		if (!d->action.n || span_eq_ci(a[i].action, what)) {
			add_lacking(k->g, text, a[i].action, a[i].resource);
			found++;
		}
	if (!found)
		add_lacking(k->g, text, what, n ? SPAN_NONE : d->resource);
	add_name(k->g, &k->g->likely_missing, text, u->events);
}

/* The message alone names the action, for no reason that it states, and nothing names a resource: a
 * grant would reach far beyond the call. */
static bool is_too_vague(const struct call_use *u, const struct access *a)
{
	const struct denial *d = &u->call.denial;
	return d->by == DENIAL_UNSTATED && !d->resource.n && a->need == NEED_DENIED &&
	       (a->origin == ORIGIN_PARTIAL || a->origin == ORIGIN_NONE);
}

/* What was refused is what the message names; where it names nothing, the call with all it needs. */
static void take_refused(struct gatherer *k, const struct call_use *u, struct span what)
{
	struct span named = u->call.denial.action;
	struct access *a;
	size_t n = resolve(k, u, &a);
	bool known = false, vague = false;
	for (size_t i = 0; i < n; i++)
		known |= named.n && span_eq_ci(a[i].action, named);
	for (size_t i = 0; i < n; i++) {
		if ((known && !span_eq_ci(a[i].action, named)) ||
		    !policy_request_takes_access(k->r, a, n, i))
			continue;
		if (is_too_vague(u, &a[i]))
			vague = true;
		else
			take_call(k, u, &a[i]);
	}
	if (vague)
		note_likely_missing(k, u, what);
}

/* Whether the call is about an action that --action and --service ask for. */
static bool is_asked_for(struct gatherer *k, const struct call_use *u)
{
	struct access *a;
	if (!policy_request_picks_actions(k->r))
		return true;
	size_t n = resolve(k, u, &a);
	for (size_t i = 0; i < n; i++)
		if (policy_request_takes_access(k->r, a, n, i))
			return true;
	return n == 0 && policy_request_takes_event(k->r, u->call.source, u->call.name);
}

int resource_owner_order(const void *a, const void *b)
{
	const struct resource_owner *x = a, *y = b;
	return span_cmp(x->resource, y->resource);
}

/* The account that the record says owns what was called: by the owner's own copy of the record, or
 * by what resources[] says. */
static struct span owner_of(const struct call_use *u)
{
	struct span owner = u->owner_account;
	for (size_t i = 0; i < u->call.n_resources && !owner.n; i++)
		if (arn_is_account(u->call.resources[i].account))
			owner = u->call.resources[i].account;
	return owner;
}

/* Whose a resource is in whose ARN is no account. */
static void note_owner(struct gatherer *k, const struct call_use *u)
{
	struct span owner = owner_of(u);
	struct access *a;
	struct arn arn;
	if (!owner.n || span_eq(owner, u->call.principal.account))
		return;
	size_t n = resolve(k, u, &a);
	for (size_t i = 0; i < n; i++) {
		const struct gathered *g = k->g;
		const struct resource_owner *last =
		        g->owners.n ? &g->owners.v[g->owners.n - 1] : NULL;
		if (!arn_parse(a[i].resource, &arn) || arn.account.n ||
		    (last && span_eq(last->resource, a[i].resource)))
			continue;
		*vec_add(&k->g->owners) = (struct resource_owner){
		        arena_span(&k->g->arena, a[i].resource), arena_span(&k->g->arena, owner)};
	}
}

static bool take_remark(void *data, const struct call_use *u)
{
	struct gatherer *k = data;
	const struct denial *d = &u->call.denial;
	if (!is_asked_for(k, u))
		return true;
	k->g->folded += u->folded;
	note_owner(k, u);
	if (u->call.outcome == OUTCOME_ALLOWED)
		return true;
	if (u->call.outcome == OUTCOME_UNAUTHENTICATED) {
		k->g->unauthenticated += u->events;
		return true;
	}
	if (u->call.outcome == OUTCOME_FAILED || u->call.outcome == OUTCOME_UNKNOWN) {
		if (u->mapped == MAPPED)
			count_failed(k, u);
		return true;
	}
	struct span what = d->action;
	arena_reset(&k->scratch);
	if (!what.n)
		what = arena_printf(&k->scratch, "%.*s:%.*s", SPAN_ARG(u->call.source),
		                    SPAN_ARG(u->call.name));
	/* what needs no permission was not refused for want of one */
	bool needs = u->mapped != MAPPED_NO_PERMISSION || d->action.n;
	if (needs && denial_may_lack_allow(d->by, d->explicit_deny)) {
		if (k->r->options.denied != DENIED_LEAVE_OUT) {
			take_refused(k, u, what);
			return true;
		}
		if (d->by == DENIAL_UNSTATED) {
			note_likely_missing(k, u, what);
			return true;
		}
		k->g->denied += u->events;
		add_name(k->g, &k->g->denied_actions, what, u->events);
		return true;
	}
	struct span text = arena_printf(&k->scratch, "%.*s by %s%s%s%.*s", SPAN_ARG(what),
	                                d->explicit_deny ? "an explicit deny in " : "",
	                                denial_text(needs ? d->by : DENIAL_SETTING),
	                                d->policy.n ? " " : "", SPAN_ARG(d->policy));
	add_name(k->g, &k->g->refused, text, u->events);
	return true;
}

static bool take_unknown(void *data, const struct event_name_row *row)
{
	struct gatherer *k = data;
	if (!policy_request_takes_event(k->r, row->source, row->name))
		return true;
	arena_reset(&k->scratch);
	add_name(k->g, &k->g->unknown,
	         arena_printf(&k->scratch, "%.*s:%.*s", SPAN_ARG(row->source), SPAN_ARG(row->name)),
	         row->events);
	return true;
}

/* ---- all of it */

struct store_filter gather_filter(const struct policy_request *r, const struct subject *who)
{
	return (struct store_filter){.principals = who ? who->ids : NULL,
	                             .n_principals = who ? who->n : 0,
	                             .window = r->window,
	                             .exclude_actions = r->exclude_actions.v,
	                             .n_exclude_actions = r->exclude_actions.n,
	                             .exclude_services = r->exclude_services.v,
	                             .n_exclude_services = r->exclude_services.n,
	                             .exclude_agents = r->exclude_agents.v,
	                             .n_exclude_agents = r->exclude_agents.n,
	                             .exclude_sessions = r->exclude_sessions.v,
	                             .n_exclude_sessions = r->exclude_sessions.n,
	                             .actions = r->actions.v,
	                             .n_actions = r->actions.n,
	                             .services = r->services.v,
	                             .n_services = r->services.n,
	                             .agents = r->agents.v,
	                             .n_agents = r->agents.n,
	                             .sessions = r->sessions.v,
	                             .n_sessions = r->sessions.n};
}

void gather_filter_tags(struct store_filter *f, const struct span *asked, size_t n,
                        struct arena *arena)
{
	const struct span prefix = SPAN_LIT("aws:principaltag/");
	struct span *keys = arena_alloc(arena, (n + 1) * sizeof *keys);
	f->tag_keys = keys;
	for (size_t i = 0; i < n; i++)
		if (span_starts(asked[i], prefix))
			keys[f->n_tag_keys++] = span_from(asked[i], prefix.n);
	f->tags = f->n_tag_keys > 0;
}

enum status gather_access(struct store *store, struct store_filter *filter, struct gathered *g,
                          struct err *err)
{
	return store_each_access(store, filter, take_access, g, err);
}

enum status gather_subject(const struct policy_request *r, struct policy_source *s,
                           const struct subject *who, struct gathered *g, struct err *err)
{
	policy_request_for(r, who->name, &g->arena, &g->request);
	r = &g->request;
	struct gatherer k = {.r = r, .s = s, .g = g};
	struct store_filter filter = gather_filter(r, who);
	arena_init(&k.scratch);
	policy_request_filter(r, &filter);
	if (r->options.conditions)
		g->contexts = xcalloc(1, sizeof *g->contexts);
	filter.tags = (r->options.conditions & 1u << CONDITION_PRINCIPAL_TAG) != 0;
	/* questions with one filter follow one another: its calls are gathered once */
	struct store_filter all = filter;
	all.outcomes = all.phases = 0;
	enum status status = store_each_call(s->store, &all, take_remark, &k, err);
	if (status == STATUS_OK)
		status = store_each_unknown(s->store, &all, take_unknown, &k, err);
	if (status == STATUS_OK)
		status = r->options.conditions
		                 ? store_each_call(s->store, &filter, take_calls, &k, err)
		                 : gather_access(s->store, &filter, g, err);
	g->owners.n =
	        sort_unique(g->owners.v, g->owners.n, sizeof *g->owners.v, resource_owner_order);
	g->lacking.n = sort_unique(g->lacking.v, g->lacking.n, sizeof *g->lacking.v, lacking_order);
	names_sum(&g->denied_actions);
	names_sum(&g->likely_missing);
	names_sum(&g->refused);
	names_sum(&g->unknown);
	arena_release(&k.scratch);
	return status;
}

void gathered_init(struct gathered *g)
{
	*g = (struct gathered){.uses = NULL};
	arena_init(&g->arena);
}

void gathered_release(struct gathered *g)
{
	free(g->uses);
	free(g->contexts);
	vec_release(&g->owners);
	vec_release(&g->lacking);
	names_release(&g->denied_actions);
	names_release(&g->likely_missing);
	names_release(&g->refused);
	names_release(&g->unknown);
	arena_release(&g->arena);
	*g = (struct gathered){.uses = NULL};
}

static bool is_granted(const struct policy *p, struct span action, struct span resource)
{
	for (size_t d = 0; d < p->n_documents; d++)
		for (size_t i = 0; i < p->documents[d].n_statements; i++) {
			const struct policy_statement *s = &p->documents[d].statements[i];
			if (!s->deny && !s->not_action && !s->not_resource && !s->n_conditions &&
			    pattern_texts_any_covers(s->actions, s->n_actions, action, true) &&
			    pattern_texts_any_covers(s->resources, s->n_resources, resource, false))
				return true;
		}
	return false;
}

/* The first of lacking that has the text, or one behind it, at or after from. */
static size_t find_lacking(const struct gathered *g, struct span text, size_t from)
{
	while (from < g->lacking.n && span_cmp(g->lacking.v[from].text, text) < 0)
		from++;
	return from;
}

void gather_judge_denials(struct gathered *g, const struct policy *p)
{
	size_t left = 0, replaced = 0, at = 0;
	for (size_t i = 0; i < g->likely_missing.n; i++) {
		const struct name_count one = g->likely_missing.v[i];
		at = find_lacking(g, one.text, at);
		bool granted = at < g->lacking.n && span_eq(g->lacking.v[at].text, one.text);
		for (; at < g->lacking.n && span_eq(g->lacking.v[at].text, one.text); at++) {
			const struct lacking *l = &g->lacking.v[at];
			granted = granted && l->resource.n &&
			          is_granted(p, l->action,
			                     iam_text(&g->arena, l->resource, &replaced));
		}
		if (!granted)
			g->likely_missing.v[left++] = one;
		else
			add_name(g, &g->refused,
			         arena_printf(&g->arena, "%.*s, which is granted, by %s",
			                      SPAN_ARG(one.text), denial_text(DENIAL_UNSTATED)),
			         one.events);
	}
	g->likely_missing.n = left;
	names_sum(&g->refused);
}

enum status gather_policy(struct policy_source *s, const struct gathered *g, struct policy *out,
                          struct err *err)
{
	struct store_filter used = gather_filter(&g->request, NULL);
	policy_request_filter(&g->request, &used);
	if (resources_fold(g->request.options.resources))
		policy_source_used(s, &used);
	struct policy_input in = {.uses = g->uses,
	                          .contexts = g->contexts,
	                          .n_uses = g->n_uses,
	                          .mapping = s->mapping,
	                          .existing = s->has_existing ? &s->existing : NULL,
	                          .used = policy_source_others(s)};
	enum status status = policy_build(&in, &g->request.options, out, err);
	return status != STATUS_STOP && policy_source_failed(s, err) != STATUS_OK ? STATUS_STOP
	                                                                          : status;
}
