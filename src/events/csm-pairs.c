/* csm-pairs.c - events: joins the attempts of a call to the call. See csm.h.
 *
 * An attempt tells the access key and the request id, the call that follows it tells how it ended.
 * Nothing names the call that an attempt belongs to, so they are joined by who sent them (client
 * id, user agent, region), what was called, and the time: an attempt lies inside its call. */
#include "config.h"

#include "events/csm.h"

#include "base/alloc.h"
#include "base/hash.h"

#include <stdlib.h>

enum { BUCKETS = 1024 };
/* The clocks of a call and of its attempts are read apart by some SDKs. */
enum { SLACK_MS = 100 };

/* Held in one bucket at most, so that a flood of attempts that no call follows costs each datagram
 * no more than this. */
enum { LIMIT_BUCKET = 512 };

struct held {
	struct held *prev, *next;   /* in the bucket, oldest first */
	struct held *older, *newer; /* of all, in order of arrival */
	uint64_t key;
	struct csm_datagram d;
	char text[];
};

struct csm_pairs {
	csm_call_fn each;
	void *data;
	struct {
		struct held *first, *last;
		size_t n;
	} buckets[BUCKETS];
	struct held *oldest, *newest;
	size_t n_held;
	int64_t latest_ms; /* of all datagrams seen */
	struct csm_pair_counts counts;
};

struct csm_pairs *csm_pairs_new(csm_call_fn each, void *data)
{
	struct csm_pairs *p = xcalloc(1, sizeof *p);
	p->each = each;
	p->data = data;
	return p;
}

/* Region is not part of it: some SDKs leave it out of one of the two. */
static uint64_t key_of(const struct csm_datagram *d)
{
	struct hasher h;
	hash_begin(&h);
	hash_field(&h, d->client_id);
	hash_field(&h, d->service);
	hash_field(&h, d->api);
	struct hash128 sum = hash_end(&h);
	return hash_low(&sum);
}

static struct span keep(char **at, struct span s)
{
	if (!s.p)
		return SPAN_NONE;
	struct span copy = span_make(*at, s.n);
	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

static struct held *hold(const struct csm_datagram *d, uint64_t key)
{
	size_t n = d->service.n + d->api.n + d->client_id.n + d->region.n + d->user_agent.n +
	           d->access_key.n + d->request_id.n + d->exception.n + d->exception_message.n +
	           d->sdk_exception.n;
	struct held *h = xmalloc(sizeof *h + n);
	char *at = h->text;
	*h = (struct held){.key = key, .d = *d};
	h->d.service = keep(&at, d->service);
	h->d.api = keep(&at, d->api);
	h->d.client_id = keep(&at, d->client_id);
	h->d.region = keep(&at, d->region);
	h->d.user_agent = keep(&at, d->user_agent);
	h->d.access_key = keep(&at, d->access_key);
	h->d.request_id = keep(&at, d->request_id);
	h->d.exception = keep(&at, d->exception);
	h->d.exception_message = keep(&at, d->exception_message);
	h->d.sdk_exception = keep(&at, d->sdk_exception);
	return h;
}

static void add_held(struct csm_pairs *p, struct held *h)
{
	size_t b = h->key % BUCKETS;
	h->prev = p->buckets[b].last;
	*(h->prev ? &h->prev->next : &p->buckets[b].first) = h;
	p->buckets[b].last = h;
	p->buckets[b].n++;
	h->older = p->newest;
	if (p->newest)
		p->newest->newer = h;
	else
		p->oldest = h;
	p->newest = h;
	p->n_held++;
}

/* Out of both lists; the caller frees it. */
static void take_held(struct csm_pairs *p, struct held *h)
{
	size_t b = h->key % BUCKETS;
	*(h->prev ? &h->prev->next : &p->buckets[b].first) = h->next;
	*(h->next ? &h->next->prev : &p->buckets[b].last) = h->prev;
	p->buckets[b].n--;
	*(h->older ? &h->older->newer : &p->oldest) = h->newer;
	*(h->newer ? &h->newer->older : &p->newest) = h->older;
	p->n_held--;
}

/* The client gave up before an answer came. Whether the request reached AWS is known only where the
 * error says that it was sent. */
static bool was_sent(const struct csm_datagram *d)
{
	static const char *const after_sending[] = {
	        "ReadTimeout",      "RequestTimeout", "TimeoutError",  "ResponseTimeout",
	        "ConnectionClosed", "ECONNRESET",     "ResponseParser"};
	if (d->status != 0)
		return true;
	for (size_t i = 0; i < sizeof after_sending / sizeof after_sending[0]; i++)
		if (span_find_ci(d->sdk_exception, span_of(after_sending[i])) >= 0)
			return true;
	return false;
}

static void hand_on(struct csm_pairs *p, const struct csm_datagram *d)
{
	if (!was_sent(d)) {
		p->counts.local++;
		return;
	}
	p->counts.calls++;
	p->each(p->data, d);
}

/* An answer after which an SDK tries again. */
static bool is_retried(const struct csm_datagram *d)
{
	return d->status == 0 || d->status == 429 || d->status >= 500 ||
	       span_find_ci(d->exception, SPAN_LIT("Throttl")) >= 0;
}

/* The ApiCall of this attempt is not coming. A later attempt at the same call tells more than an
 * attempt that was tried again. */
static void hand_on_orphan(struct csm_pairs *p, struct held *h)
{
	bool followed = false;
	for (struct held *o = h->next; o && is_retried(&h->d) && !followed; o = o->next)
		followed = o->key == h->key && span_eq(o->d.access_key, h->d.access_key);
	take_held(p, h);
	if (!followed)
		hand_on(p, &h->d);
	free(h);
}

static bool belongs(const struct held *h, uint64_t key, const struct csm_datagram *call)
{
	if (h->key != key)
		return false;
	if (call->request_id.n && span_eq(h->d.request_id, call->request_id))
		return true;
	return h->d.time_ms >= call->time_ms - SLACK_MS &&
	       h->d.time_ms <= call->time_ms + call->latency_ms + SLACK_MS &&
	       (!h->d.region.n || !call->region.n || span_eq(h->d.region, call->region)) &&
	       (!h->d.user_agent.n || !call->user_agent.n ||
	        span_eq(h->d.user_agent, call->user_agent));
}

static bool is_final(const struct held *h, const struct csm_datagram *call)
{
	if (call->request_id.n && h->d.request_id.n)
		return span_eq(call->request_id, h->d.request_id);
	return call->status == 0 || call->status == h->d.status;
}

static void join(struct csm_datagram *call, const struct csm_datagram *last)
{
	call->access_key = last->access_key;
	call->sender_gone |= last->sender_gone;
	if (!call->request_id.n)
		call->request_id = last->request_id;
	if (!call->region.n)
		call->region = last->region;
	if (!call->user_agent.n)
		call->user_agent = last->user_agent;
	if (!call->status)
		call->status = last->status;
	if (!call->exception.n && call->status == last->status) {
		call->exception = last->exception;
		call->exception_message = last->exception_message;
	}
	if (!call->sdk_exception.n && !call->status)
		call->sdk_exception = last->sdk_exception;
}

/* Up to call->attempts attempts are its own, the oldest first; of calls that run side by side each
 * so takes its number. What it learns comes from the last that fits how the call ended. */
static void add_call(struct csm_pairs *p, const struct csm_datagram *d, uint64_t key)
{
	struct csm_datagram call = *d;
	struct held *mine = NULL, *final = NULL;
	unsigned left = call.attempts;
	for (struct held *h = p->buckets[key % BUCKETS].first, *next; h && left; h = next) {
		next = h->next;
		if (!belongs(h, key, &call))
			continue;
		take_held(p, h);
		h->next = mine;
		mine = h;
		left--;
	}
	/* mine is newest first */
	for (struct held *h = mine; h && !final; h = h->next)
		if (is_final(h, &call))
			final = h;
	if (final || mine)
		join(&call, final ? &final->d : &mine->d);
	hand_on(p, &call);
	for (struct held *next; mine; mine = next) {
		next = mine->next;
		free(mine);
	}
}

void csm_pairs_add(struct csm_pairs *p, const struct csm_datagram *d)
{
	uint64_t key = key_of(d);
	if (d->type == CSM_CALL) {
		add_call(p, d, key);
	} else {
		p->counts.attempts++;
		if (p->buckets[key % BUCKETS].n >= LIMIT_BUCKET)
			hand_on_orphan(p, p->buckets[key % BUCKETS].first);
		add_held(p, hold(d, key));
	}
	if (d->time_ms > p->latest_ms)
		p->latest_ms = d->time_ms;
	while (p->oldest &&
	       (p->n_held > LIMIT_CSM_HELD || p->oldest->d.time_ms < p->latest_ms - CSM_HOLD_MS))
		hand_on_orphan(p, p->oldest);
}

void csm_pairs_flush(struct csm_pairs *p)
{
	while (p->oldest)
		hand_on_orphan(p, p->oldest);
}

void csm_pairs_counts(const struct csm_pairs *p, struct csm_pair_counts *counts)
{
	*counts = p->counts;
}

void csm_pairs_free(struct csm_pairs *p)
{
	if (!p)
		return;
	for (struct held *h = p->oldest, *next; h; h = next) {
		next = h->newer;
		free(h);
	}
	free(p);
}
