/* report.c - store: runs the reports of sql/report/, and tells which there are. A report's file
 * opens with its summary; a line "Inputs:" names what --param can set, a line "Reads: access." that
 * access must be derived before, "Reads: totals." that the sums must hold. */
#include "config.h"

#include "store/totals.h"

#include "base/alloc.h"

#include <stdlib.h>

/* A report of this project has at most a dozen columns. */
#define LIMIT_COLUMNS 64

/* The rest of the first comment line that begins with text. */
static struct span comment_line(struct span sql, struct span text)
{
	while (sql.p) {
		struct span line = span_cut(&sql, '\n');
		if (!span_starts(line, SPAN_LIT("-- ")))
			break;
		line = span_from(line, 3);
		if (span_starts(line, text))
			return span_trim(span_from(line, text.n));
	}
	return SPAN_NONE;
}

static struct span without_stop(struct span s)
{
	return span_ends(s, SPAN_LIT(".")) ? span_sub(s, 0, s.n - 1) : s;
}

bool store_report_at(size_t i, struct store_report *out)
{
	if (i >= n_sql_reports)
		return false;
	struct span sql = span_of(sql_reports[i].text);
	out->name = span_of(sql_reports[i].name);
	out->summary = without_stop(comment_line(sql, SPAN_LIT("")));
	out->inputs = without_stop(comment_line(sql, SPAN_LIT("Inputs: ")));
	return true;
}

static const struct sql_text *find_report(const char *name)
{
	for (size_t i = 0; i < n_sql_reports; i++)
		if (strcmp(sql_reports[i].name, name) == 0)
			return &sql_reports[i];
	return NULL;
}

/* Whether all days are held as events, if the report takes them. */
static enum status check_days(struct store *st, const char *name, struct span sql, struct err *err)
{
	struct stmt *s;
	if (!comment_line(sql, SPAN_LIT("Needs single events")).p)
		return STATUS_OK;
	if (!(s = db_stmt(st, SQL_SLICE_OF_PRINCIPALS, err)))
		return STATUS_STOP;
	bind_int(s, IN_FROM, INT64_MIN);
	bind_int(s, IN_TO, INT64_MAX);
	bind_int(s, IN_PRINCIPALS, 0);
	arena_reset(&st->arena);
	return reduced_refuse(
	        st, s, arena_printf(&st->arena, "report '%s' takes single events", name).p, err);
}

static enum status bind_params(const char *name, struct stmt *s, const struct store_param *params,
                               size_t n, struct err *err)
{
	char key[66];
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(params[i].name);
		int at = 0;
		if (len < sizeof key - 1) {
			key[0] = ':';
			memcpy(key + 1, params[i].name, len + 1);
			at = sqlite3_bind_parameter_index(s->s, key);
		}
		if (!at)
			return err_set(err, STATUS_SKIP, "no-param",
			               "report '%s' takes no parameter '%s'", name, params[i].name);
		sqlite3_bind_text(s->s, at, params[i].value, -1, SQLITE_STATIC);
	}
	return STATUS_OK;
}

static void read_cell(struct stmt *s, int column, bool json, struct cell *c)
{
	*c = (struct cell){.kind = CELL_NULL};
	switch (sqlite3_column_type(s->s, column)) {
	case SQLITE_NULL: return;
	case SQLITE_INTEGER:
		c->kind = CELL_NUMBER;
		c->number = column_int(s, column);
		return;
	case SQLITE_FLOAT:
		c->kind = CELL_REAL;
		c->real = sqlite3_column_double(s->s, column);
		return;
	default: c->kind = json ? CELL_JSON : CELL_TEXT; c->text = column_text(s, column);
	}
}

static enum status run_report(struct store *st, struct stmt *s, const struct store_row_fn *fn,
                              struct err *err)
{
	const char *names[LIMIT_COLUMNS];
	bool json[LIMIT_COLUMNS];
	struct cell cells[LIMIT_COLUMNS];
	int n = sqlite3_column_count(s->s), row = 0;
	if (n > LIMIT_COLUMNS)
		n = LIMIT_COLUMNS;
	/* A column named "x:json" holds JSON text and is called x. SQLite's own mark of JSON does
	 * not outlive sorting. */
	for (int i = 0; i < n; i++) {
		struct span name = span_of(sqlite3_column_name(s->s, i));
		json[i] = span_ends(name, SPAN_LIT(":json"));
		if (json[i])
			name.n -= strlen(":json");
		names[i] = arena_str(&st->arena, name);
	}
	if (!fn->head(fn->data, names, (size_t)n))
		return STATUS_OK;
	while ((row = db_row(st, s, err)) > 0) {
		for (int i = 0; i < n; i++)
			read_cell(s, i, json[i], &cells[i]);
		if (!fn->row(fn->data, cells, (size_t)n))
			break;
	}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* A report that reads access says so in a line "Reads: access.", one that reads sums "Reads: totals.", one
 * that reads how often sessions were used "Reads: sessions.". */
static enum status make_ready(struct store *st, struct span sql, const struct store_param *params,
                               size_t n, struct err *err)
{
	struct derive_for who = {.name = SPAN_NONE};
	struct span reads = without_stop(comment_line(sql, SPAN_LIT("Reads: ")));
	if (span_is(reads, "totals"))
		return totals_ready(st, err);
	if (span_is(reads, "sessions"))
		return session_use_gather(st, err);
	if (!span_is(reads, "access"))
		return STATUS_OK;
	for (size_t i = 0; i < n; i++)
		if (strcmp(params[i].name, "principal") == 0)
			who.name = span_of(params[i].value);
	return derive_for(st, &who, err);
}

enum status store_report(struct store *st, const char *name, const struct store_param *params,
                         size_t n_params, const struct store_row_fn *fn, struct err *err)
{
	const struct sql_text *t = find_report(name);
	struct stmt s;
	if (!t)
		return err_set(err, STATUS_SKIP, "no-report", "there is no report '%s'", name);
	if (filter_begin(st, err) != STATUS_OK ||
	    check_days(st, name, span_of(t->text), err) != STATUS_OK ||
	    make_ready(st, span_of(t->text), params, n_params, err) != STATUS_OK ||
	    db_prepare(st, t->text, &s, err) != STATUS_OK)
		return STATUS_STOP;
	enum status status = bind_params(name, &s, params, n_params, err);
	if (status == STATUS_OK)
		status = run_report(st, &s, fn, err);
	db_finish(&s);
	return status;
}
