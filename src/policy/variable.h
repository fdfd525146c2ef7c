/* variable.h - policy: one text of a policy that may hold wildcards and policy variables: a
 * resource, or an operand of a string or ARN condition. Compiled once; a text without variables
 * needs nothing more at matching.
 *
 * Source: IAM user guide, "IAM policy elements: Variables and tags", and "Resource". */
#ifndef POLICY_VARIABLE_H
#define POLICY_VARIABLE_H

#include "policy/keys.h"
#include "policy/pattern.h"

enum text_use {
	TEXT_EXACT,       /* StringEquals: '*' and '?' are plain characters */
	TEXT_IGNORE_CASE, /* StringEqualsIgnoreCase */
	TEXT_LIKE,        /* StringLike: wildcards take any character */
	TEXT_ARN,         /* ArnLike: each of the six components is matched by itself */
	TEXT_RESOURCE,    /* Resource: a star that ends one of the first five segments spans colons,
	                   * other    wildcards there do not; the sixth segment is free */
};

struct variable {
	struct span key;      /* lower case */
	struct span fallback; /* the default, or SPAN_NONE */
	size_t at;            /* before which symbol it is put */
};

struct policy_text {
	struct span text; /* as it stands in the document */
	enum text_use use;
	const struct pattern *pattern; /* without variables; NULL with them, or if never */
	const struct pattern *widest;  /* with each variable as a star, else pattern */
	struct span exact;             /* TEXT_EXACT and TEXT_IGNORE_CASE without variables */
	struct symbol *symbols;        /* with variables: all that is no variable */
	size_t n_symbols;
	struct variable *variables;
	size_t n_variables;
	/* What a match begins with ends in prefix_end, at prefix - 1; prefix 0: with anything. */
	size_t prefix;
	char prefix_end;
	bool never; /* no text can match: no ARN, or a variable before the fifth colon, where AWS
	               takes none */
};

/* Compiles text, which the result borrows. With variables (Version 2012-10-17) "${...}" is
 * replaced, else it is plain text; "${" without an end always is. False if it is longer than
 * LIMIT_PATTERN. */
bool policy_text_compile(struct arena *arena, struct span text, enum text_use use, bool variables,
                         struct policy_text *out);

/* Whether value matches. A variable without default whose key the request lacks, or has several
 * values of, makes the text null: nothing equals it, nothing is like it ("Policy variables with no
 * value"). MAYBE: that hangs on a variable whose key is unknown. */
enum truth policy_text_match(const struct policy_text *t, const struct request_keys *keys,
                             struct span value);

/* The same for a value with unknown parts (see pattern_match): MAYBE if some of what they can stand
 * for matches and some may not. */
enum truth policy_text_meet(const struct policy_text *t, const struct request_keys *keys,
                            struct span value);

#endif
