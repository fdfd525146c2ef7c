/* reader-csv.c - records: records out of files of columns, out of objects that have a record's
 * members under other names, and the lines of S3 server access logs. */
#include "config.h"

#include "records/reader-internal.h"

#include "records/access-log.h"

static const char no_parameters[] =
        "tells no request parameters: actions are known, what they were used on is not";

enum csv_heading begin_csv(struct reader *r, size_t n)
{
	struct layer *l = top_layer(r);
	struct span view = stream_view(l->stream), line = span_sub(view, 0, n);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	enum csv_heading heading = csv_heading(&r->csv, line);
	if (heading != HEADING_KNOWN)
		return heading;
	set_format(r, r->csv.reduced            ? "reduced"
	              : r->csv.separator == '\t' ? "tsv"
	                                         : "csv");
	if (!r->csv.reduced)
		note_path(r, r->csv.path);
	if (!csv_has_parameters(&r->csv))
		r->remark = no_parameters;
	stream_take(l->stream, n + (n < view.n));
	r->tabular = true;
	return heading;
}

/* Brings the next row into r->csv.row; 0 bytes after *status was set. */
static size_t next_row(struct reader *r, struct record *rec, struct err *err, enum status *status)
{
	struct layer *l = top_layer(r);
	bool last = false;
	for (;;) {
		const char *error = NULL;
		size_t n;
		switch (csv_row(&r->csv, window(l), last, &n, &error)) {
		case CSV_ROW: return n;
		case CSV_CUT: break;
		case CSV_BAD:
			*status = give_lost(r, rec, err, 0, "bad-row", error);
			stream_take(l->stream, n);
			return 0;
		}
		enum stream_more more = window_more(l);
		last = more != STREAM_MORE;
		if (more == STREAM_END && stream_damage(l->stream)) {
			const struct err *damage = stream_damage(l->stream);
			*status = give_lost(r, rec, err, 0, damage->reason, damage->text);
			r->told_damage = true;
			stream_take(l->stream, stream_view(l->stream).n);
			return 0;
		}
	}
}

enum status take_row(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = top_layer(r), *above = layer_above(r);
	struct csv *t = &r->csv;
	enum status status = STATUS_FILE;
	const char *error = NULL;
	size_t n = next_row(r, rec, err, &status);
	if (n == 0)
		return status;
	bool whole = t->record < t->head.n;
	if (t->row.n == 1 && span_trim(csv_cell(t, 0)).n == 0 && t->head.n > 1) {
		stream_take(l->stream, n); /* an empty line */
		return STATUS_FILE;
	}
	if (t->reduced)
		error = csv_object(t, &above->text);
	else if (whole && t->record >= t->row.n)
		error = "a row has no column with a record";
	else if (whole)
		buf_add_span(&above->text, csv_cell(t, t->record));
	else
		error = csv_record(t, &above->text);
	if (error) {
		status = give_lost(r, rec, err, 0, "bad-row", error);
		stream_take(l->stream, n);
		return status;
	}
	if (t->reduced) {
		status = give_record(r, rec, n, RECORD_REDUCED);
		rec->text = buf_span(&above->text);
		return status;
	}
	layer_enter(r, n, t->other, true);
	return STATUS_FILE;
}

/* Requests to S3 have 8 KB of headers at most ("Common request headers" and the service's own
 * limit), which is what a line tells of one; escapes make it three times as long. */
#define LIMIT_ACCESS_LINE ((size_t)64 << 10)

enum status take_access_line(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = top_layer(r);
	size_t n = line_length(l), text = n;
	struct span view = stream_view(l->stream);
	enum status status;
	if (text && view.p[text - 1] == '\r')
		text--;
	set_format(r, "s3-access-log");
	if (n < view.n)
		n++;
	if (text == 0) {
		stream_take(l->stream, n);
		return STATUS_FILE;
	}
	if (text <= LIMIT_ACCESS_LINE && access_line_begins(span_sub(view, 0, text))) {
		status = give_record(r, rec, text, RECORD_S3_ACCESS);
		r->given = n;
		return status;
	}
	status = text > LIMIT_ACCESS_LINE
	                 ? give_lost(r, rec, err, 0, "too-large", "a line is longer than 64 KiB")
	                 : give_lost(r, rec, err, 0, "bad-row",
	                             "the line is no record of an S3 server access log");
	stream_take(l->stream, n);
	return status;
}

/* Adds the members of the object to the n cells; strings are decoded into text, which has room for
 * all of the object, so that what was put there stays where it is: no string becomes longer. */
static size_t object_cells(struct span object, struct buf *text, struct cell *cells, size_t n)
{
	struct scan j;
	struct span key, raw;
	scan_init(&j, object);
	if (scan_peek(&j) != SCAN_OBJECT || !scan_enter(&j, SCAN_OBJECT))
		return n;
	while (n < LIMIT_COLUMNS && scan_next_key(&j, &key) && scan_take_raw(&j, &raw)) {
		bool string = raw.p[0] == '"';
		cells[n] = (struct cell){key, raw, !string};
		if (string) {
			size_t at = text->n;
			text->n += scan_unescape(span_sub(raw, 1, raw.n - 2), text->p + at);
			cells[n].value = span_make(text->p + at, text->n - at);
		}
		n++;
	}
	return n;
}

/* Makes a record of the cells in the n bytes at the beginning of the view. False: they are none. */
static bool take_cells(struct reader *r, struct record *rec, struct err *err,
                       const struct cell *cells, size_t n_cells, size_t n, enum status *status)
{
	struct layer *l = top_layer(r), *above = layer_above(r);
	if (!above || !columns_are_record(cells, n_cells))
		return false;
	set_format(r, "columns");
	note_path(r, "columns");
	if (!columns_have_parameters(cells, n_cells))
		r->remark = no_parameters;
	const char *error = columns_record(cells, n_cells, &above->text);
	if (error) {
		*status = give_lost(r, rec, err, 0, "bad-row", error);
		stream_take(l->stream, n);
	} else {
		layer_enter(r, n, NULL, true);
		*status = STATUS_FILE;
	}
	return true;
}

bool take_columns(struct reader *r, struct record *rec, struct err *err, size_t n,
                  enum status *status)
{
	struct span object = span_sub(stream_view(top_layer(r)->stream), 0, n);
	struct cell cells[LIMIT_COLUMNS];
	struct buf *text = &r->csv.row.text;
	buf_reset(text);
	if (!buf_reserve(text, n))
		return false;
	size_t n_cells = object_cells(object, text, cells, 0);
	return take_cells(r, rec, err, cells, n_cells, n, status);
}

bool take_column_row(struct reader *r, struct record *rec, struct err *err, size_t n,
                     enum status *status)
{
	struct cell cells[LIMIT_COLUMNS];
	struct buf *text = &r->csv.row.text;
	struct scan j;
	struct span raw;
	size_t n_cells = 0;
	buf_reset(text);
	if (!buf_reserve(text, n))
		return false;
	scan_init(&j, span_sub(stream_view(top_layer(r)->stream), 0, n));
	scan_enter(&j, SCAN_ARRAY);
	while (scan_next_item(&j) && scan_take_raw(&j, &raw))
		n_cells = object_cells(raw, text, cells, n_cells);
	return !j.error && take_cells(r, rec, err, cells, n_cells, n, status);
}
