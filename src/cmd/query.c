/* query.c - commands: iamreplay query, the reports of sql/report/. */
#include "config.h"

#include "app/subjects.h"
#include "cli/plain.h"
#include "cli/shared-options.h"
#include "base/suggest.h"
#include "cli/table.h"

#include <stdlib.h>

enum { LIMIT_QUERY_PARAMS = 16 };

struct line {
	struct database_request database;
	struct text_list params; /* "NAME=VALUE" */
	bool csv, json;
	/* what they mean */
	struct store_param param[LIMIT_QUERY_PARAMS];
	enum table_format format;
};

static const struct option report_rows[] = {
        {.name = "param",
         .kind = OPTION_LIST,
         .field = offsetof(struct line, params),
         .value = "NAME=VALUE",
         .help = "an input of the report; may be repeated"},
        {.name = NULL},
};
static const struct option output_rows[] = {
        {.name = "csv",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, csv),
         .help = "print CSV"},
        {.name = "json",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, json),
         .help = "print JSON"},
        {.name = NULL},
};
static const struct option_group report_group = {.heading = "Report", .options = report_rows};
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&report_group, 0},
        {&output_group, 0},
        {&options_database, offsetof(struct line, database)},
        {NULL, 0},
};

static bool head(void *data, const char *const *names, size_t n)
{
	return table_head(data, names, n);
}

static bool row(void *data, const struct cell *cells, size_t n)
{
	return table_row(data, cells, n);
}

static int list_reports(const struct line *l)
{
	static const char *const names[] = {"report", "inputs", "summary"};
	struct store_report report;
	struct table t;
	table_begin(&t, stdout, l->format);
	table_head(&t, names, 3);
	for (size_t i = 0; store_report_at(i, &report); i++) {
		struct cell cells[] = {cell_text(report.name), cell_text(report.inputs),
		                       cell_text(report.summary)};
		table_row(&t, cells, 3);
	}
	return table_end(&t) ? EXIT_DONE : EXIT_NOT_DONE;
}

static int fail(const struct err *err)
{
	return print_failure("query", err);
}

static int run_report(const struct command *self, const struct line *l, const char *name)
{
	struct database d;
	struct table t;
	struct err err;
	err_clear(&err);
	if (database_open(&d, &l->database, STORE_READ, &err) != STATUS_OK)
		return fail(&err);
	for (size_t i = 0; i < l->params.n; i++)
		if (strcmp(l->param[i].name, "principal") == 0 &&
		    subjects_check_name(d.store, span_of(l->param[i].value), &err) != STATUS_OK) {
			print_err("query", &err);
			database_close(&d, NULL);
			return EXIT_PARTLY;
		}
	table_begin(&t, stdout, l->format);
	struct store_row_fn fn = {&t, head, row};
	enum status status = store_report(d.store, name, l->param, l->params.n, &fn, &err);
	if (status != STATUS_OK && t.format == TABLE_JSON && !t.n_columns)
		t.format = TABLE_TEXT; /* nothing was begun that must be closed */
	bool written = table_end(&t);
	database_close(&d, NULL);
	if (status == STATUS_SKIP)
		return options_usage(self, "%s", err.text);
	if (status != STATUS_OK)
		return fail(&err);
	if (!written)
		fprintf(stderr, "iamreplay query: cannot write the report\n");
	return written ? EXIT_DONE : EXIT_NOT_DONE;
}

static struct span report_name_at(const void *data, size_t i)
{
	struct store_report report;
	return store_report_at(i, &report) ? report.name : SPAN_NONE;
}

static bool is_report(struct span name)
{
	struct store_report report;
	for (size_t i = 0; store_report_at(i, &report); i++)
		if (span_eq(report.name, name))
			return true;
	return false;
}

/* Splits NAME=VALUE; the copies are in arena. */
static bool read_params(struct line *l, const struct command *self, struct arena *arena)
{
	if (l->params.n > LIMIT_QUERY_PARAMS) {
		options_usage(self, "more than %d --param", LIMIT_QUERY_PARAMS);
		return false;
	}
	for (size_t i = 0; i < l->params.n; i++) {
		struct span value = l->params.v[i], name = span_cut(&value, '=');
		if (!value.p || !name.n) {
			options_usage(self, "--param takes NAME=VALUE, not '%s'", l->params.v[i].p);
			return false;
		}
		l->param[i] = (struct store_param){arena_str(arena, name), value.p};
	}
	return true;
}

static int check(struct line *l, const struct command *self, struct command_line *line)
{
	if (!read_params(l, self, &line->arena))
		return EXIT_USAGE;
	if (l->csv && l->json)
		return options_usage(self, "--csv and --json exclude each other");
	if (line->n_operands > 1)
		return options_usage(self, "one report at a time, not also '%s'",
		                     line->operands[1]);
	if (!line->n_operands && l->params.n)
		return options_usage(self, "--param is for a report: which?");
	l->format = l->json ? TABLE_JSON : l->csv ? TABLE_CSV : TABLE_TEXT;
	return EXIT_DONE;
}

static int report(struct line *l, const struct command *self, struct command_line *line)
{
	int status = check(l, self, line);
	if (status != EXIT_DONE)
		return status;
	if (!line->n_operands)
		return list_reports(l);
	struct span name = span_of(line->operands[0]);
	if (is_report(name))
		return run_report(self, l, name.p);
	struct span near = suggest(&line->arena, name, "", report_name_at, NULL);
	return options_usage(self, "there is no report '%.*s'%.*s", SPAN_ARG(name), SPAN_ARG(near));
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.csv = false};
	struct command_line line;
	int status = options_read(self, argc, argv, &l, &line) ? report(&l, self, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_query = {
        .name = "query",
        .usage = "[--db FILE] [--csv|--json] [NAME [--param NAME=VALUE]...]",
        .summary = "list the reports on a database, or run one",
        .options = uses,
        .examples = "  iamreplay query\n"
                    "  iamreplay query status\n"
                    "  iamreplay query denied --param principal=role/ci --csv\n",
        .run = run,
};
