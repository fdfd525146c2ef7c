/* event-conditions.c - builder: see event-conditions.h. */
#include "config.h"

#include "builder/event-conditions.h"

#include "call/region.h"
#include "policy/iam-text.h"

static const char *const names[CONDITION_KINDS] = {
        "region",     "source-vpce",       "source-ip",        "mfa",
        "called-via", "passed-to-service", "secure-transport", "principal-tag"};

const char *condition_name(enum condition_kind kind)
{
	return kind < CONDITION_KINDS ? names[kind] : "";
}

/* A forward access session carries the caller's identity and tags, but comes from the service's own
 * network; of aws:SourceIp, aws:SourceVpce and aws:SecureTransport AWS warns in each key's entry.
 * aws:MultiFactorAuthPresent is kept apart with them, because a log does not show it for such
 * calls. */
bool condition_breaks_fas(enum condition_kind kind)
{
	return kind == CONDITION_SOURCE_VPCE || kind == CONDITION_SOURCE_IP ||
	       kind == CONDITION_MFA || kind == CONDITION_SECURE_TRANSPORT ||
	       kind == CONDITION_CALLED_VIA;
}

/* Collects distinct values; false past CONDITION_MAX_VALUES. */
struct values {
	struct span v[CONDITION_MAX_VALUES + 1];
	size_t n;
};

static bool values_add(struct values *set, struct span v)
{
	for (size_t i = 0; i < set->n; i++)
		if (span_eq(set->v[i], v))
			return true;
	if (set->n == CONDITION_MAX_VALUES)
		return false;
	set->v[set->n++] = v;
	return true;
}

static void fill(struct values *set, const char *operator, const char * key, struct arena *arena,
                 struct policy_condition *out)
{
	struct span *v = arena_alloc(arena, (set->n + 1) * sizeof *v);
	for (size_t i = 0; i < set->n; i++)
		v[i] = arena_span(arena, set->v[i]);
	*out = (struct policy_condition){span_of(operator), span_of(key), v,
	                                 spans_sort_unique(v, set->n)};
}

/* The value of one row for a kind that takes one text a row; SPAN_NONE: not shown. */
static struct span value_of(enum condition_kind kind, const struct condition_use *u)
{
	const struct context *c = u->where ? u->where->context : NULL;
	switch (kind) {
	case CONDITION_REGION: return u->where ? region_told(u->where->region) : SPAN_NONE;
	case CONDITION_SOURCE_VPCE: return c ? c->vpc_endpoint : SPAN_NONE;
	case CONDITION_SOURCE_IP: {
		/* a name is a service's; an address always has a digit or a colon */
		struct span s = c ? c->source_network : SPAN_NONE;
		bool address = s.n && (span_chr(s, ':') >= 0 || ascii_digit(s.p[0]));
		return address ? s : SPAN_NONE;
	}
	case CONDITION_CALLED_VIA: return u->use->via;
	case CONDITION_PASSED_TO: return u->use->access.passed_to;
	default: return SPAN_NONE;
	}
}

static const struct {
	const char *operator, * key, *missing, *many;
} text_kinds[CONDITION_KINDS] = {
        [CONDITION_REGION] = {"StringEquals", "aws:RequestedRegion", "an event shows no region",
                              "too many regions"},
        [CONDITION_SOURCE_VPCE] = {"StringEquals", "aws:SourceVpce",
                                   "an event did not come through a VPC endpoint",
                                   "too many VPC endpoints"},
        [CONDITION_SOURCE_IP] = {"IpAddress", "aws:SourceIp", "an event shows no source address",
                                 "too many source addresses"},
        [CONDITION_CALLED_VIA] = {"ForAnyValue:StringEquals", "aws:CalledVia",
                                  "an event was no call through a service", "too many services"},
        [CONDITION_PASSED_TO] = {"StringEquals", "iam:PassedToService",
                                 "the service that a role is passed to is not known for an event",
                                 "too many services"},
};

static bool from_texts(enum condition_kind kind, const struct condition_use *uses, size_t n,
                       struct arena *arena, struct policy_condition *out, const char **why)
{
	struct values set = {.n = 0};
	for (size_t i = 0; i < n; i++) {
		struct span v = value_of(kind, &uses[i]);
		if (!v.n) {
			*why = text_kinds[kind].missing;
			return false;
		}
		/* A role may be passed to one of several services: "ecs.amazonaws.com,..." */
		while (v.p)
			if (!values_add(&set, span_cut(&v, ','))) {
				*why = text_kinds[kind].many;
				return false;
			}
	}
	fill(&set, text_kinds[kind].operator, text_kinds[kind].key, arena, out);
	return true;
}

static bool from_flags(enum condition_kind kind, const struct condition_use *uses, size_t n,
                       struct arena *arena, struct policy_condition *out, const char **why)
{
	bool mfa = kind == CONDITION_MFA;
	for (size_t i = 0; i < n; i++) {
		const struct context *c = uses[i].where ? uses[i].where->context : NULL;
		if (!c || (mfa ? c->mfa : c->tls) != TRI_YES) {
			*why = mfa ? "an event does not show MFA" : "an event does not show TLS";
			return false;
		}
	}
	struct values set = {.v = {SPAN_LIT("true")}, .n = 1};
	fill(&set, "Bool", mfa ? "aws:MultiFactorAuthPresent" : "aws:SecureTransport", arena, out);
	return true;
}

/* Tag keys that can stand in a condition key; others would need quoting that IAM does not have. */
static bool plain_tag_key(struct span key)
{
	for (size_t i = 0; i < key.n; i++)
		if (!ascii_alpha(key.p[i]) && !ascii_digit(key.p[i]) &&
		    span_chr(SPAN_LIT("_.:/=+-@"), key.p[i]) < 0)
			return false;
	return key.n > 0;
}

/* The tags that all rows' sessions have in common; *shown is false if one shows none at all. Rows
 * of one context come together. */
static void common_tags(const struct condition_use *uses, size_t n, struct arena *arena,
                        struct session_tags *common, bool *shown)
{
	const struct context *last = NULL;
	struct session_tags tags = {.n = 0};
	struct arena scratch;
	arena_init(&scratch);
	*shown = true;
	common->n = 0;
	for (size_t i = 0; i < n && *shown; i++) {
		const struct context *c = uses[i].where ? uses[i].where->context : NULL;
		if (i > 0 && c == last)
			continue;
		arena_reset(&scratch);
		*shown = c && session_tags_read(c->session_tags, i ? &scratch : arena, &tags);
		if (i == 0)
			*common = tags;
		else
			session_tags_keep(common, &tags, arena);
		last = c;
	}
	arena_release(&scratch);
}

static bool from_tags(const struct condition_use *uses, size_t n, struct arena *arena,
                      struct policy_condition *out, size_t *n_out, const char **why)
{
	struct session_tags common;
	bool shown;
	common_tags(uses, n, arena, &common, &shown);
	*n_out = 0;
	if (!shown || n == 0) {
		*why = "an event shows no session tags";
		return false;
	}
	*why = common.n ? "no policy can hold the session tags that its events have in common"
	                : "its events have no session tag in common";
	for (size_t i = 0; i < common.n; i++) {
		size_t replaced = 0;
		if (!plain_tag_key(common.v[i].key))
			continue;
		struct values set = {.v = {iam_literal(arena, common.v[i].value, &replaced)},
		                     .n = 1};
		struct span name =
		        arena_printf(arena, "aws:PrincipalTag/%.*s", SPAN_ARG(common.v[i].key));
		if (replaced)
			continue; /* '?' is no wildcard under StringEquals: it would never match */
		fill(&set, "StringEquals", name.p, arena, &out[(*n_out)++]);
	}
	return *n_out > 0;
}

bool condition_from_uses(enum condition_kind kind, const struct condition_use *uses, size_t n,
                         struct arena *arena, struct policy_condition *out, size_t *n_out,
                         const char **why)
{
	*n_out = 1;
	*why = "";
	switch (kind) {
	case CONDITION_MFA:
	case CONDITION_SECURE_TRANSPORT: return from_flags(kind, uses, n, arena, out, why);
	case CONDITION_PRINCIPAL_TAG: return from_tags(uses, n, arena, out, n_out, why);
	default: return from_texts(kind, uses, n, arena, out, why);
	}
}
