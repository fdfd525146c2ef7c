/* close-days.c - store: replaces the events of a day by their counts, once all of the day is there.
 * call_day has the same counts less those that joins took out; bulk says which of them rest on no
 * event any more. */
#include "config.h"

#include "store/writer.h"

#include "base/alloc.h"
#include "base/when.h"

#include <stdlib.h>

/* Events are counted by the hour: the busiest day of a stream does not fit into memory at once. */
enum { PART_SECONDS = 3600 };

static void bind_times(struct stmt *s, int64_t stream, int64_t low, int64_t high)
{
	bind_int(s, IN_STREAM, stream);
	bind_int(s, IN_LOW, low);
	bind_int(s, IN_HIGH, high);
}

static enum status list_streams(struct store *st, int64_t **out, size_t *n, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_CLOSE_STREAMS, err);
	size_t room = 0;
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0) {
		if (*n == room) {
			room = room ? 2 * room : 64;
			*out = xreallocarray(*out, room, sizeof **out);
		}
		(*out)[(*n)++] = column_int(s, 0);
	}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* The first time of an event, low <= time < high. */
static enum status next_time(struct store *st, int64_t stream, int64_t low, int64_t high,
                             bool *any, int64_t *time, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_CLOSE_NEXT, err);
	if (!s)
		return STATUS_STOP;
	bind_times(s, stream, low, high);
	if (db_row(st, s, err) != 1)
		return STATUS_STOP;
	*any = !column_is_null(s, 0);
	*time = column_int(s, 0);
	db_reset(s);
	return STATUS_OK;
}

static enum status count_part(struct store *st, int64_t stream, int64_t day, int64_t low,
                              struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_CLOSE_COUNT, err);
	if (!s)
		return STATUS_STOP;
	bind_times(s, stream, low, low + PART_SECONDS);
	bind_int(s, IN_DAY, day);
	return db_run(st, s, err);
}

static enum status delete_times(struct store *st, enum sql sql, int64_t stream, int64_t low,
                                int64_t high, struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	bind_times(s, stream, low, high);
	return db_run(st, s, err);
}

static enum status close_day(struct store *st, int64_t stream, int64_t day, struct err *err)
{
	int64_t low = day * WHEN_DAY_SECONDS, high = low + WHEN_DAY_SECONDS;
	struct stmt *s;
	if (writer_begin(st, err) != STATUS_OK)
		return STATUS_STOP;
	for (int64_t at = low; at < high; at += PART_SECONDS)
		if (count_part(st, stream, day, at, err) != STATUS_OK)
			return STATUS_STOP;
	if (delete_times(st, SQL_CLOSE_CONFLICTS, stream, low, high, err) != STATUS_OK ||
	    delete_times(st, SQL_CLOSE_PARTIAL, stream, low, high, err) != STATUS_OK ||
	    delete_times(st, SQL_CLOSE_EVENTS, stream, low, high, err) != STATUS_OK)
		return STATUS_STOP;
	st->writer->pending += (uint64_t)sqlite3_changes64(st->db);
	if (!(s = db_stmt(st, SQL_CLOSE_DAY, err)))
		return STATUS_STOP;
	bind_int(s, IN_STREAM, stream);
	bind_int(s, IN_DAY, day);
	if (db_run(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	return st->writer->pending < STORE_BATCH ? STATUS_OK : writer_commit(st, err);
}

static bool is_stopped(const atomic_bool *stop)
{
	return stop && atomic_load(stop);
}

static enum status close_stream(struct store *st, int64_t stream, int64_t until,
                                const atomic_bool *stop, uint64_t *days, struct err *err)
{
	int64_t low = INT64_MIN, time;
	bool any;
	while (!is_stopped(stop)) {
		if (next_time(st, stream, low, until, &any, &time, err) != STATUS_OK)
			return STATUS_STOP;
		if (!any)
			break;
		if (close_day(st, stream, when_day(time), err) != STATUS_OK)
			return STATUS_STOP;
		++*days;
		low = (when_day(time) + 1) * WHEN_DAY_SECONDS;
	}
	return STATUS_OK;
}

static enum status close_rows(struct store *st, int64_t before, struct err *err)
{
	struct stmt *s;
	if (writer_begin(st, err) != STATUS_OK || !(s = db_stmt(st, SQL_CLOSE_OPEN, err)))
		return STATUS_STOP;
	bind_int(s, IN_DAY, before);
	if (db_run(st, s, err) != STATUS_OK || !(s = db_stmt(st, SQL_CLOSE_ROWS, err)) ||
	    db_run(st, s, err) != STATUS_OK || !(s = db_stmt(st, SQL_CLOSE_SESSIONS, err)) ||
	    db_run(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	cache_clear(&st->writer->sessions);
	return writer_commit(st, err);
}

enum status store_close_days(struct store *st, int64_t before, const atomic_bool *stop,
                             uint64_t *days, struct err *err)
{
	int64_t *streams = NULL, until = INT64_MAX;
	size_t n = 0;
	*days = 0;
	if (before < INT64_MAX / WHEN_DAY_SECONDS)
		until = before * WHEN_DAY_SECONDS;
	enum status status = store_flush(st, err);
	if (status == STATUS_OK)
		status = list_streams(st, &streams, &n, err);
	for (size_t i = 0; i < n && status == STATUS_OK && !is_stopped(stop); i++)
		status = close_stream(st, streams[i], until, stop, days, err);
	free(streams);
	if (status == STATUS_OK && !is_stopped(stop))
		status = close_rows(st, before, err);
	if (status == STATUS_OK)
		status = writer_commit(st, err);
	if (status == STATUS_OK)
		status = slices_begin(st, err);
	return status == STATUS_OK ? db_give_back(st, err) : status;
}
