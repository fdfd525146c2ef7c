/* tags.c - store: the session tags of calls. No call and no context is stored with them, so that
 * the order of ingest does not matter: an event's session has an access key, and the response that
 * gave that key out, whenever it came in, says with which tags. What is gathered is for all
 * principals, because events are only found by time: who asks for each in turn asks once. */
#include "config.h"

#include "store/db.h"

/* What of a filter tags depend on, whoever is asked for. */
static struct hash128 question_of(const struct store_filter *f)
{
	const struct store_filter asked = {.window = f->window,
	                                   .exclude_sessions = f->exclude_sessions,
	                                   .n_exclude_sessions = f->n_exclude_sessions,
	                                   .sessions = f->sessions,
	                                   .n_sessions = f->n_sessions,
	                                   .tag_keys = f->tag_keys,
	                                   .n_tag_keys = f->n_tag_keys};
	return store_filter_hash(&asked);
}

static enum status any_known(struct store *st, bool *any, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_TAGS_ANY, err);
	if (!s || db_row(st, s, err) != 1)
		return STATUS_STOP;
	*any = column_int(s, 0) != 0;
	db_reset(s);
	return STATUS_OK;
}

static struct hash128 principals_of(const struct store_filter *f)
{
	const struct store_filter asked = {.principals = f->principals,
	                                   .n_principals = f->n_principals};
	return store_filter_hash(&asked);
}

static enum status gather(struct store *st, const struct store_filter *f, bool all, struct err *err)
{
	int64_t keys = f->n_tag_keys > 0;
	struct stmt *s = db_stmt(st, SQL_TAGS_SESSIONS, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_KEYS, keys);
	if (db_run(st, s, err) != STATUS_OK || !(s = db_stmt(st, SQL_TAGS_CALLS, err)))
		return STATUS_STOP;
	bind_int(s, IN_KEYS, keys);
	bind_int(s, IN_PRINCIPALS, !all);
	bind_int(s, IN_SINCE, f->window.since);
	bind_int(s, IN_UNTIL, f->window.until);
	return db_run(st, s, err);
}

enum status tags_gather(struct store *st, const struct store_filter *f, struct err *err)
{
	int64_t version;
	bool any;
	if (db_data_version(st, &version, err) != STATUS_OK)
		return STATUS_STOP;
	struct hash128 question = question_of(f), principals = principals_of(f);
	/* Of this handle's own writing the version does not tell. */
	bool again = st->tags.gathered && !st->writer && st->tags.version == version &&
	             hash_eq(&st->tags.question, &question);
	if (again && (st->tags.all || hash_eq(&st->tags.principals, &principals)))
		return STATUS_OK;
	bool all = again || f->n_principals == 0;
	st->tags.gathered = false;
	if (db_script(st, SQL_TAGS_BEGIN, err) != STATUS_OK ||
	    any_known(st, &any, err) != STATUS_OK || (any && gather(st, f, all, err) != STATUS_OK))
		return STATUS_STOP;
	st->tags.gathered = true;
	st->tags.all = all;
	st->tags.version = version;
	st->tags.question = question;
	st->tags.principals = principals;
	return STATUS_OK;
}
