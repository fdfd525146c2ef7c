/* file-identity.c - bytes: see file-identity.h. */
#include "config.h"

#include "bytes/file-identity.h"

/* FAT keeps times in steps of two seconds; servers' clocks are near. */
enum { SETTLED_SECONDS = 4 };

static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)((uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec);
}

struct file_identity file_identity_of(const struct stat *st)
{
	return (struct file_identity){.device = (uint64_t)st->st_dev,
	                              .inode = (uint64_t)st->st_ino,
	                              .size = (int64_t)st->st_size,
	                              .modified = nanoseconds(st->st_mtim),
	                              .changed = nanoseconds(st->st_ctim)};
}

bool file_identity_at(const char *path, struct file_identity *out)
{
	struct stat st;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	*out = file_identity_of(&st);
	return true;
}

bool file_identity_settled(const struct file_identity *f, int64_t now)
{
	int64_t last = f->modified > f->changed ? f->modified : f->changed;
	return last / 1000000000 < now - SETTLED_SECONDS;
}
