/* capture-attach.c - commands: "iamreplay capture --attach FILE" follows a capture that another
 * process writes, for the terminal beside the one that a recorded command owns. */
#include "config.h"

#include "cli/signals.h"
#include "cmd/capture-modes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 200, LIMIT_LINE = 4 << 20 };

/* Every capture begins with its header line, which is there as soon as the file is. */
static bool is_capture(int fd)
{
	static const char begin[] = "{\"kind\":\"capture\"";
	char got[sizeof begin];
	size_t n = sizeof begin - 1;
	return pread(fd, got, n, 0) == (ssize_t)n && memcmp(got, begin, n) == 0;
}

/* Whole lines go to the view; the beginning of one waits for its end. False when the file cannot be
 * read. */
static bool follow(int fd, struct buf *held, struct live_view *view)
{
	ssize_t k = 0;
	while (buf_reserve(held, 65536) && (k = read(fd, held->p + held->n, 65536)) > 0) {
		held->n += (size_t)k;
		ptrdiff_t end = span_rchr(buf_span(held), '\n');
		if (end < 0)
			continue;
		live_view_line(view, span_make(held->p, (size_t)end + 1));
		buf_drop(held, (size_t)end + 1);
	}
	if (held->full)
		buf_reset(held);
	return k >= 0 || errno == EINTR;
}

static bool asked_to_stop(struct live_view *view)
{
	bool stop = false;
	for (int s; (s = signals_next(NULL)) != 0;) {
		if (s == SIGWINCH)
			live_view_refresh(view);
		else
			stop = true;
	}
	return stop;
}

static int watch(const struct capture_run *run, int fd, struct live_view *view)
{
	struct buf held;
	struct pollfd wake = {.fd = signals_fd(), .events = POLLIN};
	int status = EXIT_DONE;
	buf_init(&held, LIMIT_LINE);
	while (!asked_to_stop(view)) {
		if (!follow(fd, &held, view)) {
			fprintf(stderr, "iamreplay capture: %s: %s\n", run->attach,
			        strerror(errno));
			status = EXIT_NOT_DONE;
			break;
		}
		int wait = live_view_tick(view);
		poll(&wake, 1, wait < LOOK_EVERY_MS ? wait : LOOK_EVERY_MS);
	}
	buf_release(&held);
	return status;
}

int capture_attach(const struct capture_run *run)
{
	static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
	char title[512], magic[2];
	int fd = open(run->attach, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || signals_catch(caught, sizeof caught / sizeof caught[0]) != 0) {
		fprintf(stderr, "iamreplay capture: %s: %s\n", run->attach, strerror(errno));
		return EXIT_NOT_DONE;
	}
	if (pread(fd, magic, 2, 0) == 2 && magic[0] == '\x1f' && magic[1] == '\x8b') {
		fprintf(stderr, "iamreplay capture: %s: is compressed and can't be followed\n",
		        run->attach);
		close(fd);
		return EXIT_NOT_DONE;
	}
	if (!is_capture(fd)) {
		fprintf(stderr, "iamreplay capture: %s: is not a capture\n", run->attach);
		close(fd);
		return EXIT_NOT_DONE;
	}
	struct live_view *view = capture_run_view(run, title, sizeof title);
	int status = view ? watch(run, fd, view) : EXIT_NOT_DONE;
	if (!live_view_close(view))
		status = EXIT_NOT_DONE;
	close(fd);
	return status;
}
