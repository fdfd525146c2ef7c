/* signals.c - cli: see signals.h. The pipe is the one thing that a handler can write to. */
#define _GNU_SOURCE
#include "config.h"

#include "cli/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { MAX_CAUGHT = 8 };

static int ends[2] = {-1, -1};
static struct {
	int number;
	struct sigaction before;
} caught[MAX_CAUGHT];
static size_t n_caught;

/* Beside the signal's number in the byte that travels. */
enum { FROM_PROCESS = 0x80 };

static void note(int number, siginfo_t *info, void *unused)
{
	int before = errno;
	unsigned char byte = (unsigned char)(number | (info->si_code <= 0 ? FROM_PROCESS : 0));
	(void)unused;
	/* a full pipe has enough to wake the loop */
	(void)!write(ends[1], &byte, 1);
	errno = before;
}

int signals_catch(const int *signals, size_t n)
{
	if (ends[0] < 0 && pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	for (size_t i = 0; i < n && n_caught < MAX_CAUGHT; i++) {
		struct sigaction now = {.sa_sigaction = note, .sa_flags = SA_RESTART | SA_SIGINFO};
		sigemptyset(&now.sa_mask);
		if (sigaction(signals[i], NULL, &caught[n_caught].before) != 0)
			return -1;
		/* what was ignored when the program started (nohup) stays so */
		if (caught[n_caught].before.sa_handler == SIG_IGN)
			continue;
		if (sigaction(signals[i], &now, NULL) != 0)
			return -1;
		caught[n_caught++].number = signals[i];
	}
	return 0;
}

int signals_fd(void)
{
	return ends[0];
}

int signals_next(bool *from_process)
{
	unsigned char byte;
	if (ends[0] < 0 || read(ends[0], &byte, 1) != 1)
		return 0;
	if (from_process)
		*from_process = (byte & FROM_PROCESS) != 0;
	return byte & ~FROM_PROCESS;
}

void signals_restore(void)
{
	for (size_t i = 0; i < n_caught; i++)
		sigaction(caught[i].number, &caught[i].before, NULL);
	n_caught = 0;
}
