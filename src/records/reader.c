/* reader.c - records: see reader.h. A layer is a text being read: the source itself, and on top of
 * it the texts that were found inside strings. In each, frames tell which arrays and objects around
 * records were entered; everything smaller than those is looked at as a whole, in view. */
#include "config.h"

#include "records/reader.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "records/finding.h"

#include <stdlib.h>

enum frame_kind { FRAME_OBJECT, FRAME_ARRAY };

struct frame {
	enum frame_kind kind;
	uint64_t items; /* counted in it */
};

struct layer {
	struct stream *stream;
	struct buf text; /* what stream reads, of layers above the first */
	struct frame frames[LIMIT_FRAMES];
	unsigned n_frames;
	bool value_next; /* a value comes, though the top frame is an object */
	bool message;    /* what is no record is a log line */
	bool line;       /* the value that comes follows a stamp: the same, until its line ends */
	bool seeking;    /* something was lost: look for the next beginning of a record */
	bool junk;  /* lines that are no log were met and counted; more of them count for nothing */
	bool lines; /* lines with stamps were met */
	bool started;
};

struct reader {
	struct layer layers[LIMIT_ENVELOPES];
	unsigned depth; /* of the layer being read */
	uint64_t ordinal;
	size_t given; /* bytes of the view that the last record takes */
	const char *format;
	bool unclosed, told_damage, done;
};

struct reader *reader_new(void)
{
	struct reader *r = xcalloc(1, sizeof *r);
	for (size_t i = 1; i < LIMIT_ENVELOPES; i++)
		buf_init(&r->layers[i].text, LIMIT_RECORD_BYTES);
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
	free(r);
}

static void layer_begin(struct layer *l, bool message)
{
	l->n_frames = 0;
	l->value_next = l->line = l->seeking = l->junk = l->lines = l->started = false;
	l->message = message;
}

void reader_begin(struct reader *r, struct stream *s)
{
	r->layers[0].stream = s;
	layer_begin(&r->layers[0], false);
	r->depth = 0;
	r->ordinal = 0;
	r->given = 0;
	r->format = NULL;
	r->unclosed = r->told_damage = r->done = false;
}

const char *reader_format(const struct reader *r)
{
	return r->format ? r->format : "unknown";
}

bool reader_unclosed(const struct reader *r)
{
	return r->unclosed;
}

/* ---- what is looked at */

/* What is looked at as one thing. A view may hold more, depending on the container and on where its
 * chunks end; a verdict must not. */
static struct span window(const struct layer *l)
{
	return span_sub(stream_view(l->stream), 0, LIMIT_RECORD_BYTES);
}

/* Makes the window larger. STREAM_FULL: it is as large as a record may be, and more follows. */
static enum stream_more window_more(struct layer *l)
{
	return stream_view(l->stream).n > LIMIT_RECORD_BYTES ? STREAM_FULL : stream_more(l->stream);
}

/* ---- what is handed out */

static void count(struct reader *r, struct record *rec)
{
	struct layer *l = &r->layers[r->depth];
	*rec = (struct record){.ordinal = ++r->ordinal};
	if (l->n_frames)
		l->frames[l->n_frames - 1].items++;
}

static enum status give_ignored(struct reader *r, struct record *rec, const char *kind)
{
	count(r, rec);
	rec->ignored = kind;
	return STATUS_OK;
}

/* at: bytes from the beginning of the view. */
static enum status give_lost(struct reader *r, struct record *rec, struct err *err, size_t at,
                             const char *reason, const char *text)
{
	count(r, rec);
	err_at_record(err, rec->ordinal);
	if (r->depth == 0)
		err_at_offset(err, stream_offset(r->layers[0].stream) + at);
	return err_set(err, STATUS_SKIP, reason, "%s", text);
}

static enum status give_record(struct reader *r, struct record *rec, size_t n,
                               enum record_form form)
{
	count(r, rec);
	rec->text = span_sub(stream_view(r->layers[r->depth].stream), 0, n);
	rec->form = form;
	r->given = n;
	return STATUS_OK;
}

static void set_format(struct reader *r, const char *name)
{
	if (!r->format)
		r->format = name;
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

/* The text is wrong at byte at of the view. */
static void lose(struct layer *l, size_t at)
{
	stream_take(l->stream, find_from(stream_view(l->stream), at));
	l->seeking = true;
}

void reader_reject(struct reader *r, size_t at)
{
	struct layer *l = &r->layers[r->depth];
	struct span text = span_sub(stream_view(l->stream), 0, r->given);
	size_t start = find_start(text, find_from(text, at));
	r->given = start;
	if (start < text.n)
		l->value_next = true;
}

/* ---- values */

static enum status give_too_large(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = &r->layers[r->depth];
	enum status status =
	        give_lost(r, rec, err, 0, "too-large", "a record is larger than 16 MiB");
	lose(l, window(l).n);
	return status;
}

/* What was begun does not end inside the source, or is longer than a record may be. */
static enum status give_cut(struct reader *r, struct record *rec, struct err *err,
                            enum stream_more why)
{
	struct layer *l = &r->layers[r->depth];
	const struct err *damage = r->depth == 0 ? stream_damage(l->stream) : NULL;
	struct scan j;
	enum status status;
	scan_init(&j, window(l));
	scan_skip(&j);
	size_t at = (size_t)(j.at - j.start);
	if (j.error && !j.cut) {
		bool deep = strcmp(j.error, "nested too deep") == 0;
		status = give_lost(r, rec, err, at, deep ? "too-deep" : "bad-json", j.error);
		lose(l, at);
	} else if (why == STREAM_FULL) {
		status = give_too_large(r, rec, err);
	} else {
		status = give_lost(r, rec, err, at, damage ? damage->reason : "truncated",
		                   damage ? damage->text : "the text ends inside a record");
		r->told_damage |= damage != NULL;
		stream_take(l->stream, stream_view(l->stream).n);
	}
	return status;
}

/* Most records end within this many bytes of their beginning. */
enum { USUAL_RECORD = 8192 };

static size_t usual_frame(struct span view)
{
	return scan_frame(span_sub(view, 0, USUAL_RECORD));
}

/* The end of the object or array at the beginning of the view, which is brought into view; 0 after
 * *status was set. A long one is checked while it is passed: a broken one must not be passed to its
 * far end again and again for every beginning of a record inside it. */
static size_t frame_value(struct reader *r, struct record *rec, struct err *err,
                          enum status *status)
{
	struct layer *l = &r->layers[r->depth];
	for (;;) {
		struct span view = window(l);
		size_t n = usual_frame(view);
		if (n)
			return n;
		struct scan j;
		scan_init(&j, view);
		if (scan_skip(&j))
			return (size_t)(j.at - j.start);
		enum stream_more more = j.cut ? window_more(l) : STREAM_END;
		if (more != STREAM_MORE) {
			*status = give_cut(r, rec, err, more);
			return 0;
		}
	}
}

static bool push_frame(struct layer *l, enum frame_kind kind)
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

/* Drops the value at the beginning of the view and tells that it was one too many. */
static enum status give_too_deep(struct reader *r, struct record *rec, struct err *err)
{
	enum status status;
	size_t n = frame_value(r, rec, err, &status);
	if (n == 0)
		return status;
	status = give_lost(r, rec, err, 0, "too-deep", "records are wrapped too deep");
	stream_take(r->layers[r->depth].stream, n);
	return status;
}

/* Into the member of an object whose value begins at byte at of the view. */
static bool enter_member(struct layer *l, size_t at)
{
	unsigned before = l->n_frames;
	bool array = stream_view(l->stream).p[at] == '[';
	if (!push_frame(l, FRAME_OBJECT) || (array && !push_frame(l, FRAME_ARRAY))) {
		l->n_frames = before;
		return false;
	}
	stream_take(l->stream, at + array);
	l->value_next = !array;
	return true;
}

/* A text inside the object of n bytes at the beginning of the view becomes the next layer.
 * STATUS_SKIP without rec being set: nothing to give, go on. */
static enum status unwrap(struct reader *r, const struct finding *f, size_t n, struct record *rec,
                          struct err *err)
{
	struct layer *l = &r->layers[r->depth];
	struct span object = span_sub(stream_view(l->stream), 0, n);
	enum status status;
	if (r->depth + 1 == LIMIT_ENVELOPES) {
		status = give_lost(r, rec, err, 0, "too-deep", "envelopes are nested too deep");
		stream_take(l->stream, n);
		return status;
	}
	struct scan j;
	scan_init(&j, object);
	if (!scan_skip(&j)) {
		size_t at = (size_t)(j.at - j.start);
		status = give_lost(r, rec, err, at, "bad-json", j.error);
		r->given = n;
		reader_reject(r, at);
		return status;
	}
	struct layer *above = &r->layers[r->depth + 1];
	buf_reset(&above->text);
	if (!f->row->unwrap(object, f->value, &above->text)) {
		status = give_lost(r, rec, err, 0, "bad-envelope",
		                   "an envelope's text can't be decoded");
		stream_take(l->stream, n);
		return status;
	}
	if (l->n_frames)
		l->frames[l->n_frames - 1].items++;
	stream_take(l->stream, n);
	if (!above->stream)
		above->stream = stream_new(NULL);
	stream_open_memory(above->stream, buf_span(&above->text));
	layer_begin(above, f->row->message);
	r->depth++;
	return STATUS_FILE;
}

/* Nothing in the object tells what it is. */
static enum status give_unknown(struct reader *r, struct record *rec, struct err *err, size_t n)
{
	struct layer *l = &r->layers[r->depth];
	enum status status =
	        l->message || l->line
	                ? give_ignored(r, rec, "log-line")
	                : give_lost(r, rec, err, 0, "not-cloudtrail",
	                            "an object is no CloudTrail record and no container known");
	stream_take(l->stream, n);
	return status;
}

static enum status give_bad(struct reader *r, struct record *rec, struct err *err,
                            const struct finding *f)
{
	struct layer *l = &r->layers[r->depth];
	enum status status;
	if (l->message || l->line) {
		/* "{pid 12} started": a log line that only begins like JSON. */
		status = give_ignored(r, rec, "log-line");
		struct span view = stream_view(l->stream);
		ptrdiff_t end = l->message ? -1 : span_chr(view, '\n');
		stream_take(l->stream, end < 0 ? view.n : (size_t)end);
		return status;
	}
	bool deep = strcmp(f->error, "nested too deep") == 0;
	size_t n = usual_frame(stream_view(l->stream));
	status = give_lost(r, rec, err, f->at, deep ? "too-deep" : "bad-json", f->error);
	if (n && n > f->at) {
		r->given = n;
		reader_reject(r, f->at);
	} else {
		lose(l, f->at);
	}
	return status;
}

/* The object at the beginning of the view. STATUS_FILE: nothing to give yet, go on. */
static enum status take_object(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = &r->layers[r->depth];
	enum status status;
	struct finding f;
	for (;;) {
		f = find_verdict(window(l), false);
		if (f.verdict != VERDICT_CUT)
			break;
		enum stream_more more = window_more(l);
		if (more != STREAM_MORE)
			return give_cut(r, rec, err, more);
	}
	if (f.verdict == VERDICT_BAD)
		return give_bad(r, rec, err, &f);
	if (f.verdict == VERDICT_END)
		return give_unknown(r, rec, err, f.at);
	if (f.row)
		set_format(r, f.row->name);
	if (f.verdict == VERDICT_INSIDE || f.row->act == ACT_ENTER)
		return enter_member(l, f.at) ? STATUS_FILE : give_too_deep(r, rec, err);
	size_t n = frame_value(r, rec, err, &status);
	if (n == 0)
		return status;
	/* The view may have moved while the end came into it. */
	if (f.value.p)
		f.value.p = stream_view(l->stream).p + f.at;
	switch (f.row->act) {
	case ACT_RECORD: return give_record(r, rec, n, f.row->form);
	case ACT_UNWRAP: return unwrap(r, &f, n, rec, err);
	case ACT_IGNORE:
		status = give_ignored(r, rec, f.row->name);
		stream_take(l->stream, n);
		return status;
	default: stream_take(l->stream, n); return STATUS_FILE;
	}
}

/* A scalar where a record should be. */
static enum status take_scalar(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = &r->layers[r->depth];
	struct scan j;
	enum status status;
	for (;;) {
		scan_init(&j, window(l));
		scan_skip(&j);
		bool open_end = j.cut || (!j.error && j.at == j.end);
		if (!open_end)
			break;
		enum stream_more more = window_more(l);
		if (more != STREAM_MORE && j.cut)
			return give_cut(r, rec, err, more);
		if (more != STREAM_MORE)
			break;
	}
	size_t at = (size_t)(j.at - j.start);
	if (j.error) {
		status = give_lost(r, rec, err, at, "bad-json", j.error);
		lose(l, at);
		return status;
	}
	status = give_lost(r, rec, err, 0, "not-cloudtrail", "a value is no CloudTrail record");
	stream_take(l->stream, at);
	return status;
}

static enum status take_value(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = &r->layers[r->depth];
	char c = stream_view(l->stream).p[0];
	l->value_next = false;
	if (c == '{')
		return take_object(r, rec, err);
	if (c != '[')
		return take_scalar(r, rec, err);
	if (!push_frame(l, FRAME_ARRAY))
		return give_too_deep(r, rec, err);
	stream_take(l->stream, 1);
	return STATUS_FILE;
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
	struct layer *l = &r->layers[r->depth];
	struct frame *f = &l->frames[l->n_frames - 1];
	bool empty = f->kind == FRAME_ARRAY && f->items == 0;
	enum status status = empty ? give_ignored(r, rec, "empty-records") : STATUS_FILE;
	pop_frame(l);
	return status;
}

static enum status in_array(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = &r->layers[r->depth];
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
	struct layer *l = &r->layers[r->depth];
	struct finding f;
	enum status status;
	for (;;) {
		f = find_verdict(window(l), true);
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

/* The length of the line at the beginning of the view, without its end. A line that is longer than
 * a record may be is cut. */
static size_t line_length(struct layer *l)
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

/* Text that is no JSON. */
static enum status take_line(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = &r->layers[r->depth];
	size_t n = l->message ? stream_view(l->stream).n : line_length(l), at = 0;
	struct span line = span_sub(stream_view(l->stream), 0, n);
	const char *name = NULL;
	enum status status = STATUS_FILE;
	enum line_kind kind = container_line(line, !l->started, &at, &name);
	if (l->message) {
		bool control = span_starts(line, SPAN_LIT("CWL CONTROL MESSAGE"));
		status = give_ignored(r, rec, control ? "control-message" : "log-line");
		stream_take(l->stream, n);
		return status;
	}
	if (kind == LINE_MESSAGE) {
		set_format(r, name);
		l->lines = true;
		l->junk = false;
		if (at < n && line.p[at] == '{') {
			l->line = l->value_next = true;
			stream_take(l->stream, at);
			return STATUS_FILE;
		}
		status = give_ignored(r, rec, "log-line");
	} else if (kind == LINE_IGNORE || kind == LINE_STOP) {
		set_format(r, name);
		status = give_ignored(r, rec, name);
	} else if (l->lines) {
		status = give_ignored(r, rec, "log-line"); /* a message of several lines */
	} else if (!l->junk) {
		l->junk = true;
		status = give_lost(r, rec, err, 0, "unknown-format", "text that is no log known");
	}
	stream_take(l->stream, n);
	if (kind == LINE_STOP)
		do
			stream_take(l->stream, stream_view(l->stream).n);
		while (stream_more(l->stream) != STREAM_END);
	return status;
}

static enum status at_top(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = &r->layers[r->depth];
	struct span view = stream_view(l->stream);
	if (!l->started) {
		while (view.n < 3 && stream_more(l->stream) == STREAM_MORE)
			view = stream_view(l->stream);
		if (span_starts(view, SPAN_LIT("\xef\xbb\xbf"))) {
			stream_take(l->stream, 3);
			l->started = true;
			return STATUS_FILE;
		}
	}
	char c = view.p[0];
	enum status status;
	if (c == '{' || c == '[') {
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
	struct layer *l = &r->layers[r->depth];
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
		struct layer *l = &r->layers[r->depth];
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
		bool more =
		        inside ? stream_view(l->stream).n || stream_more(l->stream) == STREAM_MORE
		               : to_next_byte(l);
		if (!more)
			status = at_end(r, rec, err);
		else if (inside)
			status = in_object(r, rec, err);
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
