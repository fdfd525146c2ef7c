/* wild.c - policy: see wild.h. */
#include "config.h"

#include "policy/wild.h"

#include "base/alloc.h"

#include <stdlib.h>

enum token_kind { TOKEN_ONE, TOKEN_ANY_ONE, TOKEN_ANY_RUN };

/* The length of the token at s[at]: "${...}" is one token, whatever is inside. */
static size_t token_at(struct span s, size_t at, enum token_kind *kind)
{
	*kind = TOKEN_ONE;
	if (s.p[at] == '*')
		*kind = TOKEN_ANY_RUN;
	else if (s.p[at] == '?')
		*kind = TOKEN_ANY_ONE;
	else if (s.p[at] == '$' && at + 1 < s.n && s.p[at + 1] == '{') {
		const char *end = memchr(s.p + at, '}', s.n - at);
		if (end)
			return (size_t)(end - (s.p + at)) + 1;
	} else if ((unsigned char)s.p[at] >= 0xc0) {
		/* '?' stands for one character, so a character must be one token */
		size_t n = 1;
		while (at + n < s.n && ((unsigned char)s.p[at + n] & 0xc0) == 0x80)
			n++;
		return n;
	}
	return 1;
}

bool wild_is(struct span pattern)
{
	return wild_prefix(pattern) < pattern.n;
}

size_t wild_prefix(struct span pattern)
{
	enum token_kind kind;
	size_t at = 0;
	while (at < pattern.n) {
		size_t n = token_at(pattern, at, &kind);
		if (kind != TOKEN_ONE)
			break;
		at += n;
	}
	return at;
}

size_t wild_suffix(struct span pattern)
{
	enum token_kind kind;
	size_t at = 0, after = 0;
	while (at < pattern.n) {
		at += token_at(pattern, at, &kind);
		if (kind != TOKEN_ONE)
			after = at;
	}
	return pattern.n - after;
}

/* A policy variable may come out as anything, so only the same text is known to be covered. */
static bool same_token(struct span a, struct span b, bool fold_case)
{
	if (a.n > 3 && a.p[0] == '$' && a.p[1] == '{')
		return span_eq(a, b);
	return fold_case ? span_eq_ci(a, b) : span_eq(a, b);
}

bool wild_covers(struct span outer, struct span inner, bool fold_case)
{
	size_t o = 0, i = 0, star = SIZE_MAX, resume = 0;
	while (i < inner.n) {
		enum token_kind ok = TOKEN_ONE, ik;
		size_t on = o < outer.n ? token_at(outer, o, &ok) : 0;
		size_t in = token_at(inner, i, &ik);
		if (on && ok == TOKEN_ANY_RUN) {
			star = o += on;
			resume = i;
			continue;
		}
		bool variable = in > 4 && inner.p[i] == '$';
		bool fits =
		        on &&
		        ((ok == TOKEN_ANY_ONE && ik != TOKEN_ANY_RUN && !variable) ||
		         (ok == TOKEN_ONE && ik == TOKEN_ONE &&
		          same_token(span_sub(outer, o, on), span_sub(inner, i, in), fold_case)));
		if (fits) {
			o += on;
			i += in;
		} else if (star != SIZE_MAX) {
			o = star;
			resume += token_at(inner, resume, &ik);
			i = resume;
		} else {
			return false;
		}
	}
	while (o < outer.n && outer.p[o] == '*')
		o++;
	return o == outer.n;
}

/* ---- absorbing */

static int reverse_cmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	for (size_t i = 1; i <= n; i++) {
		unsigned char x = (unsigned char)a.p[a.n - i], y = (unsigned char)b.p[b.n - i];
		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a.n > b.n) - (a.n < b.n);
}

struct reversed {
	struct span s;
	size_t index;
};

static int reversed_order(const void *a, const void *b)
{
	const struct reversed *x = a, *y = b;
	return reverse_cmp(x->s, y->s);
}

struct range {
	size_t from, to;
};

/* Those of a sorted array that start with prefix. */
static struct range prefix_range(const struct span *s, size_t n, struct span prefix)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (span_cmp(s[mid], prefix) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	size_t from = lo;
	for (hi = n; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;
		if (span_starts(s[mid], prefix))
			lo = mid + 1;
		else
			hi = mid;
	}
	return (struct range){from, lo};
}

static struct range suffix_range(const struct reversed *r, size_t n, struct span suffix)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (reverse_cmp(r[mid].s, suffix) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	size_t from = lo;
	for (hi = n; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;
		if (span_ends(r[mid].s, suffix))
			lo = mid + 1;
		else
			hi = mid;
	}
	return (struct range){from, lo};
}

static struct reversed *reversed_of(const struct span *s, size_t n)
{
	struct reversed *r = xcalloc(n, sizeof *r);
	for (size_t i = 0; i < n; i++)
		r[i] = (struct reversed){s[i], i};
	qsort(r, n, sizeof *r, reversed_order);
	return r;
}

void wild_covered(const struct span *patterns, size_t n, size_t *by)
{
	enum { FEW = 32 };
	struct reversed *reversed = NULL;
	for (size_t i = 0; i < n; i++)
		by[i] = i;
	for (size_t i = 0; i < n; i++) {
		struct span p = patterns[i];
		size_t head = wild_prefix(p);
		if (head == p.n || by[i] != i)
			continue;
		struct range r = prefix_range(patterns, n, span_sub(p, 0, head));
		bool backward = false;
		if (r.to - r.from > FEW) {
			size_t tail = wild_suffix(p);
			if (!reversed)
				reversed = reversed_of(patterns, n);
			struct range back = suffix_range(reversed, n, span_from(p, p.n - tail));
			backward = back.to - back.from < r.to - r.from;
			if (backward)
				r = back;
		}
		for (size_t k = r.from; k < r.to; k++) {
			size_t at = backward ? reversed[k].index : k;
			if (at != i && by[at] == at && wild_covers(p, patterns[at], false))
				by[at] = i;
		}
	}
	free(reversed);
	/* what covered others may have been covered later */
	for (size_t i = 0; i < n; i++)
		while (by[by[i]] != by[i])
			by[i] = by[by[i]];
}

size_t wild_absorb(struct span *patterns, size_t n)
{
	size_t left = 0;
	size_t *by = xcalloc(n ? n : 1, sizeof *by);
	wild_covered(patterns, n, by);
	for (size_t i = 0; i < n; i++)
		if (by[i] == i)
			patterns[left++] = patterns[i];
	free(by);
	return left;
}

/* ---- text */

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

struct span policy_text(struct arena *arena, struct span s, size_t *replaced)
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

struct span policy_literal(struct arena *arena, struct span s, size_t *replaced)
{
	if (span_find(s, SPAN_LIT("${")) < 0)
		return policy_text(arena, s, replaced);
	char *out = arena_alloc(arena, 4 * s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		bool dollar = s.p[i] == '$' && i + 1 < s.n && s.p[i + 1] == '{';
		memcpy(out + n, dollar ? "${$}" : s.p + i, dollar ? 4 : 1);
		n += dollar ? 4 : 1;
	}
	return policy_text(arena, span_make(out, n), replaced);
}

size_t text_characters(struct span s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

bool arn_split(struct span s, struct arn *out)
{
	struct span rest = s, part[5];
	for (size_t i = 0; i < 5; i++) {
		part[i] = span_cut(&rest, ':');
		if (!rest.p)
			return false;
	}
	if (!span_is(part[0], "arn"))
		return false;
	*out = (struct arn){part[1], part[2], part[3], part[4], rest};
	return true;
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
