/* copies.c - store: copies of one event (equal id) with other content. One of them counts,
 * whichever came first: the one that says more. The others stand in the table conflict, but for
 * those that only lack what another one has: these are duplicates. The session is no part of the
 * content: logs are seen to deliver one event under two session names. The same order decides which
 * one is kept.
 *
 * What every copy names is kept whichever counts, so that the order in which they come changes
 * nothing: rows of calls, contexts and sessions, whose a key is, samples, first and last times. */
#include "config.h"

#include "store/writer.h"

#include "store/encode.h"

#include <stdlib.h>

/* Copies of one event that are remembered beside the one that counts, those that say most. Trails
 * deliver a file twice at times, never with sixteen contents: more come from a damaged or a hostile
 * source, and each new one is compared with all of them. */
enum { LIMIT_CONFLICTS = 16 };

enum { N_NUMBERS = 6, N_EQUAL = 2, N_ERROR = 4, N_TEXTS = 10, N_SESSION = 4 };

struct copy {
	int64_t call, context, session, request;
	int64_t stored_call; /* of a row of conflict: before it was folded */
	struct call said;    /* params, resources and params_cut alone */
	/* event kind, outcome (these must be equal), denied by, explicit deny, MFA, TLS */
	int64_t number[N_NUMBERS];
	struct span params, resources;
	struct span text[N_TEXTS]; /* the first N_ERROR: the error and what it names */
	struct span of_session[N_SESSION];
	size_t n_values; /* parameters of which a value is known */
};

static enum status load_copy(struct store *st, struct copy *c, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_COPY_GET, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_CALL, c->call);
	bind_int(s, IN_CONTEXT, c->context);
	bind_int(s, IN_SESSION, c->session);
	if (db_row(st, s, err) != 1)
		return STATUS_STOP;
	struct arena *arena = &st->arena;
	c->params = arena_span(arena, column_text(s, 0));
	c->resources = arena_span(arena, column_text(s, 1));
	decode_params(c->params, arena, &c->said);
	decode_resources(c->resources, arena, &c->said);
	c->said.params_cut = column_int(s, 2) != 0;
	for (int i = 0; i < 4; i++)
		c->number[i] = column_int(s, 3 + i);
	for (int i = 0; i < N_ERROR; i++)
		c->text[i] = arena_span(arena, column_text(s, 7 + i));
	c->number[4] = column_int(s, 11);
	c->number[5] = column_int(s, 12);
	for (int i = N_ERROR; i < N_TEXTS; i++)
		c->text[i] = arena_span(arena, column_text(s, 9 + i));
	for (int i = 0; i < N_SESSION; i++)
		c->of_session[i] = arena_span(arena, column_text(s, 9 + N_TEXTS + i));
	db_reset(s);
	c->n_values = 0;
	for (size_t i = 0; i < c->said.n_params; i++)
		c->n_values += c->said.params[i].value.p != NULL;
	return STATUS_OK;
}

/* ---- a total order */

static int by_number(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_size(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

static int by_text(struct span a, struct span b)
{
	if (!a.p || !b.p)
		return (a.p != NULL) - (b.p != NULL);
	return span_cmp(a, b);
}

/* The least name, as where several records name one session. */
static int by_name(struct span a, struct span b)
{
	return a.p && b.p ? span_cmp(b, a) : by_text(a, b);
}

static size_t error_length(const struct copy *c)
{
	size_t n = 0;
	for (size_t i = 0; i < N_ERROR; i++)
		n += c->text[i].n;
	return n;
}

static int by_bytes(const struct copy *a, const struct copy *b)
{
	int c = by_text(a->params, b->params);
	if (!c)
		c = by_text(a->resources, b->resources);
	for (size_t i = 0; i < N_TEXTS && !c; i++)
		c = by_text(a->text[i], b->text[i]);
	for (size_t i = 0; i < N_NUMBERS && !c; i++)
		c = by_number(a->number[i], b->number[i]);
	for (size_t i = 0; i < N_SESSION && !c; i++)
		c = by_name(a->of_session[i], b->of_session[i]);
	return c ? c : by_number(a->request, b->request);
}

/* More parameters, then more resources, then a longer error, then bytes. A copy that lacks what the
 * other has is always the smaller one: a parameter without its value, a list that was cut and an
 * absent field are less. */
static int by_content(const struct copy *a, const struct copy *b)
{
	int c = by_size(a->said.n_params, b->said.n_params);
	if (!c)
		c = by_size(a->n_values, b->n_values);
	if (!c)
		c = (int)b->said.params_cut - (int)a->said.params_cut;
	if (!c)
		c = by_size(a->said.n_resources, b->said.n_resources);
	if (!c)
		c = by_size(error_length(a), error_length(b));
	return c ? c : by_bytes(a, b);
}

/* ---- what one copy lacks of another */

/* Both sorted by path, then value. */
static bool params_lack(const struct call *a, const struct call *b)
{
	size_t group = 0, at = 0;
	for (size_t i = 0; i < a->n_params; i++) {
		const struct param *p = &a->params[i];
		while (group < b->n_params && span_cmp(b->params[group].path, p->path) < 0)
			group++;
		if (group == b->n_params || !span_eq(b->params[group].path, p->path))
			return false;
		if (p->state == PARAM_PRESENT || p->state == PARAM_HIDDEN)
			continue;
		if (at < group)
			at = group;
		while (at < b->n_params && span_eq(b->params[at].path, p->path) &&
		       (b->params[at].state != p->state || !span_eq(b->params[at].value, p->value)))
			at++;
		if (at == b->n_params || !span_eq(b->params[at++].path, p->path))
			return false;
	}
	return true;
}

/* Both sorted. */
static bool resources_lack(const struct call *a, const struct call *b)
{
	size_t at = 0;
	for (size_t i = 0; i < a->n_resources; i++) {
		const struct event_resource *r = &a->resources[i], *o = b->resources;
		while (at < b->n_resources &&
		       (by_text(o[at].arn, r->arn) != 0 || by_text(o[at].type, r->type) != 0 ||
		        by_text(o[at].account, r->account) != 0 || o[at].prefix != r->prefix ||
		        o[at].pattern != r->pattern))
			at++;
		if (at++ == b->n_resources)
			return false;
	}
	return true;
}

/* Whether b says all that a says. */
static bool lacks(const struct copy *a, const struct copy *b)
{
	for (size_t i = 0; i < N_NUMBERS; i++)
		if ((i < N_EQUAL || a->number[i] != 0) && a->number[i] != b->number[i])
			return false;
	if (by_text(a->text[0], b->text[0]) != 0) /* without an error it is another outcome */
		return false;
	for (size_t i = 1; i < N_TEXTS; i++)
		if (a->text[i].p && by_text(a->text[i], b->text[i]) != 0)
			return false;
	return (a->said.params_cut || !b->said.params_cut) && params_lack(&a->said, &b->said) &&
	       resources_lack(&a->said, &b->said);
}

/* ---- the table conflict */

static void bind_event(struct stmt *s, const struct fact *f, int64_t stream)
{
	bind_int(s, IN_STREAM, stream);
	bind_int(s, IN_TIME, f->time);
	bind_hash(s, IN_ID, &f->id);
}

static enum status write_conflict(struct store *st, enum sql sql, const struct fact *f,
                                  int64_t stream, int64_t call, const struct copy *c,
                                  struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	bind_event(s, f, stream);
	bind_int(s, IN_CALL, call);
	bind_int(s, IN_CONTEXT, c->context);
	return db_run(st, s, err);
}

static enum status add_conflict(struct store *st, const struct fact *f, int64_t stream,
                                const struct copy *c, struct err *err)
{
	return write_conflict(st, SQL_CONFLICT_ADD, f, stream, c->call, c, err);
}

static enum status delete_conflict(struct store *st, const struct fact *f, int64_t stream,
                                   const struct copy *c, struct err *err)
{
	return write_conflict(st, SQL_CONFLICT_DELETE, f, stream, c->stored_call, c, err);
}

static enum status load_conflicts(struct store *st, const struct fact *f, int64_t stream,
                                  struct copy *copy, size_t *n, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_CONFLICT_LIST, err);
	int row = 0;
	*n = 0;
	if (!s)
		return STATUS_STOP;
	bind_event(s, f, stream);
	while (*n < LIMIT_CONFLICTS && (row = db_row(st, s, err)) > 0)
		copy[(*n)++] = (struct copy){.stored_call = column_int(s, 0),
		                             .context = column_int(s, 1),
		                             .call = column_int(s, 2)};
	db_reset(s);
	for (size_t i = 0; i < *n && row >= 0; i++)
		if (load_copy(st, &copy[i], err) != STATUS_OK)
			return STATUS_STOP;
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* Puts c beside the n copies in place that do not count: those that lack what it has go, and beyond
 * the limit the one that says least. */
static enum status keep_conflict(struct store *st, const struct fact *f, int64_t stream,
                                 const struct copy *c, const struct copy *in_place, size_t n,
                                 struct err *err)
{
	const struct copy *least = c;
	size_t left = 1;
	if (add_conflict(st, f, stream, c, err) != STATUS_OK)
		return STATUS_STOP;
	for (size_t i = 0; i < n; i++) {
		if (lacks(&in_place[i], c)) {
			if (delete_conflict(st, f, stream, &in_place[i], err) != STATUS_OK)
				return STATUS_STOP;
			continue;
		}
		left++;
		if (by_content(&in_place[i], least) < 0)
			least = &in_place[i];
	}
	return left > LIMIT_CONFLICTS ? delete_conflict(st, f, stream, least, err) : STATUS_OK;
}

/* ---- which copy counts */

static enum status any_row(struct store *st, struct stmt *s, bool *any, struct err *err)
{
	int row = db_row(st, s, err);
	*any = row > 0;
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* Whether the record is a captured call that counts with another record. */
static enum status is_joined(struct store *st, const struct fact *f, int64_t stream,
                             const struct copy *standing, bool *joined, struct err *err)
{
	*joined = false;
	if (f->observer == OBSERVED_CLOUDTRAIL)
		return STATUS_OK;
	struct stmt *s = db_stmt(st, SQL_CAPTURED_JOINED, err);
	if (!s)
		return STATUS_STOP;
	bind_event(s, f, stream);
	bind_int(s, IN_REQUEST, standing->request);
	return any_row(st, s, joined, err);
}

static void bind_shared(struct stmt *s, const struct fact *f, const struct copy *c)
{
	bind_hash(s, IN_HASH, f->shared);
	bind_int(s, IN_OWNER_SIDE, f->owner_side);
	bind_int(s, IN_CALL, c->call);
	bind_int(s, IN_CONTEXT, c->context);
	bind_int(s, IN_TIME, f->time);
}

/* The copy that counted is no longer that side of a call across accounts which counts. *counted:
 * whether it was. */
static enum status uncount_shared(struct store *st, const struct fact *f, const struct copy *c,
                                  bool *counted, struct err *err)
{
	bool uncounted;
	*counted = true;
	if (!f->shared)
		return STATUS_OK;
	struct stmt *s = db_stmt(st, SQL_SHARED_UNCOUNTED, err);
	if (!s)
		return STATUS_STOP;
	bind_shared(s, f, c);
	if (any_row(st, s, &uncounted, err) != STATUS_OK ||
	    !(s = db_stmt(st, SQL_SHARED_UNCOUNT, err)))
		return STATUS_STOP;
	*counted = !uncounted;
	bind_shared(s, f, c);
	return db_run(st, s, err);
}

static enum status replace(struct store *st, const struct fact *f, int64_t stream,
                           const struct copy *from, const struct copy *to, bool *counted,
                           struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_EVENT_REPLACE, err);
	if (!s)
		return STATUS_STOP;
	bind_event(s, f, stream);
	bind_int(s, IN_CALL, to->call);
	bind_int(s, IN_CONTEXT, to->context);
	bind_int(s, IN_SESSION, to->session);
	bind_int(s, IN_REQUEST, to->request);
	if (db_run(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	*counted = true;
	if (from->call == to->call && from->context == to->context) /* another session */
		return STATUS_OK;
	if (uncount_shared(st, f, from, counted, err) != STATUS_OK)
		return STATUS_STOP;
	if (f->observer != OBSERVED_CLOUDTRAIL && from->request) {
		if (!(s = db_stmt(st, SQL_CAPTURED_DROP, err)))
			return STATUS_STOP;
		bind_event(s, f, stream);
		bind_int(s, IN_REQUEST, from->request);
		if (db_run(st, s, err) != STATUS_OK)
			return STATUS_STOP;
	}
	if (*counted && days_add(st, from->call, from->context, f->time, -1, err) != STATUS_OK)
		return STATUS_STOP;
	return days_add(st, to->call, to->context, f->time, *counted, err);
}

static enum status get_standing(struct store *st, const struct fact *f, int64_t stream,
                                struct copy *out, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_EVENT_GET, err);
	if (!s)
		return STATUS_STOP;
	bind_event(s, f, stream);
	if (db_row(st, s, err) != 1)
		return STATUS_STOP;
	*out = (struct copy){.call = column_int(s, 0),
	                     .context = column_int(s, 1),
	                     .session = column_int(s, 2),
	                     .request = column_int(s, 3)};
	db_reset(s);
	return STATUS_OK;
}

static bool known(const struct copy *c, const struct copy *in_place, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lacks(c, &in_place[i]))
			return true;
	return false;
}

/* standing counts; c has other content. */
static enum status settle_copies(struct store *st, const struct fact *f, int64_t stream,
                                 struct copy *standing, struct copy *c, enum copy_kind *kind,
                                 bool *counted, struct err *err)
{
	struct copy in_place[LIMIT_CONFLICTS];
	size_t n;
	bool joined;
	if (load_copy(st, standing, err) != STATUS_OK || load_copy(st, c, err) != STATUS_OK ||
	    load_conflicts(st, f, stream, in_place, &n, err) != STATUS_OK ||
	    is_joined(st, f, stream, standing, &joined, err) != STATUS_OK)
		return STATUS_STOP;
	*counted = false;
	if (!joined && by_content(c, standing) > 0) {
		bool more = lacks(standing, c);
		*kind = more ? COPY_MORE : COPY_CONFLICT_COUNTS;
		if (replace(st, f, stream, standing, c, counted, err) != STATUS_OK)
			return STATUS_STOP;
		for (size_t i = 0; i < n; i++)
			if (lacks(&in_place[i], c) &&
			    delete_conflict(st, f, stream, &in_place[i], err) != STATUS_OK)
				return STATUS_STOP;
		return more ? STATUS_OK : keep_conflict(st, f, stream, standing, in_place, n, err);
	}
	*kind = lacks(c, standing) || known(c, in_place, n) ? COPY_LESS : COPY_CONFLICT;
	if (*kind == COPY_LESS)
		return STATUS_OK;
	return keep_conflict(st, f, stream, c, in_place, n, err);
}

enum status copy_put(struct store *st, const struct fact *f, int64_t stream, int64_t call,
                     int64_t context, int64_t session, enum copy_kind *kind, bool *counted,
                     struct err *err)
{
	struct copy standing, copy = {.call = call,
	                              .stored_call = call,
	                              .context = context,
	                              .session = session,
	                              .request = (int64_t)f->request};
	if (get_standing(st, f, stream, &standing, err) != STATUS_OK)
		return STATUS_STOP;
	standing.stored_call = standing.call;
	if (standing.call == call && standing.context == context && standing.session == session &&
	    standing.request == copy.request) {
		*kind = COPY_EQUAL;
		return STATUS_OK;
	}
	return settle_copies(st, f, stream, &standing, &copy, kind, counted, err);
}
