/* capture.c - commands: "iamreplay capture csm|proxy|endpoint -o FILE" records calls as they are
 * made. */
#include "config.h"

#include "cmd/capture.h"

#include "cmd/options.h"
#include "live/csm-listener.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option_spec capture_options[] = {
        {"output", 'o', ARG_FILE, "FILE", NULL,
         "write the capture to FILE (gzip if it ends in .gz)"},
        {"append", 0, ARG_NONE, NULL, NULL, "add to FILE where it exists"},
        {"host", 0, ARG_TEXT, "HOST", NULL, "csm: listen at this address (127.0.0.1)"},
        {"port", 0, ARG_NUMBER, "PORT", NULL, "csm: listen at this UDP port (31000)"},
        {"view", 0, ARG_CHOICE, "VIEW", "policy|calls|none", "what is shown meanwhile"},
        {"refresh", 0, ARG_NUMBER, "SECONDS", NULL, "how often the view is redrawn (2)"},
        {"policy-file", 0, ARG_FILE, "FILE", NULL, "keep the policy so far in FILE"},
        {"fails-only", 0, ARG_NONE, NULL, NULL, "show the policy of what was refused"},
        {"attach", 0, ARG_FILE, "FILE", NULL, "follow a capture that is being written"},
        {"account-id", 0, ARG_TEXT, "ID", NULL, "csm: the account that the calls belong to"},
        {"set-ini", 0, ARG_NONE, NULL, NULL, "csm: turn monitoring on in the AWS config meanwhile"},
        {"profile", 0, ARG_TEXT, "NAME", NULL, "the profile that --set-ini edits (default)"},
        {"background", 0, ARG_NONE, NULL, NULL, "go to the background once listening"},
        {"pid-file", 0, ARG_FILE, "FILE", NULL, "write the process id to FILE"},
        {"listen", 0, ARG_TEXT, "HOST:PORT", NULL,
         "proxy, endpoint: listen there (127.0.0.1:10080, 127.0.0.1:4567)"},
        {"to", 0, ARG_TEXT, "URL", NULL, "endpoint: where the calls go, as http://127.0.0.1:4566"},
        {"upstream", 0, ARG_TEXT, "URL", NULL, "proxy: send all calls to AWS hosts there"},
        {"upstream-ca", 0, ARG_FILE, "FILE", NULL,
         "proxy: trust these certificates, too, where calls go"},
        {"connect-to", 0, ARG_TEXT, "HOST:PORT:TO:PORT", NULL,
         "proxy: connect to TO instead of HOST (repeatable)"},
        {"also", 0, ARG_TEXT, "HOST=SERVICE", NULL,
         "proxy: HOST is an API endpoint, too (repeatable)"},
        {"ca-dir", 0, ARG_DIR, "DIR", NULL, "proxy: folder of ca.pem and ca.key"},
        {"ca-cert", 0, ARG_FILE, "FILE", NULL, "proxy: one's own CA, with --ca-key"},
        {"ca-key", 0, ARG_FILE, "FILE", NULL, "proxy: its private key"},
        {"allow-remote", 0, ARG_FILE, "TOKENFILE", NULL,
         "proxy: serve other machines, if they send this token"},
        {"verbose", 'v', ARG_NONE, NULL, NULL, "proxy, endpoint: tell each call and host"},
        {NULL, 0, ARG_NONE, NULL, NULL, NULL},
};

/* Options with a text that is only passed on. */
static bool set_proxy_option(struct capture_run *run, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **value;
	} table[] = {
	        {"listen", &run->listen},     {"to", &run->to},
	        {"upstream", &run->upstream}, {"upstream-ca", &run->upstream_ca},
	        {"ca-dir", &run->ca_dir},     {"ca-cert", &run->ca_cert},
	        {"ca-key", &run->ca_key},     {"allow-remote", &run->allow_remote},
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(name, table[i].name) == 0) {
			*table[i].value = value;
			return true;
		}
	if (strcmp(name, "verbose") == 0)
		run->verbose = true;
	else
		return false;
	return true;
}

static int add_repeated(struct capture_run *run, const char *name, const char *value)
{
	bool also = strcmp(name, "also") == 0;
	size_t *n = also ? &run->n_also : &run->n_connect_to;
	if (*n == CAPTURE_MAX_REPEATED)
		return options_usage(run->self, "--%s was given more than %d times", name,
		                     CAPTURE_MAX_REPEATED);
	(also ? run->also : run->connect_to)[(*n)++] = value;
	return EXIT_DONE;
}

static bool is_account(const char *s)
{
	return strlen(s) == 12 && strspn(s, "0123456789") == 12;
}

int capture_run_option(struct capture_run *run, const char *name, const char *value)
{
	if (set_proxy_option(run, name, value))
		return EXIT_DONE;
	if (strcmp(name, "also") == 0 || strcmp(name, "connect-to") == 0)
		return add_repeated(run, name, value);
	if (strcmp(name, "output") == 0) {
		run->output = value;
	} else if (strcmp(name, "append") == 0) {
		run->append = true;
	} else if (strcmp(name, "host") == 0) {
		run->host = value;
	} else if (strcmp(name, "view") == 0) {
		run->view = value;
	} else if (strcmp(name, "refresh") == 0) {
		if (!options_number(value, 1, 3600, &run->refresh))
			return options_usage(run->self,
			                     "--refresh takes 1 to 3600 seconds, not '%s'", value);
	} else if (strcmp(name, "policy-file") == 0) {
		run->policy_file = value;
	} else if (strcmp(name, "fails-only") == 0) {
		run->fails_only = true;
	} else if (strcmp(name, "attach") == 0) {
		run->attach = value;
	} else if (strcmp(name, "set-ini") == 0) {
		run->set_ini = true;
	} else if (strcmp(name, "profile") == 0) {
		run->profile = value;
	} else if (strcmp(name, "background") == 0) {
		run->background = true;
	} else if (strcmp(name, "pid-file") == 0) {
		run->pid_file = value;
	} else if (strcmp(name, "account-id") == 0) {
		if (!is_account(value))
			return options_usage(run->self, "--account-id takes 12 digits, not '%s'",
			                     value);
		run->account_id = value;
	} else if (strcmp(name, "port") == 0 && !options_number(value, 0, 65535, &run->port)) {
		return options_usage(run->self, "--port takes a number from 0 to 65535, not '%s'",
		                     value);
	}
	return EXIT_DONE;
}

static void tell(const struct err *err)
{
	char line[2000];
	fprintf(stderr, "iamreplay capture: %s\n", err_line(err, line, sizeof line));
}

static enum live_view_kind view_kind(const struct capture_run *run, bool terminal)
{
	if (run->background)
		return VIEW_NONE;
	if (!run->view)
		return terminal ? VIEW_POLICY : VIEW_CALLS;
	return strcmp(run->view, "policy") == 0  ? VIEW_POLICY
	       : strcmp(run->view, "calls") == 0 ? VIEW_CALLS
	                                         : VIEW_NONE;
}

struct live_view *capture_run_view(const struct capture_run *run, char *title, size_t title_size)
{
	struct err err;
	struct live_view *view = NULL;
	bool terminal = isatty(STDOUT_FILENO);
	snprintf(title, title_size, "iamreplay %s: %s", run->mode,
	         run->attach ? run->attach : run->output);
	struct live_view_options options = {.kind = view_kind(run, terminal),
	                                    .out = stdout,
	                                    .terminal = terminal,
	                                    .refresh_ms = (unsigned)run->refresh * 1000,
	                                    .title = title,
	                                    .policy_file = run->policy_file,
	                                    .fails_only = run->fails_only,
	                                    .mapping = mapping_builtin()};
	err_clear(&err);
	if (live_view_open(&options, &view, &err) != STATUS_OK)
		tell(&err);
	return view;
}

bool capture_run_open(const struct capture_run *run, struct capture_target *t)
{
	struct err err;
	*t = (struct capture_target){.capture = NULL};
	struct capture_options options = {.path = run->output,
	                                  .mode = run->mode,
	                                  .append = run->append,
	                                  .mapping = mapping_builtin()};
	err_clear(&err);
	bool seen = run->policy_file || run->keep_policy ||
	            view_kind(run, isatty(STDOUT_FILENO)) != VIEW_NONE;
	if (seen) {
		t->view = capture_run_view(run, t->title, sizeof t->title);
		if (!t->view)
			return false;
		options.observe = live_view_line;
		options.observe_data = t->view;
	}
	if (capture_open(&options, &t->capture, &err) == STATUS_OK)
		return true;
	live_view_close(t->view);
	tell(&err);
	return false;
}

bool capture_run_close(const struct capture_run *run, struct capture_target *t)
{
	struct err err;
	struct capture_counts counts;
	err_clear(&err);
	live_view_close(t->view);
	capture_counts(t->capture, &counts);
	bool lost = counts.lost > 0;
	if (lost)
		fprintf(stderr, "iamreplay capture: %s: %" PRIu64 " calls could not be written\n",
		        run->output, counts.lost);
	if (capture_close(t->capture, &err) == STATUS_OK)
		return !lost;
	tell(&err);
	return false;
}

static bool write_pid(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	bool ok = fd >= 0 && dprintf(fd, "%ld\n", (long)getpid()) > 0;
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	if (!ok)
		fprintf(stderr, "iamreplay capture: %s: %s\n", path, strerror(errno));
	return ok;
}

/* In the background no terminal is held, and nothing is printed any more. */
static void let_go_of_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
}

bool capture_run_detach(const struct capture_run *run)
{
	if (!run->background)
		return !run->pid_file || write_pid(run->pid_file);
	fflush(NULL);
	pid_t child = fork();
	if (child < 0) {
		fprintf(stderr, "iamreplay capture: cannot go to the background: %s\n",
		        strerror(errno));
		return false;
	}
	if (child > 0) {
		fprintf(stderr, "iamreplay capture: in the background as process %ld\n",
		        (long)child);
		_exit(EXIT_DONE);
	}
	setsid();
	bool ok = !run->pid_file || write_pid(run->pid_file);
	let_go_of_terminal();
	return ok;
}

void capture_run_end(const struct capture_run *run)
{
	if (run->pid_file && unlink(run->pid_file) != 0 && errno != ENOENT)
		fprintf(stderr, "iamreplay capture: %s: %s\n", run->pid_file, strerror(errno));
}

static const struct {
	const char *name;
	int (*run)(const struct capture_run *run);
} modes[] = {
        {"csm", capture_csm},
        {"proxy", capture_proxy},
        {"endpoint", capture_endpoint},
};

static int run_capture(const struct command *self, int argc, char **argv)
{
	struct capture_run run = {
	        .self = self, .host = "127.0.0.1", .port = CSM_PORT, .refresh = 2};
	struct options o;
	const char *value;
	options_init(&o, self, argc, argv);
	for (int i; (i = options_next(&o, &value)) != OPTIONS_END;) {
		if (i == OPTIONS_EXIT)
			return o.exit_status;
		int status = capture_run_option(&run, self->options[i].name, value);
		if (status != EXIT_DONE)
			return status;
	}
	if (run.attach && o.operands == 0) {
		run.mode = "capture";
		return capture_attach(&run);
	}
	if (o.operands != 1)
		return options_usage(self, "which mode? csm, proxy or endpoint");
	run.mode = argv[1];
	if (!run.output)
		return options_usage(self, "-o FILE is needed: where the capture goes");
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(modes[i].name, run.mode) == 0)
			return modes[i].run(&run);
	return options_usage(self, "no mode '%s'", run.mode);
}

const struct command command_capture = {
        .name = "capture",
        .usage = "csm|proxy|endpoint -o FILE [OPTION]...",
        .summary = "record calls as they are made, to a file for later analysis",
        .options = capture_options,
        .examples = "  iamreplay capture csm -o calls.capture\n"
                    "  AWS_CSM_ENABLED=true aws s3 ls\n"
                    "  iamreplay capture proxy -o calls.capture\n"
                    "  iamreplay capture endpoint -o calls.capture --to http://127.0.0.1:4566\n",
        .run = run_capture,
};
