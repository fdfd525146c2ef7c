/* capture-run.c - commands: see capture.h; what all modes do alike. */
#include "config.h"

#include "cmd/capture.h"

#include "emit/emit.h"
#include "cli/plain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A capture does not go to standard output. */
static bool is_capture_file(const char *value)
{
	return strcmp(value, "-") != 0;
}

static const struct option file_rows[] = {
        {.name = "output",
         .letter = 'o',
         .kind = OPTION_FILE,
         .field = offsetof(struct capture_run, output),
         .modes = CAPTURE_CSM | CAPTURE_PROXY | CAPTURE_ENDPOINT,
         .value = "FILE",
         .check = is_capture_file,
         .takes = "a file: a capture does not go to standard output",
         .help = "write the capture to FILE (gzip if it ends in .gz; record: COMMAND.capture)"},
        {.name = "append",
         .kind = OPTION_FLAG,
         .field = offsetof(struct capture_run, append),
         .modes = CAPTURE_CSM | CAPTURE_PROXY | CAPTURE_ENDPOINT,
         .help = "add to FILE where it exists"},
        {.name = NULL},
};
const struct option_group options_capture_file = {.heading = "Capture file", .options = file_rows};

static struct option_choice format_at(size_t i)
{
	return (struct option_choice){emitters[i].name, (int)i};
}

static const struct option policy_rows[] = {
        {.name = "policy-file",
         .kind = OPTION_FILE,
         .field = offsetof(struct capture_run, policy_file),
         .value = "FILE",
         .help = "keep the policy so far in FILE"},
        {.name = "resources",
         .kind = OPTION_CHOICE,
         .field = offsetof(struct capture_run, resources),
         .choices = resource_choices,
         .value = "HOW",
         .help = "how its resources are written, as 'iamreplay policy' has it"},
        {.name = "format",
         .letter = 'f',
         .kind = OPTION_CHOICE,
         .field = offsetof(struct capture_run, format),
         .choice_at = format_at,
         .value = "FORMAT",
         .help = "its syntax (default json)"},
        {.name = "fails-only",
         .kind = OPTION_FLAG,
         .field = offsetof(struct capture_run, fails_only),
         .help = "the policy of what was denied"},
        {.name = NULL},
};
const struct option_group options_capture_policy = {.heading = "Policy and view",
                                                    .options = policy_rows};

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

int capture_run_check(const struct capture_run *run, const struct command_line *line,
                      unsigned kinds)
{
	const struct option *outside = options_outside(line, kinds);
	if (outside)
		return options_usage(run->self, "--%s goes with %s only", outside->name,
		                     kinds_text(run, outside->modes));
	if (run->profile && !run->set_ini)
		return options_usage(run->self, "--profile goes with --set-ini only");
	if (!run->proxy.ca_cert != !run->proxy.ca_key)
		return options_usage(run->self, "--ca-cert and --ca-key belong together");
	if (kinds == CAPTURE_ENDPOINT && !run->proxy.to)
		return options_usage(run->self,
		                     "--to URL is needed: where the endpoint's calls go");
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
	switch (run->view) {
	case SHOW_DEFAULT: return terminal ? VIEW_POLICY : VIEW_CALLS;
	case SHOW_POLICY: return VIEW_POLICY;
	case SHOW_CALLS: return VIEW_CALLS;
	case SHOW_NOTHING: break;
	}
	return VIEW_NONE;
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
	                                    .refresh_ms = run->refresh * 1000,
	                                    .title = title,
	                                    .policy_file = run->policy_file,
	                                    .policy = {.fails_only = run->fails_only,
	                                               .resources = run->resources,
	                                               .emitter = &emitters[run->format]},
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
	        run->both ? observer : "", run->both ? ": " : "", n, plural(n, "", "s"), detail);
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
		        run->self->name, run->output, calls, plural(calls, "", "s"));
	if (others)
		fprintf(stderr, "iamreplay %s: %s: %" PRIu64 " other line%s could not be written\n",
		        run->self->name, run->output, others, plural(others, "", "s"));
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
                         const char *folder, bool connects)
{
	const struct confinement c = {
	        readable, n, folder, {run->daemon.pid_file, run->policy_file}, connects};
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
