/* conn.c - proxy: see conn.h. */
#include "config.h"

#include "proxy/conn.h"

#include "proxy/trace.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long a client may be silent, and how long send, once it has its last answer. */
enum { LINGER_MS = 2000, LINGER_MOST_MS = 30 * 1000 };

/* ---- whose turn it is */

void conn_wake(struct conn *f)
{
	struct worker *w = f->worker;
	if (f->runnable || f->closing)
		return;
	f->runnable = true;
	f->runnable_prev = w->last_runnable;
	f->runnable_next = NULL;
	if (w->last_runnable)
		w->last_runnable->runnable_next = f;
	else
		w->runnable = f;
	w->last_runnable = f;
}

static void leave_runnable(struct conn *f)
{
	struct worker *w = f->worker;
	if (!f->runnable)
		return;
	f->runnable = false;
	if (f->runnable_prev)
		f->runnable_prev->runnable_next = f->runnable_next;
	else
		w->runnable = f->runnable_next;
	if (f->runnable_next)
		f->runnable_next->runnable_prev = f->runnable_prev;
	else
		w->last_runnable = f->runnable_prev;
}

struct conn *conn_next_runnable(struct worker *w)
{
	struct conn *f = w->runnable;
	if (f)
		leave_runnable(f);
	return f;
}

/* ---- timers */

static void timer_leave(struct conn *f)
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

static int timer_ms(const struct conn *f, enum timer timer)
{
	const struct proxy_timeouts *t = &f->worker->shared->settings->timeouts;
	switch (timer) {
	case TIMER_HEAD: return t->head;
	case TIMER_HELLO: return t->hello;
	case TIMER_HANDSHAKE: return t->handshake;
	case TIMER_IDLE: return t->idle;
	case TIMER_BLIND: return t->blind;
	default: return LINGER_MS;
	}
}

void conn_timer(struct conn *f, enum timer timer)
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

/* ---- the client's side */

static enum tls_result read_plain(int fd, void *p, size_t n, size_t *done)
{
	ssize_t k = recv(fd, p, n, 0);
	*done = k > 0 ? (size_t)k : 0;
	if (k > 0)
		return TLS_OK;
	if (k == 0)
		return TLS_CLOSED;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? TLS_AGAIN_READ
	                                                                 : TLS_FAILED;
}

static enum tls_result write_plain(int fd, const void *p, size_t n, size_t *done)
{
	ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
	*done = k > 0 ? (size_t)k : 0;
	if (k > 0)
		return TLS_OK;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? TLS_AGAIN_WRITE
	                                                                 : TLS_FAILED;
}

enum progress conn_read_client(struct conn *f)
{
	struct buffer *p = &f->to_server;
	size_t room, n;
	if (!f->client_maybe || p->eof || !buffer_room(&f->worker->pool, p, &room))
		return PROGRESS_NONE;
	f->client_fired = false;
	enum tls_result r = f->ssl ? tls_read(f->ssl, p->p + p->end, room, &n)
	                           : read_plain(f->fd, p->p + p->end, room, &n);
	f->want_write_to_read = r == TLS_AGAIN_WRITE;
	switch (r) {
	case TLS_OK:
		p->end += n;
		/* Unwatched after a hang-up: no poll will tell of the end behind this. */
		if (n < room && f->client.fd >= 0 && (!f->ssl || !tls_pending(f->ssl)))
			f->client_maybe = false;
		return PROGRESS_MADE;
	case TLS_AGAIN_READ:
	case TLS_AGAIN_WRITE: f->client_maybe = false; return PROGRESS_NONE;
	case TLS_CLOSED: p->eof = true; return PROGRESS_MADE;
	case TLS_FAILED: break;
	}
	conn_close(f);
	return PROGRESS_CLOSED;
}

enum progress conn_write_client(struct conn *f)
{
	struct buffer *p = &f->to_client;
	size_t n;
	if (!buffer_ready(p))
		return PROGRESS_NONE;
	enum tls_result r = f->ssl ? tls_write(f->ssl, p->p + p->start, buffer_ready(p), &n)
	                           : write_plain(f->fd, p->p + p->start, buffer_ready(p), &n);
	switch (r) {
	case TLS_OK: buffer_take(p, n); return PROGRESS_MADE;
	case TLS_AGAIN_READ:
	case TLS_AGAIN_WRITE: return PROGRESS_NONE;
	case TLS_CLOSED:
	case TLS_FAILED: break;
	}
	conn_close(f);
	return PROGRESS_CLOSED;
}

/* ---- the call in flight */

void conn_end_call(struct conn *f)
{
	struct observed *seen = f->seen;
	f->seen = NULL;
	shared_end_call(f->worker->shared, f->host, seen);
}

void conn_drop_call(struct conn *f)
{
	observe_free(f->seen);
	f->seen = NULL;
}

/* A request that the upstream can't have read whole, and did not answer, is no call. */
static void settle_call(struct conn *f)
{
	if (f->response == RESPONSE_HEAD && f->request != REQUEST_DONE)
		conn_drop_call(f);
	conn_end_call(f);
}

/* ---- the upstream's side */

static void server_ready(struct watch *w, unsigned events)
{
	struct conn *f = (struct conn *)((char *)w - offsetof(struct conn, server));
	if (events & (LOOP_READ | LOOP_ERROR))
		f->server_maybe = true;
	/* Nothing more to wait for: what is left can be read without, and a poll would tell of it
	 * without end. */
	if (events & LOOP_ERROR)
		loop_forget(f->worker->loop, &f->server);
	conn_wake(f);
}

void conn_leave_upstream(struct conn *f)
{
	loop_forget(f->worker->loop, &f->server);
	upstream_close(f->up);
	f->up = NULL;
	f->up_ready = false;
}

static void connected(void *owner, enum upstream_failure failure)
{
	struct conn *f = owner;
	if (failure == UPSTREAM_CONNECTED &&
	    !loop_watch(f->worker->loop, &f->server, upstream_fd(f->up), LOOP_READ, server_ready))
		failure = UPSTREAM_OTHER;
	f->up_failure = failure;
	if (failure == UPSTREAM_CONNECTED) {
		if (f->why_blind)
			event_queue_tell_host(&f->worker->shared->events, PROXY_EVENT_BLIND,
			                      f->host, f->why_blind);
		f->up_ready = true;
		f->server_maybe = true;
	} else {
		snprintf(f->up_error, sizeof f->up_error, "%s", upstream_error(f->up));
		conn_leave_upstream(f);
	}
	trace_upstream(f);
	conn_wake(f);
}

bool conn_connect(struct conn *f, bool tls)
{
	const struct proxy_settings *s = f->worker->shared->settings;
	struct upstream_target t = {.tls = tls, .host = f->host, .port = f->port};
	if (s->upstream.host && (f->is_api || s->endpoint))
		t = s->upstream;
	f->up_failure = UPSTREAM_CONNECTED;
	f->up = upstream_connect(f->worker->upstream, &t, connected, f);
	if (!f->up)
		conn_close(f);
	return f->up != NULL;
}

/* ---- beginning and end */

struct conn *conn_new(struct worker *w, int fd)
{
	int one = 1;
	struct conn *f = xcalloc(1, sizeof *f);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	f->worker = w;
	f->fd = fd;
	f->client.fd = f->server.fd = -1;
	f->client_maybe = true;
	f->next = w->conns;
	if (f->next)
		f->next->prev = f;
	w->conns = f;
	return f;
}

void conn_close(struct conn *f)
{
	struct worker *w = f->worker;
	if (f->closing)
		return;
	f->closing = true;
	trace_step(f, "closed");
	settle_call(f);
	timer_leave(f);
	leave_runnable(f);
	conn_leave_upstream(f);
	loop_forget(w->loop, &f->client);
	if (f->ssl)
		tls_end(f->ssl);
	close(f->fd);
	buffer_release(&w->pool, &f->to_server);
	buffer_release(&w->pool, &f->to_client);
	if (f->prev)
		f->prev->next = f->next;
	else
		w->conns = f->next;
	if (f->next)
		f->next->prev = f->prev;
	f->next = w->dead;
	w->dead = f;
	atomic_fetch_sub(&w->shared->clients, 1);
}

void conn_linger(struct conn *f)
{
	settle_call(f);
	conn_leave_upstream(f);
	f->state = CONN_LINGER;
	f->linger_until = loop_now(f->worker->loop) + LINGER_MOST_MS;
	conn_timer(f, TIMER_LINGER);
}

/* ---- answers of our own */

static void answer(struct conn *f, const char *status, const char *extra, const char *text)
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
	/* Behind what was passed on; the beginning of a head that was not is forgotten. */
	f->to_client.end = f->to_client.ready;
	buffer_add(&w->pool, &f->to_client, b.p, b.n);
	f->to_client.ready = f->to_client.end;
	buf_release(&b);
}

/* The client is told text in a response, if one can still be begun, and that was it. */
static void end_with(struct conn *f, const char *status, const char *extra, const char *text)
{
	if (f->response == RESPONSE_BODY) {
		/* Inside an answer nothing can be said any more. */
		conn_close(f);
		return;
	}
	if (f->response != RESPONSE_DONE)
		answer(f, status, extra, text);
	conn_linger(f);
}

void conn_answer(struct conn *f, const char *status, const char *extra, const char *text)
{
	struct shared *s = f->worker->shared;
	atomic_fetch_add(&s->n_refused, 1);
	event_queue_tell(&s->events, PROXY_EVENT_REFUSED, f->host[0] ? f->host : NULL, text, NULL);
	end_with(f, status, extra, text);
}

void conn_answer_failure(struct conn *f)
{
	struct shared *s = f->worker->shared;
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
	if (f->up_failure == UPSTREAM_FORBIDDEN) {
		conn_answer(f, status, "", text);
		return;
	}
	atomic_fetch_add(&s->n_failed, 1);
	event_queue_tell(&s->events, PROXY_EVENT_FAILED, f->host, text, NULL);
	end_with(f, status, "", text);
}
