/* policy-files.c - app: see policy-files.h. */
#include "config.h"

#include "app/policy-files.h"

#include "app/policy-kind.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "base/read-file.h"
#include "emit/emit.h"
#include "policy/limits.h"

#include <stdlib.h>

void policy_files_init(struct policy_files *p)
{
	*p = (struct policy_files){0};
	arena_init(&p->arena);
}

void policy_files_release(struct policy_files *p)
{
	for (size_t i = 0; i < p->n; i++)
		document_free(p->owned[i]);
	free(p->owned);
	free(p->policies);
	free(p->names);
	arena_release(&p->arena);
	policy_files_init(p);
}

static void add(struct policy_files *p, enum layer layer, size_t level, struct document *d,
                struct span name)
{
	p->policies = xreallocarray(p->policies, p->n + 1, sizeof *p->policies);
	p->names = xreallocarray(p->names, p->n + 1, sizeof *p->names);
	p->owned = xreallocarray(p->owned, p->n + 1, sizeof(struct document *));
	p->policies[p->n] = (struct layered){layer, level, d};
	p->names[p->n] = name;
	p->owned[p->n++] = d;
}

void policy_files_take(struct policy_files *p, enum layer layer, struct document *d,
                       const char *name)
{
	add(p, layer, 0, d, arena_span(&p->arena, span_of(name)));
}

void policy_files_borrow(struct policy_files *p, const struct layered *policy, struct span name)
{
	add(p, policy->layer, policy->level, NULL, arena_span(&p->arena, name));
	p->policies[p->n - 1].document = policy->document;
}

/* The document inside what the aws CLI prints, or j itself. */
static const json_t *unwrap(const json_t *j)
{
	const json_t *version = json_object_get(j, "PolicyVersion");
	const json_t *document = json_object_get(version ? version : j, "Document");
	if (!document)
		document = json_object_get(j, "PolicyDocument");
	return document ? document : j;
}

static enum status add_json(struct policy_files *p, enum layer layer, const json_t *j,
                            const char *path, struct err *err)
{
	struct document *d;
	size_t level = layer == LAYER_SCP ? p->levels++ : 0;
	if (!json_is_array(j)) {
		enum status status = document_from_json(unwrap(j), &d, err);
		if (status == STATUS_OK)
			add(p, layer, level, d, arena_span(&p->arena, span_of(path)));
		return status;
	}
	if (json_array_size(j) == 0)
		add(p, layer, level, NULL, arena_span(&p->arena, span_of(path)));
	for (size_t i = 0; i < json_array_size(j); i++) {
		enum status status = document_from_json(unwrap(json_array_get(j, i)), &d, err);
		if (status != STATUS_OK) {
			err_at_record(err, i + 1);
			return status;
		}
		add(p, layer, level, d, arena_printf(&p->arena, "%s[%zu]", path, i));
	}
	return STATUS_OK;
}

enum status policy_files_add(struct policy_files *p, enum layer layer, const char *path,
                             struct err *err)
{
	struct buf text;
	json_error_t why;
	buf_init(&text, LIMIT_POLICY_BYTES);
	enum status status = file_read(path, &text, err);
	if (status == STATUS_OK) {
		json_t *j = json_loadb(buf_str(&text), text.n, JSON_REJECT_DUPLICATES, &why);
		const char *kind = j ? policy_kind_of_json(j)
		                     : policy_kind_of_text(buf_span(&text));
		if (kind)
			status = err_set(err, STATUS_FILE, "no-policy", "no policy: it is %s", kind);
		else if (!j)
			status = err_set(err, STATUS_FILE, "bad-json", "line %d: %s", why.line,
			                 why.text);
		else
			status = add_json(p, layer, j, path, err);
		json_decref(j);
	}
	buf_release(&text);
	return status;
}

size_t policy_files_of_resource(const struct policy_files *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; p->policies[i].document &&
		                   k < p->policies[i].document->n_statements;
		     k++)
			if (p->policies[i].document->statements[k].text->n_principals)
				return i;
	return p->n;
}

enum status policy_files_take_policy(struct policy_files *p, const struct policy *policy,
                                     struct err *err)
{
	enum status status = STATUS_OK;
	struct buf text;
	buf_init(&text, LIMIT_JSON_FILE);
	for (size_t i = 0; i < policy->n_documents && status == STATUS_OK; i++) {
		struct emit_options e = {.name = SPAN_LIT("generated"), .subject = SPAN_LIT("")};
		struct document *d;
		char name[40];
		buf_reset(&text);
		if (!emit_json(&policy->documents[i], &e, &text))
			status = err_set(err, STATUS_STOP, "too-long", "the policy is too long");
		else
			status = document_parse(buf_span(&text), &d, err);
		snprintf(name, sizeof name, i ? "generated~%zu" : "generated", i + 1);
		if (status == STATUS_OK)
			policy_files_take(p, LAYER_IDENTITY, d, name);
	}
	buf_release(&text);
	return status;
}
