/* shared-options.h - cli: groups of options that several commands have. */
#ifndef CLI_SHARED_OPTIONS_H
#define CLI_SHARED_OPTIONS_H

#include "app/policy-request.h"
#include "cli/command.h"

/* About a struct database_request: --db, --mappings. */
extern const struct option_group options_database;
/* About a struct store_window: --since, --until. After options_read window_finish is to be called.
 */
extern const struct option_group options_window;
/* About a struct policy_request: whom and what a policy is about and how it is made. After
 * options_read policy_request_finish is to be called. */
extern const struct option_group options_policy_request;
/* About a struct proxy_request: where a proxy sends calls, and its CA. */
extern const struct option_group options_proxy;

/* What a run of capture or record can be made of, as bits: the modes of their options. */
enum capture_kind {
	CAPTURE_CSM = 1,
	CAPTURE_PROXY = 2,
	CAPTURE_ENDPOINT = 4,
	CAPTURE_ATTACH = 8,
};

/* What the options mean together. False after saying what is wrong. */
bool window_finish(const struct command *self, struct store_window *window) MUST_CHECK;
/* Whether it is said whom the command is about: by --principal, or, all, by --all. */
bool policy_request_names(const struct command *self, const struct policy_request *r,
                          bool all) MUST_CHECK;
bool policy_request_finish(const struct command *self, struct command_line *line,
                           struct policy_request *r) MUST_CHECK;

/* Of --resources: an enum resources_mode. */
extern const struct option_choice resource_choices[];
/* For option.check: 12 digits. */
bool is_account_id(const char *value);

#endif
