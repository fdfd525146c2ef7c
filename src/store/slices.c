/* slices.c - store: days of streams of which only counts are held (tables slice, bulk and bulk_row).
 * A day is held as events or as counts: what comes in the other form is refused, or it would count
 * twice. */
#include "config.h"

#include "store/writer.h"

#include "base/when.h"

enum status slices_begin(struct store *st, struct err *err)
{
	struct day_states *states = &st->writer->states;
	struct stmt *s = db_stmt(st, SQL_SLICE_ANY, err);
	if (!s || db_row(st, s, err) != 1)
		return STATUS_STOP;
	*states = (struct day_states){.any = column_int(s, 0) != 0};
	db_reset(s);
	return STATUS_OK;
}

static size_t slot_of(int64_t stream, int64_t day)
{
	return ((uint64_t)stream * 31 + (uint64_t)day) % DAY_STATES;
}

static void remember(struct day_states *states, int64_t stream, int64_t day, enum day_state state)
{
	size_t i = slot_of(stream, day);
	states->slot[i].stream = stream;
	states->slot[i].day = day;
	states->slot[i].state = state;
}

enum status slices_state(struct store *st, int64_t stream, int64_t day, enum day_state *out,
                         struct err *err)
{
	struct day_states *states = &st->writer->states;
	size_t i = slot_of(stream, day);
	if (states->slot[i].stream == stream && states->slot[i].day == day) {
		*out = states->slot[i].state;
		return STATUS_OK;
	}
	struct stmt *s = db_stmt(st, SQL_SLICE_GET, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_STREAM, stream);
	bind_int(s, IN_DAY, day);
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	*out = !row ? DAY_EVENTS : column_int(s, 0) ? DAY_CLOSED : DAY_COUNTS;
	db_reset(s);
	remember(states, stream, day, *out);
	return STATUS_OK;
}

/* What a statement of one row and one column, a flag, says. */
static enum status ask_flag(struct store *st, struct stmt *s, bool *out, struct err *err)
{
	if (db_row(st, s, err) != 1)
		return STATUS_STOP;
	*out = column_int(s, 0) != 0;
	db_reset(s);
	return STATUS_OK;
}

enum status slices_has_events(struct store *st, int64_t stream, int64_t day, bool *out,
                              struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_SLICE_RAW, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_STREAM, stream);
	bind_int(s, IN_LOW, day * WHEN_DAY_SECONDS);
	bind_int(s, IN_HIGH, (day + 1) * WHEN_DAY_SECONDS);
	return ask_flag(st, s, out, err);
}

/* Whether the record was taken in before its day was closed: its file was read then, with another
 * window. */
static enum status is_known(struct store *st, const struct store_source *src, int64_t time,
                            bool *out, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_SOURCE_COVERED, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_SOURCE, src->id);
	bind_int(s, IN_TIME, time);
	return ask_flag(st, s, out, err);
}

/* ---- what is refused */

static struct store_refused *refused_day(struct store_source *src, const struct fact *f,
                                         int64_t stream, int64_t day, bool events)
{
	size_t n = src->n_refused < LIMIT_REFUSED ? src->n_refused : LIMIT_REFUSED;
	for (size_t i = n; i-- > 0;)
		if (src->refused_stream[i] == stream && src->refused[i].day == day &&
		    src->refused[i].events == events)
			return &src->refused[i];
	if (n == LIMIT_REFUSED) {
		src->n_refused = LIMIT_REFUSED + 1;
		return &src->refused[LIMIT_REFUSED];
	}
	src->refused_stream[n] = stream;
	src->refused[n] = (struct store_refused){.account = arena_span(&src->names, f->account),
	                                         .region = arena_span(&src->names, f->region),
	                                         .day = day,
	                                         .events = events};
	src->n_refused++;
	return &src->refused[n];
}

static void refuse(struct store_source *src, const struct fact *f, int64_t stream, bool events,
                   uint64_t ordinal, struct store_counts *n)
{
	struct store_refused *r = refused_day(src, f, stream, when_day(f->time), events);
	if (!r->records++)
		r->first = ordinal;
	n->records++;
	n->skipped++;
	*(events ? &n->raw_day : &n->reduced_day) += 1;
}

const struct store_refused *store_source_refused(const struct store_source *src, size_t *n)
{
	*n = src->n_refused;
	return src->refused;
}

enum status slices_tell(struct store *st, struct store_source *src, struct err *err)
{
	for (size_t i = 0; i < src->n_refused; i++) {
		struct store_refused *r = &src->refused[i];
		char day[WHEN_SIZE];
		if (r->told == r->records)
			continue;
		struct stmt *s = db_stmt(st, SQL_REASON_ADD, err);
		if (!s)
			return STATUS_STOP;
		when_format_day(r->day * WHEN_DAY_SECONDS, day);
		bind_int(s, IN_SOURCE, src->id);
		bind_int(s, IN_SKIPPED, 1);
		bind_text(s, IN_WORD, span_of(r->events ? "raw-day" : "reduced-day"));
		bind_int(s, IN_N, (int64_t)(r->records - r->told));
		bind_int(s, IN_RECORD, (int64_t)r->first);
		bind_text(s, IN_SAMPLE,
		          r->account.p ? arena_printf(&st->arena, "%s of %.*s in %.*s is held as %s",
		                                      day, SPAN_ARG(r->account), SPAN_ARG(r->region),
		                                      r->events ? "events" : "counts")
		                       : SPAN_NONE);
		if (db_run(st, s, err) != STATUS_OK)
			return STATUS_STOP;
		r->told = r->records;
	}
	return STATUS_OK;
}

enum status slices_admit(struct store *st, struct store_source *src, const struct fact *f,
                         int64_t stream, uint64_t ordinal, bool *admitted, struct store_counts *n,
                         struct err *err)
{
	int64_t day = when_day(f->time);
	enum day_state state;
	bool known = false, events = false;
	if (slices_state(st, stream, day, &state, err) != STATUS_OK)
		return STATUS_STOP;
	if (f->count && state == DAY_EVENTS &&
	    slices_has_events(st, stream, day, &events, err) != STATUS_OK)
		return STATUS_STOP;
	*admitted = f->count ? !events && state != DAY_CLOSED : state == DAY_EVENTS;
	if (*admitted)
		return STATUS_OK;
	if (is_known(st, src, f->time, &known, err) != STATUS_OK)
		return STATUS_STOP;
	if (known) {
		n->records++;
		n->duplicates++;
		return STATUS_OK;
	}
	refuse(src, f, stream, events, ordinal, n);
	return STATUS_OK;
}

/* ---- reduced rows */

enum status slices_row(struct store *st, const struct fact *f, int64_t stream, bool *fresh,
                       struct err *err)
{
	int64_t day = when_day(f->time);
	struct stmt *s = db_stmt(st, SQL_BULK_ROW_ADD, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_STREAM, stream);
	bind_int(s, IN_DAY, day);
	bind_hash(s, IN_ID, &f->count->row);
	if (db_run(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	*fresh = sqlite3_changes(st->db) > 0;
	if (!*fresh)
		return STATUS_OK;
	if (!(s = db_stmt(st, SQL_SLICE_ADD, err)))
		return STATUS_STOP;
	bind_int(s, IN_STREAM, stream);
	bind_int(s, IN_DAY, day);
	bind_int(s, IN_EVENTS, (int64_t)f->count->events);
	st->writer->states.any = true;
	remember(&st->writer->states, stream, day, DAY_COUNTS);
	return db_run(st, s, err);
}

enum status slices_owner(struct store *st, int64_t call, struct span owner, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_BULK_OWNER, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_CALL, call);
	bind_text(s, IN_ACCOUNT, owner);
	if (db_run(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	if (sqlite3_changes(st->db) == 0)
		return STATUS_OK;
	if (!(s = db_stmt(st, SQL_BULK_STALE, err)))
		return STATUS_STOP;
	bind_int(s, IN_CALL, call);
	return db_run(st, s, err);
}

enum status slices_count(struct store *st, const struct fact *f, int64_t stream, int64_t call,
                         int64_t context, struct err *err)
{
	const struct event_count *c = f->count;
	struct stmt *s = db_stmt(st, SQL_BULK_ADD, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_STREAM, stream);
	bind_int(s, IN_DAY, when_day(f->time));
	bind_int(s, IN_CALL, call);
	bind_int(s, IN_CONTEXT, context);
	bind_int(s, IN_EVENTS, (int64_t)c->events);
	bind_int(s, IN_FIRST, f->time);
	bind_int(s, IN_LAST, c->last);
	if (db_run(st, s, err) != STATUS_OK ||
	    days_add_many(st, call, context, c->events, f->time, c->last, err) != STATUS_OK)
		return STATUS_STOP;
	return c->owner.n ? slices_owner(st, call, c->owner, err) : STATUS_OK;
}
