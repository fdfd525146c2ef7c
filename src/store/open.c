/* open.c - store: opens, migrates and closes the database. A database that is being read by its
 * folder's owner only must stay readable by others afterwards, so it is in rollback mode whenever
 * no ingest is running. */
#include "config.h"

#include "store/totals.h"

#include "base/alloc.h"
#include "base/vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool in_memory(const char *path)
{
	return strcmp(path, ":memory:") == 0;
}

static enum status refuse(struct store *st, struct err *err, const char *reason, const char *text)
{
	err_set(err, STATUS_STOP, reason, "%s", text);
	err_at_file(err, st->path);
	return STATUS_STOP;
}

/* Ours, of a version we know, or (writing) with nothing in it. */
static enum status identify(struct store *st, int64_t *version, struct err *err)
{
	int64_t id, schema;
	if (db_pragma(st, "PRAGMA application_id", &id, err) != STATUS_OK ||
	    db_pragma(st, "PRAGMA user_version", version, err) != STATUS_OK ||
	    db_pragma(st, "PRAGMA schema_version", &schema, err) != STATUS_OK)
		return STATUS_STOP;
	if (id == 0 && *version == 0 && schema == 0) {
		if (st->writable)
			return STATUS_OK;
		return refuse(st, err, "no-database", "nothing was ever written to this database");
	}
	if (id != STORE_APPLICATION_ID)
		return refuse(st, err, "other-program", "this database belongs to another program");
	if (*version < 0)
		return refuse(st, err, "altered", "its version is none: somebody altered this database");
	if (*version > (int64_t)n_sql_migrations)
		return refuse(st, err, "newer",
		              "this database was written by a newer version of iamreplay");
	return STATUS_OK;
}

static enum status migrate(struct store *st, struct err *err)
{
	int64_t version;
	char text[80];
	enum status status = STATUS_OK;
	if (db_exec(st, "BEGIN IMMEDIATE", err) != STATUS_OK)
		return STATUS_STOP;
	/* Looked at again under the lock: another process may have been first. */
	status = identify(st, &version, err);
	for (; status == STATUS_OK && version < (int64_t)n_sql_migrations; version++)
		status = db_exec(st, sql_migrations[version].text, err);
	if (status == STATUS_OK) {
		snprintf(text, sizeof text, "PRAGMA application_id = %d", STORE_APPLICATION_ID);
		status = db_exec(st, text, err);
	}
	if (status == STATUS_OK) {
		snprintf(text, sizeof text, "PRAGMA user_version = %d", (int)n_sql_migrations);
		status = db_exec(st, text, err);
	}
	if (status == STATUS_OK)
		status = db_exec(st, "COMMIT", err);
	if (status != STATUS_OK)
		sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}

/* Whoever made the file may have altered it: no statement of ours lets its schema run functions
 * with side effects or triggers, and pages are checked as they are read. */
static bool defend(sqlite3 *db)
{
	return sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) == SQLITE_OK &&
	       sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) == SQLITE_OK &&
	       sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL) == SQLITE_OK;
}

/* Settings of the connection. page_size counts only for a file that is still empty; 8 KB and WAL
 * were measured fastest. */
static enum status settle(struct store *st, bool empty, struct err *err)
{
	sqlite3_busy_timeout(st->db, DB_BUSY_MS);
	if (!defend(st->db))
		return db_fail(st, err, "cannot open");
	if (db_exec(st,
	            "PRAGMA cell_size_check = ON; PRAGMA cache_size = -24000; "
	            "PRAGMA temp_store = MEMORY",
	            err) != STATUS_OK)
		return STATUS_STOP;
	if (empty)
		return db_exec(st, "PRAGMA page_size = 8192", err);
	return STATUS_OK;
}

static int by_content(const void *a, const void *b)
{
	const struct source_known *x = a, *y = b;
	int c = memcmp(x->content.b, y->content.b, HASH_BYTES);
	return c ? c : x->row < y->row ? -1 : x->row > y->row;
}

static enum status load_known(struct store *st, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_SOURCE_LIST, err);
	size_t room = 0;
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0) {
		if (st->n_known == room) {
			room = room ? 2 * room : 64;
			st->known = xreallocarray(st->known, room, sizeof *st->known);
		}
		st->known[st->n_known] = (struct source_known){
		        .content = column_hash(s, 0),
		        .window = {column_int(s, 1), column_int(s, 2)},
		        .state = column_int(s, 3),
		        .reached = (uint64_t)column_int(s, 4),
		        .row = st->n_known,
		};
		/* Another window would find no more in it. */
		if (st->known[st->n_known].state == SOURCE_STATE_DONE && column_int(s, 5))
			st->known[st->n_known].window = STORE_WINDOW_ALL;
		st->n_known++;
	}
	sort_items(st->known, st->n_known, sizeof *st->known, by_content);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static enum status open_file(struct store *st, const char *path, enum store_mode mode,
                             struct err *err)
{
	bool empty = true;
	if (!in_memory(path)) {
		if (mode == STORE_WRITE && db_file_make(path, err) != STATUS_OK)
			return STATUS_STOP;
		if (db_file_check(path, &empty, err) != STATUS_OK)
			return STATUS_STOP;
	}
	/* Reading too: what a killed ingest left must be rolled back first, and access may have to
	 * be derived again. SQLite itself falls back to reading where the file may not be written.
	 */
	int flags = SQLITE_OPEN_READWRITE;
	if (in_memory(path))
		flags |= SQLITE_OPEN_MEMORY;
	if (sqlite3_open_v2(path, &st->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return db_fail(st, err, "cannot open");
	st->writable = mode == STORE_WRITE;
	functions_add(st);
	return settle(st, empty && mode == STORE_WRITE, err);
}

/* From here on st is a copy of the file that ends with the program. */
static enum status open_copy(struct store *st, struct err *err)
{
	sqlite3 *copy;
	int rc = sqlite3_open_v2(
	        "", &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	sqlite3_backup *b =
	        rc == SQLITE_OK ? sqlite3_backup_init(copy, "main", st->db, "main") : NULL;
	if (!b) {
		sqlite3_close_v2(copy);
		return db_fail(st, err, "cannot copy this older database");
	}
	sqlite3_backup_step(b, -1);
	sqlite3_backup_finish(b);
	for (size_t i = 0; i < SQL_COUNT; i++)
		db_finish(&st->stmt[i]);
	sqlite3_close_v2(st->db);
	st->db = copy;
	if (sqlite3_errcode(copy) != SQLITE_OK)
		return db_fail(st, err, "cannot copy this older database");
	functions_add(st);
	return settle(st, false, err);
}

/* Another process may have removed a database that it had made in vain. */
static enum status is_there(struct store *st, struct err *err)
{
	int moved = 0;
	if (in_memory(st->path) ||
	    sqlite3_file_control(st->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK ||
	    !moved)
		return STATUS_OK;
	return refuse(st, err, "removed",
	              "another process removed this database, which was empty; run again");
}

/* In one transaction: another process may be about to migrate. */
static enum status look_at(struct store *st, int64_t *version, struct err *err)
{
	if (db_exec(st, "BEGIN", err) != STATUS_OK)
		return STATUS_STOP;
	enum status status = identify(st, version, err);
	if (status == STATUS_OK)
		status = schema_check(st, *version, err);
	if (status == STATUS_OK)
		return db_exec(st, "COMMIT", err);
	sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}

static enum status begin_use(struct store *st, enum store_mode mode, struct err *err)
{
	int64_t version;
	if (look_at(st, &version, err) != STATUS_OK)
		return STATUS_STOP;
	if (mode == STORE_TAKE && version < (int64_t)n_sql_migrations &&
	    open_copy(st, err) != STATUS_OK)
		return STATUS_STOP;
	if (version < (int64_t)n_sql_migrations) {
		if (sqlite3_db_readonly(st->db, "main"))
			return refuse(
			        st, err, "older",
			        "this database is of an older version and may not be written: run "
			        "any command that can write it once");
		if (migrate(st, err) != STATUS_OK)
			return STATUS_STOP;
	}
	if (mode == STORE_WRITE) {
		if (!in_memory(st->path) &&
		    db_exec(st,
		            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
		            "PRAGMA wal_autocheckpoint = 4000",
		            err) != STATUS_OK)
			return STATUS_STOP;
		if (is_there(st, err) != STATUS_OK)
			return STATUS_STOP;
		st->writer = writer_new();
		if (load_known(st, err) != STATUS_OK || files_load(st, err) != STATUS_OK ||
		    captured_begin(st, err) != STATUS_OK || partial_begin(st, err) != STATUS_OK)
			return STATUS_STOP;
	}
	return mode == STORE_TAKE ? STATUS_OK : derive_check(st, err);
}

void store_start(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum status store_open(const char *path, const struct store_options *options, struct store **out,
                       struct err *err)
{
	struct store *st = xcalloc(1, sizeof *st);
	st->path = xstrdup(path);
	st->mapping = options->mapping;
	arena_init(&st->arena);
	if (open_file(st, path, options->mode, err) != STATUS_OK ||
	    begin_use(st, options->mode, err) != STATUS_OK) {
		store_close(st, NULL);
		return STATUS_STOP;
	}
	*out = st;
	return STATUS_OK;
}

void store_discard_if_empty(struct store *st)
{
	st->discard = true;
}

/* Under a lock that nobody else can be inside of; one who opens the file meanwhile finds that it is
 * gone (is_there). */
static void discard(struct store *st)
{
	struct store_window w;
	struct err err;
	err_clear(&err);
	if (db_exec(st, "BEGIN EXCLUSIVE", &err) != STATUS_OK)
		return;
	if (store_log_window(st, &w, &err) == STATUS_OK && w.since > w.until)
		unlink(st->path);
	for (size_t i = 0; i < SQL_COUNT; i++)
		db_finish(&st->stmt[i]);
	sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
}

enum status store_close(struct store *st, struct err *err)
{
	int wal = 0;
	enum status status = STATUS_OK;
	if (!st)
		return STATUS_OK;
	if (st->writer && st->db && !st->writer->abandoned) {
		status = store_flush(st, err);
		if (status != STATUS_OK)
			writer_rollback(st);
	} else if (st->writer && st->db) {
		writer_rollback(st);
	}
	for (size_t i = 0; i < SQL_COUNT; i++)
		db_finish(&st->stmt[i]);
	/* A WAL database in a folder that may not be written cannot be read. Another process may be
	 * using it: then that one will do this. */
	if (st->writer && st->db && !in_memory(st->path)) {
		wal = sqlite3_exec(st->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
		if (st->discard && status == STATUS_OK && wal == SQLITE_OK)
			discard(st);
	}
	if (st->db)
		sqlite3_close_v2(st->db);
	totals_free(st);
	named_free(st);
	writer_free(st->writer);
	arena_release(&st->arena);
	free(st->known);
	vec_release(&st->files);
	free(st->path);
	free(st);
	return status;
}

/* The first of those with this content, or where it would be. */
static size_t first_known(const struct store *st, const struct hash128 *content)
{
	size_t low = 0, high = st->n_known;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (memcmp(st->known[middle].content.b, content->b, HASH_BYTES) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum source_state store_source_lookup(const struct store *st, const struct hash128 *content,
                                      const struct store_window *window, uint64_t *resume)
{
	enum source_state found = SOURCE_NEW;
	*resume = 0;
	for (size_t i = first_known(st, content); i < st->n_known; i++) {
		const struct source_known *k = &st->known[i];
		if (!hash_eq(&k->content, content))
			break;
		if (k->state == SOURCE_STATE_DONE && k->window.since <= window->since &&
		    k->window.until >= window->until) {
			*resume = 0;
			return SOURCE_DONE;
		}
		if (found == SOURCE_NEW && k->state == SOURCE_STATE_PARTIAL &&
		    k->window.since == window->since && k->window.until == window->until) {
			found = SOURCE_PARTIAL;
			*resume = k->reached;
		}
	}
	return found;
}
