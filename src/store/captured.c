/* captured.c - store: a call that monitoring, the proxy and CloudTrail saw counts once, and what
 * each knows is put together: CloudTrail knows who it was, the proxy which resources. They meet by
 * request id, source and name within 15 minutes, in whatever order they came in: a captured call is
 * looked for when it comes in, and again when a record with its request id does. */
#include "config.h"

#include "store/totals.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/when.h"

#include <stdlib.h>

/* Clocks of clients are off by minutes at most: AWS refuses signatures older than 15 minutes. */
enum { NEAR_SECONDS = 900 };

struct key { /* of a row of captured, and of an event without request */
	int64_t request, time, stream;
	struct hash128 id;
};

struct pair {
	struct key captured, event;
	enum event_observer captured_by;
};

struct pairs {
	struct pair *v;
	size_t n, room;
};

enum status captured_begin(struct store *st, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_CAPTURED_ANY, err);
	if (!s)
		return STATUS_STOP;
	int row = db_row(st, s, err);
	st->writer->has_captured = row > 0;
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

enum status captured_add(struct store *st, const struct fact *f, int64_t stream, int64_t call,
                         int64_t context, struct err *err)
{
	struct stmt *s;
	if (f->observer == OBSERVED_CLOUDTRAIL) {
		if (!st->writer->has_captured)
			return STATUS_OK;
		if (!(s = db_stmt(st, SQL_CAPTURED_TOUCH, err)))
			return STATUS_STOP;
		bind_int(s, IN_REQUEST, f->request);
		bind_int(s, IN_LOW, f->time - NEAR_SECONDS);
		bind_int(s, IN_HIGH, f->time + NEAR_SECONDS);
		return db_run(st, s, err);
	}
	st->writer->has_captured = true;
	if (!(s = db_stmt(st, SQL_CAPTURED_ADD, err)))
		return STATUS_STOP;
	bind_int(s, IN_REQUEST, f->request);
	bind_int(s, IN_TIME, f->time);
	bind_int(s, IN_STREAM, stream);
	bind_hash(s, IN_ID, &f->id);
	bind_int(s, IN_CALL, call);
	bind_int(s, IN_CONTEXT, context);
	bind_int(s, IN_OBSERVER, f->observer);
	bind_text(s, IN_EVENT, f->event_id);
	return db_run(st, s, err);
}

static struct pair *new_pair(struct pairs *p)
{
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 256;
		p->v = xreallocarray(p->v, p->room, sizeof *p->v);
	}
	return &p->v[p->n++];
}

static void captured_key(struct stmt *s, struct key *k)
{
	*k = (struct key){column_int(s, 0), column_int(s, 1), column_int(s, 2), column_hash(s, 3)};
}

static enum status find_pairs(struct store *st, int64_t first, int64_t last, struct pairs *out,
                              struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_CAPTURED_PAIRS, err);
	int row;
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_LOW, first - NEAR_SECONDS);
	bind_int(s, IN_HIGH, last + NEAR_SECONDS);
	while ((row = db_row(st, s, err)) > 0) {
		struct pair *p = new_pair(out);
		captured_key(s, &p->captured);
		p->event = (struct key){0, column_int(s, 5), column_int(s, 4), column_hash(s, 6)};
		p->captured_by = (enum event_observer)column_int(s, 7);
	}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static enum status find_twice(struct store *st, struct pairs *out, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_CAPTURED_TWICE, err);
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0)
		captured_key(s, &new_pair(out)->captured);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static enum status take_day(struct store *st, int64_t call, int64_t context, int64_t time,
                            struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_CALL_DAY_TAKE, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_CALL, call);
	bind_int(s, IN_CONTEXT, context);
	bind_int(s, IN_DAY, when_day(time));
	return db_run(st, s, err) == STATUS_OK ? totals_again(st, call, err) : STATUS_STOP;
}

/* The captured call's own count goes; *call is what it knew, *event_id in the store's arena names
 * it. */
static enum status uncount(struct store *st, const struct key *k, int64_t *call,
                           struct span *event_id, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_CAPTURED_GET, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_REQUEST, k->request);
	bind_int(s, IN_TIME, k->time);
	bind_int(s, IN_STREAM, k->stream);
	bind_hash(s, IN_ID, &k->id);
	if (db_row(st, s, err) != 1)
		return STATUS_STOP;
	*call = column_int(s, 0);
	int64_t context = column_int(s, 1);
	bool counted = column_int(s, 2) != 0;
	*event_id = arena_span(&st->arena, column_text(s, 3));
	db_reset(s);
	if (!counted)
		return STATUS_OK;
	if (take_day(st, *call, context, k->time, err) != STATUS_OK ||
	    !(s = db_stmt(st, SQL_CAPTURED_UNCOUNT, err)))
		return STATUS_STOP;
	bind_int(s, IN_REQUEST, k->request);
	bind_int(s, IN_TIME, k->time);
	bind_int(s, IN_STREAM, k->stream);
	bind_hash(s, IN_ID, &k->id);
	return db_run(st, s, err);
}

static enum status load_call(struct store *st, int64_t id, struct call_use *use, bool *owner_side,
                             struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_CALL_GET_OWN, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_CALL, id);
	if (db_row(st, s, err) != 1)
		return STATUS_STOP;
	call_from_row(s, 0, &st->arena, use);
	*owner_side = column_int(s, 26) != 0;
	db_reset(s);
	return STATUS_OK;
}

static int by_content(const void *a, const void *b)
{
	const struct param *x = a, *y = b;
	int c = span_cmp(x->path, y->path);
	if (!c)
		c = span_cmp(x->value, y->value);
	return c ? c : (int)x->state - (int)y->state;
}

/* a's parameters and b's; false if b has nothing that a has not. */
static bool unite(const struct call *a, const struct call *b, struct arena *arena, struct call *out)
{
	size_t n = a->n_params + b->n_params, kept = 0;
	if (!b->n_params)
		return false;
	struct param *p = arena_alloc(arena, n * sizeof *p);
	if (a->n_params)
		memcpy(p, a->params, a->n_params * sizeof *p);
	memcpy(p + a->n_params, b->params, b->n_params * sizeof *p);
	qsort(p, n, sizeof *p, by_content);
	for (size_t i = 0; i < n; i++)
		if (!kept || by_content(&p[kept - 1], &p[i]) != 0)
			p[kept++] = p[i];
	if (kept == a->n_params)
		return false;
	*out = *a;
	out->params = p;
	out->n_params = kept < LIMIT_PARAMS ? kept : LIMIT_PARAMS;
	out->params_cut = a->params_cut || kept > LIMIT_PARAMS;
	return true;
}

static enum status event_call(struct store *st, const struct key *k, int64_t *call,
                              int64_t *context, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_EVENT_CALL, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_STREAM, k->stream);
	bind_int(s, IN_TIME, k->time);
	bind_hash(s, IN_ID, &k->id);
	if (db_row(st, s, err) != 1)
		return STATUS_STOP;
	*call = column_int(s, 0);
	*context = column_int(s, 1);
	db_reset(s);
	return STATUS_OK;
}

/* The event goes from one call to another. All counts are in the database: joins are made after a
 * commit. */
static enum status move_event(struct store *st, const struct key *k, int64_t from, int64_t to,
                              int64_t context, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_EVENT_CALL_SET, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_CALL, to);
	bind_int(s, IN_STREAM, k->stream);
	bind_int(s, IN_TIME, k->time);
	bind_hash(s, IN_ID, &k->id);
	if (db_run(st, s, err) != STATUS_OK ||
	    take_day(st, from, context, k->time, err) != STATUS_OK)
		return STATUS_STOP;
	if (!(s = db_stmt(st, SQL_CALL_DAY_ADD, err)))
		return STATUS_STOP;
	bind_int(s, IN_CALL, to);
	bind_int(s, IN_CONTEXT, context);
	bind_int(s, IN_DAY, when_day(k->time));
	bind_int(s, IN_EVENTS, 1);
	bind_int(s, IN_FIRST, k->time);
	bind_int(s, IN_LAST, k->time);
	return db_run(st, s, err) == STATUS_OK ? totals_again(st, to, err) : STATUS_STOP;
}

/* Several captures may have seen the call of an event; the first of them is its evidence. */
static enum status name_capture(struct store *st, const struct key *event, int64_t call,
                                struct span event_id, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_SAMPLE_CAPTURED, err);
	if (!s)
		return STATUS_STOP;
	bind_text(s, IN_EVENT, event_id);
	bind_int(s, IN_CALL, call);
	bind_int(s, IN_TIME, event->time);
	bind_hash(s, IN_ID, &event->id);
	return db_run(st, s, err);
}

static enum status join_pair(struct store *st, const struct pair *p, struct err *err)
{
	struct call_use event, captured;
	struct call united;
	struct span event_id;
	bool owner_side, unused;
	int64_t captured_id, id, context;
	arena_reset(&st->arena);
	if (uncount(st, &p->captured, &captured_id, &event_id, err) != STATUS_OK ||
	    event_call(st, &p->event, &id, &context, err) != STATUS_OK ||
	    load_call(st, id, &event, &owner_side, err) != STATUS_OK ||
	    load_call(st, captured_id, &captured, &unused, err) != STATUS_OK)
		return STATUS_STOP;
	if (p->captured_by == OBSERVED_S3_ACCESS) /* S3 wrote both, and CloudTrail's says more */
		return STATUS_OK;
	if (event.folded || captured.folded ||
	    !unite(&event.call, &captured.call, &st->arena, &united))
		return name_capture(st, &p->event, id, event_id, err);
	struct call_marks marks = {
	        .read_only = event.read_only,
	        .management = event.management,
	        .owner_side = owner_side,
	        .sample = {.time = p->event.time, .id = p->event.id, .event_id = event_id}};
	struct hash128 hash = call_hash(&united);
	struct cache_entry *e;
	if (fold_any_call(st, &united, &hash, &marks, &e, err) != STATUS_OK ||
	    sample_least(st, &marks.sample, e, err) != STATUS_OK)
		return STATUS_STOP;
	return e->id == id ? STATUS_OK : move_event(st, &p->event, id, e->id, context, err);
}

static enum status join_pairs(struct store *st, int64_t first, int64_t last, struct err *err)
{
	struct pairs pairs = {0}, twice = {0};
	struct span event_id;
	int64_t call;
	enum status status = writer_know(st, err);
	if (status == STATUS_OK)
		status = find_twice(st, &twice, err);
	if (status == STATUS_OK)
		status = find_pairs(st, first, last, &pairs, err);
	for (size_t i = 0; i < twice.n && status == STATUS_OK; i++) {
		arena_reset(&st->arena);
		status = uncount(st, &twice.v[i].captured, &call, &event_id, err);
	}
	for (size_t i = 0; i < pairs.n && status == STATUS_OK; i++)
		status = join_pair(st, &pairs.v[i], err);
	free(pairs.v);
	free(twice.v);
	return status;
}

enum status captured_join(struct store *st, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_CAPTURED_RANGE, err);
	if (!s || db_row(st, s, err) != 1)
		return STATUS_STOP;
	bool any = !column_is_null(s, 0);
	int64_t first = column_int(s, 0), last = column_int(s, 1);
	db_reset(s);
	if (!any)
		return STATUS_OK;
	if (join_pairs(st, first, last, err) != STATUS_OK ||
	    !(s = db_stmt(st, SQL_CAPTURED_DONE, err)))
		return STATUS_STOP;
	return db_run(st, s, err);
}
