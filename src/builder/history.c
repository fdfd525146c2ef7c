/* history.c - builder: see history.h. Values are walked token by token ('/' and ':' end one) from
 * the left. Where resources part at a token, its words tell families: tokens that differ in one
 * word. A family that grows becomes one token with '*' for that word, and the walk goes on with all
 * behind it together, so that what follows the word stays ("env:/pr-*" "/app.tfstate"). */
#include "config.h"

#include "builder/history.h"

#include "base/alloc.h"
#include "base/when.h"
#include "builder/arn-parts.h"
#include "builder/date-shape.h"
#include "builder/ephemeral.h"
#include "builder/family.h"
#include "builder/others.h"
#include "policy/pattern-text.h"

#include <stdlib.h>

enum { DEPTH = 200 }; /* tokens of one value that are looked at: bounds the recursion */

struct walk {
	const struct history *h;
	struct arena *arena;
	const struct sar_type *type;
	bool object; /* S3 objects: keys part at '/' alone */
	size_t variable;
	bool unpadded; /* partitions of this bucket have days and hours of one digit */
	int64_t year_of; /* a day since 1970, and its year; year 0: none yet */
	unsigned year;
};

bool history_tells(const struct history *h)
{
	return h->until - h->since >= HISTORY_LEAST_DAYS * (int64_t)WHEN_DAY_SECONDS;
}

/* ---- the walk */

static int by_rest(const void *a, const void *b)
{
	const struct leaf *x = *(struct leaf *const *)a, *y = *(struct leaf *const *)b;
	int c = span_cmp(x->rest, y->rest);
	return c ? c : span_cmp(x->seen->resource, y->seen->resource);
}

/* They come sorted by their resources, and so mostly in order. */
static void sort_leaves(struct leaf **l, size_t n, int (*order)(const void *, const void *))
{
	size_t i = 1;
	while (i < n && order(&l[i - 1], &l[i]) <= 0)
		i++;
	if (i < n)
		qsort(l, n, sizeof(struct leaf *), order);
}

static struct span token_of(const struct walk *k, struct span s)
{
	bool colon = !k->object || k->variable == 0;
	for (size_t at = 0; at < s.n; at++)
		if (s.p[at] == '/' || (colon && s.p[at] == ':'))
			return span_sub(s, 0, at + 1);
	return s;
}

static void walk_variable(struct walk *k, struct leaf **l, size_t n, size_t variable);
static void walk_node(struct walk *k, struct leaf **l, size_t n, struct span built, size_t depth);

static struct span joined(struct arena *arena, struct span a, struct span b)
{
	if (a.n == 0)
		return b;
	if (a.p + a.n == b.p) /* as it was seen */
		return span_make(a.p, a.n + b.n);
	char *text = arena_alloc(arena, a.n + b.n + 1);
	memcpy(text, a.p, a.n);
	memcpy(text + a.n, b.p, b.n);
	text[a.n + b.n] = '\0';
	return span_make(text, a.n + b.n);
}

static void walk_child(struct walk *k, struct child *c, struct span built, size_t depth)
{
	struct span value = joined(k->arena, built, c->token);
	size_t variable = k->variable;
	for (size_t i = 0; i < c->n; i++) {
		struct leaf *l = c->leaves[i];
		l->rest = span_from(l->rest, token_of(k, l->rest).n);
		if (c->ends)
			l->p.value[variable] = value;
	}
	if (c->ends)
		walk_variable(k, c->leaves, c->n, variable + 1);
	else
		walk_node(k, c->leaves, c->n, value, depth + 1);
	k->variable = variable;
}

static struct span token_at(const struct walk *k, const struct leaf *l, size_t depth)
{
	return depth < DEPTH ? token_of(k, l->rest) : l->rest;
}

/* How many of n sorted leaves have the token of the first. */
static size_t same_token(const struct walk *k, struct leaf **l, size_t n, size_t depth)
{
	struct span token = token_at(k, l[0], depth);
	bool ends = token.n == l[0]->rest.n;
	size_t i = 1;
	while (i < n && span_starts(l[i]->rest, token) && (l[i]->rest.n == token.n) == ends)
		i++;
	return i;
}

static struct child child_of(const struct walk *k, struct leaf **l, size_t n, size_t depth)
{
	struct child one = {.leaves = l,
	                    .n = n,
	                    .token = token_at(k, l[0], depth),
	                    .first = l[0]->seen->first,
	                    .last = l[0]->seen->last,
	                    .created = l[0]->seen->created};
	one.ends = one.token.n == l[0]->rest.n;
	for (size_t i = 1; i < n; i++) {
		const struct sighting *s = l[i]->seen;
		one.first = s->first < one.first ? s->first : one.first;
		one.last = s->last > one.last ? s->last : one.last;
		one.created |= s->created;
	}
	return one;
}

static enum node_start start_of(const struct walk *k, const struct leaf *l, size_t depth)
{
	if (depth > 0)
		return NODE_INSIDE;
	return arn_parts_is_id(&l->p, k->type, k->variable) ? NODE_ID : NODE_NAME;
}

/* n leaves whose values begin with built. */
static void walk_node(struct walk *k, struct leaf **l, size_t n, struct span built, size_t depth)
{
	size_t children = 0;
	sort_leaves(l, n, by_rest);
	for (size_t i = 0; i < n; children++)
		i += same_token(k, l + i, n - i, depth);
	struct child *c = xcalloc(2 * children, sizeof *c);
	children = 0;
	for (size_t i = 0; i < n; i += c[children++].n)
		c[children] = child_of(k, l + i, same_token(k, l + i, n - i, depth), depth);
	if (children > 1)
		children = families_join(k->h, c, children, start_of(k, l[0], depth), k->arena);
	for (size_t i = 0; i < children; i++)
		if (!c[i].taken)
			walk_child(k, &c[i], built, depth);
	free(c);
}

/* n leaves that are equal in all values before variable. */
static void walk_variable(struct walk *k, struct leaf **l, size_t n, size_t variable)
{
	if (variable >= l[0]->p.n_values)
		return;
	k->variable = variable;
	for (size_t i = 0; i < n; i++)
		l[i]->rest = l[i]->p.value[variable];
	walk_node(k, l, n, SPAN_LIT(""), 0);
}

/* What was seen half of the time long is a name, whatever it looks like. */
static bool lasts(const struct history *h, const struct sighting *s)
{
	return 2 * (s->last - s->first) >= h->until - h->since;
}

/* Of the day; kept, since most days come often. */
static unsigned year_of(struct walk *k, int64_t t)
{
	int64_t day = t / (int64_t)WHEN_DAY_SECONDS;
	char text[WHEN_SIZE];
	if (k->year == 0 || day != k->year_of)
		k->year = (unsigned)strtoul(when_format(t, text), NULL, 10);
	k->year_of = day;
	return k->year;
}

/* ---- secrets */

struct suffix_proof {
	struct span arn; /* that ends in six small letters */
	size_t head;     /* of it, without those */
	const struct sar_type *type;
	bool added, named;
};

static bool take_suffix(void *to, struct span resource)
{
	struct suffix_proof *p = to;
	struct span end = span_from(resource, p->head);
	bool six = end.n == p->arn.n - p->head;
	/* other letters; "??????" where it was called by its name, or created */
	p->added |= six && !secret_suffix_unclear(p->type, resource);
	p->named |= span_starts(resource, p->arn) && span_ends(end, SPAN_LIT("-??????"));
	return !p->named;
}

/* Whether anybody's calls prove that Secrets Manager added the six letters: they name the secret without
 * them, or with others. A call that names it with them proves that they are the name's. */
static bool suffix_is_added(const struct history *h, const struct sar_type *type, struct span arn)
{
	struct suffix_proof p = {.arn = arn, .head = arn.n - 6, .type = type};
	if (!h->used)
		return false;
	if (h->used->each_at_most)
		h->used->each_at_most(h->used->data, span_sub(arn, 0, p.head), take_suffix, &p);
	else
		h->used->each(h->used->data, span_sub(arn, 0, p.head), take_suffix, &p);
	return p.added && !p.named;
}

static void fold_suffix(struct walk *k, const struct sar_type *type, struct leaf *l)
{
	struct span *value = &l->p.value[l->p.n_values - 1], arn = l->seen->resource;
	struct span without = without_secret_suffix(type, *value, k->arena);
	if (secret_suffix_unclear(type, *value) && suffix_is_added(k->h, type, arn))
		without = arena_printf(k->arena, "%.*s??????", (int)(value->n - 6), value->p);
	if (!span_eq(without, *value))
		l->reason = FOLD_EPHEMERAL;
	*value = without;
}

/* ---- shapes */

static void fold_shapes(struct walk *k, const struct sar_type *type, struct leaf *l)
{
	bool stream = type && span_is(sar_type_name(type), "log-stream");
	bool object = k->object;
	if (type_is_durable(type))
		return;
	bool name = lasts(k->h, l->seen) && !stream;
	unsigned shapes = name ? EPHEMERAL_DATES_OF_YEAR : EPHEMERAL_DATES;
	if (name)
		; /* but the month that it was is another one next month */
	else if (l->seen->made)
		shapes |= EPHEMERAL_IDS | EPHEMERAL_AWS_IDS;
	else if (object || !l->seen->written_once)
		shapes |= EPHEMERAL_IDS;
	shapes |= (k->unpadded ? EPHEMERAL_UNPADDED : 0) | (k->h->any_width ? EPHEMERAL_ANY_WIDTH : 0);
	unsigned year = year_of(k, l->seen->last);
	/* beside an id that AWS makes up are other ids alone: "task/cluster/" before it says enough */
	bool kept = !name && !l->seen->made && !(shapes & EPHEMERAL_IDS);
	for (size_t v = object ? 1 : 0; v < l->p.n_values; v++) {
		bool all = (shapes & EPHEMERAL_IDS) && is_id_shaped(l->p.value[v]) &&
		           arn_parts_is_id(&l->p, type, v);
		struct span value = (stream && v > 0) || all
		                            ? SPAN_LIT("*")
		                            : without_shapes(l->p.value[v], shapes, year, k->arena);
		if (!span_eq(value, l->p.value[v]))
			l->reason = l->seen->made ? FOLD_MADE : FOLD_EPHEMERAL;
		l->p.value[v] = value;
		l->once = l->once || (kept && !span_eq(without_shapes(value, EPHEMERAL_IDS, year,
		                                                      k->arena),
		                                       value));
	}
}

static int by_frame(const void *a, const void *b)
{
	const struct leaf *x = *(struct leaf *const *)a, *y = *(struct leaf *const *)b;
	int c = (x->p.pattern > y->p.pattern) - (x->p.pattern < y->p.pattern);
	c = c ? c : span_cmp(x->p.arn.partition, y->p.arn.partition);
	c = c ? c : span_cmp(x->p.arn.service, y->p.arn.service);
	c = c ? c : span_cmp(x->p.arn.region, y->p.arn.region);
	c = c ? c : span_cmp(x->p.arn.account, y->p.arn.account);
	c = c ? c : span_cmp(x->p.literal[0], y->p.literal[0]);
	return c ? c : (x->p.n_values > y->p.n_values) - (x->p.n_values < y->p.n_values);
}

/* Each bucket by itself, which tells nothing of another one. */
static int by_place(const void *a, const void *b)
{
	const struct leaf *x = *(struct leaf *const *)a, *y = *(struct leaf *const *)b;
	int c = by_frame(a, b);
	return c || x->p.n_values == 0 ? c : span_cmp(x->p.value[0], y->p.value[0]);
}

/* What is known of each resource without the others, but whether dates are padded with zeros, which
 * those of its place tell: n leaves that are equal by frame, objects by place. */
static void fold_each(struct walk *k, const struct sar_type *type, struct leaf **l, size_t n)
{
	k->unpadded = false;
	for (size_t i = 0; i < n; i++)
		k->unpadded = k->unpadded || date_is_unpadded(l[i]->seen->resource);
	for (size_t i = 0; i < n; i++) {
		if (l[i]->p.n_values)
			fold_suffix(k, type, l[i]);
		if (history_tells(k->h))
			fold_shapes(k, type, l[i]);
	}
}

/* ---- all of it */

void history_fold(const struct history *h, const struct sar_type *type,
                  const struct sighting *sightings, size_t n, struct arena *arena,
                  struct member *out)
{
	struct walk k = {.h = h, .arena = arena, .type = type};
	struct leaf *leaves = xcalloc(n + 1, sizeof *leaves);
	struct leaf **l = xcalloc(n + 1, sizeof(struct leaf *));
	size_t n_leaves = 0;
	k.object = type && span_is(sar_type_service(type), "s3") &&
	           span_is(sar_type_name(type), "object");
	for (size_t i = 0; i < n; i++) {
		leaves[i].seen = &sightings[i];
		if (arn_parts_of(sightings[i].resource, type, &leaves[i].p))
			l[n_leaves++] = &leaves[i];
	}
	int (*same)(const void *, const void *) = k.object ? by_place : by_frame;
	sort_leaves(l, n_leaves, same);
	for (size_t i = 0, j; i < n_leaves; i = j) {
		for (j = i + 1; j < n_leaves && same(&l[i], &l[j]) == 0;)
			j++;
		fold_each(&k, type, l + i, j - i);
	}
	for (size_t i = 0, j; i < n_leaves; i = j) {
		for (j = i + 1; j < n_leaves && by_frame(&l[i], &l[j]) == 0;)
			j++;
		walk_variable(&k, l + i, j - i, 0);
	}
	for (size_t i = 0; i < n; i++) {
		struct span seen = sightings[i].resource;
		struct span pattern = leaves[i].reason ? arn_parts_join(&leaves[i].p, arena) : seen;
		out[i] = (struct member){.pattern = pattern,
		                         .arns = 1,
		                         .example = seen,
		                         .reason = leaves[i].reason,
		                         .once = leaves[i].once && !leaves[i].reason};
	}
	others_leave(h, sightings, n, out);
	if (folders_hold(type))
		folders_fold(h, type, sightings, n, arena, out);
	free(l);
	free(leaves);
}
