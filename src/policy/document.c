/* document.c - policy: see document.h. jansson reads the JSON; what is made of it is checked here,
 * element by element. */
#include "config.h"

#include "policy/document.h"

#include "base/alloc.h"
#include "policy/limits.h"

#include <stdio.h>
#include <stdlib.h>

/* Where in the document the reader is, for errors. */
struct place {
	const char *element; /* "Action" or NULL */
	size_t statement;
	bool in_statement;
	struct span operator_text, key; /* inside Condition */
};

struct reader {
	struct document *document;
	struct err *err;
	struct place place;
	size_t actions, resources, conditions, operands, principals; /* so far */
};

static enum status fail(struct reader *r, const char *what, struct span name)
{
	char where[400] = "";
	size_t n = 0;
	const struct place *p = &r->place;
	if (p->in_statement)
		n = (size_t)snprintf(where, sizeof where, "Statement[%zu]", p->statement);
	if (p->element)
		n += (size_t)snprintf(where + n, sizeof where - n, "%s%s", n ? "." : "",
		                      p->element);
	if (p->operator_text.p)
		n += (size_t)snprintf(where + n, sizeof where - n, ".%.*s",
		                      p->operator_text.n > 60 ? 60 : (int)p->operator_text.n,
		                      p->operator_text.p);
	if (p->key.p)
		snprintf(where + n, sizeof where - n, ".%.*s", p->key.n > 120 ? 120 : (int)p->key.n,
		         p->key.p);
	if (name.p)
		return err_set(r->err, STATUS_FILE, "bad-policy", "%s%s%s '%.*s'", where,
		               where[0] ? ": " : "", what, name.n > 200 ? 200 : (int)name.n,
		               name.p);
	return err_set(r->err, STATUS_FILE, "bad-policy", "%s%s%s", where, where[0] ? ": " : "",
	               what);
}

static enum status fail_type(struct reader *r, const char *wanted)
{
	char what[80];
	snprintf(what, sizeof what, "is not %s", wanted);
	return fail(r, what, SPAN_NONE);
}

/* n more of what a document may hold only so many of. */
static enum status more(struct reader *r, size_t *total, size_t n, size_t bound, const char *what)
{
	char text[80];
	if (n <= bound - *total) {
		*total += n;
		return STATUS_OK;
	}
	snprintf(text, sizeof text, "more than %zu %s in one policy", bound, what);
	return fail(r, text, SPAN_NONE);
}

static struct span json_span(struct reader *r, const json_t *s)
{
	return arena_span(&r->document->arena,
	                  span_make(json_string_value(s), json_string_length(s)));
}

/* A string or an array of strings: how many, and the i-th of them. */
static size_t list_size(const json_t *j)
{
	return json_is_array(j) ? json_array_size(j) : 1;
}

static const json_t *list_at(const json_t *j, size_t i)
{
	return json_is_array(j) ? json_array_get(j, i) : j;
}

static enum status check_action(struct reader *r, struct span text)
{
	bool stars = text.n > 0;
	size_t colons = 0;
	for (size_t i = 0; i < text.n; i++) {
		stars = stars && text.p[i] == '*';
		colons += text.p[i] == ':';
	}
	if (stars)
		return STATUS_OK;
	if (colons == 0)
		return fail(r, "no service prefix in", text);
	if (colons > 1)
		return fail(r, "more than one colon in", text);
	if (text.p[0] == ':' || text.p[text.n - 1] == ':')
		return fail(r, "no action in", text);
	return STATUS_OK;
}

static enum status compile_action(struct reader *r, struct span text, struct action_text *out)
{
	enum status status = check_action(r, text);
	if (status != STATUS_OK)
		return status;
	struct arena *arena = &r->document->arena;
	struct policy_text t;
	if (!policy_text_compile(arena, lower_copy(arena, text), TEXT_LIKE, false, &t))
		return fail(r, "is too long", SPAN_NONE);
	*out = (struct action_text){text, t.pattern};
	return STATUS_OK;
}

static enum status read_actions(struct reader *r, const json_t *j, struct statement *s)
{
	size_t n = list_size(j);
	if (n == 0)
		return fail(r, "names no action", SPAN_NONE);
	if (more(r, &r->actions, n, BOUND_ACTIONS, "actions") != STATUS_OK)
		return STATUS_FILE;
	s->actions = arena_calloc(&r->document->arena, n, sizeof *s->actions);
	for (; s->n_actions < n; s->n_actions++) {
		const json_t *one = list_at(j, s->n_actions);
		if (!json_is_string(one))
			return fail_type(r, "a string or a list of strings");
		enum status status =
		        compile_action(r, json_span(r, one), &s->actions[s->n_actions]);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static enum status read_resources(struct reader *r, const json_t *j, struct statement *s)
{
	size_t n = list_size(j);
	if (n == 0)
		return fail(r, "names no resource", SPAN_NONE);
	if (more(r, &r->resources, n, BOUND_RESOURCES, "resources") != STATUS_OK)
		return STATUS_FILE;
	s->resources = arena_calloc(&r->document->arena, n, sizeof *s->resources);
	for (; s->n_resources < n; s->n_resources++) {
		const json_t *one = list_at(j, s->n_resources);
		if (!json_is_string(one))
			return fail_type(r, "a string or a list of strings");
		if (!policy_text_compile(&r->document->arena, json_span(r, one), TEXT_RESOURCE,
		                         r->document->variables, &s->resources[s->n_resources]))
			return fail(r, "is too long", SPAN_NONE);
	}
	return STATUS_OK;
}

static bool principal_kind_of(const char *name, enum principal_kind *kind)
{
	static const char *const names[] = {"AWS", "Federated", "Service", "CanonicalUser"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(name, names[i]) == 0) {
			*kind = (enum principal_kind)i;
			return true;
		}
	}
	return false;
}

static enum status read_principals(struct reader *r, const json_t *j, struct statement *s)
{
	if (json_is_string(j) && strcmp(json_string_value(j), "*") == 0) {
		s->everyone = true;
		return STATUS_OK;
	}
	if (!json_is_object(j))
		return fail_type(r, "\"*\" or an object");
	size_t total = 0;
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)j, key, value) total += list_size(value);
	if (more(r, &r->principals, total, BOUND_PRINCIPALS, "principals") != STATUS_OK)
		return STATUS_FILE;
	s->principals = arena_calloc(&r->document->arena, total + 1, sizeof *s->principals);
	json_object_foreach((json_t *)(uintptr_t)j, key, value)
	{
		enum principal_kind kind;
		if (!principal_kind_of(key, &kind))
			return fail(r, "no such kind of principal:", span_of(key));
		for (size_t i = 0; i < list_size(value); i++) {
			if (!json_is_string(list_at(value, i)))
				return fail_type(r, "made of strings or lists of strings");
			s->principals[s->n_principals++] =
			        (struct principal_id){kind, json_span(r, list_at(value, i))};
		}
	}
	if (s->n_principals == 0)
		return fail(r, "names no principal", SPAN_NONE);
	return STATUS_OK;
}

/* The text of a JSON scalar: AWS takes numbers and booleans without quotes. */
static bool scalar_text(struct reader *r, const json_t *j, struct span *out, bool *bare)
{
	*bare = !json_is_string(j);
	if (json_is_string(j))
		*out = json_span(r, j);
	else if (json_is_boolean(j))
		*out = json_is_true(j) ? SPAN_LIT("true") : SPAN_LIT("false");
	else if (json_is_integer(j))
		*out = arena_printf(&r->document->arena, "%lld", (long long)json_integer_value(j));
	else if (json_is_real(j))
		*out = arena_printf(&r->document->arena, "%.15g", json_real_value(j));
	else
		return false;
	return true;
}

static enum status read_operands(struct reader *r, const json_t *j, struct test *t)
{
	size_t n = list_size(j);
	if (more(r, &r->operands, n, BOUND_OPERANDS, "values of conditions") != STATUS_OK)
		return STATUS_FILE;
	t->list = json_is_array(j);
	t->operands = arena_calloc(&r->document->arena, n + 1, sizeof *t->operands);
	for (; t->n_operands < n; t->n_operands++) {
		struct span text;
		bool bare;
		struct err why;
		err_clear(&why);
		if (!scalar_text(r, list_at(j, t->n_operands), &text, &bare))
			return fail_type(r, "a string, number, boolean or a list of them");
		if (test_operand(&r->document->arena, t, text, r->document->variables,
		                 &t->operands[t->n_operands], &why) != STATUS_OK)
			return fail(r, why.text, SPAN_NONE);
		t->operands[t->n_operands].bare = bare;
	}
	return STATUS_OK;
}

static enum status read_test(struct reader *r, struct span operator_text, const char *key,
                             const json_t *value, struct statement *s)
{
	struct test *t = &s->tests[s->n_tests];
	r->place.key = span_of(key);
	if (!test_operator(operator_text, t))
		return fail(r, "no such condition operator", SPAN_NONE);
	t->key_text = arena_span(&r->document->arena, span_of(key));
	t->key = lower_copy(&r->document->arena, t->key_text);
	if (t->key.n == 0)
		return fail(r, "an empty condition key", SPAN_NONE);
	enum status status = read_operands(r, value, t);
	s->n_tests += status == STATUS_OK;
	r->place.key = SPAN_NONE;
	return status;
}

static int by_meaning(const void *a, const void *b)
{
	const struct test *x = *(struct test *const *)a, *y = *(struct test *const *)b;
	int c = span_cmp(x->key, y->key);
	c = c ? c : span_cmp(x->operator_text, y->operator_text);
	return c ? c : (x > y) - (x < y);
}

/* Keys of one operator differ by more than case. */
static enum status check_keys(struct reader *r, const struct statement *s)
{
	const struct test *twice = NULL;
	const struct test **t = xcalloc(s->n_tests + 1, sizeof(const struct test *));
	for (size_t i = 0; i < s->n_tests; i++)
		t[i] = &s->tests[i];
	if (s->n_tests)
		qsort(t, s->n_tests, sizeof(const struct test *), by_meaning);
	for (size_t i = 1; i < s->n_tests; i++)
		if (span_eq(t[i - 1]->key, t[i]->key) &&
		    span_eq(t[i - 1]->operator_text, t[i]->operator_text) &&
		    (!twice || t[i] < twice))
			twice = t[i];
	free(t);
	if (!twice)
		return STATUS_OK;
	r->place.operator_text = twice->operator_text;
	r->place.key = twice->key_text;
	return fail(r, "the key is there twice, in another case", SPAN_NONE);
}

static enum status read_conditions(struct reader *r, const json_t *j, struct statement *s)
{
	if (!json_is_object(j))
		return fail_type(r, "an object");
	size_t total = 0;
	const char *name, *key;
	json_t *block, *value;
	json_object_foreach((json_t *)(uintptr_t)j, name, block) total += json_object_size(block);
	if (more(r, &r->conditions, total, BOUND_CONDITIONS, "condition keys") != STATUS_OK)
		return STATUS_FILE;
	s->tests = arena_calloc(&r->document->arena, total + 1, sizeof *s->tests);
	json_object_foreach((json_t *)(uintptr_t)j, name, block)
	{
		struct test probe;
		r->place.operator_text = arena_span(&r->document->arena, span_of(name));
		if (!test_operator(r->place.operator_text, &probe))
			return fail(r, "no such condition operator", SPAN_NONE);
		if (!json_is_object(block))
			return fail_type(r, "an object");
		json_object_foreach(block, key, value)
		{
			enum status status = read_test(r, r->place.operator_text, key, value, s);
			if (status != STATUS_OK)
				return status;
		}
	}
	r->place.operator_text = SPAN_NONE;
	return check_keys(r, s);
}

static enum status read_effect(struct reader *r, const json_t *j, struct statement *s)
{
	const char *effect = json_string_value(j);
	if (!effect || (strcmp(effect, "Allow") != 0 && strcmp(effect, "Deny") != 0))
		return fail(r, "is neither Allow nor Deny", SPAN_NONE);
	s->deny = effect[0] == 'D';
	return STATUS_OK;
}

static enum status read_element(struct reader *r, const char *key, const json_t *value,
                                struct statement *s)
{
	r->place.element = key;
	if (strcmp(key, "Sid") == 0) {
		if (!json_is_string(value))
			return fail_type(r, "a string");
		s->sid = json_span(r, value);
		return STATUS_OK;
	}
	if (strcmp(key, "Effect") == 0)
		return read_effect(r, value, s);
	if (strcmp(key, "Action") == 0 || strcmp(key, "NotAction") == 0) {
		if (s->actions)
			return fail(r, "Action and NotAction exclude each other", SPAN_NONE);
		s->not_action = key[0] == 'N';
		return read_actions(r, value, s);
	}
	if (strcmp(key, "Resource") == 0 || strcmp(key, "NotResource") == 0) {
		if (s->resources)
			return fail(r, "Resource and NotResource exclude each other", SPAN_NONE);
		s->resource_element = key[0] == 'N' ? RESOURCE_NOT_IN : RESOURCE_IN;
		return read_resources(r, value, s);
	}
	if (strcmp(key, "Principal") == 0 || strcmp(key, "NotPrincipal") == 0) {
		if (s->principal_element)
			return fail(r, "Principal and NotPrincipal exclude each other", SPAN_NONE);
		s->principal_element = key[0] == 'N' ? PRINCIPAL_NOT_IN : PRINCIPAL_IN;
		return read_principals(r, value, s);
	}
	if (strcmp(key, "Condition") == 0)
		return read_conditions(r, value, s);
	r->place.element = NULL;
	return fail(r, "no such element:", span_of(key));
}

static enum status read_statement(struct reader *r, const json_t *j, struct statement *s)
{
	const char *key;
	json_t *value;
	if (!json_is_object(j))
		return fail_type(r, "an object");
	json_object_foreach((json_t *)(uintptr_t)j, key, value)
	{
		enum status status = read_element(r, key, value, s);
		if (status != STATUS_OK)
			return status;
	}
	r->place.element = NULL;
	if (!json_object_get(j, "Effect"))
		return fail(r, "Effect is missing", SPAN_NONE);
	if (!s->actions)
		return fail(r, "Action is missing", SPAN_NONE);
	if (!s->resources && s->principal_element == PRINCIPAL_ABSENT)
		return fail(r, "Resource is missing", SPAN_NONE);
	return STATUS_OK;
}

static int by_sid(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* "Sid ... must be unique within a JSON policy" (IAM user guide, Sid). */
static enum status check_sids(struct reader *r)
{
	const struct document *d = r->document;
	struct span *sids = xcalloc(d->n_statements + 1, sizeof *sids);
	size_t n = 0;
	for (size_t i = 0; i < d->n_statements; i++)
		if (d->statements[i].sid.n)
			sids[n++] = d->statements[i].sid;
	qsort(sids, n, sizeof *sids, by_sid);
	struct span twice = SPAN_NONE;
	for (size_t i = 1; i < n && !twice.p; i++)
		if (span_eq(sids[i - 1], sids[i]))
			twice = sids[i];
	free(sids);
	r->place = (struct place){0};
	return twice.p ? fail(r, "two statements have the Sid", twice) : STATUS_OK;
}

static enum status read_statements(struct reader *r, const json_t *j)
{
	struct document *d = r->document;
	if (!json_is_array(j) && !json_is_object(j))
		return fail_type(r, "an object or a list of objects");
	size_t n = list_size(j);
	if (n == 0)
		return fail(r, "is empty", SPAN_NONE);
	size_t none = 0;
	if (more(r, &none, n, BOUND_STATEMENTS, "statements") != STATUS_OK)
		return STATUS_FILE;
	d->statements = arena_calloc(&d->arena, n, sizeof *d->statements);
	for (; d->n_statements < n; d->n_statements++) {
		r->place = (struct place){.statement = d->n_statements, .in_statement = true};
		enum status status = read_statement(r, list_at(j, d->n_statements),
		                                    &d->statements[d->n_statements]);
		if (status != STATUS_OK)
			return status;
	}
	return check_sids(r);
}

static enum status read_version(struct reader *r, const json_t *j)
{
	if (!j)
		return STATUS_OK;
	const char *version = json_string_value(j);
	r->place.element = "Version";
	if (!version || (strcmp(version, "2012-10-17") != 0 && strcmp(version, "2008-10-17") != 0))
		return fail(r, "is neither 2012-10-17 nor 2008-10-17", SPAN_NONE);
	r->document->version = json_span(r, j);
	r->document->variables = version[2] == '1';
	return STATUS_OK;
}

static enum status read_document(struct reader *r, const json_t *j)
{
	const char *key;
	json_t *value;
	if (!json_is_object(j))
		return fail(r, "a policy is an object", SPAN_NONE);
	json_object_foreach((json_t *)(uintptr_t)j, key, value)
	{
		if (strcmp(key, "Version") != 0 && strcmp(key, "Id") != 0 &&
		    strcmp(key, "Statement") != 0)
			return fail(r, "no such element:", span_of(key));
	}
	enum status status = read_version(r, json_object_get(j, "Version"));
	if (status != STATUS_OK)
		return status;
	const json_t *id = json_object_get(j, "Id");
	r->place.element = "Id";
	if (id && !json_is_string(id))
		return fail_type(r, "a string");
	r->document->id = id ? json_span(r, id) : SPAN_NONE;
	r->place.element = NULL;
	if (!json_object_get(j, "Statement"))
		return fail(r, "Statement is missing", SPAN_NONE);
	r->place.element = "Statement";
	return read_statements(r, json_object_get(j, "Statement"));
}

enum status document_from_json(const json_t *json, struct document **out, struct err *err)
{
	struct document *d = xcalloc(1, sizeof *d);
	arena_init(&d->arena);
	struct reader r = {.document = d, .err = err};
	enum status status = read_document(&r, json);
	if (status == STATUS_OK)
		*out = d;
	else
		document_free(d);
	return status;
}

enum status document_parse(struct span text, struct document **out, struct err *err)
{
	json_error_t why;
	if (text.n > BOUND_DOCUMENT_BYTES)
		return err_set(err, STATUS_FILE, "too-long", "a policy of more than %zu bytes",
		               BOUND_DOCUMENT_BYTES);
	json_t *json = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &why);
	if (!json)
		return err_set(err, STATUS_FILE, "bad-json", "line %d: %s", why.line, why.text);
	enum status status = document_from_json(json, out, err);
	json_decref(json);
	return status;
}

void document_free(struct document *d)
{
	if (!d)
		return;
	arena_release(&d->arena);
	free(d);
}
