/* functions.c - store: the SQL functions that the texts of sql/ use beyond SQLite's own. */
#include "config.h"

#include "store/db.h"
#include "store/put.h"

#include "mapping/errors.h"
#include "normalise/principal.h"
#include "normalise/session-tags.h"

static bool fits(struct span text, struct span name, bool glob)
{
	if (!text.n)
		return false;
	return glob ? span_glob(text, name, false) : span_eq(text, name);
}

bool name_means(struct span name, struct span arn, struct arena *arena)
{
	struct principal p;
	struct span kind, short_name;
	bool glob = span_chr(name, '*') >= 0 || span_chr(name, '?') >= 0;
	if (fits(arn, name, glob))
		return true;
	if (principal_short(arn, &kind, &short_name) &&
	    fits(arena_printf(arena, "%.*s/%.*s", SPAN_ARG(kind), SPAN_ARG(short_name)), name,
	         glob))
		return true;
	if (!principal_of_arn(arn, arena, &p, NULL))
		return false;
	if (p.permission_set.n &&
	    fits(arena_printf(arena, "permission-set/%.*s", SPAN_ARG(p.permission_set)), name,
	         glob))
		return true;
	return p.type == PRINCIPAL_ROOT && fits(SPAN_LIT("root"), name, glob);
}

static struct span argument(sqlite3_value *v)
{
	const char *p = (const char *)sqlite3_value_text(v);
	return p ? span_make(p, (size_t)sqlite3_value_bytes(v)) : SPAN_NONE;
}

/* name_glob(pattern, text): IAM's wildcards, case ignored; NULL fits nothing. */
static void name_glob(sqlite3_context *to, int n, sqlite3_value **arg)
{
	struct span pattern = argument(arg[0]), text = argument(arg[1]);
	sqlite3_result_int(to, pattern.p && text.p && span_glob(text, pattern, true));
}

/* principal_is(name, arn): name_means. */
static void principal_is(sqlite3_context *to, int n, sqlite3_value **arg)
{
	struct arena arena;
	arena_init(&arena);
	sqlite3_result_int(to, name_means(argument(arg[0]), argument(arg[1]), &arena));
	arena_release(&arena);
}

struct common {              /* of one group; SQLite clears it */
	bool begun, unknown; /* unknown: of one of the sessions */
	struct session_tags tags;
	struct arena arena;   /* of tags */
	struct arena scratch; /* of the text that came last */
	struct span last;
};

static void common_begin(struct common *c, struct span text)
{
	c->begun = true;
	arena_init(&c->arena);
	arena_init(&c->scratch);
	c->last = arena_span(&c->arena, text);
	c->unknown = !session_tags_read(c->last, &c->arena, &c->tags);
}

static void common_step(sqlite3_context *to, int n, sqlite3_value **arg)
{
	struct common *c = sqlite3_aggregate_context(to, sizeof *c);
	struct span text = argument(arg[0]);
	struct session_tags other;
	if (!c) {
		sqlite3_result_error_nomem(to);
		return;
	}
	if (!c->begun)
		common_begin(c, text);
	if (c->unknown || span_eq(text, c->last))
		return;
	arena_reset(&c->scratch);
	c->last = arena_span(&c->scratch, text);
	c->unknown = !session_tags_read(c->last, &c->scratch, &other);
	session_tags_keep(&c->tags, &other, &c->arena);
}

/* tags_common(tags), of a group: session_tags_keep over all of them; NULL where one is NULL. */
static void common_end(sqlite3_context *to)
{
	struct common *c = sqlite3_aggregate_context(to, 0);
	if (!c || !c->begun)
		return;
	if (!c->unknown) {
		struct span text = session_tags_write(&c->tags, &c->arena);
		sqlite3_result_text64(to, text.p, text.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	}
	arena_release(&c->arena);
	arena_release(&c->scratch);
}

/* error_phase(source, name, error): mapping_error by the store's mapping. */
static void error_phase(sqlite3_context *to, int n, sqlite3_value **arg)
{
	const struct store *st = sqlite3_user_data(to);
	sqlite3_result_int(to, (int)mapping_error(st->mapping, argument(arg[0]), argument(arg[1]),
	                                          argument(arg[2]))
	                               .phase);
}

/* sample_order(time, id): a blob by which samples are ordered, by time, then id. */
static void sample_order(sqlite3_context *to, int n, sqlite3_value **arg)
{
	unsigned char key[8 + HASH_BYTES] = {0};
	uint64_t time = (uint64_t)sqlite3_value_int64(arg[0]) ^ UINT64_C(1) << 63;
	const void *id = sqlite3_value_blob(arg[1]);
	size_t size = id ? (size_t)sqlite3_value_bytes(arg[1]) : 0;
	for (int i = 0; i < 8; i++)
		key[i] = (unsigned char)(time >> (56 - 8 * i));
	if (size)
		memcpy(key + 8, id, size < HASH_BYTES ? size : HASH_BYTES);
	sqlite3_result_blob(to, key, sizeof key, SQLITE_TRANSIENT);
}

/* call_may_name(service, source, name): mapping_may_name by the store's mapping. */
static void call_may_name(sqlite3_context *to, int n, sqlite3_value **arg)
{
	sqlite3_result_int(to, named_may(sqlite3_user_data(to), argument(arg[0]), argument(arg[1]),
	                                 argument(arg[2])));
}

/* Which statements ask for events. */
static int note_table(void *data, int action, const char *table, const char *column,
                      const char *database, const char *view)
{
	struct store *st = data;
	if (table && strcmp(table, "event") == 0 &&
	    (action == SQLITE_READ || action == SQLITE_INSERT || action == SQLITE_UPDATE ||
	     action == SQLITE_DELETE))
		st->meets_events = true;
	return SQLITE_OK;
}

void functions_add(struct store *st)
{
	sqlite3 *db = st->db;
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
	sqlite3_create_function(db, "name_glob", 2, flags, NULL, name_glob, NULL, NULL);
	sqlite3_create_function(db, "principal_is", 2, flags, NULL, principal_is, NULL, NULL);
	sqlite3_create_function(db, "error_phase", 3, flags, st, error_phase, NULL, NULL);
	sqlite3_create_function(db, "call_may_name", 3, flags, st, call_may_name, NULL, NULL);
	sqlite3_create_function(db, "sample_order", 2, flags, NULL, sample_order, NULL, NULL);
	sqlite3_set_authorizer(db, note_table, st);
	put_tables(st);
	sqlite3_create_function(db, "tags_common", 1, flags, NULL, NULL, common_step, common_end);
}
