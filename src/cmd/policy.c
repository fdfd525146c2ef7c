/* policy.c - commands: iamreplay policy, from what a principal did to the document that allows it.
 */
#include "config.h"

#include "app/consent.h"
#include "app/policy-folder.h"
#include "app/policy-output.h"
#include "base/limits.h"
#include "cli/plain.h"
#include "cli/policy-messages.h"
#include "cli/progress.h"
#include "cli/settings.h"
#include "cli/shared-options.h"
#include "emit/save.h"
#include "policy/quotas.h"

struct line {
	struct policy_request request;
	bool all, each, tf_resource, tf_module, tf_variables, cfn_inline, prune_stale, verbose;
	const char *out, *details;
	bool out_is_folder;
	enum policy_use use;
	int format; /* of emitters */
};

static struct option_choice format_at(size_t i)
{
	return (struct option_choice){emitters[i].name, (int)i};
}

static const struct option_choice use_choices[] = {
        {"identity", USE_IDENTITY}, {"boundary", USE_BOUNDARY},        {"scp", USE_SCP},
        {"trust", USE_TRUST},       {"resource-policy", USE_RESOURCE}, {NULL, 0}};

static const struct option principal_rows[] = {
        {.name = "all",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, all),
         .help = "every editable principal; needs -o DIR/"},
        {.name = "each",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, each),
         .help = "one policy a principal instead of one for all; needs -o DIR/"},
        {.name = NULL},
};
static const struct option output_rows[] = {
        {.name = "as",
         .kind = OPTION_CHOICE,
         .field = offsetof(struct line, use),
         .choices = use_choices,
         .value = "USE",
         .help = "what the policy is for (default identity)"},
        {.name = "format",
         .letter = 'f',
         .kind = OPTION_CHOICE,
         .field = offsetof(struct line, format),
         .choice_at = format_at,
         .value = "FORMAT",
         .help = "the syntax (default json)"},
        {.name = "output",
         .letter = 'o',
         .kind = OPTION_FILE,
         .field = offsetof(struct line, out),
         .value = "PATH",
         .help = "a file, or a folder with '/' at its end"},
        {.name = "prune-stale",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, prune_stale),
         .help = "remove the folder's files of principals to whom nothing is granted any more"},
        {.name = "verbose",
         .letter = 'v',
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, verbose),
         .help = "with many principals: tell what is left out of each"},
        {.name = "tf-resource",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, tf_resource),
         .help = "hcl: also the policy and its attachment"},
        {.name = "tf-module",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, tf_module),
         .help = "hcl, with -o DIR/: one root module, a file for each principal"},
        {.name = "account-details",
         .kind = OPTION_FILE,
         .once = true,
         .field = offsetof(struct line, details),
         .value = "FILE",
         .help = "--tf-module: import what 'aws iam get-account-authorization-details' has"},
        {.name = "variables",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, tf_variables),
         .help = "hcl: variables in the place of account, partition and region"},
        {.name = "cfn-inline",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, cfn_inline),
         .help = "CloudFormation: an entry for Policies"},
        {.name = NULL},
};
static const struct option_group principal_group = {.heading = "Which principals",
                                                    .options = principal_rows};
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&options_policy_request, offsetof(struct line, request)},
        {&principal_group, 0},
        {&output_group, 0},
        {&options_database, offsetof(struct line, request.database)},
        {NULL, 0},
};

static const struct emitter *emitter_of(const struct line *c)
{
	return &emitters[c->format];
}

/* The principal's own, where its settings say so. */
static const struct emitter *emitter_for(const struct line *c, const struct gathered *g)
{
	return g->request.has_format ? &emitters[g->request.format] : emitter_of(c);
}

/* Of what the policy is for. */
static const struct policy_quota *quota_of(const struct line *c)
{
	return policy_quota(c->use == USE_SCP     ? SPAN_LIT("scp")
	                    : c->use == USE_TRUST ? SPAN_LIT("trust")
	                                          : SPAN_LIT("managed"));
}

/* A resource's policy is part of the resource: each type has a CloudFormation type, a CDK class and
 * a Terraform resource of its own. */
static bool fits_resource_policies(const struct line *c, const struct command *self)
{
	const char *format = emitter_of(c)->name;
	if (c->use != USE_RESOURCE)
		return true;
	if (strncmp(format, "cfn-", 4) != 0 && strncmp(format, "cdk-", 4) != 0 && !c->tf_resource &&
	    !c->request.merge)
		return true;
	options_usage(self, "--as resource-policy is for review: not with --merge, --tf-resource, "
	                    "or CloudFormation and CDK formats");
	return false;
}

/* Whether calls are left out by who or what made them, so that a principal without a grant may well
 * have had others. */
static bool picks_calls(const struct policy_request *r)
{
	return policy_request_filter_at(r, 0) != NULL;
}

static int check(struct line *c, const struct command *self, struct command_line *line)
{
	if (line->n_operands)
		return options_usage(self, "what is '%s'? A principal is named with --principal",
		                     line->operands[0]);
	if (!policy_request_finish(self, line, &c->request))
		return EXIT_USAGE;
	struct policy_request *r = &c->request;
	c->out_is_folder = c->out && (c->all || c->each || is_folder_name(c->out));
	if (!policy_request_names(self, r, c->all))
		return EXIT_USAGE;
	if ((c->all || c->each) && !c->out)
		return options_usage(self, "%s writes files: where to? -o DIR/",
		                     c->all ? "--all" : "--each");
	if (c->prune_stale && !c->all)
		return options_usage(self, "--prune-stale goes with --all, by which is known who "
		                           "is gone");
	if (c->prune_stale && picks_calls(r))
		return options_usage(self, "--prune-stale needs all calls looked at: not with "
		                           "--session, --agent, --action, --service or what "
		                           "excludes them");
	if (c->use == USE_TRUST && r->merge)
		return options_usage(
		        self, "--merge adds to what a principal may do: not with --as trust");
	if (!fits_resource_policies(c, self))
		return EXIT_USAGE;
	if (c->tf_resource && strncmp(emitter_of(c)->name, "hcl", 3) != 0)
		return options_usage(self, "--tf-resource goes with --format hcl or hcl-json only");
	if (c->tf_variables && strcmp(emitter_of(c)->name, "hcl") != 0)
		return options_usage(self, "--variables goes with --format hcl only");
	if (c->tf_module && (strcmp(emitter_of(c)->name, "hcl") != 0 || !c->out_is_folder))
		return options_usage(self, "--tf-module goes with --format hcl and -o DIR/");
	if (c->details && !c->tf_module)
		return options_usage(self, "--account-details goes with --tf-module: what is there "
		                           "already is imported");
	if (c->tf_variables && c->out_is_folder && !c->tf_module)
		return options_usage(self, "--variables in a folder goes with --tf-module, which "
		                           "declares them once");
	if (c->cfn_inline && strncmp(emitter_of(c)->name, "cfn-", 4) != 0)
		return options_usage(self,
		                     "--cfn-inline goes with --format cfn-yaml or cfn-json only");
	if (!r->limit.given)
		policy_request_limit(r, c->out && c->use != USE_RESOURCE ? quota_of(c) : NULL, 0);
	/* white space that is not printed does not count */
	if (strcmp(emitter_of(c)->name, "json") != 0)
		r->options.limit_white_space = false;
	/* a principal has one boundary */
	if (c->use == USE_BOUNDARY)
		r->options.max_documents = 1;
	return EXIT_DONE;
}

/* ---- output */

static int fail(const struct err *err)
{
	return print_failure("policy", err);
}

/* What a document must fit in to be attached, where the user set no limit. */
static void say_too_large(const struct line *c, const struct subject *who,
                          const struct policy_document *d)
{
	const struct policy_quota *quota = quota_of(c);
	size_t size = document_size(d, quota->white_space);
	bool attached = emitter_of(c)->emit != emit_table && emitter_of(c)->emit != emit_markdown;
	if (c->request.limit.given || !attached || size <= quota->characters)
		return;
	print_plain(stderr,
	            "%.*s: %zu characters: more than the %zu of one %s, so it cannot be attached "
	            "as one document. '-o DIR/' divides it, '--limit %.*s --max-policies 1' folds "
	            "it until it fits\n",
	            SPAN_ARG(who->name), size, quota->characters, quota->what,
	            SPAN_ARG(span_of(quota->name)));
}

static void say_inert(const struct policy_output *o)
{
	if (o->n_inert)
		fprintf(stderr,
		        "%zu '{' of names became '?', any one character: deploying would put "
		        "something else in the place of \"{{...}}\"\n",
		        o->n_inert);
}

static const char *saved_text(enum saved how)
{
	return how == SAVED_NEW ? "written" : how == SAVED_CHANGED ? "changed" : "as it was";
}

static int print_one(const struct line *c, struct policy_output *o, const struct subject *who,
                     const struct policy *p)
{
	struct buf text;
	struct err err;
	enum saved how = SAVED_SAME;
	if (p->n_documents > 1) {
		print_plain(
		        stderr,
		        "%.*s: %zu documents of at most %zu characters are needed, and only one "
		        "can be "
		        "printed. Write them with -o DIR/, or fold further with --max-policies 1\n",
		        SPAN_ARG(who->name), p->n_documents, c->request.options.limit);
		return EXIT_NOT_DONE;
	}
	buf_init(&text, LIMIT_JSON_FILE);
	err_clear(&err);
	enum status status = policy_output_text(o, who, p, &text, &err);
	if (status == STATUS_OK && c->out)
		status = save_text(c->out, buf_span(&text), &how, &err);
	else if (status == STATUS_OK)
		fwrite(text.p, 1, text.n, stdout); /* checked when stdout is flushed */
	buf_release(&text);
	if (status != STATUS_OK)
		return fail(&err);
	say_too_large(c, who, &p->documents[0]);
	say_inert(o);
	if (c->out)
		print_plain(stderr, "%s: %s\n", c->out, saved_text(how));
	return EXIT_DONE;
}

static int write_files(struct policy_output *o, const struct subject *who, const struct policy *p,
                       const struct gathered *g)
{
	struct err err;
	err_clear(&err);
	if (policy_output_files(o, who, p, g, &err) == STATUS_OK)
		return EXIT_DONE;
	fail(&err);
	print_plain(stderr, "%.*s: its policy was not written whole\n", SPAN_ARG(who->name));
	return EXIT_NOT_DONE;
}

static void say_files(const struct line *c, const struct policy_output *o)
{
	const char *between = "";
	const struct {
		size_t n;
		const char *one, *many;
	} counts[] = {{o->n_new, "new", "new"},
	              {o->n_changed, "changed", "changed"},
	              {o->n_same, "as it was", "as they were"},
	              {o->n_pruned, "removed", "removed"}};
	print_plain(stderr, "%s: %zu %s: ", c->out, o->n_documents,
	            plural(o->n_documents, "file", "files"));
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		if (!counts[i].n)
			continue;
		fprintf(stderr, "%s%zu %s", between, counts[i].n,
		        plural(counts[i].n, counts[i].one, counts[i].many));
		between = ", ";
	}
	fprintf(stderr, "%s%s\n", *between ? "" : "nothing to grant",
	        o->has_changes ? "; CHANGES.md tells what changed" : "");
}

static int write_index(const struct line *c, struct policy_output *o, size_t n_empty)
{
	struct err err;
	err_clear(&err);
	enum status status = policy_output_finish(o, &err);
	if (status != STATUS_OK)
		fail(&err);
	say_inert(o);
	if (!c->prune_stale)
		say_stale(c->out, o->stale.v, o->stale.n, "is not granted it any more");
	say_files(c, o);
	fprintf(stderr, "%zu principal%s, %zu document%s", o->n_subjects,
	        plural(o->n_subjects, "", "s"), o->n_documents, plural(o->n_documents, "", "s"));
	if (n_empty)
		fprintf(stderr, "; %zu principal%s with nothing to grant", n_empty,
		        plural(n_empty, "", "s"));
	fprintf(stderr, "\n");
	if (!o->n_subjects)
		say_filters(&c->request);
	return status != STATUS_OK ? EXIT_NOT_DONE : o->n_subjects ? EXIT_DONE : EXIT_PARTLY;
}

/* ---- the run */

/* What a use of the policy needs to be known beside its text. */
static void say_of_use(const struct line *c, const struct subject *who)
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

/* STATUS_END: nothing to grant. */
static enum status make(const struct line *c, struct policy_source *s, const struct subject *who,
                        struct gathered *g, struct policy *p, struct err *err)
{
	if (c->use == USE_TRUST)
		return gather_trust(&c->request, s, who, g, p, err);
	if (c->use == USE_RESOURCE)
		return consent_policy(s, g, who, p, err);
	enum status status = gather_policy(s, g, p, err);
	if (status == STATUS_OK)
		gather_judge_denials(g, p);
	return status;
}

struct run {
	const struct line *c;
	struct policy_source *source;
	struct policy_output output;
	struct left_out_sum left_out;
	struct count_progress progress;
	bool many; /* what is left out is told in one sum */
	size_t n_empty;
};

static void say_beside(struct run *r, const struct subject *who, const struct gathered *g,
                       const struct policy *p)
{
	if (r->many && !r->c->verbose) {
		left_out_add(&r->left_out, r->source, who, g, p);
		return;
	}
	count_progress_clear(&r->progress);
	say_left_out(who, g, p);
	if (r->c->use == USE_IDENTITY) {
		say_unlogged(who, r->source, p);
		say_consents(who, g);
	}
	say_of_use(r->c, who);
}

/* One subject, from what was gathered to where its policy goes. */
static int make_and_write(struct run *r, const struct subject *who, struct gathered *g)
{
	const struct line *c = r->c;
	struct policy p;
	struct err err;
	char line[2048];
	int status = EXIT_NOT_DONE;
	err_clear(&err);
	policy_init(&p);
	switch (make(c, r->source, who, g, &p, &err)) {
	case STATUS_OK:
		say_beside(r, who, g, &p);
		r->output.emitter = emitter_for(c, g);
		status = c->out_is_folder ? write_files(&r->output, who, &p, g)
		                          : print_one(c, &r->output, who, &p);
		break;
	case STATUS_END:
		if (!c->all || c->verbose)
			say_left_out(who, g, &p);
		else
			left_out_add(&r->left_out, r->source, who, g, &p);
		if (!c->out_is_folder && c->use == USE_RESOURCE && g->n_uses)
			say_no_consent(who, g);
		else if (!c->out_is_folder)
			say_nothing(who, &c->request, r->source);
		status = EXIT_PARTLY;
		break;
	default:
		count_progress_clear(&r->progress);
		print_plain(stderr, "%.*s: %s\n", SPAN_ARG(who->name),
		            err_line(&err, line, sizeof line));
	}
	if (status == EXIT_NOT_DONE)
		policy_output_keep(&r->output, who);
	policy_release(&p);
	return status;
}

/* EXIT_PARTLY: nothing to grant. */
static int run_one(struct run *r, const struct subject *who)
{
	struct gathered g;
	struct err err;
	int status;
	err_clear(&err);
	gathered_init(&g);
	if (r->c->use != USE_TRUST &&
	    gather_subject(&r->c->request, r->source, who, &g, &err) != STATUS_OK) {
		policy_output_keep(&r->output, who);
		status = fail(&err);
	} else {
		status = make_and_write(r, who, &g);
	}
	gathered_release(&g);
	return status;
}

static int run_each(struct run *r, const struct subjects *subjects)
{
	int result = EXIT_DONE;
	count_progress_draw(&r->progress, 0, subjects->n);
	for (size_t i = 0; i < subjects->n; i++) {
		int status = run_one(r, &subjects->s[i]);
		r->n_empty += status == EXIT_PARTLY;
		/* of many, some may have nothing to grant */
		if (status == EXIT_NOT_DONE || status == EXIT_USAGE ||
		    (status == EXIT_PARTLY && !r->many))
			result = status;
		count_progress_draw(&r->progress, i + 1, subjects->n);
	}
	count_progress_clear(&r->progress);
	return result;
}

/* Principals that one policy is for; those of a permission set are one. */
static size_t how_many(const struct subjects *subjects)
{
	const struct subject *s = &subjects->s[0];
	return span_starts(s->name, SPAN_LIT("permission-set/")) ? 1 : s->n;
}

static int run_subjects(const struct line *c, struct policy_source *s,
                        const struct subjects *subjects, struct terraform_imports *imports)
{
	const struct policy_output_options options = {.emitter = emitter_of(c),
	                                              .use = c->use,
	                                              .tf_resource = c->tf_resource || c->tf_module,
	                                              .tf_module = c->tf_module,
	                                              .imports = imports,
	                                              .tf_variables = c->tf_variables,
	                                              .cfn_inline = c->cfn_inline,
	                                              .folder = c->out_is_folder ? c->out : NULL,
	                                              .all = c->all && !picks_calls(&c->request),
	                                              .prune = c->prune_stale,
	                                              .accounts = &c->request.accounts};
	struct run r = {.c = c, .source = s, .many = c->all || c->each};
	struct err err;
	err_clear(&err);
	policy_output_init(&r.output, &options);
	if (policy_output_begin(&r.output, subjects, &err) != STATUS_OK) {
		print_err("policy", &err);
		fprintf(stderr, "iamreplay policy: it is written anew\n");
	}
	if (how_many(subjects) > 1 && !r.many)
		print_plain(stderr,
		            "iamreplay policy: one policy for %zu principals together; --each -o "
		            "DIR/ makes one for each\n",
		            how_many(subjects));
	count_progress_begin(&r.progress, "principals");
	int result = c->use == USE_TRUST || subjects_derive(s, subjects, &err) == STATUS_OK
	                     ? run_each(&r, subjects)
	                     : fail(&err);
	if (r.many)
		say_left_out_sum(&r.left_out);
	/* what was written is told even if another principal's policy could not be made */
	if (c->out_is_folder && (r.many || r.output.n_subjects)) {
		int status = write_index(c, &r.output, r.n_empty);
		result = status > result ? status : result;
	}
	policy_output_release(&r.output);
	return result;
}

static int import_and_run(const struct line *c, struct policy_source *s,
                          const struct subjects *subjects)
{
	struct terraform_imports imports;
	struct err err;
	err_clear(&err);
	if (!c->details)
		return run_subjects(c, s, subjects, NULL);
	terraform_imports_init(&imports);
	int status = terraform_imports_read(&imports, c->details, &err) == STATUS_OK
	                     ? run_subjects(c, s, subjects, &imports)
	                     : fail(&err);
	if (imports.n)
		print_plain(stderr, "%s: imports.tf has %zu %s\n", c->out, imports.n,
		            plural(imports.n, "block", "blocks"));
	terraform_imports_release(&imports);
	return status;
}

static int check_and_run(struct line *c, const struct command *self, struct command_line *line)
{
	enum subjects_how how = c->all    ? SUBJECTS_ALL_EDITABLE
	                        : c->each ? SUBJECTS_EACH
	                                  : SUBJECTS_TOGETHER;
	struct policy_source s;
	struct subjects subjects;
	int status = check(c, self, line);
	if (status == EXIT_DONE)
		status = open_source("policy", &c->request, &s);
	if (status != EXIT_DONE)
		return status;
	status = find_subjects("policy", &c->request, &s, how, &subjects);
	if (status == EXIT_DONE)
		status = import_and_run(c, &s, &subjects);
	if (c->all)
		settings_say_unused(c->request.settings);
	policy_source_close(&s);
	return status;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.use = USE_IDENTITY};
	struct command_line line;
	policy_request_init(&l.request);
	int status = options_read(self, argc, argv, &l, &line) ? check_and_run(&l, self, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_policy = {
        .name = "policy",
        .usage = "[--db F] --principal P... | --all [-o PATH] [OPTION]...",
        .summary = "print or write the least-privilege policy of principals",
        .options = uses,
        .examples = "  iamreplay policy --principal role/ci\n"
                    "  iamreplay policy --principal role/ci --resources exact --format hcl\n"
                    "  iamreplay policy --all -o policies/\n",
        .run = run,
};
