/* fold.c - store: what is bounded. S3 object keys and log stream names have no end; past
 * STORE_FOLD_CALLS distinct calls of one principal, operation and bucket (log group) the calls are
 * replaced by ones that keep only the first two segments of the name, past as many of those one
 * segment, then none. The level that a group ends at and the calls it ends with depend on the set
 * of calls alone, not on their order: a coarser name is a function of a finer one. */
#include "config.h"

#include "store/totals.h"

#include "base/alloc.h"

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

static bool fold_applies(const struct call *c)
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

/* ---- groups */

struct group {
	struct hash128 hash;
	int level;
	int64_t calls; /* at this level */
	bool held;     /* the slot is in use */
	bool changed;  /* since it was last written */
};

/* The groups seen lately; a changed one is written when another takes its place, and before each
 * commit. */
enum { GROUP_WAYS = 4, GROUP_SETS = 2048 };

struct groups {
	struct group slot[GROUP_SETS * GROUP_WAYS];
};

struct groups *groups_new(void)
{
	return xcalloc(1, sizeof(struct groups));
}

void groups_free(struct groups *g)
{
	free(g);
}

static enum status group_write(struct store *st, struct group *g, struct err *err)
{
	if (!g->changed)
		return STATUS_OK;
	struct stmt *s = db_stmt(st, SQL_FOLD_SET, err);
	if (!s)
		return STATUS_STOP;
	bind_hash(s, IN_HASH, &g->hash);
	bind_int(s, IN_LEVEL, g->level);
	bind_int(s, IN_CALLS, g->calls);
	g->changed = false;
	return db_run(st, s, err);
}

enum status groups_flush(struct store *st, struct err *err)
{
	struct group *slot = st->writer->groups->slot;
	for (size_t i = 0; i < GROUP_SETS * GROUP_WAYS; i++)
		if (group_write(st, &slot[i], err) != STATUS_OK)
			return STATUS_STOP;
	return STATUS_OK;
}

static enum status group_load(struct store *st, struct group *g, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_FOLD_GET, err);
	if (!s)
		return STATUS_STOP;
	bind_hash(s, IN_HASH, &g->hash);
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	if (row) {
		g->level = column_int(s, 0);
		g->calls = column_int(s, 1);
		db_reset(s);
	}
	return STATUS_OK;
}

/* *out stays valid until the next group_get. */
static enum status group_get(struct store *st, const struct hash128 *hash, struct group **out,
                             struct err *err)
{
	struct group *set = &st->writer->groups->slot[hash_low(hash) % GROUP_SETS * GROUP_WAYS];
	for (int i = 0; i < GROUP_WAYS; i++)
		if (set[i].held && hash_eq(&set[i].hash, hash)) {
			*out = &set[i];
			return STATUS_OK;
		}
	if (group_write(st, &set[GROUP_WAYS - 1], err) != STATUS_OK)
		return STATUS_STOP;
	memmove(&set[1], &set[0], (GROUP_WAYS - 1) * sizeof *set);
	set[0] = (struct group){.hash = *hash, .level = FOLD_NONE, .held = true};
	*out = &set[0];
	return group_load(st, &set[0], err);
}

static void add_member(struct group *g)
{
	g->calls++;
	g->changed = true;
}

/* The call that stands for c at the group's level; a new one becomes a member. */
static enum status stand_in(struct store *st, struct group *g, const struct call *c,
                            const struct call_marks *marks, struct cache_entry **out,
                            struct err *err)
{
	struct call folded;
	struct call_marks m = *marks;
	int64_t id;
	fold(c, kind_of(c), g->level, &st->arena, &folded);
	struct hash128 hash = call_hash(&folded);
	if (row_find_call(st, &hash, out, err) != STATUS_OK)
		return STATUS_STOP;
	if (*out)
		return STATUS_OK;
	m.folded = true;
	if (row_new_call(st, &folded, &hash, &m, &id, err) != STATUS_OK)
		return STATUS_STOP;
	add_member(g);
	*out = row_remember_call(st, &hash, id, &m.sample);
	return STATUS_OK;
}

static enum status run_on(struct store *st, enum sql sql, int64_t call, struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_CALL, call);
	return db_run(st, s, err);
}

/* One of the statements that give what a call has to the one that stands for it. */
static enum status run_move(struct store *st, enum sql sql, int64_t call, int64_t old,
                            struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_CALL, call);
	bind_int(s, IN_OLD, old);
	return db_run(st, s, err);
}

struct member { /* a call of a group, as its row had it */
	int64_t id;
	struct call call;
	struct call_marks marks;
};

static enum status replace_call(struct store *st, struct group *g, const struct member *old,
                                struct err *err)
{
	static const enum sql moves[] = {SQL_FOLD_MOVE_DAYS, SQL_FOLD_MOVE_SAMPLE,
	                                 SQL_FOLD_MOVE_OWNER};
	static const enum sql drops[] = {SQL_FOLD_DROP_DAYS, SQL_ACCESS_DELETE, SQL_MAPPED_DELETE,
	                                 SQL_STALE_DELETE};
	struct cache_entry *e;
	if (stand_in(st, g, &old->call, &old->marks, &e, err) != STATUS_OK)
		return STATUS_STOP;
	int64_t id = e->id;
	if (id == old->id) { /* a name of few directories stays what it is at the next level */
		add_member(g);
		return STATUS_OK;
	}
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
		if (run_move(st, moves[i], id, old->id, err) != STATUS_OK)
			return STATUS_STOP;
	for (size_t i = 0; i < sizeof drops / sizeof drops[0]; i++)
		if (run_on(st, drops[i], old->id, err) != STATUS_OK)
			return STATUS_STOP;
	if (run_on(st, SQL_FOLD_STALE, id, err) != STATUS_OK)
		return STATUS_STOP;
	if (totals_moved(st, id, old->id, err) != STATUS_OK)
		return STATUS_STOP;
	return run_move(st, SQL_FOLD_INTO, id, old->id, err);
}

enum { OWN_COLUMNS = 26 }; /* of call-get, before those of fold-candidates */

static void member_from_row(struct stmt *s, struct arena *arena, struct member *m)
{
	struct call_use use;
	call_from_row(s, 0, arena, &use);
	*m = (struct member){
	        .id = use.id,
	        .call = use.call,
	        .marks = {.read_only = use.read_only,
	                  .management = use.management,
	                  .owner_side = column_int(s, OWN_COLUMNS) != 0,
	                  .folded = true,
	                  .sample = {.time = column_int(s, OWN_COLUMNS + 1),
	                             .id = column_hash(s, OWN_COLUMNS + 2),
	                             .event_id = arena_span(arena, column_text(s, OWN_COLUMNS + 3)),
	                             .source = column_int(s, OWN_COLUMNS + 4),
	                             .ordinal = column_int(s, OWN_COLUMNS + 5)}},
	};
}

/* The calls of the group that c is of, in arena; there are as many as the group counts. */
static enum status members_of(struct store *st, const struct group *g, const struct call *c,
                              struct arena *arena, struct member **out, size_t *n, struct err *err)
{
	int64_t principal;
	int row = 1;
	struct member *m = arena_alloc(arena, ((size_t)g->calls + 1) * sizeof *m);
	if (row_principal(st, &c->principal, &principal, err) != STATUS_OK)
		return STATUS_STOP;
	struct stmt *s = db_stmt(st, SQL_FOLD_CANDIDATES, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_PRINCIPAL, principal);
	bind_text(s, IN_SOURCE, c->source);
	bind_text(s, IN_NAME, c->name);
	*n = 0;
	while (*n < (size_t)g->calls && (row = db_row(st, s, err)) > 0) {
		member_from_row(s, arena, &m[*n]);
		const struct foldable *k = kind_of(&m[*n].call);
		struct hash128 hash = k ? group_of(&m[*n].call, k) : (struct hash128){{0}};
		*n += hash_eq(&hash, &g->hash);
	}
	db_reset(s);
	*out = m;
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* One level further. */
static enum status fold_group(struct store *st, struct group *g, const struct call *c,
                              struct err *err)
{
	struct member *member;
	struct arena arena;
	size_t n;
	arena_init(&arena);
	enum status status = days_flush(st, err);
	if (status == STATUS_OK)
		status = row_index_calls(st, err);
	if (status == STATUS_OK)
		status = members_of(st, g, c, &arena, &member, &n, err);
	if (status == STATUS_OK) {
		g->level--;
		g->calls = 0;
		g->changed = true;
		/* What is remembered of the calls is about to be wrong. */
		cache_clear(&st->writer->calls);
		for (size_t i = 0; i < n && status == STATUS_OK; i++)
			status = replace_call(st, g, &member[i], err);
		cache_clear(&st->writer->calls);
	}
	arena_release(&arena);
	return status;
}

bool fold_group_of(const struct call *c, struct hash128 *hash)
{
	const struct foldable *k = kind_of(c);
	if (k)
		*hash = group_of(c, k);
	return k != NULL;
}

enum status fold_at_most(struct store *st, const struct call *c, int level, struct err *err)
{
	struct hash128 of_group;
	struct group *g;
	if (!fold_group_of(c, &of_group))
		return STATUS_OK;
	if (group_get(st, &of_group, &g, err) != STATUS_OK)
		return STATUS_STOP;
	while (g->level > level && g->level > 0)
		if (fold_group(st, g, c, err) != STATUS_OK)
			return STATUS_STOP;
	return STATUS_OK;
}

static enum status fold_call(struct store *st, const struct call *c, const struct hash128 *hash,
                             const struct call_marks *marks, struct cache_entry **out,
                             struct err *err)
{
	const struct hash128 of_group = group_of(c, kind_of(c));
	struct group *g;
	int64_t id;
	if (group_get(st, &of_group, &g, err) != STATUS_OK)
		return STATUS_STOP;
	if (g->level == FOLD_NONE) {
		if (row_new_call(st, c, hash, marks, &id, err) != STATUS_OK)
			return STATUS_STOP;
		add_member(g);
		*out = row_remember_call(st, hash, id, &marks->sample);
	} else if (stand_in(st, g, c, marks, out, err) != STATUS_OK) {
		return STATUS_STOP;
	}
	if (g->calls <= STORE_FOLD_CALLS || g->level == 0)
		return STATUS_OK;
	while (g->calls > STORE_FOLD_CALLS && g->level > 0)
		if (fold_group(st, g, c, err) != STATUS_OK)
			return STATUS_STOP;
	return stand_in(st, g, c, marks, out, err);
}

/* Whether the text ends with the name, which was cut; of a name that was cut to nothing, with what stands
 * before it in an ARN. */
static bool ends_cut(struct span text, struct span name)
{
	return name.n ? span_ends(text, name)
	              : span_ends(text, SPAN_LIT("/")) || span_ends(text, SPAN_LIT(":"));
}

/* An empty text counts as one that the log hides; of a name that was cut to nothing it is all that is
 * left. */
static void restore_empty(const struct call *c, struct arena *arena, struct call *out)
{
	struct param *p = arena_alloc(arena, (c->n_params + 1) * sizeof *p);
	*out = *c;
	out->params = p;
	for (size_t i = 0; i < c->n_params; i++) {
		p[i] = c->params[i];
		for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
			if (span_is(c->source, kinds[k].source) &&
			    span_is(p[i].path, kinds[k].name) && p[i].state == PARAM_HIDDEN) {
				p[i].value = SPAN_LIT("");
				p[i].state = PARAM_PREFIX;
			}
	}
}

/* A call whose name was cut elsewhere, as fold() leaves it. */
static void mark_cut(const struct call *c, const struct foldable *k, struct arena *arena,
                     struct call *out)
{
	struct span name = value_of(c, k->name);
	struct event_resource *r = arena_alloc(arena, (c->n_resources + 1) * sizeof *r);
	*out = *c;
	for (size_t i = 0; i < c->n_resources; i++) {
		r[i] = c->resources[i];
		r[i].prefix |= ends_cut(r[i].arn, name);
	}
	out->resources = r;
	if (ends_cut(out->denial.resource, name))
		out->denial.resource = SPAN_NONE;
}

enum status fold_cut_call(struct store *st, const struct call *c, int directories,
                          const struct call_marks *marks, struct cache_entry **out,
                          struct err *err)
{
	struct call whole, cut;
	if (directories == 0)
		restore_empty(c, &st->arena, &whole);
	else
		whole = *c;
	if (!fold_applies(&whole)) {
		struct hash128 hash = call_hash(c);
		return fold_any_call(st, c, &hash, marks, out, err);
	}
	if (fold_at_most(st, &whole, directories, err) != STATUS_OK)
		return STATUS_STOP;
	mark_cut(&whole, kind_of(&whole), &st->arena, &cut);
	return fold_call(st, &cut, NULL, marks, out, err);
}

enum status fold_any_call(struct store *st, const struct call *c, const struct hash128 *hash,
                          const struct call_marks *marks, struct cache_entry **out, struct err *err)
{
	int64_t id;
	if (row_find_call(st, hash, out, err) != STATUS_OK)
		return STATUS_STOP;
	if (*out)
		return STATUS_OK;
	if (fold_applies(c))
		return fold_call(st, c, hash, marks, out, err);
	if (row_new_call(st, c, hash, marks, &id, err) != STATUS_OK)
		return STATUS_STOP;
	*out = row_remember_call(st, hash, id, &marks->sample);
	return STATUS_OK;
}
