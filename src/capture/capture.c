/* capture.c - capture: see capture.h. Lines are built in memory and handed over whole, so that
 * whatever ends the process can tear at most the last one. A file whose name ends in .gz is a row
 * of gzip members, one for each time lines are handed over: each ends as a whole file does. */
#include "config.h"

#include "capture/capture.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/when.h"
#include "base/write-file.h"
#include "capture/capture-line.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium/randombytes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Lines held back until capture_flush or until so many bytes are there; a kill -9 costs at most
 * these. */
#define HELD_BYTES ((size_t)64 << 10)
/* One line: LIMIT_PARAMS values of LIMIT_PARAM_VALUE bytes, each byte escaped at worst, do not come
 * near it in practice; what is longer loses its parameters. */
#define LINE_BYTES ((size_t)1 << 20)
/* Compressed, lines wait for company this long, or every call would pay for a member of its own. */
enum { GZIP_WAIT_MS = 1000, SYNC_EVERY_MS = 5000 };
/* So long without a loss it is over, and another one is news. */
enum { CALM_MS = 10 * 1000 };
/* User agents whose families are remembered: a few clients make all the calls. */
enum { AGENT_SLOTS = 64, AGENT_LONGEST = 512 };

struct capture {
	pthread_mutex_t lock;
	int fd;
	char *path;
	struct capture_options options;
	bool gzip, regular, made;
	off_t whole; /* of a regular file: where its last whole line ends */
	struct buf held;
	uint64_t held_lines, held_calls;
	struct buf packed;
	struct arena scratch;
	struct memo *agents;
	int64_t handed_ms, synced_ms;
	int64_t failed_ms; /* when lines were lost last, 0: never */
	bool unsynced;
	struct capture_counts counts;
};

/* held as one gzip member in packed. */
static bool pack(struct capture *c)
{
	z_stream z = {0};
	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return false;
	buf_reset(&c->packed);
	size_t room = deflateBound(&z, (uLong)c->held.n);
	bool ok = buf_reserve(&c->packed, room);
	if (ok) {
		z.next_in = (Bytef *)c->held.p;
		z.avail_in = (uInt)c->held.n;
		z.next_out = (Bytef *)c->packed.p;
		z.avail_out = (uInt)room;
		ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
		c->packed.n = room - z.avail_out;
	}
	deflateEnd(&z);
	return ok;
}

static bool write_all(struct capture *c, struct span s, struct err *err)
{
	if (fd_write_all(c->fd, s))
		return true;
	err_at_file(err, c->path);
	err_set(err, STATUS_STOP, "write", "%s", strerror(errno));
	return false;
}

/* What is held goes to the kernel, or is lost and counted; half a line never stays in the middle of
 * the file, where it would spoil the next one. */
static enum status hand_over(struct capture *c, struct err *err)
{
	if (c->held.n == 0)
		return STATUS_OK;
	bool ok = !c->gzip || pack(c);
	if (!ok)
		err_set(err, STATUS_STOP, "write", "%s: cannot compress", c->path);
	struct span out = buf_span(c->gzip ? &c->packed : &c->held);
	if (ok && write_all(c, out, err)) {
		c->whole += (off_t)out.n;
		c->unsynced = true;
	} else {
		ok = false;
		c->counts.lost += c->held_lines;
		c->counts.lost_calls += c->held_calls;
		if (c->regular && ftruncate(c->fd, c->whole) != 0)
			err_set(err, STATUS_STOP, "write", "%s: %s", c->path, strerror(errno));
	}
	buf_reset(&c->held);
	c->held_lines = c->held_calls = 0;
	c->handed_ms = when_steady_ms();
	if (!ok)
		c->failed_ms = c->handed_ms;
	return ok ? STATUS_OK : STATUS_STOP;
}

/* A line was added to held at offset at. */
static enum status line_added(struct capture *c, size_t at, struct err *err)
{
	c->held_lines++;
	if (c->options.observe)
		c->options.observe(c->options.observe_data, span_from(buf_span(&c->held), at));
	return c->held.n > HELD_BYTES ? hand_over(c, err) : STATUS_OK;
}

enum status capture_write(struct capture *c, const struct captured_call *call, struct err *err)
{
	pthread_mutex_lock(&c->lock);
	struct capture_filter filter = {c->options.mapping, &c->scratch, c->agents};
	size_t at = c->held.n;
	capture_line_call(&c->held, &filter, call);
	arena_reset(&c->scratch);
	c->counts.calls++;
	c->held_calls++;
	enum status s = line_added(c, at, err);
	pthread_mutex_unlock(&c->lock);
	return s;
}

enum status capture_write_identity(struct capture *c, const struct captured_identity *id,
                                   struct err *err)
{
	pthread_mutex_lock(&c->lock);
	size_t at = c->held.n;
	capture_line_identity(&c->held, id);
	enum status s = STATUS_OK;
	if (c->held.n > at) {
		c->counts.identities++;
		s = line_added(c, at, err);
	}
	pthread_mutex_unlock(&c->lock);
	return s;
}

enum status capture_flush(struct capture *c, struct err *err)
{
	enum status s = STATUS_OK;
	bool sync = false;
	pthread_mutex_lock(&c->lock);
	int64_t now = when_steady_ms();
	if (!c->gzip || now - c->handed_ms >= GZIP_WAIT_MS)
		s = hand_over(c, err);
	if (c->unsynced && now - c->synced_ms >= SYNC_EVERY_MS) {
		c->synced_ms = now;
		c->unsynced = false;
		sync = true;
	}
	pthread_mutex_unlock(&c->lock);
	/* a slow disk must not hold up those who write lines */
	if (sync && fdatasync(c->fd) != 0 && errno != EINVAL && errno != EROFS)
		s = err_set(err, STATUS_STOP, "write", "%s: %s", c->path, strerror(errno));
	return s;
}

bool capture_failing(struct capture *c)
{
	int64_t now = when_steady_ms();
	pthread_mutex_lock(&c->lock);
	bool failing = c->failed_ms && now - c->failed_ms < CALM_MS;
	pthread_mutex_unlock(&c->lock);
	return failing;
}

int capture_wait(struct capture *c)
{
	int64_t due = INT64_MAX, now = when_steady_ms();
	pthread_mutex_lock(&c->lock);
	if (c->held.n && c->gzip)
		due = c->handed_ms + GZIP_WAIT_MS;
	if (c->unsynced && c->synced_ms + SYNC_EVERY_MS < due)
		due = c->synced_ms + SYNC_EVERY_MS;
	pthread_mutex_unlock(&c->lock);
	return due == INT64_MAX ? -1 : due > now ? (int)(due - now) : 0;
}

void capture_counts(struct capture *c, struct capture_counts *counts)
{
	pthread_mutex_lock(&c->lock);
	*counts = c->counts;
	pthread_mutex_unlock(&c->lock);
}

static enum status write_header(struct capture *c, struct err *err)
{
	unsigned char id[CAPTURE_ID_BYTES];
	randombytes_buf(id, sizeof id);
	size_t at = c->held.n;
	capture_line_header(&c->held, c->options.mode, id, when_wall_ms());
	enum status s = line_added(c, at, err);
	return s == STATUS_OK ? hand_over(c, err) : s;
}

/* A file that was cut in the middle of a line (power lost): what follows must begin a line of its
 * own. */
static void end_torn_line(struct capture *c)
{
	char last = '\n';
	if (!c->gzip && c->regular && c->whole > 0 && pread(c->fd, &last, 1, c->whole - 1) == 1 &&
	    last != '\n')
		buf_add_char(&c->held, '\n');
}

/* What --append names must be a capture already, or empty: nobody's other file is to be written to.
 */
static bool may_append(const struct capture *c)
{
	static const char plain[] = "{\"kind\":\"capture\"", packed[] = "\x1f\x8b";
	const char *want = c->gzip ? packed : plain;
	size_t n = strlen(want);
	char got[sizeof plain];
	return !c->regular || c->whole == 0 ||
	       (pread(c->fd, got, n, 0) == (ssize_t)n && memcmp(got, want, n) == 0);
}

static enum status open_file(const struct capture_options *options, int *fd, struct err *err)
{
	int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
	*fd = open(options->path, flags | (options->append ? 0 : O_EXCL), 0600);
	if (*fd >= 0)
		return STATUS_OK;
	err_at_file(err, options->path);
	if (errno == EEXIST)
		return err_set(err, STATUS_STOP, "exists",
		               "is there already (--append adds to it)");
	if (errno == ELOOP)
		return err_set(err, STATUS_STOP, "open", "is a symbolic link");
	return err_set(err, STATUS_STOP, "open", "%s", strerror(errno));
}

/* In a folder that everybody can write to, another user may have put the file, or a pipe, there before: he would
 * read, and could change, what is recorded. A team's folder and root are trusted. */
static bool is_planted(const char *path, const struct stat *st)
{
	return st->st_uid != geteuid() && st->st_uid != 0 && in_shared_folder(path);
}

static void release(struct capture *c)
{
	buf_release(&c->held);
	buf_release(&c->packed);
	arena_release(&c->scratch);
	memo_free(c->agents);
	pthread_mutex_destroy(&c->lock);
	free(c->path);
	free(c);
}

enum status capture_open(const struct capture_options *options, struct capture **out,
                         struct err *err)
{
	int fd;
	struct stat st;
	enum status s = open_file(options, &fd, err);
	if (s != STATUS_OK)
		return s;
	if (fstat(fd, &st) != 0 || is_planted(options->path, &st)) {
		close(fd);
		err_at_file(err, options->path);
		return err_set(err, STATUS_STOP, "owner",
		               "belongs to another user (uid %u), in a folder that everybody can "
		               "write to: nothing is added to it",
		               (unsigned)st.st_uid);
	}
	struct capture *c = xcalloc(1, sizeof *c);
	pthread_mutex_init(&c->lock, NULL);
	c->fd = fd;
	c->path = xstrdup(options->path);
	c->options = *options;
	c->gzip = span_ends_ci(span_of(options->path), SPAN_LIT(".gz"));
	c->regular = S_ISREG(st.st_mode);
	c->whole = c->regular ? st.st_size : 0;
	buf_init(&c->held, HELD_BYTES + 2 * LINE_BYTES);
	buf_init(&c->packed, HELD_BYTES + 4 * LINE_BYTES);
	arena_init(&c->scratch);
	c->agents = memo_new(AGENT_SLOTS, AGENT_LONGEST, sizeof(struct span));
	c->made = !options->append || (c->regular && c->whole == 0);
	if (may_append(c)) {
		end_torn_line(c);
		s = write_header(c, err);
	} else {
		err_at_file(err, options->path);
		s = err_set(err, STATUS_STOP, "exists", "is no capture: nothing is added to it");
	}
	if (s != STATUS_OK) {
		capture_abandon(c);
		return s;
	}
	*out = c;
	return STATUS_OK;
}

void capture_abandon(struct capture *c)
{
	if (!c)
		return;
	if (c->made && c->regular)
		unlink(c->path);
	buf_reset(&c->held);
	close(c->fd);
	release(c);
}

enum status capture_finish(struct capture *c, struct err *err)
{
	pthread_mutex_lock(&c->lock);
	enum status s = hand_over(c, err);
	if (s == STATUS_OK && fsync(c->fd) != 0 && errno != EINVAL)
		s = err_set(err, STATUS_STOP, "write", "%s: %s", c->path, strerror(errno));
	pthread_mutex_unlock(&c->lock);
	return s;
}

enum status capture_close(struct capture *c, struct err *err)
{
	if (!c)
		return STATUS_OK;
	enum status s = capture_finish(c, err);
	if (close(c->fd) != 0 && s == STATUS_OK)
		s = err_set(err, STATUS_STOP, "write", "%s: %s", c->path, strerror(errno));
	release(c);
	return s;
}
