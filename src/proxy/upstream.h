/* upstream.h - proxy: connections to where the calls go, by libcurl: names, happy eyeballs, a
 * company proxy, TLS and its verification. Once connected, bytes pass as they are. What must not be
 * reached is refused here, by address, whatever name led to it: instance metadata services and this
 * proxy itself. */
#ifndef PROXY_UPSTREAM_H
#define PROXY_UPSTREAM_H

#include "proxy/loop.h"

struct upstream_settings {
	const char *ca_file;           /* trusted beside the system's; NULL if none */
	const char *const *connect_to; /* "HOST:PORT:TO:PORT" as curl takes it */
	size_t n_connect_to;
	/* Addresses at which this proxy listens, "127.0.0.1" and port. */
	const char *self_host;
	unsigned self_port;
	bool remote_clients; /* others may use us: no way to loopback addresses for them */
	int connect_timeout_ms;
	const char *https_proxy, *http_proxy, *no_proxy; /* NULL if none */
};

/* What all loops share: trust store (read once), TLS sessions, names. */
struct upstream_shared;
struct upstream_shared *upstream_shared_new(const struct upstream_settings *settings,
                                            struct err *err);
void upstream_shared_free(struct upstream_shared *s);

/* What one loop has. */
struct upstream_loop;
struct upstream_loop *upstream_loop_new(struct upstream_shared *s, struct loop *loop);
void upstream_loop_free(struct upstream_loop *u);
/* To be called before each wait, and after it: how long the wait may be at most, -1 for no bound.
 */
int upstream_loop_timeout(const struct upstream_loop *u);
void upstream_loop_run(struct upstream_loop *u);

struct upstream_target {
	bool tls;
	const char *host; /* a name or an address, IPv6 without brackets; checked by the caller */
	unsigned port;
	bool direct; /* never through a company proxy (an upstream that the user named) */
};

enum upstream_failure {
	UPSTREAM_CONNECTED = 0,
	UPSTREAM_NO_NAME,    /* the name does not resolve */
	UPSTREAM_NO_CONNECT, /* refused, unreachable */
	UPSTREAM_TIMED_OUT,
	UPSTREAM_TLS,       /* handshake or verification */
	UPSTREAM_FORBIDDEN, /* an address that is never connected to */
	UPSTREAM_OTHER,
};

struct upstream;
/* Begins to connect; done is called once, from the loop, never from inside this call. NULL only if
 * libcurl has no memory. upstream_close at any time, also before done. */
struct upstream *upstream_connect(struct upstream_loop *u, const struct upstream_target *target,
                                  void (*done)(void *owner, enum upstream_failure failure),
                                  void *owner);
void upstream_close(struct upstream *up);
/* After a failure: libcurl's text for it. */
const char *upstream_error(const struct upstream *up);

enum upstream_result {
	UPSTREAM_OK,
	UPSTREAM_AGAIN,
	UPSTREAM_END,    /* the peer will send no more */
	UPSTREAM_FAILED, /* the connection is of no further use */
};

/* After done(UPSTREAM_CONNECTED). The socket to be watched; reading until UPSTREAM_AGAIN is
 * required, for TLS holds bytes that no poll tells of. */
int upstream_fd(const struct upstream *up);
enum upstream_result upstream_recv(struct upstream *up, void *p, size_t n, size_t *done);
enum upstream_result upstream_send(struct upstream *up, const void *p, size_t n, size_t *done);
/* Whether bytes were received that no poll tells of, be it only a part of a record. */
bool upstream_pending(const struct upstream *up);
/* No more will be sent: half-closes a connection without TLS; does nothing with it. */
void upstream_shut(struct upstream *up);

#endif
