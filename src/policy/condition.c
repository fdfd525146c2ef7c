/* condition.c - policy: see condition.h. */
#include "config.h"

#include "policy/condition.h"

static const struct operator_row {
	const char *name;
	enum comparison comparison;
	enum relation relation;
	bool negated;
} operators[] = {
        {"StringEquals", COMPARE_STRING, RELATION_EQUAL, false},
        {"StringNotEquals", COMPARE_STRING, RELATION_EQUAL, true},
        {"StringEqualsIgnoreCase", COMPARE_STRING_IGNORE_CASE, RELATION_EQUAL, false},
        {"StringNotEqualsIgnoreCase", COMPARE_STRING_IGNORE_CASE, RELATION_EQUAL, true},
        {"StringLike", COMPARE_STRING_LIKE, RELATION_EQUAL, false},
        {"StringNotLike", COMPARE_STRING_LIKE, RELATION_EQUAL, true},
        {"NumericEquals", COMPARE_NUMERIC, RELATION_EQUAL, false},
        {"NumericNotEquals", COMPARE_NUMERIC, RELATION_EQUAL, true},
        {"NumericLessThan", COMPARE_NUMERIC, RELATION_LESS, false},
        {"NumericLessThanEquals", COMPARE_NUMERIC, RELATION_LESS_EQUAL, false},
        {"NumericGreaterThan", COMPARE_NUMERIC, RELATION_GREATER, false},
        {"NumericGreaterThanEquals", COMPARE_NUMERIC, RELATION_GREATER_EQUAL, false},
        {"DateEquals", COMPARE_DATE, RELATION_EQUAL, false},
        {"DateNotEquals", COMPARE_DATE, RELATION_EQUAL, true},
        {"DateLessThan", COMPARE_DATE, RELATION_LESS, false},
        {"DateLessThanEquals", COMPARE_DATE, RELATION_LESS_EQUAL, false},
        {"DateGreaterThan", COMPARE_DATE, RELATION_GREATER, false},
        {"DateGreaterThanEquals", COMPARE_DATE, RELATION_GREATER_EQUAL, false},
        {"Bool", COMPARE_BOOL, RELATION_EQUAL, false},
        {"BinaryEquals", COMPARE_BINARY, RELATION_EQUAL, false},
        {"IpAddress", COMPARE_IP, RELATION_EQUAL, false},
        {"NotIpAddress", COMPARE_IP, RELATION_EQUAL, true},
        {"ArnEquals", COMPARE_ARN, RELATION_EQUAL, false},
        {"ArnLike", COMPARE_ARN, RELATION_EQUAL, false},
        {"ArnNotEquals", COMPARE_ARN, RELATION_EQUAL, true},
        {"ArnNotLike", COMPARE_ARN, RELATION_EQUAL, true},
        {"Null", COMPARE_NULL, RELATION_EQUAL, false},
};

bool test_operator(struct span name, struct test *out)
{
	struct span base = name;
	enum quantifier quantifier = QUANTIFIER_NONE;
	bool if_exists = false;
	if (span_starts(base, SPAN_LIT("ForAllValues:"))) {
		quantifier = QUANTIFIER_ALL;
		base = span_from(base, strlen("ForAllValues:"));
	} else if (span_starts(base, SPAN_LIT("ForAnyValue:"))) {
		quantifier = QUANTIFIER_ANY;
		base = span_from(base, strlen("ForAnyValue:"));
	}
	if (span_ends(base, SPAN_LIT("IfExists"))) {
		if_exists = true;
		base.n -= strlen("IfExists");
	}
	for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
		if (!span_is(base, operators[i].name))
			continue;
		if (operators[i].comparison == COMPARE_NULL && (if_exists || quantifier))
			return false;
		out->comparison = operators[i].comparison;
		out->relation = operators[i].relation;
		out->negated = operators[i].negated;
		out->quantifier = quantifier;
		out->if_exists = if_exists;
		return true;
	}
	return false;
}

static enum status refuse(struct err *err, const char *what, struct span text)
{
	return err_set(err, STATUS_SKIP, "bad-operand", "'%.*s' is not %s",
	               text.n > 80 ? 80 : (int)text.n, text.p, what);
}

static enum text_use text_use_of(enum comparison c)
{
	switch (c) {
	case COMPARE_STRING_IGNORE_CASE: return TEXT_IGNORE_CASE;
	case COMPARE_STRING_LIKE: return TEXT_LIKE;
	case COMPARE_ARN: return TEXT_ARN;
	default: return TEXT_EXACT;
	}
}

static bool compile_bool(struct arena *arena, struct span text, bool variables, struct operand *o)
{
	if (bool_parse(text, &o->u.boolean))
		return true;
	o->variable = true;
	return variables &&
	       policy_text_compile(arena, text, TEXT_IGNORE_CASE, true, &o->u.string) &&
	       o->u.string.n_variables > 0;
}

enum status test_operand(struct arena *arena, const struct test *test, struct span text,
                         bool variables, struct operand *out, struct err *err)
{
	struct operand o = {.text = text};
	switch (test->comparison) {
	case COMPARE_NUMERIC:
		if (!decimal_parse(text, &o.u.number))
			return refuse(err, "a number", text);
		break;
	case COMPARE_DATE:
		if (!instant_parse(text, &o.u.instant))
			return refuse(err, "a date (ISO 8601 or epoch seconds)", text);
		break;
	case COMPARE_BOOL:
		if (!compile_bool(arena, text, variables, &o))
			return refuse(err, "true or false", text);
		break;
	case COMPARE_NULL:
		if (!bool_parse(text, &o.u.boolean))
			return refuse(err, "true or false", text);
		break;
	case COMPARE_BINARY:
		if (!base64_parse(text, arena, &o.u.binary))
			return refuse(err, "base64", text);
		break;
	case COMPARE_IP:
		if (!ip_range_parse(text, &o.u.ip))
			return refuse(err, "an IP address or range", text);
		break;
	default:
		if (!policy_text_compile(arena, text, text_use_of(test->comparison), variables,
		                         &o.u.string))
			return err_set(err, STATUS_SKIP, "too-long", "a value of %zu bytes",
			               text.n);
		break;
	}
	*out = o;
	return STATUS_OK;
}

bool operand_is_text(const struct test *test, const struct operand *o)
{
	return test->comparison <= COMPARE_ARN || (test->comparison == COMPARE_BOOL && o->variable);
}

static enum truth truth_of(bool b)
{
	return b ? TRUTH_YES : TRUTH_NO;
}

static bool related(enum relation relation, int order)
{
	switch (relation) {
	case RELATION_LESS: return order < 0;
	case RELATION_LESS_EQUAL: return order <= 0;
	case RELATION_GREATER: return order > 0;
	case RELATION_GREATER_EQUAL: return order >= 0;
	default: return order == 0;
	}
}

/* A value of the request in the operator's type. */
struct typed {
	struct span text;
	struct decimal number;
	struct instant instant;
	bool boolean;
	struct span binary;
	struct ip_range ip;
};

static bool is_arn(struct span s)
{
	size_t colons = 0;
	for (size_t i = 0; i < s.n; i++)
		colons += s.p[i] == ':';
	return colons >= 5;
}

/* False if the value is not of the operator's type: it neither matches nor satisfies a negation. */
static bool read_value(const struct test *t, struct span value, struct arena *arena,
                       struct typed *v)
{
	v->text = value;
	switch (t->comparison) {
	case COMPARE_NUMERIC: return decimal_parse(value, &v->number);
	case COMPARE_DATE: return instant_parse(value, &v->instant);
	case COMPARE_BOOL: return bool_parse(value, &v->boolean);
	case COMPARE_BINARY: return base64_parse(value, arena, &v->binary);
	case COMPARE_IP: return ip_address_parse(value, &v->ip);
	case COMPARE_ARN: return is_arn(value);
	default: return true;
	}
}

static enum truth compare(const struct test *t, const struct operand *o,
                          const struct request_keys *keys, const struct typed *v)
{
	switch (t->comparison) {
	case COMPARE_NUMERIC:
		return truth_of(related(t->relation, decimal_compare(&v->number, &o->u.number)));
	case COMPARE_DATE:
		return truth_of(related(t->relation, instant_compare(&v->instant, &o->u.instant)));
	case COMPARE_BINARY: return truth_of(span_eq(v->binary, o->u.binary));
	case COMPARE_IP: return truth_of(ip_range_has(&o->u.ip, &v->ip));
	case COMPARE_BOOL:
		if (!o->variable)
			return truth_of(v->boolean == o->u.boolean);
		/* fallthrough */
	default: return policy_text_match(&o->u.string, keys, v->text);
	}
}

/* Whether one value of the request satisfies the test: matches an operand, or with a negated
 * operator none
 * ("evaluated using a logical NOR"). */
static enum truth test_value(const struct test *t, const struct request_keys *keys,
                             struct span value)
{
	struct arena arena;
	struct typed v;
	enum truth best = TRUTH_NO;
	arena_init(&arena);
	bool typed = read_value(t, value, &arena, &v);
	for (size_t i = 0; typed && i < t->n_operands && best != TRUTH_YES; i++) {
		enum truth one = compare(t, &t->operands[i], keys, &v);
		if (one > best)
			best = one;
	}
	arena_release(&arena);
	if (!t->negated)
		return best;
	if (!typed)
		return TRUTH_NO;
	return best == TRUTH_YES ? TRUTH_NO : best == TRUTH_NO ? TRUTH_YES : TRUTH_MAYBE;
}

static enum truth test_null(const struct test *t, const struct request_key *fact)
{
	if (fact && fact->unknown) {
		bool yes = false, no = false;
		for (size_t i = 0; i < t->n_operands; i++) {
			yes = yes || t->operands[i].u.boolean;
			no = no || !t->operands[i].u.boolean;
		}
		return yes && no ? TRUTH_YES : yes || no ? TRUTH_MAYBE : TRUTH_NO;
	}
	bool absent = !fact || fact->n == 0;
	for (size_t i = 0; i < t->n_operands; i++)
		if (t->operands[i].u.boolean == absent)
			return TRUTH_YES;
	return TRUTH_NO;
}

/* "a null data set, such as an empty string" (single-valued vs. multivalued context keys). */
static bool is_null_set(const struct request_key *fact)
{
	for (size_t i = 0; i < fact->n; i++)
		if (fact->values[i].n)
			return false;
	return true;
}

static enum truth test_set(const struct test *t, const struct request_keys *keys,
                           const struct request_key *fact)
{
	bool all = t->quantifier == QUANTIFIER_ALL;
	if (is_null_set(fact))
		return truth_of(all);
	enum truth result = all ? TRUTH_YES : TRUTH_NO;
	for (size_t i = 0; i < fact->n; i++) {
		enum truth one = test_value(t, keys, fact->values[i]);
		if (all ? one < result : one > result)
			result = one;
	}
	return result;
}

enum truth test_evaluate(const struct test *t, const struct request_keys *keys)
{
	const struct request_key *fact = keys_find(keys, t->key);
	if (t->comparison == COMPARE_NULL)
		return test_null(t, fact);
	if (fact && fact->unknown)
		return TRUTH_MAYBE;
	bool absent = !fact || (fact->n == 0 && t->quantifier == QUANTIFIER_NONE);
	/* "ForAnyValue ... returns false if there is no matching key in the request", IfExists or
	 * not (single-valued vs. multivalued context keys) */
	if (absent && t->quantifier == QUANTIFIER_ANY)
		return TRUTH_NO;
	if (absent && (t->if_exists || t->quantifier == QUANTIFIER_ALL))
		return TRUTH_YES;
	if (absent)
		return truth_of(t->negated);
	if (t->quantifier != QUANTIFIER_NONE)
		return test_set(t, keys, fact);
	return fact->n == 1 ? test_value(t, keys, fact->values[0]) : TRUTH_NO;
}

/* The operand that alone matches the value; n_operands if none or several do. */
static size_t operand_alone(const struct test *t, const struct request_keys *keys,
                            struct span value)
{
	struct arena arena;
	struct typed v;
	size_t alone = t->n_operands;
	arena_init(&arena);
	bool typed = read_value(t, value, &arena, &v);
	for (size_t i = 0; typed && i < t->n_operands; i++) {
		if (compare(t, &t->operands[i], keys, &v) != TRUTH_YES)
			continue;
		if (alone != t->n_operands) {
			alone = t->n_operands;
			break;
		}
		alone = i;
	}
	arena_release(&arena);
	return alone;
}

void test_needs(const struct test *t, const struct request_keys *keys, bool *needed)
{
	const struct request_key *fact = keys_find(keys, t->key);
	bool any = t->quantifier == QUANTIFIER_ANY;
	size_t last = t->n_operands;
	if (!fact || fact->unknown || (t->quantifier != QUANTIFIER_NONE && is_null_set(fact)))
		return;
	for (size_t i = 0; i < fact->n; i++) {
		if (any && test_value(t, keys, fact->values[i]) != TRUTH_YES)
			continue;
		size_t at = operand_alone(t, keys, fact->values[i]);
		if (any && (at == t->n_operands || (last != t->n_operands && at != last)))
			return; /* another value, or another operand, makes it hold as well */
		last = at;
		if (!any && at < t->n_operands)
			needed[at] = true;
	}
	if (any && last < t->n_operands)
		needed[last] = true;
}
