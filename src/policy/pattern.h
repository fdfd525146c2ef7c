/* pattern.h - policy: text with wildcards, compiled once and matched in linear time: no pattern,
 * however hostile, makes matching slower than its length times the text's by a 64th. */
#ifndef POLICY_PATTERN_H
#define POLICY_PATTERN_H

#include "base/arena.h"

enum symbol_kind {
	SYM_BYTE,      /* this byte */
	SYM_ANY,       /* one character (a code point of UTF-8) */
	SYM_STAR,      /* any run of characters, also none */
	SYM_ANY_PART,  /* one character but ':' */
	SYM_STAR_PART, /* any run of characters without ':' */
	SYM_CONT,      /* internal: the rest of a character's bytes */
};

struct symbol {
	uint8_t kind;
	char byte; /* with SYM_BYTE */
};

/* Stands for what is not known in a request's text (see pattern_match); never part of UTF-8. */
#define PATTERN_UNKNOWN_RUN '\xff'
#define PATTERN_UNKNOWN_CHAR '\xfe'

struct pattern;

/* Compiles n symbols (at most LIMIT_PATTERN_EXPANDED); lives in the arena. */
const struct pattern *pattern_new(struct arena *arena, const struct symbol *symbols, size_t n);

/* Whether all of text matches. Text may hold PATTERN_UNKNOWN_RUN for an unknown run of characters,
 * which only SYM_STAR takes, and PATTERN_UNKNOWN_CHAR for one unknown character, which wildcards
 * take: then true means that the pattern matches whatever they stand for. */
bool pattern_match(const struct pattern *p, struct span text);

/* Whether some text matches both: text's unknown runs and characters may be anything. */
bool pattern_meets(const struct pattern *p, struct span text);

/* The bytes that every text it matches begins with; borrowed. */
struct span pattern_prefix(const struct pattern *p);

#endif
