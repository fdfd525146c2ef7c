/* build-siblings.c - builder: the rows of actions that go with what was written; see siblings.h. */
#include "config.h"

#include "builder/build-internal.h"

#include "base/alloc.h"

#include <stdlib.h>

/* Whether resources of the type can be named for a: the type is one that a takes. */
static bool takes_type(const struct sar_action *a, struct span type)
{
	for (size_t i = 0; i < sar_action_n_types(a); i++)
		if (span_eq(sar_type_name(sar_action_type(a, i)), type))
			return true;
	return false;
}

/* A sibling must be possible with this one resource alone: another type that it needs was not seen
 * with it. */
static bool needs_only(const struct sar_action *a, struct span type)
{
	for (size_t i = 0; i < sar_action_n_types(a); i++)
		if (sar_action_type_required(a, i) &&
		    !span_eq(sar_type_name(sar_action_type(a, i)), type))
			return false;
	return true;
}

static void siblings_of(struct builder *b, const struct row *r, struct span service, size_t *room)
{
	size_t n;
	struct span seen = span_from(r->action, service.n + 1);
	const struct sar_action *first = sar_service(b->in->mapping, service, &n);
	for (size_t i = 0; i < n; i++) {
		const struct sar_action *a = sar_action_at(first, i);
		enum sibling_kind kind = sibling_of_action(seen, a);
		if (kind == SIBLING_KINDS || !(b->options->siblings & 1u << kind) ||
		    !takes_type(a, r->type) || !needs_only(a, r->type))
			continue;
		if (b->n_siblings == *room) {
			*room = *room ? 2 * *room : 256;
			b->siblings = xreallocarray(b->siblings, *room, sizeof *b->siblings);
		}
		b->siblings[b->n_siblings++] =
		        (struct row){.origin = STATEMENT_SIBLING,
		                     .action = sar_action_full(a, &b->out->arena),
		                     .type = r->type,
		                     .resource = r->resource,
		                     .use = SIZE_MAX};
	}
}

static int by_resource(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;
	int c = span_cmp(x->type, y->type);
	c = c ? c : span_cmp(x->resource, y->resource);
	return c ? c : span_cmp(x->action, y->action);
}

static bool writes(const struct builder *b, const struct row *r)
{
	const struct sar_action *a = sar_action(b->in->mapping, r->action);
	return r->origin == STATEMENT_OBSERVED && r->type.n && a &&
	       sar_action_level(a) == LEVEL_WRITE;
}

/* What was seen on each resource. More than LIMIT_SIBLINGS rows mean a service
 * with hundreds of actions on thousands of resources: those after them are left out, and the user
 * is told. */
enum { LIMIT_SIBLINGS = 2000000 };

void builder_siblings(struct builder *b)
{
	if (!b->options->siblings || !b->n_rows)
		return;
	size_t n = 0, room = 0;
	const struct row **r = xcalloc(b->n_rows, sizeof *r);
	for (size_t i = 0; i < b->n_rows; i++)
		if (writes(b, &b->rows[i]))
			r[n++] = &b->rows[i];
	if (n)
		qsort(r, n, sizeof *r, by_resource);
	for (size_t i = 0; i < n; i++) {
		struct span service = r[i]->action;
		service = span_cut(&service, ':');
		bool seen = i > 0 && by_resource(&r[i - 1], &r[i]) == 0;
		if (seen)
			continue;
		if (b->n_siblings > LIMIT_SIBLINGS) {
			builder_note(
			        b,
			        SPAN_LIT("too many resources for --siblings: some were left out"));
			break;
		}
		siblings_of(b, r[i], service, &room);
	}
	free(r);
	rows_sort(b->siblings, b->n_siblings);
}
