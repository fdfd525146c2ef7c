/* days.c - store: counts per call, context and day, gathered in memory so that each row is touched
 * once a transaction. */
#include "config.h"

#include "store/put.h"
#include "store/totals.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/when.h"

#include <stdlib.h>

/* Of 56 bytes each; written out when three quarters are taken. */
enum { DAY_SLOTS = 1 << 15 };

void days_init(struct days *d)
{
	d->slot = xcalloc(DAY_SLOTS, sizeof *d->slot);
	d->n = 0;
}

void days_release(struct days *d)
{
	free(d->slot);
}

static struct day_count *find_slot(struct days *d, int64_t call, int64_t context, int64_t day)
{
	uint64_t h = (uint64_t)call * 0x9e3779b97f4a7c15u ^
	             (uint64_t)context * 0xc2b2ae3d27d4eb4fu ^ (uint64_t)day * 0x165667b19e3779f9u;
	for (size_t i = (h ^ h >> 32) & (DAY_SLOTS - 1);; i = (i + 1) & (DAY_SLOTS - 1)) {
		struct day_count *c = &d->slot[i];
		if (!c->call || (c->call == call && c->context == context && c->day == day))
			return c;
	}
}

static int by_key(const void *a, const void *b)
{
	const struct day_count *x = a, *y = b;
	if (x->call != y->call)
		return x->call < y->call ? -1 : 1;
	if (x->context != y->context)
		return x->context < y->context ? -1 : 1;
	return x->day < y->day ? -1 : x->day > y->day;
}

/* In the order of the table's key: neighbouring rows share a page. */
enum status days_flush(struct store *st, struct err *err)
{
	struct days *d = &st->writer->days;
	size_t n = 0;
	enum status status;
	for (size_t i = 0; i < DAY_SLOTS; i++)
		if (d->slot[i].call)
			d->slot[n++] = d->slot[i];
	qsort(d->slot, n, sizeof *d->slot, by_key);
	status = put_days(st, d->slot, n, err);
	for (size_t i = 0; i < n && status == STATUS_OK; i++)
		status = totals_add(st, &d->slot[i], err);
	memset(d->slot, 0, DAY_SLOTS * sizeof *d->slot);
	d->n = 0;
	return status;
}

static enum status add(struct store *st, int64_t call, int64_t context, int64_t events,
                       int64_t first, int64_t last, struct err *err)
{
	struct days *d = &st->writer->days;
	int64_t day = when_day(first);
	struct day_count *c = find_slot(d, call, context, day);
	if (!c->call) {
		if (d->n >= DAY_SLOTS / 4 * 3) {
			if (days_flush(st, err) != STATUS_OK)
				return STATUS_STOP;
			c = find_slot(d, call, context, day);
		}
		*c = (struct day_count){call, context, day, 0, first, last, false};
		d->n++;
	}
	c->events += events;
	c->uneven |= events <= 0;
	if (c->events > (int64_t)LIMIT_COUNTED_EVENTS)
		c->events = (int64_t)LIMIT_COUNTED_EVENTS;
	if (first < c->first)
		c->first = first;
	if (last > c->last)
		c->last = last;
	return STATUS_OK;
}

enum status days_add(struct store *st, int64_t call, int64_t context, int64_t time, int events,
                     struct err *err)
{
	return add(st, call, context, events, time, time, err);
}

enum status days_add_many(struct store *st, int64_t call, int64_t context, uint64_t events,
                          int64_t first, int64_t last, struct err *err)
{
	return add(st, call, context, (int64_t)events, first, last, err);
}
