/* principals.c - commands: iamreplay principals, who is in the database. */
#include "config.h"

#include "app/assign-keys.h"
#include "app/database.h"
#include "cli/options.h"
#include "cli/table.h"

#include "base/when.h"

#include <stdlib.h>

enum { OPTION_DB, OPTION_MAPPINGS, OPTION_ACCOUNT, OPTION_ASSIGN, OPTION_JSON };

static const struct option_spec options[] = {
        {"db", 0, ARG_FILE, "FILE", NULL,
         "the database (default: $IAMREPLAY_DB, else iamreplay.db)"},
        {"mappings", 0, ARG_DIR, "DIR", NULL, "read the mapping from DIR (or $IAMREPLAY_MAPPINGS)"},
        {"account", 0, ARG_TEXT, "ID", NULL, "only principals of this account"},
        {"assign", 0, ARG_TEXT, "KEY=ARN", NULL, "say whose an access key is; may be repeated"},
        {"json", 0, ARG_NONE, NULL, NULL, "print JSON"},
        {NULL, 0, ARG_NONE, NULL, NULL, NULL},
};

enum { LIMIT_ASSIGNS = 1000 };

struct request {
	const struct command *self;
	const char *db, *mappings, *account;
	struct span *assign;
	size_t n_assign;
	bool json;
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

static int fail(const struct request *r, const struct err *err)
{
	char line[sizeof *err];
	fprintf(stderr, "iamreplay %s: %s\n", r->self->name, err_line(err, line, sizeof line));
	return EXIT_NOT_DONE;
}

static int list(const struct request *r, struct store *st)
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
	enum status status = store_each_principal(st, span_of(r->account), list_one, &l, &err);
	size_t n = l.table.n_rows;
	if (!n && !r->json)
		l.table.n_columns = 0; /* no head over nothing */
	bool written = table_end(&l.table);
	arena_release(&l.arena);
	if (status != STATUS_OK)
		return fail(r, &err);
	if (!written) {
		fprintf(stderr, "iamreplay %s: cannot write the list\n", r->self->name);
		return EXIT_NOT_DONE;
	}
	if (!n)
		fprintf(stderr, "iamreplay %s: no principals%s\n", r->self->name,
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

static int assign(const struct request *r, struct store *st)
{
	struct err err;
	err_clear(&err);
	return assign_keys(st, r->assign, r->n_assign, &err) == STATUS_OK ? EXIT_DONE
	                                                                  : fail(r, &err);
}

static int read_line(struct request *r, int argc, char **argv)
{
	struct options o;
	const char *value;
	struct span key, arn;
	int index;
	options_init(&o, r->self, argc, argv);
	while ((index = options_next(&o, &value)) >= 0) {
		switch (index) {
		case OPTION_DB: r->db = value; break;
		case OPTION_MAPPINGS: r->mappings = value; break;
		case OPTION_ACCOUNT: r->account = value; break;
		case OPTION_JSON: r->json = true; break;
		case OPTION_ASSIGN:
			if (!key_assignment(value, &key, &arn))
				return options_usage(
				        r->self,
				        "--assign takes KEY=ARN, an access key id and the "
				        "ARN of a role or user, not '%s'",
				        value);
			if (r->n_assign == LIMIT_ASSIGNS)
				return options_usage(r->self, "more than %d --assign",
				                     LIMIT_ASSIGNS);
			r->assign[r->n_assign++] = span_of(value);
			break;
		}
	}
	if (index == OPTIONS_EXIT)
		return o.exit_status == EXIT_DONE ? -1 : o.exit_status;
	if (o.operands)
		return options_usage(r->self, "what is '%s'?", argv[1]);
	return EXIT_DONE;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct span assigns[LIMIT_ASSIGNS];
	struct request r = {.self = self, .assign = assigns};
	struct database d;
	struct err err;
	int status = read_line(&r, argc, argv);
	if (status != EXIT_DONE)
		return status < 0 ? EXIT_DONE : status;
	err_clear(&err);
	if (database_open(&d, r.db, r.mappings, STORE_READ, &err) != STATUS_OK)
		return fail(&r, &err);
	if (r.n_assign) { /* it exists: now for writing */
		database_close(&d, &err);
		if (database_open(&d, r.db, r.mappings, STORE_WRITE, &err) != STATUS_OK)
			return fail(&r, &err);
		status = assign(&r, d.store);
	}
	if (status == EXIT_DONE)
		status = list(&r, d.store);
	if (database_close(&d, &err) != STATUS_OK)
		return fail(&r, &err);
	return status;
}

const struct command command_principals = {
        .name = "principals",
        .usage = "[--db FILE] [--account ID] [--assign KEY=ARN]... [--json]",
        .summary = "list who made the recorded calls",
        .options = options,
        .examples = "  iamreplay principals\n"
                    "  iamreplay principals --json | jq '.[] | select(.editable)'\n"
                    "  iamreplay principals --assign "
                    "AKIAIOSFODNN7EXAMPLE=arn:aws:iam::111122223333:user/ci\n",
        .run = run,
};
