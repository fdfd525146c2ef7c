/* fuzz_reader.c - fuzz: whatever the bytes are, the reader ends, counts one by one, and every
 * record that it or the decoder takes as sound is. Records that are left open come out as others
 * do. */
#include "fuzz.h"

#include "base/hash.h"
#include "events/decoder.h"

#include <stdlib.h>

/* All that was told goes into data, a hash. */
static void on_event(void *data, const struct event *e)
{
	struct scan j;
	scan_init(&j, e->text);
	if (e->observer == OBSERVED_CLOUDTRAIL && (!scan_skip(&j) || !scan_end(&j) || e->time < 0))
		abort();
	hash_field(data, SPAN_LIT("event"));
	hash_field(data, e->text);
	hash_field(data, e->id);
}

static void on_ignored(void *data, const char *kind)
{
	if (!kind || !*kind)
		abort();
	hash_field(data, span_of(kind));
}

static void on_lost(void *data, const struct err *err)
{
	if (!err->reason || !err_is_set(err))
		abort();
	hash_field(data, span_of(err->reason));
	hash_field(data, span_of(err->text));
}

static enum status decode(struct reader *reader, struct record *rec, struct arena *arena,
                          const struct event_sink *sink, struct err *err)
{
	const struct decoder *d = decoder_for(rec->form);
	enum status status;
	size_t n = 0;
	if (rec->open) {
		status = d->decode_open(NULL, rec, arena, sink, &n, err);
		if (n) {
			reader_ends_at(reader, rec, n);
			return status;
		}
		err_clear(err);
		if ((status = reader_close(reader, rec, err)) != STATUS_OK)
			return status;
	}
	status = d->decode(NULL, rec, arena, sink, err);
	if (status == STATUS_SKIP && strcmp(err->reason, "bad-json") == 0)
		reader_reject(reader, (size_t)err->offset);
	return status;
}

static struct hash128 read_all(const uint8_t *data, size_t n, bool leave_open)
{
	struct hasher told;
	const struct event_sink sink = {&told, on_event, on_ignored, on_lost};
	static struct stream *stream;     /* one for all inputs, as a worker has it */
	static struct reader *readers[2]; /* the second leaves records open */
	struct arena arena;
	struct record rec;
	struct err err;
	uint64_t ordinal = 0;
	arena_init(&arena);
	err_clear(&err);
	hash_begin(&told);
	if (!stream) {
		stream = stream_new(NULL);
		readers[0] = reader_new();
		readers[1] = reader_new();
		reader_leave_open(readers[1]);
	}
	struct reader *reader = readers[leave_open];
	stream_open_memory(stream, span_make((const char *)data, n));
	reader_begin(reader, stream);
	for (enum status status; (status = reader_next(reader, &rec, &err)) != STATUS_END;) {
		if (rec.ordinal != ++ordinal || ordinal > n + 1)
			abort();
		if (status == STATUS_OK && !rec.ignored &&
		    (rec.form == RECORD_CLOUDTRAIL || rec.form == RECORD_OCSF))
			status = decode(reader, &rec, &arena, &sink, &err);
		if (status == STATUS_SKIP)
			on_lost(&told, &err);
		err_clear(&err);
		arena_reset(&arena);
	}
	hash_u64(&told, ordinal);
	arena_release(&arena);
	stream_close(stream);
	return hash_end(&told);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct hash128 closed = read_all(data, n, false), open = read_all(data, n, true);
	if (!hash_eq(&closed, &open))
		abort();
	return 0;
}
