/* policy_grammar.c - a test tool: whether JSON files are IAM policies by the published grammar,
 * independent of the program's own reader. Usage: policy_grammar [--trust] [--max N] FILE... ;
 * names what is wrong and exits 1. --max: characters that are no white space.
 *
 * Source: IAM user guide, "Grammar of the IAM JSON policy language"; element reference for Sid,
 * Action, Resource, Condition; IAM quotas for the characters of a document. */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *file;
static int failures;
static bool trust;

static void bad(const char *where, const char *what, const char *value)
{
	fprintf(stderr, "%s: %s: %s%s%s\n", file, where, what, value ? ": " : "",
	        value ? value : "");
	failures++;
}

static bool one_of(const char *s, const char *const *list)
{
	for (size_t i = 0; list[i]; i++)
		if (strcmp(s, list[i]) == 0)
			return true;
	return false;
}

static bool all_in(const char *s, const char *set)
{
	return strspn(s, set) == strlen(s);
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/* "${" begins a variable: one of the three escapes, or a key with an optional default. */
static bool variables_ok(const char *s)
{
	for (const char *p = strstr(s, "${"); p; p = strstr(p + 2, "${")) {
		const char *end = strchr(p, '}');
		size_t n = end ? (size_t)(end - p) - 2 : 0;
		if (!end || n == 0)
			return false;
		if (n == 1 && strchr("*?$", p[2]))
			continue;
		if (strspn(p + 2, LETTERS DIGITS ":/_.-, '") < n)
			return false;
	}
	return true;
}

/* U+0100 begins with the bytes c4 80: IAM takes nothing from there on, and of the controls only
 * three. */
static bool characters_ok(const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (c >= 0xc4 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r'))
			return false;
	}
	return true;
}

static void check_action(const char *s)
{
	const char *colon = strchr(s, ':');
	if (strcmp(s, "*") == 0)
		return;
	size_t service = colon ? (size_t)(colon - s) : 0;
	if (!colon || strspn(s, LETTERS DIGITS "-") < service || service == 0 || !colon[1] ||
	    !all_in(colon + 1, LETTERS DIGITS "*?"))
		bad("Action", "is no action", s);
}

static void check_resource(const char *s)
{
	int colons = 0;
	if (strcmp(s, "*") == 0)
		return;
	const char *p = s;
	for (; *p && colons < 5; p++)
		colons += *p == ':';
	if (strncmp(s, "arn:", 4) != 0 || colons < 5 || !*p)
		bad("Resource", "is no ARN", s);
	if (!variables_ok(s))
		bad("Resource", "has a '${' that begins no variable", s);
	if (!characters_ok(s))
		bad("Resource", "has a character that IAM does not take", s);
}

static void check_strings(const char *where, const json_t *v, void (*check)(const char *))
{
	size_t n = json_is_array(v) ? json_array_size(v) : 1;
	if (n == 0)
		bad(where, "is an empty list", NULL);
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_is_array(v) ? json_array_get(v, i) : v;
		if (!json_is_string(one)) {
			bad(where, "holds what is no string", NULL);
			continue;
		}
		if (check)
			check(json_string_value(one));
		for (size_t k = 0; k < i; k++)
			if (json_equal(one, json_array_get(v, k)))
				bad(where, "names one twice", json_string_value(one));
	}
}

static const char *const operators[] = {"StringEquals",
                                        "StringNotEquals",
                                        "StringEqualsIgnoreCase",
                                        "StringNotEqualsIgnoreCase",
                                        "StringLike",
                                        "StringNotLike",
                                        "NumericEquals",
                                        "NumericNotEquals",
                                        "NumericLessThan",
                                        "NumericLessThanEquals",
                                        "NumericGreaterThan",
                                        "NumericGreaterThanEquals",
                                        "DateEquals",
                                        "DateNotEquals",
                                        "DateLessThan",
                                        "DateLessThanEquals",
                                        "DateGreaterThan",
                                        "DateGreaterThanEquals",
                                        "Bool",
                                        "BinaryEquals",
                                        "IpAddress",
                                        "NotIpAddress",
                                        "ArnEquals",
                                        "ArnLike",
                                        "ArnNotEquals",
                                        "ArnNotLike",
                                        "Null",
                                        NULL};

static void check_condition(json_t *v)
{
	const char *operator, * key;
	json_t *keys, *values;
	if (!json_is_object(v) || json_object_size(v) == 0) {
		bad("Condition", "is no object with operators", NULL);
		return;
	}
	json_object_foreach(v, operator, keys)
	{
		char name[64];
		const char *colon = strchr(operator, ':');
		snprintf(name, sizeof name, "%s", colon ? colon + 1 : operator);
		size_t n = strlen(name);
		if (n > 8 && strcmp(name + n - 8, "IfExists") == 0)
			name[n - 8] = '\0';
		if (!one_of(name, operators) ||
		    (colon && strncmp(operator, "ForAnyValue:", 12) != 0 &&
		     strncmp(operator, "ForAllValues:", 13) != 0))
			bad("Condition", "has no such operator", operator);
		if (!json_is_object(keys) || json_object_size(keys) == 0)
			bad("Condition", "has an operator without keys", operator);
		json_object_foreach(keys, key, values)
		{
			if (!strchr(key, ':'))
				bad("Condition", "is no key", key);
			check_strings(key, values, NULL);
		}
	}
}

static void check_principal(json_t *v)
{
	static const char *const kinds[] = {"AWS", "Federated", "Service", "CanonicalUser", NULL};
	const char *kind;
	json_t *values;
	if (json_is_string(v) && strcmp(json_string_value(v), "*") == 0)
		return;
	if (!json_is_object(v) || json_object_size(v) == 0) {
		bad("Principal", "is no object", NULL);
		return;
	}
	json_object_foreach(v, kind, values)
	{
		if (!one_of(kind, kinds))
			bad("Principal", "has no such kind", kind);
		check_strings("Principal", values, NULL);
	}
}

static void check_either(json_t *s, const char *a, const char *b, void (*check)(const char *))
{
	json_t *x = json_object_get(s, a), *y = json_object_get(s, b);
	if (!x == !y)
		bad(a, x ? "stands beside its opposite" : "is missing", NULL);
	else
		check_strings(a, x ? x : y, check);
}

static void check_statement(json_t *s, json_t *sids)
{
	static const char *const members[] = {"Sid",       "Effect",    "Principal", "NotPrincipal",
	                                      "Action",    "NotAction", "Resource",  "NotResource",
	                                      "Condition", NULL};
	const char *key;
	json_t *value;
	if (!json_is_object(s)) {
		bad("Statement", "holds what is no object", NULL);
		return;
	}
	json_object_foreach(s, key, value)
	{
		if (!one_of(key, members))
			bad("Statement", "has no such element", key);
	}
	const char *sid = json_string_value(json_object_get(s, "Sid"));
	if (json_object_get(s, "Sid") && (!sid || !all_in(sid, LETTERS DIGITS)))
		bad("Sid", "is not of letters and digits", sid);
	if (sid && json_object_get(sids, sid))
		bad("Sid", "is there twice", sid);
	if (sid)
		json_object_set_new(sids, sid, json_true());
	const char *effect = json_string_value(json_object_get(s, "Effect"));
	if (!effect || (strcmp(effect, "Allow") != 0 && strcmp(effect, "Deny") != 0))
		bad("Effect", "is neither Allow nor Deny", effect);
	check_either(s, "Action", "NotAction", check_action);
	if (trust) {
		if (!json_object_get(s, "Principal"))
			bad("Principal", "is missing", NULL);
		else
			check_principal(json_object_get(s, "Principal"));
		if (json_object_get(s, "Resource"))
			bad("Resource", "has no place in a trust policy", NULL);
	} else {
		check_either(s, "Resource", "NotResource", check_resource);
		if (json_object_get(s, "Principal"))
			bad("Principal", "has no place in an identity-based policy", NULL);
	}
	if (json_object_get(s, "Condition"))
		check_condition(json_object_get(s, "Condition"));
}

static void check_document(json_t *d)
{
	const char *key;
	json_t *value, *sids = json_object();
	json_object_foreach(d, key, value)
	{
		if (strcmp(key, "Version") != 0 && strcmp(key, "Id") != 0 &&
		    strcmp(key, "Statement") != 0)
			bad("policy", "has no such element", key);
	}
	const char *version = json_string_value(json_object_get(d, "Version"));
	if (!version || (strcmp(version, "2012-10-17") != 0 && strcmp(version, "2008-10-17") != 0))
		bad("Version", "is none", version);
	json_t *s = json_object_get(d, "Statement");
	size_t n = json_is_array(s) ? json_array_size(s) : 0;
	if (n == 0 && !json_is_object(s))
		bad("Statement", "is missing or empty", NULL);
	if (json_is_object(s))
		check_statement(s, sids);
	for (size_t i = 0; i < n; i++)
		check_statement(json_array_get(s, i), sids);
	json_decref(sids);
}

/* White space inside strings counts here: more than IAM is said to count, never less. */
static size_t characters(const json_t *d)
{
	char *text = json_dumps(d, JSON_COMPACT);
	size_t n = 0;
	for (const char *p = text; p && *p; p++)
		n += ((unsigned char)*p & 0xc0) != 0x80;
	free(text);
	return n;
}

int main(int argc, char **argv)
{
	size_t max = 0;
	for (int i = 1; i < argc; i++) {
		json_error_t e;
		if (strcmp(argv[i], "--trust") == 0) {
			trust = true;
			continue;
		}
		if (strcmp(argv[i], "--max") == 0 && i + 1 < argc) {
			max = strtoul(argv[++i], NULL, 10);
			continue;
		}
		file = argv[i];
		json_t *d = json_load_file(file, JSON_REJECT_DUPLICATES, &e);
		if (!json_is_object(d))
			bad("JSON", d ? "is no object" : e.text, NULL);
		else
			check_document(d);
		if (d && max && characters(d) > max)
			bad("size", "is beyond the limit", NULL);
		json_decref(d);
	}
	return failures ? 1 : 0;
}
