/* narrow.h - evaluator: the tightest text for one wildcard of a pattern that still takes what was
 * seen: one literal if all was alike, else what the texts begin and end with around a star. */
#ifndef EVALUATOR_NARROW_H
#define EVALUATOR_NARROW_H

#include "policy/pattern.h"

enum narrow_use {
	NARROW_ACTION,   /* no case, no escapes */
	NARROW_RESOURCE, /* Version 2012-10-17: '*' in a name is written "${*}" */
	NARROW_PLAIN,    /* a resource of a policy without variables */
};

struct narrowing {
	struct arena arena; /* of symbols */
	struct arena one;   /* of the wildcard at hand */
	enum narrow_use use;
	struct symbol *symbols; /* of the whole pattern */
	size_t n;
	size_t runs;     /* wildcards: runs of '*' and '?' */
	size_t from, to; /* the symbols of the one at hand */
	size_t least;    /* characters that its question marks take */
	const struct pattern *before, *after;
	struct span head, tail; /* what all that was seen begins and ends with */
	struct span first;
	size_t seen;
	bool alike, unknown;
};

/* text is borrowed until narrowing_release. */
void narrowing_init(struct narrowing *n, struct span text, enum narrow_use use);
void narrowing_release(struct narrowing *n);
/* Begins with wildcard number k. */
void narrowing_begin(struct narrowing *n, size_t k);
/* A text of a request (may have unknown parts); one that the pattern does not match is passed over.
 * Borrowed until narrowing_end. */
void narrowing_see(struct narrowing *n, struct span text);
/* The narrowed pattern as policy text. Where nothing tighter takes all that was seen it is one that
 * takes less. Lives until the next narrowing_begin. */
struct span narrowing_end(struct narrowing *n);

#endif
