/* csm-loop.h - app: waits for monitoring datagrams and lets them be written, for "capture csm" and
 * "record". */
#ifndef APP_CSM_LOOP_H
#define APP_CSM_LOOP_H

#include "capture/capture.h"
#include "capture/csm-listener.h"

struct csm_loop {
	struct csm_listener *listener; /* NULL: only the rest is looked after */
	struct capture *capture;
	int wake_fd;              /* polled for reading beside the sockets; -1 if none */
	bool (*stop)(void *data); /* asked whenever the loop woke up; true ends it */
	/* What else is to be done now; returns the milliseconds until it wants to be called again.
	 * NULL if there is nothing. */
	int (*tick)(void *data);
	/* Each problem when it comes up; the loop goes on where it can. */
	void (*problem)(void *data, const struct err *err);
	void *data;
	bool lost; /* out: something could not be written */
};

/* Runs until stop, then takes in what is still under way. False if something could not be received
 * or written: problem told. */
bool csm_loop_run(struct csm_loop *loop);

#endif
