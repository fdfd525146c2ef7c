/* scan.c - records: see scan.h. The inner loops look at 16 or 64 bytes at a time with SSE2, which
 * every x86-64 has; elsewhere the byte loops do the same work. */
#include "config.h"

#include "records/scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static bool fail(struct scan *j, const char *at, const char *error)
{
	if (!j->error) {
		j->error = error;
		j->at = at;
		j->cut = at >= j->end;
	}
	return false;
}

void scan_init(struct scan *j, struct span text)
{
	static const char nothing[1] = "";
	const char *p = text.p ? text.p : nothing;
	*j = (struct scan){.at = p, .start = p, .end = p + text.n};
}

static inline const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	return p;
}

/* ---- strings */

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of a \u escape at p, or -1. */
static int32_t hex4(const char *p, const char *end)
{
	int32_t code = 0;
	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int v = hex_value(p[i]);
		if (v < 0)
			return -1;
		code = code << 4 | v;
	}
	return code;
}

enum { REPLACEMENT = 0xfffd };

static bool is_high(int32_t code)
{
	return code >= 0xd800 && code <= 0xdbff;
}

static bool is_low(int32_t code)
{
	return code >= 0xdc00 && code <= 0xdfff;
}

/* Whether p, short of a whole \u escape, could still become one. */
static bool hex_is_cut(const char *p, const char *end)
{
	for (; p < end; p++)
		if (hex_value(*p) < 0)
			return false;
	return true;
}

/* Past the escape whose backslash is at p; NULL after fail(). */
static const char *skip_escape(struct scan *j, const char *p)
{
	if (j->end - p < 2) {
		fail(j, j->end, "a string does not end");
		return NULL;
	}
	switch (p[1]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't': return p + 2;
	case 'u': break;
	default: fail(j, p, "a backslash is followed by no known escape"); return NULL;
	}
	int32_t code = hex4(p + 2, j->end);
	if (code < 0) {
		bool cut = j->end - (p + 2) < 4 && hex_is_cut(p + 2, j->end);
		fail(j, cut ? j->end : p, "\\u is not followed by four hex digits");
		return NULL;
	}
	/* Half of a pair is no character, and no reason to lose a record: it is read as U+FFFD. */
	return p + 6;
}

/* Past the UTF-8 sequence at p (its first byte is not ASCII); NULL after fail(). */
static const char *skip_utf8(struct scan *j, const char *p)
{
	unsigned char c = (unsigned char)*p;
	ptrdiff_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c >= 0xc2 && c <= 0xf4) {
		if (j->end - p < n) {
			fail(j, j->end, "a string does not end");
			return NULL;
		}
		if (span_utf8(span_make(p, (size_t)n)))
			return p + n;
	}
	fail(j, p, "a string is not UTF-8");
	return NULL;
}

/* p is behind the opening quote. Returns the closing one, or NULL after fail(). */
static const char *find_quote(struct scan *j, const char *p, bool *escaped)
{
	for (;;) {
#ifdef __SSE2__
		const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
		const __m128i last_control = _mm_set1_epi8(0x1f);
		while (j->end - p >= 16) {
			__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
			__m128i stop =
			        _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash));
			__m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, last_control), v);
			unsigned mask = (unsigned)_mm_movemask_epi8(
			        _mm_or_si128(_mm_or_si128(stop, low), v));
			if (mask) {
				p += __builtin_ctz(mask);
				break;
			}
			p += 16;
		}
#endif
		while (p < j->end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20 &&
		       (unsigned char)*p < 0x80)
			p++;
		if (p >= j->end) {
			fail(j, j->end, "a string does not end");
			return NULL;
		}
		if (*p == '"')
			return p;
		if (*p == '\\') {
			*escaped = true;
			p = skip_escape(j, p);
		} else if ((unsigned char)*p >= 0x80) {
			p = skip_utf8(j, p);
		} else {
			fail(j, p, "a control character stands in a string");
			p = NULL;
		}
		if (!p)
			return NULL;
	}
}

static char plain_escape(char c)
{
	switch (c) {
	case 'b': return '\b';
	case 'f': return '\f';
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	default: return c;
	}
}

size_t scan_unescape(struct span raw, char *out)
{
	const char *p = raw.p, *end = raw.p + raw.n;
	char *to = out;
	while (p < end) {
		const char *slash = memchr(p, '\\', (size_t)(end - p));
		size_t plain = (size_t)((slash ? slash : end) - p);
		memcpy(to, p, plain);
		to += plain;
		p += plain;
		if (p >= end || end - p < 2)
			break;
		if (p[1] != 'u') {
			*to++ = plain_escape(p[1]);
			p += 2;
			continue;
		}
		int32_t code = hex4(p + 2, end);
		p += 6;
		if (is_high(code) && end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
		    is_low(hex4(p + 2, end))) {
			code = 0x10000 + ((code & 0x3ff) << 10) + (hex4(p + 2, end) & 0x3ff);
			p += 6;
		} else if (is_high(code) || is_low(code)) {
			code = REPLACEMENT;
		}
		to += utf8_put(to, (uint32_t)code);
	}
	return (size_t)(to - out);
}

/* ---- numbers and literals */

static const char *skip_digits(const char *p, const char *end)
{
	while (p < end && ascii_digit(*p))
		p++;
	return p;
}

/* Past the number at p, or NULL after fail(). */
static const char *skip_number(struct scan *j, const char *p)
{
	const char *end = j->end, *digits;
	if (*p == '-')
		p++;
	digits = p;
	p = skip_digits(p, end);
	if (p == digits || (*digits == '0' && p - digits > 1))
		goto bad;
	if (p < end && *p == '.') {
		digits = ++p;
		p = skip_digits(p, end);
		if (p == digits)
			goto bad;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		digits = p;
		p = skip_digits(p, end);
		if (p == digits)
			goto bad;
	}
	return p;
bad:
	fail(j, p, "a number is malformed");
	return NULL;
}

static const char *skip_word(struct scan *j, const char *p, const char *word, size_t n)
{
	size_t have = (size_t)(j->end - p);
	if (have >= n && memcmp(p, word, n) == 0)
		return p + n;
	bool cut = have < n && memcmp(p, word, have) == 0;
	fail(j, cut ? j->end : p, "no JSON value");
	return NULL;
}

/* Past the scalar at p, or NULL after fail(). */
static inline const char *skip_scalar(struct scan *j, const char *p)
{
	bool escaped;
	switch (*p) {
	case '"': p = find_quote(j, p + 1, &escaped); return p ? p + 1 : NULL;
	case 't': return skip_word(j, p, "true", 4);
	case 'f': return skip_word(j, p, "false", 5);
	case 'n': return skip_word(j, p, "null", 4);
	default:
		if (*p == '-' || ascii_digit(*p))
			return skip_number(j, p);
		fail(j, p, "no JSON value");
		return NULL;
	}
}

/* ---- structure */

enum scan_kind scan_peek(struct scan *j)
{
	if (j->error)
		return SCAN_BAD;
	j->at = skip_space(j->at, j->end);
	if (j->at >= j->end) {
		fail(j, j->end, "a value is missing");
		return SCAN_BAD;
	}
	switch (*j->at) {
	case '{': return SCAN_OBJECT;
	case '[': return SCAN_ARRAY;
	case '"': return SCAN_STRING;
	case 't': return SCAN_TRUE;
	case 'f': return SCAN_FALSE;
	case 'n': return SCAN_NULL;
	default: break;
	}
	if (*j->at == '-' || ascii_digit(*j->at))
		return SCAN_NUMBER;
	fail(j, j->at, "no JSON value");
	return SCAN_BAD;
}

bool scan_enter(struct scan *j, enum scan_kind kind)
{
	enum scan_kind is = scan_peek(j);
	if (is == SCAN_BAD)
		return false;
	if (is != kind || (kind != SCAN_OBJECT && kind != SCAN_ARRAY))
		return fail(j, j->at, kind == SCAN_OBJECT ? "not an object" : "not an array");
	if (j->depth >= LIMIT_JSON_DEPTH)
		return fail(j, j->at, "nested too deep");
	j->depth++;
	j->at++;
	j->first = true;
	return true;
}

/* Before the next member: past the comma, or past the end. */
static bool next_member(struct scan *j, char close)
{
	if (j->error)
		return false;
	const char *p = skip_space(j->at, j->end);
	if (p >= j->end)
		return fail(j, j->end,
		            close == '}' ? "an object does not end" : "an array does not end");
	if (*p == close) {
		j->at = p + 1;
		j->first = false;
		j->depth--;
		return false;
	}
	if (!j->first) {
		if (*p != ',')
			return fail(j, p,
			            close == '}' ? "',' or '}' is missing"
			                         : "',' or ']' is missing");
		p = skip_space(p + 1, j->end);
	}
	j->first = false;
	j->at = p;
	return true;
}

/* The key at p and its colon; returns what follows, or NULL after fail(). */
static inline const char *pass_key(struct scan *j, const char *p, struct span *key)
{
	bool escaped;
	if (p >= j->end || *p != '"') {
		fail(j, p, "a key is missing");
		return NULL;
	}
	const char *quote = find_quote(j, p + 1, &escaped);
	if (!quote)
		return NULL;
	*key = span_make(p + 1, (size_t)(quote - p - 1));
	p = skip_space(quote + 1, j->end);
	if (p >= j->end || *p != ':') {
		fail(j, p, "':' is missing");
		return NULL;
	}
	return p + 1;
}

bool scan_next_key(struct scan *j, struct span *key)
{
	if (!next_member(j, '}'))
		return false;
	const char *p = pass_key(j, j->at, key);
	if (p)
		j->at = p;
	return p != NULL;
}

bool scan_next_item(struct scan *j)
{
	if (!next_member(j, ']'))
		return false;
	if (j->at < j->end && *j->at == ']')
		return fail(j, j->at, "a value is missing");
	return true;
}

/* Past the object or array at p without recursion: one bit a level tells which of both it is. */
static const char *skip_nested(struct scan *j, const char *p)
{
	uint64_t objects[(LIMIT_JSON_DEPTH + 64) / 64];
	unsigned base = j->depth, depth = base;
	const char *end = j->end;
	struct span key;
	bool object, first;
enter:
	if (depth >= LIMIT_JSON_DEPTH) {
		fail(j, p, "nested too deep");
		return NULL;
	}
	object = *p++ == '{';
	if (object)
		objects[depth / 64] |= UINT64_C(1) << depth % 64;
	else
		objects[depth / 64] &= ~(UINT64_C(1) << depth % 64);
	depth++;
	first = true;
member:
	p = skip_space(p, end);
	if (p >= end) {
		fail(j, end, object ? "an object does not end" : "an array does not end");
		return NULL;
	}
	if (*p == (object ? '}' : ']')) {
		p++;
		if (--depth == base)
			return p;
		object = objects[(depth - 1) / 64] >> (depth - 1) % 64 & 1;
		first = false;
		goto member;
	}
	if (!first) {
		if (*p != ',') {
			fail(j, p, object ? "',' or '}' is missing" : "',' or ']' is missing");
			return NULL;
		}
		p = skip_space(p + 1, end);
	}
	first = false;
	if (object) {
		p = pass_key(j, p, &key);
		if (!p)
			return NULL;
		p = skip_space(p, end);
	}
	if (p >= end) {
		fail(j, end, "a value is missing");
		return NULL;
	}
	if (*p == '{' || *p == '[')
		goto enter;
	p = skip_scalar(j, p);
	if (p)
		goto member;
	return NULL;
}

bool scan_take_raw(struct scan *j, struct span *raw)
{
	if (scan_peek(j) == SCAN_BAD)
		return false;
	const char *from = j->at, *p = from;
	p = *p == '{' || *p == '[' ? skip_nested(j, p) : skip_scalar(j, p);
	if (!p)
		return false;
	j->at = p;
	j->first = false;
	*raw = span_make(from, (size_t)(p - from));
	return true;
}

bool scan_skip(struct scan *j)
{
	struct span raw;
	return scan_take_raw(j, &raw);
}

bool scan_take_string(struct scan *j, struct span *raw, bool *escaped)
{
	enum scan_kind kind = scan_peek(j);
	if (kind == SCAN_BAD)
		return false;
	if (kind != SCAN_STRING)
		return fail(j, j->at, "not a string");
	bool has_escape = false;
	const char *from = j->at + 1, *quote = find_quote(j, from, &has_escape);
	if (!quote)
		return false;
	j->at = quote + 1;
	j->first = false;
	*raw = span_make(from, (size_t)(quote - from));
	*escaped = has_escape;
	return true;
}

bool scan_take_text(struct scan *j, struct arena *arena, struct span *text)
{
	struct span raw;
	bool escaped;
	enum scan_kind kind = scan_peek(j);
	if (kind == SCAN_BAD)
		return false;
	if (kind != SCAN_STRING) {
		if (!scan_take_raw(j, &raw))
			return false;
		bool scalar = kind == SCAN_NUMBER || kind == SCAN_TRUE || kind == SCAN_FALSE;
		*text = scalar ? raw : SPAN_NONE;
		return true;
	}
	if (!scan_take_string(j, &raw, &escaped))
		return false;
	if (escaped) {
		char *p = arena_alloc(arena, raw.n);
		raw = span_make(p, scan_unescape(raw, p));
	}
	*text = raw;
	return true;
}

bool scan_end(struct scan *j)
{
	if (j->error)
		return false;
	j->at = skip_space(j->at, j->end);
	return j->at == j->end || fail(j, j->at, "something follows the value");
}

void scan_hash_text(struct hasher *h, struct span text)
{
	const char *p = text.p, *end = text.p + text.n;
	while (p < end) {
		const char *from = p;
		while (p < end && *p != '"' && *p != ' ' && *p != '\n' && *p != '\r' && *p != '\t')
			p++;
		if (p < end && *p == '"') {
			p++;
			while (p < end && *p != '"')
				p += *p == '\\' && end - p > 1 ? 2 : 1;
			if (p < end)
				p++;
		}
		hash_bytes(h, from, (size_t)(p - from));
		p = skip_space(p, end);
	}
}

/* ---- framing */

struct framer {
	size_t depth;
	bool in_string, escape; /* escape: the next byte is taken as it is */
};

/* Bytes from at to n one by one; returns the end or 0. */
static size_t frame_bytes(struct framer *f, const char *p, size_t at, size_t n)
{
	for (; at < n; at++) {
		char c = p[at];
		if (f->escape) {
			f->escape = false;
		} else if (f->in_string) {
			if (c == '\\')
				f->escape = true;
			else if (c == '"')
				f->in_string = false;
		} else if (c == '"') {
			f->in_string = true;
		} else if (c == '{' || c == '[') {
			f->depth++;
		} else if (c == '}' || c == ']') {
			if (--f->depth == 0)
				return at + 1;
		}
	}
	return 0;
}

#ifdef __SSE2__
static uint64_t mask_of(const __m128i v[4], char c)
{
	const __m128i want = _mm_set1_epi8(c);
	uint64_t mask = 0;
	for (int i = 0; i < 4; i++)
		mask |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v[i], want)) << 16 * i;
	return mask;
}

/* Bit i of the result is the parity of bits 0 to i: inside quotes or not. */
static uint64_t prefix_xor(uint64_t bits)
{
	bits ^= bits << 1;
	bits ^= bits << 2;
	bits ^= bits << 4;
	bits ^= bits << 8;
	bits ^= bits << 16;
	bits ^= bits << 32;
	return bits;
}

/* Whether block ends inside f's string decides how its quotes pair, so escapes must be known first:
 * a block with a backslash, or that begins behind one, goes byte by byte. The rest is counting
 * bits. */
static size_t frame_block(struct framer *f, const char *p, size_t at)
{
	__m128i v[4];
	for (int i = 0; i < 4; i++)
		v[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + at + 16 * i));
	if (f->escape || mask_of(v, '\\'))
		return frame_bytes(f, p, at, at + 64);
	uint64_t inside = prefix_xor(mask_of(v, '"')) ^ (f->in_string ? UINT64_MAX : 0);
	f->in_string = inside >> 63;
	/* '[' | 0x20 is '{', ']' | 0x20 is '}', and no other byte becomes them but these. */
	const __m128i fold = _mm_set1_epi8(0x20);
	for (int i = 0; i < 4; i++)
		v[i] = _mm_or_si128(v[i], fold);
	uint64_t opens = mask_of(v, '{') & ~inside, closes = mask_of(v, '}') & ~inside;
	size_t n_closes = (size_t)__builtin_popcountll(closes);
	if (f->depth > n_closes) {
		f->depth += (size_t)__builtin_popcountll(opens) - n_closes;
		return 0;
	}
	for (uint64_t both = opens | closes; both; both &= both - 1) {
		if (opens & (both & -both))
			f->depth++;
		else if (--f->depth == 0)
			return at + (size_t)__builtin_ctzll(both) + 1;
	}
	return 0;
}
#endif

size_t scan_frame(struct span text)
{
	struct framer f = {0, false, false};
	size_t at = 0, found;
#ifdef __SSE2__
	for (; text.n - at >= 64; at += 64)
		if ((found = frame_block(&f, text.p, at)))
			return found;
#endif
	found = frame_bytes(&f, text.p, at, text.n);
	return found;
}
