/* pattern.c - policy: see pattern.h. Patterns of bytes and stars, nearly all there are, are matched
 * by searching for their pieces from left to right; the others by a set of positions, one bit each,
 * that is moved over the text. Neither backtracks. */
#include "config.h"

#include "policy/pattern.h"

#include "policy/limits.h"

enum { WORDS_MAX = (int)((2 * LIMIT_PATTERN_EXPANDED + 1 + 63) / 64) };

struct automaton {
	size_t words;
	uint8_t class_of[256];
	uint64_t *step;  /* [class][words]: positions that take the byte and go on */
	uint64_t *stay;  /* [class][words]: positions that take it and stay */
	uint64_t *empty; /* [words]: positions that may be passed without a byte */
};

struct pattern {
	struct symbol *symbols;
	size_t n;
	char *bytes;   /* the byte of each symbol, so that pieces can be searched for */
	size_t prefix; /* leading bytes */
	size_t suffix; /* trailing bytes, not counting the prefix */
	bool simple;   /* bytes and stars only */
	const struct automaton *automaton; /* where it is not simple */
};

static bool is_wild_run(uint8_t kind)
{
	return kind == SYM_STAR || kind == SYM_STAR_PART;
}

static bool is_continuation(unsigned char c)
{
	return c >= 0x80 && c <= 0xbf;
}

/* Copies with runs of stars as one, and the rest of a character behind each "one character". */
static size_t normalise(const struct symbol *in, size_t n, struct symbol *out)
{
	size_t m = 0;
	for (size_t i = 0; i < n; i++) {
		if (m && is_wild_run(in[i].kind) && is_wild_run(out[m - 1].kind)) {
			if (in[i].kind == SYM_STAR)
				out[m - 1].kind = SYM_STAR;
			continue;
		}
		out[m++] = in[i];
		if (in[i].kind == SYM_ANY || in[i].kind == SYM_ANY_PART)
			out[m++] = (struct symbol){SYM_CONT, 0};
	}
	return m;
}

static bool takes(struct symbol s, unsigned char c)
{
	switch (s.kind) {
	case SYM_BYTE: return (unsigned char)s.byte == c;
	case SYM_ANY: return !is_continuation(c) && c != (unsigned char)PATTERN_UNKNOWN_RUN;
	case SYM_ANY_PART:
		return !is_continuation(c) && c != ':' && c != (unsigned char)PATTERN_UNKNOWN_RUN;
	default: return false;
	}
}

static bool stays(struct symbol s, unsigned char c)
{
	switch (s.kind) {
	case SYM_STAR: return true;
	case SYM_STAR_PART: return c != ':' && c != (unsigned char)PATTERN_UNKNOWN_RUN;
	case SYM_CONT: return is_continuation(c);
	default: return false;
	}
}

static const struct automaton *automaton_new(struct arena *arena, const struct pattern *p)
{
	struct automaton *a = arena_calloc(arena, 1, sizeof *a);
	unsigned char sample[256] = {':', 0x80, (unsigned char)PATTERN_UNKNOWN_RUN, 0xfd};
	size_t classes = 4;
	bool own[256] = {false};
	for (int c = 0; c < 256; c++)
		a->class_of[c] = is_continuation((unsigned char)c) ? 1 : 3;
	a->class_of[':'] = 0;
	a->class_of[0xff] = 2;
	for (size_t i = 0; i < p->n; i++) {
		unsigned char c = (unsigned char)p->symbols[i].byte;
		if (p->symbols[i].kind != SYM_BYTE || c == ':' || own[c] || classes == 256)
			continue;
		own[c] = true;
		sample[classes] = c;
		a->class_of[c] = (uint8_t)classes++;
	}
	a->words = (p->n + 1 + 63) / 64;
	a->step = arena_calloc(arena, classes * a->words, sizeof *a->step);
	a->stay = arena_calloc(arena, classes * a->words, sizeof *a->stay);
	a->empty = arena_calloc(arena, a->words, sizeof *a->empty);
	for (size_t i = 0; i < p->n; i++) {
		uint64_t bit = (uint64_t)1 << (i % 64);
		for (size_t k = 0; k < classes; k++) {
			if (takes(p->symbols[i], sample[k]))
				a->step[k * a->words + i / 64] |= bit;
			if (stays(p->symbols[i], sample[k]))
				a->stay[k * a->words + i / 64] |= bit;
		}
		if (p->symbols[i].kind != SYM_BYTE && p->symbols[i].kind != SYM_ANY &&
		    p->symbols[i].kind != SYM_ANY_PART)
			a->empty[i / 64] |= bit;
	}
	return a;
}

const struct pattern *pattern_new(struct arena *arena, const struct symbol *symbols, size_t n)
{
	struct pattern *p = arena_calloc(arena, 1, sizeof *p);
	p->symbols = arena_alloc(arena, (2 * n + 1) * sizeof *p->symbols);
	p->n = normalise(symbols, n, p->symbols);
	p->bytes = arena_alloc(arena, p->n + 1);
	p->simple = true;
	for (size_t i = 0; i < p->n; i++) {
		p->bytes[i] = p->symbols[i].byte;
		if (p->symbols[i].kind != SYM_BYTE && p->symbols[i].kind != SYM_STAR)
			p->simple = false;
	}
	while (p->prefix < p->n && p->symbols[p->prefix].kind == SYM_BYTE)
		p->prefix++;
	while (p->suffix < p->n - p->prefix && p->symbols[p->n - 1 - p->suffix].kind == SYM_BYTE)
		p->suffix++;
	if (!p->simple)
		p->automaton = automaton_new(arena, p);
	return p;
}

struct span pattern_prefix(const struct pattern *p)
{
	return span_make(p->bytes, p->prefix);
}

static bool match_simple(const struct pattern *p, struct span text)
{
	if (p->prefix == p->n)
		return text.n == p->n;
	text = span_make(text.p + p->prefix, text.n - p->prefix - p->suffix);
	size_t at = p->prefix, end = p->n - p->suffix;
	while (at < end) {
		if (p->symbols[at].kind == SYM_STAR) {
			at++;
			continue;
		}
		size_t from = at;
		while (at < end && p->symbols[at].kind == SYM_BYTE)
			at++;
		ptrdiff_t found = span_find(text, span_make(p->bytes + from, at - from));
		if (found < 0)
			return false;
		text = span_from(text, (size_t)found + (at - from));
	}
	return true;
}

static void pass_empty(const struct automaton *a, uint64_t *set)
{
	bool more = true;
	while (more) {
		uint64_t carry = 0;
		more = false;
		for (size_t w = 0; w < a->words; w++) {
			uint64_t passed = set[w] & a->empty[w];
			uint64_t next = set[w] | passed << 1 | carry;
			carry = passed >> 63;
			more = more || next != set[w];
			set[w] = next;
		}
	}
}

static bool match_automaton(const struct automaton *a, size_t end, struct span text)
{
	uint64_t set[WORDS_MAX];
	memset(set, 0, a->words * sizeof *set);
	set[0] = 1;
	pass_empty(a, set);
	for (size_t i = 0; i < text.n; i++) {
		size_t row = a->class_of[(unsigned char)text.p[i]] * a->words;
		uint64_t carry = 0, any = 0;
		for (size_t w = 0; w < a->words; w++) {
			uint64_t moved = set[w] & a->step[row + w];
			set[w] = (set[w] & a->stay[row + w]) | moved << 1 | carry;
			carry = moved >> 63;
			any |= set[w];
		}
		if (!any)
			return false;
		pass_empty(a, set);
	}
	return set[end / 64] >> (end % 64) & 1;
}

bool pattern_match(const struct pattern *p, struct span text)
{
	if (text.n < p->prefix + p->suffix)
		return false;
	if (memcmp(text.p, p->bytes, p->prefix) != 0)
		return false;
	if (p->suffix &&
	    memcmp(text.p + text.n - p->suffix, p->bytes + p->n - p->suffix, p->suffix) != 0)
		return false;
	if (p->simple)
		return match_simple(p, text);
	return match_automaton(p->automaton, p->n, text);
}

/* One row of a table: which positions of the pattern can be reached after some of the text. */
static void meet_passes(const struct pattern *p, bool *row)
{
	for (size_t j = 0; j < p->n; j++) {
		uint8_t kind = p->symbols[j].kind;
		if (row[j] && (is_wild_run(kind) || kind == SYM_CONT))
			row[j + 1] = true;
	}
}

static bool meet_step(const struct pattern *p, bool *row, bool *next, unsigned char c)
{
	bool unknown_char = c == (unsigned char)PATTERN_UNKNOWN_CHAR, any = false;
	memset(next, 0, p->n + 1);
	for (size_t j = 0; j < p->n; j++) {
		struct symbol s = p->symbols[j];
		if (!row[j])
			continue;
		if (takes(s, c) || (unknown_char && s.kind == SYM_BYTE))
			next[j + 1] = any = true;
		if (stays(s, c))
			next[j] = any = true;
	}
	meet_passes(p, next);
	return any;
}

bool pattern_meets(const struct pattern *p, struct span text)
{
	bool a[2 * LIMIT_PATTERN_EXPANDED + 1], b[2 * LIMIT_PATTERN_EXPANDED + 1];
	bool *row = a, *next = b;
	memset(row, 0, p->n + 1);
	row[0] = true;
	meet_passes(p, row);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == PATTERN_UNKNOWN_RUN) {
			/* an unknown run may be what any further part of the pattern takes */
			bool seen = false;
			for (size_t j = 0; j <= p->n; j++)
				row[j] = seen = seen || row[j];
			continue;
		}
		if (!meet_step(p, row, next, (unsigned char)text.p[i]))
			return false;
		bool *t = row;
		row = next;
		next = t;
	}
	return row[p->n];
}
