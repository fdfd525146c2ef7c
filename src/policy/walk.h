/* walk.h - policy: one pass over a statement's elements, for every syntax that a policy is written
 * in: the writers differ in how they spell an element, not in which there are. */
#ifndef POLICY_WALK_H
#define POLICY_WALK_H

#include "policy/document.h"

enum policy_element {
	ELEMENT_SID,
	ELEMENT_EFFECT,
	ELEMENT_PRINCIPAL,
	ELEMENT_NOT_PRINCIPAL,
	ELEMENT_ACTION,
	ELEMENT_NOT_ACTION,
	ELEMENT_RESOURCE,
	ELEMENT_NOT_RESOURCE,
	ELEMENT_CONDITION,
};

/* "NotResource". */
const char *policy_element_name(enum policy_element element);

/* Where an entry stands among those of its kind. */
struct walk_place {
	bool first, last;
	/* Of a condition: the first, the last of its operator. */
	bool opens, closes;
};

/* What a syntax does with each; to is the writer's own. */
struct policy_syntax {
	/* Principals after actions and resources instead of before them. */
	bool principals_late;
	/* Sid or Effect. */
	void (*text)(void *to, enum policy_element element, struct span value);
	/* Action, Resource and their negations; n is never 0. */
	void (*list)(void *to, enum policy_element element, const struct span *values, size_t n);
	/* One kind of principal with its values; everyone has none. */
	void (*principal)(void *to, enum policy_element element, const struct policy_principal *p,
	                  struct walk_place place);
	void (*condition)(void *to, const struct policy_condition *c, struct walk_place place);
};

/* Calls syntax's functions for what the statement has, in the order of the grammar. */
void policy_walk(const struct policy_statement *s, const struct policy_syntax *syntax, void *to);

/* Whether p is "*", everyone. */
bool principal_is_everyone(const struct policy_principal *p);

#endif
