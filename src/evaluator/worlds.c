/* worlds.c - evaluator: do the unknown keys of a request matter, and which? Three-valued logic alone
 * says "depends" too often (one statement allows what StringEquals finds equal, another what it
 * does not), so each unknown key is given, in turn, every kind of value that the statements can
 * tell apart, and the decisions are compared. */
#include "config.h"

#include "evaluator/evaluate-internal.h"

#include "base/when.h"
#include "policy/limits.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { KEYS_MAX = 24, CANDIDATES_MAX = 96, PAIRS_OF_MAX = 10 };

struct candidate {
	const struct span *values;
	size_t n;
	bool absent;
};

struct unknown_key {
	struct span key, name;
	struct candidate candidates[CANDIDATES_MAX];
	size_t n;
	bool sets;        /* a test looks at it as a set */
	bool owner;       /* it tells whose the resource is: what is no account stands for none */
	bool unsure;      /* the candidates may not be all kinds of values there are */
	struct span like; /* an operand with wildcards */
	size_t ranges;    /* of addresses seen */
};

struct worlds {
	const struct evaluator *evaluator;
	const struct concern *concern;
	const struct request *request;
	struct arena *arena;
	struct unknown_key *keys;
	size_t n_keys;
	bool too_many;
	bool resource; /* the unknown part of the resource is asked for */
};

/* ---- which keys */

static struct unknown_key *key_named(struct worlds *w, struct span key)
{
	for (size_t i = 0; i < w->n_keys; i++)
		if (span_eq(w->keys[i].key, key))
			return &w->keys[i];
	return NULL;
}

static void note_key(struct worlds *w, struct span key)
{
	const struct request_key *f = keys_find(&w->request->keys, key);
	if (!f || !f->unknown || key_named(w, f->key))
		return;
	if (w->n_keys == KEYS_MAX) {
		w->too_many = true;
		return;
	}
	w->keys[w->n_keys++] = (struct unknown_key){.key = f->key, .name = f->name};
}

static void note_text(struct worlds *w, const struct policy_text *t)
{
	for (size_t i = 0; i < t->n_variables; i++)
		note_key(w, t->variables[i].key);
}

static void note_statement(struct worlds *w, const struct statement *s)
{
	for (size_t i = 0; i < s->text->n_resources; i++) {
		note_text(w, &s->resources[i]);
		if (w->request->resource_partial &&
		    policy_text_meet(&s->resources[i], &w->request->keys, w->request->resource) ==
		            TRUTH_MAYBE)
			w->resource = true;
	}
	for (size_t i = 0; i < s->text->n_conditions; i++) {
		if (test_evaluate(&s->tests[i], &w->request->keys) != TRUTH_MAYBE)
			continue;
		note_key(w, s->tests[i].key);
		for (size_t j = 0; j < s->tests[i].n_operands; j++)
			if (operand_is_text(&s->tests[i], &s->tests[i].operands[j]))
				note_text(w, &s->tests[i].operands[j].u.string);
	}
}

/* ---- which values */

static void add_set(struct worlds *w, struct unknown_key *k, const struct span *values, size_t n,
                    bool absent)
{
	for (size_t i = 0; i < k->n; i++) {
		const struct candidate *c = &k->candidates[i];
		bool same = c->n == n && c->absent == absent;
		for (size_t j = 0; same && j < n; j++)
			same = span_eq(c->values[j], values[j]);
		if (same)
			return;
	}
	if (k->n == CANDIDATES_MAX) {
		k->unsure = true;
		return;
	}
	struct span *copy = arena_alloc(w->arena, (n + 1) * sizeof *copy);
	for (size_t j = 0; j < n; j++)
		copy[j] = values[j];
	k->candidates[k->n++] = (struct candidate){copy, n, absent};
}

static void add_value(struct worlds *w, struct unknown_key *k, struct span value)
{
	add_set(w, k, &value, 1, false);
}

/* A text that the pattern matches, with each star as star. SPAN_NONE if a variable has no value. */
static struct span instance_of(struct worlds *w, const struct policy_text *t, const char *star)
{
	struct buf b;
	buf_init(&b, LIMIT_PATTERN_EXPANDED);
	size_t k = 0;
	bool known = true;
	for (size_t i = 0; i <= t->n_symbols; i++) {
		for (; k < t->n_variables && t->variables[k].at == i; k++) {
			const struct request_key *f =
			        keys_find(&w->request->keys, t->variables[k].key);
			struct span v = f && !f->unknown && f->n == 1 ? f->values[0]
			                : f && f->unknown             ? SPAN_LIT("zq")
			                                              : t->variables[k].fallback;
			known = known && v.p;
			buf_add_span(&b, v);
		}
		if (i == t->n_symbols)
			break;
		switch (t->symbols[i].kind) {
		case SYM_BYTE: buf_add_char(&b, t->symbols[i].byte); break;
		case SYM_STAR:
		case SYM_STAR_PART: buf_add_str(&b, star); break;
		default: buf_add_char(&b, 'q'); break;
		}
	}
	struct span out = known ? arena_span(w->arena, buf_span(&b)) : SPAN_NONE;
	buf_release(&b);
	return out;
}

static bool is_wild(const struct policy_text *t)
{
	for (size_t i = 0; i < t->n_symbols; i++)
		if (t->symbols[i].kind != SYM_BYTE)
			return true;
	return false;
}

static bool has_unknown(const struct worlds *w, const struct policy_text *t)
{
	for (size_t i = 0; i < t->n_variables; i++) {
		const struct request_key *f = keys_find(&w->request->keys, t->variables[i].key);
		if (f && f->unknown)
			return true;
	}
	return false;
}

static void add_instances(struct worlds *w, struct unknown_key *k, const struct policy_text *t)
{
	struct span one = instance_of(w, t, ""), other = instance_of(w, t, "zqz");
	if (one.p)
		add_value(w, k, one);
	if (other.p)
		add_value(w, k, other);
	if (is_wild(t)) {
		/* what fits one pattern and not another need not be among their instances */
		k->unsure = k->unsure || k->owner || (k->like.p && !span_eq(k->like, t->text));
		k->like = t->text;
	}
	k->unsure = k->unsure || has_unknown(w, t);
}

static void add_numbers(struct worlds *w, struct unknown_key *k, struct span text)
{
	static const long double steps[] = {0.0L, -1.0L, 1.0L, -0.5L, 0.5L, -0.0001L, 0.0001L};
	char digits[64];
	add_value(w, k, text);
	ptrdiff_t dot = span_chr(text, '.');
	if (text.n > 15 || (dot >= 0 && text.n - (size_t)dot > 4)) {
		k->unsure = true;
		return;
	}
	memcpy(digits, text.p, text.n);
	digits[text.n] = '\0';
	long double v = strtold(digits, NULL);
	for (size_t i = 1; i < sizeof steps / sizeof steps[0]; i++)
		add_value(w, k, arena_printf(w->arena, "%.4Lf", v + steps[i]));
}

static void add_dates(struct worlds *w, struct unknown_key *k, const struct instant *at)
{
	for (int64_t d = -1; d <= 1; d++) {
		char text[WHEN_SIZE];
		add_value(w, k, arena_printf(w->arena, "%s", when_format(at->seconds + d, text)));
	}
	if (at->nanos) {
		k->unsure = true; /* other fractions may lie between */
		char text[WHEN_SIZE];
		when_format(at->seconds, text);
		add_value(w, k, arena_printf(w->arena, "%.19s.%09uZ", text, at->nanos));
	}
}

static void add_address(struct worlds *w, struct unknown_key *k, const struct ip_range *r)
{
	char text[INET6_ADDRSTRLEN];
	if (inet_ntop(r->v4 ? AF_INET : AF_INET6, r->address, text, sizeof text))
		add_value(w, k, arena_printf(w->arena, "%s", text));
}

/* The first and the last address of the range, and the first of its neighbour. */
static void add_addresses(struct worlds *w, struct unknown_key *k, const struct ip_range *range)
{
	struct ip_range r = *range;
	size_t bits = r.v4 ? 32 : 128;
	for (size_t i = r.bits; i < bits; i++)
		r.address[i / 8] |= (unsigned char)(0x80u >> (i % 8));
	add_address(w, k, &r);
	for (size_t i = r.bits; i < bits; i++)
		r.address[i / 8] &= (unsigned char)~(0x80u >> (i % 8));
	add_address(w, k, &r);
	if (r.bits == 0)
		return;
	r.address[(r.bits - 1) / 8] ^= (unsigned char)(0x80u >> ((r.bits - 1) % 8));
	add_address(w, k, &r);
	/* what is in one range and in none of many others need not be at an end of any */
	k->unsure = k->unsure || ++k->ranges > 4;
}

/* Upper case, for what tells case apart beside what does not. */
static struct span upper_copy(struct arena *arena, struct span s)
{
	char *p = arena_alloc(arena, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		p[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 'a' + 'A') : s.p[i];
	return span_make(p, s.n);
}

static void add_operand(struct worlds *w, struct unknown_key *k, const struct test *t,
                        const struct operand *o)
{
	/* accounts that are less than a number, for one, are not looked for */
	if (k->owner && !operand_is_text(t, o) && t->comparison != COMPARE_NULL)
		k->unsure = true;
	switch (t->comparison) {
	case COMPARE_NUMERIC: add_numbers(w, k, o->text); break;
	case COMPARE_DATE: add_dates(w, k, &o->u.instant); break;
	case COMPARE_BINARY:
		add_value(w, k, o->text);
		add_value(w, k, SPAN_LIT("enF6"));
		break;
	case COMPARE_IP:
		add_addresses(w, k, &o->u.ip);
		add_value(w, k, SPAN_LIT("192.0.2.1"));
		add_value(w, k, SPAN_LIT("2001:db8:ffff::1"));
		break;
	case COMPARE_BOOL:
		add_value(w, k, SPAN_LIT("true"));
		add_value(w, k, SPAN_LIT("false"));
		break;
	case COMPARE_NULL: add_value(w, k, SPAN_LIT("zq")); break;
	case COMPARE_ARN:
		add_instances(w, k, &o->u.string);
		add_value(w, k, SPAN_LIT("arn:zq:zq:zq:000000000000:zq"));
		break;
	default:
		add_instances(w, k, &o->u.string);
		if (t->comparison == COMPARE_STRING_IGNORE_CASE)
			add_value(w, k, upper_copy(w->arena, o->text));
		add_value(w, k, SPAN_LIT("zq"));
		add_value(w, k, SPAN_LIT("zqzq"));
		break;
	}
}

/* Values that make variable number i of t fit value: what is between the plain text around it. */
static void add_captures(struct worlds *w, struct unknown_key *k, const struct policy_text *t,
                         size_t i, struct span value)
{
	size_t at = t->variables[i].at, from = at, to = at;
	while (from > 0 && t->symbols[from - 1].kind == SYM_BYTE)
		from--;
	while (to < t->n_symbols && t->symbols[to].kind == SYM_BYTE)
		to++;
	char *around = arena_alloc(w->arena, to - from + 1);
	for (size_t j = from; j < to; j++)
		around[j - from] = t->symbols[j].byte;
	struct span before = span_make(around, at - from),
	            after = span_make(around + at - from, to - at);
	ptrdiff_t start = span_find(value, before);
	/* plain text around one variable leaves one value for it */
	k->unsure = k->unsure || is_wild(t) || t->n_variables > 1;
	if (start < 0)
		return;
	struct span rest = span_from(value, (size_t)start + before.n);
	add_value(w, k, rest);
	if (after.n) {
		ptrdiff_t end = span_find(rest, after);
		if (end >= 0)
			add_value(w, k, span_sub(rest, 0, (size_t)end));
		if (span_ends(rest, after))
			add_value(w, k, span_sub(rest, 0, rest.n - after.n));
	}
	while (rest.p) {
		ptrdiff_t slash = span_chr(rest, '/'), colon = span_chr(rest, ':');
		ptrdiff_t end = slash < 0 || (colon >= 0 && colon < slash) ? colon : slash;
		add_value(w, k, end < 0 ? rest : span_sub(rest, 0, (size_t)end));
		rest = end < 0 ? SPAN_NONE : span_from(rest, (size_t)end + 1);
	}
}

static void add_variables(struct worlds *w, const struct policy_text *t, struct span value)
{
	for (size_t i = 0; i < t->n_variables; i++) {
		struct unknown_key *k = key_named(w, t->variables[i].key);
		if (!k)
			continue;
		add_value(w, k, SPAN_LIT("zq"));
		add_captures(w, k, t, i, value);
	}
}

static void add_statement(struct worlds *w, const struct statement *s)
{
	for (size_t i = 0; i < s->text->n_resources; i++)
		add_variables(w, &s->resources[i], w->request->resource);
	for (size_t i = 0; i < s->text->n_conditions; i++) {
		const struct test *t = &s->tests[i];
		struct unknown_key *k = key_named(w, t->key);
		const struct request_key *f = keys_find(&w->request->keys, t->key);
		for (size_t j = 0; j < t->n_operands; j++) {
			if (k)
				add_operand(w, k, t, &t->operands[j]);
			for (size_t v = 0; f && operand_is_text(t, &t->operands[j]) && v < f->n;
			     v++)
				add_variables(w, &t->operands[j].u.string, f->values[v]);
			if (k && operand_is_text(t, &t->operands[j]))
				add_variables(w, &t->operands[j].u.string, SPAN_LIT("zq"));
		}
		if (k)
			k->sets = k->sets || t->quantifier != QUANTIFIER_NONE;
	}
}

/* Sets of two where a test looks at sets: what no single value does, two may. */
static void add_pairs(struct worlds *w, struct unknown_key *k)
{
	size_t singles = k->n;
	if (!k->sets)
		return;
	add_set(w, k, NULL, 0, false);
	for (size_t i = 1; i < singles; i++) {
		for (size_t j = i + 1; j < singles; j++) {
			struct span pair[2] = {k->candidates[i].values[0],
			                       k->candidates[j].values[0]};
			if (i < PAIRS_OF_MAX && j < PAIRS_OF_MAX)
				add_set(w, k, pair, 2, false);
			else
				k->unsure = true;
		}
	}
}

/* The caller's account and another one. */
static void add_accounts(struct worlds *w, struct unknown_key *k)
{
	struct span caller = request_account(w->request), other = SPAN_LIT("000000000000");
	add_value(w, k, caller);
	add_value(w, k, span_eq(caller, other) ? SPAN_LIT("000000000001") : other);
}

static void add_candidates(struct worlds *w)
{
	const struct evaluator *e = w->evaluator;
	const struct concern *c = w->concern;
	for (size_t k = 0; k < w->n_keys; k++) {
		add_set(w, &w->keys[k], NULL, 0, true);
		if (w->keys[k].owner)
			add_accounts(w, &w->keys[k]);
	}
	for (size_t i = 0; i < c->n; i++)
		if (statement_hangs(e->ranked[c->which[i]].statement, w->request))
			add_statement(w, e->ranked[c->which[i]].statement);
	for (size_t k = 0; k < w->n_keys; k++)
		add_pairs(w, &w->keys[k]);
}

/* ---- the worlds */

static size_t world_count(const struct worlds *w)
{
	size_t n = 1;
	for (size_t i = 0; i < w->n_keys; i++) {
		if (n > LIMIT_WORLDS / w->keys[i].n)
			return 0;
		n *= w->keys[i].n;
	}
	return n;
}

/* The request as it is in world number number. keys has room for all of the request's. */
static struct request world_request(const struct worlds *w, size_t number, struct request_key *keys)
{
	struct request r = *w->request;
	size_t n = 0, digits[KEYS_MAX];
	for (size_t i = 0; i < w->n_keys; i++) {
		digits[i] = number % w->keys[i].n;
		number /= w->keys[i].n;
	}
	for (size_t i = 0; i < r.keys.n; i++) {
		struct request_key f = r.keys.v[i];
		bool absent = false;
		for (size_t k = 0; f.unknown && k < w->n_keys; k++) {
			if (!span_eq(w->keys[k].key, f.key))
				continue;
			const struct candidate *c = &w->keys[k].candidates[digits[k]];
			f = (struct request_key){f.key, f.name, c->values, c->n, false};
			absent = c->absent;
		}
		if (!absent)
			keys[n++] = f;
	}
	r.keys = (struct request_keys){keys, n};
	return r;
}

/* Whether changing key number k alone changes the decision in some world. */
static bool key_matters(const struct worlds *w, const unsigned char *decisions, size_t count,
                        size_t k)
{
	size_t stride = 1;
	for (size_t i = 0; i < k; i++)
		stride *= w->keys[i].n;
	for (size_t i = 0; i < count; i++) {
		size_t digit = i / stride % w->keys[k].n;
		if (digit && decisions[i] != decisions[i - stride])
			return true;
	}
	return false;
}

static void depends_on(struct worlds *w, const bool *matters, struct verdict *v)
{
	struct span *on = arena_alloc(w->arena, (w->n_keys + 1) * sizeof *on);
	size_t n = 0;
	for (size_t i = 0; i < w->n_keys; i++)
		if (matters[i])
			on[n++] = w->keys[i].name;
	if (w->resource)
		on[n++] = SPAN_LIT(RESOURCE_KEY);
	if (n)
		qsort(on, n, sizeof *on, span_order);
	v->decision = DECISION_DEPENDS;
	v->policy = VERDICT_NO_POLICY;
	v->on = on;
	v->n_on = n;
}

static void compare_worlds(struct worlds *w, size_t count, struct verdict *v)
{
	unsigned char *decisions = arena_alloc(w->arena, count);
	struct request_key *keys = arena_alloc(w->arena, (w->request->keys.n + 1) * sizeof *keys);
	struct verdict one = {0};
	bool unsure = w->resource, varies = false, matters[KEYS_MAX] = {false};
	for (size_t i = 0; i < count; i++) {
		struct request r = world_request(w, i, keys);
		evaluate_plain(w->evaluator, w->concern, &r, &one);
		decisions[i] = (unsigned char)one.decision;
		unsure = unsure || one.decision == DECISION_DEPENDS;
	}
	for (size_t k = 0; k < w->n_keys; k++) {
		matters[k] = key_matters(w, decisions, count, k);
		varies = varies || matters[k];
		unsure = unsure || w->keys[k].unsure;
	}
	if (!varies && !unsure) {
		*v = one;
		return;
	}
	for (size_t k = 0; k < w->n_keys && !varies; k++)
		matters[k] = true;
	depends_on(w, matters, v);
}

void evaluate_worlds(const struct evaluator *e, const struct concern *c, const struct request *r,
                     struct arena *arena, struct verdict *v)
{
	struct worlds w = {.evaluator = e, .concern = c, .request = r, .arena = arena};
	w.keys = arena_alloc(arena, KEYS_MAX * sizeof *w.keys);
	if (request_is_across(r) == TRUTH_MAYBE) {
		note_key(&w, SPAN_LIT(OWNER_KEY));
		w.keys[0].owner = true;
	}
	for (size_t i = 0; i < c->n; i++)
		if (statement_hangs(e->ranked[c->which[i]].statement, r))
			note_statement(&w, e->ranked[c->which[i]].statement);
	add_candidates(&w);
	size_t count = w.too_many ? 0 : world_count(&w);
	if (count) {
		compare_worlds(&w, count, v);
		return;
	}
	bool matters[KEYS_MAX];
	for (size_t k = 0; k < w.n_keys; k++)
		matters[k] = true;
	depends_on(&w, matters, v);
}
