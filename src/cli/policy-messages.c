/* policy-messages.c - cli: see policy-messages.h. */
#include "config.h"

#include "cli/policy-messages.h"

#include "app/consent.h"
#include "app/unlogged.h"

#include "base/suggest.h"
#include "base/when.h"
#include "cli/plain.h"

#include <inttypes.h>
#include <unistd.h>

/* ---- the window */

struct window_days {
	uint64_t asked, seen;
};

static bool count_day(void *data, int64_t day, uint64_t events, uint64_t new_access)
{
	((struct window_days *)data)->seen++;
	return true;
}

/* A window that the log does not fill is told: what was not made in it says nothing about the rest.
 */
static void say_window(const char *command, const struct store_window *w, struct store *store)
{
	struct window_days days = {0};
	struct store_window log = {WHEN_LAST, WHEN_FIRST}; /* its last event, not the end */
	struct err err;
	char first[WHEN_SIZE], last[WHEN_SIZE];
	err_clear(&err);
	if ((w->since == WHEN_FIRST && w->until == WHEN_LAST) ||
	    store_log_window(store, &log, &err) != STATUS_OK || log.since > log.until)
		return;
	when_format_day(log.since, first);
	when_format_day(log.until, last);
	if (log.until < w->since || log.since >= w->until) {
		fprintf(stderr,
		        "iamreplay %s: the log has no events of the time that was asked for: they "
		        "are "
		        "of %s to %s\n",
		        command, first, last);
		return;
	}
	int64_t from = when_day(w->since == WHEN_FIRST ? log.since : w->since);
	int64_t to = when_day(w->until == WHEN_LAST ? log.until : w->until - 1);
	days.asked = (uint64_t)(to - from) + 1;
	if (store_each_log_day(store, w, true, count_day, &days, &err) != STATUS_OK)
		return;
	bool short_of = from < when_day(log.since) || to > when_day(log.until);
	if (short_of || days.seen * 3 < days.asked * 2)
		fprintf(stderr,
		        "iamreplay %s: the log has events on %" PRIu64 " of the %" PRIu64
		        " days that were asked for; it goes from %s to %s\n",
		        command, days.seen, days.asked, first, last);
}

int open_source(const char *command, const struct policy_request *r, struct policy_source *out)
{
	struct err err;
	err_clear(&err);
	if (policy_source_open(r, out, &err) == STATUS_OK) {
		if (store_derived_anew(out->store))
			fprintf(stderr,
			        "iamreplay %s: other mapping tables had derived what the calls of "
			        "this "
			        "database need; it is derived anew\n",
			        command);
		say_window(command, &r->window, out->store);
		return EXIT_DONE;
	}
	print_err(command, &err);
	return EXIT_NOT_DONE;
}

static void say_ambiguous(const char *command, const struct policy_request *r,
                          const struct subjects *s)
{
	const char *db = r->database.db;
	print_plain(
	        stderr,
	        "iamreplay %s: '%.*s' is in several accounts. Say which, or use a glob for all:\n",
	        command, SPAN_ARG(s->ambiguous));
	for (size_t i = 0; i < s->n_candidates; i++)
		print_plain(stderr, "  iamreplay %s%s%s%s --principal '%.*s'\n", command,
		            db ? " --db '" : "", db ? db : "", db ? "'" : "",
		            SPAN_ARG(s->candidates[i]));
}

int find_subjects(const char *command, const struct policy_request *r, struct policy_source *s,
                  enum subjects_how how, struct subjects *out)
{
	struct err err;
	err_clear(&err);
	enum status status = subjects_find(r, s, how, out, &err);
	for (size_t i = 0; i < out->n_taken; i++)
		print_plain(stderr, "iamreplay %s: '%.*s' is taken for %.*s\n", command,
		            SPAN_ARG(out->taken[i].typed), SPAN_ARG(out->taken[i].meant));
	switch (status) {
	case STATUS_OK: return EXIT_DONE;
	case STATUS_SKIP: say_ambiguous(command, r, out); return EXIT_USAGE;
	case STATUS_END: print_err(command, &err); return EXIT_PARTLY;
	default: print_err(command, &err); return EXIT_NOT_DONE;
	}
}

/* ---- the folder of policies */

int read_folder(const char *command, struct policy_folder *f, const char *path)
{
	struct err err;
	err_clear(&err);
	enum status status = policy_folder_read(f, path, &err);
	if (status == STATUS_END) {
		err_at_file(&err, path);
		err_set(&err, STATUS_FILE, "no-index",
		        "there is no index.json: is it a folder that 'iamreplay policy --all -o "
		        "DIR/' wrote?");
	}
	if (status == STATUS_OK)
		return EXIT_DONE;
	print_err(command, &err);
	return EXIT_NOT_DONE;
}

/* "verify role/ci" */
static bool is_principal(const char *operand)
{
	static const char *const begins[] = {"role/", "user/", "permission-set/", "arn:"};
	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if (strncmp(operand, begins[i], strlen(begins[i])) == 0)
			return access(operand, F_OK) != 0;
	return false;
}

int check_policies(const struct command *self, const struct command_line *line)
{
	for (int i = 0; i < line->n_operands; i++)
		if (is_principal(line->operands[i]))
			return options_usage(self, "'%s' is no file: a principal is named with "
			                           "--principal",
			                     line->operands[i]);
	for (int i = 0; i < line->n_operands && line->n_operands > 1; i++)
		if (is_folder_name(line->operands[i]))
			return options_usage(self, "one folder of policies, or files; %s is a "
			                           "folder, and there is more",
			                     line->operands[i]);
	return EXIT_DONE;
}

int refuse_resource_policies(const char *command, const struct policy_files *given)
{
	size_t i = policy_files_of_resource(given);
	if (i == given->n)
		return EXIT_DONE;
	print_plain(stderr,
	            "iamreplay %s: %.*s: it names a Principal: it is a resource's policy or a "
	            "role's trust policy, not one of who makes the calls%s\n",
	            command, SPAN_ARG(given->names[i]),
	            strcmp(command, "verify") == 0 ? "; --resource-policy takes it" : "");
	return EXIT_NOT_DONE;
}

void say_stale(const char *folder, const struct folder_entry *const *entries, size_t n,
               const char *why)
{
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < entries[i]->n; k++)
			print_plain(stderr, "%s: stale: %.*s %s\n",
			            policy_folder_path(&arena, folder, entries[i]->files[k]),
			            SPAN_ARG(entries[i]->principal),
			            entries[i]->former ? "has its policy in another file now" : why);
	if (n)
		print_plain(
		        stderr,
		        "%zu stale %s: 'iamreplay policy --all -o %s --prune-stale' removes %s\n",
		        n, plural(n, "policy", "policies"), folder, plural(n, "it", "them"));
	arena_release(&arena);
}

void say_stale_of(const struct policy_folder *f, const struct subjects *subjects)
{
	struct arena arena;
	const struct folder_entry **stale;
	arena_init(&arena);
	size_t n = policy_folder_stale(f, subjects, &arena, &stale);
	say_stale(f->path, stale, n, "made no call in this log");
	arena_release(&arena);
}

/* ---- nothing */

struct seen {
	const struct subject *who;
	uint64_t events;
	int64_t first, last;
};

static bool take_seen(void *data, const struct principal_row *row)
{
	struct seen *k = data;
	for (size_t i = 0; i < k->who->n; i++) {
		if (k->who->ids[i] != row->id || !row->events)
			continue;
		k->first = k->events && k->first < row->first ? k->first : row->first;
		k->last = k->events && k->last > row->last ? k->last : row->last;
		k->events += row->events;
	}
	return true;
}

/* The actions of a service, or the services where it is NULL. */
struct known_names {
	const struct mapping *mapping;
	struct arena *arena;
	const struct sar_action *first;
	size_t n;
};

static struct span known_name_at(const void *data, size_t i)
{
	const struct known_names *k = data;
	if (k->first)
		return i < k->n ? sar_action_full(sar_action_at(k->first, i), k->arena) : SPAN_NONE;
	return i < sar_n_prefixes(k->mapping) ? sar_prefix(k->mapping, i) : SPAN_NONE;
}

/* Of what was typed for --service or --action without a wildcard, what there is not. */
static void say_unknown_names(const struct text_list *typed, const char *option)
{
	struct arena arena;
	arena_init(&arena);
	struct known_names k = {.mapping = mapping_builtin(), .arena = &arena};
	for (size_t i = 0; i < typed->n; i++) {
		struct span name = typed->v[i], rest = name;
		struct span prefix = lower_copy(&arena, span_cut(&rest, ':'));
		const struct sar_action *of_service = sar_service(k.mapping, prefix, &k.n);
		bool is_action = strcmp(option, "action") == 0;
		k.first = is_action ? of_service : NULL;
		if (span_chr(name, '*') >= 0 || span_chr(name, '?') >= 0 ||
		    (is_action ? sar_action(k.mapping, name) != NULL : of_service != NULL))
			continue;
		struct span tail = SPAN_LIT(".amazonaws.com");
		struct span near = span_ends(name, tail)
		                           ? arena_printf(&arena, "; did you mean '%.*s'?",
		                                          (int)(name.n - tail.n), name.p)
		                           : suggest(&arena, name, "", known_name_at, &k);
		print_plain(stderr, "  there is no %s '%.*s'%.*s\n", option, SPAN_ARG(name),
		            SPAN_ARG(near));
	}
	arena_release(&arena);
}

void say_filters(const struct policy_request *r)
{
	const char *name;
	for (size_t i = 0; (name = policy_request_filter_at(r, i)); i++)
		fprintf(stderr, "%s--%s", i ? ", " : "  only calls were looked at that pass ", name);
	if (policy_request_filter_at(r, 0))
		fputc('\n', stderr);
	say_unknown_names(&r->services, "service");
	say_unknown_names(&r->actions, "action");
}

void say_nothing(const struct subject *who, const struct policy_request *r,
                 struct policy_source *s)
{
	struct seen k = {.who = who};
	struct err err;
	char first[WHEN_SIZE], last[WHEN_SIZE];
	err_clear(&err);
	bool part = r->window.since != STORE_WINDOW_ALL.since ||
	            r->window.until != STORE_WINDOW_ALL.until;
	print_plain(stderr, "%.*s: nothing to grant\n", SPAN_ARG(who->name));
	say_filters(r);
	if (!part ||
	    store_each_principal(s->store, SPAN_NONE, take_seen, &k, &err) != STATUS_OK ||
	    !k.events || (k.first >= r->window.since && k.last < r->window.until))
		return;
	print_plain(stderr, "  of its %" PRIu64 " %s, from %s to %s, the window (--since, --until, "
	            "--last) leaves out some or all\n",
	            k.events, plural(k.events, "event", "events"), when_format(k.first, first),
	            when_format(k.last, last));
}

/* ---- what a policy leaves out */

enum { SHOWN = 10 }; /* names of one kind: the rest is one query away */

static void say_names(const struct names *list, const char *rest)
{
	for (size_t i = 0; i < list->n && i < SHOWN; i++)
		print_plain(stderr, "  %.*s (%" PRIu64 ")\n", SPAN_ARG(list->v[i].text),
		            list->v[i].events);
	if (list->n > SHOWN)
		fprintf(stderr, "  and %zu more: %s\n", list->n - SHOWN, rest);
}

/* What failed, or had no answer: what of it is in, and what is not. */
static void say_failed(const struct subject *who, const struct gathered *g)
{
	uint64_t out = g->unproven + g->never;
	if (g->failed)
		print_plain(stderr,
		            "%.*s: %" PRIu64 " %s although %s failed (--outcome allowed leaves %s "
		            "out)\n",
		            (int)who->name.n, who->name.p, g->failed,
		            plural(g->failed, "call is in", "calls are in"),
		            plural(g->failed, "it", "they"), plural(g->failed, "it", "them"));
	if (!out)
		return;
	print_plain(stderr, "%.*s: %" PRIu64 " failed call%s not in: %s error%s no permission",
	            (int)who->name.n, who->name.p, out, plural(out, " is", "s are"),
	            plural(out, "its", "their"), plural(out, " proves", "s prove"));
	if (g->unproven)
		fprintf(stderr, " (--outcome any adds %" PRIu64 ", whose %s it open)", g->unproven,
		        plural(g->unproven, "error leaves", "errors leave"));
	fputc('\n', stderr);
}

/* Those that a role's trust policy allows, or the others. */
static void say_consents_of(const struct subject *who, const struct consent *c, size_t n,
                            bool trust, const char *what)
{
	size_t found = 0;
	for (size_t i = 0; i < n; i++) {
		if (c[i].trust != trust)
			continue;
		if (found++ == 0)
			print_plain(stderr, "%.*s: %s:\n", SPAN_ARG(who->name), what);
		if (found <= SHOWN)
			print_plain(stderr, "  account %.*s: %.*s on %.*s\n",
			            SPAN_ARG(c[i].account), SPAN_ARG(c[i].actions),
			            SPAN_ARG(c[i].resource));
	}
	if (found > SHOWN)
		fprintf(stderr, "  and %zu more\n", found - SHOWN);
}

static void say_roles_elsewhere(const struct subject *who, const struct consent *c, size_t n)
{
	say_consents_of(who, c, n, true,
	                "roles of other accounts, whose trust policies must allow it, too "
	                "('policy -p ROLE --as trust' writes one)");
}

void say_consents(const struct subject *who, const struct gathered *g)
{
	struct arena arena;
	struct consent *c;
	arena_init(&arena);
	size_t n = consents_of(g, who, &arena, &c);
	say_consents_of(who, c, n, false,
	                "what lies in other accounts, which must allow it, too (--as "
	                "resource-policy writes that for review)");
	say_roles_elsewhere(who, c, n);
	arena_release(&arena);
}

void say_no_consent(const struct subject *who, const struct gathered *g)
{
	struct arena arena;
	struct consent *c;
	arena_init(&arena);
	size_t n = consents_of(g, who, &arena, &c);
	print_plain(stderr, "%.*s: nothing for resource policies: %s\n", SPAN_ARG(who->name),
	            n ? "of other accounts it used roles only"
	              : "what it used is its own account's, or whose it is is not known");
	say_roles_elsewhere(who, c, n);
	arena_release(&arena);
}

void say_unlogged(const struct subject *who, struct policy_source *s, const struct policy *p)
{
	struct arena arena;
	struct unlogged *u;
	arena_init(&arena);
	size_t n = unlogged_of(s, p, &arena, &u);
	for (size_t i = 0; i < n; i++)
		print_plain(
		        stderr,
		        "%.*s: not granted: %.*s, which no log records and which goes with %.*s; "
		        "add it if it is needed\n",
		        SPAN_ARG(who->name), SPAN_ARG(u[i].action), SPAN_ARG(u[i].made));
	arena_release(&arena);
}

void say_left_out(const struct subject *who, const struct gathered *g, const struct policy *p)
{
	int n = (int)who->name.n;
	const char *name = who->name.p;
	say_failed(who, g);
	if (g->denied) {
		print_plain(stderr,
		            "%.*s: %" PRIu64
		            " denied %s omitted: no identity-based policy allowed %s (--denied "
		            "include adds what %s asked for):\n",
		            n, name, g->denied, plural(g->denied, "call", "calls"),
		            plural(g->denied, "it", "them"), plural(g->denied, "it", "they"));
		say_names(&g->denied_actions, "iamreplay query denied");
	}
	if (g->likely_missing.n) {
		uint64_t calls = names_events(&g->likely_missing);
		print_plain(stderr,
		            "%.*s: %" PRIu64
		            " denied %s omitted: an allow is likely missing, for the log states no "
		            "reason (--denied include adds what %s asked for):\n",
		            n, name, calls, plural(calls, "call", "calls"),
		            plural(calls, "it", "they"));
		say_names(&g->likely_missing, "iamreplay query denied");
	}
	if (g->refused.n) {
		uint64_t calls = names_events(&g->refused);
		print_plain(stderr,
		            "%.*s: %" PRIu64
		            " denied %s omitted: an allow would not help (denied by another "
		            "policy or a setting):\n",
		            n, name, calls, plural(calls, "call", "calls"));
		say_names(&g->refused, "iamreplay query denied");
	}
	if (g->unauthenticated)
		print_plain(stderr, "%.*s: %" PRIu64 " %s without valid credentials omitted\n", n,
		            name, g->unauthenticated, plural(g->unauthenticated, "call", "calls"));
	if (g->unknown.n) {
		print_plain(stderr, "%.*s: %zu %s without a known action omitted:\n", n, name,
		            g->unknown.n, plural(g->unknown.n, "event name", "event names"));
		say_names(&g->unknown, "iamreplay query unknown");
	}
	if (g->folded)
		print_plain(stderr,
		            "%.*s: %" PRIu64
		            " %s for several: names past the number that is stored were merged into "
		            "patterns\n",
		            n, name, g->folded, plural(g->folded, "call stands", "calls stand"));
	if (p->replaced)
		print_plain(stderr, "%.*s: %zu %s that IAM does not accept became '?'\n", n, name,
		            p->replaced, plural(p->replaced, "character", "characters"));
	for (size_t i = 0; i < p->n_notes; i++)
		print_plain(stderr, "%.*s: %.*s\n", n, name, SPAN_ARG(p->notes[i]));
}

/* ---- summed over many */

void left_out_add(struct left_out_sum *sum, struct policy_source *s, const struct subject *who,
                  const struct gathered *g, const struct policy *p)
{
	struct arena arena;
	struct unlogged *u;
	arena_init(&arena);
	struct consent *c;
	size_t n_unlogged = unlogged_of(s, p, &arena, &u);
	size_t n_elsewhere = consents_of(g, who, &arena, &c);
	arena_release(&arena);
	const struct {
		uint64_t events;
		uint64_t *all;
		size_t *subjects;
	} rows[] = {
	        {g->failed, &sum->failed.events, &sum->failed.subjects},
	        {g->unproven + g->never, &sum->unproven.events, &sum->unproven.subjects},
	        {g->denied + names_events(&g->likely_missing), &sum->denied.events,
	         &sum->denied.subjects},
	        {names_events(&g->refused) + g->unauthenticated, &sum->refused.events,
	         &sum->refused.subjects},
	        {names_events(&g->unknown), &sum->unknown.events, &sum->unknown.subjects},
	        {n_unlogged, &sum->unlogged.events, &sum->unlogged.subjects},
	        {g->folded, &sum->folded.events, &sum->folded.subjects},
	        {n_elsewhere, &sum->elsewhere.events, &sum->elsewhere.subjects},
	        {p->n_notes + (p->replaced > 0), &sum->noted.events, &sum->noted.subjects},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		*rows[i].all += rows[i].events;
		*rows[i].subjects += rows[i].events > 0;
	}
}

void say_left_out_sum(const struct left_out_sum *sum)
{
	const struct {
		uint64_t n;
		size_t subjects;
		const char *one, *many;
	} rows[] = {
	        {sum->failed.events, sum->failed.subjects, "call is in although it failed",
	         "calls are in although they failed"},
	        {sum->unproven.events, sum->unproven.subjects,
	         "failed call is not in: its error proves no permission",
	         "failed calls are not in: their errors prove no permission"},
	        {sum->denied.events, sum->denied.subjects,
	         "denied call is not in (--denied include)",
	         "denied calls are not in (--denied include)"},
	        {sum->refused.events, sum->refused.subjects,
	         "denied call is not in, and no allow would help",
	         "denied calls are not in, and no allow would help"},
	        {sum->unknown.events, sum->unknown.subjects,
	         "event without a known action is not in",
	         "events without a known action are not in"},
	        {sum->unlogged.events, sum->unlogged.subjects,
	         "permission that no log records goes with what is granted, and is not in",
	         "permissions that no log records go with what is granted, and are not in"},
	        {sum->folded.events, sum->folded.subjects, "call stands for several",
	         "calls stand for several"},
	        {sum->elsewhere.events, sum->elsewhere.subjects,
	         "resource lies in another account, which must allow it, too",
	         "resources lie in other accounts, which must allow it, too"},
	        {sum->noted.events, sum->noted.subjects, "note on a policy", "notes on policies"},
	};
	bool any = false;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!rows[i].n)
			continue;
		any = true;
		fprintf(stderr, "%" PRIu64 " %s, of %zu %s\n", rows[i].n,
		        plural(rows[i].n, rows[i].one, rows[i].many), rows[i].subjects,
		        plural(rows[i].subjects, "principal", "principals"));
	}
	if (any)
		fprintf(stderr, "--verbose tells it of each principal\n");
}
