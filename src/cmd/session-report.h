/* session-report.h - commands: what is said on stderr of a proxy or of monitoring, while it runs
 * and at its end. */
#ifndef CMD_SESSION_REPORT_H
#define CMD_SESSION_REPORT_H

#include "app/csm-loop.h"
#include "cmd/capture.h"

struct proxy_messages {
	const struct capture_run *run;
	uint64_t dropped; /* lines that would have blocked */
};

/* A proxy_session_event_fn, with a struct proxy_messages as data: trouble, and with --verbose or
 * --debug all else. Never waits for whoever reads. */
void proxy_message(void *data, const struct proxy_event *n);
/* proxy_session_open as run says, saying what was made and what is wrong: NULL, and *status is
 * EXIT_USAGE or EXIT_NOT_DONE. run and m are borrowed until proxy_session_free. */
struct proxy_session *open_proxy_session(const struct capture_run *run, struct capture *capture,
                                         struct proxy_messages *m, int *status);
/* proxy_session_start, saying what is wrong. */
bool start_proxy_session(const struct capture_run *run, struct proxy_session *s);
/* proxy_session_wait; what nobody reads by then does not hold up the end. */
void wait_for_proxy_session(struct proxy_session *s);

/* What was captured and what was not; after capture_run_finish. */
void report_proxy(const struct proxy_messages *m, const struct proxy_session *s,
                  const struct capture_target *t);
/* One line: what was heard; after capture_run_finish. Nothing where there is no listener. */
void report_csm(const struct csm_listener *l, const struct capture_run *run,
                const struct capture_target *t);

#endif
