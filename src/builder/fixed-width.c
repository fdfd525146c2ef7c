/* fixed-width.c - builder: see fixed-width.h. */
#include "config.h"

#include "builder/fixed-width.h"

#include "base/alloc.h"
#include "builder/ephemeral.h"

static size_t run_of(struct span s, size_t at, bool digits)
{
	size_t n = 0;
	while (at + n < s.n && (digits ? ascii_digit(s.p[at + n]) : ascii_alpha(s.p[at + n])))
		n++;
	return n;
}

static size_t put(char *out, char c, size_t n)
{
	memset(out, c, n);
	return n;
}

/* ---- dates */

/* Where the century stands in a run of digits of a date: "20" alone, which stays for long. */
static ptrdiff_t century_in(struct span run)
{
	bool first = span_starts(run, SPAN_LIT("20"));
	switch (run.n) {
	case 4:
	case 6:
	case 10: /* of a date and an hour; seconds since 1970 begin with 1 till 2033 */
	case 12:
	case 14: return first ? 0 : -1;
	case 8: /* as a month 20 is none, so that both cannot be */
		return first ? 0 : span_is(span_sub(run, 4, 2), "20") ? 4 : -1;
	default: return -1;
	}
}

size_t width_of_date(struct span date, bool unpadded, char *out)
{
	size_t n = 0;
	bool century = false; /* it was there */
	for (size_t at = 0; at < date.n;) {
		size_t digits = run_of(date, at, true), letters = run_of(date, at, false);
		bool fraction = century && at && date.p[at - 1] == '.' && digits > 2;
		if (digits == 1 || (digits == 2 && unpadded) || fraction) {
			n += put(out + n, '*', 1);
		} else if (digits) {
			ptrdiff_t keep = century ? -1 : century_in(span_sub(date, at, digits));
			put(out + n, '?', digits);
			if (keep >= 0)
				memcpy(out + n + keep, date.p + at + keep, 2);
			century = century || keep >= 0;
			n += digits;
		} else if (letters >= 3) { /* "may" is as long as its abbreviation */
			bool abbreviated =
			        letters == 3 && !span_eq_ci(span_sub(date, at, 3), SPAN_LIT("may"));
			n += put(out + n, abbreviated ? '?' : '*', abbreviated ? 3 : 1);
		} else { /* a separator; T, Z, W and Q */
			out[n++] = date.p[at];
		}
		at += digits ? digits : letters >= 3 ? letters : 1;
	}
	return n;
}

/* ---- ids */

/* CloudFormation's suffixes of names: of capitals and digits, mostly 13, at times 12. */
static bool is_stack_suffix(struct span w)
{
	enum { LEAST = 12, MOST = 13 };
	for (size_t i = 0; i < w.n; i++)
		if (!ascii_digit(w.p[i]) && !(w.p[i] >= 'A' && w.p[i] <= 'Z'))
			return false;
	return w.n == LEAST || w.n == MOST;
}

size_t width_of_id(struct span id, char *out)
{
	enum { OF_STACK = 11 };
	size_t n = 0;
	if (is_stack_suffix(id)) {
		n = put(out, '?', OF_STACK);
		return n + put(out + n, '*', 1);
	}
	for (; n < id.n; n++)
		out[n] = ascii_alnum(id.p[n]) ? '?' : id.p[n];
	return n;
}

/* ---- words of a set */

/* How many '?' stand for it; 0: that is not known of what is no UTF-8, nor where '$' begins what
 * stands for one character. */
static size_t characters(struct span w)
{
	uint32_t code;
	size_t n = 0, bytes;
	for (; (bytes = utf8_take(w, &code)) > 0 && code != '$'; n++)
		w = span_from(w, bytes);
	return w.n ? 0 : n;
}

static bool all_digits(struct span s)
{
	return s.n && run_of(s, 0, true) == s.n;
}

/* How many letters from the start, from the end, all n words have in common. */
static void common_letters(const struct span *w, size_t n, size_t *head, size_t *tail)
{
	*head = *tail = w[0].n;
	for (size_t i = 0; i < n; i++) {
		size_t h = 0, t = 0;
		while (h < *head && h < w[i].n && w[0].p[h] == w[i].p[h] && ascii_alpha(w[0].p[h]))
			h++;
		while (t < *tail && t < w[i].n &&
		       w[0].p[w[0].n - 1 - t] == w[i].p[w[i].n - 1 - t] &&
		       ascii_alpha(w[i].p[w[i].n - 1 - t]))
			t++;
		*head = h;
		*tail = t;
	}
}

/* The digits between the letters that all words have in common; SPAN_NONE: there is something else.
 */
static struct span number_in(struct span w, size_t head, size_t tail)
{
	if (w.n <= head + tail)
		return SPAN_NONE;
	struct span number = span_sub(w, head, w.n - head - tail);
	return all_digits(number) ? number : SPAN_NONE;
}

enum variation words_vary(const struct span *words, size_t n)
{
	size_t head, tail, ids = 0, numbers = 0;
	common_letters(words, n, &head, &tail);
	for (size_t i = 0; i < n; i++) {
		ids += is_id_shaped(words[i]);
		numbers += number_in(words[i], head, tail).n > 0;
	}
	return ids == n ? VARY_IDS : numbers == n ? VARY_NUMBERS : VARY_NAMES;
}

struct lengths {
	size_t least, most;
};

static struct lengths lengths_of(const struct span *w, size_t n)
{
	struct lengths l = {w[0].n, w[0].n};
	for (size_t i = 1; i < n; i++) {
		l.least = w[i].n < l.least ? w[i].n : l.least;
		l.most = w[i].n > l.most ? w[i].n : l.most;
	}
	return l;
}

/* How many digits numbers like these have. */
struct digits {
	size_t least;
	bool more; /* or more */
};

/* Numbers that rise, counters, will not be shorter again; of others '*' is left. They may
 * become longer if they are not padded with zeros and eight times what they cover, beyond the
 * largest, has more digits. Eight: who makes policies from three weeks makes them anew within half
 * a year. */
static struct digits digits_of(const struct span *number, size_t n)
{
	enum { AHEAD = 8, EXACT = 15 };
	struct lengths l = lengths_of(number, n);
	uint64_t least = UINT64_MAX, most = 0, end = 1;
	bool rising = true, padded = false;
	for (size_t i = 0; i < n && l.most <= EXACT; i++) {
		uint64_t v = 0;
		for (size_t k = 0; k < number[i].n; k++)
			v = 10 * v + (uint64_t)(number[i].p[k] - '0');
		padded = padded || (number[i].p[0] == '0' && number[i].n > 1);
		rising = rising && v >= most;
		least = v < least ? v : least;
		most = v > most ? v : most;
	}
	if (l.least == l.most && (padded || l.most > EXACT))
		return (struct digits){l.least, false};
	for (size_t k = 0; k < l.most && l.most <= EXACT; k++)
		end *= 10;
	bool more = l.least != l.most || most + AHEAD * (most - least) >= end;
	/* "?*" says hardly more than '*' */
	if (more && (!rising || l.least == 1))
		return (struct digits){0, true};
	return (struct digits){l.least, more};
}

static struct span any_of_width(struct arena *arena, struct span head, size_t n, bool more,
                                struct span tail)
{
	char *text = arena_alloc(arena, head.n + n + 1 + tail.n + 1), *p = text;
	if (head.n)
		memcpy(p, head.p, head.n);
	p += head.n;
	p += put(p, '?', n);
	if (more)
		*p++ = '*';
	if (tail.n)
		memcpy(p, tail.p, tail.n);
	p += tail.n;
	*p = '\0';
	return span_make(text, (size_t)(p - text));
}

static struct span numbers_pattern(const struct span *w, size_t n, bool any, struct arena *arena)
{
	size_t head, tail;
	struct span *number = xcalloc(n, sizeof *number);
	common_letters(w, n, &head, &tail);
	for (size_t i = 0; i < n; i++)
		number[i] = number_in(w[i], head, tail);
	struct digits d = any ? (struct digits){0, true} : digits_of(number, n);
	free(number);
	return any_of_width(arena, span_sub(w[0], 0, head), d.least, d.more,
	                    span_from(w[0], w[0].n - tail));
}

static struct span id_pattern(struct span id, struct arena *arena)
{
	char *text = arena_alloc(arena, id.n + 1);
	return span_make(text, width_of_id(id, text));
}

/* Ids are of ASCII. What all are written like, be it with dashes; else their length alone. */
static struct span ids_pattern(const struct span *w, size_t n, struct arena *arena)
{
	struct lengths l = lengths_of(w, n);
	struct span first = id_pattern(w[0], arena);
	bool alike = true;
	for (size_t i = 1; i < n && alike; i++)
		alike = span_eq(id_pattern(w[i], arena), first);
	return alike ? first
	             : any_of_width(arena, SPAN_LIT(""), l.least, l.least != l.most, SPAN_LIT(""));
}

/* Whether nobody chose the names: many, all of one length, with letters, and digits in most. */
static bool are_random(const struct span *w, size_t n)
{
	enum { MANY = 6, LONG = 6 };
	size_t with_digit = 0, with_letter = 0, length = characters(w[0]);
	for (size_t i = 0; i < n && length >= LONG; i++) {
		bool digit = false, letter = false;
		if (characters(w[i]) != length)
			return false;
		for (size_t k = 0; k < w[i].n; k++) {
			digit |= ascii_digit(w[i].p[k]);
			letter |= ascii_alpha(w[i].p[k]);
		}
		with_digit += digit;
		with_letter += letter;
	}
	return n >= MANY && 2 * with_digit > n && 2 * with_letter > n;
}

/* ---- names of one make */

enum { PARTS = 8 };

struct parts { /* of a name, at what is neither letter nor digit */
	struct span part[PARTS];
	char separator[PARTS];
	size_t n;
};

static bool parts_of(struct span w, struct parts *p)
{
	size_t from = 0;
	p->n = 0;
	for (size_t i = 0; i <= w.n; i++) {
		if (i < w.n && (ascii_alnum(w.p[i]) || (unsigned char)w.p[i] >= 0x80))
			continue;
		if (p->n == PARTS)
			return false;
		p->separator[p->n] = i < w.n ? w.p[i] : '\0';
		p->part[p->n++] = span_sub(w, from, i - from);
		from = i + 1;
	}
	return true;
}

static bool same_make(const struct parts *a, const struct parts *b)
{
	return a->n == b->n && memcmp(a->separator, b->separator, a->n) == 0;
}

/* The pattern of part number k of all. */
static struct span part_pattern(const struct parts *p, size_t n, size_t k, struct arena *arena)
{
	struct span *w = xcalloc(n, sizeof *w);
	bool equal = true;
	for (size_t i = 0; i < n; i++) {
		w[i] = p[i].part[k];
		equal = equal && span_eq(w[i], w[0]);
	}
	struct span pattern = w[0];
	if (!equal)
		pattern = w[0].n && words_vary(w, n) == VARY_NUMBERS
		                  ? numbers_pattern(w, n, false, arena)
		                  : SPAN_LIT("*");
	free(w);
	return pattern;
}

static bool tells_anything(struct span pattern)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (ascii_alnum(pattern.p[i]))
			return true;
	return span_chr(pattern, '*') < 0;
}

/* SPAN_NONE: they are not of one make, or too few to tell, or nothing but separators would stay. */
static struct span make_pattern(const struct span *w, size_t n, struct arena *arena)
{
	enum { MANY = 5 };
	struct parts *p = n >= MANY ? xcalloc(n, sizeof *p) : NULL;
	bool same = n >= MANY;
	for (size_t i = 0; i < n && same; i++)
		same = parts_of(w[i], &p[i]) && same_make(&p[0], &p[i]);
	struct span out = SPAN_LIT("");
	for (size_t k = 0; same && k < p[0].n; k++) {
		struct span one = part_pattern(p, n, k, arena);
		out = arena_printf(arena, "%.*s%.*s%.*s", SPAN_ARG(out), SPAN_ARG(one),
		                   p[0].separator[k] ? 1 : 0, &p[0].separator[k]);
	}
	free(p);
	return same && tells_anything(out) ? out : SPAN_NONE;
}

struct span words_width(const struct span *words, size_t n, bool any, struct arena *arena)
{
	enum variation how = words_vary(words, n);
	if (how == VARY_NUMBERS)
		return numbers_pattern(words, n, any, arena);
	if (any)
		return SPAN_LIT("*");
	if (how == VARY_IDS)
		return ids_pattern(words, n, arena);
	if (are_random(words, n))
		return any_of_width(arena, SPAN_LIT(""), characters(words[0]), false, SPAN_LIT(""));
	struct span made = make_pattern(words, n, arena);
	return made.p ? made : SPAN_LIT("*");
}
