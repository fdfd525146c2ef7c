/* verify.c - commands: iamreplay verify, would what was recorded still work under this policy, and
 * is every part of the policy needed? */
#include "config.h"

#include "base/read-file.h"
#include "cli/plain.h"
#include "app/replay.h"

#include "emit/emit.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "policy/limits.h"

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

static const struct option_spec options[] = {
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

static int take_option(struct line *l, int index, const char *value)
{
	switch (index) {
	case OPTION_ALL: l->all = true; return EXIT_DONE;
	case OPTION_BOUNDARY: return take_file(l, LAYER_BOUNDARY, value);
	case OPTION_SCP: return take_file(l, LAYER_SCP, value);
	case OPTION_MUTATE: l->mutate = true; return EXIT_DONE;
	case OPTION_JUNIT: l->junit = value; return EXIT_DONE;
	case OPTION_ANNOTATE: l->annotate = true; return EXIT_DONE;
	case OPTION_JSON: l->json = true; return EXIT_DONE;
	default: return policy_request_option(&l->request, index, value);
	}
}

/* -1: --help was printed. */
static int read_line(struct line *l, const struct command *self, int argc, char **argv)
{
	struct options o;
	const char *value;
	int index;
	const char *actions = getenv("GITHUB_ACTIONS");
	policy_request_init(&l->request, self);
	l->annotate = actions && strcmp(actions, "true") == 0;
	options_init(&o, self, argc, argv);
	while ((index = options_next(&o, &value)) >= 0) {
		int status = take_option(l, index, value);
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
	return policy_request_finish(&l->request);
}

/* ---- the policies to be judged by */

static enum status take_generated(struct policy_files *files, const struct policy *p,
                                  struct err *err)
{
	enum status status = STATUS_OK;
	struct buf text;
	buf_init(&text, LIMIT_JSON_FILE);
	for (size_t i = 0; i < p->n_documents && status == STATUS_OK; i++) {
		struct emit_options e = {.name = SPAN_LIT("generated"), .subject = SPAN_LIT("")};
		struct document *d;
		char name[40];
		buf_reset(&text);
		if (!emit_json(&p->documents[i], &e, &text))
			return err_set(err, STATUS_STOP, "too-long", "the policy is too long");
		status = document_parse(buf_span(&text), &d, err);
		snprintf(name, sizeof name, i ? "generated~%zu" : "generated", i + 1);
		if (status == STATUS_OK)
			policy_files_take(files, LAYER_IDENTITY, d, name);
	}
	buf_release(&text);
	return status;
}

/* What policy would print for who, parsed again. STATUS_END: nothing to grant. */
static enum status generate(const struct line *l, struct policy_source *s,
                            const struct subject *who, struct policy_files *files, struct err *err)
{
	struct gathered g;
	struct policy p;
	policy_init(&p);
	enum status status = policy_gather(&l->request, s, who, &g);
	if (status != STATUS_OK)
		*err = g.err;
	else
		status = policy_make(&l->request, s, &g, &p, err);
	if (status == STATUS_OK)
		status = take_generated(files, &p, err);
	policy_release(&p);
	gathered_release(&g);
	return status;
}

/* The layers on the command line, borrowed. */
static void take_given(const struct line *l, struct policy_files *files)
{
	for (size_t i = 0; i < l->given.n; i++)
		policy_files_borrow(files, &l->given.policies[i], l->given.names[i]);
}

/* ---- the run */

struct run {
	struct line *line;
	struct policy_source *source;
	struct replay total;
	struct mutants *mutants;
	struct policy_files *files; /* one a subject */
	size_t n;
	size_t skipped;
};

static int mutate_subject(struct mutants *m, const struct request *evidence, size_t n)
{
	const struct policy_files *files = m->files;
	struct err err;
	size_t bad;
	err_clear(&err);
	if (mutate_check(files->policies, files->n, &bad, &err) != STATUS_OK) {
		err_at_file(&err, files->names[bad].p);
		print_err("verify", &err);
		return EXIT_NOT_DONE;
	}
	mutate(files->policies, files->n, evidence, n, &m->mutation);
	return EXIT_DONE;
}

static int run_subject(struct run *r, const struct subject *who)
{
	struct line *l = r->line;
	struct policy_files *files = &r->files[r->n];
	struct err err;
	err_clear(&err);
	policy_files_init(files);
	take_given(l, files);
	enum status status = l->has_policy ? STATUS_OK : generate(l, r->source, who, files, &err);
	if (status == STATUS_END) {
		print_plain(stderr, "%.*s: nothing to grant\n", SPAN_ARG(who->name));
		policy_files_release(files);
		r->skipped++;
		return EXIT_DONE;
	}
	struct replay *replay = &r->total;
	size_t before = replay->n_evidence;
	if (status == STATUS_OK)
		status = replay_run(&l->request, r->source, who, files, replay, &err);
	struct mutants *m = &r->mutants[r->n++];
	*m = (struct mutants){.principal = who->name, .files = files};
	if (status != STATUS_OK) {
		print_err("verify", &err);
		return EXIT_NOT_DONE;
	}
	return l->mutate ? mutate_subject(m, replay->evidence + before, replay->n_evidence - before)
	                 : EXIT_DONE;
}

static int report(struct run *r)
{
	struct line *l = r->line;
	const struct finding *f;
	struct err err;
	replay_finish(&r->total);
	if (l->mutate) {
		size_t total = 0, killed = 0;
		for (size_t i = 0; i < r->n; i++) {
			total += r->mutants[i].mutation.n;
			killed += r->mutants[i].mutation.killed;
		}
		report_mutants(r->mutants, r->n, l->json);
		if (total == 0)
			fprintf(stderr, "iamreplay verify: nothing to mutate\n");
		return total && killed == total ? EXIT_DONE : EXIT_PARTLY;
	}
	if (l->json)
		report_json(&r->total);
	else
		report_text(&r->total);
	if (l->annotate)
		report_annotations(&r->total);
	err_clear(&err);
	if (l->junit && report_junit(&r->total, l->junit, &err) != STATUS_OK) {
		print_err("verify", &err);
		return EXIT_NOT_DONE;
	}
	bool sound = replay_findings(&r->total, REPLAY_DENIED, &f) == 0 &&
	             replay_findings(&r->total, REPLAY_DEPENDS, &f) == 0;
	return sound && r->n ? EXIT_DONE : EXIT_PARTLY;
}

static int run_subjects(struct line *l, struct policy_source *s)
{
	struct subjects subjects = {NULL, 0};
	struct run r = {.line = l, .source = s};
	int status = policy_subjects(&l->request, s, l->all, true, &subjects);
	if (status != EXIT_DONE)
		return status;
	replay_init(&r.total);
	r.total.keep = l->mutate;
	r.mutants = xcalloc(subjects.n + 1, sizeof *r.mutants);
	r.files = xcalloc(subjects.n + 1, sizeof *r.files);
	for (size_t i = 0; i < subjects.n && status == EXIT_DONE; i++)
		status = run_subject(&r, &subjects.s[i]);
	if (status == EXIT_DONE)
		status = report(&r);
	for (size_t i = 0; i < r.n; i++) {
		if (l->mutate)
			mutation_release(&r.mutants[i].mutation);
		policy_files_release(&r.files[i]);
	}
	free(r.mutants);
	free(r.files);
	replay_release(&r.total);
	return status;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.junit = NULL};
	struct policy_source s;
	policy_files_init(&l.given);
	int status = read_line(&l, self, argc, argv);
	if (status == EXIT_DONE)
		status = policy_source_open(&l.request, &s);
	if (status == EXIT_DONE) {
		status = run_subjects(&l, &s);
		policy_source_close(&s);
	}
	policy_files_release(&l.given);
	return status == -1 ? EXIT_DONE : status;
}

const struct command command_verify = {
        .name = "verify",
        .usage = "--principal P... | --all [OPTION]... [POLICY.json]...",
        .summary = "replay recorded calls against a policy, or find what it needs not grant",
        .options = options,
        .examples = "  iamreplay verify --principal role/ci\n"
                    "  iamreplay verify --principal role/ci new-policy.json\n"
                    "  iamreplay verify --principal role/ci --mutate new-policy.json\n",
        .run = run,
};
