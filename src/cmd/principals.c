/* principals.c - commands: iamreplay principals, who is in the database. */
#include "config.h"

#include "app/assign-keys.h"
#include "app/database.h"
#include "app/subjects.h"
#include "cli/plain.h"
#include "cli/shared-options.h"
#include "cli/table.h"

#include "base/when.h"

#include <stdlib.h>

struct line {
	struct database_request database;
	const char *account;
	struct text_list assign; /* "KEY=ARN" */
	bool json;
};

static bool is_assignment(const char *value)
{
	struct span key, arn;
	return key_assignment(value, &key, &arn);
}

static const struct option principal_rows[] = {
        {.name = "account",
         .kind = OPTION_TEXT,
         .field = offsetof(struct line, account),
         .check = is_account_id,
         .takes = "12 digits",
         .value = "ID",
         .help = "only principals of this account"},
        {.name = "assign",
         .kind = OPTION_LIST,
         .field = offsetof(struct line, assign),
         .value = "KEY=ARN",
         .check = is_assignment,
         .takes = "KEY=ARN, an access key id and the ARN of a role or user",
         .help = "say whose an access key is; may be repeated"},
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
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&principal_group, 0},
        {&output_group, 0},
        {&options_database, offsetof(struct line, database)},
        {NULL, 0},
};

/* The names of enum principal_type, as in the database's table word. */
static const char *type_name(enum principal_type type)
{
	static const char *const names[] = {
	        "unknown",
	        "role",
	        "user",
	        "root",
	        "federated-user",
	        "saml-user",
	        "web-identity-user",
	        "identity-center-user",
	        "service",
	        "account",
	        "directory-user",
	        "access-key",
	        "anonymous",
	        "unknown",
	};
	return (size_t)type < sizeof names / sizeof names[0] ? names[type] : "unknown";
}

struct listing {
	struct table table;
	struct arena arena;
	bool text;
	size_t n_keys; /* principals of which nothing but an access key is known */
};

static struct cell day_cell(int64_t t, struct arena *arena)
{
	char text[WHEN_SIZE];
	return cell_text(arena_span(arena, span_of(when_format_day(t, text))));
}

/* For people: what varies in length comes last, so that a line is as long as its own ARN makes it.
 * An ARN tells type and account. */
static const char *const text_names[] = {"events",   "denied",         "first",    "last",
                                         "editable", "permission_set", "principal"};

static bool text_row(struct listing *l, const struct principal_row *r)
{
	struct cell cells[] = {
	        cell_number((int64_t)r->events),
	        cell_number((int64_t)r->denied),
	        day_cell(r->first, &l->arena),
	        day_cell(r->last, &l->arena),
	        cell_text(r->principal.editable ? SPAN_LIT("yes") : SPAN_LIT("no")),
	        cell_text(r->principal.permission_set),
	        cell_text(r->principal.arn),
	};
	return table_row(&l->table, cells, sizeof cells / sizeof cells[0]);
}

static bool list_one(void *data, const struct principal_row *r)
{
	struct listing *l = data;
	arena_reset(&l->arena);
	l->n_keys += r->principal.type == PRINCIPAL_ACCESS_KEY;
	struct cell cells[] = {
	        cell_text(r->principal.arn),
	        cell_text(span_of(type_name(r->principal.type))),
	        cell_text(r->principal.account),
	        cell_json(r->principal.editable ? SPAN_LIT("true") : SPAN_LIT("false")),
	        cell_number((int64_t)r->events),
	        cell_number((int64_t)r->denied),
	        cell_time(r->first, &l->arena),
	        cell_time(r->last, &l->arena),
	        cell_text(r->principal.permission_set),
	};
	if (l->text)
		return text_row(l, r);
	return table_row(&l->table, cells, sizeof cells / sizeof cells[0]);
}

static int fail(const struct err *err)
{
	print_err("principals", err);
	return EXIT_NOT_DONE;
}

static int list(const struct line *r, struct span name, struct store *st)
{
	static const char *const names[] = {"principal", "type",   "account",
	                                    "editable",  "events", "denied",
	                                    "first",     "last",   "permission_set"};
	struct listing l = {.text = !r->json};
	struct err err;
	err_clear(&err);
	arena_init(&l.arena);
	table_begin(&l.table, stdout, r->json ? TABLE_JSON : TABLE_TEXT);
	l.table.hide_empty = true;
	if (l.text)
		table_head(&l.table, text_names, sizeof text_names / sizeof text_names[0]);
	else
		table_head(&l.table, names, sizeof names / sizeof names[0]);
	struct span account = span_of(r->account);
	enum status status = name.p ? store_find_principals(st, name, account, list_one, &l, &err)
	                            : store_each_principal(st, account, list_one, &l, &err);
	size_t n = l.table.n_rows;
	if (!n && !r->json)
		l.table.n_columns = 0; /* no head over nothing */
	bool written = table_end(&l.table);
	arena_release(&l.arena);
	if (status != STATUS_OK)
		return fail(&err);
	if (!written) {
		fprintf(stderr, "iamreplay principals: cannot write the list\n");
		return EXIT_NOT_DONE;
	}
	if (!n)
		fprintf(stderr, "iamreplay principals: no principals%s\n",
		        r->account ? " of this account" : " in this database");
	if (l.n_keys && !r->json)
		fprintf(stderr,
		        "No record tells whose access-key/KEY is. Say it: iamreplay principals "
		        "--assign KEY=ARN\n"
		        "('aws sts get-caller-identity' tells the ARN; under 'iamreplay record' it "
		        "is "
		        "noted)\n");
	return n ? EXIT_DONE : EXIT_PARTLY;
}

/* The database exists: it is opened a second time, for writing. */
static int assign(const struct line *l, struct database *d)
{
	struct err err;
	err_clear(&err);
	database_close(d, &err);
	if (database_open(d, &l->database, STORE_WRITE, &err) != STATUS_OK)
		return fail(&err);
	if (assign_keys(d->store, l->assign.v, l->assign.n, &err) == STATUS_OK)
		return EXIT_DONE;
	fail(&err);
	database_close(d, &err);
	return EXIT_NOT_DONE;
}

static int assign_and_list(const struct line *l, const struct command *self,
                           const struct command_line *line)
{
	struct database d;
	struct err err;
	int status = EXIT_DONE;
	if (line->n_operands > 1)
		return options_usage(self, "takes one name or pattern, not '%s' too: quote a pattern",
		                     line->operands[1]);
	struct span name = span_of(line->n_operands ? line->operands[0] : NULL);
	err_clear(&err);
	if (database_open(&d, &l->database, STORE_READ, &err) != STATUS_OK)
		return fail(&err);
	if (l->assign.n)
		status = assign(l, &d);
	if (status != EXIT_DONE)
		return status;
	if (name.p && subjects_check_name(d.store, name, &err) != STATUS_OK) {
		print_err("principals", &err);
		database_close(&d, NULL);
		return EXIT_PARTLY;
	}
	status = list(l, name, d.store);
	return database_close(&d, &err) == STATUS_OK ? status : fail(&err);
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.json = false};
	struct command_line line;
	int status = options_read(self, argc, argv, &l, &line) ? assign_and_list(&l, self, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_principals = {
        .name = "principals",
        .usage = "[--db FILE] [--account ID] [--assign KEY=ARN]... [--json] [NAME]",
        .summary = "list who made the recorded calls",
        .options = uses,
        .examples = "  iamreplay principals\n"
                    "  iamreplay principals 'role/*'\n"
                    "  iamreplay principals --json | jq '.[] | select(.editable)'\n"
                    "  iamreplay principals \\\n"
                    "      --assign AKIAIOSFODNN7EXAMPLE=arn:aws:iam::111122223333:user/ci\n",
        .run = run,
};
