/* read.c - store: what readers ask: principals, their access, their calls, evidence. Each question
 * first has the calls and contexts gathered that count under the reader's conditions (filter.c),
 * then asks about those. */
#include "config.h"

#include "store/totals.h"

#include "base/when.h"
#include "normalise/principal.h"

#include <assert.h>

static int64_t start_of(int64_t day)
{
	return day * WHEN_DAY_SECONDS;
}

/* ---- principals */

static void principal_from_row(struct stmt *s, struct principal_row *r)
{
	*r = (struct principal_row){
	        .id = column_int(s, 0),
	        .principal =
	                {
	                        .arn = column_text(s, 1),
	                        .type = (enum principal_type)column_enum(s, 2, 1,
	                                                                 PRINCIPAL_UNKNOWN),
	                        .account = column_text(s, 3),
	                        .editable = column_int(s, 4) != 0,
	                        .permission_set = column_text(s, 5),
	                        .path_unknown = column_int(s, 6) != 0,
	                },
	        .events = (uint64_t)column_int(s, 7),
	        .calls = (uint64_t)column_int(s, 8),
	        .denied = (uint64_t)column_int(s, 9),
	        .first = column_int(s, 10),
	        .last = column_int(s, 11),
	};
}

/* Those of a prepared list; ids, if given, n of them, are all that is wanted. */
static enum status each_principal(struct store *st, struct stmt *s, struct span account,
                                  const int64_t *ids, size_t n, store_principal_fn each, void *data,
                                  struct err *err)
{
	struct principal_row r;
	int row;
	while ((row = db_row(st, s, err)) > 0) {
		bool wanted = !ids;
		principal_from_row(s, &r);
		for (size_t i = 0; ids && i < n; i++)
			wanted |= ids[i] == r.id;
		if (!wanted || (account.p && !span_eq(account, r.principal.account)))
			continue;
		if (!each(data, &r))
			break;
	}
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

enum status store_each_principal(struct store *st, struct span account, store_principal_fn each,
                                 void *data, struct err *err)
{
	struct stmt *s = filter_ask_totals(st, SQL_PRINCIPAL_LIST, err);
	return s ? each_principal(st, s, account, NULL, 0, each, data, err) : STATUS_STOP;
}

/* A key has one owner, or two where the user and the log do not agree. */
static enum status key_owners(struct store *st, struct span key, int64_t *ids, size_t room,
                              size_t *n, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_KEY_PRINCIPALS, err);
	int row = 0;
	*n = 0;
	if (!s)
		return STATUS_STOP;
	bind_text(s, IN_ACCESS_KEY, key);
	while (*n < room && (row = db_row(st, s, err)) > 0)
		ids[(*n)++] = column_int(s, 0);
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static bool is_access_key(struct span s)
{
	if (s.n < 16 || s.n > 128 || span_chr(s, ':') >= 0 || span_chr(s, '/') >= 0)
		return false;
	return span_starts(s, SPAN_LIT("AKIA")) || span_starts(s, SPAN_LIT("ASIA"));
}

static enum status find_by_key(struct store *st, struct span key, struct span account,
                               store_principal_fn each, void *data, struct err *err)
{
	int64_t ids[16];
	size_t n;
	struct stmt *s;
	if (key_owners(st, key, ids, sizeof ids / sizeof ids[0], &n, err) != STATUS_OK ||
	    !(s = filter_ask_totals(st, SQL_PRINCIPAL_LIST, err)))
		return STATUS_STOP;
	return each_principal(st, s, account, ids, n, each, data, err);
}

enum status store_find_principals(struct store *st, struct span name, struct span account,
                                  store_principal_fn each, void *data, struct err *err)
{
	struct principal p;
	arena_reset(&st->arena);
	if (is_access_key(name))
		return find_by_key(st, name, account, each, data, err);
	/* What the console and error messages show of a role is its session. */
	if (principal_of_arn(name, &st->arena, &p, NULL) && p.path_unknown) {
		struct span kind;
		principal_short(p.arn, &kind, &name);
		name = arena_printf(&st->arena, "role/%.*s", SPAN_ARG(name));
		if (!account.p)
			account = p.account;
	}
	struct stmt *s = filter_ask_totals(st, SQL_PRINCIPAL_MATCH, err);
	if (!s)
		return STATUS_STOP;
	bind_text(s, IN_NAME, name);
	bind_text(s, IN_ACCOUNT, account);
	return each_principal(st, s, SPAN_NONE, NULL, 0, each, data, err);
}

/* What the calls of the filter's principals need is known from here on. */
static enum status know_access(struct store *st, const struct store_filter *f, struct err *err)
{
	const struct derive_for who = {.principals = f->principals, .n = f->n_principals};
	return derive_for(st, &who, err);
}

/* A question about what a reader's conditions leave; NULL with err when it can't be asked. */
static struct stmt *ask(struct store *st, const struct store_filter *filter, enum sql sql,
                        struct err *err)
{
	return filter_gather(st, filter, err) == STATUS_OK ? db_stmt(st, sql, err) : NULL;
}

/* The same, by day. */
static struct stmt *ask_days(struct store *st, const struct store_filter *filter, enum sql sql,
                             struct err *err)
{
	int64_t since = filter->window.since, until = filter->window.until;
	struct stmt *s = ask(st, filter, sql, err);
	if (s) {
		bind_int(s, IN_FROM, since == INT64_MIN ? INT64_MIN : when_day(since));
		bind_int(s, IN_TO, until == INT64_MAX ? INT64_MAX : when_day(until - 1));
	}
	return s;
}

/* ---- access */

static void access_from_row(struct stmt *s, struct access_use *u)
{
	*u = (struct access_use){
	        .principal = column_text(s, 0),
	        .access =
	                {
	                        .action = column_text(s, 1),
	                        .level = (enum access_level)column_enum(s, 2, 0, LEVEL_PERMISSIONS),
	                        .type = column_text(s, 3),
	                        .resource = column_text(s, 4),
	                        .origin = (enum access_origin)column_enum(s, 5, 1, ORIGIN_NONE),
	                        .need = (enum access_need)column_enum(s, 6, 1, NEED_UNRECORDED),
	                        .rule = (enum mapping_rule)column_enum(s, 7, 0, RULE_CURATED),
	                        .replaced = (unsigned)column_int(s, 8),
	                        .passed_to = column_text(s, 9),
	                },
	        .outcome = (enum outcome)column_enum(s, 10, 1, OUTCOME_UNKNOWN),
	        .denied_by = (enum denial_by)column_enum(s, 11, 0, DENIAL_SETTING),
	        .explicit_deny = column_int(s, 12) != 0,
	        .via = column_text(s, 13),
	        .events = (uint64_t)column_int(s, 14),
	        .first = column_int(s, 15),
	        .last = column_int(s, 16),
	        .call = column_int(s, 17),
	        .folded = column_int(s, 19) != 0,
	};
}

enum status store_each_access(struct store *st, const struct store_filter *filter,
                              store_access_fn each, void *data, struct err *err)
{
	struct access_use use;
	struct stmt *s;
	int row;
	if (know_access(st, filter, err) != STATUS_OK ||
	    !(s = ask(st, filter, SQL_ACCESS_LIST, err)))
		return STATUS_STOP;
	bind_int(s, IN_CONDITIONS,
	         filter->n_actions || filter->n_services || filter->n_exclude_actions ||
	                 filter->n_exclude_services);
	while ((row = db_row(st, s, err)) > 0) {
		access_from_row(s, &use);
		if (!each(data, &use))
			break;
	}
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

bool store_has_conditions(const struct store_filter *f)
{
	return f->window.since != INT64_MIN || f->window.until != INT64_MAX || f->n_principals ||
	       f->n_accounts || f->n_exclude_actions || f->n_exclude_services ||
	       f->n_exclude_agents || f->n_exclude_sessions;
}

static struct stmt *ask_resources(struct store *st, const struct store_filter *f, struct span head,
                                  struct err *err)
{
	struct stmt *s;
	if (know_access(st, f, err) != STATUS_OK)
		return NULL;
	if (store_has_conditions(f))
		return ask(st, f, SQL_RESOURCE_LIST, err);
	if (named_has_end(head))
		return named_range(st, SQL_LOG_RESOURCES_FROM, f, head, err);
	if (!(s = db_stmt(st, SQL_LOG_RESOURCES, err)))
		return NULL;
	bind_int(s, IN_OUTCOMES, f->outcomes ? f->outcomes : ~0u);
	bind_int(s, IN_PHASES, f->phases);
	return s;
}

enum status store_each_resource(struct store *st, const struct store_filter *filter,
                                struct span head, store_resource_fn each, void *data,
                                struct err *err)
{
	struct stmt *s;
	int row;
	if (store_finds_by_head(st, head))
		return named_each(st, filter, head, each, data, err);
	if (!(s = ask_resources(st, filter, head, err)))
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0)
		if (span_starts(column_text(s, 0), head) && !each(data, column_text(s, 0)))
			break;
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

enum status store_each_named(struct store *st, const struct store_filter *filter, struct span head,
                             store_access_fn each, void *data, struct err *err)
{
	struct stmt *s;
	int row;
	assert(named_has_end(head) && !store_has_conditions(filter));
	if (know_access(st, filter, err) != STATUS_OK ||
	    !(s = named_range(st, SQL_LOG_NAMED_FROM, filter, head, err)))
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0) {
		struct access_use use = {
		        .access = {
		                .action = column_text(s, 0),
		                .type = column_text(s, 1),
		                .resource = column_text(s, 2),
		                .origin = (enum access_origin)column_enum(s, 3, 1, ORIGIN_NONE),
		                .need = (enum access_need)column_enum(s, 4, 1, NEED_UNRECORDED)}};
		if (!each(data, &use))
			break;
	}
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* ---- calls */

enum { CALL_COLUMNS = 26 };

static void context_from_row(struct stmt *s, int at, struct context *c)
{
	*c = (struct context){
	        .source_network = column_text(s, at),
	        .vpc_endpoint = column_text(s, at + 1),
	        .mfa = (enum tristate)column_enum(s, at + 2, 0, TRI_YES),
	        .tls = (enum tristate)column_enum(s, at + 3, 0, TRI_YES),
	        .tls_version = column_text(s, at + 4),
	        .invoked_by = column_text(s, at + 5),
	        .agent = column_text(s, at + 6),
	        .session_tags = column_text(s, at + 7),
	};
}

static struct stmt *ask_calls(struct store *st, const struct store_filter *filter, struct err *err)
{
	struct stmt *s;
	if (filter_gather(st, filter, err) != STATUS_OK ||
	    (filter->tags && tags_gather(st, filter, err) != STATUS_OK) ||
	    !(s = db_stmt(st, SQL_CALL_LIST, err)))
		return NULL;
	bind_int(s, IN_TAGS, filter->tags);
	return s;
}

enum status store_each_call(struct store *st, const struct store_filter *filter, store_call_fn each,
                            void *data, struct err *err)
{
	struct call_use use = {.id = -1};
	struct arena arena;
	struct stmt *s;
	int row;
	if (know_access(st, filter, err) != STATUS_OK || !(s = ask_calls(st, filter, err)))
		return STATUS_STOP;
	arena_init(&arena); /* not the store's: callbacks may resolve the call */
	while ((row = db_row(st, s, err)) > 0) {
		/* a call's contexts follow one another */
		if (column_int(s, 0) != use.id) {
			arena_reset(&arena);
			call_from_row(s, 0, &arena, &use);
		}
		use.mapped = column_is_null(s, CALL_COLUMNS)
		                     ? MAPPED
		                     : (enum mapping_status)column_enum(s, CALL_COLUMNS, 1,
		                                                        MAPPED_UNKNOWN);
		use.events = (uint64_t)column_int(s, CALL_COLUMNS + 1);
		use.first = column_int(s, CALL_COLUMNS + 2);
		use.last = column_int(s, CALL_COLUMNS + 3);
		context_from_row(s, CALL_COLUMNS + 4, &use.context);
		if (!each(data, &use))
			break;
	}
	db_reset(s);
	arena_release(&arena);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

enum status store_evidence(struct store *st, int64_t call, struct arena *arena,
                           struct evidence *out, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_EVIDENCE_GET, err);
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_CALL, call);
	int row = db_row(st, s, err);
	if (row <= 0)
		return row < 0 ? STATUS_STOP : STATUS_END;
	*out = (struct evidence){
	        .call = call,
	        .time = column_int(s, 0),
	        .event_id = arena_span(arena, column_text(s, 1)),
	        .source = arena_span(arena, column_text(s, 2)),
	        .ordinal = (uint64_t)column_int(s, 3),
	        .region = arena_span(arena, column_text(s, 4)),
	};
	db_reset(s);
	return STATUS_OK;
}

/* ---- summaries */

/* Whether the filter asks for all events of whole days, which are found without gathering what
 * counts. from, to: the days, both included. */
static bool is_whole_days(const struct store_filter *f, int64_t *from, int64_t *to)
{
	int64_t since = f->window.since, until = f->window.until;
	if (f->n_principals || f->n_accounts || f->n_exclude_actions || f->n_exclude_services ||
	    f->n_exclude_agents || f->n_exclude_sessions || f->n_actions || f->n_services ||
	    f->n_agents || f->n_sessions || f->outcomes || since >= until)
		return false;
	*from = since == INT64_MIN ? INT64_MIN : when_day(since);
	*to = until == INT64_MAX ? INT64_MAX : when_day(until) - 1;
	return (since == INT64_MIN || start_of(*from) == since) &&
	       (until == INT64_MAX || start_of(*to + 1) == until);
}

static struct stmt *ask_log(struct store *st, enum sql sql, int64_t from, int64_t to,
                            struct err *err)
{
	struct stmt *s = filter_ask_totals(st, sql, err);
	if (s) {
		bind_int(s, IN_FROM, from);
		bind_int(s, IN_TO, to);
	}
	return s;
}

enum status store_log_window(struct store *st, struct store_window *out, struct err *err)
{
	struct stmt *s = filter_ask_totals(st, SQL_LOG_WINDOW, err);
	if (!s || db_row(st, s, err) != 1)
		return STATUS_STOP;
	bool empty = column_is_null(s, 0);
	*out = (struct store_window){empty ? INT64_MAX : column_int(s, 0),
	                             empty ? INT64_MIN : column_int(s, 1)};
	db_reset(s);
	return STATUS_OK;
}

enum status store_each_reduced_day(struct store *st, const struct store_filter *filter,
                                   store_reduced_day_fn each, void *data, struct err *err)
{
	struct stmt *s;
	int row;
	if (filter_begin(st, err) != STATUS_OK || filter_add(st, filter, err) != STATUS_OK ||
	    !(s = filter_ask_reduced(st, filter, filter->window.since, filter->window.until, err)))
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0) {
		struct reduced_day d = {column_text(s, 0), column_text(s, 1), column_int(s, 2),
		                        column_int(s, 3) != 0};
		if (!each(data, &d))
			break;
	}
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* The events of a window inside of one day; *more becomes false where each does not go on. */
static enum status part_of_day(struct store *st, int64_t since, int64_t until, bool days_only,
                               store_day_fn each, void *data, bool *more, struct err *err)
{
	const struct store_filter all = {.window = {since, until}};
	struct stmt *s;
	if (!*more || since >= until)
		return STATUS_OK;
	if (filter_need_events(st, &all, since, until, err) != STATUS_OK ||
	    !(s = db_stmt(st, SQL_LOG_PART, err)))
		return STATUS_STOP;
	bind_int(s, IN_ANY, days_only);
	bind_int(s, IN_SINCE, since);
	bind_int(s, IN_UNTIL, until);
	if (db_row(st, s, err) != 1)
		return STATUS_STOP;
	int64_t events = column_int(s, 0);
	db_reset(s);
	*more = !events || each(data, when_day(since), (uint64_t)events, 0);
	return STATUS_OK;
}

static enum status whole_days(struct store *st, int64_t from, int64_t to, store_day_fn each,
                              void *data, bool *more, struct err *err)
{
	struct stmt *s;
	int row = 0;
	if (!*more || from > to)
		return STATUS_OK;
	if (!(s = ask_log(st, SQL_LOG_DAYS, from, to, err)))
		return STATUS_STOP;
	while (*more && (row = db_row(st, s, err)) > 0)
		*more = each(data, column_int(s, 0), (uint64_t)column_int(s, 1), 0);
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

enum status store_each_log_day(struct store *st, const struct store_window *window, bool days_only,
                               store_day_fn each, void *data, struct err *err)
{
	int64_t since = window->since, until = window->until;
	int64_t from = since == INT64_MIN ? INT64_MIN : when_day(since);
	int64_t to = until == INT64_MAX ? INT64_MAX : when_day(until) - 1;
	int64_t first = since, last = until; /* of whole days: first <= time < last */
	bool more = true;
	if (since >= until)
		return STATUS_OK;
	if (from != INT64_MIN && start_of(from) != since)
		first = start_of(++from);
	if (to != INT64_MAX && start_of(to + 1) != until)
		last = start_of(to + 1);
	if (first > last) /* inside of one day */
		return part_of_day(st, since, until, days_only, each, data, &more, err);
	if ((first != since &&
	     part_of_day(st, since, first, days_only, each, data, &more, err) != STATUS_OK) ||
	    whole_days(st, from, to, each, data, &more, err) != STATUS_OK)
		return STATUS_STOP;
	return last != until ? part_of_day(st, last, until, days_only, each, data, &more, err)
	                     : STATUS_OK;
}

enum status store_each_day(struct store *st, const struct store_filter *filter, store_day_fn each,
                           void *data, struct err *err)
{
	struct stmt *s;
	int row;
	if (know_access(st, filter, err) != STATUS_OK ||
	    !(s = ask_days(st, filter, SQL_DAY_LIST, err)))
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0)
		if (!each(data, column_int(s, 0), (uint64_t)column_int(s, 1),
		          (uint64_t)column_int(s, 2)))
			break;
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

enum status store_each_call_day(struct store *st, const struct store_filter *filter,
                                store_call_day_fn each, void *data, struct err *err)
{
	struct stmt *s;
	int row;
	if (!(s = ask_days(st, filter, SQL_CALL_DAY_LIST, err)))
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0)
		if (!each(data, column_int(s, 0), column_int(s, 1), (uint64_t)column_int(s, 2)))
			break;
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

enum status store_each_unknown(struct store *st, const struct store_filter *filter,
                               store_name_fn each, void *data, struct err *err)
{
	struct stmt *s;
	int row;
	if (know_access(st, filter, err) != STATUS_OK ||
	    !(s = ask(st, filter, SQL_UNKNOWN_LIST, err)))
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0) {
		struct event_name_row r = {
		        .principal = column_text(s, 0),
		        .source = column_text(s, 1),
		        .name = column_text(s, 2),
		        .events = (uint64_t)column_int(s, 3),
		        .first = column_int(s, 4),
		        .last = column_int(s, 5),
		};
		if (!each(data, &r))
			break;
	}
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

enum status store_each_service(struct store *st, const struct store_filter *filter,
                               store_name_fn each, void *data, struct err *err)
{
	int64_t from, to;
	struct stmt *s;
	int row;
	s = is_whole_days(filter, &from, &to) ? ask_log(st, SQL_LOG_SERVICES, from, to, err)
	                                      : ask(st, filter, SQL_SERVICE_LIST, err);
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0) {
		struct event_name_row r = {
		        .source = column_text(s, 0),
		        .events = (uint64_t)column_int(s, 1),
		        .data_events = (uint64_t)column_int(s, 2),
		        .management_events = (uint64_t)column_int(s, 3),
		        .captured = column_int(s, 4) != 0,
		        .first = column_int(s, 5),
		        .last = column_int(s, 6),
		};
		if (!each(data, &r))
			break;
	}
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}
