/* capture.h - commands: what the modes of "iamreplay capture" and "record" have in common: their
 * options, the capture file, how they are stopped. */
#ifndef CMD_CAPTURE_H
#define CMD_CAPTURE_H

#include "app/daemon.h"
#include "app/proxy-session.h"
#include "capture/capture.h"
#include "cli/live-view.h"
#include "cli/shared-options.h"

#include <stdint.h>

/* What is shown meanwhile; SHOW_DEFAULT: the policy on a terminal, calls elsewhere. */
enum capture_view { SHOW_DEFAULT, SHOW_POLICY, SHOW_CALLS, SHOW_NOTHING };

/* The command line, read. Texts are borrowed from argv; NULL where not given. */
struct capture_run {
	const struct command *self;
	const char *mode; /* "csm", "proxy", "endpoint" */
	const char *output;
	bool append;
	/* csm */
	const char *host;
	unsigned port;
	const char *account_id;
	bool set_ini;
	const char *profile;
	struct daemon_options daemon;
	/* on a terminal, and beside it */
	enum capture_view view;
	unsigned refresh; /* seconds */
	const char *policy_file;
	bool keep_policy; /* a view is kept for its policy though nothing is shown */
	bool fails_only;
	enum resources_mode resources; /* of the policy, grouped by default */
	int format;                    /* of the policy: index of emitters */
	const char *attach;         /* a capture to be followed, instead of capturing */
	struct proxy_request proxy; /* and endpoint */
	bool both;                  /* the proxy's and monitoring's calls go to the same file */
};

/* About a struct capture_run: what capture and record both have. */
extern const struct option_group options_capture_file, options_capture_policy;

/* Once all are read: whether each of them means something to kinds (enum capture_kind, or'ed).
 * EXIT_DONE, or EXIT_USAGE after a message. */
int capture_run_check(const struct capture_run *run, const struct command_line *line,
                      unsigned kinds);

/* As daemon_detach, but says what went wrong: false then. The caller's process ends with EXIT_DONE
 * once it said which process goes on. */
bool capture_run_detach(const struct capture_run *run);
/* As daemon_confine, for the files that run names. False after a message. */
bool capture_run_confine(const struct capture_run *run, const char *const *readable, size_t n,
                         const char *folder, bool connects);
/* Removes the pid file. */
void capture_run_end(const struct capture_run *run);

/* The capture file and what is seen of it. */
struct capture_target {
	struct capture *capture;
	struct live_view *view;
	char title[1024];
	/* after capture_run_finish */
	bool finished;
	struct capture_counts counts;
	bool sound; /* all that was captured is on the disk */
};

/* Opens both as run says, and says on stderr what went wrong: false then, and nothing is open. */
bool capture_run_open(const struct capture_run *run, struct capture_target *t);
/* Adds to the view's first line where it is listened; before anything is drawn. */
void capture_run_listening(struct capture_target *t, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* Nothing is captured any more: draws a last time, gives the terminal back so that what is said
 * from here on stays on it, and brings the file to the disk. t->counts are final. */
void capture_run_finish(const struct capture_run *run, struct capture_target *t);
/* Begins a summary on stderr, without the newline: n calls (detail, or "") in the file; observer is
 * named where there are two. */
void capture_run_say_calls(const struct capture_run *run, const struct capture_target *t,
                           const char *observer, uint64_t n, const char *detail);
/* Closes both; false (and a message) if what was captured is not all on the disk, or the policy not
 * in its file. */
bool capture_run_close(const struct capture_run *run, struct capture_target *t);
/* Says what to type next with what was captured; nothing where there is nothing. */
void capture_run_next(const struct capture_run *run, const struct capture_target *t);
/* Closes both where nothing came to be captured, and leaves no file. */
void capture_run_abandon(struct capture_target *t);
/* The end of a run that came so far with status: what of the three above is right for t. The exit
 * status. */
int capture_run_status(const struct capture_run *run, struct capture_target *t, int status);
/* The view alone, for --attach; NULL after a message. */
struct live_view *capture_run_view(const struct capture_run *run, char *title, size_t title_size);

#endif
