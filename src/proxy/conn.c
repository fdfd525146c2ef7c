/* conn.c - proxy: see flow.h. */
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

void flow_wake(struct flow *f)
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

static void leave_runnable(struct flow *f)
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

struct flow *flow_next_runnable(struct worker *w)
{
	struct flow *f = w->runnable;
	if (f)
		leave_runnable(f);
	return f;
}

/* ---- timers */

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

enum progress flow_read_client(struct flow *f)
{
	struct pipe *p = &f->to_server;
	size_t room, n;
	if (!f->client_maybe || p->eof || !pipe_room(&f->worker->rooms, p, &room))
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
	flow_close(f);
	return PROGRESS_CLOSED;
}

enum progress flow_write_client(struct flow *f)
{
	struct pipe *p = &f->to_client;
	size_t n;
	if (!pipe_ready(p))
		return PROGRESS_NONE;
	enum tls_result r = f->ssl ? tls_write(f->ssl, p->p + p->start, pipe_ready(p), &n)
	                           : write_plain(f->fd, p->p + p->start, pipe_ready(p), &n);
	switch (r) {
	case TLS_OK: pipe_take(p, n); return PROGRESS_MADE;
	case TLS_AGAIN_READ:
	case TLS_AGAIN_WRITE: return PROGRESS_NONE;
	case TLS_CLOSED:
	case TLS_FAILED: break;
	}
	flow_close(f);
	return PROGRESS_CLOSED;
}

/* ---- the call in flight */

void flow_end_call(struct flow *f)
{
	struct observed *seen = f->seen;
	f->seen = NULL;
	shared_end_call(f->worker->shared, f->host, seen);
}

void flow_drop_call(struct flow *f)
{
	observe_free(f->seen);
	f->seen = NULL;
}

/* A request that the upstream can't have read whole, and did not answer, is no call. */
static void settle_call(struct flow *f)
{
	if (f->response == RESPONSE_HEAD && f->request != REQUEST_DONE)
		flow_drop_call(f);
	flow_end_call(f);
}

/* ---- the upstream's side */

static void server_ready(struct watch *w, unsigned events)
{
	struct flow *f = (struct flow *)((char *)w - offsetof(struct flow, server));
	if (events & (LOOP_READ | LOOP_ERROR))
		f->server_maybe = true;
	/* Nothing more to wait for: what is left can be read without, and a poll would tell of it
	 * without end. */
	if (events & LOOP_ERROR)
		loop_forget(f->worker->loop, &f->server);
	flow_wake(f);
}

void flow_leave_upstream(struct flow *f)
{
	loop_forget(f->worker->loop, &f->server);
	upstream_close(f->up);
	f->up = NULL;
	f->up_ready = false;
}

static void connected(void *owner, enum upstream_failure failure)
{
	struct flow *f = owner;
	if (failure == UPSTREAM_CONNECTED &&
	    !loop_watch(f->worker->loop, &f->server, upstream_fd(f->up), LOOP_READ, server_ready))
		failure = UPSTREAM_OTHER;
	f->up_failure = failure;
	if (failure == UPSTREAM_CONNECTED) {
		if (f->why_blind)
			notes_tell_host(&f->worker->shared->notes, NOTE_BLIND, f->host,
			                f->why_blind);
		f->up_ready = true;
		f->server_maybe = true;
	} else {
		snprintf(f->up_error, sizeof f->up_error, "%s", upstream_error(f->up));
		flow_leave_upstream(f);
	}
	trace_upstream(f);
	flow_wake(f);
}

bool flow_connect(struct flow *f, bool tls)
{
	const struct proxy_settings *s = f->worker->shared->settings;
	struct upstream_target t = {.tls = tls, .host = f->host, .port = f->port};
	if (s->upstream.host && (f->is_api || s->endpoint))
		t = s->upstream;
	f->up_failure = UPSTREAM_CONNECTED;
	f->up = upstream_connect(f->worker->upstream, &t, connected, f);
	if (!f->up)
		flow_close(f);
	return f->up != NULL;
}

/* ---- beginning and end */

struct flow *flow_new(struct worker *w, int fd)
{
	int one = 1;
	struct flow *f = xcalloc(1, sizeof *f);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	f->worker = w;
	f->fd = fd;
	f->client.fd = f->server.fd = -1;
	f->client_maybe = true;
	f->next = w->flows;
	if (f->next)
		f->next->prev = f;
	w->flows = f;
	return f;
}

void flow_close(struct flow *f)
{
	struct worker *w = f->worker;
	if (f->closing)
		return;
	f->closing = true;
	trace_step(f, "closed");
	settle_call(f);
	timer_leave(f);
	leave_runnable(f);
	flow_leave_upstream(f);
	loop_forget(w->loop, &f->client);
	if (f->ssl)
		tls_end(f->ssl);
	close(f->fd);
	pipe_release(&w->rooms, &f->to_server);
	pipe_release(&w->rooms, &f->to_client);
	if (f->prev)
		f->prev->next = f->next;
	else
		w->flows = f->next;
	if (f->next)
		f->next->prev = f->prev;
	f->next = w->dead;
	w->dead = f;
	atomic_fetch_sub(&w->shared->clients, 1);
}

void flow_linger(struct flow *f)
{
	settle_call(f);
	flow_leave_upstream(f);
	f->stage = STAGE_LINGER;
	f->linger_until = loop_now(f->worker->loop) + LINGER_MOST_MS;
	flow_timer(f, TIMER_LINGER);
}

/* ---- answers of our own */

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
	/* Behind what was passed on; the beginning of a head that was not is forgotten. */
	f->to_client.end = f->to_client.ready;
	pipe_add(&w->rooms, &f->to_client, b.p, b.n);
	f->to_client.ready = f->to_client.end;
	buf_release(&b);
}

/* The client is told text in a response, if one can still be begun, and that was it. */
static void end_with(struct flow *f, const char *status, const char *extra, const char *text)
{
	if (f->response == RESPONSE_BODY) {
		/* Inside an answer nothing can be said any more. */
		flow_close(f);
		return;
	}
	if (f->response != RESPONSE_DONE)
		answer(f, status, extra, text);
	flow_linger(f);
}

void flow_answer(struct flow *f, const char *status, const char *extra, const char *text)
{
	struct shared *s = f->worker->shared;
	atomic_fetch_add(&s->n_refused, 1);
	notes_tell(&s->notes, NOTE_REFUSED, f->host[0] ? f->host : NULL, text, NULL);
	end_with(f, status, extra, text);
}

void flow_answer_failure(struct flow *f)
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
		flow_answer(f, status, "", text);
		return;
	}
	atomic_fetch_add(&s->n_failed, 1);
	notes_tell(&s->notes, NOTE_FAILED, f->host, text, NULL);
	end_with(f, status, "", text);
}
