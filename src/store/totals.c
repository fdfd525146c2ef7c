/* totals.c - store: see totals.h. A run adds to the sums what it adds to call_day, gathered in
 * memory; at its end it makes those principals' anew of which it took something away. Meanwhile the
 * table meta says that the sums do not hold: who finds that, because a run was killed or another
 * process is writing, makes all of them anew, in memory where the file may not be written. */
#include "config.h"

#include "store/totals.h"

#include "base/alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Entries: powers of two. The sums are written when three quarters are taken. */
enum { KINDS = 1 << 14, SUMS = 1 << 15, SOURCE_SLOTS = 1 << 13 };
/* Event sources are some hundreds; a log of invented ones is summed up in parts. */
enum { LIMIT_SOURCES = SOURCE_SLOTS / 2 };
/* More of one call on one day is cut in call_day at some bound: such sums are read from there. */
#define MANY_EVENTS (INT64_C(1) << 32)

struct call_kind {    /* what of a call the sums tell apart */
	int64_t call; /* 0: empty */
	int64_t principal;
	uint32_t source;
	uint8_t kind, management, outcome;
};

struct day_sum {
	int64_t principal; /* 0: empty */
	int64_t day;
	uint32_t source;
	int64_t events, calls, data, management, denied, failed, first, last;
};

struct context_sum {
	int64_t principal; /* 0: empty */
	int64_t context;
	int64_t events, first, last;
};

struct mark {
	int64_t principal; /* 0: empty */
	bool uncounted;    /* some of its rows in call_day count no event, but tell times */
	bool again;        /* its sums are to be made anew */
};

struct totals {
	bool open;       /* meta says that this run is changing call_day */
	bool all;        /* all sums are to be made anew */
	bool in_memory;  /* the tables hide the file's */
	int64_t version; /* of the data that they were made of */
	char token[24];
	struct call_kind *kinds;
	struct day_sum *days;
	struct context_sum *contexts;
	size_t n_days, n_contexts;
	struct {
		VEC_OF(struct span); /* in names */
	} sources;
	uint32_t *source_at; /* by hash, number + 1; 0: empty */
	struct arena names;
	struct mark *marks; /* by hash */
	size_t n_marks, n_again, mark_slots;
};

static struct totals *totals_of(struct store *st)
{
	if (st->totals)
		return st->totals;
	struct totals *t = st->totals = xcalloc(1, sizeof *t);
	t->kinds = xcalloc(KINDS, sizeof *t->kinds);
	t->days = xcalloc(SUMS, sizeof *t->days);
	t->contexts = xcalloc(SUMS, sizeof *t->contexts);
	t->source_at = xcalloc(SOURCE_SLOTS, sizeof *t->source_at);
	arena_init(&t->names);
	return t;
}

void totals_free(struct store *st)
{
	struct totals *t = st->totals;
	if (!t)
		return;
	free(t->kinds);
	free(t->days);
	free(t->contexts);
	free(t->source_at);
	free(t->marks);
	vec_release(&t->sources);
	arena_release(&t->names);
	free(t);
	st->totals = NULL;
}

static size_t mix(int64_t a, int64_t b, int64_t c)
{
	uint64_t h = (uint64_t)a * UINT64_C(0x9e3779b97f4a7c15) ^
	             (uint64_t)b * UINT64_C(0xc2b2ae3d27d4eb4f) ^
	             (uint64_t)c * UINT64_C(0x165667b19e3779f9);
	return (size_t)(h ^ h >> 32);
}

/* ---- principals that are to be summed up anew */

static struct mark *mark_slot(struct mark *marks, size_t slots, int64_t principal)
{
	size_t i = mix(principal, 0, 0) & (slots - 1);
	while (marks[i].principal && marks[i].principal != principal)
		i = (i + 1) & (slots - 1);
	return &marks[i];
}

static const struct mark *find_mark(const struct totals *t, int64_t principal)
{
	const struct mark *m = t->n_marks ? mark_slot(t->marks, t->mark_slots, principal) : NULL;
	return m && m->principal ? m : NULL;
}

static struct mark *add_mark(struct totals *t, int64_t principal)
{
	if (2 * t->n_marks >= t->mark_slots) {
		size_t slots = t->mark_slots ? 2 * t->mark_slots : 64;
		struct mark *more = xcalloc(slots, sizeof *more);
		for (size_t i = 0; i < t->mark_slots; i++)
			if (t->marks[i].principal)
				*mark_slot(more, slots, t->marks[i].principal) = t->marks[i];
		free(t->marks);
		t->marks = more;
		t->mark_slots = slots;
	}
	struct mark *m = mark_slot(t->marks, t->mark_slots, principal);
	t->n_marks += !m->principal;
	m->principal = principal;
	return m;
}

static void mark_again(struct totals *t, int64_t principal)
{
	struct mark *m = add_mark(t, principal);
	t->n_again += !m->again;
	m->again = true;
}

static void forget_marks(struct totals *t)
{
	free(t->marks);
	t->marks = NULL;
	t->n_marks = t->n_again = t->mark_slots = 0;
}

static enum status load_uncounted(struct store *st, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_TOTAL_UNCOUNTED_LIST, err);
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0)
		add_mark(st->totals, column_int(s, 0))->uncounted = true;
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static enum status note_uncounted(struct store *st, enum sql sql, int64_t principal,
                                  struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_PRINCIPAL, principal);
	return db_run(st, s, err);
}

/* ---- writing the sums, in the order of the tables' keys */

static int by_day(const void *a, const void *b)
{
	const struct day_sum *x = a, *y = b;
	if (x->principal != y->principal)
		return x->principal < y->principal ? -1 : 1;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return x->day < y->day ? -1 : x->day > y->day;
}

static int by_context(const void *a, const void *b)
{
	const struct context_sum *x = a, *y = b;
	if (x->principal != y->principal)
		return x->principal < y->principal ? -1 : 1;
	return x->context < y->context ? -1 : x->context > y->context;
}

static enum status write_day(struct store *st, const struct day_sum *d, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_TOTAL_DAY_ADD, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_PRINCIPAL, d->principal);
	bind_text(s, IN_SOURCE, st->totals->sources.v[d->source]);
	bind_int(s, IN_DAY, d->day);
	bind_int(s, IN_EVENTS, d->events);
	bind_int(s, IN_CALLS, d->calls);
	bind_int(s, IN_DATA, d->data);
	bind_int(s, IN_MANAGEMENT, d->management);
	bind_int(s, IN_DENIED, d->denied);
	bind_int(s, IN_FAILED, d->failed);
	bind_int(s, IN_FIRST, d->first);
	bind_int(s, IN_LAST, d->last);
	return db_run(st, s, err);
}

static enum status write_context(struct store *st, const struct context_sum *c, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_TOTAL_CONTEXT_ADD, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_PRINCIPAL, c->principal);
	bind_int(s, IN_CONTEXT, c->context);
	bind_int(s, IN_EVENTS, c->events);
	bind_int(s, IN_FIRST, c->first);
	bind_int(s, IN_LAST, c->last);
	return db_run(st, s, err);
}

static enum status write_sums(struct store *st, struct err *err)
{
	struct totals *t = st->totals;
	enum status status = STATUS_OK;
	size_t days = 0, contexts = 0;
	if (!t->n_days && !t->n_contexts)
		return STATUS_OK;
	for (size_t i = 0; i < SUMS; i++) {
		if (t->days[i].principal)
			t->days[days++] = t->days[i];
		if (t->contexts[i].principal)
			t->contexts[contexts++] = t->contexts[i];
	}
	sort_items(t->days, days, sizeof *t->days, by_day);
	sort_items(t->contexts, contexts, sizeof *t->contexts, by_context);
	for (size_t i = 0; i < days && status == STATUS_OK; i++)
		status = write_day(st, &t->days[i], err);
	for (size_t i = 0; i < contexts && status == STATUS_OK; i++)
		status = write_context(st, &t->contexts[i], err);
	memset(t->days, 0, SUMS * sizeof *t->days);
	memset(t->contexts, 0, SUMS * sizeof *t->contexts);
	t->n_days = t->n_contexts = 0;
	return status;
}

/* ---- gathering them */

static void forget_kinds(struct totals *t)
{
	memset(t->kinds, 0, KINDS * sizeof *t->kinds);
	memset(t->source_at, 0, SOURCE_SLOTS * sizeof *t->source_at);
	t->sources.n = 0;
	arena_reset(&t->names);
}

static uint32_t source_number(struct totals *t, struct span source)
{
	size_t i = (size_t)hash_quick(source) & (SOURCE_SLOTS - 1);
	for (; t->source_at[i]; i = (i + 1) & (SOURCE_SLOTS - 1))
		if (span_eq(t->sources.v[t->source_at[i] - 1], source))
			return t->source_at[i] - 1;
	*vec_add(&t->sources) = arena_span(&t->names, source);
	t->source_at[i] = (uint32_t)t->sources.n;
	return t->source_at[i] - 1;
}

/* Room for the source and the sums of one more row. */
static enum status make_room(struct store *st, struct err *err)
{
	struct totals *t = st->totals;
	bool full = t->sources.n >= LIMIT_SOURCES;
	if (!full && t->n_days < SUMS / 4 * 3 && t->n_contexts < SUMS / 4 * 3)
		return STATUS_OK;
	enum status status = write_sums(st, err);
	if (full)
		forget_kinds(t);
	return status;
}

static struct call_kind kind_from_row(struct totals *t, struct stmt *s, int64_t call)
{
	return (struct call_kind){.call = call,
	                          .principal = column_int(s, 0),
	                          .kind = (uint8_t)column_int(s, 1),
	                          .management = (uint8_t)column_int(s, 2),
	                          .outcome = (uint8_t)column_int(s, 3),
	                          .source = source_number(t, column_text(s, 4))};
}

/* Valid until the next one is asked for. */
static enum status kind_of(struct store *st, int64_t call, const struct call_kind **out,
                           struct err *err)
{
	struct totals *t = st->totals;
	if (make_room(st, err) != STATUS_OK)
		return STATUS_STOP;
	struct call_kind *k = &t->kinds[(size_t)call & (KINDS - 1)];
	*out = k;
	if (k->call == call)
		return STATUS_OK;
	struct stmt *s = db_stmt(st, SQL_TOTAL_CALL, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_CALL, call);
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	*k = row ? kind_from_row(t, s, call) : (struct call_kind){.call = 0};
	db_reset(s);
	return STATUS_OK;
}

static void widen(int64_t *first, int64_t *last, int64_t low, int64_t high)
{
	if (low < *first)
		*first = low;
	if (high > *last)
		*last = high;
}

static void add_day(struct totals *t, const struct call_kind *k, const struct day_count *c)
{
	size_t i = mix(k->principal, c->day, k->source) & (SUMS - 1);
	for (; t->days[i].principal; i = (i + 1) & (SUMS - 1))
		if (t->days[i].principal == k->principal && t->days[i].day == c->day &&
		    t->days[i].source == k->source)
			break;
	struct day_sum *d = &t->days[i];
	if (!d->principal) {
		*d = (struct day_sum){.principal = k->principal,
		                      .day = c->day,
		                      .source = k->source,
		                      .first = c->first,
		                      .last = c->last};
		t->n_days++;
	}
	d->events += c->events;
	d->calls += k->kind == EVENT_CALL ? c->events : 0;
	d->data += k->management == TRI_NO ? c->events : 0;
	d->management += k->management == TRI_YES ? c->events : 0;
	d->denied += k->outcome == OUTCOME_DENIED ? c->events : 0;
	d->failed += k->outcome == OUTCOME_FAILED ? c->events : 0;
	widen(&d->first, &d->last, c->first, c->last);
}

static void add_context(struct totals *t, const struct call_kind *k, const struct day_count *c)
{
	size_t i = mix(k->principal, c->context, 1) & (SUMS - 1);
	for (; t->contexts[i].principal; i = (i + 1) & (SUMS - 1))
		if (t->contexts[i].principal == k->principal &&
		    t->contexts[i].context == c->context)
			break;
	struct context_sum *x = &t->contexts[i];
	if (!x->principal) {
		*x = (struct context_sum){k->principal, c->context, 0, c->first, c->last};
		t->n_contexts++;
	}
	x->events += c->events;
	widen(&x->first, &x->last, c->first, c->last);
}

static void add_sums(struct totals *t, const struct call_kind *k, const struct day_count *c)
{
	add_day(t, k, c);
	if (k->kind == EVENT_CALL)
		add_context(t, k, c);
}

/* ---- changes of call_day */

static enum status read_state(struct store *st, char *out, size_t room, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_TOTAL_STATE, err);
	out[0] = '\0';
	if (!s)
		return STATUS_STOP;
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	if (row)
		snprintf(out, room, "%.*s", SPAN_ARG(column_text(s, 0)));
	db_reset(s);
	return STATUS_OK;
}

static enum status set_state(struct store *st, const char *state, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_TOTAL_STATE_SET, err);
	if (!s)
		return STATUS_STOP;
	bind_text(s, IN_VALUE, span_of(state));
	return db_run(st, s, err);
}

/* In the transaction of the first change. What was there already says that somebody else has not
 * finished: then nothing can be added to. */
static enum status begin(struct store *st, struct err *err)
{
	struct totals *t = totals_of(st);
	char before[sizeof t->token];
	uint64_t number;
	if (t->open)
		return STATUS_OK;
	if (read_state(st, before, sizeof before, err) != STATUS_OK ||
	    load_uncounted(st, err) != STATUS_OK)
		return STATUS_STOP;
	t->all = before[0] != '\0';
	sqlite3_randomness(sizeof number, &number);
	snprintf(t->token, sizeof t->token, "%016" PRIx64, number);
	t->open = true;
	return set_state(st, t->token, err);
}

void totals_new_call(struct store *st, int64_t id, int64_t principal, const struct call *c,
                     enum tristate management)
{
	struct totals *t = totals_of(st);
	if (t->sources.n < LIMIT_SOURCES)
		t->kinds[(size_t)id & (KINDS - 1)] =
		        (struct call_kind){.call = id,
		                           .principal = principal,
		                           .source = source_number(t, c->source),
		                           .kind = (uint8_t)c->kind,
		                           .management = (uint8_t)management,
		                           .outcome = (uint8_t)c->outcome};
}

enum status totals_add(struct store *st, const struct day_count *c, struct err *err)
{
	const struct call_kind *k;
	if (begin(st, err) != STATUS_OK)
		return STATUS_STOP;
	struct totals *t = st->totals;
	if (t->all)
		return STATUS_OK;
	if (kind_of(st, c->call, &k, err) != STATUS_OK)
		return STATUS_STOP;
	const struct mark *m = find_mark(t, k->principal);
	if (c->uneven || c->events > MANY_EVENTS || (m && (m->again || m->uncounted)))
		mark_again(t, k->principal);
	else
		add_sums(t, k, c);
	return STATUS_OK;
}

enum status totals_again(struct store *st, int64_t call, struct err *err)
{
	const struct call_kind *k;
	if (begin(st, err) != STATUS_OK || kind_of(st, call, &k, err) != STATUS_OK)
		return STATUS_STOP;
	mark_again(st->totals, k->principal);
	return STATUS_OK;
}

enum status totals_moved(struct store *st, int64_t call, int64_t old, struct err *err)
{
	const struct call_kind *k;
	if (begin(st, err) != STATUS_OK || kind_of(st, old, &k, err) != STATUS_OK)
		return STATUS_STOP;
	struct call_kind before = *k;
	if (kind_of(st, call, &k, err) != STATUS_OK)
		return STATUS_STOP;
	if (before.principal != k->principal || before.source != k->source ||
	    before.kind != k->kind || before.management != k->management ||
	    before.outcome != k->outcome)
		mark_again(st->totals, k->principal);
	return STATUS_OK;
}

enum status totals_all_again(struct store *st, struct err *err)
{
	if (begin(st, err) != STATUS_OK)
		return STATUS_STOP;
	st->totals->all = true;
	forget_kinds(st->totals);
	return STATUS_OK;
}

/* ---- from the rows of call_day */

static enum status sum_rows(struct store *st, struct stmt *s, struct err *err)
{
	struct totals *t = st->totals;
	enum status status = STATUS_OK;
	int row = 0;
	while (status == STATUS_OK && (row = db_row(st, s, err)) > 0) {
		status = make_room(st, err);
		const struct call_kind k = kind_from_row(t, s, 0);
		const struct day_count c = {.context = column_int(s, 5),
		                            .day = column_int(s, 6),
		                            .events = column_int(s, 7),
		                            .first = column_int(s, 8),
		                            .last = column_int(s, 9)};
		if (c.events > 0)
			add_sums(t, &k, &c);
		else
			add_mark(t, k.principal)->uncounted = true;
	}
	db_reset(s);
	if (row < 0 || status != STATUS_OK)
		return STATUS_STOP;
	return write_sums(st, err);
}

static void drop_pending(struct totals *t)
{
	memset(t->days, 0, SUMS * sizeof *t->days);
	memset(t->contexts, 0, SUMS * sizeof *t->contexts);
	t->n_days = t->n_contexts = 0;
}

static enum status sum_all(struct store *st, struct err *err)
{
	struct totals *t = totals_of(st);
	struct stmt *s;
	drop_pending(t);
	forget_marks(t);
	forget_kinds(t);
	if (db_script(st, SQL_TOTAL_CLEAR, err) != STATUS_OK ||
	    !(s = db_stmt(st, SQL_TOTAL_ROWS, err)) || sum_rows(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	for (size_t i = 0; i < t->mark_slots; i++)
		if (t->marks[i].principal &&
		    note_uncounted(st, SQL_TOTAL_UNCOUNTED_ADD, t->marks[i].principal, err) !=
		            STATUS_OK)
			return STATUS_STOP;
	return STATUS_OK;
}

static enum status sum_principal(struct store *st, struct mark *m, struct err *err)
{
	static const enum sql drops[] = {SQL_TOTAL_DAY_DROP, SQL_TOTAL_CONTEXT_DROP,
	                                 SQL_TOTAL_UNCOUNTED_DROP};
	const int64_t principal = m->principal;
	struct stmt *s;
	m->uncounted = false;
	for (size_t i = 0; i < sizeof drops / sizeof drops[0]; i++)
		if (note_uncounted(st, drops[i], principal, err) != STATUS_OK)
			return STATUS_STOP;
	if (!(s = db_stmt(st, SQL_TOTAL_ROWS_OF, err)))
		return STATUS_STOP;
	bind_int(s, IN_PRINCIPAL, principal);
	if (sum_rows(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	return m->uncounted ? note_uncounted(st, SQL_TOTAL_UNCOUNTED_ADD, principal, err)
	                    : STATUS_OK;
}

/* In no order of its own: what is written depends on the principals alone. */
static enum status sum_marked(struct store *st, struct err *err)
{
	struct totals *t = st->totals;
	if (write_sums(st, err) != STATUS_OK)
		return STATUS_STOP;
	for (size_t i = 0; i < t->mark_slots; i++)
		if (t->marks[i].again && sum_principal(st, &t->marks[i], err) != STATUS_OK)
			return STATUS_STOP;
	return STATUS_OK;
}

/* Whether one pass over everybody's rows is quicker than those of the marked ones by an index. */
static enum status most_are_marked(struct store *st, bool *most, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_TOTAL_PRINCIPALS, err);
	if (!s || db_row(st, s, err) != 1)
		return STATUS_STOP;
	*most = 2 * st->totals->n_again > (uint64_t)column_int(s, 0);
	db_reset(s);
	return STATUS_OK;
}

enum status totals_finish(struct store *st, struct err *err)
{
	char now[sizeof st->totals->token];
	bool most;
	if (days_flush(st, err) != STATUS_OK)
		return STATUS_STOP;
	struct totals *t = st->totals;
	if (!t || !t->open)
		return STATUS_OK;
	if (read_state(st, now, sizeof now, err) != STATUS_OK ||
	    most_are_marked(st, &most, err) != STATUS_OK)
		return STATUS_STOP;
	t->all = t->all || most || strcmp(now, t->token) != 0;
	if ((t->all ? sum_all(st, err) : sum_marked(st, err)) != STATUS_OK)
		return STATUS_STOP;
	t->open = t->all = false;
	forget_marks(t);
	return set_state(st, "", err);
}

/* ---- for readers */

static enum status sum_on_disk(struct store *st, struct err *err)
{
	enum status status = db_begin_briefly(st, err);
	if (status == STATUS_OK)
		status = sum_all(st, err);
	if (status == STATUS_OK)
		status = set_state(st, "", err);
	if (status == STATUS_OK)
		status = db_exec(st, "COMMIT", err);
	if (status != STATUS_OK)
		db_roll_back(st);
	return status;
}

static enum status sum_in_memory(struct store *st, struct err *err)
{
	struct totals *t = totals_of(st);
	if (!t->in_memory) {
		db_forget_statements(st);
		if (db_script(st, SQL_TOTAL_IN_MEMORY, err) != STATUS_OK)
			return STATUS_STOP;
		t->in_memory = true;
	}
	return db_data_version(st, &t->version, err) == STATUS_OK ? sum_all(st, err) : STATUS_STOP;
}

/* Who writes needs no memory: the sums are made in the transaction that is open, or in one of their
 * own. */
static enum status finish_own(struct store *st, struct err *err)
{
	bool own = sqlite3_get_autocommit(st->db) != 0;
	char state[sizeof st->totals->token];
	if (own && writer_begin(st, err) != STATUS_OK)
		return STATUS_STOP;
	if (read_state(st, state, sizeof state, err) != STATUS_OK ||
	    (state[0] && begin(st, err) != STATUS_OK) || totals_finish(st, err) != STATUS_OK)
		return STATUS_STOP;
	return own ? writer_commit(st, err) : STATUS_OK;
}

enum status totals_ready(struct store *st, struct err *err)
{
	char state[sizeof st->totals->token];
	struct err first;
	int64_t version;
	if (st->writer)
		return finish_own(st, err);
	if (st->totals && st->totals->in_memory) {
		if (db_data_version(st, &version, err) != STATUS_OK)
			return STATUS_STOP;
		return version == st->totals->version ? STATUS_OK : sum_in_memory(st, err);
	}
	if (read_state(st, state, sizeof state, err) != STATUS_OK)
		return STATUS_STOP;
	if (!state[0])
		return STATUS_OK;
	err_clear(&first);
	if (!sqlite3_db_readonly(st->db, "main") && sum_on_disk(st, &first) == STATUS_OK)
		return STATUS_OK;
	if (db_may_use_memory(st, &first))
		return sum_in_memory(st, err);
	if (err)
		*err = first;
	return STATUS_STOP;
}
