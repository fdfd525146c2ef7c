/* derive.c - store: access, derived from the calls: when a call is new, when what it depends on has
 * changed, and all of it when the mapping is another one. Where the file may not be written, the
 * new tables live in memory under the same names and hide the file's. */
#include "config.h"

#include "store/db.h"
#include "store/sql.h"

#include <stdlib.h>

struct asked { /* what resolve_env functions need */
	struct store *st;
	int64_t call; /* whose dependencies are written down; 0: none are */
	struct err *err;
	enum status status;
};

static void iam_arns(void *data, struct span type, struct span name, struct span account,
                     void (*add)(void *to, struct span arn), void *to)
{
	struct asked *a = data;
	struct stmt *s;
	int row;
	if (a->status != STATUS_OK)
		return;
	a->status = STATUS_STOP;
	if (a->call) {
		if (!(s = db_stmt(a->st, SQL_LOOKUP_ADD, a->err)))
			return;
		bind_text(s, IN_ACCOUNT, account.p ? account : SPAN_LIT(""));
		bind_text(s, IN_TYPE, type);
		bind_text(s, IN_NAME, name);
		bind_int(s, IN_CALL, a->call);
		if (db_run(a->st, s, a->err) != STATUS_OK)
			return;
	}
	if (!(s = db_stmt(a->st, SQL_IAM_NAME_LIST, a->err)))
		return;
	bind_text(s, IN_ACCOUNT, account);
	bind_text(s, IN_TYPE, type);
	bind_text(s, IN_NAME, name);
	while ((row = db_row(a->st, s, a->err)) > 0)
		add(to, arena_span(&a->st->arena, column_text(s, 0)));
	if (row == 0)
		a->status = STATUS_OK;
}

static enum status put_access(struct store *st, int64_t call, const struct access *access, size_t n,
                              struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct access *a = &access[i];
		struct stmt *s = db_stmt(st, SQL_ACCESS_INSERT, err);
		if (!s)
			return STATUS_STOP;
		bind_int(s, IN_CALL, call);
		bind_int(s, IN_N, i);
		bind_text(s, IN_ACTION, a->action);
		bind_int(s, IN_LEVEL, a->level);
		bind_text(s, IN_TYPE, a->type);
		bind_text(s, IN_RESOURCE, a->resource);
		bind_int(s, IN_ORIGIN, a->origin);
		bind_int(s, IN_NEED, a->need);
		bind_int(s, IN_RULE, a->rule);
		bind_int(s, IN_REPLACED, a->replaced);
		bind_text(s, IN_PASSED_TO, a->passed_to);
		if (db_run(st, s, err) != STATUS_OK)
			return STATUS_STOP;
	}
	return STATUS_OK;
}

/* Of a call that was mapped no row says so. */
static enum status put_derived(struct store *st, int64_t id, enum mapping_status mapped,
                               const struct access *access, size_t n, struct err *err)
{
	if (put_access(st, id, access, n, err) != STATUS_OK)
		return STATUS_STOP;
	if (mapped == MAPPED)
		return STATUS_OK;
	struct stmt *s = db_stmt(st, SQL_MAPPED_SET, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_CALL, id);
	bind_int(s, IN_STATUS, mapped);
	return db_run(st, s, err);
}

enum status derive_call(struct store *st, int64_t id, const struct call *call,
                        struct span owner_account, struct err *err)
{
	struct asked asked = {.st = st, .call = id, .err = err, .status = STATUS_OK};
	struct resolve_env env = {.data = &asked,
	                          .iam_arns = iam_arns,
	                          .owner_account = owner_account,
	                          .dependents = true};
	struct access *access = NULL;
	size_t n = 0;
	enum mapping_status mapped = resolve_call(st->mapping, call, &env, &st->arena, &access, &n);
	if (asked.status != STATUS_OK)
		return STATUS_STOP;
	return put_derived(st, id, mapped, access, n, err);
}

enum status derive_known(struct store *st, int64_t id, const struct fact *f, struct err *err)
{
	return put_derived(st, id, f->mapped, f->access, f->n_access, err);
}

static enum status forget(struct store *st, enum sql sql, int64_t call, struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_CALL, call);
	return db_run(st, s, err);
}

static enum status derive_again(struct store *st, int64_t call, struct err *err)
{
	struct call_use use;
	arena_reset(&st->arena);
	struct stmt *s = db_stmt(st, SQL_CALL_GET, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_CALL, call);
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	if (row) {
		call_from_row(s, 0, &st->arena, &use);
		db_reset(s);
	}
	if (forget(st, SQL_ACCESS_DELETE, call, err) != STATUS_OK ||
	    forget(st, SQL_MAPPED_DELETE, call, err) != STATUS_OK)
		return STATUS_STOP;
	if (row && derive_call(st, call, &use.call, use.owner_account, err) != STATUS_OK)
		return STATUS_STOP;
	return forget(st, SQL_STALE_DELETE, call, err);
}

/* The next stale calls, at most room of them. */
static enum status next_stale(struct store *st, int64_t *call, size_t room, size_t *n,
                              struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_STALE_LIST, err);
	int row = 1;
	*n = 0;
	if (!s)
		return STATUS_STOP;
	while (*n < room && (row = db_row(st, s, err)) > 0)
		call[(*n)++] = column_int(s, 0);
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

enum status derive_stale(struct store *st, struct err *err)
{
	int64_t call[1000];
	size_t n;
	do {
		if (next_stale(st, call, sizeof call / sizeof call[0], &n, err) != STATUS_OK)
			return STATUS_STOP;
		for (size_t i = 0; i < n; i++)
			if (derive_again(st, call[i], err) != STATUS_OK)
				return STATUS_STOP;
	} while (n);
	return STATUS_OK;
}

/* What the derived rows depend on, in st->arena. */
static struct span derived_by(struct store *st)
{
	return arena_printf(&st->arena, "%.*s resolve %d", SPAN_ARG(mapping_version(st->mapping)),
	                    RESOLVE_VERSION);
}

static enum status derive_all(struct store *st, struct err *err)
{
	if (db_script(st, SQL_DERIVED_CLEAR, err) != STATUS_OK ||
	    derive_stale(st, err) != STATUS_OK)
		return STATUS_STOP;
	return db_meta_set(st, "mapping", derived_by(st), err);
}

static enum status derive_on_disk(struct store *st, struct err *err)
{
	enum status status = db_exec(st, "BEGIN IMMEDIATE", err);
	if (status == STATUS_OK)
		status = derive_all(st, err);
	if (status == STATUS_OK)
		status = db_exec(st, "COMMIT", err);
	if (status != STATUS_OK && !sqlite3_get_autocommit(st->db))
		sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}

static void forget_statements(struct store *st)
{
	for (size_t i = 0; i < SQL_COUNT; i++)
		db_finish(&st->stmt[i]);
}

/* Prepared statements are bound to the table they found: they must be made after the tables in
 * memory are. */
static enum status derive_in_memory(struct store *st, struct err *err)
{
	forget_statements(st);
	if (db_script(st, SQL_DERIVED_IN_MEMORY, err) != STATUS_OK)
		return STATUS_STOP;
	st->derived_in_memory = true;
	return derive_all(st, err);
}

enum status derive_check(struct store *st, struct err *err)
{
	struct buf version;
	struct err first;
	buf_init(&version, 4096);
	enum status status = db_meta_get(st, "mapping", &version, err);
	bool same = status == STATUS_OK && span_eq(buf_span(&version), derived_by(st));
	st->derived_anew = status == STATUS_OK && !same && version.n > 0;
	buf_release(&version);
	if (status != STATUS_OK || same)
		return status;
	err_clear(&first);
	if (!sqlite3_db_readonly(st->db, "main") && derive_on_disk(st, &first) == STATUS_OK)
		return STATUS_OK;
	if (!st->writable && (!first.reason || strcmp(first.reason, "damaged") != 0))
		return derive_in_memory(st, err);
	if (err)
		*err = first;
	return STATUS_STOP;
}

/* ---- for those who replay calls */

static void iam_arns_of_reader(void *data, struct span type, struct span name, struct span account,
                               void (*add)(void *to, struct span arn), void *to)
{
	struct asked a = {.st = data, .call = 0, .err = NULL, .status = STATUS_OK};
	iam_arns(&a, type, name, account, add, to);
}

bool store_derived_anew(const struct store *st)
{
	return st->derived_anew;
}

void store_resolve_env(struct store *st, const struct call_use *use, struct resolve_env *env)
{
	*env = (struct resolve_env){.data = st,
	                            .iam_arns = iam_arns_of_reader,
	                            .owner_account = use->owner_account,
	                            .dependents = true};
}
