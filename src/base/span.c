/* span.c - base: see span.h. */
#define _GNU_SOURCE
#include "config.h"

#include "base/span.h"

#include <stdlib.h>

bool span_eq_ci(struct span a, struct span b)
{
	return a.n == b.n && span_cmp_ci(a, b) == 0;
}

int span_cmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;
	return c ? c : (a.n > b.n) - (a.n < b.n);
}

int span_cmp_ci(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	for (size_t i = 0; i < n; i++) {
		unsigned char x = (unsigned char)ascii_lower(a.p[i]);
		unsigned char y = (unsigned char)ascii_lower(b.p[i]);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a.n > b.n) - (a.n < b.n);
}

int span_order(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

size_t spans_sort_unique(struct span *s, size_t n)
{
	size_t left = 0;
	if (n)
		qsort(s, n, sizeof *s, span_order);
	for (size_t i = 0; i < n; i++)
		if (left == 0 || !span_eq(s[left - 1], s[i]))
			s[left++] = s[i];
	return left;
}

bool span_starts(struct span s, struct span prefix)
{
	return s.n >= prefix.n && span_eq(span_make(s.p, prefix.n), prefix);
}

bool span_ends(struct span s, struct span suffix)
{
	return s.n >= suffix.n && span_eq(span_from(s, s.n - suffix.n), suffix);
}

bool span_starts_ci(struct span s, struct span prefix)
{
	return s.n >= prefix.n && span_eq_ci(span_make(s.p, prefix.n), prefix);
}

bool span_ends_ci(struct span s, struct span suffix)
{
	return s.n >= suffix.n && span_eq_ci(span_from(s, s.n - suffix.n), suffix);
}

ptrdiff_t span_find(struct span s, struct span needle)
{
	if (needle.n == 0)
		return 0;
	const char *at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
	return at ? at - s.p : -1;
}

ptrdiff_t span_find_ci(struct span s, struct span needle)
{
	for (size_t i = 0; i + needle.n <= s.n; i++)
		if (span_eq_ci(span_make(s.p + i, needle.n), needle))
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t span_chr(struct span s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
	return at ? at - s.p : -1;
}

ptrdiff_t span_rchr(struct span s, char c)
{
	const char *at = s.n ? memrchr(s.p, c, s.n) : NULL;
	return at ? at - s.p : -1;
}

bool span_has_digit(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_digit(s.p[i]))
			return true;
	return false;
}

size_t span_count(struct span s, char c)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == c;
	return n;
}

struct span span_sub(struct span s, size_t at, size_t n)
{
	struct span rest = span_from(s, at);
	if (rest.n > n)
		rest.n = n;
	return rest;
}

struct span span_from(struct span s, size_t at)
{
	if (!s.p)
		return SPAN_NONE;
	return span_make(s.p + at, s.n - at);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct span span_trim(struct span s)
{
	while (s.n && is_space(s.p[0]))
		s = span_from(s, 1);
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct span span_cut(struct span *rest, char separator)
{
	struct span piece = *rest;
	ptrdiff_t at = span_chr(*rest, separator);
	if (at < 0) {
		*rest = SPAN_NONE;
		return piece;
	}
	piece.n = (size_t)at;
	*rest = span_from(*rest, (size_t)at + 1);
	return piece;
}

bool span_to_u64(struct span s, uint64_t *value)
{
	uint64_t v = 0;
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_digit(s.p[i]))
			return false;
		uint64_t digit = (uint64_t)(s.p[i] - '0');
		if (v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*value = v;
	return true;
}

/* Only the last '*' is ever returned to: if a later one matched further to the left, the part
 * between both would already have been tried there. So no exponential case exists. */
bool span_glob(struct span text, struct span pattern, bool fold_case)
{
	size_t t = 0, q = 0, star = SIZE_MAX, resume = 0;
	while (t < text.n) {
		if (q < pattern.n && pattern.p[q] == '*') {
			star = q++;
			resume = t;
			continue;
		}
		if (q < pattern.n) {
			char a = text.p[t], b = pattern.p[q];
			if (fold_case) {
				a = ascii_lower(a);
				b = ascii_lower(b);
			}
			if (b == '?' || a == b) {
				t++;
				q++;
				continue;
			}
		}
		if (star == SIZE_MAX)
			return false;
		q = star + 1;
		t = ++resume;
	}
	while (q < pattern.n && pattern.p[q] == '*')
		q++;
	return q == pattern.n;
}

bool span_utf8(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	for (size_t i = 0; i < s.n;) {
		uint64_t word;
		/* Eight ASCII bytes at a time: nearly all text is. */
		while (s.n - i >= sizeof word) {
			memcpy(&word, p + i, sizeof word);
			if (word & UINT64_C(0x8080808080808080))
				break;
			i += sizeof word;
		}
		if (i == s.n)
			break;
		unsigned char c = p[i++];
		uint32_t code, least;
		int more;
		if (c < 0x80)
			continue;
		if (c >= 0xc2 && c <= 0xdf) {
			code = c & 0x1fu;
			more = 1;
			least = 0x80;
		} else if ((c & 0xf0) == 0xe0) {
			code = c & 0x0fu;
			more = 2;
			least = 0x800;
		} else if (c >= 0xf0 && c <= 0xf4) {
			code = c & 0x07u;
			more = 3;
			least = 0x10000;
		} else {
			return false;
		}
		for (; more; more--, i++) {
			if (i >= s.n || (p[i] & 0xc0) != 0x80)
				return false;
			code = code << 6 | (p[i] & 0x3fu);
		}
		if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			return false;
	}
	return true;
}

size_t utf8_put(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

size_t utf8_take(struct span s, uint32_t *code)
{
	static const unsigned char lead[] = {0x7f, 0x1f, 0x0f, 0x07};
	size_t n = 1;
	while (n <= 4 && n <= s.n && !span_utf8(span_sub(s, 0, n)))
		n++;
	if (n > 4 || n > s.n)
		return 0;
	*code = (unsigned char)s.p[0] & lead[n - 1];
	for (size_t i = 1; i < n; i++)
		*code = *code << 6 | ((unsigned char)s.p[i] & 0x3f);
	return n;
}

bool utf8_visible(uint32_t code)
{
	/* Unicode 15: general categories Cc, Cf, Zl, Zp, and what else is default ignorable or
	 * shows as nothing (fillers, variation selectors). */
	static const struct {
		uint32_t first, last;
	} hidden[] = {{0x0, 0x1f},        {0x7f, 0x9f},       {0xad, 0xad},
	              {0x34f, 0x34f},     {0x600, 0x605},     {0x61c, 0x61c},
	              {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},
	              {0x8e2, 0x8e2},     {0x115f, 0x1160},   {0x17b4, 0x17b5},
	              {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
	              {0x2060, 0x206f},   {0x2800, 0x2800},   {0x3164, 0x3164},
	              {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
	              {0xfff0, 0xfffb},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
	              {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
	              {0xe0000, 0xe0fff}};
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		if (code <= hidden[i].last)
			return code < hidden[i].first;
	return true;
}

void span_plain(char *p, size_t n)
{
	for (size_t i = 0, k; i < n; i += k) {
		uint32_t code = 0;
		k = utf8_take(span_make(p + i, n - i), &code);
		if (k == 0 || !utf8_visible(code))
			memset(p + i, '?', k ? k : 1);
		k += k == 0;
	}
}
