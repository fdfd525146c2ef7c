/* write.c - store: adds events, with the calls, contexts and sessions they point to. Many sources
 * share a transaction; a source is marked done in the transaction of its last batch, so whatever
 * ends the program, the next run takes up where the last commit was. */
#include "config.h"

#include "store/put.h"
#include "store/totals.h"

#include "base/alloc.h"
#include "base/when.h"

#include <stdlib.h>

/* Entries of the caches: 64 bytes each. */
enum { CACHE_CALLS = 1 << 16, CACHE_SMALL = 1 << 13, NAME_SLOTS = 1 << 12, NAME_LONGEST = 160 };
/* Bits: 1 MB for a million calls, 4 MB for several million events a run; with more of them the
 * database is asked more often. */
enum { BLOOM_CALLS = 1 << 23, BLOOM_EVENTS = 1 << 25 };

struct writer *writer_new(void)
{
	struct writer *w = xcalloc(1, sizeof *w);
	cache_init(&w->calls, CACHE_CALLS);
	cache_init(&w->contexts, CACHE_SMALL);
	cache_init(&w->sessions, CACHE_SMALL);
	cache_init(&w->principals, CACHE_SMALL);
	cache_init(&w->streams, CACHE_SMALL);
	w->names = memo_new(NAME_SLOTS, NAME_LONGEST, sizeof(struct hash128));
	w->groups = groups_new();
	days_init(&w->days);
	bloom_init(&w->hashes, BLOOM_CALLS);
	dictionary_init(&w->numbers);
	bloom_init(&w->events, BLOOM_EVENTS);
	w->put.events = xcalloc(PUT_ROWS, sizeof *w->put.events);
	return w;
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	cache_release(&w->calls);
	cache_release(&w->contexts);
	cache_release(&w->sessions);
	cache_release(&w->principals);
	cache_release(&w->streams);
	memo_free(w->names);
	groups_free(w->groups);
	days_release(&w->days);
	bloom_release(&w->hashes);
	dictionary_release(&w->numbers);
	bloom_release(&w->events);
	free(w->put.events);
	store_source_leave(NULL, w->source);
	free(w);
}

/* ---- transactions */

/* The first calls of a database are appended without indices: an ingest knows all hashes, and one
 * sort in the end costs less than a search for the place of each. */
static enum status load_calls(struct store *st, struct err *err)
{
	struct writer *w = st->writer;
	struct stmt *s;
	bool any = false;
	int row;
	bloom_clear(&w->hashes);
	dictionary_release(&w->numbers);
	w->all_numbers = true;
	if (!(s = db_stmt(st, SQL_CALL_HASHES, err)))
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0) {
		struct hash128 hash = column_hash(s, 0);
		bloom_add(&w->hashes, &hash);
		any = true;
		if (w->all_numbers)
			w->all_numbers = dictionary_add(&w->numbers, &hash, column_int(s, 1));
	}
	if (row < 0)
		return STATUS_STOP;
	if (!w->all_numbers)
		dictionary_release(&w->numbers);
	w->calls_known = true;
	w->unindexed = !any;
	return db_script(st, any ? SQL_CALL_INDEX : SQL_CALL_UNINDEX, err);
}

static enum status load_known_hashes(struct store *st, struct err *err)
{
	struct writer *w = st->writer;
	struct stmt *s;
	int64_t version;
	if (db_data_version(st, &version, err) != STATUS_OK)
		return STATUS_STOP;
	if (w->known && version == w->version)
		return w->calls_known ? STATUS_OK : load_calls(st, err);
	bloom_clear(&w->events);
	if (load_calls(st, err) != STATUS_OK || !(s = db_stmt(st, SQL_EVENT_RANGE, err)) ||
	    db_row(st, s, err) != 1)
		return STATUS_STOP;
	bool empty = column_is_null(s, 0);
	w->first = empty ? INT64_MAX : column_int(s, 0);
	w->last = empty ? INT64_MIN : column_int(s, 1);
	db_reset(s);
	w->version = version;
	w->known = true;
	return slices_begin(st, err);
}

enum status writer_begin(struct store *st, struct err *err)
{
	if (st->writer->in_transaction)
		return STATUS_OK;
	if (db_exec(st, "BEGIN IMMEDIATE", err) != STATUS_OK)
		return STATUS_STOP;
	st->writer->in_transaction = true;
	st->writer->pending = 0;
	st->writer->checked = false;
	return STATUS_OK;
}

/* At first, and whenever another program has changed the database; a run that finds nothing new to
 * read need not. */
enum status writer_know(struct store *st, struct err *err)
{
	if (st->writer->checked)
		return STATUS_OK;
	st->writer->checked = true;
	return load_known_hashes(st, err);
}

enum status writer_commit(struct store *st, struct err *err)
{
	if (!st->writer->in_transaction)
		return STATUS_OK;
	if (put_events(st, err) != STATUS_OK || days_flush(st, err) != STATUS_OK ||
	    groups_flush(st, err) != STATUS_OK || db_exec(st, "COMMIT", err) != STATUS_OK)
		return STATUS_STOP;
	st->writer->in_transaction = false;
	return STATUS_OK;
}

void writer_rollback(struct store *st)
{
	if (!st->writer->in_transaction)
		return;
	sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
	st->writer->in_transaction = false;
	st->writer->put.n_events = 0;
}

void store_abandon(struct store *st)
{
	writer_rollback(st);
	st->writer->abandoned = true;
}

/* ---- one event */

/* What events of one stream, second and eventID have in common. */
static struct hash128 event_key(const struct fact *f)
{
	struct hash128 key = f->id;
	uint64_t place = hash_low(&f->stream) ^ (uint64_t)f->time * UINT64_C(0xc2b2ae3d27d4eb4f);
	memcpy(key.b + HASH_BYTES - sizeof place, &place, sizeof place);
	memset(key.b + FACT_ID_PREFIX, 0, HASH_BYTES - sizeof place - FACT_ID_PREFIX);
	return key;
}

/* Whether such an event may have been there before this one. */
static bool may_conflict(struct writer *w, const struct fact *f)
{
	struct hash128 key = event_key(f);
	bool seen = bloom_may_have(&w->events, &key);
	bloom_add(&w->events, &key);
	return seen || (f->time >= w->first && f->time <= w->last);
}

enum status event_conflict(struct store *st, const struct fact *f, int64_t stream,
                           struct store_counts *n, struct err *err)
{
	if (st->writer->put.alone)
		return STATUS_OK;
	struct hash128 low = f->id, high = f->id;
	memset(low.b + FACT_ID_PREFIX, 0, HASH_BYTES - FACT_ID_PREFIX);
	memset(high.b + FACT_ID_PREFIX, 0xff, HASH_BYTES - FACT_ID_PREFIX);
	struct stmt *s = db_stmt(st, SQL_EVENT_CONFLICT, err);
	int row, found = 0;
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_STREAM, stream);
	bind_int(s, IN_TIME, f->time);
	bind_hash(s, IN_LOW, &low);
	bind_hash(s, IN_HIGH, &high);
	while ((row = db_row(st, s, err)) > 0)
		found++;
	n->conflicts += found > 1;
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static enum status set_sample(struct store *st, enum sql sql, const struct sample *sample,
                              struct cache_entry *call, struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_TIME, sample->time);
	bind_hash(s, IN_ID, &sample->id);
	bind_text(s, IN_EVENT, sample->event_id);
	bind_int(s, IN_SOURCE, sample->source);
	bind_int(s, IN_ORDINAL, sample->ordinal);
	bind_int(s, IN_CALL, call->id);
	call->time = sample->time;
	call->sample = sample->id;
	return db_run(st, s, err);
}

static int compare_sample(const struct sample *sample, const struct cache_entry *call)
{
	if (sample->time != call->time)
		return sample->time < call->time ? -1 : 1;
	return memcmp(sample->id.b, call->sample.b, HASH_BYTES);
}

static enum status keep_sample(struct store *st, const struct sample *sample,
                               struct cache_entry *call, struct err *err)
{
	return compare_sample(sample, call) < 0 ? set_sample(st, SQL_SAMPLE_SET, sample, call, err)
	                                        : STATUS_OK;
}

enum status sample_least(struct store *st, const struct sample *sample, struct cache_entry *call,
                         struct err *err)
{
	return compare_sample(sample, call) <= 0
	               ? set_sample(st, SQL_SAMPLE_LEAST, sample, call, err)
	               : STATUS_OK;
}

/* What says who somebody is has no window: it is kept whatever is asked for. */
static int64_t told_at(const struct fact *f)
{
	if (f->call.kind == EVENT_IDENTITY)
		return TOLD_FOR_GOOD;
	return f->count ? f->count->last : f->time;
}

static enum status keep_keys(struct store *st, const struct fact *f, struct err *err)
{
	const int64_t told = told_at(f);
	for (size_t i = 0; i < f->n_issued; i++) {
		const struct principal *asked_by = f->issued[i].asked_by;
		int64_t issuer = 0;
		if ((asked_by && row_principal(st, asked_by, &issuer, err) != STATUS_OK) ||
		    row_principal_of(st, f->issued[i].principal, err) != STATUS_OK)
			return STATUS_STOP;
		struct stmt *s = db_stmt(st, SQL_KEY_OWNER_ADD, err);
		if (!s)
			return STATUS_STOP;
		bind_text(s, IN_ACCESS_KEY, f->issued[i].access_key);
		bind_int(s, IN_ORIGIN, KEY_ISSUED);
		bind_text(s, IN_PRINCIPAL, f->issued[i].principal);
		bind_text(s, IN_SESSION, f->issued[i].session);
		bind_text(s, IN_TAGS, f->issued[i].tags);
		bind_int(s, IN_ISSUER, issuer);
		bind_int(s, IN_TOLD, told);
		if (db_run(st, s, err) != STATUS_OK)
			return STATUS_STOP;
	}
	for (size_t i = 0; i < f->n_iam_arns; i++)
		if (row_iam_name(st, f->iam_arns[i], told, err) != STATUS_OK)
			return STATUS_STOP;
	for (size_t i = 0; i < f->n_known; i++)
		if (row_known(st, f->call.account, &f->known[i], told, err) != STATUS_OK)
			return STATUS_STOP;
	return row_profile_role(st, f->call.account, f->profile, f->profile_role, told, err);
}

enum status shared_keep(struct store *st, const struct fact *f, int64_t call, int64_t context,
                        bool counted, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_SHARED_ADD, err);
	if (!s)
		return STATUS_STOP;
	bind_hash(s, IN_HASH, f->shared);
	bind_int(s, IN_CALL, call);
	bind_int(s, IN_CONTEXT, context);
	bind_int(s, IN_TIME, f->time);
	bind_int(s, IN_OWNER_SIDE, f->owner_side);
	bind_text(s, IN_ACCOUNT, f->account);
	bind_int(s, IN_COUNTED, counted);
	if (db_run(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	if (sqlite3_changes(st->db) == 0)
		return STATUS_OK;
	if (!(s = db_stmt(st, SQL_SHARED_NEW, err)))
		return STATUS_STOP;
	bind_hash(s, IN_HASH, f->shared);
	return db_run(st, s, err);
}

static enum status insert_event(struct store *st, const struct fact *f, int64_t stream,
                                int64_t call, int64_t context, int64_t session, bool *stored,
                                struct err *err)
{
	struct writer *w = st->writer;
	w->put.alone = !may_conflict(w, f);
	if (w->put.alone) { /* then it is no copy */
		*stored = true;
		w->put.events[w->put.n_events++] = (struct new_event){
		        stream, f->time, call, context, session, (int64_t)f->request, f->id};
		return w->put.n_events < PUT_ROWS ? STATUS_OK : put_events(st, err);
	}
	struct stmt *s = db_stmt(st, SQL_EVENT_INSERT, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_STREAM, stream);
	bind_int(s, IN_TIME, f->time);
	bind_hash(s, IN_ID, &f->id);
	bind_int(s, IN_CALL, call);
	bind_int(s, IN_CONTEXT, context);
	bind_int(s, IN_SESSION, session);
	bind_int(s, IN_REQUEST, (int64_t)f->request);
	if (db_run(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	*stored = sqlite3_changes(st->db) > 0;
	return STATUS_OK;
}

enum status event_copy(struct store *st, const struct fact *f, int64_t stream, int64_t call,
                       int64_t context, int64_t session, enum copy_kind *kind, struct err *err)
{
	bool counted = true;
	if (copy_put(st, f, stream, call, context, session, kind, &counted, err) != STATUS_OK)
		return STATUS_STOP;
	if (f->shared && shared_keep(st, f, call, context, counted, err) != STATUS_OK)
		return STATUS_STOP;
	if (*kind == COPY_EQUAL)
		return STATUS_OK;
	if (days_add(st, call, context, f->time, 0, err) != STATUS_OK)
		return STATUS_STOP;
	if (f->request && (*kind == COPY_MORE || *kind == COPY_CONFLICT_COUNTS))
		return captured_add(st, f, stream, call, context, err);
	return STATUS_OK;
}

static enum status put_copy(struct store *st, const struct fact *f, int64_t stream,
                            const struct sample *sample, struct cache_entry *call, int64_t context,
                            int64_t session, struct store_counts *n, struct err *err)
{
	enum copy_kind kind;
	n->duplicates++;
	/* Of a response, only whose a key is and the paths of roles are kept: of all copies. */
	if (event_copy(st, f, stream, call->id, context, session, &kind, err) != STATUS_OK ||
	    keep_keys(st, f, err) != STATUS_OK)
		return STATUS_STOP;
	n->conflicts += kind == COPY_CONFLICT || kind == COPY_CONFLICT_COUNTS;
	return kind == COPY_EQUAL ? STATUS_OK : keep_sample(st, sample, call, err);
}

enum status event_new(struct store *st, const struct fact *f, int64_t stream, int64_t call,
                      int64_t context, struct err *err)
{
	if (days_add(st, call, context, f->time, 1, err) != STATUS_OK)
		return STATUS_STOP;
	if (f->request && captured_add(st, f, stream, call, context, err) != STATUS_OK)
		return STATUS_STOP;
	return f->shared ? shared_keep(st, f, call, context, true, err) : STATUS_OK;
}

enum status event_put(struct store *st, const struct fact *f, int64_t stream, int64_t call,
                      int64_t context, int64_t session, enum event_fate *fate, struct err *err)
{
	bool better, replaced, stored;
	*fate = EVENT_LESS;
	if (partial_has_better(st, f, &better, err) != STATUS_OK)
		return STATUS_STOP;
	if (better) /* what is kept of this one is kept in any order of the two */
		return days_add(st, call, context, f->time, 0, err);
	if (partial_replace(st, f, &replaced, err) != STATUS_OK ||
	    insert_event(st, f, stream, call, context, session, &stored, err) != STATUS_OK)
		return STATUS_STOP;
	*fate = !stored ? EVENT_COPY : replaced ? EVENT_REPLACES : EVENT_STORED;
	return stored ? partial_add(st, f, stream, err) : STATUS_OK;
}

/* A reduced row: as many events as it counts, on a day that is held as counts. */
static enum status put_count(struct store *st, const struct fact *f, int64_t stream,
                             const struct call_marks *marks, struct store_counts *n,
                             struct err *err)
{
	int64_t context, session;
	struct cache_entry *call;
	bool fresh;
	if (slices_row(st, f, stream, &fresh, err) != STATUS_OK)
		return STATUS_STOP;
	n->records++;
	*(fresh ? &n->stored : &n->duplicates) += 1;
	if (!fresh)
		return STATUS_OK;
	enum status status =
	        f->count->folded < 0
	                ? fold_any_call(st, &f->call, &f->call_hash, marks, &call, err)
	                : fold_cut_call(st, &f->call, f->count->folded, marks, &call, err);
	if (status != STATUS_OK || row_context(st, f, &context, err) != STATUS_OK ||
	    row_session(st, f, &session, err) != STATUS_OK ||
	    keep_sample(st, &marks->sample, call, err) != STATUS_OK ||
	    slices_count(st, f, stream, call->id, context, err) != STATUS_OK)
		return STATUS_STOP;
	return keep_keys(st, f, err);
}

static enum status put_fact(struct store *st, const struct fact *f, struct store_source *src,
                            uint64_t ordinal, struct store_counts *n, struct err *err)
{
	int64_t stream, context, session;
	struct cache_entry *call;
	struct sample sample = {f->time, f->id, f->event_id, src->id, (int64_t)ordinal};
	struct call_marks marks = {f->read_only, f->management, f->owner_side, false, sample};
	enum event_fate fate;
	bool admitted = true;
	arena_reset(&st->arena);
	if (f->call.kind == EVENT_IDENTITY) /* no call: only says whose a key is */
		return keep_keys(st, f, err);
	if (row_stream(st, f, &stream, err) != STATUS_OK)
		return STATUS_STOP;
	if (f->count || (st->writer->states.any && f->observer == OBSERVED_CLOUDTRAIL)) {
		if (slices_admit(st, src, f, stream, ordinal, &admitted, n, err) != STATUS_OK)
			return STATUS_STOP;
		if (!admitted)
			return STATUS_OK;
	}
	if (f->count)
		return put_count(st, f, stream, &marks, n, err);
	if (fold_any_call(st, &f->call, &f->call_hash, &marks, &call, err) != STATUS_OK ||
	    row_context(st, f, &context, err) != STATUS_OK ||
	    row_session(st, f, &session, err) != STATUS_OK ||
	    event_put(st, f, stream, call->id, context, session, &fate, err) != STATUS_OK)
		return STATUS_STOP;
	n->records++;
	if (fate == EVENT_COPY)
		return put_copy(st, f, stream, &sample, call, context, session, n, err);
	*(fate == EVENT_STORED ? &n->stored : &n->duplicates) += 1;
	if (keep_sample(st, &sample, call, err) != STATUS_OK)
		return STATUS_STOP;
	if (fate == EVENT_LESS)
		return STATUS_OK;
	if (event_conflict(st, f, stream, n, err) != STATUS_OK ||
	    keep_keys(st, f, err) != STATUS_OK)
		return STATUS_STOP;
	return event_new(st, f, stream, call->id, context, err);
}

/* ---- sources */

enum status store_source_begin(struct store *st, const struct store_source_info *info,
                               struct store_source **out, struct err *err)
{
	struct stmt *s;
	int64_t id = 0;
	if (writer_begin(st, err) != STATUS_OK)
		return STATUS_STOP;
	if (info->resume && info->content) {
		if (!(s = db_stmt(st, SQL_SOURCE_RESUME, err)))
			return STATUS_STOP;
		bind_hash(s, IN_CONTENT, info->content);
		bind_int(s, IN_SINCE, info->window.since);
		bind_int(s, IN_UNTIL, info->window.until);
		int row = db_row(st, s, err);
		if (row < 0)
			return STATUS_STOP;
		if (row) {
			id = column_int(s, 0);
			db_reset(s);
		}
	}
	if (!id) {
		if (!(s = db_stmt(st, SQL_SOURCE_INSERT, err)))
			return STATUS_STOP;
		bind_text(s, IN_NAME, info->name);
		bind_hash(s, IN_CONTENT, info->content);
		bind_int(s, IN_SINCE, info->window.since);
		bind_int(s, IN_UNTIL, info->window.until);
		if (db_insert(st, s, &id, err) != STATUS_OK)
			return STATUS_STOP;
	}
	struct store_source *src = xcalloc(1, sizeof *src);
	src->id = id;
	arena_init(&src->names);
	st->writer->source = src;
	*out = src;
	return STATUS_OK;
}

static enum status put_reasons(struct store *st, struct store_source *src,
                               const struct store_batch *b, struct store_counts *n, struct err *err)
{
	for (size_t i = 0; i < b->n_reasons; i++) {
		const struct store_reason *r = &b->reasons[i];
		struct stmt *s = db_stmt(st, SQL_REASON_ADD, err);
		if (!s)
			return STATUS_STOP;
		bind_int(s, IN_SOURCE, src->id);
		bind_int(s, IN_SKIPPED, r->skipped);
		bind_text(s, IN_WORD, span_of(r->word));
		bind_int(s, IN_N, r->n);
		bind_int(s, IN_RECORD, r->record);
		bind_text(s, IN_SAMPLE, span_of(r->sample));
		if (db_run(st, s, err) != STATUS_OK)
			return STATUS_STOP;
		n->records += r->n;
		*(r->skipped ? &n->skipped : &n->ignored) += r->n;
	}
	return STATUS_OK;
}

static void add_counts(struct store_counts *to, const struct store_counts *n)
{
	to->records += n->records;
	to->stored += n->stored;
	to->duplicates += n->duplicates;
	to->conflicts += n->conflicts;
	to->ignored += n->ignored;
	to->skipped += n->skipped;
	to->reduced_day += n->reduced_day;
	to->raw_day += n->raw_day;
}

/* So many facts are looked at before it is their turn: memory answers meanwhile. */
enum { AHEAD = 8 };

static void look_ahead(const struct writer *w, const struct fact *f)
{
	struct hash128 key = event_key(f);
	bloom_ahead(&w->events, &key);
	cache_ahead(&w->calls, &f->call_hash);
	cache_ahead(&w->contexts, &f->context_hash);
	cache_ahead(&w->sessions, &f->session_hash);
	dictionary_ahead(&w->numbers, &f->call_hash);
}

static enum status put_batch(struct store *st, struct store_source *src,
                             const struct store_batch *batch, struct store_counts *counts,
                             struct err *err)
{
	struct store_counts n = {0};
	struct stmt *s;
	if (writer_begin(st, err) != STATUS_OK || writer_know(st, err) != STATUS_OK)
		return STATUS_STOP;
	for (size_t i = 0; i < batch->n_facts; i++) {
		if (i + AHEAD < batch->n_facts)
			look_ahead(st->writer, &batch->facts[i + AHEAD]);
		if (put_fact(st, &batch->facts[i], src, batch->ordinals ? batch->ordinals[i] : 0,
		             &n, err) != STATUS_OK)
			return STATUS_STOP;
	}
	if (put_reasons(st, src, batch, &n, err) != STATUS_OK ||
	    slices_tell(st, src, err) != STATUS_OK || !(s = db_stmt(st, SQL_SOURCE_ADD, err)))
		return STATUS_STOP;
	bind_int(s, IN_REACHED, batch->reached);
	bind_int(s, IN_RECORDS, n.records);
	bind_int(s, IN_STORED, n.stored);
	bind_int(s, IN_DUPLICATES, n.duplicates);
	bind_int(s, IN_CONFLICTS, n.conflicts);
	bind_int(s, IN_IGNORED, n.ignored);
	bind_int(s, IN_SKIPPED, n.skipped);
	bind_int(s, IN_SOURCE, src->id);
	if (db_run(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	st->writer->pending += n.records;
	if (st->writer->pending >= STORE_BATCH && writer_commit(st, err) != STATUS_OK)
		return STATUS_STOP;
	add_counts(&st->counts, &n);
	if (counts)
		*counts = n;
	return STATUS_OK;
}

/* What was counted of a batch that could not be stored whole is in no event. */
enum status store_put(struct store *st, struct store_source *src, const struct store_batch *batch,
                      struct store_counts *counts, struct err *err)
{
	enum status status = put_batch(st, src, batch, counts, err);
	if (status != STATUS_OK)
		store_abandon(st);
	return status;
}

enum status store_source_finish(struct store *st, struct store_source *src,
                                const struct store_source_end *end, struct store_counts *counts,
                                struct err *err)
{
	struct stmt *s;
	if (writer_begin(st, err) != STATUS_OK || !(s = db_stmt(st, SQL_SOURCE_DONE, err)))
		return STATUS_STOP;
	bind_hash(s, IN_CONTENT, end->content);
	bind_int(s, IN_SIZE, end->size);
	bind_text(s, IN_FORMAT, span_of(end->format));
	bind_text(s, IN_DAMAGE, span_of(end->damage));
	bind_int(s, IN_SOURCE, src->id);
	if (db_run(st, s, err) != STATUS_OK || !(s = db_stmt(st, SQL_SOURCE_COUNTS, err)))
		return STATUS_STOP;
	bind_int(s, IN_SOURCE, src->id);
	if (db_row(st, s, err) != 1)
		return STATUS_STOP;
	if (counts)
		*counts = (struct store_counts){
		        .records = (uint64_t)column_int(s, 0),
		        .stored = (uint64_t)column_int(s, 1),
		        .duplicates = (uint64_t)column_int(s, 2),
		        .conflicts = (uint64_t)column_int(s, 3),
		        .ignored = (uint64_t)column_int(s, 4),
		        .skipped = (uint64_t)column_int(s, 5),
		};
	db_reset(s);
	store_source_leave(st, src);
	return STATUS_OK;
}

void store_source_leave(struct store *st, struct store_source *src)
{
	if (st && st->writer && st->writer->source == src)
		st->writer->source = NULL;
	if (src)
		arena_release(&src->names);
	free(src);
}

/* Sorting takes memory: the dictionary is filled again if more events come. */
static enum status index_calls(struct store *st, struct err *err)
{
	if (st->writer->unindexed) {
		dictionary_release(&st->writer->numbers);
		st->writer->all_numbers = st->writer->calls_known = false;
	}
	return row_index_calls(st, err);
}

enum status store_flush(struct store *st, struct err *err)
{
	if (!st->writer)
		return STATUS_OK;
	if (writer_commit(st, err) != STATUS_OK || writer_begin(st, err) != STATUS_OK ||
	    index_calls(st, err) != STATUS_OK || join_all(st, err) != STATUS_OK ||
	    totals_finish(st, err) != STATUS_OK)
		return STATUS_STOP;
	return writer_commit(st, err);
}

enum status store_assign_key(struct store *st, struct span access_key, struct span principal,
                             struct err *err)
{
	if (writer_begin(st, err) != STATUS_OK || row_principal_of(st, principal, err) != STATUS_OK)
		return STATUS_STOP;
	struct stmt *s = db_stmt(st, SQL_KEY_OWNER_UNASSIGN, err);
	if (!s)
		return STATUS_STOP;
	bind_text(s, IN_ACCESS_KEY, access_key);
	if (db_run(st, s, err) != STATUS_OK || !(s = db_stmt(st, SQL_KEY_OWNER_ADD, err)))
		return STATUS_STOP;
	bind_text(s, IN_ACCESS_KEY, access_key);
	bind_int(s, IN_ORIGIN, KEY_ASSIGNED);
	bind_text(s, IN_PRINCIPAL, principal);
	bind_text(s, IN_SESSION, SPAN_NONE);
	bind_text(s, IN_TAGS, SPAN_NONE);
	bind_null(s, IN_ISSUER);
	bind_int(s, IN_TOLD, TOLD_FOR_GOOD);
	return db_run(st, s, err);
}
