/* reads.c - a library to be loaded before the program (LD_PRELOAD): something happens to the file
 * whose path ends in $FAULT_FILE once $FAULT_AFTER bytes of it were read, all readings together.
 * $FAULT_KIND: "error": that read fails with EIO, later ones don't; "errors": so do all later ones;
 * "cut": the file is cut to half its size; "overwrite": its second half is overwritten; "grow":
 * $FAULT_TEXT is appended. Or, whatever was read, "look": the path $FAULT_FILE cannot be looked at (lstat). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

ssize_t pread64(int fd, void *p, size_t n, off_t at);

static long long seen;
static bool over;

static bool is_meant(int fd)
{
	char link[64], name[4096];
	const char *want = getenv("FAULT_FILE");
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, name, sizeof name);
	size_t w = want ? strlen(want) : 0;
	return want && n > (ssize_t)w && memcmp(name + n - w, want, w) == 0;
}

static void change(const char *kind)
{
	const char *name = getenv("FAULT_FILE"), *text = getenv("FAULT_TEXT");
	struct stat st;
	int fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		abort();
	if (strcmp(kind, "cut") == 0 && ftruncate(fd, st.st_size / 2) != 0)
		abort();
	if (strcmp(kind, "overwrite") == 0)
		for (off_t at = st.st_size / 2; at < st.st_size - 100; at += 1000)
			if (pwrite(fd, "#", 1, at) != 1)
				abort();
	if (strcmp(kind, "grow") == 0 && text &&
	    pwrite(fd, text, strlen(text), st.st_size) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

/* True: this read is to fail. */
static bool fault(int fd)
{
	const char *kind = getenv("FAULT_KIND"), *after = getenv("FAULT_AFTER");
	if (!kind || !after || !is_meant(fd) || seen < atoll(after))
		return false;
	bool first = !over;
	over = true;
	if (strncmp(kind, "error", 5) == 0) {
		errno = EIO;
		return first || kind[5] == 's';
	}
	if (first)
		change(kind);
	return false;
}

static ssize_t note(int fd, ssize_t got)
{
	if (got > 0 && is_meant(fd))
		seen += got;
	return got;
}

ssize_t read(int fd, void *p, size_t n)
{
	ssize_t (*real)(int, void *, size_t) =
	        (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
	return fault(fd) ? -1 : note(fd, real(fd, p, n));
}

ssize_t pread(int fd, void *p, size_t n, off_t at)
{
	ssize_t (*real)(int, void *, size_t, off_t) =
	        (ssize_t(*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread");
	return fault(fd) ? -1 : note(fd, real(fd, p, n, at));
}

ssize_t pread64(int fd, void *p, size_t n, off_t at)
{
	return pread(fd, p, n, at);
}

int lstat(const char *name, struct stat *st)
{
	const char *kind = getenv("FAULT_KIND"), *file = getenv("FAULT_FILE");
	if (kind && file && strcmp(kind, "look") == 0 && strcmp(name, file) == 0) {
		errno = EIO;
		return -1;
	}
	return fstatat(AT_FDCWD, name, st, AT_SYMLINK_NOFOLLOW);
}
