/* document-read.c - policy: see document.h. jansson reads the JSON; what is made of it is checked
 * here, element by element, and its texts by compiling them (compile.c). */
#include "config.h"

#include "policy/read-internal.h"

#include "base/alloc.h"
#include "policy/limits.h"

#include <stdio.h>
#include <stdlib.h>

enum status reader_refuse(struct reader *r, const char *what, struct span name)
{
	char where[400] = "";
	size_t n = 0;
	if (r->in_statement)
		n = (size_t)snprintf(where, sizeof where, "Statement[%zu]", r->statement);
	if (r->element)
		n += (size_t)snprintf(where + n, sizeof where - n, "%s%s", n ? "." : "",
		                      r->element);
	if (r->operator_text.p)
		n += (size_t)snprintf(where + n, sizeof where - n, ".%.*s",
		                      r->operator_text.n > 60 ? 60 : (int)r->operator_text.n,
		                      r->operator_text.p);
	if (r->key.p)
		snprintf(where + n, sizeof where - n, ".%.*s", r->key.n > 120 ? 120 : (int)r->key.n,
		         r->key.p);
	if (name.p)
		return err_set(r->err, STATUS_FILE, "bad-policy", "%s%s%s '%.*s'", where,
		               where[0] ? ": " : "", what, name.n > 200 ? 200 : (int)name.n,
		               name.p);
	return err_set(r->err, STATUS_FILE, "bad-policy", "%s%s%s", where, where[0] ? ": " : "",
	               what);
}

/* What is read of one document so far: each has its bound. */
struct counts {
	size_t actions, resources, conditions, values, principals;
};

struct model_reader {
	struct reader *r;
	struct counts counts;
};

static enum status refuse(struct model_reader *m, const char *what)
{
	return reader_refuse(m->r, what, SPAN_NONE);
}

/* n more of what a document may hold only so many of. */
static enum status more(struct model_reader *m, size_t *total, size_t n, size_t bound,
                        const char *what)
{
	char text[80];
	if (n <= bound - *total) {
		*total += n;
		return STATUS_OK;
	}
	snprintf(text, sizeof text, "more than %zu %s in one policy", bound, what);
	return refuse(m, text);
}

static struct span json_span(struct model_reader *m, const json_t *s)
{
	return arena_span(m->r->arena, span_make(json_string_value(s), json_string_length(s)));
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

static enum status read_strings(struct model_reader *m, const json_t *j, const char *wanted,
                                const struct span **out, size_t *n)
{
	struct span *s = arena_alloc(m->r->arena, (list_size(j) + 1) * sizeof *s);
	for (size_t i = 0; i < list_size(j); i++) {
		if (!json_is_string(list_at(j, i)))
			return refuse(m, wanted);
		s[i] = json_span(m, list_at(j, i));
	}
	*out = s;
	*n = list_size(j);
	return STATUS_OK;
}

static enum status read_actions(struct model_reader *m, const json_t *j,
                                struct policy_statement *s)
{
	if (list_size(j) == 0)
		return refuse(m, "names no action");
	if (more(m, &m->counts.actions, list_size(j), LIMIT_POLICY_ACTIONS, "actions") != STATUS_OK)
		return STATUS_FILE;
	return read_strings(m, j, "is not a string or a list of strings", &s->actions,
	                    &s->n_actions);
}

static enum status read_resources(struct model_reader *m, const json_t *j,
                                  struct policy_statement *s)
{
	if (list_size(j) == 0)
		return refuse(m, "names no resource");
	if (more(m, &m->counts.resources, list_size(j), LIMIT_POLICY_RESOURCES, "resources") != STATUS_OK)
		return STATUS_FILE;
	return read_strings(m, j, "is not a string or a list of strings", &s->resources,
	                    &s->n_resources);
}

/* jansson's iteration takes no pointer to const, though it changes nothing. */
static json_t *iterable(const json_t *j)
{
	return (json_t *)(uintptr_t)j;
}

static enum status read_principals(struct model_reader *m, const json_t *j,
                                   struct policy_statement *s)
{
	bool everyone = json_is_string(j) && strcmp(json_string_value(j), "*") == 0;
	if (!everyone && !json_is_object(j))
		return refuse(m, "is not \"*\" or an object");
	size_t total = 0;
	const char *kind;
	json_t *values;
	json_object_foreach(iterable(j), kind, values) total += list_size(values);
	if (more(m, &m->counts.principals, total, LIMIT_POLICY_PRINCIPALS, "principals") != STATUS_OK)
		return STATUS_FILE;
	struct policy_principal *p =
	        arena_calloc(m->r->arena, json_object_size(j) + 1, sizeof *p);
	s->principals = p;
	if (everyone)
		p[s->n_principals++].kind = SPAN_LIT("*");
	json_object_foreach(iterable(j), kind, values)
	{
		struct policy_principal *one = &p[s->n_principals++];
		one->kind = arena_span(m->r->arena, span_of(kind));
		enum status status =
		        read_strings(m, values, "is not made of strings or lists of strings",
		                     &one->values, &one->n_values);
		if (status != STATUS_OK)
			return status;
	}
	return everyone || total ? STATUS_OK : refuse(m, "names no principal");
}

/* The text of a JSON scalar: AWS takes numbers and booleans without quotes. */
static bool scalar_text(struct model_reader *m, const json_t *j, struct span *out)
{
	if (json_is_string(j))
		*out = json_span(m, j);
	else if (json_is_boolean(j))
		*out = json_is_true(j) ? SPAN_LIT("true") : SPAN_LIT("false");
	else if (json_is_integer(j))
		*out = arena_printf(m->r->arena, "%lld", (long long)json_integer_value(j));
	else if (json_is_real(j))
		*out = arena_printf(m->r->arena, "%.15g", json_real_value(j));
	else
		return false;
	return true;
}

static enum status read_condition(struct model_reader *m, const char *key, const json_t *j,
                                  struct policy_condition *c)
{
	size_t n = list_size(j);
	m->r->key = c->key = arena_span(m->r->arena, span_of(key));
	c->operator = m->r->operator_text;
	if (c->key.n == 0)
		return refuse(m, "an empty condition key");
	if (more(m, &m->counts.values, n, LIMIT_POLICY_OPERANDS, "values of conditions") != STATUS_OK)
		return STATUS_FILE;
	struct span *values = arena_alloc(m->r->arena, (n + 1) * sizeof *values);
	for (; c->n_values < n; c->n_values++)
		if (!scalar_text(m, list_at(j, c->n_values), &values[c->n_values]))
			return refuse(m, "is not a string, number, boolean or a list of them");
	c->values = values;
	m->r->key = SPAN_NONE;
	return STATUS_OK;
}

static enum status read_conditions(struct model_reader *m, const json_t *j,
                                   struct policy_statement *s)
{
	if (!json_is_object(j))
		return refuse(m, "is not an object");
	size_t total = 0;
	const char *name, *key;
	json_t *block, *value;
	json_object_foreach(iterable(j), name, block) total += json_object_size(block);
	if (more(m, &m->counts.conditions, total, LIMIT_POLICY_CONDITIONS, "condition keys") != STATUS_OK)
		return STATUS_FILE;
	struct policy_condition *c = arena_calloc(m->r->arena, total + 1, sizeof *c);
	s->conditions = c;
	json_object_foreach(iterable(j), name, block)
	{
		struct test probe;
		m->r->operator_text = arena_span(m->r->arena, span_of(name));
		if (!test_operator(m->r->operator_text, &probe))
			return refuse(m, "no such condition operator");
		if (!json_is_object(block))
			return refuse(m, "is not an object");
		json_object_foreach(block, key, value)
		{
			enum status status = read_condition(m, key, value, &c[s->n_conditions]);
			if (status != STATUS_OK)
				return status;
			s->n_conditions++;
		}
	}
	m->r->operator_text = SPAN_NONE;
	return STATUS_OK;
}

static enum status read_effect(struct model_reader *m, const json_t *j, struct policy_statement *s)
{
	const char *effect = json_string_value(j);
	if (!effect || (strcmp(effect, "Allow") != 0 && strcmp(effect, "Deny") != 0))
		return refuse(m, "is neither Allow nor Deny");
	s->deny = effect[0] == 'D';
	return STATUS_OK;
}

static enum status read_sid(struct model_reader *m, const json_t *j, struct policy_statement *s)
{
	if (!json_is_string(j))
		return refuse(m, "is not a string");
	s->sid = json_span(m, j);
	return STATUS_OK;
}

typedef enum status (*element_reader)(struct model_reader *m, const json_t *j,
                                      struct policy_statement *s);

/* An element, and the one that excludes it ("not": the element is the negated one of the two). */
static const struct {
	const char *name;
	element_reader read;
	const char *other;
	bool negated;
} elements[] = {
        {"Sid", read_sid, NULL, false},
        {"Effect", read_effect, NULL, false},
        {"Principal", read_principals, "NotPrincipal", false},
        {"NotPrincipal", read_principals, "Principal", true},
        {"Action", read_actions, "NotAction", false},
        {"NotAction", read_actions, "Action", true},
        {"Resource", read_resources, "NotResource", false},
        {"NotResource", read_resources, "Resource", true},
        {"Condition", read_conditions, NULL, false},
};

static enum status read_element(struct model_reader *m, const char *name, const json_t *statement,
                                struct policy_statement *s)
{
	char excluded[80];
	for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
		if (strcmp(name, elements[i].name) != 0)
			continue;
		m->r->element = elements[i].name;
		if (elements[i].other && json_object_get(statement, elements[i].other)) {
			snprintf(excluded, sizeof excluded, "%s and %s exclude each other",
			         elements[i].negated ? elements[i].other : name,
			         elements[i].negated ? name : elements[i].other);
			return refuse(m, excluded);
		}
		return elements[i].read(m, json_object_get(statement, name), s);
	}
	return reader_refuse(m->r, "no such element:", span_of(name));
}

static enum status read_statement(struct model_reader *m, const json_t *j,
                                  struct policy_statement *s)
{
	const char *name;
	json_t *value;
	if (!json_is_object(j))
		return refuse(m, "is not an object");
	json_object_foreach(iterable(j), name, value)
	{
		m->r->element = NULL;
		enum status status = read_element(m, name, j, s);
		if (status != STATUS_OK)
			return status;
	}
	m->r->element = NULL;
	s->not_action = json_object_get(j, "NotAction");
	s->not_resource = json_object_get(j, "NotResource");
	s->not_principal = json_object_get(j, "NotPrincipal");
	if (!json_object_get(j, "Effect"))
		return refuse(m, "Effect is missing");
	if (!s->n_actions)
		return refuse(m, "Action is missing");
	if (!s->n_resources && !s->n_principals)
		return refuse(m, "Resource is missing");
	return STATUS_OK;
}

/* "Sid ... must be unique within a JSON policy" (IAM user guide, Sid). */
static enum status check_sids(struct model_reader *m, const struct policy_document *d)
{
	struct span *sids = xcalloc(d->n_statements + 1, sizeof *sids);
	size_t n = 0;
	for (size_t i = 0; i < d->n_statements; i++)
		if (d->statements[i].sid.n)
			sids[n++] = d->statements[i].sid;
	qsort(sids, n, sizeof *sids, span_order);
	struct span twice = SPAN_NONE;
	for (size_t i = 1; i < n && !twice.p; i++)
		if (span_eq(sids[i - 1], sids[i]))
			twice = sids[i];
	free(sids);
	m->r->in_statement = false;
	return twice.p ? reader_refuse(m->r, "two statements have the Sid", twice) : STATUS_OK;
}

static enum status read_statements(struct model_reader *m, const json_t *j,
                                   struct policy_document *d)
{
	if (!json_is_array(j) && !json_is_object(j))
		return refuse(m, "is not an object or a list of objects");
	size_t n = list_size(j), none = 0;
	if (n == 0)
		return refuse(m, "is empty");
	if (more(m, &none, n, LIMIT_POLICY_STATEMENTS, "statements") != STATUS_OK)
		return STATUS_FILE;
	struct policy_statement *s = arena_calloc(m->r->arena, n, sizeof *s);
	d->statements = s;
	m->r->in_statement = true;
	m->r->element = NULL;
	for (; d->n_statements < n; d->n_statements++) {
		m->r->statement = d->n_statements;
		enum status status =
		        read_statement(m, list_at(j, d->n_statements), &s[d->n_statements]);
		if (status != STATUS_OK)
			return status;
	}
	return check_sids(m, d);
}

static enum status read_version(struct model_reader *m, const json_t *j, struct policy_document *d)
{
	if (!j)
		return STATUS_OK;
	const char *version = json_string_value(j);
	m->r->element = "Version";
	if (!version || (strcmp(version, "2012-10-17") != 0 && strcmp(version, "2008-10-17") != 0))
		return refuse(m, "is neither 2012-10-17 nor 2008-10-17");
	d->version = json_span(m, j);
	return STATUS_OK;
}

enum status reader_model(struct reader *r, const json_t *j, struct policy_document *d)
{
	struct model_reader m = {.r = r};
	const char *name;
	json_t *value;
	if (!json_is_object(j))
		return refuse(&m, "a policy is an object");
	json_object_foreach(iterable(j), name, value)
	{
		if (strcmp(name, "Version") != 0 && strcmp(name, "Id") != 0 &&
		    strcmp(name, "Statement") != 0)
			return reader_refuse(r, "no such element:", span_of(name));
	}
	enum status status = read_version(&m, json_object_get(j, "Version"), d);
	if (status != STATUS_OK)
		return status;
	const json_t *id = json_object_get(j, "Id");
	r->element = "Id";
	if (id && !json_is_string(id))
		return refuse(&m, "is not a string");
	d->id = id ? json_span(&m, id) : SPAN_NONE;
	r->element = NULL;
	if (!json_object_get(j, "Statement"))
		return refuse(&m, "Statement is missing");
	r->element = "Statement";
	return read_statements(&m, json_object_get(j, "Statement"), d);
}

static enum status parse(struct span text, json_t **out, struct err *err)
{
	json_error_t why;
	if (text.n > LIMIT_POLICY_BYTES)
		return err_set(err, STATUS_FILE, "too-long", "a policy of more than %zu bytes",
		               LIMIT_POLICY_BYTES);
	*out = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &why);
	return *out ? STATUS_OK
	            : err_set(err, STATUS_FILE, "bad-json", "line %d: %s", why.line, why.text);
}

enum status document_from_json(const json_t *json, struct document **out, struct err *err)
{
	struct document *d = xcalloc(1, sizeof *d);
	arena_init(&d->arena);
	struct reader r = {.arena = &d->arena, .err = err};
	enum status status = reader_model(&r, json, &d->text);
	if (status == STATUS_OK)
		status = reader_compile(&r, d);
	if (status == STATUS_OK)
		*out = d;
	else
		document_free(d);
	return status;
}

enum status document_parse(struct span text, struct document **out, struct err *err)
{
	json_t *json;
	enum status status = parse(text, &json, err);
	if (status != STATUS_OK)
		return status;
	status = document_from_json(json, out, err);
	json_decref(json);
	return status;
}

enum status document_read(struct span text, struct arena *arena, struct policy_document *out,
                          struct err *err)
{
	json_t *json;
	enum status status = parse(text, &json, err);
	if (status != STATUS_OK)
		return status;
	struct document compiled = {.n_statements = 0}; /* only to check the texts */
	struct reader r = {.arena = arena, .err = err};
	status = reader_model(&r, json, &compiled.text);
	arena_init(&compiled.arena);
	r.arena = &compiled.arena;
	if (status == STATUS_OK)
		status = reader_compile(&r, &compiled);
	if (status == STATUS_OK)
		*out = compiled.text;
	arena_release(&compiled.arena);
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
