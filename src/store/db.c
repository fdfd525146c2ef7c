/* db.c - store: see db.h. */
#include "config.h"

#include "store/db.h"

#include "base/alloc.h"
#include "store/sql.h"

#include <assert.h>
#include <stdlib.h>

enum status db_fail(struct store *st, struct err *err, const char *doing)
{
	int code = st->db ? sqlite3_errcode(st->db) : SQLITE_NOMEM;
	const char *reason = "database", *text = st->db ? sqlite3_errmsg(st->db) : "out of memory";
	bool whole = true;
	switch (code & 0xff) {
	case SQLITE_FULL:
		reason = "disk-full";
		text = "no space is left on the device";
		break;
	case SQLITE_NOTADB:
		reason = "not-a-database";
		text = "this is no SQLite database";
		break;
	case SQLITE_CORRUPT:
		reason = "damaged";
		whole = false;
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		reason = "busy";
		text = "another process is using the database";
		break;
	case SQLITE_READONLY:
		reason = "read-only";
		text = "the database or its folder may not be written";
		break;
	case SQLITE_CANTOPEN:
		reason = "cannot-open";
		text = "the database cannot be opened";
		break;
	default: whole = false; break;
	}
	if (whole)
		doing = "";
	err_set(err, STATUS_STOP, reason, "%s%s%s", doing, *doing ? ": " : "", text);
	err_at_file(err, st->path);
	return STATUS_STOP;
}

static size_t sql_index(const char *name)
{
	size_t low = 0, high = n_sql_texts;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcmp(name, sql_texts[mid].name);
		if (c == 0)
			return mid;
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return n_sql_texts;
}

sqlite3_stmt *db_stmt(struct store *st, const char *name, struct err *err)
{
	size_t slot = ((uintptr_t)name >> 3) % DB_RECENT;
	if (st->recent[slot].name == name) {
		sqlite3_reset(st->recent[slot].stmt);
		return st->recent[slot].stmt;
	}
	size_t i = sql_index(name);
	assert(i < n_sql_texts);
	if (!st->stmt[i] &&
	    sqlite3_prepare_v3(st->db, sql_texts[i].text, -1, SQLITE_PREPARE_PERSISTENT,
	                       &st->stmt[i], NULL) != SQLITE_OK) {
		db_fail(st, err, "cannot use the database");
		return NULL;
	}
	st->recent[slot].name = name;
	st->recent[slot].stmt = st->stmt[i];
	sqlite3_reset(st->stmt[i]);
	return st->stmt[i];
}

enum status db_data_version(struct store *st, int64_t *version, struct err *err)
{
	sqlite3_stmt *s;
	if (sqlite3_prepare_v2(st->db, "PRAGMA data_version", -1, &s, NULL) != SQLITE_OK)
		return db_fail(st, err, "cannot read the database");
	bool fine = sqlite3_step(s) == SQLITE_ROW;
	*version = fine ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_finalize(s);
	return fine ? STATUS_OK : db_fail(st, err, "cannot read the database");
}

enum status db_script(struct store *st, const char *name, struct err *err)
{
	size_t i = sql_index(name);
	assert(i < n_sql_texts);
	if (sqlite3_exec(st->db, sql_texts[i].text, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(st, err, "cannot use the database");
	return STATUS_OK;
}

enum status db_exec(struct store *st, const char *what, struct err *err)
{
	if (sqlite3_exec(st->db, what, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(st, err, "cannot use the database");
	return STATUS_OK;
}

static void bind_text(sqlite3_stmt *s, int at, struct span text)
{
	if (text.p)
		sqlite3_bind_text64(s, at, text.p, text.n, SQLITE_STATIC, SQLITE_UTF8);
	else
		sqlite3_bind_null(s, at);
}

void db_bind(sqlite3_stmt *s, const char *types, ...)
{
	va_list args;
	va_start(args, types);
	for (int at = 1; types[at - 1]; at++) {
		switch (types[at - 1]) {
		case 'i': sqlite3_bind_int64(s, at, va_arg(args, int64_t)); break;
		case 't': bind_text(s, at, va_arg(args, struct span)); break;
		case 'h': {
			const struct hash128 *h = va_arg(args, const struct hash128 *);
			if (h)
				sqlite3_bind_blob(s, at, h->b, HASH_BYTES, SQLITE_STATIC);
			else
				sqlite3_bind_null(s, at);
			break;
		}
		case 'n': sqlite3_bind_null(s, at); break;
		default: assert(0);
		}
	}
	va_end(args);
}

enum status db_run(struct store *st, sqlite3_stmt *s, struct err *err)
{
	int rc;
	while ((rc = sqlite3_step(s)) == SQLITE_ROW)
		;
	enum status status = rc == SQLITE_DONE ? STATUS_OK : db_fail(st, err, "cannot write");
	sqlite3_reset(s);
	return status;
}

enum status db_insert(struct store *st, sqlite3_stmt *s, int64_t *id, struct err *err)
{
	if (db_run(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	*id = sqlite3_last_insert_rowid(st->db);
	return STATUS_OK;
}

int db_row(struct store *st, sqlite3_stmt *s, struct err *err)
{
	int rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		db_fail(st, err, "cannot read");
	sqlite3_reset(s);
	return rc == SQLITE_DONE ? 0 : -1;
}

struct span db_text(sqlite3_stmt *s, int column)
{
	const char *p = (const char *)sqlite3_column_text(s, column);
	return p ? span_make(p, (size_t)sqlite3_column_bytes(s, column)) : SPAN_NONE;
}

struct hash128 db_hash(sqlite3_stmt *s, int column)
{
	struct hash128 h = {{0}};
	const void *p = sqlite3_column_blob(s, column);
	if (p && sqlite3_column_bytes(s, column) == HASH_BYTES)
		memcpy(h.b, p, HASH_BYTES);
	return h;
}

enum status db_meta_get(struct store *st, const char *key, struct buf *value, struct err *err)
{
	sqlite3_stmt *s = db_stmt(st, "meta-get", err);
	if (!s)
		return STATUS_STOP;
	buf_reset(value);
	db_bind(s, "t", span_of(key));
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	if (row) {
		buf_add_span(value, db_text(s, 0));
		sqlite3_reset(s);
	}
	return STATUS_OK;
}

enum status db_meta_set(struct store *st, const char *key, struct span value, struct err *err)
{
	sqlite3_stmt *s = db_stmt(st, "meta-set", err);
	if (!s)
		return STATUS_STOP;
	db_bind(s, "tt", span_of(key), value);
	return db_run(st, s, err);
}
