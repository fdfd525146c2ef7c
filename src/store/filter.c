/* filter.c - store: which calls and contexts count under a reader's conditions (temp.used),
 * gathered for the questions that read.c asks about them. Whole days are gathered from their
 * counts, what a window has of its first and last day from single events. */
#include "config.h"

#include "store/totals.h"

#include "base/when.h"

enum status filter_begin(struct store *st, struct err *err)
{
	st->used.gathered = false;
	return db_script(st, SQL_FILTER_BEGIN, err);
}

struct stmt *filter_ask_totals(struct store *st, enum sql sql, struct err *err)
{
	return totals_ready(st, err) == STATUS_OK ? db_stmt(st, sql, err) : NULL;
}

static enum status add_condition(struct store *st, const char *kind, struct span text, int64_t id,
                                 struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_FILTER_ADD, err);
	if (!s)
		return STATUS_STOP;
	bind_text(s, IN_KIND, span_of(kind));
	if (text.p)
		bind_text(s, IN_VALUE, text);
	else
		bind_int(s, IN_VALUE, id);
	return db_run(st, s, err);
}

static enum status add_texts(struct store *st, const char *kind, const struct span *text, size_t n,
                             struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < n && status == STATUS_OK; i++)
		status = add_condition(st, kind, text[i], 0, err);
	return status;
}

enum status filter_add(struct store *st, const struct store_filter *f, struct err *err)
{
	for (size_t i = 0; i < f->n_principals; i++)
		if (add_condition(st, "principal", SPAN_NONE, f->principals[i], err) != STATUS_OK)
			return STATUS_STOP;
	if (add_texts(st, "account", f->accounts, f->n_accounts, err) != STATUS_OK ||
	    add_texts(st, "action", f->exclude_actions, f->n_exclude_actions, err) != STATUS_OK ||
	    add_texts(st, "service", f->exclude_services, f->n_exclude_services, err) !=
	            STATUS_OK ||
	    add_texts(st, "agent", f->exclude_agents, f->n_exclude_agents, err) != STATUS_OK)
		return STATUS_STOP;
	if (add_texts(st, "tag", f->tag_keys, f->n_tag_keys, err) != STATUS_OK)
		return STATUS_STOP;
	if (add_texts(st, "only-action", f->actions, f->n_actions, err) != STATUS_OK ||
	    add_texts(st, "only-service", f->services, f->n_services, err) != STATUS_OK ||
	    add_texts(st, "only-agent", f->agents, f->n_agents, err) != STATUS_OK ||
	    add_texts(st, "only-session", f->sessions, f->n_sessions, err) != STATUS_OK)
		return STATUS_STOP;
	return add_texts(st, "session", f->exclude_sessions, f->n_exclude_sessions, err);
}

/* Whose calls are looked at. */
static enum status add_theirs(struct store *st, const struct store_filter *f, struct err *err)
{
	struct stmt *s;
	if (!f->n_principals)
		return (s = db_stmt(st, SQL_THEIRS_ALL, err)) ? db_run(st, s, err) : STATUS_STOP;
	for (size_t i = 0; i < f->n_principals; i++) {
		if (!(s = db_stmt(st, SQL_THEIRS_ADD, err)))
			return STATUS_STOP;
		bind_int(s, IN_PRINCIPAL, f->principals[i]);
		if (db_run(st, s, err) != STATUS_OK)
			return STATUS_STOP;
	}
	return STATUS_OK;
}

static enum status gather(struct store *st, struct stmt *s, const struct store_filter *f,
                          struct err *err)
{
	bind_int(s, IN_ACCOUNTS, f->n_accounts > 0);
	return db_run(st, s, err);
}

/* Both days included. */
static enum status gather_days(struct store *st, const struct store_filter *f, int64_t from,
                               int64_t to, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_USED_DAYS, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_FROM, from);
	bind_int(s, IN_TO, to);
	bind_int(s, IN_AGENTS, f->n_agents || f->n_exclude_agents);
	bind_int(s, IN_SERVICES, f->n_exclude_services > 0);
	return gather(st, s, f, err);
}

static enum status gather_events(struct store *st, const struct store_filter *f, int64_t since,
                                 int64_t until, struct err *err)
{
	struct stmt *s = filter_ask_totals(st, SQL_USED_EVENTS, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_PRINCIPALS, f->n_principals > 0);
	bind_int(s, IN_SINCE, since);
	bind_int(s, IN_UNTIL, until);
	return gather(st, s, f, err);
}

static int64_t start_of(int64_t day)
{
	return day * WHEN_DAY_SECONDS;
}

/* The days that are held as counts, with events of the filter's principals: of times since <= t <
 * until. */
struct stmt *filter_ask_reduced(struct store *st, const struct store_filter *f, int64_t since,
                                int64_t until, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_SLICE_OF_PRINCIPALS, err);
	if (s) {
		bind_int(s, IN_FROM, since == INT64_MIN ? INT64_MIN : when_day(since));
		bind_int(s, IN_TO, until == INT64_MAX ? INT64_MAX : when_day(until - 1));
		bind_int(s, IN_PRINCIPALS, f->n_principals > 0);
	}
	return s;
}

/* What needs single events has no answer where only counts are held. */
enum status filter_need_events(struct store *st, const struct store_filter *f, int64_t since,
                               int64_t until, struct err *err)
{
	struct stmt *s = filter_ask_reduced(st, f, since, until, err);
	if (!s)
		return STATUS_STOP;
	return reduced_refuse(st, s,
	                      f->n_exclude_sessions || f->n_sessions
	                              ? "which events were of which session is not known"
	                              : "what was at which time of the day is not known: give "
	                                "whole days, as 2026-11-30",
	                      err);
}

static enum status gather_single(struct store *st, const struct store_filter *f, int64_t since,
                                 int64_t until, struct err *err)
{
	if (filter_need_events(st, f, since, until, err) != STATUS_OK)
		return STATUS_STOP;
	return gather_events(st, f, since, until, err);
}

static void add_part(struct filter_pieces *p, int64_t since, int64_t until)
{
	p->part[p->n++] = (struct store_window){since, until};
}

/* Which events were of which session only they themselves tell. */
void filter_pieces(const struct store_filter *f, struct filter_pieces *out)
{
	int64_t since = f->window.since, until = f->window.until;
	int64_t from = since == INT64_MIN ? INT64_MIN : when_day(since);
	int64_t to = until == INT64_MAX ? INT64_MAX : when_day(until) - 1;
	*out = (struct filter_pieces){.n = 0};
	if (since >= until)
		return;
	if (f->n_exclude_sessions || f->n_sessions) {
		add_part(out, since, until);
		return;
	}
	if (from != INT64_MIN && start_of(from) != since) {
		add_part(out, since, start_of(from + 1) < until ? start_of(from + 1) : until);
		from++;
	}
	if (to != INT64_MAX && start_of(to + 1) != until && to + 1 >= from)
		add_part(out, start_of(to + 1), until);
	out->days = from <= to;
	out->from = from;
	out->to = to;
}

static enum status gather_window(struct store *st, const struct store_filter *f, struct err *err)
{
	struct filter_pieces p;
	filter_pieces(f, &p);
	for (size_t i = 0; i < p.n; i++)
		if (gather_single(st, f, p.part[i].since, p.part[i].until, err) != STATUS_OK)
			return STATUS_STOP;
	return p.days ? gather_days(st, f, p.from, p.to, err) : STATUS_OK;
}

static void hash_list(struct hasher *h, const struct span *v, size_t n)
{
	hash_u64(h, n);
	for (size_t i = 0; i < n; i++)
		hash_field(h, v[i]);
}

struct hash128 store_filter_hash(const struct store_filter *f)
{
	struct hasher h;
	hash_begin(&h);
	hash_u64(&h, (uint64_t)f->window.since);
	hash_u64(&h, (uint64_t)f->window.until);
	hash_u64(&h, f->n_principals);
	for (size_t i = 0; i < f->n_principals; i++)
		hash_u64(&h, (uint64_t)f->principals[i]);
	hash_list(&h, f->accounts, f->n_accounts);
	hash_list(&h, f->exclude_actions, f->n_exclude_actions);
	hash_list(&h, f->exclude_services, f->n_exclude_services);
	hash_list(&h, f->exclude_agents, f->n_exclude_agents);
	hash_list(&h, f->exclude_sessions, f->n_exclude_sessions);
	hash_list(&h, f->actions, f->n_actions);
	hash_list(&h, f->services, f->n_services);
	hash_list(&h, f->agents, f->n_agents);
	hash_list(&h, f->sessions, f->n_sessions);
	hash_list(&h, f->tag_keys, f->n_tag_keys);
	return hash_end(&h);
}

static enum status set_asked(struct store *st, const struct store_filter *f, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_ASKED_CLEAR, err);
	if (!s || db_run(st, s, err) != STATUS_OK || !(s = db_stmt(st, SQL_ASKED_SET, err)))
		return STATUS_STOP;
	bind_int(s, IN_OUTCOMES, f->outcomes ? f->outcomes : ~0u);
	bind_int(s, IN_PHASES, f->phases);
	return db_run(st, s, err);
}

/* Several questions are about the same calls, but for their outcomes: they are gathered once. */
enum status filter_gather(struct store *st, const struct store_filter *f, struct err *err)
{
	int64_t version;
	if (db_data_version(st, &version, err) != STATUS_OK)
		return STATUS_STOP;
	struct hash128 conditions = store_filter_hash(f);
	/* Of this handle's own writing the version does not tell. */
	if (!st->used.gathered || st->writer || st->used.version != version ||
	    !hash_eq(&st->used.conditions, &conditions)) {
		if (filter_begin(st, err) != STATUS_OK || filter_add(st, f, err) != STATUS_OK ||
		    add_theirs(st, f, err) != STATUS_OK || gather_window(st, f, err) != STATUS_OK)
			return STATUS_STOP;
		st->used.gathered = true;
		st->used.conditions = conditions;
		st->used.version = version;
	}
	return set_asked(st, f, err);
}
