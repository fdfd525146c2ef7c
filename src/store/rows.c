/* rows.c - store: the row of a stream, principal, call, context or session, found by its hash or
 * inserted. */
#include "config.h"

#include "store/writer.h"

#include "normalise/principal.h"
#include "store/encode.h"

/* *id is 0 if there is no row. */
static enum status find_row(struct store *st, const char *sql, const struct hash128 *hash,
                            int64_t *id, struct err *err)
{
	sqlite3_stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	db_bind(s, "h", hash);
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	*id = row ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_reset(s);
	return STATUS_OK;
}

/* The row of that hash from the cache or, by sql, from the database; *id is 0 if there is none yet.
 */
static enum status known_row(struct store *st, struct cache *cache, const char *sql,
                             const struct hash128 *hash, int64_t *id, struct err *err)
{
	const struct cache_entry *e = cache_get(cache, hash);
	if (e) {
		*id = e->id;
		return STATUS_OK;
	}
	if (find_row(st, sql, hash, id, err) != STATUS_OK)
		return STATUS_STOP;
	if (*id)
		cache_put(cache, hash)->id = *id;
	return STATUS_OK;
}

/* s inserts the row that was not known. */
static enum status new_row(struct store *st, struct cache *cache, sqlite3_stmt *s,
                           const struct hash128 *hash, int64_t *id, struct err *err)
{
	if (db_insert(st, s, id, err) != STATUS_OK)
		return STATUS_STOP;
	cache_put(cache, hash)->id = *id;
	return STATUS_OK;
}

enum status row_stream(struct store *st, const struct fact *f, int64_t *id, struct err *err)
{
	struct cache *cache = &st->writer->streams;
	sqlite3_stmt *s;
	if (known_row(st, cache, "stream-find", &f->stream, id, err) != STATUS_OK)
		return STATUS_STOP;
	if (*id)
		return STATUS_OK;
	if (!(s = db_stmt(st, "stream-insert", err)))
		return STATUS_STOP;
	db_bind(s, "hitt", &f->stream, (int64_t)(f->observer == OBSERVED_CLOUDTRAIL), f->account,
	        f->region);
	return new_row(st, cache, s, &f->stream, id, err);
}

enum status row_principal_of(struct store *st, struct span arn, struct err *err)
{
	struct principal p;
	int64_t id;
	if (!principal_of_arn(arn, &st->arena, &p, NULL))
		return STATUS_OK;
	return row_principal(st, &p, &id, err);
}

enum status row_iam_name(struct store *st, struct span arn, struct err *err)
{
	struct arn a;
	sqlite3_stmt *s;
	if (!arn_parse(arn, &a) || !span_is(a.service, "iam"))
		return STATUS_OK;
	ptrdiff_t first = span_chr(a.rest, '/'), last = span_rchr(a.rest, '/');
	/* an ARN without a path says that there is none */
	if (first <= 0 || (size_t)last + 1 >= a.rest.n || span_chr(arn, '*') >= 0)
		return STATUS_OK;
	struct span type = span_sub(a.rest, 0, (size_t)first);
	struct span name = span_from(a.rest, (size_t)last + 1);
	if (!(s = db_stmt(st, "iam-name-add", err)))
		return STATUS_STOP;
	db_bind(s, "tttt", a.account, type, name, arn);
	if (db_run(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	if (sqlite3_changes(st->db) == 0)
		return STATUS_OK;
	if (!(s = db_stmt(st, "iam-name-stale", err)))
		return STATUS_STOP;
	db_bind(s, "ttt", a.account, type, name);
	if (db_run(st, s, err) != STATUS_OK)
		return STATUS_STOP;
	/* A row for it, so that a role that was seen without its path can turn out to be this one.
	 */
	return last > first ? row_principal_of(st, arn, err) : STATUS_OK;
}

enum status row_principal(struct store *st, const struct principal *p, int64_t *id, struct err *err)
{
	struct hash128 hash = hash_of(p->arn);
	struct cache_entry *e = cache_get(&st->writer->principals, &hash);
	if (e) {
		*id = e->id;
		return STATUS_OK;
	}
	sqlite3_stmt *s = db_stmt(st, "principal-find", err);
	if (!s)
		return STATUS_STOP;
	db_bind(s, "t", p->arn);
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	if (row) {
		*id = sqlite3_column_int64(s, 0);
		sqlite3_reset(s);
	} else {
		if (!(s = db_stmt(st, "principal-insert", err)))
			return STATUS_STOP;
		db_bind(s, "tititi", p->arn, (int64_t)p->type, p->account, (int64_t)p->editable,
		        p->permission_set, (int64_t)p->path_unknown);
		if (db_insert(st, s, id, err) != STATUS_OK ||
		    (!p->path_unknown && row_iam_name(st, p->arn, err) != STATUS_OK))
			return STATUS_STOP;
	}
	cache_put(&st->writer->principals, &hash)->id = *id;
	return STATUS_OK;
}

enum status row_context(struct store *st, const struct fact *f, int64_t *id, struct err *err)
{
	const struct context *c = &f->context;
	struct cache *cache = &st->writer->contexts;
	sqlite3_stmt *s;
	if (known_row(st, cache, "context-find", &f->context_hash, id, err) != STATUS_OK)
		return STATUS_STOP;
	if (*id)
		return STATUS_OK;
	if (!(s = db_stmt(st, "context-insert", err)))
		return STATUS_STOP;
	db_bind(s, "httiitttt", &f->context_hash, c->source_network, c->vpc_endpoint,
	        (int64_t)c->mfa, (int64_t)c->tls, c->tls_version, c->invoked_by, c->agent,
	        c->session_tags);
	return new_row(st, cache, s, &f->context_hash, id, err);
}

enum status row_session(struct store *st, const struct fact *f, int64_t *id, struct err *err)
{
	const struct session *c = &f->session;
	struct cache *cache = &st->writer->sessions;
	int64_t principal;
	sqlite3_stmt *s;
	if (known_row(st, cache, "session-find", &f->session_hash, id, err) != STATUS_OK)
		return STATUS_STOP;
	if (*id)
		return STATUS_OK;
	if (row_principal(st, &f->call.principal, &principal, err) != STATUS_OK ||
	    !(s = db_stmt(st, "session-insert", err)))
		return STATUS_STOP;
	db_bind(s, "hitttt", &f->session_hash, principal, c->access_key, c->name,
	        c->source_identity, c->issuer_id);
	return new_row(st, cache, s, &f->session_hash, id, err);
}

/* ---- calls */

/* ARNs of IAM that a call names tell the paths of roles that others name without. */
static enum status learn_names(struct store *st, const struct call *c, struct err *err)
{
	for (size_t i = 0; i < c->n_params; i++)
		if (c->params[i].state == PARAM_VALUE &&
		    span_starts(c->params[i].value, SPAN_LIT("arn:")) &&
		    row_iam_name(st, c->params[i].value, err) != STATUS_OK)
			return STATUS_STOP;
	for (size_t i = 0; i < c->n_resources; i++)
		if (!c->resources[i].prefix && c->resources[i].arn.n &&
		    row_iam_name(st, c->resources[i].arn, err) != STATUS_OK)
			return STATUS_STOP;
	return STATUS_OK;
}

enum status row_new_call(struct store *st, const struct call *c, const struct hash128 *hash,
                         const struct call_marks *marks, int64_t *id, struct err *err)
{
	int64_t principal;
	if (row_principal(st, &c->principal, &principal, err) != STATUS_OK)
		return STATUS_STOP;
	sqlite3_stmt *s = db_stmt(st, "call-insert", err);
	if (!s)
		return STATUS_STOP;
	db_bind(s, "hiitttttititiitttiiiiihtii", hash, principal, (int64_t)c->kind, c->source,
	        c->name, c->region, c->account, encode_params(c, &st->arena),
	        (int64_t)c->params_cut, encode_resources(c, &st->arena), (int64_t)c->outcome,
	        c->error, (int64_t)c->denial.by, (int64_t)c->denial.explicit_deny, c->denial.action,
	        c->denial.resource, c->denial.policy, (int64_t)marks->read_only,
	        (int64_t)marks->management, (int64_t)marks->owner_side, (int64_t)marks->folded,
	        marks->sample.time, &marks->sample.id, marks->sample.event_id, marks->sample.source,
	        marks->sample.ordinal);
	if (db_insert(st, s, id, err) != STATUS_OK || learn_names(st, c, err) != STATUS_OK)
		return STATUS_STOP;
	bloom_add(&st->writer->hashes, hash);
	if (c->kind != EVENT_CALL)
		return STATUS_OK;
	if (marks->fact && marks->fact->resolved)
		return derive_known(st, *id, marks->fact, err);
	return derive_call(st, *id, c, SPAN_NONE, err);
}

enum status row_find_call(struct store *st, const struct hash128 *hash, struct cache_entry **out,
                          struct err *err)
{
	*out = NULL;
	if (!bloom_may_have(&st->writer->hashes, hash))
		return STATUS_OK;
	*out = cache_get(&st->writer->calls, hash);
	if (*out)
		return STATUS_OK;
	sqlite3_stmt *s = db_stmt(st, "call-find", err);
	if (!s)
		return STATUS_STOP;
	db_bind(s, "h", hash);
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	if (!row)
		return STATUS_OK;
	struct cache_entry *e = cache_put(&st->writer->calls, hash);
	e->id = sqlite3_column_int64(s, 0);
	e->time = sqlite3_column_int64(s, 1);
	e->sample = db_hash(s, 2);
	sqlite3_reset(s);
	*out = e;
	return STATUS_OK;
}

struct cache_entry *row_remember_call(struct store *st, const struct hash128 *hash, int64_t id,
                                      const struct sample *sample)
{
	struct cache_entry *e = cache_put(&st->writer->calls, hash);
	bloom_add(&st->writer->hashes, hash);
	e->id = id;
	e->time = sample->time;
	e->sample = sample->id;
	return e;
}
