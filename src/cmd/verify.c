/* verify.c - commands: iamreplay verify, would what was recorded still work under this policy, and
 * is every part of the policy needed? */
#include "config.h"

#include "cli/plain.h"
#include "cli/policy-messages.h"
#include "cli/policy-options.h"
#include "cmd/verify-report.h"

#include <stdlib.h>

enum {
	OPTION_ALL = REQUEST_OPTIONS,
	OPTION_BOUNDARY,
	OPTION_SCP,
	OPTION_MUTATE,
	OPTION_JUNIT,
	OPTION_ANNOTATE,
	OPTION_JSON,
};

static const struct option_spec option_rows[] = {
        POLICY_REQUEST_OPTIONS,
        {"all", 0, ARG_NONE, NULL, NULL, "every editable principal"},
        {"boundary", 0, ARG_FILE, "FILE", NULL, "the permissions boundary as well"},
        {"scp", 0, ARG_FILE, "FILE", NULL,
         "service control policies of one level, from the root down (repeatable)"},
        {"mutate", 0, ARG_NONE, NULL, NULL,
         "look for parts of the policy that nothing recorded needs"},
        {"junit", 0, ARG_FILE, "FILE", NULL, "write a JUnit report"},
        {"annotate", 0, ARG_NONE, NULL, NULL,
         "GitHub annotations on stderr (always when GITHUB_ACTIONS is true)"},
        {"json", 0, ARG_NONE, NULL, NULL, "print JSON"},
        {NULL, 0, ARG_NONE, NULL, NULL, NULL},
};

struct line {
	struct policy_request request;
	struct policy_files given; /* operands, --boundary, --scp */
	const char *junit;
	bool all, mutate, annotate, json;
	bool has_policy;
};

static int take_file(struct line *l, enum layer layer, const char *path)
{
	struct err err;
	err_clear(&err);
	if (policy_files_add(&l->given, layer, path, &err) == STATUS_OK)
		return EXIT_DONE;
	print_err("verify", &err);
	return EXIT_NOT_DONE;
}

static int take_option(const struct command *self, struct line *l, int index, const char *value)
{
	switch (index) {
	case OPTION_ALL: l->all = true; return EXIT_DONE;
	case OPTION_BOUNDARY: return take_file(l, LAYER_BOUNDARY, value);
	case OPTION_SCP: return take_file(l, LAYER_SCP, value);
	case OPTION_MUTATE: l->mutate = true; return EXIT_DONE;
	case OPTION_JUNIT: l->junit = value; return EXIT_DONE;
	case OPTION_ANNOTATE: l->annotate = true; return EXIT_DONE;
	case OPTION_JSON: l->json = true; return EXIT_DONE;
	default: return policy_request_option(self, &l->request, index, value);
	}
}

/* -1: --help was printed. */
static int read_line(struct line *l, const struct command *self, int argc, char **argv)
{
	struct options o;
	const char *value;
	int index;
	const char *actions = getenv("GITHUB_ACTIONS");
	policy_request_init(&l->request);
	l->annotate = actions && strcmp(actions, "true") == 0;
	options_init(&o, self, argc, argv);
	while ((index = options_next(&o, &value)) >= 0) {
		int status = take_option(self, l, index, value);
		if (status != EXIT_DONE)
			return status;
	}
	if (index == OPTIONS_EXIT)
		return o.exit_status == EXIT_DONE ? -1 : o.exit_status;
	for (int i = 1; i <= o.operands; i++) {
		int status = take_file(l, LAYER_IDENTITY, argv[i]);
		if (status != EXIT_DONE)
			return status;
		l->has_policy = true;
	}
	if (!l->all && l->request.principals.n == 0)
		return options_usage(self, "which principal? --principal NAME, or --all");
	if (l->all && l->request.principals.n)
		return options_usage(self, "--all and --principal exclude each other");
	if (l->mutate && l->junit)
		return options_usage(self, "--junit does not go with --mutate");
	if (!l->request.limit_given)
		policy_request_limit(&l->request, NULL);
	return policy_request_finish(self, &l->request);
}

/* ---- the run */

static int report_needless(const struct line *l, const struct verification *v)
{
	size_t total = 0, killed = 0;
	for (size_t i = 0; i < v->n; i++) {
		total += v->mutants[i].mutation.n;
		killed += v->mutants[i].mutation.killed;
	}
	report_mutants(v->mutants, v->n, l->json);
	if (total == 0)
		fprintf(stderr, "iamreplay verify: nothing to mutate\n");
	return total && killed == total ? EXIT_DONE : EXIT_PARTLY;
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
		report_text(r);
	if (l->annotate)
		report_annotations(r);
	err_clear(&err);
	if (l->junit && report_junit(r, l->junit, &err) != STATUS_OK) {
		print_err("verify", &err);
		return EXIT_NOT_DONE;
	}
	bool sound = replay_findings(r, REPLAY_DENIED, &f) == 0 &&
	             replay_findings(r, REPLAY_DEPENDS, &f) == 0;
	return sound && v->n ? EXIT_DONE : EXIT_PARTLY;
}

static int verify(const struct line *l, struct policy_source *s, const struct subjects *subjects)
{
	const struct verify_options options = {&l->request, &l->given, l->has_policy, l->mutate};
	struct verification v;
	struct err err;
	int exit_status = EXIT_NOT_DONE;
	err_clear(&err);
	enum status status = verify_subjects(&options, s, subjects, &v, &err);
	for (size_t i = 0; i < v.n_empty; i++)
		print_plain(stderr, "%.*s: nothing to grant\n", SPAN_ARG(v.empty[i]));
	if (status == STATUS_OK)
		exit_status = report(l, &v);
	else
		print_err("verify", &err);
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

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.junit = NULL};
	policy_files_init(&l.given);
	int status = read_line(&l, self, argc, argv);
	if (status == EXIT_DONE)
		status = open_and_verify(&l);
	policy_files_release(&l.given);
	return status == -1 ? EXIT_DONE : status;
}

const struct command command_verify = {
        .name = "verify",
        .usage = "--principal P... | --all [OPTION]... [POLICY.json]...",
        .summary = "replay recorded calls against a policy, or find what it needs not grant",
        .options = option_rows,
        .examples = "  iamreplay verify --principal role/ci\n"
                    "  iamreplay verify --principal role/ci new-policy.json\n"
                    "  iamreplay verify --principal role/ci --mutate new-policy.json\n",
        .run = run,
};
