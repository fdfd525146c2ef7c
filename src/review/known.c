/* known.c - review: see known.h. */
#include "config.h"

#include "review/known.h"

#include "base/limits.h"
#include "base/vec.h"
#include "builder/ephemeral.h"
#include "evaluator/observed.h"
#include "policy/pattern.h"

#include <stdlib.h>

/* PATTERN_UNKNOWN_CHAR in the place of the characters that Secrets Manager adds. */
#define UNKNOWN_SUFFIX "\xfe\xfe\xfe\xfe\xfe\xfe"

void known_init(struct known_resources *k)
{
	*k = (struct known_resources){.v = NULL};
	arena_init(&k->arena);
}

void known_release(struct known_resources *k)
{
	free(k->v);
	arena_release(&k->arena);
	known_init(k);
}

struct taker {
	struct known_resources *k;
	const struct mapping *mapping;
	size_t room;
};

/* A secret is known by its name: the six characters behind it are in no call that names it, so that
 * they stand as '?', also where the call names them. Whether they were all that is unknown. */
static bool is_secret(struct known_resources *k, const struct sar_type *t, struct span *resource)
{
	enum { SUFFIX = 6 };
	if (!span_is(sar_type_service(t), "secretsmanager") || resource->n <= SUFFIX)
		return false;
	size_t head = resource->n - SUFFIX;
	if (span_is(span_from(*resource, head), UNKNOWN_SUFFIX))
		*resource = arena_printf(&k->arena, "%.*s??????", (int)head, resource->p);
	else
		*resource = without_secret_suffix(t, *resource, &k->arena);
	return span_ends(*resource, SPAN_LIT("-??????")) &&
	       span_chr(*resource, PATTERN_UNKNOWN_RUN) < 0 &&
	       span_chr(*resource, PATTERN_UNKNOWN_CHAR) < 0;
}

/* False where it is no resource by a whole name. */
static bool whole(struct known_resources *k, const struct mapping *m, const struct access *a,
                  struct known_resource *out)
{
	struct span rest = a->action;
	struct span service = span_cut(&rest, ':');
	const struct sar_type *t = a->type.n ? sar_type(m, service, a->type) : NULL;
	bool partial = false;
	bool used = a->need != NEED_DENIED && a->need != NEED_DEPENDENT;
	if (!t || !used || a->origin == ORIGIN_PARTIAL || a->origin == ORIGIN_NONE)
		return false;
	out->resource = observed_resource(a->resource, &k->arena, &partial);
	out->service = sar_type_service(t);
	out->type = sar_type_name(t);
	return (is_secret(k, t, &out->resource) || !partial) && out->resource.n;
}

static bool take(void *data, const struct access_use *u)
{
	struct taker *t = data;
	struct known_resources *k = t->k;
	struct known_resource one;
	if (!whole(k, t->mapping, &u->access, &one))
		return true;
	if (k->n && known_resource_order(&k->v[k->n - 1], &one) == 0)
		return true;
	k->v = vec_grow(k->v, k->n, &t->room, sizeof *k->v);
	k->v[k->n++] = one;
	return true;
}

static void finish(struct known_resources *k)
{
	k->n = sort_unique(k->v, k->n, sizeof *k->v, known_resource_order);
}

void known_add(struct known_resources *k, const struct mapping *m, const struct access_use *uses,
               size_t n)
{
	struct taker t = {k, m, k->n};
	for (size_t i = 0; i < n; i++)
		take(&t, &uses[i]);
	finish(k);
}

enum status known_read(const struct policy_request *r, struct policy_source *s,
                       const struct subject *who, struct known_resources *k, struct err *err)
{
	struct taker t = {k, s->mapping, k->n};
	struct store_filter filter = gather_filter(r, who);
	policy_request_filter(r, &filter);
	enum status status = store_each_access(s->store, &filter, take, &t, err);
	finish(k);
	return status;
}

bool known_has_index(const struct policy_request *r)
{
	struct store_filter filter = gather_filter(r, NULL);
	return !store_has_conditions(&filter) && !filter.n_actions && !filter.n_services &&
	       !filter.n_agents && !filter.n_sessions;
}

enum status known_read_heads(const struct policy_request *r, struct policy_source *s,
                             struct span *heads, size_t n, struct known_resources *k,
                             struct err *err)
{
	struct taker t = {k, s->mapping, k->n};
	struct store_filter filter = gather_filter(r, NULL);
	enum status status = STATUS_OK;
	const struct span *before = NULL;
	policy_request_filter(r, &filter);
	n = spans_sort_unique(heads, n);
	for (size_t i = 0; i < n && status == STATUS_OK; i++) {
		if (before && span_starts(heads[i], *before))
			continue;
		before = &heads[i];
		status = store_each_named(s->store, &filter, heads[i], take, &t, err);
	}
	finish(k);
	return status;
}

bool known_has(const struct known_resources *k, const struct known_resource *one)
{
	return k->n && bsearch(one, k->v, k->n, sizeof *k->v, known_resource_order);
}

static size_t lower_bound(const struct known_resources *k, const struct known_resource *key)
{
	size_t lo = 0, hi = k->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (known_resource_order(&k->v[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

size_t known_of_type(const struct known_resources *k, const struct sar_type *t, size_t *from)
{
	const struct known_resource first = {sar_type_service(t), sar_type_name(t), SPAN_LIT("")};
	size_t at = *from = lower_bound(k, &first);
	while (at < k->n && span_eq(k->v[at].service, first.service) &&
	       span_eq(k->v[at].type, first.type))
		at++;
	return at - *from;
}

static size_t common_head(struct span a, struct span b)
{
	size_t i = 0;
	while (i < a.n && i < b.n && a.p[i] == b.p[i])
		i++;
	return i;
}

const struct known_resource *known_nearest(const struct known_resources *k,
                                           const struct known_resource *one, size_t *common)
{
	const struct known_resource *best = NULL;
	size_t lo = lower_bound(k, one);
	*common = 0;
	/* what shares most with it stands before or behind its place */
	for (size_t i = lo ? lo - 1 : lo; i <= lo && i < k->n; i++) {
		const struct known_resource *at = &k->v[i];
		size_t n = common_head(at->resource, one->resource);
		if (!span_eq(at->service, one->service) || !span_eq(at->type, one->type) ||
		    (best && n <= *common))
			continue;
		best = at;
		*common = n;
	}
	return best;
}
