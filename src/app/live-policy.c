/* live-policy.c - app: see live-policy.h. */
#include "config.h"

#include "app/live-policy.h"

#include "app/gather.h"
#include "base/alloc.h"
#include "builder/build.h"
#include "emit/emit.h"
#include "emit/inert.h"
#include "events/decoder.h"
#include "store/store.h"

#include <stdlib.h>

enum { BATCH = 256 };

struct live_policy {
	const struct mapping *mapping;
	struct live_policy_options options;
	struct store *store;
	struct normaliser *normaliser;
	void *decoder;
	uint64_t ordinal;
	struct arena record, facts_arena;
	struct fact facts[BATCH];
	size_t n_facts;
	struct live_policy_counts counts;
};

/* ---- in */

static enum status put(struct live_policy *lp, struct err *err)
{
	struct store_source_info info = {.name = SPAN_LIT("capture"), .window = STORE_WINDOW_ALL};
	struct store_source_end end = {.format = "capture"};
	struct store_batch batch = {
	        .facts = lp->facts, .n_facts = lp->n_facts, .reached = lp->ordinal};
	struct store_source *source;
	if (lp->n_facts == 0)
		return STATUS_OK;
	enum status s = store_source_begin(lp->store, &info, &source, err);
	if (s == STATUS_OK)
		s = store_put(lp->store, source, &batch, NULL, err);
	if (s == STATUS_OK)
		s = store_source_finish(lp->store, source, &end, NULL, err);
	lp->n_facts = 0;
	arena_reset(&lp->facts_arena);
	return s;
}

static void take_event(void *data, const struct event *e)
{
	struct live_policy *lp = data;
	struct fact *f = &lp->facts[lp->n_facts++];
	normalise(lp->normaliser, e, &lp->facts_arena, f);
	if (e->kind == EVENT_CALL) {
		lp->counts.calls++;
		lp->counts.denied += f->call.outcome == OUTCOME_DENIED;
		lp->counts.failed += f->call.outcome == OUTCOME_FAILED;
		lp->counts.unknown +=
		        operation_status(mapping_event(lp->mapping, f->call.source,
		                                       f->call.name)) == MAPPED_UNKNOWN;
	}
	/* a full batch that cannot be put shows when the policy is asked for */
	if (lp->n_facts == BATCH)
		(void)put(lp, NULL);
}

static void pass_ignored(void *data, const char *kind)
{
}

static void pass_lost(void *data, const struct err *err)
{
}

void live_policy_add(struct live_policy *lp, struct span line)
{
	struct event_sink sink = {lp, take_event, pass_ignored, pass_lost};
	struct record record = {
	        .text = span_trim(line), .form = RECORD_CAPTURE, .ordinal = ++lp->ordinal};
	(void)decoder_capture.decode(lp->decoder, &record, &lp->record, &sink, NULL);
	arena_reset(&lp->record);
}

/* ---- out */

static enum status build(const struct live_policy *lp, const struct gathered *g, struct buf *out,
                         struct err *err)
{
	struct policy_input in = {.uses = g->uses, .n_uses = g->n_uses, .mapping = lp->mapping};
	struct policy_options options = POLICY_DEFAULTS;
	const struct emitter *emitter = lp->options.emitter ? lp->options.emitter : &emitters[0];
	struct emit_options how = {.name = SPAN_LIT("capture")};
	struct policy_document document;
	size_t replaced;
	struct policy policy;
	options.denied = lp->options.fails_only ? DENIED_ONLY : DENIED_LEAVE_OUT;
	options.resources = lp->options.resources;
	enum status s = policy_build(&in, &options, &policy, err);
	if (s == STATUS_OK && policy.n_documents == 0)
		s = STATUS_END;
	struct arena arena;
	arena_init(&arena);
	if (s == STATUS_OK)
		s = emit_inert(emitter, &policy.documents[0], &arena, &document, &replaced, err);
	bool whole = s != STATUS_OK || emitter->emit(&document, &how, out);
	arena_release(&arena);
	if (!whole)
		s = err_set(err, STATUS_STOP, "too-large", "the policy is too large to be shown");
	policy_release(&policy);
	return s;
}

enum status live_policy_text(struct live_policy *lp, struct buf *out, struct err *err)
{
	struct store_filter proven = {.window = STORE_WINDOW_ALL,
	                              .outcomes = 1u << OUTCOME_ALLOWED | 1u << OUTCOME_FAILED |
	                                          1u << OUTCOME_DENIED,
	                              .phases = 1u << ERROR_AFTER};
	struct gathered g;
	gathered_init(&g);
	enum status s = put(lp, err);
	if (s == STATUS_OK)
		s = store_flush(lp->store, err);
	if (s == STATUS_OK)
		s = gather_access(lp->store, &proven, &g, err);
	if (s == STATUS_OK)
		s = build(lp, &g, out, err);
	gathered_release(&g);
	return s;
}

void live_policy_counts(const struct live_policy *lp, struct live_policy_counts *counts)
{
	*counts = lp->counts;
}

enum status live_policy_new(const struct mapping *m, const struct live_policy_options *options,
                            struct live_policy **out, struct err *err)
{
	struct store_options memory = {.mode = STORE_WRITE, .mapping = m};
	struct store *store;
	enum status s = store_open(":memory:", &memory, &store, err);
	if (s != STATUS_OK)
		return s;
	struct live_policy *lp = xcalloc(1, sizeof *lp);
	lp->mapping = m;
	lp->options = *options;
	lp->store = store;
	lp->normaliser = normaliser_new(m);
	lp->decoder = decoder_capture.begin(SPAN_LIT("capture"));
	arena_init(&lp->record);
	arena_init(&lp->facts_arena);
	*out = lp;
	return STATUS_OK;
}

void live_policy_free(struct live_policy *lp)
{
	struct event_sink none = {lp, take_event, pass_ignored, pass_lost};
	if (!lp)
		return;
	decoder_capture.end(lp->decoder, &none);
	normaliser_free(lp->normaliser);
	(void)store_close(lp->store, NULL);
	arena_release(&lp->record);
	arena_release(&lp->facts_arena);
	free(lp);
}
