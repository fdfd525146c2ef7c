/* worker.c - proxy: see worker.h. */
#include "config.h"

#include "proxy/worker.h"

#include "proxy/state.h"

#include "base/alloc.h"
#include "capture/local-peer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Accepted in one turn, so that a flood of connects leaves time for the calls in flight. Where
 * there is no descriptor left, a pause: the poll would tell of who waits without end. */
enum { ACCEPT_AT_ONCE = 32, ACCEPT_PAUSE_MS = 100 };

struct worker_thread {
	struct worker w;
	pthread_t thread;
	bool started;
	int listen_fd;
	struct local_peers *peers; /* NULL: all clients are let in */
	struct watch listen, wake;
	int wake_fds[2];
	int64_t accept_again; /* 0: it does */
};

static void refuse_client(struct shared *s, int fd, const char *answer)
{
	atomic_fetch_add(&s->n_refused, 1);
	if (send(fd, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		/* Nothing was promised. */
	}
	close(fd);
}

/* Everybody on the machine reaches a loopback port: calls of another user would go out under no
 * name of ours, but into our capture, and so into a policy. */
static bool is_foreign(struct worker_thread *t, int fd, const struct sockaddr *peer)
{
	uid_t uid = 0;
	char text[100];
	enum local_peer who = local_peers_ask(t->peers, fd, peer, &uid);
	if (who == PEER_OTHER) {
		snprintf(
		        text, sizeof text,
		        "a client of another user (uid %ld) was refused; --allow-others lets it in",
		        (long)uid);
		event_queue_tell(&t->w.shared->events, PROXY_EVENT_REFUSED, NULL, text, NULL);
	}
	return who != PEER_OWN;
}

static void pause_accepting(struct worker_thread *t)
{
	loop_forget(t->w.loop, &t->listen);
	t->accept_again = loop_now(t->w.loop) + ACCEPT_PAUSE_MS;
}

static void accept_ready(struct watch *watch, unsigned events)
{
	static const char too_many[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
	                               "Retry-After: 1\r\nConnection: close\r\n\r\n",
	                  foreign[] = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n"
	                              "Connection: close\r\n\r\n";
	struct worker_thread *t =
	        (struct worker_thread *)((char *)watch - offsetof(struct worker_thread, listen));
	struct shared *s = t->w.shared;
	for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
		struct sockaddr_storage peer;
		socklen_t size = sizeof peer;
		int fd = accept4(watch->fd, (struct sockaddr *)&peer, &size,
		                 SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			    errno == ENOMEM)
				pause_accepting(t);
			return;
		}
		atomic_fetch_add(&s->n_clients, 1);
		if (t->peers && is_foreign(t, fd, (struct sockaddr *)&peer)) {
			refuse_client(s, fd, foreign);
			continue;
		}
		if (atomic_fetch_add(&s->clients, 1) >= s->most_clients) {
			atomic_fetch_sub(&s->clients, 1);
			refuse_client(s, fd, too_many);
			continue;
		}
		state_begin(&t->w, fd);
	}
}

static bool accept_from_now(struct worker_thread *t)
{
	t->accept_again = 0;
	return loop_watch(t->w.loop, &t->listen, t->listen_fd, LOOP_READ | LOOP_SHARED,
	                  accept_ready);
}

static void resume_accepting(struct worker_thread *t)
{
	if (t->accept_again && loop_now(t->w.loop) >= t->accept_again && !t->w.stop_deadline &&
	    !accept_from_now(t))
		pause_accepting(t);
}

static void begin_stop(struct worker_thread *t)
{
	struct worker *w = &t->w;
	loop_forget(w->loop, &t->listen);
	w->stop_deadline = loop_now(w->loop) + w->shared->settings->timeouts.stop;
	for (struct conn *f = w->conns, *next; f; f = next) {
		next = f->next;
		state_stop(f);
	}
}

static void wake_ready(struct watch *watch, unsigned events)
{
	struct worker_thread *t =
	        (struct worker_thread *)((char *)watch - offsetof(struct worker_thread, wake));
	char drop[64];
	while (read(watch->fd, drop, sizeof drop) > 0)
		continue;
	if (!t->w.stop_deadline)
		begin_stop(t);
}

static void bury(struct worker *w)
{
	while (w->dead) {
		struct conn *f = w->dead;
		w->dead = f->next;
		free(f);
	}
}

/* Each once: who could go on from there has the next turn. */
static void run_flows(struct worker *w)
{
	const struct conn *last = w->last_runnable, *f = NULL;
	while (f != last) {
		struct conn *next = conn_next_runnable(w);
		state_advance(next);
		f = next;
	}
}

static void run_timers(struct worker *w)
{
	int64_t now = loop_now(w->loop);
	for (int t = 0; t < TIMERS; t++)
		while (w->timers[t].first && w->timers[t].first->deadline <= now) {
			struct conn *f = w->timers[t].first;
			state_timed_out(f);
			/* Whatever was decided, it does not stay first and due. */
			if (!f->closing && w->timers[t].first == f && f->deadline <= now)
				conn_close(f);
		}
}

static int wait_ms(const struct worker_thread *t)
{
	const struct worker *w = &t->w;
	int64_t now = loop_now(w->loop);
	int64_t until = w->stop_deadline ? w->stop_deadline : now + 60000;
	if (t->accept_again && !w->stop_deadline && t->accept_again < until)
		until = t->accept_again;
	for (int i = 0; i < TIMERS; i++)
		if (w->timers[i].first && w->timers[i].first->deadline < until)
			until = w->timers[i].first->deadline;
	int ms = until > now ? (int)(until - now) : 0;
	struct capture *c = w->shared->settings->capture;
	const int others[] = {upstream_loop_timeout(w->upstream), c ? capture_wait(c) : -1};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (others[i] >= 0 && others[i] < ms)
			ms = others[i];
	return w->runnable ? 0 : ms;
}

static bool is_over(const struct worker *w)
{
	if (!w->stop_deadline)
		return false;
	return !w->conns || atomic_load(&w->shared->stop) > 1 ||
	       loop_now(w->loop) >= w->stop_deadline;
}

static void flush(struct shared *s)
{
	struct err err = {0};
	struct capture *c = s->settings->capture;
	if (!c)
		return;
	if (capture_flush(c, &err) != STATUS_OK)
		event_queue_tell_trouble(&s->events, &err);
	else if (event_queue_in_trouble(&s->events) && !capture_failing(c))
		event_queue_end_trouble(&s->events);
}

static void *run(void *thread)
{
	struct worker_thread *t = thread;
	struct worker *w = &t->w;
	while (!is_over(w)) {
		flush(w->shared);
		if (!loop_run_once(w->loop, wait_ms(t)))
			break;
		resume_accepting(t);
		upstream_loop_run(w->upstream);
		run_timers(w);
		run_flows(w);
		bury(w);
	}
	while (w->conns)
		conn_close(w->conns);
	bury(w);
	atomic_fetch_sub(&w->shared->running, 1);
	return NULL;
}

struct worker_thread *worker_new(struct shared *s, struct upstream_shared *upstream, int listen_fd,
                                 struct err *err)
{
	struct worker_thread *t = xcalloc(1, sizeof *t);
	struct worker *w = &t->w;
	w->shared = s;
	t->wake_fds[0] = t->wake_fds[1] = -1;
	t->listen_fd = listen_fd;
	w->loop = loop_new(err);
	if (!w->loop)
		goto fail;
	if (pipe2(t->wake_fds, O_CLOEXEC | O_NONBLOCK) != 0 ||
	    !loop_watch(w->loop, &t->wake, t->wake_fds[0], LOOP_READ, wake_ready) ||
	    !accept_from_now(t)) {
		err_set(err, STATUS_STOP, "proxy", "a thread can't be set up: %s", strerror(errno));
		goto fail;
	}
	w->upstream = upstream_loop_new(upstream, w->loop);
	/* a token tells as well who may come in, and from other machines */
	if (!s->settings->allow_others && !s->settings->token)
		t->peers = local_peers_new(listen_fd);
	return t;
fail:
	worker_free(t);
	return NULL;
}

bool worker_start(struct worker_thread *t)
{
	atomic_fetch_add(&t->w.shared->running, 1);
	t->started = pthread_create(&t->thread, NULL, run, t) == 0;
	if (!t->started)
		atomic_fetch_sub(&t->w.shared->running, 1);
	return t->started;
}

void worker_wake(struct worker_thread *t)
{
	if (write(t->wake_fds[1], "", 1) < 0) {
		/* Full: it will wake anyway. */
	}
}

void worker_join(struct worker_thread *t)
{
	if (t->started)
		pthread_join(t->thread, NULL);
	t->started = false;
}

void worker_free(struct worker_thread *t)
{
	if (!t)
		return;
	buffer_pool_release(&t->w.pool);
	upstream_loop_free(t->w.upstream);
	local_peers_free(t->peers);
	if (t->wake_fds[0] >= 0) {
		close(t->wake_fds[0]);
		close(t->wake_fds[1]);
	}
	loop_free(t->w.loop);
	free(t);
}
