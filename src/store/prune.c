/* prune.c - store: takes away what was recorded before a day, or of a principal. What is left is
 * what an ingest of the same sources from that day on would have stored, but for three things:
 * names stay folded as far as they are, a call whose first record went has no eventID as evidence,
 * and sources tell what became of their records when they were read. */
#include "config.h"

#include "store/totals.h"

#include "base/when.h"

/* As captured.c joins them. */
enum { NEAR_SECONDS = 900 };

/* Inputs that a section has not are passed over. */
static enum status run(struct store *st, enum sql sql, int64_t time, int64_t day, struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	if (s->at[IN_TIME])
		bind_int(s, IN_TIME, time);
	if (s->at[IN_DAY])
		bind_int(s, IN_DAY, day);
	if (s->at[IN_NEAR])
		bind_int(s, IN_NEAR, NEAR_SECONDS);
	return db_run(st, s, err);
}

static enum status number(struct store *st, enum sql sql, int64_t day, int64_t *out,
                          struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	if (s->at[IN_DAY])
		bind_int(s, IN_DAY, day);
	if (db_row(st, s, err) != 1)
		return STATUS_STOP;
	*out = column_int(s, 0);
	db_reset(s);
	return STATUS_OK;
}

/* ---- what goes */

static enum status take_days(struct store *st, int64_t day, uint64_t *events, struct err *err)
{
	static const enum sql steps[] = {
	        SQL_PRUNE_CONFLICTS,      SQL_PRUNE_PARTIAL,        SQL_PRUNE_CAPTURED,
	        SQL_PRUNE_SHARED,         SQL_PRUNE_DAYS,           SQL_PRUNE_BULK,
	        SQL_PRUNE_BULK_ROWS,      SQL_PRUNE_SLICES,         SQL_PRUNE_KEYS,
	        SQL_PRUNE_CAPTURED_COUNT, SQL_PRUNE_CAPTURED_AGAIN, SQL_PRUNE_SOURCES,
	};
	int64_t time = day * WHEN_DAY_SECONDS, counted;
	if (number(st, SQL_PRUNE_CLOSED_EVENTS, day, &counted, err) != STATUS_OK ||
	    run(st, SQL_PRUNE_EVENTS, time, day, err) != STATUS_OK)
		return STATUS_STOP;
	*events += (uint64_t)sqlite3_changes64(st->db) + (uint64_t)counted;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (run(st, steps[i], time, day, err) != STATUS_OK)
			return STATUS_STOP;
	return STATUS_OK;
}

static enum status take_principals(struct store *st, const int64_t *ids, size_t n, uint64_t *events,
                                   struct err *err)
{
	int64_t counted;
	for (size_t i = 0; i < n; i++) {
		struct stmt *s = db_stmt(st, SQL_PRUNE_PRINCIPAL_ADD, err);
		if (!s)
			return STATUS_STOP;
		bind_int(s, IN_PRINCIPAL, ids[i]);
		if (db_run(st, s, err) != STATUS_OK)
			return STATUS_STOP;
	}
	if (db_script(st, SQL_PRUNE_GONE, err) != STATUS_OK ||
	    number(st, SQL_PRUNE_GONE_COUNTS, 0, &counted, err) != STATUS_OK ||
	    run(st, SQL_PRUNE_GONE_EVENTS, 0, 0, err) != STATUS_OK)
		return STATUS_STOP;
	*events += (uint64_t)sqlite3_changes64(st->db) + (uint64_t)counted;
	return db_script(st, SQL_PRUNE_GONE_REST, err);
}

/* ---- what is left */

static enum status count_with_group(struct store *st, const struct call *c, struct err *err)
{
	struct hash128 hash;
	if (!fold_group_of(c, &hash))
		return STATUS_OK;
	struct stmt *s = db_stmt(st, SQL_PRUNE_FOLD_COUNT, err);
	if (!s)
		return STATUS_STOP;
	bind_hash(s, IN_HASH, &hash);
	return db_run(st, s, err);
}

/* Names of IAM that calls tell, and how many calls are left of each group of object keys. */
static enum status read_calls(struct store *st, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_MERGE_CALLS, err);
	struct call_use use;
	struct arena arena;
	enum status status = STATUS_OK;
	int row = 0;
	if (!s)
		return STATUS_STOP;
	arena_init(&arena);
	while (status == STATUS_OK && (row = db_row(st, s, err)) > 0) {
		arena_reset(&arena);
		arena_reset(&st->arena);
		call_from_row(s, 0, &arena, &use);
		status = count_with_group(st, &use.call, err);
		if (status == STATUS_OK)
			status = row_iam_names_in(st, &use.call, err);
	}
	db_reset(s);
	arena_release(&arena);
	return row < 0 ? STATUS_STOP : status;
}

static enum status read_principals(struct store *st, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_PRUNE_PRINCIPAL_ARNS, err);
	enum status status = STATUS_OK;
	int row = 0;
	if (!s)
		return STATUS_STOP;
	while (status == STATUS_OK && (row = db_row(st, s, err)) > 0)
		status = row_iam_name(st, column_text(s, 0), TOLD_BY_CALLS, err);
	db_reset(s);
	return row < 0 ? STATUS_STOP : status;
}

static enum status clean(struct store *st, int64_t time, struct err *err)
{
	if (run(st, SQL_PRUNE_IAM_NAMES, time, 0, err) != STATUS_OK ||
	    db_script(st, SQL_PRUNE_CLEAN, err) != STATUS_OK ||
	    run(st, SQL_PRUNE_SAMPLES, time, 0, err) != STATUS_OK ||
	    read_calls(st, err) != STATUS_OK || read_principals(st, err) != STATUS_OK ||
	    db_script(st, SQL_PRUNE_FOLDS, err) != STATUS_OK)
		return STATUS_STOP;
	/* Numbers of calls may be given again, so that what was derived says nothing any more. */
	if (db_script(st, SQL_DERIVED_CLEAR, err) != STATUS_OK)
		return STATUS_STOP;
	if (totals_all_again(st, err) != STATUS_OK || join_all(st, err) != STATUS_OK)
		return STATUS_STOP;
	return totals_finish(st, err);
}

/* ---- the whole of it */

static enum status note(struct store *st, const struct store_prune *what, uint64_t events,
                        struct err *err)
{
	int64_t before;
	if (db_add_to_count(st, "pruned", (int64_t)events, err) != STATUS_OK ||
	    store_pruned_before(st, &before, err) != STATUS_OK)
		return STATUS_STOP;
	int64_t time = what->day * WHEN_DAY_SECONDS;
	return !what->n_principals && time > before ? store_set_pruned_before(st, time, err)
	                                            : STATUS_OK;
}

static enum status prune(struct store *st, const struct store_prune *what, uint64_t *events,
                         struct err *err)
{
	bool days = !what->n_principals;
	if (writer_begin(st, err) != STATUS_OK || writer_know(st, err) != STATUS_OK ||
	    db_script(st, SQL_PRUNE_BEGIN, err) != STATUS_OK)
		return STATUS_STOP;
	enum status status =
	        days ? take_days(st, what->day, events, err)
	             : take_principals(st, what->principals, what->n_principals, events, err);
	if (status == STATUS_OK)
		status = clean(st, days ? what->day * WHEN_DAY_SECONDS : INT64_MIN + 1, err);
	if (status == STATUS_OK)
		status = note(st, what, *events, err);
	return status == STATUS_OK ? writer_commit(st, err) : status;
}

enum status store_prune(struct store *st, const struct store_prune *what, uint64_t *events,
                        struct err *err)
{
	*events = 0;
	if (store_flush(st, err) == STATUS_OK && prune(st, what, events, err) == STATUS_OK)
		return STATUS_OK;
	store_abandon(st);
	return STATUS_STOP;
}

/* The log is not written twice as large meanwhile: it is not needed by others any more. */
enum status store_shrink(struct store *st, struct err *err)
{
	if (store_flush(st, err) != STATUS_OK)
		return STATUS_STOP;
	sqlite3_exec(st->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	return db_vacuum(st, err);
}

enum status store_pruned_before(struct store *st, int64_t *time, struct err *err)
{
	bool any;
	if (db_get_count(st, "pruned-before", &any, time, err) != STATUS_OK)
		return STATUS_STOP;
	if (!any)
		*time = INT64_MIN;
	return STATUS_OK;
}

enum status store_set_pruned_before(struct store *st, int64_t time, struct err *err)
{
	return db_set_count(st, "pruned-before", time, err);
}
