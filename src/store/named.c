/* named.c - store: which resources whose names begin with a text were used. That is asked of everybody's
 * calls, most of whose access nobody asked for yet. Of those that are derived the index of access
 * answers. Of the others only calls are resolved whose operations may name a resource of the text's
 * service, and what they name is kept in memory: each such call is looked at once, in the order of
 * their numbers, and no further than until the question is answered. Under conditions the calls
 * found are looked at one by one: mostly their counts or the first and last event of a day tell. */
#include "config.h"

#include "store/totals.h"

#include "base/alloc.h"
#include "base/memo.h"

#include <stdlib.h>

/* Past so many uses held in memory all access is derived instead: some 100 MB. */
enum { LIMIT_NAMED = 1 << 19, LIMIT_SERVICES = 8 };

struct texts { /* a set */
	VEC_OF(struct span);
	struct arena arena;
	size_t *at; /* by hash: number + 1; 0: empty */
	size_t slots;
};

struct use {
	struct span resource, action;
	int64_t call;
	bool again; /* another call before it names the resource */
};

struct service_uses { /* of calls that were not derived when they were looked at */
	struct span service;
	unsigned outcomes, phases;
	int64_t reached; /* calls up to this number were looked at */
	bool ended;      /* all were */
	VEC_OF(struct use);
	struct texts resources, words;
};

struct named {
	bool begun;
	bool nothing;    /* all is derived */
	int64_t version; /* of the data */
	int64_t after;   /* everybody's calls up to this number are derived */
	struct service_uses service[LIMIT_SERVICES];
	size_t n_services, n_uses;
	struct memo *may; /* of call_may_name */
};

/* ---- sets of texts */

static size_t text_slot(const struct texts *t, struct span text)
{
	struct hash128 h = hash_of(text);
	size_t i = (size_t)hash_low(&h) & (t->slots - 1);
	while (t->at[i] && !span_eq(t->v[t->at[i] - 1], text))
		i = (i + 1) & (t->slots - 1);
	return i;
}

static void texts_grow(struct texts *t)
{
	if (!t->slots)
		arena_init(&t->arena);
	free(t->at);
	t->slots = t->slots ? 2 * t->slots : 64;
	t->at = xcalloc(t->slots, sizeof *t->at);
	for (size_t i = 0; i < t->n; i++)
		t->at[text_slot(t, t->v[i])] = i + 1;
}

/* The set's own copy; *known: it was there. */
static struct span texts_add(struct texts *t, struct span text, bool *known)
{
	if (2 * (t->n + 1) > t->slots)
		texts_grow(t);
	size_t i = text_slot(t, text);
	*known = t->at[i] != 0;
	if (!*known) {
		*vec_add(t) = arena_span(&t->arena, text);
		t->at[i] = t->n;
	}
	return t->v[t->at[i] - 1];
}

static bool texts_have(const struct texts *t, struct span text)
{
	return t->slots && t->at[text_slot(t, text)];
}

static void texts_release(struct texts *t)
{
	if (t->slots)
		arena_release(&t->arena);
	free(t->at);
	vec_release(t);
	*t = (struct texts){.slots = 0};
}

/* ---- what is held */

static void forget(struct named *n)
{
	for (size_t i = 0; i < n->n_services; i++) {
		texts_release(&n->service[i].resources);
		texts_release(&n->service[i].words);
		vec_release(&n->service[i]);
	}
	n->n_services = n->n_uses = 0;
	n->begun = false;
}

void named_forget(struct store *st)
{
	if (st->named)
		forget(st->named);
}

void named_free(struct store *st)
{
	if (!st->named)
		return;
	forget(st->named);
	memo_free(st->named->may);
	free(st->named);
	st->named = NULL;
}

static struct named *named_of(struct store *st)
{
	return st->named ? st->named : (st->named = xcalloc(1, sizeof *st->named));
}

bool named_may(struct store *st, struct span service, struct span source, struct span name)
{
	enum { SLOTS = 1024, LONGEST = 160 };
	struct named *n = named_of(st);
	char text[LONGEST];
	size_t size = service.n + source.n + name.n + 2;
	if (size > sizeof text)
		return mapping_may_name(st->mapping, source, name, service);
	if (!n->may)
		n->may = memo_new(SLOTS, LONGEST, sizeof(bool));
	memcpy(text, service.p, service.n);
	text[service.n] = '\n';
	memcpy(text + service.n + 1, source.p, source.n);
	text[service.n + 1 + source.n] = '\n';
	memcpy(text + size - name.n, name.p, name.n);
	const bool *known = memo_get(n->may, span_make(text, size));
	if (known)
		return *known;
	bool may = mapping_may_name(st->mapping, source, name, service);
	memo_put(n->may, span_make(text, size), &may);
	return may;
}

/* The service of an ARN that begins so; SPAN_NONE if that is not told. What stands for names of IAM
 * is known by other ways than the calls' own texts. */
static struct span service_of(struct span head)
{
	struct span rest = head;
	struct span arn = span_cut(&rest, ':');
	span_cut(&rest, ':');
	struct span service = span_cut(&rest, ':');
	bool told = span_is(arn, "arn") && rest.p && service.n && service.n <= 64 &&
	            span_chr(service, '*') < 0 && !span_is(service, "iam") &&
	            !span_is(service, "sts");
	return told ? service : SPAN_NONE;
}

/* Of text that ends in the last byte value there is none behind; names have none. */
bool named_has_end(struct span head)
{
	return head.n && (unsigned char)head.p[head.n - 1] < 0x7f;
}

bool store_finds_by_head(const struct store *st, struct span head)
{
	return !st->writable && named_has_end(head) && service_of(head).p;
}

/* What is held is of this data, or nothing is. */
static enum status begin(struct store *st, struct named *n, struct err *err)
{
	int64_t version;
	if (db_data_version(st, &version, err) != STATUS_OK)
		return STATUS_STOP;
	if (n->begun && n->version == version)
		return STATUS_OK;
	forget(n);
	if (derive_stale_only(st, &n->nothing, &n->after, err) != STATUS_OK)
		return STATUS_STOP;
	n->begun = true;
	n->version = version;
	return STATUS_OK;
}

static struct service_uses *uses_of(struct named *n, const struct store_filter *f,
                                    struct span service)
{
	for (size_t i = 0; i < n->n_services; i++) {
		struct service_uses *u = &n->service[i];
		if (span_eq(u->service, service) && u->outcomes == f->outcomes &&
		    u->phases == f->phases)
			return u;
	}
	if (n->n_services == LIMIT_SERVICES)
		return NULL;
	struct service_uses *u = &n->service[n->n_services++];
	bool known;
	*u = (struct service_uses){.outcomes = f->outcomes,
	                           .phases = f->phases,
	                           .reached = n->after,
	                           .ended = n->nothing};
	u->service = texts_add(&u->words, service, &known);
	return u;
}

/* What a call needs of the service. */
static enum status take_call(struct store *st, struct named *n, struct service_uses *u,
                             const struct call_use *use, struct err *err)
{
	struct access *a;
	size_t n_access;
	if (derive_resolve(st, use, &a, &n_access, err) != STATUS_OK)
		return STATUS_STOP;
	for (size_t i = 0; i < n_access; i++) {
		bool known;
		if (!span_eq(service_of(a[i].resource), u->service))
			continue;
		struct use *to = vec_add(u);
		n->n_uses++;
		to->call = use->id;
		to->resource = texts_add(&u->resources, a[i].resource, &to->again);
		to->action = texts_add(&u->words, a[i].action, &known);
	}
	return STATUS_OK;
}

/* Looks at calls that were not looked at, until some of them name something or all were. */
static enum status look_on(struct store *st, struct named *n, struct service_uses *u,
                           struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_NAMED_UNDERIVED, err);
	struct call_use use;
	size_t before = u->n;
	int row = 1;
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_AFTER, u->reached);
	bind_int(s, IN_OUTCOMES, u->outcomes ? u->outcomes : ~0u);
	bind_int(s, IN_PHASES, u->phases);
	bind_text(s, IN_SERVICE, u->service);
	enum { AT_ONCE = 100 };
	while (u->n < before + AT_ONCE && (row = db_row(st, s, err)) > 0) {
		arena_reset(&st->arena);
		call_from_row(s, 0, &st->arena, &use);
		if (take_call(st, n, u, &use, err) != STATUS_OK) {
			db_reset(s);
			return STATUS_STOP;
		}
		u->reached = use.id;
	}
	u->ended = row == 0;
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* ---- a question */

struct question {
	struct store *st;
	struct named *n;
	const struct store_filter *f;
	struct span head;
	bool conditions;
	struct filter_pieces pieces;
	struct texts told;
	int64_t call; /* the last one whose state was asked for */
	enum { COUNTS_NOT, COUNTS, COUNTS_MAYBE } state;
	struct {
		VEC_OF(struct use);
	} open; /* of calls of which all events must be looked at */
	struct texts open_text;
	store_resource_fn each;
	void *data;
	bool more; /* each goes on */
};

static void tell(struct question *q, struct span resource)
{
	bool known;
	resource = texts_add(&q->told, resource, &known);
	q->more = known || q->each(q->data, resource);
}

static struct stmt *ask_of_call(struct question *q, enum sql sql, int64_t call, struct err *err)
{
	struct stmt *s = db_stmt(q->st, sql, err);
	if (s) {
		bind_int(s, IN_CALL, call);
		bind_int(s, IN_ACCOUNTS, q->f->n_accounts > 0);
	}
	return s;
}

/* Whether the call's counts of whole days are among what counts. */
static enum status on_days(struct question *q, int64_t call, struct err *err)
{
	struct stmt *s = ask_of_call(q, SQL_NAMED_ON_DAYS, call, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_FROM, q->pieces.from);
	bind_int(s, IN_TO, q->pieces.to);
	if (db_row(q->st, s, err) != 1)
		return STATUS_STOP;
	if (column_int(s, 0))
		q->state = COUNTS;
	db_reset(s);
	return STATUS_OK;
}

static enum status at_ends(struct question *q, int64_t call, const struct store_window *w,
                           struct err *err)
{
	struct stmt *s = ask_of_call(q, SQL_NAMED_AT_ENDS, call, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_SINCE, w->since);
	bind_int(s, IN_UNTIL, w->until);
	if (db_row(q->st, s, err) != 1)
		return STATUS_STOP;
	if (column_int(s, 0))
		q->state = COUNTS;
	else if (column_int(s, 1))
		q->state = COUNTS_MAYBE;
	db_reset(s);
	return STATUS_OK;
}

static enum status find_state(struct question *q, int64_t call, struct err *err)
{
	enum status status = STATUS_OK;
	if (q->call == call)
		return STATUS_OK;
	q->state = COUNTS_NOT;
	if (q->pieces.days)
		status = on_days(q, call, err);
	for (size_t i = 0; i < q->pieces.n && status == STATUS_OK && q->state != COUNTS; i++)
		status = at_ends(q, call, &q->pieces.part[i], err);
	q->call = call;
	return status;
}

static bool fits_any(struct span text, const struct span *globs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_glob(text, globs[i], true))
			return true;
	return false;
}

static bool is_left_out(const struct store_filter *f, struct span action)
{
	ptrdiff_t colon = span_chr(action, ':');
	return fits_any(action, f->exclude_actions, f->n_exclude_actions) ||
	       fits_any(span_sub(action, 0, colon < 0 ? 0 : (size_t)colon), f->exclude_services,
	                f->n_exclude_services);
}

static enum status take_use(struct question *q, const struct use *u, struct err *err)
{
	bool known;
	if (!span_starts(u->resource, q->head))
		return STATUS_OK;
	if (!q->conditions) {
		if (!u->again)
			tell(q, u->resource);
		return STATUS_OK;
	}
	if (is_left_out(q->f, u->action) || texts_have(&q->told, u->resource))
		return STATUS_OK;
	if (find_state(q, u->call, err) != STATUS_OK)
		return STATUS_STOP;
	if (q->state == COUNTS)
		tell(q, u->resource);
	else if (q->state == COUNTS_MAYBE)
		*vec_add(&q->open) = (struct use){
		        .resource = texts_add(&q->open_text, u->resource, &known), .call = u->call};
	return STATUS_OK;
}

/* The least text behind all that begin with head, in arena. */
static struct span end_of(struct span head, struct arena *arena)
{
	struct span copy = arena_span(arena, head);
	char *p = arena_alloc(arena, copy.n + 1);
	memcpy(p, copy.p, copy.n);
	p[copy.n - 1]++;
	return span_make(p, copy.n);
}

struct stmt *named_range(struct store *st, enum sql sql, const struct store_filter *f,
                         struct span head, struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	if (!s)
		return NULL;
	arena_reset(&st->arena);
	bind_int(s, IN_OUTCOMES, f->outcomes ? f->outcomes : ~0u);
	bind_int(s, IN_PHASES, f->phases);
	bind_text(s, IN_HEAD, arena_span(&st->arena, head));
	bind_text(s, IN_END, end_of(head, &st->arena));
	return s;
}

static enum status take_derived(struct question *q, struct err *err)
{
	struct stmt *s = named_range(
	        q->st, q->conditions ? SQL_NAMED_DERIVED : SQL_LOG_RESOURCES_FROM, q->f, q->head,
	        err);
	enum status status = STATUS_OK;
	int row = 0;
	if (!s)
		return STATUS_STOP;
	while (q->more && status == STATUS_OK && (row = db_row(q->st, s, err)) > 0) {
		struct use u = {.resource = column_text(s, q->conditions ? 2 : 0)};
		if (q->conditions) {
			u.call = column_int(s, 0);
			u.action = column_text(s, 1);
		}
		status = take_use(q, &u, err);
	}
	db_reset(s);
	return row < 0 ? STATUS_STOP : status;
}

static enum status take_held(struct question *q, const struct service_uses *u, size_t from,
                             struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = from; q->more && status == STATUS_OK && i < u->n; i++)
		status = take_use(q, &u->v[i], err);
	return status;
}

static enum status add_open(struct question *q, struct err *err)
{
	struct stmt *s = db_stmt(q->st, SQL_NAMED_BEGIN, err);
	if (!s || db_run(q->st, s, err) != STATUS_OK)
		return STATUS_STOP;
	for (size_t i = 0; i < q->open.n; i++) {
		if (i && q->open.v[i].call == q->open.v[i - 1].call)
			continue;
		if (!(s = db_stmt(q->st, SQL_NAMED_OPEN, err)))
			return STATUS_STOP;
		bind_int(s, IN_CALL, q->open.v[i].call);
		if (db_run(q->st, s, err) != STATUS_OK)
			return STATUS_STOP;
	}
	return STATUS_OK;
}

static int by_call(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	return (x->call > y->call) - (x->call < y->call);
}

static size_t first_of_call(const struct question *q, int64_t call)
{
	size_t lo = 0, hi = q->open.n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (q->open.v[mid].call < call)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Calls that the ends of their days did not decide: all their events are looked at, in one go. */
static enum status take_open(struct question *q, struct err *err)
{
	int row = 0;
	if (!q->more || !q->open.n)
		return STATUS_OK;
	sort_items(q->open.v, q->open.n, sizeof *q->open.v, by_call);
	if (add_open(q, err) != STATUS_OK)
		return STATUS_STOP;
	for (size_t k = 0; q->more && k < q->pieces.n; k++) {
		struct stmt *s = filter_ask_totals(q->st, SQL_NAMED_EVENTS, err);
		if (!s)
			return STATUS_STOP;
		bind_int(s, IN_SINCE, q->pieces.part[k].since);
		bind_int(s, IN_UNTIL, q->pieces.part[k].until);
		bind_int(s, IN_ACCOUNTS, q->f->n_accounts > 0);
		while (q->more && (row = db_row(q->st, s, err)) > 0) {
			int64_t call = column_int(s, 0);
			for (size_t i = first_of_call(q, call);
			     q->more && i < q->open.n && q->open.v[i].call == call; i++)
				tell(q, q->open.v[i].resource);
		}
		db_reset(s);
		if (row < 0)
			return STATUS_STOP;
	}
	return STATUS_OK;
}

/* The conditions are put into temp.filter. */
static enum status set_conditions(struct question *q, struct err *err)
{
	filter_pieces(q->f, &q->pieces);
	if (filter_begin(q->st, err) != STATUS_OK || filter_add(q->st, q->f, err) != STATUS_OK)
		return STATUS_STOP;
	for (size_t i = 0; i < q->pieces.n; i++)
		if (filter_need_events(q->st, q->f, q->pieces.part[i].since,
		                       q->pieces.part[i].until, err) != STATUS_OK)
			return STATUS_STOP;
	return STATUS_OK;
}

static enum status answer(struct question *q, struct service_uses *u, struct err *err)
{
	enum status status = take_held(q, u, 0, err);
	if (status == STATUS_OK && q->more)
		status = take_derived(q, err);
	bool looked = false;
	while (status == STATUS_OK && q->more && !u->ended && q->n->n_uses < LIMIT_NAMED) {
		size_t before = u->n;
		looked = true;
		status = look_on(q->st, q->n, u, err);
		if (status == STATUS_OK)
			status = take_held(q, u, before, err);
	}
	/* What another process derived meanwhile was not among the calls that were looked at, and is
	 * never underived again: it is told now. */
	if (status == STATUS_OK && q->more && looked)
		status = take_derived(q, err);
	return status;
}

enum status named_each(struct store *st, const struct store_filter *f, struct span head,
                       store_resource_fn each, void *data, struct err *err)
{
	struct named *n = named_of(st);
	struct question q = {.st = st,
	                     .n = n,
	                     .f = f,
	                     .head = head,
	                     .conditions = store_has_conditions(f),
	                     .call = -1,
	                     .each = each,
	                     .data = data,
	                     .more = true};
	enum status status = begin(st, n, err);
	struct service_uses *u = status == STATUS_OK ? uses_of(n, f, service_of(head)) : NULL;
	if (status == STATUS_OK && q.conditions)
		status = set_conditions(&q, err);
	if (status == STATUS_OK && u)
		status = answer(&q, u, err);
	/* too much to be held: what was told stays told */
	if (status == STATUS_OK && q.more && !(u && u->ended)) {
		const struct derive_for everybody = {.n = 0};
		status = derive_for(st, &everybody, err);
		forget(n);
		if (status == STATUS_OK)
			status = take_derived(&q, err);
	}
	if (status == STATUS_OK)
		status = take_open(&q, err);
	texts_release(&q.told);
	texts_release(&q.open_text);
	vec_release(&q.open);
	return status;
}
