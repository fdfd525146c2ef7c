/* gather.c - report: reads what a report tells, one principal after the other; see report.h. */
#include "config.h"

#include "report/report.h"

#include "base/alloc.h"
#include "call/arn.h"
#include "policy/pattern-text.h"
#include "report/inactive.h"

#include <stdlib.h>

/* Documents of one policy: ten by default, each within AWS's quota; without a limit one of any
 * size, which is told to be too long instead. */
enum { LIMIT_POLICY_TEXT = 4 << 20 };

size_t report_risk_weight(enum risk risk)
{
	static const size_t weights[RISKS] = {[RISK_ESCALATION] = 10,
	                                      [RISK_CREDENTIALS] = 6,
	                                      [RISK_EXPOSURE] = 4,
	                                      [RISK_DATA] = 2,
	                                      [RISK_DESTRUCTION] = 2};
	return weights[risk];
}

const char *finding_why_text(enum finding_why why)
{
	switch (why) {
	case FINDING_UNUSED: return "unused";
	case FINDING_NOT_OBSERVABLE: return "not observable";
	case FINDING_WIDE: return "wider than used";
	case FINDING_USED: return "used";
	}
	return "";
}

/* What the store tells of a principal, by its row id. */
struct tally {
	int64_t id, first, last;
	uint64_t events, denied;
};

size_t report_findings_end(const struct report *r, size_t at)
{
	const struct report_finding *first = &r->findings.v[at], *f;
	do
		f = &r->findings.v[++at];
	while (at < r->findings.n && f->risk == first->risk && f->why == first->why &&
	       span_eq(f->action, first->action));
	return at;
}

struct gatherer {
	const struct report_options *o;
	struct policy_source *s;
	struct report *r;
	struct err *err;
	struct {
		VEC_OF(struct tally);
	} tallies; /* by id */
};

/* ---- the log as a whole */

static bool take_day(void *data, int64_t day, uint64_t events, uint64_t new_access)
{
	struct report *r = data;
	*vec_add(&r->days) = (struct report_day){day, events};
	return true;
}

static bool take_coverage(void *data, const struct event_name_row *row)
{
	struct report *r = data;
	*vec_add(&r->coverage) = (struct report_coverage){.source = arena_span(&r->arena, row->source),
	                                                  .events = row->events,
	                                                  .data_events = row->data_events,
	                                                  .management_events =
	                                                          row->management_events,
	                                                  .captured = row->captured};
	return true;
}

static bool take_tally(void *data, const struct principal_row *row)
{
	struct gatherer *g = data;
	*vec_add(&g->tallies) =
	        (struct tally){row->id, row->first, row->last, row->events, row->denied};
	return true;
}

static int by_id(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;
	return (x->id > y->id) - (x->id < y->id);
}

static enum status gather_log(struct gatherer *g)
{
	struct store_filter all = gather_filter(g->o->request, NULL);
	enum status status = store_each_log_day(g->s->store, &all.window, false, take_day, g->r, g->err);
	if (status == STATUS_OK)
		status = store_each_service(g->s->store, &all, take_coverage, g->r, g->err);
	if (status == STATUS_OK)
		status = store_each_principal(g->s->store, SPAN_NONE, take_tally, g, g->err);
	sort_items(g->tallies.v, g->tallies.n, sizeof *g->tallies.v, by_id);
	return status;
}

static void add_tallies(const struct gatherer *g, const struct subject *who,
                        struct report_principal *p)
{
	for (size_t i = 0; i < who->n; i++) {
		const struct tally key = {.id = who->ids[i]};
		const struct tally *t =
		        g->tallies.n ? bsearch(&key, g->tallies.v, g->tallies.n, sizeof key, by_id)
		                     : NULL;
		if (!t || t->events == 0)
			continue;
		p->first = p->events == 0 || t->first < p->first ? t->first : p->first;
		p->last = p->events == 0 || t->last > p->last ? t->last : p->last;
		p->events += t->events;
		p->denied += t->denied;
	}
}

/* ---- services of a principal */

/* "s3" of "s3:GetObject", and of "s3.amazonaws.com:GetObject", as an event without a known action is
 * told. */
static struct span prefix_of(struct span action)
{
	ptrdiff_t colon = span_chr(action, ':');
	struct span prefix = colon < 0 ? action : span_sub(action, 0, (size_t)colon);
	ptrdiff_t dot = span_find(prefix, SPAN_LIT(".amazonaws.com"));
	return dot < 0 ? prefix : span_sub(prefix, 0, (size_t)dot);
}

static int by_prefix(const void *a, const void *b)
{
	return span_cmp(((const struct report_service_use *)a)->prefix,
	                ((const struct report_service_use *)b)->prefix);
}

struct service_uses {
	VEC_OF(struct report_service_use);
};

/* Sorted by prefix, one row each. */
static void sum_services(struct service_uses *u)
{
	size_t left = 0;
	sort_items(u->v, u->n, sizeof *u->v, by_prefix);
	for (size_t i = 0; i < u->n; i++) {
		if (left && span_eq(u->v[left - 1].prefix, u->v[i].prefix)) {
			u->v[left - 1].events += u->v[i].events;
			u->v[left - 1].denied += u->v[i].denied;
			u->v[left - 1].used += u->v[i].used;
			u->v[left - 1].granted += u->v[i].granted;
		} else {
			u->v[left++] = u->v[i];
		}
	}
	u->n = left;
}

static void *keep(struct arena *arena, const void *v, size_t n, size_t size)
{
	void *kept = arena_alloc(arena, n * size + 1);
	if (n)
		memcpy(kept, v, n * size);
	return kept;
}

static void keep_services(struct gatherer *g, const struct explanation *e,
                          const struct diff_subject *d, struct report_principal *p)
{
	struct service_uses u = {0};
	for (size_t i = 0; e && i < e->n; i++)
		*vec_add(&u) = (struct report_service_use){
		        .prefix = arena_span(&g->r->arena, prefix_of(e->permissions[i].action)),
		        .events = e->permissions[i].events,
		        .used = i == 0 ||
		                !span_eq(e->permissions[i - 1].action, e->permissions[i].action)};
	for (size_t i = 0; i < p->denials.n; i++) {
		struct span action = p->denials.v[i].text;
		struct span word = span_cut(&action, ' ');
		*vec_add(&u) = (struct report_service_use){
		        .prefix = prefix_of(word), .denied = p->denials.v[i].events};
	}
	for (size_t i = 0; d && i < d->comparison.n; i++)
		if (d->comparison.rows[i].state != USE_NOT_GRANTED)
			*vec_add(&u) = (struct report_service_use){
			        .prefix = prefix_of(d->comparison.rows[i].action), .granted = 1};
	sum_services(&u);
	p->services = keep(&g->r->arena, u.v, u.n, sizeof *u.v);
	p->n_services = u.n;
	vec_release(&u);
}

/* ---- what it needs */

/* The rows of one action, of a principal's permissions. */
struct action_rows {
	const struct report_permission *v;
	size_t n;
};

static struct action_rows rows_of_action(const struct report_principal *p, size_t at)
{
	struct action_rows rows = {&p->permissions[at], 0};
	while (at + rows.n < p->n_permissions && span_eq(rows.v[rows.n].action, rows.v->action))
		rows.n++;
	return rows;
}

static struct span *keep_spans(struct arena *arena, const struct span *s, size_t n)
{
	struct span *kept = arena_alloc(arena, n * sizeof *kept + 1);
	for (size_t i = 0; i < n; i++)
		kept[i] = arena_span(arena, s[i]);
	return kept;
}

static struct policy_fold *keep_folds(struct arena *arena, const struct permission *p)
{
	struct policy_fold *kept = arena_alloc(arena, p->n_folds * sizeof *kept + 1);
	for (size_t i = 0; i < p->n_folds; i++) {
		kept[i] = p->folds[i];
		kept[i].action = kept[i].type = SPAN_NONE;
		kept[i].pattern = arena_span(arena, p->folds[i].pattern);
		kept[i].example = arena_span(arena, p->folds[i].example);
	}
	return kept;
}

static struct report_permission keep_permission(struct gatherer *g, const struct permission *p)
{
	struct arena *arena = &g->r->arena;
	const struct sar_action *action = sar_action(g->s->mapping, p->action);
	return (struct report_permission){
	        .action = arena_span(arena, p->action),
	        .sid = arena_span(arena, p->sid),
	        .level = p->level,
	        .risk = action_risk(g->s->mapping, action, NULL),
	        .patterns = keep_spans(arena, p->patterns, p->n_patterns),
	        .n_patterns = p->n_patterns,
	        .n_resources = p->n_resources,
	        .events = p->events,
	        .n_calls = p->n_calls,
	        .days = p->days,
	        .first = p->first,
	        .last = p->last,
	        .sample_id = p->has_sample ? arena_span(arena, p->sample.event_id) : SPAN_NONE,
	        .sample_file = p->has_sample ? arena_span(arena, p->sample.source) : SPAN_NONE,
	        .sample_record = p->has_sample ? p->sample.ordinal : 0,
	        .folds = keep_folds(arena, p),
	        .n_folds = p->n_folds};
}

static void keep_names(struct arena *arena, const struct names *from, struct names *to)
{
	for (size_t i = 0; i < from->n; i++)
		names_add(to, arena_span(arena, from->v[i].text), from->v[i].events);
}

static enum status keep_policy(struct gatherer *g, const struct policy *policy,
                               struct report_principal *p)
{
	struct buf text;
	bool whole = true;
	buf_init(&text, LIMIT_POLICY_TEXT);
	for (size_t i = 0; i < policy->n_documents; i++) {
		const struct policy_document *d = &policy->documents[i];
		size_t size = document_size(d, false);
		whole = whole && document_write(d, true, &text);
		p->n_statements += d->n_statements;
		p->size = size > p->size ? size : p->size;
	}
	p->n_documents = policy->n_documents;
	if (whole)
		p->policy = arena_span(&g->r->arena, buf_span(&text));
	buf_release(&text);
	if (!whole)
		return err_set(g->err, STATUS_STOP, "too-long", "%.*s: its policy is longer than %d bytes",
		               SPAN_ARG(p->name), LIMIT_POLICY_TEXT);
	return STATUS_OK;
}

static enum status keep_explanation(struct gatherer *g, const struct explanation *e,
                                    struct report_principal *p)
{
	struct arena *arena = &g->r->arena;
	p->days_seen = e->days_seen;
	p->last_new_day = e->last_new_day;
	p->permissions = arena_alloc(arena, e->n * sizeof *p->permissions + 1);
	for (size_t i = 0; i < e->n; i++)
		p->permissions[p->n_permissions++] = keep_permission(g, &e->permissions[i]);
	for (size_t i = 0; i < p->n_permissions; i += rows_of_action(p, i).n)
		p->n_actions++;
	keep_names(arena, &e->gathered.denied_actions, &p->denials);
	keep_names(arena, &e->gathered.refused, &p->denials);
	names_rank(&p->denials);
	return e->empty ? STATUS_OK : keep_policy(g, &e->policy, p);
}

/* ---- what it is granted beyond that */

static void add_finding(struct gatherer *g, enum finding_why why, struct span action, size_t index,
                        struct report_finding **added)
{
	struct span document;
	enum risk risk = action_risk(g->s->mapping, sar_action(g->s->mapping, action), &document);
	*added = NULL;
	if (risk == RISK_NONE)
		return;
	*added = vec_add(&g->r->findings);
	**added = (struct report_finding){.risk = risk,
	                                  .why = why,
	                                  .action = action,
	                                  .document = document,
	                                  .principal = index};
}

/* Whether the policy made of what was used covers a pattern that is granted today. */
static bool is_needed(const struct action_rows *rows, struct span granted)
{
	for (size_t k = 0; k < rows->n; k++)
		for (size_t i = 0; i < rows->v[k].n_patterns; i++)
			if (pattern_text_covers(rows->v[k].patterns[i], granted, false))
				return true;
	return false;
}

static size_t used_on(const struct action_rows *rows)
{
	size_t n = 0;
	for (size_t k = 0; k < rows->n; k++)
		n += rows->v[k].n_resources;
	return n;
}

/* The first pattern of an attached identity policy that is wider than the use; SPAN_NONE: none is.
 */
static struct span wider_grant(struct gatherer *g, const struct diff_subject *d,
                               const struct action_rows *rows)
{
	char lower[256];
	struct span action = rows->v->action;
	if (action.n >= sizeof lower)
		return SPAN_NONE;
	for (size_t i = 0; i < action.n; i++)
		lower[i] = ascii_lower(action.p[i]);
	for (size_t i = 0; i < d->files->n; i++) {
		const struct layered *l = &d->files->policies[i];
		for (size_t k = 0; l->layer == LAYER_IDENTITY && l->document &&
		                   k < l->document->n_statements;
		     k++) {
			const struct statement *st = &l->document->statements[k];
			if (st->text->deny || !statement_concerns(st, span_make(lower, action.n)))
				continue;
			if (st->text->not_resource)
				return SPAN_LIT("all but what NotResource names");
			for (size_t v = 0; v < st->text->n_resources; v++)
				if (!is_needed(rows, st->text->resources[v]))
					return arena_span(&g->r->arena, st->text->resources[v]);
		}
	}
	return SPAN_NONE;
}

struct ranked_name {
	enum risk risk;
	enum access_level level;
	struct span action;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked_name *x = a, *y = b;
	/* RISK_NONE comes last */
	int rx = x->risk ? (int)x->risk : RISKS, ry = y->risk ? (int)y->risk : RISKS;
	int c = rx - ry;
	c = c ? c : (int)y->level - (int)x->level;
	return c ? c : span_cmp(x->action, y->action);
}

static void keep_unused(struct gatherer *g, const struct diff_subject *d, size_t index,
                        struct report_principal *p)
{
	struct {
		VEC_OF(struct ranked_name);
	} names = {0};
	struct {
		VEC_OF(struct span);
	} missing = {0};
	struct report_finding *f;
	for (size_t i = 0; i < d->comparison.n; i++) {
		const struct compared *c = &d->comparison.rows[i];
		if (c->state == USE_NOT_GRANTED)
			*vec_add(&missing) = c->action;
		if (c->state != GRANT_UNUSED && c->state != GRANT_NOT_OBSERVABLE)
			continue;
		add_finding(g, c->state == GRANT_UNUSED ? FINDING_UNUSED : FINDING_NOT_OBSERVABLE,
		            c->action, index, &f);
		*vec_add(&names) = (struct ranked_name){f ? f->risk : RISK_NONE, c->level, c->action};
		if (f)
			p->findings[f->risk]++;
		if (f && c->state == GRANT_UNUSED)
			p->weight += report_risk_weight(f->risk);
	}
	sort_items(names.v, names.n, sizeof *names.v, by_rank);
	p->n_unused = names.n;
	p->n_unused_names = names.n < REPORT_UNUSED_NAMES ? names.n : REPORT_UNUSED_NAMES;
	p->unused_names = arena_alloc(&g->r->arena, p->n_unused_names * sizeof(struct span) + 1);
	for (size_t i = 0; i < p->n_unused_names; i++)
		p->unused_names[i] = names.v[i].action;
	p->n_not_granted = spans_sort_unique(missing.v, missing.n);
	p->not_granted = keep(&g->r->arena, missing.v, p->n_not_granted, sizeof(struct span));
	vec_release(&names);
	vec_release(&missing);
}

static void keep_grants(struct gatherer *g, const struct diff_subject *d, size_t index,
                        struct report_principal *p)
{
	struct report_finding *f;
	p->has_grants = true;
	p->granted = d->comparison.granted;
	p->used = d->comparison.used;
	memcpy(p->unused, d->comparison.unused, sizeof p->unused);
	keep_unused(g, d, index, p);
	p->wide = arena_alloc(&g->r->arena, p->n_permissions * sizeof *p->wide + 1);
	for (size_t i = 0; i < p->n_permissions;) {
		const struct action_rows rows = rows_of_action(p, i);
		struct span granted = rows.v->risk ? wider_grant(g, d, &rows) : SPAN_NONE;
		i += rows.n;
		if (!granted.p)
			continue;
		p->wide[p->n_wide] =
		        (struct report_wide){rows.v->action, granted, used_on(&rows)};
		add_finding(g, FINDING_WIDE, rows.v->action, index, &f);
		f->wide = &p->wide[p->n_wide++];
		p->findings[f->risk]++;
		p->weight += report_risk_weight(f->risk) / 2;
	}
}

static void keep_used_risks(struct gatherer *g, size_t index, struct report_principal *p)
{
	struct report_finding *f;
	for (size_t i = 0; i < p->n_permissions; i += rows_of_action(p, i).n) {
		add_finding(g, FINDING_USED, p->permissions[i].action, index, &f);
		if (f)
			p->findings[f->risk]++;
	}
}

/* ---- principals */

static const struct diff_subject *grants_of(const struct report *r, struct span arn)
{
	for (size_t i = 0; i < r->diff.n; i++)
		if (span_eq(r->diff.subjects[i].principal, arn))
			return &r->diff.subjects[i];
	return NULL;
}

static struct report_principal *new_principal(struct report *r, struct span name,
                                              struct span account, struct span short_name)
{
	struct report_principal *p = vec_add(&r->principals);
	p->name = arena_span(&r->arena, name);
	p->account = arena_span(&r->arena, account);
	p->short_name = arena_span(&r->arena, short_name);
	return p;
}

static enum status gather_principal(struct gatherer *g, const struct subject *who)
{
	struct report *r = g->r;
	struct explanation e;
	size_t index = r->principals.n;
	enum status status = explain_subject(g->o->request, g->s, who, EXPLAIN_SUBJECT, &e, g->err);
	if (status == STATUS_OK) {
		struct report_principal *p =
		        new_principal(r, who->name, who->account, who->short_name);
		const struct diff_subject *d = r->has_grants ? grants_of(r, p->name) : NULL;
		p->editable = who->editable;
		add_tallies(g, who, p);
		status = keep_explanation(g, &e, p);
		if (d)
			keep_grants(g, d, index, p);
		else if (!r->has_grants)
			keep_used_risks(g, index, p);
		keep_services(g, &e, d, p);
		r->events += p->events;
		r->denied += p->denied;
	}
	explanation_release(&e);
	return status;
}

static bool is_gathered(const struct report *r, size_t n, struct span arn)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(r->principals.v[i].name, arn))
			return true;
	return false;
}

/* Principals of the account that the log does not know, or knows by another name. */
static void add_silent(struct gatherer *g)
{
	struct report *r = g->r;
	size_t known = r->principals.n;
	for (size_t i = 0; i < r->diff.n; i++) {
		const struct diff_subject *d = &r->diff.subjects[i];
		struct arn arn;
		if (is_gathered(r, known, d->principal) || !arn_parse(d->principal, &arn))
			continue;
		ptrdiff_t slash = span_rchr(arn.rest, '/');
		size_t index = r->principals.n;
		struct report_principal *p = new_principal(
		        r, d->principal, arn.account,
		        slash < 0 ? arn.rest : span_from(arn.rest, (size_t)slash + 1));
		p->editable = d->editable;
		p->events = d->events;
		p->first = d->first;
		p->last = d->last;
		keep_grants(g, d, index, p);
		keep_services(g, NULL, d, p);
	}
}

/* ---- order */

static int by_weight(const void *a, const void *b)
{
	const struct report_principal *const *x = a, *const *y = b;
	int c = ((*x)->weight < (*y)->weight) - ((*x)->weight > (*y)->weight);
	c = c ? c : ((*x)->n_unused < (*y)->n_unused) - ((*x)->n_unused > (*y)->n_unused);
	return c ? c : span_cmp((*x)->name, (*y)->name);
}

static int by_finding(const void *a, const void *b)
{
	const struct report_finding *x = a, *y = b;
	int c = (int)x->risk - (int)y->risk;
	c = c ? c : span_cmp(x->action, y->action);
	c = c ? c : (int)x->why - (int)y->why;
	return c ? c : (x->principal > y->principal) - (x->principal < y->principal);
}

/* Most worth cutting first; the findings follow their principals. */
static void rank(struct report *r)
{
	size_t n = r->principals.n;
	const struct report_principal **order = xcalloc(n + 1, sizeof *order);
	struct report_principal *ranked = xcalloc(n + 1, sizeof *ranked);
	size_t *at = xcalloc(n + 1, sizeof *at);
	for (size_t i = 0; i < n; i++)
		order[i] = &r->principals.v[i];
	sort_items(order, n, sizeof *order, by_weight);
	for (size_t i = 0; i < n; i++) {
		ranked[i] = *order[i];
		at[order[i] - r->principals.v] = i;
	}
	for (size_t i = 0; i < r->findings.n; i++)
		r->findings.v[i].principal = at[r->findings.v[i].principal];
	sort_items(r->findings.v, r->findings.n, sizeof *r->findings.v, by_finding);
	if (n)
		memcpy(r->principals.v, ranked, n * sizeof *ranked);
	free(order);
	free(ranked);
	free(at);
}

static enum status gather_details(struct gatherer *g, const struct subjects *subjects)
{
	struct report *r = g->r;
	const struct diff_options options = {.request = g->o->request,
	                                     .details = g->o->details,
	                                     .last_accessed = g->o->last_accessed};
	r->has_grants = true;
	enum status status = diff_run(&options, g->s, subjects, &r->diff, g->err);
	keep_names(&r->arena, &r->diff.refused, &r->refused);
	return status;
}

enum status report_gather(const struct report_options *o, struct policy_source *s,
                          const struct subjects *subjects, struct report *out, struct err *err)
{
	struct gatherer g = {.o = o, .s = s, .r = out, .err = err};
	*out = (struct report){0};
	arena_init(&out->arena);
	out->mapping_version = mapping_version(s->mapping);
	enum status status = gather_log(&g);
	if (status == STATUS_OK && o->details)
		status = gather_details(&g, subjects);
	if (o->progress)
		o->progress(o->data, 0, subjects->n);
	for (size_t i = 0; i < subjects->n && status == STATUS_OK; i++) {
		status = gather_principal(&g, &subjects->s[i]);
		if (o->progress)
			o->progress(o->data, i + 1, subjects->n);
	}
	if (status == STATUS_OK && o->details)
		add_silent(&g);
	for (size_t i = 1; i < out->principals.n; i++)
		out->several_accounts |=
		        !span_eq(out->principals.v[i].account, out->principals.v[0].account);
	if (status == STATUS_OK) {
		rank(out);
		status = report_find_inactive(o, out, err);
	}
	vec_release(&g.tallies);
	return status;
}

void report_release(struct report *r)
{
	for (size_t i = 0; i < r->principals.n; i++)
		names_release(&r->principals.v[i].denials);
	vec_release(&r->principals);
	vec_release(&r->findings);
	vec_release(&r->days);
	vec_release(&r->coverage);
	vec_release(&r->inactive);
	names_release(&r->refused);
	if (r->has_grants)
		diff_release(&r->diff);
	arena_release(&r->arena);
}
