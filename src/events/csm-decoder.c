/* csm-decoder.c - events: files of raw monitoring datagrams, one a line, as somebody saved them
 * from a socket. The service and operation of an event are as the client named them: the mapping
 * translates. */
#include "config.h"

#include "events/csm.h"
#include "events/decoder.h"
#include "base/alloc.h"
#include "base/buf.h"

#include <inttypes.h>
#include <stdlib.h>

struct state {
	struct csm_reader *reader;
	struct csm_pairs *pairs;
	const struct event_sink *sink; /* while records are taken in */
	struct arena *arena;
	struct buf identity;
	uint64_t taken, told;
};

/* What a call is known by: two of the same kind in the same millisecond differ in their request
 * ids. */
static struct span identity_text(struct state *st, const struct csm_datagram *d)
{
	const struct span parts[] = {d->client_id, d->service,    d->api,
	                             d->region,    d->access_key, d->request_id};
	buf_reset(&st->identity);
	buf_addf(&st->identity, "[%" PRId64 ",%" PRId64, d->time_ms, d->latency_ms);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		buf_add_char(&st->identity, ',');
		buf_add_json(&st->identity, parts[i]);
	}
	buf_add_char(&st->identity, ']');
	return buf_span(&st->identity);
}

static void tell_call(void *data, const struct csm_datagram *d)
{
	struct state *st = data;
	struct arena own;
	struct event e = {.kind = EVENT_CALL, .observer = OBSERVED_CSM};
	bool flushing = st->arena == NULL;
	if (flushing) {
		arena_init(&own);
		st->arena = &own;
	}
	e.text = identity_text(st, d);
	e.time = d->time_ms / 1000;
	e.source = d->service;
	e.name = d->api;
	e.region = span_is(d->region, "aws-global") ? SPAN_NONE : d->region;
	e.request_id = d->request_id;
	e.user_agent = d->user_agent;
	e.error_code = d->exception.n ? d->exception : d->sdk_exception;
	if (!e.error_code.n && d->status >= 400)
		e.error_code = arena_printf(st->arena, "%u", d->status);
	if (!e.error_code.n && d->status == 0)
		e.error_code = SPAN_LIT("NoResponse");
	e.error_message = d->exception_message;
	e.identity.access_key = d->access_key;
	e.identity.present = d->access_key.n > 0;
	st->told++;
	st->sink->event(st->sink->data, &e);
	if (flushing) {
		arena_release(&own);
		st->arena = NULL;
	}
}

static void *begin(struct span source)
{
	struct state *st = xcalloc(1, sizeof *st);
	st->reader = csm_reader_new();
	st->pairs = csm_pairs_new(tell_call, st);
	buf_init(&st->identity, LIMIT_CSM_BYTES);
	return st;
}

/* Every datagram ends as a call, as an attempt that belongs to one, or as a call that was never
 * sent. */
static void end(void *state, const struct event_sink *sink)
{
	struct state *st = state;
	struct csm_pair_counts n;
	st->sink = sink;
	csm_pairs_flush(st->pairs);
	csm_pairs_counts(st->pairs, &n);
	for (uint64_t i = 0; i < n.local; i++)
		sink->ignored(sink->data, "csm-not-sent");
	for (uint64_t i = st->told + n.local; i < st->taken; i++)
		sink->ignored(sink->data, "csm-attempt");
	csm_pairs_free(st->pairs);
	csm_reader_free(st->reader);
	buf_release(&st->identity);
	free(st);
}

static enum status decode(void *state, const struct record *rec, struct arena *arena,
                          const struct event_sink *sink, struct err *err)
{
	struct state *st = state;
	struct csm_datagram d;
	enum status s = csm_parse(st->reader, rec->text, &d, err);
	if (s != STATUS_OK)
		return s;
	st->taken++;
	st->sink = sink;
	st->arena = arena;
	csm_pairs_add(st->pairs, &d);
	st->arena = NULL;
	return STATUS_OK;
}

const struct decoder decoder_csm = {
        .form = RECORD_CSM, .begin = begin, .end = end, .decode = decode};
