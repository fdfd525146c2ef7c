/* explain.c - commands: iamreplay explain, why each permission is in a policy, and what the log
 * cannot show. */
#include "config.h"

#include "app/explain.h"
#include "base/suggest.h"
#include "cli/plain.h"
#include "cli/policy-messages.h"
#include "cli/shared-options.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/when.h"

#include <inttypes.h>

struct line {
	struct policy_request request;
	bool json;
	struct span wanted; /* SPAN_NONE: all */
};

static const struct option rows[] = {
        {.name = "json",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, json),
         .help = "an array of permissions as JSON"},
        {.name = NULL},
};
static const struct option_group group = {.heading = "Output", .options = rows};
static const struct option_use uses[] = {
        {&options_policy_request, offsetof(struct line, request)},
        {&group, 0},
        {&options_database, offsetof(struct line, request.database)},
        {NULL, 0},
};

/* ---- words */

static const char *rule_text(enum mapping_rule rule)
{
	switch (rule) {
	case RULE_SAME_NAME: return "same-name";
	case RULE_VERB: return "verb";
	case RULE_DATE_SUFFIX: return "date-suffix";
	case RULE_CURATED: return "curated";
	}
	return "none";
}

static const char *origin_text(enum access_origin origin)
{
	switch (origin) {
	case ORIGIN_RESOURCES: return "resources[]";
	case ORIGIN_PARAMETER: return "parameters";
	case ORIGIN_DENIAL: return "the denial message";
	case ORIGIN_PARTIAL: return "the pattern, '*' for what is unknown";
	case ORIGIN_NONE: return "the action takes none";
	}
	return "unknown";
}

static const char *need_text(enum access_need need)
{
	switch (need) {
	case NEED_ALWAYS: return "the call always needs it";
	case NEED_PARAMETER: return "a parameter of the call needs it";
	case NEED_PASS_ROLE: return "derived from the role that was passed: never logged by itself";
	case NEED_DENIED: return "named by the denial message";
	case NEED_DEPENDENT: return "a dependent action of the reference";
	case NEED_OPTIONAL: return "a parameter names the resource";
	case NEED_UNRECORDED:
		return "asked without a record, by the service that was called, with the caller's "
		       "rights";
	}
	return "unknown";
}

/* An action (glob, case ignored) or a Sid; SPAN_NONE: all. */
static bool is_wanted(const struct permission *p, struct span wanted)
{
	return !wanted.p || span_glob(p->action, wanted, true) || span_eq(p->sid, wanted);
}

/* ---- text */

enum { SHOWN = 8 }; /* of a list: --json has all */

/* Names from logs go to a terminal: control characters are shown as '?'. */
static void put(struct span s)
{
	print_plain(stdout, "%.*s", SPAN_ARG(s));
}

static void put_names(const char *what, const struct names *list)
{
	if (list->n == 0)
		return;
	printf("  %-10s", what);
	for (size_t i = 0; i < list->n && i < SHOWN; i++) {
		printf("%s", i ? ", " : "");
		put(list->v[i].text);
		printf(" (%" PRIu64 ")", list->v[i].events);
	}
	printf(list->n > SHOWN ? " and %zu more\n" : "\n", list->n - SHOWN);
}

static void put_resources(const struct permission *p)
{
	for (size_t i = 0; i < p->n_resources && i < SHOWN; i++) {
		printf("  %-10s", i ? "" : "seen on");
		put(p->resources[i].arn);
		printf(" (%" PRIu64 "; from %s)\n", p->resources[i].events,
		       origin_text(p->resources[i].origin));
	}
	if (p->n_resources > SHOWN)
		printf("  %-10sand %zu more\n", "", p->n_resources - SHOWN);
	for (size_t i = 0; i < p->n_patterns && i < SHOWN; i++) {
		printf("  %-10s ", i ? "" : "granted on");
		put(p->patterns[i]);
		printf("\n");
	}
	if (p->n_patterns > SHOWN)
		printf("  %-10s and %zu more\n", "", p->n_patterns - SHOWN);
	for (size_t i = 0; i < p->n_folds; i++) { /* each: what is wider than what was seen */
		const struct policy_fold *f = &p->folds[i];
		printf("  %-10s", i ? "" : "folded");
		put(f->pattern);
		printf(" stands for %zu ARN%s (%s", f->arns, plural(f->arns, "", "s"),
		       fold_reason_text(f->reason));
		if (f->where.n)
			print_plain(stdout, ", %.*s", SPAN_ARG(f->where));
		printf("), e.g. ");
		put(f->example);
		printf("\n");
	}
}

static void put_sample(const struct permission *p)
{
	if (!p->has_sample)
		return;
	printf("  %-10sevent ", "sample");
	put(p->sample.event_id);
	printf(" in ");
	put(p->sample.source);
	if (p->sample.ordinal)
		printf(", record %" PRIu64, p->sample.ordinal);
	printf("\n");
}

static const char *origin_word(enum statement_origin origin)
{
	return origin == STATEMENT_SIBLING  ? ", not observed: goes with what was written"
	       : origin == STATEMENT_DENIED ? ", was denied"
	       : origin == STATEMENT_KEPT   ? ", kept from the given policy"
	                                    : "";
}

static void put_permission(const struct permission *p, const struct explanation *e)
{
	char first[WHEN_SIZE], last[WHEN_SIZE];
	printf("\n");
	put(p->action);
	print_plain(stdout, "  %s  (%.*s%s)\n", level_name(p->level), SPAN_ARG(p->sid),
	            origin_word(p->origin));
	if (p->events) {
		printf("  %-10s%" PRIu64 " in %zu distinct call%s, %s to %s, on %zu of %zu days\n",
		       "events", p->events, p->n_calls, plural(p->n_calls, "", "s"),
		       when_format(p->first, first), when_format(p->last, last), p->days,
		       e->days_seen);
		put_names("calls", &p->calls);
		printf("  %-10s%s; %s", "mapped", rule_text(p->rule), need_text(p->need));
		if (p->document.n) {
			printf("; ");
			put(p->document);
		}
		printf("\n");
	}
	put_sample(p);
	put_resources(p);
	put_names("through", &p->via);
	put_names("agents", &p->agents);
	put_names("networks", &p->networks);
}

static void put_list(const char *head, const struct names *list)
{
	if (list->n == 0)
		return;
	printf("%s", head);
	for (size_t i = 0; i < list->n && i < 20; i++) {
		printf("%s", i ? ", " : "");
		put(list->v[i].text);
	}
	if (list->n > 20)
		printf(" and %zu more", list->n - 20);
	printf("\n");
}

static void put_limits_of_log(const struct explanation *e)
{
	const struct gathered *g = &e->gathered;
	printf("\nNot granted\n");
	put_list("  dependent actions (--dependents grants them): ", &e->dependents);
	put_list("  events with no known action: ", &g->unknown);
	put_list("  denied for want of a grant (--denied include): ", &g->denied_actions);
	put_list("  denied for no stated reason, likely missing (--denied include): ",
	         &g->likely_missing);
	put_list("  denied by other policies: ", &g->refused);
	if (!e->dependents.n && !g->unknown.n && !g->denied_actions.n && !g->likely_missing.n &&
	    !g->refused.n)
		printf("  nothing was left out\n");
	printf("\nWhat this log cannot show\n");
	put_list("  no data events from: ", &e->no_data_events);
	put_list("  days without any event: ", &e->gaps);
	put_list("  days of which only counts are held: ", &e->reduced);
	put_list("  regions seen, all others are unknown: ", &e->regions);
	if (e->cut_calls)
		printf("  %" PRIu64
		       " calls whose parameters were cut: their resources may be wider\n",
		       e->cut_calls);
	if (g->folded)
		printf("  %" PRIu64
		       " calls whose names were folded when stored\n",
		       g->folded);
	if (e->passed_roles)
		printf("  iam:PassRole is never logged: derived from %" PRIu64
		       " events that pass a role\n",
		       e->passed_roles);
}

static void put_window(const struct explanation *e)
{
	char first[WHEN_SIZE], last[WHEN_SIZE], new_day[WHEN_SIZE];
	if (!e->days_seen)
		return;
	int64_t quiet = e->log_last - e->last_new_day;
	printf("\nWindow\n  %zu %s with events, %s to %s; the last new permission appeared on "
	       "%s, ",
	       e->days_seen, plural(e->days_seen, "day", "days"),
	       when_format_day(e->first_day * WHEN_DAY_SECONDS, first),
	       when_format_day(e->last_day * WHEN_DAY_SECONDS, last),
	       when_format_day(e->last_new_day * WHEN_DAY_SECONDS, new_day));
	printf("%" PRId64 " day%s before the log's end", quiet, plural(quiet, "", "s"));
	if (e->quiet_days < (size_t)quiet)
		printf(", %zu of them with events", e->quiet_days);
	/* a third of the days without anything new, and a month at least for what runs monthly;
	 * days of which there is no log say nothing */
	if (e->quiet_days >= 31 && e->quiet_days * 3 >= e->days_of_log)
		printf("\n  nothing new on %zu of %zu days with events: the log looks long "
		       "enough\n",
		       e->quiet_days, e->days_of_log);
	else
		printf("\n  more may come: %zu of %zu days with events, at the end, were without a "
		       "new "
		       "permission\n",
		       e->quiet_days, e->days_of_log);
}

/* ---- JSON */

static void write_names(struct json_writer *w, const char *key, const struct names *list)
{
	json_key(w, key);
	json_begin_array(w);
	for (size_t i = 0; i < list->n; i++) {
		json_begin_object(w);
		json_member_text(w, "name", list->v[i].text);
		json_member_u64(w, "events", list->v[i].events);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_seen(struct json_writer *w, const struct permission *p)
{
	static const char *const origins[] = {"",       "resources", "parameters",
	                                      "denial", "partial",   "none"};
	json_key(w, "seen");
	json_begin_array(w);
	for (size_t i = 0; i < p->n_resources; i++) {
		const struct seen_resource *r = &p->resources[i];
		json_begin_object(w);
		json_member_text(w, "resource", r->arn);
		json_member_text(w, "type", r->type);
		json_member_str(w, "from", r->origin <= ORIGIN_NONE ? origins[r->origin] : "");
		json_member_u64(w, "events", r->events);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_folds(struct json_writer *w, const struct permission *p)
{
	json_key(w, "folds");
	json_begin_array(w);
	for (size_t i = 0; i < p->n_folds; i++) {
		json_begin_object(w);
		json_member_text(w, "pattern", p->folds[i].pattern);
		json_member_u64(w, "arns", p->folds[i].arns);
		json_member_str(w, "reason", fold_reason_text(p->folds[i].reason));
		json_member_text(w, "example", p->folds[i].example);
		json_member_if(w, "where", p->folds[i].where);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_sample(struct json_writer *w, const struct permission *p)
{
	char when[WHEN_SIZE];
	if (!p->has_sample) {
		json_member_null(w, "sample");
		return;
	}
	json_key(w, "sample");
	json_begin_object(w);
	json_member_text(w, "event_id", p->sample.event_id);
	json_member_str(w, "time", when_format(p->sample.time, when));
	json_member_text(w, "source", p->sample.source);
	json_member_u64(w, "record", p->sample.ordinal);
	json_end_object(w);
}

static void write_times(struct json_writer *w, const struct permission *p)
{
	char first[WHEN_SIZE], last[WHEN_SIZE];
	json_member_u64(w, "events", p->events);
	json_member_text(w, "first", p->events ? span_of(when_format(p->first, first)) : SPAN_NONE);
	json_member_text(w, "last", p->events ? span_of(when_format(p->last, last)) : SPAN_NONE);
	json_member_u64(w, "days", p->days);
	json_member_text(w, "rule", p->events ? span_of(rule_text(p->rule)) : SPAN_NONE);
}

static void write_permission(struct json_writer *w, const struct permission *p)
{
	static const char *const origins[] = {"", "kept", "observed", "denied", "sibling"};
	json_begin_object_as(w, LAYOUT_LINE);
	json_member_text(w, "action", p->action);
	json_member_str(w, "level", level_name(p->level));
	json_key(w, "resources");
	json_begin_array(w);
	for (size_t i = 0; i < p->n_patterns; i++)
		json_put_text(w, p->patterns[i]);
	json_end_array(w);
	write_times(w, p);
	write_sample(w, p);
	write_folds(w, p);
	json_member_text(w, "sid", p->sid.p ? p->sid : SPAN_LIT(""));
	json_member_str(w, "origin", origins[p->origin]);
	json_member_text(w, "document", p->document.n ? p->document : SPAN_NONE);
	write_seen(w, p);
	write_names(w, "calls", &p->calls);
	write_names(w, "through", &p->via);
	write_names(w, "agents", &p->agents);
	write_names(w, "networks", &p->networks);
	json_end_object(w);
}

/* ---- the run */

static struct span action_at(const void *data, size_t i)
{
	const struct explanation *e = data;
	return i < e->n ? e->permissions[i].action : SPAN_NONE;
}

static void say_unknown(const struct subject *who, const struct explanation *e, struct span wanted)
{
	struct arena arena;
	arena_init(&arena);
	struct span near = suggest(&arena, wanted, "", action_at, e);
	print_plain(stderr, "%.*s: the policy has no action or Sid '%.*s'%.*s\n",
	            SPAN_ARG(who->name), SPAN_ARG(wanted), SPAN_ARG(near));
	arena_release(&arena);
}

/* The lines of a settings file that this policy follows. */
static void put_settings(const struct policy_request *r)
{
	for (size_t i = 0; i < r->n_used; i++)
		print_plain(stdout, "  %-10s%.*s: %.*s\n", i ? "" : "settings",
		            SPAN_ARG(r->used[i].where), SPAN_ARG(r->used[i].text));
}

static int print_text(const struct line *c, const struct subject *who, const struct explanation *e)
{
	size_t shown = 0;
	put(who->name);
	printf("\n");
	put_settings(&e->gathered.request);
	for (size_t i = 0; i < e->n; i++)
		if (is_wanted(&e->permissions[i], c->wanted)) {
			put_permission(&e->permissions[i], e);
			shown++;
		}
	if (!c->wanted.p) {
		put_limits_of_log(e);
		put_window(e);
	} else if (!shown) {
		say_unknown(who, e, c->wanted);
	}
	return shown ? EXIT_DONE : EXIT_PARTLY;
}

static int print_json(const struct line *c, const struct explanation *e)
{
	struct json_writer w;
	size_t shown = 0;
	json_to_file(&w, stdout, LAYOUT_ROWS);
	json_begin_array(&w);
	for (size_t i = 0; i < e->n; i++)
		if (is_wanted(&e->permissions[i], c->wanted)) {
			write_permission(&w, &e->permissions[i]);
			shown++;
		}
	json_end_array(&w);
	print_json_end(&w);
	return shown ? EXIT_DONE : EXIT_PARTLY;
}

static int explain(const struct line *c, struct policy_source *s, const struct subject *who)
{
	struct explanation e;
	struct err err;
	int status;
	err_clear(&err);
	if (explain_subject(&c->request, s, who, EXPLAIN_LOG_TOO, &e, &err) == STATUS_OK) {
		if (e.empty)
			print_plain(stderr, "%.*s: nothing to grant\n", SPAN_ARG(who->name));
		status = c->json ? print_json(c, &e) : print_text(c, who, &e);
	} else {
		status = print_failure("explain", &err);
	}
	explanation_release(&e);
	return status;
}

static int check(struct line *l, const struct command *self, struct command_line *line)
{
	if (line->n_operands > 1)
		return options_usage(self, "one action or Sid at a time, not also '%s'",
		                     line->operands[1]);
	if (line->n_operands)
		l->wanted = span_of(line->operands[0]);
	if (l->request.principals.n == 0)
		return options_usage(self, "which principal? --principal NAME");
	if (!l->request.limit.given)
		policy_request_limit(&l->request, NULL, 0);
	return policy_request_finish(self, line, &l->request) ? EXIT_DONE : EXIT_USAGE;
}

static int find_and_explain(struct line *l, const struct command *self, struct command_line *line)
{
	struct policy_source s;
	struct subjects subjects;
	int status = check(l, self, line);
	if (status == EXIT_DONE)
		status = open_source("explain", &l->request, &s);
	if (status != EXIT_DONE)
		return status;
	status = find_subjects("explain", &l->request, &s, SUBJECTS_TOGETHER, &subjects);
	if (status == EXIT_DONE)
		status = explain(l, &s, &subjects.s[0]);
	policy_source_close(&s);
	return status;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.json = false};
	struct command_line line;
	policy_request_init(&l.request);
	int status = options_read(self, argc, argv, &l, &line) ? find_and_explain(&l, self, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_explain = {
        .name = "explain",
        .usage = "[--db F] --principal P [OPTION]... [ACTION|SID]",
        .summary = "show what stands behind each permission of a policy",
        .options = uses,
        .examples = "  iamreplay explain --principal role/ci\n"
                    "  iamreplay explain --principal role/ci 's3:Put*'\n"
                    "  iamreplay explain --principal role/ci --json\n",
        .run = run,
};
