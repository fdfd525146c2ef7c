/* merge.c - commands: iamreplay merge, several databases become one. */
#include "config.h"

#include "app/merge.h"
#include "base/json-writer.h"
#include "cli/plain.h"
#include "cli/shared-options.h"

#include <inttypes.h>
#include <stdlib.h>

struct line {
	bool json;
	struct merge_request request;
};

static const struct option output_rows[] = {
        {.name = "json",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, json),
         .help = "print the counts as JSON"},
        {.name = NULL},
};
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&output_group, 0},
        {NULL, 0},
};

static void print_json(const struct store_merged *n)
{
	struct json_writer w;
	json_to_file(&w, stdout, LAYOUT_INDENT);
	json_begin_object(&w);
	json_member_u64(&w, "sources", n->sources);
	json_member_u64(&w, "sources_known", n->sources_known);
	json_member_u64(&w, "stored", n->events);
	json_member_u64(&w, "duplicates", n->duplicates);
	json_member_u64(&w, "conflicts", n->conflicts);
	json_member_u64(&w, "days", n->days);
	json_member_u64(&w, "counted", n->counted);
	json_end_object(&w);
	print_json_end(&w);
}

static void print_summary(const struct store_merged *n)
{
	printf("%12" PRIu64 "  %s taken in", n->sources, plural(n->sources, "source", "sources"));
	if (n->sources_known)
		printf(", %" PRIu64 " of them known already", n->sources_known);
	putchar('\n');
	/* Of closed days there are no events; "0 events stored" would sound as if nothing came. */
	if (n->events || !n->days)
		printf("%12" PRIu64 "  %s stored\n", n->events,
		       plural(n->events, "event", "events"));
	if (n->days)
		printf("%12" PRIu64 "  %s of streams of which only counts are held: %" PRIu64
		       " %s\n",
		       n->days, plural(n->days, "day", "days"), n->counted,
		       plural(n->counted, "event", "events"));
	if (n->duplicates)
		printf("%12" PRIu64 "  %s\n", n->duplicates,
		       plural(n->duplicates, "duplicate", "duplicates"));
	if (n->conflicts)
		printf("%12" PRIu64 "  conflicts: the event id of another one with other content\n",
		       n->conflicts);
}

static int merge(struct line *l, const struct command *self, const struct command_line *line)
{
	struct store_merged counts;
	struct err err;
	err_clear(&err);
	if (line->n_operands < 2)
		return options_usage(self, "into which database, and which are merged into it?");
	l->request = (struct merge_request){.into = line->operands[0],
	                                    .from = &line->operands[1],
	                                    .n_from = (size_t)line->n_operands - 1};
	if (merge_databases(&l->request, &counts, &err) != STATUS_OK) {
		print_err("merge", &err);
		return EXIT_NOT_DONE;
	}
	if (l->json)
		print_json(&counts);
	else
		print_summary(&counts);
	return EXIT_DONE;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.json = false};
	struct command_line line;
	int status = options_read(self, argc, argv, &l, &line) ? merge(&l, self, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_merge = {
        .name = "merge",
        .usage = "[--json] INTO.db FROM.db...",
        .summary = "make one database of several",
        .options = uses,
        .examples = "  iamreplay merge all.db frankfurt.db oregon.db\n"
                    "  iamreplay merge year.db monday.db tuesday.db --json\n",
        .run = run,
};
