/* shared-options.c - cli: see shared-options.h. */
#include "config.h"

#include "cli/shared-options.h"

#include "app/proxy-session.h"
#include "cli/settings.h"

#include <string.h>
#include <time.h>

bool is_account_id(const char *value)
{
	return strlen(value) == 12 && strspn(value, "0123456789") == 12;
}

/* ---- the database */

static const struct option database_rows[] = {
        {.name = "db",
         .kind = OPTION_FILE,
         .field = offsetof(struct database_request, db),
         .value = "FILE",
         .help = "the database (default: $IAMREPLAY_DB, else iamreplay.db)"},
        {.name = "mappings",
         .kind = OPTION_DIR,
         .field = offsetof(struct database_request, mappings),
         .value = "DIR",
         .help = "read the mapping from DIR (default: $IAMREPLAY_MAPPINGS, else built in)"},
        {.name = NULL},
};
const struct option_group options_database = {.heading = "Database", .options = database_rows};

/* ---- a window alone */

static const struct option window_rows[] = {
        {.name = "since",
         .kind = OPTION_SINCE,
         .field = offsetof(struct store_window, since),
         .value = "TIME",
         .help = "only events from TIME on"},
        {.name = "until",
         .kind = OPTION_UNTIL,
         .field = offsetof(struct store_window, until),
         .value = "TIME",
         .help = "only events up to TIME; a day counts as a whole"},
        {.name = NULL},
};
const struct option_group options_window = {.heading = "Which events", .options = window_rows};

bool window_finish(const struct command *self, struct store_window *window)
{
	if (window->since > window->until) {
		options_usage(self, "--since is after --until");
		return false;
	}
	/* a bound given as an end means its last second; a window ends before its end */
	if (window->until != INT64_MAX)
		window->until++;
	return true;
}

/* ---- policies: how large */

/* The name of a quota, "none", or a number of characters. */
static bool read_limit(void *field, const char *value)
{
	struct request_limit *limit = field;
	uint64_t n;
	limit->given = true;
	limit->quota = policy_quota(span_of(value));
	limit->characters = 0;
	if (limit->quota || strcmp(value, "none") == 0)
		return true;
	if (!span_to_u64(span_of(value), &n) || n < 100 || n > 100000000)
		return false;
	limit->characters = (size_t)n;
	return true;
}

static const struct option size_rows[] = {
        {.name = "limit",
         .kind = OPTION_OTHER,
         .field = offsetof(struct policy_request, limit),
         .read = read_limit,
         .value = "LIMIT",
         .takes = "a number from 100 on or one of managed, role-inline, user-inline, "
                  "group-inline, permission-set, scp, trust, none",
         .help = "managed, role-inline, user-inline, group-inline, permission-set, scp, trust, "
                 "none or a number of characters"},
        {.name = "max-policies",
         .kind = OPTION_NUMBER,
         .field = offsetof(struct policy_request, max_documents),
         .min = 1,
         .value = "N",
         .help = "at most N documents (default 10)"},
        {.name = "settings",
         .kind = OPTION_FILE,
         .once = true,
         .field = offsetof(struct policy_request, settings_file),
         .value = "FILE",
         .help = "what a file says of single principals (iamreplay-settings(5))"},
        {.name = "merge",
         .kind = OPTION_FILE,
         .once = true,
         .field = offsetof(struct policy_request, merge),
         .value = "POLICY",
         .help = "keep this policy's statements and add what is missing"},
        {.name = NULL},
};
static const struct option_group size_group = {.heading = "How documents are divided",
                                               .options = size_rows};

/* ---- policies: what is granted */

static const struct option_choice denied_choices[] = {
        {"no", DENIED_LEAVE_OUT}, {"only", DENIED_ONLY}, {"include", DENIED_INCLUDE}, {NULL, 0}};
static struct option_choice condition_at(size_t i)
{
	const char *name = i < CONDITION_KINDS ? condition_name((enum condition_kind)i) : NULL;
	return (struct option_choice){name, (int)i};
}

static const struct option_choice sibling_choices[] = {{"read", SIBLING_READ},
                                                       {"update", SIBLING_UPDATE},
                                                       {"delete", SIBLING_DELETE},
                                                       {"tag", SIBLING_TAG},
                                                       {NULL, 0}};

static const struct option grant_rows[] = {
        {.name = "denied",
         .kind = OPTION_CHOICE,
         .field = offsetof(struct policy_request, options.denied),
         .choices = denied_choices,
         .value = "HOW",
         .help = "what was denied because no identity-based policy allows it"},
        {.name = "dependents",
         .kind = OPTION_FLAG,
         .field = offsetof(struct policy_request, options.dependents),
         .help = "also what the service reference calls dependent actions"},
        {.name = "siblings",
         .kind = OPTION_CHOICES,
         .field = offsetof(struct policy_request, options.siblings),
         .choices = sibling_choices,
         .value = "KIND,...",
         .help = "actions that go with what was written"},
        {.name = "action-wildcards",
         .kind = OPTION_FLAG,
         .field = offsetof(struct policy_request, options.action_verbs),
         .help = "whole verbs as wildcards, within an access level"},
        {.name = "condition",
         .kind = OPTION_CHOICES,
         .field = offsetof(struct policy_request, options.conditions),
         .choice_at = condition_at,
         .value = "KEY,...",
         .help = "conditions from what all events had in common"},
        {.name = NULL},
};
static const struct option_group grant_group = {
        .heading = "What is granted", .options = grant_rows, .next = &size_group};

/* ---- policies: resources */

const struct option_choice resource_choices[] = {{"grouped", RESOURCES_GROUPED},
                                                 {"exact", RESOURCES_EXACT},
                                                 {"any", RESOURCES_ANY},
                                                 {"prefix", RESOURCES_PREFIX},
                                                 {NULL, 0}};

static const struct option resource_rows[] = {
        {.name = "resources",
         .kind = OPTION_CHOICE,
         .field = offsetof(struct policy_request, options.resources),
         .choices = resource_choices,
         .value = "HOW",
         .help = "patterns for what looks alike (default), the ARNs, '*', or of a bucket's "
                 "objects their common prefix"},
        {.name = "max-resources",
         .kind = OPTION_NUMBER,
         .field = offsetof(struct policy_request, options.max_resources),
         .given = offsetof(struct policy_request, options.max_resources_given),
         .value = "N",
         .help = "more than N similar ARNs become a pattern, though the list be closed"},
        {.name = "no-passed-to-service",
         .kind = OPTION_FLAG,
         .field = offsetof(struct policy_request, options.no_passed_to),
         .help = "iam:PassRole without the service that the role is passed to"},
        {.name = "any-region",
         .kind = OPTION_FLAG,
         .field = offsetof(struct policy_request, options.any_region),
         .help = "one pattern for the ARNs of several regions"},
        {.name = NULL},
};
static const struct option_group resource_group = {
        .heading = "How resources are written", .options = resource_rows, .next = &grant_group};

/* ---- policies: events */

static const struct option_choice outcome_choices[] = {{"proven", OUTCOMES_PROVEN},
                                                       {"any", OUTCOMES_ANY},
                                                       {"allowed", OUTCOMES_ALLOWED},
                                                       {NULL, 0}};

static const struct option event_rows[] = {
        {.name = "last",
         .kind = OPTION_DURATION,
         .field = offsetof(struct policy_request, last),
         .value = "SPAN",
         .help = "only the last SPAN (90d, 12h) before --now"},
        {.name = "now",
         .kind = OPTION_SINCE,
         .field = offsetof(struct policy_request, now),
         .given = offsetof(struct policy_request, has_now),
         .value = "TIME",
         .help = "what --last counts from (default: the clock)"},
        {.name = "outcome",
         .kind = OPTION_CHOICE,
         .field = offsetof(struct policy_request, outcomes),
         .choices = outcome_choices,
         .value = "WHICH",
         .help = "proven (default): calls that succeeded, or failed after they were authorized; "
                 "any: also where that is not known; allowed: not what failed"},
        {.name = "session",
         .kind = OPTION_LIST,
         .field = offsetof(struct policy_request, sessions),
         .value = "GLOB",
         .help = "only what role sessions of this name did, e.g. 'deploy-*'"},
        {.name = "agent",
         .kind = OPTION_LIST,
         .field = offsetof(struct policy_request, agents),
         .value = "GLOB",
         .help = "only calls of this user agent, e.g. terraform"},
        {.name = "action",
         .kind = OPTION_LIST,
         .field = offsetof(struct policy_request, actions),
         .value = "GLOB",
         .help = "only these actions, e.g. 's3:*'"},
        {.name = "service",
         .kind = OPTION_LIST,
         .field = offsetof(struct policy_request, services),
         .value = "GLOB",
         .help = "only actions of this service"},
        {.name = "exclude-action",
         .kind = OPTION_LIST,
         .field = offsetof(struct policy_request, exclude_actions),
         .value = "GLOB",
         .help = "leave out actions, e.g. 's3:Get*'"},
        {.name = "exclude-service",
         .kind = OPTION_LIST,
         .field = offsetof(struct policy_request, exclude_services),
         .value = "GLOB",
         .help = "leave out services"},
        {.name = "exclude-agent",
         .kind = OPTION_LIST,
         .field = offsetof(struct policy_request, exclude_agents),
         .value = "GLOB",
         .help = "leave out user agents, e.g. console"},
        {.name = "exclude-session",
         .kind = OPTION_LIST,
         .field = offsetof(struct policy_request, exclude_sessions),
         .value = "GLOB",
         .help = "leave out role sessions by name"},
        {.name = NULL},
};
static const struct option_group event_group = {
        .heading = "Which events", .options = event_rows, .next = &resource_group};
static const struct option_group request_window_group = {
        .heading = "Which events",
        .options = window_rows,
        .at = offsetof(struct policy_request, window),
        .next = &event_group};

/* ---- policies: principals */

static const struct option principal_rows[] = {
        {.name = "principal",
         .letter = 'p',
         .kind = OPTION_LIST,
         .field = offsetof(struct policy_request, principals),
         .value = "NAME",
         .help = "an ARN, role/NAME, user/NAME, permission-set/NAME, an access key id or a "
                 "glob; may be repeated"},
        {.name = "account",
         .kind = OPTION_LIST,
         .field = offsetof(struct policy_request, accounts),
         .check = is_account_id,
         .takes = "12 digits",
         .value = "ID",
         .help = "only principals of this account; may be repeated"},
        {.name = NULL},
};
const struct option_group options_policy_request = {
        .heading = "Which principals", .options = principal_rows, .next = &request_window_group};

bool policy_request_names(const struct command *self, const struct policy_request *r, bool all)
{
	if (all == (r->principals.n > 0))
		options_usage(self, all ? "--all and --principal exclude each other"
		                        : "which principal? --principal NAME, or --all");
	return all != (r->principals.n > 0);
}

bool policy_request_finish(const struct command *self, struct command_line *line,
                           struct policy_request *r)
{
	if (r->last) {
		int64_t now = r->has_now ? r->now : (int64_t)time(NULL);
		if (now - r->last > r->window.since)
			r->window.since = now - r->last;
		/* up to it, so that a policy of the past is made of nothing later */
		if (now - 1 < r->window.until)
			r->window.until = now - 1;
	}
	if (!window_finish(self, &r->window))
		return false;
	if (r->limit.given)
		policy_request_limit(r, r->limit.quota, r->limit.characters);
	if (r->options.denied == DENIED_ONLY && r->options.conditions) {
		options_usage(self, "--condition looks at calls that were allowed: not with "
		                    "--denied only");
		return false;
	}
	return settings_read(self, line, r);
}

/* ---- the proxy */

static const struct option proxy_rows[] = {
        {.name = "upstream",
         .kind = OPTION_TEXT,
         .field = offsetof(struct proxy_request, upstream),
         .modes = CAPTURE_PROXY,
         .value = "URL",
         .help = "send all calls to AWS hosts there"},
        {.name = "upstream-ca",
         .kind = OPTION_FILE,
         .field = offsetof(struct proxy_request, upstream_ca),
         .modes = CAPTURE_PROXY | CAPTURE_ENDPOINT,
         .value = "FILE",
         .help = "trust these certificates, too, where calls go"},
        {.name = "connect-to",
         .kind = OPTION_LIST,
         .field = offsetof(struct proxy_request, connect_to),
         .modes = CAPTURE_PROXY | CAPTURE_ENDPOINT,
         .value = "HOST:PORT:TO:PORT",
         .help = "connect to TO instead of HOST; may be repeated"},
        {.name = "also",
         .kind = OPTION_LIST,
         .field = offsetof(struct proxy_request, also),
         .modes = CAPTURE_PROXY,
         .value = "HOST=SERVICE",
         .help = "HOST is an API endpoint, too; may be repeated"},
        {.name = "ca-dir",
         .kind = OPTION_DIR,
         .field = offsetof(struct proxy_request, ca_dir),
         .modes = CAPTURE_PROXY,
         .value = "DIR",
         .help = "folder of ca.pem and ca.key ($XDG_CONFIG_HOME/iamreplay)"},
        {.name = "ca-cert",
         .kind = OPTION_FILE,
         .field = offsetof(struct proxy_request, ca_cert),
         .modes = CAPTURE_PROXY,
         .value = "FILE",
         .help = "a CA of one's own, with --ca-key"},
        {.name = "ca-key",
         .kind = OPTION_FILE,
         .field = offsetof(struct proxy_request, ca_key),
         .modes = CAPTURE_PROXY,
         .value = "FILE",
         .help = "its private key"},
        {.name = "allow-others",
         .kind = OPTION_FLAG,
         .field = offsetof(struct proxy_request, allow_others),
         .help = "let in what other users of this machine send, too"},
        {.name = "verbose",
         .letter = 'v',
         .kind = OPTION_FLAG,
         .field = offsetof(struct proxy_request, verbose),
         .modes = CAPTURE_PROXY | CAPTURE_ENDPOINT,
         .help = "tell each call and host"},
        {.name = "debug",
         .kind = OPTION_FLAG,
         .field = offsetof(struct proxy_request, trace),
         .modes = CAPTURE_PROXY | CAPTURE_ENDPOINT,
         .help = "tell every step of every connection, too"},
        {.name = NULL},
};
const struct option_group options_proxy = {.heading = "Proxy and endpoint", .options = proxy_rows};
