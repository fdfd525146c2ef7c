/* flow.h - live: the inside of the proxy: one client connection and where its bytes go. flow.c
 * brings it up (CONNECT, ClientHello, handshake, upstream), relay.c passes bytes and watches the
 * framing, worker.c runs many. */
#ifndef LIVE_FLOW_H
#define LIVE_FLOW_H

#include "live/http.h"
#include "live/observe.h"
#include "live/proxy.h"

#include <pthread.h>
#include <stdatomic.h>

/* First room of a pipe, and the most: a head and a TLS record behind it. */
#define PIPE_ROOM ((size_t)16 << 10)
#define PIPE_ROOM_MOST (LIMIT_HTTP_HEAD + ((size_t)16 << 10))

/* Bytes on their way in one direction: [start, ready) may be sent on, [ready, end) is not yet
 * framed. */
struct pipe {
	char *p;
	size_t room, start, ready, end;
	size_t scanned; /* of the head at ready */
	bool eof;       /* the source sends no more */
	bool broken;    /* ... and did not say so properly */
	bool shut;      /* the sink knows */
};

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
	bool relayed;                    /* a request was relayed on this connection already */
	bool client_maybe, server_maybe; /* there may be something to read */
	bool client_fired;               /* a poll told so, and nothing was read since */
	bool in_hot, closing;
	char host[256]; /* lower case, NUL-terminated */
	unsigned port;
	struct pipe to_server, to_client;
	enum request_state request;
	enum response_state response;
	struct http_body request_body, response_body;
	bool answer_begun;     /* bytes of this exchange's response went to the client */
	bool tunnel;           /* upgraded, or another protocol inside TLS: relay only */
	char method[24];       /* of the request in flight */
	struct observed *seen; /* the call in flight, NULL if it is none */
	enum timer timer;
	int64_t deadline;
	struct flow *timer_prev, *timer_next;
	struct flow *hot_next;
	struct flow *prev, *next; /* all of the worker's */
};

struct host_seen { /* a host that was told of */
	struct host_seen *next;
	enum proxy_note_kind kind;
	char host[];
};

struct proxy {
	const struct proxy_settings *settings;
	struct tls_server *tls;
	struct upstream_shared *upstream;
	struct upstream_settings connect; /* with our own address in it */
	int listen_fd;
	unsigned port;
	unsigned n_workers;
	struct worker *workers;
	atomic_uint running;   /* threads */
	atomic_int stop;       /* how often proxy_stop was called */
	atomic_size_t clients; /* now */
	atomic_ullong n_clients, n_requests, n_calls, n_unrecognised, n_blind, n_refused;
	pthread_mutex_t note_lock;
	struct host_seen *hosts[1024]; /* what was told already */
	size_t n_hosts;
	atomic_bool told_trouble;
};

enum { SPARE_ROOMS = 64 };

struct worker {
	struct proxy *proxy;
	pthread_t thread;
	bool started;
	struct loop *loop;
	struct upstream_loop *upstream;
	struct watch listen, wake;
	int wake_fds[2];
	struct flow *flows;
	struct timer_list timers[TIMERS];
	struct flow *hot;         /* stopped for fairness, to go on in the next turn */
	struct flow *dead;        /* to be freed at the end of the turn */
	char *rooms[SPARE_ROOMS]; /* pipe memory to be used again */
	size_t n_rooms;
	int64_t stop_deadline; /* 0: not stopping */
	struct http_head head; /* scratch: large, and used within one call */
};

/* flow.c */
void flow_new(struct worker *w, int fd);
/* Ends it now; memory goes at the end of the turn. */
void flow_close(struct flow *f);
void flow_timed_out(struct flow *f);
/* A stop was asked for: ends it unless a call is in flight. */
void flow_stop(struct flow *f);
void flow_timer(struct flow *f, enum timer timer);
/* Goes on with whatever can be done. */
void flow_advance(struct flow *f);
/* Connects to the target; false when that can't even begin (flow is closed then). */
bool flow_connect(struct flow *f, bool tls);
/* Answers the client itself, in place of the upstream, and ends. status "502 Bad Gateway". */
void flow_answer(struct flow *f, const char *status, const char *extra, const char *text);
void flow_answer_failure(struct flow *f);
/* From here on bytes pass unseen. */
void flow_go_blind(struct flow *f, const char *why);
/* A request head of a client that speaks plainly, at the front of to_server: checks it, rewrites an
 * absolute form to origin form, connects, begins the exchange. False: it was answered or closed. */
bool flow_take_plain(struct flow *f, const struct http_head *h);

/* pipe.c */
bool pipe_room(struct worker *w, struct pipe *p, size_t *n); /* at p->p + p->end */
void pipe_take(struct pipe *p, size_t n);                    /* n bytes were sent from start */
void pipe_add(struct worker *w, struct pipe *p, const void *data, size_t n);
void pipe_idle(struct worker *w, struct pipe *p); /* gives memory back if empty */
void pipe_release(struct worker *w, struct pipe *p);
static inline size_t pipe_ready(const struct pipe *p)
{
	return p->ready - p->start;
}
static inline size_t pipe_unframed(const struct pipe *p)
{
	return p->end - p->ready;
}

/* relay.c */
enum progress { PROGRESS_NONE, PROGRESS_MADE, PROGRESS_CLOSED };
/* Passes on what can be; PROGRESS_CLOSED when the flow is gone. */
enum progress relay_pump(struct flow *f);
/* Asks the loop for the events that pumping can go on with. */
void relay_want(struct flow *f);
/* The head at the front of to_server begins an exchange with host. */
void relay_begin(struct flow *f, const struct http_head *h, struct span host);
enum progress flow_read_client(struct flow *f);
enum progress flow_write_client(struct flow *f);
/* The exchange in flight ends here, its call is written down if a request reached the upstream. */
void relay_end_call(struct flow *f);

/* worker.c */
void worker_note(struct worker *w, enum proxy_note_kind kind, const char *host, const char *text,
                 const struct captured_call *call);
void worker_note_host(struct worker *w, enum proxy_note_kind kind, const char *host,
                      const char *text);
void *worker_main(void *worker);
bool worker_init(struct worker *w, struct proxy *p, struct err *err);
void worker_release(struct worker *w);

#endif
