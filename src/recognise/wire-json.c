/* wire-json.c - recognise: see wire.h: JSON and CBOR. jansson reads whole texts only; a request may be
 * cut at the bound up to which it is looked at, and its first members are wanted all the same. */
#include "config.h"

#include "recognise/wire.h"

#include "base/buf.h"
#include "base/limits.h"

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

static size_t enter_list(struct walk *w)
{
	size_t at = w->path.n;
	if (at < 2 || memcmp(w->path.p + at - 2, "[]", 2) != 0)
		buf_add_str(&w->path, "[]");
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

static void skip_space(struct walk *w)
{
	while (w->p < w->end && (*w->p == ' ' || *w->p == '\t' || *w->p == '\n' || *w->p == '\r'))
		w->p++;
}

static bool take_hex4(const char **p, const char *end, uint32_t *c)
{
	*c = 0;
	for (int i = 0; i < 4; i++, (*p)++) {
		if (*p == end)
			return false;
		char d = ascii_lower(**p);
		if (ascii_digit(d))
			*c = *c * 16 + (uint32_t)(d - '0');
		else if (d >= 'a' && d <= 'f')
			*c = *c * 16 + (uint32_t)(d - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* Behind "\u": one code point, of two escapes where it is a surrogate pair; a lone surrogate
 * becomes U+FFFD. */
static bool take_unicode(const char **p, const char *end, uint32_t *c)
{
	if (!take_hex4(p, end, c))
		return false;
	if (*c >= 0xd800 && *c < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
		const char *q = *p + 2;
		uint32_t low;
		if (take_hex4(&q, end, &low) && low >= 0xdc00 && low < 0xe000) {
			*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
			*p = q;
			return true;
		}
	}
	if (*c >= 0xd800 && *c < 0xe000)
		*c = 0xfffd;
	return true;
}

static bool unescape(struct arena *arena, struct span raw, struct span *out)
{
	char *to = arena_alloc(arena, raw.n + 1);
	size_t n = 0;
	for (const char *p = raw.p, *end = raw.p + raw.n; p < end;) {
		if (*p != '\\') {
			to[n++] = *p++;
			continue;
		}
		static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
		if (++p == end)
			return false;
		char c = *p++;
		const char *at = memchr(from, c, sizeof from - 1);
		uint32_t code;
		if (at)
			to[n++] = into[at - from];
		else if (c == 'u' && take_unicode(&p, end, &code))
			n += utf8_put(to + n, code);
		else
			return false;
	}
	to[n] = '\0';
	*out = span_make(to, n);
	return true;
}

static bool take_string(struct walk *w, struct span *out)
{
	const char *start = ++w->p;
	bool escapes = false;
	for (; w->p < w->end && *w->p != '"'; w->p++)
		if (*w->p == '\\') {
			escapes = true;
			if (++w->p == w->end)
				return false;
		}
	if (w->p >= w->end)
		return false;
	struct span raw = span_make(start, (size_t)(w->p++ - start));
	*out = raw;
	/* A long one is not an identifier, whatever its escapes stand for. */
	if (escapes && raw.n <= LIMIT_PARAM_VALUE * 6)
		return unescape(w->out->arena, raw, out);
	return true;
}

static bool take_word(struct walk *w)
{
	const char *start = w->p;
	while (w->p < w->end && (ascii_alpha(*w->p) || ascii_digit(*w->p) || *w->p == '-' ||
	                         *w->p == '+' || *w->p == '.'))
		w->p++;
	struct span word = span_make(start, (size_t)(w->p - start));
	if (w->p == w->end && w->depth)
		return false; /* may be cut */
	if (word.n && !span_is(word, "null"))
		emit(w, word);
	return word.n > 0;
}

static bool walk_json(struct walk *w);

static bool walk_members(struct walk *w, bool object)
{
	char close = object ? '}' : ']';
	size_t list = object ? w->path.n : enter_list(w);
	w->p++;
	skip_space(w);
	for (bool first = true; w->p < w->end && *w->p != close; first = false) {
		struct span name = SPAN_NONE;
		if (!first && *w->p++ != ',')
			return false;
		skip_space(w);
		if (object) {
			if (w->p == w->end || *w->p != '"' || !take_string(w, &name))
				return false;
			skip_space(w);
			if (w->p == w->end || *w->p++ != ':')
				return false;
			emit_name(w, name);
		}
		size_t at = object ? enter(w, name) : w->path.n;
		if (!walk_json(w))
			return false;
		leave(w, at);
		skip_space(w);
	}
	leave(w, list);
	return w->p < w->end && *w->p++ == close;
}

static bool walk_json(struct walk *w)
{
	struct span s;
	bool well;
	skip_space(w);
	if (w->p == w->end)
		return false;
	switch (*w->p) {
	case '"':
		well = take_string(w, &s);
		if (well)
			emit(w, s);
		return well;
	case '{':
	case '[':
		if (w->depth == LIMIT_PARAM_DEPTH) {
			w->out->cut = true;
			return false;
		}
		w->depth++;
		well = walk_members(w, *w->p == '{');
		w->depth--;
		return well;
	default: return take_word(w);
	}
}

bool wire_json(struct wire *p, struct span text)
{
	struct walk w;
	walk_init(&w, p, text);
	bool well = walk_json(&w);
	skip_space(&w);
	well = well && w.p == w.end;
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
	size_t list = map ? w->path.n : enter_list(w);
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
		size_t at = map ? enter(w, name) : w->path.n;
		if (!walk_cbor(w))
			return false;
		leave(w, at);
	}
	leave(w, list);
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
		if (w->depth == LIMIT_PARAM_DEPTH) {
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
