/* capture-proxy.c - commands: "iamreplay capture proxy" and "iamreplay capture endpoint": relays
 * until it is told to stop. */
#include "config.h"

#include "app/bundle.h"
#include "cli/live-view.h"
#include "cli/signals.h"
#include "cli/trust-hint.h"
#include "cmd/capture-modes.h"
#include "cmd/session-report.h"

#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often it is looked whether the last calls are through. */
enum { STOPPING_MS = 50 };

/* Hosts that are tunnelled without inspection show certificates of their own: what clients trust
 * has to hold the system's CAs, too. What a CA of the user's own is good for is the user's to know.
 */
static void say_trust(const struct capture_run *run, const char *ca, const char *url)
{
	if (run->proxy.ca_cert) {
		trust_print_short(stderr, url, ca);
		return;
	}
	struct err err = {0};
	char line[2000], folder[4096];
	snprintf(folder, sizeof folder, "%s", ca);
	const char *dir = dirname(folder);
	if (bundle_keep(dir, &err) == STATUS_OK) {
		char *bundle = bundle_path(dir);
		trust_print_short(stderr, url, bundle);
		free(bundle);
	} else {
		fprintf(stderr, "iamreplay capture: %s\n", err_line(&err, line, sizeof line));
		trust_print_short(stderr, url, ca);
	}
	trust_print_more(stderr, run->proxy.ca_dir);
}

static void say_listening(const struct capture_run *run, struct capture_target *t,
                          const struct proxy_session *s)
{
	const char *host = proxy_session_host(s);
	const char *open = strchr(host, ':') ? "[" : "", *close = *open ? "]" : "";
	unsigned port = proxy_session_port(s);
	char url[300];
	snprintf(url, sizeof url, "http://%s%s%s:%u", open, host, close, port);
	capture_run_listening(t, ", at %s", url + strlen("http://"));
	fprintf(stderr, "iamreplay capture: listening on %s; stop with Ctrl-C\n",
	        url + strlen("http://"));
	if (proxy_session_ca_file(s))
		say_trust(run, proxy_session_ca_file(s), url);
	else
		fprintf(stderr, "For clients:\n  export AWS_ENDPOINT_URL=%s\n", url);
}

/* Names, certificates and what resolves names are still read; only the files beside the capture are
 * still written. */
static bool give_up_privileges(const struct capture_run *run)
{
	static const char *const readable[] = {"/etc", "/usr", "/lib",     "/lib64",
	                                       "/run", "/dev", "/var/lib", "/proc"};
	return capture_run_confine(run, readable, sizeof readable / sizeof readable[0], NULL, true);
}

/* A hangup asks for the policy file where there is one, a resize for another drawing; all else
 * stops: the first time when the calls in flight are done, the second time at once. */
static bool take_signals(const struct capture_run *run, struct live_view *view,
                         struct proxy_session *s)
{
	bool stop = false;
	for (int signal; (signal = signals_next(NULL)) != 0;) {
		bool redraw = signal == SIGWINCH || (signal == SIGHUP && run->policy_file);
		if (redraw && view)
			live_view_refresh(view);
		if (redraw)
			continue;
		stop = true;
		proxy_session_stop(s);
	}
	return stop;
}

static void wait_for_end(const struct capture_run *run, struct live_view *view,
                         struct proxy_session *s)
{
	struct pollfd fd = {.fd = signals_fd(), .events = POLLIN};
	bool stopping = false;
	while (!stopping || !proxy_session_done(s)) {
		int wait = view ? live_view_tick(view) : -1;
		if (stopping && (wait < 0 || wait > STOPPING_MS))
			wait = STOPPING_MS;
		if (poll(&fd, 1, wait) < 0 && errno != EINTR)
			break;
		stopping = take_signals(run, view, s) || stopping;
	}
}

static int relay(const struct capture_run *run, struct capture_target *t, struct proxy_session *s)
{
	say_listening(run, t, s);
	if (!capture_run_detach(run) || !give_up_privileges(run) || !start_proxy_session(run, s))
		return EXIT_NOT_DONE;
	wait_for_end(run, t->view, s);
	wait_for_proxy_session(s);
	capture_run_finish(run, t);
	capture_run_end(run);
	return EXIT_DONE;
}

int capture_proxy(const struct capture_run *run)
{
	static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
	struct capture_target t = {.capture = NULL};
	int status = EXIT_NOT_DONE;
	signal(SIGPIPE, SIG_IGN);
	if (signals_catch(caught, sizeof caught / sizeof caught[0]) != 0) {
		perror("iamreplay capture: signals");
		return EXIT_NOT_DONE;
	}
	if (!capture_run_open(run, &t))
		return EXIT_NOT_DONE;
	struct proxy_messages messages;
	struct proxy_session *s = open_proxy_session(run, t.capture, &messages, &status);
	if (!s) {
		capture_run_abandon(&t);
		return status;
	}
	status = relay(run, &t, s);
	if (t.finished)
		report_proxy(&messages, s, &t);
	proxy_session_free(s);
	return capture_run_status(run, &t, status);
}
