/* save.c - emit: see save.h. */
#include "config.h"

#include "emit/save.h"

#include "base/alloc.h"
#include "base/write-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status failed(struct err *err, const char *path, const char *what)
{
	int e = errno;
	err_clear(err);
	err_set(err, STATUS_STOP, "write", "%s: %s", what, strerror(e));
	err_at_file(err, path);
	return STATUS_STOP;
}

/* Whether the open file holds exactly text. */
static bool holds(int fd, struct span text)
{
	char part[65536];
	for (;;) {
		ssize_t n = read(fd, part, sizeof part);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (size_t)n > text.n || (n && memcmp(part, text.p, (size_t)n) != 0))
			return false;
		if (n == 0)
			return text.n == 0;
		text = span_from(text, (size_t)n);
	}
}

static bool make_folders(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		bool ok = mkdir(path, 0700) == 0 || errno == EEXIST;
		*p = '/';
		if (!ok)
			return false;
	}
	return true;
}

static enum status make_folders_of(const char *path, struct err *err)
{
	char *folders = xstrdup(path);
	bool made = make_folders(folders);
	free(folders);
	return made ? STATUS_OK : failed(err, path, "its folder cannot be made");
}

static enum status write_through(int fd, const char *path, struct span text, struct err *err)
{
	bool ok = fd_write_all(fd, text);
	if (!ok)
		failed(err, path, "cannot be written");
	if (close(fd) != 0 && ok) {
		failed(err, path, "cannot be written");
		ok = false;
	}
	return ok ? STATUS_OK : STATUS_STOP;
}

enum status save_text(const char *path, struct span text, enum saved *how, struct err *err)
{
	struct stat st;
	if (make_folders_of(path, err) != STATUS_OK)
		return STATUS_STOP;
	*how = SAVED_NEW;
	if (stat(path, &st) != 0)
		return file_replace(path, text, 0, err);
	*how = SAVED_CHANGED;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return failed(err, path, "cannot be written");
	}
	if (!S_ISREG(st.st_mode)) {
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		return fd < 0 ? failed(err, path, "cannot be opened")
		              : write_through(fd, path, text, err);
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		bool same = (size_t)st.st_size == text.n && holds(fd, text);
		close(fd);
		if (same) {
			*how = SAVED_SAME;
			return STATUS_OK;
		}
	}
	return file_replace(path, text, 0, err);
}

enum status save_check(const char *path, struct err *err)
{
	struct stat st;
	struct file_write w;
	if (make_folders_of(path, err) != STATUS_OK)
		return STATUS_STOP;
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			errno = EISDIR;
		if (S_ISDIR(st.st_mode) || (!S_ISREG(st.st_mode) && access(path, W_OK) != 0))
			return failed(err, path, "cannot be written");
		if (!S_ISREG(st.st_mode))
			return STATUS_OK;
	}
	enum status s = file_write_begin(&w, path, 0, err);
	if (s == STATUS_OK)
		file_write_abandon(&w);
	return s;
}
