/* policy.c - commands: iamreplay policy, from what a principal did to the document that allows it.
 */
#include "config.h"

#include "cli/plain.h"
#include "app/policy-request.h"

#include "emit/emit.h"
#include "emit/save.h"
#include "base/limits.h"

#include <stdlib.h>
#include <sys/stat.h>

enum {
	OPTION_ALL = REQUEST_OPTIONS,
	OPTION_EACH,
	OPTION_OUT,
	OPTION_FORMAT,
	OPTION_TF_RESOURCE,
	OPTION_CFN_INLINE,
	OPTION_AS,
};

static const struct option_spec options[] = {
        POLICY_REQUEST_OPTIONS,
        {"all", 0, ARG_NONE, NULL, NULL, "every editable principal; needs -o DIR/"},
        {"each", 0, ARG_NONE, NULL, NULL,
         "one policy a principal instead of one for all; needs -o DIR/"},
        {"output", 'o', ARG_FILE, "PATH", NULL, "a file, or a folder with '/' at its end"},
        {"format", 'f', ARG_CHOICE, "FORMAT", EMITTER_NAMES, "the syntax (default json)"},
        {"tf-resource", 0, ARG_NONE, NULL, NULL, "hcl: also the policy and its attachment"},
        {"cfn-inline", 0, ARG_NONE, NULL, NULL, "CloudFormation: an entry for Policies"},
        {"as", 0, ARG_CHOICE, "USE", "identity|boundary|scp|trust",
         "what the policy is for (default identity)"},
        {NULL, 0, ARG_NONE, NULL, NULL, NULL},
};

struct command_line {
	struct policy_request request;
	bool all, each, tf_resource, cfn_inline;
	const char *out;
	bool out_is_folder;
	enum policy_use use;
	const struct emitter *emitter;
};

static bool is_folder(const char *path)
{
	struct stat st;
	size_t n = strlen(path);
	return (n && path[n - 1] == '/') || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

static enum policy_use use_of(const char *value)
{
	return strcmp(value, "boundary") == 0 ? USE_BOUNDARY
	       : strcmp(value, "scp") == 0    ? USE_SCP
	       : strcmp(value, "trust") == 0  ? USE_TRUST
	                                      : USE_IDENTITY;
}

static int read_line(struct command_line *c, const struct command *self, int argc, char **argv)
{
	struct options o;
	const char *value;
	int index;
	*c = (struct command_line){.emitter = &emitters[0]};
	policy_request_init(&c->request, self);
	options_init(&o, self, argc, argv);
	while ((index = options_next(&o, &value)) >= 0) {
		int status = EXIT_DONE;
		switch (index) {
		case OPTION_ALL: c->all = true; break;
		case OPTION_EACH: c->each = true; break;
		case OPTION_OUT: c->out = value; break;
		case OPTION_FORMAT: c->emitter = emitter_find(span_of(value)); break;
		case OPTION_TF_RESOURCE: c->tf_resource = true; break;
		case OPTION_CFN_INLINE: c->cfn_inline = true; break;
		case OPTION_AS: c->use = use_of(value); break;
		default: status = policy_request_option(&c->request, index, value);
		}
		if (status != EXIT_DONE)
			return status;
	}
	if (index == OPTIONS_EXIT)
		return o.exit_status == EXIT_DONE ? -1 : o.exit_status;
	if (o.operands)
		return options_usage(self, "what is '%s'? A principal is named with --principal",
		                     argv[1]);
	return policy_request_finish(&c->request);
}

static const struct policy_limit *default_limit(const struct command_line *c)
{
	if (!c->out)
		return NULL;
	return policy_limit(c->use == USE_SCP     ? SPAN_LIT("scp")
	                    : c->use == USE_TRUST ? SPAN_LIT("trust")
	                                          : SPAN_LIT("managed"));
}

static int check_line(struct command_line *c, const struct command *self)
{
	struct policy_request *r = &c->request;
	c->out_is_folder = c->out && (c->all || c->each || is_folder(c->out));
	if (!c->all && r->principals.n == 0)
		return options_usage(self, "which principal? --principal NAME, or --all");
	if (c->all && r->principals.n)
		return options_usage(self, "--all and --principal exclude each other");
	if ((c->all || c->each) && !c->out)
		return options_usage(self, "%s writes files: where to? -o DIR/",
		                     c->all ? "--all" : "--each");
	if (c->use == USE_TRUST && r->merge)
		return options_usage(
		        self, "--merge adds to what a principal may do: not with --as trust");
	if (c->tf_resource && strncmp(c->emitter->name, "hcl", 3) != 0)
		return options_usage(self, "--tf-resource goes with --format hcl or hcl-json only");
	if (c->cfn_inline && strncmp(c->emitter->name, "cfn-", 4) != 0)
		return options_usage(self,
		                     "--cfn-inline goes with --format cfn-yaml or cfn-json only");
	if (!r->limit_given)
		policy_request_limit(r, default_limit(c));
	/* white space that is not printed does not count */
	if (strcmp(c->emitter->name, "json") != 0)
		r->options.limit_white_space = false;
	/* a principal has one boundary */
	if (c->use == USE_BOUNDARY)
		r->options.max_documents = 1;
	return EXIT_DONE;
}

/* ---- output */

struct index_row {
	struct span principal;
	struct span files[64];
	size_t sizes[64], n_files;
};

struct writer {
	const struct command_line *line;
	struct arena arena; /* for the index */
	struct buf index;
	size_t n_written, n_empty, n_same, n_indexed;
};

static struct emit_options emit_options_of(const struct command_line *c, const struct subject *who,
                                           size_t document, struct arena *arena)
{
	struct span name = who->short_name;
	if (document)
		name = arena_printf(arena, "%.*s-%zu", SPAN_ARG(who->short_name), document + 1);
	return (struct emit_options){
	        .name = name,
	        .subject = who->name,
	        .use = c->use,
	        .attach = who->n > 1                    ? ATTACH_NOTHING
	                  : who->type == PRINCIPAL_ROLE ? ATTACH_ROLE
	                  : who->type == PRINCIPAL_USER ? ATTACH_USER
	                                                : ATTACH_NOTHING,
	        .attach_name = who->short_name,
	        .tf_resource = c->tf_resource,
	        .cfn_inline = c->cfn_inline,
	};
}

static int too_long(const struct command_line *c)
{
	fprintf(stderr, "iamreplay %s: the text would be larger than %zu MiB\n",
	        c->request.self->name, LIMIT_JSON_FILE >> 20);
	return EXIT_NOT_DONE;
}

static int print_one(const struct command_line *c, const struct subject *who,
                     const struct policy *p, struct arena *arena)
{
	if (p->n_documents > 1) {
		print_plain(
		        stderr,
		        "%.*s: %zu documents of at most %zu characters are needed, and only one "
		        "can be "
		        "printed. Write them with -o DIR/, or fold further with --max-policies 1\n",
		        SPAN_ARG(who->name), p->n_documents, c->request.options.limit);
		return EXIT_NOT_DONE;
	}
	struct emit_options e = emit_options_of(c, who, 0, arena);
	struct buf text;
	struct err err;
	enum saved how;
	int status = EXIT_DONE;
	buf_init(&text, LIMIT_JSON_FILE);
	err_clear(&err);
	if (!c->emitter->emit(&p->documents[0], &e, &text)) {
		status = too_long(c);
	} else if (!c->out) {
		fwrite(text.p, 1, text.n, stdout); /* checked when stdout is flushed */
	} else if (save_text(c->out, buf_span(&text), &how, &err) != STATUS_OK) {
		char line[2048];
		fprintf(stderr, "iamreplay %s: %s\n", c->request.self->name,
		        err_line(&err, line, sizeof line));
		status = EXIT_NOT_DONE;
	}
	buf_release(&text);
	return status;
}

static int save_named(struct writer *w, struct span file, struct span text)
{
	struct err err;
	enum saved how;
	const char *dir = w->line->out;
	size_t n = strlen(dir);
	struct span path = arena_printf(&w->arena, "%s%s%.*s", dir,
	                                n && dir[n - 1] == '/' ? "" : "/", SPAN_ARG(file));
	err_clear(&err);
	if (save_text(path.p, text, &how, &err) != STATUS_OK) {
		char line[2048];
		fprintf(stderr, "iamreplay %s: %s\n", w->line->request.self->name,
		        err_line(&err, line, sizeof line));
		return EXIT_NOT_DONE;
	}
	w->n_written++;
	w->n_same += how == SAVED_SAME;
	return EXIT_DONE;
}

static void index_begin(struct writer *w, const struct subject *who)
{
	buf_addf(&w->index, "%s\n    {\"principal\": ", w->n_indexed++ ? "," : "");
	buf_add_json(&w->index, who->name);
	buf_add_str(&w->index, ", \"files\": [");
}

static int write_documents(struct writer *w, const struct subject *who, const struct policy *p)
{
	const struct command_line *c = w->line;
	struct buf text;
	int status = EXIT_DONE;
	size_t n_files = 0;
	buf_init(&text, LIMIT_JSON_FILE);
	for (size_t i = 0; i < p->n_documents; i++) {
		struct emit_options e = emit_options_of(c, who, i, &w->arena);
		struct span file = i ? arena_printf(&w->arena, "%.*s~%zu%s", SPAN_ARG(who->file),
		                                    i + 1, c->emitter->suffix)
		                     : arena_printf(&w->arena, "%.*s%s", SPAN_ARG(who->file),
		                                    c->emitter->suffix);
		buf_reset(&text);
		if (!c->emitter->emit(&p->documents[i], &e, &text))
			status = too_long(c);
		else
			status = save_named(w, file, buf_span(&text));
		if (status != EXIT_DONE) {
			print_plain(stderr, "%.*s: its policy was not written whole\n",
			            SPAN_ARG(who->name));
			break;
		}
		if (n_files++ == 0)
			index_begin(w, who);
		buf_add_str(&w->index, i ? ", {\"file\": " : "{\"file\": ");
		buf_add_json(&w->index, file);
		buf_addf(&w->index, ", \"characters\": %zu, \"statements\": %zu}",
		         p->documents[i].size, p->documents[i].n_statements);
	}
	if (n_files)
		buf_add_str(&w->index, "]}");
	buf_release(&text);
	return status;
}

static int index_finish(struct writer *w)
{
	buf_add_str(&w->index, w->n_indexed ? "\n  ]\n}\n" : "]\n}\n");
	if (w->index.full)
		return too_long(w->line);
	int status = save_named(w, SPAN_LIT("index.json"), buf_span(&w->index));
	if (status != EXIT_DONE)
		return status;
	w->n_written--;
	fprintf(stderr, "%zu principal%s, %zu document%s", w->n_indexed,
	        w->n_indexed == 1 ? "" : "s", w->n_written, w->n_written == 1 ? "" : "s");
	if (w->n_empty)
		fprintf(stderr, "; %zu principal%s with nothing to grant", w->n_empty,
		        w->n_empty == 1 ? "" : "s");
	fprintf(stderr, "\n");
	return w->n_indexed ? EXIT_DONE : EXIT_PARTLY;
}

/* ---- the run */

/* What a use of the policy needs to be known beside its text. */
static void use_remarks(const struct command_line *c, const struct subject *who)
{
	int n = (int)who->name.n;
	if (who->n == 1 && who->type == PRINCIPAL_ACCESS_KEY)
		print_plain(stderr,
		            "%.*s: whose key this is is not known, so there is nothing to attach "
		            "the policy to. Say it: iamreplay principals --assign %.*s=ARN\n",
		            n, who->name.p, SPAN_ARG(who->short_name));
	else if (!who->editable)
		print_plain(stderr,
		            "%.*s: its permissions cannot be edited: no policy can be attached\n",
		            n, who->name.p);
	if (c->use == USE_BOUNDARY)
		print_plain(
		        stderr,
		        "%.*s: a permissions boundary grants nothing by itself: the principal's "
		        "policies must "
		        "allow the same, and whatever is not in it is refused from then on\n",
		        n, who->name.p);
	if (c->use == USE_SCP)
		print_plain(
		        stderr,
		        "%.*s: as an allow list in place of FullAWSAccess this hits every other "
		        "principal of "
		        "the accounts it is attached to, their root users included\n",
		        n, who->name.p);
}

/* One subject, from the store to where its policy goes. */
static int run_one(struct writer *w, struct policy_source *s, const struct subject *who)
{
	const struct command_line *c = w->line;
	const struct policy_request *r = &c->request;
	struct gathered g;
	struct policy p;
	struct err err;
	char line[2048];
	int status = EXIT_NOT_DONE;
	err_clear(&err);
	policy_init(&p);
	if ((c->use == USE_TRUST ? policy_gather_none(&g) : policy_gather(r, s, who, &g)) !=
	    STATUS_OK) {
		fprintf(stderr, "iamreplay %s: %s\n", r->self->name,
		        err_line(&g.err, line, sizeof line));
		goto out;
	}
	switch (c->use == USE_TRUST ? policy_trust(r, s, who, &g, &p, &err)
	                            : policy_make(r, s, &g, &p, &err)) {
	case STATUS_OK:
		policy_remarks(r, who, &g, &p);
		use_remarks(c, who);
		status = c->out_is_folder ? write_documents(w, who, &p)
		                          : print_one(c, who, &p, &p.arena);
		break;
	case STATUS_END:
		if (!c->all)
			policy_remarks(r, who, &g, &p);
		if (!c->out_is_folder)
			print_plain(stderr, "%.*s: nothing to grant\n", SPAN_ARG(who->name));
		w->n_empty++;
		status = EXIT_PARTLY;
		break;
	default:
		print_plain(stderr, "%.*s: %s\n", SPAN_ARG(who->name),
		            err_line(&err, line, sizeof line));
	}
out:
	policy_release(&p);
	gathered_release(&g);
	return status;
}

static int run_subjects(struct command_line *c, struct policy_source *s)
{
	struct subjects subjects = {NULL, 0};
	struct writer w = {.line = c};
	int result = policy_subjects(&c->request, s, c->all, c->each, &subjects);
	if (result != EXIT_DONE)
		return result;
	arena_init(&w.arena);
	buf_init(&w.index, LIMIT_JSON_FILE);
	buf_add_str(&w.index, "{\n  \"policies\": [");
	for (size_t i = 0; i < subjects.n; i++) {
		int status = run_one(&w, s, &subjects.s[i]);
		/* of many, some may have nothing to grant */
		if (status == EXIT_NOT_DONE || (status == EXIT_PARTLY && !c->all && !c->each))
			result = status;
	}
	/* what was written is told even if another principal's policy could not be made */
	if (c->out_is_folder && (c->all || c->each || w.n_indexed)) {
		int status = index_finish(&w);
		result = status > result ? status : result;
	}
	buf_release(&w.index);
	arena_release(&w.arena);
	return result;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct command_line c;
	struct policy_source s;
	int status = read_line(&c, self, argc, argv);
	if (status == -1)
		return EXIT_DONE;
	if (status == EXIT_DONE)
		status = check_line(&c, self);
	if (status == EXIT_DONE)
		status = policy_source_open(&c.request, &s);
	if (status != EXIT_DONE)
		return status;
	status = run_subjects(&c, &s);
	policy_source_close(&s);
	return status;
}

const struct command command_policy = {
        .name = "policy",
        .usage = "[--db F] --principal P... | --all [-o PATH] [OPTION]...",
        .summary = "print or write the least-privilege policy of principals",
        .options = options,
        .examples = "  iamreplay policy --principal role/ci\n"
                    "  iamreplay policy --principal role/ci --resources exact --format hcl\n"
                    "  iamreplay policy --all -o policies/\n",
        .run = run,
};
