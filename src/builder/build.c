/* build.c - builder: see build.h. Rows become grants (one action on one resource), grants become
 * entries (one action with its patterns), entries become statements, statements documents; if they
 * do not fit, the same again with fewer patterns. */
#include "config.h"

#include "builder/build-internal.h"

#include "base/alloc.h"
#include "builder/fit.h"
#include "builder/merge.h"
#include "builder/prefix.h"
#include "builder/scanner.h"
#include "policy/iam-text.h"
#include "policy/pattern-text.h"

#include <stdlib.h>

void builder_note(struct builder *b, struct span text)
{
	if (b->n_notes == b->notes_room) {
		b->notes_room = b->notes_room ? 2 * b->notes_room : 16;
		b->notes = xreallocarray(b->notes, b->notes_room, sizeof *b->notes);
	}
	b->notes[b->n_notes++] = text;
}

/* ---- rows */

bool denial_may_lack_allow(enum denial_by by, bool explicit_deny)
{
	return !explicit_deny && (by == DENIAL_IDENTITY || by == DENIAL_UNSTATED);
}

/* Whether a row counts, and as what: 0 if it does not. */
static enum statement_origin origin_of(const struct policy_options *o, const struct access_use *u)
{
	if (u->access.need == NEED_DEPENDENT && !o->dependents)
		return 0;
	if (u->outcome == OUTCOME_DENIED) {
		bool grantable = denial_may_lack_allow(u->denied_by, u->explicit_deny);
		return grantable && o->denied != DENIED_LEAVE_OUT ? STATEMENT_DENIED : 0;
	}
	if (u->outcome == OUTCOME_UNAUTHENTICATED || o->denied == DENIED_ONLY ||
	    u->access.need == NEED_DENIED)
		return 0;
	return STATEMENT_OBSERVED;
}

static void rows_make(struct builder *b)
{
	bool by_via = false, by_service = builder_stands_apart(b, CONDITION_PASSED_TO);
	for (int k = 0; k < CONDITION_KINDS; k++)
		by_via |= builder_stands_apart(b, (enum condition_kind)k) &&
		          condition_breaks_fas((enum condition_kind)k);
	b->rows = xcalloc(b->in->n_uses + 1, sizeof *b->rows);
	for (size_t i = 0; i < b->in->n_uses; i++) {
		const struct access_use *u = &b->in->uses[i];
		enum statement_origin origin = origin_of(b->options, u);
		if (!origin || span_empty(u->access.action))
			continue;
		struct span resource = u->access.resource.n ? u->access.resource : SPAN_LIT("*");
		b->out->replaced += u->access.replaced;
		b->rows[b->n_rows++] = (struct row){
		        .origin = origin,
		        .via = by_via ? u->via : SPAN_NONE,
		        .passed_to = by_service || u->access.need != NEED_PASS_ROLE
		                             ? u->access.passed_to
		                             : SPAN_NONE,
		        .action = u->access.action,
		        .type = u->access.type,
		        .resource = iam_text(&b->out->arena, resource, &b->out->replaced),
		        .use = i,
		};
	}
	rows_sort(b->rows, b->n_rows);
}

/* ---- entries */

static void entry_start(struct builder *b, const struct row *r, struct entry *e)
{
	const struct sar_action *sar = sar_action(b->in->mapping, r->action);
	ptrdiff_t colon = span_chr(r->action, ':');
	*e = (struct entry){.origin = r->origin,
	                    .via = r->via,
	                    .passed_to = r->passed_to,
	                    .action = r->action,
	                    .service =
	                            span_sub(r->action, 0, colon < 0 ? r->action.n : (size_t)colon),
	                    .level = sar ? sar_action_level(sar) : LEVEL_UNKNOWN,
	                    .type = r->type};
	if (!sar && b->in->n_uses && r->use < b->in->n_uses)
		e->level = b->in->uses[r->use].access.level;
}

/* ---- what resources fold to */

static int member_order(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int c = span_cmp(x->pattern, y->pattern);
	return c ? c : span_cmp(x->example, y->example);
}

/* The user's word on a resource; NULL: there is none. */
static const struct fold_rule *rule_of(const struct policy_options *o, struct span service,
                                       struct span type, struct span resource)
{
	for (size_t i = 0; i < o->n_rules; i++)
		if (span_eq(o->rules[i].service, service) && span_eq(o->rules[i].type, type) &&
		    pattern_text_covers(o->rules[i].pattern, resource, false))
			return &o->rules[i];
	return NULL;
}

/* How the resources of one action and type fold. */
struct folding {
	bool metadata;  /* the action reads nothing else */
	bool once;      /* it is one event, that wrote */
	bool look_back; /* by what is known of each */
};

/* One resource, by the user's rules, or by what is known of it. */
static struct member member_of(const struct builder *b, const struct row *r,
                               const struct folding *f)
{
	const struct fold_rule *rule =
	        b->options->n_rules ? rule_of(b->options, builder_service(r), r->type, r->resource)
	                            : NULL;
	struct member m = {.pattern = r->resource, .arns = 1, .example = r->resource};
	const struct seen *s = f->look_back && !rule ? builder_seen(b, r) : NULL;
	if (rule) {
		m.pattern = rule->pattern;
		m.reason = FOLD_SETTINGS;
		m.where = rule->where;
	} else if (s && s->wide.n && f->metadata) {
		m.pattern = s->wide;
		m.reason = FOLD_SCANNED;
	} else if (s && (b->by_history || s->to.reason) && !(f->once && builder_stays_exact(s))) {
		m = s->to;
	}
	return m;
}

/* Joins those of n members that fold to the same; returns how many are left. */
static size_t members_join(struct member *m, size_t n)
{
	size_t left = 0, i = 1;
	while (i < n && member_order(&m[i - 1], &m[i]) <= 0)
		i++;
	if (i < n)
		qsort(m, n, sizeof *m, member_order);
	for (i = 0; i < n; i++) {
		if (left && span_eq(m[left - 1].pattern, m[i].pattern)) {
			m[left - 1].arns += m[i].arns;
			if (m[i].reason > m[left - 1].reason)
				m[left - 1].reason = m[i].reason;
		} else {
			m[left++] = m[i];
		}
	}
	return left;
}

/* The members of n rows of one action and type, in m; returns how many. */
static size_t members_of(const struct builder *b, const struct row *r, size_t n,
                         const struct folding *f, struct member *m)
{
	size_t distinct = 0;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !span_eq(r[i - 1].resource, r[i].resource))
			m[distinct++] = member_of(b, &r[i], f);
	return b->seen || b->options->n_rules ? members_join(m, distinct) : distinct;
}

static bool is_s3_object(const struct sar_type *t)
{
	return t && span_is(sar_type_service(t), "s3") && span_is(sar_type_name(t), "object");
}

/* The patterns of one action: those of each of its resource types. */
static void entry_patterns(struct builder *b, const struct row *r, size_t n,
                           const struct generalise_options *g, struct entry *e)
{
	struct arena *arena = &b->out->arena;
	struct span *all = NULL;
	struct member *one = xcalloc(n, sizeof *one);
	struct span *made_here = xcalloc(b->n_made + 1, sizeof *made_here);
	struct generalise_options of_type = *g;
	size_t n_all = 0, types = 0;
	of_type.made = made_here;
	for (size_t i = 0, k; i < n; i = k) {
		if (!span_eq(r[i].type, e->type))
			e->type = SPAN_NONE;
		for (k = i + 1; k < n && span_eq(r[i].type, r[k].type);)
			k++;
		struct span *patterns;
		const struct sar_type *type = sar_type(b->in->mapping, e->service, r[i].type);
		of_type.n_made = builder_made_of(b, e->service, r[i].type, made_here);
		/* a folder is of the names themselves: what their history folds says less */
		bool prefix = b->options->resources == RESOURCES_PREFIX && is_s3_object(type);
		const struct folding f = {
		        b->seen && reads_metadata(b->in->mapping,
		                                  sar_action(b->in->mapping, e->action), type),
		        b->seen && builder_was_once(b, r + i, k - i), b->seen && !prefix};
		size_t distinct = members_of(b, r + i, k - i, &f, one);
		if (prefix)
			distinct = prefix_fold(one, distinct, arena);
		size_t made = generalise(&of_type, e->action, type, one, distinct, arena, &patterns,
		                         &b->folds);
		types++;
		if (i == 0 && k == n) {
			all = patterns;
			n_all = made;
			break;
		}
		if (!all)
			all = arena_alloc(arena, n * sizeof *all);
		memcpy(all + n_all, patterns, made * sizeof *all);
		n_all += made;
	}
	free(one);
	free(made_here);
	e->resources = all;
	e->n_resources = n_all;
	if (types == 1)
		return; /* generalise has sorted them, and left out what others cover */
	n_all = spans_sort_unique(all, n_all);
	e->n_resources = pattern_texts_absorb(all, n_all);
}

/* Drops of e what an entry of the same action that stands for observed calls allows already. */
static void entry_subtract(struct entry *e, const struct entry *observed)
{
	size_t left = 0;
	for (size_t i = 0; i < e->n_resources; i++) {
		bool covered = false;
		for (size_t k = 0; k < observed->n_resources && !covered; k++)
			covered =
			        pattern_text_covers(observed->resources[k], e->resources[i], false);
		if (!covered)
			e->resources[left++] = e->resources[i];
	}
	e->n_resources = left;
}

static const struct entry *entry_find(const struct entry *e, size_t n, struct span action)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (span_cmp(e[mid].action, action) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && span_eq(e[lo].action, action) ? &e[lo] : NULL;
}

/* Unconditional grants first: what they allow needs no second statement. Entries are in row order,
 * so those of origin observed and without via and passed_to come first, sorted by action. */
static size_t entries_subtract(struct builder *b, struct entry *e, size_t n)
{
	size_t plain = 0, left;
	while (plain < n && e[plain].origin == STATEMENT_OBSERVED && !e[plain].via.p &&
	       !e[plain].passed_to.p)
		plain++;
	left = plain;
	for (size_t i = plain; i < n; i++) {
		const struct entry *o = entry_find(e, plain, e[i].action);
		if (o && (e[i].origin != STATEMENT_OBSERVED || !b->options->conditions))
			entry_subtract(&e[i], o);
		if (e[i].n_resources)
			e[left++] = e[i];
	}
	return left;
}

static size_t entries_of_rows(struct builder *b, const struct row *rows, size_t n_rows,
                              const struct generalise_options *g, struct entry *e)
{
	size_t n = 0;
	for (size_t i = 0, k; i < n_rows; i = k) {
		for (k = i + 1; k < n_rows && row_same_entry(&rows[i], &rows[k]);)
			k++;
		entry_start(b, &rows[i], &e[n]);
		e[n].first_use = i;
		e[n].n_uses = k - i;
		entry_patterns(b, rows + i, k - i, g, &e[n]);
		n++;
	}
	return n;
}

static struct span label_of(struct builder *b, const struct policy_statement *s)
{
	struct arena *a = &b->out->arena;
	if (s->sid.n)
		return arena_printf(a, "statement %.*s", SPAN_ARG(s->sid));
	return arena_printf(a, "Statement[%zu]", (size_t)(s - b->in->existing->statements));
}

/* A Deny that people wrote stands above whatever is added: the user must know that the grant will
 * not help. */
static void note_denied(struct builder *b, const struct entry *e, size_t n)
{
	b->n_notes = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < e[i].n_resources; k++) {
			const struct policy_statement *s =
			        merge_denies(b->in->existing, e[i].action, e[i].resources[k]);
			if (s)
				builder_note(b,
				             arena_printf(&b->out->arena,
				                          "%.*s of the given policy denies %.*s on "
				                          "%.*s, which was called",
				                          SPAN_ARG(label_of(b, s)),
				                          SPAN_ARG(e[i].action),
				                          SPAN_ARG(e[i].resources[k])));
		}
}

/* How many siblings stay apart unless it must fit. By its history a closed list is known: it stays,
 * however long, unless the user wants otherwise. */
static unsigned siblings_asked(const struct builder *b)
{
	bool any = b->options->max_resources == 0 || (b->by_history && !b->options->max_resources_given);
	return any ? UINT32_MAX : b->options->max_resources;
}

static size_t entries_make(struct builder *b, unsigned max_siblings, struct entry **out)
{
	const struct policy_options *o = b->options;
	struct generalise_options g = {.mode = o->resources,
	                               .max_siblings = max_siblings,
	                               .asked_siblings = siblings_asked(b),
	                               .any_region = o->any_region,
	                               .any_width = b->history.any_width,
	                               .folded = b->by_history};
	struct entry *e = arena_alloc(&b->out->arena, (b->n_rows + b->n_siblings + 1) * sizeof *e);
	b->folds.n = 0;
	size_t n = entries_of_rows(b, b->rows, b->n_rows, &g, e);
	n += entries_of_rows(b, b->siblings, b->n_siblings, &g, e + n);
	*out = e;
	n = entries_subtract(b, e, n);
	if (b->in->existing) {
		note_denied(b, e, n);
		n = merge_subtract(b->in->existing, e, n);
	}
	return n;
}

/* ---- documents */

struct attempt {
	unsigned max_siblings;
	bool merge, wildcards;
	bool any_width; /* '*' in the place of many '?' */
};

static struct fit_result documents_make(struct builder *b, struct drafts *d,
                                        const struct attempt *a)
{
	struct arena *arena = &b->out->arena;
	size_t kept = b->in->existing ? b->in->existing->n_statements : 0;
	struct policy_statement *s = arena_alloc(arena, (kept + d->n + 1) * sizeof *s);
	drafts_name(d, arena);
	for (size_t i = 0; i < kept; i++) {
		s[i] = b->in->existing->statements[i];
		s[i].origin = STATEMENT_KEPT;
	}
	b->wildcards.n = 0;
	for (size_t i = 0; i < d->n; i++) {
		s[kept + i] = d->d[i].s;
		if (a->wildcards || b->options->action_verbs)
			actions_shorten(b->in->mapping, &s[kept + i], b->options->action_verbs,
			                arena, &b->wildcards);
	}
	struct fit_options fit = {.limit = b->options->limit,
	                          .white_space = b->options->limit_white_space,
	                          .max_documents = b->options->max_documents};
	return fit_documents(s, kept + d->n, &fit, arena);
}

/* One try: *fit says whether it worked. STATUS_STOP: a condition is not supported. */
static enum status attempt(struct builder *b, const struct attempt *a, struct fit_result *fit,
                           size_t *n_drafts, struct err *err)
{
	struct entry *entries;
	if (a->any_width && !b->history.any_width)
		builder_fold_any_width(b);
	size_t n = entries_make(b, a->max_siblings, &entries);
	struct drafts d = drafts_form(entries, n, &b->out->arena);
	enum status status = builder_conditions(b, &d, err);
	if (status != STATUS_OK)
		return status;
	d = drafts_merge(d, MERGE_EQUAL, &b->out->arena);
	if (a->merge)
		d = drafts_merge(d, MERGE_TO_FIT, &b->out->arena);
	*n_drafts = d.n;
	*fit = documents_make(b, &d, a);
	b->out->max_resources = a->max_siblings;
	return STATUS_OK;
}

static int fold_order(const void *a, const void *b)
{
	const struct policy_fold *x = a, *y = b;
	int c = span_cmp(x->action, y->action);
	c = c ? c : span_cmp(x->type, y->type);
	return c ? c : span_cmp(x->pattern, y->pattern);
}

static int wildcard_order(const void *a, const void *b)
{
	return span_cmp(((const struct policy_wildcard *)a)->pattern,
	                ((const struct policy_wildcard *)b)->pattern);
}

static void *keep(struct arena *arena, const void *from, size_t n, size_t size)
{
	void *to = arena_alloc(arena, n * size + 1);
	if (n)
		memcpy(to, from, n * size);
	return to;
}

static void results_keep(struct builder *b, const struct fit_result *fit)
{
	struct policy *p = b->out;
	p->documents = fit->documents;
	p->n_documents = fit->n;
	p->folds = keep(&p->arena, b->folds.folds, b->folds.n, sizeof *p->folds);
	p->n_folds = b->folds.n;
	if (p->n_folds)
		qsort(p->folds, p->n_folds, sizeof *p->folds, fold_order);
	p->wildcards = keep(&p->arena, b->wildcards.w, b->wildcards.n, sizeof *p->wildcards);
	p->n_wildcards = b->wildcards.n;
	if (p->n_wildcards)
		qsort(p->wildcards, p->n_wildcards, sizeof *p->wildcards, wildcard_order);
}

/* In this order: as asked; merged without loss; in several documents; '*' for any width; folded
 * further; with action wildcards. */
static enum status documents_fit(struct builder *b, struct err *err)
{
	unsigned asked = siblings_asked(b);
	bool fold = resources_fold(b->options->resources);
	const struct attempt tries[] = {
	        {asked, false, false, false}, {asked, true, false, false}, {asked, true, false, true},
	        {10, true, false, true},      {5, true, false, true},      {2, true, false, true},
	        {1, true, false, true},       {asked, true, true, fold},   {1, true, true, true}};
	struct fit_result fit = {NULL, 0, 0, 0}, first = {NULL, 0, 0, 0};
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		const struct attempt *a = &tries[i];
		size_t n = 0;
		if (a->max_siblings != asked && (!fold || a->max_siblings >= asked))
			continue;
		if (a->wildcards && a->max_siblings == asked && fold && asked > 1)
			continue; /* wildcards come on top of the last fold */
		enum status status = attempt(b, a, &fit, &n, err);
		if (status != STATUS_OK)
			return status;
		if (i == 0)
			first = fit;
		size_t kept = b->in->existing ? b->in->existing->n_statements : 0;
		if (n + kept == 0)
			return STATUS_END;
		/* one document as it is beats several; several are only worth it merged */
		if (fit.n == 1 || (fit.n > 1 && a->merge)) {
			results_keep(b, &fit);
			return STATUS_OK;
		}
	}
	if (fit.largest > b->options->limit)
		return err_set(err, STATUS_STOP, "too-large",
		               "one statement alone takes %zu characters; the limit is %zu",
		               fit.largest, b->options->limit);
	return err_set(
	        err, STATUS_STOP, "too-large",
	        "it takes %zu characters, and %zu when all is merged and folded as far as allowed; "
	        "the limit is %u document%s of %zu",
	        first.characters, fit.characters, b->options->max_documents,
	        b->options->max_documents == 1 ? "" : "s", b->options->limit);
}

/* A role that no record names is any role: the widest of grants, and to be told. */
static void tell_any_role(struct builder *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n_rows; i++) {
		const struct access *a = &b->in->uses[b->rows[i].use].access;
		n += a->need == NEED_PASS_ROLE && a->origin == ORIGIN_PARTIAL;
	}
	if (n)
		builder_note(
		        b,
		        SPAN_LIT(
		                "iam:PassRole holds for any role, since no record tells which role "
		                "an instance profile holds; write its ARN in the place of role/*"));
}

enum status policy_build(const struct policy_input *in, const struct policy_options *options,
                         struct policy *out, struct err *err)
{
	struct builder b = {.in = in, .options = options, .out = out};
	policy_init(out);
	rows_make(&b);
	builder_look_back(&b);
	builder_siblings(&b);
	enum status status = documents_fit(&b, err);
	tell_any_role(&b);
	builder_tell_once(&b);
	builder_tell_unclear_secrets(&b);
	if (b.n_notes) {
		out->notes = keep(&out->arena, b.notes, b.n_notes, sizeof *out->notes);
		out->n_notes = b.n_notes;
	}
	free(b.rows);
	free(b.made);
	free(b.seen);
	free(b.siblings);
	free(b.folds.folds);
	free(b.wildcards.w);
	free(b.notes);
	return status;
}
