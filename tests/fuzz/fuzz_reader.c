/* fuzz_reader.c - fuzz: whatever the bytes are, the reader ends, counts one by one, and every
 * record that it or the decoder takes as sound is. */
#include "fuzz.h"

#include "events/decoder.h"

#include <stdlib.h>

static void on_event(void *data, const struct event *e)
{
	struct scan j;
	scan_init(&j, e->text);
	if (e->observer == OBSERVED_CLOUDTRAIL && (!scan_skip(&j) || !scan_end(&j) || e->time < 0))
		abort();
}

static void on_ignored(void *data, const char *kind)
{
	if (!kind || !*kind)
		abort();
}

static void on_lost(void *data, const struct err *err)
{
	if (!err->reason || !err_is_set(err))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct event_sink sink = {NULL, on_event, on_ignored, on_lost};
	struct stream *stream = stream_new(NULL);
	struct reader *reader = reader_new();
	struct arena arena;
	struct record rec;
	struct err err;
	uint64_t ordinal = 0;
	arena_init(&arena);
	err_clear(&err);
	stream_open_memory(stream, span_make((const char *)data, n));
	reader_begin(reader, stream);
	for (enum status status; (status = reader_next(reader, &rec, &err)) != STATUS_END;) {
		if (rec.ordinal != ++ordinal || ordinal > n + 1)
			abort();
		if (status == STATUS_SKIP)
			on_lost(NULL, &err);
		else if (!rec.ignored &&
		         (rec.form == RECORD_CLOUDTRAIL || rec.form == RECORD_OCSF) &&
		         decoder_for(rec.form)->decode(NULL, &rec, &arena, &sink, &err) ==
		                 STATUS_SKIP) {
			on_lost(NULL, &err);
			if (strcmp(err.reason, "bad-json") == 0)
				reader_reject(reader, (size_t)err.offset);
		}
		err_clear(&err);
		arena_reset(&arena);
	}
	arena_release(&arena);
	reader_free(reader);
	stream_free(stream);
	return 0;
}
