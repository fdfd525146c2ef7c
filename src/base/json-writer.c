/* json-writer.c - base: see json-writer.h. */
#include "config.h"

#include "base/json-writer.h"

#include "base/alloc.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

/* A level's byte: its layout and */
enum { LAYOUT_BITS = 0x0f, IN_OBJECT = 0x10, HAS_ITEMS = 0x20 };

/* What is held back of a file, and the longest single text in it (LIMIT_RECORD_BYTES escaped). */
enum { HELD_BYTES = 65536, HELD_CEILING = 128 << 20 };

static void start(struct json_writer *w, enum json_layout layout)
{
	w->failed = w->after_key = false;
	w->indent = w->depth = 0;
	w->level[0] = (unsigned char)layout;
}

void json_to_buf(struct json_writer *w, struct buf *out, enum json_layout layout)
{
	start(w, layout);
	w->out = out;
	w->file = NULL;
}

void json_to_file(struct json_writer *w, FILE *file, enum json_layout layout)
{
	start(w, layout);
	w->out = NULL;
	w->file = file;
	buf_init(&w->held, HELD_CEILING);
}

static struct buf *target(struct json_writer *w)
{
	return w->out ? w->out : &w->held;
}

/* Keeps track of what an addition to the target said. */
static void added(struct json_writer *w, bool ok)
{
	w->failed |= !ok;
}

static void hand_over(struct json_writer *w)
{
	if (!w->failed && w->held.n)
		added(w, fwrite(w->held.p, 1, w->held.n, w->file) == w->held.n);
	buf_reset(&w->held);
}

static enum json_layout layout_of(const struct json_writer *w)
{
	return (enum json_layout)(w->level[w->depth] & LAYOUT_BITS);
}

static void put_line_start(struct json_writer *w)
{
	struct buf *b = target(w);
	added(w, buf_add_char(b, '\n'));
	for (unsigned i = 0; i < w->indent && layout_of(w) == LAYOUT_INDENT; i++)
		added(w, buf_add_str(b, "  "));
}

/* The comma and white space before an item of the level that is open. */
static void begin_item(struct json_writer *w)
{
	unsigned char *level = &w->level[w->depth];
	bool first = !(*level & HAS_ITEMS);
	if (w->depth == 0) {
		assert(first); /* one value a text */
		*level |= HAS_ITEMS;
		return;
	}
	*level |= HAS_ITEMS;
	if (!first)
		added(w, buf_add_char(target(w), ','));
	switch (layout_of(w)) {
	case LAYOUT_COMPACT: break;
	case LAYOUT_LINE:
		if (!first)
			added(w, buf_add_char(target(w), ' '));
		break;
	case LAYOUT_INDENT:
	case LAYOUT_ROWS: put_line_start(w); break;
	}
}

/* Before each value; false if nothing is written any more. */
static bool begin_value(struct json_writer *w)
{
	if (w->failed)
		return false;
	assert(!(w->level[w->depth] & IN_OBJECT) || w->after_key);
	if (!w->after_key)
		begin_item(w);
	w->after_key = false;
	return !w->failed;
}

static void end_value(struct json_writer *w)
{
	if (w->file && w->held.n >= HELD_BYTES)
		hand_over(w);
}

static void begin_level(struct json_writer *w, char bracket, unsigned flags,
                        enum json_layout layout)
{
	if (!begin_value(w))
		return;
	if (w->depth == JSON_WRITER_DEPTH) {
		w->failed = true;
		return;
	}
	added(w, buf_add_char(target(w), bracket));
	w->level[++w->depth] = (unsigned char)(flags | layout);
	w->indent += layout == LAYOUT_INDENT;
}

/* What a level inside the open one looks like. */
static enum json_layout inherited(const struct json_writer *w)
{
	return layout_of(w) == LAYOUT_ROWS && w->depth ? LAYOUT_COMPACT : layout_of(w);
}

static void end_level(struct json_writer *w, char bracket, unsigned flags)
{
	if (w->failed)
		return;
	assert(w->depth && (w->level[w->depth] & IN_OBJECT) == flags && !w->after_key);
	enum json_layout layout = layout_of(w);
	bool lines = layout == LAYOUT_INDENT || layout == LAYOUT_ROWS;
	w->indent -= layout == LAYOUT_INDENT;
	if (lines && (w->level[w->depth] & HAS_ITEMS))
		put_line_start(w);
	added(w, buf_add_char(target(w), bracket));
	w->depth--;
	end_value(w);
}

void json_begin_object_as(struct json_writer *w, enum json_layout layout)
{
	begin_level(w, '{', IN_OBJECT, layout);
}

void json_begin_array_as(struct json_writer *w, enum json_layout layout)
{
	begin_level(w, '[', 0, layout);
}

void json_begin_object(struct json_writer *w)
{
	json_begin_object_as(w, inherited(w));
}

void json_begin_array(struct json_writer *w)
{
	json_begin_array_as(w, inherited(w));
}

void json_end_object(struct json_writer *w)
{
	end_level(w, '}', IN_OBJECT);
}

void json_end_array(struct json_writer *w)
{
	end_level(w, ']', 0);
}

void json_key_span(struct json_writer *w, struct span name)
{
	if (w->failed)
		return;
	assert((w->level[w->depth] & IN_OBJECT) && !w->after_key);
	begin_item(w);
	added(w, buf_add_json(target(w), name));
	bool compact = layout_of(w) == LAYOUT_COMPACT || layout_of(w) == LAYOUT_ROWS;
	added(w, buf_add_str(target(w), compact ? ":" : ": "));
	w->after_key = true;
}

void json_key(struct json_writer *w, const char *name)
{
	json_key_span(w, span_of(name));
}

/* JSON as it is, but that what cannot be seen is escaped: it can only stand inside of texts. */
static bool add_raw(struct buf *b, struct span s)
{
	char out[JSON_ESCAPE_SIZE];
	bool fits = true;
	size_t from = 0;
	for (size_t i = 0, n; fits && i < s.n; i += n) {
		uint32_t c = (unsigned char)s.p[i];
		n = c < 0x7f ? 1 : utf8_take(span_from(s, i), &c);
		if (n == 0 || (c < 0x7f ? c >= ' ' || c == '\n' || c == '\r' || c == '\t'
		                        : utf8_visible(c))) {
			n += n == 0;
			continue;
		}
		json_escape(span_from(s, i), out);
		fits = buf_add_span(b, span_sub(s, from, i - from)) && buf_add_str(b, out);
		from = i + n;
	}
	return fits && buf_add_span(b, span_from(s, from));
}

void json_put_raw(struct json_writer *w, struct span s)
{
	if (!begin_value(w))
		return;
	added(w, add_raw(target(w), s));
	end_value(w);
}

void json_put_text(struct json_writer *w, struct span s)
{
	if (!s.p) {
		json_put_null(w);
		return;
	}
	if (!begin_value(w))
		return;
	added(w, buf_add_json(target(w), s));
	end_value(w);
}

void json_put_str(struct json_writer *w, const char *s)
{
	json_put_text(w, span_of(s));
}

void json_put_textf(struct json_writer *w, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0) {
		w->failed = true;
		return;
	}
	char *text = xmalloc((size_t)n + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)n + 1, format, args);
	va_end(args);
	json_put_text(w, span_make(text, (size_t)n));
	free(text);
}

static void put_number(struct json_writer *w, const char *digits)
{
	json_put_raw(w, span_of(digits));
}

void json_put_u64(struct json_writer *w, uint64_t v)
{
	char digits[24];
	snprintf(digits, sizeof digits, "%" PRIu64, v);
	put_number(w, digits);
}

void json_put_i64(struct json_writer *w, int64_t v)
{
	char digits[24];
	snprintf(digits, sizeof digits, "%" PRId64, v);
	put_number(w, digits);
}

void json_put_real(struct json_writer *w, double v)
{
	char digits[40];
	snprintf(digits, sizeof digits, "%.17g", v);
	put_number(w, isfinite(v) ? digits : "null");
}

void json_put_bool(struct json_writer *w, bool v)
{
	json_put_raw(w, v ? SPAN_LIT("true") : SPAN_LIT("false"));
}

void json_put_null(struct json_writer *w)
{
	json_put_raw(w, SPAN_LIT("null"));
}

void json_member_text(struct json_writer *w, const char *name, struct span s)
{
	json_key(w, name);
	json_put_text(w, s);
}

void json_member_str(struct json_writer *w, const char *name, const char *s)
{
	json_key(w, name);
	json_put_str(w, s);
}

void json_member_u64(struct json_writer *w, const char *name, uint64_t v)
{
	json_key(w, name);
	json_put_u64(w, v);
}

void json_member_bool(struct json_writer *w, const char *name, bool v)
{
	json_key(w, name);
	json_put_bool(w, v);
}

void json_member_null(struct json_writer *w, const char *name)
{
	json_key(w, name);
	json_put_null(w);
}

void json_member_if(struct json_writer *w, const char *name, struct span s)
{
	if (!span_empty(s))
		json_member_text(w, name, s);
}

bool json_finish(struct json_writer *w)
{
	assert(w->failed || (w->depth == 0 && !w->after_key));
	if (w->file) {
		hand_over(w);
		buf_release(&w->held);
	}
	return !w->failed;
}
