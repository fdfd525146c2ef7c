/* trust.c - builder: see trust.h. */
#include "config.h"

#include "builder/trust.h"

#include "base/alloc.h"
#include "builder/statement.h"
#include "policy/iam-text.h"

#include <stdlib.h>

/* A call with what decides which statement it belongs to. */
struct way {
	const struct assumption *a;
	const char *kind;    /* "AWS", "Service", "Federated" */
	struct span value;   /* of the Principal element */
	struct span subject; /* web identity: the token's subject */
};

/* The subject begins where the provider's issuer ends. Kubernetes and GitHub write their subjects
 * with a word and
 * ':'; an issuer of EKS ends with /id/ID. */
bool trust_web_identity(struct span principal, struct span *provider, struct span *subject)
{
	struct span head = SPAN_LIT("web-identity/");
	if (!span_starts(principal, head))
		return false;
	struct span rest = span_from(principal, head.n);
	size_t from = 0, cut = 0;
	ptrdiff_t oidc = span_find(rest, SPAN_LIT(":oidc-provider/"));
	if (oidc >= 0)
		from = (size_t)oidc + sizeof ":oidc-provider/" - 1;
	ptrdiff_t id = span_find(span_from(rest, from), SPAN_LIT("/id/"));
	if (id >= 0)
		from += (size_t)id + 4;
	ptrdiff_t slash = span_chr(span_from(rest, from), '/');
	if (slash < 0)
		return false;
	cut = from + (size_t)slash;
	/* "login.example.com/realm/repo:..." : the first part that holds a ':' begins the subject
	 */
	struct span tail = span_from(rest, cut + 1);
	ptrdiff_t colon = span_chr(tail, ':');
	if (id < 0 && colon >= 0) {
		ptrdiff_t last = span_rchr(span_sub(tail, 0, (size_t)colon), '/');
		if (last >= 0)
			cut += 1 + (size_t)last;
	}
	*provider = span_sub(rest, 0, cut);
	*subject = span_from(rest, cut + 1);
	return provider->n > 0;
}

static bool way_of(const struct assumption *a, struct arena *arena, struct way *w)
{
	struct span head = SPAN_LIT("account/");
	*w = (struct way){.a = a, .kind = "AWS", .value = a->principal};
	switch (a->type) {
	case PRINCIPAL_ROLE:
	case PRINCIPAL_USER:
	case PRINCIPAL_ROOT: return true;
	case PRINCIPAL_SERVICE: w->kind = "Service"; return true;
	case PRINCIPAL_ACCOUNT:
		if (!span_starts(a->principal, head))
			return false;
		w->value = arena_printf(arena, "arn:%.*s:iam::%.*s:root", SPAN_ARG(a->partition),
		                        SPAN_ARG(span_from(a->principal, head.n)));
		return true;
	case PRINCIPAL_SAML:
		w->kind = "Federated";
		w->value = a->provider;
		return a->provider.n > 0;
	case PRINCIPAL_WEB_IDENTITY:
		w->kind = "Federated";
		return trust_web_identity(a->principal, &w->value, &w->subject);
	default: return false;
	}
}

/* The condition key's prefix: the issuer without the ARN before it. */
static struct span issuer_of(struct span provider)
{
	ptrdiff_t at = span_find(provider, SPAN_LIT(":oidc-provider/"));
	return at < 0 ? provider : span_from(provider, (size_t)at + sizeof ":oidc-provider/" - 1);
}

static int same_way(const struct way *a, const struct way *b)
{
	int c = span_cmp(span_of(a->kind), span_of(b->kind));
	c = c ? c : span_cmp(a->a->action, b->a->action);
	c = c ? c : span_cmp(a->a->external_id, b->a->external_id);
	c = c ? c : (a->a->tags > b->a->tags) - (a->a->tags < b->a->tags);
	c = c ? c
	      : (a->a->source_identity > b->a->source_identity) -
	                    (a->a->source_identity < b->a->source_identity);
	/* subjects belong to their provider */
	if (a->subject.p || b->subject.p)
		c = c ? c : span_cmp(a->value, b->value);
	return c;
}

static int way_order(const void *a, const void *b)
{
	const struct way *x = a, *y = b;
	int c = same_way(x, y);
	c = c ? c : span_cmp(x->value, y->value);
	return c ? c : span_cmp(x->subject, y->subject);
}

/* "sts:TagSession" is asked of the trust policy beside the call itself. */
static size_t actions_of(const struct way *w, struct arena *arena, const struct span **out)
{
	struct span *s = arena_alloc(arena, 3 * sizeof *s);
	size_t n = 0;
	s[n++] = w->a->action;
	if (w->a->source_identity)
		s[n++] = SPAN_LIT("sts:SetSourceIdentity");
	if (w->a->tags)
		s[n++] = SPAN_LIT("sts:TagSession");
	*out = s;
	return n;
}

static int condition_order(const void *a, const void *b)
{
	const struct policy_condition *x = a, *y = b;
	int c = span_cmp(x->operator, y->operator);
	return c ? c : span_cmp(x->key, y->key);
}

static size_t asked_conditions(const struct way *w, size_t n, unsigned asked, struct policy *p,
                               struct policy_condition *out)
{
	static const enum condition_kind kinds[] = {
	        CONDITION_REGION, CONDITION_SOURCE_VPCE,      CONDITION_SOURCE_IP,
	        CONDITION_MFA,    CONDITION_SECURE_TRANSPORT, CONDITION_PRINCIPAL_TAG};
	struct condition_use *uses = xcalloc(n, sizeof *uses);
	static const struct access_use none = {.events = 0};
	size_t found = 0;
	for (size_t i = 0; i < n; i++)
		uses[i] = (struct condition_use){&none, &w[i].a->where};
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		size_t more;
		const char *why;
		if (!(asked & 1u << kinds[k]))
			continue;
		if (condition_from_uses(kinds[k], uses, n, &p->arena, out + found, &more, &why)) {
			found += more;
			continue;
		}
		p->notes[p->n_notes++] =
		        arena_printf(&p->arena, "no condition %s for %.*s: %s",
		                     condition_name(kinds[k]), SPAN_ARG(w->value), why);
	}
	free(uses);
	return found;
}

static void one_value(struct policy_condition *c, struct arena *arena, const char *operator,
                      struct span key, struct span *values, size_t n)
{
	struct span *v = arena_alloc(arena, n * sizeof *v);
	memcpy(v, values, n * sizeof *v);
	*c = (struct policy_condition){span_of(operator), key, v, n};
}

static struct policy_statement statement_of(const struct way *w, size_t n, unsigned asked,
                                            struct policy *p)
{
	struct arena *arena = &p->arena;
	struct policy_statement s = {.origin = STATEMENT_OBSERVED};
	struct span *values = arena_alloc(arena, n * sizeof *values);
	struct span *subjects = arena_alloc(arena, n * sizeof *subjects);
	struct policy_principal *principal = arena_alloc(arena, sizeof *principal);
	struct policy_condition found[CONDITION_KINDS + CONDITION_MAX_TAGS + 2];
	size_t n_subjects = 0, replaced = 0;
	for (size_t i = 0; i < n; i++) {
		values[i] = w[i].value;
		if (w[i].subject.n)
			subjects[n_subjects++] = iam_literal(arena, w[i].subject, &replaced);
	}
	*principal =
	        (struct policy_principal){span_of(w->kind), values, spans_sort_unique(values, n)};
	s.principals = principal;
	s.n_principals = 1;
	s.n_actions = actions_of(w, arena, &s.actions);
	s.n_conditions = asked_conditions(w, n, asked, p, found);
	struct span external = iam_literal(arena, w->a->external_id, &replaced);
	if (external.n)
		one_value(&found[s.n_conditions++], arena, "StringEquals",
		          SPAN_LIT("sts:ExternalId"), &external, 1);
	n_subjects = spans_sort_unique(subjects, n_subjects);
	if (n_subjects && n_subjects <= CONDITION_MAX_VALUES)
		one_value(&found[s.n_conditions++], arena, "StringEquals",
		          arena_printf(arena, "%.*s:sub", SPAN_ARG(issuer_of(w->value))), subjects,
		          n_subjects);
	qsort(found, s.n_conditions, sizeof *found, condition_order);
	struct policy_condition *c = arena_alloc(arena, (s.n_conditions + 1) * sizeof *c);
	memcpy(c, found, s.n_conditions * sizeof *c);
	s.conditions = c;
	ptrdiff_t colon = span_chr(w->a->action, ':');
	s.sid = arena_printf(arena, "%.*s%s",
	                     SPAN_ARG(span_from(w->a->action, (size_t)(colon + 1))), w->kind);
	return s;
}

enum status trust_build(const struct assumption *a, size_t n, unsigned conditions, struct policy *p)
{
	policy_init(p);
	struct way *w = xcalloc(n + 1, sizeof *w);
	size_t n_ways = 0, made = 0;
	for (size_t i = 0; i < n; i++)
		n_ways += way_of(&a[i], &p->arena, &w[n_ways]);
	if (n_ways)
		qsort(w, n_ways, sizeof *w, way_order);
	struct policy_statement *s = arena_alloc(&p->arena, (n_ways + 1) * sizeof *s);
	p->notes = arena_alloc(&p->arena, (n_ways + 1) * CONDITION_KINDS * sizeof *p->notes);
	for (size_t i = 0, k; i < n_ways; i = k) {
		for (k = i + 1; k < n_ways && same_way(&w[i], &w[k]) == 0;)
			k++;
		s[made++] = statement_of(w + i, k - i, conditions, p);
	}
	free(w);
	if (made == 0)
		return STATUS_END;
	sids_distinguish(s, made, &p->arena);
	p->documents = arena_calloc(&p->arena, 1, sizeof *p->documents);
	p->documents[0] = (struct policy_document){
	        .version = SPAN_LIT("2012-10-17"), .statements = s, .n_statements = made};
	p->documents[0].size = document_size(p->documents, false);
	p->n_documents = 1;
	return STATUS_OK;
}
