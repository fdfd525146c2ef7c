/* event-queue.h - proxy: tells what happens in the proxy's threads to whoever asked for it, one
 * event at a time; hosts and trouble with the capture file are told once. */
#ifndef PROXY_EVENT_QUEUE_H
#define PROXY_EVENT_QUEUE_H

#include "proxy/proxy-settings.h"

#include <pthread.h>
#include <stdatomic.h>

struct host_told;

struct event_queue {
	void (*tell)(void *data, const struct proxy_event *note); /* NULL: nobody asked */
	void *data;
	pthread_mutex_t lock;
	struct host_told *hosts[1024];
	size_t n_hosts;
	atomic_bool in_trouble;
};

void event_queue_init(struct event_queue *n, const struct proxy_settings *settings);
void event_queue_release(struct event_queue *n);

/* Each of host, text and call may be NULL; they are borrowed for the call. */
void event_queue_tell(struct event_queue *n, enum proxy_event_kind kind, const char *host,
                      const char *text, const struct captured_call *call);
/* The same, the first time of this kind and host only. */
void event_queue_tell_host(struct event_queue *n, enum proxy_event_kind kind, const char *host,
                           const char *text);
/* The capture file could not be written: told once until event_queue_end_trouble says that it can
 * be again. */
void event_queue_tell_trouble(struct event_queue *n, const struct err *err);
bool event_queue_in_trouble(struct event_queue *n);
void event_queue_end_trouble(struct event_queue *n);

#endif
