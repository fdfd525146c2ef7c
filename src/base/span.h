/* span.h - base: text by pointer and length. A span borrows; it is never freed, and lives as long
 * as what it points into. An absent text is {NULL, 0}; an empty one has a pointer and length 0. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *p;
	size_t n;
};

#define SPAN_NONE ((struct span){NULL, 0})
#define SPAN_LIT(s) ((struct span){"" s, sizeof(s) - 1})
/* For printf's "%.*s"; only for text known to be shorter than INT_MAX. */
#define SPAN_ARG(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct span span_of(const char *s)
{
	return (struct span){s, s ? strlen(s) : 0};
}

static inline struct span span_make(const char *p, size_t n)
{
	return (struct span){p, n};
}

static inline bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_is(struct span a, const char *s)
{
	return span_eq(a, span_of(s));
}

static inline bool span_empty(struct span a)
{
	return a.n == 0;
}

/* ASCII only, independent of the locale. */
static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool ascii_alnum(char c)
{
	return ascii_digit(c) || ascii_alpha(c);
}

bool span_eq_ci(struct span a, struct span b);
/* Byte order, shorter first on a tie: <0, 0, >0. */
int span_cmp(struct span a, struct span b);
int span_cmp_ci(struct span a, struct span b);
bool span_starts(struct span s, struct span prefix);
bool span_ends(struct span s, struct span suffix);
bool span_starts_ci(struct span s, struct span prefix);
bool span_ends_ci(struct span s, struct span suffix);
/* span_cmp for qsort and bsearch over struct span. */
int span_order(const void *a, const void *b);
/* Sorts and drops duplicates; returns how many are left. */
size_t spans_sort_unique(struct span *s, size_t n);
/* The first occurrence of needle as an offset, or -1. */
ptrdiff_t span_find(struct span s, struct span needle);
ptrdiff_t span_find_ci(struct span s, struct span needle);
/* The first/last offset of c, or -1. */
ptrdiff_t span_chr(struct span s, char c);
ptrdiff_t span_rchr(struct span s, char c);
/* Whether an ASCII digit stands in s. */
bool span_has_digit(struct span s);
/* How often c stands in s. */
size_t span_count(struct span s, char c);
/* s from offset at (at <= s.n) with at most n bytes. */
struct span span_sub(struct span s, size_t at, size_t n);
struct span span_from(struct span s, size_t at);
/* Without ASCII white space at both ends. */
struct span span_trim(struct span s);
/* Cuts off up to the next separator: *rest moves behind it, the piece before is returned. After
 * the last piece *rest is SPAN_NONE. Returns SPAN_NONE when *rest already was. */
struct span span_cut(struct span *rest, char separator);
/* Decimal digits only, nothing else, no overflow; otherwise false and *value is untouched. */
bool span_to_u64(struct span s, uint64_t *value);
/* pattern with '*' (any run, also empty) and '?' (one byte); linear in pattern x text at worst. */
bool span_glob(struct span text, struct span pattern, bool fold_case);
/* Whether s is well-formed UTF-8 (no surrogates, no overlong forms). */
bool span_utf8(struct span s);
/* Writes the UTF-8 form of code (at most 0x10ffff) to out, 1 to 4 bytes; their number. */
size_t utf8_put(char *out, uint32_t code);
/* The character that s begins with, in *code, and its bytes (1 to 4); 0 if s is empty or does not
 * begin with well-formed UTF-8, and *code is untouched. */
size_t utf8_take(struct span s, uint32_t *code);
/* Whether a character shows as itself: no control or format character (line ends, changes of
 * direction, zero-width characters, fillers), with which one name can pass for another. */
bool utf8_visible(uint32_t code);
/* Makes n bytes fit for a terminal, in place: each byte of a character that does not show as itself
 * and each that is part of no well-formed UTF-8 becomes '?'. */
void span_plain(char *p, size_t n);

#endif
