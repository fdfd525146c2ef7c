/* partial.c - store: copies of an event that do not tell who made it for whom, as rows of Event
 * history (no ARN, no recipient) and of queries that chose their columns. Their principal and
 * account, and so their identity, are others than those of CloudTrail's own record: they meet by
 * the eventID, its second, source, name and region. The record that tells more counts, whichever
 * came first, and the other is a duplicate. */
#include "config.h"

#include "store/writer.h"

/* Rows of queries for one event, each with columns of its own, that are taken away at once; more
 * stay. */
enum { MOST_WORSE = 16 };

struct worse {
	int64_t stream, call, context;
	struct hash128 id;
};

enum status partial_begin(struct store *st, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_PARTIAL_ANY, err);
	if (!s)
		return STATUS_STOP;
	int row = db_row(st, s, err);
	st->writer->has_partial = row > 0;
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

struct id_range {
	struct hash128 low, high;
};

/* range lives until the statement is reset. */
static void bind_same(struct stmt *s, const struct fact *f, struct id_range *range)
{
	range->low = range->high = f->id;
	memset(range->low.b + FACT_ID_PREFIX, 0, HASH_BYTES - FACT_ID_PREFIX);
	memset(range->high.b + FACT_ID_PREFIX, 0xff, HASH_BYTES - FACT_ID_PREFIX);
	bind_int(s, IN_TIME, f->time);
	bind_hash(s, IN_LOW, &range->low);
	bind_hash(s, IN_HIGH, &range->high);
	bind_text(s, IN_REGION, f->region);
	bind_text(s, IN_SOURCE, f->call.source);
	bind_text(s, IN_NAME, f->call.name);
	bind_int(s, IN_DETAIL, f->detail);
}

enum status partial_has_better(struct store *st, const struct fact *f, bool *better,
                               struct err *err)
{
	struct id_range range;
	*better = false;
	if (f->detail == DETAIL_WHOLE)
		return STATUS_OK;
	struct stmt *s = db_stmt(st, SQL_PARTIAL_BETTER, err);
	if (!s)
		return STATUS_STOP;
	bind_same(s, f, &range);
	int row = db_row(st, s, err);
	*better = row > 0;
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static enum status run_on(struct store *st, enum sql sql, const struct fact *f,
                          const struct worse *w, struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_STREAM, w->stream);
	bind_int(s, IN_TIME, f->time);
	bind_hash(s, IN_ID, &w->id);
	return db_run(st, s, err);
}

enum status partial_replace(struct store *st, const struct fact *f, bool *replaced, struct err *err)
{
	struct worse worse[MOST_WORSE];
	struct id_range range;
	size_t n = 0;
	int row = 0;
	*replaced = false;
	if (!st->writer->has_partial || f->detail == DETAIL_NOBODY || !f->event_id.n)
		return STATUS_OK;
	struct stmt *s = db_stmt(st, SQL_PARTIAL_WORSE, err);
	if (!s)
		return STATUS_STOP;
	bind_same(s, f, &range);
	while (n < MOST_WORSE && (row = db_row(st, s, err)) > 0)
		worse[n++] = (struct worse){column_int(s, 0), column_int(s, 2), column_int(s, 3),
		                            column_hash(s, 1)};
	db_reset(s);
	if (row < 0)
		return STATUS_STOP;
	for (size_t i = 0; i < n; i++)
		if (run_on(st, SQL_PARTIAL_DROP, f, &worse[i], err) != STATUS_OK ||
		    run_on(st, SQL_PARTIAL_DROP_EVENT, f, &worse[i], err) != STATUS_OK ||
		    run_on(st, SQL_PARTIAL_DROP_CONFLICTS, f, &worse[i], err) != STATUS_OK ||
		    days_add(st, worse[i].call, worse[i].context, f->time, -1, err) != STATUS_OK)
			return STATUS_STOP;
	*replaced = n > 0;
	return STATUS_OK;
}

enum status partial_add(struct store *st, const struct fact *f, int64_t stream, struct err *err)
{
	if (f->detail == DETAIL_WHOLE)
		return STATUS_OK;
	struct stmt *s = db_stmt(st, SQL_PARTIAL_ADD, err);
	if (!s)
		return STATUS_STOP;
	st->writer->has_partial = true;
	bind_int(s, IN_STREAM, stream);
	bind_int(s, IN_TIME, f->time);
	bind_hash(s, IN_ID, &f->id);
	bind_int(s, IN_DETAIL, f->detail);
	return db_run(st, s, err);
}
