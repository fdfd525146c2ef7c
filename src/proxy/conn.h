/* conn.h - proxy: one client connection and where its bytes go, and the thread that it belongs to:
 * what each of its states needs. request.h takes what is asked for, relay.h passes bytes on,
 * state.h leads it from accept to its end, worker.h runs many. All of a connection happens in its
 * worker's thread. */
#ifndef PROXY_CONN_H
#define PROXY_CONN_H

#include "proxy/buffer.h"
#include "proxy/http.h"
#include "proxy/loop.h"
#include "proxy/shared.h"

enum conn_state {
	CONN_REQUEST,   /* reads CONNECT or an absolute form */
	CONN_CONNECT,   /* CONNECT to be answered when the upstream is there */
	CONN_HELLO,     /* CONNECT answered, reads a ClientHello */
	CONN_HANDSHAKE, /* TLS with the client */
	CONN_HTTP,      /* requests and responses */
	CONN_BLIND,     /* bytes */
	CONN_LINGER,    /* the last answer is on its way; what the client still sends is dropped */
};

enum request_state { REQUEST_HEAD, REQUEST_BODY, REQUEST_DONE };
enum response_state { RESPONSE_NONE, RESPONSE_HEAD, RESPONSE_BODY, RESPONSE_DONE };

enum timer {
	TIMER_HEAD,
	TIMER_HELLO,
	TIMER_HANDSHAKE,
	TIMER_IDLE,
	TIMER_BLIND,
	TIMER_LINGER,
	TIMERS
};

struct conn;

struct timer_list {
	struct conn *first, *last; /* by deadline: all of one list wait equally long */
};

struct conn {
	struct worker *worker;
	struct watch client, server;
	int fd;
	struct ssl_st *ssl;      /* NULL while, or where, the client speaks plainly */
	bool want_write_to_read; /* TLS wants to write before it can read on */
	struct upstream *up;
	bool up_ready;
	enum upstream_failure up_failure;
	char up_error[256];
	enum conn_state state;
	bool plain;                      /* absolute form or endpoint: no CONNECT */
	bool is_api;                     /* the host is an API host */
	const char *why_blind;           /* to be told once it is reached; NULL if it is opened */
	bool relayed;                    /* a request was relayed on this connection already */
	bool client_maybe, server_maybe; /* there may be something to read */
	bool client_fired;               /* a poll told so, and nothing was read since */
	bool runnable, closing;
	char host[256]; /* lower case, NUL-terminated */
	unsigned port;
	struct buffer to_server, to_client;
	enum request_state request;
	enum response_state response;
	struct http_body request_body, response_body;
	bool tunnel;           /* upgraded, or another protocol inside TLS: relay only */
	bool may_upgrade;      /* the request in flight asks for another protocol */
	char method[24];       /* of the request in flight */
	struct observed *seen; /* the call in flight, NULL if it is none */
	enum timer timer;
	int64_t deadline;
	int64_t linger_until; /* ... however much still comes */
	struct conn *timer_prev, *timer_next;
	struct conn *runnable_prev, *runnable_next;
	struct conn *prev, *next; /* all of the worker's */
};

struct worker {
	struct shared *shared;
	struct loop *loop;
	struct upstream_loop *upstream;
	struct buffer_pool pool;
	struct conn *conns;
	struct timer_list timers[TIMERS];
	struct conn *runnable, *last_runnable; /* to go on in this turn, or the next */
	struct conn *dead;                     /* to be freed at the end of the turn */
	int64_t stop_deadline;                 /* 0: not stopping */
	struct http_head head;                 /* scratch: large, and used within one call */
};

/* A connection of fd, which it owns from here on, in CONN_REQUEST; not yet watched. */
struct conn *conn_new(struct worker *w, int fd);
/* Ends it now, writes its call down; memory goes at the end of the turn. */
void conn_close(struct conn *f);
/* It will go on in this turn of the worker (or the next, from inside its own). */
void conn_wake(struct conn *f);
/* The connection that is next to go on, no longer waiting for it; NULL if none is. */
struct conn *conn_next_runnable(struct worker *w);
/* Sets the one timer that runs for it. */
void conn_timer(struct conn *f, enum timer timer);

enum progress { PROGRESS_NONE, PROGRESS_MADE, PROGRESS_CLOSED };
/* The client's side. PROGRESS_CLOSED when the connection is gone. */
enum progress conn_read_client(struct conn *f);
enum progress conn_write_client(struct conn *f);

/* The call in flight, if there is one, is over. */
void conn_end_call(struct conn *f);
/* It never reached anybody: as if it had not been. */
void conn_drop_call(struct conn *f);

/* Begins to connect to its host; false when that can't even begin (it is closed then). When it is
 * done the connection is woken: f->up_ready, or f->up_failure and f->up_error. */
bool conn_connect(struct conn *f, bool tls);
void conn_leave_upstream(struct conn *f);

/* The call in flight is over, and none follows: what is on its way to the client gets there, and
 * what that still sends is taken in for a while, so that it can read the answer before it sees the
 * end. */
void conn_linger(struct conn *f);

/* Answers the client itself, in place of the upstream, and ends. status "502 Bad Gateway"; extra:
 * whole header lines or "". */
void conn_answer(struct conn *f, const char *status, const char *extra, const char *text);
/* The same, by f->up_failure. */
void conn_answer_failure(struct conn *f);

#endif
