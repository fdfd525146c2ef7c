/* fit.h - builder: puts statements into as few documents as their order allows, none larger than the
 * limit. */
#ifndef BUILDER_FIT_H
#define BUILDER_FIT_H

#include "mapping/mapping.h"
#include "policy/policy.h"

struct fit_options {
	size_t limit;     /* characters of a document; 0: none, one document takes everything */
	bool white_space; /* measured as it is printed, indentation and all */
	unsigned max_documents;
};

struct fit_result {
	struct policy_document *documents; /* in the arena given */
	size_t n;                          /* 0: it takes more than max_documents */
	size_t characters;                 /* of everything in one document */
	size_t largest; /* of the largest piece that cannot be split: beyond the limit nothing helps
	                 */
};

/* Statements that are larger than a document are split by their resources, then by their actions;
 * kept ones never. Sids are made unique within each document. */
struct fit_result fit_documents(const struct policy_statement *s, size_t n,
                                const struct fit_options *options, struct arena *arena);

/* Replaces the statement's actions by wildcards where those match only actions of the same service
 * and level that the statement has (verbs: where they match only actions of that level, and the
 * statement has two or more of them). Wildcards end where a word of the name ends. Adds to *list
 * (n, in arena) what was done; returns how many characters were saved. */
struct wildcard_list {
	struct policy_wildcard *w; /* free() */
	size_t n, room;
};
size_t actions_shorten(const struct mapping *m, struct policy_statement *s, bool verbs,
                       struct arena *arena, struct wildcard_list *list);

#endif
