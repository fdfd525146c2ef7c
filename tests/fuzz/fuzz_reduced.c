/* fuzz_reduced.c - fuzz: whatever the bytes are, a reduced row is lost with a reason, or it is one
 * day's count that the store can hold and add up. */
#include "fuzz.h"

#include "base/when.h"
#include "events/decoder.h"
#include "store/store.h"

#include <stdlib.h>

/* Inputs that share a database: what was taken in before must do no harm either. */
enum { TOGETHER = 500 };

static struct run {
	unsigned inputs;
	struct store *store;
	struct normaliser *normaliser;
	struct store_source *source;
	struct arena facts;
	uint64_t ordinal;
} run;

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void end_run(void)
{
	if (!run.store)
		return;
	store_source_leave(run.store, run.source);
	normaliser_free(run.normaliser);
	arena_release(&run.facts);
	store_close(run.store, NULL);
	run = (struct run){.store = NULL};
}

static void begin_run(void)
{
	const struct store_options options = {STORE_WRITE, mapping_builtin()};
	const struct store_source_info info = {SPAN_LIT("fuzz"), NULL, STORE_WINDOW_ALL, false};
	struct err err;
	demand(store_open(":memory:", &options, &run.store, &err) == STATUS_OK);
	demand(store_source_begin(run.store, &info, &run.source, &err) == STATUS_OK);
	run.normaliser = normaliser_new(mapping_builtin());
	arena_init(&run.facts);
}

static bool add_events(void *data, const struct principal_row *row)
{
	demand(row->events > 0 && row->events < UINT64_C(1) << 60 && row->first <= row->last);
	return true;
}

static void on_event(void *data, const struct event *e)
{
	const struct event_count *c = e->count;
	struct fact fact;
	struct err err;
	uint64_t ordinal = ++run.ordinal;
	demand(c != NULL);
	demand(c->events <= LIMIT_COUNTED_EVENTS);
	demand(e->time >= 0 && c->last >= e->time && when_day(c->last) == when_day(e->time));
	demand(c->folded >= -1 && c->folded <= 2);
	demand(!c->owner.p || c->owner.n == 12);
	err_clear(&err);
	arena_reset(&run.facts);
	normalise(run.normaliser, e, &run.facts, &fact);
	const struct store_batch batch = {&fact, 1, NULL, 0, ordinal, &ordinal};
	demand(store_put(run.store, run.source, &batch, NULL, &err) == STATUS_OK);
}

static void on_ignored(void *data, const char *kind)
{
	demand(kind && *kind);
}

static void on_lost(void *data, const struct err *err)
{
	demand(err->reason && err_is_set(err));
}

static void take(struct reader *reader, void *state, const struct record *rec, struct arena *arena)
{
	const struct event_sink sink = {NULL, on_event, on_ignored, on_lost};
	struct err err;
	err_clear(&err);
	if (decoder_reduced.decode(state, rec, arena, &sink, &err) != STATUS_SKIP)
		return;
	on_lost(NULL, &err);
	if (strcmp(err.reason, "bad-json") == 0) {
		demand(err.offset <= rec->text.n);
		reader_reject(reader, (size_t)err.offset);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct stream *stream; /* one for all inputs, as a worker has it */
	static struct reader *reader;
	const struct event_sink none = {NULL, on_event, on_ignored, on_lost};
	void *state = decoder_reduced.begin(SPAN_LIT("fuzz"));
	struct arena arena;
	struct record rec;
	struct err err;
	static bool registered;
	if (!registered)
		registered = atexit(end_run) == 0;
	if (!run.store)
		begin_run();
	arena_init(&arena);
	err_clear(&err);
	if (!stream) {
		stream = stream_new(NULL);
		reader = reader_new();
	}
	stream_open_memory(stream, span_make((const char *)data, n));
	reader_begin(reader, stream);
	for (enum status status; (status = reader_next(reader, &rec, &err)) != STATUS_END;) {
		if (status == STATUS_SKIP)
			on_lost(NULL, &err);
		else if (!rec.ignored && rec.form == RECORD_REDUCED)
			take(reader, state, &rec, &arena);
		err_clear(&err);
		arena_reset(&arena);
	}
	if (++run.inputs == TOGETHER) {
		demand(store_each_principal(run.store, SPAN_NONE, add_events, NULL, &err) ==
		       STATUS_OK);
		end_run();
	}
	decoder_reduced.end(state, &none);
	arena_release(&arena);
	stream_close(stream);
	return 0;
}
