/* policy-output.c - app: see policy-output.h. */
#include "config.h"

#include "app/policy-output.h"

#include "base/json-writer.h"
#include "base/limits.h"
#include "call/arn.h"
#include "emit/inert.h"
#include "emit/save.h"

/* What index.json tells of one principal. */
struct index_entry {
	struct span principal;
	struct index_file {
		struct span name;
		size_t characters, statements;
		struct folder_written written;
	} *files;
	size_t n;
	bool stale;
};

void policy_output_init(struct policy_output *o, const struct policy_output_options *options)
{
	*o = (struct policy_output){.options = options, .emitter = options->emitter};
	arena_init(&o->arena);
	policy_folder_init(&o->before);
	policy_changes_init(&o->changes);
	terraform_module_init(&o->module, &(struct subjects){.n = 0});
}

void policy_output_release(struct policy_output *o)
{
	vec_release(&o->index);
	vec_release(&o->stale);
	policy_changes_release(&o->changes);
	policy_folder_release(&o->before);
	terraform_module_release(&o->module);
	arena_release(&o->arena);
}

enum status policy_output_begin(struct policy_output *o, const struct subjects *subjects,
                                struct err *err)
{
	terraform_module_release(&o->module);
	terraform_module_init(&o->module, subjects);
	if (!o->options->folder)
		return STATUS_OK;
	enum status status = policy_folder_read(&o->before, o->options->folder, err);
	if (status == STATUS_FILE)
		o->before.n = 0;
	return status == STATUS_FILE ? STATUS_FILE : STATUS_OK;
}

static enum status too_large(struct err *err)
{
	return err_set(err, STATUS_STOP, "too-large", "the text would be larger than %zu MiB",
	               LIMIT_JSON_FILE >> 20);
}

static enum attach_to attach_to(const struct subject *who)
{
	if (span_starts(who->name, SPAN_LIT("permission-set/")))
		return ATTACH_PERMISSION_SET;
	if (who->n > 1)
		return ATTACH_NOTHING;
	return who->type == PRINCIPAL_ROLE   ? ATTACH_ROLE
	       : who->type == PRINCIPAL_USER ? ATTACH_USER
	                                     : ATTACH_NOTHING;
}

static enum status add_document(struct policy_output *o, const struct subject *who,
                                const struct policy *p, size_t i, struct buf *text, struct err *err)
{
	struct emit_options e = {
	        .name = i ? arena_printf(&o->arena, "%.*s-%zu", SPAN_ARG(who->short_name), i + 1)
	                  : who->short_name,
	        .subject = who->name,
	        .use = o->options->use,
	        .attach = attach_to(who),
	        .attach_name = who->short_name,
	        .tf_resource = o->options->tf_resource,
	        .cfn_inline = o->options->cfn_inline,
	};
	struct policy_document d;
	size_t replaced;
	if (o->options->tf_module) {
		struct span label = terraform_module_label(&o->module, who);
		e.name = e.label = i ? arena_printf(&o->arena, "%.*s__%zu", SPAN_ARG(label), i + 1)
		                     : label;
		e.first_label = label.n;
		e.provider = terraform_module_provider(&o->module, who);
		e.n_before = i;
		e.more = i + 1 < p->n_documents;
	} else if (e.attach == ATTACH_PERMISSION_SET && p->n_documents > 1) {
		e.attach = ATTACH_NOTHING; /* it takes one document only */
	}
	if (o->options->tf_variables)
		e.variables = &o->module.variables;
	enum status status =
	        emit_inert(o->emitter, &p->documents[i], &o->arena, &d, &replaced, err);
	e.name = emit_inert_text(o->emitter, e.name, &o->arena, &replaced);
	e.subject = emit_inert_text(o->emitter, e.subject, &o->arena, &replaced);
	o->n_inert += replaced;
	if (status != STATUS_OK)
		return status;
	return o->emitter->emit(&d, &e, text) ? STATUS_OK : too_large(err);
}

enum status policy_output_text(struct policy_output *o, const struct subject *who,
                               const struct policy *p, struct buf *text, struct err *err)
{
	enum status status = add_document(o, who, p, 0, text, err);
	if (status == STATUS_OK && o->options->tf_variables && o->module.variables.n)
		status = buf_add_char(text, '\n') && emit_variables_text(&o->module.variables, text)
		                 ? STATUS_OK
		                 : too_large(err);
	return status;
}

static enum status save_named(struct policy_output *o, struct span file, struct span text,
                              enum saved *how, struct err *err)
{
	return save_text(policy_folder_path(&o->arena, o->options->folder, file), text, how, err);
}

/* ---- the files of one subject */

/* A syntax that is not read again: the index tells what was written, and to which bytes. */
static enum status tell_written(struct policy_output *o, struct index_file *file, struct span text,
                                const struct policy_document *documents, size_t n, struct err *err)
{
	enum status status = STATUS_OK;
	if (policy_folder_readable(file->name))
		return STATUS_OK;
	file->written = (struct folder_written){
	        .hash = policy_folder_hash(&o->arena, text),
	        .documents = arena_alloc(&o->arena, (n + 1) * sizeof *file->written.documents)};
	for (size_t i = 0; i < n && status == STATUS_OK; i++) {
		struct buf json;
		buf_init(&json, LIMIT_JSON_FILE);
		status = document_write(&documents[i], false, &json) ? STATUS_OK : too_large(err);
		file->written.documents[file->written.n++] = arena_span(&o->arena, buf_span(&json));
		buf_release(&json);
	}
	return status;
}

/* Saves the file, counts what became of it, and adds it to the entry. */
static enum status save_file(struct policy_output *o, struct index_entry *e,
                             const struct index_file *file, struct span text, struct err *err)
{
	enum saved how;
	enum status status = save_named(o, file->name, text, &how, err);
	if (status != STATUS_OK)
		return status;
	e->files[e->n++] = *file;
	o->n_documents++;
	o->n_new += how == SAVED_NEW;
	o->n_changed += how == SAVED_CHANGED;
	o->n_same += how == SAVED_SAME;
	return STATUS_OK;
}

static enum status write_document(struct policy_output *o, const struct subject *who,
                                  const struct policy *p, size_t i, struct index_entry *e,
                                  struct err *err)
{
	const char *suffix = o->emitter->suffix;
	struct span file = i ? arena_printf(&o->arena, "%.*s~%zu%s", SPAN_ARG(who->file), i + 1,
	                                    suffix)
	                     : arena_printf(&o->arena, "%.*s%s", SPAN_ARG(who->file), suffix);
	struct index_file one = {.name = file,
	                         .characters = p->documents[i].size,
	                         .statements = p->documents[i].n_statements};
	struct buf text;
	buf_init(&text, LIMIT_JSON_FILE);
	enum status status = add_document(o, who, p, i, &text, err);
	if (status == STATUS_OK)
		status = tell_written(o, &one, buf_span(&text), &p->documents[i], 1, err);
	if (status == STATUS_OK)
		status = save_file(o, e, &one, buf_span(&text), err);
	buf_release(&text);
	return status;
}

/* Of the i-th document, if it is there already. */
static enum status add_import(struct policy_output *o, const struct subject *who, size_t i,
                              struct err *err)
{
	struct terraform_imports *t = o->options->imports;
	struct span label = terraform_module_label(&o->module, who);
	if (!t || (o->options->use != USE_IDENTITY && o->options->use != USE_BOUNDARY))
		return STATUS_OK;
	if (i)
		label = arena_printf(&o->arena, "%.*s__%zu", SPAN_ARG(label), i + 1);
	return terraform_imports_add(t, who, label) ? STATUS_OK : too_large(err);
}

/* All documents of one principal in one file of the module. */
static enum status write_module_file(struct policy_output *o, const struct subject *who,
                                     const struct policy *p, struct index_entry *e,
                                     struct err *err)
{
	struct span label = terraform_module_label(&o->module, who);
	struct span file = arena_printf(&o->arena, "%.*s%s", SPAN_ARG(label), o->emitter->suffix);
	struct buf text;
	enum status status = STATUS_OK;
	struct index_file one = {.name = file};
	buf_init(&text, LIMIT_JSON_FILE);
	for (size_t i = 0; i < p->n_documents && status == STATUS_OK; i++) {
		if (i)
			buf_add_char(&text, '\n');
		status = add_document(o, who, p, i, &text, err);
		if (status == STATUS_OK)
			status = add_import(o, who, i, err);
		one.characters += p->documents[i].size;
		one.statements += p->documents[i].n_statements;
	}
	if (status == STATUS_OK)
		status = tell_written(o, &one, buf_span(&text), p->documents, p->n_documents, err);
	if (status == STATUS_OK)
		status = save_file(o, e, &one, buf_span(&text), err);
	buf_release(&text);
	return status;
}

/* Files of an earlier run that the policy does not fill any more ("ci~3.json"), or that were of
 * another format. Whether there are any. */
static bool drop_former(struct policy_output *o, const struct folder_entry *before,
                        const struct index_entry *now)
{
	bool any = false;
	for (size_t i = 0; before && i < before->n; i++) {
		bool written = false;
		for (size_t k = 0; k < now->n && !written; k++)
			written = span_eq(now->files[k].name, before->files[i]);
		if (written)
			continue;
		struct folder_entry *one = arena_alloc(&o->arena, sizeof *one);
		*one = (struct folder_entry){.principal = before->principal,
		                             .files = &before->files[i],
		                             .n = 1,
		                             .former = true};
		*vec_add(&o->stale) = one;
		any = true;
	}
	return any;
}

static void finish_change(struct policy_output *o, struct policy_change *c, size_t rewritten,
                          const struct index_entry *e)
{
	struct span *names = arena_alloc(&o->changes.arena, (e->n + 1) * sizeof *names);
	for (size_t i = 0; i < e->n; i++)
		names[i] = arena_span(&o->changes.arena, e->files[i].name);
	c->files = names;
	c->n_files = e->n;
	if (c->kind == CHANGE_NONE && rewritten)
		c->kind = CHANGE_SPELLING;
	if (c->kind == CHANGE_UNKNOWN && !rewritten)
		c->kind = CHANGE_NONE;
}

enum status policy_output_files(struct policy_output *o, const struct subject *who,
                                const struct policy *p, const struct gathered *g, struct err *err)
{
	const struct folder_entry *before = policy_folder_find(&o->before, who->name);
	struct policy_change *change =
	        policy_changes_compare(&o->changes, &o->before, before, who, p, g);
	struct index_entry e = {.principal = who->name};
	enum status status = STATUS_OK;
	size_t same = o->n_same;
	e.files = arena_alloc(&o->arena, (p->n_documents + 1) * sizeof *e.files);
	if (o->options->tf_module && o->emitter->emit == emit_hcl)
		status = write_module_file(o, who, p, &e, err);
	else
		for (size_t i = 0; i < p->n_documents && status == STATUS_OK; i++)
			status = write_document(o, who, p, i, &e, err);
	if (e.n) {
		o->n_subjects++;
		*vec_add(&o->index) = e;
	}
	bool moved = status == STATUS_OK && drop_former(o, before, &e);
	finish_change(o, change, e.n - (o->n_same - same) + moved + (before && before->n != e.n),
	              &e);
	return status;
}

static void keep_entry(struct policy_output *o, const struct folder_entry *before, bool stale)
{
	struct index_entry e = {.principal = before->principal, .n = before->n, .stale = stale};
	e.files = arena_calloc(&o->arena, e.n + 1, sizeof *e.files);
	for (size_t i = 0; i < e.n; i++) {
		e.files[i].name = before->files[i];
		if (before->written)
			e.files[i].written = before->written[i];
	}
	*vec_add(&o->index) = e;
}

void policy_output_keep(struct policy_output *o, const struct subject *who)
{
	const struct folder_entry *before = policy_folder_find(&o->before, who->name);
	if (before)
		keep_entry(o, before, false);
}

/* ---- what is left of an earlier run */

static int by_principal(const void *a, const void *b)
{
	const struct index_entry *x = a, *y = b;
	int c = (int)x->stale - (int)y->stale;
	return c ? c : span_cmp(x->principal, y->principal);
}

static bool of_other_account(const struct policy_output *o, struct span principal)
{
	const struct text_list *accounts = o->options->accounts;
	struct arn arn;
	if (!accounts || !accounts->n)
		return false;
	for (size_t i = 0; i < accounts->n; i++)
		if (arn_parse(principal, &arn) && span_eq(arn.account, accounts->v[i]))
			return false;
	return true;
}

static void find_stale(struct policy_output *o)
{
	sort_items(o->index.v, o->index.n, sizeof *o->index.v, by_principal);
	size_t known = o->index.n;
	for (size_t i = 0; i < o->before.n; i++) {
		const struct folder_entry *e = &o->before.v[i];
		const struct index_entry key = {.principal = e->principal};
		bool is_known = known && bsearch(&key, o->index.v, known, sizeof key, by_principal);
		if (is_known && !e->stale)
			continue;
		if (!e->stale && (!o->options->all || of_other_account(o, e->principal))) {
			keep_entry(o, e, false);
			continue;
		}
		struct folder_entry *one = arena_alloc(&o->arena, sizeof *one);
		*one = *e;
		one->former = is_known;
		*vec_add(&o->stale) = one;
		if (!e->stale)
			policy_changes_gone(&o->changes, e, "nothing is granted in this log any more");
	}
}

static int by_file(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* What policies are in now, sorted: a stale entry that names one of them is not to remove it. */
static struct span *files_in_use(struct policy_output *o, size_t *n)
{
	size_t all = 0;
	*n = 0;
	for (size_t i = 0; i < o->index.n; i++)
		all += o->index.v[i].n;
	struct span *v = arena_alloc(&o->arena, (all + 1) * sizeof *v);
	for (size_t i = 0; i < o->index.n; i++)
		for (size_t k = 0; k < o->index.v[i].n; k++)
			v[(*n)++] = o->index.v[i].files[k].name;
	sort_items(v, *n, sizeof *v, by_file);
	return v;
}

/* Removes them, or leaves them in the index and in o->stale. */
static enum status handle_stale(struct policy_output *o, struct err *err)
{
	enum status status = STATUS_OK;
	size_t n_used, kept = 0;
	const struct span *used = files_in_use(o, &n_used);
	for (size_t i = 0; i < o->stale.n; i++) {
		struct folder_entry *left = arena_alloc(&o->arena, sizeof *left);
		*left = *o->stale.v[i];
		struct span *files = arena_alloc(&o->arena, (left->n + 1) * sizeof *files);
		size_t n = 0;
		for (size_t k = 0; k < left->n; k++)
			if (n_used &&
			    bsearch(&left->files[k], used, n_used, sizeof *used, by_file))
				continue;
			else if (o->options->prune &&
			    policy_folder_remove(&o->before, left->files[k], err) == STATUS_OK)
				o->n_pruned++;
			else
				files[n++] = left->files[k];
		status = o->options->prune && n ? STATUS_FILE : status;
		left->files = files;
		left->written = NULL;
		left->n = n;
		if (!n)
			continue;
		keep_entry(o, left, true);
		o->stale.v[kept++] = left;
	}
	o->stale.n = kept;
	return status;
}

/* ---- the index */

static void write_written(struct json_writer *w, const struct folder_written *written)
{
	if (!written->hash.p)
		return;
	json_member_text(w, "hash", written->hash);
	json_key(w, "documents");
	json_begin_array(w);
	for (size_t i = 0; i < written->n; i++)
		json_put_raw(w, written->documents[i]);
	json_end_array(w);
}

static void write_entry(struct json_writer *w, const struct index_entry *e)
{
	json_begin_object_as(w, LAYOUT_LINE);
	json_member_text(w, "principal", e->principal);
	json_key(w, "files");
	json_begin_array(w);
	for (size_t i = 0; i < e->n; i++) {
		json_begin_object(w);
		json_member_text(w, "file", e->files[i].name);
		if (e->files[i].characters) {
			json_member_u64(w, "characters", e->files[i].characters);
			json_member_u64(w, "statements", e->files[i].statements);
		}
		write_written(w, &e->files[i].written);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
}

static enum status write_index(struct policy_output *o, struct err *err)
{
	struct json_writer w;
	struct buf text;
	enum saved how;
	size_t i = 0;
	buf_init(&text, LIMIT_JSON_FILE);
	sort_items(o->index.v, o->index.n, sizeof *o->index.v, by_principal);
	json_to_buf(&w, &text, LAYOUT_INDENT);
	json_begin_object(&w);
	json_key(&w, "policies");
	json_begin_array(&w);
	for (; i < o->index.n && !o->index.v[i].stale; i++)
		write_entry(&w, &o->index.v[i]);
	json_end_array(&w);
	if (i < o->index.n) {
		json_key(&w, "stale");
		json_begin_array(&w);
		for (; i < o->index.n; i++)
			write_entry(&w, &o->index.v[i]);
		json_end_array(&w);
	}
	json_end_object(&w);
	enum status status = json_finish(&w) && buf_add_char(&text, '\n') ? STATUS_OK : too_large(err);
	if (status == STATUS_OK)
		status = save_named(o, SPAN_LIT("index.json"), buf_span(&text), &how, err);
	buf_release(&text);
	return status;
}

static enum status write_changes(struct policy_output *o, struct err *err)
{
	struct buf text;
	enum saved how;
	enum status status = STATUS_OK;
	buf_init(&text, LIMIT_JSON_FILE);
	o->has_changes = policy_changes_text(&o->changes, &text);
	if (text.full)
		status = too_large(err);
	else if (o->has_changes)
		status = save_named(o, SPAN_LIT("CHANGES.md"), buf_span(&text), &how, err);
	buf_release(&text);
	return status;
}

/* The blocks of an earlier run may be about what is not there any more. */
static enum status write_imports(struct policy_output *o, struct err *err)
{
	const struct terraform_imports *t = o->options->imports;
	enum saved how;
	if (!t)
		return STATUS_OK;
	return t->n ? save_named(o, SPAN_LIT("imports.tf"), buf_span(&t->text), &how, err)
	            : policy_folder_remove(&o->before, SPAN_LIT("imports.tf"), err);
}

/* What the module has beside the policies. */
static enum status write_module(struct policy_output *o, struct err *err)
{
	struct buf text;
	enum saved how;
	buf_init(&text, LIMIT_JSON_FILE);
	enum status status = terraform_module_text(&o->module, &text) ? STATUS_OK : too_large(err);
	if (status == STATUS_OK)
		status = save_named(o, SPAN_LIT("versions.tf"), buf_span(&text), &how, err);
	buf_reset(&text);
	if (status == STATUS_OK && o->options->tf_variables)
		status = emit_variables_text(&o->module.variables, &text)
		                 ? save_named(o, SPAN_LIT("variables.tf"), buf_span(&text), &how, err)
		                 : too_large(err);
	if (status == STATUS_OK)
		status = write_imports(o, err);
	buf_release(&text);
	return status;
}

enum status policy_output_finish(struct policy_output *o, struct err *err)
{
	find_stale(o);
	enum status pruned = handle_stale(o, err);
	enum status status = write_changes(o, err);
	if (status == STATUS_OK && o->options->tf_module)
		status = write_module(o, err);
	if (status == STATUS_OK)
		status = write_index(o, err);
	return status == STATUS_OK ? pruned : status;
}
