/* writes.c - a library to be loaded before the program (LD_PRELOAD). It counts what the program
 * does to files whose paths begin with $FAULT_FOLDER: making, writing, syncing, cutting, mapping,
 * renaming and removing them; or, with $FAULT_MEMORY, its allocations. Number $FAULT_AT fails with
 * $FAULT_ERRNO (ENOMEM for memory), and with $FAULT_ON all that follow. At the end the count is
 * written to $FAULT_COUNT. $FAULT_LOG gets what happened to files, one after the other, for a disk
 * to be played from it: "write OFFSET SIZE NAME\n" and the bytes, "cut SIZE NAME\n", "sync NAME\n",
 * "rename FROM\tTO\n" and "remove NAME\n". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at);
int ftruncate64(int fd, off_t size);
int open64(const char *name, int flags, ...);
void *mmap64(void *at, size_t n, int prot, int flags, int fd, off_t offset);
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static unsigned long done; /* of what is counted, by all threads */
static bool memory;        /* allocations are what is counted */
static unsigned long at;   /* the one to fail; 0: none */
static bool on;
static int error = EIO, log_fd = -1, count_fd = -1;
static const char *folder;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("FAULT_ERRNO"), *log = getenv("FAULT_LOG");
	folder = getenv("FAULT_FOLDER");
	if (text)
		error = atoi(text);
	if (log)
		log_fd = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	/* opened now: a program may give up its files before it ends */
	if (getenv("FAULT_COUNT"))
		count_fd = REAL(open)(getenv("FAULT_COUNT"),
		                      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	on = getenv("FAULT_ON") != NULL;
	text = getenv("FAULT_AT");
	at = text ? strtoul(text, NULL, 10) : 0;
	__atomic_store_n(&done, 0, __ATOMIC_SEQ_CST);
	memory = getenv("FAULT_MEMORY") != NULL;
}

__attribute__((destructor)) static void end(void)
{
	if (count_fd >= 0)
		dprintf(count_fd, "%lu\n", done);
}

/* True: this one is to fail; errno tells with what. */
static bool fails(void)
{
	unsigned long n = __atomic_add_fetch(&done, 1, __ATOMIC_SEQ_CST);
	if (!at || n < at || (n > at && !on))
		return false;
	errno = memory ? ENOMEM : error;
	return true;
}

static bool name_is_meant(const char *name)
{
	return !memory && folder && strncmp(name, folder, strlen(folder)) == 0;
}

static bool is_meant(int fd, char name[4096])
{
	char link[64];
	if (memory || !folder || fd < 0)
		return false;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, name, 4095);
	if (n < 0)
		return false;
	name[n] = '\0';
	return name_is_meant(name);
}

/* Threads write one at a time into the database, which alone is logged. */
static void note(const char *text, const void *p, size_t n)
{
	if (log_fd < 0)
		return;
	if (REAL(write)(log_fd, text, strlen(text)) < 0 || (n && REAL(write)(log_fd, p, n) < 0))
		abort();
}

static void note_write(const char *name, const void *p, ssize_t n, off_t offset)
{
	char text[4200];
	snprintf(text, sizeof text, "write %lld %zd %s\n", (long long)offset, n, name);
	if (n > 0)
		note(text, p, (size_t)n);
}

static void note_name(const char *what, const char *name)
{
	char text[4200];
	snprintf(text, sizeof text, "%s %s\n", what, name);
	note(text, NULL, 0);
}

ssize_t write(int fd, const void *p, size_t n)
{
	char name[4096];
	if (!is_meant(fd, name))
		return REAL(write)(fd, p, n);
	if (fails())
		return -1;
	off_t offset = lseek(fd, 0, SEEK_CUR);
	ssize_t got = REAL(write)(fd, p, n);
	note_write(name, p, got, offset);
	return got;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t offset)
{
	char name[4096];
	if (!is_meant(fd, name))
		return REAL(pwrite)(fd, p, n, offset);
	if (fails())
		return -1;
	ssize_t got = REAL(pwrite)(fd, p, n, offset);
	note_write(name, p, got, offset);
	return got;
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t offset)
{
	return pwrite(fd, p, n, offset);
}

int ftruncate(int fd, off_t size)
{
	char name[4096], what[64];
	if (!is_meant(fd, name))
		return REAL(ftruncate)(fd, size);
	if (fails())
		return -1;
	snprintf(what, sizeof what, "cut %lld", (long long)size);
	note_name(what, name);
	return REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off_t size)
{
	return ftruncate(fd, size);
}

int fsync(int fd)
{
	char name[4096];
	if (!is_meant(fd, name))
		return REAL(fsync)(fd);
	if (fails())
		return -1;
	note_name("sync", name);
	return 0; /* nobody cuts the power of this machine */
}

int fdatasync(int fd)
{
	return fsync(fd);
}

int rename(const char *from, const char *to)
{
	char both[8200];
	if (!name_is_meant(to))
		return REAL(rename)(from, to);
	if (fails())
		return -1;
	snprintf(both, sizeof both, "%s\t%s", from, to);
	note_name("rename", both);
	return REAL(rename)(from, to);
}

int unlink(const char *name)
{
	if (!name_is_meant(name))
		return REAL(unlink)(name);
	if (fails())
		return -1;
	note_name("remove", name);
	return REAL(unlink)(name);
}

int open(const char *name, int flags, ...)
{
	va_list list;
	va_start(list, flags);
	unsigned mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, unsigned) : 0;
	va_end(list);
	if ((flags & O_ACCMODE) != O_RDONLY && name_is_meant(name) && fails())
		return -1;
	return REAL(open)(name, flags, mode);
}

int open64(const char *name, int flags, ...)
{
	va_list list;
	va_start(list, flags);
	unsigned mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, unsigned) : 0;
	va_end(list);
	return open(name, flags, mode);
}

int mkostemp(char *template, int flags)
{
	if (name_is_meant(template) && fails())
		return -1;
	return REAL(mkostemp)(template, flags);
}

void *mmap(void *where, size_t n, int prot, int flags, int fd, off_t offset)
{
	char name[4096];
	if (is_meant(fd, name) && fails())
		return MAP_FAILED;
	return REAL(mmap)(where, n, prot, flags, fd, offset);
}

void *mmap64(void *where, size_t n, int prot, int flags, int fd, off_t offset)
{
	return mmap(where, n, prot, flags, fd, offset);
}

void *malloc(size_t n)
{
	return memory && fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return memory && fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return memory && fails() ? NULL : __libc_realloc(p, n);
}
