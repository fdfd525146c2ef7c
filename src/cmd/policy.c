/* policy.c - commands: iamreplay policy, from what a principal did to the document that allows it.
 */
#include "config.h"

#include "app/policy-folder.h"
#include "app/policy-output.h"
#include "base/limits.h"
#include "cli/plain.h"
#include "cli/policy-messages.h"
#include "cli/shared-options.h"
#include "emit/save.h"

struct line {
	struct policy_request request;
	bool all, each, tf_resource, cfn_inline;
	const char *out;
	bool out_is_folder;
	enum policy_use use;
	int format; /* of emitters */
};

static struct option_choice format_at(size_t i)
{
	return (struct option_choice){emitters[i].name, (int)i};
}

static const struct option_choice use_choices[] = {{"identity", USE_IDENTITY},
                                                   {"boundary", USE_BOUNDARY},
                                                   {"scp", USE_SCP},
                                                   {"trust", USE_TRUST},
                                                   {NULL, 0}};

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
        {.name = "tf-resource",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, tf_resource),
         .help = "hcl: also the policy and its attachment"},
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

static const struct policy_quota *default_limit(const struct line *c)
{
	if (!c->out)
		return NULL;
	return policy_quota(c->use == USE_SCP     ? SPAN_LIT("scp")
	                    : c->use == USE_TRUST ? SPAN_LIT("trust")
	                                          : SPAN_LIT("managed"));
}

static int check(struct line *c, const struct command *self, const struct command_line *line)
{
	if (line->n_operands)
		return options_usage(self, "what is '%s'? A principal is named with --principal",
		                     line->operands[0]);
	if (!policy_request_finish(self, &c->request))
		return EXIT_USAGE;
	struct policy_request *r = &c->request;
	c->out_is_folder = c->out && (c->all || c->each || is_folder_name(c->out));
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
	if (c->tf_resource && strncmp(emitter_of(c)->name, "hcl", 3) != 0)
		return options_usage(self, "--tf-resource goes with --format hcl or hcl-json only");
	if (c->cfn_inline && strncmp(emitter_of(c)->name, "cfn-", 4) != 0)
		return options_usage(self,
		                     "--cfn-inline goes with --format cfn-yaml or cfn-json only");
	if (!r->limit.given)
		policy_request_limit(r, default_limit(c), 0);
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
	print_err("policy", err);
	return EXIT_NOT_DONE;
}

static int print_one(const struct line *c, struct policy_output *o, const struct subject *who,
                     const struct policy *p)
{
	struct buf text;
	struct err err;
	enum saved how;
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
	return status == STATUS_OK ? EXIT_DONE : fail(&err);
}

static int write_files(struct policy_output *o, const struct subject *who, const struct policy *p)
{
	struct err err;
	err_clear(&err);
	if (policy_output_files(o, who, p, &err) == STATUS_OK)
		return EXIT_DONE;
	fail(&err);
	print_plain(stderr, "%.*s: its policy was not written whole\n", SPAN_ARG(who->name));
	return EXIT_NOT_DONE;
}

static int write_index(struct policy_output *o, size_t n_empty)
{
	struct err err;
	err_clear(&err);
	if (policy_output_index(o, &err) != STATUS_OK)
		return fail(&err);
	fprintf(stderr, "%zu principal%s, %zu document%s", o->n_subjects,
	        plural(o->n_subjects, "", "s"), o->n_documents, plural(o->n_documents, "", "s"));
	if (n_empty)
		fprintf(stderr, "; %zu principal%s with nothing to grant", n_empty,
		        plural(n_empty, "", "s"));
	fprintf(stderr, "\n");
	return o->n_subjects ? EXIT_DONE : EXIT_PARTLY;
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
	return c->use == USE_TRUST ? gather_trust(&c->request, s, who, g, p, err)
	                           : gather_policy(&c->request, s, g, p, err);
}

/* One subject, from what was gathered to where its policy goes. */
static int make_and_write(const struct line *c, struct policy_source *s, struct policy_output *o,
                          const struct subject *who, struct gathered *g)
{
	struct policy p;
	struct err err;
	char line[2048];
	int status = EXIT_NOT_DONE;
	err_clear(&err);
	policy_init(&p);
	switch (make(c, s, who, g, &p, &err)) {
	case STATUS_OK:
		say_left_out(who, g, &p);
		if (c->use == USE_IDENTITY)
			say_unlogged(who, s->mapping, &p);
		say_of_use(c, who);
		status = c->out_is_folder ? write_files(o, who, &p) : print_one(c, o, who, &p);
		break;
	case STATUS_END:
		if (!c->all)
			say_left_out(who, g, &p);
		if (!c->out_is_folder)
			print_plain(stderr, "%.*s: nothing to grant\n", SPAN_ARG(who->name));
		status = EXIT_PARTLY;
		break;
	default:
		print_plain(stderr, "%.*s: %s\n", SPAN_ARG(who->name),
		            err_line(&err, line, sizeof line));
	}
	policy_release(&p);
	return status;
}

/* EXIT_PARTLY: nothing to grant. */
static int run_one(const struct line *c, struct policy_source *s, struct policy_output *o,
                   const struct subject *who)
{
	struct gathered g;
	struct err err;
	int status;
	err_clear(&err);
	gathered_init(&g);
	if (c->use != USE_TRUST && gather_subject(&c->request, s, who, &g, &err) != STATUS_OK)
		status = fail(&err);
	else
		status = make_and_write(c, s, o, who, &g);
	gathered_release(&g);
	return status;
}

static int run_subjects(const struct line *c, struct policy_source *s,
                        const struct subjects *subjects)
{
	const struct policy_output_options options = {.emitter = emitter_of(c),
	                                              .use = c->use,
	                                              .tf_resource = c->tf_resource,
	                                              .cfn_inline = c->cfn_inline,
	                                              .folder = c->out};
	struct policy_output o;
	size_t n_empty = 0;
	int result = EXIT_DONE;
	policy_output_init(&o, &options);
	for (size_t i = 0; i < subjects->n; i++) {
		int status = run_one(c, s, &o, &subjects->s[i]);
		n_empty += status == EXIT_PARTLY;
		/* of many, some may have nothing to grant */
		if (status == EXIT_NOT_DONE || (status == EXIT_PARTLY && !c->all && !c->each))
			result = status;
	}
	/* what was written is told even if another principal's policy could not be made */
	if (c->out_is_folder && (c->all || c->each || o.n_subjects)) {
		int status = write_index(&o, n_empty);
		result = status > result ? status : result;
	}
	policy_output_release(&o);
	return result;
}

static int check_and_run(struct line *c, const struct command *self,
                         const struct command_line *line)
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
		status = run_subjects(c, &s, &subjects);
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
