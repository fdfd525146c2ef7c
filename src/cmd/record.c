/* record.c - commands: "iamreplay record -- COMMAND": starts what listens, runs COMMAND with the
 * environment that makes it talk to it, and ends as COMMAND ends. */
#define _GNU_SOURCE
#include "config.h"

#include "app/environment.h"
#include "app/proxy-bypass.h"
#include "base/alloc.h"
#include "capture/csm-listener.h"
#include "capture/sandbox.h"
#include "cli/plain.h"
#include "cli/signals.h"
#include "cmd/capture.h"
#include "cmd/session-report.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* As env(1): COMMAND's own status, or one of these. */
enum { RECORD_FAILED = 125, COMMAND_NOT_RUN = 126, COMMAND_NOT_FOUND = 127 };
enum { MAX_NAMES = 1000 };

struct recording {
	struct capture_run run;
	bool csm, proxy;
	bool policy; /* print it at the end */
	struct text_list unset;
	char **command; /* ended by NULL */
	char *made_name;
	struct environment environment;
	struct csm_listener *listener;
	struct live_view *view; /* fed while COMMAND runs; NULL if none */
	struct proxy_session *session;
	struct proxy_messages messages;
	pid_t child;
	bool ended;
	int wait_status;
};

static const struct option how_rows[] = {
        {.name = "proxy",
         .kind = OPTION_FLAG,
         .field = offsetof(struct recording, proxy),
         .help = "see calls with an HTTPS proxy (the default)"},
        {.name = "csm",
         .kind = OPTION_FLAG,
         .field = offsetof(struct recording, csm),
         .help = "listen to client-side monitoring (with --proxy: both)"},
        {.name = "unset",
         .kind = OPTION_LIST,
         .field = offsetof(struct recording, unset),
         .value = "NAME",
         .help = "leave NAME out of COMMAND's environment; may be repeated"},
        {.name = NULL},
};
static const struct option policy_rows[] = {
        {.name = "policy",
         .kind = OPTION_FLAG,
         .field = offsetof(struct recording, policy),
         .help = "print the policy that COMMAND needed when it has ended"},
        {.name = NULL},
};
static const struct option csm_rows[] = {
        {.name = "account-id",
         .kind = OPTION_TEXT,
         .field = offsetof(struct recording, run.account_id),
         .modes = CAPTURE_CSM,
         .value = "ID",
         .check = is_account_id,
         .takes = "12 digits",
         .help = "the account that the calls belong to"},
        {.name = NULL},
};
static const struct option_group how_group = {.heading = "How calls are seen", .options = how_rows};
static const struct option_group policy_group = {.heading = "Policy and view",
                                                 .options = policy_rows};
static const struct option_group csm_group = {.heading = "Client-side monitoring",
                                              .options = csm_rows};
static const struct option_use uses[] = {
        {&options_capture_file, offsetof(struct recording, run)},
        {&how_group, 0},
        {&policy_group, 0},
        {&options_capture_policy, offsetof(struct recording, run)},
        {&csm_group, 0},
        {&options_proxy, offsetof(struct recording, run.proxy)},
        {NULL, 0},
};

static void tell(const struct err *err)
{
	print_err("record", err);
}

static void problem(void *data, const struct err *err)
{
	tell(err);
}

/* ---- COMMAND */

static _Noreturn void exec_command(const struct recording *r)
{
	signals_restore();
	environ = r->environment.entries;
	execvp(r->command[0], r->command);
	int why = errno;
	/* as shells say it of a word that they look for on PATH */
	bool looked_for = why == ENOENT && !strchr(r->command[0], '/');
	fprintf(stderr, "iamreplay record: %s: %s\n", r->command[0],
	        looked_for ? "command not found" : strerror(why));
	_exit(why == ENOENT || why == ENOTDIR ? COMMAND_NOT_FOUND : COMMAND_NOT_RUN);
}

/* Ctrl-C reaches COMMAND by itself; what a process sent to us was meant for it. */
static bool command_ended(void *data)
{
	struct recording *r = data;
	bool from_process;
	for (int s; (s = signals_next(&from_process)) != 0;)
		if (s != SIGCHLD && from_process && !r->ended)
			kill(r->child, s);
	if (!r->ended && waitpid(r->child, &r->wait_status, WNOHANG) == r->child)
		r->ended = true;
	return r->ended;
}

static int tick(void *data)
{
	return live_view_tick(((struct recording *)data)->view);
}

/* Ends this process as COMMAND ended, a signal included, so that a shell sees no difference. */
static int end_as_command(int wait_status)
{
	if (!WIFSIGNALED(wait_status))
		return WEXITSTATUS(wait_status);
	int number = WTERMSIG(wait_status);
	struct rlimit no_core = {0, 0};
	fflush(NULL);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(number, SIG_DFL);
	raise(number);
	return 128 + number;
}

/* ---- the capture file */

/* "terraform.capture", "terraform-2.capture"...: beside the user, never over another capture. */
static char *make_name(const char *command)
{
	const char *slash = strrchr(command, '/');
	const char *base = slash ? slash + 1 : command;
	char name[256];
	for (int i = 1; i < MAX_NAMES; i++) {
		if (i == 1)
			snprintf(name, sizeof name, "%.200s.capture", base);
		else
			snprintf(name, sizeof name, "%.200s-%d.capture", base, i);
		if (access(name, F_OK) != 0)
			break;
	}
	return xstrdup(name);
}

/* COMMAND could not be run, so that there is nothing to keep. */
static bool could_not_run(const struct recording *r, const struct capture_target *t)
{
	return t->counts.calls == 0 && WIFEXITED(r->wait_status) &&
	       (WEXITSTATUS(r->wait_status) == COMMAND_NOT_FOUND ||
	        WEXITSTATUS(r->wait_status) == COMMAND_NOT_RUN);
}

static void say_empty_policy(const struct recording *r, struct capture_target *t)
{
	struct live_policy_counts n;
	live_view_counts(t->view, &n);
	fprintf(stderr, "iamreplay record: there is nothing to grant: ");
	if (!n.calls)
		fprintf(stderr, "no call was recorded\n");
	else if (r->run.fails_only)
		fprintf(stderr, "%" PRIu64 " call%s, none denied for want of a grant\n", n.calls,
		        plural(n.calls, "", "s"));
	else
		fprintf(stderr,
		        "%" PRIu64 " call%s, %" PRIu64 " denied%s, %" PRIu64 " failed, %" PRIu64
		        " unknown\n",
		        n.calls, plural(n.calls, "", "s"), n.denied,
		        n.denied ? " (--fails-only has their policy)" : "", n.failed, n.unknown);
}

static bool print_policy(const struct recording *r, struct capture_target *t)
{
	struct err err;
	struct buf text;
	buf_init(&text, LIMIT_POLICY_TEXT);
	err_clear(&err);
	enum status s = live_view_policy(t->view, &text, &err);
	if (s == STATUS_OK)
		fwrite(buf_str(&text), 1, text.n, stdout);
	else if (s == STATUS_END)
		say_empty_policy(r, t);
	else
		tell(&err);
	buf_release(&text);
	return s != STATUS_STOP && fflush(stdout) == 0;
}

/* What in COMMAND's environment leads its calls past the proxy. */
static void say_proxy_bypasses(const struct recording *r)
{
	struct remarks remarks;
	remarks_init(&remarks);
	proxy_bypasses(&r->environment, &remarks);
	for (size_t i = 0; i < remarks.n; i++)
		print_plain(stderr, "iamreplay record: %.*s\n", SPAN_ARG(remarks.v[i]));
	remarks_release(&remarks);
}

/* ---- all of it */

/* What COMMAND is to find in its environment; false after a message. */
static bool make_environment(struct recording *r)
{
	struct err err;
	enum status s = STATUS_OK;
	err_clear(&err);
	if (r->listener)
		environment_for_csm(&r->environment, r->run.host, csm_listener_port(r->listener));
	if (r->session) {
		s = environment_for_proxy(&r->environment, proxy_session_host(r->session),
		                          proxy_session_port(r->session),
		                          proxy_session_ca_file(r->session), &err);
		environment_for_client(&r->environment, r->command[0]);
	}
	for (size_t i = 0; i < r->unset.n; i++)
		environment_unset(&r->environment, r->unset.v[i].p);
	if (s != STATUS_OK)
		tell(&err);
	return s == STATUS_OK;
}

static int run_and_listen(struct recording *r, struct capture_target *t)
{
	if (!make_environment(r))
		return RECORD_FAILED;
	r->child = fork();
	if (r->child < 0) {
		perror("iamreplay record: fork");
		return RECORD_FAILED;
	}
	if (r->child == 0)
		exec_command(r);
	/* not for COMMAND, whose cores are its own */
	sandbox_no_core();
	/* a client that goes away in the middle of an answer is no reason to end */
	signal(SIGPIPE, SIG_IGN);
	/* the fork came first: COMMAND is not to be made in a process that has threads */
	bool started = !r->session || start_proxy_session(&r->run, r->session);
	if (!started)
		kill(r->child, SIGTERM);
	struct csm_loop loop = {.listener = r->listener,
	                        .capture = t->capture,
	                        .wake_fd = signals_fd(),
	                        .stop = command_ended,
	                        .tick = t->view ? tick : NULL,
	                        .problem = problem,
	                        .data = r};
	r->view = t->view;
	bool sound = csm_loop_run(&loop);
	while (!r->ended && (waitpid(r->child, &r->wait_status, 0) == r->child || errno != EINTR))
		r->ended = true;
	return sound && started ? EXIT_DONE : RECORD_FAILED;
}

/* Opens the proxy, the monitoring listener or both; false after a message. */
static bool open_listeners(struct recording *r, struct capture *c)
{
	struct err err;
	int status;
	err_clear(&err);
	if (r->csm) {
		struct csm_listener_options options = {.host = r->run.host,
		                                       .account = span_of(r->run.account_id),
		                                       .mapping = mapping_builtin(),
		                                       .allow_others = r->run.proxy.allow_others,
		                                       .capture = c};
		if (csm_listener_open(&options, &r->listener, &err) != STATUS_OK) {
			tell(&err);
			return false;
		}
	}
	if (r->proxy) {
		r->session = open_proxy_session(&r->run, c, &r->messages, &status);
		return r->session != NULL;
	}
	return true;
}

static int record(struct recording *r)
{
	static const int caught[] = {SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP};
	if (signals_catch(caught, sizeof caught / sizeof caught[0]) != 0) {
		perror("iamreplay record: signals");
		return RECORD_FAILED;
	}
	struct capture_target t;
	if (!capture_run_open(&r->run, &t))
		return RECORD_FAILED;
	int status = open_listeners(r, t.capture) ? run_and_listen(r, &t) : RECORD_FAILED;
	if (r->session) {
		proxy_session_stop(r->session);
		wait_for_proxy_session(r->session);
	}
	capture_run_finish(&r->run, &t);
	bool ran = r->ended && !could_not_run(r, &t);
	if (ran)
		report_csm(r->listener, &r->run, &t);
	if (ran && r->session)
		report_proxy(&r->messages, r->session, &t);
	proxy_session_free(r->session);
	csm_listener_close(r->listener);
	if (ran && r->proxy && !t.counts.calls)
		say_proxy_bypasses(r);
	if (r->policy && r->ended && !print_policy(r, &t))
		status = RECORD_FAILED;
	if (!ran) {
		capture_run_abandon(&t);
		return status;
	}
	if (!capture_run_close(&r->run, &t))
		status = RECORD_FAILED;
	if (!r->policy)
		capture_run_next(&r->run, &t);
	return status;
}

static int check_and_record(struct recording *r, const struct command_line *line)
{
	if (line->n_operands == 0) {
		options_usage(r->run.self, "which COMMAND?");
		return RECORD_FAILED;
	}
	line->operands[line->n_operands] = NULL;
	r->command = line->operands;
	r->proxy = r->proxy || !r->csm;
	if (capture_run_check(&r->run, line,
	                      (r->csm ? CAPTURE_CSM : 0) | (r->proxy ? CAPTURE_PROXY : 0)) !=
	    EXIT_DONE)
		return RECORD_FAILED;
	r->run.proxy.listen = "127.0.0.1:0";
	r->run.keep_policy = r->policy;
	r->run.both = r->csm && r->proxy;
	if (!r->run.output)
		r->run.output = r->made_name = make_name(r->command[0]);
	environment_init(&r->environment);
	int status = record(r);
	environment_release(&r->environment);
	free(r->made_name);
	return status;
}

static int run_record(const struct command *self, int argc, char **argv)
{
	struct recording r = {.run = {.self = self,
	                              .mode = "record",
	                              .host = "127.0.0.1",
	                              .view = SHOW_NOTHING,
	                              .refresh = 1}};
	struct command_line line;
	int status;
	if (options_read(self, argc, argv, &r, &line))
		status = check_and_record(&r, &line);
	else
		status = line.exit_status == EXIT_DONE ? EXIT_DONE : RECORD_FAILED;
	options_release(&line);
	return r.ended && status == EXIT_DONE ? end_as_command(r.wait_status) : status;
}

const struct command command_record = {
        .name = "record",
        .usage = "[OPTION]... [--] COMMAND [ARGUMENT]...",
        .summary = "run a command and record the AWS calls it makes",
        .options = uses,
        .operands_end_options = true,
        .examples = "  iamreplay record -o terraform.capture -- terraform apply\n",
        .run = run_record,
};
