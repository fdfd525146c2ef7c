/* event-queue.c - proxy: see event-queue.h. */
#include "config.h"

#include "proxy/event-queue.h"

#include "base/alloc.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

/* Hosts that are told once each; a flood of made-up names is not told. */
enum { HOSTS_TOLD = 4096 };

struct host_told {
	struct host_told *next;
	enum proxy_event_kind kind;
	char host[];
};

void event_queue_init(struct event_queue *n, const struct proxy_settings *settings)
{
	*n = (struct event_queue){.tell = settings->note, .data = settings->note_data};
	pthread_mutex_init(&n->lock, NULL);
}

void event_queue_release(struct event_queue *n)
{
	for (size_t i = 0; i < sizeof n->hosts / sizeof n->hosts[0]; i++)
		for (struct host_told *h = n->hosts[i], *next; h; h = next) {
			next = h->next;
			free(h);
		}
	pthread_mutex_destroy(&n->lock);
}

static bool first_time(struct event_queue *n, enum proxy_event_kind kind, const char *host)
{
	size_t buckets = sizeof n->hosts / sizeof n->hosts[0];
	struct host_told **bucket = &n->hosts[hash_quick(span_of(host)) % buckets];
	for (struct host_told *h = *bucket; h; h = h->next)
		if (h->kind == kind && strcmp(h->host, host) == 0)
			return false;
	if (n->n_hosts >= HOSTS_TOLD)
		return false;
	size_t size = strlen(host) + 1;
	struct host_told *h = xmalloc(sizeof *h + size);
	h->kind = kind;
	memcpy(h->host, host, size);
	h->next = *bucket;
	*bucket = h;
	n->n_hosts++;
	return true;
}

static void tell(struct event_queue *n, const struct proxy_event *note, bool once)
{
	if (!n->tell)
		return;
	pthread_mutex_lock(&n->lock);
	if (!once || first_time(n, note->kind, note->host))
		n->tell(n->data, note);
	pthread_mutex_unlock(&n->lock);
}

void event_queue_tell(struct event_queue *n, enum proxy_event_kind kind, const char *host,
                      const char *text, const struct captured_call *call)
{
	tell(n, &(struct proxy_event){kind, host, text, call}, false);
}

void event_queue_tell_host(struct event_queue *n, enum proxy_event_kind kind, const char *host,
                           const char *text)
{
	tell(n, &(struct proxy_event){kind, host, text, NULL}, true);
}

void event_queue_tell_trouble(struct event_queue *n, const struct err *err)
{
	char line[1600];
	if (!atomic_exchange(&n->in_trouble, true))
		event_queue_tell(n, PROXY_EVENT_TROUBLE, NULL, err_line(err, line, sizeof line),
		                 NULL);
}

bool event_queue_in_trouble(struct event_queue *n)
{
	return atomic_load(&n->in_trouble);
}

void event_queue_end_trouble(struct event_queue *n)
{
	atomic_store(&n->in_trouble, false);
}
