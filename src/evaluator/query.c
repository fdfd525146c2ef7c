/* query.c - evaluator: see query.h. */
#include "config.h"

#include "evaluator/query.h"

#include "base/alloc.h"
#include "policy/limits.h"

#include <jansson.h>
#include <stdlib.h>

/* keys is grown in q->arena: room is found again from the count, a power of two. */
void query_add_key(struct query *q, struct span key, const struct span *values, size_t n,
                   bool unknown)
{
	struct request_keys *f = &q->request.keys;
	if ((f->n & (f->n - 1)) == 0) {
		struct request_key *more =
		        arena_alloc(&q->arena, (f->n ? f->n * 2 : 1) * sizeof *more);
		if (f->n)
			memcpy(more, f->v, f->n * sizeof *more);
		f->v = more;
	}
	struct span *copy = arena_alloc(&q->arena, (n + 1) * sizeof *copy);
	for (size_t i = 0; i < n; i++)
		copy[i] = arena_span(&q->arena, values[i]);
	struct request_key *keys = (struct request_key *)(uintptr_t)f->v;
	keys[f->n++] = (struct request_key){lower_copy(&q->arena, key), arena_span(&q->arena, key),
	                                    copy, n, unknown};
}

enum status query_close(struct query *q, struct err *err)
{
	struct request_key *keys = (struct request_key *)(uintptr_t)q->request.keys.v;
	size_t n = q->request.keys.n, kept = 0;
	struct span twice;
	keys_sort(keys, n, &twice);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || !span_eq(keys[kept - 1].key, keys[i].key)) {
			keys[kept++] = keys[i];
			continue;
		}
		if (keys[kept - 1].unknown == keys[i].unknown && !keys[i].unknown)
			return err_set(err, STATUS_SKIP, "bad-request",
			               "context key '%.*s' is there twice", SPAN_ARG(keys[i].name));
		if (keys[i].unknown)
			keys[kept - 1] = keys[i];
	}
	q->request.keys.n = kept;
	return STATUS_OK;
}

void query_init(struct query *q)
{
	*q = (struct query){.request.complete = true};
	arena_init(&q->arena);
}

void query_release(struct query *q)
{
	for (size_t i = 0; i < q->n_documents; i++)
		document_free(q->documents[i]);
	free(q->documents);
	free(q->policies);
	free(q->names);
	arena_release(&q->arena);
	query_init(q);
}

bool query_is_resource(struct span text)
{
	return span_is(text, "*") || span_starts(text, SPAN_LIT("arn:"));
}

static enum status bad(struct err *err, const char *name, const char *what)
{
	return err_set(err, STATUS_SKIP, "bad-request", "%s %s", name, what);
}

static void add_policy(struct query *q, struct document *d, enum layer layer, size_t level,
                       struct span name)
{
	q->policies = xreallocarray(q->policies, q->n_policies + 1, sizeof *q->policies);
	q->names = xreallocarray(q->names, q->n_policies + 1, sizeof *q->names);
	q->names[q->n_policies] = name;
	q->policies[q->n_policies++] = (struct layered){layer, level, d};
	if (!d)
		return;
	q->documents = xreallocarray(q->documents, q->n_documents + 1, sizeof *q->documents);
	q->documents[q->n_documents++] = d;
}

static enum status add_document(struct query *q, const json_t *j, enum layer layer, size_t level,
                                struct span name, struct err *err)
{
	struct document *d;
	struct err why;
	err_clear(&why);
	if (document_from_json(j, &d, &why) != STATUS_OK)
		return err_set(err, STATUS_SKIP, "bad-policy", "%.*s: %s", SPAN_ARG(name),
		               why.text);
	add_policy(q, d, layer, level, name);
	return STATUS_OK;
}

static enum status read_policies(struct query *q, const json_t *j, struct err *err)
{
	enum status status = STATUS_OK;
	if (!json_is_array(j))
		return bad(err, "policies", j ? "is not a list" : "is missing");
	for (size_t i = 0; i < json_array_size(j) && status == STATUS_OK; i++)
		status = add_document(q, json_array_get(j, i), LAYER_IDENTITY, 0,
		                      arena_printf(&q->arena, "policies[%zu]", i), err);
	return status;
}

static enum status read_scps(struct query *q, const json_t *j, struct err *err)
{
	if (!j || json_is_null(j))
		return STATUS_OK;
	if (!json_is_array(j))
		return bad(err, "scps", "is not a list of lists");
	if (json_array_size(j) > LIMIT_SCP_LEVELS)
		return bad(err, "scps", "has too many levels");
	for (size_t level = 0; level < json_array_size(j); level++) {
		const json_t *list = json_array_get(j, level);
		if (!json_is_array(list))
			return bad(err, "scps", "is not a list of lists");
		if (json_array_size(list) == 0)
			add_policy(q, NULL, LAYER_SCP, level,
			           arena_printf(&q->arena, "scps[%zu]", level));
		for (size_t i = 0; i < json_array_size(list); i++) {
			enum status status = add_document(
			        q, json_array_get(list, i), LAYER_SCP, level,
			        arena_printf(&q->arena, "scps[%zu][%zu]", level, i), err);
			if (status != STATUS_OK)
				return status;
		}
	}
	return STATUS_OK;
}

static enum status read_layer(struct query *q, const json_t *j, enum layer layer, const char *name,
                              struct err *err)
{
	return j && !json_is_null(j) ? add_document(q, j, layer, 0, span_of(name), err) : STATUS_OK;
}

static enum status read_text(struct query *q, const json_t *j, const char *name, bool required,
                             struct span *out, struct err *err)
{
	if (!j || json_is_null(j))
		return required ? bad(err, name, "is missing") : STATUS_OK;
	if (!json_is_string(j))
		return bad(err, name, "is not a string");
	if (json_string_length(j) > LIMIT_REQUEST_VALUE)
		return bad(err, name, "is too long");
	*out = arena_span(&q->arena, span_make(json_string_value(j), json_string_length(j)));
	return STATUS_OK;
}

static bool value_text(struct query *q, const json_t *j, struct span *out)
{
	if (json_is_string(j))
		*out = span_make(json_string_value(j), json_string_length(j));
	else if (json_is_boolean(j))
		*out = json_is_true(j) ? SPAN_LIT("true") : SPAN_LIT("false");
	else if (json_is_integer(j))
		*out = arena_printf(&q->arena, "%lld", (long long)json_integer_value(j));
	else if (json_is_real(j))
		*out = arena_printf(&q->arena, "%.15g", json_real_value(j));
	else
		return false;
	return out->n <= LIMIT_REQUEST_VALUE;
}

static enum status read_context(struct query *q, const json_t *j, struct err *err)
{
	const char *key;
	json_t *list;
	if (!j || json_is_null(j))
		return STATUS_OK;
	if (!json_is_object(j))
		return bad(err, "context", "is not an object");
	json_object_foreach((json_t *)(uintptr_t)j, key, list)
	{
		size_t n = json_is_array(list) ? json_array_size(list) : 1;
		struct span *values = arena_alloc(&q->arena, (n + 1) * sizeof *values);
		for (size_t i = 0; i < n; i++)
			if (!value_text(q, json_is_array(list) ? json_array_get(list, i) : list,
			                &values[i]))
				return err_set(err, STATUS_SKIP, "bad-request",
				               "context key '%s': a value is no text or too long",
				               key);
		query_add_key(q, span_of(key), values, n, false);
	}
	return STATUS_OK;
}

static enum status read_unknown(struct query *q, const json_t *j, struct err *err)
{
	if (!j || json_is_null(j))
		return STATUS_OK;
	if (!json_is_array(j))
		return bad(err, "unknown", "is not a list");
	for (size_t i = 0; i < json_array_size(j); i++) {
		const json_t *key = json_array_get(j, i);
		if (!json_is_string(key))
			return bad(err, "unknown", "is not a list of strings");
		query_add_key(q, span_make(json_string_value(key), json_string_length(key)), NULL,
		              0, true);
	}
	return STATUS_OK;
}

static enum status check_members(const json_t *j, struct err *err)
{
	static const char *const names[] = {"policies", "boundary",  "session",
	                                    "scps",     "principal", "action",
	                                    "resource", "context",   "unknown"};
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)j, key, value)
	{
		size_t i = 0;
		while (i < sizeof names / sizeof names[0] && strcmp(names[i], key) != 0)
			i++;
		if (i == sizeof names / sizeof names[0])
			return err_set(err, STATUS_SKIP, "bad-request", "no such member: '%s'",
			               key);
	}
	return STATUS_OK;
}

static enum status read_query(struct query *q, const json_t *j, struct err *err)
{
	if (!json_is_object(j))
		return bad(err, "a request", "is a JSON object");
	enum status status = check_members(j, err);
	if (status == STATUS_OK)
		status = read_policies(q, json_object_get(j, "policies"), err);
	if (status == STATUS_OK)
		status = read_layer(q, json_object_get(j, "boundary"), LAYER_BOUNDARY, "boundary",
		                    err);
	if (status == STATUS_OK)
		status =
		        read_layer(q, json_object_get(j, "session"), LAYER_SESSION, "session", err);
	if (status == STATUS_OK)
		status = read_scps(q, json_object_get(j, "scps"), err);
	if (status == STATUS_OK)
		status = read_text(q, json_object_get(j, "principal"), "principal", false,
		                   &q->request.principal, err);
	if (status == STATUS_OK)
		status = read_text(q, json_object_get(j, "action"), "action", true,
		                   &q->request.action, err);
	if (status == STATUS_OK)
		status = read_text(q, json_object_get(j, "resource"), "resource", true,
		                   &q->request.resource, err);
	if (status == STATUS_OK && !query_is_resource(q->request.resource))
		status = bad(err, "resource", "is neither an ARN nor *");
	if (status == STATUS_OK)
		status = read_context(q, json_object_get(j, "context"), err);
	if (status == STATUS_OK)
		status = read_unknown(q, json_object_get(j, "unknown"), err);
	return status == STATUS_OK ? query_close(q, err) : status;
}

enum status query_parse(struct query *q, struct span text, struct err *err)
{
	json_error_t why;
	if (text.n > LIMIT_REQUEST_LINE)
		return bad(err, "a request", "is too long");
	json_t *j = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &why);
	if (!j)
		return err_set(err, STATUS_SKIP, "bad-json", "bad JSON: %s", why.text);
	enum status status = read_query(q, j, err);
	json_decref(j);
	return status;
}

struct span statement_label(struct arena *arena, const struct document *d, size_t statement)
{
	if (d->text.statements[statement].sid.n)
		return d->text.statements[statement].sid;
	return arena_printf(arena, "Statement[%zu]", statement);
}

void verdict_write(struct json_writer *w, const struct verdict *v, const struct layered *policies,
                   const struct span *names)
{
	struct arena arena;
	bool decided = v->policy != VERDICT_NO_POLICY;
	arena_init(&arena);
	json_member_str(w, "decision", decision_name(v->decision));
	json_key(w, "on");
	json_begin_array(w);
	for (size_t i = 0; i < v->n_on; i++)
		json_put_text(w, v->on[i]);
	json_end_array(w);
	json_member_text(w, "layer",
	                 v->decision == DECISION_DEPENDS ? SPAN_NONE
	                                                 : span_of(layer_name(v->layer)));
	json_member_text(w, "policy", decided ? names[v->policy] : SPAN_NONE);
	json_member_text(w, "statement",
	                 decided ? statement_label(&arena, policies[v->policy].document,
	                                           v->statement)
	                         : SPAN_NONE);
	arena_release(&arena);
}
