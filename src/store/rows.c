/* rows.c - store: the row of a stream, principal, call, context or session, found by its hash or
 * inserted. */
#include "config.h"

#include "store/totals.h"

#include "normalise/principal.h"
#include "store/encode.h"

/* *id is 0 if there is no row. */
static enum status find_row(struct store *st, enum sql sql, const struct hash128 *hash, int64_t *id,
                            struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	bind_hash(s, IN_HASH, hash);
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	*id = row ? column_int(s, 0) : 0;
	db_reset(s);
	return STATUS_OK;
}

/* The row of that hash from the cache or, by sql, from the database; *id is 0 if there is none yet.
 */
static enum status known_row(struct store *st, struct cache *cache, enum sql sql,
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
static enum status new_row(struct store *st, struct cache *cache, struct stmt *s,
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
	struct stmt *s;
	if (known_row(st, cache, SQL_STREAM_FIND, &f->stream, id, err) != STATUS_OK)
		return STATUS_STOP;
	if (*id)
		return STATUS_OK;
	if (!(s = db_stmt(st, SQL_STREAM_INSERT, err)))
		return STATUS_STOP;
	bind_hash(s, IN_HASH, &f->stream);
	bind_int(s, IN_CLOUDTRAIL,
	         f->observer == OBSERVED_CLOUDTRAIL  ? 1
	         : f->observer == OBSERVED_S3_ACCESS ? 2
	                                             : 0);
	bind_text(s, IN_ACCOUNT, f->account);
	bind_text(s, IN_REGION, f->region);
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

/* What a name of IAM stands for; *fresh if it was not known yet. */
static enum status write_iam_name(struct store *st, enum sql sql, const struct iam_name *n,
                                  struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	if (!s)
		return STATUS_STOP;
	bind_text(s, IN_ACCOUNT, n->account);
	bind_text(s, IN_TYPE, n->type);
	bind_text(s, IN_NAME, n->name);
	bind_text(s, IN_ARN, n->arn);
	bind_int(s, IN_TOLD, n->told);
	return db_run(st, s, err);
}

static enum status put_iam_name(struct store *st, const struct iam_name *n, bool *fresh,
                                struct err *err)
{
	struct stmt *s;
	if (write_iam_name(st, SQL_IAM_NAME_ADD, n, err) != STATUS_OK)
		return STATUS_STOP;
	*fresh = sqlite3_changes(st->db) != 0;
	if (!*fresh)
		return n->told == TOLD_BY_CALLS ? STATUS_OK
		                                : write_iam_name(st, SQL_IAM_NAME_TOLD, n, err);
	if (!(s = db_stmt(st, SQL_IAM_NAME_STALE, err)))
		return STATUS_STOP;
	bind_text(s, IN_ACCOUNT, n->account);
	bind_text(s, IN_TYPE, n->type);
	bind_text(s, IN_NAME, n->name);
	return db_run(st, s, err);
}

enum status row_iam_name_of(struct store *st, const struct iam_name *name, struct err *err)
{
	bool fresh;
	return put_iam_name(st, name, &fresh, err);
}

enum status row_profile_role(struct store *st, struct span account, struct span profile,
                             struct span role, int64_t told, struct err *err)
{
	const struct iam_name name = {account, IAM_ROLE_OF_PROFILE, profile, role, told};
	if (!account.n || !profile.n || !role.n)
		return STATUS_OK;
	return row_iam_name_of(st, &name, err);
}

enum status row_known(struct store *st, struct span account, const struct known_fact *k,
                      int64_t told, struct err *err)
{
	const struct iam_name name = {account, k->kind, k->name, k->value, told};
	return account.n ? row_iam_name_of(st, &name, err) : STATUS_OK;
}

enum status row_iam_name(struct store *st, struct span arn, int64_t told, struct err *err)
{
	struct arn a;
	bool fresh;
	if (!arn_parse(arn, &a) || !span_is(a.service, "iam"))
		return STATUS_OK;
	ptrdiff_t first = span_chr(a.rest, '/'), last = span_rchr(a.rest, '/');
	/* an ARN without a path says that there is none */
	if (first <= 0 || (size_t)last + 1 >= a.rest.n || span_chr(arn, '*') >= 0)
		return STATUS_OK;
	struct span type = span_sub(a.rest, 0, (size_t)first);
	struct span name = span_from(a.rest, (size_t)last + 1);
	const struct iam_name row = {a.account, type, name, arn, told};
	if (put_iam_name(st, &row, &fresh, err) != STATUS_OK)
		return STATUS_STOP;
	if (!fresh)
		return STATUS_OK;
	/* A row for it, so that a role that was seen without its path can turn out to be this one.
	 */
	return last > first ? row_principal_of(st, arn, err) : STATUS_OK;
}

static enum status insert_principal(struct store *st, const struct principal *p, int64_t *id,
                                    struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_PRINCIPAL_INSERT, err);
	if (!s)
		return STATUS_STOP;
	bind_text(s, IN_ARN, p->arn);
	bind_int(s, IN_TYPE, p->type);
	bind_text(s, IN_ACCOUNT, p->account);
	bind_int(s, IN_EDITABLE, p->editable);
	bind_text(s, IN_PERMISSION_SET, p->permission_set);
	bind_int(s, IN_PATH_UNKNOWN, p->path_unknown);
	return db_insert(st, s, id, err);
}

static enum status agree(struct store *st, const struct principal *p, int64_t id, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_PRINCIPAL_AGREE, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_PRINCIPAL, id);
	bind_int(s, IN_TYPE, p->type);
	bind_text(s, IN_ACCOUNT, p->account);
	bind_int(s, IN_EDITABLE, p->editable);
	bind_text(s, IN_PERMISSION_SET, p->permission_set);
	return db_run(st, s, err);
}

/* What the row holds beside the name, to see whether the last record with it said the same. */
static struct hash128 rest_of(const struct principal *p)
{
	struct hash128 rest = {{0}};
	const size_t text = sizeof rest.b - 2;
	if (p->account.n <= text && !p->permission_set.n)
		memcpy(rest.b, p->account.n ? p->account.p : "", p->account.n);
	else {
		struct hasher h;
		hash_begin(&h);
		hash_field(&h, p->account);
		hash_field(&h, p->permission_set);
		rest = hash_end(&h);
	}
	rest.b[text] = (uint8_t)p->type;
	rest.b[text + 1] = p->editable;
	return rest;
}

/* What a record says of a role's path stays, whichever records come before and after it. */
static enum status set_no_path(struct store *st, int64_t id, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_PRINCIPAL_HAS_NO_PATH, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_PRINCIPAL, id);
	return db_run(st, s, err);
}

static enum status find_principal(struct store *st, const struct principal *p, int64_t *id,
                                  bool *path_unknown, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_PRINCIPAL_FIND, err);
	if (!s)
		return STATUS_STOP;
	bind_text(s, IN_ARN, p->arn);
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	*id = row ? column_int(s, 0) : 0;
	*path_unknown = row && column_int(s, 1);
	db_reset(s);
	return STATUS_OK;
}

/* Asked for each new call and session: names of principals come again and again. */
static struct hash128 hash_of_name(struct memo *names, struct span name)
{
	const struct hash128 *known = memo_get(names, name);
	if (known)
		return *known;
	struct hash128 hash = hash_of(name);
	memo_put(names, name, &hash);
	return hash;
}

enum status row_principal(struct store *st, const struct principal *p, int64_t *id, struct err *err)
{
	struct hash128 hash = hash_of_name(st->writer->names, p->arn), rest = rest_of(p);
	struct cache_entry *e = cache_get(&st->writer->principals, &hash);
	bool path_unknown;
	bool same = e && memcmp(&e->sample, &rest, sizeof rest) == 0;
	if (same && !(e->path_unknown && !p->path_unknown)) {
		*id = e->id;
		return STATUS_OK;
	}
	if (find_principal(st, p, id, &path_unknown, err) != STATUS_OK)
		return STATUS_STOP;
	bool fresh = *id == 0, tells_path = !p->path_unknown && (fresh || path_unknown);
	if ((fresh && insert_principal(st, p, id, err) != STATUS_OK) ||
	    (!fresh && !same && agree(st, p, *id, err) != STATUS_OK) ||
	    (!fresh && tells_path && set_no_path(st, *id, err) != STATUS_OK) ||
	    (tells_path && row_iam_name(st, p->arn, TOLD_BY_CALLS, err) != STATUS_OK))
		return STATUS_STOP;
	e = cache_get(&st->writer->principals, &hash);
	if (!e)
		e = cache_put(&st->writer->principals, &hash);
	e->id = *id;
	e->sample = rest;
	e->path_unknown = p->path_unknown && (fresh || path_unknown);
	return STATUS_OK;
}

enum status row_context(struct store *st, const struct fact *f, int64_t *id, struct err *err)
{
	const struct context *c = &f->context;
	struct cache *cache = &st->writer->contexts;
	struct stmt *s;
	if (known_row(st, cache, SQL_CONTEXT_FIND, &f->context_hash, id, err) != STATUS_OK)
		return STATUS_STOP;
	if (*id)
		return STATUS_OK;
	if (!(s = db_stmt(st, SQL_CONTEXT_INSERT, err)))
		return STATUS_STOP;
	bind_hash(s, IN_HASH, &f->context_hash);
	bind_text(s, IN_SOURCE_NETWORK, c->source_network);
	bind_text(s, IN_VPC_ENDPOINT, c->vpc_endpoint);
	bind_int(s, IN_MFA, c->mfa);
	bind_int(s, IN_TLS, c->tls);
	bind_text(s, IN_TLS_VERSION, c->tls_version);
	bind_text(s, IN_INVOKED_BY, c->invoked_by);
	bind_text(s, IN_AGENT, c->agent);
	bind_text(s, IN_SESSION_TAGS, c->session_tags);
	return new_row(st, cache, s, &f->context_hash, id, err);
}

enum status row_session(struct store *st, const struct fact *f, int64_t *id, struct err *err)
{
	const struct session *c = &f->session;
	struct cache *cache = &st->writer->sessions;
	int64_t principal;
	struct stmt *s;
	if (known_row(st, cache, SQL_SESSION_FIND, &f->session_hash, id, err) != STATUS_OK)
		return STATUS_STOP;
	if (*id)
		return STATUS_OK;
	if (row_principal(st, &f->call.principal, &principal, err) != STATUS_OK ||
	    !(s = db_stmt(st, SQL_SESSION_INSERT, err)))
		return STATUS_STOP;
	bind_hash(s, IN_HASH, &f->session_hash);
	bind_int(s, IN_PRINCIPAL, principal);
	bind_text(s, IN_ACCESS_KEY, c->access_key);
	bind_text(s, IN_NAME, c->name);
	bind_text(s, IN_SOURCE_IDENTITY, c->source_identity);
	bind_text(s, IN_ISSUER_ID, c->issuer_id);
	return new_row(st, cache, s, &f->session_hash, id, err);
}

/* ---- calls */

/* ARNs of IAM that a call names tell the paths of roles that others name without. */
enum status row_iam_names_in(struct store *st, const struct call *c, struct err *err)
{
	for (size_t i = 0; i < c->n_params; i++)
		if (c->params[i].state == PARAM_VALUE &&
		    span_starts(c->params[i].value, SPAN_LIT("arn:")) &&
		    row_iam_name(st, c->params[i].value, TOLD_BY_CALLS, err) != STATUS_OK)
			return STATUS_STOP;
	for (size_t i = 0; i < c->n_resources; i++)
		if (!c->resources[i].prefix && !c->resources[i].pattern && c->resources[i].arn.n &&
		    row_iam_name(st, c->resources[i].arn, TOLD_BY_CALLS, err) != STATUS_OK)
			return STATUS_STOP;
	return STATUS_OK;
}

enum status row_index_calls(struct store *st, struct err *err)
{
	if (!st->writer->unindexed)
		return STATUS_OK;
	st->writer->unindexed = false;
	return db_script(st, SQL_CALL_INDEX, err);
}

static enum status note_call(struct store *st, const struct hash128 *hash, int64_t id,
                             struct err *err)
{
	struct writer *w = st->writer;
	bloom_add(&w->hashes, hash);
	if (!w->all_numbers || dictionary_add(&w->numbers, hash, id))
		return STATUS_OK;
	dictionary_release(&w->numbers);
	w->all_numbers = false;
	return row_index_calls(st, err);
}

enum status row_new_call(struct store *st, const struct call *c, const struct hash128 *hash,
                         const struct call_marks *marks, int64_t *id, struct err *err)
{
	int64_t principal;
	if (row_principal(st, &c->principal, &principal, err) != STATUS_OK)
		return STATUS_STOP;
	struct stmt *s = db_stmt(st, SQL_CALL_INSERT, err);
	if (!s)
		return STATUS_STOP;
	bind_hash(s, IN_HASH, hash);
	bind_int(s, IN_PRINCIPAL, principal);
	bind_int(s, IN_KIND, c->kind);
	bind_text(s, IN_SOURCE, c->source);
	bind_text(s, IN_NAME, c->name);
	bind_text(s, IN_REGION, c->region);
	bind_text(s, IN_ACCOUNT, c->account);
	bind_text(s, IN_PARAMS, encode_params(c, &st->arena));
	bind_int(s, IN_PARAMS_CUT, c->params_cut);
	bind_text(s, IN_RESOURCES, encode_resources(c, &st->arena));
	bind_int(s, IN_OUTCOME, c->outcome);
	bind_text(s, IN_ERROR, c->error);
	bind_int(s, IN_DENIED_BY, c->denial.by);
	bind_int(s, IN_EXPLICIT_DENY, c->denial.explicit_deny);
	bind_text(s, IN_DENIED_ACTION, c->denial.action);
	bind_text(s, IN_DENIED_RESOURCE, c->denial.resource);
	bind_text(s, IN_DENIED_POLICY, c->denial.policy);
	bind_int(s, IN_READ_ONLY, marks->read_only);
	bind_int(s, IN_MANAGEMENT, marks->management);
	bind_int(s, IN_OWNER_SIDE, marks->owner_side);
	bind_int(s, IN_FOLDED, marks->folded);
	bind_int(s, IN_SAMPLE_TIME, marks->sample.time);
	bind_hash(s, IN_SAMPLE_ID, &marks->sample.id);
	bind_text(s, IN_SAMPLE_EVENT, marks->sample.event_id);
	bind_int(s, IN_SAMPLE_SOURCE, marks->sample.source);
	bind_int(s, IN_SAMPLE_ORDINAL, marks->sample.ordinal);
	if (db_insert(st, s, id, err) != STATUS_OK || row_iam_names_in(st, c, err) != STATUS_OK)
		return STATUS_STOP;
	totals_new_call(st, *id, principal, c, marks->management);
	return note_call(st, hash, *id, err);
}

enum status row_find_call(struct store *st, const struct hash128 *hash, struct cache_entry **out,
                          struct err *err)
{
	struct stmt *s;
	int64_t id = 0;
	*out = cache_get(&st->writer->calls, hash);
	if (*out)
		return STATUS_OK;
	if (st->writer->all_numbers) {
		id = dictionary_find(&st->writer->numbers, hash);
		if (!id)
			return STATUS_OK;
	} else if (!bloom_may_have(&st->writer->hashes, hash)) {
		return STATUS_OK;
	}
	if (!(s = db_stmt(st, id ? SQL_CALL_SAMPLE : SQL_CALL_FIND, err)))
		return STATUS_STOP;
	if (id)
		bind_int(s, IN_CALL, id);
	else
		bind_hash(s, IN_HASH, hash);
	int row = db_row(st, s, err);
	if (row < 0)
		return STATUS_STOP;
	if (!row)
		return STATUS_OK;
	struct cache_entry *e = cache_put(&st->writer->calls, hash);
	e->id = column_int(s, 0);
	e->time = column_int(s, 1);
	e->sample = column_hash(s, 2);
	db_reset(s);
	*out = e;
	return STATUS_OK;
}

struct cache_entry *row_remember_call(struct store *st, const struct hash128 *hash, int64_t id,
                                      const struct sample *sample)
{
	struct cache_entry *e = cache_put(&st->writer->calls, hash);
	e->id = id;
	e->time = sample->time;
	e->sample = sample->id;
	return e;
}
