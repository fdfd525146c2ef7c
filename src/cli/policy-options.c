/* policy-options.c - cli: the options that policy, explain and verify share. */
#include "config.h"

#include "cli/policy-options.h"

#include "base/when.h"

#include <time.h>

static int list_add(const struct command *self, struct policy_request *r, struct text_list *list,
                    const char *value)
{
	if (list->n == REQUEST_LIST)
		return options_usage(self, "an option is repeated more than %d times",
		                     REQUEST_LIST);
	list->v[list->n++] = span_of(value);
	return EXIT_DONE;
}

static int bound(const struct command *self, struct policy_request *r, const char *value, bool end,
                 int64_t *out)
{
	if (!when_parse_bound(span_of(value), end, out))
		return options_usage(
		        self, "'%s' is not a time such as 2026-01-31 or 2026-01-31T12:00:00Z",
		        value);
	return EXIT_DONE;
}

/* "region,mfa" as bits; kind_of gives kinds for a word that it does not know. */
static int bits(const struct command *self, struct policy_request *r, const char *option,
                const char *value, int kinds, int (*kind_of)(struct span), unsigned *out)
{
	struct span rest = span_of(value);
	while (rest.p) {
		struct span word = span_trim(span_cut(&rest, ','));
		int kind = kind_of(word);
		if (kind == kinds)
			return options_usage(self, "--%s does not know '%.*s'", option,
			                     SPAN_ARG(word));
		*out |= 1u << kind;
	}
	return EXIT_DONE;
}

static int condition_of(struct span word)
{
	return condition_kind_of(word);
}

static int sibling_of(struct span word)
{
	return sibling_kind_of(word);
}

static int limit_option(const struct command *self, struct policy_request *r, const char *value)
{
	uint64_t n;
	r->limit_given = true;
	r->limit = policy_quota(span_of(value));
	if (r->limit || strcmp(value, "none") == 0)
		return EXIT_DONE;
	if (!options_number(value, 100, 100000000, &n))
		return options_usage(self,
		                     "--limit takes a number from 100 on or one of managed, "
		                     "role-inline, user-inline, group-inline, permission-set, scp, "
		                     "trust, none");
	r->options.limit = (size_t)n;
	return EXIT_DONE;
}

static int number(const struct command *self, struct policy_request *r, const char *option,
                  const char *value, uint64_t min, unsigned *out)
{
	uint64_t n;
	if (!options_number(value, min, 1000000, &n))
		return options_usage(self, "--%s takes a number from %u on, not '%s'", option,
		                     (unsigned)min, value);
	*out = (unsigned)n;
	return EXIT_DONE;
}

static int last_option(const struct command *self, struct policy_request *r, const char *value)
{
	if (!when_parse_duration(span_of(value), &r->last))
		return options_usage(self, "--last takes a time span such as 90d or 12h, not '%s'",
		                     value);
	return EXIT_DONE;
}

static int events_option(const struct command *self, struct policy_request *r, int index,
                         const char *value)
{
	switch (index) {
	case REQUEST_DB: r->db = value; return EXIT_DONE;
	case REQUEST_MAPPINGS: r->mappings = value; return EXIT_DONE;
	case REQUEST_PRINCIPAL: return list_add(self, r, &r->principals, value);
	case REQUEST_ACCOUNT: return list_add(self, r, &r->accounts, value);
	case REQUEST_SINCE: return bound(self, r, value, false, &r->window.since);
	case REQUEST_UNTIL: return bound(self, r, value, true, &r->window.until);
	case REQUEST_LAST: return last_option(self, r, value);
	case REQUEST_NOW: r->has_now = true; return bound(self, r, value, false, &r->now);
	case REQUEST_EXCLUDE_ACTION: return list_add(self, r, &r->exclude_actions, value);
	case REQUEST_EXCLUDE_SERVICE: return list_add(self, r, &r->exclude_services, value);
	case REQUEST_EXCLUDE_AGENT: return list_add(self, r, &r->exclude_agents, value);
	case REQUEST_EXCLUDE_SESSION: return list_add(self, r, &r->exclude_sessions, value);
	default: r->allowed_only = strcmp(value, "allowed") == 0; return EXIT_DONE;
	}
}

int policy_request_option(const struct command *self, struct policy_request *r, int index,
                          const char *value)
{
	struct policy_options *o = &r->options;
	if (index <= REQUEST_OUTCOME)
		return events_option(self, r, index, value);
	switch (index) {
	case REQUEST_RESOURCES:
		o->resources = strcmp(value, "any") == 0     ? RESOURCES_ANY
		               : strcmp(value, "exact") == 0 ? RESOURCES_EXACT
		                                             : RESOURCES_GROUPED;
		return EXIT_DONE;
	case REQUEST_MAX_RESOURCES:
		return number(self, r, "max-resources", value, 0, &o->max_resources);
	case REQUEST_ANY_REGION: o->any_region = true; return EXIT_DONE;
	case REQUEST_DEPENDENTS: o->dependents = true; return EXIT_DONE;
	case REQUEST_DENIED:
		o->denied = strcmp(value, "only") == 0      ? DENIED_ONLY
		            : strcmp(value, "include") == 0 ? DENIED_INCLUDE
		                                            : DENIED_LEAVE_OUT;
		return EXIT_DONE;
	case REQUEST_CONDITION:
		return bits(self, r, "condition", value, CONDITION_KINDS, condition_of,
		            &o->conditions);
	case REQUEST_SIBLINGS:
		return bits(self, r, "siblings", value, SIBLING_KINDS, sibling_of, &o->siblings);
	case REQUEST_ACTION_WILDCARDS: o->action_verbs = true; return EXIT_DONE;
	case REQUEST_LIMIT: return limit_option(self, r, value);
	case REQUEST_MAX_POLICIES:
		return number(self, r, "max-policies", value, 1, &r->max_documents);
	default: r->merge = value; return EXIT_DONE;
	}
}

int policy_request_finish(const struct command *self, struct policy_request *r)
{
	size_t number = r->options.limit;
	if (r->last) {
		int64_t now = r->has_now ? r->now : (int64_t)time(NULL);
		if (now - r->last > r->window.since)
			r->window.since = now - r->last;
	}
	if (r->window.since > r->window.until)
		return options_usage(self, "--since is after --until");
	/* a bound given as an end means its last second; a window ends before its end */
	if (r->window.until != INT64_MAX)
		r->window.until++;
	if (r->limit_given) {
		policy_request_limit(r, r->limit);
		if (number)
			r->options.limit = number;
	}
	if (r->options.denied == DENIED_ONLY && r->options.conditions)
		return options_usage(
		        self,
		        "--condition looks at calls that were allowed: not with --denied only");
	return EXIT_DONE;
}
