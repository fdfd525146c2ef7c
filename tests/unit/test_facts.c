/* test_facts.c - the facts of tests/data/mapping, each taken from an AWS document: a call with its
 * parameters, and exactly the actions and resources, or the passed roles, that it needs. */
#include "unit.h"

#include "base/buf.h"
#include "mapping/compile/tsv.h"
#include "normalise/params.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { LIMIT_ROWS = 256 };

struct fact {
	struct span id, source, name, region, account, params, resources, expect;
};

struct runner {
	const struct mapping *m;
	struct arena arena;
	struct params_scratch scratch;
	size_t run, failed;
};

static void read_resources(struct runner *r, struct fact *f, struct call *call)
{
	json_t *list = f->resources.p ? json_loadb(f->resources.p, f->resources.n, 0, NULL) : NULL;
	size_t n = json_array_size(list), i;
	json_t *entry;
	struct event_resource *e = arena_calloc(&r->arena, n + 1, sizeof *e);
	assert_int_equal(list != NULL, f->resources.p != NULL);
	json_array_foreach(list, i, entry)
	{
		const char *account = json_string_value(json_object_get(entry, "accountId"));
		const char *arn = json_string_value(json_object_get(entry, "ARN"));
		const char *prefix = json_string_value(json_object_get(entry, "ARNPrefix"));
		e[i].arn = arena_span(&r->arena, span_of(arn ? arn : prefix));
		e[i].account = arena_span(&r->arena, span_of(account));
		e[i].prefix = !arn && prefix;
	}
	call->resources = e;
	call->n_resources = n;
	json_decref(list);
}

static size_t resolve(struct runner *r, struct fact *f, struct access **rows)
{
	struct params params;
	struct call call = {.kind = EVENT_CALL,
	                    .source = f->source,
	                    .name = f->name,
	                    .region = f->region,
	                    .account = f->account,
	                    .outcome = OUTCOME_ALLOWED};
	size_t n;
	call.principal.account = f->account;
	params_read(r->m, f->source, f->params, &r->scratch, &r->arena, &params);
	assert_false(params.cut);
	call.params = params.param;
	call.n_params = params.n;
	read_resources(r, f, &call);
	resolve_call(r->m, &call, NULL, &r->arena, rows, &n);
	assert_true(n <= LIMIT_ROWS);
	return n;
}

static int by_text(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* Texts sorted, each once, joined by blanks; "-" if there are none. */
static struct span joined(struct runner *r, struct span *s, size_t n)
{
	struct buf b;
	buf_init(&b, 1 << 20);
	qsort(s, n, sizeof *s, by_text);
	for (size_t i = 0; i < n; i++)
		if (!i || !span_eq(s[i - 1], s[i]))
			buf_addf(&b, "%s%.*s", b.n ? " " : "", SPAN_ARG(s[i]));
	if (!b.n)
		buf_add_str(&b, "-");
	struct span out = arena_span(&r->arena, buf_span(&b));
	buf_release(&b);
	return out;
}

static struct span sorted_list(struct runner *r, struct span list)
{
	struct span s[LIMIT_ROWS];
	size_t n = 0;
	while (list.p && n < LIMIT_ROWS)
		s[n++] = span_cut(&list, ' ');
	return joined(r, s, n);
}

static void compare(struct runner *r, const struct fact *f, struct span got)
{
	struct span want = sorted_list(r, f->expect);
	r->run++;
	if (span_eq(got, want))
		return;
	r->failed++;
	print_message("%.*s %.*s:%.*s %.*s\n  got:  %.*s\n  want: %.*s\n", SPAN_ARG(f->id),
	              SPAN_ARG(f->source), SPAN_ARG(f->name), SPAN_ARG(f->params), SPAN_ARG(got),
	              SPAN_ARG(want));
}

static void check_access(struct runner *r, struct fact *f)
{
	struct access *rows;
	struct span s[LIMIT_ROWS];
	size_t n = resolve(r, f, &rows);
	for (size_t i = 0; i < n; i++)
		s[i] = arena_printf(&r->arena, "%.*s=%.*s", SPAN_ARG(rows[i].action),
		                    SPAN_ARG(rows[i].resource));
	compare(r, f, joined(r, s, n));
}

static void check_roles(struct runner *r, struct fact *f)
{
	struct access *rows;
	struct span s[LIMIT_ROWS];
	size_t n = resolve(r, f, &rows), k = 0;
	for (size_t i = 0; i < n; i++)
		if (rows[i].need == NEED_PASS_ROLE)
			s[k++] = rows[i].resource;
	compare(r, f, joined(r, s, k));
}

static void run(const char *name, size_t least, void (*row)(struct runner *, struct span *))
{
	char file[4096];
	const char *top = getenv("top_srcdir");
	struct runner r = {.m = mapping_builtin()};
	struct span field[TSV_FIELDS];
	struct tsv t;
	struct err err;
	size_t n;
	snprintf(file, sizeof file, "%s/tests/data/mapping/%s", top ? top : ".", name);
	arena_init(&r.arena);
	params_scratch_init(&r.scratch);
	assert_int_equal(tsv_open(&t, file, &err), STATUS_OK);
	while (tsv_next(&t, field, &n, &err) == STATUS_OK) {
		row(&r, field);
		arena_reset(&r.arena);
	}
	print_message("%zu of %zu facts of %s hold\n", r.run - r.failed, r.run, name);
	assert_true(r.run >= least);
	assert_int_equal(r.failed, 0);
	tsv_close(&t);
	params_scratch_release(&r.scratch);
	arena_release(&r.arena);
}

static void fact_row(struct runner *r, struct span *field)
{
	struct fact f = {field[0], field[1], field[2], field[3],
	                 field[4], field[5], field[6], field[7]};
	check_access(r, &f);
}

static void role_row(struct runner *r, struct span *field)
{
	struct fact f = {.id = field[0],
	                 .source = field[1],
	                 .name = field[2],
	                 .region = SPAN_LIT("us-east-1"),
	                 .account = SPAN_LIT("111122223333"),
	                 .params = field[3],
	                 .expect = field[4]};
	check_roles(r, &f);
}

static void calls_need_what_the_documents_say(void **state)
{
	run("facts.tsv", 150, fact_row);
}

static void roles_are_passed_where_the_documents_say(void **state)
{
	run("passrole.tsv", 120, role_row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(calls_need_what_the_documents_say),
	        cmocka_unit_test(roles_are_passed_where_the_documents_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
