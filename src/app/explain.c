/* explain.c - app: see explain.h. Looks up, for each action of a policy, the calls behind it, and
 * what the log as a whole can and cannot show. */
#include "config.h"

#include "app/explain.h"

#include "base/alloc.h"
#include "base/when.h"
#include "call/region.h"
#include "policy/iam-text.h"
#include "policy/pattern-text.h"

#include <stdlib.h>

/* One access of one call in one context. */
struct need_row {
	struct span action, type, resource;
	struct span passed_to; /* of a PassRole */
	enum access_origin origin;
	enum access_need need;
	enum mapping_rule rule;
	int64_t call;
	size_t use; /* ordinal of the call and context */
};

struct use {
	int64_t call;
	struct span name; /* "s3.amazonaws.com:GetObject" */
	struct span source, event, agent, network, via;
	uint64_t events;
	int64_t first, last;
};

struct call_day {
	int64_t call, day;
};

struct reader {
	struct policy_source *s;
	struct explanation *e;
	struct err *err;
	struct arena scratch;
	struct need_row *facts;
	size_t n_facts, facts_room;
	struct use *uses;
	size_t n_uses, uses_room;
	struct call_day *days;
	size_t n_days, days_room;
	int64_t day_before;                  /* of the log */
	int64_t reduced_first, reduced_last; /* days, one after the other; last < first: none */
};

/* ---- calls */

static void fact_add(struct reader *k, const struct access *a, int64_t call)
{
	struct arena *arena = &k->e->arena;
	const struct need_row none = {.call = 0};
	const struct need_row *before = k->n_facts ? &k->facts[k->n_facts - 1] : &none;
	if (k->n_facts == k->facts_room) {
		k->facts_room = k->facts_room ? 2 * k->facts_room : 256;
		k->facts = xreallocarray(k->facts, k->facts_room, sizeof *k->facts);
		before = k->n_facts ? &k->facts[k->n_facts - 1] : &none;
	}
	size_t replaced = 0;
	struct span resource =
	        iam_text(arena, a->resource.n ? a->resource : SPAN_LIT("*"), &replaced);
	k->facts[k->n_facts++] = (struct need_row){
	        .action = span_eq(before->action, a->action) ? before->action
	                                                     : arena_span(arena, a->action),
	        .type = arena_span(arena, a->type),
	        .resource = span_eq(before->resource, resource) ? before->resource
	                                                        : arena_span(arena, resource),
	        .passed_to = arena_span(arena, a->passed_to),
	        .origin = a->origin,
	        .need = a->need,
	        .rule = a->rule,
	        .call = call,
	        .use = k->n_uses - 1};
}

static bool take_call(void *data, const struct call_use *u)
{
	struct reader *k = data;
	struct arena *arena = &k->e->arena;
	struct resolve_env env;
	struct access *a;
	size_t n = 0;
	bool passes = false;
	if (k->n_uses == k->uses_room) {
		k->uses_room = k->uses_room ? 2 * k->uses_room : 256;
		k->uses = xreallocarray(k->uses, k->uses_room, sizeof *k->uses);
	}
	k->uses[k->n_uses++] =
	        (struct use){.call = u->id,
	                     .name = arena_printf(arena, "%.*s:%.*s", SPAN_ARG(u->call.source),
	                                          SPAN_ARG(u->call.name)),
	                     .source = arena_span(arena, u->call.source),
	                     .event = arena_span(arena, u->call.name),
	                     .agent = arena_span(arena, u->context.agent),
	                     .network = arena_span(arena, u->context.source_network),
	                     .via = arena_span(arena, u->context.invoked_by),
	                     .events = u->events,
	                     .first = u->first,
	                     .last = u->last};
	arena_reset(&k->scratch);
	store_resolve_env(k->s->store, u, &env);
	env.dependents = true;
	resolve_call(k->s->mapping, &u->call, &env, &k->scratch, &a, &n);
	for (size_t i = 0; i < n; i++) {
		fact_add(k, &a[i], u->id);
		passes |= a[i].need == NEED_PASS_ROLE;
	}
	k->e->cut_calls += u->call.params_cut;
	k->e->passed_roles += passes ? u->events : 0;
	if (region_told(u->call.region).n)
		names_add(&k->e->regions, arena_span(arena, u->call.region), u->events);
	return true;
}

static int fact_order(const void *a, const void *b)
{
	const struct need_row *x = a, *y = b;
	int c = span_cmp(x->action, y->action);
	c = c ? c : (x->use > y->use) - (x->use < y->use);
	c = c ? c : span_cmp(x->type, y->type);
	return c ? c : span_cmp(x->resource, y->resource);
}

/* ---- days */

static bool take_call_day(void *data, int64_t call, int64_t day, uint64_t events)
{
	struct reader *k = data;
	if (k->n_days == k->days_room) {
		k->days_room = k->days_room ? 2 * k->days_room : 256;
		k->days = xreallocarray(k->days, k->days_room, sizeof *k->days);
	}
	k->days[k->n_days++] = (struct call_day){call, day};
	return true;
}

static struct span day_text(struct arena *arena, int64_t day)
{
	char text[WHEN_SIZE];
	return arena_span(arena, span_of(when_format_day(day * WHEN_DAY_SECONDS, text)));
}

static struct span days_text(struct arena *arena, int64_t first, int64_t last)
{
	struct span from = day_text(arena, first), to = day_text(arena, last);
	return first == last ? from
	                     : arena_printf(arena, "%.*s to %.*s", SPAN_ARG(from), SPAN_ARG(to));
}

static void add_reduced(struct reader *k)
{
	if (k->reduced_last >= k->reduced_first)
		names_add(&k->e->reduced,
		          days_text(&k->e->arena, k->reduced_first, k->reduced_last),
		          (uint64_t)(k->reduced_last - k->reduced_first + 1));
}

static bool take_reduced_day(void *data, const struct reduced_day *d)
{
	struct reader *k = data;
	if (k->reduced_last < k->reduced_first || d->day > k->reduced_last + 1) {
		add_reduced(k);
		k->reduced_first = d->day;
	}
	k->reduced_last = d->day;
	return true;
}

static bool take_log_day(void *data, int64_t day, uint64_t events, uint64_t new_access)
{
	struct reader *k = data;
	struct explanation *e = k->e;
	if (e->days_of_log++ == 0)
		e->log_first = day;
	else if (day > k->day_before + 1) {
		names_add(&e->gaps, days_text(&e->arena, k->day_before + 1, day - 1),
		          (uint64_t)(day - k->day_before - 1));
	}
	e->log_last = k->day_before = day;
	return true;
}

/* ---- services */

/* Event sources whose resource-level calls CloudTrail logs only where data events were switched on
 * (CloudTrail user guide, "Logging data events"). */
static const char *const data_sources[] = {
        "bedrock.amazonaws.com",    "cassandra.amazonaws.com",   "cognito-identity.amazonaws.com",
        "dynamodb.amazonaws.com",   "kinesis.amazonaws.com",     "lambda.amazonaws.com",
        "s3.amazonaws.com",         "sagemaker.amazonaws.com",   "sns.amazonaws.com",
        "sqs.amazonaws.com",        "ssmmessages.amazonaws.com", "swf.amazonaws.com",
        "timestream.amazonaws.com", "xray.amazonaws.com"};

static bool take_service(void *data, const struct event_name_row *row)
{
	struct reader *k = data;
	for (size_t i = 0; i < sizeof data_sources / sizeof *data_sources; i++)
		if (span_is(row->source, data_sources[i]) && row->data_events == 0 &&
		    !row->captured)
			names_add(&k->e->no_data_events, arena_span(&k->e->arena, row->source),
			          row->events);
	return true;
}

/* ---- permissions */

static int by_call_day(const void *a, const void *b)
{
	const struct call_day *x = a, *y = b;
	int c = (x->call > y->call) - (x->call < y->call);
	return c ? c : (x->day > y->day) - (x->day < y->day);
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static size_t unique_numbers(int64_t *v, size_t n)
{
	size_t left = 0;
	if (n)
		qsort(v, n, sizeof *v, by_number);
	for (size_t i = 0; i < n; i++)
		if (left == 0 || v[left - 1] != v[i])
			v[left++] = v[i];
	return left;
}

/* The days of all calls. */
static void days_make(struct reader *k)
{
	struct explanation *e = k->e;
	int64_t *days = xcalloc(k->n_days + 1, sizeof *days);
	for (size_t i = 0; i < k->n_days; i++)
		days[i] = k->days[i].day;
	e->days_seen = unique_numbers(days, k->n_days);
	if (e->days_seen) {
		e->first_day = days[0];
		e->last_day = days[e->days_seen - 1];
	}
	free(days);
}

/* The days of n calls (sorted, without duplicates). */
static size_t days_of(const struct reader *k, const int64_t *calls, size_t n)
{
	size_t room = 0, made = 0;
	int64_t *days = NULL;
	for (size_t i = 0; i < n; i++) {
		size_t lo = 0, hi = k->n_days;
		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;
			if (k->days[mid].call < calls[i])
				lo = mid + 1;
			else
				hi = mid;
		}
		for (; lo < k->n_days && k->days[lo].call == calls[i]; lo++) {
			if (made == room) {
				room = room ? 2 * room : 64;
				days = xreallocarray(days, room, sizeof *days);
			}
			days[made++] = k->days[lo].day;
		}
	}
	made = unique_numbers(days, made);
	free(days);
	return made;
}

static int by_resource(const void *a, const void *b)
{
	const struct seen_resource *x = a, *y = b;
	int c = span_cmp(x->type, y->type);
	c = c ? c : span_cmp(x->arn, y->arn);
	return c ? c : (x->origin > y->origin) - (x->origin < y->origin);
}

static void resources_of(struct reader *k, const struct need_row *f, size_t n, struct permission *p)
{
	struct seen_resource *v = arena_alloc(&k->e->arena, (n + 1) * sizeof *v);
	size_t left = 0;
	for (size_t i = 0; i < n; i++)
		v[i] = (struct seen_resource){f[i].type, f[i].resource, f[i].origin,
		                              k->uses[f[i].use].events};
	if (n)
		qsort(v, n, sizeof *v, by_resource);
	for (size_t i = 0; i < n; i++) {
		bool same = left && span_eq(v[left - 1].type, v[i].type) &&
		            span_eq(v[left - 1].arn, v[i].arn);
		if (same)
			v[left - 1].events += v[i].events;
		else
			v[left++] = v[i];
	}
	p->resources = v;
	p->n_resources = left;
}

/* The earliest event of the calls; of equally early ones the least id. */
static enum status sample_of(struct reader *k, const struct need_row *f, size_t n,
                             struct permission *p)
{
	int64_t asked = 0;
	for (size_t i = 0; i < n; i++) {
		struct evidence v;
		if (k->uses[f[i].use].first != p->first || f[i].call == asked)
			continue;
		asked = f[i].call;
		enum status status =
		        store_evidence(k->s->store, f[i].call, &k->e->arena, &v, k->err);
		if (status == STATUS_STOP)
			return status;
		if (status == STATUS_OK &&
		    (!p->has_sample || v.time < p->sample.time ||
		     (v.time == p->sample.time && span_cmp(v.event_id, p->sample.event_id) < 0))) {
			p->sample = v;
			p->has_sample = true;
		}
	}
	return STATUS_OK;
}

/* From the facts of one action. */
static enum status permission_fill(struct reader *k, const struct need_row *f, size_t n,
                                   struct permission *p)
{
	int64_t *calls = xcalloc(n + 1, sizeof *calls);
	p->rule = n ? f[0].rule : 0;
	p->need = n ? f[0].need : 0;
	for (size_t i = 0; i < n; i++) {
		const struct use *u = &k->uses[f[i].use];
		calls[i] = f[i].call;
		if (f[i].need < p->need)
			p->need = f[i].need;
		if (i && f[i].use == f[i - 1].use)
			continue;
		p->first = p->events ? (u->first < p->first ? u->first : p->first) : u->first;
		p->last = p->events ? (u->last > p->last ? u->last : p->last) : u->last;
		p->events += u->events;
		names_add(&p->calls, u->name, u->events);
		if (u->agent.n)
			names_add(&p->agents, u->agent, u->events);
		if (u->network.n)
			names_add(&p->networks, u->network, u->events);
		if (u->via.n)
			names_add(&p->via, u->via, u->events);
	}
	p->n_calls = unique_numbers(calls, n);
	p->days = days_of(k, calls, p->n_calls);
	free(calls);
	names_rank(&p->calls);
	names_rank(&p->agents);
	names_rank(&p->networks);
	names_rank(&p->via);
	resources_of(k, f, n, p);
	if (n) {
		const struct use *u = &k->uses[f[0].use];
		const struct operation *op = mapping_event(k->s->mapping, u->source, u->event);
		p->document = op ? operation_document(op) : SPAN_NONE;
	}
	return sample_of(k, f, n, p);
}

static void facts_find(const struct reader *k, struct span action, size_t *from, size_t *to)
{
	size_t lo = 0, hi = k->n_facts;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (span_cmp(k->facts[mid].action, action) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (*from = lo; lo < k->n_facts && span_eq(k->facts[lo].action, action);)
		lo++;
	*to = lo;
}

static bool grants_on(const struct permission *p, struct span resource)
{
	return pattern_texts_any_covers(p->patterns, p->n_patterns, resource, false);
}

/* Of n facts of a permission's action those that its statement grants: on its resources, for the
 * service that the role is passed to, by calls that its service made. Their number; in kept. */
static size_t facts_granted(const struct reader *k, const struct need_row *f, size_t n,
                            const struct permission *p, struct need_row *kept)
{
	size_t left = 0;
	for (size_t i = 0; i < n; i++)
		if ((!p->passed_to.n || span_eq(p->passed_to, f[i].passed_to)) &&
		    (!p->via_service.n || span_eq(p->via_service, k->uses[f[i].use].via)) &&
		    grants_on(p, f[i].resource))
			kept[left++] = f[i];
	return left;
}

/* The evidence behind a permission. Where nothing that was seen fits its statement (a pattern that
 * was written otherwise than it was seen), that of the action. */
static enum status permission_explain(struct reader *k, struct permission *p)
{
	size_t from, to;
	facts_find(k, p->action, &from, &to);
	struct need_row *kept = arena_alloc(&k->e->arena, (to - from + 1) * sizeof *kept);
	size_t n = facts_granted(k, k->facts + from, to - from, p, kept);
	if (n == 0 && to > from) {
		n = to - from;
		memcpy(kept, k->facts + from, n * sizeof *kept);
	}
	return permission_fill(k, kept, n, p);
}

static void folds_of(const struct policy *p, struct arena *arena, struct permission *x)
{
	size_t lo = 0, hi = p->n_folds;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (span_cmp(p->folds[mid].action, x->action) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	struct policy_fold *kept = arena_alloc(arena, (p->n_folds - lo + 1) * sizeof *kept);
	x->folds = kept;
	for (; lo < p->n_folds && span_eq(p->folds[lo].action, x->action); lo++)
		for (size_t i = 0; i < x->n_patterns; i++)
			if (span_eq(x->patterns[i], p->folds[lo].pattern)) {
				kept[x->n_folds++] = p->folds[lo];
				break;
			}
}

static struct permission *permission_new(struct explanation *e, size_t *room)
{
	if (e->n == *room) {
		*room = *room ? 2 * *room : 64;
		e->permissions = xreallocarray(e->permissions, *room, sizeof *e->permissions);
	}
	e->permissions[e->n] = (struct permission){.events = 0};
	return &e->permissions[e->n++];
}

static void permission_add(struct reader *k, const struct policy *p,
                           const struct policy_statement *s, struct span action, size_t *room)
{
	struct permission *x = permission_new(k->e, room);
	const struct sar_action *sar = sar_action(k->s->mapping, action);
	*x = (struct permission){.action = action,
	                         .sid = s->sid,
	                         .origin = s->origin,
	                         .level = sar ? sar_action_level(sar) : s->level,
	                         .passed_to = s->passed_to,
	                         .via_service = s->via,
	                         .n_patterns = s->n_resources};
	x->patterns = arena_alloc(&k->e->arena, (s->n_resources + 1) * sizeof *x->patterns);
	if (s->n_resources)
		memcpy(x->patterns, s->resources, s->n_resources * sizeof *x->patterns);
}

/* The actions that a statement's entry stands for: itself, or those seen that its wildcard fits. */
static void actions_of_entry(struct reader *k, const struct policy *p,
                             const struct policy_statement *s, struct span entry, size_t *room)
{
	bool found = false;
	for (size_t i = 0; pattern_text_has_wildcard(entry) && i < k->n_facts; i++) {
		const struct need_row *f = &k->facts[i];
		if (f->need == NEED_DEPENDENT || (i && span_eq(f->action, f[-1].action) && found) ||
		    !pattern_text_covers(entry, f->action, true))
			continue;
		permission_add(k, p, s, f->action, room);
		found = true;
	}
	if (!found)
		permission_add(k, p, s, entry, room);
}

static int permission_order(const void *a, const void *b)
{
	const struct permission *x = a, *y = b;
	int c = span_cmp(x->action, y->action);
	c = c ? c : (x->origin > y->origin) - (x->origin < y->origin);
	return c ? c : span_cmp(x->sid, y->sid);
}

/* A statement that was split over documents is one again. */
static void permissions_join(struct explanation *e)
{
	size_t left = 0;
	for (size_t i = 0; i < e->n; i++) {
		struct permission *x = &e->permissions[i],
		                  *to = left ? &e->permissions[left - 1] : NULL;
		if (!to || permission_order(to, x) != 0) {
			e->permissions[left++] = *x;
			continue;
		}
		size_t n = to->n_patterns + x->n_patterns;
		struct span *all = arena_alloc(&e->arena, (n + 1) * sizeof *all);
		memcpy(all, to->patterns, to->n_patterns * sizeof *all);
		memcpy(all + to->n_patterns, x->patterns, x->n_patterns * sizeof *all);
		to->patterns = all;
		to->n_patterns = spans_sort_unique(all, n);
	}
	e->n = left;
}

static enum status permissions_make(struct reader *k, const struct policy *p)
{
	struct explanation *e = k->e;
	size_t room = 0;
	for (size_t d = 0; d < p->n_documents; d++)
		for (size_t i = 0; i < p->documents[d].n_statements; i++) {
			const struct policy_statement *s = &p->documents[d].statements[i];
			if (s->deny || s->not_action)
				continue;
			for (size_t a = 0; a < s->n_actions; a++)
				actions_of_entry(k, p, s, s->actions[a], &room);
		}
	if (e->n)
		qsort(e->permissions, e->n, sizeof *e->permissions, permission_order);
	permissions_join(e);
	for (size_t i = 0; i < e->n; i++) {
		folds_of(p, &e->arena, &e->permissions[i]);
		if (e->permissions[i].origin != STATEMENT_SIBLING &&
		    permission_explain(k, &e->permissions[i]) != STATUS_OK)
			return STATUS_STOP;
	}
	return STATUS_OK;
}

/* The last day on which the policy had to grow: a new action, or a new pattern of it. A new object
 * key below a pattern that was there is none. */
static void last_new_make(struct reader *k)
{
	enum { COMPARED = 64 }; /* patterns of one action: beyond, only the action counts */
	for (size_t i = 0; i < k->e->n; i++) {
		const struct permission *p = &k->e->permissions[i];
		size_t from, to, n = p->n_patterns < COMPARED ? p->n_patterns : 0;
		int64_t first[COMPARED + 1];
		for (size_t q = 0; q <= n; q++)
			first[q] = INT64_MAX;
		facts_find(k, p->action, &from, &to);
		for (size_t f = from; f < to; f++) {
			int64_t at = k->uses[k->facts[f].use].first;
			for (size_t q = 0; q < n; q++)
				if (at < first[q] &&
				    pattern_text_covers(p->patterns[q], k->facts[f].resource,
				                        false))
					first[q] = at;
			if (at < first[n])
				first[n] = at;
		}
		for (size_t q = 0; q <= n; q++)
			if (first[q] != INT64_MAX && when_day(first[q]) > k->e->last_new_day)
				k->e->last_new_day = when_day(first[q]);
	}
}

/* Dependents of what was called that no statement allows. */
static void dependents_make(struct reader *k)
{
	struct explanation *e = k->e;
	for (size_t i = 0, to; i < k->n_facts; i = to) {
		bool dependent = true, granted = false;
		for (to = i; to < k->n_facts && span_eq(k->facts[to].action, k->facts[i].action);
		     to++)
			dependent &= k->facts[to].need == NEED_DEPENDENT;
		for (size_t p = 0; dependent && p < e->n && !granted; p++)
			granted = span_eq(e->permissions[p].action, k->facts[i].action);
		if (dependent && !granted)
			names_add(&e->dependents, k->facts[i].action, to - i);
	}
}

static bool take_quiet_day(void *data, int64_t day, uint64_t events, uint64_t new_access)
{
	((struct reader *)data)->e->quiet_days++;
	return true;
}

static bool read_quiet_days(struct reader *k, const struct policy_request *r)
{
	struct store_window after = r->window;
	int64_t from = (k->e->last_new_day + 1) * WHEN_DAY_SECONDS;
	if (from > after.since)
		after.since = from;
	return after.since >= after.until ||
	       store_each_log_day(k->s->store, &after, true, take_quiet_day, k, k->err) == STATUS_OK;
}

static bool read_log(struct reader *k, const struct policy_request *r, const struct subject *who)
{
	struct store_filter log = {.window = r->window}, mine = gather_filter(r, who);
	return store_each_reduced_day(k->s->store, &mine, take_reduced_day, k, k->err) ==
	               STATUS_OK &&
	       store_each_log_day(k->s->store, &log.window, true, take_log_day, k, k->err) == STATUS_OK &&
	       store_each_service(k->s->store, &log, take_service, k, k->err) == STATUS_OK;
}

static bool read_subject(struct reader *k, const struct policy_request *r,
                         const struct subject *who)
{
	struct store *store = k->s->store;
	struct store_filter mine = gather_filter(r, who);
	policy_request_filter(r, &mine);
	if (r->options.denied != DENIED_LEAVE_OUT)
		mine.outcomes |= 1u << OUTCOME_DENIED;
	return store_each_call(store, &mine, take_call, k, k->err) == STATUS_OK &&
	       store_each_call_day(store, &mine, take_call_day, k, k->err) == STATUS_OK;
}

static enum status explain_policy(const struct policy_request *r, struct policy_source *s,
                                  const struct subject *who, enum explain_scope scope,
                                  struct explanation *out, struct err *err)
{
	struct reader k = {.s = s, .e = out, .err = err, .reduced_last = -1};
	arena_init(&k.scratch);
	bool ok = read_subject(&k, r, who) && (scope == EXPLAIN_SUBJECT || read_log(&k, r, who));
	if (ok) {
		add_reduced(&k);
		if (k.n_facts)
			qsort(k.facts, k.n_facts, sizeof *k.facts, fact_order);
		if (k.n_days)
			qsort(k.days, k.n_days, sizeof *k.days, by_call_day);
		days_make(&k);
		ok = permissions_make(&k, &out->policy) == STATUS_OK;
		dependents_make(&k);
		last_new_make(&k);
		ok = ok && (scope == EXPLAIN_SUBJECT || read_quiet_days(&k, r));
		names_rank(&out->regions);
	}
	free(k.facts);
	free(k.uses);
	free(k.days);
	arena_release(&k.scratch);
	return ok ? STATUS_OK : STATUS_STOP;
}

enum status explain_subject(const struct policy_request *r, struct policy_source *s,
                            const struct subject *who, enum explain_scope scope,
                            struct explanation *out, struct err *err)
{
	*out = (struct explanation){.n = 0};
	arena_init(&out->arena);
	gathered_init(&out->gathered);
	policy_init(&out->policy);
	enum status status = gather_subject(r, s, who, &out->gathered, err);
	if (status == STATUS_OK)
		status = gather_policy(s, &out->gathered, &out->policy, err);
	if (status == STATUS_OK)
		gather_judge_denials(&out->gathered, &out->policy);
	out->empty = status == STATUS_END;
	if (status != STATUS_OK && status != STATUS_END)
		return STATUS_STOP;
	return explain_policy(&out->gathered.request, s, who, scope, out, err);
}

void explanation_release(struct explanation *e)
{
	for (size_t i = 0; i < e->n; i++) {
		names_release(&e->permissions[i].calls);
		names_release(&e->permissions[i].agents);
		names_release(&e->permissions[i].networks);
		names_release(&e->permissions[i].via);
	}
	free(e->permissions);
	names_release(&e->dependents);
	names_release(&e->gaps);
	names_release(&e->reduced);
	names_release(&e->no_data_events);
	names_release(&e->regions);
	policy_release(&e->policy);
	gathered_release(&e->gathered);
	arena_release(&e->arena);
	*e = (struct explanation){.n = 0};
}
