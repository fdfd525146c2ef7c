/* loop.c - proxy: see loop.h. */
#include "config.h"

#include "proxy/loop.h"

#include "base/alloc.h"
#include "base/when.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 64 };

struct loop {
	int epoll;
	int64_t now;
	struct epoll_event events[EVENTS_AT_ONCE];
	int n_events, at; /* of the batch that is being worked off */
};

struct loop *loop_new(struct err *err)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0) {
		err_set(err, STATUS_STOP, "epoll", "epoll: %s", strerror(errno));
		return NULL;
	}
	struct loop *l = xcalloc(1, sizeof *l);
	l->epoll = fd;
	l->now = when_steady_ms();
	return l;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	close(l->epoll);
	free(l);
}

static uint32_t mask_of(unsigned events)
{
	uint32_t m = 0;
	if (events & LOOP_READ)
		m |= EPOLLIN;
	if (events & LOOP_WRITE)
		m |= EPOLLOUT;
#ifdef EPOLLEXCLUSIVE
	if (events & LOOP_SHARED)
		m |= EPOLLEXCLUSIVE;
#endif
	return m;
}

bool loop_watch(struct loop *l, struct watch *w, int fd, unsigned events,
                void (*ready)(struct watch *, unsigned))
{
	struct epoll_event e = {.events = mask_of(events), .data.ptr = w};
	*w = (struct watch){fd, events, ready};
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) == 0)
		return true;
	w->fd = -1;
	return false;
}

void loop_want(struct loop *l, struct watch *w, unsigned events)
{
	if (w->fd < 0 || w->events == events)
		return;
	struct epoll_event e = {.events = mask_of(events), .data.ptr = w};
	w->events = events;
	epoll_ctl(l->epoll, EPOLL_CTL_MOD, w->fd, &e);
}

void loop_forget(struct loop *l, struct watch *w)
{
	if (w->fd < 0)
		return;
	epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->fd = -1;
	for (int i = l->at; i < l->n_events; i++)
		if (l->events[i].data.ptr == w)
			l->events[i].data.ptr = NULL;
}

bool loop_run_once(struct loop *l, int timeout_ms)
{
	int n = epoll_wait(l->epoll, l->events, EVENTS_AT_ONCE, timeout_ms);
	l->now = when_steady_ms();
	if (n < 0)
		return errno == EINTR;
	l->n_events = n;
	for (l->at = 0; l->at < l->n_events; l->at++) {
		const struct epoll_event *e = &l->events[l->at];
		struct watch *w = e->data.ptr;
		if (!w)
			continue;
		unsigned got = 0;
		if (e->events & (EPOLLIN | EPOLLRDHUP))
			got |= LOOP_READ;
		if (e->events & EPOLLOUT)
			got |= LOOP_WRITE;
		if (e->events & (EPOLLERR | EPOLLHUP))
			got |= LOOP_ERROR;
		w->ready(w, got);
	}
	l->n_events = l->at = 0;
	return true;
}

int64_t loop_now(const struct loop *l)
{
	return l->now;
}
