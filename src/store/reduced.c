/* reduced.c - store: questions that need single events, where only counts are held of some days. */
#include "config.h"

#include "store/db.h"

#include "base/buf.h"
#include "base/when.h"

const char store_only_counts[] = "only-counts";

/* Days that are named, as ranges: an error is one line. */
enum { NAMED_RANGES = 6 };

struct range { /* days, both included */
	int64_t from, to;
};

/* The rows' days, which are sorted, as n ranges; *more: days beyond what there is room for. */
static enum status list_ranges(struct store *st, struct stmt *s, struct range *range, size_t *n,
                               size_t *more, struct err *err)
{
	int64_t last = INT64_MIN;
	int row;
	*n = *more = 0;
	while ((row = db_row(st, s, err)) > 0) {
		int64_t day = column_int(s, 2);
		if (*n && day == last) /* of another stream */
			continue;
		if (*n && !*more && day == last + 1)
			range[*n - 1].to = day;
		else if (*n < NAMED_RANGES)
			range[(*n)++] = (struct range){day, day};
		else
			++*more;
		last = day;
	}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static void add_day(struct buf *text, int64_t day)
{
	char name[WHEN_SIZE];
	buf_add_str(text, when_format_day(day * WHEN_DAY_SECONDS, name));
}

enum status reduced_refuse(struct store *st, struct stmt *s, const char *what, struct err *err)
{
	enum { LONGEST = 1024 };
	struct range range[NAMED_RANGES];
	struct buf days;
	size_t n, more;
	if (list_ranges(st, s, range, &n, &more, err) != STATUS_OK)
		return STATUS_STOP;
	if (n == 0)
		return STATUS_OK;
	buf_init(&days, LONGEST);
	for (size_t i = 0; i < n; i++) {
		buf_add_str(&days, i ? ", " : "");
		add_day(&days, range[i].from);
		buf_add_str(&days, range[i].to > range[i].from ? " to " : "");
		if (range[i].to > range[i].from)
			add_day(&days, range[i].to);
	}
	if (more)
		buf_addf(&days, " and %zu more days", more);
	err_set(err, STATUS_STOP, store_only_counts, "only counts are held of %s (UTC): %s",
	        buf_str(&days), what);
	err_at_file(err, st->path);
	buf_release(&days);
	return STATUS_STOP;
}
