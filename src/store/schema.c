/* schema.c - store: whether a database has the tables, indexes and views that the migrations make.
 * An altered one could put a view that never ends in the place of a table, or a column that is
 * computed anew for each row. Tables, views and triggers of other names are the user's own: no
 * statement of ours reads or fires them. */
#include "config.h"

#include "store/db.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

struct object {
	char *type, *name, *table, *sql; /* sql: as plain_sql writes it */
};

struct objects {
	VEC_OF(struct object);
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Past a quoted text or name, a comment or one character. *gap: it is white space or a comment. */
static size_t token(const char *p, bool *gap)
{
	const char *end;
	*gap = true;
	if (p[0] == '-' && p[1] == '-')
		return strcspn(p, "\n");
	if (p[0] == '/' && p[1] == '*')
		return (end = strstr(p + 2, "*/")) ? (size_t)(end - p) + 2 : strlen(p);
	*gap = is_space(p[0]);
	if (!strchr("'\"`[", p[0]))
		return 1;
	end = strchr(p + 1, p[0] == '[' ? ']' : p[0]);
	return end ? (size_t)(end - p) + 1 : strlen(p);
}

/* Without comments, and with one blank for white space: comments of the schema change, its meaning
 * does not. */
static char *plain_sql(const char *sql)
{
	size_t n = 0;
	bool gap, gaps = false;
	char *out = xmalloc(strlen(sql) + 1);
	for (size_t k; *sql; sql += k) {
		k = token(sql, &gap);
		gaps = gaps || gap;
		if (gap)
			continue;
		if (gaps && n)
			out[n++] = ' ';
		gaps = false;
		memcpy(out + n, sql, k);
		n += k;
	}
	out[n] = '\0';
	return out;
}

static char *text_of(sqlite3_stmt *s, int column)
{
	const char *p = (const char *)sqlite3_column_text(s, column);
	return xstrdup(p ? p : "");
}

static bool read_objects(sqlite3 *db, struct objects *out)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(db, sql_texts[SQL_META_SCHEMA].text, -1, &s, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		char *sql = text_of(s, 3);
		*vec_add(out) = (struct object){text_of(s, 0), text_of(s, 1), text_of(s, 2),
		                                plain_sql(sql)};
		free(sql);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(s);
	return rc == SQLITE_DONE;
}

static void release(struct objects *o)
{
	for (size_t i = 0; i < o->n; i++) {
		free(o->v[i].type);
		free(o->v[i].name);
		free(o->v[i].table);
		free(o->v[i].sql);
	}
	vec_release(o);
}

/* Of a database that the first ingest has ended: to make one for comparison takes some
 * milliseconds. A schema that has changed is still compared; tests/unit/test_store.c tells the new
 * hash. */
static const struct hash128 newest = {{0xbb, 0x23, 0xbc, 0x43, 0x0f, 0xe4, 0xa0, 0x2b, 0xaa, 0x67,
                                       0xc5, 0xe3, 0xa2, 0x78, 0xd1, 0x38}};

static struct hash128 hash_of_objects(const struct objects *o)
{
	struct hasher h;
	hash_begin(&h);
	for (size_t i = 0; i < o->n; i++) {
		hash_field(&h, span_of(o->v[i].type));
		hash_field(&h, span_of(o->v[i].name));
		hash_field(&h, span_of(o->v[i].table));
		hash_field(&h, span_of(o->v[i].sql));
	}
	return hash_end(&h);
}

static bool is_newest(const struct objects *o)
{
	struct hash128 got = hash_of_objects(o);
	return hash_eq(&got, &newest);
}

bool schema_is_newest(struct store *st, char hex[2 * HASH_BYTES + 1])
{
	struct objects o = {0};
	bool same = read_objects(st->db, &o) && is_newest(&o);
	struct hash128 got = hash_of_objects(&o);
	for (size_t i = 0; i < HASH_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", got.b[i]);
	release(&o);
	return same;
}

/* What the migrations make, where nobody else is. */
static bool made_objects(int64_t version, struct objects *out)
{
	sqlite3 *db = NULL;
	bool fine = sqlite3_open(":memory:", &db) == SQLITE_OK;
	for (int64_t i = 0; fine && i < version; i++)
		fine = sqlite3_exec(db, sql_migrations[i].text, NULL, NULL, NULL) == SQLITE_OK;
	fine = fine && read_objects(db, out);
	sqlite3_close(db);
	return fine;
}

static const struct object *named(const struct objects *o, const char *name)
{
	for (size_t i = 0; i < o->n; i++)
		if (strcmp(o->v[i].name, name) == 0)
			return &o->v[i];
	return NULL;
}

/* The first of ours that is missing or another, or of others an index on a table of ours; NULL:
 * none. Indexes are made at the end of the first ingest, which may have been killed. */
static const char *first_altered(const struct objects *ours, const struct objects *got,
                                 bool *own_index)
{
	*own_index = false;
	for (size_t i = 0; i < ours->n; i++) {
		const struct object *a = &ours->v[i], *b = named(got, a->name);
		if (!b && strcmp(a->type, "index") == 0)
			continue;
		if (!b || strcmp(a->type, b->type) != 0 || strcmp(a->table, b->table) != 0 ||
		    strcmp(a->sql, b->sql) != 0)
			return a->name;
	}
	for (size_t i = 0; i < got->n; i++)
		if (strcmp(got->v[i].type, "index") == 0 && named(ours, got->v[i].table) &&
		    !named(ours, got->v[i].name)) {
			*own_index = true;
			return got->v[i].name;
		}
	return NULL;
}

enum status schema_check(struct store *st, int64_t version, struct err *err)
{
	struct objects ours = {0}, got = {0};
	const char *what = NULL;
	bool own_index = false;
	enum status status = STATUS_OK;
	if (!read_objects(st->db, &got))
		status = db_fail(st, err, "cannot read the database");
	else if (!is_newest(&got) && !made_objects(version, &ours))
		status = err_set(err, STATUS_STOP, "database",
		                 "no database can be made to compare this one with");
	else
		what = first_altered(&ours, &got, &own_index);
	if (what) {
		status = err_set(
		        err, STATUS_STOP, "altered",
		        own_index ? "'%s' is not one of iamreplay's own indexes: without it "
		                    "(DROP INDEX in sqlite3) the database can be used"
		                  : "'%s' is not as iamreplay makes it: the database was altered, "
		                    "or made by an unreleased program; ingest the logs into a new one",
		        what);
		err_at_file(err, st->path);
	}
	release(&ours);
	release(&got);
	return status;
}
