/* csm-listener.h - capture: the UDP socket that SDKs send their client-side monitoring to, from
 * datagrams to lines of the capture file. What a datagram holds is read by events/csm.h. */
#ifndef CAPTURE_CSM_LISTENER_H
#define CAPTURE_CSM_LISTENER_H

#include "base/attributes.h"
#include "base/err.h"
#include "capture/capture.h"
#include "events/csm.h"

struct csm_listener;

struct csm_listener_options {
	const char
	        *host; /* name or address, "127.0.0.1", "::1"; all its addresses are listened at */
	unsigned port; /* 0: any that is free */
	struct span account; /* of the calls, 12 digits, where the user knows it: monitoring does
	                        not tell */
	const struct mapping *mapping;
	bool allow_others;       /* datagrams of other users of this machine count, too */
	struct capture *capture; /* borrowed until csm_listener_close */
};

struct csm_listener_counts {
	uint64_t datagrams; /* received */
	uint64_t malformed; /* of them: no monitoring event */
	uint64_t foreign;   /* of them: of another user of this machine, thrown away */
	uint64_t dropped;   /* lost by the kernel because the receive buffer was full */
	uint64_t attempts, calls;
	uint64_t local;   /* calls that never left the client */
	uint64_t unknown; /* calls whose service or operation the mapping does not know */
};

enum { CSM_PORT = 31000, CSM_SOCKETS = 4 };

/* Binds. STATUS_OK and *out (csm_listener_close), or STATUS_STOP: cannot be resolved, in use
 * (reason "in-use"), not permitted. */
enum status csm_listener_open(const struct csm_listener_options *options, struct csm_listener **out,
                              struct err *err) MUST_CHECK;
/* What to poll for reading; returns how many, at most CSM_SOCKETS. */
size_t csm_listener_fds(const struct csm_listener *l, int fds[CSM_SOCKETS]);
unsigned csm_listener_port(const struct csm_listener *l);
/* Takes in what has arrived, without waiting, a bounded amount at a time: *more says that there is
 * more. A datagram that is no monitoring event is counted; the first one's reason goes to err with
 * STATUS_SKIP. STATUS_STOP: the capture file could not be written (told once a failure; listening
 * may go on), or the socket broke. */
enum status csm_listener_read(struct csm_listener *l, bool *more, struct err *err) MUST_CHECK;
/* Hands on calls whose end was never told. */
enum status csm_listener_finish(struct csm_listener *l, struct err *err) MUST_CHECK;
void csm_listener_counts(const struct csm_listener *l, struct csm_listener_counts *counts);
void csm_listener_close(struct csm_listener *l);

/* Fills what a capture keeps of a call that monitoring told of; out's spans live as long as d's and
 * the mapping. False if the mapping does not know the operation; it is captured under the names
 * that the client gave. */
bool csm_captured(const struct mapping *m, const struct csm_datagram *d, struct arena *arena,
                  struct captured_call *out);

#endif
