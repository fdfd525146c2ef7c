/* archive.c - bytes: see archive.h. */
#include "config.h"

#include "bytes/archive.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"

#include <stdlib.h>

#ifdef HAVE_LIBARCHIVE

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <pthread.h>

/* The version that archive.h was written for; its interface has been the same since 2013. */
#define LIBRARY "libarchive.so.13"

/* What is used of it, under the names that it has there. */
#define FUNCTIONS(F)                  \
	F(archive_read_new)           \
	F(archive_read_free)          \
	F(archive_read_open)          \
	F(archive_read_open_memory)   \
	F(archive_read_next_header)   \
	F(archive_read_data)          \
	F(archive_format)             \
	F(archive_error_string)       \
	F(archive_entry_pathname)     \
	F(archive_entry_filetype)     \
	F(archive_read_support_format_zip_streamable) \
	F(archive_read_support_format_tar)            \
	F(archive_read_support_format_gnutar)         \
	F(archive_read_support_format_7zip)           \
	F(archive_read_support_format_raw)            \
	F(archive_read_support_filter_bzip2)          \
	F(archive_read_support_filter_xz)             \
	F(archive_read_support_filter_zstd)           \
	F(archive_read_support_filter_lz4)

static struct library {
#define POINTER(name) __typeof__(&name) name;
	FUNCTIONS(POINTER)
#undef POINTER
	bool loaded;
} lib;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
	void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	bool all = handle != NULL;
	if (!handle)
		return;
#define FIND(name)                                     \
	*(void **)&lib.name = dlsym(handle, #name);    \
	all = all && lib.name;
	FUNCTIONS(FIND)
#undef FIND
	lib.loaded = all;
}

struct archive_entries {
	struct stream *s;
	struct archive *a;
	struct buf whole; /* a 7z */
	size_t given;     /* bytes of the view that libarchive has */
	size_t n;
	const char *error;
};

static const struct {
	size_t offset;
	struct span bytes;
} magics[] = {
        {0, SPAN_LIT("PK\x03\x04")},     {0, SPAN_LIT("7z\xbc\xaf\x27\x1c")},
        {0, SPAN_LIT("BZh")},            {0, SPAN_LIT("\xfd" "7zXZ")},
        {0, SPAN_LIT("\x28\xb5\x2f\xfd")}, {0, SPAN_LIT("\x04\x22\x4d\x18")},
        {257, SPAN_LIT("ustar")},
};

bool archive_begins(struct span text)
{
	for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
		if (text.n > magics[i].offset &&
		    span_starts(span_from(text, magics[i].offset), magics[i].bytes))
			return true;
	return false;
}

/* The stream's view is the block that libarchive gets; it is dropped when the next is asked for. */
static la_ssize_t on_read(struct archive *a, void *data, const void **block)
{
	struct archive_entries *e = data;
	stream_take(e->s, e->given);
	e->given = 0;
	if (stream_view(e->s).n == 0 && stream_more(e->s) == STREAM_END)
		return 0;
	struct span view = stream_view(e->s);
	*block = view.p;
	e->given = view.n;
	return (la_ssize_t)view.n;
}

/* A filter that is not built in would run a program: the library says so with a warning. */
static void support_filters(struct archive *a)
{
	int (*const filters[])(struct archive *) = {
	        lib.archive_read_support_filter_bzip2,
	        lib.archive_read_support_filter_xz,
	        lib.archive_read_support_filter_zstd,
	        lib.archive_read_support_filter_lz4,
	};
	for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
		struct archive *try = lib.archive_read_new();
		if (!try)
			abort();
		if (filters[i](try) == ARCHIVE_OK)
			filters[i](a);
		lib.archive_read_free(try);
	}
}

static enum status give_error(struct archive_entries *e, struct err *err, const char *reason)
{
	const char *text = lib.archive_error_string(e->a);
	return err_set(err, STATUS_FILE, reason, "the archive can't be read: %s",
	               text ? text : "it is damaged");
}

/* A 7z has its list of entries at its end. */
static enum status read_whole(struct archive_entries *e, struct err *err)
{
	buf_init(&e->whole, LIMIT_7Z);
	do {
		struct span view = stream_view(e->s);
		if (!buf_add_span(&e->whole, view))
			return err_set(err, STATUS_FILE, "unreadable",
			               "a 7z archive is read as a whole, and this one is larger than "
			               "256 MiB: unpack it");
		stream_take(e->s, view.n);
	} while (stream_more(e->s) != STREAM_END);
	return STATUS_OK;
}

enum status archive_open(struct stream *s, struct archive_entries **out, struct err *err)
{
	pthread_once(&once, load);
	if (!lib.loaded)
		return err_set(err, STATUS_FILE, "unreadable",
		               "is an archive, and " LIBRARY " is not installed: unpack it");
	struct archive_entries *e = xcalloc(1, sizeof *e);
	bool seven = span_starts(stream_view(s), magics[1].bytes);
	e->s = s;
	e->a = lib.archive_read_new();
	if (!e->a)
		abort();
	support_filters(e->a);
	lib.archive_read_support_format_zip_streamable(e->a);
	lib.archive_read_support_format_tar(e->a);
	lib.archive_read_support_format_gnutar(e->a);
	lib.archive_read_support_format_7zip(e->a);
	lib.archive_read_support_format_raw(e->a);
	enum status status = seven ? read_whole(e, err) : STATUS_OK;
	if (status == STATUS_OK) {
		int rc = seven ? lib.archive_read_open_memory(e->a, e->whole.p, e->whole.n)
		               : lib.archive_read_open(e->a, e, NULL, on_read, NULL);
		if (rc != ARCHIVE_OK)
			status = give_error(e, err, "damaged");
	}
	if (status == STATUS_OK)
		*out = e;
	else
		archive_close(e);
	return status;
}

void archive_close(struct archive_entries *e)
{
	if (!e)
		return;
	lib.archive_read_free(e->a);
	buf_release(&e->whole);
	free(e);
}

enum status archive_next(struct archive_entries *e, struct span *name, struct err *err)
{
	struct archive_entry *entry;
	for (;;) {
		int rc = lib.archive_read_next_header(e->a, &entry);
		if (rc == ARCHIVE_EOF)
			return STATUS_END;
		if (rc == ARCHIVE_FATAL)
			return give_error(e, err, "damaged");
		if (rc == ARCHIVE_RETRY || lib.archive_entry_filetype(entry) != AE_IFREG)
			continue;
		if (++e->n > LIMIT_ENTRIES)
			return err_set(err, STATUS_FILE, "too-large",
			               "an archive has more than a million entries");
		bool raw = lib.archive_format(e->a) == ARCHIVE_FORMAT_RAW;
		const char *path = lib.archive_entry_pathname(entry);
		*name = raw ? SPAN_NONE : span_of(path ? path : "?");
		if (rc == ARCHIVE_FAILED) {
			give_error(e, err, "damaged");
			return STATUS_SKIP;
		}
		return STATUS_OK;
	}
}

static size_t read_entry(void *data, void *p, size_t n, struct err *err)
{
	struct archive_entries *e = data;
	la_ssize_t got = ARCHIVE_RETRY;
	for (int tries = 0; got == ARCHIVE_RETRY && tries < 10; tries++)
		got = lib.archive_read_data(e->a, p, n);
	if (got >= 0)
		return (size_t)got;
	const struct err *broken = stream_broken(e->s);
	if (broken)
		err_set(err, STATUS_FILE, broken->reason, "%s", broken->text);
	else
		give_error(e, err, "damaged");
	return 0;
}

void archive_open_entry(struct archive_entries *e, struct stream *entry, const char *name)
{
	stream_open_source(entry, read_entry, e, name);
}

#else

struct archive_entries {
	char unused;
};

bool archive_begins(struct span text)
{
	return false;
}

enum status archive_open(struct stream *s, struct archive_entries **out, struct err *err)
{
	return err_set(err, STATUS_FILE, "unreadable", "is an archive: unpack it");
}

void archive_close(struct archive_entries *a)
{
}

enum status archive_next(struct archive_entries *a, struct span *name, struct err *err)
{
	return STATUS_END;
}

void archive_open_entry(struct archive_entries *a, struct stream *entry, const char *name)
{
}

#endif
