/* backtest.c - commands: iamreplay backtest, how well does a policy hold that was made earlier, and
 * what of others' does it open? */
#include "config.h"

#include "cli/plain.h"
#include "cli/policy-messages.h"
#include "cli/shared-options.h"
#include "cmd/backtest-report.h"

struct line {
	struct policy_request request;
	int64_t cut;
	unsigned train, min_held; /* percent */
	bool has_cut, has_train, has_min_held;
	bool all, json;
};

/* "75" or "75%": how much of the time makes the policies. */
static bool read_train(void *field, const char *value)
{
	struct span s = span_of(value);
	uint64_t n;
	if (span_ends(s, SPAN_LIT("%")))
		s.n--;
	if (!span_to_u64(s, &n) || n < 1 || n > 99)
		return false;
	*(unsigned *)field = (unsigned)n;
	return true;
}

static const struct option principal_rows[] = {
        {.name = "all",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, all),
         .help = "every editable principal"},
        {.name = NULL},
};
static const struct option cut_rows[] = {
        {.name = "cut",
         .kind = OPTION_SINCE,
         .field = offsetof(struct line, cut),
         .given = offsetof(struct line, has_cut),
         .value = "TIME",
         .help = "what is before TIME makes the policies, what follows judges them"},
        {.name = "train",
         .kind = OPTION_OTHER,
         .field = offsetof(struct line, train),
         .given = offsetof(struct line, has_train),
         .read = read_train,
         .value = "SHARE",
         .takes = "a share of the time from 1% to 99%",
         .help = "the first SHARE of the log's time makes the policies (default 75%)"},
        {.name = "min-held",
         .kind = OPTION_NUMBER,
         .field = offsetof(struct line, min_held),
         .given = offsetof(struct line, has_min_held),
         .max = 100,
         .value = "N",
         .help = "exit 1 unless N percent of the calls whose actions were seen are held"},
        {.name = NULL},
};
static const struct option output_rows[] = {
        {.name = "json",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, json),
         .help = "print JSON"},
        {.name = NULL},
};
static const struct option_group principal_group = {.heading = "Which principals",
                                                    .options = principal_rows};
static const struct option_group cut_group = {.heading = "Where the log is cut, and what must hold",
                                              .options = cut_rows};
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&options_policy_request, offsetof(struct line, request)},
        {&principal_group, 0},
        {&cut_group, 0},
        {&output_group, 0},
        {&options_database, offsetof(struct line, request.database)},
        {NULL, 0},
};

static int check(struct line *l, const struct command *self, struct command_line *line)
{
	if (line->n_operands)
		return options_usage(self, "what is '%s'? A principal is named with --principal",
		                     line->operands[0]);
	if (!policy_request_names(self, &l->request, l->all))
		return EXIT_USAGE;
	if (l->has_cut && l->has_train)
		return options_usage(self, "--cut and --train exclude each other");
	if (!l->request.limit.given)
		policy_request_limit(&l->request, NULL, 0);
	return policy_request_finish(self, line, &l->request) ? EXIT_DONE : EXIT_USAGE;
}

/* ---- the run */

static int verdict(const struct line *l, const struct backtest *b)
{
	int held = backtest_permille(b->seen.held, b->seen.calls);
	if (b->all.calls == 0) {
		fprintf(stderr, "iamreplay backtest: nothing was called behind the cut that could "
		                "be judged\n");
		return EXIT_PARTLY;
	}
	if (!l->has_min_held || held >= (int)(10 * l->min_held))
		return EXIT_DONE;
	if (held < 0)
		fprintf(stderr, "iamreplay backtest: no call behind the cut has actions that were "
		                "seen before\n");
	else
		fprintf(stderr,
		        "iamreplay backtest: %d.%d %% of the calls whose actions were seen are "
		        "held, and %u %% must be\n",
		        held / 10, held % 10, l->min_held);
	return EXIT_PARTLY;
}

static int test(const struct line *l, struct policy_source *s, const struct subjects *subjects)
{
	const struct backtest_options options = {
	        .request = &l->request, .has_cut = l->has_cut, .cut = l->cut, .train = l->train};
	struct backtest b;
	struct err err;
	int exit_status = EXIT_NOT_DONE;
	err_clear(&err);
	if (backtest_run(&options, s, subjects, &b, &err) != STATUS_OK) {
		exit_status = print_failure("backtest", &err);
	} else {
		if (l->json)
			report_backtest_json(&b);
		else
			report_backtest(&b);
		exit_status = verdict(l, &b);
	}
	backtest_release(&b);
	return exit_status;
}

static int check_and_run(struct line *l, const struct command *self, struct command_line *line)
{
	struct policy_source s;
	struct subjects subjects;
	int status = check(l, self, line);
	if (status == EXIT_DONE)
		status = open_source("backtest", &l->request, &s);
	if (status != EXIT_DONE)
		return status;
	status = find_subjects("backtest", &l->request, &s,
	                       l->all ? SUBJECTS_ALL_EDITABLE : SUBJECTS_EACH, &subjects);
	if (status == EXIT_DONE)
		status = test(l, &s, &subjects);
	policy_source_close(&s);
	return status;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.train = 75};
	struct command_line line;
	policy_request_init(&l.request);
	int status = options_read(self, argc, argv, &l, &line) ? check_and_run(&l, self, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_backtest = {
        .name = "backtest",
        .usage = "--principal P... | --all [--cut TIME | --train SHARE] [OPTION]...",
        .summary = "judge policies of the past by what was called since, and by what they open",
        .options = uses,
        .examples = "  iamreplay backtest --all\n"
                    "  iamreplay backtest --principal role/ci --cut 2026-09-06\n"
                    "  iamreplay backtest --all --train 60% --min-held 99\n",
        .run = run,
};
