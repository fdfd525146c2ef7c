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
static enum status look(struct running *r, char **result, struct err *err)
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
	else if (!where || strncmp(where, "s3://", 5) != 0)
		status = err_set(err, STATUS_STOP, "query",
		                 "query %s has no result in S3: give --output-location", r->id);
	else
		*result = xstrdup(where);
	json_decref(o);
	return status;
}

enum status fetch_athena_run(const struct fetch_athena *q, char **result, struct err *err)
{
	struct running r = {.q = q, .client = session_client(q->session)};
	int64_t pause = FIRST_PAUSE_MS;
	char line[LIMIT_ID + 32];
	http_answer_init(&r.a, LIMIT_ANSWER);
	enum status status = start(&r, err);
	if (status == STATUS_OK) {
		snprintf(line, sizeof line, "query %s was started", r.id);
		q->note(q->data, line);
		while ((status = look(&r, result, err)) == STATUS_END) {
			bool go_on = client_pause(r.client, pause);
			pause = pause * 2 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : pause * 2;
			if (go_on)
				continue;
			status = err_set(err, STATUS_STOP, "interrupted",
			                 "interrupted; query %s runs on in Athena", r.id);
			break;
		}
	}
	http_answer_release(&r.a);
	client_free(r.client);
	return status;
}
