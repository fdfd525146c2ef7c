/* member-words.h - mapping: what can be told of a member of a request by its name alone, whatever
 * the service: for statements that a query engine runs, which knows no tables. A rule made of these
 * words keeps every top-level member that mapping_keep (members.h) keeps, and some that it does
 * not. */
#ifndef MAPPING_MEMBER_WORDS_H
#define MAPPING_MEMBER_WORDS_H

#include "base/arena.h"
#include "mapping/mapping.h"

struct words {
	const struct span *v; /* n of them, sorted, in lower case, in the singular */
	size_t n;
};

/* A member of one service. */
struct member_of {
	struct span source; /* "dynamodb" */
	struct span name;   /* in lower case, in the singular */
};

struct member_words {
	struct words asked;    /* scalars of which some service's value is kept */
	struct words marks;    /* scalars of which at most is kept that they are there */
	struct words presence; /* objects and lists of which at most that is kept */
	struct words closed;   /* objects and lists of which nothing is kept anywhere */
	/* Last words of the names of scalars that are kept in every service, and words before "key"
	 * that make a name of it. */
	struct words naming, keys_of;
	/* Exceptions from it: words anywhere in the name, and whole names. */
	struct words secret, never;
	/* What ingest takes apart before it keeps it, so that nothing in it may be changed: lists
	 * whose elements are looked at one by one, and statements. */
	const struct member_of *apart;
	size_t n_apart;
};

/* In arena, or constant. */
void member_words(const struct mapping *m, struct arena *arena, struct member_words *out);

#endif
