/* wire-json.c - recognise: see wire.h: JSON, by the pull scanner of records, and CBOR. What reads
 * whole texts only is of no use: a request may be cut at the bound up to which it is looked at, and
 * its first members are wanted all the same. */
#include "config.h"

#include "recognise/wire.h"

#include "base/buf.h"
#include "base/limits.h"
#include "records/scan.h"

#include <inttypes.h>

struct walk {
	const char *p, *end;
	struct wire *out;
	struct buf path;
	unsigned depth;
};

static void walk_init(struct walk *w, struct wire *out, struct span text)
{
	*w = (struct walk){.p = text.p, .end = text.p + text.n, .out = out};
	buf_init(&w->path, LIMIT_PARAM_VALUE);
}

/* Adds a member's name to the path; the length before is returned to go back to. A path beyond the
 * ceiling stays short, and full. */
static size_t enter(struct walk *w, struct span name)
{
	size_t at = w->path.n;
	if (at)
		buf_add_char(&w->path, '.');
	buf_add_span(&w->path, name);
	return at;
}

/* A list's element, of which there are number before it; a list right inside a list is one with it.
 */
static size_t enter_element(struct walk *w, size_t number)
{
	size_t at = w->path.n;
	if (!at || w->path.p[at - 1] != ']')
		buf_addf(&w->path, "[%zu]", number);
	return at;
}

static void leave(struct walk *w, size_t at)
{
	w->path.n = at;
	w->path.full = false;
}

static void emit(struct walk *w, struct span value)
{
	if (w->path.full)
		w->out->cut = true;
	else if (w->path.n)
		wire_add(w->out, buf_span(&w->path), value);
}

/* The names in an object of the first level: of some calls they are the resources themselves, as
 * the tables of BatchGetItem. The capture keeps them where the mapping asks for keys. */
static void emit_name(struct walk *w, struct span name)
{
	size_t at = w->path.n;
	if (w->depth != 2)
		return;
	buf_add_str(&w->path, "{}");
	emit(w, name);
	leave(w, at);
}

/* ---- JSON */

/* A string's text. A long one is no identifier, whatever its escapes stand for. */
static struct span unescaped(struct arena *arena, struct span raw)
{
	if (raw.n > LIMIT_PARAM_VALUE * 6 || span_chr(raw, '\\') < 0)
		return raw;
	char *to = arena_alloc(arena, raw.n + 1);
	return span_make(to, scan_unescape(raw, to));
}

static void walk_json(struct walk *w, struct scan *j);

static void walk_object(struct walk *w, struct scan *j)
{
	struct span key;
	if (!scan_enter(j, SCAN_OBJECT))
		return;
	while (scan_next_key(j, &key)) {
		key = unescaped(w->out->arena, key);
		emit_name(w, key);
		size_t at = enter(w, key);
		walk_json(w, j);
		leave(w, at);
	}
}

static void walk_array(struct walk *w, struct scan *j)
{
	size_t number = 0;
	if (!scan_enter(j, SCAN_ARRAY))
		return;
	while (scan_next_item(j)) {
		size_t at = enter_element(w, number++);
		walk_json(w, j);
		leave(w, at);
	}
}

static void walk_scalar(struct walk *w, struct scan *j, enum scan_kind kind)
{
	struct span raw;
	bool escaped;
	if (kind == SCAN_STRING) {
		if (scan_take_string(j, &raw, &escaped))
			emit(w, escaped ? unescaped(w->out->arena, raw) : raw);
		return;
	}
	/* a number at the end of what is there may have had more digits */
	if (scan_take_raw(j, &raw) && kind != SCAN_NULL && (j->at < j->end || w->depth == 0))
		emit(w, raw);
}

/* The value that comes next. Depth is bounded by LIMIT_WIRE_DEPTH. */
static void walk_json(struct walk *w, struct scan *j)
{
	enum scan_kind kind = scan_peek(j);
	if (kind != SCAN_OBJECT && kind != SCAN_ARRAY) {
		if (kind != SCAN_BAD)
			walk_scalar(w, j, kind);
		return;
	}
	if (w->depth == LIMIT_WIRE_DEPTH) {
		w->out->cut = true;
		scan_skip(j);
		return;
	}
	w->depth++;
	if (kind == SCAN_OBJECT)
		walk_object(w, j);
	else
		walk_array(w, j);
	w->depth--;
}

bool wire_json(struct wire *p, struct span text)
{
	struct walk w;
	struct scan j;
	walk_init(&w, p, text);
	scan_init(&j, text);
	walk_json(&w, &j);
	bool well = scan_end(&j);
	buf_release(&w.path);
	return well;
}

/* ---- CBOR */

enum {
	CBOR_UINT,
	CBOR_NEGATIVE,
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY,
	CBOR_MAP,
	CBOR_TAG,
	CBOR_SIMPLE
};
enum { CBOR_BREAK = 0xff };

/* A head: its major type, its argument; indefinite length is told by *open. */
static bool cbor_head(struct walk *w, int *major, uint64_t *value, bool *open)
{
	if (w->p == w->end)
		return false;
	unsigned char first = (unsigned char)*w->p++;
	unsigned info = first & 31, bytes = 0;
	*major = first >> 5;
	*open = false;
	*value = info;
	if (info < 24)
		return true;
	if (info == 31) {
		*open = true;
		return *major >= CBOR_BYTES && *major <= CBOR_MAP;
	}
	if (info > 27)
		return false;
	bytes = 1u << (info - 24);
	if ((size_t)(w->end - w->p) < bytes)
		return false;
	*value = 0;
	while (bytes--)
		*value = *value << 8 | (unsigned char)*w->p++;
	return true;
}

static bool at_break(struct walk *w)
{
	if (w->p == w->end || (unsigned char)*w->p != CBOR_BREAK)
		return false;
	w->p++;
	return true;
}

/* Text or bytes, whole or in chunks. */
static bool cbor_string(struct walk *w, int major, uint64_t n, bool open, struct span *out)
{
	struct buf b;
	if (!open) {
		if (n > (uint64_t)(w->end - w->p))
			return false;
		*out = span_make(w->p, (size_t)n);
		w->p += n;
		return true;
	}
	buf_init(&b, LIMIT_PARAM_VALUE + 1);
	bool well = true;
	while (well && !at_break(w)) {
		int part;
		uint64_t k;
		bool nested;
		well = cbor_head(w, &part, &k, &nested) && part == major && !nested &&
		       k <= (uint64_t)(w->end - w->p);
		if (well) {
			buf_add(&b, w->p, (size_t)k);
			w->p += k;
		}
	}
	/* Too long for a value: told as hidden by its length. */
	if (b.full)
		w->out->cut = true;
	*out = arena_span(w->out->arena, buf_span(&b));
	buf_release(&b);
	return well;
}

static bool walk_cbor(struct walk *w);

static bool cbor_members(struct walk *w, bool map, uint64_t n, bool open)
{
	for (uint64_t i = 0; open ? !at_break(w) : i < n; i++) {
		struct span name = SPAN_NONE;
		if (map) {
			int major;
			uint64_t k;
			bool nested;
			if (!cbor_head(w, &major, &k, &nested) || major != CBOR_TEXT ||
			    !cbor_string(w, major, k, nested, &name))
				return false;
			emit_name(w, name);
		}
		size_t at = map ? enter(w, name) : enter_element(w, (size_t)i);
		if (!walk_cbor(w))
			return false;
		leave(w, at);
	}
	return true;
}

static bool walk_cbor(struct walk *w)
{
	int major;
	uint64_t n;
	bool open, well;
	struct span s;
	if (!cbor_head(w, &major, &n, &open))
		return false;
	switch (major) {
	case CBOR_UINT: emit(w, arena_printf(w->out->arena, "%" PRIu64, n)); return true;
	case CBOR_NEGATIVE:
		if (n < UINT64_MAX)
			emit(w, arena_printf(w->out->arena, "-%" PRIu64, n + 1));
		return true;
	case CBOR_BYTES:
	case CBOR_TEXT:
		well = cbor_string(w, major, n, open, &s);
		if (well && major == CBOR_TEXT)
			emit(w, s);
		return well;
	case CBOR_ARRAY:
	case CBOR_MAP:
	case CBOR_TAG:
		if (w->depth == LIMIT_WIRE_DEPTH) {
			w->out->cut = true;
			return false;
		}
		w->depth++;
		well = major == CBOR_TAG ? walk_cbor(w)
		                         : cbor_members(w, major == CBOR_MAP, n, open);
		w->depth--;
		return well;
	default:
		if (n == 20 || n == 21)
			emit(w, n == 21 ? SPAN_LIT("true") : SPAN_LIT("false"));
		return true;
	}
}

bool wire_cbor(struct wire *p, struct span data)
{
	struct walk w;
	walk_init(&w, p, data);
	bool well = walk_cbor(&w) && w.p == w.end;
	buf_release(&w.path);
	return well;
}
