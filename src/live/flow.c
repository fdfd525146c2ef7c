/* flow.c - live: see flow.h. From accept to the point where bytes are relayed: the proxy request,
 * the first words of the client behind CONNECT, TLS with it, the way to the upstream; and the end
 * of it all. */
#include "config.h"

#include "live/flow.h"

#include "live/hello.h"

#include "ground/alloc.h"
#include "ground/buf.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium/utils.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINGER_MS = 2000 };

static int64_t wall_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec;
}

/* ---- timers
 * -------------------------------------------------------------------------------------------------
 */

static void timer_leave(struct flow *f)
{
	struct timer_list *l = &f->worker->timers[f->timer];
	if (f->timer_prev)
		f->timer_prev->timer_next = f->timer_next;
	else if (l->first == f)
		l->first = f->timer_next;
	if (f->timer_next)
		f->timer_next->timer_prev = f->timer_prev;
	else if (l->last == f)
		l->last = f->timer_prev;
	f->timer_prev = f->timer_next = NULL;
}

static int timer_ms(const struct flow *f, enum timer timer)
{
	const struct proxy_timeouts *t = &f->worker->proxy->settings->timeouts;
	switch (timer) {
	case TIMER_HEAD: return t->head;
	case TIMER_HELLO: return t->hello;
	case TIMER_HANDSHAKE: return t->handshake;
	case TIMER_IDLE: return t->idle;
	case TIMER_BLIND: return t->blind;
	default: return LINGER_MS;
	}
}

void flow_timer(struct flow *f, enum timer timer)
{
	timer_leave(f);
	f->timer = timer;
	f->deadline = loop_now(f->worker->loop) + timer_ms(f, timer);
	struct timer_list *l = &f->worker->timers[timer];
	f->timer_prev = l->last;
	if (l->last)
		l->last->timer_next = f;
	else
		l->first = f;
	l->last = f;
}

/* ---- the end
 * --------------------------------------------------------------------------------------------------
 */

static void leave_upstream(struct flow *f)
{
	loop_forget(f->worker->loop, &f->server);
	upstream_close(f->up);
	f->up = NULL;
	f->up_ready = false;
}

/* A request that the upstream can't have read whole, and did not answer, is no call. */
static void drop_unfinished(struct flow *f)
{
	if (f->seen && f->response == RESPONSE_HEAD && f->request != REQUEST_DONE) {
		observe_free(f->seen);
		f->seen = NULL;
	}
}

void flow_close(struct flow *f)
{
	struct worker *w = f->worker;
	if (f->closing)
		return;
	f->closing = true;
	drop_unfinished(f);
	relay_end_call(f);
	timer_leave(f);
	leave_upstream(f);
	loop_forget(w->loop, &f->client);
	if (f->ssl)
		tls_end(f->ssl);
	close(f->fd);
	pipe_release(w, &f->to_server);
	pipe_release(w, &f->to_client);
	if (f->prev)
		f->prev->next = f->next;
	else
		w->flows = f->next;
	if (f->next)
		f->next->prev = f->prev;
	f->next = w->dead;
	w->dead = f;
	atomic_fetch_sub(&w->proxy->clients, 1);
}

static void answer(struct flow *f, const char *status, const char *extra, const char *text)
{
	struct worker *w = f->worker;
	struct buf b;
	buf_init(&b, 8192);
	buf_addf(&b,
	         "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n"
	         "Connection: close\r\n%s\r\n",
	         status, span_is(span_of(f->method), "HEAD") ? 0 : strlen(text) + 12, extra);
	if (!span_is(span_of(f->method), "HEAD"))
		buf_addf(&b, "iamreplay: %s\n", text);
	pipe_add(w, &f->to_client, b.p, b.n);
	f->to_client.ready = f->to_client.end;
	buf_release(&b);
}

void flow_answer(struct flow *f, const char *status, const char *extra, const char *text)
{
	struct worker *w = f->worker;
	atomic_fetch_add(&w->proxy->n_refused, 1);
	worker_note(w, NOTE_REFUSED, f->host[0] ? f->host : NULL, text, NULL);
	bool cut = f->answer_begun && f->response != RESPONSE_DONE && f->response != RESPONSE_NONE;
	drop_unfinished(f);
	relay_end_call(f);
	leave_upstream(f);
	if (cut) {
		/* Inside an answer nothing can be said any more. */
		flow_close(f);
		return;
	}
	answer(f, status, extra, text);
	f->stage = STAGE_LINGER;
	flow_timer(f, TIMER_LINGER);
}

void flow_answer_failure(struct flow *f)
{
	const char *status = "502 Bad Gateway";
	char text[600], where[300];
	const char *what = f->up_error;
	snprintf(where, sizeof where, "%s:%u", f->host, f->port);
	switch (f->up_failure) {
	case UPSTREAM_TIMED_OUT:
		status = "504 Gateway Timeout";
		what = "the connection timed out";
		break;
	case UPSTREAM_NO_NAME: what = "the name does not resolve"; break;
	case UPSTREAM_NO_CONNECT: what = "the connection was refused or is not possible"; break;
	case UPSTREAM_FORBIDDEN:
		status = "403 Forbidden";
		what = "this address is never connected to (instance metadata, or this proxy)";
		break;
	default: break;
	}
	snprintf(text, sizeof text, "%s: %s", where, what);
	flow_answer(f, status, "", text);
}

void flow_timed_out(struct flow *f)
{
	switch (f->timer) {
	case TIMER_HEAD:
		if (f->to_server.start == f->to_server.end)
			flow_close(f);
		else
			flow_answer(f, "408 Request Timeout", "",
			            "the request's head did not come in time");
		break;
	case TIMER_HELLO:
		/* Who waits for the server to speak first speaks no TLS. */
		flow_go_blind(f, "the client waits for the server");
		break;
	default: flow_close(f);
	}
	if (!f->closing)
		flow_advance(f);
}

static bool in_flight(const struct flow *f)
{
	return f->stage == STAGE_HTTP && !f->tunnel && f->request != REQUEST_HEAD;
}

void flow_stop(struct flow *f)
{
	if (!in_flight(f) && f->stage != STAGE_LINGER && !pipe_ready(&f->to_client))
		flow_close(f);
}

/* ---- upstream
 * ---------------------------------------------------------------------------------------------------
 */

static void server_ready(struct watch *w, unsigned events)
{
	struct flow *f = (struct flow *)((char *)w - offsetof(struct flow, server));
	if (events & (LOOP_READ | LOOP_ERROR))
		f->server_maybe = true;
	/* Nothing more to wait for: what is left can be read without, and a poll would tell of it
	 * without end. */
	if (events & LOOP_ERROR)
		loop_forget(f->worker->loop, &f->server);
	flow_advance(f);
}

static void connected(void *owner, enum upstream_failure failure)
{
	struct flow *f = owner;
	if (failure == UPSTREAM_CONNECTED &&
	    !loop_watch(f->worker->loop, &f->server, upstream_fd(f->up), LOOP_READ, server_ready))
		failure = UPSTREAM_OTHER;
	if (failure == UPSTREAM_CONNECTED) {
		f->up_ready = true;
		f->server_maybe = true;
		flow_advance(f);
		return;
	}
	f->up_failure = failure;
	snprintf(f->up_error, sizeof f->up_error, "%s", upstream_error(f->up));
	leave_upstream(f);
	if (f->stage == STAGE_CONNECT || (f->stage == STAGE_HTTP && f->response == RESPONSE_HEAD)) {
		/* Nothing of it went anywhere. */
		observe_free(f->seen);
		f->seen = NULL;
		flow_answer_failure(f);
	} else if (f->tunnel) {
		flow_close(f);
	}
	flow_advance(f);
}

static bool connect_to(struct flow *f, const struct upstream_target *t)
{
	f->up_failure = UPSTREAM_CONNECTED;
	f->up = upstream_connect(f->worker->upstream, t, connected, f);
	if (!f->up)
		flow_close(f);
	return f->up != NULL;
}

bool flow_connect(struct flow *f, bool tls)
{
	const struct upstream_target *named = &f->worker->proxy->settings->upstream;
	struct upstream_target t = {.tls = tls, .host = f->host, .port = f->port};
	if (named->host && (f->is_api || f->worker->proxy->settings->endpoint))
		t = *named;
	return connect_to(f, &t);
}

/* ---- what the proxy is asked for
 * ----------------------------------------------------------------------------------- */

/* In a time that does not depend on what differs. */
static bool same_secret(struct span a, struct span b)
{
	return a.n == b.n && sodium_memcmp(a.p, b.p, a.n) == 0;
}

/* Proxy-Authorization: Bearer TOKEN, or Basic with any user and the token as password, as it comes
 * out of http://USER:TOKEN@host:port in a proxy variable. */
static bool authorized(const struct flow *f, const struct http_head *h)
{
	const char *token = f->worker->proxy->settings->token;
	if (!token)
		return true;
	struct span rest = http_field(h, "proxy-authorization");
	struct span scheme = span_cut(&rest, ' ');
	if (!rest.p)
		return false;
	if (span_eq_ci(scheme, SPAN_LIT("bearer")))
		return same_secret(span_trim(rest), span_of(token));
	char text[512];
	size_t n;
	rest = span_trim(rest);
	if (!span_eq_ci(scheme, SPAN_LIT("basic")) ||
	    sodium_base642bin((unsigned char *)text, sizeof text, rest.p, rest.n, NULL, &n, NULL,
	                      sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	struct span user = span_make(text, n);
	span_cut(&user, ':');
	return user.p && same_secret(user, span_of(token));
}

static bool check_authorized(struct flow *f, const struct http_head *h)
{
	if (authorized(f, h))
		return true;
	flow_answer(f, "407 Proxy Authentication Required",
	            "Proxy-Authenticate: Basic realm=\"iamreplay\"\r\n",
	            "this proxy asks for its token as the password");
	return false;
}

/* False if the authority is not one to connect to; f->host and f->port otherwise. */
static bool set_target(struct flow *f, struct span authority, unsigned default_port)
{
	struct span host;
	unsigned port;
	if (!host_split_port(authority, default_port, &host, &port) || host.n >= sizeof f->host)
		return false;
	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--;
	for (size_t i = 0; i < host.n; i++) {
		char c = ascii_lower(host.p[i]);
		if (!ascii_alpha(c) && !ascii_digit(c) && !strchr("-._:", c))
			return false;
		f->host[i] = c;
	}
	f->host[host.n] = '\0';
	f->port = port;
	struct api_host api;
	const struct proxy_settings *s = f->worker->proxy->settings;
	f->is_api = host_parse(&s->hosts, span_of(f->host), &api) != HOST_OTHER;
	return true;
}

void flow_go_blind(struct flow *f, const char *why)
{
	struct worker *w = f->worker;
	worker_note_host(w, NOTE_BLIND, f->host, why);
	atomic_fetch_add(&w->proxy->n_blind, 1);
	f->is_api = false;
	f->tunnel = true;
	f->stage = STAGE_BLIND;
	flow_timer(f, TIMER_BLIND);
	flow_connect(f, false);
}

static void take_connect(struct flow *f, const struct http_head *h)
{
	if (!set_target(f, h->target, 443)) {
		f->host[0] = '\0';
		flow_answer(f, "400 Bad Request", "", "CONNECT to what is no HOST:PORT");
		return;
	}
	if (!check_authorized(f, h))
		return;
	pipe_take(&f->to_server, h->size);
	f->to_server.ready = f->to_server.start;
	f->to_server.scanned = 0;
	if (f->is_api) {
		static const char yes[] = "HTTP/1.1 200 Connection established\r\n\r\n";
		pipe_add(f->worker, &f->to_client, yes, sizeof yes - 1);
		f->to_client.ready = f->to_client.end;
		f->stage = STAGE_HELLO;
		flow_timer(f, TIMER_HELLO);
		return;
	}
	worker_note_host(f->worker, NOTE_BLIND, f->host, "no API host");
	atomic_fetch_add(&f->worker->proxy->n_blind, 1);
	f->tunnel = true;
	f->stage = STAGE_CONNECT;
	flow_timer(f, TIMER_BLIND);
	flow_connect(f, false);
}

/* "http://host/path" into host:port and the rest, with "/" where that is empty. */
static bool split_absolute(struct span target, struct span *authority, struct span *path)
{
	if (!span_starts_ci(target, SPAN_LIT("http://")))
		return false;
	struct span rest = span_from(target, 7);
	size_t n = 0;
	while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?')
		n++;
	*authority = span_make(rest.p, n);
	*path = span_from(rest, n);
	return n > 0 && span_chr(*authority, '@') < 0;
}

static bool is_hop_field(struct span line)
{
	return span_starts_ci(line, SPAN_LIT("proxy-authorization:")) ||
	       span_starts_ci(line, SPAN_LIT("proxy-connection:"));
}

/* The request as the origin expects it (RFC 9112 3.2.1): path instead of URL, and without the
 * fields that are the proxy's own. Everything else stays as it is. Returns the new size of the
 * head. */
static size_t rewrite_head(struct pipe *p, const struct http_head *h, struct span path)
{
	char *from = p->p + p->ready, *to = from;
	size_t method = h->method.n;
	char *line = memchr(h->method.p, '\n', h->size);
	struct span version = span_make(h->target.p + h->target.n,
	                                (size_t)(line + 1 - (h->target.p + h->target.n)));
	memmove(to, h->method.p, method + 1);
	to += method + 1;
	if (path.n == 0 || path.p[0] != '/')
		*to++ = '/';
	memmove(to, path.p, path.n);
	to += path.n;
	memmove(to, version.p, version.n);
	to += version.n;
	for (char *at = line + 1, *end = from + h->size; at < end;) {
		char *nl = memchr(at, '\n', (size_t)(end - at));
		struct span field = span_make(at, (size_t)(nl + 1 - at));
		if (!is_hop_field(field)) {
			memmove(to, field.p, field.n);
			to += field.n;
		}
		at = nl + 1;
	}
	size_t size = (size_t)(to - from);
	memmove(to, from + h->size, p->end - p->ready - h->size);
	p->end -= h->size - size;
	return size;
}

static bool take_endpoint(struct flow *f, const struct http_head *h)
{
	struct span host;
	unsigned port;
	if (h->target.p[0] != '/' && !span_is(h->target, "*")) {
		flow_answer(f, "400 Bad Request", "", "this is an endpoint, no proxy");
		return false;
	}
	if (!f->host[0]) {
		const struct upstream_target *t = &f->worker->proxy->settings->upstream;
		snprintf(f->host, sizeof f->host, "%s", t->host);
		f->port = t->port;
	}
	if (!h->host.p || !host_split_port(h->host, 80, &host, &port))
		host = span_of(f->host);
	f->is_api = true;
	if (!f->up && !f->up_failure && !flow_connect(f, false))
		return false;
	relay_begin(f, h, host);
	f->to_server.ready += h->size;
	return true;
}

bool flow_take_plain(struct flow *f, const struct http_head *h)
{
	struct span authority, path, host, named;
	unsigned port, named_port;
	char old[sizeof f->host];
	unsigned old_port = f->port;
	if (f->worker->proxy->settings->endpoint)
		return take_endpoint(f, h);
	snprintf(old, sizeof old, "%s", f->host);
	if (!check_authorized(f, h))
		return false;
	if (!split_absolute(h->target, &authority, &path)) {
		flow_answer(f, "400 Bad Request", "",
		            "a proxy is asked by CONNECT or with http://HOST/");
		return false;
	}
	if (!set_target(f, authority, 80) || !host_split_port(authority, 80, &host, &port) ||
	    (h->host.p &&
	     (!host_split_port(h->host, 80, &named, &named_port) || !span_eq_ci(host, named)))) {
		flow_answer(f, "400 Bad Request", "",
		            "the URL's host and Host are not one host name");
		return false;
	}
	if (f->up && (strcmp(old, f->host) != 0 || old_port != f->port))
		leave_upstream(f);
	if (!f->up && !flow_connect(f, false))
		return false;
	worker_note_host(f->worker, f->is_api ? NOTE_OPENED : NOTE_BLIND, f->host, "plain HTTP");
	/* Observed before the head changes under it. */
	relay_begin(f, h, span_of(f->host));
	f->to_server.ready += rewrite_head(&f->to_server, h, path);
	return true;
}

static enum progress read_request(struct flow *f)
{
	struct worker *w = f->worker;
	struct pipe *p = &f->to_server;
	const char *reason = NULL;
	if (w->proxy->settings->endpoint) {
		f->plain = true;
		f->stage = STAGE_HTTP;
		return PROGRESS_MADE;
	}
	if (p->eof && p->end == p->ready) {
		flow_close(f);
		return PROGRESS_CLOSED;
	}
	if (!pipe_unframed(p))
		return PROGRESS_NONE;
	if (!http_may_begin_request(p->p + p->ready, pipe_unframed(p))) {
		flow_answer(f, "400 Bad Request", "", "this is an HTTP proxy");
		return PROGRESS_MADE;
	}
	switch (http_request_head(p->p + p->ready, pipe_unframed(p), &p->scanned, &w->head,
	                          &reason)) {
	case HTTP_MORE:
		if (!p->eof)
			return PROGRESS_NONE;
		flow_close(f);
		return PROGRESS_CLOSED;
	case HTTP_BAD:
		/* CONNECT in HTTP/1.1 without Host is seen, and harmless: there is no message
		 * behind it. */
		flow_answer(f, "400 Bad Request", "", reason);
		return PROGRESS_MADE;
	case HTTP_DONE: break;
	}
	if (span_is(w->head.method, "CONNECT")) {
		take_connect(f, &w->head);
	} else {
		f->plain = true;
		f->stage = STAGE_HTTP;
		p->scanned = 0;
	}
	return f->closing ? PROGRESS_CLOSED : PROGRESS_MADE;
}

/* ---- behind CONNECT
 * --------------------------------------------------------------------------------------------------
 */

static const char *why_blind(const struct flow *f, enum hello_result r, const struct hello *h)
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

static enum progress read_hello(struct flow *f)
{
	struct proxy *px = f->worker->proxy;
	struct pipe *p = &f->to_server;
	struct hello hello;
	if (p->eof && !pipe_unframed(p)) {
		flow_close(f);
		return PROGRESS_CLOSED;
	}
	if (!pipe_unframed(p) || pipe_ready(&f->to_client))
		return PROGRESS_NONE;
	enum hello_result r = hello_parse(p->p + p->ready, pipe_unframed(p), &hello);
	if (r == HELLO_MORE && !p->eof)
		return PROGRESS_NONE;
	const char *why = r == HELLO_MORE ? "a cut ClientHello" : why_blind(f, r, &hello);
	if (!why) {
		f->ssl = tls_begin(px->tls, f->fd, f->host, p->p + p->ready, pipe_unframed(p),
		                   wall_s());
		why = f->ssl ? NULL : "no certificate could be made for it";
	}
	if (why) {
		flow_go_blind(f, why);
		return f->closing ? PROGRESS_CLOSED : PROGRESS_MADE;
	}
	p->start = p->ready = p->end = 0;
	f->stage = STAGE_HANDSHAKE;
	f->client_maybe = true; /* the hello itself */
	flow_timer(f, TIMER_HANDSHAKE);
	worker_note_host(f->worker, NOTE_OPENED, f->host, NULL);
	return flow_connect(f, true) ? PROGRESS_MADE : PROGRESS_CLOSED;
}

static enum progress shake_hands(struct flow *f)
{
	char text[256];
	if (!f->client_maybe)
		return PROGRESS_NONE;
	enum tls_result r = tls_handshake(f->ssl);
	f->want_write_to_read = r == TLS_AGAIN_WRITE;
	f->client_fired = false;
	switch (r) {
	case TLS_OK:
		f->stage = STAGE_HTTP;
		flow_timer(f, TIMER_IDLE);
		return PROGRESS_MADE;
	case TLS_AGAIN_READ:
	case TLS_AGAIN_WRITE: f->client_maybe = false; return PROGRESS_NONE;
	default:
		/* The one thing users have to get right, so it is said: mostly the CA is not
		 * trusted. */
		worker_note(f->worker, NOTE_REFUSED, f->host, tls_reason(text, sizeof text), NULL);
		flow_close(f);
		return PROGRESS_CLOSED;
	}
}

static enum progress answer_connect(struct flow *f)
{
	static const char yes[] = "HTTP/1.1 200 Connection established\r\n\r\n";
	if (!f->up_ready)
		return PROGRESS_NONE;
	pipe_add(f->worker, &f->to_client, yes, sizeof yes - 1);
	f->to_client.ready = f->to_client.end;
	f->stage = STAGE_BLIND;
	return PROGRESS_MADE;
}

/* Closing with unread bytes would reset the connection and may take the answer with it. */
static enum progress linger(struct flow *f)
{
	struct pipe *p = &f->to_server;
	p->start = p->ready = p->end = 0;
	while (flow_read_client(f) == PROGRESS_MADE && !p->eof)
		p->start = p->ready = p->end = 0;
	if (f->closing)
		return PROGRESS_CLOSED;
	if (pipe_ready(&f->to_client)) {
		enum progress r = flow_write_client(f);
		if (r != PROGRESS_NONE || pipe_ready(&f->to_client))
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
	flow_close(f);
	return PROGRESS_CLOSED;
}

static enum progress advance_once(struct flow *f)
{
	switch (f->stage) {
	case STAGE_REQUEST:
	case STAGE_HELLO:
	case STAGE_CONNECT: {
		enum progress r = flow_write_client(f);
		if (r == PROGRESS_CLOSED)
			return r;
		enum progress got = flow_read_client(f);
		if (got == PROGRESS_CLOSED)
			return got;
		if (f->stage == STAGE_CONNECT)
			r = answer_connect(f);
		else
			r = f->stage == STAGE_REQUEST ? read_request(f) : read_hello(f);
		return r == PROGRESS_NONE ? got : r;
	}
	case STAGE_HANDSHAKE: return shake_hands(f);
	case STAGE_HTTP:
	case STAGE_BLIND: return relay_pump(f);
	case STAGE_LINGER: return linger(f);
	}
	return PROGRESS_NONE;
}

void flow_advance(struct flow *f)
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
		flow_stop(f);
	if (!f->closing)
		relay_want(f);
}

static void client_ready(struct watch *w, unsigned events)
{
	struct flow *f = (struct flow *)((char *)w - offsetof(struct flow, client));
	if ((events & LOOP_ERROR) && !f->tunnel) {
		flow_close(f);
		return;
	}
	if (events & LOOP_ERROR)
		loop_forget(f->worker->loop, &f->client);
	if (events & (LOOP_READ | LOOP_ERROR) || f->want_write_to_read) {
		f->client_maybe = true;
		f->client_fired = true;
	}
	flow_advance(f);
}

void flow_new(struct worker *w, int fd)
{
	int one = 1;
	struct flow *f = xcalloc(1, sizeof *f);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	f->worker = w;
	f->fd = fd;
	f->server.fd = -1;
	f->client_maybe = true;
	f->next = w->flows;
	if (f->next)
		f->next->prev = f;
	w->flows = f;
	flow_timer(f, TIMER_HEAD);
	if (!loop_watch(w->loop, &f->client, fd, LOOP_READ, client_ready)) {
		flow_close(f);
		return;
	}
	flow_advance(f);
}
