/* checked-file.c - bytes: see checked-file.h. The first reading notes the hash of all bytes up to
 * each border between blocks. It costs one finished hash a block, and the second reading is as good as
 * proven by the same cryptographic hash, block after block. */
#include "config.h"

#include "bytes/checked-file.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* What is read and checked at once; of each 16 bytes stay in memory: 16 MB for a file of 1 TB. */
enum { BLOCK = 1 << 20 };

struct checked_file {
	int fd;
	struct hash128 *upto; /* of the bytes from the file's beginning to the end of block i */
	size_t n_blocks;
	uint64_t size;
	struct hash128 content;

	/* The second reading. */
	struct hasher hasher; /* of what was checked */
	size_t next;          /* block */
	size_t at, n;         /* what is left of the current one: block[at..n) */
	bool broken;
	char block[BLOCK];
};

/* As much of the block at this offset as there is; -1 with errno. */
static ssize_t read_block(struct checked_file *f, uint64_t offset)
{
	size_t n = 0;
	while (n < BLOCK) {
		ssize_t got = pread(f->fd, f->block + n, BLOCK - n, (off_t)(offset + n));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

/* The hash of all that went in so far; more may follow. */
static struct hash128 hash_so_far(const struct hasher *h)
{
	struct hasher copy = *h;
	return hash_end(&copy);
}

static enum status hash_all(struct checked_file *f, struct err *err)
{
	struct hasher h;
	size_t room = 0;
	ssize_t got;
	hash_begin(&h);
	while ((got = read_block(f, f->size)) > 0) {
		if (f->n_blocks == room) {
			room = room ? room * 2 : 16;
			f->upto = xreallocarray(f->upto, room, sizeof *f->upto);
		}
		hash_bytes(&h, f->block, (size_t)got);
		f->upto[f->n_blocks++] = hash_so_far(&h);
		f->size += (uint64_t)got;
		if (got < BLOCK)
			break;
	}
	if (got < 0)
		return err_set(err, STATUS_FILE, "unreadable", "reading failed: %s",
		               strerror(errno));
	f->content = hash_end(&h);
	return STATUS_OK;
}

enum status checked_file_new(int fd, struct checked_file **out, struct err *err)
{
	struct checked_file *f = xcalloc(1, sizeof *f);
	f->fd = fd;
	hash_begin(&f->hasher);
	enum status status = hash_all(f, err);
	if (status == STATUS_OK)
		*out = f;
	else
		checked_file_free(f);
	return status;
}

void checked_file_free(struct checked_file *f)
{
	if (!f)
		return;
	free(f->upto);
	free(f);
}

const struct hash128 *checked_file_content(const struct checked_file *f)
{
	return &f->content;
}

uint64_t checked_file_size(const struct checked_file *f)
{
	return f->size;
}

/* Brings the next block in. False: there is none, or err is set. */
static bool next_block(struct checked_file *f, struct err *err)
{
	if (f->broken || f->next == f->n_blocks)
		return false;
	uint64_t offset = (uint64_t)f->next * BLOCK, left = f->size - offset;
	size_t want = left < BLOCK ? (size_t)left : BLOCK;
	ssize_t got = read_block(f, offset);
	if (got < 0) {
		f->broken = true;
		err_set(err, STATUS_FILE, "unreadable",
		        "reading failed: %s; the same command again goes on from here",
		        strerror(errno));
		return false;
	}
	if ((size_t)got >= want) {
		hash_bytes(&f->hasher, f->block, want);
		struct hash128 now = hash_so_far(&f->hasher);
		if (hash_eq(&now, &f->upto[f->next])) {
			f->next++;
			f->at = 0;
			f->n = want;
			return true;
		}
	}
	f->broken = true;
	err_set(err, STATUS_FILE, "changed",
	        "the file changed while it was read; the same command again reads it anew");
	return false;
}

size_t checked_file_read(struct checked_file *f, void *p, size_t n, struct err *err)
{
	if (f->at == f->n && !next_block(f, err))
		return 0;
	size_t have = f->n - f->at;
	n = n < have ? n : have;
	memcpy(p, f->block + f->at, n);
	f->at += n;
	return n;
}
