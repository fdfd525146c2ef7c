/* capture.c - commands: "iamreplay capture csm|proxy|endpoint -o FILE" records calls as they are
 * made. */
#include "config.h"

#include "cmd/capture-modes.h"

#include "capture/csm-listener.h"
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

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
        {"allow-remote", 0, ARG_FILE, "TOKENFILE", NULL,
         "proxy: serve other machines, if they send this token"},
        CAPTURE_PROXY_OPTIONS,
        {NULL, 0, ARG_NONE, NULL, NULL, NULL},
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
		int status = capture_run_check(&run, CAPTURE_ATTACH);
		return status == EXIT_DONE ? capture_attach(&run) : status;
	}
	if (o.operands != 1)
		return options_usage(self, "which mode? csm, proxy or endpoint");
	run.mode = argv[1];
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		if (strcmp(modes[i].name, run.mode) != 0)
			continue;
		if (!run.output)
			return options_usage(self, "-o FILE is needed: where the capture goes");
		run.proxy.endpoint = modes[i].kind == CAPTURE_ENDPOINT;
		int status = capture_run_check(&run, modes[i].kind);
		return status == EXIT_DONE ? modes[i].run(&run) : status;
	}
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
