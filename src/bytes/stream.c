/* stream.c - bytes: see stream.h. Bytes come from raw (a file, a pipe or memory), go up through as
 * many gzip layers as their first bytes announce, and end in the view. A small file goes the short
 * way: read, inflated and viewed as a whole. */
#define _GNU_SOURCE
#include "config.h"

#include "bytes/stream.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "bytes/checked-file.h"
#include "bytes/inflate.h"
#include "bytes/utf16.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	STEP_MS = 200,
	CHUNK = 128 * 1024,    /* one read, or one layer's input */
	WHOLE_FILE = 4 << 20,  /* a file up to this size is read as a whole */
	WHOLE_TEXT = 24 << 20, /* and inflated as a whole if it does not become larger than this */
	VIEW_LEAST = 1 << 20,
	LEAST_PULL = 64, /* room for what is left of a character */
	KEEP = 8 << 20,  /* a buffer above this is given back when its source is closed */
};

struct stream {
	int fd; /* -1: memory, or from */
	stream_read_fn from; /* or NULL */
	void *from_data;
	bool is_stdin;
	bool is_file;
	struct file_identity identity; /* of a file */
	struct span memory; /* what is left of a source in memory */
	uint64_t size, read;
	bool has_content, hashing;
	bool whole;   /* memory holds all of it, and little enough to inflate at once */
	bool pending; /* nothing was brought into view yet */
	struct hash128 content;
	struct hasher hasher;
	struct checked_file *checked; /* of a large file; what it reads was hashed before */
	bool broken;                  /* bytes of the source can't be had; damage tells */

	struct inflater *layers[LIMIT_GZIP_LAYERS];
	size_t n_layers;
	struct utf16 utf16; /* what comes out of the last layer is that */
	char *units;        /* CHUNK bytes of it, with utf16.used */

	struct buf file;  /* a small file as it lies on disk */
	struct buf view;  /* decoded text */
	const char *text; /* what is in view: text[0..text_n), in view, in file or in memory */
	size_t text_n;
	uint64_t offset;      /* of text[0] */
	bool ended, told_end; /* told_end: stream_more has returned STREAM_END */
	struct err damage;
	struct whole_inflater *inflater;
	const atomic_bool *stop;
};

struct stream *stream_new(const atomic_bool *stop)
{
	struct stream *s = xcalloc(1, sizeof *s);
	s->stop = stop;
	s->fd = -1;
	s->text = "";
	buf_init(&s->file, WHOLE_TEXT);
	buf_init(&s->view,
	         WHOLE_TEXT > 2 * LIMIT_RECORD_BYTES ? WHOLE_TEXT : 2 * LIMIT_RECORD_BYTES);
	s->inflater = whole_inflater_new();
	return s;
}

static void shrink(struct buf *b)
{
	buf_reset(b);
	if (b->room > KEEP)
		buf_release(b);
}

void stream_close(struct stream *s)
{
	if (s->fd >= 0 && !s->is_stdin)
		close(s->fd);
	for (size_t i = 0; i < s->n_layers; i++)
		inflater_free(s->layers[i]);
	checked_file_free(s->checked);
	free(s->units);
	s->units = NULL;
	s->utf16.used = false;
	shrink(&s->file);
	shrink(&s->view);
	s->fd = -1;
	s->from = NULL;
	s->checked = NULL;
	s->n_layers = 0;
	s->is_file = s->is_stdin = s->has_content = s->hashing = s->ended = false;
	s->broken = s->told_end = s->whole = s->pending = false;
	s->memory = SPAN_NONE;
	s->size = s->read = s->offset = 0;
	s->text = "";
	s->text_n = 0;
	err_clear(&s->damage);
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	stream_close(s);
	buf_release(&s->file);
	buf_release(&s->view);
	whole_inflater_free(s->inflater);
	free(s);
}

/* ---- raw bytes */

static ssize_t read_some(int fd, void *p, size_t n)
{
	ssize_t got;
	do
		got = read(fd, p, n);
	while (got < 0 && errno == EINTR);
	return got;
}

/* Waits for a pipe, in steps, so that the wish to stop is noticed. False: stop. */
static bool await(const struct stream *s)
{
	struct pollfd fd = {.fd = s->fd, .events = POLLIN};
	while (s->stop && !atomic_load(s->stop)) {
		int ready = poll(&fd, 1, STEP_MS);
		if (ready > 0 || (ready < 0 && errno != EINTR))
			return true;
	}
	return !s->stop;
}

static size_t read_from(struct stream *s, void *p, size_t n)
{
	if (err_is_set(&s->damage))
		return 0;
	n = s->from(s->from_data, p, n, &s->damage);
	s->broken = err_is_set(&s->damage) && strcmp(s->damage.reason, "damaged") != 0;
	hash_bytes(&s->hasher, p, n);
	s->read += n;
	s->size = s->read;
	return n;
}

/* Up to n bytes as they lie on disk; 0 at the end or after damage. */
static size_t raw_read(struct stream *s, void *p, size_t n)
{
	if (s->broken)
		return 0;
	if (s->from)
		return read_from(s, p, n);
	if (s->fd < 0) {
		n = n < s->memory.n ? n : s->memory.n;
		if (n)
			memcpy(p, s->memory.p, n);
		s->memory = n ? span_from(s->memory, n) : s->memory;
		s->read += n;
		return n;
	}
	if (s->checked) {
		n = checked_file_read(s->checked, p, n, &s->damage);
		s->broken = err_is_set(&s->damage);
		s->read += n;
		return n;
	}
	/* Only what has no hash yet can be a pipe. */
	if (s->hashing && !await(s))
		return 0;
	ssize_t got = read_some(s->fd, p, n);
	if (got < 0) {
		s->broken = true;
		err_set(&s->damage, STATUS_FILE, "unreadable", "reading failed: %s",
		        strerror(errno));
		return 0;
	}
	s->read += (uint64_t)got;
	if (s->hashing) {
		hash_bytes(&s->hasher, p, (size_t)got);
		s->size = s->read;
	}
	return (size_t)got;
}

/* Up to n bytes out of the first `layers` layers. */
static size_t pull(struct stream *s, size_t layers, void *p, size_t n)
{
	if (layers == 0)
		return raw_read(s, p, n);
	struct inflater *inf = s->layers[layers - 1];
	for (;;) {
		size_t got;
		switch (inflater_run(inf, p, n, &got)) {
		case INFLATE_MORE:
			if (got)
				return got;
			break;
		case INFLATE_END: return got;
		case INFLATE_DAMAGED:
			if (!err_is_set(&s->damage))
				err_set(&s->damage, STATUS_FILE, "damaged",
				        "gzip data is damaged: %s", inflater_error(inf));
			return got;
		}
		void *room;
		size_t room_n = inflater_room(inf, &room);
		size_t fed = pull(s, layers - 1, room, room_n);
		if (fed) {
			inflater_fed(inf, fed);
			continue;
		}
		if (!inflater_at_border(inf) && !err_is_set(&s->damage))
			err_set(&s->damage, STATUS_FILE, "truncated", "gzip data ends too early");
		return 0;
	}
}

/* Up to n (at least LEAST_PULL) bytes of text out of all layers; 0 at the end. */
static size_t pull_text(struct stream *s, char *p, size_t n)
{
	if (!s->utf16.used)
		return pull(s, s->n_layers, p, n);
	size_t want = (n - LEAST_PULL / 2) / 3 * 2, got, written = 0;
	want = want < CHUNK ? want : CHUNK;
	while (!written && (got = pull(s, s->n_layers, s->units, want)))
		written = utf16_decode(&s->utf16, s->units, got, p);
	return written ? written : utf16_end(&s->utf16, p);
}

/* ---- opening */

/* A large file is hashed before it is decoded, so that an unchanged one costs no more. */
static enum status check_file(struct stream *s, struct err *err)
{
	enum status status = checked_file_new(s->fd, &s->checked, err);
	if (status != STATUS_OK)
		return status;
	s->content = *checked_file_content(s->checked);
	s->has_content = true;
	s->size = checked_file_size(s->checked);
	return STATUS_OK;
}

/* STATUS_SKIP: it has grown and is none to be read as a whole; the file is as it was opened. */
static enum status read_whole(struct stream *s, size_t size, struct err *err)
{
	ssize_t got = 1;
	while (got > 0 && s->file.n <= WHOLE_FILE) {
		size_t want = size > s->file.n ? size - s->file.n + 1 : CHUNK;
		if (!buf_reserve(&s->file, want))
			break;
		got = read_some(s->fd, s->file.p + s->file.n, want);
		if (got < 0)
			return err_set(err, STATUS_FILE, "unreadable", "reading failed: %s",
			               strerror(errno));
		s->file.n += (size_t)got;
	}
	if (got > 0) {
		buf_reset(&s->file);
		return STATUS_SKIP;
	}
	s->memory = buf_span(&s->file);
	s->size = s->memory.n;
	s->content = hash_of(s->memory);
	s->has_content = true;
	close(s->fd);
	s->fd = -1;
	return STATUS_OK;
}

/* Views s->memory as a whole, inflated if it is gzip. False if that is not possible (nested,
 * damaged, expanding too far): then the slow way gives what is sound and tells what is not. */
static bool inflate_whole(struct stream *s)
{
	struct span text = s->memory;
	if (inflate_is_gzip(text)) {
		buf_reset(&s->view);
		if (!whole_inflate(s->inflater, text, &s->view, WHOLE_TEXT))
			return false;
		text = buf_span(&s->view);
		if (inflate_is_gzip(text))
			return false;
	}
	if (utf16_begins(text, &s->utf16)) {
		s->utf16.used = false;
		return false;
	}
	s->text = text.p ? text.p : "";
	s->text_n = text.n;
	s->ended = true;
	s->read = s->size;
	return true;
}

/* Adds a layer for as long as what comes out looks like gzip; the first plain bytes begin the view.
 */
static void find_layers(struct stream *s)
{
	buf_reset(&s->view);
	buf_reserve(&s->view, VIEW_LEAST);
	for (;;) {
		s->view.n = 0;
		while (s->view.n < 4) {
			size_t got = pull(s, s->n_layers, s->view.p + s->view.n, CHUNK);
			if (got == 0)
				break;
			s->view.n += got;
		}
		if (!inflate_is_gzip(buf_span(&s->view)) || s->n_layers == LIMIT_GZIP_LAYERS)
			break;
		struct inflater *inf = inflater_new(2 * CHUNK);
		void *room;
		inflater_room(inf, &room);
		memcpy(room, s->view.p, s->view.n);
		inflater_fed(inf, s->view.n);
		s->layers[s->n_layers++] = inf;
	}
	if (utf16_begins(buf_span(&s->view), &s->utf16)) {
		struct span first = span_from(buf_span(&s->view), 2);
		s->units = xmalloc(2 * CHUNK);
		memcpy(s->units, first.p, first.n);
		s->view.n = utf16_decode(&s->utf16, s->units, first.n, s->view.p);
	}
	s->text = s->view.p;
	s->text_n = s->view.n;
}

/* Brings the first of it into view: not before somebody looks, because a source that is known by its
 * content need not be inflated. */
static void begin_view(struct stream *s)
{
	s->pending = false;
	if (!s->whole || !inflate_whole(s))
		find_layers(s);
}

enum status stream_open(struct stream *s, const char *path, bool named, struct err *err)
{
	struct stat st;
	enum status status = STATUS_OK;
	stream_close(s);
	err_clear(err);
	err_at_file(err, path);
	err_at_file(&s->damage, path);
	s->is_stdin = named && strcmp(path, "-") == 0;
	/* Without O_NONBLOCK a named pipe that appeared since the walk would hold the program up.
	 */
	s->fd = s->is_stdin
	                ? STDIN_FILENO
	                : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (named ? 0 : O_NONBLOCK));
	if (s->fd < 0 || fstat(s->fd, &st) != 0)
		status = err_set(err, STATUS_FILE, "unreadable", "%s", strerror(errno));
	else if (S_ISDIR(st.st_mode))
		status = err_set(err, STATUS_FILE, "unreadable", "is a folder");
	else if (!named && !S_ISREG(st.st_mode))
		status = err_set(err, STATUS_FILE, "unreadable", "is no regular file");
	if (status != STATUS_OK)
		goto out;
	s->is_file = S_ISREG(st.st_mode) && !s->is_stdin;
	s->identity = file_identity_of(&st);
	if (s->is_file) {
		status = st.st_size <= WHOLE_FILE ? read_whole(s, (size_t)st.st_size, err)
		                                  : STATUS_SKIP;
		if (status == STATUS_SKIP)
			status = check_file(s, err);
		s->whole = !s->checked;
	} else {
		hash_begin(&s->hasher);
		s->hashing = true;
	}
	s->pending = true;
out:
	if (status != STATUS_OK)
		stream_close(s);
	return status;
}

void stream_open_memory(struct stream *s, struct span bytes)
{
	stream_close(s);
	s->memory = bytes;
	s->size = bytes.n;
	s->whole = bytes.n <= WHOLE_FILE;
	s->pending = true;
}

void stream_open_source(struct stream *s, stream_read_fn read, void *data, const char *name)
{
	stream_close(s);
	err_at_file(&s->damage, name);
	s->from = read;
	s->from_data = data;
	hash_begin(&s->hasher);
	s->hashing = true;
	find_layers(s);
}

/* ---- the view */

const struct hash128 *stream_content(const struct stream *s)
{
	return s->has_content ? &s->content : NULL;
}

uint64_t stream_size(const struct stream *s)
{
	return s->size;
}

const struct file_identity *stream_identity(const struct stream *s)
{
	return s->is_file ? &s->identity : NULL;
}

uint64_t stream_read(const struct stream *s)
{
	return s->read;
}

struct span stream_view(struct stream *s)
{
	if (s->pending)
		begin_view(s);
	return span_make(s->text, s->text_n);
}

void stream_take(struct stream *s, size_t n)
{
	s->text += n;
	s->text_n -= n;
	s->offset += n;
}

uint64_t stream_offset(const struct stream *s)
{
	return s->offset;
}

const struct err *stream_damage(const struct stream *s)
{
	return err_is_set(&s->damage) ? &s->damage : NULL;
}

const struct err *stream_broken(const struct stream *s)
{
	return s->broken && s->told_end ? &s->damage : NULL;
}

enum stream_more stream_more(struct stream *s)
{
	if (s->pending)
		begin_view(s);
	if (s->ended) {
		s->told_end = true;
		return STREAM_END;
	}
	if (s->text_n > LIMIT_RECORD_BYTES)
		return STREAM_FULL;
	if (s->text_n && s->text != s->view.p)
		memmove(s->view.p, s->text, s->text_n);
	s->view.n = s->text_n;
	/* At least as much again as is there: a long record is looked at a few times, not once a
	 * chunk. */
	size_t want = s->text_n > VIEW_LEAST ? s->text_n : VIEW_LEAST;
	buf_reserve(&s->view, want);
	size_t goal = s->view.n + want, got = 1;
	while (goal - s->view.n >= LEAST_PULL && got) {
		got = pull_text(s, s->view.p + s->view.n, goal - s->view.n);
		s->view.n += got;
	}
	size_t before = s->text_n;
	s->text = s->view.p;
	s->text_n = s->view.n;
	if (got)
		return STREAM_MORE;
	s->ended = true;
	if (s->hashing) {
		/* Behind a break or trailing bytes there may be more, which belongs to the content.
		 */
		char *chunk = xmalloc(CHUNK);
		while (raw_read(s, chunk, CHUNK))
			continue;
		free(chunk);
		s->content = hash_end(&s->hasher);
		s->has_content = !s->broken;
	}
	s->told_end = s->text_n == before;
	return s->told_end ? STREAM_END : STREAM_MORE;
}
