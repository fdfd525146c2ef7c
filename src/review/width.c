/* width.c - review: see width.h. */
#include "config.h"

#include "review/width.h"

#include "app/policy-files.h"
#include "builder/ephemeral.h"

#include <stdlib.h>

struct finder {
	const struct width_question *q;
	struct gathered g;
	struct known_resources own;
	struct known_resources near;         /* what its policies may be open on */
	const struct known_resources *known; /* near, or everybody's */
	struct policy_files made;            /* the policy that would be made now */
	struct evaluator *granted, *narrow;  /* narrow: of made, once it was needed */
	struct arena scratch;                /* for one action */
};

void wide_grants_init(struct wide_grants *w)
{
	*w = (struct wide_grants){.v = NULL};
	arena_init(&w->arena);
}

void wide_grants_release(struct wide_grants *w)
{
	vec_release(w);
	arena_release(&w->arena);
}

static enum status make_narrow(struct finder *f, struct err *err)
{
	struct policy p;
	policy_init(&p);
	enum status status = gather_policy(f->q->source, &f->g, &p, err);
	if (status == STATUS_OK)
		status = policy_files_take_policy(&f->made, &p, err);
	if (status == STATUS_OK || status == STATUS_END) {
		f->narrow = evaluator_new(f->made.policies, f->made.n);
		status = STATUS_OK;
	}
	policy_release(&p);
	return status;
}

static struct reach reach_under(const struct finder *f, struct evaluator *e)
{
	const struct width_question *q = f->q;
	return (struct reach){e, q->source->mapping, f->known->v, f->known->n, q->who->name};
}

/* Access rows write "*" for what is not known, and such characters of a name in another way. */
static struct span plain_head(struct span head)
{
	size_t n = 0;
	while (n < head.n && !memchr("*?$", head.p[n], 3))
		n++;
	return span_sub(head, 0, n);
}

/* With what the resources begin that any of the actions may be open on; false if that is too little
 * to look for them by. */
static bool heads_of(struct finder *f, struct arena *arena, struct span **out, size_t *n)
{
	const struct reach granted = {.evaluator = f->granted, .mapping = f->q->source->mapping};
	struct heads {
		VEC_OF(struct span);
	} all = {0};
	bool tell = known_has_index(f->q->request);
	for (size_t i = 0; i < f->q->n_actions && tell; i++) {
		const struct span *v;
		size_t found = reach_heads(&granted, f->q->actions[i], arena, &v);
		for (size_t k = 0; k < found && tell; k++) {
			struct span head = plain_head(v[k]);
			*vec_add(&all) = head;
			tell = head.n >= KNOWN_LEAST_HEAD;
		}
	}
	*n = all.n;
	*out = arena_alloc(arena, (all.n + 1) * sizeof **out);
	if (all.n)
		memcpy(*out, all.v, all.n * sizeof **out);
	vec_release(&all);
	return tell;
}

static enum status read_known(struct finder *f, struct err *err)
{
	const struct width_question *q = f->q;
	enum status status = STATUS_OK;
	struct span *heads;
	size_t n;
	arena_reset(&f->scratch);
	if (heads_of(f, &f->scratch, &heads, &n)) {
		f->known = &f->near;
		return known_read_heads(q->request, q->source, heads, n, &f->near, err);
	}
	if (!q->everybody->read)
		status = known_read(q->request, q->source, NULL, &q->everybody->k, err);
	q->everybody->read = true;
	f->known = &q->everybody->k;
	return status;
}

/* Of v, n indices that rise, those that are not in w; returns how many. */
static size_t subtract(size_t *v, size_t n, const size_t *w, size_t n_w)
{
	size_t left = 0, at = 0;
	for (size_t i = 0; i < n; i++) {
		while (at < n_w && w[at] < v[i])
			at++;
		if (at == n_w || w[at] != v[i])
			v[left++] = v[i];
	}
	return left;
}

/* The others' resources that are open to the action and would not be; *out in scratch. */
static enum status too_open(struct finder *f, struct span action, size_t **out, size_t *n,
                            struct err *err)
{
	const struct reach granted = reach_under(f, f->granted);
	const size_t *open, *meant;
	size_t n_open = reach_of_action(&granted, action, &f->scratch, &open);
	size_t *v = arena_alloc(&f->scratch, (n_open + 1) * sizeof *v);
	*out = v;
	*n = 0;
	for (size_t i = 0; i < n_open; i++)
		if (!known_has(&f->own, &f->known->v[open[i]]))
			v[(*n)++] = open[i];
	if (*n == 0)
		return STATUS_OK;
	if (!f->narrow && make_narrow(f, err) != STATUS_OK)
		return STATUS_STOP;
	const struct reach narrow = reach_under(f, f->narrow);
	size_t n_meant = reach_of_action(&narrow, action, &f->scratch, &meant);
	*n = subtract(v, *n, meant, n_meant);
	return STATUS_OK;
}

/* On how many resources the action was used. */
static size_t used_on(struct finder *f, struct span action)
{
	struct span *v = arena_alloc(&f->scratch, (f->g.n_uses + 1) * sizeof *v);
	size_t n = 0;
	for (size_t i = 0; i < f->g.n_uses; i++) {
		const struct access *a = &f->g.uses[i].access;
		struct span rest = a->action;
		struct span service = span_cut(&rest, ':');
		if (span_eq_ci(a->action, action))
			/* a secret is one, by its name and by its ARN */
			v[n++] = without_secret_suffix(
			        sar_type(f->q->source->mapping, service, a->type), a->resource,
			        &f->scratch);
	}
	return spans_sort_unique(v, n);
}

static void add(struct finder *f, struct span action, const size_t *v, size_t n,
                struct wide_grants *out)
{
	const struct sar_action *sar = sar_action(f->q->source->mapping, action);
	const struct known_resource *example = &f->known->v[v[0]];
	const struct reach granted = reach_under(f, f->granted);
	size_t most = 0;
	for (size_t i = 0; i < n; i++) {
		size_t common;
		if (known_nearest(&f->own, &f->known->v[v[i]], &common) && common > most) {
			most = common;
			example = &f->known->v[v[i]];
		}
	}
	*vec_add(out) = (struct wide_grant){
	        .action = arena_span(&out->arena, action),
	        .level = sar_action_level(sar),
	        .pattern = arena_span(&out->arena,
	                              reach_pattern(&granted, action, example, &f->scratch)),
	        .used = used_on(f, action),
	        .others = n,
	        .example = arena_span(&out->arena, example->resource)};
}

static int by_others(const void *a, const void *b)
{
	const struct wide_grant *x = a, *y = b;
	if (x->others != y->others)
		return x->others > y->others ? -1 : 1;
	return span_cmp(x->action, y->action);
}

enum status width_find(const struct width_question *q, struct wide_grants *out, struct err *err)
{
	struct finder f = {.q = q};
	gathered_init(&f.g);
	known_init(&f.own);
	known_init(&f.near);
	policy_files_init(&f.made);
	arena_init(&f.scratch);
	enum status status = gather_subject(q->request, q->source, q->who, &f.g, err);
	if (status == STATUS_OK)
		known_add(&f.own, q->source->mapping, f.g.uses, f.g.n_uses);
	f.granted = evaluator_new(q->files->policies, q->files->n);
	if (status == STATUS_OK)
		status = read_known(&f, err);
	for (size_t i = 0; i < q->n_actions && status == STATUS_OK; i++) {
		size_t *v, n;
		arena_reset(&f.scratch);
		status = too_open(&f, q->actions[i], &v, &n, err);
		if (status == STATUS_OK && n)
			add(&f, q->actions[i], v, n, out);
	}
	sort_items(out->v, out->n, sizeof *out->v, by_others);
	evaluator_free(f.granted);
	evaluator_free(f.narrow);
	arena_release(&f.scratch);
	policy_files_release(&f.made);
	known_release(&f.own);
	known_release(&f.near);
	gathered_release(&f.g);
	return status;
}
