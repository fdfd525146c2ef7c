/* merge.c - builder: see merge.h. */
#include "config.h"

#include "builder/merge.h"

#include "base/limits.h"
#include "policy/wild.h"

#include <jansson.h>

/* ---- reading */

static struct span text_of(struct arena *arena, const json_t *v)
{
	if (json_is_string(v))
		return arena_span(arena, span_make(json_string_value(v), json_string_length(v)));
	if (json_is_integer(v))
		return arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	if (json_is_boolean(v))
		return json_is_true(v) ? SPAN_LIT("true") : SPAN_LIT("false");
	if (json_is_real(v))
		return arena_printf(arena, "%.17g", json_real_value(v));
	return SPAN_NONE;
}

/* One value or an array of them. */
static size_t texts_of(struct arena *arena, const json_t *v, const struct span **out)
{
	size_t n = json_is_array(v) ? json_array_size(v) : v ? 1 : 0;
	struct span *s = arena_alloc(arena, (n + 1) * sizeof *s);
	for (size_t i = 0; i < n; i++)
		s[i] = text_of(arena, json_is_array(v) ? json_array_get(v, i) : v);
	*out = s;
	return n;
}

static size_t read_principals(struct arena *arena, json_t *v, const struct policy_principal **out)
{
	size_t n = json_is_object(v) ? json_object_size(v) : v ? 1 : 0, at = 0;
	struct policy_principal *p = arena_alloc(arena, (n + 1) * sizeof *p);
	const char *kind;
	json_t *values;
	if (json_is_string(v))
		p[at++] = (struct policy_principal){.kind = SPAN_LIT("*")};
	json_object_foreach(v, kind, values)
	{
		p[at].kind = arena_span(arena, span_of(kind));
		p[at].n_values = texts_of(arena, values, &p[at].values);
		at++;
	}
	*out = p;
	return at;
}

static size_t read_conditions(struct arena *arena, json_t *v, const struct policy_condition **out)
{
	size_t n = 0, at = 0;
	const char *operator, * name;
	json_t *keys, *values;
	json_object_foreach(v, operator, keys) n += json_object_size(keys);
	struct policy_condition *c = arena_alloc(arena, (n + 1) * sizeof *c);
	json_object_foreach(v, operator, keys)
	{
		struct span op = arena_span(arena, span_of(operator));
		json_object_foreach(keys, name, values)
		{
			c[at].operator= op;
			c[at].key = arena_span(arena, span_of(name));
			c[at].n_values = texts_of(arena, values, &c[at].values);
			at++;
		}
	}
	*out = c;
	return at;
}

static struct policy_statement read_statement(struct arena *arena, const json_t *v)
{
	struct policy_statement s = {.origin = STATEMENT_KEPT};
	const json_t *actions = json_object_get(v, "Action"),
	             *resources = json_object_get(v, "Resource");
	json_t *principal = json_object_get(v, "Principal");
	s.sid = text_of(arena, json_object_get(v, "Sid"));
	s.deny = span_is(text_of(arena, json_object_get(v, "Effect")), "Deny");
	s.not_action = !actions;
	s.n_actions =
	        texts_of(arena, actions ? actions : json_object_get(v, "NotAction"), &s.actions);
	s.not_resource = !resources && json_object_get(v, "NotResource");
	s.n_resources = texts_of(arena, resources ? resources : json_object_get(v, "NotResource"),
	                         &s.resources);
	s.not_principal = !principal && json_object_get(v, "NotPrincipal");
	s.n_principals = read_principals(
	        arena, principal ? principal : json_object_get(v, "NotPrincipal"), &s.principals);
	s.n_conditions = read_conditions(arena, json_object_get(v, "Condition"), &s.conditions);
	return s;
}

enum status merge_read(struct span text, struct arena *arena, struct policy_document *out,
                       struct err *err)
{
	json_error_t e;
	json_t *root = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &e);
	if (!root)
		return err_set(err, STATUS_FILE, "bad-json", "line %d: %s", e.line, e.text);
	const json_t *list = json_object_get(root, "Statement");
	enum status status = STATUS_OK;
	if (!json_is_array(list) && !json_is_object(list)) {
		status = err_set(err, STATUS_FILE, "bad-policy", "there is no 'Statement'");
	} else {
		size_t n = json_is_array(list) ? json_array_size(list) : 1;
		struct policy_statement *s = arena_alloc(arena, (n + 1) * sizeof *s);
		for (size_t i = 0; i < n; i++)
			s[i] = read_statement(arena,
			                      json_is_array(list) ? json_array_get(list, i) : list);
		*out = (struct policy_document){
		        .version = text_of(arena, json_object_get(root, "Version")),
		        .id = text_of(arena, json_object_get(root, "Id")),
		        .statements = s,
		        .n_statements = n,
		};
	}
	json_decref(root);
	return status;
}

/* ---- comparing */

static bool any_covers(const struct span *patterns, size_t n, struct span text, bool fold_case)
{
	for (size_t i = 0; i < n; i++)
		if (wild_covers(patterns[i], text, fold_case))
			return true;
	return false;
}

/* Whether a name could fit both: each would have to begin and end alike. Never false wrongly. */
static bool may_overlap(struct span a, struct span b)
{
	size_t head_a = wild_prefix(a), head_b = wild_prefix(b);
	size_t tail_a = wild_suffix(a), tail_b = wild_suffix(b);
	size_t head = head_a < head_b ? head_a : head_b, tail = tail_a < tail_b ? tail_a : tail_b;
	return span_eq(span_sub(a, 0, head), span_sub(b, 0, head)) &&
	       span_eq(span_from(a, a.n - tail), span_from(b, b.n - tail));
}

static bool names_action(const struct policy_statement *s, struct span action)
{
	return any_covers(s->actions, s->n_actions, action, true) != s->not_action;
}

static bool names_resource(const struct policy_statement *s, struct span resource)
{
	if (!s->not_resource)
		return any_covers(s->resources, s->n_resources, resource, false);
	for (size_t i = 0; i < s->n_resources; i++)
		if (may_overlap(s->resources[i], resource))
			return false;
	return s->n_resources > 0;
}

static bool names_both(const struct policy_statement *s, struct span action, struct span resource)
{
	return s->n_conditions == 0 && s->n_principals == 0 && names_action(s, action) &&
	       names_resource(s, resource);
}

bool merge_allows(const struct policy_document *existing, struct span action, struct span resource)
{
	for (size_t i = 0; i < existing->n_statements; i++)
		if (!existing->statements[i].deny &&
		    names_both(&existing->statements[i], action, resource))
			return true;
	return false;
}

const struct policy_statement *merge_denies(const struct policy_document *existing,
                                            struct span action, struct span resource)
{
	for (size_t i = 0; i < existing->n_statements; i++)
		if (existing->statements[i].deny &&
		    names_both(&existing->statements[i], action, resource))
			return &existing->statements[i];
	return NULL;
}

size_t merge_subtract(const struct policy_document *existing, struct entry *e, size_t n)
{
	size_t left = 0;
	for (size_t i = 0; i < n; i++) {
		size_t kept = 0;
		for (size_t k = 0; k < e[i].n_resources; k++)
			if (!merge_allows(existing, e[i].action, e[i].resources[k]))
				e[i].resources[kept++] = e[i].resources[k];
		e[i].n_resources = kept;
		if (kept)
			e[left++] = e[i];
	}
	return left;
}
