/* relay-model.c - see relay-model.h. */
#include "relay-model.h"

#include "proxy/http.h"

static struct http_head head;

/* How far the body reaches from at; HTTP_MORE: to the end of what there is. */
static enum http_result read_body(struct http_body *b, struct span s, size_t *at)
{
	for (;;) {
		size_t used;
		struct span data;
		enum http_result r = http_body_feed(b, s.p + *at, s.n - *at, &used, &data);
		*at += used;
		if (r != HTTP_MORE || used == 0)
			return r;
	}
}

/* An endpoint takes only what names a resource of its own. */
static bool is_welcome(const struct http_head *h)
{
	return !span_is(h->method, "CONNECT") && (h->target.p[0] == '/' || span_is(h->target, "*"));
}

static enum http_result read_request(struct span s, size_t *at, bool *begun)
{
	const char *reason;
	size_t scanned = 0;
	*begun = false;
	if (s.n > *at && !http_may_begin_request(s.p + *at, s.n - *at))
		return HTTP_BAD;
	enum http_result r = http_request_head(s.p + *at, s.n - *at, &scanned, &head, &reason);
	if (r != HTTP_DONE)
		return r;
	if (!is_welcome(&head))
		return HTTP_BAD;
	*begun = true;
	*at += head.size;
	struct http_body b;
	http_body_of_request(&b, &head);
	return read_body(&b, s, at);
}

/* Was the byte at this offset sent by a server that knew of the request from there on? */
static bool was_asked(const struct streams *s, size_t at, size_t request)
{
	size_t knew = 0;
	for (size_t i = 0; i < s->n_sent && s->sent[i].at <= at; i++)
		knew = s->sent[i].knew;
	return knew > request;
}

/* Heads up to the one of the final answer. */
static enum http_result read_answer_heads(struct span s, bool may_upgrade, struct verdict *v)
{
	for (;;) {
		const char *reason;
		size_t scanned = 0;
		enum http_result r =
		        http_response_head(s.p + v->down, s.n - v->down, &scanned, &head, &reason);
		v->answer = v->down;
		if (r != HTTP_DONE)
			return r;
		if (head.status == 101 && !may_upgrade)
			return HTTP_BAD;
		v->down += head.size;
		v->said = true;
		if (head.status >= 200 || head.status == 101)
			return r;
	}
}

/* HTTP_DONE: it is whole. */
static enum http_result read_answer(const struct streams *s, struct span method, bool may_upgrade,
                                    struct verdict *v)
{
	enum http_result r = read_answer_heads(s->server, may_upgrade, v);
	struct http_body b;
	if (r != HTTP_DONE)
		return r;
	http_body_of_response(&b, &head, method);
	v->tunnel = b.framing == HTTP_TUNNEL;
	return read_body(&b, s->server, &v->down);
}

void model_of(const struct streams *s, struct verdict *v)
{
	*v = (struct verdict){0};
	for (;;) {
		bool begun;
		size_t request = v->up;
		enum http_result r = read_request(s->client, &v->up, &begun);
		struct span method = head.method;
		bool may_upgrade = head.upgrade;
		v->refused = r == HTTP_BAD;
		v->said = false;
		v->answer = v->down;
		if (!begun) {
			v->unasked = s->server.n > v->down;
			return;
		}
		v->waiting = r == HTTP_DONE;
		if (s->server.n > v->down && !was_asked(s, v->down, request)) {
			v->unasked = true;
			return;
		}
		enum http_result a = read_answer(s, method, may_upgrade, v);
		v->broken = a == HTTP_BAD;
		if (v->tunnel)
			v->up = s->client.n;
		if (a != HTTP_DONE)
			return;
		v->waiting = false;
		if (r != HTTP_DONE) {
			v->unasked = s->server.n > v->down;
			return;
		}
	}
}
