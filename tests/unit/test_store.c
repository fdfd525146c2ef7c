/* test_store.c - the store: what is kept once, in any order, after any interruption, and what it
 * refuses to open. */
#include "unit.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "store/db.h"
#include "store/sql.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ACCT "111122223333"
#define OWNER "444455556666"
#define DAY 86400
#define T0 ((int64_t)20000 * DAY) /* 2024-10-04 */

static char folder[] = "/tmp/iamreplay-store.XXXXXX";
static char path[64];

static void must(enum status got, const struct err *err)
{
	char line[2048];
	if (got != STATUS_OK)
		fail_msg("%s", err_line(err, line, sizeof line));
}

static struct store *open_store(enum store_mode mode)
{
	struct store_options options = {mode, mapping_builtin()};
	struct store *st = NULL;
	struct err err;
	err_clear(&err);
	must(store_open(path, &options, &st, &err), &err);
	return st;
}

static void close_store(struct store *st)
{
	struct err err;
	err_clear(&err);
	must(store_close(st, &err), &err);
}

static int fresh(void **state)
{
	snprintf(path, sizeof path, "%s/t.db", folder);
	char other[80];
	unlink(path);
	snprintf(other, sizeof other, "%s-wal", path);
	unlink(other);
	snprintf(other, sizeof other, "%s-shm", path);
	unlink(other);
	snprintf(other, sizeof other, "%s-journal", path);
	unlink(other);
	return 0;
}

/* ---- events */

static struct event s3_event(const char *id, int64_t time, const char *name, const char *request)
{
	return (struct event){
	        .kind = EVENT_CALL,
	        .observer = OBSERVED_CLOUDTRAIL,
	        .id = span_of(id),
	        .time = time,
	        .source = SPAN_LIT("s3.amazonaws.com"),
	        .name = span_of(name),
	        .region = SPAN_LIT("eu-west-1"),
	        .recipient = SPAN_LIT(ACCT),
	        .source_ip = SPAN_LIT("192.0.2.1"),
	        .user_agent = SPAN_LIT("[Boto3/1.26 Botocore/1.29]"),
	        .request = span_of(request),
	        .identity = {.present = true,
	                     .type = SPAN_LIT("AssumedRole"),
	                     .arn = SPAN_LIT("arn:aws:sts::" ACCT ":assumed-role/ci/job-1"),
	                     .account = SPAN_LIT(ACCT),
	                     .access_key = SPAN_LIT("ASIAEXAMPLE000000001"),
	                     .issuer = {.arn = SPAN_LIT("arn:aws:iam::" ACCT ":role/team/ci")}},
	};
}

struct put {
	struct store *st;
	struct store_source *src;
	struct normaliser *n;
	struct arena arena;
	uint64_t ordinal;
};

static void begin(struct put *p, struct store *st, const char *name, const struct hash128 *content)
{
	struct store_source_info info = {.name = span_of(name),
	                                 .content = content,
	                                 .window = STORE_WINDOW_ALL,
	                                 .resume = true};
	struct err err;
	err_clear(&err);
	*p = (struct put){.st = st, .n = normaliser_new(mapping_builtin())};
	arena_init(&p->arena);
	must(store_source_begin(st, &info, &p->src, &err), &err);
}

static struct store_counts put(struct put *p, const struct event *e, size_t n)
{
	struct fact *facts = xcalloc(n, sizeof *facts);
	struct store_counts counts;
	struct err err;
	err_clear(&err);
	for (size_t i = 0; i < n; i++)
		normalise(p->n, &e[i], &p->arena, &facts[i]);
	p->ordinal += n;
	struct store_batch b = {.facts = facts, .n_facts = n, .reached = p->ordinal};
	must(store_put(p->st, p->src, &b, &counts, &err), &err);
	arena_reset(&p->arena);
	free(facts);
	return counts;
}

static void done(struct put *p, bool finish)
{
	struct store_source_end end = {.format = "test"};
	struct err err;
	err_clear(&err);
	if (finish)
		must(store_source_finish(p->st, p->src, &end, NULL, &err), &err);
	else
		store_source_leave(p->st, p->src);
	normaliser_free(p->n);
	arena_release(&p->arena);
}

/* ---- what it holds */

static bool head(void *data, const char *const *names, size_t n)
{
	return true;
}

static bool row(void *data, const struct cell *cells, size_t n)
{
	struct buf *b = data;
	for (size_t i = 0; i < n; i++) {
		if (cells[i].kind == CELL_NUMBER)
			buf_addf(b, "%lld", (long long)cells[i].number);
		else if (cells[i].text.p)
			buf_add_span(b, cells[i].text);
		buf_add_char(b, i + 1 < n ? '\t' : '\n');
	}
	return true;
}

static char *report(struct store *st, const char *name)
{
	struct buf b;
	struct store_row_fn fn = {&b, head, row};
	struct err err;
	err_clear(&err);
	buf_init(&b, (size_t)64 << 20);
	must(store_report(st, name, NULL, 0, &fn, &err), &err);
	return buf_take(&b);
}

/* ---- tests */

/* The names of a prepared statement's inputs, each once, with a space after each. */
static void add_inputs(sqlite3_stmt *stmt, char *names, size_t room)
{
	for (int i = 1; i <= sqlite3_bind_parameter_count(stmt); i++) {
		const char *name = sqlite3_bind_parameter_name(stmt, i);
		assert_non_null(name);
		assert_true(strlen(names) + strlen(name) + 1 < room);
		strcat(strcat(names, name + 1), " ");
	}
}

/* All statements of a text; those that make tables are run, the next ones need them. Its inputs are
 * those that its section tells, and all of them have a place in enum sql_input. */
static void prepare_all(sqlite3 *db, const struct sql_text *t)
{
	const char *rest = t->text;
	char inputs[1024] = "", told[1024];
	while (*rest) {
		sqlite3_stmt *stmt = NULL;
		if (sqlite3_prepare_v2(db, rest, -1, &stmt, &rest) != SQLITE_OK)
			fail_msg("%s: %s", t->name, sqlite3_errmsg(db));
		if (stmt && strstr(sqlite3_sql(stmt), "CREATE TEMP "))
			assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
		add_inputs(stmt, inputs, sizeof inputs);
		sqlite3_finalize(stmt);
	}
	snprintf(told, sizeof told, "%s%s", t->inputs, *t->inputs ? " " : "");
	assert_string_equal(inputs, told);
}

static void every_text_is_prepared(void **state)
{
	sqlite3 *db;
	struct store_report r;
	close_store(open_store(STORE_WRITE));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	functions_add(&(struct store){.db = db});
	/* others look into its tables */
	prepare_all(db, &sql_texts[SQL_FILTER_BEGIN]);
	for (size_t i = 0; i < SQL_COUNT; i++)
		prepare_all(db, &sql_texts[i]);
	for (size_t i = 0; i < n_sql_reports; i++)
		prepare_all(db, &sql_reports[i]);
	sqlite3_close(db);
	struct store *st = open_store(STORE_READ);
	for (size_t i = 0; store_report_at(i, &r); i++) {
		char *name = xmemdup0(r.name.p, r.name.n);
		free(report(st, name));
		assert_true(r.summary.n > 0);
		free(name);
	}
	close_store(st);
}

/* A plan that reads every event: of all streams, or of a stream without bounds of time. */
static bool reads_all_events(sqlite3 *db, const char *text)
{
	sqlite3_stmt *stmt = NULL;
	struct buf b;
	bool all = false;
	buf_init(&b, (size_t)1 << 20);
	buf_addf(&b, "EXPLAIN QUERY PLAN %s", text);
	assert_int_equal(sqlite3_prepare_v2(db, b.p, (int)b.n, &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *plan = (const char *)sqlite3_column_text(stmt, 3);
		all |= strcmp(plan, "SCAN e") == 0 || strncmp(plan, "SCAN event", 10) == 0 ||
		       strcmp(plan, "SEARCH e USING PRIMARY KEY (stream=?)") == 0;
	}
	sqlite3_finalize(stmt);
	buf_release(&b);
	return all;
}

/* What grows with the log is its events; what everyday commands ask grows with the distinct calls.
 */
static void no_everyday_question_reads_all_events(void **state)
{
	static const enum sql questions[] = {
	        SQL_PRINCIPAL_LIST, SQL_PRINCIPAL_MATCH, SQL_KEY_PRINCIPALS, SQL_USED_DAYS,
	        SQL_USED_EVENTS,    SQL_ACCESS_LIST,     SQL_CALL_LIST,      SQL_CALL_DAY_LIST,
	        SQL_DAY_LIST,       SQL_LOG_DAYS,        SQL_LOG_WINDOW,     SQL_UNKNOWN_LIST,
	        SQL_EVIDENCE_GET,   SQL_TAGS_SESSIONS,   SQL_TAGS_CALLS,     SQL_EVENT_CONFLICT,
	        SQL_EVENT_GET,      SQL_EVENT_RANGE,     SQL_CAPTURED_PAIRS, SQL_RESOURCE_LIST,
	        SQL_LOG_RESOURCES,  SQL_LOG_RESOURCES_FROM, SQL_LOG_NAMED_FROM, SQL_LOG_PART,
	        SQL_NAMED_UNDERIVED, SQL_NAMED_DERIVED,  SQL_NAMED_ON_DAYS,  SQL_NAMED_AT_ENDS,
	        SQL_NAMED_EVENTS};
	/* These write or count every event. */
	static const char *const whole[] = {"coverage", "export"};
	sqlite3 *db;
	close_store(open_store(STORE_WRITE));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	functions_add(&(struct store){.db = db});
	prepare_all(db, &sql_texts[SQL_FILTER_BEGIN]);
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
		if (reads_all_events(db, sql_texts[questions[i]].text))
			fail_msg("%s reads all events", sql_texts[questions[i]].name);
	for (size_t i = 0; i < n_sql_reports; i++) {
		bool expected = false;
		for (size_t k = 0; k < sizeof whole / sizeof whole[0]; k++)
			expected |= strcmp(whole[k], sql_reports[i].name) == 0;
		if (reads_all_events(db, sql_reports[i].text) != expected)
			fail_msg("report %s reads %s", sql_reports[i].name,
			         expected ? "no longer all events" : "all events");
	}
	sqlite3_close(db);
}

static void an_event_is_kept_once(void **state)
{
	struct put p;
	struct event e[] = {s3_event("a", T0, "GetObject", "{\"bucketName\":\"b\",\"key\":\"k\"}"),
	                    s3_event("b", T0, "GetObject", "{\"bucketName\":\"b\",\"key\":\"k\"}"),
	                    s3_event("a", T0, "GetObject", "{\"bucketName\":\"b\",\"key\":\"k\"}")};
	struct store *st = open_store(STORE_WRITE);
	begin(&p, st, "one", NULL);
	struct store_counts n = put(&p, e, 3);
	assert_int_equal(n.records, 3);
	assert_int_equal(n.stored, 2);
	assert_int_equal(n.duplicates, 1);
	assert_int_equal(n.conflicts, 0);
	/* The session's name is no part of what an event is. */
	e[0].identity.arn = SPAN_LIT("arn:aws:sts::" ACCT ":assumed-role/ci/job-2");
	n = put(&p, e, 1);
	assert_int_equal(n.duplicates, 1);
	done(&p, true);
	close_store(st);
}

static void equal_ids_of_other_content_are_both_kept(void **state)
{
	struct put p;
	struct event e[] = {s3_event("a", T0, "GetObject", "{\"bucketName\":\"b\",\"key\":\"k\"}"),
	                    s3_event("a", T0, "PutObject", "{\"bucketName\":\"b\",\"key\":\"k\"}"),
	                    s3_event("c", T0, "PutObject", "{\"bucketName\":\"b\",\"key\":\"k\"}")};
	struct store *st = open_store(STORE_WRITE);
	begin(&p, st, "one", NULL);
	struct store_counts n = put(&p, e, 3);
	assert_int_equal(n.stored, 3);
	assert_int_equal(n.conflicts, 1);
	done(&p, true);
	close_store(st);
}

static void records_without_id_are_known_by_their_text(void **state)
{
	struct put p;
	struct event e[3];
	for (size_t i = 0; i < 3; i++)
		e[i] = s3_event("", T0, "GetObject", NULL);
	e[0].text = SPAN_LIT("{\"a\":1,\"b\":2}");
	e[1].text = SPAN_LIT("{ \"a\": 1,\n\t\"b\": 2 }");
	e[2].text = SPAN_LIT("{\"a\":1,\"b\":3}");
	struct store *st = open_store(STORE_WRITE);
	begin(&p, st, "one", NULL);
	struct store_counts n = put(&p, e, 3);
	assert_int_equal(n.stored, 2);
	assert_int_equal(n.duplicates, 1);
	done(&p, true);
	close_store(st);
}

static void a_source_is_read_once_per_window(void **state)
{
	struct hash128 content = hash_of(SPAN_LIT("content"));
	struct event e = s3_event("a", T0, "GetObject", NULL);
	struct store_window all = STORE_WINDOW_ALL, some = {T0, T0 + DAY};
	uint64_t resume = 7;
	struct put p;
	struct store *st = open_store(STORE_WRITE);
	assert_int_equal(store_source_lookup(st, &content, &all, &resume), SOURCE_NEW);
	begin(&p, st, "one", &content);
	put(&p, &e, 1);
	done(&p, false);
	close_store(st);

	st = open_store(STORE_WRITE);
	assert_int_equal(store_source_lookup(st, &content, &all, &resume), SOURCE_PARTIAL);
	assert_int_equal(resume, 1);
	assert_int_equal(store_source_lookup(st, &content, &some, &resume), SOURCE_NEW);
	begin(&p, st, "one", &content);
	p.ordinal = 1;
	e.id = SPAN_LIT("b");
	put(&p, &e, 1);
	done(&p, true);
	char *sources = report(st, "sources");
	if (!strstr(sources, "one\tdone\ttest\t0\t\t\t2\t2\t0\t0\t0\t0\t\n"))
		fail_msg("counts of both runs: %s", sources);
	free(sources);
	close_store(st);

	st = open_store(STORE_WRITE);
	assert_int_equal(store_source_lookup(st, &content, &all, &resume), SOURCE_DONE);
	assert_int_equal(store_source_lookup(st, &content, &some, &resume), SOURCE_DONE);
	close_store(st);
}

/* What a killed process had committed is there, what it had not is not, and the next one goes on.
 */
static void a_killed_writer_leaves_whole_batches(void **state)
{
	struct event e[] = {s3_event("a", T0, "GetObject", NULL),
	                    s3_event("b", T0, "GetObject", NULL)};
	struct put p;
	struct err err;
	pid_t child = fork();
	if (child == 0) {
		struct store *st = open_store(STORE_WRITE);
		begin(&p, st, "one", NULL);
		put(&p, e, 1);
		store_flush(st, &err);
		put(&p, e + 1, 1);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	struct store *st = open_store(STORE_READ);
	char *text = report(st, "sources");
	assert_non_null(strstr(text, "one\tpartial\t\t\t\t\t1\t1\t0"));
	free(text);
	close_store(st);
	st = open_store(STORE_WRITE);
	begin(&p, st, "one", NULL);
	struct store_counts n = put(&p, e, 2);
	assert_int_equal(n.stored, 1);
	assert_int_equal(n.duplicates, 1);
	done(&p, true);
	close_store(st);
}

/* Events that exercise every join: keys, paths, twins, folding. */
enum { MANY = STORE_FOLD_CALLS + 300 };

static size_t varied_events(struct event *e, char (*text)[128])
{
	size_t n = 0;
	for (; n < MANY; n++) {
		snprintf(text[n], sizeof text[n],
		         "{\"bucketName\":\"b\",\"key\":\"logs/%zu/%zu/x\"}", n % 3, n);
		e[n] = s3_event(NULL, T0 + (int64_t)(n % 5), "GetObject", text[n]);
		e[n].text = span_of(text[n]);
	}
	/* The role's path is known only from its own event. */
	e[n] = s3_event("path", T0, "ListBuckets", NULL);
	e[n++].identity.issuer.arn = SPAN_NONE;
	/* A captured call's key was given out by AssumeRole. */
	e[n] = s3_event("assume", T0, "AssumeRole",
	                "{\"roleArn\":\"arn:aws:iam::" ACCT
	                ":role/x/target\",\"tags\":[{\"key\":\"k\",\"value\":\"v\"}]}");
	e[n].source = SPAN_LIT("sts.amazonaws.com");
	e[n++].response = SPAN_LIT("{\"credentials\":{\"accessKeyId\":\"ASIAEXAMPLE000000002\"},"
	                           "\"assumedRoleUser\":{\"arn\":\"arn:aws:sts::" ACCT
	                           ":assumed-role/target/s\"}}");
	/* Another log of the same knows neither the tags nor who it was, but for the account. */
	e[n] = e[n - 1];
	e[n].id = SPAN_LIT("assumed");
	e[n].request = SPAN_LIT("{\"roleArn\":\"arn:aws:iam::" ACCT ":role/x/target\"}");
	e[n++].identity = (struct event_identity){
	        .present = true, .type = SPAN_LIT("AWSAccount"), .account = SPAN_LIT(OWNER)};
	e[n] = s3_event(NULL, T0 + 1, "ListBuckets", NULL);
	e[n].observer = OBSERVED_CSM;
	e[n].capture_id = SPAN_LIT("cap");
	e[n].capture_line = 3;
	e[n++].identity = (struct event_identity){.access_key = SPAN_LIT("ASIAEXAMPLE000000002")};
	/* One call, logged for the caller and for the owner of the bucket. */
	e[n] = s3_event("caller", T0, "PutObject", "{\"bucketName\":\"theirs\",\"key\":\"k\"}");
	e[n++].shared_id = SPAN_LIT("shared-1");
	e[n] = s3_event("owner", T0, "PutObject", "{\"bucketName\":\"theirs\",\"key\":\"k\"}");
	e[n].recipient = SPAN_LIT(OWNER);
	e[n++].shared_id = SPAN_LIT("shared-1");
	return n;
}

static void reverse(struct event *e, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct event t = e[i];
		e[i] = e[n - 1 - i];
		e[n - 1 - i] = t;
	}
}

static void order_does_not_matter(void **state)
{
	struct event *e = xcalloc(MANY + 10, sizeof *e);
	char(*text)[128] = xcalloc(MANY + 10, sizeof *text);
	char *events[3], *access[3], *services[3], *chains[3];
	size_t n = varied_events(e, text);
	for (int pass = 0; pass < 3; pass++) {
		struct put p;
		fresh(NULL);
		struct store *st = open_store(STORE_WRITE);
		begin(&p, st, "one", NULL);
		/* Pass 2: in two runs, the joins of the first made before the rest comes in. */
		put(&p, e, pass == 2 ? n / 2 : n);
		done(&p, true);
		if (pass == 2) {
			close_store(st);
			st = open_store(STORE_WRITE);
			begin(&p, st, "two", NULL);
			put(&p, e + n / 2, n - n / 2);
			done(&p, true);
		}
		close_store(st);
		st = open_store(STORE_READ);
		events[pass] = report(st, "export");
		access[pass] = report(st, "access");
		services[pass] = report(st, "services");
		chains[pass] = report(st, "chains");
		close_store(st);
		reverse(e, n);
	}
	for (int pass = 1; pass < 3; pass++) {
		assert_string_equal(events[pass], events[0]);
		assert_string_equal(access[pass], access[0]);
		assert_string_equal(services[pass], services[0]);
		assert_string_equal(chains[pass], chains[0]);
	}
	assert_non_null(strstr(chains[0], "role/team/ci\tarn:aws:iam::" ACCT ":role/x/target"));
	assert_non_null(strstr(events[0], "{\\\"k\\\":\\\"v\\\"}"));
	/* The path was found, the key's role too, the owner's copy not counted. */
	assert_null(strstr(access[0], "role/ci\t"));
	assert_non_null(strstr(access[0], "role/x/target\ts3:ListAllMyBuckets"));
	assert_null(strstr(access[0], "/logs/0/3/x"));
	for (int pass = 0; pass < 3; pass++) {
		free(events[pass]);
		free(access[pass]);
		free(services[pass]);
		free(chains[pass]);
	}
	free(e);
	free(text);
}

struct seen {
	uint64_t events, rows;
	int64_t first, last;
	bool folded;
};

static bool count_access(void *data, const struct access_use *use)
{
	struct seen *s = data;
	if (use->access.need == NEED_DEPENDENT)
		return true; /* what the call may ask besides */
	if (!s->rows++ || use->first < s->first)
		s->first = use->first;
	if (use->last > s->last)
		s->last = use->last;
	s->events += use->events;
	s->folded |= use->folded;
	return true;
}

static bool count_call(void *data, const struct call_use *use)
{
	struct seen *s = data;
	s->rows++;
	s->events += use->events;
	s->folded |= use->folded;
	return true;
}

static void folding_keeps_counts(void **state)
{
	struct event *e = xcalloc(MANY, sizeof *e);
	char(*text)[64] = xcalloc(MANY, sizeof *text);
	struct put p;
	struct err err;
	err_clear(&err);
	for (size_t i = 0; i < MANY; i++) {
		snprintf(text[i], sizeof text[i], "{\"bucketName\":\"b\",\"key\":\"a/%zu\"}", i);
		e[i] = s3_event(NULL, T0 + 2 * DAY * (int64_t)(i % 2), "GetObject", text[i]);
		e[i].text = span_of(text[i]);
	}
	struct store *st = open_store(STORE_WRITE);
	begin(&p, st, "one", NULL);
	put(&p, e, MANY);
	done(&p, true);
	must(store_flush(st, &err), &err);
	struct store_filter f = {.window = STORE_WINDOW_ALL};
	struct seen all = {0}, half = {0};
	must(store_each_call(st, &f, count_call, &all, &err), &err);
	assert_int_equal(all.rows, 1);
	assert_int_equal(all.events, MANY);
	assert_true(all.folded);
	struct seen access = {0};
	must(store_each_access(st, &f, count_access, &access, &err), &err);
	assert_true(access.folded);
	assert_int_equal(access.events, MANY);
	f.window = (struct store_window){T0, T0 + 100};
	must(store_each_call(st, &f, count_call, &half, &err), &err);
	assert_int_equal(half.events, MANY / 2);
	close_store(st);
	free(e);
	free(text);
}

static void windows_and_exclusions(void **state)
{
	struct event e[] = {s3_event("a", T0 - 10, "ListBuckets", NULL),
	                    s3_event("b", T0 + 10, "ListBuckets", NULL),
	                    s3_event("c", T0 + 3 * DAY + 5, "ListBuckets", NULL),
	                    s3_event("d", T0 + 3 * DAY + 50, "ListBuckets", NULL),
	                    s3_event("e", T0 + 20, "ListBuckets", NULL)};
	e[4].user_agent = SPAN_LIT("Mozilla/5.0");
	e[3].identity.arn = SPAN_LIT("arn:aws:sts::" ACCT ":assumed-role/ci/debug-7");
	struct put p;
	struct err err;
	err_clear(&err);
	struct store *st = open_store(STORE_WRITE);
	begin(&p, st, "one", NULL);
	put(&p, e, 5);
	done(&p, true);
	must(store_flush(st, &err), &err);
	struct span agent = SPAN_LIT("console"), session = SPAN_LIT("DEBUG-*"),
	            action = SPAN_LIT("s3:List*"), service = SPAN_LIT("s3");
	struct {
		struct store_filter f;
		uint64_t events;
	} cases[] = {
	        {{.window = STORE_WINDOW_ALL}, 5},
	        {{.window = {T0, INT64_MAX}}, 4},
	        {{.window = {T0 - 10, T0 - 9}}, 1},
	        {{.window = {T0 - 9, T0 + 11}}, 1},
	        {{.window = {T0 + 11, T0 + 3 * DAY + 6}}, 2},
	        {{.window = {T0 + 21, T0 + 3 * DAY + 50}}, 1},
	        {{.window = {T0 + 50, T0}}, 0},
	        {{.window = STORE_WINDOW_ALL, .exclude_agents = &agent, .n_exclude_agents = 1}, 4},
	        {{.window = STORE_WINDOW_ALL,
	          .exclude_sessions = &session,
	          .n_exclude_sessions = 1},
	         4},
	        {{.window = STORE_WINDOW_ALL, .exclude_actions = &action, .n_exclude_actions = 1},
	         0},
	        {{.window = STORE_WINDOW_ALL,
	          .exclude_services = &service,
	          .n_exclude_services = 1},
	         0},
	        {{.window = STORE_WINDOW_ALL, .outcomes = 1u << OUTCOME_DENIED}, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct seen s = {0};
		must(store_each_access(st, &cases[i].f, count_access, &s, &err), &err);
		if (s.events != cases[i].events)
			fail_msg("case %zu: %llu events", i, (unsigned long long)s.events);
	}
	close_store(st);
}

/* ---- session tags */

static struct event tagged_session(const char *id, struct span response, const char *tags)
{
	struct event e = s3_event(id, T0, "AssumeRole", tags);
	e.source = SPAN_LIT("sts.amazonaws.com");
	e.identity = (struct event_identity){.present = true,
	                                     .type = SPAN_LIT("IAMUser"),
	                                     .arn = SPAN_LIT("arn:aws:iam::" ACCT ":user/ann"),
	                                     .account = SPAN_LIT(ACCT)};
	e.response = response;
	return e;
}

#define GIVEN(n)                                                              \
	SPAN_LIT("{\"credentials\":{\"accessKeyId\":\"ASIAEXAMPLE00000000" #n \
	         "\"},\"assumedRoleUser\":{\"arn\":\"arn:aws:sts::" ACCT      \
	         ":assumed-role/ci/job-1\"}}")
#define TAGS(team, stage)                                \
	"{\"tags\":[{\"key\":\"Team\",\"value\":\"" team \
	"\"},{\"key\":\"Stage\",\"value\":\"" stage "\"}]}"

static struct event of_session(const char *id, int64_t time, const char *request, struct span key)
{
	struct event e = s3_event(id, time, request ? "GetObject" : "ListBuckets", request);
	e.identity.access_key = key;
	return e;
}

static bool write_tags(void *data, const struct call_use *use)
{
	struct buf *b = data;
	if (span_is(use->call.source, "s3.amazonaws.com"))
		buf_addf(b, "%.*s %llu %s %.*s\n", SPAN_ARG(use->call.name),
		         (unsigned long long)use->events, use->first > T0 + DAY ? "later" : "first",
		         SPAN_ARG(use->context.session_tags));
	return true;
}

static void is_tagged(struct store *st, const struct store_filter *f, const char *want)
{
	struct buf b;
	struct err err;
	err_clear(&err);
	buf_init(&b, 4096);
	must(store_each_call(st, f, write_tags, &b, &err), &err);
	assert_string_equal(buf_str(&b), want);
	buf_release(&b);
}

static bool take_id(void *data, const struct principal_row *row)
{
	*(int64_t *)data = row->id;
	return true;
}

static void put_tagged(struct store *st, const struct span *keys)
{
	struct event *e = xcalloc(MANY, sizeof *e);
	char(*text)[64] = xcalloc(MANY, sizeof *text);
	struct put p;
	begin(&p, st, "one", NULL);
	for (size_t i = 0; i < MANY; i++) {
		snprintf(text[i], sizeof text[i], "{\"bucketName\":\"b\",\"key\":\"a/%zu\"}", i);
		e[i] = of_session(NULL, T0, text[i], keys[i % 2]);
		e[i].text = span_of(text[i]);
	}
	put(&p, e, MANY);
	/* what gave the keys out comes after what was done with them */
	e[0] = of_session("l1", T0, NULL, keys[0]);
	e[1] = of_session("l3", T0 + 2 * DAY, NULL, keys[2]);
	e[2] = tagged_session("a1", GIVEN(1), TAGS("red", "x"));
	e[3] = tagged_session("a2", GIVEN(2), TAGS("red", "y"));
	e[4] = tagged_session("a3", GIVEN(3), TAGS("blue", "z"));
	put(&p, e, 5);
	done(&p, true);
	free(e);
	free(text);
}

static void tags_come_through_keys(void **state)
{
	const struct span keys[] = {SPAN_LIT("ASIAEXAMPLE000000001"),
	                            SPAN_LIT("ASIAEXAMPLE000000002"),
	                            SPAN_LIT("ASIAEXAMPLE000000003")};
	const struct span team = SPAN_LIT("team");
	const char *of_each = "GetObject 1300 first {\"team\":\"red\"}\n"
	                      "ListBuckets 1 later {\"team\":\"blue\"}\n"
	                      "ListBuckets 1 first {\"team\":\"red\"}\n";
	int64_t role = 0;
	struct err err;
	err_clear(&err);
	const struct store_filter plain = {.window = STORE_WINDOW_ALL};
	const struct store_filter common = {.window = STORE_WINDOW_ALL, .tags = true};
	const struct store_filter day = {.window = {T0, T0 + 100}, .tags = true};
	const struct store_filter each = {
	        .window = STORE_WINDOW_ALL, .tags = true, .tag_keys = &team, .n_tag_keys = 1};
	struct store *st = open_store(STORE_WRITE);
	put_tagged(st, keys);
	close_store(st);
	st = open_store(STORE_READ);
	is_tagged(st, &plain, "GetObject 1300 first \nListBuckets 2 first \n");
	for (int again = 0; again < 2; again++) {
		is_tagged(st, &common,
		          "GetObject 1300 first {\"Team\":\"red\"}\nListBuckets 2 first {}\n");
		is_tagged(st, &plain, "GetObject 1300 first \nListBuckets 2 first \n");
	}
	is_tagged(st, &day,
	          "GetObject 1300 first {\"Team\":\"red\"}\n"
	          "ListBuckets 1 first {\"Stage\":\"x\",\"Team\":\"red\"}\n");
	for (int again = 0; again < 2; again++)
		is_tagged(st, &each, of_each);
	must(store_find_principals(st, SPAN_LIT("role/ci"), SPAN_NONE, take_id, &role, &err), &err);
	for (int64_t id = 4; id > 0; id--) { /* each in turn, and again: no other's is missing */
		struct store_filter one = each;
		one.window.since = T0 - 1;
		one.principals = &id;
		one.n_principals = 1;
		if (id != role)
			is_tagged(st, &one, "");
		one.principals = &role;
		is_tagged(st, &one, of_each);
	}
	/* another program adds a call of a session of which nothing is known */
	struct event e = of_session("l4", T0 + 1, NULL, SPAN_LIT("ASIAEXAMPLE000000004"));
	struct store *writer = open_store(STORE_WRITE);
	struct put p;
	begin(&p, writer, "two", NULL);
	put(&p, &e, 1);
	done(&p, true);
	close_store(writer);
	is_tagged(st, &each,
	          "GetObject 1300 first {\"team\":\"red\"}\n"
	          "ListBuckets 1 first \n"
	          "ListBuckets 1 later {\"team\":\"blue\"}\n"
	          "ListBuckets 1 first {\"team\":\"red\"}\n");
	is_tagged(st, &common, "GetObject 1300 first {\"Team\":\"red\"}\nListBuckets 3 first \n");
	close_store(st);
}

static void evidence_is_the_earliest_event(void **state)
{
	struct event e[] = {s3_event("late", T0 + 9, "ListBuckets", NULL),
	                    s3_event("early", T0 + 1, "ListBuckets", NULL)};
	struct put p;
	struct err err;
	struct arena arena;
	struct evidence ev;
	err_clear(&err);
	arena_init(&arena);
	struct store *st = open_store(STORE_WRITE);
	begin(&p, st, "the file", NULL);
	put(&p, e, 2);
	done(&p, true);
	must(store_flush(st, &err), &err);
	must(store_evidence(st, 1, &arena, &ev, &err), &err);
	assert_true(span_is(ev.event_id, "early"));
	assert_true(span_is(ev.source, "the file"));
	assert_int_equal(store_evidence(st, 99, &arena, &ev, &err), STATUS_END);
	arena_release(&arena);
	close_store(st);
}

static bool count_principal(void *data, const struct principal_row *r)
{
	++*(int *)data;
	return true;
}

static void principals_by_every_name(void **state)
{
	struct event e[] = {
	        s3_event("a", T0, "ListBuckets", NULL), s3_event("b", T0, "ListBuckets", NULL),
	        s3_event("c", T0, "ListBuckets", NULL), s3_event("d", T0, "ListBuckets", NULL)};
	e[1].identity = (struct event_identity){.type = SPAN_LIT("Root"),
	                                        .arn = SPAN_LIT("arn:aws:iam::" ACCT ":root"),
	                                        .account = SPAN_LIT(ACCT)};
	e[2].identity.issuer.arn = SPAN_LIT("arn:aws:iam::" OWNER ":role/ci");
	e[3].identity.issuer.arn = SPAN_LIT(
	        "arn:aws:iam::" ACCT
	        ":role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef");
	e[3].identity.access_key = SPAN_LIT("ASIAEXAMPLE000000003");
	static const struct {
		const char *name;
		int n;
	} cases[] = {
	        {"arn:aws:iam::" ACCT ":role/team/ci", 1},
	        {"role/ci", 2},
	        {"role/team/ci", 0},
	        {"root", 1},
	        {"permission-set/Ops", 1},
	        {"permission-set/*", 1},
	        {"ASIAEXAMPLE000000003", 1},
	        {"*", 4},
	        {"role/*", 3},
	        {"arn:aws:iam::*:role/ci", 1},
	        {"arn:aws:sts::" ACCT ":assumed-role/ci/job-1", 1},
	        {"user/ci", 0},
	        {"", 0},
	};
	struct put p;
	struct err err;
	err_clear(&err);
	struct store *st = open_store(STORE_WRITE);
	begin(&p, st, "one", NULL);
	put(&p, e, 4);
	done(&p, true);
	must(store_flush(st, &err), &err);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int n = 0;
		must(store_find_principals(st, span_of(cases[i].name), SPAN_NONE, count_principal,
		                           &n, &err),
		     &err);
		if (n != cases[i].n)
			fail_msg("%s: %d principals", cases[i].name, n);
	}
	close_store(st);
}

static void run_sql(const char *text)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* CloudTrail, the proxy and monitoring saw one call; another call has the same request id. */
static size_t joined_events(struct event *e)
{
	for (size_t i = 0; i < 4; i++) {
		e[i] = s3_event(NULL, T0 + (int64_t)i, i == 3 ? "ListBuckets" : "PutObject", NULL);
		e[i].request_id = SPAN_LIT("REQUEST1");
	}
	e[0].id = SPAN_LIT("trail");
	for (size_t i = 1; i < 4; i++) {
		e[i].observer = i == 2 ? OBSERVED_CSM : OBSERVED_PROXY;
		e[i].capture_id = SPAN_LIT("capture");
		e[i].capture_line = i;
		e[i].identity =
		        (struct event_identity){.access_key = SPAN_LIT("ASIAEXAMPLE000000001")};
	}
	e[1].request = SPAN_LIT("{\"Bucket\":\"b\",\"Key\":\"k\"}");
	/* An hour later the request id means nothing. */
	e[4] = e[2];
	e[4].time += 3600;
	e[4].capture_line = 9;
	return 5;
}

static void captured_calls_meet_cloudtrail(void **state)
{
	static const int orders[][5] = {
	        {0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 0, 4, 1, 3}, {1, 2, 3, 4, 0}};
	char *first = NULL;
	struct event e[5];
	size_t n = joined_events(e);
	for (size_t i = 0; i < 2 * sizeof orders / sizeof orders[0]; i++) {
		struct put p;
		fresh(NULL);
		struct store *st = open_store(STORE_WRITE);
		begin(&p, st, "one", NULL);
		for (size_t k = 0; k < n; k++) {
			put(&p, &e[orders[i / 2][k]], 1);
			if (i % 2) /* each in a run of its own */ {
				done(&p, true);
				close_store(st);
				st = open_store(STORE_WRITE);
				begin(&p, st, "more", NULL);
			}
		}
		done(&p, true);
		close_store(st);
		st = open_store(STORE_READ);
		char *events = report(st, "export"), *access = report(st, "access"), *all;
		all = xcalloc(1, strlen(events) + strlen(access) + 1);
		strcat(strcat(all, events), access);
		if (!first)
			first = xstrdup(all);
		if (strcmp(first, all) != 0)
			fail_msg("order %zu:\n%s\nnot\n%s", i, all, first);
		if (i == 0) {
			const char *put_object = strstr(access, "s3:PutObject\tarn:aws:s3:::b/k");
			if (!put_object || !strstr(put_object, "allowed\t1\t"))
				fail_msg("joined once: %s", access);
			assert_non_null(strstr(access, "s3:ListAllMyBuckets"));
			assert_null(strstr(access, "access-key"));
			/* three rows: the joined one, the other operation, the one an hour later */
			size_t lines = 0;
			for (const char *c = events; *c; c++)
				lines += *c == '\n';
			assert_int_equal(lines, 3);
		}
		free(events);
		free(access);
		free(all);
		close_store(st);
	}
	free(first);
}

static void another_mapping_derives_again(void **state)
{
	struct event e = s3_event("a", T0, "ListBuckets", NULL);
	struct put p;
	struct store *st = open_store(STORE_WRITE);
	begin(&p, st, "one", NULL);
	put(&p, &e, 1);
	done(&p, true);
	close_store(st);
	char same_mapping[256];
	struct span version = mapping_version(mapping_builtin());
	snprintf(same_mapping, sizeof same_mapping, "%.*s", SPAN_ARG(version));
	/* the second is what a program wrote that resolved calls otherwise */
	const char *const by[] = {"older", same_mapping};
	for (size_t i = 0; i < sizeof by / sizeof by[0]; i++) {
		char sql[512];
		snprintf(sql, sizeof sql,
		         "UPDATE meta SET value = '%s' WHERE key = 'mapping'; "
		         "UPDATE access SET action = 'no:Such'",
		         by[i]);
		run_sql(sql);
		st = open_store(STORE_READ);
		char *text = report(st, "access");
		assert_non_null(strstr(text, "s3:ListAllMyBuckets"));
		assert_null(strstr(text, "no:Such"));
		free(text);
		close_store(st);
	}
}

/* As a user who may not write there: root may write everywhere. */
static int as_nobody(void (*what)(void))
{
	int status;
	pid_t child = fork();
	if (child == 0) {
		if (geteuid() == 0 && setuid(65534) != 0)
			_exit(77);
		what();
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void read_access_as_nobody(void)
{
	struct store_options options = {STORE_READ, mapping_builtin()};
	struct store *st;
	struct err err;
	err_clear(&err);
	if (store_open(path, &options, &st, &err) != STATUS_OK)
		_exit(1);
	char *text = report(st, "access");
	if (!strstr(text, "s3:ListAllMyBuckets"))
		_exit(2);
	free(text);
	store_close(st, NULL);
	options.mode = STORE_WRITE;
	if (store_open(path, &options, &st, &err) == STATUS_OK)
		_exit(3);
	if (!err.reason || strcmp(err.reason, "read-only") != 0)
		_exit(4);
}

static void a_read_only_folder_can_be_read(void **state)
{
	struct event e = s3_event("a", T0, "ListBuckets", NULL);
	struct put p;
	struct store *st = open_store(STORE_WRITE);
	begin(&p, st, "one", NULL);
	put(&p, &e, 1);
	done(&p, true);
	close_store(st);
	chmod(path, 0444);
	chmod(folder, 0555);
	int first = as_nobody(read_access_as_nobody);
	chmod(folder, 0755);
	chmod(path, 0644);
	run_sql("UPDATE meta SET value = 'older' WHERE key = 'mapping'; UPDATE access SET action = "
	        "'no:Such'");
	chmod(path, 0444);
	chmod(folder, 0555);
	int derived = as_nobody(read_access_as_nobody);
	chmod(folder, 0700);
	assert_int_equal(first, 0);
	assert_int_equal(derived, 0);
}

static void write_file(const char *text, size_t n)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	fwrite(text, 1, n, f);
	fclose(f);
}

static void refused(enum store_mode mode, const char *reason)
{
	struct store_options options = {mode, mapping_builtin()};
	struct store *st = NULL;
	struct err err;
	err_clear(&err);
	assert_int_equal(store_open(path, &options, &st, &err), STATUS_STOP);
	assert_null(st);
	if (!err.reason || strcmp(err.reason, reason) != 0)
		fail_msg("reason %s (%s), not %s", err.reason ? err.reason : "none", err.text,
		         reason);
	assert_string_equal(err.where, path);
}

/* ---- whose uses count */

struct told_names {
	size_t n;
	bool derived; /* by another process, in the middle */
};

static bool derive_in_between(void *data, struct span resource)
{
	struct told_names *t = data;
	const struct store_filter all = {.window = STORE_WINDOW_ALL};
	struct seen ignored = {0};
	struct err err;
	(void)resource;
	t->n++;
	if (t->derived)
		return true;
	t->derived = true;
	err_clear(&err);
	struct store *other = open_store(STORE_READ);
	must(store_each_access(other, &all, count_access, &ignored, &err), &err);
	close_store(other);
	return true;
}

static void names_are_told_that_others_derive_meanwhile(void **state)
{
	enum { NAMES = 300 }; /* more than are looked at at once */
	static char ids[NAMES][16], params[NAMES][64];
	struct event e[NAMES];
	struct told_names told = {0};
	const struct store_filter f = {.window = STORE_WINDOW_ALL};
	struct put p;
	struct err err;
	err_clear(&err);
	for (int i = 0; i < NAMES; i++) {
		snprintf(ids[i], sizeof ids[i], "n%d", i);
		snprintf(params[i], sizeof params[i], "{\"bucketName\":\"b\",\"key\":\"k%03d\"}", i);
		e[i] = s3_event(ids[i], T0 + i, "GetObject", params[i]);
	}
	struct store *st = open_store(STORE_WRITE);
	begin(&p, st, "one", NULL);
	put(&p, e, NAMES);
	done(&p, true);
	close_store(st);
	st = open_store(STORE_READ);
	must(store_each_resource(st, &f, SPAN_LIT("arn:aws:s3:::b/k"), derive_in_between, &told, &err),
	     &err);
	assert_true(told.derived);
	assert_int_equal(told.n, NAMES);
	close_store(st);
}

static void others_databases_are_refused(void **state)
{
	char junk[4096];
	refused(STORE_READ, "no-database");
	memset(junk, 'x', sizeof junk);
	write_file(junk, sizeof junk);
	refused(STORE_READ, "not-a-database");
	refused(STORE_WRITE, "not-a-database");
	write_file("", 0);
	refused(STORE_READ, "no-database");

	fresh(NULL);
	run_sql("CREATE TABLE theirs (x)");
	refused(STORE_READ, "other-program");
	refused(STORE_WRITE, "other-program");

	fresh(NULL);
	close_store(open_store(STORE_WRITE));
	run_sql("PRAGMA user_version = 99");
	refused(STORE_READ, "newer");
	refused(STORE_WRITE, "newer");
	run_sql("PRAGMA user_version = -1");
	refused(STORE_READ, "altered");
	refused(STORE_WRITE, "altered");

	fresh(NULL);
	close_store(open_store(STORE_WRITE));
	struct stat sb;
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	assert_int_equal(truncate(path, sb.st_size / 2), 0);
	refused(STORE_READ, "damaged");
}

/* A statement of ours on a schema of somebody else's may never end. */
static void altered_schemas_are_refused(void **state)
{
	static const char *const changes[] = {
	        "DROP TABLE word; CREATE VIEW word AS SELECT 'outcome' AS kind, 1 AS id, 'allowed' AS word",
	        "DROP TABLE conflict",
	        "DROP VIEW events",
	        "DROP VIEW events; CREATE VIEW events AS SELECT * FROM calls",
	        "ALTER TABLE event ADD COLUMN more AS (printf('%.100000c', 'x'))",
	        "CREATE INDEX slow ON event (printf('%.100000c', 'x'))",
	        "DROP INDEX access_resource; CREATE INDEX access_resource ON access (action)",
	        "ALTER TABLE meta RENAME COLUMN value TO other",
	        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'TEXT', 'BLOB') WHERE name = 'meta'",
	};
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		fresh(NULL);
		close_store(open_store(STORE_WRITE));
		run_sql(changes[i]);
		refused(STORE_READ, "altered");
		refused(STORE_WRITE, "altered");
		refused(STORE_TAKE, "altered");
	}
	/* what a user adds beside ours, and what a killed first ingest has not made yet */
	fresh(NULL);
	close_store(open_store(STORE_WRITE));
	run_sql("CREATE TABLE mine (x); CREATE INDEX mine_x ON mine (x); CREATE VIEW my_events AS SELECT * FROM events; "
	        "DROP INDEX access_resource");
	close_store(open_store(STORE_READ));
	close_store(open_store(STORE_WRITE));
}

static void the_schema_is_known(void **state)
{
	char hex[2 * HASH_BYTES + 1];
	close_store(open_store(STORE_WRITE));
	struct store *st = open_store(STORE_WRITE);
	bool known = schema_is_newest(st, hex);
	close_store(st);
	if (!known)
		fail_msg("the schema has another hash, %s: keep it in src/store/schema.c", hex);
}

static int make_folder(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	fresh(NULL);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(every_text_is_prepared, fresh),
	        cmocka_unit_test_setup(no_everyday_question_reads_all_events, fresh),
	        cmocka_unit_test_setup(an_event_is_kept_once, fresh),
	        cmocka_unit_test_setup(equal_ids_of_other_content_are_both_kept, fresh),
	        cmocka_unit_test_setup(records_without_id_are_known_by_their_text, fresh),
	        cmocka_unit_test_setup(a_source_is_read_once_per_window, fresh),
	        cmocka_unit_test_setup(a_killed_writer_leaves_whole_batches, fresh),
	        cmocka_unit_test_setup(order_does_not_matter, fresh),
	        cmocka_unit_test_setup(folding_keeps_counts, fresh),
	        cmocka_unit_test_setup(windows_and_exclusions, fresh),
	        cmocka_unit_test_setup(tags_come_through_keys, fresh),
	        cmocka_unit_test_setup(evidence_is_the_earliest_event, fresh),
	        cmocka_unit_test_setup(principals_by_every_name, fresh),
	        cmocka_unit_test_setup(captured_calls_meet_cloudtrail, fresh),
	        cmocka_unit_test_setup(another_mapping_derives_again, fresh),
	        cmocka_unit_test_setup(a_read_only_folder_can_be_read, fresh),
	        cmocka_unit_test_setup(names_are_told_that_others_derive_meanwhile, fresh),
	        cmocka_unit_test_setup(others_databases_are_refused, fresh),
	        cmocka_unit_test_setup(altered_schemas_are_refused, fresh),
	        cmocka_unit_test_setup(the_schema_is_known, fresh),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
