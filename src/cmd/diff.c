/* diff.c - commands: iamreplay diff, what policies grant beside what was recorded. */
#include "config.h"

#include "cli/plain.h"
#include "cli/policy-messages.h"
#include "cli/progress.h"
#include "cli/shared-options.h"
#include "cmd/diff-report.h"

struct line {
	struct policy_request request;
	struct policy_files given;
	struct policy_folder folder; /* instead of given */
	const char *details, *last_accessed, *out;
	unsigned unused_days;
	bool has_unused_days, has_folder, all, json;
};

static const struct option principal_rows[] = {
        {.name = "all",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, all),
         .help = "every editable principal, or all of the account's"},
        {.name = NULL},
};
static const struct option policy_rows[] = {
        {.name = "account-details",
         .kind = OPTION_FILE,
         .once = true,
         .field = offsetof(struct line, details),
         .value = "FILE",
         .help = "every principal of 'aws iam get-account-authorization-details'"},
        {.name = "last-accessed",
         .kind = OPTION_FILE,
         .once = true,
         .field = offsetof(struct line, last_accessed),
         .value = "FILE",
         .help = "further evidence: 'aws iam get-service-last-accessed-details' of the principal"},
        {.name = "unused-days",
         .kind = OPTION_NUMBER,
         .field = offsetof(struct line, unused_days),
         .given = offsetof(struct line, has_unused_days),
         .max = 100000,
         .value = "N",
         .help = "only principals unused for at least N days"},
        {.name = NULL},
};
static const struct option output_rows[] = {
        {.name = "output",
         .letter = 'o',
         .kind = OPTION_DIR,
         .field = offsetof(struct line, out),
         .value = "DIR",
         .help = "write the policy that would replace what is there"},
        {.name = "json",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, json),
         .help = "print JSON"},
        {.name = NULL},
};
static const struct option_group principal_group = {.heading = "Which principals",
                                                    .options = principal_rows};
static const struct option_group policy_group = {.heading = "What it is compared with",
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

static int take_policies(struct line *l, const struct command_line *line)
{
	struct err err;
	err_clear(&err);
	if (line->n_operands == 1 && is_folder_name(line->operands[0])) {
		l->has_folder = true;
		return read_folder("diff", &l->folder, line->operands[0]);
	}
	for (int i = 0; i < line->n_operands; i++)
		if (policy_files_add(&l->given, LAYER_IDENTITY, line->operands[i], &err) !=
		    STATUS_OK) {
			print_err("diff", &err);
			return EXIT_NOT_DONE;
		}
	return refuse_resource_policies("diff", &l->given);
}

static int check(struct line *l, const struct command *self, struct command_line *line)
{
	int status = check_policies(self, line);
	if (status == EXIT_DONE)
		status = take_policies(l, line);
	if (status != EXIT_DONE)
		return status;
	if (!policy_request_names(self, &l->request, l->all))
		return EXIT_USAGE;
	if (l->all && !l->details && !l->has_folder && line->n_operands)
		return options_usage(self, "--all goes with --account-details, or with the folder "
		                           "that 'iamreplay policy --all -o DIR/' writes");
	if (!l->details && line->n_operands == 0)
		return options_usage(self,
		                     "which policy? POLICY.json, DIR/, or --account-details FILE");
	if (l->details && line->n_operands)
		return options_usage(self, "--account-details has the policies already");
	if (l->has_unused_days && !l->details)
		return options_usage(self, "--unused-days goes with --account-details only");
	if (!l->request.limit.given)
		policy_request_limit(&l->request, NULL, 0);
	return policy_request_finish(self, line, &l->request) ? EXIT_DONE : EXIT_USAGE;
}

/* ---- the run */

static int report(const struct line *l, const struct diff *d)
{
	for (size_t i = 0; i < d->refused.n; i++)
		print_plain(stderr, "iamreplay diff: %s%s%.*s; this principal is left out\n",
		            l->details ? l->details : "", l->details ? ": " : "",
		            SPAN_ARG(d->refused.v[i].text));
	for (size_t i = 0; i < d->unlisted.n; i++)
		print_plain(stderr, "%.*s: %s has no policy of it\n",
		            SPAN_ARG(d->unlisted.v[i].text), l->folder.path);
	if (d->n == 0) {
		if (d->refused.n == 0)
			fprintf(stderr, "iamreplay diff: no such principal\n");
		return EXIT_PARTLY;
	}
	report_diff(d, !l->details && !(l->all && l->has_folder), l->json);
	return diff_found(d) || d->refused.n ? EXIT_PARTLY : EXIT_DONE;
}

static int compare_and_report(const struct line *l, struct policy_source *s,
                              const struct subjects *subjects)
{
	struct count_progress progress;
	const struct diff_options options = {.request = &l->request,
	                                     .given = &l->given,
	                                     .folder = l->has_folder ? &l->folder : NULL,
	                                     .details = l->details,
	                                     .last_accessed = l->last_accessed,
	                                     .out = l->out,
	                                     .unused_days = l->unused_days,
	                                     .has_unused_days = l->has_unused_days,
	                                     .width = true,
	                                     .progress = count_progress_draw,
	                                     .data = &progress};
	struct diff d;
	struct err err;
	int exit_status = EXIT_NOT_DONE;
	err_clear(&err);
	count_progress_begin(&progress, "principals");
	enum status status = diff_run(&options, s, subjects, &d, &err);
	count_progress_clear(&progress);
	if (l->all && l->has_folder)
		say_stale_of(&l->folder, subjects);
	for (size_t i = 0; i < d.unreplaced.n; i++)
		print_plain(stderr, "%.*s: nothing was used, nothing replaces its policies\n",
		            SPAN_ARG(d.unreplaced.v[i].text));
	if (status == STATUS_OK)
		exit_status = report(l, &d);
	else
		exit_status = print_failure("diff", &err);
	diff_release(&d);
	return exit_status;
}

static int open_and_compare(struct line *l)
{
	struct span everybody = SPAN_LIT("*");
	struct policy_source s;
	struct subjects subjects = {.n = 0};
	int status = open_source("diff", &l->request, &s);
	if (status != EXIT_DONE)
		return status;
	if (!l->details)
		status = find_subjects("diff", &l->request, &s,
		                       l->all ? SUBJECTS_ALL_EDITABLE : SUBJECTS_EACH, &subjects);
	else if (l->all)
		l->request.principals = (struct text_list){&everybody, 1};
	if (status == EXIT_DONE)
		status = compare_and_report(l, &s, &subjects);
	policy_source_close(&s);
	return status;
}

static int check_and_run(struct line *l, const struct command *self, struct command_line *line)
{
	int status = check(l, self, line);
	return status == EXIT_DONE ? open_and_compare(l) : status;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.json = false};
	struct command_line line;
	policy_request_init(&l.request);
	policy_files_init(&l.given);
	policy_folder_init(&l.folder);
	int status = options_read(self, argc, argv, &l, &line) ? check_and_run(&l, self, &line)
	                                                       : line.exit_status;
	policy_files_release(&l.given);
	policy_folder_release(&l.folder);
	options_release(&line);
	return status;
}

const struct command command_diff = {
        .name = "diff",
        .usage = "--principal P... POLICY.json... | --all DIR/ | --all --account-details FILE",
        .summary = "compare what policies grant with what was used",
        .options = uses,
        .examples = "  iamreplay diff --principal role/ci attached.json\n"
                    "  iamreplay diff --all --account-details details.json\n"
                    "  iamreplay diff --all policies/\n",
        .run = run,
};
