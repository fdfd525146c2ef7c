/* write-file.c - base: see write-file.h. */
#define _GNU_SOURCE
#include "config.h"

#include "base/write-file.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status failed(struct err *err, const char *path, const char *what)
{
	int e = errno;
	err_clear(err);
	err_at_file(err, path);
	return err_set(err, STATUS_STOP, "write", "%s: %s", what, strerror(e));
}

bool fd_write_all(int fd, struct span text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return false;
		text = span_from(text, (size_t)n);
	}
	return true;
}

/* What path stands for: the target of a symbolic link, path itself where nothing is there. */
static char *resolved(const char *path)
{
	char *real = realpath(path, NULL);
	return real ? real : errno == ENOENT ? xstrdup(path) : NULL;
}

/* The owner is kept where the user may give files away or is in that group; a file of one's own
 * with another owner's mode is still the better outcome than none. */
static bool set_mode(int fd, mode_t mode, const struct stat *before)
{
	if (mode || !before)
		return !mode || fchmod(fd, mode) == 0;
	if (fchown(fd, before->st_uid, before->st_gid) != 0 && errno != EPERM)
		return false;
	return fchmod(fd, before->st_mode & 07777) == 0;
}

static void reset(struct file_write *w)
{
	free(w->path);
	free(w->temporary);
	*w = (struct file_write){.fd = -1};
}

enum status file_write_begin(struct file_write *w, const char *path, mode_t mode, struct err *err)
{
	struct stat st;
	*w = (struct file_write){.fd = -1, .path = resolved(path)};
	if (!w->path)
		return failed(err, path, "cannot be resolved");
	bool there = stat(w->path, &st) == 0;
	size_t size = strlen(w->path) + sizeof ".XXXXXX";
	w->temporary = xmalloc(size);
	snprintf(w->temporary, size, "%s.XXXXXX", w->path);
	w->fd = mkostemp(w->temporary, O_CLOEXEC); /* 0600 */
	if (w->fd < 0) {
		enum status s = failed(err, path, "cannot make a temporary file beside it");
		reset(w);
		return s;
	}
	if (set_mode(w->fd, mode, there ? &st : NULL))
		return STATUS_OK;
	enum status s = failed(err, path, "its mode cannot be set");
	file_write_abandon(w);
	return s;
}

enum status file_write_add(struct file_write *w, struct span text, struct err *err)
{
	return fd_write_all(w->fd, text) ? STATUS_OK : failed(err, w->path, "cannot be written");
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return !slash          ? xstrdup(".")
	       : slash == path ? xstrdup("/")
	                       : xmemdup0(path, (size_t)(slash - path));
}

bool in_shared_folder(const char *path)
{
	struct stat st;
	char *folder = folder_of(path);
	bool shared = stat(folder, &st) != 0 || (st.st_mode & S_IWOTH);
	free(folder);
	return shared;
}

/* Makes the rename last. A folder that can't be opened or synced (another owner's, some network
 * file systems) leaves that to the system. */
static void sync_folder_of(const char *path)
{
	char *folder = folder_of(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(folder);
}

enum status file_write_commit(struct file_write *w, struct err *err)
{
	enum status s = STATUS_OK;
	if (fsync(w->fd) != 0)
		s = failed(err, w->path, "cannot be written");
	int fd = w->fd;
	w->fd = -1;
	if (close(fd) != 0 && s == STATUS_OK)
		s = failed(err, w->path, "cannot be written");
	if (s == STATUS_OK && rename(w->temporary, w->path) != 0)
		s = failed(err, w->path, "cannot be put in its place");
	if (s == STATUS_OK)
		sync_folder_of(w->path);
	else
		unlink(w->temporary);
	reset(w);
	return s;
}

void file_write_abandon(struct file_write *w)
{
	if (w->fd >= 0) {
		close(w->fd);
		unlink(w->temporary);
	}
	reset(w);
}

enum status file_replace(const char *path, struct span text, mode_t mode, struct err *err)
{
	struct file_write w;
	enum status s = file_write_begin(&w, path, mode, err);
	if (s != STATUS_OK)
		return s;
	s = file_write_add(&w, text, err);
	if (s == STATUS_OK)
		return file_write_commit(&w, err);
	file_write_abandon(&w);
	return s;
}
