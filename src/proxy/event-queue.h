/* event-queue.h - proxy: tells what happens in the proxy's threads to whoever asked for it, one note at a
 * time; hosts and trouble with the capture file are told once. */
#ifndef PROXY_EVENT_QUEUE_H
#define PROXY_EVENT_QUEUE_H

#include "proxy/proxy-settings.h"

#include <pthread.h>
#include <stdatomic.h>

struct host_told;

struct notes {
	void (*tell)(void *data, const struct proxy_note *note); /* NULL: nobody asked */
	void *data;
	pthread_mutex_t lock;
	struct host_told *hosts[1024];
	size_t n_hosts;
	atomic_bool in_trouble;
};

void notes_init(struct notes *n, const struct proxy_settings *settings);
void notes_release(struct notes *n);

/* Each of host, text and call may be NULL; they are borrowed for the call. */
void notes_tell(struct notes *n, enum proxy_note_kind kind, const char *host, const char *text,
                const struct captured_call *call);
/* The same, the first time of this kind and host only. */
void notes_tell_host(struct notes *n, enum proxy_note_kind kind, const char *host,
                     const char *text);
/* The capture file could not be written: told once until notes_end_trouble says that it can be
 * again. */
void notes_tell_trouble(struct notes *n, const struct err *err);
bool notes_in_trouble(struct notes *n);
void notes_end_trouble(struct notes *n);

#endif
