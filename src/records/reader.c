/* reader.c - records: see reader.h. Goes through a source from value to value and line to line. */
#include "config.h"

#include "records/reader-internal.h"

#include "records/access-log.h"
#include "records/foreign.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

struct reader *reader_new(void)
{
	struct reader *r = xcalloc(1, sizeof *r);
	for (size_t i = 1; i < LIMIT_ENVELOPES; i++)
		buf_init(&r->layers[i].text, LIMIT_RECORD_BYTES);
	csv_init(&r->csv);
	return r;
}

void reader_free(struct reader *r)
{
	if (!r)
		return;
	for (size_t i = 1; i < LIMIT_ENVELOPES; i++) {
		stream_free(r->layers[i].stream);
		buf_release(&r->layers[i].text);
	}
	csv_release(&r->csv);
	free(r);
}

static void layer_begin(struct layer *l, const char *other, bool closed)
{
	l->n_frames = 0;
	l->value_next = l->line = l->seeking = l->junk = l->lines = l->below = false;
	l->started = l->marked = false;
	l->other = other;
	l->closed = closed;
}

struct layer *layer_above(struct reader *r)
{
	if (r->depth + 1 == LIMIT_ENVELOPES)
		return NULL;
	struct layer *above = &r->layers[r->depth + 1];
	buf_reset(&above->text);
	return above;
}

void layer_enter(struct reader *r, size_t n, const char *other, bool closed)
{
	struct layer *l = top_layer(r), *above = &r->layers[r->depth + 1];
	if (l->n_frames)
		l->frames[l->n_frames - 1].items++;
	stream_take(l->stream, n);
	if (!above->stream)
		above->stream = stream_new(NULL);
	stream_open_memory(above->stream, buf_span(&above->text));
	layer_begin(above, other, closed);
	r->depth++;
}

void reader_begin(struct reader *r, struct stream *s)
{
	r->layers[0].stream = s;
	layer_begin(&r->layers[0], NULL, false);
	r->depth = 0;
	r->ordinal = 0;
	r->given = 0;
	r->format = NULL;
	r->remark = NULL;
	r->path[0] = '\0';
	r->tabular = r->access_log = r->har = false;
	r->unclosed = r->told_damage = r->done = false;
}

const char *reader_format(const struct reader *r)
{
	return r->format ? r->format : "unknown";
}

const char *reader_remark(const struct reader *r)
{
	return r->remark;
}

const char *reader_path(const struct reader *r)
{
	return r->path;
}

bool reader_unclosed(const struct reader *r)
{
	return r->unclosed;
}

/* ---- what is handed out */

static void count(struct reader *r, struct record *rec)
{
	struct layer *l = top_layer(r);
	*rec = (struct record){.ordinal = ++r->ordinal};
	if (l->n_frames)
		l->frames[l->n_frames - 1].items++;
}

static void uncount(struct reader *r)
{
	struct layer *l = top_layer(r);
	r->ordinal--;
	if (l->n_frames)
		l->frames[l->n_frames - 1].items--;
}

enum status give_ignored(struct reader *r, struct record *rec, const char *kind)
{
	count(r, rec);
	rec->ignored = kind;
	return STATUS_OK;
}

/* at: bytes from the beginning of the view. */
enum status give_lost(struct reader *r, struct record *rec, struct err *err, size_t at,
                      const char *reason, const char *text)
{
	count(r, rec);
	err_at_record(err, rec->ordinal);
	if (r->depth == 0)
		err_at_offset(err, stream_offset(r->layers[0].stream) + at);
	return err_set(err, STATUS_SKIP, reason, "%s", text);
}

enum status give_record(struct reader *r, struct record *rec, size_t n, enum record_form form)
{
	count(r, rec);
	rec->text = span_sub(stream_view(r->layers[r->depth].stream), 0, n);
	rec->form = form;
	r->given = n;
	return STATUS_OK;
}

void reader_leave_open(struct reader *r)
{
	r->leaves_open = true;
}

enum status give_open(struct reader *r, struct record *rec, enum record_form form)
{
	count(r, rec);
	rec->text = window(top_layer(r));
	rec->form = form;
	rec->open = true;
	return STATUS_OK;
}

void reader_ends_at(struct reader *r, struct record *rec, size_t n)
{
	rec->text = span_sub(rec->text, 0, n);
	rec->open = false;
	r->given = n;
}

enum status reader_close(struct reader *r, struct record *rec, struct err *err)
{
	enum record_form form = rec->form;
	enum status status;
	uncount(r);
	size_t n = frame_value(r, rec, err, &status);
	return n ? give_record(r, rec, n, form) : status;
}

void note_path(struct reader *r, const char *path)
{
	if (r->ordinal > 0 || r->depth >= LIMIT_ENVELOPES)
		return;
	size_t n = strlen(r->path);
	snprintf(r->path + n, sizeof r->path - n, "%s%s", n ? " > " : "", path);
}

/* ---- getting on after damage */

/* Drops what is in view up to such a place. */
static void seek(struct layer *l)
{
	enum { LONGEST_KEY = 64 };
	enum stream_more more = STREAM_MORE;
	while (more != STREAM_END) {
		struct span view = stream_view(l->stream);
		size_t at = find_start(view, 0);
		if (at < view.n) {
			stream_take(l->stream, at);
			break;
		}
		/* A beginning may be cut by the end of the view. */
		size_t keep = view.n < LONGEST_KEY ? view.n : LONGEST_KEY;
		stream_take(l->stream, view.n - keep);
		more = stream_more(l->stream);
		if (more == STREAM_END)
			stream_take(l->stream, stream_view(l->stream).n);
	}
	l->seeking = false;
	l->value_next = stream_view(l->stream).n > 0;
}

void pass_any_text(struct layer *l)
{
	struct span view = stream_view(l->stream);
	ptrdiff_t end = l->line ? span_chr(view, '\n') : -1;
	stream_take(l->stream, end < 0 ? view.n : (size_t)end);
}

void lose(struct layer *l, size_t at)
{
	if (l->closed || l->line) {
		pass_any_text(l);
		return;
	}
	stream_take(l->stream, find_from(stream_view(l->stream), at));
	l->seeking = true;
}

void reader_reject(struct reader *r, size_t at)
{
	struct layer *l = top_layer(r);
	if (l->closed || l->line)
		return;
	struct span text = span_sub(stream_view(l->stream), 0, r->given);
	size_t start = find_start(text, find_from(text, at));
	r->given = start;
	if (start < text.n)
		l->value_next = true;
}

bool push_frame(struct layer *l, enum frame_kind kind)
{
	if (l->n_frames == LIMIT_FRAMES)
		return false;
	l->frames[l->n_frames++] = (struct frame){.kind = kind};
	return true;
}

static void pop_frame(struct layer *l)
{
	uint64_t items = l->frames[--l->n_frames].items;
	if (l->n_frames)
		l->frames[l->n_frames - 1].items += items;
}

/* ---- between values */

/* Past white space and commas; false at the end of the text. */
static bool to_next_byte(struct layer *l)
{
	for (;;) {
		struct span view = stream_view(l->stream);
		size_t n = 0;
		while (n < view.n && (view.p[n] == ' ' || view.p[n] == '\n' || view.p[n] == '\r' ||
		                      view.p[n] == '\t' || view.p[n] == ','))
			n++;
		stream_take(l->stream, n);
		if (n < view.n)
			return true;
		if (stream_more(l->stream) == STREAM_END)
			return false;
	}
}

static enum status close_frame(struct reader *r, struct record *rec)
{
	struct layer *l = top_layer(r);
	struct frame *f = &l->frames[l->n_frames - 1];
	bool empty = f->kind == FRAME_ARRAY && f->items == 0;
	enum status status = empty ? give_ignored(r, rec, "empty-records") : STATUS_FILE;
	pop_frame(l);
	return status;
}

static enum status in_array(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = top_layer(r);
	char c = stream_view(l->stream).p[0];
	if (c == ']') {
		stream_take(l->stream, 1);
		return close_frame(r, rec);
	}
	if (c == '}') {
		/* The array was not closed, but the object around it is. */
		r->unclosed = true;
		return close_frame(r, rec);
	}
	return take_value(r, rec, err);
}

/* Members that follow the one that was entered. */
static enum status in_object(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = top_layer(r);
	struct finding f;
	enum status status;
	for (;;) {
		f = find_verdict(window(l), PLACE_MIDDLE);
		if (f.verdict != VERDICT_CUT)
			break;
		enum stream_more more = window_more(l);
		if (more == STREAM_MORE)
			continue;
		if (more == STREAM_FULL)
			return give_too_large(r, rec, err);
		r->unclosed = true;
		stream_take(l->stream, stream_view(l->stream).n);
		return STATUS_FILE;
	}
	if (f.verdict == VERDICT_BAD) {
		status = give_lost(r, rec, err, f.at, "bad-json", f.error);
		lose(l, f.at);
		return status;
	}
	if (f.verdict == VERDICT_END) {
		stream_take(l->stream, f.at);
		pop_frame(l);
		return STATUS_FILE;
	}
	bool array = stream_view(l->stream).p[f.at] == '[';
	if (array && !push_frame(l, FRAME_ARRAY)) {
		stream_take(l->stream, f.at);
		return give_too_deep(r, rec, err);
	}
	stream_take(l->stream, f.at + array);
	l->value_next = !array;
	return STATUS_FILE;
}

/* Drops all that is left. */
static void pass_source(struct layer *l)
{
	do
		stream_take(l->stream, stream_view(l->stream).n);
	while (stream_more(l->stream) != STREAM_END);
}

size_t line_length(struct layer *l)
{
	size_t seen = 0;
	for (;;) {
		struct span view = window(l);
		ptrdiff_t at = span_chr(span_from(view, seen), '\n');
		if (at >= 0)
			return seen + (size_t)at;
		seen = view.n;
		if (window_more(l) != STREAM_MORE)
			return window(l).n;
	}
}

static enum status give_foreign(struct reader *r, struct record *rec, struct err *err,
                                const struct foreign *f)
{
	struct layer *l = top_layer(r);
	char text[200];
	enum status status =
	        give_lost(r, rec, err, 0, "unknown-format", foreign_line(f, text, sizeof text));
	pass_source(l);
	return status;
}

/* The source's first line may tell what all of it is: then *status says how to go on. */
static bool take_first_line(struct reader *r, struct record *rec, struct err *err, size_t n,
                            enum status *status)
{
	struct layer *l = top_layer(r);
	struct span view = stream_view(l->stream);
	if (container_own_database(view)) {
		*status = give_ignored(r, rec, "database");
		pass_source(l);
		return true;
	}
	enum csv_heading heading = begin_csv(r, n);
	r->access_log = access_line_begins(span_sub(view, 0, n));
	if (heading == HEADING_KNOWN || r->access_log) {
		*status = STATUS_FILE;
		return true;
	}
	static const struct foreign csv = {
	        "CSV", "none of its columns holds a record, and they make none", false};
	const struct foreign *f = foreign_text(view);
	if (!f && heading == HEADING_UNKNOWN)
		f = &csv;
	if (f)
		*status = give_foreign(r, rec, err, f);
	return f != NULL;
}

/* A line behind a stamp. */
static enum status take_message(struct reader *r, struct record *rec, struct span line, size_t at)
{
	struct layer *l = top_layer(r);
	enum status status = STATUS_FILE;
	size_t n = line.n;
	l->lines = true;
	l->junk = false;
	if (at < n && line.p[at] == '{') {
		l->line = l->value_next = true;
		n = at;
	} else if (at == n) {
		/* "aws logs tail --format json" prints a message that is JSON on lines of its own.
		 */
		l->below = true;
	} else {
		status = give_ignored(r, rec, "log-line");
	}
	stream_take(l->stream, n);
	return status;
}

/* Text that is no JSON. */
static enum status take_line(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = top_layer(r);
	size_t n = l->other ? stream_view(l->stream).n : line_length(l), at = 0;
	struct span line = span_sub(stream_view(l->stream), 0, n);
	const char *name = NULL;
	enum status status = STATUS_FILE;
	if (l->other) {
		bool control = span_starts(line, SPAN_LIT("CWL CONTROL MESSAGE"));
		status = give_ignored(r, rec, control ? "control-message" : l->other);
		stream_take(l->stream, n);
		return status;
	}
	if (r->depth == 0 && !l->started && take_first_line(r, rec, err, n, &status))
		return status;
	enum line_kind kind = container_line(line, &at, &name);
	if (kind != LINE_UNKNOWN)
		set_format(r, name);
	if (kind == LINE_MESSAGE)
		return take_message(r, rec, line, at);
	if (kind == LINE_IGNORE) {
		status = give_ignored(r, rec, name);
	} else if (l->lines) {
		status = give_ignored(r, rec, "log-line"); /* a message of several lines */
	} else if (!l->junk) {
		l->junk = true;
		status = give_lost(r, rec, err, 0, "unknown-format", "text that is no log known");
	}
	stream_take(l->stream, n);
	return status;
}

/* A string is one only where it may hold a record; else it is text, as '"a","b"' in a file of
 * columns. */
static bool begins_value(const struct layer *l, struct span view)
{
	if (l->lines)
		return l->below && view.p[0] == '{';
	return view.p[0] == '{' || view.p[0] == '[' ||
	       (view.n > 1 && view.p[0] == '"' && view.p[1] == '{' && !l->closed);
}

/* Enters the log of an HTTP archive, if the source begins as one. */
static bool begin_har(struct reader *r)
{
	enum { LONGEST_BEGINNING = 256 };
	struct layer *l = top_layer(r);
	size_t at;
	while (stream_view(l->stream).n < LONGEST_BEGINNING &&
	       stream_more(l->stream) == STREAM_MORE)
		continue;
	if (!container_har_begins(stream_view(l->stream), &at) || !push_frame(l, FRAME_OBJECT))
		return false;
	r->har = true;
	set_format(r, "har");
	note_path(r, "log.entries");
	stream_take(l->stream, at);
	l->value_next = l->started = true;
	return true;
}

static enum status at_top(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = top_layer(r);
	struct span view = stream_view(l->stream);
	if (!l->started && !l->marked) {
		l->marked = true;
		while (view.n < 3 && stream_more(l->stream) == STREAM_MORE)
			view = stream_view(l->stream);
		if (span_starts(view, SPAN_LIT("\xef\xbb\xbf"))) {
			stream_take(l->stream, 3);
			return STATUS_FILE;
		}
	}
	if (!l->started && r->depth == 0 && view.p[0] == '{' && begin_har(r))
		return STATUS_FILE;
	view = stream_view(l->stream);
	while (view.p[0] == '"' && view.n < 2 && stream_more(l->stream) == STREAM_MORE)
		view = stream_view(l->stream);
	enum status status;
	bool value = begins_value(l, view);
	l->line |= value && l->below;
	l->below = false;
	if (value) {
		l->junk = false;
		status = take_value(r, rec, err);
	} else {
		status = take_line(r, rec, err);
	}
	l->started = true;
	return status;
}

/* The layer's text has ended. STATUS_FILE: go on below. */
static enum status at_end(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = top_layer(r);
	bool empty_array = false;
	for (; l->n_frames; pop_frame(l)) {
		struct frame *f = &l->frames[l->n_frames - 1];
		empty_array |= f->kind == FRAME_ARRAY && f->items == 0;
		r->unclosed = true;
	}
	if (r->depth) {
		stream_close(l->stream);
		r->depth--;
		return STATUS_FILE;
	}
	const struct err *damage = stream_damage(l->stream);
	if (damage && !r->told_damage) {
		r->told_damage = true;
		return give_lost(r, rec, err, 0, damage->reason, damage->text);
	}
	if (empty_array)
		return give_lost(r, rec, err, 0, "truncated",
		                 "the text ends before the first record");
	if (r->ordinal == 0 && !l->started)
		return give_ignored(r, rec, "empty-file");
	return STATUS_END;
}

enum status reader_next(struct reader *r, struct record *rec, struct err *err)
{
	for (;;) {
		struct layer *l = top_layer(r);
		enum status status;
		if (r->given) {
			stream_take(l->stream, r->given);
			r->given = 0;
		}
		if (l->seeking)
			seek(l);
		if (l->line && !l->value_next && l->n_frames == 0)
			l->line = false;
		/* Commas in an entered object are find_verdict()'s to check. */
		bool inside = l->n_frames && l->frames[l->n_frames - 1].kind == FRAME_OBJECT &&
		              !l->value_next;
		bool rows = (r->tabular || r->access_log) &&
		            r->depth == 0; /* whose white space counts */
		bool more = inside || rows ? stream_view(l->stream).n ||
		                                     stream_more(l->stream) == STREAM_MORE
		                           : to_next_byte(l);
		if (!more)
			status = at_end(r, rec, err);
		else if (inside)
			status = in_object(r, rec, err);
		else if (rows)
			status = r->tabular ? take_row(r, rec, err) : take_access_line(r, rec, err);
		else if (l->value_next)
			status = take_value(r, rec, err);
		else if (l->n_frames)
			status = in_array(r, rec, err);
		else
			status = at_top(r, rec, err);
		if (status != STATUS_FILE)
			return status;
	}
}
