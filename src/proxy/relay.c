/* relay.c - proxy: see relay.h. */
#include "config.h"

#include "proxy/relay.h"

#include "proxy/request.h"
#include "proxy/trace.h"

#include <sys/socket.h>

/* Turns of one connection before others get theirs. */
enum { TURNS = 32 };

/* ---- the server's side */

static enum progress read_server(struct conn *f)
{
	struct buffer *p = &f->to_client;
	size_t room, n;
	if (!f->up_ready || !f->server_maybe || p->eof || !buffer_room(&f->worker->pool, p, &room))
		return PROGRESS_NONE;
	switch (upstream_recv(f->up, p->p + p->end, room, &n)) {
	case UPSTREAM_OK: p->end += n; return PROGRESS_MADE;
	case UPSTREAM_AGAIN: f->server_maybe = false; return PROGRESS_NONE;
	case UPSTREAM_FAILED: p->broken = true; break;
	case UPSTREAM_END: break;
	}
	p->eof = true;
	return PROGRESS_MADE;
}

static enum progress write_server(struct conn *f)
{
	struct buffer *p = &f->to_server;
	size_t n;
	if (!f->up_ready || !buffer_ready(p) || p->shut)
		return PROGRESS_NONE;
	switch (upstream_send(f->up, p->p + p->start, buffer_ready(p), &n)) {
	case UPSTREAM_OK: buffer_take(p, n); return PROGRESS_MADE;
	case UPSTREAM_AGAIN: return PROGRESS_NONE;
	case UPSTREAM_END:
	case UPSTREAM_FAILED: break;
	}
	/* It takes no more; what it said before (an early refusal of a large body) is still read.
	 */
	p->shut = p->broken = true;
	f->server_maybe = true;
	return PROGRESS_MADE;
}

/* ---- requests */

static enum progress take_other_protocol(struct conn *f)
{
	if (f->relayed || f->plain) {
		conn_answer(f, "400 Bad Request", "", "this is no request of HTTP/1");
		return f->closing ? PROGRESS_CLOSED : PROGRESS_MADE;
	}
	event_queue_tell_host(&f->worker->shared->events, PROXY_EVENT_BLIND, f->host,
	                      "another protocol than HTTP/1 inside TLS");
	f->tunnel = true;
	return PROGRESS_MADE;
}

static enum progress frame_request_head(struct conn *f)
{
	struct worker *w = f->worker;
	struct buffer *p = &f->to_server;
	const char *reason = NULL;
	if (buffer_unframed(p) == 0)
		return PROGRESS_NONE;
	const char *at = buffer_next(p);
	if (!http_may_begin_request(at, buffer_unframed(p)))
		return take_other_protocol(f);
	if (f->plain && buffer_ready(p))
		return PROGRESS_NONE; /* its head will be rewritten in place */
	switch (http_request_head(at, buffer_unframed(p), &p->scanned, &w->head, &reason)) {
	case HTTP_MORE:
		if (f->timer != TIMER_HEAD)
			conn_timer(f, TIMER_HEAD);
		return PROGRESS_NONE;
	case HTTP_BAD: conn_answer(f, "400 Bad Request", "", reason); return PROGRESS_MADE;
	case HTTP_DONE: break;
	}
	request_take(f, &w->head);
	return f->closing ? PROGRESS_CLOSED : PROGRESS_MADE;
}

static enum progress frame_request_body(struct conn *f)
{
	struct buffer *p = &f->to_server;
	size_t used;
	struct span data;
	enum http_result r =
	        http_body_feed(&f->request_body, buffer_next(p), buffer_unframed(p), &used, &data);
	if (data.n && f->seen)
		observe_request_data(f->seen, data);
	p->ready += used;
	if (r == HTTP_BAD) {
		conn_answer(f, "400 Bad Request", "", f->request_body.reason);
		return f->closing ? PROGRESS_CLOSED : PROGRESS_MADE;
	}
	if (r == HTTP_DONE)
		f->request = REQUEST_DONE;
	return used || r == HTTP_DONE ? PROGRESS_MADE : PROGRESS_NONE;
}

static enum progress frame_request(struct conn *f)
{
	enum progress made = PROGRESS_NONE, step;
	do {
		if (f->tunnel) {
			step = f->to_server.ready != f->to_server.end ? PROGRESS_MADE
			                                              : PROGRESS_NONE;
			f->to_server.ready = f->to_server.end;
			return step == PROGRESS_MADE ? step : made;
		}
		step = f->request == REQUEST_HEAD   ? frame_request_head(f)
		       : f->request == REQUEST_BODY ? frame_request_body(f)
		                                    : PROGRESS_NONE;
		if (step != PROGRESS_NONE)
			made = step;
	} while (step == PROGRESS_MADE && f->state == CONN_HTTP);
	return made;
}

/* ---- responses */

/* What came is no answer from here on: it is not passed on, and ends as if cut there. */
static void cut_answer(struct conn *f)
{
	struct buffer *p = &f->to_client;
	p->end = p->ready;
	p->eof = p->broken = true;
}

static enum progress refuse_answer(struct conn *f, const char *reason)
{
	cut_answer(f);
	conn_answer(f, "502 Bad Gateway", "", reason);
	return PROGRESS_MADE;
}

static enum progress frame_response_head(struct conn *f)
{
	struct worker *w = f->worker;
	struct buffer *p = &f->to_client;
	const char *reason = NULL;
	struct http_head *h = &w->head;
	switch (http_response_head(buffer_next(p), buffer_unframed(p), &p->scanned, h, &reason)) {
	case HTTP_MORE: return PROGRESS_NONE;
	case HTTP_BAD: return refuse_answer(f, reason);
	case HTTP_DONE: break;
	}
	if (h->status == 101 && !f->may_upgrade)
		return refuse_answer(f, "101 that was not asked for");
	p->ready += h->size;
	p->scanned = 0;
	if (h->status < 200 && h->status != 101)
		return PROGRESS_MADE; /* an interim one: the answer follows */
	if (f->seen)
		observe_response(f->seen, h);
	http_body_of_response(&f->response_body, h, span_of(f->method));
	trace_message(f, h->status, &f->response_body);
	f->response = RESPONSE_BODY;
	if (f->response_body.framing == HTTP_TUNNEL) {
		conn_end_call(f);
		f->tunnel = true;
		conn_timer(f, TIMER_BLIND);
	}
	return PROGRESS_MADE;
}

static void end_exchange(struct conn *f)
{
	conn_end_call(f);
	f->response = RESPONSE_DONE;
}

static enum progress frame_response_body(struct conn *f)
{
	struct buffer *p = &f->to_client;
	size_t used;
	struct span data;
	enum http_result r =
	        http_body_feed(&f->response_body, buffer_next(p), buffer_unframed(p), &used, &data);
	if (r == HTTP_BAD) {
		cut_answer(f);
		return PROGRESS_MADE;
	}
	if (data.n && f->seen)
		observe_response_data(f->seen, data);
	p->ready += used;
	if (r == HTTP_DONE)
		end_exchange(f);
	return used || r == HTTP_DONE ? PROGRESS_MADE : PROGRESS_NONE;
}

/* An answer that nobody asked for, also if a call that was sent ahead waits; the one before it
 * still arrives. */
static enum progress refuse_surplus(struct conn *f)
{
	f->to_client.end = f->to_client.ready;
	conn_linger(f);
	return PROGRESS_MADE;
}

static enum progress begin_next(struct conn *f)
{
	f->request = REQUEST_HEAD;
	f->response = RESPONSE_NONE;
	/* Whatever else comes is told by the next poll, but for what TLS holds. */
	f->server_maybe = upstream_pending(f->up);
	conn_timer(f, TIMER_IDLE);
	return PROGRESS_MADE;
}

static enum progress frame_response_http(struct conn *f)
{
	const struct buffer *p = &f->to_client;
	if (f->response == RESPONSE_BODY)
		return frame_response_body(f);
	if (buffer_unframed(p))
		return f->response == RESPONSE_HEAD ? frame_response_head(f) : refuse_surplus(f);
	if (f->response == RESPONSE_DONE && f->request == REQUEST_DONE && !p->eof)
		return begin_next(f);
	return PROGRESS_NONE;
}

static enum progress frame_response(struct conn *f)
{
	struct buffer *p = &f->to_client;
	enum progress made = PROGRESS_NONE, step;
	do {
		if (f->tunnel) {
			step = p->ready != p->end ? PROGRESS_MADE : PROGRESS_NONE;
			p->ready = p->end;
			return step == PROGRESS_MADE ? step : made;
		}
		step = frame_response_http(f);
		if (step != PROGRESS_NONE)
			made = step;
	} while (step == PROGRESS_MADE && f->state == CONN_HTTP);
	return made;
}

/* ---- ends */

/* Closing on a client that may still send would reset the connection, and may take with it what is
 * on its way: a proper end waits for the client's. */
static enum progress close_client(struct conn *f, bool properly)
{
	if (properly && !f->to_server.eof) {
		conn_linger(f);
		return PROGRESS_MADE;
	}
	if (properly && f->ssl)
		tls_shutdown(f->ssl);
	conn_close(f);
	return PROGRESS_CLOSED;
}

static enum progress pass_ends_of_tunnel(struct conn *f)
{
	struct buffer *up = &f->to_server, *down = &f->to_client;
	enum progress made = PROGRESS_NONE;
	bool down_done = down->eof && buffer_ready(down) == 0;
	bool up_done = up->eof && (buffer_ready(up) == 0 || up->shut) && f->up_ready;
	/* TLS can't be half-closed through libcurl: with it the end of one side ends both. */
	if ((down_done && (up_done || up->broken || down->broken || f->ssl)) || (up_done && f->ssl))
		return close_client(f, !down->broken);
	if (down_done && !down->shut) {
		down->shut = true;
		shutdown(f->fd, SHUT_WR);
		made = PROGRESS_MADE;
	}
	if (up_done && !up->shut) {
		up->shut = true;
		upstream_shut(f->up);
		made = PROGRESS_MADE;
	}
	return made;
}

/* The upstream has ended, and all that it said is through. An answer that ends with the connection
 * is complete only if that was ended properly; one that is cut short must look so. */
static enum progress pass_servers_end(struct conn *f)
{
	bool broken = f->to_client.broken;
	bool whole = f->response == RESPONSE_DONE || f->response == RESPONSE_NONE ||
	             (f->response == RESPONSE_BODY && !broken &&
	              f->response_body.framing == HTTP_UNTIL_CLOSE);
	return close_client(f, whole || (f->response == RESPONSE_HEAD && !broken));
}

/* What the end of one side means for the other, once its bytes are through. */
static enum progress pass_ends(struct conn *f)
{
	struct buffer *up = &f->to_server, *down = &f->to_client;
	if (f->tunnel && up->broken && !f->server_maybe && buffer_ready(down) == 0)
		return close_client(f, false); /* it takes no more, and said what it had to say */
	if (f->tunnel)
		return pass_ends_of_tunnel(f);
	if ((down->eof || (up->broken && !f->server_maybe)) && buffer_ready(down) == 0)
		return pass_servers_end(f);
	/* Between two requests: the end. Inside one: it will never be complete. */
	if (up->eof && f->request != REQUEST_DONE && buffer_ready(down) == 0)
		return close_client(f, true);
	return PROGRESS_NONE;
}

static bool wants_client(const struct conn *f)
{
	return f->tunnel || f->request != REQUEST_DONE;
}

static void touch(struct conn *f)
{
	if (f->timer == TIMER_IDLE || f->timer == TIMER_BLIND)
		conn_timer(f, f->timer);
}

static enum progress pump_once(struct conn *f)
{
	static enum progress (*const steps[])(struct conn *) = {
	        frame_request, write_server, read_server, frame_response, conn_write_client,
	};
	enum progress made = PROGRESS_NONE;
	if (wants_client(f))
		made = conn_read_client(f);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0] && made != PROGRESS_CLOSED; i++) {
		enum progress r = steps[i](f);
		if (r == PROGRESS_CLOSED || f->closing)
			return PROGRESS_CLOSED;
		if (f->state == CONN_LINGER)
			return PROGRESS_MADE;
		if (r == PROGRESS_MADE)
			made = r;
	}
	/* Only when nothing else goes on: calls that were sent ahead come before an end. */
	return made == PROGRESS_NONE ? pass_ends(f) : made;
}

enum progress relay_pump(struct conn *f)
{
	enum progress r = PROGRESS_MADE;
	int turn = 0;
	for (; turn < TURNS && r == PROGRESS_MADE; turn++) {
		r = pump_once(f);
		if (r == PROGRESS_CLOSED || f->state == CONN_LINGER)
			return r;
	}
	if (r == PROGRESS_MADE)
		conn_wake(f);
	if (turn > 1)
		touch(f);
	buffer_idle(&f->worker->pool, &f->to_server);
	buffer_idle(&f->worker->pool, &f->to_client);
	return PROGRESS_NONE;
}

/* Asks only for events that something can be done with. */
void relay_want(struct conn *f)
{
	unsigned client = 0, server = 0;
	struct loop *l = f->worker->loop;
	if (!f->to_server.eof &&
	    ((wants_client(f) && buffer_left(&f->to_server) > 0) || !f->client_fired))
		client |= LOOP_READ;
	if (buffer_ready(&f->to_client) || f->want_write_to_read)
		client |= LOOP_WRITE;
	loop_want(l, &f->client, client);
	if (!f->to_client.eof && buffer_left(&f->to_client) > 0)
		server |= LOOP_READ;
	if (buffer_ready(&f->to_server) && !f->to_server.shut)
		server |= LOOP_WRITE;
	loop_want(l, &f->server, server);
}
