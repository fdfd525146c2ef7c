/* variables.h - emit: what a Terraform module takes as variables in the place of literals: partition,
 * region and account of ARNs, where they stand alone in their field. */
#ifndef EMIT_VARIABLES_H
#define EMIT_VARIABLES_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"

enum variable_kind { VARIABLE_ACCOUNT, VARIABLE_PARTITION, VARIABLE_REGION };

struct emit_variable {
	enum variable_kind kind;
	struct span value; /* the default: "111122223333" */
};

/* Those that texts referred to so far. */
struct emit_variables {
	struct arena arena;
	struct span account; /* the one that is "account_id"; others, and all where there is none,
	                        are "account_id_111122223333". Borrowed. */
	VEC_OF(struct emit_variable);
};

void emit_variables_init(struct emit_variables *v);
void emit_variables_release(struct emit_variables *v);
/* Whether the field of an ARN can be a variable: it is there, and holds no wildcard or policy
 * variable; an account is one. */
bool emit_variable_fits(enum variable_kind kind, struct span value);
/* Adds "${var.account_id}" to b, and the variable to v. False past b's ceiling. */
bool emit_variable_put(struct emit_variables *v, enum variable_kind kind, struct span value,
                       struct buf *b);
/* Adds a "variable" block for each, by name, with its value as the default. */
bool emit_variables_text(struct emit_variables *v, struct buf *b);

#endif
