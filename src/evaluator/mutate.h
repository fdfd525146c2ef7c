/* mutate.h - evaluator: is every part of a policy needed? Each part is taken away or narrowed in turn,
 * and what was recorded is asked again: a mutant under which nothing recorded fails is permission
 * without evidence. Only what allows is mutated; a Deny grants nothing. */
#ifndef EVALUATOR_MUTATE_H
#define EVALUATOR_MUTATE_H

#include "evaluator/evaluate.h"

enum mutant_kind {
	MUTANT_STATEMENT, /* the statement removed */
	MUTANT_ACTION,    /* one entry of Action removed; of NotAction: only what was used left */
	MUTANT_RESOURCE,  /* one entry of Resource removed; of NotResource: only what was used left
	                   */
	MUTANT_CONDITION, /* one value of a condition removed; of a negated one: the condition
	                     turned round */
	MUTANT_WILDCARD,  /* one wildcard (a run of '*' and '?') narrowed to what was used */
};

/* "statement", "action", "resource", "condition", "wildcard". */
const char *mutant_kind_name(enum mutant_kind kind);

struct mutant {
	enum mutant_kind kind;
	size_t policy, statement; /* index of the policy, of the statement in it */
	struct span element;  /* what was removed or narrowed: an action, resource, "operator key
	                         value" */
	struct span narrowed; /* MUTANT_WILDCARD: what it was narrowed to; else SPAN_NONE */
	bool killed;          /* something recorded fails */
	const char *fold;     /* why it is wider than what was used: set by the caller, a constant */
};

struct mutation {
	struct arena arena;     /* of the spans */
	struct mutant *mutants; /* in the order of the documents */
	size_t n, killed;
};

/* STATUS_OK if the policies can be mutated; else STATUS_FILE with err, and *policy is the one with a
 * text of more than LIMIT_NARROWED wildcards. */
enum status mutate_check(const struct layered *policies, size_t n, size_t *policy, struct err *err);
/* Mutates the identity policies among n, which mutate_check found good. evidence: requests that they allow. STATEMENTS and
 * evidence are borrowed for the call. *out is always to be released. */
void mutate(const struct layered *policies, size_t n, const struct request *evidence,
            size_t n_evidence, struct mutation *out);
void mutation_release(struct mutation *m);

#endif
