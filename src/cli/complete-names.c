/* complete-names.c - cli: see complete-names.h. */
#include "config.h"

#include "cli/complete-names.h"

#include "app/database.h"
#include "base/vec.h"
#include "call/arn.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Options with the same name mean the same in every command. */
static const struct {
	const char *option, *kind;
} option_kinds[] = {
        {"principal", "principals"},     {"account", "accounts"},
        {"action", "actions"},           {"exclude-action", "actions"},
        {"service", "services"},         {"exclude-service", "services"},
        {"session", "sessions"},         {"exclude-session", "sessions"},
        {"agent", "agents"},             {"exclude-agent", "agents"},
        {"context", "keys"},             {"unknown", "keys"},
};

const char *complete_option_names(const struct option *o)
{
	bool text = o->kind == OPTION_LIST || o->kind == OPTION_TEXT;
	for (size_t i = 0; text && i < sizeof option_kinds / sizeof option_kinds[0]; i++)
		if (strcmp(option_kinds[i].option, o->name) == 0)
			return option_kinds[i].kind;
	return NULL;
}

const char *complete_operand_names(const struct command *c)
{
	return strcmp(c->name, "query") == 0                                       ? "reports"
	       : strcmp(c->name, "explain") == 0 || strcmp(c->name, "mapping") == 0 ? "actions"
	                                                                            : NULL;
}

/* ---- the names */

/* A menu of more is no help, and slow to make. */
enum { LIMIT_NAMES = 50000 };

struct names_found {
	struct arena arena;
	struct span prefix;
	const char *column; /* of a report: which one is asked for */
	size_t at;
	VEC_OF(struct span);
};

static void found(struct names_found *f, struct span name)
{
	struct span *one = name.n && span_starts_ci(name, f->prefix) ? vec_push(f, LIMIT_NAMES)
	                                                             : NULL;
	if (one)
		*one = arena_span(&f->arena, name);
}

static bool take_principal(void *data, const struct principal_row *row)
{
	struct names_found *f = data;
	const struct principal *p = &row->principal;
	struct arn arn;
	found(f, p->arn);
	if (p->permission_set.n) {
		found(f, arena_printf(&f->arena, "permission-set/%.*s",
		                      SPAN_ARG(p->permission_set)));
	} else if (arn_parse(p->arn, &arn)) {
		ptrdiff_t last = span_rchr(arn.rest, '/'), first = span_chr(arn.rest, '/');
		if (first > 0)
			found(f, arena_printf(&f->arena, "%.*s/%.*s", (int)first, arn.rest.p,
			                      SPAN_ARG(span_from(arn.rest, (size_t)last + 1))));
	}
	return true;
}

static bool take_account(void *data, const struct principal_row *row)
{
	found(data, row->principal.account);
	return true;
}

static bool take_head(void *data, const char *const *names, size_t n)
{
	struct names_found *f = data;
	f->at = n;
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], f->column) == 0)
			f->at = i;
	return true;
}

static bool take_row(void *data, const struct cell *cells, size_t n)
{
	struct names_found *f = data;
	if (f->at < n && cells[f->at].kind == CELL_TEXT)
		found(f, cells[f->at].text);
	return true;
}

static void of_database(struct names_found *f, const char *kind, const char *db)
{
	const struct database_request q = {.db = db};
	struct database d;
	struct err err;
	err_clear(&err);
	if (access(database_path(db), R_OK) != 0 ||
	    database_open(&d, &q, STORE_READ, &err) != STATUS_OK)
		return;
	struct store_row_fn fn = {f, take_head, take_row};
	enum status status;
	f->column = strcmp(kind, "sessions") == 0 ? "session" : "agent";
	if (strcmp(kind, "principals") == 0)
		status = store_each_principal(d.store, SPAN_NONE, take_principal, f, &err);
	else if (strcmp(kind, "accounts") == 0)
		status = store_each_principal(d.store, SPAN_NONE, take_account, f, &err);
	else
		status = store_report(d.store, kind, NULL, 0, &fn, &err);
	if (status != STATUS_OK)
		f->n = 0;
	database_close(&d, &err);
}

static void of_mapping(struct names_found *f, const char *kind)
{
	const struct mapping *m = mapping_builtin();
	bool keys = strcmp(kind, "keys") == 0, services = strcmp(kind, "services") == 0;
	struct span rest = f->prefix, service = span_cut(&rest, ':');
	for (size_t i = 0; i < sar_n_prefixes(m); i++) {
		size_t n;
		struct span prefix = sar_prefix(m, i);
		const struct sar_action *first = sar_service(m, prefix, &n);
		if (services)
			found(f, prefix);
		/* "s3" could be many: first the services, then their actions */
		if (!services && !keys && !rest.p)
			found(f, arena_printf(&f->arena, "%.*s:", SPAN_ARG(prefix)));
		if (services || (!keys && (!rest.p || !span_eq_ci(prefix, service))))
			continue;
		for (size_t k = 0; k < n; k++) {
			const struct sar_action *a = sar_action_at(first, k);
			if (!keys)
				found(f, sar_action_full(a, &f->arena));
			for (size_t j = 0; keys && j < sar_action_n_keys(a); j++)
				found(f, sar_action_key(a, j));
		}
	}
}

static void of_reports(struct names_found *f)
{
	struct store_report report;
	for (size_t i = 0; store_report_at(i, &report); i++)
		found(f, report.name);
}

int complete_names(const char *kind, const char *prefix, const char *db)
{
	struct names_found f = {.prefix = span_of(prefix)};
	arena_init(&f.arena);
	if (strcmp(kind, "reports") == 0)
		of_reports(&f);
	else if (strcmp(kind, "actions") == 0 || strcmp(kind, "keys") == 0 ||
	         strcmp(kind, "services") == 0)
		of_mapping(&f, kind);
	else if (strcmp(kind, "principals") == 0 || strcmp(kind, "accounts") == 0 ||
	         strcmp(kind, "sessions") == 0 || strcmp(kind, "agents") == 0)
		of_database(&f, kind, db);
	size_t n = spans_sort_unique(f.v, f.n);
	for (size_t i = 0; i < n; i++) {
		/* what would end a line, or drive the terminal, is not offered */
		char *text = arena_str(&f.arena, f.v[i]);
		span_plain(text, f.v[i].n);
		if (span_eq(span_make(text, f.v[i].n), f.v[i]) && span_chr(f.v[i], ' ') < 0)
			printf("%s\n", text);
	}
	vec_release(&f);
	arena_release(&f.arena);
	return EXIT_DONE;
}
