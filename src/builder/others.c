/* others.c - builder: see others.h. */
#include "config.h"

#include "builder/others.h"

#include "base/alloc.h"
#include "builder/arn-parts.h"
#include "builder/family.h"
#include "policy/pattern-text.h"

#include <stdlib.h>

static int by_resource(const void *key, const void *sighting)
{
	return span_cmp(*(const struct span *)key, ((const struct sighting *)sighting)->resource);
}

struct others {
	struct span pattern; /* SPAN_NONE: any */
	const struct sighting *mine;
	size_t n_mine, n, enough;
};

static bool take_used(void *to, struct span resource)
{
	struct others *o = to;
	o->n += (!o->pattern.p || pattern_text_covers(o->pattern, resource, false)) &&
	        !bsearch(&resource, o->mine, o->n_mine, sizeof *o->mine, by_resource);
	return o->n < o->enough;
}

/* Whether there are so many resources of those that begin with head. */
static bool are_enough(const struct history *h, struct span head, struct others *o)
{
	if (!h->used)
		return false;
	if (h->used->each_at_most) {
		h->used->each_at_most(h->used->data, head, take_used, o);
		if (o->n < o->enough)
			return false;
		o->n = 0;
	}
	h->used->each(h->used->data, head, take_used, o);
	return o->n >= o->enough;
}

/* Whether the pattern stands for so many resources that others use and this principal does not. */
static bool others_covered(const struct history *h, const struct sighting *mine, size_t n_mine,
                           struct span pattern, size_t enough)
{
	struct others o = {pattern, mine, n_mine, 0, enough};
	return are_enough(h, span_sub(pattern, 0, pattern_text_head(pattern)), &o);
}

static int by_pattern(const void *a, const void *b)
{
	const struct member *x = *(struct member *const *)a, *y = *(struct member *const *)b;
	int c = span_cmp(x->pattern, y->pattern);
	return c ? c : span_cmp(x->example, y->example);
}

enum { OWN_SHARE = 2 };

void others_leave(const struct history *h, const struct sighting *mine, size_t n,
                  struct member *out)
{
	struct member **m = xcalloc(n + 1, sizeof(struct member *));
	for (size_t i = 0; i < n; i++)
		m[i] = &out[i];
	qsort(m, n, sizeof(struct member *), by_pattern);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && span_eq(m[k]->pattern, m[i]->pattern);)
			k++;
		bool grown = false, own = false;
		for (size_t j = i; j < k; j++) {
			grown = grown || m[j]->reason == FOLD_GROWING;
			own = own || mine[m[j] - out].created || mine[m[j] - out].made;
		}
		for (size_t j = i; j < k; j++)
			m[j]->own = own;
		/* more than k - i of OWN_SHARE times as many */
		if (!grown ||
		    !others_covered(h, mine, n, m[i]->pattern, (k - i) / OWN_SHARE + 1))
			continue;
		for (size_t j = i; j < k; j++) {
			m[j]->pattern = m[j]->example;
			m[j]->reason = 0;
		}
	}
	free(m);
}

/* ---- folders */

/* (Systems Manager user guide, "Working with parameter hierarchies"; a secret's name may have '/',
 * Secrets Manager API reference, CreateSecret.) */
bool folders_hold(const struct sar_type *type)
{
	return type && ((span_is(sar_type_service(type), "ssm") &&
	                 span_is(sar_type_name(type), "parameter")) ||
	                (span_is(sar_type_service(type), "secretsmanager") &&
	                 span_is(sar_type_name(type), "Secret")));
}

struct filed { /* a resource by its folder */
	struct span folder; /* ARN up to the last '/'; SPAN_NONE: in none */
	size_t i;
};

static int by_folder(const void *a, const void *b)
{
	const struct filed *x = a, *y = b;
	int c = span_cmp(x->folder, y->folder);
	return c ? c : (x->i > y->i) - (x->i < y->i);
}

/* A folder below the root: all parameters are no folder. */
static struct span folder_of(const struct sar_type *type, struct span resource)
{
	struct arn_parts p;
	ptrdiff_t slash;
	if (!arn_parts_of(resource, type, &p) || p.n_values != 1 ||
	    (slash = span_rchr(p.value[0], '/')) <= 0)
		return SPAN_NONE;
	return span_sub(resource, 0, (size_t)(p.value[0].p - resource.p + slash + 1));
}

/* Whether all that anybody used of the folder is among the n resources. */
static bool nobody_else(const struct history *h, const struct sighting *mine, size_t n,
                        struct span folder)
{
	struct others o = {SPAN_NONE, mine, n, 0, 1};
	return h->used && !are_enough(h, folder, &o);
}

void folders_fold(const struct history *h, const struct sar_type *type,
                  const struct sighting *mine, size_t n, struct arena *arena, struct member *out)
{
	enum { LEAST = 3 };
	const char *end = span_is(sar_type_name(type), "Secret") ? "-??????" : "";
	struct filed *f = xcalloc(n + 1, sizeof *f);
	for (size_t i = 0; i < n; i++)
		f[i] = (struct filed){folder_of(type, mine[i].resource), i};
	if (n)
		qsort(f, n, sizeof *f, by_folder);
	for (size_t i = 0, k; i < n; i = k) {
		size_t leaves = 0;
		bool newcomers = false;
		for (k = i; k < n && span_eq(f[k].folder, f[i].folder); k++) {
			/* a secret that was made anew is the same leaf */
			if (k > i && span_eq(out[f[k].i].pattern, out[f[k - 1].i].pattern))
				continue;
			leaves++;
			newcomers |= history_is_late(h, mine[f[k].i].first);
		}
		if (!f[i].folder.n || leaves + newcomers < LEAST ||
		    !nobody_else(h, mine, n, f[i].folder))
			continue;
		struct span pattern = arena_printf(arena, "%.*s*%s", SPAN_ARG(f[i].folder), end);
		for (size_t j = i; j < k; j++) {
			struct member *m = &out[f[j].i];
			m->once = mine[f[j].i].written_once;
			if (m->once || !pattern_text_covers(pattern, m->pattern, false))
				continue;
			m->pattern = pattern;
			m->reason = FOLD_FOLDER;
		}
	}
	free(f);
}
