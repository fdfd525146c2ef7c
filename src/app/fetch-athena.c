/* fetch-athena.c - app: see fetch-athena.h.
 * https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html */
#include "config.h"

#include "app/fetch-athena.h"

#include "base/alloc.h"
#include "base/json-writer.h"
#include "fetch/json-api.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_PAUSE_MS = 500, LONGEST_PAUSE_MS = 5000, LIMIT_ID = 128 };

struct running {
	const struct fetch_athena *q;
	struct client *client;
	struct http_answer a;
	char id[LIMIT_ID];
};

static enum status ask(struct running *r, const char *target, struct span body, struct err *err)
{
	char name[64];
	snprintf(name, sizeof name, "AmazonAthena.%s", target);
	enum status status = json_api_call(r->q->session, r->client, "athena", r->q->region, name,
	                                   body, &r->a, NULL, err);
	return status == STATUS_OK ? STATUS_OK : STATUS_STOP;
}

/* Where the first statement ends: at its ';', or text.n. */
static size_t statement_end(struct span text)
{
	char quote = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (quote) {
			quote = c == quote ? 0 : quote;
		} else if (c == '\'' || c == '"' || c == '`') {
			quote = c;
		} else if (span_starts(span_from(text, i), SPAN_LIT("--"))) {
			while (i + 1 < text.n && text.p[i + 1] != '\n')
				i++;
		} else if (c == ';') {
			struct span behind = span_from(text, i + 1);
			if (span_trim(span_cut(&behind, '\n')).n == 0)
				return i;
		}
	}
	return text.n;
}

struct span athena_statement(struct span *rest)
{
	struct span text = *rest;
	size_t end = statement_end(text);
	bool last = end == text.n || span_trim(span_from(text, end + 1)).n == 0;
	*rest = last ? SPAN_NONE : span_trim(span_from(text, end + 1));
	return end < text.n ? span_trim(span_sub(text, 0, end)) : text;
}

static bool write_start(const struct fetch_athena *q, struct buf *out)
{
	unsigned char random[16];
	char token[2 * sizeof random + 1];
	struct json_writer w;
	randombytes_buf(random, sizeof random);
	sodium_bin2hex(token, sizeof token, random, sizeof random);
	json_to_buf(&w, out, LAYOUT_COMPACT);
	json_begin_object(&w);
	json_member_text(&w, "QueryString", q->statement);
	/* The same query is not started twice when its answer is lost. */
	json_member_text(&w, "ClientRequestToken", span_of(token));
	json_member_text(&w, "WorkGroup", span_of(q->workgroup ? q->workgroup : "primary"));
	if (q->database) {
		json_key(&w, "QueryExecutionContext");
		json_begin_object(&w);
		json_member_text(&w, "Database", span_of(q->database));
		json_end_object(&w);
	}
	if (q->output) {
		json_key(&w, "ResultConfiguration");
		json_begin_object(&w);
		json_member_text(&w, "OutputLocation", span_of(q->output));
		json_end_object(&w);
	}
	json_end_object(&w);
	return json_finish(&w);
}

static bool is_id(const char *s)
{
	size_t n = s ? strlen(s) : 0;
	return n > 0 && n < LIMIT_ID &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == n;
}

static enum status start(struct running *r, struct err *err)
{
	struct buf body;
	buf_init(&body, 8 * LIMIT_STATEMENT);
	enum status status = write_start(r->q, &body)
	                             ? ask(r, "StartQueryExecution", buf_span(&body), err)
	                             : err_set(err, STATUS_STOP, "statement", "it is too long");
	buf_release(&body);
	if (status != STATUS_OK)
		return status;
	json_t *o = json_loadb(r->a.body.p, r->a.body.n, 0, NULL);
	const char *id = json_string_value(json_object_get(o, "QueryExecutionId"));
	if (is_id(id))
		memcpy(r->id, id, strlen(id) + 1);
	else
		status = err_set(err, STATUS_STOP, "answer", "Athena names no query");
	json_decref(o);
	return status;
}

static enum status ask_about(struct running *r, const char *target, struct err *err)
{
	char body[LIMIT_ID + 32];
	snprintf(body, sizeof body, "{\"QueryExecutionId\":\"%s\"}", r->id);
	return ask(r, target, span_of(body), err);
}

/* STATUS_END: it runs on. */
static enum status look(struct running *r, struct athena_result *result, struct err *err)
{
	enum status status = ask_about(r, "GetQueryExecution", err);
	if (status != STATUS_OK)
		return status;
	json_t *o = json_loadb(r->a.body.p, r->a.body.n, 0, NULL);
	const json_t *query = json_object_get(o, "QueryExecution");
	const json_t *state = json_object_get(query, "Status");
	const char *word = json_string_value(json_object_get(state, "State"));
	const char *reason = json_string_value(json_object_get(state, "StateChangeReason"));
	const char *where = json_string_value(
	        json_object_get(json_object_get(query, "ResultConfiguration"), "OutputLocation"));
	if (!word)
		status = err_set(err, STATUS_STOP, "answer", "Athena tells no state");
	else if (strcmp(word, "QUEUED") == 0 || strcmp(word, "RUNNING") == 0)
		status = STATUS_END;
	else if (strcmp(word, "SUCCEEDED") != 0)
		status = err_set(err, STATUS_STOP, "query", "query %s %s%s%s", r->id, word,
		                 reason ? ": " : "", reason ? reason : "");
	else if (where && strncmp(where, "s3://", 5) == 0)
		result->location = xstrdup(where);
	json_decref(o);
	return status;
}

/* ---- results that Athena keeps
 * https://docs.aws.amazon.com/athena/latest/ug/managed-results.html */

enum { ROWS_A_PAGE = 1000, LIMIT_PAGES = 10000000 };
/* One row; a record of CloudTrail has at most 256 KB, of which quotes double. */
#define LIMIT_ROW ((size_t)32 << 20)

/* RFC 4180; a cell without a value is empty, and no value is changed: the reader is this program.
 */
static void add_cell(struct buf *b, const json_t *cell)
{
	const char *value = json_string_value(json_object_get(cell, "VarCharValue"));
	if (!value)
		return;
	buf_add_char(b, '"');
	for (; *value; value++) {
		if (*value == '"')
			buf_add_char(b, '"');
		buf_add_char(b, *value);
	}
	buf_add_char(b, '"');
}

static enum status add_rows(struct spool *to, const json_t *rows, struct err *err)
{
	struct buf line;
	buf_init(&line, LIMIT_ROW);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *cells = json_object_get(json_array_get(rows, i), "Data");
		buf_reset(&line);
		for (size_t c = 0; c < json_array_size(cells); c++) {
			if (c)
				buf_add_char(&line, ',');
			add_cell(&line, json_array_get(cells, c));
		}
		buf_add_char(&line, '\n');
		if (line.full || !spool_add(to, line.p, line.n)) {
			bool full = line.full;
			buf_release(&line);
			return err_set(err, STATUS_STOP, "query", "a row %s",
			               full ? "is larger than 32 MiB"
			                    : "can't be kept in a temporary file");
		}
	}
	buf_release(&line);
	return STATUS_OK;
}

static bool write_page(const struct running *r, const char *token, struct buf *out)
{
	struct json_writer w;
	json_to_buf(&w, out, LAYOUT_COMPACT);
	json_begin_object(&w);
	json_member_text(&w, "QueryExecutionId", span_of(r->id));
	json_member_u64(&w, "MaxResults", ROWS_A_PAGE);
	if (token)
		json_member_text(&w, "NextToken", span_of(token));
	json_end_object(&w);
	return json_finish(&w);
}

/* One page; *token is the next one's, to be freed, NULL after the last. */
static enum status take_page(struct running *r, char **token, struct spool *to, struct err *err)
{
	struct buf body;
	buf_init(&body, 1 << 16);
	enum status status = write_page(r, *token, &body)
	                             ? ask(r, "GetQueryResults", buf_span(&body), err)
	                             : err_set(err, STATUS_STOP, "answer", "a token is too long");
	buf_release(&body);
	free(*token);
	*token = NULL;
	if (status != STATUS_OK)
		return status;
	json_t *o = json_loadb(r->a.body.p, r->a.body.n, 0, NULL);
	const json_t *rows = json_object_get(json_object_get(o, "ResultSet"), "Rows");
	const char *next = json_string_value(json_object_get(o, "NextToken"));
	if (!json_is_array(rows))
		status = err_set(err, STATUS_STOP, "answer", "Athena's answer has no rows");
	else
		status = add_rows(to, rows, err);
	if (status == STATUS_OK && next)
		*token = xstrdup(next);
	json_decref(o);
	return status;
}

static enum status read_rows(struct running *r, struct athena_result *result, struct err *err)
{
	char *token = NULL;
	enum status status;
	unsigned pages = 0;
	spool_begin(&result->rows);
	do
		status = take_page(r, &token, &result->rows, err);
	while (status == STATUS_OK && token && ++pages < LIMIT_PAGES);
	if (status == STATUS_OK && token)
		status = err_set(err, STATUS_STOP, "answer", "Athena's answers do not end");
	free(token);
	return status;
}

/* ---- all together */

static enum status await(struct running *r, struct athena_result *result, struct err *err)
{
	int64_t pause = FIRST_PAUSE_MS;
	enum status status;
	while ((status = look(r, result, err)) == STATUS_END) {
		if (!client_pause(r->client, pause))
			return err_set(err, STATUS_STOP, "interrupted",
			               "interrupted; query %s runs on in Athena", r->id);
		pause = pause * 2 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : pause * 2;
	}
	return status;
}

enum status fetch_athena_run(const struct fetch_athena *q, struct athena_result *result,
                             struct err *err)
{
	struct running r = {.q = q, .client = session_client(q->session)};
	char line[LIMIT_ID + 32];
	http_answer_init(&r.a, LIMIT_ANSWER);
	enum status status = start(&r, err);
	if (status == STATUS_OK) {
		snprintf(line, sizeof line, "query %s was started", r.id);
		q->note(q->data, line);
		status = await(&r, result, err);
	}
	if (status == STATUS_OK && !result->location) {
		snprintf(result->name, sizeof result->name, "%s.csv", r.id);
		status = read_rows(&r, result, err);
	}
	http_answer_release(&r.a);
	client_free(r.client);
	return status;
}

void athena_result_init(struct athena_result *r)
{
	*r = (struct athena_result){.location = NULL};
	spool_init(&r->rows);
}

void athena_result_release(struct athena_result *r)
{
	free(r->location);
	spool_release(&r->rows);
}

/* ---- as a feed */

static enum status feed_next(void *data, struct pipeline_item *out, struct err *err)
{
	struct athena_result *r = data;
	if (r->given)
		return STATUS_END;
	r->given = true;
	char *name = xcalloc(1, sizeof r->name + 8);
	sprintf(name, "athena:%s", r->name);
	*out = (struct pipeline_item){.name = name, .content = hash_of(span_of(name))};
	return STATUS_OK;
}

static enum status feed_bring(void *data, unsigned worker, struct pipeline_item *item,
                              struct span *bytes, const char **file, struct err *err)
{
	struct athena_result *r = data;
	spool_end(&r->rows, bytes, file);
	return STATUS_OK;
}

static void feed_drop(void *data, struct pipeline_item *item)
{
}

const struct pipeline_feed *athena_result_feed(struct athena_result *r)
{
	r->given = false;
	r->feed = (struct pipeline_feed){r, feed_next, feed_bring, feed_drop};
	return &r->feed;
}
