/* inflate.c - bytes: see inflate.h. */
#include "config.h"

#include "bytes/inflate.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <zlib.h>
#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

bool inflate_is_gzip(struct span text)
{
	return text.n >= 3 && memcmp(text.p, "\x1f\x8b\x08", 3) == 0;
}

/* ---- piece by piece */

struct inflater {
	z_stream z;
	bool between; /* a member has ended, the next has not begun */
	bool ended, damaged;
	const char *error;
	size_t room;
	unsigned char in[];
};

struct inflater *inflater_new(size_t room)
{
	struct inflater *inf = xcalloc(1, sizeof *inf + room);
	inf->room = room;
	inf->z.next_in = inf->in;
	inf->error = "";
	if (inflateInit2(&inf->z, 15 + 16) != Z_OK)
		abort();
	return inf;
}

void inflater_free(struct inflater *inf)
{
	if (!inf)
		return;
	inflateEnd(&inf->z);
	free(inf);
}

size_t inflater_room(struct inflater *inf, void **p)
{
	size_t left = inf->z.avail_in;
	if (left && inf->z.next_in != inf->in)
		memmove(inf->in, inf->z.next_in, left);
	inf->z.next_in = inf->in;
	*p = inf->in + left;
	return inf->room - left;
}

void inflater_fed(struct inflater *inf, size_t n)
{
	inf->z.avail_in += (unsigned)n;
}

/* Between members. True if there is enough to tell, and the next member was begun or the end was
 * found. */
static bool next_member(struct inflater *inf)
{
	while (inf->z.avail_in && *inf->z.next_in == 0) {
		inf->z.next_in++;
		inf->z.avail_in--;
	}
	if (inf->z.avail_in == 0)
		return false;
	if (inf->z.avail_in < 3 && memcmp(inf->z.next_in, "\x1f\x8b", inf->z.avail_in) == 0)
		return false;
	if (!inflate_is_gzip(span_make((const char *)inf->z.next_in, inf->z.avail_in))) {
		inf->ended = true;
		return true;
	}
	inflateReset(&inf->z);
	inf->between = false;
	return true;
}

enum inflate_result inflater_run(struct inflater *inf, void *out, size_t n, size_t *got)
{
	*got = 0;
	while (!inf->ended && !inf->damaged) {
		if (inf->between && !next_member(inf))
			return INFLATE_MORE;
		if (inf->ended)
			break;
		size_t room = n - *got;
		if (room == 0)
			return INFLATE_MORE;
		inf->z.next_out = (unsigned char *)out + *got;
		inf->z.avail_out = (unsigned)(room < UINT32_MAX ? room : UINT32_MAX);
		unsigned before = inf->z.avail_out;
		int rc = inflate(&inf->z, Z_NO_FLUSH);
		*got += before - inf->z.avail_out;
		if (rc == Z_STREAM_END) {
			inf->between = true;
		} else if (rc == Z_BUF_ERROR || (rc == Z_OK && inf->z.avail_in == 0)) {
			return INFLATE_MORE;
		} else if (rc != Z_OK) {
			inf->damaged = true;
			inf->error = inf->z.msg ? inf->z.msg : "unknown form";
		}
	}
	return inf->ended ? INFLATE_END : INFLATE_DAMAGED;
}

bool inflater_at_border(const struct inflater *inf)
{
	return inf->between && inf->z.avail_in == 0;
}

const char *inflater_error(const struct inflater *inf)
{
	return inf->error;
}

/* ---- as a whole */

#ifdef HAVE_LIBDEFLATE

struct whole_inflater {
	struct libdeflate_decompressor *d;
};

struct whole_inflater *whole_inflater_new(void)
{
	struct whole_inflater *w = xcalloc(1, sizeof *w);
	w->d = libdeflate_alloc_decompressor();
	if (!w->d)
		abort();
	return w;
}

void whole_inflater_free(struct whole_inflater *w)
{
	if (!w)
		return;
	libdeflate_free_decompressor(w->d);
	free(w);
}

/* The size that the last member announces. It may lie, so it is only the first try. */
static size_t announced(struct span gz)
{
	const unsigned char *p = (const unsigned char *)gz.p + gz.n - 4;
	if (gz.n < 18)
		return 0;
	return p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

bool whole_inflate(struct whole_inflater *w, struct span gz, struct buf *out, size_t most)
{
	size_t guess = announced(gz), start = out->n;
	if (guess > most)
		return false;
	if (guess < 16384)
		guess = 16384;
	while (inflate_is_gzip(gz)) {
		size_t in, got, room = guess;
		enum libdeflate_result rc;
		do {
			if (room > most - (out->n - start))
				room = most - (out->n - start);
			if (!buf_reserve(out, room))
				return false;
			rc = libdeflate_gzip_decompress_ex(w->d, gz.p, gz.n, out->p + out->n, room,
			                                   &in, &got);
			if (rc == LIBDEFLATE_INSUFFICIENT_SPACE && room == most - (out->n - start))
				return false;
			room *= 4;
		} while (rc == LIBDEFLATE_INSUFFICIENT_SPACE);
		if (rc != LIBDEFLATE_SUCCESS)
			return false;
		out->n += got;
		gz = span_from(gz, in);
		while (gz.n && gz.p[0] == 0)
			gz = span_from(gz, 1);
	}
	/* The beginning of a further member that was cut off is for the slow way to tell. */
	return gz.n >= 3 || gz.n == 0 || memcmp(gz.p, "\x1f\x8b", gz.n) != 0;
}

#else

struct whole_inflater {
	char unused;
};

struct whole_inflater *whole_inflater_new(void)
{
	return xcalloc(1, sizeof(struct whole_inflater));
}

void whole_inflater_free(struct whole_inflater *w)
{
	free(w);
}

bool whole_inflate(struct whole_inflater *w, struct span gz, struct buf *out, size_t most)
{
	return false;
}

#endif
