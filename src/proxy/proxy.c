/* proxy.c - proxy: see proxy.h: the listening socket, the threads, their end. */
#include "config.h"

#include "proxy/proxy.h"

#include "proxy/shared.h"
#include "proxy/worker.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_THREADS = 8, BACKLOG = 1024 };

struct proxy {
	struct shared shared;
	struct upstream_shared *upstream;
	struct upstream_settings connect; /* with our own address in it */
	int listen_fd;
	unsigned port;
	unsigned n_workers;
	struct worker_thread **workers;
};

const struct proxy_timeouts proxy_timeouts_default = {
        .head = 30 * 1000,
        .hello = 10 * 1000,
        .handshake = 30 * 1000,
        .connect = 60 * 1000,
        .idle = 20 * 60 * 1000,
        .blind = 2 * 60 * 60 * 1000,
        .stop = 30 * 1000,
};

union any_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t parse_address(const char *host, unsigned port, union any_address *a)
{
	memset(a, 0, sizeof *a);
	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	if (inet_pton(AF_INET, host, &a->v4.sin_addr) == 1) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons((uint16_t)port);
		return sizeof a->v4;
	}
	if (inet_pton(AF_INET6, host, &a->v6.sin6_addr) == 1) {
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons((uint16_t)port);
		return sizeof a->v6;
	}
	return 0;
}

static bool open_listener(struct proxy *p, struct err *err)
{
	const struct proxy_settings *s = p->shared.settings;
	union any_address a;
	int one = 1;
	socklen_t size = parse_address(s->listen_host, s->listen_port, &a);
	if (size == 0) {
		err_set(err, STATUS_STOP, "listen", "'%s' is no address to listen on",
		        s->listen_host);
		return false;
	}
	p->listen_fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->listen_fd >= 0)
		setsockopt(p->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (p->listen_fd < 0 || bind(p->listen_fd, &a.any, size) != 0 ||
	    listen(p->listen_fd, BACKLOG) != 0 ||
	    getsockname(p->listen_fd, &a.any, &(socklen_t){sizeof a}) != 0) {
		err_set(err, STATUS_STOP, errno == EADDRINUSE ? "in-use" : "listen", "%s:%u: %s",
		        s->listen_host, s->listen_port, strerror(errno));
		return false;
	}
	p->port = ntohs(a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port);
	return true;
}

static unsigned thread_count(const struct proxy_settings *s)
{
	long n = s->threads ? (long)s->threads : sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > MOST_THREADS ? MOST_THREADS : (unsigned)n;
}

/* Two descriptors a client, some a thread, and some for files and names. How many clients that
 * makes where no more descriptors can be had: one too many is told to come again, which is better
 * than to be taken and not be connected. */
static size_t clients_by_files(size_t clients, unsigned threads)
{
	struct rlimit r;
	rlim_t ours = 16 + 6 * (rlim_t)threads, want = (rlim_t)clients * 2 + ours + 256;
	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return clients;
	if (r.rlim_cur < want) {
		rlim_t before = r.rlim_cur;
		r.rlim_cur = r.rlim_max == RLIM_INFINITY || r.rlim_max > want ? want : r.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &r) != 0)
			r.rlim_cur = before;
	}
	rlim_t left = r.rlim_cur > ours + 2 ? (r.rlim_cur - ours) / 2 : 1;
	return left < clients ? (size_t)left : clients;
}

static bool make_workers(struct proxy *p, struct err *err)
{
	unsigned n = thread_count(p->shared.settings);
	p->workers = xcalloc(n, sizeof(struct worker_thread *));
	for (unsigned i = 0; i < n; i++, p->n_workers++)
		if (!(p->workers[i] = worker_new(&p->shared, p->upstream, p->listen_fd, err)))
			return false;
	return true;
}

bool proxy_start(struct proxy *p, struct err *err)
{
	unsigned started = 0;
	sigset_t all, old;
	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	for (unsigned i = 0; i < p->n_workers; i++)
		started += worker_start(p->workers[i]);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (started > 0)
		return true;
	err_set(err, STATUS_STOP, "threads", "no thread could be started");
	return false;
}

struct proxy *proxy_open(const struct proxy_settings *settings, struct err *err)
{
	struct proxy *p = xcalloc(1, sizeof *p);
	p->shared.settings = settings;
	p->listen_fd = -1;
	event_queue_init(&p->shared.events, settings);
	p->shared.most_clients =
	        clients_by_files(settings->max_clients ? settings->max_clients : LIMIT_CLIENTS,
	                         thread_count(settings));
	if (!open_listener(p, err))
		goto fail;
	p->connect = settings->connect;
	p->connect.self_host = settings->listen_host;
	p->connect.self_port = p->port;
	p->connect.connect_timeout_ms = settings->timeouts.connect;
	p->upstream = upstream_shared_new(&p->connect, err);
	if (!p->upstream)
		goto fail;
	if (!settings->endpoint && !(p->shared.tls = tls_server_new(settings->ca, err)))
		goto fail;
	if (!make_workers(p, err))
		goto fail;
	return p;
fail:
	proxy_free(p);
	return NULL;
}

unsigned proxy_port(const struct proxy *p)
{
	return p->port;
}

void proxy_stop(struct proxy *p)
{
	atomic_fetch_add(&p->shared.stop, 1);
	for (unsigned i = 0; i < p->n_workers; i++)
		worker_wake(p->workers[i]);
}

bool proxy_done(struct proxy *p)
{
	return atomic_load(&p->shared.running) == 0;
}

void proxy_wait(struct proxy *p)
{
	for (unsigned i = 0; i < p->n_workers; i++)
		worker_join(p->workers[i]);
}

void proxy_counts(struct proxy *p, struct proxy_counts *c)
{
	*c = (struct proxy_counts){
	        .clients = atomic_load(&p->shared.n_clients),
	        .requests = atomic_load(&p->shared.n_requests),
	        .calls = atomic_load(&p->shared.n_calls),
	        .unrecognised = atomic_load(&p->shared.n_unrecognised),
	        .blind = atomic_load(&p->shared.n_blind),
	        .refused = atomic_load(&p->shared.n_refused),
	        .failed = atomic_load(&p->shared.n_failed),
	};
}

void proxy_free(struct proxy *p)
{
	if (!p)
		return;
	proxy_stop(p);
	proxy_stop(p);
	proxy_wait(p);
	for (unsigned i = 0; i < p->n_workers; i++)
		worker_free(p->workers[i]);
	free(p->workers);
	tls_server_free(p->shared.tls);
	upstream_shared_free(p->upstream);
	if (p->listen_fd >= 0)
		close(p->listen_fd);
	event_queue_release(&p->shared.events);
	free(p);
}
