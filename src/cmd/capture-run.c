/* capture-run.c - commands: see capture.h; what all modes do alike. */
#include "config.h"

#include "cmd/capture.h"

#include "cli/options.h"
#include "cli/printing.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Options with a text that is only passed on. */
static bool set_proxy_option(struct capture_run *run, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **value;
	} table[] = {
	        {"listen", &run->proxy.listen},     {"to", &run->proxy.to},
	        {"upstream", &run->proxy.upstream}, {"upstream-ca", &run->proxy.upstream_ca},
	        {"ca-dir", &run->proxy.ca_dir},     {"ca-cert", &run->proxy.ca_cert},
	        {"ca-key", &run->proxy.ca_key},     {"allow-remote", &run->proxy.allow_remote},
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(name, table[i].name) == 0) {
			*table[i].value = value;
			return true;
		}
	if (strcmp(name, "verbose") == 0)
		run->verbose = true;
	else if (strcmp(name, "debug") == 0)
		run->proxy.trace = true;
	else
		return false;
	return true;
}

static int add_repeated(struct capture_run *run, const char *name, const char *value)
{
	bool also = strcmp(name, "also") == 0;
	size_t *n = also ? &run->proxy.n_also : &run->proxy.n_connect_to;
	if (*n == PROXY_MOST_REPEATED)
		return options_usage(run->self, "--%s was given more than %d times", name,
		                     PROXY_MOST_REPEATED);
	(also ? run->proxy.also : run->proxy.connect_to)[(*n)++] = value;
	return EXIT_DONE;
}

static bool is_account(const char *s)
{
	return strlen(s) == 12 && strspn(s, "0123456789") == 12;
}

/* What goes with some kinds only. */
static const struct {
	const char *name;
	unsigned kinds;
} special[] = {
        {"host", CAPTURE_CSM},
        {"port", CAPTURE_CSM},
        {"account-id", CAPTURE_CSM},
        {"set-ini", CAPTURE_CSM},
        {"profile", CAPTURE_CSM},
        {"listen", CAPTURE_PROXY | CAPTURE_ENDPOINT},
        {"to", CAPTURE_ENDPOINT},
        {"upstream", CAPTURE_PROXY},
        {"upstream-ca", CAPTURE_PROXY | CAPTURE_ENDPOINT},
        {"connect-to", CAPTURE_PROXY | CAPTURE_ENDPOINT},
        {"also", CAPTURE_PROXY},
        {"ca-dir", CAPTURE_PROXY},
        {"ca-cert", CAPTURE_PROXY},
        {"ca-key", CAPTURE_PROXY},
        {"allow-remote", CAPTURE_PROXY},
        {"verbose", CAPTURE_PROXY | CAPTURE_ENDPOINT},
        {"debug", CAPTURE_PROXY | CAPTURE_ENDPOINT},
        {"output", CAPTURE_CSM | CAPTURE_PROXY | CAPTURE_ENDPOINT},
        {"append", CAPTURE_CSM | CAPTURE_PROXY | CAPTURE_ENDPOINT},
        {"background", CAPTURE_CSM | CAPTURE_PROXY | CAPTURE_ENDPOINT},
        {"pid-file", CAPTURE_CSM | CAPTURE_PROXY | CAPTURE_ENDPOINT},
        {"attach", CAPTURE_ATTACH},
};

static const char *kinds_text(const struct capture_run *run, unsigned kinds)
{
	bool record = strcmp(run->self->name, "record") == 0;
	switch (kinds) {
	case CAPTURE_CSM: return record ? "--csm" : "'capture csm'";
	case CAPTURE_PROXY: return record ? "--proxy" : "'capture proxy'";
	case CAPTURE_ENDPOINT: return "'capture endpoint'";
	case CAPTURE_PROXY | CAPTURE_ENDPOINT:
		return record ? "--proxy" : "'capture proxy' and 'capture endpoint'";
	default: return kinds & CAPTURE_ATTACH ? "'capture' alone" : "a mode, not with --attach";
	}
}

int capture_run_check(const struct capture_run *run, unsigned kinds)
{
	for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
		if (run->given & UINT64_C(1) << i && !(special[i].kinds & kinds))
			return options_usage(run->self, "--%s goes with %s only", special[i].name,
			                     kinds_text(run, special[i].kinds));
	if (run->profile && !run->set_ini)
		return options_usage(run->self, "--profile goes with --set-ini only");
	if (!run->proxy.ca_cert != !run->proxy.ca_key)
		return options_usage(run->self, "--ca-cert and --ca-key belong together");
	if (kinds == CAPTURE_ENDPOINT && !run->proxy.to)
		return options_usage(run->self,
		                     "--to URL is needed: where the endpoint's calls go");
	return EXIT_DONE;
}

static void remember_given(struct capture_run *run, const char *name)
{
	for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
		if (strcmp(special[i].name, name) == 0)
			run->given |= UINT64_C(1) << i;
}

int capture_run_option(struct capture_run *run, const char *name, const char *value)
{
	remember_given(run, name);
	if (set_proxy_option(run, name, value))
		return EXIT_DONE;
	if (strcmp(name, "also") == 0 || strcmp(name, "connect-to") == 0)
		return add_repeated(run, name, value);
	if (strcmp(name, "output") == 0) {
		if (strcmp(value, "-") == 0)
			return options_usage(run->self, "-o takes a file: a capture does not go to "
			                                "standard output");
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
		run->daemon.background = true;
	} else if (strcmp(name, "pid-file") == 0) {
		run->daemon.pid_file = value;
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

static void tell(const struct capture_run *run, const struct err *err)
{
	char line[2000];
	fprintf(stderr, "iamreplay %s: %s\n", run->self->name, err_line(err, line, sizeof line));
}

static enum live_view_kind view_kind(const struct capture_run *run, bool terminal)
{
	if (run->daemon.background)
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
		tell(run, &err);
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
	(void)live_view_close(t->view);
	tell(run, &err);
	return false;
}

void capture_run_listening(struct capture_target *t, const char *format, ...)
{
	size_t n = strlen(t->title);
	va_list args;
	va_start(args, format);
	vsnprintf(t->title + n, sizeof t->title - n, format, args);
	va_end(args);
}

void capture_run_abandon(struct capture_target *t)
{
	(void)live_view_close(t->view);
	capture_abandon(t->capture);
}

void capture_run_finish(const struct capture_run *run, struct capture_target *t)
{
	struct err err;
	err_clear(&err);
	live_view_leave(t->view);
	t->sound = capture_finish(t->capture, &err) == STATUS_OK;
	if (!t->sound)
		tell(run, &err);
	capture_counts(t->capture, &t->counts);
	t->finished = true;
}

static uint64_t written_calls(const struct capture_target *t)
{
	return t->counts.calls - t->counts.lost_calls;
}

void capture_run_say_calls(const struct capture_run *run, const struct capture_target *t,
                           const char *observer, uint64_t n, const char *detail)
{
	/* with two observers nobody knows whose calls are lost */
	bool written = !run->both || !t->counts.lost_calls;
	if (written && n > written_calls(t))
		n = written_calls(t);
	fprintf(stderr, "iamreplay %s: %s%s%" PRIu64 " call%s%s", run->self->name,
	        run->both ? observer : "", run->both ? ": " : "", n, printing_s(n), detail);
	if (written)
		fprintf(stderr, " %s %s", run->append ? "added to" : "in", run->output);
}

bool capture_run_close(const struct capture_run *run, struct capture_target *t)
{
	struct err err;
	err_clear(&err);
	bool saved = live_view_close(t->view);
	uint64_t calls = t->counts.lost_calls, others = t->counts.lost - calls;
	if (calls)
		fprintf(stderr, "iamreplay %s: %s: %" PRIu64 " call%s could not be written\n",
		        run->self->name, run->output, calls, printing_s(calls));
	if (others)
		fprintf(stderr, "iamreplay %s: %s: %" PRIu64 " other line%s could not be written\n",
		        run->self->name, run->output, others, printing_s(others));
	if (capture_close(t->capture, &err) != STATUS_OK) {
		tell(run, &err);
		t->sound = false;
	}
	return t->sound && saved && !t->counts.lost;
}

void capture_run_next(const struct capture_run *run, const struct capture_target *t)
{
	if (!t->sound || t->counts.lost || !written_calls(t))
		return;
	fprintf(stderr,
	        "Next:\n  iamreplay ingest %s\n"
	        "  iamreplay principals   # whose an access key is, --assign KEY=ARN says\n"
	        "  iamreplay policy --principal NAME\n",
	        run->output);
}

int capture_run_status(const struct capture_run *run, struct capture_target *t, int status)
{
	if (!t->finished) {
		capture_run_abandon(t);
		return status;
	}
	if (!capture_run_close(run, t) && status == EXIT_DONE)
		status = EXIT_NOT_DONE;
	capture_run_next(run, t);
	return status;
}

bool capture_run_confine(const struct capture_run *run, const char *const *readable, size_t n,
                         const char *folder)
{
	const struct confinement c = {
	        readable, n, folder, {run->daemon.pid_file, run->policy_file}};
	struct err err;
	err_clear(&err);
	if (daemon_confine(&c, &err) == STATUS_OK)
		return true;
	tell(run, &err);
	return false;
}

bool capture_run_detach(const struct capture_run *run)
{
	struct err err;
	pid_t child;
	err_clear(&err);
	if (daemon_detach(&run->daemon, &child, &err) != STATUS_OK) {
		tell(run, &err);
		return false;
	}
	if (child > 0) {
		fprintf(stderr, "iamreplay capture: in the background as process %ld\n",
		        (long)child);
		_exit(EXIT_DONE);
	}
	return true;
}

void capture_run_end(const struct capture_run *run)
{
	struct err err;
	err_clear(&err);
	if (daemon_end(&run->daemon, &err) != STATUS_OK)
		tell(run, &err);
}
