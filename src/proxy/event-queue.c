/* event-queue.c - proxy: see notes.h. */
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
	enum proxy_note_kind kind;
	char host[];
};

void notes_init(struct notes *n, const struct proxy_settings *settings)
{
	*n = (struct notes){.tell = settings->note, .data = settings->note_data};
	pthread_mutex_init(&n->lock, NULL);
}

void notes_release(struct notes *n)
{
	for (size_t i = 0; i < sizeof n->hosts / sizeof n->hosts[0]; i++)
		for (struct host_told *h = n->hosts[i], *next; h; h = next) {
			next = h->next;
			free(h);
		}
	pthread_mutex_destroy(&n->lock);
}

static bool first_time(struct notes *n, enum proxy_note_kind kind, const char *host)
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

static void tell(struct notes *n, const struct proxy_note *note, bool once)
{
	if (!n->tell)
		return;
	pthread_mutex_lock(&n->lock);
	if (!once || first_time(n, note->kind, note->host))
		n->tell(n->data, note);
	pthread_mutex_unlock(&n->lock);
}

void notes_tell(struct notes *n, enum proxy_note_kind kind, const char *host, const char *text,
                const struct captured_call *call)
{
	tell(n, &(struct proxy_note){kind, host, text, call}, false);
}

void notes_tell_host(struct notes *n, enum proxy_note_kind kind, const char *host, const char *text)
{
	tell(n, &(struct proxy_note){kind, host, text, NULL}, true);
}

void notes_tell_trouble(struct notes *n, const struct err *err)
{
	char line[1600];
	if (!atomic_exchange(&n->in_trouble, true))
		notes_tell(n, NOTE_TROUBLE, NULL, err_line(err, line, sizeof line), NULL);
}

bool notes_in_trouble(struct notes *n)
{
	return atomic_load(&n->in_trouble);
}

void notes_end_trouble(struct notes *n)
{
	atomic_store(&n->in_trouble, false);
}
