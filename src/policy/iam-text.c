/* iam-text.c - policy: see iam-text.h. */
#include "config.h"

#include "policy/iam-text.h"

/* The code point at s[at] and its length; length 0 if the byte starts none. */
static size_t code_point(struct span s, size_t at, uint32_t *c)
{
	unsigned char lead = (unsigned char)s.p[at];
	size_t n = lead < 0x80   ? 1
	           : lead < 0xc2 ? 0
	           : lead < 0xe0 ? 2
	           : lead < 0xf0 ? 3
	           : lead < 0xf5 ? 4
	                         : 0;
	if (n == 0 || at + n > s.n || !span_utf8(span_sub(s, at, n)))
		return 0;
	*c = n == 1 ? lead : lead & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		*c = *c << 6 | ((unsigned char)s.p[at + i] & 0x3f);
	return n;
}

static bool accepted(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xff);
}

struct span iam_text(struct arena *arena, struct span s, size_t *replaced)
{
	size_t clean = 0;
	while (clean < s.n && (unsigned char)s.p[clean] >= 0x20 && (unsigned char)s.p[clean] < 0x7f)
		clean++;
	if (clean == s.n)
		return s;
	char *out = arena_alloc(arena, s.n + 1);
	size_t n = clean, before = *replaced;
	memcpy(out, s.p, clean);
	for (size_t at = clean; at < s.n;) {
		uint32_t c = 0;
		size_t len = code_point(s, at, &c);
		if (len && accepted(c)) {
			memcpy(out + n, s.p + at, len);
			n += len;
		} else {
			out[n++] = '?';
			++*replaced;
		}
		at += len ? len : 1;
	}
	out[n] = '\0';
	return *replaced == before ? s : span_make(out, n);
}

struct span iam_literal(struct arena *arena, struct span s, size_t *replaced)
{
	if (span_find(s, SPAN_LIT("${")) < 0)
		return iam_text(arena, s, replaced);
	char *out = arena_alloc(arena, 4 * s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		bool dollar = s.p[i] == '$' && i + 1 < s.n && s.p[i + 1] == '{';
		memcpy(out + n, dollar ? "${$}" : s.p + i, dollar ? 4 : 1);
		n += dollar ? 4 : 1;
	}
	return iam_text(arena, span_make(out, n), replaced);
}

size_t iam_characters(struct span s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}
