/* fuzz_gzip.c - fuzz: what is compressed. The bytes are inflated as a whole and in pieces: what the
 * whole takes, the pieces give, too, byte for byte. And as a source: what comes into view is the
 * same however much of it is taken at a time. With an odd first byte the rest is not gzip but a
 * text that is compressed first. */
#include "fuzz.h"

#include "base/limits.h"
#include "bytes/inflate.h"
#include "bytes/stream.h"

#include <stdlib.h>
#include <zlib.h>

enum { MOST_INPUT = 64 << 10, MOST_OUTPUT = 4 << 20 };

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* The text of gz in pieces; false if it is damaged or ends early. */
static bool in_pieces(struct span gz, size_t each, struct buf *out)
{
	struct inflater *inf = inflater_new(each);
	enum inflate_result result = INFLATE_MORE;
	unsigned char piece[997];
	size_t got = 0;
	while (result == INFLATE_MORE && out->n < MOST_OUTPUT) {
		void *room;
		size_t n = inflater_room(inf, &room);
		n = n < gz.n ? n : gz.n;
		if (n)
			memcpy(room, gz.p, n);
		inflater_fed(inf, n);
		gz = span_from(gz, n);
		result = inflater_run(inf, piece, sizeof piece, &got);
		must(got <= sizeof piece);
		must(buf_add(out, (const char *)piece, got));
		if (result == INFLATE_MORE && got < sizeof piece && gz.n == 0)
			break;
	}
	bool whole = result == INFLATE_END || (result == INFLATE_MORE && inflater_at_border(inf));
	must(result != INFLATE_DAMAGED || inflater_error(inf));
	inflater_free(inf);
	return whole;
}

/* All that comes into view, at most take bytes of it taken at once; whether it came to a good end.
 */
static bool in_view(struct span bytes, size_t take, struct buf *out)
{
	struct stream *s = stream_new(NULL);
	stream_open_memory(s, bytes);
	for (enum stream_more more = STREAM_MORE; out->n < MOST_OUTPUT;) {
		struct span view = stream_view(s);
		size_t n = view.n < take ? view.n : take;
		must(stream_offset(s) == out->n);
		must(buf_add_span(out, span_sub(view, 0, n)));
		stream_take(s, n);
		if (n == view.n && more == STREAM_END)
			break;
		if (n == view.n)
			more = stream_more(s);
	}
	bool sound = !stream_damage(s);
	stream_close(s);
	stream_free(s);
	return sound;
}

static void try_all(struct span gz)
{
	struct whole_inflater *w = whole_inflater_new();
	struct buf whole, pieces, more;
	bool sound;
	buf_init(&whole, 2 * (size_t)MOST_OUTPUT);
	buf_init(&pieces, 2 * (size_t)MOST_OUTPUT);
	buf_init(&more, 2 * (size_t)MOST_OUTPUT);
	if (inflate_is_gzip(gz) && whole_inflate(w, gz, &whole, MOST_OUTPUT / 2)) {
		/* libdeflate takes code words that RFC 1951 reserves, and zlib does not: where the
		 * sum at the end says that the text is right, no harm is done */
		sound = in_pieces(gz, 1024, &pieces);
		must(sound ? span_eq(buf_span(&whole), buf_span(&pieces))
		           : span_starts(buf_span(&whole), buf_span(&pieces)));
		must(in_pieces(gz, 7, &more) == sound);
		must(span_eq(buf_span(&pieces), buf_span(&more)));
	}
	buf_reset(&pieces);
	buf_reset(&more);
	sound = in_view(gz, SIZE_MAX, &pieces);
	if (pieces.n < MOST_OUTPUT) {
		must(in_view(gz, 61, &more) == sound);
		must(span_eq(buf_span(&pieces), buf_span(&more)));
	}
	buf_release(&whole);
	buf_release(&pieces);
	buf_release(&more);
	whole_inflater_free(w);
}

/* Compresses text as gzip: some inputs must be sound, or only errors would be tried. */
static void try_compressed(struct span text)
{
	unsigned char out[MOST_INPUT + 4096];
	z_stream z = {.next_in = (Bytef *)(uintptr_t)text.p,
	              .avail_in = (uInt)text.n,
	              .next_out = out,
	              .avail_out = sizeof out};
	must(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	must(deflate(&z, Z_FINISH) == Z_STREAM_END);
	struct span gz = span_make((const char *)out, sizeof out - z.avail_out);
	try_all(gz);
	struct whole_inflater *w = whole_inflater_new();
	struct buf back;
	buf_init(&back, MOST_OUTPUT);
	must(whole_inflate(w, gz, &back, MOST_OUTPUT) && span_eq(buf_span(&back), text));
	buf_release(&back);
	whole_inflater_free(w);
	deflateEnd(&z);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n == 0 || n > MOST_INPUT)
		return 0;
	struct span rest = span_make((const char *)data + 1, n - 1);
	if (data[0] % 2)
		try_compressed(rest);
	else
		try_all(rest);
	return 0;
}
