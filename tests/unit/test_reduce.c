/* test_reduce.c - the statements for query engines: they keep what ingest keeps, and what users
 * name stays a name. */
#include "unit.h"

#include "mapping/facts.h"
#include "mapping/image.h"
#include "mapping/members.h"
#include "reduce/fields.h"
#include "reduce/patterns.h"
#include "reduce/quote.h"
#include "reduce/statement.h"

#include <dirent.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- every name that ingest would keep */

/* A pattern of the statements, for regcomp: one that is "(?i)..." or "(?i:...)", or behind a first
 * part that minds the case. */
struct pattern {
	regex_t part[2];
	size_t n;
};

static void compile_part(struct pattern *p, const char *text, size_t n, int flags)
{
	char *own = strndup(text, n);
	assert_int_equal(regcomp(&p->part[p->n++], own, REG_EXTENDED | REG_NOSUB | flags), 0);
	free(own);
}

static void compile(struct pattern *p, void (*add)(const struct member_words *, struct buf *),
                    const struct member_words *w)
{
	struct buf b;
	buf_init(&b, 1 << 20);
	p->n = 0;
	add(w, &b);
	const char *text = buf_str(&b), *inside = strstr(text, "(?i:");
	if (inside && inside > text)
		compile_part(p, text, (size_t)(inside - text) - 1, 0);
	if (inside)
		compile_part(p, inside + 4, strlen(inside + 4) - 1, REG_ICASE);
	else
		compile_part(p, text + strlen("(?i)"), strlen(text) - strlen("(?i)"), REG_ICASE);
	buf_release(&b);
}

static bool matches(const struct pattern *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (regexec(&p->part[i], name, 0, NULL, 0) == 0)
			return true;
	return false;
}

struct rule {
	struct pattern asked, naming, never, marks, presence, closed;
};

static void release(struct pattern *p)
{
	for (size_t i = 0; i < p->n; i++)
		regfree(&p->part[i]);
}

/* As sql/engine/reduce.sql decides. */
static enum param_keep kept_by_sql(const struct rule *r, const char *name, bool container)
{
	if (container && matches(&r->presence, name))
		return KEEP_PRESENT;
	if (container)
		return matches(&r->closed, name) ? KEEP_NOTHING : KEEP_VALUE;
	if (matches(&r->asked, name) || (matches(&r->naming, name) && !matches(&r->never, name)))
		return KEEP_VALUE;
	return matches(&r->marks, name) ? KEEP_PRESENT : KEEP_NOTHING;
}

static size_t n_names, n_dropped;

static void check_kept(const struct rule *r, const char *name, bool container)
{
	size_t n;
	const struct mapping *m = mapping_builtin();
	const struct image_source *sources = image_list(&m->sources, &n);
	enum param_keep sql = kept_by_sql(r, name, container);
	n_names++;
	if (sql == KEEP_VALUE)
		return;
	n_dropped++;
	for (size_t i = 0; i <= n; i++) {
		struct span source = i < n ? image_str(&sources[i].name) : SPAN_LIT("unknown");
		enum param_keep keep = mapping_keep(m, source, span_of(name), container);
		if (keep == KEEP_NOTHING || (keep == KEEP_PRESENT && sql == KEEP_PRESENT))
			continue;
		print_message("# %.*s: '%s' (%s) is kept by ingest alone\n", SPAN_ARG(source), name,
		              container ? "container" : "scalar");
		fail();
	}
}

/* As it is, and as CloudTrail spells it: the first letter in lower case. */
static void check_name(const struct rule *r, const char *name)
{
	char lower[80];
	snprintf(lower, sizeof lower, "%s", name);
	lower[0] = ascii_lower(lower[0]);
	for (int container = 0; container < 2; container++) {
		check_kept(r, name, container);
		check_kept(r, lower, container);
	}
}

static bool is_name(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '_' || c == '-' || c == '$';
}

struct found {
	struct span *v;
	size_t n, room;
	struct arena *arena;
};

static void found_add(struct found *f, struct span name)
{
	if (f->n == f->room) {
		f->room = f->room ? 2 * f->room : 1 << 16;
		f->v = realloc(f->v, f->room * sizeof *f->v);
		assert_non_null(f->v);
	}
	f->v[f->n++] = arena_span(f->arena, name);
}

/* All words of a table are taken for names. */
static void read_table(struct found *found, const char *path)
{
	char word[64];
	size_t n = 0;
	int c;
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	while ((c = getc(f)) != EOF) {
		if (is_name((char)c) && n < sizeof word - 1) {
			word[n++] = (char)c;
			continue;
		}
		if (n > 1)
			found_add(found, span_make(word, n));
		n = 0;
	}
	fclose(f);
}

/* What facts.tsv takes from a request: "request.a.b|last(/),'literal'". */
static size_t check_fact(const struct rule *r, struct span where)
{
	size_t n = 0;
	while (where.p) {
		struct span one = span_cut(&where, ','), path = span_cut(&one, '|');
		char name[80];
		if (!span_is(span_cut(&path, '.'), "request"))
			continue;
		struct span member = span_cut(&path, '.');
		snprintf(name, sizeof name, "%.*s", SPAN_ARG(member));
		assert_int_equal(kept_by_sql(r, name, path.p != NULL), KEEP_VALUE);
		n++;
	}
	return n;
}

static void check_facts(const struct rule *r)
{
	struct span source, event;
	struct fact_rule rule;
	size_t n = 0;
	for (size_t i = 0; mapping_fact_at(mapping_builtin(), i, &source, &event, &rule); i++)
		n += check_fact(r, rule.name) + check_fact(r, rule.value);
	assert_true(n > 10);
}

static void the_sql_keeps_every_name_that_ingest_keeps(void **state)
{
	char path[4096];
	struct arena arena;
	struct member_words w;
	struct rule r;
	const char *top = getenv("top_srcdir");
	arena_init(&arena);
	member_words(mapping_builtin(), &arena, &w);
	compile(&r.asked, pattern_asked, &w);
	compile(&r.naming, pattern_naming, &w);
	compile(&r.never, pattern_never, &w);
	compile(&r.marks, pattern_marks, &w);
	compile(&r.presence, pattern_presence, &w);
	compile(&r.closed, pattern_closed, &w);
	static const char *const odd[] = {
	        "secretId",      "SecretId", "tokenId",  "sessionKeyId",
	        "apiKey",        "kmsKey",   "Key",      "keys",
	        "aKeys",         "TagKeys",  "tag_keys", "x-amz-copy-source",
	        "dBInstanceARN", "ARNs",     "vpcIds",   "groupSet",
	        "filterSet",     "filters",  "Metadata", "headers"};
	check_facts(&r);
	struct found found = {.arena = &arena};
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
		check_name(&r, odd[i]);
	for (size_t i = 0; i < w.asked.n; i++)
		found_add(&found, w.asked.v[i]);
	snprintf(path, sizeof path, "%s/mappings/arn.tsv", top);
	read_table(&found, path);
	snprintf(path, sizeof path, "%s/mappings/generated", top);
	DIR *d = opendir(path);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));) {
		size_t n = strlen(e->d_name);
		if (n < 5 || strcmp(e->d_name + n - 4, ".tsv") != 0)
			continue;
		snprintf(path, sizeof path, "%s/mappings/generated/%s", top, e->d_name);
		read_table(&found, path);
	}
	closedir(d);
	/* Each takes a millisecond: a twelfth of them, always the same. */
	found.n = spans_sort_unique(found.v, found.n);
	for (size_t i = 0; i < found.n; i++)
		if (i % 12 == 0)
			check_name(&r, found.v[i].p);
	free(found.v);
	assert_true(n_names > 4000 && n_dropped > 1000);
	release(&r.asked);
	release(&r.naming);
	release(&r.never);
	release(&r.marks);
	release(&r.presence);
	release(&r.closed);
	arena_release(&arena);
}

/* ---- what users name */

static void hostile_names_are_refused_or_quoted(void **state)
{
	static const char *const bad_tables[] = {
	        "",   "a.b.c.d", "a..b", ".a",  "a.",    "t; DROP TABLE x", "t\"",          "t'",
	        "t`", "t\\",     "a b",  "t\n", "t\x01", "t\xff",           "t\xe2\x80\xae"};
	static const char *const bad_places[] = {"", "a'b", "a\"b", "a\\b", "a`b", "a\nb", "a\xff"};
	static const char *const bad_s3[] = {
	        "s3://",      "s3:///a",    "s3://b/*", "s3://b/{a,b}", "s3://b/a?",
	        "s3://b/a b", "http://b/a", "/a",       "s3://b/'",     "s3://b/[a]"};
	for (size_t i = 0; i < sizeof bad_tables / sizeof bad_tables[0]; i++)
		assert_false(table_sound(bad_tables[i]));
	for (size_t i = 0; i < sizeof bad_places / sizeof bad_places[0]; i++)
		assert_false(place_sound(bad_places[i]));
	for (size_t i = 0; i < sizeof bad_s3 / sizeof bad_s3[0]; i++)
		assert_false(s3_place_sound(bad_s3[i]));
	assert_true(table_sound("AwsDataCatalog.logs.cloudtrail-2026@x"));
	assert_true(place_sound("/var/log/trail of Bj\xc3\xb6rn/*.json.gz"));
	assert_true(s3_place_sound("s3://bucket/prefix/AWSLogs/o-0123456789"));
	struct buf b;
	buf_init(&b, 1000);
	add_literal(SPAN_LIT("it's"), &b);
	add_table(SPAN_LIT("a.select"), '"', &b);
	assert_string_equal(buf_str(&b), "'it''s'\"a\".\"select\"");
	buf_release(&b);
}

/* Quotes and parentheses of a statement, outside of comments. */
static void check_balance(const char *text, bool backslash)
{
	long deep = 0;
	char in = 0;
	for (const char *p = text; *p; p++) {
		if (in) {
			if (backslash && *p == '\\' && p[1])
				p++;
			else if (*p == in)
				in = 0;
		} else if (*p == '\'' || *p == '"' || *p == '`') {
			in = *p;
		} else if (p[0] == '-' && p[1] == '-') {
			while (*p && *p != '\n')
				p++;
		} else if (*p == '(' || *p == ')') {
			deep += *p == '(' ? 1 : -1;
			assert_true(deep >= 0);
		} else {
			assert_true(*p != '@' && *p != '%');
		}
	}
	assert_int_equal(in, 0);
	assert_int_equal(deep, 0);
}

/* Responses that tell what later calls do not are kept of the events that facts.tsv names. */
static void check_responses(const char *text)
{
	struct span source, event;
	struct fact_rule rule;
	char name[200];
	size_t n = 0;
	for (size_t i = 0; mapping_fact_at(mapping_builtin(), i, &source, &event, &rule); i++) {
		struct span rest = rule.name, one = span_cut(&rest, ','),
		            path = span_cut(&one, '|');
		if (!span_is(span_cut(&path, '.'), "response"))
			continue;
		struct span member = span_cut(&path, '.');
		snprintf(name, sizeof name, "'%.*s/%.*s'", SPAN_ARG(source), SPAN_ARG(event));
		assert_non_null(strstr(text, name));
		snprintf(name, sizeof name, "'%.*s'", SPAN_ARG(member));
		for (char *c = name; *c; c++)
			*c = ascii_lower(*c);
		assert_non_null(strstr(text, name));
		n++;
	}
	assert_true(n > 5);
}

static void every_engine_gets_a_whole_statement(void **state)
{
	struct span account = SPAN_LIT("111122223333"), region = SPAN_LIT("us-east-1");
	for (int engine = ENGINE_ATHENA; engine <= ENGINE_DUCKDB; engine++) {
		struct reduce_request q = {
		        .engine = (enum engine)engine,
		        .table = "a@b.c",
		        .accounts = {&account, 1},
		        .regions = {&region, 1},
		        .since = 86400,
		        .until = 2 * 86400,
		        .mapping = mapping_builtin(),
		        .sessions = engine % 2,
		        .unload = engine == ENGINE_TRINO ? NULL : "s3://b/x/",
		};
		const struct dialect *d = dialect_of(q.engine);
		struct buf b;
		assert_null(reduce_problem(&q, false));
		struct reducer *r = reducer_new(&q);
		buf_init(&b, LIMIT_REDUCE_TEXT);
		assert_true(reduce_day(r, q.since, &b));
		check_balance(buf_str(&b), d->backslash);
		check_responses(buf_str(&b));
		assert_true(b.n < 60000);
		assert_null(strstr(buf_str(&b), "f_kind"));
		for (const struct field *f = reduce_fields; f->column; f++)
			assert_non_null(strstr(buf_str(&b), f->column));
		reducer_free(r);
		q.fold = 12345;
		r = reducer_new(&q);
		buf_reset(&b);
		assert_true(reduce_day(r, q.since, &b));
		check_balance(buf_str(&b), d->backslash);
		check_responses(buf_str(&b));
		assert_true(b.n < 120000);
		assert_non_null(strstr(buf_str(&b), "f_requests <= 12345 THEN"));
		reducer_free(r);
		if (engine == ENGINE_ATHENA)
			q.source = "s3://b/AWSLogs";
		buf_reset(&b);
		assert_null(reduce_problem(&q, true));
		r = reducer_new(&q);
		assert_true(reduce_table(r, &b));
		check_balance(buf_str(&b), d->backslash);
		reducer_free(r);
		buf_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_sql_keeps_every_name_that_ingest_keeps),
	        cmocka_unit_test(hostile_names_are_refused_or_quoted),
	        cmocka_unit_test(every_engine_gets_a_whole_statement),
	};
	return cmocka_run_group_tests_name("reduce", tests, NULL, NULL);
}
