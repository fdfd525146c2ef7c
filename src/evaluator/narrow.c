/* narrow.c - evaluator: see narrow.h. */
#include "config.h"

#include "evaluator/narrow.h"

#include "base/buf.h"
#include "policy/limits.h"

static bool is_wild(struct symbol s)
{
	return s.kind != SYM_BYTE;
}

/* "${*}" and its kin at i: the plain character they stand for. */
static bool escape_at(struct span text, size_t i)
{
	return i + 3 < text.n && text.p[i] == '$' && text.p[i + 1] == '{' && text.p[i + 3] == '}' &&
	       memchr("*?$", text.p[i + 2], 3);
}

void narrowing_init(struct narrowing *n, struct span text, enum narrow_use use)
{
	*n = (struct narrowing){.use = use};
	arena_init(&n->arena);
	arena_init(&n->one);
	n->symbols = arena_alloc(&n->arena, (text.n + 1) * sizeof *n->symbols);
	for (size_t i = 0; i < text.n; i++) {
		struct symbol s = {SYM_BYTE, text.p[i]};
		if (use == NARROW_RESOURCE && escape_at(text, i)) {
			s.byte = text.p[i + 2];
			i += 3;
		} else if (text.p[i] == '*') {
			s.kind = SYM_STAR;
		} else if (text.p[i] == '?') {
			s.kind = SYM_ANY;
		} else if (use == NARROW_ACTION) {
			s.byte = ascii_lower(s.byte);
		}
		if (is_wild(s) && (n->n == 0 || !is_wild(n->symbols[n->n - 1])))
			n->runs++;
		n->symbols[n->n++] = s;
	}
}

void narrowing_release(struct narrowing *n)
{
	arena_release(&n->arena);
	arena_release(&n->one);
}

void narrowing_begin(struct narrowing *n, size_t k)
{
	size_t i = 0;
	for (size_t run = 0;; run++) {
		while (!is_wild(n->symbols[i]))
			i++;
		n->from = i;
		while (i < n->n && is_wild(n->symbols[i]))
			i++;
		n->to = i;
		if (run == k)
			break;
	}
	arena_reset(&n->one);
	n->least = 0;
	for (i = n->from; i < n->to; i++)
		n->least += n->symbols[i].kind == SYM_ANY;
	n->before = pattern_new(&n->one, n->symbols, n->from);
	n->after = pattern_new(&n->one, n->symbols + n->to, n->n - n->to);
	n->head = n->tail = n->first = SPAN_NONE;
	n->seen = 0;
	n->alike = true;
	n->unknown = false;
}

/* What the wildcard takes of text: behind the shortest start that what is before it matches, up to
 * the shortest end. */
static bool capture(const struct narrowing *n, struct span text, struct span *out)
{
	size_t start = 0, end = text.n;
	while (start <= text.n && !pattern_match(n->before, span_sub(text, 0, start)))
		start++;
	while (end > start && !pattern_match(n->after, span_from(text, end)))
		end--;
	if (start > text.n || end < start || !pattern_match(n->after, span_from(text, end)) ||
	    end - start < n->least)
		return false;
	*out = span_sub(text, start, end - start);
	return true;
}

static bool is_unknown(char c)
{
	return c == PATTERN_UNKNOWN_RUN || c == PATTERN_UNKNOWN_CHAR;
}

static size_t common_head(struct span a, struct span b)
{
	size_t i = 0;
	while (i < a.n && i < b.n && a.p[i] == b.p[i] && !is_unknown(a.p[i]))
		i++;
	while (i > 0 && i < a.n && ((unsigned char)a.p[i] & 0xc0) == 0x80)
		i--; /* never inside a character */
	return i;
}

static size_t common_tail(struct span a, struct span b)
{
	size_t i = 0;
	while (i < a.n && i < b.n && a.p[a.n - 1 - i] == b.p[b.n - 1 - i] &&
	       !is_unknown(a.p[a.n - 1 - i]))
		i++;
	while (i > 0 && ((unsigned char)a.p[a.n - i] & 0xc0) == 0x80)
		i--;
	return i;
}

void narrowing_see(struct narrowing *n, struct span text)
{
	struct span got;
	struct span folded = text;
	if (n->use == NARROW_ACTION) {
		char *p = arena_alloc(&n->one, text.n + 1);
		for (size_t i = 0; i < text.n; i++)
			p[i] = ascii_lower(text.p[i]);
		folded = span_make(p, text.n);
	}
	if (!capture(n, folded, &got))
		return;
	/* in the request's own spelling; "*" itself is what actions without resources ask for */
	got = span_sub(text, (size_t)(got.p - folded.p), got.n);
	bool bare = n->use != NARROW_ACTION && span_is(text, "*");
	for (size_t i = 0; i < got.n; i++)
		n->unknown = n->unknown || is_unknown(got.p[i]);
	n->unknown = n->unknown || bare;
	if (n->seen++ == 0) {
		n->first = n->head = n->tail = got;
		n->head.n = common_head(got, got);
		n->tail = span_from(got, got.n - common_tail(got, got));
	}
	n->alike = n->alike && span_eq(n->first, got);
	n->head.n = common_head(n->head, got);
	n->tail = span_from(n->tail, n->tail.n - common_tail(n->tail, got));
	if (bare)
		n->head.n = n->tail.n = 0;
	if (got.n < n->head.n + n->tail.n)
		n->tail = span_from(n->tail, n->head.n + n->tail.n - got.n);
}

static void put_plain(const struct narrowing *n, struct buf *b, char c)
{
	if (n->use == NARROW_RESOURCE && (c == '*' || c == '?' || c == '$'))
		buf_addf(b, "${%c}", c);
	else
		buf_add_char(b, c);
}

static void put_symbols(const struct narrowing *n, struct buf *b, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (n->symbols[i].kind == SYM_BYTE)
			put_plain(n, b, n->symbols[i].byte);
		else
			buf_add_char(b, n->symbols[i].kind == SYM_STAR ? '*' : '?');
	}
}

static size_t characters(struct span s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* The wildcard between the head and the tail of what was seen: of as many '?' as are left those, else
 * '*'. */
static void put_wildcard(const struct narrowing *n, struct buf *b)
{
	size_t known = characters(n->head) + characters(n->tail);
	if (n->least != n->to - n->from || known > n->least) {
		buf_add_char(b, '*');
		return;
	}
	for (size_t i = known; i < n->least; i++)
		buf_add_char(b, '?');
}

struct span narrowing_end(struct narrowing *n)
{
	struct buf b;
	buf_init(&b, 8 * LIMIT_PATTERN_EXPANDED);
	bool literal = n->seen && n->alike && !n->unknown;
	put_symbols(n, &b, 0, n->from);
	if (literal) {
		for (size_t i = 0; i < n->first.n; i++)
			put_plain(n, &b, n->first.p[i]);
	} else if (n->seen && n->head.n + n->tail.n > 0) {
		for (size_t i = 0; i < n->head.n; i++)
			put_plain(n, &b, n->head.p[i]);
		put_wildcard(n, &b);
		for (size_t i = 0; i < n->tail.n; i++)
			put_plain(n, &b, n->tail.p[i]);
	} else if (n->seen && !n->unknown) {
		for (size_t i = 0; i < n->first.n; i++)
			put_plain(n, &b, n->first.p[i]);
	}
	put_symbols(n, &b, n->to, n->n);
	struct span out = arena_span(&n->one, buf_span(&b));
	buf_release(&b);
	return out;
}
