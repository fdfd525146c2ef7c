/* put.c - store: see put.h. The tables are virtual ones of SQLite that read an array of the writer.
 */
#include "config.h"

#include "store/put.h"

/* One of the tables. */
struct put_table {
	const char *name;
	enum sql columns;
	/* Row at of what is being put, or NULL behind the last. */
	const void *(*row)(const struct writer *w, size_t at);
	void (*column)(sqlite3_context *to, const void *row, int column);
};

/* What SQLite holds of a table and of a walk through it. */
struct put_vtab {
	sqlite3_vtab base;
	const struct put_table *table;
	const struct store *st;
};

struct put_cursor {
	sqlite3_vtab_cursor base;
	size_t at;
	const void *row;
};

static const void *event_row(const struct writer *w, size_t at)
{
	return at < w->put.n_events ? &w->put.events[at] : NULL;
}

static void event_column(sqlite3_context *to, const void *row, int column)
{
	const struct new_event *e = row;
	switch (column) {
	case 0: sqlite3_result_int64(to, e->stream); break;
	case 1: sqlite3_result_int64(to, e->time); break;
	case 2: sqlite3_result_blob(to, e->id.b, HASH_BYTES, SQLITE_STATIC); break;
	case 3: sqlite3_result_int64(to, e->call); break;
	case 4: sqlite3_result_int64(to, e->context); break;
	case 5: sqlite3_result_int64(to, e->session); break;
	default: sqlite3_result_int64(to, e->request); break;
	}
}

static const void *day_row(const struct writer *w, size_t at)
{
	return at < w->put.n_days ? &w->put.days[at] : NULL;
}

static void day_column(sqlite3_context *to, const void *row, int column)
{
	const struct day_count *c = row;
	const int64_t value[] = {c->call, c->context, c->day, c->events, c->first, c->last};
	sqlite3_result_int64(to, value[column]);
}

static const struct put_table tables[] = {
        {"put_event", SQL_PUT_EVENT_COLUMNS, event_row, event_column},
        {"put_day", SQL_PUT_DAY_COLUMNS, day_row, day_column},
};

/* ---- as SQLite asks for it (https://sqlite.org/vtab.html) */

struct aux {
	const struct put_table *table;
	const struct store *st;
};

static int connect(sqlite3 *db, void *data, int n, const char *const *arg, sqlite3_vtab **out,
                   char **error)
{
	const struct aux *aux = data;
	int rc = sqlite3_declare_vtab(db, sql_texts[aux->table->columns].text);
	if (rc != SQLITE_OK)
		return rc;
	struct put_vtab *v = sqlite3_malloc(sizeof *v);
	if (!v)
		return SQLITE_NOMEM;
	*v = (struct put_vtab){.table = aux->table, .st = aux->st};
	*out = &v->base;
	return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *v)
{
	sqlite3_free(v);
	return SQLITE_OK;
}

static int best_index(sqlite3_vtab *v, sqlite3_index_info *info)
{
	info->estimatedCost = PUT_ROWS;
	info->estimatedRows = PUT_ROWS;
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *v, sqlite3_vtab_cursor **out)
{
	struct put_cursor *c = sqlite3_malloc(sizeof *c);
	if (!c)
		return SQLITE_NOMEM;
	*c = (struct put_cursor){.row = NULL};
	*out = &c->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *c)
{
	sqlite3_free(c);
	return SQLITE_OK;
}

static int go_to(sqlite3_vtab_cursor *cursor, size_t at)
{
	struct put_cursor *c = (struct put_cursor *)cursor;
	const struct put_vtab *v = (const struct put_vtab *)cursor->pVtab;
	c->at = at;
	c->row = v->st->writer ? v->table->row(v->st->writer, at) : NULL;
	return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *c, int index, const char *text, int n, sqlite3_value **arg)
{
	return go_to(c, 0);
}

static int next(sqlite3_vtab_cursor *c)
{
	return go_to(c, ((struct put_cursor *)c)->at + 1);
}

static int at_end(sqlite3_vtab_cursor *c)
{
	return ((struct put_cursor *)c)->row == NULL;
}

static int column(sqlite3_vtab_cursor *c, sqlite3_context *to, int n)
{
	((const struct put_vtab *)c->pVtab)->table->column(to, ((struct put_cursor *)c)->row, n);
	return SQLITE_OK;
}

static int row_id(sqlite3_vtab_cursor *c, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)((struct put_cursor *)c)->at;
	return SQLITE_OK;
}

/* Without xCreate the tables are there without being made. */
static const sqlite3_module module = {
        .xConnect = connect,
        .xBestIndex = best_index,
        .xDisconnect = disconnect,
        .xOpen = open_cursor,
        .xClose = close_cursor,
        .xFilter = filter,
        .xNext = next,
        .xEof = at_end,
        .xColumn = column,
        .xRowid = row_id,
};

void put_tables(struct store *st)
{
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		struct aux *aux = sqlite3_malloc(sizeof *aux);
		if (!aux)
			return; /* the first statement that needs it tells */
		*aux = (struct aux){&tables[i], st};
		sqlite3_create_module_v2(st->db, tables[i].name, &module, aux, sqlite3_free);
	}
}

/* ---- putting */

enum status put_events(struct store *st, struct err *err)
{
	struct writer *w = st->writer;
	if (!w->put.n_events)
		return STATUS_OK;
	w->put.busy = true; /* the statement is one that asks for events */
	struct stmt *s = db_stmt(st, SQL_PUT_EVENT, err);
	enum status status = s ? db_run(st, s, err) : STATUS_STOP;
	w->put.busy = false;
	w->put.n_events = 0;
	return status;
}

enum status put_days(struct store *st, const struct day_count *days, size_t n, struct err *err)
{
	struct writer *w = st->writer;
	enum status status = STATUS_OK;
	for (size_t at = 0; at < n && status == STATUS_OK; at += w->put.n_days) {
		w->put.days = days + at;
		w->put.n_days = n - at < PUT_ROWS ? n - at : PUT_ROWS;
		struct stmt *s = db_stmt(st, SQL_PUT_DAY, err);
		status = s ? db_run(st, s, err) : STATUS_STOP;
	}
	w->put.n_days = 0;
	return status;
}
