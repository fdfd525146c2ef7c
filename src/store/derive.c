/* derive.c - store: access, derived from the calls when it is first asked for, principal by
 * principal, and kept until what it depends on or the mapping changes: most of what a log holds is
 * never asked for. The table derived tells up to which call a principal's are derived, the table
 * stale which of those must be again. Where the file may not be written, the tables live in memory
 * under the same names and hide the file's. */
#include "config.h"

#include "store/db.h"
#include "store/sql.h"

#include "base/vec.h"

#include <stdlib.h>

/* Calls that are derived before others may write: a tenth of a second. */
enum { DERIVE_BATCH = 20000 };

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

/* call: 0, or the number of the one for which dependencies are written down. */
static enum status resolve(struct store *st, int64_t call, const struct call_use *use,
                           enum mapping_status *mapped, struct access **access, size_t *n,
                           struct err *err)
{
	struct asked asked = {.st = st, .call = call, .err = err, .status = STATUS_OK};
	struct resolve_env env = {.data = &asked,
	                          .iam_arns = iam_arns,
	                          .owner_account = use->owner_account,
	                          .dependents = true};
	*mapped = resolve_call(st->mapping, &use->call, &env, &st->arena, access, n);
	return asked.status;
}

enum status derive_resolve(struct store *st, const struct call_use *use, struct access **access,
                           size_t *n, struct err *err)
{
	enum mapping_status mapped;
	return resolve(st, 0, use, &mapped, access, n, err);
}

static enum status derive_call(struct store *st, const struct call_use *use, struct err *err)
{
	struct access *access;
	size_t n;
	enum mapping_status mapped;
	if (resolve(st, use->id, use, &mapped, &access, &n, err) != STATUS_OK)
		return STATUS_STOP;
	return put_derived(st, use->id, mapped, access, n, err);
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
	if (row && derive_call(st, &use, err) != STATUS_OK)
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

static enum status derive_stale(struct store *st, struct err *err)
{
	int64_t call[1000];
	size_t n;
	struct stmt *s = db_stmt(st, SQL_STALE_DROP, err);
	if (!s || db_run(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	do {
		if (next_stale(st, call, sizeof call / sizeof call[0], &n, err) != STATUS_OK)
			return STATUS_STOP;
		for (size_t i = 0; i < n; i++)
			if (derive_again(st, call[i], err) != STATUS_OK)
				return STATUS_STOP;
	} while (n);
	return STATUS_OK;
}

/* ---- what was not derived yet */

/* A principal's calls from after on, up to last, were never derived. */
struct pending {
	int64_t principal, after, last;
};
struct pendings {
	VEC_OF(struct pending);
	bool stale; /* calls that were derived must be again */
};

/* Principals are as many as the database has rows of them. */
static enum status read_pending(struct store *st, struct stmt *s, struct pendings *out,
                                struct err *err)
{
	int row;
	while ((row = db_row(st, s, err)) > 0)
		*vec_add(out) =
		        (struct pending){column_int(s, 0), column_int(s, 1), column_int(s, 2)};
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static enum status find_pending(struct store *st, const struct derive_for *who,
                                struct pendings *out, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_STALE_ANY, err);
	enum status status = STATUS_OK;
	if (!s)
		return STATUS_STOP;
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	db_reset(s);
	out->stale = row > 0;
	out->n = 0;
	if (who->nobody)
		return STATUS_OK;
	if (!who->n) {
		if (!(s = db_stmt(st, SQL_DERIVE_PENDING, err)))
			return STATUS_STOP;
		bind_text(s, IN_NAME, who->name);
		return read_pending(st, s, out, err);
	}
	for (size_t i = 0; i < who->n && status == STATUS_OK; i++) {
		if (!(s = db_stmt(st, SQL_DERIVE_PENDING_OF, err)))
			return STATUS_STOP;
		bind_int(s, IN_PRINCIPAL, who->principals[i]);
		status = read_pending(st, s, out, err);
	}
	return status;
}

/* At most DERIVE_BATCH calls of a principal, by number, of which *n becomes the count; *more if
 * some are left. */
static enum status derive_some(struct store *st, struct pending *p, size_t *n, bool *more,
                               struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_DERIVE_CALLS, err);
	struct call_use use;
	int row = 1;
	*n = 0;
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_PRINCIPAL, p->principal);
	bind_int(s, IN_AFTER, p->after);
	bind_int(s, IN_LAST, p->last);
	while (*n < DERIVE_BATCH && (row = db_row(st, s, err)) > 0) {
		arena_reset(&st->arena);
		call_from_row(s, 0, &st->arena, &use);
		if (derive_call(st, &use, err) != STATUS_OK) {
			db_reset(s);
			return STATUS_STOP;
		}
		p->after = use.id;
		++*n;
	}
	*more = row > 0;
	if (!*more)
		p->after = p->last;
	db_reset(s);
	if (row < 0 || !(s = db_stmt(st, SQL_DERIVED_SET, err)))
		return STATUS_STOP;
	bind_int(s, IN_PRINCIPAL, p->principal);
	bind_int(s, IN_UPTO, p->after);
	return db_run(st, s, err);
}

/* Inside a transaction, unless it is in memory; on disk begun anew now and then, so that others who
 * write need not wait for all of it. */
static enum status derive_pending(struct store *st, struct pendings *all, bool on_disk,
                                  struct err *err)
{
	enum status status = all->stale ? derive_stale(st, err) : STATUS_OK;
	size_t n, since_commit = 0;
	bool more = false;
	for (size_t i = 0; i < all->n && status == STATUS_OK; i += !more) {
		status = derive_some(st, &all->v[i], &n, &more, err);
		since_commit += n;
		if (!on_disk || status != STATUS_OK || since_commit < DERIVE_BATCH)
			continue;
		since_commit = 0;
		status = db_exec(st, "COMMIT; BEGIN IMMEDIATE", err);
	}
	return status;
}

/* Another process may have derived meanwhile: what is pending is looked up under the lock. */
static enum status derive_on_disk(struct store *st, const struct derive_for *who,
                                  struct pendings *pending, struct err *err)
{
	if (sqlite3_db_readonly(st->db, "main"))
		return err_set(err, STATUS_STOP, "read-only", "the database may not be written");
	enum status status = db_begin_briefly(st, err);
	if (status == STATUS_OK)
		status = find_pending(st, who, pending, err);
	if (status == STATUS_OK)
		status = derive_pending(st, pending, true, err);
	if (status == STATUS_OK)
		status = db_exec(st, "COMMIT", err);
	if (status != STATUS_OK)
		db_roll_back(st);
	return status;
}

/* What the derived rows depend on, in st->arena. */
static struct span derived_by(struct store *st)
{
	return arena_printf(&st->arena, "%.*s resolve %d", SPAN_ARG(mapping_version(st->mapping)),
	                    RESOLVE_VERSION);
}

/* From now on nothing is derived as far as this handle knows. Prepared statements are bound to the
 * table they found: they must be made after the tables in memory are. */
static enum status move_to_memory(struct store *st, struct err *err)
{
	db_forget_statements(st);
	named_forget(st);
	if (db_script(st, SQL_DERIVED_IN_MEMORY, err) != STATUS_OK)
		return STATUS_STOP;
	st->derived_in_memory = true;
	return db_meta_set(st, "mapping", derived_by(st), err);
}

static enum status derive_in_memory(struct store *st, const struct derive_for *who,
                                    struct pendings *pending, struct err *err)
{
	if ((!st->derived_in_memory && move_to_memory(st, err) != STATUS_OK) ||
	    find_pending(st, who, pending, err) != STATUS_OK)
		return STATUS_STOP;
	return derive_pending(st, pending, false, err);
}

/* One who only reads asks once for everybody, and again when another process has written. */
static enum status all_known(struct store *st, bool *known, struct err *err)
{
	int64_t version;
	*known = false;
	if (!st->all_derived)
		return STATUS_OK;
	enum status status = db_data_version(st, &version, err);
	*known = status == STATUS_OK && version == st->derived_version;
	return status;
}

/* What who asks for is derived, of the data's version at least. */
static void note_all(struct store *st, const struct derive_for *who, int64_t version)
{
	if (st->writable || who->n || who->name.p || who->nobody)
		return;
	st->all_derived = true;
	st->derived_version = version;
}

static enum status derive_wanted(struct store *st, const struct derive_for *who, struct err *err)
{
	struct pendings pending = {.n = 0};
	struct err first;
	err_clear(&first);
	enum status status = find_pending(st, who, &pending, err);
	if (status != STATUS_OK || (!pending.n && !pending.stale)) {
		vec_release(&pending);
		return status;
	}
	if (st->derived_in_memory) {
		status = derive_in_memory(st, who, &pending, err);
	} else if (!sqlite3_get_autocommit(st->db)) { /* the writer's own transaction */
		status = derive_pending(st, &pending, false, err);
	} else {
		status = derive_on_disk(st, who, &pending, &first);
		if (status != STATUS_OK && db_may_use_memory(st, &first))
			status = derive_in_memory(st, who, &pending, err);
		else if (status != STATUS_OK && err)
			*err = first;
	}
	vec_release(&pending);
	return status;
}

enum status derive_for(struct store *st, const struct derive_for *who, struct err *err)
{
	int64_t version;
	bool known;
	if (all_known(st, &known, err) != STATUS_OK)
		return STATUS_STOP;
	if (known)
		return STATUS_OK;
	if (db_data_version(st, &version, err) != STATUS_OK ||
	    derive_wanted(st, who, err) != STATUS_OK)
		return STATUS_STOP;
	note_all(st, who, version);
	return STATUS_OK;
}

enum status store_derive(struct store *st, const int64_t *principals, size_t n, struct err *err)
{
	const struct derive_for who = {.principals = principals, .n = n};
	return n ? derive_for(st, &who, err) : STATUS_OK;
}

enum status derive_stale_only(struct store *st, bool *nothing, int64_t *after, struct err *err)
{
	const struct derive_for nobody = {.nobody = true}, everybody = {.n = 0};
	struct pendings pending = {.n = 0};
	int64_t version;
	if (all_known(st, nothing, err) != STATUS_OK)
		return STATUS_STOP;
	if (*nothing)
		return STATUS_OK;
	if (db_data_version(st, &version, err) != STATUS_OK ||
	    derive_wanted(st, &nobody, err) != STATUS_OK)
		return STATUS_STOP;
	enum status status = find_pending(st, &everybody, &pending, err);
	*nothing = status == STATUS_OK && !pending.n && !pending.stale;
	*after = pending.n ? pending.v[0].after : 0;
	for (size_t i = 0; i < pending.n; i++)
		if (pending.v[i].after < *after)
			*after = pending.v[i].after;
	if (*nothing)
		note_all(st, &everybody, version);
	vec_release(&pending);
	return status;
}

/* ---- another mapping */

static enum status forget_derived(struct store *st, struct err *err)
{
	if (db_begin_briefly(st, err) != STATUS_OK)
		return STATUS_STOP;
	enum status status = db_script(st, SQL_DERIVED_CLEAR, err);
	if (status == STATUS_OK)
		status = db_meta_set(st, "mapping", derived_by(st), err);
	if (status == STATUS_OK)
		status = db_exec(st, "COMMIT", err);
	if (status != STATUS_OK)
		db_roll_back(st);
	return status;
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
	if (!sqlite3_db_readonly(st->db, "main") && forget_derived(st, &first) == STATUS_OK)
		return STATUS_OK;
	if (db_may_use_memory(st, &first))
		return move_to_memory(st, err);
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
