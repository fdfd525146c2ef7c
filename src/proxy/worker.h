/* worker.h - proxy: one thread with its loop: accepts, waits, keeps the timers, ends. */
#ifndef PROXY_WORKER_H
#define PROXY_WORKER_H

#include "base/attributes.h"
#include "proxy/shared.h"

struct worker_thread;

/* Accepts from listen_fd, which others may share. NULL with err when the system can't. */
struct worker_thread *worker_new(struct shared *s, struct upstream_shared *upstream, int listen_fd,
                                 struct err *err);
/* False if no thread could be started. */
bool worker_start(struct worker_thread *t) MUST_CHECK;
/* Makes it look at shared->stop; safe in a signal handler. */
void worker_wake(struct worker_thread *t);
/* Waits until it has ended. */
void worker_join(struct worker_thread *t);
/* After worker_join; NULL is fine. */
void worker_free(struct worker_thread *t);

#endif
