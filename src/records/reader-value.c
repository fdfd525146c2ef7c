/* reader-value.c - records: one value of JSON where records may lie: an object that is a record, an
 * envelope or neither; a string that holds a record; or what is left of one that is broken. */
#include "config.h"

#include "records/reader-internal.h"

#include "records/foreign.h"

enum status give_too_large(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = top_layer(r);
	enum status status =
	        give_lost(r, rec, err, 0, "too-large", "a record is larger than 16 MiB");
	lose(l, window(l).n);
	return status;
}

/* What was begun does not end inside the source, or is longer than a record may be. */
static enum status give_cut(struct reader *r, struct record *rec, struct err *err,
                            enum stream_more why)
{
	struct layer *l = top_layer(r);
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
		struct span view = stream_view(l->stream);
		size_t line = is_any_text(l) ? view.n : find_line(view, 1);
		stream_take(l->stream, line);
		l->value_next = line < view.n;
	}
	return status;
}

/* Most records end within this many bytes of their beginning. */
enum { USUAL_RECORD = 8192 };

static size_t usual_frame(struct span view)
{
	return scan_frame(span_sub(view, 0, USUAL_RECORD));
}

/* A long one is checked while it is passed: a broken one must not be passed to its
 * far end again and again for every beginning of a record inside it. */
size_t frame_value(struct reader *r, struct record *rec, struct err *err, enum status *status)
{
	struct layer *l = top_layer(r);
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

/* Drops the value at the beginning of the view and tells that it was one too many. */
enum status give_too_deep(struct reader *r, struct record *rec, struct err *err)
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
static bool enter_member(struct layer *l, const struct container_row *row, size_t at)
{
	unsigned before = l->n_frames;
	bool array = stream_view(l->stream).p[at] == '[';
	if (!push_frame(l, FRAME_OBJECT) || (array && !push_frame(l, FRAME_ARRAY))) {
		l->n_frames = before;
		return false;
	}
	l->frames[l->n_frames - 1].rows = row->rows;
	stream_take(l->stream, at + array);
	l->value_next = !array;
	return true;
}

/* The text inside the value of n bytes at the beginning of the view becomes the next layer. */
static enum status unwrap(struct reader *r, const struct wrapped *w, size_t n, struct record *rec,
                          struct err *err)
{
	struct layer *l = top_layer(r), *above = layer_above(r);
	char path[READER_PATH];
	enum status status = STATUS_FILE;
	if (!above)
		status = give_lost(r, rec, err, 0, "too-deep", "envelopes are nested too deep");
	else if (!wrapper_unwrap(w, &above->text))
		status = give_lost(r, rec, err, 0, "bad-envelope",
		                   "an envelope's text can't be decoded");
	if (status != STATUS_FILE) {
		stream_take(l->stream, n);
		return status;
	}
	note_path(r, wrapper_path(w->row, path, sizeof path));
	layer_enter(r, n, w->row->other, !w->row->deeper);
	return STATUS_FILE;
}

/* Nothing in the object of n bytes tells what it is. */
static enum status give_unknown(struct reader *r, struct record *rec, struct err *err, size_t n)
{
	struct layer *l = top_layer(r);
	enum status status;
	if (!l->closed && !l->line && !r->har && take_columns(r, rec, err, n, &status))
		return status;
	if (is_any_text(l)) {
		status = give_ignored(r, rec, l->other ? l->other : "log-line");
	} else {
		char text[200] = "an object is no CloudTrail record and no container known";
		const struct foreign *f = foreign_object(span_sub(stream_view(l->stream), 0, n));
		if (f)
			foreign_line(f, text, sizeof text);
		status = give_lost(r, rec, err, 0, "not-cloudtrail", text);
	}
	stream_take(l->stream, n);
	return status;
}

static enum status give_bad(struct reader *r, struct record *rec, struct err *err,
                            const struct finding *f)
{
	struct layer *l = top_layer(r);
	enum status status;
	if (is_any_text(l)) {
		/* "{pid 12} started": a log line that only begins like JSON. */
		status = give_ignored(r, rec, l->other ? l->other : "log-line");
		pass_any_text(l);
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

static const char ocsf_drops[] =
        "is OCSF, which drops session tags, source identities, TLS and what "
        "else CloudTrail says of a call";

/* The object at the beginning of the view. STATUS_FILE: nothing to give yet, go on. */
static enum status take_object(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = top_layer(r);
	enum finding_place place = r->har                 ? PLACE_HAR
	                           : l->closed || l->line ? PLACE_TEXT
	                                                  : PLACE_ANY;
	enum status status;
	struct finding f;
	for (;;) {
		f = find_verdict(window(l), place);
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
	/* "data": [...] is in many objects: what is found inside tells. */
	if (!f.row || f.row->act != ACT_ENTER || f.row->whole)
		set_format(r, f.row ? f.row->name : f.wrapped.row->name);
	if (f.verdict == VERDICT_WRAPPED)
		return unwrap(r, &f.wrapped, f.at, rec, err);
	if (f.row->act == ACT_ENTER)
		return enter_member(l, f.row, f.at) ? STATUS_FILE : give_too_deep(r, rec, err);
	if (r->leaves_open && f.row->act == ACT_RECORD && f.row->form == RECORD_CLOUDTRAIL)
		return give_open(r, rec, f.row->form);
	size_t n = frame_value(r, rec, err, &status);
	if (n == 0)
		return status;
	switch (f.row->act) {
	case ACT_RECORD:
		if (f.row->form == RECORD_OCSF)
			r->remark = ocsf_drops;
		return give_record(r, rec, n, f.row->form);
	case ACT_IGNORE:
		status = give_ignored(r, rec, f.row->name);
		stream_take(l->stream, n);
		return status;
	default: stream_take(l->stream, n); return STATUS_FILE;
	}
}

/* A string whose text is an object: the whole record as text, as "--query
 * 'Events[].CloudTrailEvent'" of the AWS CLI prints them. */
static const struct wrapper strings = {.path = "[]", .form = WRAPPED_TEXT, .name = "strings"};

static bool is_object_text(const struct layer *l, struct span value)
{
	return !l->closed && !l->line && value.n > 3 && value.p[0] == '"' && value.p[1] == '{';
}

/* A scalar where a record should be. */
static enum status take_scalar(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = top_layer(r);
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
	struct wrapped w = {&strings, span_sub(window(l), 0, at)};
	if (is_object_text(l, w.value)) {
		set_format(r, strings.name);
		return unwrap(r, &w, at, rec, err);
	}
	status = give_lost(r, rec, err, 0, "not-cloudtrail", "a value is no CloudTrail record");
	stream_take(l->stream, at);
	return status;
}

enum status take_value(struct reader *r, struct record *rec, struct err *err)
{
	struct layer *l = top_layer(r);
	char c = stream_view(l->stream).p[0];
	l->value_next = false;
	if (c == '{')
		return take_object(r, rec, err);
	if (is_any_text(l)) {
		/* "[INFO] got {...}" is no list. */
		enum status status = give_ignored(r, rec, l->other ? l->other : "log-line");
		pass_any_text(l);
		return status;
	}
	if (c != '[')
		return take_scalar(r, rec, err);
	if (l->n_frames && l->frames[l->n_frames - 1].rows) {
		enum status status;
		size_t n = frame_value(r, rec, err, &status);
		if (n == 0 || take_column_row(r, rec, err, n, &status))
			return status;
	}
	if (!push_frame(l, FRAME_ARRAY))
		return give_too_deep(r, rec, err);
	stream_take(l->stream, 1);
	return STATUS_FILE;
}
