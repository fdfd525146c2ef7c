/* policy-output.c - app: see policy-output.h. */
#include "config.h"

#include "app/policy-output.h"

#include "base/limits.h"
#include "emit/save.h"

void policy_output_init(struct policy_output *o, const struct policy_output_options *options)
{
	*o = (struct policy_output){.options = options};
	arena_init(&o->arena);
	buf_init(&o->index, LIMIT_JSON_FILE);
	json_to_buf(&o->json, &o->index, LAYOUT_INDENT);
	json_begin_object(&o->json);
	json_key(&o->json, "policies");
	json_begin_array(&o->json);
}

void policy_output_release(struct policy_output *o)
{
	buf_release(&o->index);
	arena_release(&o->arena);
}

static enum status too_large(struct err *err)
{
	return err_set(err, STATUS_STOP, "too-large", "the text would be larger than %zu MiB",
	               LIMIT_JSON_FILE >> 20);
}

static enum attach_to attach_to(const struct subject *who)
{
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
	return o->options->emitter->emit(&p->documents[i], &e, text) ? STATUS_OK : too_large(err);
}

enum status policy_output_text(struct policy_output *o, const struct subject *who,
                               const struct policy *p, struct buf *text, struct err *err)
{
	return add_document(o, who, p, 0, text, err);
}

static enum status save_named(struct policy_output *o, struct span file, struct span text,
                              struct err *err)
{
	enum saved how;
	const char *dir = o->options->folder;
	size_t n = strlen(dir);
	struct span path = arena_printf(&o->arena, "%s%s%.*s", dir,
	                                n && dir[n - 1] == '/' ? "" : "/", SPAN_ARG(file));
	return save_text(path.p, text, &how, err);
}

static void index_add(struct policy_output *o, const struct subject *who,
                      const struct policy_document *d, struct span file, bool first)
{
	if (first) {
		o->n_subjects++;
		json_begin_object_as(&o->json, LAYOUT_LINE);
		json_member_text(&o->json, "principal", who->name);
		json_key(&o->json, "files");
		json_begin_array(&o->json);
	}
	json_begin_object(&o->json);
	json_member_text(&o->json, "file", file);
	json_member_u64(&o->json, "characters", d->size);
	json_member_u64(&o->json, "statements", d->n_statements);
	json_end_object(&o->json);
}

enum status policy_output_files(struct policy_output *o, const struct subject *who,
                                const struct policy *p, struct err *err)
{
	const char *suffix = o->options->emitter->suffix;
	struct buf text;
	enum status status = STATUS_OK;
	size_t i = 0;
	buf_init(&text, LIMIT_JSON_FILE);
	for (; i < p->n_documents; i++) {
		struct span file =
		        i ? arena_printf(&o->arena, "%.*s~%zu%s", SPAN_ARG(who->file), i + 1,
		                         suffix)
		          : arena_printf(&o->arena, "%.*s%s", SPAN_ARG(who->file), suffix);
		buf_reset(&text);
		status = add_document(o, who, p, i, &text, err);
		if (status == STATUS_OK)
			status = save_named(o, file, buf_span(&text), err);
		if (status != STATUS_OK)
			break;
		o->n_documents++;
		index_add(o, who, &p->documents[i], file, i == 0);
	}
	if (i) {
		json_end_array(&o->json);
		json_end_object(&o->json);
	}
	buf_release(&text);
	return status;
}

enum status policy_output_index(struct policy_output *o, struct err *err)
{
	json_end_array(&o->json);
	json_end_object(&o->json);
	if (!json_finish(&o->json) || !buf_add_char(&o->index, '\n'))
		return too_large(err);
	return save_named(o, SPAN_LIT("index.json"), buf_span(&o->index), err);
}
