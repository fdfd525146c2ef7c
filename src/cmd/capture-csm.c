/* capture-csm.c - commands: "iamreplay capture csm": listens until it is told to stop. */
#include "config.h"

#include "app/aws-config.h"
#include "capture/csm-listener.h"
#include "cli/plain.h"
#include "cli/signals.h"
#include "cmd/capture-modes.h"
#include "cmd/session-report.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

struct listening {
	const struct capture_run *run;
	struct live_view *view;
	bool stop;
};

/* A hangup asks for the policy file where there is one, else it is the terminal that went. */
static bool asked_to_stop(void *data)
{
	struct listening *state = data;
	for (int s; (s = signals_next(NULL)) != 0;) {
		if (s == SIGHUP && state->run->policy_file)
			live_view_refresh(state->view);
		else if (s != SIGWINCH)
			state->stop = true;
		else if (state->view)
			live_view_refresh(state->view);
	}
	return state->stop;
}

static void tell(const struct err *err)
{
	print_err("capture", err);
}

static void problem(void *data, const struct err *err)
{
	tell(err);
}

static int tick(void *data)
{
	return live_view_tick(((struct listening *)data)->view);
}

/* Everything is open: from here on only what has to be put back or removed at the end is written.
 */
static bool give_up_privileges(const struct capture_run *run, const struct aws_config *config)
{
	return capture_run_confine(run, NULL, 0, config ? aws_config_folder(config) : NULL, false);
}

static int listen_until_stopped(const struct capture_run *run, const struct aws_config *config,
                                struct csm_listener *l, struct capture_target *t)
{
	struct listening state = {run, t->view, false};
	unsigned port = csm_listener_port(l);
	capture_run_listening(t, ", at %s port %u", run->host, port);
	fprintf(stderr, "iamreplay capture: listening on %s port %u; stop with Ctrl-C\n", run->host,
	        port);
	if (!capture_run_detach(run) || !give_up_privileges(run, config))
		return EXIT_NOT_DONE;
	struct csm_loop loop = {.listener = l,
	                        .capture = t->capture,
	                        .wake_fd = signals_fd(),
	                        .stop = asked_to_stop,
	                        .tick = t->view ? tick : NULL,
	                        .problem = problem,
	                        .data = &state};
	bool sound = csm_loop_run(&loop);
	capture_run_finish(run, t);
	report_csm(l, run, t);
	capture_run_end(run);
	return sound ? EXIT_DONE : EXIT_NOT_DONE;
}

/* With --set-ini the config points clients here for as long as it is listened. */
static int listen_with_config(const struct capture_run *run, struct csm_listener *l,
                              struct capture_target *t)
{
	struct aws_config_options options = {run->profile, run->host, csm_listener_port(l)};
	struct aws_config *config = NULL;
	struct err err;
	bool recovered = false, changed = false;
	err_clear(&err);
	if (run->set_ini && aws_config_edit(&options, &config, &recovered, &err) != STATUS_OK) {
		tell(&err);
		return EXIT_NOT_DONE;
	}
	if (recovered)
		fprintf(stderr,
		        "iamreplay capture: put back the AWS config that a killed capture left\n");
	int status = listen_until_stopped(run, config, l, t);
	if (aws_config_restore(config, &changed, &err) != STATUS_OK) {
		tell(&err);
		status = EXIT_NOT_DONE;
	}
	if (changed)
		fprintf(stderr,
		        "iamreplay capture: the AWS config was changed meanwhile: only what "
		        "was added is taken out\n");
	return status;
}

int capture_csm(const struct capture_run *run)
{
	static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
	struct csm_listener *l = NULL;
	struct capture_target target;
	struct err err;
	err_clear(&err);
	if (signals_catch(stops, sizeof stops / sizeof stops[0]) != 0) {
		perror("iamreplay capture: signals");
		return EXIT_NOT_DONE;
	}
	if (!capture_run_open(run, &target))
		return EXIT_NOT_DONE;
	struct csm_listener_options options = {.host = run->host,
	                                       .port = run->port,
	                                       .account = span_of(run->account_id),
	                                       .mapping = mapping_builtin(),
	                                       .allow_others = run->proxy.allow_others,
	                                       .capture = target.capture};
	if (csm_listener_open(&options, &l, &err) != STATUS_OK) {
		tell(&err);
		if (err.reason && strcmp(err.reason, "in-use") == 0)
			fprintf(stderr, "A port that is free: --port 0\n");
		capture_run_abandon(&target);
		return EXIT_NOT_DONE;
	}
	int status = listen_with_config(run, l, &target);
	csm_listener_close(l);
	return capture_run_status(run, &target, status);
}
