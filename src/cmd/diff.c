/* diff.c - commands: iamreplay diff, what policies grant beside what was recorded. */
#include "config.h"

#include "cli/plain.h"
#include "cli/policy-messages.h"
#include "cli/policy-options.h"
#include "cmd/diff-report.h"

enum {
	OPTION_DETAILS = REQUEST_OPTIONS,
	OPTION_LAST_ACCESSED,
	OPTION_UNUSED_DAYS,
	OPTION_OUT,
	OPTION_JSON,
};

static const struct option_spec option_rows[] = {
        POLICY_REQUEST_OPTIONS,
        {"account-details", 0, ARG_FILE, "FILE", NULL,
         "every principal of 'aws iam get-account-authorization-details'"},
        {"last-accessed", 0, ARG_FILE, "FILE", NULL,
         "further evidence: 'aws iam get-service-last-accessed-details' of the principal"},
        {"unused-days", 0, ARG_NUMBER, "N", NULL, "only principals unused for at least N days"},
        {"output", 'o', ARG_DIR, "DIR", NULL, "write the policy that would replace what is there"},
        {"json", 0, ARG_NONE, NULL, NULL, "print JSON"},
        {NULL, 0, ARG_NONE, NULL, NULL, NULL},
};

struct line {
	struct policy_request request;
	struct policy_files given;
	const char *details, *last_accessed, *out;
	uint64_t unused_days;
	bool has_unused_days, json;
};

/* -1: --help was printed. */
static int read_line(struct line *l, const struct command *self, int argc, char **argv)
{
	struct options o;
	struct err err;
	const char *value;
	int index, status = EXIT_DONE;
	policy_request_init(&l->request);
	options_init(&o, self, argc, argv);
	while (status == EXIT_DONE && (index = options_next(&o, &value)) >= 0) {
		switch (index) {
		case OPTION_DETAILS: l->details = value; break;
		case OPTION_LAST_ACCESSED: l->last_accessed = value; break;
		case OPTION_OUT: l->out = value; break;
		case OPTION_JSON: l->json = true; break;
		case OPTION_UNUSED_DAYS:
			l->has_unused_days = options_number(value, 0, 100000, &l->unused_days);
			if (!l->has_unused_days)
				status = options_usage(self, "--unused-days takes a number");
			break;
		default: status = policy_request_option(self, &l->request, index, value);
		}
	}
	if (status != EXIT_DONE)
		return status;
	if (index == OPTIONS_EXIT)
		return o.exit_status == EXIT_DONE ? -1 : o.exit_status;
	err_clear(&err);
	for (int i = 1; i <= o.operands; i++) {
		if (policy_files_add(&l->given, LAYER_IDENTITY, argv[i], &err) != STATUS_OK) {
			print_err("diff", &err);
			return EXIT_NOT_DONE;
		}
	}
	if (l->request.principals.n == 0)
		return options_usage(self, "which principal? --principal NAME");
	if (!l->details && o.operands == 0)
		return options_usage(self, "which policy? POLICY.json, or --account-details FILE");
	if (l->details && o.operands)
		return options_usage(self, "--account-details has the policies already");
	if (l->has_unused_days && !l->details)
		return options_usage(self, "--unused-days goes with --account-details only");
	if (!l->request.limit_given)
		policy_request_limit(&l->request, NULL);
	return policy_request_finish(self, &l->request);
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

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.json = false};
	policy_files_init(&l.given);
	int status = read_line(&l, self, argc, argv);
	if (status == EXIT_DONE)
		status = open_and_compare(&l);
	policy_files_release(&l.given);
	return status == -1 ? EXIT_DONE : status;
}

const struct command command_diff = {
        .name = "diff",
        .usage = "--principal P... POLICY.json... | --principal GLOB --account-details FILE",
        .summary = "compare what policies grant with what was used",
        .options = option_rows,
        .examples = "  iamreplay diff --principal role/ci attached.json\n"
                    "  iamreplay diff --principal '*' --account-details details.json\n",
        .run = run,
};
