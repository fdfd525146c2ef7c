/* diff.c - commands: iamreplay diff, what policies grant beside what was recorded. */
#include "config.h"

#include "app/diff.h"
#include "cli/plain.h"

#include "base/read-file.h"
#include "emit/emit.h"
#include "emit/save.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "base/when.h"
#include "evaluator/observed.h"

#include <stdlib.h>
#include <time.h>

enum {
	OPTION_DETAILS = REQUEST_OPTIONS,
	OPTION_LAST_ACCESSED,
	OPTION_UNUSED_DAYS,
	OPTION_OUT,
	OPTION_JSON,
};

static const struct option_spec options[] = {
        POLICY_REQUEST_OPTIONS,
        {"account-details", 0, ARG_FILE, "FILE", NULL,
         "every principal of 'aws iam get-account-authorization-details'"},
        {"last-accessed", 0, ARG_FILE, "FILE", NULL,
         "further evidence: 'aws iam get-service-last-accessed-details' of the principal"},
        {"unused-days", 0, ARG_NUMBER, "N", NULL, "only principals unused for at least N days"},
        {"output", 'o', ARG_DIR, "DIR", NULL, "write the policy that would replace what is there"},
        {"json", 0, ARG_NONE, NULL, NULL, "print JSON"},
        {NULL, 0, ARG_NONE, NULL, NULL, NULL},
};

struct line {
	struct policy_request request;
	struct policy_files given;
	const char *details, *last_accessed, *out;
	uint64_t unused_days;
	bool has_unused_days, json;
};

/* -1: --help was printed. */
static int read_line(struct line *l, const struct command *self, int argc, char **argv)
{
	struct options o;
	struct err err;
	const char *value;
	int index, status = EXIT_DONE;
	policy_request_init(&l->request, self);
	options_init(&o, self, argc, argv);
	while (status == EXIT_DONE && (index = options_next(&o, &value)) >= 0) {
		switch (index) {
		case OPTION_DETAILS: l->details = value; break;
		case OPTION_LAST_ACCESSED: l->last_accessed = value; break;
		case OPTION_OUT: l->out = value; break;
		case OPTION_JSON: l->json = true; break;
		case OPTION_UNUSED_DAYS:
			l->has_unused_days = options_number(value, 0, 100000, &l->unused_days);
			if (!l->has_unused_days)
				status = options_usage(self, "--unused-days takes a number");
			break;
		default: status = policy_request_option(&l->request, index, value);
		}
	}
	if (status != EXIT_DONE)
		return status;
	if (index == OPTIONS_EXIT)
		return o.exit_status == EXIT_DONE ? -1 : o.exit_status;
	err_clear(&err);
	for (int i = 1; i <= o.operands; i++) {
		if (policy_files_add(&l->given, LAYER_IDENTITY, argv[i], &err) != STATUS_OK) {
			print_err("diff", &err);
			return EXIT_NOT_DONE;
		}
	}
	if (l->request.principals.n == 0)
		return options_usage(self, "which principal? --principal NAME");
	if (!l->details && o.operands == 0)
		return options_usage(self, "which policy? POLICY.json, or --account-details FILE");
	if (l->details && o.operands)
		return options_usage(self, "--account-details has the policies already");
	if (l->has_unused_days && !l->details)
		return options_usage(self, "--unused-days goes with --account-details only");
	if (!l->request.limit_given)
		policy_request_limit(&l->request, NULL);
	return policy_request_finish(&l->request);
}

/* ---- what was used */

struct collector {
	struct arena arena, scratch;
	const struct line *line;
	struct policy_source *source;
	struct evaluator *evaluator;
	const struct span *asked;
	size_t n_asked;
	struct action_use *uses;
	size_t n, room;
	struct diff_subject *subject;
};

static bool is_granted(struct collector *k, const struct call_use *u, const struct access *a)
{
	struct observation o = {&u->call, &u->context, a, u->last};
	struct request r;
	struct verdict v;
	observed_request(&o, k->asked, k->n_asked, &k->scratch, &r);
	evaluate(k->evaluator, &r, &k->scratch, &v);
	return v.decision == DECISION_ALLOWED || v.decision == DECISION_DEPENDS;
}

static void add_use(struct collector *k, const struct call_use *u, const struct access *a,
                    bool granted)
{
	if (k->n == k->room) {
		k->room = k->room ? 2 * k->room : 256;
		k->uses = xreallocarray(k->uses, k->room, sizeof *k->uses);
	}
	k->uses[k->n++] = (struct action_use){
	        .action = arena_span(&k->arena, a->action),
	        .resource = granted ? SPAN_NONE : arena_span(&k->arena, a->resource),
	        .granted = granted,
	        .events = u->events,
	        .first = u->first,
	        .last = u->last};
}

static bool take_call(void *data, const struct call_use *u)
{
	struct collector *k = data;
	struct resolve_env env;
	struct access *all = NULL;
	size_t n = 0;
	struct diff_subject *s = k->subject;
	s->events += u->events;
	s->first = u->first < s->first ? u->first : s->first;
	s->last = u->last > s->last ? u->last : s->last;
	if (u->call.outcome == OUTCOME_DENIED || u->call.outcome == OUTCOME_UNAUTHENTICATED)
		return true;
	arena_reset(&k->scratch);
	store_resolve_env(k->source->store, u, &env);
	resolve_call(k->source->mapping, &u->call, &env, &k->scratch, &all, &n);
	for (size_t i = 0; i < n; i++)
		if (all[i].need != NEED_DENIED && all[i].need != NEED_DEPENDENT)
			add_use(k, u, &all[i], is_granted(k, u, &all[i]));
	return true;
}

static int by_content(const void *a, const void *b)
{
	const struct action_use *x = a, *y = b;
	int c = span_cmp_ci(x->action, y->action);
	c = c ? c : (int)y->granted - (int)x->granted;
	return c ? c : span_cmp(x->resource, y->resource);
}

static void merge_uses(struct collector *k)
{
	size_t kept = 0;
	if (k->n)
		qsort(k->uses, k->n, sizeof *k->uses, by_content);
	for (size_t i = 0; i < k->n; i++) {
		struct action_use *u = &k->uses[i];
		struct action_use *before = kept ? &k->uses[kept - 1] : NULL;
		if (!before || by_content(before, u) != 0) {
			k->uses[kept++] = *u;
			continue;
		}
		before->events += u->events;
		before->first = u->first < before->first ? u->first : before->first;
		before->last = u->last > before->last ? u->last : before->last;
	}
	k->n = kept;
}

/* ---- what the logs show of data events */

struct data_services {
	struct arena arena;
	struct span *prefixes;
	size_t n;
};

static bool take_service(void *data, const struct event_name_row *row)
{
	struct data_services *d = data;
	struct span rest = row->source;
	if (row->data_events == 0 && !row->captured)
		return true;
	struct span *more = arena_alloc(&d->arena, (d->n + 1) * sizeof *more);
	if (d->n)
		memcpy(more, d->prefixes, d->n * sizeof *more);
	struct span prefix = span_cut(&rest, '.');
	if (span_is(prefix, "monitoring"))
		prefix = SPAN_LIT("cloudwatch");
	more[d->n++] = arena_span(&d->arena, prefix);
	d->prefixes = more;
	return true;
}

static int by_span(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* ---- one principal */

struct run {
	struct line *line;
	struct policy_source *source;
	struct observable *observable;
	struct data_services data;
	struct last_accessed advisor;
	struct account_details details;
	struct diff_subject *subjects;
	size_t n;
	struct diff_report report;
};

static bool service_used(const struct grant_comparison *c, struct span prefix, size_t *at)
{
	bool used = false;
	for (; *at < c->n; (*at)++) {
		struct span rest = c->rows[*at].action;
		if (!span_eq(span_cut(&rest, ':'), prefix))
			break;
		used = used || c->rows[*at].state == GRANT_USED ||
		       c->rows[*at].state == GRANT_NOT_OBSERVABLE;
	}
	return used;
}

static int by_name(const void *a, const void *b)
{
	return span_cmp(((const struct compared *)a)->action, ((const struct compared *)b)->action);
}

static void find_unused_services(struct diff_subject *s)
{
	struct grant_comparison copy = s->comparison;
	size_t granted = 0;
	copy.rows = xcalloc(copy.n + 1, sizeof *copy.rows);
	for (size_t i = 0; i < copy.n; i++)
		if (s->comparison.rows[i].state != USE_NOT_GRANTED)
			copy.rows[granted++] = s->comparison.rows[i];
	copy.n = granted;
	qsort(copy.rows, copy.n, sizeof *copy.rows, by_name);
	s->unused_services = arena_alloc(&s->comparison.arena, (copy.n + 1) * sizeof(struct span));
	for (size_t at = 0; at < copy.n;) {
		struct span rest = copy.rows[at].action;
		struct span prefix = span_cut(&rest, ':');
		if (!service_used(&copy, prefix, &at))
			s->unused_services[s->n_unused_services++] = prefix;
	}
	free(copy.rows);
}

static void known_use(struct diff_subject *s, int64_t t)
{
	if (t > s->last_known)
		s->last_known = t;
}

static enum status compare_subject(struct run *r, const struct subject *who,
                                   const struct policy_files *files, struct diff_subject *s,
                                   struct err *err)
{
	struct collector k = {.line = r->line, .source = r->source, .subject = s};
	enum status status = STATUS_OK;
	s->files = files;
	s->first = INT64_MAX;
	s->last = s->last_known = INT64_MIN;
	arena_init(&k.arena);
	arena_init(&k.scratch);
	k.evaluator = evaluator_new(files->policies, files->n);
	evaluator_keys(k.evaluator, &k.arena, &k.asked, &k.n_asked);
	if (who->n) {
		struct store_filter filter = policy_filter(&r->line->request, who);
		policy_filter_tags(&filter, k.asked, k.n_asked, &k.arena);
		status = store_each_call(r->source->store, &filter, take_call, &k, err);
	}
	merge_uses(&k);
	struct compare_input in = {.mapping = r->source->mapping,
	                           .observable = r->observable,
	                           .policies = files->policies,
	                           .n_policies = files->n,
	                           .uses = k.uses,
	                           .n_uses = k.n,
	                           .data_services = r->data.prefixes,
	                           .n_data_services = r->data.n,
	                           .services = r->advisor.services,
	                           .n_services = r->advisor.n};
	compare(&in, &s->comparison);
	/* the rows outlive what they were made of */
	for (size_t i = 0; i < s->comparison.n; i++) {
		struct compared *row = &s->comparison.rows[i];
		row->action = arena_span(&s->comparison.arena, row->action);
		row->resource = arena_span(&s->comparison.arena, row->resource);
	}
	known_use(s, s->last);
	for (size_t i = 0; i < r->advisor.n; i++)
		known_use(s, r->advisor.services[i].last);
	find_unused_services(s);
	evaluator_free(k.evaluator);
	free(k.uses);
	arena_release(&k.scratch);
	arena_release(&k.arena);
	return status;
}

/* ---- the policy that would replace it */

static int propose(struct run *r, const struct subject *who)
{
	struct gathered g;
	struct policy p;
	struct err err;
	struct buf text;
	enum saved how;
	char path[4096];
	int result = EXIT_DONE;
	err_clear(&err);
	policy_init(&p);
	buf_init(&text, LIMIT_JSON_FILE);
	enum status status = policy_gather(&r->line->request, r->source, who, &g);
	if (status == STATUS_OK)
		status = policy_make(&r->line->request, r->source, &g, &p, &err);
	else
		err = g.err;
	for (size_t i = 0; i < p.n_documents && status == STATUS_OK; i++) {
		struct emit_options e = {.name = who->short_name, .subject = who->name};
		char number[32] = "";
		if (i)
			snprintf(number, sizeof number, "~%zu", i + 1);
		buf_reset(&text);
		emit_json(&p.documents[i], &e, &text);
		snprintf(path, sizeof path, "%s/%.*s%s.json", r->line->out, SPAN_ARG(who->file),
		         number);
		status = save_text(path, buf_span(&text), &how, &err);
	}
	if (status == STATUS_END) {
		print_plain(stderr, "%.*s: nothing was used, nothing replaces its policies\n",
		            SPAN_ARG(who->name));
	} else if (status != STATUS_OK) {
		print_err("diff", &err);
		result = EXIT_NOT_DONE;
	}
	buf_release(&text);
	policy_release(&p);
	gathered_release(&g);
	return result;
}

/* ---- the run */

static int failed(const struct err *err)
{
	print_err("diff", err);
	return EXIT_NOT_DONE;
}

static int run_named(struct run *r, struct subjects *subjects)
{
	struct err err;
	int status = EXIT_DONE;
	err_clear(&err);
	r->subjects = xcalloc(subjects->n + 1, sizeof *r->subjects);
	for (size_t i = 0; i < subjects->n && status == EXIT_DONE; i++) {
		struct diff_subject *s = &r->subjects[r->n++];
		s->principal = subjects->s[i].name;
		s->editable = subjects->s[i].editable;
		if (compare_subject(r, &subjects->s[i], &r->line->given, s, &err) != STATUS_OK)
			return failed(&err);
		if (r->line->out)
			status = propose(r, &subjects->s[i]);
	}
	return status;
}

struct ids {
	int64_t id[64];
	size_t n;
};

static bool take_id(void *data, const struct principal_row *row)
{
	struct ids *ids = data;
	if (ids->n < sizeof ids->id / sizeof ids->id[0])
		ids->id[ids->n++] = row->id;
	return true;
}

static bool wanted(const struct line *l, struct span arn)
{
	for (size_t i = 0; i < l->request.principals.n; i++) {
		struct span name = l->request.principals.v[i];
		struct span rest = arn;
		for (int colon = 0; colon < 5; colon++)
			span_cut(&rest, ':');
		ptrdiff_t slash = span_rchr(arn, '/'), kind = span_chr(rest, '/');
		if (span_glob(arn, name, false) || span_glob(rest, name, false))
			return true;
		/* "role/NAME", whatever its path */
		if (kind >= 0 && slash >= 0 &&
		    span_starts(name, span_sub(rest, 0, (size_t)kind + 1)) &&
		    span_glob(span_from(arn, (size_t)slash + 1), span_from(name, (size_t)kind + 1),
		              false))
			return true;
	}
	return false;
}

/* Access Analyzer too calls access unused after 90 days by default. */
enum { IDLE_DAYS = 90 };

static bool is_idle(const struct run *r, const struct diff_subject *s)
{
	uint64_t days = r->line->has_unused_days ? r->line->unused_days : IDLE_DAYS;
	return s->last_known == INT64_MIN ||
	       r->report.now - s->last_known >= (int64_t)days * WHEN_DAY_SECONDS;
}

/* The file of a principal that is in no log: its ARN's account and resource. */
static struct subject subject_of(struct run *r, const struct account_principal *p, struct ids *ids)
{
	struct span rest = p->arn, account = SPAN_NONE;
	for (int i = 0; i < 5; i++)
		account = span_cut(&rest, ':');
	ptrdiff_t slash = span_rchr(p->arn, '/');
	return (struct subject){.name = p->arn,
	                        .account = account,
	                        .file = arena_printf(&r->details.arena, "%.*s/%.*s",
	                                             SPAN_ARG(account), SPAN_ARG(rest)),
	                        .short_name =
	                                slash < 0 ? rest : span_from(p->arn, (size_t)slash + 1),
	                        .editable = p->editable,
	                        .ids = ids->id,
	                        .n = ids->n};
}

static int run_account(struct run *r)
{
	struct err err;
	err_clear(&err);
	if (account_details_read(&r->details, r->line->details, &err) != STATUS_OK)
		return failed(&err);
	r->subjects = xcalloc(r->details.n + 1, sizeof *r->subjects);
	int status = EXIT_DONE;
	for (size_t i = 0; i < r->details.n && status == EXIT_DONE; i++) {
		struct account_principal *p = &r->details.principals[i];
		struct ids ids = {.n = 0};
		if (!wanted(r->line, p->arn))
			continue;
		if (store_find_principals(r->source->store, p->arn, SPAN_NONE, take_id, &ids,
		                          &err) != STATUS_OK)
			return failed(&err);
		struct diff_subject *s = &r->subjects[r->n];
		struct subject who = subject_of(r, p, &ids);
		*s = (struct diff_subject){.principal = p->arn, .editable = p->editable};
		if (compare_subject(r, &who, &p->policies, s, &err) != STATUS_OK)
			return failed(&err);
		known_use(s, p->last_used);
		s->idle = is_idle(r, s);
		if (r->line->has_unused_days && !s->idle) {
			grant_comparison_release(&s->comparison);
			continue;
		}
		r->n++;
		if (r->line->out && p->editable && who.n)
			status = propose(r, &who);
	}
	diff_sort(r->subjects, r->n);
	return status;
}

struct window {
	int64_t first, last;
};

static bool take_window(void *data, const struct principal_row *row)
{
	struct window *w = data;
	w->first = row->first < w->first ? row->first : w->first;
	w->last = row->last > w->last ? row->last : w->last;
	return true;
}

/* What was looked at: the whole of the log, as far as the request asks for it. */
static enum status find_window(struct run *r, struct err *err)
{
	struct window w = {INT64_MAX, INT64_MIN};
	const struct store_window *asked = &r->line->request.window;
	enum status status =
	        store_each_principal(r->source->store, SPAN_NONE, take_window, &w, err);
	r->report.since = w.first > asked->since ? w.first : asked->since;
	r->report.until = w.last < asked->until ? w.last : asked->until;
	r->report.now = r->line->request.has_now ? r->line->request.now : (int64_t)time(NULL);
	return status;
}

static int prepare(struct run *r)
{
	struct err err;
	struct store_filter all = {.window = r->line->request.window};
	err_clear(&err);
	if (find_window(r, &err) != STATUS_OK ||
	    store_each_service(r->source->store, &all, take_service, &r->data, &err) != STATUS_OK)
		return failed(&err);
	if (r->data.n)
		qsort(r->data.prefixes, r->data.n, sizeof *r->data.prefixes, by_span);
	if (r->line->last_accessed &&
	    last_accessed_read(&r->advisor, r->line->last_accessed, &err) != STATUS_OK)
		return failed(&err);
	r->observable = observable_new(r->source->mapping);
	r->report.json = r->line->json;
	r->report.details = !r->line->details;
	return EXIT_DONE;
}

static bool differs(const struct run *r)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->subjects[i].comparison.n; k++)
			if (r->subjects[i].comparison.rows[k].state == GRANT_UNUSED ||
			    r->subjects[i].comparison.rows[k].state == USE_NOT_GRANTED)
				return true;
	return false;
}

static int run_all(struct run *r)
{
	struct subjects subjects = {NULL, 0};
	int status = prepare(r);
	if (status == EXIT_DONE && !r->line->details)
		status = policy_subjects(&r->line->request, r->source, false, true, &subjects);
	if (status == EXIT_DONE)
		status = r->line->details ? run_account(r) : run_named(r, &subjects);
	if (status != EXIT_DONE)
		return status;
	if (r->n == 0) {
		fprintf(stderr, "iamreplay diff: no such principal\n");
		return EXIT_PARTLY;
	}
	diff_print(&r->report, r->subjects, r->n);
	return differs(r) ? EXIT_PARTLY : EXIT_DONE;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.json = false};
	struct policy_source s;
	policy_files_init(&l.given);
	int status = read_line(&l, self, argc, argv);
	if (status == EXIT_DONE)
		status = policy_source_open(&l.request, &s);
	if (status == EXIT_DONE) {
		struct run r = {.line = &l, .source = &s};
		arena_init(&r.data.arena);
		last_accessed_init(&r.advisor);
		account_details_init(&r.details);
		status = run_all(&r);
		for (size_t i = 0; i < r.n; i++)
			grant_comparison_release(&r.subjects[i].comparison);
		free(r.subjects);
		observable_free(r.observable);
		account_details_release(&r.details);
		last_accessed_release(&r.advisor);
		arena_release(&r.data.arena);
		policy_source_close(&s);
	}
	policy_files_release(&l.given);
	return status == -1 ? EXIT_DONE : status;
}

const struct command command_diff = {
        .name = "diff",
        .usage = "--principal P... POLICY.json... | --principal GLOB --account-details FILE",
        .summary = "compare what policies grant with what was used",
        .options = options,
        .examples = "  iamreplay diff --principal role/ci attached.json\n"
                    "  iamreplay diff --principal '*' --account-details details.json\n",
        .run = run,
};
