/* verify.c - commands: iamreplay verify, would what was recorded still work under this policy, and
 * is every part of the policy needed? */
#include "config.h"

#include "cli/plain.h"
#include "cli/policy-messages.h"
#include "cli/progress.h"
#include "cli/shared-options.h"
#include "cmd/verify-report.h"

#include <stdlib.h>

struct line {
	struct policy_request request;
	struct tagged_list layers; /* --boundary, --scp */
	struct policy_files given; /* those and the operands */
	struct text_list resource_policies;
	struct policy_files resources; /* those */
	struct policy_folder folder;   /* instead of operands that are files */
	const char *junit;
	bool all, mutate, annotate, json, verbose;
	bool has_policy, has_folder;
};

static const struct option principal_rows[] = {
        {.name = "all",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, all),
         .help = "every editable principal"},
        {.name = NULL},
};
static const struct option policy_rows[] = {
        {.name = "boundary",
         .kind = OPTION_TAGGED,
         .field = offsetof(struct line, layers),
         .tag = LAYER_BOUNDARY,
         .value = "FILE",
         .help = "the permissions boundary as well"},
        {.name = "scp",
         .kind = OPTION_TAGGED,
         .field = offsetof(struct line, layers),
         .tag = LAYER_SCP,
         .value = "FILE",
         .help = "service control policies of one level, from the root down; may be repeated"},
        {.name = "resource-policy",
         .kind = OPTION_LIST,
         .field = offsetof(struct line, resource_policies),
         .value = "FILE",
         .help = "resource-based policies of this and other accounts; may be repeated"},
        {.name = "mutate",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, mutate),
         .help = "look for parts of the policy that nothing recorded needs"},
        {.name = NULL},
};
static const struct option output_rows[] = {
        {.name = "json",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, json),
         .help = "print JSON"},
        {.name = "verbose",
         .letter = 'v',
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, verbose),
         .help = "name each resource, not only the pattern that they fit"},
        {.name = "junit",
         .kind = OPTION_FILE,
         .field = offsetof(struct line, junit),
         .value = "FILE",
         .help = "write a JUnit report"},
        {.name = "annotate",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, annotate),
         .help = "GitHub annotations on stderr (always when GITHUB_ACTIONS is true)"},
        {.name = NULL},
};
static const struct option_group principal_group = {.heading = "Which principals",
                                                    .options = principal_rows};
static const struct option_group policy_group = {.heading = "What it is judged by",
                                                 .options = policy_rows};
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&options_policy_request, offsetof(struct line, request)},
        {&principal_group, 0},
        {&policy_group, 0},
        {&output_group, 0},
        {&options_database, offsetof(struct line, request.database)},
        {NULL, 0},
};

static int take_file(struct policy_files *files, enum layer layer, const char *path)
{
	struct err err;
	err_clear(&err);
	if (policy_files_add(files, layer, path, &err) == STATUS_OK)
		return EXIT_DONE;
	print_err("verify", &err);
	return EXIT_NOT_DONE;
}

static int take_files(struct line *l, const struct command_line *line)
{
	int status = EXIT_DONE;
	for (size_t i = 0; i < l->layers.n && status == EXIT_DONE; i++)
		status = take_file(&l->given, (enum layer)l->layers.v[i].tag, l->layers.v[i].text);
	for (size_t i = 0; i < l->resource_policies.n && status == EXIT_DONE; i++)
		status = take_file(&l->resources, LAYER_IDENTITY, l->resource_policies.v[i].p);
	if (status == EXIT_DONE && line->n_operands == 1 && is_folder_name(line->operands[0])) {
		l->has_folder = true;
		return read_folder("verify", &l->folder, line->operands[0]);
	}
	for (int i = 0; i < line->n_operands && status == EXIT_DONE; i++)
		status = take_file(&l->given, LAYER_IDENTITY, line->operands[i]);
	l->has_policy = line->n_operands > 0;
	return status == EXIT_DONE ? refuse_resource_policies("verify", &l->given) : status;
}

static int check(struct line *l, const struct command *self, struct command_line *line)
{
	if (!policy_request_names(self, &l->request, l->all))
		return EXIT_USAGE;
	if (l->mutate && l->junit)
		return options_usage(self, "--junit does not go with --mutate");
	if (!l->request.limit.given)
		policy_request_limit(&l->request, NULL, 0);
	return policy_request_finish(self, line, &l->request) ? EXIT_DONE : EXIT_USAGE;
}

/* ---- the run */

static int report_needless(const struct line *l, const struct verification *v)
{
	size_t total = 0, fine = 0;
	for (size_t i = 0; i < v->n; i++) {
		total += v->mutants[i].mutation.n;
		fine += v->mutants[i].mutation.killed + v->mutants[i].folded;
	}
	report_mutants(v->mutants, v->n, l->json);
	if (total == 0)
		fprintf(stderr, "iamreplay verify: nothing to mutate\n");
	return total && fine == total ? EXIT_DONE : EXIT_PARTLY;
}

static int report(const struct line *l, const struct verification *v)
{
	const struct replay *r = &v->replay;
	const struct replay_finding *f;
	struct err err;
	if (l->mutate)
		return report_needless(l, v);
	if (l->json)
		report_json(r);
	else
		report_text(r, l->verbose);
	if (l->annotate)
		report_annotations(r);
	err_clear(&err);
	if (l->junit && report_junit(r, l->junit, &err) != STATUS_OK) {
		print_err("verify", &err);
		return EXIT_NOT_DONE;
	}
	if (l->has_folder && !l->json)
		printf("%zu %s judged by the policies in %s\n", v->n,
		       plural(v->n, "principal", "principals"), l->folder.path);
	if (l->has_folder && r->calls == 0)
		fprintf(stderr, "iamreplay verify: there was nothing to replay\n");
	if (l->has_folder && r->calls == 0)
		say_filters(&l->request);
	bool sound = r->calls && v->refused.n == 0 && replay_findings(r, REPLAY_DENIED, &f) == 0 &&
	             replay_findings(r, REPLAY_DEPENDS, &f) == 0;
	return sound && v->n ? EXIT_DONE : EXIT_PARTLY;
}

static int verify(const struct line *l, struct policy_source *s, const struct subjects *subjects)
{
	struct count_progress progress;
	const struct verify_options options = {
	        .request = &l->request,
	        .given = &l->given,
	        .has_policy = l->has_policy,
	        .resource_policies = l->resource_policies.n ? &l->resources : NULL,
	        .folder = l->has_folder ? &l->folder : NULL,
	        .mutate = l->mutate,
	        .progress = count_progress_draw,
	        .data = &progress};
	struct verification v;
	struct err err;
	int exit_status = EXIT_NOT_DONE;
	err_clear(&err);
	count_progress_begin(&progress, "principals");
	enum status status = verify_subjects(&options, s, subjects, &v, &err);
	count_progress_clear(&progress);
	for (size_t i = 0; i < v.n_empty; i++)
		print_plain(stderr, "%.*s: nothing to grant\n", SPAN_ARG(v.empty[i]));
	if (v.n_empty && v.n_empty == subjects->n)
		say_filters(&l->request);
	for (size_t i = 0; i < v.refused.n; i++)
		print_plain(stderr, "iamreplay verify: %.*s\n", SPAN_ARG(v.refused.v[i].text));
	for (size_t i = 0; i < v.unlisted.n; i++)
		print_plain(stderr, "%.*s: %s has no policy of it\n",
		            SPAN_ARG(v.unlisted.v[i].text), l->folder.path);
	if (l->all && l->has_folder)
		say_stale_of(&l->folder, subjects);
	if (status == STATUS_OK)
		exit_status = report(l, &v);
	else
		exit_status = print_failure("verify", &err);
	verification_release(&v);
	return exit_status;
}

static int open_and_verify(const struct line *l)
{
	struct policy_source s;
	struct subjects subjects;
	int status = open_source("verify", &l->request, &s);
	if (status != EXIT_DONE)
		return status;
	status = find_subjects("verify", &l->request, &s,
	                       l->all ? SUBJECTS_ALL_EDITABLE : SUBJECTS_EACH, &subjects);
	if (status == EXIT_DONE)
		status = verify(l, &s, &subjects);
	policy_source_close(&s);
	return status;
}

static int check_and_run(struct line *l, const struct command *self, struct command_line *line)
{
	int status = check_policies(self, line);
	if (status == EXIT_DONE)
		status = take_files(l, line);
	if (status == EXIT_DONE)
		status = check(l, self, line);
	return status == EXIT_DONE ? open_and_verify(l) : status;
}

static int run(const struct command *self, int argc, char **argv)
{
	const char *actions = getenv("GITHUB_ACTIONS");
	struct line l = {.annotate = actions && strcmp(actions, "true") == 0};
	struct command_line line;
	policy_request_init(&l.request);
	policy_files_init(&l.given);
	policy_files_init(&l.resources);
	policy_folder_init(&l.folder);
	int status = options_read(self, argc, argv, &l, &line) ? check_and_run(&l, self, &line)
	                                                       : line.exit_status;
	policy_files_release(&l.given);
	policy_files_release(&l.resources);
	policy_folder_release(&l.folder);
	options_release(&line);
	return status;
}

const struct command command_verify = {
        .name = "verify",
        .usage = "--principal P... | --all [OPTION]... [POLICY.json... | DIR/]",
        .summary = "replay recorded calls against a policy, or find what it needs not grant",
        .options = uses,
        .examples = "  iamreplay verify --principal role/ci\n"
                    "  iamreplay verify --principal role/ci new-policy.json\n"
                    "  iamreplay verify --principal role/ci --mutate new-policy.json\n"
                    "  iamreplay verify --all policies/\n",
        .run = run,
};
