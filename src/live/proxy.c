/* proxy.c - live: see proxy.h: the listening socket, the threads, their end. */
#include "config.h"

#include "live/flow.h"

#include "live/address.h"

#include "ground/alloc.h"

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
	const struct proxy_settings *s = p->settings;
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
		err_set(err, STATUS_STOP, "listen", "%s:%u: %s", s->listen_host, s->listen_port,
		        strerror(errno));
		return false;
	}
	p->port = ntohs(a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port);
	return true;
}

/* Two sockets a client, and some for files and names. */
static void raise_file_limit(size_t clients)
{
	struct rlimit r;
	rlim_t want = (rlim_t)clients * 2 + 256;
	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= want)
		return;
	r.rlim_cur = r.rlim_max == RLIM_INFINITY || r.rlim_max > want ? want : r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

static unsigned thread_count(const struct proxy_settings *s)
{
	long n = s->threads ? (long)s->threads : sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > MOST_THREADS ? MOST_THREADS : (unsigned)n;
}

static bool init_workers(struct proxy *p, struct err *err)
{
	p->n_workers = thread_count(p->settings);
	p->workers = xcalloc(p->n_workers, sizeof *p->workers);
	for (unsigned i = 0; i < p->n_workers; i++)
		if (!worker_init(&p->workers[i], p, err))
			return false;
	return true;
}

bool proxy_start(struct proxy *p, struct err *err)
{
	sigset_t all, old;
	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	for (unsigned i = 0; i < p->n_workers; i++) {
		struct worker *w = &p->workers[i];
		atomic_fetch_add(&p->running, 1);
		w->started = pthread_create(&w->thread, NULL, worker_main, w) == 0;
		if (!w->started)
			atomic_fetch_sub(&p->running, 1);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (p->workers[0].started)
		return true;
	err_set(err, STATUS_STOP, "threads", "no thread could be started");
	return false;
}

struct proxy *proxy_open(const struct proxy_settings *settings, struct err *err)
{
	struct proxy *p = xcalloc(1, sizeof *p);
	p->settings = settings;
	p->listen_fd = -1;
	pthread_mutex_init(&p->note_lock, NULL);
	raise_file_limit(settings->max_clients ? settings->max_clients : LIMIT_CLIENTS);
	if (!open_listener(p, err))
		goto fail;
	p->connect = settings->connect;
	p->connect.self_host = settings->listen_host;
	p->connect.self_port = p->port;
	p->connect.connect_timeout_ms = settings->timeouts.connect;
	p->upstream = upstream_shared_new(&p->connect, err);
	if (!p->upstream)
		goto fail;
	if (!settings->endpoint && !(p->tls = tls_server_new(settings->ca, err)))
		goto fail;
	if (!init_workers(p, err))
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
	atomic_fetch_add(&p->stop, 1);
	for (unsigned i = 0; i < p->n_workers; i++)
		if (write(p->workers[i].wake_fds[1], "", 1) < 0) {
			/* Full: it will wake anyway. */
		}
}

bool proxy_done(struct proxy *p)
{
	return atomic_load(&p->running) == 0;
}

void proxy_wait(struct proxy *p)
{
	for (unsigned i = 0; i < p->n_workers; i++)
		if (p->workers[i].started) {
			pthread_join(p->workers[i].thread, NULL);
			p->workers[i].started = false;
		}
}

void proxy_counts(struct proxy *p, struct proxy_counts *c)
{
	*c = (struct proxy_counts){
	        .clients = atomic_load(&p->n_clients),
	        .requests = atomic_load(&p->n_requests),
	        .calls = atomic_load(&p->n_calls),
	        .unrecognised = atomic_load(&p->n_unrecognised),
	        .blind = atomic_load(&p->n_blind),
	        .refused = atomic_load(&p->n_refused),
	};
}

static void forget_hosts(struct proxy *p)
{
	for (size_t i = 0; i < sizeof p->hosts / sizeof p->hosts[0]; i++)
		for (struct host_seen *h = p->hosts[i], *next; h; h = next) {
			next = h->next;
			free(h);
		}
}

void proxy_free(struct proxy *p)
{
	if (!p)
		return;
	if (p->workers && p->workers[0].started) {
		proxy_stop(p);
		proxy_stop(p);
	}
	proxy_wait(p);
	for (unsigned i = 0; i < p->n_workers && p->workers; i++)
		if (p->workers[i].loop)
			worker_release(&p->workers[i]);
	free(p->workers);
	tls_server_free(p->tls);
	upstream_shared_free(p->upstream);
	if (p->listen_fd >= 0)
		close(p->listen_fd);
	forget_hosts(p);
	pthread_mutex_destroy(&p->note_lock);
	free(p);
}
