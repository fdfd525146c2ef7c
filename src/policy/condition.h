/* condition.h - policy: one test of a Condition block: operator, key, operands; and what it says of
 * a request.
 *
 * Source: IAM user guide, "IAM JSON policy elements: Condition operators" and "Single-valued vs.
 * multivalued context keys". */
#ifndef POLICY_CONDITION_H
#define POLICY_CONDITION_H

#include "base/err.h"
#include "policy/operand.h"
#include "policy/variable.h"

enum comparison {
	COMPARE_STRING,
	COMPARE_STRING_IGNORE_CASE,
	COMPARE_STRING_LIKE,
	COMPARE_ARN,
	COMPARE_NUMERIC,
	COMPARE_DATE,
	COMPARE_BOOL,
	COMPARE_BINARY,
	COMPARE_IP,
	COMPARE_NULL,
};

enum relation {
	RELATION_EQUAL,
	RELATION_LESS,
	RELATION_LESS_EQUAL,
	RELATION_GREATER,
	RELATION_GREATER_EQUAL
};

enum quantifier {
	QUANTIFIER_NONE, /* for keys with one value: with several none matches, not even a negated
	                    one */
	QUANTIFIER_ALL,  /* ForAllValues */
	QUANTIFIER_ANY,  /* ForAnyValue */
};

struct operand {
	struct span text; /* as it stands in the document */
	union {
		struct policy_text string; /* strings, ARNs, Bool with a variable */
		struct decimal number;
		struct instant instant;
		bool boolean;
		struct span binary;
		struct ip_range ip;
	} u;
	bool variable; /* COMPARE_BOOL: u.string, not u.boolean */
};

struct test {
	struct span key; /* lower case */
	enum comparison comparison;
	enum relation relation;
	enum quantifier quantifier;
	bool negated;
	bool if_exists;
	struct operand *operands;
	size_t n_operands;
};

/* Fills the operator's part of *out; false if AWS documents no such operator (names have case). */
bool test_operator(struct span name, struct test *out);

/* Compiles text as an operand of test, whose operator is known. STATUS_SKIP if AWS takes no such
 * value; err says why. text is borrowed. */
enum status test_operand(struct arena *arena, const struct test *test, struct span text,
                         bool variables, struct operand *out, struct err *err);

/* Whether o.u.string is the one that counts. */
bool operand_is_text(const struct test *test, const struct operand *o);

/* What the test says of the request. MAYBE only where a key is unknown. */
enum truth test_evaluate(const struct test *test, const struct request_keys *keys);
/* Of a test that is neither negated nor of presence and holds for the request: sets (never clears)
 * needed[i] for each operand without which it would not. */
void test_needs(const struct test *test, const struct request_keys *keys, bool *needed);

#endif
