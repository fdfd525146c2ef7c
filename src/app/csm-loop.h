/* csm-loop.h - app: waits for monitoring datagrams and lets them be written, for "capture csm"
 * and "record". */
#ifndef APP_CSM_LOOP_H
#define APP_CSM_LOOP_H

#include "capture/csm-listener.h"
#include "cmd/capture.h"

struct csm_loop {
	struct csm_listener *listener; /* NULL: only the rest is looked after */
	struct capture *capture;
	int wake_fd;              /* polled for reading beside the sockets; -1 if none */
	bool (*stop)(void *data); /* asked whenever the loop woke up; true ends it */
	void *data;
	struct live_view *view; /* fed while it runs; NULL if none */
	const char *who;        /* the command, for messages */
	bool lost;              /* out: something could not be written */
};

/* Runs until stop, then takes in what is still under way. Returns an exit status. */
int csm_loop_run(struct csm_loop *loop);
/* One line on stderr: what was heard; after capture_run_finish. */
void csm_loop_summary(const struct csm_loop *loop, const struct capture_run *run,
                      const struct capture_target *t);

#endif
