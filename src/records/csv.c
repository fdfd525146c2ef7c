/* csv.c - records: see csv.h. A reader of its own, since what Debian packages (libcsv) has no bound
 * on a field and calls back for each, where rows must be cut out of a view that moves. */
#include "config.h"

#include "records/csv.h"

#include "records/container.h"

void csv_init(struct csv *t)
{
	*t = (struct csv){.separator = ','};
	buf_init(&t->head.text, LIMIT_RECORD_BYTES);
	buf_init(&t->row.text, LIMIT_RECORD_BYTES);
}

void csv_release(struct csv *t)
{
	buf_release(&t->head.text);
	buf_release(&t->row.text);
}

/* ---- rows */

/* Copies the inside of the quoted cell at p to text; returns what is behind its last quote, or NULL
 * if it has none. */
static const char *take_quoted(const char *p, const char *end, struct buf *text)
{
	for (p++; p < end;) {
		const char *quote = memchr(p, '"', (size_t)(end - p));
		if (!quote)
			return NULL;
		buf_add(text, p, (size_t)(quote - p));
		if (quote + 1 >= end || quote[1] != '"')
			return quote + 1;
		buf_add_char(text, '"');
		p = quote + 2;
	}
	return NULL;
}

static const char *take_plain(const char *p, const char *end, char separator, struct buf *text)
{
	const char *from = p;
	while (p < end && *p != separator && *p != '\n')
		p++;
	const char *to = p;
	if (to > from && to[-1] == '\r' && (p == end || *p == '\n'))
		to--;
	buf_add(text, from, (size_t)(to - from));
	return p;
}

static enum csv_result bad(struct span view, size_t *n, const char **error, const char *why)
{
	ptrdiff_t end = span_chr(view, '\n');
	*n = end < 0 ? view.n : (size_t)end + 1;
	*error = why;
	return CSV_BAD;
}

static enum csv_result split(struct span view, bool last, char separator, struct csv_cells *c,
                             size_t *n, const char **error)
{
	const char *p = view.p, *end = view.p + view.n;
	buf_reset(&c->text);
	for (c->n = 0;;) {
		if (c->n == LIMIT_COLUMNS)
			return bad(view, n, error, "a row has more than 512 columns");
		size_t at = c->text.n;
		const char *next = p < end && *p == '"' ? take_quoted(p, end, &c->text)
		                                        : take_plain(p, end, separator, &c->text);
		if (!next && last)
			return bad(view, n, error, "a quoted cell does not end");
		/* A quote at the view's end may be the first of two. */
		if (!next || (next == end && !last))
			return CSV_CUT;
		/* The line's end may be of two bytes, of which the view has the first. */
		if (p < end && *p == '"' && next < end && *next == '\r') {
			if (next + 1 == end && !last)
				return CSV_CUT;
			if (next + 1 == end || next[1] == '\n')
				next++;
		}
		c->list[c->n].at = at;
		c->list[c->n++].n = c->text.n - at;
		if (c->text.full)
			return bad(view, n, error, "a row is larger than 16 MiB");
		if (next == end || *next == '\n') {
			*n = (size_t)(next - view.p) + (next < end);
			return CSV_ROW;
		}
		if (*next != separator)
			return bad(view, n, error, "something follows a quoted cell");
		p = next + 1;
	}
}

static struct span cell_at(const struct csv_cells *c, size_t i)
{
	return i < c->n ? span_sub(buf_span(&c->text), c->list[i].at, c->list[i].n) : SPAN_LIT("");
}

struct span csv_cell(const struct csv *t, size_t i)
{
	return cell_at(&t->row, i);
}

enum csv_result csv_row(struct csv *t, struct span view, bool last, size_t *n, const char **error)
{
	return split(view, last, t->separator, &t->row, n, error);
}

/* ---- the heading */

/* Columns with whole records: what else may stand in them counts as other. */
static const struct {
	const char *name, *other;
} record_columns[] = {
        {"eventJson", NULL},
        {"CloudTrailEvent", NULL},
        {"@message", "log-line"},
        {"_raw", "log-line"},
        {"event.original", "log-line"},
        {"_source.event.original", "log-line"},
};

static size_t name_cells(const struct csv *t, struct cell *cells)
{
	for (size_t i = 0; i < t->head.n; i++)
		cells[i] = (struct cell){cell_at(&t->head, i), cell_at(&t->row, i), false};
	return t->head.n;
}

/* Looks for columns that are known, with t->head split. */
static bool know_columns(struct csv *t)
{
	struct cell cells[LIMIT_COLUMNS];
	t->reduced = false;
	for (size_t i = 0; i < t->head.n; i++)
		t->reduced |= container_is_reduced(span_trim(cell_at(&t->head, i)));
	if (t->reduced) {
		t->record = t->head.n;
		t->other = NULL;
		t->path = "reduced";
		return true;
	}
	for (size_t k = 0; k < sizeof record_columns / sizeof record_columns[0]; k++)
		for (t->record = 0; t->record < t->head.n; t->record++)
			if (span_eq_ci(span_trim(cell_at(&t->head, t->record)),
			               span_of(record_columns[k].name))) {
				t->other = record_columns[k].other;
				t->path = record_columns[k].name;
				return true;
			}
	t->row.n = 0;
	t->other = NULL;
	t->path = "columns";
	return columns_are_record(cells, name_cells(t, cells));
}

/* Several short names: any other text has blanks or more between its separators. */
static bool looks_like_names(const struct csv_cells *c)
{
	enum { LONGEST_NAME = 64 };
	for (size_t i = 0; i < c->n; i++) {
		struct span name = cell_at(c, i);
		if (name.n == 0 || name.n > LONGEST_NAME || span_chr(name, '{') >= 0 ||
		    span_chr(name, ':') >= 0)
			return false;
	}
	return c->n > 1;
}

enum csv_heading csv_heading(struct csv *t, struct span line)
{
	static const char separators[] = {',', '\t', ';'};
	enum csv_heading heading = HEADING_NONE;
	for (size_t i = 0; i < sizeof separators; i++) {
		const char *error;
		size_t n;
		t->separator = separators[i];
		if (split(line, true, t->separator, &t->head, &n, &error) != CSV_ROW || n < line.n)
			continue;
		if (know_columns(t))
			return HEADING_KNOWN;
		if (looks_like_names(&t->head))
			heading = HEADING_UNKNOWN;
	}
	return heading;
}

bool csv_has_parameters(const struct csv *t)
{
	struct cell cells[LIMIT_COLUMNS];
	return t->reduced || t->record < t->head.n || columns_have_parameters(cells, name_cells(t, cells));
}

static const char wrong_width[] = "a row has more or fewer columns than the heading";

const char *csv_object(const struct csv *t, struct buf *out)
{
	if (t->row.n != t->head.n)
		return wrong_width;
	for (size_t i = 0; i < t->head.n; i++) {
		buf_add_char(out, i ? ',' : '{');
		buf_add_json(out, span_trim(cell_at(&t->head, i)));
		buf_add_char(out, ':');
		buf_add_json(out, cell_at(&t->row, i));
	}
	buf_add_char(out, '}');
	return out->full ? "a row is larger than 16 MiB" : NULL;
}

const char *csv_record(const struct csv *t, struct buf *out)
{
	struct cell cells[LIMIT_COLUMNS];
	if (t->row.n != t->head.n)
		return wrong_width;
	return columns_record(cells, name_cells(t, cells), out);
}
