/* evaluate.c - evaluator: see evaluate.h. Which statements concern an action is looked up once per
 * action and remembered: there are few distinct actions, and matching names would be most of the
 * work. */
#include "config.h"

#include "evaluator/evaluate-internal.h"

#include "base/alloc.h"

#include <stdlib.h>

const char *layer_name(enum layer layer)
{
	static const char *const names[] = {"scp", "identity", "boundary", "session",
	                                    "resource"};
	return names[layer];
}

const char *decision_name(enum decision decision)
{
	static const char *const names[] = {"allowed", "implicitDeny", "explicitDeny", "depends"};
	return names[decision];
}

/* ---- groups: each must allow */

static int by_group(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	return x->level < y->level ? -1 : x->level > y->level;
}

static size_t group_of(const struct evaluator *e, enum layer layer, size_t level)
{
	for (size_t i = 0; i < e->n_groups; i++)
		if (e->groups[i].layer == layer && e->groups[i].level == level)
			return i;
	return e->n_groups;
}

static void find_groups(struct evaluator *e)
{
	e->groups = arena_alloc(&e->arena, (e->n_policies + 1) * sizeof *e->groups);
	e->groups[e->n_groups++] = (struct group){LAYER_IDENTITY, 0};
	for (size_t i = 0; i < e->n_policies; i++) {
		const struct layered *p = &e->policies[i];
		if (group_of(e, p->layer, p->level) == e->n_groups)
			e->groups[e->n_groups++] = (struct group){p->layer, p->level};
	}
	qsort(e->groups, e->n_groups, sizeof *e->groups, by_group);
}

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->statement->text->deny != y->statement->text->deny)
		return x->statement->text->deny ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->policy != y->policy)
		return x->policy < y->policy ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* All statements: the denies of every group first, then the allows group by group. */
static void rank_statements(struct evaluator *e)
{
	size_t total = 0;
	for (size_t i = 0; i < e->n_policies; i++)
		total += e->policies[i].document ? e->policies[i].document->n_statements : 0;
	e->ranked = arena_alloc(&e->arena, (total + 1) * sizeof *e->ranked);
	for (size_t i = 0; i < e->n_policies; i++) {
		const struct layered *p = &e->policies[i];
		for (size_t j = 0; p->document && j < p->document->n_statements; j++)
			e->ranked[e->n_ranked++] = (struct ranked){
			        &p->document->statements[j], group_of(e, p->layer, p->level), i, j};
	}
	if (e->n_ranked)
		qsort(e->ranked, e->n_ranked, sizeof *e->ranked, by_rank);
}

struct evaluator *evaluator_new(const struct layered *policies, size_t n)
{
	struct evaluator *e = xcalloc(1, sizeof *e);
	arena_init(&e->arena);
	e->policies = arena_alloc(&e->arena, (n + 1) * sizeof *e->policies);
	if (n)
		memcpy(e->policies, policies, n * sizeof *policies);
	e->n_policies = n;
	find_groups(e);
	rank_statements(e);
	return e;
}

void evaluator_free(struct evaluator *e)
{
	if (!e)
		return;
	arena_release(&e->arena);
	free(e->slots);
	free(e);
}

/* ---- which statements concern an action */

bool statement_concerns(const struct statement *s, struct span action)
{
	for (size_t i = 0; i < s->text->n_actions; i++)
		if (pattern_match(s->actions[i], action))
			return !s->text->not_action;
	return s->text->not_action;
}

/* FNV-1a; only spreads, nothing relies on it: the table is bounded by the actions asked for. */
static size_t spread(struct span s)
{
	uint64_t h = 14695981039346656037u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static void grow_slots(struct evaluator *e)
{
	size_t room = e->n_slots ? e->n_slots * 2 : 64;
	struct concern **slots = xcalloc(room, sizeof(struct concern *));
	for (size_t i = 0; i < e->n_slots; i++) {
		struct concern *c = e->slots[i];
		if (!c)
			continue;
		size_t at = spread(c->action) & (room - 1);
		while (slots[at])
			at = (at + 1) & (room - 1);
		slots[at] = c;
	}
	free(e->slots);
	e->slots = slots;
	e->n_slots = room;
}

static struct concern *concern_new(struct evaluator *e, struct span action)
{
	struct concern *c = arena_calloc(&e->arena, 1, sizeof *c);
	size_t *which = xcalloc(e->n_ranked + 1, sizeof *which);
	c->action = arena_span(&e->arena, action);
	for (size_t i = 0; i < e->n_ranked; i++) {
		if (!statement_concerns(e->ranked[i].statement, action))
			continue;
		c->denies += e->ranked[i].statement->text->deny;
		which[c->n++] = i;
	}
	c->which = arena_alloc(&e->arena, (c->n + 1) * sizeof *c->which);
	memcpy(c->which, which, c->n * sizeof *which);
	free(which);
	return c;
}

const struct concern *evaluator_concern(struct evaluator *e, struct span action)
{
	if (e->n_concerns * 2 >= e->n_slots)
		grow_slots(e);
	size_t at = spread(action) & (e->n_slots - 1);
	while (e->slots[at]) {
		if (span_eq(e->slots[at]->action, action))
			return e->slots[at];
		at = (at + 1) & (e->n_slots - 1);
	}
	e->n_concerns++;
	return e->slots[at] = concern_new(e, action);
}

/* ---- does a statement apply */

static enum truth truth_not(enum truth t)
{
	return t == TRUTH_YES ? TRUTH_NO : t == TRUTH_NO ? TRUTH_YES : TRUTH_MAYBE;
}

enum truth statement_resource(const struct statement *s, const struct request *r)
{
	if (s->text->n_resources == 0)
		return TRUTH_YES;
	enum truth best = TRUTH_NO;
	for (size_t i = 0; i < s->text->n_resources && best != TRUTH_YES; i++) {
		const struct policy_text *t = &s->resources[i];
		/* resources of one policy begin alike and differ where their plain beginning ends
		 */
		if (t->prefix && !r->resource_partial &&
		    (r->resource.n < t->prefix || r->resource.p[t->prefix - 1] != t->prefix_end))
			continue;
		enum truth one = r->resource_partial
		                         ? policy_text_meet(t, &r->keys, r->resource)
		                         : policy_text_match(t, &r->keys, r->resource);
		if (one > best)
			best = one;
	}
	if (!s->text->not_resource)
		return best;
	return truth_not(best);
}

/* Without the Principal element. */
static enum truth applies_on(const struct statement *s, const struct request *r)
{
	enum truth result = statement_resource(s, r);
	for (size_t i = 0; i < s->text->n_conditions && result != TRUTH_NO; i++) {
		enum truth one = test_evaluate(&s->tests[i], &r->keys);
		if (one < result)
			result = one;
	}
	return result;
}

bool statement_hangs(const struct statement *s, const struct request *r)
{
	if (s->text->n_principals && !s->text->not_principal &&
	    principal_match(s, r->principal) == PRINCIPAL_OTHER)
		return false;
	return applies_on(s, r) == TRUTH_MAYBE;
}

/* nearly all statements have no such element */
static enum principal_match match_of(const struct statement *s, const struct request *r)
{
	return s->text->n_principals ? principal_match(s, r->principal) : PRINCIPAL_ANY;
}

enum truth statement_applies(const struct statement *s, const struct request *r)
{
	enum principal_match who = match_of(s, r);
	/* "the account ... can delegate": an Allow for it grants nothing by itself */
	if (who == PRINCIPAL_OTHER || (who == PRINCIPAL_OF_ACCOUNT && !s->text->deny))
		return TRUTH_NO;
	return applies_on(s, r);
}

/* ---- the decision */

static void decided(struct verdict *v, const struct evaluator *e, enum decision decision,
                    const struct ranked *r)
{
	v->decision = decision;
	v->layer = e->groups[r->group].layer;
	v->level = e->groups[r->group].level;
	v->policy = r->policy;
	v->statement = r->index;
}

/* "The NotPrincipal element with a Deny effect will always deny any IAM principal that has a permissions
 * boundary policy attached, regardless of the values" (access_policies_boundaries). */
static enum truth denies(const struct statement *s, const struct request *r, bool boundary)
{
	return boundary && s->text->not_principal ? applies_on(s, r) : statement_applies(s, r);
}

static bool decide_denies(const struct evaluator *e, const struct concern *c,
                          const struct request *r, bool *maybe, struct verdict *v)
{
	bool boundary = false;
	for (size_t i = 0; i < e->n_groups; i++)
		boundary = boundary || e->groups[i].layer == LAYER_BOUNDARY;
	boundary = boundary && principal_may_have_boundary(r->principal);
	for (size_t i = 0; i < c->denies; i++) {
		const struct ranked *one = &e->ranked[c->which[i]];
		enum truth t = denies(one->statement, r, boundary);
		if (t == TRUTH_YES) {
			decided(v, e, DECISION_EXPLICIT_DENY, one);
			return true;
		}
		*maybe = *maybe || t == TRUTH_MAYBE;
	}
	return false;
}

struct allowance {
	enum truth by_any;     /* a statement of the group */
	enum truth by_named;   /* one that names the user or the session */
	enum truth by_own;     /* one without a Principal: of an identity-based policy */
	enum truth by_consent; /* one with a Principal, which may be the account */
	const struct ranked *statement, *own; /* those that first made it so */
};

/* "Permissions boundaries and session policies do not limit permissions granted using the
 * aws:PrincipalArn condition key with a wildcard(*) in the Principal element". */
static bool names_by_condition(const struct statement *s)
{
	bool everyone = s->everyone && !s->text->not_principal;
	for (size_t i = 0; i < s->n_principals && !s->text->not_principal; i++)
		everyone = everyone || (s->principals[i].kind == ID_AWS &&
		                        span_is(s->principals[i].text, "*"));
	for (size_t i = 0; everyone && i < s->text->n_conditions; i++) {
		const struct test *t = &s->tests[i];
		if (span_is(t->key, "aws:principalarn") && !t->negated && !t->if_exists &&
		    t->quantifier == QUANTIFIER_NONE && t->comparison != COMPARE_NULL)
			return true;
	}
	return false;
}

static void add_allow(struct allowance *a, const struct ranked *one, const struct request *r)
{
	const struct statement *s = one->statement;
	enum principal_match who = match_of(s, r);
	bool by_resource = s->text->n_principals > 0;
	bool named = by_resource && (who == PRINCIPAL_NAMED ||
	                             (who == PRINCIPAL_ANY && names_by_condition(s)));
	enum truth *side = by_resource ? &a->by_consent : &a->by_own;
	bool settled = a->by_any == TRUTH_YES && *side == TRUTH_YES;
	if (who == PRINCIPAL_OTHER || (settled && (!named || a->by_named == TRUTH_YES)))
		return;
	enum truth t = applies_on(s, r);
	*side = t > *side ? t : *side;
	if (t == TRUTH_YES && !by_resource && !a->own)
		a->own = one;
	if (who == PRINCIPAL_OF_ACCOUNT)
		return;
	if (t == TRUTH_YES && a->by_any != TRUTH_YES)
		a->statement = one;
	a->by_any = t > a->by_any ? t : a->by_any;
	if (named && t > a->by_named)
		a->by_named = t;
}

/* Whether the group allows; *at moves behind its statements. */
static struct allowance group_allows(const struct evaluator *e, const struct concern *c,
                                     const struct request *r, size_t group, size_t *at)
{
	struct allowance a = {.by_any = TRUTH_NO};
	for (; *at < c->n && e->ranked[c->which[*at]].group == group; (*at)++)
		add_allow(&a, &e->ranked[c->which[*at]], r);
	return a;
}

/* Whether a statement is about actions of the service, of which any stands for all. */
static bool speaks_of(const struct statement *s, struct span any)
{
	for (size_t i = 0; i < s->text->n_actions; i++)
		if (s->text->not_action ? pattern_match(s->actions[i], any)
		                        : pattern_meets(s->actions[i], any))
			return !s->text->not_action;
	return s->text->not_action;
}

/* Whether a resource-based policy is given that is about the service of any. What only denies may
 * as well be a resource control policy, or another resource's. */
static bool has_resource_policy(const struct evaluator *e, struct span any)
{
	for (size_t i = 0; i < e->n_ranked; i++) {
		const struct statement *s = e->ranked[i].statement;
		if (s->text->n_principals && !s->text->deny && speaks_of(s, any))
			return true;
	}
	return false;
}

/* Whether the resource's own policy must allow within one account, too. */
static bool resource_must_allow(const struct evaluator *e, const struct concern *c,
                                const struct request *r)
{
	char any[8];
	size_t service = (size_t)span_chr(c->action, ':') + 1; /* "kms:" or "sts:" */
	if (!resource_policy_decides(c->action, r->resource) || service >= sizeof any)
		return false;
	memcpy(any, c->action.p, service);
	any[service] = PATTERN_UNKNOWN_RUN;
	return has_resource_policy(e, span_make(any, service + 1));
}

/* What identity-based policies and the resource's say together; *layer: which of them says no. */
static enum truth sides_allow(const struct evaluator *e, const struct concern *c,
                              const struct request *r, bool across, struct allowance *a,
                              enum layer *layer)
{
	if (across) {
		a->by_any = a->by_own;
		a->by_named = TRUTH_NO;
		a->statement = a->own;
	} else if (a->by_own > a->by_any) {
		a->by_any = a->by_own;
	}
	if ((!across && !resource_must_allow(e, c, r)) || a->by_consent >= a->by_any)
		return a->by_any;
	*layer = LAYER_RESOURCE;
	return a->by_consent;
}

/* The same where it may not be known whether they are of one account. */
static enum truth both_sides(const struct evaluator *e, const struct concern *c,
                             const struct request *r, struct allowance *a, enum layer *layer)
{
	enum truth across = request_is_across(r);
	if (r->complete && principal_is_root(r->principal))
		a->by_own = TRUTH_YES;
	if (across != TRUTH_MAYBE)
		return sides_allow(e, c, r, across == TRUTH_YES, a, layer);
	struct allowance other = *a;
	enum layer ignored;
	enum truth one = sides_allow(e, c, r, false, a, layer),
	           two = sides_allow(e, c, r, true, &other, &ignored);
	if (a->by_named == TRUTH_YES)
		a->by_named = TRUTH_MAYBE;
	return one == two ? one : TRUTH_MAYBE;
}

void evaluate_plain(const struct evaluator *e, const struct concern *c, const struct request *r,
                    struct verdict *v)
{
	bool maybe_deny = false;
	enum truth allow = TRUTH_YES;
	struct allowance identity = {.by_any = TRUTH_NO};
	*v = (struct verdict){.policy = VERDICT_NO_POLICY};
	if (decide_denies(e, c, r, &maybe_deny, v))
		return;
	size_t at = c->denies;
	for (size_t g = 0; g < e->n_groups; g++) {
		enum layer layer = e->groups[g].layer;
		struct allowance a = group_allows(e, c, r, g, &at);
		enum truth one = a.by_any;
		if (layer == LAYER_IDENTITY) {
			one = both_sides(e, c, r, &a, &layer);
			identity = a;
		}
		/* what a resource's policy grants to a user or a session by name is not limited by
		 * an implicit deny of the boundary or the session's policy */
		if ((layer == LAYER_BOUNDARY || layer == LAYER_SESSION) && identity.by_named > one)
			one = identity.by_named;
		if (one < allow) {
			allow = one;
			v->layer = layer;
			v->level = e->groups[g].level;
		}
	}
	if (maybe_deny || allow == TRUTH_MAYBE)
		v->decision = DECISION_DEPENDS;
	else if (allow == TRUTH_NO)
		v->decision = DECISION_IMPLICIT_DENY;
	else if (identity.statement)
		decided(v, e, DECISION_ALLOWED, identity.statement);
	else
		*v = (struct verdict){DECISION_ALLOWED, LAYER_IDENTITY, 0, VERDICT_NO_POLICY, 0, NULL, 0};
}

void evaluate(struct evaluator *e, const struct request *request, struct arena *arena,
              struct verdict *out)
{
	char small[256];
	struct span action = request->action;
	if (action.n < sizeof small) {
		for (size_t i = 0; i < action.n; i++)
			small[i] = ascii_lower(action.p[i]);
		action.p = small;
	} else {
		action = lower_copy(arena, action);
	}
	const struct concern *c = evaluator_concern(e, action);
	evaluate_plain(e, c, request, out);
	if (out->decision == DECISION_DEPENDS)
		evaluate_worlds(e, c, request, arena, out);
}
