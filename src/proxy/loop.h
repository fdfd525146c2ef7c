/* loop.h - proxy: waits for many sockets at once (epoll; the one place that knows it), level
 * triggered, with monotonic time. One loop belongs to one thread. */
#ifndef PROXY_LOOP_H
#define PROXY_LOOP_H

#include "base/attributes.h"
#include "base/err.h"

enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
	LOOP_ERROR = 4, /* only reported: error or hang-up of both directions */
	LOOP_SHARED =
	        8, /* only asked: several loops wait for it, one is woken (a listening socket) */
};

struct loop;

/* One socket that is waited for; lives in its owner's struct, who must call loop_forget before that
 * goes. */
struct watch {
	int fd;          /* -1: not watched */
	unsigned events; /* what is asked for */
	void (*ready)(struct watch *w, unsigned events);
};

struct loop *loop_new(struct err *err);
void loop_free(struct loop *l);

/* Begins to watch fd. False only if the kernel has no room for it. */
bool loop_watch(struct loop *l, struct watch *w, int fd, unsigned events,
                void (*ready)(struct watch *, unsigned)) MUST_CHECK;
/* Asks for other events; costs a system call only when they differ. */
void loop_want(struct loop *l, struct watch *w, unsigned events);
/* No more; w will not be called again, not even for events that were reported already. Does not
 * close. */
void loop_forget(struct loop *l, struct watch *w);

/* Waits up to timeout_ms (-1: for ever) and calls what is ready. False if the wait itself failed.
 */
bool loop_run_once(struct loop *l, int timeout_ms) MUST_CHECK;

/* Milliseconds of a clock that nobody sets, as of the last return from waiting; cheap. */
int64_t loop_now(const struct loop *l);

#endif
