/* query.c - commands: iamreplay query, the reports of sql/report/. */
#include "config.h"

#include "app/database.h"
#include "cli/options.h"
#include "cli/table.h"

#include <stdlib.h>

enum { OPTION_DB, OPTION_MAPPINGS, OPTION_PARAM, OPTION_CSV, OPTION_JSON };

static const struct option_spec options[] = {
        {"db", 0, ARG_FILE, "FILE", NULL,
         "the database (default: $IAMREPLAY_DB, else iamreplay.db)"},
        {"mappings", 0, ARG_DIR, "DIR", NULL, "read the mapping from DIR (or $IAMREPLAY_MAPPINGS)"},
        {"param", 0, ARG_TEXT, "NAME=VALUE", NULL, "an input of the report; may be repeated"},
        {"csv", 0, ARG_NONE, NULL, NULL, "print CSV"},
        {"json", 0, ARG_NONE, NULL, NULL, "print JSON"},
        {NULL, 0, ARG_NONE, NULL, NULL, NULL},
};

enum { LIMIT_QUERY_PARAMS = 16 };

struct request {
	const struct command *self;
	const char *db, *mappings;
	struct store_param param[LIMIT_QUERY_PARAMS];
	char *copy[LIMIT_QUERY_PARAMS]; /* the text that param[i] points into */
	size_t n_param;
	enum table_format format;
};

static bool head(void *data, const char *const *names, size_t n)
{
	return table_head(data, names, n);
}

static bool row(void *data, const struct cell *cells, size_t n)
{
	return table_row(data, cells, n);
}

static int list_reports(const struct request *r)
{
	static const char *const names[] = {"report", "inputs", "summary"};
	struct store_report report;
	struct table t;
	table_begin(&t, stdout, r->format);
	table_head(&t, names, 3);
	for (size_t i = 0; store_report_at(i, &report); i++) {
		struct cell cells[] = {cell_text(report.name), cell_text(report.inputs),
		                       cell_text(report.summary)};
		table_row(&t, cells, 3);
	}
	return table_end(&t) ? EXIT_DONE : EXIT_NOT_DONE;
}

static int fail(const struct request *r, const struct err *err)
{
	char line[sizeof *err];
	fprintf(stderr, "iamreplay %s: %s\n", r->self->name, err_line(err, line, sizeof line));
	return EXIT_NOT_DONE;
}

static int run_report(const struct request *r, const char *name)
{
	struct database d;
	struct table t;
	struct err err;
	err_clear(&err);
	if (database_open(&d, r->db, r->mappings, STORE_READ, &err) != STATUS_OK)
		return fail(r, &err);
	table_begin(&t, stdout, r->format);
	struct store_row_fn fn = {&t, head, row};
	enum status status = store_report(d.store, name, r->param, r->n_param, &fn, &err);
	if (status != STATUS_OK && t.format == TABLE_JSON && !t.n_columns)
		t.format = TABLE_TEXT; /* nothing was begun that must be closed */
	bool written = table_end(&t);
	database_close(&d, NULL);
	if (status == STATUS_SKIP)
		return options_usage(r->self, "%s", err.text);
	if (status != STATUS_OK)
		return fail(r, &err);
	if (!written)
		fprintf(stderr, "iamreplay %s: cannot write the report\n", r->self->name);
	return written ? EXIT_DONE : EXIT_NOT_DONE;
}

static int add_param(struct request *r, const char *text)
{
	if (r->n_param == LIMIT_QUERY_PARAMS)
		return options_usage(r->self, "more than %d --param", LIMIT_QUERY_PARAMS);
	char *copy = strdup(text), *equals = copy ? strchr(copy, '=') : NULL;
	if (!equals || equals == copy) {
		free(copy);
		return options_usage(r->self, "--param takes NAME=VALUE, not '%s'", text);
	}
	*equals = '\0';
	r->copy[r->n_param] = copy;
	r->param[r->n_param++] = (struct store_param){copy, equals + 1};
	return EXIT_DONE;
}

static int read_line(struct request *r, int argc, char **argv, const char **name)
{
	struct options o;
	const char *value;
	int index, status = EXIT_DONE;
	bool csv = false, json = false;
	options_init(&o, r->self, argc, argv);
	while (status == EXIT_DONE && (index = options_next(&o, &value)) >= 0) {
		switch (index) {
		case OPTION_DB: r->db = value; break;
		case OPTION_MAPPINGS: r->mappings = value; break;
		case OPTION_PARAM: status = add_param(r, value); break;
		case OPTION_CSV: csv = true; break;
		case OPTION_JSON: json = true; break;
		}
	}
	if (status != EXIT_DONE)
		return status;
	if (index == OPTIONS_EXIT)
		return o.exit_status == EXIT_DONE ? -1 : o.exit_status;
	if (csv && json)
		return options_usage(r->self, "--csv and --json exclude each other");
	if (o.operands > 1)
		return options_usage(r->self, "one report at a time, not also '%s'", argv[2]);
	r->format = json ? TABLE_JSON : csv ? TABLE_CSV : TABLE_TEXT;
	*name = o.operands ? argv[1] : NULL;
	if (!*name && r->n_param)
		return options_usage(r->self, "--param is for a report: which?");
	return EXIT_DONE;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct request r = {.self = self};
	const char *name = NULL;
	int status = read_line(&r, argc, argv, &name);
	if (status == EXIT_DONE)
		status = name ? run_report(&r, name) : list_reports(&r);
	else if (status < 0)
		status = EXIT_DONE;
	for (size_t i = 0; i < r.n_param; i++)
		free(r.copy[i]);
	return status;
}

const struct command command_query = {
        .name = "query",
        .usage = "[--db FILE] [--csv|--json] [NAME [--param NAME=VALUE]...]",
        .summary = "list the reports on a database, or run one",
        .options = options,
        .examples = "  iamreplay query\n"
                    "  iamreplay query status\n"
                    "  iamreplay query denied --param principal=role/ci --csv\n",
        .run = run,
};
