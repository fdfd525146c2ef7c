/* reading.c - tests: see reading.h. */
#include "reading.h"

#include "events/decoder.h"

#include <stdio.h>
#include <stdlib.h>

struct seen {
	char text[4000]; /* "R:id i:kind x:reason " */
	size_t n;
	uint64_t ordinal;
};

static void note(struct seen *s, char what, struct span word)
{
	s->n += (size_t)snprintf(s->text + s->n, sizeof s->text - s->n, "%s%c:%.*s",
	                         s->n ? " " : "", what, SPAN_ARG(word));
	assert_true(s->n < sizeof s->text);
}

static void on_event(void *data, const struct event *e)
{
	note(data, 'R', e->id.p ? e->id : SPAN_LIT("-"));
}

static void on_ignored(void *data, const char *kind)
{
	note(data, 'i', span_of(kind));
}

static void on_lost(void *data, const struct err *err)
{
	note(data, 'x', span_of(err->reason));
}

static enum status decode_closed(struct reader *r, struct record *rec, struct arena *arena,
                                 const struct event_sink *sink, struct err *err)
{
	enum status status = decoder_for(rec->form)->decode(NULL, rec, arena, sink, err);
	if (status == STATUS_SKIP && strcmp(err->reason, "bad-json") == 0)
		reader_reject(r, (size_t)err->offset);
	return status;
}

/* An open record is one whose decoder finds its end, or else what it is once it is closed. */
static enum status decode(struct reader *r, struct record *rec, struct arena *arena,
                          const struct event_sink *sink, struct err *err)
{
	const struct decoder *d = decoder_for(rec->form);
	size_t n = 0;
	if (!rec->open)
		return decode_closed(r, rec, arena, sink, err);
	enum status status = d->decode_open(NULL, rec, arena, sink, &n, err);
	if (n) {
		reader_ends_at(r, rec, n);
		return status;
	}
	err_clear(err);
	status = reader_close(r, rec, err);
	if (status != STATUS_OK)
		return status;
	return decode_closed(r, rec, arena, sink, err);
}

static void read_all(struct stream *stream, bool leave_open, struct seen *seen)
{
	struct reader *r = reader_new();
	struct arena arena;
	struct event_sink sink = {seen, on_event, on_ignored, on_lost};
	struct record rec;
	struct err err;
	arena_init(&arena);
	if (leave_open)
		reader_leave_open(r);
	reader_begin(r, stream);
	for (;;) {
		err_clear(&err);
		enum status status = reader_next(r, &rec, &err);
		if (status == STATUS_END)
			break;
		assert_int_equal(rec.ordinal, ++seen->ordinal);
		if (status == STATUS_OK && rec.ignored) {
			on_ignored(seen, rec.ignored);
			continue;
		}
		if (status == STATUS_OK) {
			status = decode(r, &rec, &arena, &sink, &err);
		}
		if (status == STATUS_SKIP)
			on_lost(seen, &err);
		arena_reset(&arena);
	}
	arena_release(&arena);
	reader_free(r);
}

static void check_way(struct span text, bool leave_open, const char *want)
{
	struct seen seen = {.n = 0};
	struct stream *s = stream_new(NULL);
	/* A copy, so that a sanitizer sees every byte read past the end. */
	char *copy = malloc(text.n ? text.n : 1);
	memcpy(copy, text.p, text.n);
	stream_open_memory(s, span_make(copy, text.n));
	read_all(s, leave_open, &seen);
	if (strcmp(seen.text, want) != 0)
		print_message("text: %.300s\n", text.p);
	assert_string_equal(seen.text, want);
	stream_free(s);
	free(copy);
}

void check(struct span text, const char *want)
{
	check_way(text, false, want);
	check_way(text, true, want);
}

void check_cases(const struct reading_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(span_of(cases[i].text), cases[i].want);
}
