/* merge-slices.c - store: days of which only counts are held, of a database that is taken into
 * another. What two databases count can't be told apart any more, so that a day is taken over only
 * where the other one has nothing of it, or where all reduced rows that it was made of are known.
 */
#include "config.h"

#include "store/merge.h"

#include "base/when.h"

struct slice {
	const struct merge_stream *stream;
	int64_t day, rows, events;
	bool closed;
};

static enum status refuse(struct merge *m, const struct merge_stream *stream, int64_t day,
                          const char *why, struct err *err)
{
	char text[WHEN_SIZE];
	when_format_day(day * WHEN_DAY_SECONDS, text);
	err_set(err, STATUS_STOP, "reduced-day", "%s of %.*s in %.*s is held %s", text,
	        SPAN_ARG(stream->account), SPAN_ARG(stream->region), why);
	err_at_file(err, m->from->path);
	return STATUS_STOP;
}

enum status merge_admit(struct merge *m, const struct merge_stream *stream, int64_t time,
                        struct err *err)
{
	int64_t day = when_day(time);
	enum day_state state;
	if (!m->into->writer->states.any || stream->observer != OBSERVED_CLOUDTRAIL)
		return STATUS_OK;
	if (slices_state(m->into, stream->to, day, &state, err) != STATUS_OK)
		return STATUS_STOP;
	return state == DAY_EVENTS ? STATUS_OK
	                           : refuse(m, stream, day,
	                                    "as events here and as counts where it is to go", err);
}

/* Binds a day of the database that is taken in. */
static struct stmt *ask_of(struct merge *m, enum sql sql, const struct slice *d, struct err *err)
{
	struct stmt *s = db_stmt(m->from, sql, err);
	if (s) {
		bind_int(s, IN_STREAM, d->stream->from);
		bind_int(s, IN_DAY, d->day);
	}
	return s;
}

static enum status has_row(struct merge *m, const struct slice *d, const struct hash128 *id,
                           bool *has, struct err *err)
{
	struct stmt *s = db_stmt(m->into, SQL_MERGE_BULK_ROW_KNOWN, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_STREAM, d->stream->to);
	bind_int(s, IN_DAY, d->day);
	bind_hash(s, IN_ID, id);
	int row = db_row(m->into, s, err);
	*has = row > 0;
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* How many of the reduced rows of a day there are, and are known here. */
static enum status count_known(struct merge *m, const struct slice *d, uint64_t *n, uint64_t *known,
                               struct err *err)
{
	struct stmt *s = ask_of(m, SQL_MERGE_BULK_ROWS, d, err);
	int row;
	*n = *known = 0;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(m->from, s, err)) > 0) {
		struct hash128 id = column_hash(s, 0);
		bool has;
		if (has_row(m, d, &id, &has, err) != STATUS_OK) {
			db_reset(s);
			return STATUS_STOP;
		}
		(*n)++;
		*known += has;
	}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* *take: nothing of the day is here; else all of it is. */
static enum status compare_day(struct merge *m, const struct slice *d, bool *take, struct err *err)
{
	enum day_state state;
	uint64_t n, known;
	bool events;
	*take = true;
	if (slices_state(m->into, d->stream->to, d->day, &state, err) != STATUS_OK)
		return STATUS_STOP;
	if (state == DAY_EVENTS) {
		if (slices_has_events(m->into, d->stream->to, d->day, &events, err) != STATUS_OK)
			return STATUS_STOP;
		return events ? refuse(m, d->stream, d->day,
		                       "as counts here and as events where it is to go", err)
		              : STATUS_OK;
	}
	if (d->closed || state == DAY_CLOSED)
		return refuse(m, d->stream, d->day, "as counts in both, of which one is closed",
		              err);
	if (count_known(m, d, &n, &known, err) != STATUS_OK)
		return STATUS_STOP;
	*take = known == 0;
	return known == 0 || known == n
	               ? STATUS_OK
	               : refuse(m, d->stream, d->day,
	                        "as counts in both, some of which are the same", err);
}

static enum status put_bulk(struct merge *m, const struct slice *d, struct stmt *s, struct err *err)
{
	int64_t call, context, n = column_int(s, 3);
	int64_t first = merge_time(s, 4), last = merge_time(s, 5);
	if (merge_id(m, &m->calls, column_int(s, 0), &call, err) != STATUS_OK ||
	    merge_id(m, &m->contexts, column_int(s, 1), &context, err) != STATUS_OK)
		return STATUS_STOP;
	struct stmt *add = db_stmt(m->into, SQL_BULK_ADD, err);
	if (!add)
		return STATUS_STOP;
	bind_int(add, IN_STREAM, d->stream->to);
	bind_int(add, IN_DAY, d->day);
	bind_int(add, IN_CALL, call);
	bind_int(add, IN_CONTEXT, context);
	bind_int(add, IN_EVENTS, column_int(s, 2));
	bind_int(add, IN_FIRST, first);
	bind_int(add, IN_LAST, last);
	if (db_run(m->into, add, err) != STATUS_OK)
		return STATUS_STOP;
	m->counts.counted += column_int(s, 2) > 0 ? (uint64_t)column_int(s, 2) : 0;
	return days_add_many(m->into, call, context, n > 0 ? (uint64_t)n : 0, first, last, err);
}

static enum status put_bulks(struct merge *m, const struct slice *d, struct err *err)
{
	struct stmt *s = ask_of(m, SQL_MERGE_BULKS, d, err);
	int row;
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_LOW, d->day * WHEN_DAY_SECONDS);
	bind_int(s, IN_HIGH, (d->day + 1) * WHEN_DAY_SECONDS);
	while ((row = db_row(m->from, s, err)) > 0)
		if (put_bulk(m, d, s, err) != STATUS_OK) {
			db_reset(s);
			return STATUS_STOP;
		}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static enum status put_rows(struct merge *m, const struct slice *d, struct err *err)
{
	struct stmt *s = ask_of(m, SQL_MERGE_BULK_ROWS, d, err), *add;
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(m->from, s, err)) > 0) {
		struct hash128 id = column_hash(s, 0);
		if (!(add = db_stmt(m->into, SQL_BULK_ROW_ADD, err)))
			break;
		bind_int(add, IN_STREAM, d->stream->to);
		bind_int(add, IN_DAY, d->day);
		bind_hash(add, IN_ID, &id);
		if (db_run(m->into, add, err) != STATUS_OK)
			break;
	}
	db_reset(s);
	return row == 0 ? STATUS_OK : STATUS_STOP;
}

static enum status put_day(struct merge *m, const struct slice *d, struct err *err)
{
	struct stmt *s;
	if (put_bulks(m, d, err) != STATUS_OK || put_rows(m, d, err) != STATUS_OK ||
	    !(s = db_stmt(m->into, SQL_MERGE_SLICE_ADD, err)))
		return STATUS_STOP;
	bind_int(s, IN_STREAM, d->stream->to);
	bind_int(s, IN_DAY, d->day);
	bind_int(s, IN_CLOSED, d->closed);
	bind_int(s, IN_ROWS, d->rows);
	bind_int(s, IN_EVENTS, d->events);
	return db_run(m->into, s, err);
}

static enum status merge_slice(struct merge *m, struct stmt *s, struct err *err)
{
	struct slice d = {.stream = merge_stream_of(m, column_int(s, 0)),
	                  .day = when_day(merge_time(s, 1)),
	                  .closed = column_int(s, 2) != 0,
	                  .rows = column_int(s, 3),
	                  .events = column_int(s, 4)};
	bool take;
	if (!d.stream)
		return merge_altered(m, err);
	if (compare_day(m, &d, &take, err) != STATUS_OK)
		return STATUS_STOP;
	*(take ? &m->counts.events : &m->counts.duplicates) += (uint64_t)d.rows;
	m->counts.days += take;
	return take ? put_day(m, &d, err) : STATUS_OK;
}

static enum status merge_owners(struct merge *m, struct err *err)
{
	struct stmt *s = db_stmt(m->from, SQL_MERGE_OWNERS, err);
	int64_t call;
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(m->from, s, err)) > 0)
		if (merge_id(m, &m->calls, column_int(s, 0), &call, err) != STATUS_OK ||
		    slices_owner(m->into, call, merge_text(s, 1), err) != STATUS_OK) {
			db_reset(s);
			return STATUS_STOP;
		}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

enum status merge_slices(struct merge *m, struct err *err)
{
	struct stmt *s = db_stmt(m->from, SQL_MERGE_SLICES, err);
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(m->from, s, err)) > 0)
		if (merge_slice(m, s, err) != STATUS_OK) {
			db_reset(s);
			return STATUS_STOP;
		}
	if (row < 0)
		return STATUS_STOP;
	/* The days that were taken over are asked for from here on. */
	return slices_begin(m->into, err) == STATUS_OK ? merge_owners(m, err) : STATUS_STOP;
}
