/* capture.c - commands: "iamreplay capture csm|proxy|endpoint -o FILE" records calls as they are
 * made. */
#include "config.h"

#include "cmd/capture-modes.h"

#include "capture/csm-listener.h"

#include <stdio.h>
#include <string.h>

static const struct option_choice view_choices[] = {
        {"policy", SHOW_POLICY}, {"calls", SHOW_CALLS}, {"none", SHOW_NOTHING}, {NULL, 0}};

static const struct option view_rows[] = {
        {.name = "view",
         .kind = OPTION_CHOICE,
         .field = offsetof(struct capture_run, view),
         .choices = view_choices,
         .value = "VIEW",
         .help = "what is shown meanwhile"},
        {.name = "refresh",
         .kind = OPTION_NUMBER,
         .field = offsetof(struct capture_run, refresh),
         .min = 1,
         .max = 3600,
         .takes = "1 to 3600 seconds",
         .value = "SECONDS",
         .help = "how often the view is redrawn (2)"},
        {.name = "attach",
         .kind = OPTION_FILE,
         .field = offsetof(struct capture_run, attach),
         .modes = CAPTURE_ATTACH,
         .value = "FILE",
         .help = "follow a capture that is being written"},
        {.name = NULL},
};
static const struct option process_rows[] = {
        {.name = "background",
         .kind = OPTION_FLAG,
         .field = offsetof(struct capture_run, daemon.background),
         .modes = CAPTURE_CSM | CAPTURE_PROXY | CAPTURE_ENDPOINT,
         .help = "go to the background once listening"},
        {.name = "pid-file",
         .kind = OPTION_FILE,
         .field = offsetof(struct capture_run, daemon.pid_file),
         .modes = CAPTURE_CSM | CAPTURE_PROXY | CAPTURE_ENDPOINT,
         .value = "FILE",
         .help = "write the process id to FILE"},
        {.name = NULL},
};
static const struct option csm_rows[] = {
        {.name = "host",
         .kind = OPTION_TEXT,
         .field = offsetof(struct capture_run, host),
         .modes = CAPTURE_CSM,
         .value = "HOST",
         .help = "listen at this address (127.0.0.1)"},
        {.name = "port",
         .kind = OPTION_NUMBER,
         .field = offsetof(struct capture_run, port),
         .modes = CAPTURE_CSM,
         .max = 65535,
         .value = "PORT",
         .help = "listen at this UDP port (31000)"},
        {.name = "account-id",
         .kind = OPTION_TEXT,
         .field = offsetof(struct capture_run, account_id),
         .modes = CAPTURE_CSM,
         .value = "ID",
         .check = is_account_id,
         .takes = "12 digits",
         .help = "the account that the calls belong to"},
        {.name = "set-ini",
         .kind = OPTION_FLAG,
         .field = offsetof(struct capture_run, set_ini),
         .modes = CAPTURE_CSM,
         .help = "turn monitoring on in the AWS config meanwhile"},
        {.name = "profile",
         .kind = OPTION_TEXT,
         .field = offsetof(struct capture_run, profile),
         .modes = CAPTURE_CSM,
         .value = "NAME",
         .help = "the profile that --set-ini edits (default)"},
        {.name = NULL},
};
static const struct option listen_rows[] = {
        {.name = "listen",
         .kind = OPTION_TEXT,
         .field = offsetof(struct capture_run, proxy.listen),
         .modes = CAPTURE_PROXY | CAPTURE_ENDPOINT,
         .value = "HOST:PORT",
         .help = "listen there (proxy 127.0.0.1:10080, endpoint 127.0.0.1:4567)"},
        {.name = "to",
         .kind = OPTION_TEXT,
         .field = offsetof(struct capture_run, proxy.to),
         .modes = CAPTURE_ENDPOINT,
         .value = "URL",
         .help = "endpoint: where the calls go, as http://127.0.0.1:4566"},
        {.name = "allow-remote",
         .kind = OPTION_FILE,
         .field = offsetof(struct capture_run, proxy.allow_remote),
         .modes = CAPTURE_PROXY,
         .value = "TOKENFILE",
         .help = "proxy: serve other machines, if they send this token"},
        {.name = NULL},
};
static const struct option_group view_group = {.heading = "Policy and view", .options = view_rows};
static const struct option_group process_group = {.heading = "Process", .options = process_rows};
static const struct option_group csm_group = {.heading = "Client-side monitoring",
                                              .options = csm_rows};
static const struct option_group listen_group = {.heading = "Proxy and endpoint",
                                                 .options = listen_rows};
static const struct option_use uses[] = {
        {&options_capture_file, 0},
        {&view_group, 0},
        {&options_capture_policy, 0},
        {&process_group, 0},
        {&csm_group, 0},
        {&listen_group, 0},
        {&options_proxy, offsetof(struct capture_run, proxy)},
        {NULL, 0},
};

static const struct {
	const char *name;
	enum capture_kind kind;
	int (*run)(const struct capture_run *run);
} modes[] = {
        {"csm", CAPTURE_CSM, capture_csm},
        {"proxy", CAPTURE_PROXY, capture_proxy},
        {"endpoint", CAPTURE_ENDPOINT, capture_proxy},
};

static int follow(struct capture_run *run, const struct command_line *line)
{
	run->mode = "capture";
	int status = capture_run_check(run, line, CAPTURE_ATTACH);
	return status == EXIT_DONE ? capture_attach(run) : status;
}

static int capture(struct capture_run *run, const struct command_line *line)
{
	if (run->attach && line->n_operands == 0)
		return follow(run, line);
	if (line->n_operands != 1)
		return options_usage(run->self, "which mode? csm, proxy or endpoint");
	run->mode = line->operands[0];
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		if (strcmp(modes[i].name, run->mode) != 0)
			continue;
		if (!run->output)
			return options_usage(run->self,
			                     "-o FILE is needed: where the capture goes");
		run->proxy.endpoint = modes[i].kind == CAPTURE_ENDPOINT;
		int status = capture_run_check(run, line, modes[i].kind);
		return status == EXIT_DONE ? modes[i].run(run) : status;
	}
	return options_usage(run->self, "no mode '%s': csm, proxy or endpoint?", run->mode);
}

static int run_capture(const struct command *self, int argc, char **argv)
{
	struct capture_run run = {
	        .self = self, .host = "127.0.0.1", .port = CSM_PORT, .refresh = 2};
	struct command_line line;
	int status = options_read(self, argc, argv, &run, &line) ? capture(&run, &line)
	                                                         : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_capture = {
        .name = "capture",
        .usage = "csm|proxy|endpoint -o FILE [OPTION]...",
        .summary = "record calls as they are made, to a file for later analysis",
        .options = uses,
        .examples = "  iamreplay capture csm -o calls.capture\n"
                    "  AWS_CSM_ENABLED=true aws s3 ls\n"
                    "  iamreplay capture proxy -o calls.capture\n"
                    "  iamreplay capture endpoint -o calls.capture --to http://127.0.0.1:4566\n",
        .verbs = "csm proxy endpoint",
        .run = run_capture,
};
