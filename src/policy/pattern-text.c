/* pattern-text.c - policy: see pattern-text.h. */
#include "config.h"

#include "policy/pattern-text.h"

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

bool pattern_text_has_wildcard(struct span pattern)
{
	return pattern_text_head(pattern) < pattern.n;
}

size_t pattern_text_head(struct span pattern)
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

size_t pattern_text_tail(struct span pattern)
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

bool pattern_text_covers(struct span outer, struct span inner, bool fold_case)
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

/* Whether p, whose first head and last tail bytes hold no wildcard, covers s, which begins with the
 * same head. Most of what is compared shares both with p: only what is between them is walked. */
static bool covers_between(struct span p, size_t head, size_t tail, struct span s)
{
	struct span end = span_from(p, p.n - tail);
	/* a variable, or a character of several bytes, could be cut in two */
	bool whole = memchr(s.p, '$', s.n) || memchr(p.p, '$', p.n) ||
	             (head && (unsigned char)p.p[head - 1] >= 0x80) ||
	             (tail && (unsigned char)end.p[0] >= 0x80);
	if (whole)
		return pattern_text_covers(p, s, false);
	return s.n >= head + tail && span_ends(s, end) &&
	       pattern_text_covers(span_sub(p, head, p.n - head - tail),
	                           span_sub(s, head, s.n - head - tail), false);
}

void pattern_texts_covered(const struct span *patterns, size_t n, size_t *by)
{
	enum { FEW = 32 };
	struct reversed *reversed = NULL;
	for (size_t i = 0; i < n; i++)
		by[i] = i;
	for (size_t i = 0; i < n; i++) {
		struct span p = patterns[i];
		size_t head = pattern_text_head(p);
		if (head == p.n || by[i] != i)
			continue;
		struct range r = prefix_range(patterns, n, span_sub(p, 0, head));
		size_t tail = pattern_text_tail(p);
		bool backward = false;
		if (r.to - r.from > FEW) {
			if (!reversed)
				reversed = reversed_of(patterns, n);
			struct range back = suffix_range(reversed, n, span_from(p, p.n - tail));
			backward = back.to - back.from < r.to - r.from;
			if (backward)
				r = back;
		}
		for (size_t k = r.from; k < r.to; k++) {
			size_t at = backward ? reversed[k].index : k;
			if (at != i && by[at] == at &&
			    (!backward || span_starts(patterns[at], span_sub(p, 0, head))) &&
			    covers_between(p, head, tail, patterns[at]))
				by[at] = i;
		}
	}
	free(reversed);
	/* what covered others may have been covered later */
	for (size_t i = 0; i < n; i++)
		while (by[by[i]] != by[i])
			by[i] = by[by[i]];
}

bool pattern_texts_any_covers(const struct span *patterns, size_t n, struct span inner,
                              bool fold_case)
{
	for (size_t i = 0; i < n; i++)
		if (pattern_text_covers(patterns[i], inner, fold_case))
			return true;
	return false;
}

size_t pattern_texts_absorb(struct span *patterns, size_t n)
{
	size_t left = 0;
	size_t *by = xcalloc(n ? n : 1, sizeof *by);
	pattern_texts_covered(patterns, n, by);
	for (size_t i = 0; i < n; i++)
		if (by[i] == i)
			patterns[left++] = patterns[i];
	free(by);
	return left;
}
