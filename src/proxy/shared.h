/* shared.h - proxy: what all threads of a proxy share, and the one place where a call that is over
 * is written down and told of. */
#ifndef PROXY_SHARED_H
#define PROXY_SHARED_H

#include "proxy/event-queue.h"
#include "proxy/observe.h"
#include "proxy/proxy-settings.h"

#include <stdatomic.h>

struct shared {
	const struct proxy_settings *settings;
	struct tls_server *tls; /* NULL of an endpoint */
	struct event_queue events;
	size_t most_clients;   /* at once */
	atomic_uint running;   /* threads */
	atomic_int stop;       /* how often a stop was asked for */
	atomic_size_t clients; /* now */
	atomic_ullong n_clients, n_requests, n_calls, n_unrecognised, n_blind, n_refused, n_failed;
};

/* What seen has looked at, a call to host, is over: writes it to the capture file, counts and tells
 * it, frees it. NULL is fine. */
void shared_end_call(struct shared *s, const char *host, struct observed *seen);

#endif
