/* fold.c - store: how many calls there may be. Names have no end: object keys, log streams,
 * instances, tasks, uploads. Past STORE_FOLD_CALLS distinct calls of a group the calls are replaced
 * by ones that keep less of the names (fold-call.c), past as many of those by ones that keep still
 * less, at three levels. The level that a group ends at and the calls it ends with depend on the
 * set of calls alone, not on their order nor on how they were divided: a coarser call is a function
 * of a finer one, so that a group that was beyond the bound in part is beyond it whole. */
#include "config.h"

#include "store/fold.h"
#include "store/totals.h"

#include "base/alloc.h"

#include <stdlib.h>

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

/* The call that stands for c at the group's level, which may be c; a new one becomes a member. */
static enum status stand_in(struct store *st, struct group *g, const struct call *c,
                            const struct call_marks *marks, struct cache_entry **out,
                            struct err *err)
{
	struct call folded;
	struct call_marks m = *marks;
	int64_t id;
	fold_to(c, g->level, &st->arena, &folded);
	struct hash128 hash = call_hash(&folded), whole = call_hash(c);
	if (row_find_call(st, &hash, out, err) != STATUS_OK)
		return STATUS_STOP;
	if (*out)
		return STATUS_OK;
	m.folded |= !hash_eq(&hash, &whole);
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
	                  .folded = use.folded,
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
		struct hash128 hash = fold_group(&m[*n].call);
		*n += hash_eq(&hash, &g->hash);
	}
	db_reset(s);
	*out = m;
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* One level further. */
static enum status fold_further(struct store *st, struct group *g, const struct call *c,
                                struct err *err)
{
	struct member *member;
	struct arena arena, kept = st->arena; /* holds c */
	size_t n;
	arena_init(&arena);
	arena_init(&st->arena);
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
		for (size_t i = 0; i < n && status == STATUS_OK; i++) {
			status = replace_call(st, g, &member[i], err);
			arena_reset(&st->arena);
		}
		cache_clear(&st->writer->calls);
	}
	arena_release(&arena);
	arena_release(&st->arena);
	st->arena = kept;
	return status;
}

bool fold_group_of(const struct call *c, struct hash128 *hash)
{
	bool applies = fold_applies(c);
	if (applies)
		*hash = fold_group(c);
	return applies;
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
		if (fold_further(st, g, c, err) != STATUS_OK)
			return STATUS_STOP;
	return STATUS_OK;
}

static enum status fold_call(struct store *st, const struct call *c, const struct hash128 *hash,
                             const struct call_marks *marks, struct cache_entry **out,
                             struct err *err)
{
	const struct hash128 of_group = fold_group(c);
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
		if (fold_further(st, g, c, err) != STATUS_OK)
			return STATUS_STOP;
	return stand_in(st, g, c, marks, out, err);
}

enum status fold_cut_call(struct store *st, const struct call *c, int level,
                          const struct call_marks *marks, struct cache_entry **out, struct err *err)
{
	struct call whole, cut;
	struct call_marks m = *marks;
	if (!fold_applies(c)) {
		struct hash128 hash = call_hash(c);
		return fold_any_call(st, c, &hash, marks, out, err);
	}
	fold_restore_empty(c, &st->arena, &whole);
	if (!fold_has_directories(&whole)) {
		m.folded |= fold_open_marks(c, &st->arena, &cut);
		struct hash128 hash = call_hash(&cut);
		if (fold_at_most(st, &cut, level, err) != STATUS_OK)
			return STATUS_STOP;
		return fold_any_call(st, &cut, &hash, &m, out, err);
	}
	if (fold_at_most(st, &whole, level, err) != STATUS_OK)
		return STATUS_STOP;
	fold_mark_cut(&whole, &st->arena, &cut);
	m.folded = true;
	return fold_call(st, &cut, NULL, &m, out, err);
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
