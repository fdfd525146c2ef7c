/* capture.h - commands: what the modes of "iamreplay capture" and "record" have in common: their
 * options, the capture file, how they are stopped. */
#ifndef CMD_CAPTURE_H
#define CMD_CAPTURE_H

#include "cmd/cmd.h"
#include "cmd/live-view.h"
#include "live/capture.h"

#include <stdint.h>

enum { CAPTURE_MAX_REPEATED = 64 };

/* The command line, read. Texts are borrowed from argv; NULL where not given. */
struct capture_run {
	const struct command *self;
	const char *mode; /* "csm", "proxy", "endpoint" */
	const char *output;
	bool append;
	/* csm */
	const char *host;
	uint64_t port;
	const char *account_id;
	bool set_ini;
	const char *profile;
	/* as a daemon */
	bool background;
	const char *pid_file;
	/* on a terminal, and beside it */
	const char *view; /* "policy", "calls", "none"; NULL: policy on a terminal, else calls */
	uint64_t refresh; /* seconds */
	const char *policy_file;
	bool keep_policy; /* a view is kept for its policy though nothing is shown */
	bool fails_only;
	const char *attach; /* a capture to be followed, instead of capturing */
	/* proxy and endpoint */
	const char *listen, *to, *upstream, *upstream_ca, *ca_dir, *ca_cert, *ca_key, *allow_remote;
	const char *connect_to[CAPTURE_MAX_REPEATED];
	size_t n_connect_to;
	const char *also[CAPTURE_MAX_REPEATED];
	size_t n_also;
	bool verbose, debug;
};

/* Takes one option by its name, of those that capture has. EXIT_DONE, or EXIT_USAGE after a
 * message. */
int capture_run_option(struct capture_run *run, const char *name, const char *value);

/* For --background: to be called when everything is open and before any thread is made. The
 * caller's process ends with EXIT_DONE once the new one has written its pid; false (and a message)
 * where that failed. Does nothing without
 * --background but write the pid file. */
bool capture_run_detach(const struct capture_run *run);
/* Removes the pid file. */
void capture_run_end(const struct capture_run *run);

/* The capture file and what is seen of it. */
struct capture_target {
	struct capture *capture;
	struct live_view *view;
	char title[512];
};

/* Opens both as run says, and says on stderr what went wrong: false then, and nothing is open. */
bool capture_run_open(const struct capture_run *run, struct capture_target *t);
/* Draws a last time and closes both; false (and a message) if what was captured is not all on the
 * disk. */
bool capture_run_close(const struct capture_run *run, struct capture_target *t);
/* Closes both where nothing came to be captured, and leaves no file. */
void capture_run_abandon(struct capture_target *t);
/* The view alone, for --attach; NULL after a message. */
struct live_view *capture_run_view(const struct capture_run *run, char *title, size_t title_size);

#endif
