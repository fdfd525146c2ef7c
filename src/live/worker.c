/* worker.c - live: see flow.h: one thread with its loop: accepts, waits, keeps the timers, ends. */
#include "config.h"

#include "live/flow.h"

#include "ground/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Accepted in one turn, so that a flood of connects leaves time for the calls in flight. */
enum { ACCEPT_AT_ONCE = 32 };
/* Hosts that are told once each; a flood of made-up names is not told. */
enum { HOSTS_TOLD = 4096 };

void worker_note(struct worker *w, enum proxy_note_kind kind, const char *host, const char *text,
                 const struct captured_call *call)
{
	struct proxy *p = w->proxy;
	struct proxy_note n = {kind, host, text, call};
	if (!p->settings->note)
		return;
	pthread_mutex_lock(&p->note_lock);
	p->settings->note(p->settings->note_data, &n);
	pthread_mutex_unlock(&p->note_lock);
}

static bool first_time(struct proxy *p, enum proxy_note_kind kind, const char *host)
{
	uint32_t hash = 2166136261u;
	for (const char *c = host; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	struct host_seen **bucket = &p->hosts[hash % (sizeof p->hosts / sizeof p->hosts[0])];
	for (struct host_seen *h = *bucket; h; h = h->next)
		if (h->kind == kind && strcmp(h->host, host) == 0)
			return false;
	if (p->n_hosts >= HOSTS_TOLD)
		return false;
	size_t n = strlen(host) + 1;
	struct host_seen *h = xmalloc(sizeof *h + n);
	h->kind = kind;
	memcpy(h->host, host, n);
	h->next = *bucket;
	*bucket = h;
	p->n_hosts++;
	return true;
}

void worker_note_host(struct worker *w, enum proxy_note_kind kind, const char *host,
                      const char *text)
{
	struct proxy *p = w->proxy;
	struct proxy_note n = {kind, host, text, NULL};
	if (!p->settings->note)
		return;
	pthread_mutex_lock(&p->note_lock);
	if (first_time(p, kind, host))
		p->settings->note(p->settings->note_data, &n);
	pthread_mutex_unlock(&p->note_lock);
}

static void refuse_client(struct worker *w, int fd)
{
	static const char text[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
	                           "Retry-After: 1\r\nConnection: close\r\n\r\n";
	atomic_fetch_add(&w->proxy->n_refused, 1);
	if (send(fd, text, sizeof text - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		/* Nothing was promised. */
	}
	close(fd);
}

static void accept_ready(struct watch *watch, unsigned events)
{
	struct worker *w = (struct worker *)((char *)watch - offsetof(struct worker, listen));
	struct proxy *p = w->proxy;
	size_t most = p->settings->max_clients ? p->settings->max_clients : LIMIT_CLIENTS;
	for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
		int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		atomic_fetch_add(&p->n_clients, 1);
		if (atomic_fetch_add(&p->clients, 1) >= most) {
			atomic_fetch_sub(&p->clients, 1);
			refuse_client(w, fd);
			continue;
		}
		flow_new(w, fd);
	}
}

static void begin_stop(struct worker *w)
{
	loop_forget(w->loop, &w->listen);
	w->stop_deadline = loop_now(w->loop) + w->proxy->settings->timeouts.stop;
	for (struct flow *f = w->flows, *next; f; f = next) {
		next = f->next;
		flow_stop(f);
	}
}

static void wake_ready(struct watch *watch, unsigned events)
{
	struct worker *w = (struct worker *)((char *)watch - offsetof(struct worker, wake));
	char drop[64];
	while (read(watch->fd, drop, sizeof drop) > 0)
		continue;
	if (!w->stop_deadline)
		begin_stop(w);
}

static void bury(struct worker *w)
{
	while (w->dead) {
		struct flow *f = w->dead;
		w->dead = f->next;
		for (struct flow **at = &w->hot; f->in_hot && *at; at = &(*at)->hot_next)
			if (*at == f) {
				*at = f->hot_next;
				break;
			}
		free(f);
	}
}

static void run_hot(struct worker *w)
{
	struct flow *f = w->hot;
	w->hot = NULL;
	while (f) {
		struct flow *next = f->hot_next;
		f->in_hot = false;
		flow_advance(f);
		f = next;
	}
}

static void run_timers(struct worker *w)
{
	int64_t now = loop_now(w->loop);
	for (int t = 0; t < TIMERS; t++)
		while (w->timers[t].first && w->timers[t].first->deadline <= now) {
			struct flow *f = w->timers[t].first;
			flow_timed_out(f);
			/* Whatever was decided, it does not stay first and due. */
			if (!f->closing && w->timers[t].first == f && f->deadline <= now)
				flow_close(f);
		}
}

static int wait_ms(const struct worker *w)
{
	int64_t now = loop_now(w->loop);
	int64_t until = w->stop_deadline ? w->stop_deadline : now + 60000;
	for (int t = 0; t < TIMERS; t++)
		if (w->timers[t].first && w->timers[t].first->deadline < until)
			until = w->timers[t].first->deadline;
	int ms = until > now ? (int)(until - now) : 0;
	int curl = upstream_loop_timeout(w->upstream);
	if (curl >= 0 && curl < ms)
		ms = curl;
	return w->hot ? 0 : ms;
}

static bool is_over(const struct worker *w)
{
	if (!w->stop_deadline)
		return false;
	return !w->flows || atomic_load(&w->proxy->stop) > 1 ||
	       loop_now(w->loop) >= w->stop_deadline;
}

void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct capture *capture = w->proxy->settings->capture;
	while (!is_over(w)) {
		struct err err = {0};
		if (capture && capture_flush(capture, &err) != STATUS_OK &&
		    !atomic_exchange(&w->proxy->told_trouble, true)) {
			char line[1600];
			worker_note(w, NOTE_TROUBLE, NULL, err_line(&err, line, sizeof line), NULL);
		}
		if (!loop_run_once(w->loop, wait_ms(w)))
			break;
		upstream_loop_run(w->upstream);
		run_timers(w);
		run_hot(w);
		bury(w);
	}
	while (w->flows)
		flow_close(w->flows);
	bury(w);
	atomic_fetch_sub(&w->proxy->running, 1);
	return NULL;
}

bool worker_init(struct worker *w, struct proxy *p, struct err *err)
{
	w->proxy = p;
	w->listen.fd = w->wake.fd = -1;
	w->wake_fds[0] = w->wake_fds[1] = -1;
	w->loop = loop_new(err);
	if (!w->loop)
		return false;
	if (pipe2(w->wake_fds, O_CLOEXEC | O_NONBLOCK) != 0 ||
	    !loop_watch(w->loop, &w->wake, w->wake_fds[0], LOOP_READ, wake_ready) ||
	    !loop_watch(w->loop, &w->listen, p->listen_fd, LOOP_READ | LOOP_SHARED, accept_ready)) {
		err_set(err, STATUS_STOP, "proxy", "a thread can't be set up: %s", strerror(errno));
		return false;
	}
	w->upstream = upstream_loop_new(p->upstream, w->loop);
	return true;
}

void worker_release(struct worker *w)
{
	while (w->n_rooms)
		free(w->rooms[--w->n_rooms]);
	upstream_loop_free(w->upstream);
	if (w->wake_fds[0] >= 0) {
		close(w->wake_fds[0]);
		close(w->wake_fds[1]);
	}
	loop_free(w->loop);
}
