/* table.c - cli: see table.h. */
#include "config.h"

#include "cli/table.h"

#include "base/alloc.h"
#include "base/csv.h"
#include "base/when.h"
#include "cli/terminal.h"

#include <stdlib.h>

/* One row: a call's parameters and resources are at most some megabytes. */
#define LIMIT_ROW ((size_t)64 << 20)
/* JSON wider than this is cut in a table. Names never are: people copy them. */
enum { CELL_WIDTH = 120 };

void table_begin(struct table *t, FILE *to, enum table_format format)
{
	*t = (struct table){.to = to, .format = format};
	arena_init(&t->arena);
	buf_init(&t->line, LIMIT_ROW);
}

struct cell cell_text(struct span s)
{
	return (struct cell){.kind = s.p ? CELL_TEXT : CELL_NULL, .text = s};
}

struct cell cell_number(int64_t n)
{
	return (struct cell){.kind = CELL_NUMBER, .number = n};
}

struct cell cell_json(struct span s)
{
	return (struct cell){.kind = CELL_JSON, .text = s};
}

struct cell cell_time(int64_t t, struct arena *arena)
{
	char text[WHEN_SIZE];
	return cell_text(arena_span(arena, span_of(when_format(t, text))));
}

static bool put_line(struct table *t)
{
	if (t->format == TABLE_CSV)
		return terminal_put(t->to, buf_span(&t->line));
	return fwrite(buf_str(&t->line), 1, t->line.n, t->to) == t->line.n;
}

/* ---- CSV */

static void csv_cell(struct buf *b, const struct cell *c)
{
	switch (c->kind) {
	case CELL_NULL: return;
	case CELL_NUMBER: buf_addf(b, "%lld", (long long)c->number); return;
	case CELL_REAL: buf_addf(b, "%.17g", c->real); return;
	case CELL_TEXT:
	case CELL_JSON: csv_text(b, c->text); return;
	}
}

/* ---- JSON */

static void json_cell(struct json_writer *w, const struct cell *c)
{
	switch (c->kind) {
	case CELL_NULL: json_put_null(w); return;
	case CELL_TEXT: json_put_text(w, c->text); return;
	case CELL_NUMBER: json_put_i64(w, c->number); return;
	case CELL_REAL: json_put_real(w, c->real); return;
	case CELL_JSON: json_put_raw(w, c->text); return;
	}
}

static void json_row(struct table *t, const struct cell *cells)
{
	json_begin_object(&t->json);
	for (size_t i = 0; i < t->n_columns; i++) {
		json_key(&t->json, t->names[i]);
		json_cell(&t->json, &cells[i]);
	}
	json_end_object(&t->json);
}

/* ---- text */

/* Columns that a terminal uses for it: characters, not bytes. */
static size_t width_of(struct span s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* Names from logs must not drive the terminal. */
static struct span plain_text(struct span s, size_t most, struct arena *arena)
{
	size_t n = 0, width = 0;
	char *out = arena_alloc(arena, s.n + 1);
	for (; n < s.n; n++) {
		unsigned char c = (unsigned char)s.p[n];
		if ((c & 0xc0) != 0x80 && ++width > most)
			break;
		out[n] = (char)c;
	}
	span_plain(out, n);
	return span_make(out, n);
}

static struct span text_cell(const struct cell *c, struct arena *arena)
{
	switch (c->kind) {
	case CELL_NULL: return SPAN_LIT("-");
	case CELL_NUMBER: return arena_printf(arena, "%lld", (long long)c->number);
	case CELL_REAL: return arena_printf(arena, "%g", c->real);
	case CELL_TEXT: return plain_text(c->text, SIZE_MAX, arena);
	case CELL_JSON: return plain_text(c->text, CELL_WIDTH, arena);
	}
	return SPAN_NONE;
}

static void keep_row(struct table *t, const struct cell *cells)
{
	size_t need = t->n_rows * t->n_columns;
	if (need > t->room) {
		t->room = 2 * need;
		t->cells = xreallocarray(t->cells, t->room, sizeof *t->cells);
	}
	for (size_t i = 0; i < t->n_columns; i++)
		t->cells[need - t->n_columns + i] = text_cell(&cells[i], &t->arena);
}

static void text_line(struct table *t, const struct span *row, const size_t *width)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		if (!width[i])
			continue;
		struct span text = shorten_middle(row[i], width[i], &t->arena);
		buf_add_span(&t->line, text);
		if (i + 1 < t->n_columns)
			buf_addf(&t->line, "%*s", (int)(width[i] - width_of(text) + 2), "");
	}
	buf_add_char(&t->line, '\n');
}

/* A column of names is not made narrower than the first, any other (a time, a number) than the second. */
enum { NARROWEST_NAMES = 12, NARROWEST = 22, BETWEEN = 2 };

static size_t narrowest(const struct table *t, size_t column)
{
	for (size_t k = column; k < t->n_rows * t->n_columns; k += t->n_columns)
		if (span_chr(t->cells[k], '/') >= 0 || span_starts(t->cells[k], SPAN_LIT("arn:")))
			return NARROWEST_NAMES;
	return NARROWEST;
}

/* Takes from the widest columns that can give, one character each time, until a line fits the
 * terminal: lines have at most some hundreds of characters more than a terminal. False: none can
 * give any more, and it does not fit. */
static bool fit_columns(struct table *t, size_t *width)
{
	size_t most = terminal_width(t->to), total = 0, columns = 0;
	size_t *least = arena_alloc(&t->arena, (t->n_columns + 1) * sizeof *least);
	for (size_t i = 0; i < t->n_columns; i++) {
		least[i] = narrowest(t, i);
		total += width[i];
		columns += width[i] > 0;
	}
	if (most == 0 || columns == 0)
		return true;
	for (total += BETWEEN * (columns - 1); total > most; total--) {
		size_t widest = t->n_columns;
		for (size_t i = 0; i < t->n_columns; i++)
			if (width[i] > least[i] && (widest == t->n_columns || width[i] > width[widest]))
				widest = i;
		if (widest == t->n_columns)
			return false;
		width[widest]--;
	}
	return true;
}

/* What has more columns than fit beside one another: those of a row below one another, without those
 * that are empty. */
static bool text_records(struct table *t, const struct span *head, const size_t *width)
{
	size_t label = 0, most = terminal_width(t->to);
	bool ok = true;
	for (size_t i = 0; i < t->n_columns; i++)
		label = width[i] && width_of(head[i]) > label ? width_of(head[i]) : label;
	size_t room = most > label + BETWEEN + NARROWEST ? most - label - BETWEEN : NARROWEST;
	for (size_t r = 0; r < t->n_rows && ok; r++) {
		const struct span *row = t->cells + r * t->n_columns;
		if (r)
			buf_add_char(&t->line, '\n');
		for (size_t i = 0; i < t->n_columns; i++)
			if (width[i] && !span_is(row[i], "-"))
				buf_addf(&t->line, "%s%-*.*s%s%*s%.*s\n", mark_on(t->to, MARK_HEAD),
				         (int)label, SPAN_ARG(head[i]), mark_off(t->to), BETWEEN, "",
				         SPAN_ARG(shorten_middle(row[i], room, &t->arena)));
		ok = put_line(t);
		buf_reset(&t->line);
	}
	return ok;
}

static bool column_is_empty(const struct table *t, size_t column)
{
	for (size_t k = column; k < t->n_rows * t->n_columns; k += t->n_columns)
		if (!span_is(t->cells[k], "-"))
			return false;
	return true;
}

static bool text_table(struct table *t)
{
	size_t *width = arena_calloc(&t->arena, t->n_columns + 1, sizeof *width);
	struct span *head = arena_alloc(&t->arena, (t->n_columns + 1) * sizeof *head);
	bool ok = true;
	for (size_t i = 0; i < t->n_columns; i++) {
		char *name = arena_str(&t->arena, span_of(t->names[i]));
		for (char *p = name; *p; p++)
			*p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
		head[i] = span_of(name);
		width[i] = width_of(head[i]);
	}
	for (size_t k = 0; k < t->n_rows * t->n_columns; k++) {
		size_t w = width_of(t->cells[k]);
		if (w > width[k % t->n_columns])
			width[k % t->n_columns] = w;
	}
	for (size_t i = 0; i < t->n_columns && t->hide_empty; i++)
		if (t->n_rows && column_is_empty(t, i))
			width[i] = 0;
	if (!fit_columns(t, width))
		return text_records(t, head, width);
	buf_add_str(&t->line, mark_on(t->to, MARK_HEAD));
	text_line(t, head, width);
	t->line.n--; /* the line's end stands behind the mark's */
	buf_add_str(&t->line, mark_off(t->to));
	buf_add_char(&t->line, '\n');
	for (size_t r = 0; r < t->n_rows && ok; r++) {
		text_line(t, t->cells + r * t->n_columns, width);
		ok = put_line(t);
		buf_reset(&t->line);
	}
	return ok && put_line(t);
}

/* ---- the table */

static bool csv_head(struct table *t, const char *const *names)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		buf_add_str(&t->line, i ? "," : "");
		csv_text(&t->line, span_of(names[i]));
	}
	buf_add_str(&t->line, "\r\n");
	bool ok = put_line(t);
	buf_reset(&t->line);
	return ok;
}

static bool csv_row(struct table *t, const struct cell *cells)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		buf_add_str(&t->line, i ? "," : "");
		csv_cell(&t->line, &cells[i]);
	}
	buf_add_str(&t->line, "\r\n");
	bool ok = put_line(t);
	buf_reset(&t->line);
	return ok;
}

bool table_head(struct table *t, const char *const *names, size_t n)
{
	t->n_columns = n;
	t->names = arena_alloc(&t->arena, (n + 1) * sizeof *t->names);
	for (size_t i = 0; i < n; i++)
		t->names[i] = arena_str(&t->arena, span_of(names[i]));
	if (t->format == TABLE_CSV)
		return csv_head(t, names);
	if (t->format == TABLE_JSON) {
		json_to_file(&t->json, t->to, LAYOUT_ROWS);
		json_begin_array(&t->json);
	}
	return true;
}

bool table_row(struct table *t, const struct cell *cells, size_t n)
{
	t->n_rows++;
	switch (t->format) {
	case TABLE_TEXT: keep_row(t, cells); return true;
	case TABLE_CSV: return csv_row(t, cells);
	case TABLE_JSON: json_row(t, cells); return !t->json.failed;
	}
	return false;
}

bool table_end(struct table *t)
{
	bool ok = true;
	if (t->format == TABLE_TEXT && t->n_columns) {
		ok = text_table(t);
	} else if (t->format == TABLE_JSON && t->n_columns) {
		json_end_array(&t->json);
		ok = json_finish(&t->json) && fputc('\n', t->to) != EOF;
	}
	ok = fflush(t->to) == 0 && !ferror(t->to) && ok;
	free(t->cells);
	buf_release(&t->line);
	arena_release(&t->arena);
	return ok;
}
