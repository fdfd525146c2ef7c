/* reader-internal.h - records: what the files of the reader share. A layer is a text being read:
 * the source itself, and on top of it the texts that were found inside strings. In each, frames
 * tell which arrays and objects around records were entered; everything smaller than those is
 * looked at as a whole, in view. */
#ifndef RECORDS_READER_INTERNAL_H
#define RECORDS_READER_INTERNAL_H

#include "base/buf.h"
#include "base/limits.h"
#include "records/csv.h"
#include "records/finding.h"
#include "records/reader.h"

enum frame_kind { FRAME_OBJECT, FRAME_ARRAY };

struct frame {
	enum frame_kind kind;
	uint64_t items; /* counted in it */
	bool rows;      /* of an array: its arrays are rows of one object a column */
};

struct layer {
	struct stream *stream;
	struct buf text; /* what stream reads, of layers above the first */
	struct frame frames[LIMIT_FRAMES];
	unsigned n_frames;
	bool value_next;   /* a value comes, though the top frame is an object */
	const char *other; /* what is no record counts as, ignored; NULL: it is lost */
	bool closed;       /* a record lies here, or none; it is no envelope */
	bool line;         /* the value that comes follows a stamp: the same, until its line ends */
	bool seeking;      /* something was lost: look for the next beginning of a record */
	bool junk;  /* lines that are no log were met and counted; more of them count for nothing */
	bool lines; /* lines with stamps were met: what has none goes on with the message before */
	bool below; /* such a line had no message: it may follow on the next */
	bool marked; /* a byte order mark was looked for */
	bool started;
};

struct reader {
	struct layer layers[LIMIT_ENVELOPES];
	unsigned depth; /* of the layer being read */
	uint64_t ordinal;
	size_t given; /* bytes of the view that the last record takes */
	const char *format;
	char path[READER_PATH]; /* of wrappers, the first time */
	const char *remark;
	struct csv csv;  /* of the source, with tabular */
	bool tabular;    /* the source is a file of columns; its heading was read */
	bool har;        /* the source is an HTTP archive */
	bool access_log; /* every line of the source is one of an S3 server access log */
	bool unclosed, told_damage, done;
	bool leaves_open; /* for good */
};

static inline struct layer *top_layer(struct reader *r)
{
	return &r->layers[r->depth];
}

/* What is looked at as one thing. A view may hold more, depending on the container and on where its
 * chunks end; a verdict must not. */
static inline struct span window(const struct layer *l)
{
	return span_sub(stream_view(l->stream), 0, LIMIT_RECORD_BYTES);
}

/* Makes the window larger. STREAM_FULL: it is as large as a record may be, and more follows. */
static inline enum stream_more window_more(struct layer *l)
{
	return stream_view(l->stream).n > LIMIT_RECORD_BYTES ? STREAM_FULL : stream_more(l->stream);
}

static inline void set_format(struct reader *r, const char *name)
{
	if (!r->format)
		r->format = name;
}

/* A text that may hold anything: what is no record in it is no loss, and nothing in it is looked
 * for. */
static inline bool is_any_text(const struct layer *l)
{
	return l->other || l->line;
}

/* ---- reader.c */

enum status give_ignored(struct reader *r, struct record *rec, const char *kind);
/* at: bytes from the beginning of the view. */
enum status give_lost(struct reader *r, struct record *rec, struct err *err, size_t at,
                      const char *reason, const char *text);
enum status give_open(struct reader *r, struct record *rec, enum record_form form);
enum status give_record(struct reader *r, struct record *rec, size_t n, enum record_form form);
/* The text is wrong at byte at of the view: on to the next beginning of a record. */
void lose(struct layer *l, size_t at);
/* The length of the line at the beginning of the view, without its end. A line that is longer than
 * a record may be is cut. */
size_t line_length(struct layer *l);
/* Drops what is left of a text that may be any log line. */
void pass_any_text(struct layer *l);
bool push_frame(struct layer *l, enum frame_kind kind);
/* The next layer, empty, for a text to be put into its buffer; NULL: there are too many. */
struct layer *layer_above(struct reader *r);
/* The text was put there, for n bytes of the view below: it is read next. */
void layer_enter(struct reader *r, size_t n, const char *other, bool closed);

/* Notes the members under which the source's records lie, outermost first, the first time. */
void note_path(struct reader *r, const char *path);

/* ---- reader-csv.c */

/* Whether the source's first line, of n bytes at the beginning of the view, is a heading of
 * columns. It is dropped if they are known. */
enum csv_heading begin_csv(struct reader *r, size_t n);
/* The row at the beginning of the view. */
enum status take_row(struct reader *r, struct record *rec, struct err *err);
/* The line at the beginning of the view, in an S3 server access log. */
enum status take_access_line(struct reader *r, struct record *rec, struct err *err);
/* An object of n bytes whose members are those of a record, spelt anew. False: it is none. */
bool take_columns(struct reader *r, struct record *rec, struct err *err, size_t n,
                  enum status *status);

/* The array at the beginning of the view, of n bytes, if it is a row of columns. False: it is none.
 */
bool take_column_row(struct reader *r, struct record *rec, struct err *err, size_t n,
                     enum status *status);

/* ---- reader-value.c: the value at the beginning of the view. STATUS_FILE: nothing to give yet, go
 * on.
 */

enum status take_value(struct reader *r, struct record *rec, struct err *err);
/* The end of the object or array at the beginning of the view, which is brought into view; 0 after
 * *status was set. */
size_t frame_value(struct reader *r, struct record *rec, struct err *err, enum status *status);
enum status give_too_large(struct reader *r, struct record *rec, struct err *err);
enum status give_too_deep(struct reader *r, struct record *rec, struct err *err);

#endif
