/* fuzz_events.c - fuzz: whatever a file holds, every decoder ends, and what it makes of a record is
 * normalised twice to the same call, in text that can be stored. */
#include "fuzz.h"

#include "app/har.h"
#include "events/decoder.h"
#include "mapping/compile/compile.h"
#include "normalise/normalise.h"

#include <stdlib.h>
#include <string.h>

struct state {
	struct normaliser *normaliser;
	struct har *har;
	struct arena arena;
};

static void on_event(void *data, const struct event *e)
{
	struct state *s = data;
	struct fact once, twice;
	memset(&once, 0, sizeof once);
	memset(&twice, 0, sizeof twice);
	normalise(s->normaliser, e, &s->arena, &once);
	normalise(s->normaliser, e, &s->arena, &twice);
	struct hash128 hash = call_hash(&once.call);
	if (memcmp(&once.call_hash, &twice.call_hash, sizeof once.call_hash) != 0 ||
	    memcmp(&once.id, &twice.id, sizeof once.id) != 0 ||
	    memcmp(&hash, &once.call_hash, sizeof hash) != 0)
		abort();
	arena_reset(&s->arena);
}

static void on_ignored(void *data, const char *kind)
{
}

static void on_lost(void *data, const struct err *err)
{
}

static void read_all(struct state *s, struct span text)
{
	const struct event_sink sink = {s, on_event, on_ignored, on_lost};
	static struct stream *stream; /* one for all inputs, as a worker has it */
	static struct reader *reader;
	struct arena arena;
	struct record rec;
	struct err err;
	const struct decoder *decoder = NULL;
	void *state = NULL;
	arena_init(&arena);
	err_clear(&err);
	if (!stream) {
		stream = stream_new(NULL);
		reader = reader_new();
	}
	stream_open_memory(stream, text);
	reader_begin(reader, stream);
	for (enum status status; (status = reader_next(reader, &rec, &err)) != STATUS_END;) {
		const struct decoder *wanted = NULL;
		if (status == STATUS_OK && !rec.ignored)
			wanted = rec.form == RECORD_HAR ? &decoder_har : decoder_for(rec.form);
		if (wanted && wanted != decoder) {
			if (decoder && decoder->end)
				decoder->end(state, &sink);
			decoder = wanted;
			state = decoder == &decoder_har ? s->har
			        : decoder->begin        ? decoder->begin(span_of("fuzz"))
			                                : NULL;
		}
		if (wanted)
			(void)wanted->decode(state, &rec, &arena, &sink, &err);
		err_clear(&err);
		arena_reset(&arena);
	}
	if (decoder && decoder->end)
		decoder->end(state, &sink);
	arena_release(&arena);
	stream_close(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct normaliser *normaliser; /* one for all inputs, as a worker has it */
	static struct har *har;
	if (!normaliser) {
		normaliser = normaliser_new(mapping_builtin());
		har = har_new(mapping_builtin());
	}
	struct state s = {.normaliser = normaliser, .har = har};
	arena_init(&s.arena);
	read_all(&s, span_make((const char *)data, n));
	arena_release(&s.arena);
	return 0;
}
