/* gather-trust.c - app: reads from the store who assumed a role, for its trust policy. */
#include "config.h"

#include "app/gather.h"

#include "base/alloc.h"
#include "builder/trust.h"
#include "call/arn.h"

#include <stdlib.h>

struct searcher {
	struct policy_source *s;
	struct gathered *g;
	const struct span *roles; /* their ARNs */
	size_t n_roles;
	struct assumption *found; /* free() */
	size_t n, room;
};

static struct span param_of(const struct call *c, const char *name)
{
	for (size_t i = 0; i < c->n_params; i++)
		if (span_eq_ci(c->params[i].path, span_of(name)))
			return c->params[i].state == PARAM_VALUE ? c->params[i].value
			                                         : SPAN_LIT("");
	return SPAN_NONE;
}

static bool param_there(const struct call *c, const char *name)
{
	struct span prefix = span_of(name);
	for (size_t i = 0; i < c->n_params; i++)
		if (span_starts_ci(c->params[i].path, prefix))
			return true;
	return false;
}

static bool is_role(const struct searcher *k, struct span arn)
{
	for (size_t i = 0; i < k->n_roles; i++)
		if (span_eq(k->roles[i], arn))
			return true;
	return false;
}

static bool assumes(const struct searcher *k, const struct call *c)
{
	if (is_role(k, param_of(c, "roleArn")))
		return true;
	for (size_t i = 0; i < c->n_resources; i++)
		if (is_role(k, c->resources[i].arn))
			return true;
	return false;
}

static bool take(void *data, const struct call_use *u)
{
	struct searcher *k = data;
	const struct call *c = &u->call;
	struct arena *a = &k->g->arena;
	struct arn arn;
	if (!span_is(c->source, "sts.amazonaws.com") ||
	    !span_starts(c->name, SPAN_LIT("AssumeRole")) || !assumes(k, c))
		return true;
	if (k->n == k->room) {
		k->room = k->room ? 2 * k->room : 64;
		k->found = xreallocarray(k->found, k->room, sizeof *k->found);
	}
	struct context *context = arena_alloc(a, sizeof *context);
	*context = (struct context){.source_network = arena_span(a, u->context.source_network),
	                            .vpc_endpoint = arena_span(a, u->context.vpc_endpoint),
	                            .session_tags = arena_span(a, u->context.session_tags),
	                            .mfa = u->context.mfa,
	                            .tls = u->context.tls};
	struct span external = param_of(c, "externalId");
	k->found[k->n++] = (struct assumption){
	        .action = arena_printf(a, "sts:%.*s", SPAN_ARG(c->name)),
	        .type = c->principal.type,
	        .principal = arena_span(a, c->principal.arn),
	        .partition = arn_parse(k->roles[0], &arn) ? arn.partition : SPAN_LIT("aws"),
	        .provider = arena_span(a, param_of(c, "principalArn")),
	        .external_id = external.n ? arena_span(a, external) : SPAN_NONE,
	        .tags = param_there(c, "tags") || param_there(c, "principalTags") ||
	                param_there(c, "incomingTransitiveTags"),
	        .source_identity = param_there(c, "sourceIdentity"),
	        .where = {arena_span(a, c->region), context},
	};
	return true;
}

struct role_names {
	const struct subject *who;
	struct arena *arena;
	struct span *v;
	size_t n;
};

static bool take_role(void *data, const struct principal_row *row)
{
	struct role_names *names = data;
	for (size_t i = 0; i < names->who->n; i++)
		if (names->who->ids[i] == row->id && row->principal.type == PRINCIPAL_ROLE)
			names->v[names->n++] = arena_span(names->arena, row->principal.arn);
	return true;
}

enum status gather_trust(const struct policy_request *r, struct policy_source *s,
                         const struct subject *who, struct gathered *g, struct policy *out,
                         struct err *err)
{
	struct role_names names = {.who = who, .arena = &g->arena};
	struct searcher k = {.s = s, .g = g};
	policy_init(out);
	policy_request_for(r, who->name, &g->arena, &g->request);
	r = &g->request;
	names.v = arena_alloc(&g->arena, (who->n + 1) * sizeof *names.v);
	enum status status = store_each_principal(s->store, SPAN_NONE, take_role, &names, err);
	if (status != STATUS_OK)
		return status;
	if (names.n == 0)
		return err_set(err, STATUS_STOP, "no-role", "only a role has a trust policy");
	k.roles = names.v;
	k.n_roles = names.n;
	struct store_filter filter = gather_filter(r, NULL);
	filter.outcomes = 1u << OUTCOME_ALLOWED;
	filter.tags = (r->options.conditions & 1u << CONDITION_PRINCIPAL_TAG) != 0;
	status = store_each_call(s->store, &filter, take, &k, err);
	if (status == STATUS_OK)
		status = trust_build(k.found, k.n, r->options.conditions, out);
	free(k.found);
	if (status == STATUS_OK && r->options.limit && out->documents[0].size > r->options.limit)
		return err_set(err, STATUS_STOP, "too-large",
		               "the trust policy takes %zu characters; the limit is %zu",
		               out->documents[0].size, r->options.limit);
	return status;
}
