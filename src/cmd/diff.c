/* diff.c - commands: iamreplay diff, what policies grant beside what was recorded. */
#include "config.h"

#include "cli/plain.h"
#include "cli/policy-messages.h"
#include "cli/shared-options.h"
#include "cmd/diff-report.h"

struct line {
	struct policy_request request;
	struct policy_files given;
	const char *details, *last_accessed, *out;
	unsigned unused_days;
	bool has_unused_days, json;
};

static const struct option policy_rows[] = {
        {.name = "account-details",
         .kind = OPTION_FILE,
         .field = offsetof(struct line, details),
         .value = "FILE",
         .help = "every principal of 'aws iam get-account-authorization-details'"},
        {.name = "last-accessed",
         .kind = OPTION_FILE,
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
static const struct option_group policy_group = {.heading = "What it is compared with",
                                                 .options = policy_rows};
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&options_policy_request, offsetof(struct line, request)},
        {&policy_group, 0},
        {&output_group, 0},
        {&options_database, offsetof(struct line, request.database)},
        {NULL, 0},
};

static int check(struct line *l, const struct command *self, const struct command_line *line)
{
	struct err err;
	err_clear(&err);
	for (int i = 0; i < line->n_operands; i++)
		if (policy_files_add(&l->given, LAYER_IDENTITY, line->operands[i], &err) !=
		    STATUS_OK) {
			print_err("diff", &err);
			return EXIT_NOT_DONE;
		}
	if (l->request.principals.n == 0)
		return options_usage(self, "which principal? --principal NAME");
	if (!l->details && line->n_operands == 0)
		return options_usage(self, "which policy? POLICY.json, or --account-details FILE");
	if (l->details && line->n_operands)
		return options_usage(self, "--account-details has the policies already");
	if (l->has_unused_days && !l->details)
		return options_usage(self, "--unused-days goes with --account-details only");
	if (!l->request.limit.given)
		policy_request_limit(&l->request, NULL, 0);
	return policy_request_finish(self, &l->request) ? EXIT_DONE : EXIT_USAGE;
}

/* ---- the run */

static int report(const struct line *l, const struct diff *d)
{
	for (size_t i = 0; i < d->refused.n; i++)
		print_plain(stderr, "iamreplay diff: %s: %.*s; this principal is left out\n",
		            l->details, SPAN_ARG(d->refused.v[i].text));
	if (d->n == 0) {
		if (d->refused.n == 0)
			fprintf(stderr, "iamreplay diff: no such principal\n");
		return EXIT_PARTLY;
	}
	report_diff(d, !l->details, l->json);
	return diff_found(d) || d->refused.n ? EXIT_PARTLY : EXIT_DONE;
}

static int compare_and_report(const struct line *l, struct policy_source *s,
                              const struct subjects *subjects)
{
	const struct diff_options options = {.request = &l->request,
	                                     .given = &l->given,
	                                     .details = l->details,
	                                     .last_accessed = l->last_accessed,
	                                     .out = l->out,
	                                     .unused_days = l->unused_days,
	                                     .has_unused_days = l->has_unused_days};
	struct diff d;
	struct err err;
	int exit_status = EXIT_NOT_DONE;
	err_clear(&err);
	enum status status = diff_run(&options, s, subjects, &d, &err);
	for (size_t i = 0; i < d.unreplaced.n; i++)
		print_plain(stderr, "%.*s: nothing was used, nothing replaces its policies\n",
		            SPAN_ARG(d.unreplaced.v[i].text));
	if (status == STATUS_OK)
		exit_status = report(l, &d);
	else
		print_err("diff", &err);
	diff_release(&d);
	return exit_status;
}

static int open_and_compare(const struct line *l)
{
	struct policy_source s;
	struct subjects subjects = {.n = 0};
	int status = open_source("diff", &l->request, &s);
	if (status != EXIT_DONE)
		return status;
	if (!l->details)
		status = find_subjects("diff", &l->request, &s, SUBJECTS_EACH, &subjects);
	if (status == EXIT_DONE)
		status = compare_and_report(l, &s, &subjects);
	policy_source_close(&s);
	return status;
}

static int check_and_run(struct line *l, const struct command *self,
                         const struct command_line *line)
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
	int status = options_read(self, argc, argv, &l, &line) ? check_and_run(&l, self, &line)
	                                                       : line.exit_status;
	policy_files_release(&l.given);
	options_release(&line);
	return status;
}

const struct command command_diff = {
        .name = "diff",
        .usage = "--principal P... POLICY.json... | --principal GLOB --account-details FILE",
        .summary = "compare what policies grant with what was used",
        .options = uses,
        .examples = "  iamreplay diff --principal role/ci attached.json\n"
                    "  iamreplay diff --principal '*' --account-details details.json\n",
        .run = run,
};
