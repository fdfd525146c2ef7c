/* client.c - fetch: see client.h. */
#include "config.h"

#include "fetch/client.h"

#include "base/alloc.h"
#include "base/when.h"

#include <inttypes.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	TICK_MS = 50,
	/* Differences that no service minds; S3 allows 15 minutes, others 5. */
	CLOCK_MINDED = 240,
	LIMIT_LINES = 64 << 10, /* header fields of a request */
	LIMIT_URL = 16 << 10,   /* a key of 1,024 bytes, all escaped, and a query */
};

struct client {
	struct client_settings *settings;
	struct http_client *http;
	struct buf url, lines;
	char moved_bucket[72], moved_region[32]; /* where a bucket turned out to be */
};

void credentials_wipe(struct credentials *c)
{
	sodium_memzero(c, sizeof *c);
}

struct client *client_new(struct client_settings *settings)
{
	struct client *c = xcalloc(1, sizeof *c);
	c->settings = settings;
	c->http = http_new(&settings->http);
	buf_init(&c->url, LIMIT_URL);
	buf_init(&c->lines, LIMIT_LINES);
	return c;
}

static void wipe_lines(struct client *c)
{
	if (c->lines.p)
		sodium_memzero(c->lines.p, c->lines.n);
	buf_reset(&c->lines);
}

void client_free(struct client *c)
{
	if (!c)
		return;
	http_free(c->http);
	wipe_lines(c);
	buf_release(&c->url);
	buf_release(&c->lines);
	free(c);
}

const struct client_settings *client_settings_of(const struct client *c)
{
	return c->settings;
}

struct http_client *client_http(struct client *c)
{
	return c->http;
}

/* ---- pauses */

static bool is_stopped(const struct client *c)
{
	return c->settings->http.stop && atomic_load(c->settings->http.stop);
}

bool client_pause(const struct client *c, int64_t ms)
{
	int64_t end = when_steady_ms() + ms, left;
	while (!is_stopped(c) && (left = end - when_steady_ms()) > 0)
		poll(NULL, 0, (int)(left < TICK_MS ? left : TICK_MS));
	return !is_stopped(c);
}

/* Before attempt n (from 1 on): any length up to a bound that doubles, so that clients that were
 * throttled together don't come back together. */
static bool back_off(const struct client *c, unsigned n)
{
	int64_t most = CLIENT_PAUSE_MS;
	for (; n > 0 && most < CLIENT_LONGEST_PAUSE_MS; n--)
		most *= 2;
	if (most > CLIENT_LONGEST_PAUSE_MS)
		most = CLIENT_LONGEST_PAUSE_MS;
	return client_pause(c, most / 4 + (int64_t)randombytes_uniform((uint32_t)(most * 3 / 4)));
}

/* ---- one attempt */

struct attempt {
	struct client *c;
	const struct client_request *q;
	struct span region;
	struct endpoint endpoint;
	bool renew; /* the keys that were used have ended */
	bool clocked, moved_before;
	unsigned moves;
	enum http_result result;
};

static void trace(const struct attempt *t, const struct http_answer *a, int64_t began)
{
	char line[1024];
	if (!t->c->settings->trace)
		return;
	snprintf(line, sizeof line,
	         "%s %s: %s%d, %" PRIu64 " bytes, %" PRId64 " ms, region %.*s, request id %s",
	         t->q->method, buf_str(&t->c->url), t->result == HTTP_DONE ? "" : "broken, ",
	         a->status, a->length, when_steady_ms() - began, SPAN_ARG(t->region),
	         a->request_id[0] ? a->request_id : "-");
	t->c->settings->trace(t->c->settings->data, line);
}

static int64_t now(const struct client *c)
{
	return (int64_t)time(NULL) + (int64_t)atomic_load(&c->settings->clock_ahead);
}

static bool compose(struct attempt *t, const struct credentials *keys)
{
	struct client *c = t->c;
	const struct client_request *q = t->q;
	struct arena arena;
	struct sign_key key = {.secret = SPAN_NONE};
	arena_init(&arena);
	struct sign_request r = {
	        .method = span_of(q->method),
	        .service = span_of(q->service),
	        .region = span_of(t->endpoint.region),
	        .host = span_of(t->endpoint.host),
	        .path = arena_printf(&arena, "%s%.*s", t->endpoint.prefix, SPAN_ARG(q->path)),
	        .query = q->query,
	        .n_query = q->n_query,
	        .headers = q->headers,
	        .n_headers = q->n_headers,
	        .body = q->body,
	        .time = now(c),
	        .payload_hash = strcmp(q->service, "s3") == 0,
	};
	if (keys)
		key = (struct sign_key){span_of(keys->access_key), span_of(keys->secret),
		                        span_of(keys->token)};
	buf_reset(&c->url);
	wipe_lines(c);
	buf_add_str(&c->url, t->endpoint.base);
	bool fine = sign_request(&r, keys ? &key : NULL, &c->url, &c->lines);
	arena_release(&arena);
	return fine;
}

static enum status send_once(struct attempt *t, struct http_answer *a, struct err *err)
{
	struct client *c = t->c;
	const struct client_request *q = t->q;
	const struct endpoint_options where = {
	        c->settings->endpoint_url ? c->settings->endpoint_url(c->settings->data, q->service)
	                                  : NULL,
	        c->settings->dual_stack, c->settings->fips};
	struct credentials keys;
	enum status status = STATUS_OK;
	if (!endpoint_find(&where, q->service, t->region, q->bucket, &t->endpoint))
		return err_set(err, STATUS_STOP, "endpoint",
		               "%s in region '%.*s' has no address that can be made", q->service,
		               SPAN_ARG(t->region));
	if (q->keys)
		status = q->keys(q->keys_data, c, t->renew, &keys, err);
	if (status != STATUS_OK)
		return status;
	bool fine = compose(t, q->keys ? &keys : NULL);
	credentials_wipe(&keys);
	if (!fine)
		return err_set(err, STATUS_STOP, "request",
		               "the request can't be made: a name in it is too long or holds a "
		               "control character");
	if (q->begin)
		q->begin(q->data);
	struct http_request http = {.method = q->method,
	                            .url = buf_str(&c->url),
	                            .lines = buf_span(&c->lines),
	                            .body = q->body,
	                            .sink = q->sink,
	                            .data = q->data};
	int64_t began = when_steady_ms();
	t->result = http_perform(c->http, &http, a, err);
	trace(t, a, began);
	return STATUS_OK;
}

/* ---- what to do about it */

/* Where the servers' clock is; false if it was set right before, or does not differ. */
static bool set_clock(struct attempt *t, const struct http_answer *a)
{
	int64_t ahead = a->date - (int64_t)time(NULL);
	if (t->clocked || a->date == WHEN_FIRST)
		return false;
	t->clocked = true;
	int64_t before = (int64_t)atomic_exchange(&t->c->settings->clock_ahead, ahead);
	int64_t change = ahead > before ? ahead - before : before - ahead;
	return change > CLOCK_MINDED;
}

static bool move(struct attempt *t, const struct service_error *e)
{
	struct client *c = t->c;
	if (++t->moves > CLIENT_REDIRECTS || span_is(t->region, e->region))
		return false;
	snprintf(c->moved_region, sizeof c->moved_region, "%s", e->region);
	if (t->q->bucket.n < sizeof c->moved_bucket)
		snprintf(c->moved_bucket, sizeof c->moved_bucket, "%.*s", SPAN_ARG(t->q->bucket));
	t->region = span_of(c->moved_region);
	return true;
}

enum next { NEXT_AGAIN, NEXT_AGAIN_AT_ONCE, NEXT_GIVE_UP };

static enum next weigh(struct attempt *t, const struct http_answer *a, struct service_error *why)
{
	switch (service_error_remedy(a->status, why)) {
	case REMEDY_NONE: return NEXT_GIVE_UP;
	case REMEDY_WAIT: return NEXT_AGAIN;
	case REMEDY_CLOCK: return set_clock(t, a) ? NEXT_AGAIN_AT_ONCE : NEXT_GIVE_UP;
	case REMEDY_RENEW:
		if (t->renew || !t->q->keys)
			return NEXT_GIVE_UP;
		t->renew = true;
		return NEXT_AGAIN_AT_ONCE;
	case REMEDY_REGION: return move(t, why) ? NEXT_AGAIN_AT_ONCE : NEXT_GIVE_UP;
	}
	return NEXT_GIVE_UP;
}

/* Whether a piece of secret is in text. */
static bool repeats(struct span text, struct span secret)
{
	enum { PIECE = 12 };
	for (size_t i = 0; i + PIECE <= text.n && secret.n >= PIECE; i++)
		if (span_find(secret, span_sub(text, i, PIECE)) >= 0)
			return true;
	return false;
}

/* The value behind name in what was sent, up to the line's end. */
static struct span sent(const struct client *c, const char *name)
{
	struct span lines = buf_span(&c->lines);
	ptrdiff_t at = span_find(lines, span_of(name));
	struct span rest = at < 0 ? SPAN_NONE : span_from(lines, (size_t)at + strlen(name));
	return at < 0 ? SPAN_NONE : span_cut(&rest, '\n');
}

/* A service may quote what it was sent: not what is secret in it. */
static bool quotes_secret(const struct attempt *t, const char *message)
{
	struct span text = span_of(message);
	return repeats(text, sent(t->c, "X-Amz-Security-Token: ")) ||
	       repeats(text, sent(t->c, "Signature=")) ||
	       (!t->q->keys && repeats(text, t->q->body));
}

static void tell(const struct attempt *t, const struct http_answer *a,
                 const struct service_error *why, struct err *err)
{
	const char *text = why->message;
	if (quotes_secret(t, text))
		text = "";
	if (!*text && strncmp(why->code, "Signature", 9) == 0)
		text = "the secret access key is not the one of this access key id";
	err_set(err, STATUS_SKIP, "refused", "%s answers %d%s%s%s%s%s%s", t->q->service, a->status,
	        why->code[0] ? " " : "", why->code, *text ? ": " : "", text,
	        a->request_id[0] ? " (request id " : "", a->request_id);
	if (a->request_id[0]) {
		size_t n = strlen(err->text);
		snprintf(err->text + n, sizeof err->text - n, ")");
	}
}

static bool came_whole(const struct attempt *t, const struct http_answer *a, struct err *err)
{
	if (!t->q->whole || t->q->whole(t->q->data, a))
		return true;
	err_set(err, STATUS_FILE, "connection",
	        "the answer is not what was asked for, or not whole");
	return false;
}

/* One attempt and its judgement. STATUS_END: try again. */
static enum status attempt_once(struct attempt *t, struct http_answer *a, struct service_error *why,
                                bool *at_once, struct err *err)
{
	enum status status = send_once(t, a, err);
	*at_once = false;
	*why = (struct service_error){.code = ""};
	if (status != STATUS_OK)
		return status;
	switch (t->result) {
	case HTTP_DONE: break;
	case HTTP_BROKEN: return STATUS_END;
	case HTTP_STOPPED: return err_set(err, STATUS_STOP, "interrupted", "interrupted");
	case HTTP_REFUSED: return STATUS_FILE;
	case HTTP_FAILED: return STATUS_STOP;
	}
	if (a->status >= 200 && a->status < 300)
		return came_whole(t, a, err) ? STATUS_OK : STATUS_END;
	service_error_read(a, why);
	tell(t, a, why, err);
	enum next next = weigh(t, a, why);
	*at_once = next == NEXT_AGAIN_AT_ONCE;
	return next == NEXT_GIVE_UP ? STATUS_SKIP : STATUS_END;
}

/* Trouble that lasts is told: what it is, and that it is borne. */
static void tell_trouble(const struct client *c, const char *service, unsigned attempt,
                         const struct err *err)
{
	char line[1200];
	if (!c->settings->http.waiting)
		return;
	snprintf(line, sizeof line, "%s: %s; trying again (%u of %u)", service, err->text,
	         attempt + 1, c->settings->attempts);
	c->settings->http.waiting(c->settings->http.data, line);
}

enum status client_call(struct client *c, const struct client_request *q, struct http_answer *a,
                        struct service_error *why, char *region_out, struct err *err)
{
	struct attempt t = {.c = c, .q = q, .region = q->region};
	struct service_error none;
	enum status status;
	unsigned n = 0;
	int64_t began = when_steady_ms();
	if (!why)
		why = &none;
	if (q->bucket.p && span_is(q->bucket, c->moved_bucket))
		t.region = span_of(c->moved_region);
	for (;;) {
		bool at_once;
		if (is_stopped(c)) {
			status = err_set(err, STATUS_STOP, "interrupted", "interrupted");
			break;
		}
		status = attempt_once(&t, a, why, &at_once, err);
		if (status != STATUS_END)
			break;
		/* What is tried again at once can't come twice (clock, keys), or three times. */
		if (!at_once && ++n >= c->settings->attempts) {
			status = STATUS_FILE;
			break;
		}
		if (!at_once && when_steady_ms() - began >= CLIENT_TOLD_AFTER_MS)
			tell_trouble(c, q->service, n, err);
		if (!at_once && !back_off(c, n)) {
			status = err_set(err, STATUS_STOP, "interrupted", "interrupted");
			break;
		}
	}
	wipe_lines(c);
	if (region_out)
		snprintf(region_out, 32, "%.*s", SPAN_ARG(t.region));
	return status;
}
