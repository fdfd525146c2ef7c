/* csm-loop.c - app: see csm-loop.h. */
#include "config.h"

#include "app/csm-loop.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* How often held lines reach the disk without traffic. */
enum { TICK_MS = 1000 };
/* A datagram that was sent before the end is in the socket already; a client that still winds up
 * gets this long to send its last. */
enum { DRAIN_QUIET_MS = 150, DRAIN_ROUNDS = 20 };

static void tell(const struct csm_loop *loop, const struct err *err)
{
	loop->problem(loop->data, err);
}

/* False when the socket is broken and listening makes no sense any more. */
static bool take_in(struct csm_loop *loop, bool *more)
{
	struct err err;
	*more = false;
	if (!loop->listener)
		return true;
	err_clear(&err);
	enum status s = csm_listener_read(loop->listener, more, &err);
	if (s == STATUS_SKIP) {
		struct err first;
		err_clear(&first);
		err_set(&first, s, err.reason,
		        "a datagram is not a monitoring event (%s); further ones are only counted",
		        err.text);
		tell(loop, &first);
	} else if (s == STATUS_STOP) {
		if (err.reason && strcmp(err.reason, "receive") == 0) {
			tell(loop, &err);
			return false;
		}
		if (!loop->lost)
			tell(loop, &err);
		loop->lost = true;
	}
	return true;
}

static void flush(struct csm_loop *loop)
{
	struct err err;
	if (!loop->listener)
		return; /* the proxy's threads do it, and tell what goes wrong */
	err_clear(&err);
	if (capture_flush(loop->capture, &err) != STATUS_OK && !loop->lost) {
		tell(loop, &err);
		loop->lost = true;
	}
}

static int wait_for_more(const struct csm_loop *loop, int timeout)
{
	struct pollfd fds[CSM_SOCKETS + 1];
	int sockets[CSM_SOCKETS];
	size_t n = loop->listener ? csm_listener_fds(loop->listener, sockets) : 0;
	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){.fd = sockets[i], .events = POLLIN};
	fds[n] = (struct pollfd){.fd = loop->wake_fd, .events = POLLIN};
	int ready = poll(fds, (nfds_t)n + 1, timeout);
	return ready < 0 && errno == EINTR ? 0 : ready;
}

static void drain(struct csm_loop *loop)
{
	struct err err;
	bool more = true;
	loop->wake_fd = -1;
	if (!loop->listener)
		return;
	for (int i = 0; i < DRAIN_ROUNDS && (more || wait_for_more(loop, DRAIN_QUIET_MS) > 0); i++)
		if (!take_in(loop, &more))
			break;
	err_clear(&err);
	if (csm_listener_finish(loop->listener, &err) != STATUS_OK) {
		tell(loop, &err);
		loop->lost = true;
	}
	flush(loop);
}

static void poll_failed(const struct csm_loop *loop)
{
	struct err err;
	err_clear(&err);
	err_set(&err, STATUS_STOP, "poll", "poll: %s", strerror(errno));
	tell(loop, &err);
}

bool csm_loop_run(struct csm_loop *loop)
{
	bool sound = true, more = false;
	while (sound && !loop->stop(loop->data)) {
		if (!more) {
			flush(loop);
			int wait = loop->tick ? loop->tick(loop->data) : TICK_MS;
			if (wait_for_more(loop, wait < TICK_MS ? wait : TICK_MS) < 0) {
				poll_failed(loop);
				break;
			}
		}
		sound = take_in(loop, &more);
	}
	drain(loop);
	return sound && !loop->lost;
}
