/* replay.c - review: asks a policy for every action and resource that each recorded call
 * needed. */
#include "config.h"

#include "review/replay.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "call/arn.h"
#include "evaluator/consent.h"
#include "evaluator/query.h"

#include <stdlib.h>

struct replayer {
	const struct policy_request *request;
	struct policy_source *source;
	const struct subject *who;
	const struct policy_files *policies;
	struct evaluator *evaluator;      /* of the principal's side alone */
	struct evaluator *with_resources; /* with resource_policies: inside of one account */
	struct policy_files both;
	const struct span *asked;
	size_t n_asked;
	bool asks_time;
	struct arena lasting, scratch;
	struct replay *out;
	struct hash128 *seen; /* of the evidence: open addressing */
	size_t seen_room, n_seen;
};

void replay_init(struct replay *r)
{
	*r = (struct replay){.calls = 0};
	arena_init(&r->arena);
}

void replay_release(struct replay *r)
{
	free(r->findings);
	free(r->actions);
	free(r->evidence);
	arena_release(&r->arena);
	replay_init(r);
}

static void add_finding(struct replayer *k, enum replay_state state, const struct call_use *u,
                        const struct access *a, struct span why)
{
	struct replay *o = k->out;
	if (o->n_findings == o->room) {
		o->room = o->room ? 2 * o->room : 64;
		o->findings = xreallocarray(o->findings, o->room, sizeof *o->findings);
	}
	o->findings[o->n_findings++] = (struct replay_finding){
	        .state = state,
	        .principal = arena_span(&o->arena, k->who->name),
	        .call = arena_printf(&o->arena, "%.*s:%.*s", SPAN_ARG(u->call.source),
	                             SPAN_ARG(u->call.name)),
	        .action = a ? arena_span(&o->arena, a->action) : SPAN_NONE,
	        .resource = a ? arena_span(&o->arena, a->resource) : SPAN_NONE,
	        .why = arena_span(&o->arena, why),
	        .events = u->events,
	        .last = u->last,
	};
}

static void add_action(struct replay *o, struct span action)
{
	if (o->n_actions && span_eq(o->actions[o->n_actions - 1], action))
		return;
	if (o->n_actions == o->actions_room) {
		o->actions_room = o->actions_room ? 2 * o->actions_room : 64;
		o->actions = xreallocarray(o->actions, o->actions_room, sizeof *o->actions);
	}
	o->actions[o->n_actions++] = arena_span(&o->arena, action);
}

/* ---- evidence */

static struct hash128 request_hash(const struct request *r)
{
	struct hasher h;
	hash_begin(&h);
	hash_field(&h, r->action);
	hash_field(&h, r->resource);
	for (size_t i = 0; i < r->keys.n; i++) {
		hash_field(&h, r->keys.v[i].key);
		hash_u64(&h, r->keys.v[i].unknown);
		for (size_t j = 0; j < r->keys.v[i].n; j++)
			hash_field(&h, r->keys.v[i].values[j]);
	}
	return hash_end(&h);
}

static bool seen_place(const struct hash128 *table, size_t room, const struct hash128 *h,
                       size_t *at)
{
	static const struct hash128 none;
	*at = (size_t)hash_low(h) & (room - 1);
	while (!hash_eq(&table[*at], &none)) {
		if (hash_eq(&table[*at], h))
			return true;
		*at = (*at + 1) & (room - 1);
	}
	return false;
}

static bool seen_before(struct replayer *k, const struct hash128 *h)
{
	size_t at;
	if (k->n_seen * 2 >= k->seen_room) {
		static const struct hash128 none;
		size_t room = k->seen_room ? 2 * k->seen_room : 1024;
		struct hash128 *table = xcalloc(room, sizeof *table);
		for (size_t i = 0; i < k->seen_room; i++) {
			if (hash_eq(&k->seen[i], &none))
				continue;
			seen_place(table, room, &k->seen[i], &at);
			table[at] = k->seen[i];
		}
		free(k->seen);
		k->seen = table;
		k->seen_room = room;
	}
	if (seen_place(k->seen, k->seen_room, h, &at))
		return true;
	k->seen[at] = *h;
	k->n_seen++;
	return false;
}

static struct request request_copy(struct arena *a, const struct request *r)
{
	struct request c = *r;
	struct request_key *keys = arena_alloc(a, (r->keys.n + 1) * sizeof *keys);
	c.principal = arena_span(a, r->principal);
	c.action = arena_span(a, r->action);
	c.resource = arena_span(a, r->resource);
	for (size_t i = 0; i < r->keys.n; i++) {
		struct span *values = arena_alloc(a, (r->keys.v[i].n + 1) * sizeof *values);
		for (size_t j = 0; j < r->keys.v[i].n; j++)
			values[j] = arena_span(a, r->keys.v[i].values[j]);
		keys[i] = r->keys.v[i];
		keys[i].key = arena_span(a, keys[i].key);
		keys[i].name = keys[i].key;
		keys[i].values = values;
	}
	c.keys.v = keys;
	return c;
}

static void keep_evidence(struct replayer *k, const struct request *r)
{
	struct replay *o = k->out;
	struct hash128 h = request_hash(r);
	if (!o->keep || seen_before(k, &h))
		return;
	if (o->n_evidence == o->evidence_room) {
		o->evidence_room = o->evidence_room ? 2 * o->evidence_room : 256;
		o->evidence = xreallocarray(o->evidence, o->evidence_room, sizeof *o->evidence);
	}
	o->evidence[o->n_evidence++] = request_copy(&o->arena, r);
}

/* ---- one access */

struct judged {
	enum replay_state state;
	struct span why;
	struct request request;
};

static struct span list_keys(struct arena *arena, const struct verdict *v)
{
	struct buf b;
	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < v->n_on; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", SPAN_ARG(v->on[i]));
	struct span out = arena_span(arena, buf_span(&b));
	buf_release(&b);
	return out;
}

static struct span explain_verdict(struct replayer *k, const struct verdict *v)
{
	struct arena *a = &k->scratch;
	if (v->decision == DECISION_DEPENDS)
		return arena_printf(a, "depends on %.*s", SPAN_ARG(list_keys(a, v)));
	if (v->decision == DECISION_EXPLICIT_DENY)
		return arena_printf(a, "denied by %.*s of %.*s",
		                    SPAN_ARG(statement_label(
		                            a, k->both.policies[v->policy].document, v->statement)),
		                    SPAN_ARG(k->both.names[v->policy]));
	switch (v->layer) {
	case LAYER_SCP:
		return arena_printf(a, "no statement of the SCPs of level %zu allows it",
		                    v->level + 1);
	case LAYER_BOUNDARY: return SPAN_LIT("no statement of the boundary allows it");
	case LAYER_SESSION: return SPAN_LIT("no statement of the session policy allows it");
	default: return SPAN_LIT("no statement allows it");
	}
}

/* Only the unknown part of the resource is in doubt. */
static bool on_resource_alone(const struct verdict *v)
{
	return v->n_on == 1 && span_is(v->on[0], RESOURCE_KEY);
}

/* The account of a resource that is not the principal's, where its policies are known. */
static struct span other_account(const struct replayer *k, const struct call_use *u,
                                 const struct access *a)
{
	struct arn arn;
	struct span mine = u->call.principal.account, owner = u->owner_account;
	if (!k->with_resources || !mine.n || !arn_parse(a->resource, &arn))
		return SPAN_NONE;
	for (size_t i = 0; i < u->call.n_resources && !owner.n; i++)
		owner = u->call.resources[i].account;
	if (arn.account.n)
		owner = arn.account;
	return arn_is_account(owner) && !span_eq(owner, mine) ? owner : SPAN_NONE;
}

/* The principal's side allows it: does the resource's? */
static struct judged judge_consent(struct replayer *k, const struct judged *mine,
                                   struct span account)
{
	const struct policy_files *files = k->out->resource_policies;
	struct judged j = *mine;
	enum truth t = consent_of(files->policies, files->n, &j.request);
	if (t == TRUTH_YES)
		return j;
	j.state = t == TRUTH_MAYBE ? REPLAY_DEPENDS : REPLAY_DENIED;
	j.why = arena_printf(&k->scratch, "no policy of account %.*s allows it%s",
	                     SPAN_ARG(account), t == TRUTH_MAYBE ? " for certain" : "");
	return j;
}

static struct judged judge(struct replayer *k, const struct call_use *u, const struct access *a,
                           int64_t time)
{
	struct observation o = {&u->call, &u->context, a, time};
	struct judged j = {REPLAY_ALLOWED, SPAN_NONE, {.resource_partial = false}};
	struct verdict v;
	observed_request(&o, k->asked, k->n_asked, &k->scratch, &j.request);
	struct span other = other_account(k, u, a);
	evaluate(other.p || !k->with_resources ? k->evaluator : k->with_resources, &j.request,
	         &k->scratch, &v);
	if (v.decision == DECISION_ALLOWED)
		return other.p ? judge_consent(k, &j, other) : j;
	j.why = explain_verdict(k, &v);
	j.state = REPLAY_DENIED;
	if (v.decision == DECISION_DEPENDS) {
		bool folded = u->folded && on_resource_alone(&v);
		j.state = folded ? REPLAY_NOT_JUDGEABLE : REPLAY_DEPENDS;
		if (folded)
			j.why = SPAN_LIT("many names were folded into one, not all of which the "
			                 "policy covers");
	}
	return j;
}

/* A condition on the time may hold for the first event and not for the last. */
static struct judged judge_times(struct replayer *k, const struct call_use *u,
                                 const struct access *a)
{
	struct judged last = judge(k, u, a, u->last);
	if (!k->asks_time || u->first == u->last)
		return last;
	struct judged first = judge(k, u, a, u->first);
	return first.state > last.state ? first : last;
}

/* ---- one call */

static bool left_out(const struct policy_request *r, const struct access *all, size_t n, size_t at)
{
	const struct access *a = &all[at];
	return a->need == NEED_DENIED || (a->need == NEED_DEPENDENT && !r->options.dependents) ||
	       !policy_request_takes_access(r, all, n, at);
}

/* Whether the call is about anything that --action and --service ask for. */
static bool is_asked_for(const struct policy_request *r, const struct call_use *u,
                         const struct access *all, size_t n)
{
	if (!policy_request_picks_actions(r))
		return true;
	for (size_t i = 0; i < n; i++)
		if (!left_out(r, all, n, i))
			return true;
	return n == 0 && policy_request_takes_event(r, u->call.source, u->call.name);
}

/* An IAM name without its path stands for both forms, NAME and any path before NAME: whichever of
 * them is real, one is enough. True if other is a's other form. */
static bool is_other_form(const struct access *a, const struct access *other)
{
	if (!span_eq(a->action, other->action) || !span_eq(a->type, other->type) ||
	    !span_starts(a->action, SPAN_LIT("iam:")))
		return false;
	const struct span x = a->resource.n > other->resource.n ? a->resource : other->resource;
	const struct span y = a->resource.n > other->resource.n ? other->resource : a->resource;
	ptrdiff_t slash = span_rchr(y, '/');
	if (slash < 0 || x.n != y.n + 2)
		return false;
	size_t head = (size_t)slash + 1;
	return memcmp(x.p, y.p, head) == 0 && memcmp(x.p + head, "*/", 2) == 0 &&
	       memcmp(x.p + head + 2, y.p + head, y.n - head) == 0;
}

static enum replay_state judge_access(struct replayer *k, const struct call_use *u,
                                      const struct access *all, size_t n, size_t at)
{
	struct judged j = judge_times(k, u, &all[at]);
	if (j.state == REPLAY_ALLOWED) {
		keep_evidence(k, &j.request);
		return REPLAY_ALLOWED;
	}
	for (size_t i = 0; i < n; i++) {
		if (i == at || !is_other_form(&all[at], &all[i]))
			continue;
		if (judge_times(k, u, &all[i]).state == REPLAY_ALLOWED)
			return REPLAY_ALLOWED;
		if (all[i].resource.n < all[at].resource.n)
			return j.state; /* told of the form without a path */
	}
	add_finding(k, j.state, u, &all[at], j.why);
	return j.state;
}

static void count_call(struct replay *o, enum replay_state state)
{
	o->calls++;
	switch (state) {
	case REPLAY_ALLOWED: o->allowed++; break;
	case REPLAY_DENIED: o->denied_calls++; break;
	case REPLAY_DEPENDS: o->depends_calls++; break;
	default: o->unjudged_calls++; break;
	}
}

static bool replay_call(void *data, const struct call_use *u)
{
	struct replayer *k = data;
	struct resolve_env env;
	struct access *all = NULL;
	size_t n = 0;
	enum replay_state worst = REPLAY_ALLOWED;
	if (u->call.outcome == OUTCOME_DENIED || u->call.outcome == OUTCOME_UNAUTHENTICATED) {
		k->out->refused += u->events;
		return true;
	}
	if (!policy_request_counts(k->request, k->source->mapping, &u->call, NULL)) {
		k->out->unproven += u->events;
		return true;
	}
	arena_reset(&k->scratch);
	store_resolve_env(k->source->store, u, &env);
	env.dependents = k->request->options.dependents;
	enum mapping_status mapped =
	        resolve_call(k->source->mapping, &u->call, &env, &k->scratch, &all, &n);
	if (!is_asked_for(k->request, u, all, n))
		return true;
	if (mapped == MAPPED && n == 0 && u->call.outcome == OUTCOME_FAILED) {
		k->out->unproven += u->events; /* it names no resource */
		return true;
	}
	if (mapped == MAPPED_UNKNOWN && n == 0) {
		add_finding(k, REPLAY_NOT_JUDGEABLE, u, NULL,
		            SPAN_LIT("no action is known for this event"));
		worst = REPLAY_NOT_JUDGEABLE;
	}
	struct replay_judged *judged = arena_alloc(&k->scratch, (n + 1) * sizeof *judged);
	size_t n_judged = 0;
	for (size_t i = 0; i < n; i++) {
		if (left_out(k->request, all, n, i))
			continue;
		add_action(k->out, all[i].action);
		enum replay_state state = judge_access(k, u, all, n, i);
		if (state > worst)
			worst = state;
		judged[n_judged++] = (struct replay_judged){&all[i], state};
	}
	count_call(k->out, worst);
	if (k->out->judged)
		k->out->judged(k->out->judged_data, u, judged, n_judged);
	return true;
}

enum status replay_run(const struct policy_request *request, struct policy_source *s,
                       const struct subject *who, const struct policy_files *policies,
                       struct replay *out, struct err *err)
{
	struct policy_request own;
	struct replayer k = {.request = &own, .source = s, .who = who, .policies = policies};
	arena_init(&k.lasting);
	policy_request_for(request, who->name, &k.lasting, &own);
	struct store_filter filter = gather_filter(&own, who);
	arena_init(&k.scratch);
	k.out = out;
	policy_files_init(&k.both);
	for (size_t i = 0; i < policies->n; i++)
		policy_files_borrow(&k.both, &policies->policies[i], policies->names[i]);
	k.evaluator = evaluator_new(policies->policies, policies->n);
	if (out->resource_policies) {
		const struct policy_files *more = out->resource_policies;
		for (size_t i = 0; i < more->n; i++)
			policy_files_borrow(&k.both, &more->policies[i], more->names[i]);
		k.with_resources = evaluator_new(k.both.policies, k.both.n);
	}
	evaluator_keys(k.with_resources ? k.with_resources : k.evaluator, &k.lasting, &k.asked,
	               &k.n_asked);
	k.asks_time = observed_ask_time(k.asked, k.n_asked);
	gather_filter_tags(&filter, k.asked, k.n_asked, &k.lasting);
	enum status status = store_each_call(s->store, &filter, replay_call, &k, err);
	evaluator_free(k.evaluator);
	evaluator_free(k.with_resources);
	policy_files_release(&k.both);
	free(k.seen);
	arena_release(&k.lasting);
	arena_release(&k.scratch);
	return status;
}

/* ---- all of them */

static int by_content(const void *a, const void *b)
{
	const struct replay_finding *x = a, *y = b;
	int c = x->state < y->state ? 1 : x->state > y->state ? -1 : 0;
	c = c ? c : span_cmp(x->principal, y->principal);
	c = c ? c : span_cmp(x->action, y->action);
	c = c ? c : span_cmp(x->resource, y->resource);
	c = c ? c : span_cmp(x->call, y->call);
	return c ? c : span_cmp(x->why, y->why);
}

void replay_finish(struct replay *r)
{
	size_t kept = 0;
	if (r->n_findings)
		qsort(r->findings, r->n_findings, sizeof *r->findings, by_content);
	for (size_t i = 0; i < r->n_findings; i++) {
		struct replay_finding *f = &r->findings[i];
		if (kept && by_content(&r->findings[kept - 1], f) == 0) {
			r->findings[kept - 1].events += f->events;
			if (f->last > r->findings[kept - 1].last)
				r->findings[kept - 1].last = f->last;
		} else {
			r->findings[kept++] = *f;
		}
	}
	r->n_findings = kept;
	if (r->n_actions)
		qsort(r->actions, r->n_actions, sizeof *r->actions, span_order);
	kept = 0;
	for (size_t i = 0; i < r->n_actions; i++)
		if (kept == 0 || !span_eq(r->actions[kept - 1], r->actions[i]))
			r->actions[kept++] = r->actions[i];
	r->n_actions = kept;
}

size_t replay_findings(const struct replay *r, enum replay_state state,
                       const struct replay_finding **first)
{
	size_t n = 0;
	*first = NULL;
	for (size_t i = 0; i < r->n_findings; i++) {
		if (r->findings[i].state != state)
			continue;
		if (n++ == 0)
			*first = &r->findings[i];
	}
	return n;
}
