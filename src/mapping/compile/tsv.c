/* tsv.c - mapping/compile: see mapping-tsv.h. */
#include "config.h"

#include "mapping/compile/tsv.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum status tsv_bad(const struct tsv *t, struct err *err, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	err_at_file(err, t->path);
	err_at_record(err, t->line);
	return err_set(err, STATUS_STOP, "bad-mapping", "%s", text);
}

/* Reads all of fd, at most LIMIT_TSV_FILE bytes. */
static enum status read_all(struct tsv *t, int fd, size_t size, struct err *err)
{
	size_t n = 0;
	t->data = xmalloc(size + 1);
	while (n < size) {
		ssize_t got = read(fd, t->data + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return tsv_bad(t, err, "cannot be read: %s", strerror(errno));
		if (got == 0)
			break;
		n += (size_t)got;
	}
	t->rest = span_make(t->data, n);
	return STATUS_OK;
}

enum status tsv_open(struct tsv *t, const char *path, struct err *err)
{
	struct stat st;
	enum status status = STATUS_OK;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return STATUS_END;
	*t = (struct tsv){.path = xstrdup(path)};
	if (fd < 0 || fstat(fd, &st) != 0)
		status = tsv_bad(t, err, "cannot be opened: %s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		status = tsv_bad(t, err, "is no file");
	else if (st.st_size < 0 || (uintmax_t)st.st_size > LIMIT_TSV_FILE)
		status = tsv_bad(t, err, "is larger than %zu bytes", LIMIT_TSV_FILE);
	else
		status = read_all(t, fd, (size_t)st.st_size, err);
	if (fd >= 0)
		close(fd);
	if (status != STATUS_OK)
		tsv_close(t);
	return status;
}

void tsv_close(struct tsv *t)
{
	free(t->path);
	free(t->data);
	*t = (struct tsv){0};
}

static enum status split(struct tsv *t, struct span line, struct span field[TSV_FIELDS], size_t *n,
                         struct err *err)
{
	struct span rest = line;
	*n = 0;
	if (!span_utf8(line) || memchr(line.p, '\0', line.n) || memchr(line.p, '\r', line.n))
		return tsv_bad(t, err, "not plain UTF-8 text with LF line ends");
	while (rest.p) {
		struct span s = span_cut(&rest, '\t');
		if (*n == TSV_FIELDS)
			return tsv_bad(t, err, "more than %d fields", TSV_FIELDS);
		if (s.n == 0)
			return tsv_bad(t, err, "field %zu is empty (write '-')", *n + 1);
		if (s.n > LIMIT_TSV_FIELD)
			return tsv_bad(t, err, "field %zu has more than %d bytes", *n + 1,
			               LIMIT_TSV_FIELD);
		field[(*n)++] = span_is(s, "-") ? SPAN_NONE : s;
	}
	return STATUS_OK;
}

enum status tsv_next(struct tsv *t, struct span field[TSV_FIELDS], size_t *n, struct err *err)
{
	while (t->rest.n) {
		const char *end = memchr(t->rest.p, '\n', t->rest.n);
		t->line++;
		if (!end)
			return tsv_bad(t, err, "last line has no end");
		struct span line = span_make(t->rest.p, (size_t)(end - t->rest.p));
		t->rest = span_from(t->rest, line.n + 1);
		if (line.n == 0)
			return tsv_bad(t, err, "empty line");
		if (line.p[0] != '#')
			return split(t, line, field, n, err);
	}
	return STATUS_END;
}
