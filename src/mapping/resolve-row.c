/* resolve-row.c - mapping: the rows of access as they are collected, and the ARNs of names of IAM.
 */
#include "config.h"

#include "call/arn.h"
#include "mapping/resolve.h"

#include <stdlib.h>

void resolve_add(struct resolver *r, const struct access *row)
{
	if (r->n == r->room) {
		size_t room = r->room ? 2 * r->room : 8;
		struct access *wider = arena_alloc(r->arena, room * sizeof *wider);
		if (r->n)
			memcpy(wider, r->out, r->n * sizeof *wider);
		r->out = wider;
		r->room = room;
	}
	r->out[r->n++] = *row;
}

/* Of two reasons for one row the one that proves more stays: what is granted only when asked for
 * comes last. */
static int rank(enum access_need need)
{
	return need == NEED_DEPENDENT ? NEED_UNRECORDED + 1 : (int)need;
}

static int by_content(const void *a, const void *b)
{
	const struct access *x = a, *y = b;
	int c = span_cmp(x->action, y->action);
	c = c ? c : span_cmp(x->type, y->type);
	c = c ? c : span_cmp(x->resource, y->resource);
	c = c ? c : rank(x->need) - rank(y->need);
	c = c ? c : (int)x->origin - (int)y->origin;
	return c ? c : span_cmp(x->passed_to, y->passed_to);
}

/* Sorted; of rows that differ only in why and whence, the first. */
void resolve_sort(struct resolver *r)
{
	size_t n = 0;
	if (r->n > 1)
		qsort(r->out, r->n, sizeof *r->out, by_content);
	for (size_t i = 0; i < r->n; i++) {
		const struct access *last = n ? &r->out[n - 1] : NULL, *row = &r->out[i];
		if (!last || !span_eq(last->action, row->action) ||
		    !span_eq(last->type, row->type) || !span_eq(last->resource, row->resource))
			r->out[n++] = *row;
	}
	r->n = n;
}

/* ---- names of IAM */

struct collected {
	struct resolver *r;
	struct values v;
	size_t room;
};

static void add_value(struct collected *c, struct value v)
{
	if (c->v.n == c->room) {
		size_t room = c->room ? 2 * c->room : 4;
		struct value *wider = arena_alloc(c->r->arena, room * sizeof *wider);
		if (c->v.n)
			memcpy(wider, c->v.v, c->v.n * sizeof *wider);
		c->v.v = wider;
		c->room = room;
	}
	c->v.v[c->v.n++] = v;
}

static void add_arn(void *to, struct span arn)
{
	struct collected *c = to;
	struct span text = arn_escape(arn, c->r->arena, &c->r->replaced);
	add_value(c, (struct value){.text = arena_span(c->r->arena, text), .policy = true});
}

struct values resolve_iam_name(struct resolver *r, struct span kind, struct span name,
                               struct span account)
{
	struct collected c = {.r = r};
	for (size_t i = 0; i < r->n_params; i++) {
		const struct param *p = r->params[i].param;
		if (span_is(r->params[i].path, "path") && p->state == PARAM_VALUE && p->value.n &&
		    p->value.p[0] == '/') {
			struct span text =
			        arena_printf(r->arena, "%.*s%.*s", SPAN_ARG(span_from(p->value, 1)),
			                     SPAN_ARG(name));
			add_value(&c, (struct value){.text = text});
			return c.v;
		}
	}
	if (r->env && r->env->iam_arns)
		r->env->iam_arns(r->env->data, kind, name, account, add_arn, &c);
	if (c.v.n)
		return c.v;
	struct span text = arn_escape(name, r->arena, &r->replaced);
	add_value(&c, (struct value){.text = text, .policy = true});
	add_value(&c, (struct value){.text = arena_printf(r->arena, "*/%.*s", SPAN_ARG(text)),
	                             .policy = true});
	return c.v;
}
