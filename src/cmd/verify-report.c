/* verify-report.c - commands: what verify found, as text, JSON, JUnit XML and GitHub annotations.
 */
#include "config.h"

#include "cmd/verify-report.h"

#include "review/replay-groups.h"
#include "cli/plain.h"
#include "cli/terminal.h"

#include "base/limits.h"
#include "base/when.h"
#include "emit/save.h"
#include "evaluator/query.h"

#include <inttypes.h>
#include <stdio.h>

static void print_group(const struct replay_group *g, bool each)
{
	const struct replay_finding *f = g->findings[0];
	char last[WHEN_SIZE];
	if (f->action.n && g->n_resources > 1)
		print_plain(stdout, "  %.*s on %.*s (%zu resources)\n", SPAN_ARG(f->action),
		            SPAN_ARG(g->pattern), g->n_resources);
	else if (f->action.n)
		print_plain(stdout, "  %.*s on %.*s\n", SPAN_ARG(f->action), SPAN_ARG(g->pattern));
	else
		print_plain(stdout, "  %.*s\n", SPAN_ARG(f->call));
	print_plain(stdout, "    %.*s; %s%.*s%s%" PRIu64 " event%s, last %s; %.*s\n",
	            SPAN_ARG(f->why), f->action.n ? "call " : "",
	            SPAN_ARG(f->action.n ? g->calls : SPAN_NONE), f->action.n ? ", " : "",
	            g->events, plural(g->events, "", "s"), when_format(g->last, last),
	            SPAN_ARG(f->principal));
	for (size_t i = 0; each && g->n_resources > 1 && i < g->n; i++)
		if (i == 0 || !span_eq(g->findings[i]->resource, g->findings[i - 1]->resource))
			print_plain(stdout, "      %.*s\n", SPAN_ARG(g->findings[i]->resource));
}

static void print_groups(const struct replay *r, enum replay_state state, const char *title,
                         enum mark mark, bool each)
{
	struct arena arena;
	struct replay_group *g;
	arena_init(&arena);
	size_t n = replay_groups(r, state, &arena, &g);
	if (n)
		printf("%s%s:%s\n", mark_on(stdout, mark), title, mark_off(stdout));
	for (size_t i = 0; i < n; i++)
		print_group(&g[i], each);
	if (n)
		printf("\n");
	arena_release(&arena);
}

void report_text(const struct replay *r, bool each)
{
	print_groups(r, REPLAY_NOT_JUDGEABLE, "Not judgeable", MARK_HEAD, each);
	print_groups(r, REPLAY_DEPENDS, "Depends on what the log does not show", MARK_DOUBT,
	             each);
	print_groups(r, REPLAY_DENIED, "Denied", MARK_BAD, each);
	if (r->refused)
		printf("%" PRIu64 " event%s refused when recorded and %s not replayed\n",
		       r->refused, plural(r->refused, " was", "s were"),
		       plural(r->refused, "is", "are"));
	if (r->unproven)
		printf("%" PRIu64 " event%s failed without proof of a permission and %s not "
		       "replayed\n",
		       r->unproven, plural(r->unproven, "", "s"), plural(r->unproven, "is", "are"));
	printf("%" PRIu64 " %s replayed: %" PRIu64 " allowed, %" PRIu64 " denied, %" PRIu64
	       " depend, %" PRIu64 " not judgeable\n",
	       r->calls, plural(r->calls, "call", "calls"), r->allowed, r->denied_calls,
	       r->depends_calls, r->unjudged_calls);
}

static void write_findings(struct json_writer *w, const struct replay *r, enum replay_state state,
                           const char *name)
{
	const struct replay_finding *f;
	size_t n = replay_findings(r, state, &f);
	json_key(w, name);
	json_begin_array(w);
	for (size_t i = 0; i < n; i++, f++) {
		char last[WHEN_SIZE];
		json_begin_object(w);
		json_member_text(w, "principal", f->principal);
		json_member_text(w, "call", f->call);
		json_member_text(w, "action", f->action);
		json_member_text(w, "resource", f->resource);
		json_member_u64(w, "events", f->events);
		json_member_str(w, "last", when_format(f->last, last));
		json_member_text(w, "why", f->why);
		json_end_object(w);
	}
	json_end_array(w);
}

void report_json(const struct replay *r)
{
	struct json_writer w;
	json_to_file(&w, stdout, LAYOUT_COMPACT);
	json_begin_object(&w);
	json_member_u64(&w, "calls", r->calls);
	json_member_u64(&w, "allowed", r->allowed);
	write_findings(&w, r, REPLAY_DENIED, "denied");
	write_findings(&w, r, REPLAY_DEPENDS, "depends");
	write_findings(&w, r, REPLAY_NOT_JUDGEABLE, "not_judgeable");
	json_member_u64(&w, "refused_events", r->refused);
	json_member_u64(&w, "unproven_events", r->unproven);
	json_end_object(&w);
	print_json_end(&w);
}

/* ---- GitHub */

/* "%", CR and LF end or change a workflow command; in a property ':' and ',' do too. */
static void put_escaped(struct buf *b, struct span s, bool property)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
			buf_addf(b, "%%%02X", (unsigned)(unsigned char)c);
		else /* what else is a control character the caller replaces */
			buf_add_char(b, c);
	}
}

static void annotate(const struct replay_group *g, const char *level, const char *what)
{
	const struct replay_finding *f = g->findings[0];
	struct buf b;
	buf_init(&b, 1 << 20);
	buf_addf(&b, "::%s title=", level);
	put_escaped(&b, f->action.n ? f->action : f->call, true);
	buf_addf(&b, " %s::", what);
	put_escaped(&b, f->principal, false);
	buf_add_str(&b, ": ");
	put_escaped(&b, g->calls, false);
	if (g->pattern.n) {
		buf_add_str(&b, " on ");
		put_escaped(&b, g->pattern, false);
	}
	if (g->n_resources > 1)
		buf_addf(&b, " (%zu resources)", g->n_resources);
	buf_addf(&b, ", %" PRIu64 " %s: ", g->events, plural(g->events, "event", "events"));
	put_escaped(&b, f->why, false);
	span_plain(b.p, b.n);
	fprintf(stderr, "%s\n", buf_str(&b));
	buf_release(&b);
}

void report_annotations(const struct replay *r)
{
	static const struct {
		enum replay_state state;
		const char *level, *what;
	} kinds[] = {{REPLAY_DENIED, "error", "would be denied"},
	             {REPLAY_DEPENDS, "warning", "may be denied"},
	             {REPLAY_NOT_JUDGEABLE, "notice", "cannot be judged"}};
	struct arena arena;
	arena_init(&arena);
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		struct replay_group *g;
		size_t n = replay_groups(r, kinds[k].state, &arena, &g);
		for (size_t i = 0; i < n; i++)
			annotate(&g[i], kinds[k].level, kinds[k].what);
	}
	arena_release(&arena);
}

/* ---- JUnit */

static void put_xml(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		switch (c) {
		case '&': buf_add_str(b, "&amp;"); break;
		case '<': buf_add_str(b, "&lt;"); break;
		case '>': buf_add_str(b, "&gt;"); break;
		case '"': buf_add_str(b, "&quot;"); break;
		case '\t':
		case '\n':
		case '\r': buf_addf(b, "&#%u;", c); break;
		default: buf_add_char(b, c < 0x20 ? '?' : (char)c); break;
		}
	}
}

static void put_group(struct buf *b, const struct replay_group *g)
{
	const struct replay_finding *f = g->findings[0];
	const char *tag = f->state == REPLAY_NOT_JUDGEABLE ? "skipped" : "failure";
	buf_addf(b, "      <%s message=\"", tag);
	put_xml(b, f->why);
	if (f->state == REPLAY_NOT_JUDGEABLE) {
		buf_add_str(b, "\"/>\n");
		return;
	}
	buf_add_str(b, "\">");
	put_xml(b, f->principal);
	buf_add_str(b, ": ");
	put_xml(b, g->calls);
	buf_add_str(b, " on ");
	put_xml(b, g->pattern);
	if (g->n_resources > 1)
		buf_addf(b, " (%zu resources)", g->n_resources);
	buf_addf(b, ", %" PRIu64 " %s</%s>\n", g->events, plural(g->events, "event", "events"),
	         tag);
}

struct judged_groups {
	struct replay_group *v[REPLAY_DENIED + 1];
	size_t n[REPLAY_DENIED + 1];
};

/* The failures of one action, or, where there is none, the first that cannot be judged. */
static void put_case(struct buf *b, const struct judged_groups *all, struct span action,
                     size_t *failures, size_t *skipped)
{
	const struct replay_group *unjudged = NULL;
	size_t failed = 0;
	buf_add_str(b, "    <testcase classname=\"iamreplay.verify\" name=\"");
	put_xml(b, action);
	buf_add_str(b, "\">\n");
	for (int state = REPLAY_DENIED; state >= REPLAY_NOT_JUDGEABLE; state--)
		for (size_t i = 0; i < all->n[state]; i++) {
			const struct replay_group *g = &all->v[state][i];
			if (!span_eq(g->findings[0]->action, action))
				continue;
			if (state == REPLAY_NOT_JUDGEABLE)
				unjudged = unjudged ? unjudged : g;
			else
				put_group(b, g);
			failed += state != REPLAY_NOT_JUDGEABLE;
		}
	if (failed == 0 && unjudged)
		put_group(b, unjudged);
	buf_add_str(b, "    </testcase>\n");
	*failures += failed > 0;
	*skipped += failed == 0 && unjudged;
}

/* One test case an action, one an event whose action is not known. */
static size_t put_cases(struct buf *b, const struct replay *r, size_t *failures, size_t *skipped)
{
	struct judged_groups all = {.n = {0}};
	struct arena arena;
	size_t cases = r->n_actions;
	arena_init(&arena);
	for (int state = REPLAY_NOT_JUDGEABLE; state <= REPLAY_DENIED; state++)
		all.n[state] = replay_groups(r, (enum replay_state)state, &arena, &all.v[state]);
	for (size_t i = 0; i < r->n_actions; i++)
		put_case(b, &all, r->actions[i], failures, skipped);
	for (size_t i = 0; i < all.n[REPLAY_NOT_JUDGEABLE]; i++) {
		const struct replay_group *g = &all.v[REPLAY_NOT_JUDGEABLE][i];
		if (g->findings[0]->action.n)
			continue;
		buf_add_str(b, "    <testcase classname=\"iamreplay.verify\" name=\"");
		put_xml(b, g->findings[0]->call);
		buf_add_str(b, "\">\n");
		put_group(b, g);
		buf_add_str(b, "    </testcase>\n");
		cases++;
		(*skipped)++;
	}
	arena_release(&arena);
	return cases;
}

enum status report_junit(const struct replay *r, const char *path, struct err *err)
{
	struct buf cases, b;
	enum saved how;
	size_t failures = 0, skipped = 0;
	buf_init(&cases, LIMIT_JSON_FILE);
	buf_init(&b, LIMIT_JSON_FILE);
	size_t n = put_cases(&cases, r, &failures, &skipped);
	buf_addf(&b,
	         "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
	         "  <testsuite name=\"iamreplay verify\" tests=\"%zu\" failures=\"%zu\" "
	         "skipped=\"%zu\">\n",
	         n, failures, skipped);
	buf_add_span(&b, buf_span(&cases));
	buf_add_str(&b, "  </testsuite>\n</testsuites>\n");
	enum status status = save_text(path, buf_span(&b), &how, err);
	buf_release(&cases);
	buf_release(&b);
	return status;
}

/* ---- mutants */

static void print_mutant(const struct mutants *m, const struct mutant *x)
{
	struct arena arena;
	arena_init(&arena);
	print_plain(stdout, "  %s %.*s", mutant_kind_name(x->kind), SPAN_ARG(x->element));
	if (x->narrowed.p)
		print_plain(stdout, " could be %.*s", SPAN_ARG(x->narrowed));
	if (x->fold)
		printf(" (%s)", x->fold);
	print_plain(stdout, "\n    %.*s of %.*s; %.*s\n",
	            SPAN_ARG(statement_label(&arena, m->files->policies[x->policy].document,
	                                     x->statement)),
	            SPAN_ARG(m->files->names[x->policy]), SPAN_ARG(m->principal));
	arena_release(&arena);
}

static void write_mutant(struct json_writer *w, const struct mutants *m, const struct mutant *x)
{
	struct arena arena;
	arena_init(&arena);
	json_begin_object(w);
	json_member_text(w, "principal", m->principal);
	json_member_str(w, "kind", mutant_kind_name(x->kind));
	json_member_text(w, "element", x->element);
	json_member_text(w, "narrowed", x->narrowed);
	json_member_if(w, "fold", span_of(x->fold));
	json_member_text(w, "policy", m->files->names[x->policy]);
	json_member_text(
	        w, "statement",
	        statement_label(&arena, m->files->policies[x->policy].document, x->statement));
	json_end_object(w);
	arena_release(&arena);
}

/* Those that a fold of the policy made so wide, or those that nothing explains. */
static bool survives(const struct mutant *x, bool folded)
{
	return !x->killed && (x->fold != NULL) == folded;
}

static void write_survivors(struct json_writer *w, const char *name, const struct mutants *m,
                            size_t n, bool folded)
{
	json_key(w, name);
	json_begin_array(w);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < m[i].mutation.n; j++)
			if (survives(&m[i].mutation.mutants[j], folded))
				write_mutant(w, &m[i], &m[i].mutation.mutants[j]);
	json_end_array(w);
}

static void print_survivors(const char *title, const struct mutants *m, size_t n, bool folded)
{
	bool headed = false;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < m[i].mutation.n; j++) {
			if (!survives(&m[i].mutation.mutants[j], folded))
				continue;
			if (!headed)
				printf("\n%s:\n", title);
			headed = true;
			print_mutant(&m[i], &m[i].mutation.mutants[j]);
		}
}

static void mutants_json(const struct mutants *m, size_t n, size_t total, size_t killed)
{
	struct json_writer w;
	json_to_file(&w, stdout, LAYOUT_COMPACT);
	json_begin_object(&w);
	json_member_u64(&w, "mutants", total);
	json_member_u64(&w, "killed", killed);
	write_survivors(&w, "surviving", m, n, false);
	write_survivors(&w, "folded", m, n, true);
	json_end_object(&w);
	print_json_end(&w);
}

void report_mutants(const struct mutants *m, size_t n, bool json)
{
	size_t total = 0, killed = 0, folded = 0;
	for (size_t i = 0; i < n; i++) {
		total += m[i].mutation.n;
		killed += m[i].mutation.killed;
		folded += m[i].folded;
	}
	if (json) {
		mutants_json(m, n, total, killed);
		return;
	}
	printf("%zu %s, %zu killed", total, plural(total, "mutant", "mutants"), killed);
	if (folded)
		printf(", %zu as wide as the folds that explain tells", folded);
	printf("\n");
	print_survivors("Permission without evidence", m, n, false);
	print_survivors("Wider than what was used, as a policy made now would be", m, n, true);
}
