/* db.c - store: see db.h. */
#include "config.h"

#include "store/db.h"
#include "store/put.h"

#include "base/alloc.h"
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* On a full disk, the file that users of a write-ahead log share cannot grow. */
static int error_code(struct store *st)
{
	int code = st->db ? sqlite3_extended_errcode(st->db) : SQLITE_NOMEM;
	bool full = code == SQLITE_IOERR_SHMSIZE ||
	            ((code & 0xff) == SQLITE_IOERR && sqlite3_system_errno(st->db) == ENOSPC);
	return full ? SQLITE_FULL : code;
}

enum status db_fail(struct store *st, struct err *err, const char *doing)
{
	int code = error_code(st);
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

/* Remembers where each input is, so that binding looks nothing up by name. */
static void find_inputs(struct stmt *out)
{
	int n = sqlite3_bind_parameter_count(out->s);
	assert(n <= 32);
	for (int at = 1; at <= n; at++) {
		const char *name = sqlite3_bind_parameter_name(out->s, at);
		for (size_t i = 0; i < IN_COUNT; i++)
			if (strcmp(name + 1, sql_inputs[i]) == 0)
				out->at[i] = (uint8_t)at;
	}
}

/* Stores the events that are still held in memory. */
static enum status settle(struct store *st, struct err *err)
{
	const struct writer *w = st->writer;
	return w && w->put.n_events && !w->put.busy ? put_events(st, err) : STATUS_OK;
}

enum status db_prepare(struct store *st, const char *text, struct stmt *out, struct err *err)
{
	*out = (struct stmt){.s = NULL};
	if (settle(st, err) != STATUS_OK)
		return STATUS_STOP;
	if (sqlite3_prepare_v3(st->db, text, -1, SQLITE_PREPARE_PERSISTENT, &out->s, NULL) !=
	    SQLITE_OK)
		return db_fail(st, err, "cannot use the database");
	find_inputs(out);
	return STATUS_OK;
}

void db_finish(struct stmt *s)
{
	sqlite3_finalize(s->s);
	s->s = NULL;
}

void db_reset(struct stmt *s)
{
	sqlite3_reset(s->s);
	s->bound = 0;
	s->altered = false;
}

struct stmt *db_stmt(struct store *st, enum sql name, struct err *err)
{
	struct stmt *s = &st->stmt[name];
	if (!s->s) {
		st->meets_events = false;
		if (db_prepare(st, sql_texts[name].text, s, err) != STATUS_OK)
			return NULL;
		for (size_t i = 0; i < IN_COUNT; i++)
			if (s->at[i])
				s->all |= UINT32_C(1) << (s->at[i] - 1);
		s->of_events = st->meets_events;
	}
	if (s->of_events && settle(st, err) != STATUS_OK)
		return NULL;
	db_reset(s);
	return s;
}

enum status db_pragma(struct store *st, const char *pragma, int64_t *out, struct err *err)
{
	sqlite3_stmt *s;
	if (sqlite3_prepare_v2(st->db, pragma, -1, &s, NULL) != SQLITE_OK)
		return db_fail(st, err, "cannot read the database");
	int rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(s, 0);
	enum status status =
	        rc == SQLITE_ROW ? STATUS_OK : db_fail(st, err, "cannot read the database");
	sqlite3_finalize(s);
	return status;
}

enum status db_data_version(struct store *st, int64_t *version, struct err *err)
{
	return db_pragma(st, "PRAGMA data_version", version, err);
}

enum status db_script(struct store *st, enum sql name, struct err *err)
{
	if (settle(st, err) != STATUS_OK)
		return STATUS_STOP;
	return db_exec(st, sql_texts[name].text, err);
}

enum status db_exec(struct store *st, const char *what, struct err *err)
{
	if (sqlite3_exec(st->db, what, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(st, err, "cannot use the database");
	return STATUS_OK;
}

/* Longer than ingest needs to begin its next batch, shorter than a user would notice. */
enum { BRIEF_MS = 300 };

enum status db_begin_briefly(struct store *st, struct err *err)
{
	if (!st->writable)
		sqlite3_busy_timeout(st->db, BRIEF_MS);
	enum status status = db_exec(st, "BEGIN IMMEDIATE", err);
	sqlite3_busy_timeout(st->db, DB_BUSY_MS);
	return status;
}

void db_roll_back(struct store *st)
{
	if (!sqlite3_get_autocommit(st->db))
		sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
}

bool db_may_use_memory(const struct store *st, const struct err *why)
{
	return !st->writable && (!why->reason || strcmp(why->reason, "damaged") != 0);
}

void db_forget_statements(struct store *st)
{
	for (size_t i = 0; i < SQL_COUNT; i++)
		db_finish(&st->stmt[i]);
}

static int place_of(struct stmt *s, enum sql_input input)
{
	assert(s->at[input]);
	s->bound |= UINT32_C(1) << (s->at[input] - 1);
	return s->at[input];
}

enum status db_vacuum(struct store *st, struct err *err)
{
	ptrdiff_t slash = span_rchr(span_of(st->path), '/');
	bool file = strcmp(st->path, ":memory:") != 0;
	/* SQLite keeps the copy where temporary tables are, which is in memory; and the folder that
	 * it would take for files on its own need not be writable, nor as large as the database. */
	enum status status = STATUS_OK;
	if (file) {
		sqlite3_temp_directory =
		        slash < 0 ? sqlite3_mprintf(".")
		                  : sqlite3_mprintf("%.*s", (int)slash + 1, st->path);
		status = db_exec(st, "PRAGMA temp_store = FILE", err);
	}
	if (status == STATUS_OK)
		status = db_exec(st, "VACUUM", err);
	if (file) {
		sqlite3_exec(st->db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
		sqlite3_free(sqlite3_temp_directory);
		sqlite3_temp_directory = NULL;
	}
	return status;
}

enum status db_give_back(struct store *st, struct err *err)
{
	int64_t pages, unused;
	if (db_pragma(st, "PRAGMA page_count", &pages, err) != STATUS_OK ||
	    db_pragma(st, "PRAGMA freelist_count", &unused, err) != STATUS_OK)
		return STATUS_STOP;
	/* A file with less of it uses the free pages up. */
	return unused > pages / 8 ? db_vacuum(st, err) : STATUS_OK;
}

void bind_int(struct stmt *s, enum sql_input input, int64_t value)
{
	sqlite3_bind_int64(s->s, place_of(s, input), value);
}

void bind_text(struct stmt *s, enum sql_input input, struct span value)
{
	if (value.p)
		sqlite3_bind_text64(s->s, place_of(s, input), value.p, value.n, SQLITE_STATIC,
		                    SQLITE_UTF8);
	else
		bind_null(s, input);
}

void bind_hash(struct stmt *s, enum sql_input input, const struct hash128 *value)
{
	if (value)
		sqlite3_bind_blob(s->s, place_of(s, input), value->b, HASH_BYTES, SQLITE_STATIC);
	else
		bind_null(s, input);
}

void bind_null(struct stmt *s, enum sql_input input)
{
	sqlite3_bind_null(s->s, place_of(s, input));
}

static int step(struct stmt *s)
{
	assert((s->all & ~s->bound) == 0); /* an input was forgotten */
	return sqlite3_step(s->s);
}

enum status db_run(struct store *st, struct stmt *s, struct err *err)
{
	int rc;
	while ((rc = step(s)) == SQLITE_ROW)
		;
	enum status status = rc == SQLITE_DONE ? STATUS_OK : db_fail(st, err, "cannot write");
	db_reset(s);
	return status;
}

enum status db_insert(struct store *st, struct stmt *s, int64_t *id, struct err *err)
{
	if (db_run(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	*id = sqlite3_last_insert_rowid(st->db);
	return STATUS_OK;
}

int db_row(struct store *st, struct stmt *s, struct err *err)
{
	int rc = step(s);
	if (s->altered) {
		err_set(err, STATUS_STOP, "damaged",
		        "a number in this database is out of its range: the file was altered");
		err_at_file(err, st->path);
		s->altered = false;
		db_reset(s);
		return -1;
	}
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		db_fail(st, err, "cannot read");
	db_reset(s);
	return rc == SQLITE_DONE ? 0 : -1;
}

int64_t column_int(struct stmt *s, int column)
{
	return sqlite3_column_int64(s->s, column);
}

int column_enum(struct stmt *s, int column, int least, int most)
{
	int64_t value = column_int(s, column);
	if (value >= least && value <= most)
		return (int)value;
	s->altered = true;
	return least;
}

bool column_is_null(struct stmt *s, int column)
{
	return sqlite3_column_type(s->s, column) == SQLITE_NULL;
}

struct span column_text(struct stmt *s, int column)
{
	const char *p = (const char *)sqlite3_column_text(s->s, column);
	return p ? span_make(p, (size_t)sqlite3_column_bytes(s->s, column)) : SPAN_NONE;
}

struct hash128 column_hash(struct stmt *s, int column)
{
	struct hash128 h = {{0}};
	const void *p = sqlite3_column_blob(s->s, column);
	if (p && sqlite3_column_bytes(s->s, column) == HASH_BYTES)
		memcpy(h.b, p, HASH_BYTES);
	return h;
}

enum status db_get_count(struct store *st, const char *key, bool *any, int64_t *n, struct err *err)
{
	struct buf value;
	buf_init(&value, 4096);
	enum status status = db_meta_get(st, key, &value, err);
	*any = value.n > 0;
	buf_add_char(&value, '\0');
	*n = strtoll(value.p, NULL, 10);
	buf_release(&value);
	return status;
}

enum status db_set_count(struct store *st, const char *key, int64_t n, struct err *err)
{
	char text[32];
	snprintf(text, sizeof text, "%" PRId64, n);
	return db_meta_set(st, key, span_of(text), err);
}

enum status db_add_to_count(struct store *st, const char *key, int64_t n, struct err *err)
{
	int64_t before;
	bool any;
	if (db_get_count(st, key, &any, &before, err) != STATUS_OK)
		return STATUS_STOP;
	return n ? db_set_count(st, key, (int64_t)((uint64_t)before + (uint64_t)n), err)
	         : STATUS_OK;
}

enum status db_meta_get(struct store *st, const char *key, struct buf *value, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_META_GET, err);
	if (!s)
		return STATUS_STOP;
	buf_reset(value);
	bind_text(s, IN_KEY, span_of(key));
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	if (row) {
		buf_add_span(value, column_text(s, 0));
		db_reset(s);
	}
	return STATUS_OK;
}

enum status db_meta_set(struct store *st, const char *key, struct span value, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_META_SET, err);
	if (!s)
		return STATUS_STOP;
	bind_text(s, IN_KEY, span_of(key));
	bind_text(s, IN_VALUE, value);
	return db_run(st, s, err);
}
