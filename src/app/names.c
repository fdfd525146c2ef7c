/* names.c - app: see names.h. */
#include "config.h"

#include "app/names.h"

#include "base/alloc.h"

#include <stdlib.h>

/* Calls of one name come one after another in several contexts. */
enum { RECENT = 8 };

void names_release(struct names *list)
{
	free(list->v);
	*list = (struct names){.v = NULL};
}

void names_add(struct names *list, struct span text, uint64_t events)
{
	if (list->n == list->room) {
		list->room = list->room ? 2 * list->room : 8;
		list->v = xreallocarray(list->v, list->room, sizeof *list->v);
	}
	list->v[list->n++] = (struct name_count){text, events};
}

bool names_add_to_recent(struct names *list, struct span text, uint64_t events)
{
	for (size_t i = list->n; i-- > 0 && list->n - i < RECENT;)
		if (span_eq(list->v[i].text, text)) {
			list->v[i].events += events;
			return true;
		}
	return false;
}

static int by_text(const void *a, const void *b)
{
	return span_cmp(((const struct name_count *)a)->text, ((const struct name_count *)b)->text);
}

static int by_events(const void *a, const void *b)
{
	const struct name_count *x = a, *y = b;
	int c = (y->events > x->events) - (y->events < x->events);
	return c ? c : span_cmp(x->text, y->text);
}

void names_sum(struct names *list)
{
	size_t left = 0;
	if (list->n)
		qsort(list->v, list->n, sizeof *list->v, by_text);
	for (size_t i = 0; i < list->n; i++) {
		if (left && span_eq(list->v[left - 1].text, list->v[i].text))
			list->v[left - 1].events += list->v[i].events;
		else
			list->v[left++] = list->v[i];
	}
	list->n = left;
}

void names_rank(struct names *list)
{
	names_sum(list);
	if (list->n)
		qsort(list->v, list->n, sizeof *list->v, by_events);
}

uint64_t names_events(const struct names *list)
{
	uint64_t n = 0;
	for (size_t i = 0; i < list->n; i++)
		n += list->v[i].events;
	return n;
}
