/* fold.c - store: what is bounded. S3 object keys and log stream names have no end; past
 * STORE_FOLD_CALLS distinct calls of one principal, operation and bucket (log group) the calls are
 * replaced by ones that keep only the first two segments of the name, past as many of those one
 * segment, then none. The level that a group ends at and the calls it ends with depend on the set
 * of calls alone, not on their order: a coarser name is a function of a finer one. */
#include "config.h"

#include "store/writer.h"

#include <stdlib.h>

enum { FOLD_NONE = 3 }; /* level at which nothing is folded; below: directories kept */

struct foldable {
	const char *source, *group, *name;
};

static const struct foldable kinds[] = {
        {"s3.amazonaws.com", "bucketName", "key"},
        {"logs.amazonaws.com", "logGroupName", "logStreamName"},
        {"logs.amazonaws.com", "logGroupIdentifier", "logStreamName"},
};

static struct span value_of(const struct call *c, const char *path)
{
	for (size_t i = 0; i < c->n_params; i++)
		if (span_is(c->params[i].path, path) && c->params[i].state != PARAM_PRESENT)
			return c->params[i].value;
	return SPAN_NONE;
}

static const struct foldable *kind_of(const struct call *c)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (span_is(c->source, kinds[i].source) && value_of(c, kinds[i].group).n &&
		    value_of(c, kinds[i].name).p)
			return &kinds[i];
	return NULL;
}

bool fold_applies(const struct call *c)
{
	return kind_of(c) != NULL;
}

static struct hash128 group_of(const struct call *c, const struct foldable *k)
{
	struct hasher h;
	hash_begin(&h);
	hash_field(&h, c->principal.arn);
	hash_field(&h, c->source);
	hash_field(&h, c->name);
	hash_field(&h, value_of(c, k->group));
	return hash_end(&h);
}

/* The first directories of a name, with their last '/'; "" if it has none. */
static struct span prefix_of(struct span name, int directories)
{
	size_t end = 0;
	for (size_t i = 0; i < name.n && directories > 0; i++)
		if (name.p[i] == '/') {
			end = i + 1;
			directories--;
		}
	return span_sub(name, 0, end);
}

static bool is_copy_source(struct span path)
{
	return span_eq_ci(path, SPAN_LIT("x-amz-copy-source")) ||
	       span_eq_ci(path, SPAN_LIT("copySource"));
}

static void fold_params(const struct call *c, const struct foldable *k, int level,
                        struct arena *arena, struct call *out)
{
	struct param *p = arena_alloc(arena, (c->n_params + 1) * sizeof *p);
	for (size_t i = 0; i < c->n_params; i++) {
		p[i] = c->params[i];
		if (p[i].state != PARAM_VALUE && p[i].state != PARAM_PREFIX)
			continue;
		if (span_is(p[i].path, k->group))
			continue;
		if (span_is(p[i].path, k->name)) {
			p[i].value = prefix_of(p[i].value, level);
			p[i].state = PARAM_PREFIX;
		} else if (is_copy_source(p[i].path)) {
			struct span v = p[i].value;
			if (v.n && v.p[0] == '/')
				v = span_from(v, 1);
			p[i].value = prefix_of(v, level + 1);
			p[i].state = PARAM_PREFIX;
		} else {
			p[i].value = SPAN_NONE;
			p[i].state = PARAM_PRESENT;
		}
	}
	out->params = p;
}

/* Cuts the name off text where text ends with it. */
static bool cut_name(struct span text, struct span name, int level, struct arena *arena,
                     struct span *out)
{
	if (!name.n || !span_ends(text, name))
		return false;
	struct span prefix = prefix_of(name, level);
	*out = arena_printf(arena, "%.*s%.*s", (int)(text.n - name.n), text.p, SPAN_ARG(prefix));
	return true;
}

static int by_arn(const void *a, const void *b)
{
	const struct event_resource *x = a, *y = b;
	int c = span_cmp(x->arn, y->arn);
	return c ? c : span_cmp(x->type, y->type);
}

static void fold_resources(const struct call *c, struct span name, int level, struct arena *arena,
                           struct call *out)
{
	struct event_resource *r = arena_alloc(arena, (c->n_resources + 1) * sizeof *r);
	for (size_t i = 0; i < c->n_resources; i++) {
		r[i] = c->resources[i];
		if (cut_name(r[i].arn, name, level, arena, &r[i].arn))
			r[i].prefix = true;
	}
	qsort(r, c->n_resources, sizeof *r, by_arn);
	out->resources = r;
}

/* Everything that is kept is a function of what a finer level keeps. */
static void fold(const struct call *c, const struct foldable *k, int level, struct arena *arena,
                 struct call *out)
{
	struct span name = value_of(c, k->name);
	*out = *c;
	fold_params(c, k, level, arena, out);
	fold_resources(c, name, level, arena, out);
	if (name.n && span_ends(c->denial.resource, name))
		out->denial.resource = SPAN_NONE;
}

/* ---- groups
 * -------------------------------------------------------------------------------------- */

struct group {
	struct hash128 hash;
	int level;
	int64_t calls;
};

static enum status group_get(struct store *st, struct group *g, struct err *err)
{
	struct cache_entry *e = cache_get(&st->writer->folds, &g->hash);
	g->level = FOLD_NONE;
	g->calls = 0;
	if (e) {
		g->level = (int)e->time;
		g->calls = e->id - 1;
		return STATUS_OK;
	}
	sqlite3_stmt *s = db_stmt(st, "fold-get", err);
	if (!s)
		return STATUS_STOP;
	db_bind(s, "h", &g->hash);
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	if (row) {
		g->level = sqlite3_column_int(s, 0);
		g->calls = sqlite3_column_int64(s, 1);
		sqlite3_reset(s);
	}
	return STATUS_OK;
}

static enum status group_set(struct store *st, const struct group *g, struct err *err)
{
	struct cache_entry *e = cache_get(&st->writer->folds, &g->hash);
	if (!e)
		e = cache_put(&st->writer->folds, &g->hash);
	e->id = g->calls + 1;
	e->time = g->level;
	sqlite3_stmt *s = db_stmt(st, "fold-set", err);
	if (!s)
		return STATUS_STOP;
	db_bind(s, "hii", &g->hash, (int64_t)g->level, g->calls);
	return db_run(st, s, err);
}

static enum status run_on(struct store *st, const char *sql, const char *types,
                          const struct hash128 *hash, int64_t a, int64_t b, struct err *err)
{
	sqlite3_stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	if (hash)
		db_bind(s, types, hash, a, b);
	else
		db_bind(s, types, a, b);
	return db_run(st, s, err);
}

static enum status add_member(struct store *st, struct group *g, int64_t call, struct err *err)
{
	g->calls++;
	if (run_on(st, "fold-member-add", "hi", &g->hash, call, 0, err) != STATUS_OK)
		return STATUS_STOP;
	return group_set(st, g, err);
}

/* The call that stands for c at the group's level; a new one becomes a member. */
static enum status stand_in(struct store *st, struct group *g, const struct call *c,
                            const struct call_marks *marks, int64_t *id, struct err *err)
{
	struct call folded;
	struct call_marks m = *marks;
	struct cache_entry *e;
	fold(c, kind_of(c), g->level, &st->arena, &folded);
	struct hash128 hash = call_hash(&folded);
	if (writer_find_call(st, &hash, &e, err) != STATUS_OK)
		return STATUS_STOP;
	if (e) {
		*id = e->id;
		return STATUS_OK;
	}
	m.folded = true;
	if (writer_call(st, &folded, &hash, &m, id, err) != STATUS_OK)
		return STATUS_STOP;
	return add_member(st, g, *id, err);
}

static enum status replace_call(struct store *st, struct group *g, int64_t old, struct err *err)
{
	struct call_use use;
	int64_t id;
	sqlite3_stmt *s = db_stmt(st, "call-get-own", err);
	if (!s)
		return STATUS_STOP;
	db_bind(s, "i", old);
	if (db_row(st, s, err) != 1)
		return STATUS_STOP;
	call_from_row(s, 0, &st->arena, &use);
	struct call_marks marks = {use.read_only, use.management, sqlite3_column_int(s, 26) != 0,
	                           true};
	sqlite3_reset(s);
	if (stand_in(st, g, &use.call, &marks, &id, err) != STATUS_OK)
		return STATUS_STOP;
	if (id == old) /* a name of few directories stays what it is at the next level */
		return add_member(st, g, id, err);
	static const char *const moves[] = {"fold-move-days", "fold-move-sample",
	                                    "fold-move-owner"};
	static const char *const drops[] = {"fold-drop-days", "fold-drop-sample", "access-delete",
	                                    "mapped-delete", "stale-delete"};
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
		if (run_on(st, moves[i], "ii", NULL, id, old, err) != STATUS_OK)
			return STATUS_STOP;
	for (size_t i = 0; i < sizeof drops / sizeof drops[0]; i++)
		if (run_on(st, drops[i], "i", NULL, old, 0, err) != STATUS_OK)
			return STATUS_STOP;
	if (run_on(st, "fold-stale", "i", NULL, id, 0, err) != STATUS_OK)
		return STATUS_STOP;
	return run_on(st, "fold-into", "ii", NULL, id, old, err);
}

static enum status members_of(struct store *st, const struct group *g, int64_t **out, size_t *n,
                              struct err *err)
{
	int64_t *member = arena_alloc(&st->arena, ((size_t)g->calls + 1) * sizeof *member);
	sqlite3_stmt *s = db_stmt(st, "fold-member-list", err);
	int row = 1;
	*n = 0;
	if (!s)
		return STATUS_STOP;
	db_bind(s, "h", &g->hash);
	while (*n < (size_t)g->calls && (row = db_row(st, s, err)) > 0)
		member[(*n)++] = sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	*out = member;
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* One level further. */
static enum status fold_group(struct store *st, struct group *g, struct err *err)
{
	int64_t *member;
	size_t n;
	if (days_flush(st, err) != STATUS_OK || members_of(st, g, &member, &n, err) != STATUS_OK ||
	    run_on(st, "fold-member-clear", "h", &g->hash, 0, 0, err) != STATUS_OK)
		return STATUS_STOP;
	g->level--;
	g->calls = 0;
	/* What is remembered of the calls is about to be wrong. */
	cache_clear(&st->writer->calls);
	for (size_t i = 0; i < n; i++)
		if (replace_call(st, g, member[i], err) != STATUS_OK)
			return STATUS_STOP;
	cache_clear(&st->writer->calls);
	return group_set(st, g, err);
}

enum status fold_call(struct store *st, const struct call *c, const struct hash128 *hash,
                      const struct call_marks *marks, struct cache_entry **out, struct err *err)
{
	struct group g = {.hash = group_of(c, kind_of(c))};
	int64_t id;
	if (group_get(st, &g, err) != STATUS_OK)
		return STATUS_STOP;
	if (g.level == FOLD_NONE) {
		if (writer_call(st, c, hash, marks, &id, err) != STATUS_OK ||
		    add_member(st, &g, id, err) != STATUS_OK)
			return STATUS_STOP;
	} else if (stand_in(st, &g, c, marks, &id, err) != STATUS_OK) {
		return STATUS_STOP;
	}
	while (g.calls > STORE_FOLD_CALLS && g.level > 0)
		if (fold_group(st, &g, err) != STATUS_OK)
			return STATUS_STOP;
	if (writer_find_call(st, hash, out, err) != STATUS_OK || *out)
		return *out ? STATUS_OK : STATUS_STOP;
	/* Its own hash has no row: ask for the one that stands for it, and remember that under
	 * both. */
	struct call folded;
	fold(c, kind_of(c), g.level, &st->arena, &folded);
	struct hash128 of_folded = call_hash(&folded);
	if (writer_find_call(st, &of_folded, out, err) != STATUS_OK)
		return STATUS_STOP;
	return *out ? STATUS_OK : err_set(err, STATUS_STOP, "damaged", "a folded call is missing");
}
