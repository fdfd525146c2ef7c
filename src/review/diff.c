/* diff.c - review: see diff.h. */
#include "config.h"

#include "review/diff.h"

#include "app/subject-files.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/when.h"
#include "call/arn.h"
#include "emit/emit.h"
#include "emit/save.h"
#include "evaluator/observed.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* ---- what was used */

struct collector {
	struct arena arena, scratch;
	const struct policy_request *request;
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
	if (!policy_request_counts(k->request, k->source->mapping, &u->call, NULL))
		return true;
	arena_reset(&k->scratch);
	store_resolve_env(k->source->store, u, &env);
	resolve_call(k->source->mapping, &u->call, &env, &k->scratch, &all, &n);
	for (size_t i = 0; i < n; i++)
		if (all[i].need != NEED_DENIED && all[i].need != NEED_DEPENDENT &&
		    policy_request_takes_access(k->request, all, n, i))
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

/* ---- one principal */

struct comparer {
	const struct diff_options *o;
	struct policy_source *source;
	struct observable *observable;
	struct data_services data;
	struct diff *d;
	struct err *err;
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

static bool takes_action(const void *data, struct span action)
{
	return policy_request_takes(data, action);
}

static enum status compare_subject(struct comparer *r, const struct subject *who,
                                   const struct policy_files *files, struct diff_subject *s)
{
	struct policy_request own;
	struct collector k = {.request = &own, .source = r->source, .subject = s};
	enum status status = STATUS_OK;
	s->files = files;
	s->first = INT64_MAX;
	s->last = s->last_known = INT64_MIN;
	arena_init(&k.arena);
	arena_init(&k.scratch);
	policy_request_for(r->o->request, who->name, &k.arena, &own);
	k.evaluator = evaluator_new(files->policies, files->n);
	evaluator_keys(k.evaluator, &k.arena, &k.asked, &k.n_asked);
	if (who->n) {
		struct store_filter filter = gather_filter(&own, who);
		gather_filter_tags(&filter, k.asked, k.n_asked, &k.arena);
		status = store_each_call(r->source->store, &filter, take_call, &k, r->err);
	}
	merge_uses(&k);
	struct compare_input in = {.takes = takes_action,
	                           .data = r->o->request,
	                           .mapping = r->source->mapping,
	                           .observable = r->observable,
	                           .policies = files->policies,
	                           .n_policies = files->n,
	                           .uses = k.uses,
	                           .n_uses = k.n,
	                           .data_services = r->data.prefixes,
	                           .n_data_services = r->data.n,
	                           .services = r->d->advisor.services,
	                           .n_services = r->d->advisor.n};
	compare(&in, &s->comparison);
	/* the rows outlive what they were made of */
	for (size_t i = 0; i < s->comparison.n; i++) {
		struct compared *row = &s->comparison.rows[i];
		row->action = arena_span(&s->comparison.arena, row->action);
		row->resource = arena_span(&s->comparison.arena, row->resource);
	}
	known_use(s, s->last);
	for (size_t i = 0; i < r->d->advisor.n; i++)
		known_use(s, r->d->advisor.services[i].last);
	find_unused_services(s);
	evaluator_free(k.evaluator);
	free(k.uses);
	arena_release(&k.scratch);
	arena_release(&k.arena);
	return status;
}

/* Where what it used and may use is open on more than it used. */
static enum status find_width(struct comparer *r, const struct subject *who,
                              const struct policy_files *files, struct diff_subject *s)
{
	const struct grant_comparison *c = &s->comparison;
	struct span *actions = xcalloc(c->n + 1, sizeof *actions);
	struct width_question q = {.request = r->o->request,
	                           .source = r->source,
	                           .everybody = &r->d->known,
	                           .who = who,
	                           .files = files,
	                           .actions = actions};
	wide_grants_init(&s->wide);
	for (size_t i = 0; i < c->n && r->o->width && who->n; i++)
		if (c->rows[i].state == GRANT_USED && c->rows[i].events)
			actions[q.n_actions++] = c->rows[i].action;
	enum status status = q.n_actions ? width_find(&q, &s->wide, r->err) : STATUS_OK;
	free(actions);
	return status;
}

/* ---- the policy that would replace it */

static enum status save_proposed(const struct comparer *r, const struct subject *who,
                                 const struct policy *p)
{
	struct buf text;
	enum saved how;
	char path[4096];
	enum status status = STATUS_OK;
	buf_init(&text, LIMIT_JSON_FILE);
	for (size_t i = 0; i < p->n_documents && status == STATUS_OK; i++) {
		struct emit_options e = {.name = who->short_name, .subject = who->name};
		char number[32] = "";
		if (i)
			snprintf(number, sizeof number, "~%zu", i + 1);
		buf_reset(&text);
		emit_json(&p->documents[i], &e, &text);
		snprintf(path, sizeof path, "%s/%.*s%s.json", r->o->out, SPAN_ARG(who->file),
		         number);
		status = save_text(path, buf_span(&text), &how, r->err);
	}
	buf_release(&text);
	return status;
}

static enum status propose(struct comparer *r, const struct subject *who)
{
	struct gathered g;
	struct policy p;
	gathered_init(&g);
	policy_init(&p);
	enum status status = gather_subject(r->o->request, r->source, who, &g, r->err);
	if (status == STATUS_OK)
		status = gather_policy(r->source, &g, &p, r->err);
	if (status == STATUS_OK)
		status = save_proposed(r, who, &p);
	if (status == STATUS_END) {
		names_add(&r->d->unreplaced, who->name, 0);
		status = STATUS_OK;
	}
	policy_release(&p);
	gathered_release(&g);
	return status;
}

/* ---- the principals of the request */

/* The policies that the subject is compared with; NULL: they cannot be read, which is noted. */
static const struct policy_files *policies_of(struct comparer *r, const struct subject *who)
{
	struct diff *d = r->d;
	const struct policy_folder *folder = r->o->folder;
	const struct folder_entry *e = folder ? policy_folder_find(folder, who->name) : NULL;
	struct err err;
	char line[2048];
	if (!folder)
		return r->o->given;
	err_clear(&err);
	struct policy_files *files = &d->files[d->n_files++];
	policy_files_init(files);
	if (!e)
		names_add(&d->unlisted, who->name, 0);
	else if (policy_folder_policies(folder, e, files, &err) != STATUS_OK) {
		err_line(&err, line, sizeof line);
		names_add(&d->refused, arena_span(&d->arena, span_of(line)), 0);
		return NULL;
	}
	return files;
}

static void tell_progress(const struct comparer *r, size_t done, size_t all)
{
	if (r->o->progress)
		r->o->progress(r->o->data, done, all);
}

static enum status compare_named(struct comparer *r, const struct subjects *subjects)
{
	enum status status = STATUS_OK;
	r->d->subjects = xcalloc(subjects->n + 1, sizeof *r->d->subjects);
	r->d->files = xcalloc(subjects->n + 1, sizeof *r->d->files);
	for (size_t i = 0; i < subjects->n && status == STATUS_OK; i++) {
		const struct policy_files *files = policies_of(r, &subjects->s[i]);
		if (!files)
			continue;
		struct diff_subject *s = &r->d->subjects[r->d->n++];
		s->principal = subjects->s[i].name;
		s->editable = subjects->s[i].editable;
		status = compare_subject(r, &subjects->s[i], files, s);
		if (status == STATUS_OK)
			status = find_width(r, &subjects->s[i], files, s);
		if (r->o->folder && s->comparison.n == 0 && files->n == 0 && r->d->unlisted.n)
			r->d->unlisted.n--; /* needs none */
		if (status == STATUS_OK && r->o->out)
			status = propose(r, &subjects->s[i]);
		tell_progress(r, i + 1, subjects->n);
	}
	return status;
}

/* ---- the principals of an account */

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

static bool wanted(const struct policy_request *q, struct span arn)
{
	for (size_t i = 0; i < q->principals.n; i++) {
		struct span name = q->principals.v[i];
		struct arn parts;
		struct span rest = arn_parse(arn, &parts) ? parts.rest : arn;
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

static bool is_idle(const struct comparer *r, const struct diff_subject *s)
{
	uint64_t days = r->o->has_unused_days ? r->o->unused_days : IDLE_DAYS;
	return s->last_known == INT64_MIN ||
	       r->d->now - s->last_known >= (int64_t)days * WHEN_DAY_SECONDS;
}

/* The file of a principal that is in no log: its ARN's account and resource. */
static struct subject subject_of(struct comparer *r, const struct account_principal *p,
                                 struct ids *ids)
{
	struct arn arn;
	if (!arn_parse(p->arn, &arn))
		arn = (struct arn){.rest = p->arn};
	ptrdiff_t slash = span_rchr(p->arn, '/');
	return (struct subject){.name = p->arn,
	                        .account = arn.account,
	                        .file = subject_file(&r->d->account.arena, p->arn),
	                        .short_name =
	                                slash < 0 ? arn.rest : span_from(p->arn, (size_t)slash + 1),
	                        .editable = p->editable,
	                        .ids = ids->id,
	                        .n = ids->n};
}

static uint64_t risk(const struct diff_subject *s)
{
	return (uint64_t)s->comparison.unused[LEVEL_PERMISSIONS] * 4 +
	       s->comparison.unused[LEVEL_WRITE] + s->comparison.unused[LEVEL_TAGGING];
}

static int by_risk(const void *a, const void *b)
{
	const struct diff_subject *x = a, *y = b;
	if (x->idle != y->idle)
		return x->idle ? -1 : 1;
	if (risk(x) != risk(y))
		return risk(x) > risk(y) ? -1 : 1;
	return span_cmp(x->principal, y->principal);
}

/* Compares one principal; it stays in the result if it is asked for. */
static enum status compare_one(struct comparer *r, struct account_principal *p)
{
	struct ids ids = {.n = 0};
	struct diff_subject *s = &r->d->subjects[r->d->n];
	enum status status =
	        store_find_principals(r->source->store, p->arn, SPAN_NONE, take_id, &ids, r->err);
	if (status != STATUS_OK)
		return status;
	struct subject who = subject_of(r, p, &ids);
	*s = (struct diff_subject){.principal = p->arn, .editable = p->editable};
	status = compare_subject(r, &who, &p->policies, s);
	known_use(s, p->last_used);
	s->idle = is_idle(r, s);
	if (r->o->has_unused_days && !s->idle) {
		grant_comparison_release(&s->comparison);
		return status;
	}
	r->d->n++;
	if (status == STATUS_OK)
		status = find_width(r, &who, &p->policies, s);
	if (status == STATUS_OK && r->o->out && p->editable && who.n)
		status = propose(r, &who);
	return status;
}

/* Most to lose first: idle ones, then by unused write and permissions-management actions. */
static enum status compare_account(struct comparer *r)
{
	struct account_details *account = &r->d->account;
	enum status status = account_details_read(account, r->o->details, r->err);
	r->d->subjects = xcalloc(account->n + 1, sizeof *r->d->subjects);
	for (size_t i = 0; i < account->n && status == STATUS_OK; i++) {
		const struct account_principal *p = &account->principals[i];
		if (!wanted(r->o->request, p->arn))
			continue;
		if (p->refused.p)
			names_add(&r->d->refused, p->refused, 0);
		else
			status = compare_one(r, &account->principals[i]);
		tell_progress(r, i + 1, account->n);
	}
	if (r->d->n)
		qsort(r->d->subjects, r->d->n, sizeof *r->d->subjects, by_risk);
	return status;
}

/* ---- the run */

/* What was looked at: the whole of the log, as far as the request asks for it. */
static enum status find_window(struct comparer *r)
{
	struct store_window w = {INT64_MAX, INT64_MIN};
	const struct policy_request *q = r->o->request;
	enum status status = store_log_window(r->source->store, &w, r->err);
	r->d->since = w.since > q->window.since ? w.since : q->window.since;
	r->d->until = w.until < q->window.until ? w.until : q->window.until;
	r->d->now = q->has_now ? q->now : (int64_t)time(NULL);
	return status;
}

static enum status prepare(struct comparer *r)
{
	struct store_filter all = {.window = r->o->request->window};
	enum status status = find_window(r);
	if (status == STATUS_OK)
		status = store_each_service(r->source->store, &all, take_service, &r->data, r->err);
	if (r->data.n)
		qsort(r->data.prefixes, r->data.n, sizeof *r->data.prefixes, span_order);
	if (status == STATUS_OK && r->o->last_accessed)
		status = last_accessed_read(&r->d->advisor, r->o->last_accessed, r->err);
	if (status == STATUS_OK)
		r->observable = observable_new(r->source->mapping);
	return status;
}

enum status diff_run(const struct diff_options *o, struct policy_source *s,
                     const struct subjects *subjects, struct diff *out, struct err *err)
{
	struct comparer r = {.o = o, .source = s, .d = out, .err = err};
	*out = (struct diff){.n = 0};
	arena_init(&r.data.arena);
	arena_init(&out->arena);
	known_init(&out->known.k);
	last_accessed_init(&out->advisor);
	account_details_init(&out->account);
	enum status status = prepare(&r);
	if (status == STATUS_OK)
		status = o->details ? compare_account(&r) : compare_named(&r, subjects);
	observable_free(r.observable);
	arena_release(&r.data.arena);
	return status == STATUS_OK ? STATUS_OK : STATUS_STOP;
}

void diff_release(struct diff *d)
{
	for (size_t i = 0; i < d->n; i++) {
		grant_comparison_release(&d->subjects[i].comparison);
		wide_grants_release(&d->subjects[i].wide);
	}
	known_release(&d->known.k);
	free(d->subjects);
	names_release(&d->unreplaced);
	names_release(&d->refused);
	names_release(&d->unlisted);
	for (size_t i = 0; i < d->n_files; i++)
		policy_files_release(&d->files[i]);
	free(d->files);
	arena_release(&d->arena);
	account_details_release(&d->account);
	last_accessed_release(&d->advisor);
}

bool diff_found(const struct diff *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->subjects[i].wide.n)
			return true;
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < d->subjects[i].comparison.n; k++)
			if (d->subjects[i].comparison.rows[k].state == GRANT_UNUSED ||
			    d->subjects[i].comparison.rows[k].state == USE_NOT_GRANTED)
				return true;
	return false;
}
