/* printing.c - cli: see printing.h. */
#include "config.h"

#include "cli/printing.h"

#include <poll.h>
#include <unistd.h>

enum { LAST_CHANCE_MS = 1000 };

static bool is_writable(int fd, int wait_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	/* an error (the reader is gone) is no reason to wait either */
	return poll(&p, 1, wait_ms) != 0;
}

bool printing_would_block(FILE *out)
{
	return !is_writable(fileno(out), 0);
}

void printing_discard_unread(int instead)
{
	/* a closed descriptor's number might be the next file's */
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (!is_writable(fd, LAST_CHANCE_MS))
			dup2(instead, fd);
}
