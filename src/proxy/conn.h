/* conn.h - proxy: one client connection and where its bytes go, and the thread that it belongs to:
 * what each of its stages needs. request.h takes what is asked for, relay.h passes bytes on,
 * stage.h leads it from accept to its end, worker.h runs many. All of a flow happens in its
 * worker's thread. */
#ifndef PROXY_CONN_H
#define PROXY_CONN_H

#include "proxy/http.h"
#include "proxy/loop.h"
#include "proxy/buffer.h"
#include "proxy/shared.h"

enum stage {
	STAGE_REQUEST,   /* reads CONNECT or an absolute form */
	STAGE_CONNECT,   /* CONNECT to be answered when the upstream is there */
	STAGE_HELLO,     /* CONNECT answered, reads a ClientHello */
	STAGE_HANDSHAKE, /* TLS with the client */
	STAGE_HTTP,      /* requests and responses */
	STAGE_BLIND,     /* bytes */
	STAGE_LINGER,    /* the last answer is on its way; what the client still sends is dropped */
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

struct flow;

struct timer_list {
	struct flow *first, *last; /* by deadline: all of one list wait equally long */
};

struct flow {
	struct worker *worker;
	struct watch client, server;
	int fd;
	struct ssl_st *ssl;      /* NULL while, or where, the client speaks plainly */
	bool want_write_to_read; /* TLS wants to write before it can read on */
	struct upstream *up;
	bool up_ready;
	enum upstream_failure up_failure;
	char up_error[256];
	enum stage stage;
	bool plain;                      /* absolute form or endpoint: no CONNECT */
	bool is_api;                     /* the host is an API host */
	const char *why_blind;           /* to be told once it is reached; NULL if it is opened */
	bool relayed;                    /* a request was relayed on this connection already */
	bool client_maybe, server_maybe; /* there may be something to read */
	bool client_fired;               /* a poll told so, and nothing was read since */
	bool runnable, closing;
	char host[256]; /* lower case, NUL-terminated */
	unsigned port;
	struct pipe to_server, to_client;
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
	struct flow *timer_prev, *timer_next;
	struct flow *runnable_prev, *runnable_next;
	struct flow *prev, *next; /* all of the worker's */
};

struct worker {
	struct shared *shared;
	struct loop *loop;
	struct upstream_loop *upstream;
	struct rooms rooms;
	struct flow *flows;
	struct timer_list timers[TIMERS];
	struct flow *runnable, *last_runnable; /* to go on in this turn, or the next */
	struct flow *dead;                     /* to be freed at the end of the turn */
	int64_t stop_deadline;                 /* 0: not stopping */
	struct http_head head;                 /* scratch: large, and used within one call */
};

/* A flow of fd, which it owns from here on, in STAGE_REQUEST; not yet watched. */
struct flow *flow_new(struct worker *w, int fd);
/* Ends it now, writes its call down; memory goes at the end of the turn. */
void flow_close(struct flow *f);
/* It will go on in this turn of the worker (or the next, from inside its own). */
void flow_wake(struct flow *f);
/* The flow that is next to go on, no longer waiting for it; NULL if none is. */
struct flow *flow_next_runnable(struct worker *w);
/* Sets the one timer that runs for it. */
void flow_timer(struct flow *f, enum timer timer);

enum progress { PROGRESS_NONE, PROGRESS_MADE, PROGRESS_CLOSED };
/* The client's side. PROGRESS_CLOSED when the flow is gone. */
enum progress flow_read_client(struct flow *f);
enum progress flow_write_client(struct flow *f);

/* The call in flight, if there is one, is over. */
void flow_end_call(struct flow *f);
/* It never reached anybody: as if it had not been. */
void flow_drop_call(struct flow *f);

/* Begins to connect to its host; false when that can't even begin (it is closed then). When it is
 * done the flow is woken: f->up_ready, or f->up_failure and f->up_error. */
bool flow_connect(struct flow *f, bool tls);
void flow_leave_upstream(struct flow *f);

/* The call in flight is over, and none follows: what is on its way to the client gets there, and
 * what that still sends is taken in for a while, so that it can read the answer before it sees the
 * end. */
void flow_linger(struct flow *f);

/* Answers the client itself, in place of the upstream, and ends. status "502 Bad Gateway"; extra:
 * whole header lines or "". */
void flow_answer(struct flow *f, const char *status, const char *extra, const char *text);
/* The same, by f->up_failure. */
void flow_answer_failure(struct flow *f);

#endif
