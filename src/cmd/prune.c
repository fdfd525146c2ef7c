/* prune.c - commands: iamreplay prune, what a database should not hold any longer. */
#include "config.h"

#include "app/prune.h"
#include "base/json-writer.h"
#include "base/when.h"
#include "cli/plain.h"
#include "cli/shared-options.h"

#include <inttypes.h>
#include <stdlib.h>

struct line {
	struct prune_request request;
	int64_t before; /* seconds since 1970 UTC, or WHEN_FIRST */
	bool json;
};

static const struct option what_rows[] = {
        {.name = "before",
         .kind = OPTION_SINCE,
         .field = offsetof(struct line, before),
         .value = "DATE",
         .help = "all that was recorded before this day (UTC)"},
        {.name = "principal",
         .letter = 'p',
         .kind = OPTION_TEXT,
         .field = offsetof(struct line, request.principal),
         .value = "NAME",
         .help = "all that this principal did: ARN, role/NAME, user/NAME, a glob"},
        {.name = "account",
         .kind = OPTION_TEXT,
         .field = offsetof(struct line, request.account),
         .value = "ID",
         .check = is_account_id,
         .takes = "an account's number of 12 digits",
         .help = "the principal of this account"},
        {.name = NULL},
};
static const struct option output_rows[] = {
        {.name = "json",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, json),
         .help = "print the counts as JSON"},
        {.name = NULL},
};
static const struct option_group what_group = {.heading = "What goes", .options = what_rows};
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&what_group, 0},
        {&output_group, 0},
        {&options_database, offsetof(struct line, request.database)},
        {NULL, 0},
};

static void print_json(const struct prune_result *r)
{
	struct json_writer w;
	json_to_file(&w, stdout, LAYOUT_INDENT);
	json_begin_object(&w);
	json_member_u64(&w, "events", r->events);
	json_member_u64(&w, "principals", r->principals);
	json_member_u64(&w, "size_before", r->size_before);
	json_member_u64(&w, "size", r->size);
	json_end_object(&w);
	print_json_end(&w);
}

static void print_summary(const struct prune_result *r)
{
	printf("%12" PRIu64 "  %s pruned\n", r->events, plural(r->events, "event", "events"));
	if (r->principals)
		printf("%12" PRIu64 "  %s\n", r->principals,
		       plural(r->principals, "principal", "principals"));
	printf("%12" PRIu64 "  bytes, of %" PRIu64 " before\n", r->size, r->size_before);
}

static int report(const struct line *l, const struct prune_result *r)
{
	if (l->json)
		print_json(r);
	else
		print_summary(r);
	if (!r->not_shrunk.reason)
		return EXIT_DONE;
	print_err("prune", &r->not_shrunk);
	print_plain(stderr, "The events are pruned; their space was not given back. It is used by "
	                    "what comes next.\n");
	return EXIT_PARTLY;
}

static int check(struct line *l, const struct command *self, const struct command_line *line)
{
	if (line->n_operands)
		return options_usage(self, "what is '%s'?", line->operands[0]);
	if (l->before != WHEN_FIRST && l->request.principal)
		return options_usage(self, "--before and --principal exclude each other");
	if (l->before == WHEN_FIRST && !l->request.principal)
		return options_usage(self,
		                     "what is to be pruned: --before DATE, or --principal NAME?");
	if (l->request.account && !l->request.principal)
		return options_usage(self, "--account goes with --principal");
	l->request.day = when_day(l->before);
	if (!l->request.principal && l->request.day * WHEN_DAY_SECONDS != l->before)
		return options_usage(self, "--before takes a whole day (UTC)");
	return EXIT_DONE;
}

static int prune(struct line *l)
{
	struct prune_result result;
	struct err err;
	err_clear(&err);
	enum status status = prune_database(&l->request, &result, &err);
	if (status == STATUS_OK)
		return report(l, &result);
	print_err("prune", &err);
	return status == STATUS_STOP   ? EXIT_NOT_DONE
	       : status == STATUS_SKIP ? EXIT_USAGE
	                               : EXIT_PARTLY;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.before = WHEN_FIRST};
	struct command_line line;
	int status = options_read(self, argc, argv, &l, &line) ? check(&l, self, &line) : -1;
	if (status == EXIT_DONE)
		status = prune(&l);
	else if (status < 0)
		status = line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_prune = {
        .name = "prune",
        .usage = "[--db FILE] --before DATE | --principal NAME [--account ID]",
        .summary = "take away what was recorded before a day, or of a principal",
        .options = uses,
        .examples = "  iamreplay prune --before 2026-01-01\n"
                    "  iamreplay prune --principal user/left-the-company\n",
        .run = run,
};
