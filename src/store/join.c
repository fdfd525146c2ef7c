/* join.c - store: what belongs together but comes in from different sources, in any order: an
 * access key and its principal, a role and its path, a call and the account that owns its resource,
 * an owner's copy of an event. */
#include "config.h"

#include "store/totals.h"

static enum status run(struct store *st, enum sql sql, struct err *err)
{
	struct stmt *s = db_stmt(st, sql, err);
	return s ? db_run(st, s, err) : STATUS_STOP;
}

/* Of calls whose counts the next step changes. */
static enum status sum_twins_again(struct store *st, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_JOIN_TWIN_CALLS, err);
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0)
		if (totals_again(st, column_int(s, 0), err) != STATUS_OK) {
			db_reset(s);
			return STATUS_STOP;
		}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* Each pair of statements marks the calls whose access will change, then changes what they depend
 * on. Paths come before keys, because a key may lead to a role without its path. */
enum status join_all(struct store *st, struct err *err)
{
	static const enum sql steps[] = {
	        SQL_JOIN_PATH_STALE, SQL_JOIN_PATH_SET,    SQL_JOIN_KEY_STALE,
	        SQL_JOIN_KEY_SET,    SQL_JOIN_OWNER_STALE, SQL_JOIN_OWNER_SET,
	        SQL_JOIN_TWIN_DAYS,  SQL_JOIN_TWIN_MARK,   SQL_JOIN_SHARED_DONE,
	};
	if (captured_join(st, err) != STATUS_OK || sum_twins_again(st, err) != STATUS_OK)
		return STATUS_STOP;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (run(st, steps[i], err) != STATUS_OK)
			return STATUS_STOP;
	return STATUS_OK;
}
