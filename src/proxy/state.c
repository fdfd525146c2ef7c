/* state.c - proxy: see state.h. */
#include "config.h"

#include "proxy/state.h"

#include "proxy/relay.h"
#include "proxy/request.h"
#include "proxy/trace.h"
#include "tls/ca.h"
#include "tls/client-hello.h"

#include "base/when.h"

#include <stdio.h>
#include <sys/socket.h>

/* Reads of what is dropped before others have their turn. */
enum { DROPS_AT_ONCE = 32 };

static const char established[] = "HTTP/1.1 200 Connection established\r\n\r\n";

/* From here on bytes pass unseen. state: CONN_BLIND, or CONN_CONNECT while CONNECT is to be
 * answered. */
static void go_blind(struct conn *f, enum conn_state state, const char *why)
{
	struct shared *s = f->worker->shared;
	trace_step(f, why);
	f->why_blind = why;
	atomic_fetch_add(&s->n_blind, 1);
	f->is_api = false;
	f->tunnel = true;
	f->state = state;
	conn_timer(f, TIMER_BLIND);
	conn_connect(f, false);
}

static void say_established(struct conn *f)
{
	buffer_add(&f->worker->pool, &f->to_client, established, sizeof established - 1);
	f->to_client.ready = f->to_client.end;
}

/* ---- what the client asks for */

static void take_connect(struct conn *f, const struct http_head *h)
{
	if (!request_set_target(f, h->target, 443)) {
		f->host[0] = '\0';
		conn_answer(f, "400 Bad Request", "", "CONNECT to what is no HOST:PORT");
		return;
	}
	if (!request_authorized(f, h))
		return;
	buffer_take(&f->to_server, h->size);
	f->to_server.ready = f->to_server.start;
	f->to_server.scanned = 0;
	if (!f->is_api) {
		go_blind(f, CONN_CONNECT, "no API host");
		return;
	}
	trace_step(f, "an API host: to be opened");
	say_established(f);
	f->state = CONN_HELLO;
	conn_timer(f, TIMER_HELLO);
}

static enum progress read_request(struct conn *f)
{
	struct worker *w = f->worker;
	struct buffer *p = &f->to_server;
	const char *reason = NULL;
	if (w->shared->settings->endpoint) {
		f->plain = true;
		f->state = CONN_HTTP;
		return PROGRESS_MADE;
	}
	if (p->eof && p->end == p->ready) {
		conn_close(f);
		return PROGRESS_CLOSED;
	}
	if (!buffer_unframed(p))
		return PROGRESS_NONE;
	if (!http_may_begin_request(p->p + p->ready, buffer_unframed(p))) {
		conn_answer(f, "400 Bad Request", "", "this is an HTTP proxy");
		return PROGRESS_MADE;
	}
	switch (http_request_head(p->p + p->ready, buffer_unframed(p), &p->scanned, &w->head,
	                          &reason)) {
	case HTTP_MORE:
		if (!p->eof)
			return PROGRESS_NONE;
		conn_close(f);
		return PROGRESS_CLOSED;
	case HTTP_BAD:
		/* CONNECT in HTTP/1.1 without Host is seen, and harmless: there is no message
		 * behind it. */
		conn_answer(f, "400 Bad Request", "", reason);
		return PROGRESS_MADE;
	case HTTP_DONE: break;
	}
	if (span_is(w->head.method, "CONNECT")) {
		take_connect(f, &w->head);
	} else {
		f->plain = true;
		f->state = CONN_HTTP;
		p->scanned = 0;
	}
	return f->closing ? PROGRESS_CLOSED : PROGRESS_MADE;
}

/* ---- behind CONNECT */

static const char *why_blind(const struct conn *f, enum hello_result r, const struct hello *h)
{
	if (r == HELLO_OTHER)
		return "no TLS that can be read";
	if (h->sni_bad)
		return "its server name is no host name";
	if (!h->sni[0])
		return "no server name";
	if (strcmp(h->sni, f->host) != 0)
		return "its server name is another one than CONNECT's";
	if (h->alpn && !h->http11)
		return "HTTP/1.1 is not offered";
	return NULL;
}

static enum progress read_hello(struct conn *f)
{
	struct shared *s = f->worker->shared;
	struct buffer *p = &f->to_server;
	struct hello hello;
	if (p->eof && !buffer_unframed(p)) {
		conn_close(f);
		return PROGRESS_CLOSED;
	}
	if (!buffer_unframed(p) || buffer_ready(&f->to_client))
		return PROGRESS_NONE;
	enum hello_result r = hello_parse(p->p + p->ready, buffer_unframed(p), &hello);
	if (r == HELLO_MORE && !p->eof) {
		/* It does speak TLS, however slowly: no reason to pass it through unseen. */
		if (f->timer == TIMER_HELLO)
			conn_timer(f, TIMER_HANDSHAKE);
		return PROGRESS_NONE;
	}
	const char *why = r == HELLO_MORE ? "a cut ClientHello" : why_blind(f, r, &hello);
	if (!why && !ca_holds(s->settings->ca, when_wall_ms() / 1000)) {
		why = "the CA's certificate is not valid now";
		event_queue_tell_host(
		        &s->events, PROXY_EVENT_TROUBLE, "",
		        "the CA's certificate is not valid now: see 'iamreplay ca show'");
	}
	if (!why) {
		f->ssl = tls_begin(s->tls, f->fd, f->host, p->p + p->ready, buffer_unframed(p),
		                   when_wall_ms() / 1000);
		why = f->ssl ? NULL : "no certificate could be made for it";
	}
	if (why) {
		go_blind(f, CONN_BLIND, why);
		return f->closing ? PROGRESS_CLOSED : PROGRESS_MADE;
	}
	buffer_drop(p);
	f->state = CONN_HANDSHAKE;
	f->client_maybe = true; /* the hello itself */
	conn_timer(f, TIMER_HANDSHAKE);
	event_queue_tell_host(&s->events, PROXY_EVENT_OPENED, f->host, NULL);
	return conn_connect(f, true) ? PROGRESS_MADE : PROGRESS_CLOSED;
}

static enum progress shake_hands(struct conn *f)
{
	char text[256];
	if (!f->client_maybe)
		return PROGRESS_NONE;
	enum tls_result r = tls_handshake(f->ssl);
	f->want_write_to_read = r == TLS_AGAIN_WRITE;
	f->client_fired = false;
	switch (r) {
	case TLS_OK:
		f->state = CONN_HTTP;
		conn_timer(f, TIMER_IDLE);
		trace_tls(f);
		return PROGRESS_MADE;
	case TLS_AGAIN_READ:
	case TLS_AGAIN_WRITE: f->client_maybe = false; return PROGRESS_NONE;
	default:
		/* The one thing users have to get right, so it is said: mostly the CA is not
		 * trusted. */
		event_queue_tell(&f->worker->shared->events, PROXY_EVENT_UNTRUSTED, f->host,
		                 tls_reason(text, sizeof text), NULL);
		conn_close(f);
		return PROGRESS_CLOSED;
	}
}

static enum progress answer_connect(struct conn *f)
{
	if (!f->up_ready)
		return PROGRESS_NONE;
	say_established(f);
	f->state = CONN_BLIND;
	return PROGRESS_MADE;
}

/* ---- the end */

/* What a client still sends after its last answer. Closing with unread bytes would reset the
 * connection and may take the answer with it. */
static enum progress drop_rest(struct conn *f)
{
	struct buffer *p = &f->to_server;
	enum progress r = PROGRESS_MADE;
	buffer_drop(p);
	for (int turn = 0; r == PROGRESS_MADE && !p->eof; turn++) {
		if (turn == DROPS_AT_ONCE) {
			conn_wake(f);
			break;
		}
		r = conn_read_client(f);
		if (r == PROGRESS_MADE && loop_now(f->worker->loop) < f->linger_until)
			conn_timer(f, TIMER_LINGER);
		buffer_drop(p);
	}
	return r;
}

static enum progress linger(struct conn *f)
{
	struct buffer *p = &f->to_server;
	if (drop_rest(f) == PROGRESS_CLOSED)
		return PROGRESS_CLOSED;
	if (buffer_ready(&f->to_client)) {
		enum progress r = conn_write_client(f);
		if (r != PROGRESS_NONE || buffer_ready(&f->to_client))
			return r;
	}
	if (!f->to_client.shut) {
		f->to_client.shut = true;
		if (f->ssl)
			tls_shutdown(f->ssl);
		shutdown(f->fd, SHUT_WR);
	}
	if (!p->eof)
		return PROGRESS_NONE;
	conn_close(f);
	return PROGRESS_CLOSED;
}

/* Whoever waits for the upstream is told that it can't be reached; nothing of a call went anywhere.
 */
static enum progress tell_failure(struct conn *f)
{
	if (f->state == CONN_CONNECT || (f->state == CONN_HTTP && f->response == RESPONSE_HEAD)) {
		conn_drop_call(f);
		conn_answer_failure(f);
	} else if (f->tunnel) {
		if (f->why_blind)
			event_queue_tell_host(&f->worker->shared->events, PROXY_EVENT_BLIND,
			                      f->host, f->why_blind);
		conn_close(f);
	} else {
		return PROGRESS_NONE;
	}
	return f->closing ? PROGRESS_CLOSED : PROGRESS_MADE;
}

/* ---- on and on */

static enum progress talk(struct conn *f)
{
	enum progress r = conn_write_client(f);
	if (r == PROGRESS_CLOSED)
		return r;
	enum progress got = conn_read_client(f);
	if (got == PROGRESS_CLOSED)
		return got;
	switch (f->state) {
	case CONN_REQUEST: r = read_request(f); break;
	case CONN_HELLO: r = read_hello(f); break;
	default: r = answer_connect(f);
	}
	return r == PROGRESS_NONE ? got : r;
}

static enum progress advance_once(struct conn *f)
{
	if (f->up_failure && f->state != CONN_LINGER) {
		enum progress r = tell_failure(f);
		if (r != PROGRESS_NONE)
			return r;
	}
	switch (f->state) {
	case CONN_REQUEST:
	case CONN_HELLO:
	case CONN_CONNECT: return talk(f);
	case CONN_HANDSHAKE: return shake_hands(f);
	case CONN_HTTP:
	case CONN_BLIND: return relay_pump(f);
	case CONN_LINGER: return linger(f);
	}
	return PROGRESS_NONE;
}

static bool in_flight(const struct conn *f)
{
	return f->state == CONN_HTTP && !f->tunnel && f->request != REQUEST_HEAD;
}

void state_stop(struct conn *f)
{
	if (!in_flight(f) && f->state != CONN_LINGER && !buffer_ready(&f->to_client))
		conn_close(f);
}

void state_advance(struct conn *f)
{
	enum progress r;
	if (f->closing)
		return;
	do
		r = advance_once(f);
	while (r == PROGRESS_MADE && !f->closing);
	if (f->closing)
		return;
	if (f->worker->stop_deadline)
		state_stop(f);
	if (!f->closing)
		relay_want(f);
}

static void client_ready(struct watch *w, unsigned events)
{
	struct conn *f = (struct conn *)((char *)w - offsetof(struct conn, client));
	if ((events & LOOP_ERROR) && !f->tunnel) {
		conn_close(f);
		return;
	}
	if (events & LOOP_ERROR)
		loop_forget(f->worker->loop, &f->client);
	if (events & (LOOP_READ | LOOP_ERROR) || f->want_write_to_read) {
		f->client_maybe = true;
		f->client_fired = true;
	}
	conn_wake(f);
}

void state_begin(struct worker *w, int fd)
{
	struct conn *f = conn_new(w, fd);
	conn_timer(f, TIMER_HEAD);
	trace_step(f, "a client connected");
	if (loop_watch(w->loop, &f->client, fd, LOOP_READ, client_ready))
		conn_wake(f);
	else
		conn_close(f);
}

void state_timed_out(struct conn *f)
{
	trace_step(f, "its time has run out");
	switch (f->timer) {
	case TIMER_HEAD:
		if (f->to_server.start == f->to_server.end)
			conn_close(f);
		else
			conn_answer(f, "408 Request Timeout", "",
			            "the request's head did not come in time");
		break;
	case TIMER_HELLO:
		/* Who waits for the server to speak first speaks no TLS. */
		go_blind(f, CONN_BLIND, "the client waits for the server");
		break;
	default: conn_close(f);
	}
	if (!f->closing)
		state_advance(f);
}
