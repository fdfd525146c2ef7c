/* resolve.h - mapping: what the parts of resolve_call (mapping.h) share. Private to resolve*.c. */
#ifndef MAPPING_RESOLVE_H
#define MAPPING_RESOLVE_H

#include "mapping/image.h"

/* The combinations of values tried for one resource type; more, and a variable is '*'. */
enum { LIMIT_COMBINATIONS = 64 };

struct rparam { /* a parameter with its path folded */
	struct span path, leaf;
	bool through_set;
	struct span value; /* decoded where the log has an ARN percent-encoded */
	const struct param *param;
	bool again; /* the path is that of the one before: a list's items come one after another */
};

/* One element of a list that several variables are taken from: only it is looked at, so that what
 * belongs together stays together. path SPAN_NONE: all are. */
struct focus {
	struct span path;
	const struct rparam *only;
};

/* The part that stands for the ARN of the IAM user who makes the call, in place of a member's path.
 */
#define CALLER "$caller"

struct value {
	struct span text;
	bool policy; /* policy text already: holds wildcards of ours, names escaped */
	bool parent; /* an ARN which the pattern's text up to here is replaced by */
};

struct values {
	struct value *v;
	size_t n;
};

struct resolver {
	const struct mapping *m;
	const struct call *call;
	const struct resolve_env *env;
	struct arena *arena;
	const struct operation *op;
	enum mapping_rule rule;
	struct rparam *params;
	size_t n_params, n_arns; /* of them that hold an ARN */
	size_t n_elements;       /* of them that are of a numbered element of a list */
	bool through_set;        /* of any parameter */
	struct span partition, region, account; /* never empty; "*" if unknown */
	struct focus focus;
	struct span element; /* the path to the one element of a list that is looked at,
	                        "entries[2]"; SPAN_NONE: all are */
	struct access *out;
	size_t n, room;
	unsigned replaced; /* by the escapes of the row being made */
};

/* ---- resolve-value.c */

/* Folds the call's parameters. */
void resolve_params(struct resolver *r);
/* The texts that a list of parts gives: its first alternative that gives anything; none: n is 0. */
struct values resolve_parts(struct resolver *r, const list_ref *parts);
/* Whether a member of one of the parts is there with a value, whatever it gives. */
bool resolve_is_given(struct resolver *r, const list_ref *parts);
/* The values of one part, transformed. */
struct values resolve_part(struct resolver *r, const struct image_part *part);
/* Whether all tests of a condition hold. */
bool resolve_tests(struct resolver *r, const list_ref *tests);
/* Whether a member is there at all, in whatever state. */
bool resolve_is_present(const struct resolver *r, const struct image_part *part);
/* A value as policy text. */
struct span resolve_text(struct resolver *r, struct value v);
/* The policy text of a pattern that the store folded many names to: its '*' stay, all else is literal. */
struct span resolve_pattern(struct resolver *r, struct span pattern);
/* The parameter rows at a part's member, in the order of trust: full path, other spellings, last
 * segment; the first, *n of them, in the arena. */
const struct rparam **resolve_find(struct resolver *r, const struct image_part *part, size_t *n);

/* ---- resolve-element.c */

/* Whether a parameter is of another element than the one that is looked at. */
bool resolve_is_elsewhere(const struct resolver *r, struct span path);
/* The elements, as in resolver.element, of the lists that hold a member of one of the parts; *n of
 * them, 0 where no list's elements are told apart. In the arena. */
struct span *resolve_elements(struct resolver *r, const list_ref *parts, size_t *n);

/* ---- resolve-whole.c */

/* What was found for one type. */
struct found {
	uint64_t *hash;    /* of each text, so that hundreds of them are compared quickly */
	struct span *text; /* policy text */
	enum access_origin *origin;
	unsigned *replaced;
	size_t n, room;
	bool unfit; /* a parameter that should name the resource is there, and is no ARN or name of
	               the type */
};

/* Adds a text, unless it is there. */
void resolve_put(struct resolver *r, struct found *f, struct span text, enum access_origin origin);
/* Those of the type in resources[]. */
void resolve_from_resources(struct resolver *r, const struct sar_type *t, struct found *f);
/* The one that a refusal of the action names, if it is of the type. */
void resolve_from_denial(struct resolver *r, const struct sar_action *action,
                         const struct sar_type *t, struct found *f);
/* Whatever member holds an ARN of the type: no name of a member is as sure as its value. */
void resolve_from_arns(struct resolver *r, const struct sar_type *t, struct found *f);

/* ---- resolve-type.c */

/* Adds the rows of one grant: its resource types, or "*". */
void resolve_types(struct resolver *r, const struct sar_action *action, const list_ref *on,
                   enum access_need need);
/* The same for an action as the reference has it, without members of a call. */
void resolve_reference(struct resolver *r, const struct sar_action *action, enum access_need need);
/* The rows of what is asked without a record; via: kms:ViaService, or SPAN_NONE. Where the resource
 * stays unknown it is NEED_DEPENDENT: not proven. */
void resolve_unrecorded(struct resolver *r, const struct image_unrecorded *u, struct span via);
/* ---- resolve-row.c */

/* Adds one row; resource is policy text. */
void resolve_add(struct resolver *r, const struct access *row);
/* The rows of an ARN or name of IAM: arn:P:iam::ACCOUNT:KIND/NAME and its like with any path, or
 * what the environment knows under the name. */
struct values resolve_iam_name(struct resolver *r, struct span kind, struct span name,
                               struct span account);
/* Sorts them; of rows that differ only in why and whence, the first stays. */
void resolve_sort(struct resolver *r);

#endif
