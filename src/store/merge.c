/* merge.c - store: takes one database into another. Whatever order and however the records were
 * divided among databases, the content ends as that of one ingest of all: events are put like those
 * of a record, copies are settled like a second delivery, and what was joined where it comes from
 * is joined once more here. */
#include "config.h"

#include "store/merge.h"
#include "store/totals.h"

/* ---- events */

const struct merge_stream *merge_stream_of(const struct merge *m, int64_t from)
{
	size_t low = 0, high = m->streams.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (m->streams.v[middle].from < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->streams.n && m->streams.v[low].from == from ? &m->streams.v[low] : NULL;
}

struct event_row {
	struct fact fact; /* as far as it is known */
	const struct merge_stream *stream;
	int64_t from_call, from_context;
	int64_t call, context, session;
};

/* Of a captured call: who saw it and which line of a capture it is. */
static enum status captured_by(struct merge *m, struct event_row *e, struct err *err)
{
	struct fact *f = &e->fact;
	f->observer = e->stream->observer;
	if (f->observer == OBSERVED_CLOUDTRAIL)
		return STATUS_OK;
	struct stmt *s = db_stmt(m->from, SQL_MERGE_CAPTURED, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_REQUEST, (int64_t)f->request);
	bind_int(s, IN_TIME, f->time);
	bind_int(s, IN_STREAM, e->stream->from);
	bind_hash(s, IN_ID, &f->id);
	int row = db_row(m->from, s, err);
	if (row > 0) {
		f->observer =
		        (enum event_observer)column_enum(s, 0, OBSERVED_CSM, OBSERVED_S3_ACCESS);
		f->event_id = arena_span(&m->row, column_text(s, 1));
		db_reset(s);
	}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* How much its record told of who made it for whom. Records that tell less of an event are looked
 * for by what the call says. */
static enum status told_by(struct merge *m, struct event_row *e, int detail, struct err *err)
{
	struct fact *f = &e->fact;
	f->detail = (enum fact_detail)detail;
	if (f->detail == DETAIL_WHOLE && !m->into->writer->has_partial)
		return STATUS_OK;
	struct stmt *s = db_stmt(m->into, SQL_MERGE_CALL_NAME, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_CALL, e->call);
	if (db_row(m->into, s, err) != 1)
		return STATUS_STOP;
	f->call.source = arena_span(&m->row, column_text(s, 0));
	f->call.name = arena_span(&m->row, column_text(s, 1));
	f->region = e->stream->region;
	if (!f->event_id.n) /* it has one, which is not stored */
		f->event_id = SPAN_LIT("?");
	db_reset(s);
	return STATUS_OK;
}

/* A row of merge-events or merge-conflicts. */
static enum status event_from_row(struct merge *m, struct stmt *s, struct event_row *e,
                                  struct err *err)
{
	arena_reset(&m->row);
	arena_reset(&m->into->arena);
	*e = (struct event_row){
	        .fact = {.time = merge_time(s, 1),
	                 .id = column_hash(s, 2),
	                 .request = (uint64_t)column_int(s, 6)},
	        .stream = merge_stream_of(m, column_int(s, 0)),
	        .from_call = column_int(s, 3),
	        .from_context = column_int(s, 4),
	};
	if (!e->stream)
		return merge_altered(m, err);
	e->fact.account = e->stream->account;
	if (merge_id(m, &m->calls, e->from_call, &e->call, err) != STATUS_OK ||
	    merge_id(m, &m->contexts, e->from_context, &e->context, err) != STATUS_OK ||
	    merge_id(m, &m->sessions, column_int(s, 5), &e->session, err) != STATUS_OK)
		return STATUS_STOP;
	if (captured_by(m, e, err) != STATUS_OK)
		return STATUS_STOP;
	return told_by(m, e, column_enum(s, 7, DETAIL_NOBODY, DETAIL_WHOLE), err);
}

/* Which side of a call across accounts the event is, if it is any; *hash holds what the fact then
 * points to. */
static enum status find_shared(struct merge *m, struct event_row *e, struct hash128 *hash,
                               struct err *err)
{
	struct stmt *s;
	if (!m->any_shared)
		return STATUS_OK;
	if (!m->shared_index && db_script(m->from, SQL_MERGE_SHARED_INDEX, err) != STATUS_OK)
		return STATUS_STOP;
	m->shared_index = true;
	if (!(s = db_stmt(m->from, SQL_MERGE_SHARED_OF, err)))
		return STATUS_STOP;
	bind_int(s, IN_TIME, e->fact.time);
	bind_int(s, IN_CALL, e->from_call);
	bind_int(s, IN_CONTEXT, e->from_context);
	bind_int(s, IN_STREAM, e->stream->from);
	int row = db_row(m->from, s, err);
	if (row > 0) {
		*hash = column_hash(s, 0);
		e->fact.shared = hash;
		e->fact.owner_side = column_int(s, 1) != 0;
		db_reset(s);
	}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static bool is_conflict(enum copy_kind kind)
{
	return kind == COPY_CONFLICT || kind == COPY_CONFLICT_COUNTS;
}

static enum status put_duplicate(struct merge *m, struct event_row *e, struct err *err)
{
	enum copy_kind kind;
	struct hash128 shared;
	if (find_shared(m, e, &shared, err) != STATUS_OK ||
	    event_copy(m->into, &e->fact, e->stream->to, e->call, e->context, e->session, &kind,
	               err) != STATUS_OK)
		return STATUS_STOP;
	m->counts.duplicates++;
	m->counts.conflicts += is_conflict(kind);
	return STATUS_OK;
}

struct event_place { /* what events share that have one eventID */
	int64_t stream, time;
	struct hash128 id;
};

static bool same_event_id(const struct event_place *last, const struct event_row *e)
{
	return last->stream == e->stream->from && last->time == e->fact.time &&
	       memcmp(last->id.b, e->fact.id.b, FACT_ID_PREFIX) == 0;
}

/* last: the event before, in the order of streams, times and ids. What conflicts with it was
 * counted where it comes from. */
static enum status put_event(struct merge *m, struct event_row *e, const struct event_place *last,
                             struct err *err)
{
	struct store_counts n = {0};
	enum event_fate fate;
	if (merge_admit(m, e->stream, e->fact.time, err) != STATUS_OK ||
	    event_put(m->into, &e->fact, e->stream->to, e->call, e->context, e->session, &fate,
	              err) != STATUS_OK)
		return STATUS_STOP;
	if (fate == EVENT_COPY)
		return put_duplicate(m, e, err);
	*(fate == EVENT_STORED ? &m->counts.events : &m->counts.duplicates) += 1;
	if (fate == EVENT_LESS)
		return STATUS_OK;
	if (event_conflict(m->into, &e->fact, e->stream->to, &n, err) != STATUS_OK)
		return STATUS_STOP;
	if (!same_event_id(last, e))
		m->counts.conflicts += n.conflicts;
	return event_new(m->into, &e->fact, e->stream->to, e->call, e->context, err);
}

static enum status merge_events(struct merge *m, struct err *err)
{
	struct stmt *s = db_stmt(m->from, SQL_MERGE_EVENTS, err);
	struct event_place last = {0};
	struct event_row e;
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(m->from, s, err)) > 0) {
		if (event_from_row(m, s, &e, err) != STATUS_OK ||
		    put_event(m, &e, &last, err) != STATUS_OK) {
			db_reset(s);
			return STATUS_STOP;
		}
		last = (struct event_place){e.stream->from, e.fact.time, e.fact.id};
	}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* Whether the event is here; another one of a record that tells more may stand in its place. */
static enum status is_here(struct merge *m, const struct event_row *e, bool *here, struct err *err)
{
	struct stmt *s = db_stmt(m->into, SQL_EVENT_GET, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_STREAM, e->stream->to);
	bind_int(s, IN_TIME, e->fact.time);
	bind_hash(s, IN_ID, &e->fact.id);
	int row = db_row(m->into, s, err);
	*here = row > 0;
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static enum status put_conflict(struct merge *m, struct event_row *e, struct err *err)
{
	enum copy_kind kind;
	bool here, counted;
	if (is_here(m, e, &here, err) != STATUS_OK)
		return STATUS_STOP;
	if (!here)
		return STATUS_OK;
	if (copy_put(m->into, &e->fact, e->stream->to, e->call, e->context, e->session, &kind,
	             &counted, err) != STATUS_OK)
		return STATUS_STOP;
	m->lost_conflicts += !is_conflict(kind);
	return STATUS_OK;
}

/* Copies that do not count there: none of them says more than the one that does, which is here. */
static enum status merge_conflicts(struct merge *m, struct err *err)
{
	struct stmt *s = db_stmt(m->from, SQL_MERGE_CONFLICTS, err);
	struct event_row e;
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(m->from, s, err)) > 0) {
		if (event_from_row(m, s, &e, err) != STATUS_OK ||
		    put_conflict(m, &e, err) != STATUS_OK) {
			db_reset(s);
			return STATUS_STOP;
		}
	}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* ---- what counts and joins */

/* First and last times tell of copies, too, that no longer are there. */
static enum status merge_days(struct merge *m, struct err *err)
{
	struct stmt *s = db_stmt(m->from, SQL_MERGE_DAYS, err);
	int64_t call, context;
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(m->from, s, err)) > 0)
		if (merge_id(m, &m->calls, column_int(s, 0), &call, err) != STATUS_OK ||
		    merge_id(m, &m->contexts, column_int(s, 1), &context, err) != STATUS_OK ||
		    days_add(m->into, call, context, merge_time(s, 2), 0, err) != STATUS_OK ||
		    days_add(m->into, call, context, merge_time(s, 3), 0, err) != STATUS_OK) {
			db_reset(s);
			return STATUS_STOP;
		}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* Whether an event that counts is this side of a call across accounts. */
static enum status side_counts(struct merge *m, const struct fact *f, int64_t call, int64_t context,
                               bool *counts, struct err *err)
{
	struct stmt *s = db_stmt(m->into, SQL_MERGE_SHARED_COUNTS, err);
	if (!s)
		return STATUS_STOP;
	bind_text(s, IN_ACCOUNT, f->account);
	bind_int(s, IN_TIME, f->time);
	bind_int(s, IN_CONTEXT, context);
	bind_int(s, IN_CALL, call);
	int row = db_row(m->into, s, err);
	*counts = row > 0;
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static enum status merge_side(struct merge *m, struct stmt *s, struct err *err)
{
	struct hash128 hash = column_hash(s, 0);
	struct fact f = {.shared = &hash,
	                 .time = merge_time(s, 3),
	                 .owner_side = column_int(s, 4) != 0,
	                 .account = merge_text(s, 5)};
	int64_t call, context;
	bool counts;
	if (merge_id(m, &m->calls, column_int(s, 1), &call, err) != STATUS_OK ||
	    merge_id(m, &m->contexts, column_int(s, 2), &context, err) != STATUS_OK ||
	    side_counts(m, &f, call, context, &counts, err) != STATUS_OK)
		return STATUS_STOP;
	if (!column_is_null(s, 6)) /* of a day that is held as counts, no event tells */
		counts = column_int(s, 6) != 0;
	return shared_keep(m->into, &f, call, context, counts, err);
}

static enum status merge_shared(struct merge *m, struct err *err)
{
	struct stmt *s = db_stmt(m->from, SQL_MERGE_SHARED, err);
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(m->from, s, err)) > 0)
		if (merge_side(m, s, err) != STATUS_OK) {
			db_reset(s);
			return STATUS_STOP;
		}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* ---- counts */

/* What the other database has counted is added, too. */
static enum status add_to_count(struct merge *m, const char *key, int64_t n, struct err *err)
{
	int64_t there;
	bool any;
	if (db_get_count(m->from, key, &any, &there, err) != STATUS_OK)
		return STATUS_STOP;
	return db_add_to_count(m->into, key, (int64_t)((uint64_t)there + (uint64_t)n), err);
}

/* Sources tell what became of their records where they were read. What they do not tell: how many
 * of their events turned out to be duplicates of others' when databases were merged. */
static enum status note_counts(struct merge *m, struct err *err)
{
	int64_t lost =
	        m->lost_conflicts > m->known_conflicts ? m->lost_conflicts - m->known_conflicts : 0;
	if (add_to_count(m, "merged-duplicates", (int64_t)m->counts.duplicates - m->known_stored,
	                 err) != STATUS_OK)
		return STATUS_STOP;
	if (add_to_count(m, "merged-conflicts", (int64_t)m->counts.conflicts - lost, err) !=
	    STATUS_OK)
		return STATUS_STOP;
	return add_to_count(m, "pruned", 0, err);
}

static enum status find_any_shared(struct merge *m, struct err *err)
{
	struct stmt *s = db_stmt(m->from, SQL_MERGE_SHARED_ANY, err);
	if (!s)
		return STATUS_STOP;
	int row = db_row(m->from, s, err);
	m->any_shared = row > 0;
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* All that is read of the database is of one moment. */
static enum status merge_all(struct merge *m, struct err *err)
{
	static enum status (*const parts[])(struct merge * m, struct err * err) = {
	        find_any_shared, merge_rows, merge_events, merge_slices,
	        merge_conflicts, merge_days, merge_shared, note_counts};
	if (db_exec(m->from, "BEGIN", err) != STATUS_OK)
		return STATUS_STOP;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (parts[i](m, err) != STATUS_OK)
			return STATUS_STOP;
	return db_exec(m->from, "COMMIT", err);
}

enum status store_merge(struct store *st, struct store *from, struct store_merged *counts,
                        struct err *err)
{
	struct merge m = {.into = st, .from = from};
	arena_init(&m.arena);
	arena_init(&m.row);
	enum status status = writer_begin(st, err);
	if (status == STATUS_OK)
		status = writer_know(st, err);
	if (status == STATUS_OK)
		status = merge_all(&m, err);
	if (status != STATUS_OK)
		store_abandon(st);
	counts->sources += m.counts.sources;
	counts->sources_known += m.counts.sources_known;
	counts->events += m.counts.events;
	counts->duplicates += m.counts.duplicates;
	counts->conflicts += m.counts.conflicts;
	counts->days += m.counts.days;
	counts->counted += m.counts.counted;
	vec_release(&m.sources);
	vec_release(&m.streams);
	vec_release(&m.contexts);
	vec_release(&m.sessions);
	vec_release(&m.calls);
	vec_release(&m.stand_ins);
	arena_release(&m.arena);
	arena_release(&m.row);
	return status;
}

enum status store_merge_finish(struct store *st, struct err *err)
{
	if (writer_begin(st, err) == STATUS_OK && days_flush(st, err) == STATUS_OK &&
	    groups_flush(st, err) == STATUS_OK && join_all(st, err) == STATUS_OK &&
	    totals_finish(st, err) == STATUS_OK && writer_commit(st, err) == STATUS_OK)
		return STATUS_OK;
	store_abandon(st);
	return STATUS_STOP;
}
