/* daemon.h - app: a capture that goes on in the background, and what it may still touch. */
#ifndef APP_DAEMON_H
#define APP_DAEMON_H

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

struct daemon_options {
	bool background;
	const char *pid_file; /* NULL: none */
};

/* Once everything is open and before any thread is made. With background the process forks: in the
 * caller's *child is the new process's id, and it has nothing more to do; in the new one *child is
 * 0 and no terminal is held. Without it *child is 0. The process that goes on has written the pid
 * file. STATUS_OK, or STATUS_STOP with err in the process that can't go on. */
enum status daemon_detach(const struct daemon_options *o, pid_t *child, struct err *err);
/* Removes the pid file. STATUS_OK, or STATUS_STOP with err. */
enum status daemon_end(const struct daemon_options *o, struct err *err);

/* From here on nothing is opened but what readable's n_readable folders hold, and nothing written
 * but in folder and in the folders of n_files files (NULL ones are passed over). STATUS_OK or
 * STATUS_STOP with err. */
struct confinement {
	const char *const *readable;
	size_t n_readable;
	const char *folder; /* NULL: none */
	const char *files[2];
	bool connects; /* makes TCP connections from then on */
};
enum status daemon_confine(const struct confinement *c, struct err *err);

#endif
