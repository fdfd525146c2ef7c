/* read-file.c - base: see files.h. */
#include "config.h"

#include "base/read-file.h"

#include <errno.h>
#include <stdio.h>

static enum status read_all(FILE *f, struct buf *b, struct err *err)
{
	for (;;) {
		char chunk[65536];
		size_t n = fread(chunk, 1, sizeof chunk, f);
		if (n && !buf_add(b, chunk, n))
			return err_set(err, STATUS_FILE, "too-long", "longer than %zu bytes",
			               b->ceiling);
		if (n < sizeof chunk)
			break;
	}
	if (ferror(f))
		return err_set(err, STATUS_FILE, "read", "cannot be read: %s", strerror(errno));
	return STATUS_OK;
}

enum status file_read(const char *path, struct buf *b, struct err *err)
{
	bool standard = strcmp(path, "-") == 0;
	err_at_file(err, standard ? "standard input" : path);
	FILE *f = standard ? stdin : fopen(path, "rb");
	if (!f)
		return err_set(err, STATUS_FILE, "open", "cannot be opened: %s", strerror(errno));
	enum status status = read_all(f, b, err);
	if (!standard)
		fclose(f);
	return status;
}

void print_err(const char *command, const struct err *err)
{
	char line[2048];
	fprintf(stderr, "iamreplay %s: %s\n", command, err_line(err, line, sizeof line));
}
