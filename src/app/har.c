/* har.c - app: see har.h. */
#include "config.h"

#include "app/har.h"

#include "base/alloc.h"
#include "base/base64.h"
#include "base/memo.h"
#include "base/when.h"
#include "capture/capture-line.h"
#include "events/captured.h"
#include "proxy/http.h"
#include "proxy/observe.h"
#include "recognise/recognise.h"
#include "records/scan.h"

#include <stdlib.h>

/* One line of a capture: 512 parameters of 2 KB, each byte of which may become six. */
#define LIMIT_LINE ((size_t)8 << 20)
/* Of decoded response bodies; errors and answers of STS stay far below. */
#define LIMIT_BODY ((size_t)1 << 20)
enum { AGENT_SLOTS = 64, AGENT_LONGEST = 320 };

struct har {
	const struct mapping *mapping;
	struct host_rules hosts;
	struct recogniser *recogniser;
	struct memo *agents;
	struct buf line;
};

struct har *har_new(const struct mapping *m)
{
	struct har *h = xcalloc(1, sizeof *h);
	h->mapping = m;
	h->recogniser = recogniser_new(m, &h->hosts, false);
	h->hosts.endpoint = recogniser_endpoint;
	h->hosts.data = h->recogniser;
	h->agents = memo_new(AGENT_SLOTS, AGENT_LONGEST, sizeof(struct span));
	buf_init(&h->line, LIMIT_LINE);
	return h;
}

void har_free(struct har *h)
{
	if (!h)
		return;
	recogniser_free(h->recogniser);
	memo_free(h->agents);
	buf_release(&h->line);
	free(h);
}

/* ---- the entry */

struct message {
	struct http_head head;
	struct span url;
	struct span body, encoding;
};

struct entry {
	struct span started;
	struct message request, response;
	bool has_request;
};

static void read_field(struct scan *j, struct arena *arena, struct http_head *head)
{
	struct http_field f = {SPAN_NONE, SPAN_NONE};
	struct span key;
	if (scan_peek(j) != SCAN_OBJECT || !scan_enter(j, SCAN_OBJECT)) {
		scan_skip(j);
		return;
	}
	while (scan_next_key(j, &key))
		if (span_is(key, "name"))
			scan_take_text(j, arena, &f.name);
		else if (span_is(key, "value"))
			scan_take_text(j, arena, &f.value);
		else
			scan_skip(j);
	/* ":authority" of HTTP/2; and bodies stand in the archive as they were before the coding.
	 */
	bool field =
	        f.name.n && f.name.p[0] != ':' && !span_eq_ci(f.name, SPAN_LIT("content-encoding"));
	if (field && f.value.p && head->n_fields < LIMIT_HTTP_FIELDS)
		head->fields[head->n_fields++] = f;
}

static void read_fields(struct scan *j, struct arena *arena, struct http_head *head)
{
	if (scan_peek(j) != SCAN_ARRAY || !scan_enter(j, SCAN_ARRAY)) {
		scan_skip(j);
		return;
	}
	while (scan_next_item(j))
		read_field(j, arena, head);
}

/* postData or content. */
static void read_body(struct scan *j, struct arena *arena, struct message *m)
{
	struct span key;
	if (scan_peek(j) != SCAN_OBJECT || !scan_enter(j, SCAN_OBJECT)) {
		scan_skip(j);
		return;
	}
	while (scan_next_key(j, &key))
		if (span_is(key, "text"))
			scan_take_text(j, arena, &m->body);
		else if (span_is(key, "encoding"))
			scan_take_text(j, arena, &m->encoding);
		else
			scan_skip(j);
}

/* request or response; false if it is no object. */
static bool read_message(struct scan *j, struct arena *arena, struct message *m)
{
	struct span key, status = SPAN_NONE;
	uint64_t number = 0;
	if (scan_peek(j) != SCAN_OBJECT || !scan_enter(j, SCAN_OBJECT)) {
		scan_skip(j);
		return false;
	}
	while (scan_next_key(j, &key))
		if (span_is(key, "method"))
			scan_take_text(j, arena, &m->head.method);
		else if (span_is(key, "url"))
			scan_take_text(j, arena, &m->url);
		else if (span_is(key, "status"))
			scan_take_text(j, arena, &status);
		else if (span_is(key, "headers"))
			read_fields(j, arena, &m->head);
		else if (span_is(key, "postData") || span_is(key, "content"))
			read_body(j, arena, m);
		else
			scan_skip(j);
	if (span_to_u64(status, &number) && number >= 100 && number < 600)
		m->head.status = (unsigned)number;
	return true;
}

static bool read_entry(struct span text, struct arena *arena, struct entry *e, struct err *err)
{
	struct scan j;
	struct span key;
	scan_init(&j, text);
	scan_enter(&j, SCAN_OBJECT);
	while (scan_next_key(&j, &key))
		if (span_is(key, "startedDateTime"))
			scan_take_text(&j, arena, &e->started);
		else if (span_is(key, "request"))
			e->has_request = read_message(&j, arena, &e->request);
		else if (span_is(key, "response"))
			read_message(&j, arena, &e->response);
		else
			scan_skip(&j);
	if (scan_end(&j))
		return true;
	err_at_offset(err, (uint64_t)(j.at - j.start));
	err_set(err, STATUS_SKIP, "bad-json", "%s", j.error);
	return false;
}

/* ---- what it was */

/* Host and target of "https://HOST[:PORT]/PATH?QUERY#FRAGMENT". */
static bool split_url(struct span url, struct span *host, struct span *target)
{
	ptrdiff_t at = span_find(url, SPAN_LIT("://"));
	if (at < 0)
		return false;
	struct span rest = span_from(url, (size_t)at + 3), end = rest;
	size_t n = 0;
	span_cut(&end, '#');
	rest = end.p ? span_sub(rest, 0, (size_t)(end.p - rest.p) - 1) : rest;
	while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?')
		n++;
	*host = span_sub(rest, 0, n);
	*target = n < rest.n ? span_from(rest, n) : SPAN_LIT("/");
	return host->n > 0;
}

static struct span body_text(const struct message *m, struct buf *decoded)
{
	if (!span_eq_ci(m->encoding, SPAN_LIT("base64")))
		return m->body;
	buf_init(decoded, LIMIT_BODY);
	return base64_decode(m->body, decoded) ? buf_span(decoded) : SPAN_NONE;
}

static void show(struct observed *o, struct entry *e)
{
	struct buf sent = {0}, answer = {0};
	observe_request_data(o, body_text(&e->request, &sent));
	observe_response(o, &e->response.head);
	observe_response_data(o, body_text(&e->response, &answer));
	buf_release(&sent);
	buf_release(&answer);
}

/* Without a signature nobody is known; most exports of browsers leave it out. Some calls have none.
 */
static bool lacks_signature(const struct har *h, const struct entry *e,
                            const struct captured_call *call)
{
	if (call->access_key.n || http_field(&e->request.head, "authorization").n)
		return false;
	return operation_status(mapping_event(h->mapping, call->source, call->name)) !=
	       MAPPED_NO_PERMISSION;
}

/* The line in h->line as the event that the capture's decoder makes of it. An entry is known by its
 * text. */
static enum status give(struct har *h, const struct record *rec, struct arena *arena,
                        const struct event_sink *sink, struct err *err)
{
	struct captured_state state = {.id = "har"};
	enum captured_kind kind;
	struct event e;
	if (h->line.full || h->line.n == 0)
		return err_set(err, STATUS_SKIP, "too-large", "a call is larger than a capture's");
	enum status status =
	        captured_parse(&state, span_trim(buf_span(&h->line)), 1, arena, &kind, &e, err);
	if (status != STATUS_OK)
		return status;
	e.capture_id = SPAN_NONE;
	e.capture_line = 0;
	e.text = rec->text;
	sink->event(sink->data, &e);
	return STATUS_OK;
}

static enum status tell(struct har *h, const struct entry *e, struct observed *o,
                        const struct record *rec, struct arena *arena,
                        const struct event_sink *sink, struct err *err)
{
	struct captured_call call;
	const struct captured_identity *ids;
	size_t n_ids;
	observe_finish(o, &call, &ids, &n_ids);
	if (lacks_signature(h, e, &call))
		return err_set(err, STATUS_SKIP, "no-signature",
		               "a request without Authorization: the archive is to be exported "
		               "with sensitive data");
	const struct capture_filter filter = {h->mapping, arena, h->agents};
	buf_reset(&h->line);
	capture_line_call(&h->line, &filter, &call);
	enum status status = give(h, rec, arena, sink, err);
	for (size_t i = 0; i < n_ids && status == STATUS_OK; i++) {
		buf_reset(&h->line);
		capture_line_identity(&h->line, &ids[i]);
		status = give(h, rec, arena, sink, err);
	}
	return status;
}

static enum status decode(void *state, const struct record *rec, struct arena *arena,
                          const struct event_sink *sink, struct err *err)
{
	struct har *h = state;
	struct entry *e = arena_calloc(arena, 1, sizeof *e);
	struct api_host host;
	struct span name, target;
	int64_t time;
	if (!read_entry(rec->text, arena, e, err))
		return STATUS_SKIP;
	if (!e->has_request || !split_url(e->request.url, &name, &target))
		return err_set(err, STATUS_SKIP, "bad-har", "an entry without a request");
	if (!when_parse(e->started, &time))
		return err_set(err, STATUS_SKIP, "bad-time", "'startedDateTime' is not a time");
	if (host_parse(&h->hosts, name, &host) == HOST_OTHER ||
	    span_is(e->request.head.method, "OPTIONS")) {
		sink->ignored(sink->data, "no-api");
		return STATUS_OK;
	}
	e->request.head.target = target;
	struct observed *o = observe_request(h->recogniser, &e->request.head, name, time * 1000);
	show(o, e);
	enum status status = tell(h, e, o, rec, arena, sink, err);
	observe_free(o);
	return status;
}

const struct decoder decoder_har = {.form = RECORD_HAR, .decode = decode};
