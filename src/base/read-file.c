/* read-file.c - base: see read-file.h. */
#include "config.h"

#include "base/read-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { PIECE = 65536 };

/* Where the next bytes go: never past the ceiling, behind which one byte more is an error. Nothing
 * is copied on the way, as it may be a key that its owner wipes. */
static size_t next_piece(struct buf *b, char *beyond, char **to)
{
	size_t left = b->ceiling - b->n, n = left < PIECE ? left : PIECE;
	*to = n && buf_reserve(b, n) ? b->p + b->n : beyond;
	return n ? n : 1;
}

enum status fd_read_all(int fd, const char *name, struct buf *b, struct err *err)
{
	err_at_file(err, name);
	for (;;) {
		char beyond, *to;
		size_t room = next_piece(b, &beyond, &to);
		ssize_t n = read(fd, to, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, STATUS_FILE, "read", "cannot be read: %s",
			               strerror(errno));
		if (n == 0)
			return STATUS_OK;
		if (to == &beyond)
			return err_set(err, STATUS_FILE, "too-long", "longer than %zu bytes",
			               b->ceiling);
		b->n += (size_t)n;
	}
}

enum status file_read(const char *path, struct buf *b, struct err *err)
{
	if (strcmp(path, "-") == 0)
		return fd_read_all(STDIN_FILENO, "standard input", b, err);
	err_at_file(err, path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, STATUS_FILE, "open", "cannot be opened: %s", strerror(errno));
	enum status status = fd_read_all(fd, path, b, err);
	close(fd);
	return status;
}
