/* backtest.c - review: see backtest.h. */
#include "config.h"

#include "review/backtest.h"

#include "base/when.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "builder/build.h"
#include "builder/ephemeral.h"
#include "review/replay.h"

#include <stdlib.h>

struct tester {
	const struct backtest_options *o;
	struct policy_source *source;
	struct policy_request before, after; /* the request's, each with its part of the window */
	struct known_resources known;        /* of everybody, before and after */
	struct backtest *out;
};

/* One subject. */
struct trial {
	struct tester *k;
	struct backtest_subject *s;
	struct span *actions; /* that it was seen to use before the cut; sorted */
	size_t n_actions;
	struct span *words; /* of "SERVICE TYPE", and of names of that type; sorted */
	size_t n_words;
};

/* ---- names that could be predicted */

/* A word that a person chose: no number, no id. */
static bool is_word(struct span w)
{
	for (size_t i = 0; i < w.n; i++)
		if (ascii_alpha(w.p[i]) || (unsigned char)w.p[i] >= 0x80)
			return w.n > 1 && !is_id_shaped(w);
	return false;
}

/* The words of a resource's name, each with its action's service and its type. The name is all
 * behind the account; calls each until it returns true, and tells whether one did. */
static bool each_word(const struct access *a, struct arena *arena,
                      bool (*each)(struct trial *t, struct span word), struct trial *t)
{
	struct span rest = a->resource, service = a->action;
	service = span_cut(&service, ':');
	for (int field = 0; field < 5; field++)
		span_cut(&rest, ':');
	size_t from = 0;
	for (size_t i = 0; i <= rest.n; i++) {
		bool inside = i < rest.n && (ascii_alpha(rest.p[i]) || ascii_digit(rest.p[i]) ||
		                             (unsigned char)rest.p[i] >= 0x80);
		if (inside)
			continue;
		struct span word = span_sub(rest, from, i - from);
		from = i + 1;
		/* "table" of "table/orders" is the type's */
		if (!is_word(word) || span_eq_ci(word, a->type))
			continue;
		if (each(t, arena_printf(arena, "%.*s %.*s %.*s", SPAN_ARG(service),
		                         SPAN_ARG(a->type), SPAN_ARG(word))))
			return true;
	}
	return false;
}

static bool keep_word(struct trial *t, struct span word)
{
	t->words[t->n_words++] = word;
	return false;
}

static bool knows_word(struct trial *t, struct span word)
{
	return t->n_words && bsearch(&word, t->words, t->n_words, sizeof word, span_order);
}

static size_t most_words(const struct gathered *g)
{
	size_t n = 1;
	for (size_t i = 0; i < g->n_uses; i++)
		n += g->uses[i].access.resource.n / 2 + 1;
	return n;
}

/* What is known of the subject before the cut. */
static void learn(struct trial *t, struct gathered *g)
{
	t->actions = arena_alloc(&g->arena, (g->n_uses + 1) * sizeof *t->actions);
	t->words = arena_alloc(&g->arena, most_words(g) * sizeof *t->words);
	for (size_t i = 0; i < g->n_uses; i++) {
		const struct access *a = &g->uses[i].access;
		bool repeats = i && span_eq(a->resource, g->uses[i - 1].access.resource);
		t->actions[i] = a->action;
		if (!repeats)
			each_word(a, &g->arena, keep_word, t);
	}
	t->n_actions = spans_sort_unique(t->actions, g->n_uses);
	t->n_words = spans_sort_unique(t->words, t->n_words);
}

/* ---- calls behind the cut */

static void miss_add(struct trial *t, struct backtest_misses *list, const struct access *a,
                     bool resource, uint64_t events)
{
	struct arena *arena = &t->k->out->arena;
	*vec_add(list) = (struct backtest_miss){
	        .action = arena_span(arena, a->action),
	        .resource = resource ? arena_span(arena, a->resource) : SPAN_NONE,
	        .calls = 1,
	        .events = events};
}

static void calls_add(struct backtest_calls *c, bool held, uint64_t events)
{
	c->calls++;
	c->events += events;
	c->held += held;
	c->held_events += held ? events : 0;
}

static void take_judged(void *data, const struct call_use *u, const struct replay_judged *a,
                        size_t n)
{
	struct trial *t = data;
	bool held = true, seen = true;
	struct arena scratch;
	arena_init(&scratch);
	for (size_t i = 0; i < n; i++) {
		struct span action = a[i].access->action;
		bool known = t->n_actions &&
		             bsearch(&action, t->actions, t->n_actions, sizeof action, span_order);
		seen = seen && known;
		if (a[i].state == REPLAY_ALLOWED)
			continue;
		held = false;
		if (!known)
			miss_add(t, &t->s->new_actions, a[i].access, false, u->events);
		else if (each_word(a[i].access, &scratch, knows_word, t))
			miss_add(t, &t->s->missed, a[i].access, true, u->events);
		else
			miss_add(t, &t->s->unpredictable, a[i].access, true, u->events);
	}
	arena_release(&scratch);
	if (n == 0)
		return; /* it needs no permission, or its action is not known */
	calls_add(&t->s->all, held, u->events);
	if (seen)
		calls_add(&t->s->seen, held, u->events);
}

static int by_miss(const void *a, const void *b)
{
	const struct backtest_miss *x = a, *y = b;
	int c = span_cmp(x->action, y->action);
	return c ? c : span_cmp(x->resource, y->resource);
}

static void misses_sum(struct backtest_misses *list)
{
	size_t kept = 0;
	sort_items(list->v, list->n, sizeof *list->v, by_miss);
	for (size_t i = 0; i < list->n; i++) {
		struct backtest_miss *last = kept ? &list->v[kept - 1] : NULL;
		if (last && by_miss(last, &list->v[i]) == 0) {
			last->calls += list->v[i].calls;
			last->events += list->v[i].events;
		} else {
			list->v[kept++] = list->v[i];
		}
	}
	list->n = kept;
}

static enum status replay_after(struct trial *t, const struct subject *who,
                                const struct policy_files *files, struct err *err)
{
	struct replay r;
	replay_init(&r);
	r.judged = take_judged;
	r.judged_data = t;
	enum status status = replay_run(&t->k->after, t->k->source, who, files, &r, err);
	replay_release(&r);
	misses_sum(&t->s->new_actions);
	misses_sum(&t->s->missed);
	misses_sum(&t->s->unpredictable);
	return status;
}

/* ---- what is others' */

static int by_nearness(const void *a, const void *b)
{
	const struct backtest_opened *x = a, *y = b;
	if (x->common != y->common)
		return x->common > y->common ? -1 : 1;
	int c = span_cmp(x->resource, y->resource);
	return c ? c : span_cmp(x->action, y->action);
}

/* Whether the action can have nothing to do with that one: it makes one of the type, whose id AWS makes up,
 * and needs a grant for that on any. RunInstances makes its volumes, too (EC2 API reference,
 * EbsBlockDevice: no volume that is there already can be named). */
static bool makes_another(struct span action, const struct known_resource *one)
{
	bool volume = span_is(action, "ec2:RunInstances") && span_is(one->type, "volume");
	return has_aws_id(one->resource) && (volume || action_makes_type(action, one->type));
}

struct marks {
	bool *candidate; /* of a type that an action of the policy takes */
	bool *open;
};

static void mark_types(const struct tester *k, struct span action, bool *candidate)
{
	const struct sar_action *a = sar_action(k->source->mapping, action);
	for (size_t i = 0; a && i < sar_action_n_types(a); i++) {
		size_t from, n = known_of_type(&k->known, sar_action_type(a, i), &from);
		for (size_t j = from; j < from + n; j++)
			if (!candidate[j])
				candidate[j] = !makes_another(action, &k->known.v[j]);
	}
}

static void opened_add(struct trial *t, const struct known_resources *own, struct span action,
                       const struct known_resource *one)
{
	struct arena *arena = &t->k->out->arena;
	size_t common;
	const struct known_resource *near = known_nearest(own, one, &common);
	*vec_add(&t->s->opened) = (struct backtest_opened){
	        .action = arena_span(arena, action),
	        .resource = arena_span(arena, one->resource),
	        .near = near ? arena_span(arena, near->resource) : SPAN_NONE,
	        .common = common};
}

static void try_others(struct trial *t, const struct known_resources *own,
                       const struct policy_files *files)
{
	const struct tester *k = t->k;
	struct arena scratch;
	struct marks m = {xcalloc(k->known.n + 1, sizeof(bool)),
	                  xcalloc(k->known.n + 1, sizeof(bool))};
	struct evaluator *e = evaluator_new(files->policies, files->n);
	const struct reach r = {e, k->source->mapping, k->known.v, k->known.n, SPAN_NONE};
	arena_init(&scratch);
	for (size_t i = 0; i < t->n_actions; i++) {
		const size_t *open;
		arena_reset(&scratch);
		size_t n = reach_of_action(&r, t->actions[i], &scratch, &open);
		mark_types(k, t->actions[i], m.candidate);
		for (size_t j = 0; j < n; j++) {
			const struct known_resource *one = &k->known.v[open[j]];
			if (m.open[open[j]] || known_has(own, one) ||
			    makes_another(t->actions[i], one))
				continue;
			m.open[open[j]] = true;
			opened_add(t, own, t->actions[i], one);
		}
	}
	for (size_t j = 0; j < k->known.n; j++)
		t->s->others += m.candidate[j] && !known_has(own, &k->known.v[j]);
	sort_items(t->s->opened.v, t->s->opened.n, sizeof *t->s->opened.v, by_nearness);
	arena_release(&scratch);
	evaluator_free(e);
	free(m.candidate);
	free(m.open);
}

/* ---- one subject */

static enum status judge(struct trial *t, const struct subject *who, const struct policy *p,
                         struct err *err)
{
	struct policy_files files;
	struct known_resources own;
	policy_files_init(&files);
	known_init(&own);
	enum status status = policy_files_take_policy(&files, p, err);
	if (status == STATUS_OK)
		status = replay_after(t, who, &files, err);
	if (status == STATUS_OK)
		status = known_read(t->k->o->request, t->k->source, who, &own, err);
	if (status == STATUS_OK)
		try_others(t, &own, &files);
	known_release(&own);
	policy_files_release(&files);
	return status;
}

static void sum_add(struct backtest_calls *sum, const struct backtest_calls *c)
{
	sum->calls += c->calls;
	sum->held += c->held;
	sum->events += c->events;
	sum->held_events += c->held_events;
}

static enum status test_subject(struct tester *k, const struct subject *who, struct err *err)
{
	struct backtest_subject *s = vec_add(&k->out->subjects);
	struct trial t = {.k = k, .s = s};
	struct gathered g;
	struct policy p;
	gathered_init(&g);
	policy_init(&p);
	s->principal = arena_span(&k->out->arena, who->name);
	enum status status = gather_subject(&k->before, k->source, who, &g, err);
	if (status == STATUS_OK)
		status = gather_policy(k->source, &g, &p, err);
	if (status == STATUS_OK) {
		learn(&t, &g);
		status = judge(&t, who, &p, err);
		sum_add(&k->out->all, &s->all);
		sum_add(&k->out->seen, &s->seen);
		k->out->others += s->others;
		k->out->opened += s->opened.n;
	} else if (status == STATUS_END) {
		s->nothing_before = true;
		status = STATUS_OK;
	}
	policy_release(&p);
	gathered_release(&g);
	return status;
}

/* ---- the cut */

static bool note_day(void *data, const struct reduced_day *d)
{
	*(bool *)data = true;
	return false;
}

/* A cut that nobody asked for, where only counts are held of the day that it is inside of: the midnight
 * before, or the one behind if that is not inside of the log. */
static enum status cut_at_midnight(struct tester *k, struct err *err)
{
	struct backtest *b = k->out;
	struct store_filter day = {.window = {b->cut, b->cut + 1}};
	bool reduced = false;
	if (store_each_reduced_day(k->source->store, &day, note_day, &reduced, err) != STATUS_OK)
		return STATUS_STOP;
	if (!reduced)
		return STATUS_OK;
	b->cut = when_day(b->cut) * WHEN_DAY_SECONDS;
	if (b->cut <= b->window.since)
		b->cut += WHEN_DAY_SECONDS;
	return STATUS_OK;
}

static enum status find_cut(struct tester *k, struct err *err)
{
	struct backtest *b = k->out;
	const struct store_window *asked = &k->o->request->window;
	enum status status = store_log_window(k->source->store, &b->window, err);
	if (status != STATUS_OK)
		return status;
	if (asked->since > b->window.since)
		b->window.since = asked->since;
	if (asked->until <= b->window.until)
		b->window.until = asked->until - 1;
	if (b->window.since >= b->window.until)
		return err_set(err, STATUS_STOP, "no-time",
		               "there are no two times of events to cut between");
	int64_t whole = b->window.until - b->window.since;
	b->cut = k->o->has_cut ? k->o->cut
	                       : b->window.since + whole / 100 * k->o->train +
	                                 whole % 100 * k->o->train / 100;
	if (b->cut <= b->window.since)
		b->cut = k->o->has_cut ? b->cut : b->window.since + 1;
	if (!k->o->has_cut && cut_at_midnight(k, err) != STATUS_OK)
		return STATUS_STOP;
	if (b->cut <= b->window.since || b->cut > b->window.until)
		return err_set(err, STATUS_STOP, "no-cut",
		               "the cut is not between the first event and the last");
	k->before = k->after = *k->o->request;
	k->before.window.until = k->after.window.since = b->cut;
	return STATUS_OK;
}

enum status backtest_run(const struct backtest_options *o, struct policy_source *s,
                         const struct subjects *subjects, struct backtest *out, struct err *err)
{
	struct tester k = {.o = o, .source = s, .out = out};
	*out = (struct backtest){.cut = 0};
	arena_init(&out->arena);
	known_init(&k.known);
	enum status status = find_cut(&k, err);
	if (status == STATUS_OK)
		status = known_read(o->request, s, NULL, &k.known, err);
	for (size_t i = 0; i < subjects->n && status == STATUS_OK; i++)
		status = test_subject(&k, &subjects->s[i], err);
	known_release(&k.known);
	return status;
}

void backtest_release(struct backtest *b)
{
	for (size_t i = 0; i < b->subjects.n; i++) {
		struct backtest_subject *s = &b->subjects.v[i];
		vec_release(&s->new_actions);
		vec_release(&s->missed);
		vec_release(&s->unpredictable);
		vec_release(&s->opened);
	}
	vec_release(&b->subjects);
	arena_release(&b->arena);
}
