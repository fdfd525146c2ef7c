/* session-use.c - store: how often each session was used, summed up in memory in one pass over the
 * events: SQLite would sort them all by session. Memory grows with the sessions. */
#include "config.h"

#include "store/db.h"

#include "base/alloc.h"

#include <stdlib.h>

struct use {
	int64_t session, events, first, last; /* events 0: empty */
};

struct uses {
	struct use *v;
	size_t slots, n;
};

static struct use *slot_of(const struct uses *u, int64_t session)
{
	uint64_t h = (uint64_t)session * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(h >> 32) & (u->slots - 1);
	while (u->v[i].events && u->v[i].session != session)
		i = (i + 1) & (u->slots - 1);
	return &u->v[i];
}

static void grow(struct uses *u)
{
	struct uses wider = {NULL, u->slots ? 2 * u->slots : 1024, u->n};
	wider.v = xcalloc(wider.slots, sizeof *wider.v);
	for (size_t i = 0; i < u->slots; i++)
		if (u->v[i].events)
			*slot_of(&wider, u->v[i].session) = u->v[i];
	free(u->v);
	*u = wider;
}

static void count(struct uses *u, int64_t session, int64_t time)
{
	if (2 * (u->n + 1) > u->slots)
		grow(u);
	struct use *to = slot_of(u, session);
	if (!to->events) {
		*to = (struct use){session, 0, time, time};
		u->n++;
	}
	to->events++;
	to->first = time < to->first ? time : to->first;
	to->last = time > to->last ? time : to->last;
}

static enum status count_all(struct store *st, struct uses *u, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_EVENT_SESSIONS, err);
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0)
		count(u, column_int(s, 0), column_int(s, 1));
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static enum status keep(struct store *st, const struct use *u, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_SESSION_USE_ADD, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_SESSION, u->session);
	bind_int(s, IN_EVENTS, u->events);
	bind_int(s, IN_FIRST, u->first);
	bind_int(s, IN_LAST, u->last);
	return db_run(st, s, err);
}

enum status session_use_gather(struct store *st, struct err *err)
{
	struct uses u = {NULL, 0, 0};
	struct stmt *s = db_stmt(st, SQL_SESSION_USE_CLEAR, err);
	enum status status = s ? db_run(st, s, err) : STATUS_STOP;
	if (status == STATUS_OK)
		status = count_all(st, &u, err);
	for (size_t i = 0; i < u.slots && status == STATUS_OK; i++)
		if (u.v[i].events)
			status = keep(st, &u.v[i], err);
	free(u.v);
	return status;
}
