/* fuzz_rows.c - fuzz: a database whose rows somebody altered. The input is a list of changes: a
 * table, a column, which rows, and a value of any type. Whatever the rows say, reading them ends
 * with an answer or an error that is told, and more can be taken in. */
#define _GNU_SOURCE
#include "fuzz.h"

#include "app/gather.h"
#include "events/decoder.h"
#include "records/reader.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_INPUT = 4096, MOST_CHANGES = 16, MOST_COLUMNS = 256 };

static const char records[] =
        "{\"Records\":["
        "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-03-01T10:00:00Z\",\"eventSource\":\"s3."
        "amazonaws.com\","
        "\"eventName\":\"GetObject\",\"awsRegion\":\"eu-west-1\",\"sourceIPAddress\":\"198.51.100."
        "7\",\"userAgent\":"
        "\"aws-cli/"
        "2.15\",\"userIdentity\":{\"type\":\"AssumedRole\",\"principalId\":\"AROAEXAMPLE:run\","
        "\"arn\":"
        "\"arn:aws:sts::111122223333:assumed-role/ci/"
        "run\",\"accountId\":\"111122223333\",\"accessKeyId\":"
        "\"ASIAEXAMPLE\",\"sessionContext\":{\"sessionIssuer\":{\"type\":\"Role\",\"arn\":"
        "\"arn:aws:iam::111122223333:role/team/"
        "ci\",\"accountId\":\"111122223333\",\"userName\":\"ci\"}}},"
        "\"requestParameters\":{\"bucketName\":\"data\",\"key\":\"a/"
        "b.json\"},\"responseElements\":null,\"eventID\":"
        "\"11111111-1111-4111-8111-111111111111\",\"requestID\":\"r1\",\"eventType\":"
        "\"AwsApiCall\",\"readOnly\":true,"
        "\"recipientAccountId\":\"111122223333\"},"
        "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-03-02T10:00:00Z\",\"eventSource\":\"iam."
        "amazonaws.com\","
        "\"eventName\":\"CreateRole\",\"awsRegion\":\"us-east-1\",\"sourceIPAddress\":"
        "\"cloudformation.amazonaws.com\","
        "\"userAgent\":\"cloudformation.amazonaws.com\",\"userIdentity\":{\"type\":\"IAMUser\","
        "\"principalId\":"
        "\"AIDAEXAMPLE\",\"arn\":\"arn:aws:iam::111122223333:user/"
        "ana\",\"accountId\":\"111122223333\","
        "\"userName\":\"ana\",\"invokedBy\":\"cloudformation.amazonaws.com\"},"
        "\"requestParameters\":{\"roleName\":"
        "\"app\"},\"errorCode\":\"AccessDenied\",\"errorMessage\":\"User: "
        "arn:aws:iam::111122223333:user/ana is not "
        "authorized to perform: iam:CreateRole on resource: arn:aws:iam::111122223333:role/app "
        "because no "
        "identity-based policy allows the iam:CreateRole "
        "action\",\"eventID\":\"22222222-2222-4222-8222-222222222222\","
        "\"requestID\":\"r2\",\"eventType\":\"AwsApiCall\",\"recipientAccountId\":\"111122223333\"}"
        "]}";

static struct {
	char folder[64], whole[96], altered[96];
	void *bytes; /* of the whole database */
	size_t n;
} run;

static void demand(bool holds)
{
	if (!holds)
		abort();
}

/* ---- the database as it was */

struct taking {
	struct store *store;
	struct store_source *source;
	struct normaliser *normaliser;
	struct arena arena;
	uint64_t ordinal;
	bool failed;
};

static void on_event(void *data, const struct event *e)
{
	struct taking *t = data;
	struct fact fact;
	struct err err;
	uint64_t ordinal = ++t->ordinal;
	err_clear(&err);
	normalise(t->normaliser, e, &t->arena, &fact);
	const struct store_batch batch = {&fact, 1, NULL, 0, ordinal, &ordinal};
	t->failed |= store_put(t->store, t->source, &batch, NULL, &err) != STATUS_OK;
}

static void on_ignored(void *data, const char *kind)
{
}

static void on_lost(void *data, const struct err *err)
{
}

static void decode_all(struct taking *t)
{
	const struct event_sink sink = {t, on_event, on_ignored, on_lost};
	struct stream *stream = stream_new(NULL);
	struct reader *reader = reader_new();
	struct arena arena;
	struct record rec;
	struct err err;
	arena_init(&arena);
	err_clear(&err);
	stream_open_memory(stream, span_of(records));
	reader_begin(reader, stream);
	while (reader_next(reader, &rec, &err) == STATUS_OK) {
		(void)decoder_cloudtrail.decode(NULL, &rec, &arena, &sink, &err);
		arena_reset(&arena);
	}
	arena_release(&arena);
	reader_free(reader);
	stream_free(stream);
}

/* Takes the records into the database at path; false if it does not let itself be written. */
static bool take_in(const char *path)
{
	const struct store_options options = {STORE_WRITE, mapping_builtin()};
	const struct store_source_info info = {SPAN_LIT("fuzz"), NULL, STORE_WINDOW_ALL, false};
	const struct store_source_end end = {.size = sizeof records};
	struct taking t = {.ordinal = 0};
	struct err err;
	err_clear(&err);
	if (store_open(path, &options, &t.store, &err) != STATUS_OK)
		return false;
	if (store_source_begin(t.store, &info, &t.source, &err) == STATUS_OK) {
		t.normaliser = normaliser_new(mapping_builtin());
		arena_init(&t.arena);
		decode_all(&t);
		arena_release(&t.arena);
		normaliser_free(t.normaliser);
		if (t.failed)
			store_source_leave(t.store, t.source);
		else
			t.failed = store_source_finish(t.store, t.source, &end, NULL, &err) !=
			           STATUS_OK;
	} else
		t.failed = true;
	return store_close(t.store, &err) == STATUS_OK && !t.failed;
}

static void end_run(void)
{
	unlink(run.whole);
	unlink(run.altered);
	rmdir(run.folder);
	free(run.bytes);
}

static void begin_run(void)
{
	struct stat st;
	const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(run.folder, sizeof run.folder, "%s/fuzz-rows-XXXXXX", folder);
	demand(mkdtemp(run.folder) != NULL);
	snprintf(run.whole, sizeof run.whole, "%s/whole.db", run.folder);
	snprintf(run.altered, sizeof run.altered, "%s/altered.db", run.folder);
	demand(take_in(run.whole) && stat(run.whole, &st) == 0);
	run.n = (size_t)st.st_size;
	run.bytes = malloc(run.n);
	FILE *f = fopen(run.whole, "rb");
	demand(f && run.bytes && fread(run.bytes, 1, run.n, f) == run.n);
	fclose(f);
	demand(atexit(end_run) == 0);
}

/* ---- altering it */

struct input {
	const uint8_t *p;
	size_t n;
};

static unsigned take(struct input *in)
{
	unsigned byte = in->n ? *in->p : 0;
	in->p += in->n > 0;
	in->n -= in->n > 0;
	return byte;
}

static void bind_value(sqlite3_stmt *st, struct input *in)
{
	static const int64_t whole[] = {INT64_MIN,        -1,       0, 1, 2, 255, INT64_C(1) << 31,
	                                INT64_C(1) << 53, INT64_MAX};
	unsigned kind = take(in), n = take(in);
	n = n < in->n ? n : (unsigned)in->n;
	switch (kind % 6) {
	case 0: sqlite3_bind_null(st, 1); break;
	case 1: sqlite3_bind_int64(st, 1, whole[n % (sizeof whole / sizeof *whole)]); return;
	case 2: sqlite3_bind_double(st, 1, n & 1 ? 1e300 : -0.5); return;
	case 3: sqlite3_bind_blob(st, 1, in->p, (int)n, SQLITE_TRANSIENT); break;
	default: sqlite3_bind_text(st, 1, (const char *)in->p, (int)n, SQLITE_TRANSIENT); break;
	}
	in->p += n;
	in->n -= n;
}

/* UPDATE of the column that the input names, the at-th of all; nothing where the schema forbids it.
 */
static void change(sqlite3 *db, struct input *in)
{
	static const char columns[] = "SELECT m.name, c.name FROM sqlite_master m, "
	                              "pragma_table_info(m.name) c WHERE m.type = 'table' AND "
	                              "m.name NOT LIKE 'sqlite_%' ORDER BY 1, 2 LIMIT 1 OFFSET ?";
	static const char *const rows[] = {"", " WHERE rowid % 2", " WHERE rowid = 1"};
	unsigned at = take(in), which = take(in);
	sqlite3_stmt *st, *update;
	demand(sqlite3_prepare_v2(db, columns, -1, &st, NULL) == SQLITE_OK);
	sqlite3_bind_int(st, 1, (int)at);
	if (sqlite3_step(st) == SQLITE_ROW) {
		char *sql = sqlite3_mprintf("UPDATE OR IGNORE \"%w\" SET \"%w\" = ?%s",
		                            sqlite3_column_text(st, 0), sqlite3_column_text(st, 1),
		                            rows[which % 3]);
		if (sqlite3_prepare_v2(db, sql, -1, &update, NULL) == SQLITE_OK) {
			bind_value(update, in);
			(void)sqlite3_step(update);
			sqlite3_finalize(update);
		}
		sqlite3_free(sql);
	}
	sqlite3_finalize(st);
}

static void alter(struct input *in)
{
	sqlite3 *db;
	FILE *f = fopen(run.altered, "wb");
	demand(f && fwrite(run.bytes, 1, run.n, f) == run.n && fclose(f) == 0 &&
	       chmod(run.altered, 0600) == 0);
	demand(sqlite3_open(run.altered, &db) == SQLITE_OK);
	sqlite3_exec(db,
	             "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA "
	             "ignore_check_constraints = ON",
	             NULL, NULL, NULL);
	for (int i = 0; in->n && i < MOST_CHANGES; i++)
		change(db, in);
	demand(sqlite3_close(db) == SQLITE_OK);
}

/* ---- reading it */

static bool head(void *data, const char *const *names, size_t n)
{
	return n > 0 && n < MOST_COLUMNS;
}

static bool row(void *data, const struct cell *cells, size_t n)
{
	return n > 0;
}

static bool principal(void *data, const struct principal_row *p)
{
	return p->events > 0;
}

/* The report that which names; past the last one, all principals. */
static void read_report(struct store *store, unsigned which)
{
	const struct store_row_fn fn = {NULL, head, row};
	struct store_report report;
	struct err err;
	char name[64];
	err_clear(&err);
	if (!store_report_at(which % 32, &report)) {
		(void)store_each_principal(store, SPAN_NONE, principal, NULL, &err);
		return;
	}
	snprintf(name, sizeof name, "%.*s", SPAN_ARG(report.name));
	(void)store_report(store, name, NULL, 0, &fn, &err);
}

static void make_policies(const struct policy_request *r, struct policy_source *s)
{
	struct subjects subjects;
	struct err err;
	err_clear(&err);
	if (subjects_find(r, s, SUBJECTS_ALL_EDITABLE, &subjects, &err) != STATUS_OK)
		return;
	for (size_t i = 0; i < subjects.n; i++) {
		struct gathered g;
		struct policy policy;
		gathered_init(&g);
		err_clear(&err);
		if (gather_subject(r, s, &subjects.s[i], &g, &err) == STATUS_OK) {
			(void)gather_policy(s, &g, &policy, &err);
			policy_release(&policy);
		}
		gathered_release(&g);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input in = {data, n};
	struct policy_request r;
	struct policy_source s;
	struct err err;
	if (n == 0 || n > MOST_INPUT)
		return 0;
	if (!run.bytes)
		begin_run();
	unsigned how = take(&in);
	alter(&in);
	if (how % 4 == 3) {
		(void)take_in(run.altered);
		return 0;
	}
	policy_request_init(&r);
	r.database.db = run.altered;
	err_clear(&err);
	if (policy_source_open(&r, &s, &err) != STATUS_OK) {
		demand(err_is_set(&err));
		return 0;
	}
	if (how % 4 == 0)
		make_policies(&r, &s);
	else
		read_report(s.store, how / 4);
	policy_source_close(&s);
	return 0;
}
