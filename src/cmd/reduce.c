/* reduce.c - commands: prints the statements that make a query engine count equal calls. */
#include "config.h"

#include "base/when.h"
#include "cli/command.h"
#include "cli/plain.h"
#include "cli/shared-options.h"
#include "fetch/endpoint.h"
#include "mapping/compile/compile.h"
#include "reduce/statement.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

struct line {
	struct reduce_request request;
	struct store_window window;
	const char *mappings;
	bool has_engine, ddl;
};

static bool is_region(const char *value)
{
	return endpoint_region_sound(span_of(value));
}

static struct option_choice engine_at(size_t i)
{
	if (i > ENGINE_DUCKDB)
		return (struct option_choice){NULL, 0};
	return (struct option_choice){dialect_of((enum engine)i)->name, (int)i};
}

#define REQUEST(member) offsetof(struct line, request.member)

static const struct option engine_rows[] = {
        {.name = "engine",
         .kind = OPTION_CHOICE,
         .field = REQUEST(engine),
         .given = offsetof(struct line, has_engine),
         .choice_at = engine_at,
         .value = "ENGINE",
         .help = "whose SQL to write"},
        {.name = "table",
         .kind = OPTION_TEXT,
         .field = REQUEST(table),
         .value = "NAME",
         .help = "the table that holds the records, as --ddl makes it"},
        {.name = "source",
         .kind = OPTION_TEXT,
         .field = REQUEST(source),
         .value = "URL",
         .help = "where the trail's files are: s3://BUCKET/.../AWSLogs, a folder or a pattern"},
        {.name = "ddl",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, ddl),
         .help = "print the statement that makes the table, and end"},
        {.name = NULL},
};
static const struct option which_rows[] = {
        {.name = "account",
         .kind = OPTION_LIST,
         .field = REQUEST(accounts),
         .value = "ID",
         .check = is_account_id,
         .takes = "12 digits",
         .help = "only what this account's trail recorded; may be repeated"},
        {.name = "region",
         .kind = OPTION_LIST,
         .field = REQUEST(regions),
         .value = "NAME",
         .check = is_region,
         .takes = "a region's name",
         .help = "only this region's logs; may be repeated"},
        {.name = NULL},
};
static const struct option rows_rows[] = {
        {.name = "sessions",
         .kind = OPTION_FLAG,
         .field = REQUEST(sessions),
         .help = "keep sessions apart: their names, keys and source identities"},
        {.name = "fold",
         .kind = OPTION_NUMBER,
         .field = REQUEST(fold),
         .value = "REQUESTS",
         .min = STORE_FOLD_CALLS,
         .max = 1000000000,
         .help = "past so many a day of a caller and operation, patterns in place of names"},
        {.name = "unload",
         .kind = OPTION_TEXT,
         .field = REQUEST(unload),
         .value = "PLACE",
         .help = "where the engine writes the rows: s3://BUCKET/PREFIX or a folder"},
        {.name = "mappings",
         .kind = OPTION_DIR,
         .field = offsetof(struct line, mappings),
         .value = "DIR",
         .help = "read the mapping from DIR (default: $IAMREPLAY_MAPPINGS, else built in)"},
        {.name = NULL},
};
static const struct option_group engine_group = {.heading = "The engine and its records",
                                                 .options = engine_rows};
static const struct option_group which_group = {.heading = "Which events", .options = which_rows};
static const struct option_group rows_group = {.heading = "Rows", .options = rows_rows};
static const struct option_use uses[] = {
        {&engine_group, 0}, {&options_window, offsetof(struct line, window)},
        {&which_group, 0},  {&rows_group, 0},
        {NULL, 0},
};

/* ---- days */

static bool is_midnight(int64_t t)
{
	return when_day(t) * WHEN_DAY_SECONDS == t;
}

/* What is wrong with the window; NULL: nothing is. A table needs none, but for its beginning. */
static const char *set_days(struct line *l)
{
	struct reduce_request *q = &l->request;
	bool since = l->window.since != WHEN_FIRST, until = l->window.until != WHEN_LAST;
	if (l->ddl && since && !until && q->engine == ENGINE_ATHENA) {
		l->window.until = l->window.since + WHEN_DAY_SECONDS;
		until = true;
	}
	if (!since && !until && l->ddl)
		return NULL;
	if (!since || !until)
		return "which days? --since DAY --until DAY";
	if (!is_midnight(l->window.since) || !is_midnight(l->window.until))
		return "whole days of UTC alone: --since and --until are days, 2026-01-31";
	if ((l->window.until - l->window.since) / WHEN_DAY_SECONDS > LIMIT_REDUCE_DAYS)
		return "more than ten years at once";
	q->since = l->window.since;
	q->until = l->window.until;
	return NULL;
}

/* ---- printing */

static int print_text(const struct buf *out)
{
	fwrite(buf_str(out), 1, out->n, stdout);
	return EXIT_DONE;
}

static int too_large(void)
{
	fprintf(stderr,
	        "iamreplay reduce: a statement would be larger than %zu MiB: fewer accounts and "
	        "regions at once\n",
	        LIMIT_REDUCE_TEXT >> 20);
	return EXIT_NOT_DONE;
}

static int print_statements(const struct line *l)
{
	const struct reduce_request *q = &l->request;
	struct reducer *r = reducer_new(q);
	struct buf out;
	int status = EXIT_DONE;
	buf_init(&out, LIMIT_REDUCE_TEXT);
	if (l->ddl) {
		status = reduce_table(r, &out) ? print_text(&out) : too_large();
	} else {
		for (int64_t day = q->since; day < q->until && status == EXIT_DONE;
		     day += WHEN_DAY_SECONDS) {
			buf_reset(&out);
			status = reduce_day(r, day, &out) ? print_text(&out) : too_large();
		}
	}
	buf_release(&out);
	reducer_free(r);
	return status;
}

static int with_mapping(struct line *l)
{
	const char *dir = l->mappings ? l->mappings : getenv("IAMREPLAY_MAPPINGS");
	struct mapping *own = NULL;
	struct err err;
	err_clear(&err);
	if (dir && *dir && mapping_read(dir, &own, &err) != STATUS_OK) {
		print_err("reduce", &err);
		return EXIT_NOT_DONE;
	}
	l->request.mapping = own ? own : mapping_builtin();
	int status = print_statements(l);
	mapping_free(own);
	return status;
}

static int reduce(struct line *l, const struct command *self, const struct command_line *line)
{
	if (line->n_operands)
		return options_usage(self, "unexpected '%s': records are named by options",
		                     line->operands[0]);
	if (!l->has_engine)
		return options_usage(self,
		                     "which engine? --engine athena, trino, clickhouse or duckdb");
	if (!window_finish(self, &l->window))
		return EXIT_USAGE;
	const char *problem = set_days(l);
	if (!problem)
		problem = reduce_problem(&l->request, l->ddl);
	if (problem)
		return options_usage(self, "%s", problem);
	return with_mapping(l);
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.window = {WHEN_FIRST, WHEN_LAST}};
	struct command_line line;
	int status = options_read(self, argc, argv, &l, &line) ? reduce(&l, self, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_reduce = {
        .name = "reduce",
        .usage = "--engine ENGINE (--table NAME | --source URL) --since DAY --until DAY "
                 "[OPTION]...",
        .summary = "SQL that counts equal calls in the engine that holds the logs",
        .options = uses,
        .examples = "  iamreplay reduce --engine duckdb --source AWSLogs --since 2026-11-01 \\\n"
                    "      --until 2026-11-30 --unload reduced >reduce.sql\n"
                    "  iamreplay reduce --engine athena --table logs.cloudtrail \\\n"
                    "      --since 2026-11-30 --until 2026-11-30 >day.sql\n",
        .run = run,
};
