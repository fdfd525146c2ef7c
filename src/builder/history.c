/* history.c - builder: see history.h. Values are walked token by token ('/' and ':' end one) from
 * the left. Where resources part at a token, its words tell families: tokens that differ in one
 * word. A family that grows becomes one token with '*' for that word, and the walk goes on with all
 * behind it together, so that what follows the word stays ("env:/pr-*" "/app.tfstate"). */
#include "config.h"

#include "builder/history.h"

#include "base/alloc.h"
#include "base/when.h"
#include "builder/arn-parts.h"
#include "builder/ephemeral.h"
#include "policy/pattern-text.h"

#include <stdlib.h>

enum {
	DEPTH = 200, /* tokens of one value that are looked at: bounds the recursion */
	WORDS = 12,  /* words of a token that are told apart; all behind them are one */
	PASSES = 3,  /* words of one token that may vary */
};

struct leaf {
	const struct sighting *seen;
	struct arn_parts p;
	struct span rest; /* of the value that is walked */
	enum fold_reason reason;
};

struct walk {
	const struct history *h;
	struct arena *arena;
	bool object; /* S3 objects: keys part at '/' alone */
	size_t variable;
};

bool history_tells(const struct history *h)
{
	return h->until - h->since >= HISTORY_LEAST_DAYS * (int64_t)WHEN_DAY_SECONDS;
}

/* ---- what grows */

static int64_t day_of(const struct history *h, int64_t t)
{
	return (t - h->since) / (int64_t)WHEN_DAY_SECONDS;
}

/* Members of a set, as far as growth is concerned. */
struct growth {
	int64_t last_day; /* the latest on which a new member came */
	size_t n, days, late, late_days;
	bool passing; /* none is seen for longer than two days */
};

/* Members come in the order of their first day. */
static void growth_add(const struct history *h, struct growth *g, int64_t first, int64_t last)
{
	int64_t day = day_of(h, first);
	bool late = 2 * day >= day_of(h, h->until), new_day = g->n == 0 || day != g->last_day;
	g->passing = (g->n == 0 || g->passing) && last - first <= 2 * (int64_t)WHEN_DAY_SECONDS;
	g->last_day = day;
	g->n++;
	g->days += new_day;
	g->late += late;
	g->late_days += late && new_day;
}

/* Newcomers on several days of the later half mean that more will come; a list that stopped growing
 * is closed, however long. Numbers and ids that alone differ need less evidence than names: where
 * they still come at all, they go on. */
static bool grows(const struct growth *g, bool by_shape)
{
	if (by_shape)
		return g->late >= 1 && g->days >= 2 && (g->n >= 3 || g->passing);
	return g->late_days >= 3 || (g->late_days >= 2 && g->passing && g->n >= 4);
}

/* ---- words of a token */

struct words {
	struct span w[WORDS]; /* w[i] begins where w[i-1] and one separator end */
	size_t n;
};

static bool is_word_char(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || (unsigned char)c >= 0x80 || strchr("*?${}", c);
}

static void words_of(struct span token, struct words *out)
{
	size_t from = 0;
	out->n = 0;
	for (size_t i = 0; i < token.n && out->n < WORDS - 1; i++) {
		if (is_word_char(token.p[i]))
			continue;
		out->w[out->n++] = span_sub(token, from, i - from);
		from = i + 1;
	}
	out->w[out->n++] = span_from(token, from);
}

/* The token without its word number at: what a family has in common. */
static uint64_t masked_hash(struct span token, struct span word)
{
	uint64_t hash = 14695981039346656037u;
	for (size_t i = 0; i < token.n; i++) {
		if (token.p + i == word.p) {
			hash = (hash ^ 0x100) * 1099511628211u;
			i += word.n;
			if (i >= token.n)
				break;
		}
		hash = (hash ^ (unsigned char)token.p[i]) * 1099511628211u;
	}
	return hash;
}

/* The same where the word is a number with letters around it, which say as much as other words. */
static uint64_t numbered_hash(uint64_t masked, struct span word)
{
	uint64_t hash = masked;
	for (size_t i = 0; i < word.n; i++) {
		if (ascii_digit(word.p[i]) && i && ascii_digit(word.p[i - 1]))
			continue;
		unsigned char c = ascii_digit(word.p[i]) ? '#' : (unsigned char)word.p[i];
		hash = (hash ^ c) * 1099511628211u;
	}
	return hash;
}

static bool has_digit(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_digit(s.p[i]))
			return true;
	return false;
}

static bool same_masked(struct span a, struct span word_a, struct span b, struct span word_b)
{
	size_t head = (size_t)(word_a.p - a.p);
	return head == (size_t)(word_b.p - b.p) && a.n - word_a.n == b.n - word_b.n &&
	       span_eq(span_sub(a, 0, head), span_sub(b, 0, head)) &&
	       span_eq(span_from(a, head + word_a.n), span_from(b, head + word_b.n));
}

static bool all_digits(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return s.n > 0;
}

/* How many bytes of both from the start, from the end, are equal and no digits. */
static size_t plain_head(struct span a, struct span b)
{
	size_t i = 0;
	while (i < a.n && i < b.n && a.p[i] == b.p[i] && ascii_alpha(a.p[i]))
		i++;
	return i;
}

static size_t plain_tail(struct span a, struct span b)
{
	size_t i = 0;
	while (i < a.n && i < b.n && a.p[a.n - 1 - i] == b.p[b.n - 1 - i] &&
	       ascii_alpha(a.p[a.n - 1 - i]))
		i++;
	return i;
}

/* ---- children of a node */

struct child { /* the leaves with one token */
	struct leaf **leaves;
	size_t n;
	struct span token; /* with its delimiter; patterns in a token that was made here */
	bool ends;         /* nothing stands behind the token */
	int64_t first, last;
	bool taken; /* by a family */
};

struct candidate { /* a child in a family */
	uint64_t hash;
	size_t child;
	struct span word;
};

static int by_family(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->child < y->child ? -1 : x->child > y->child;
}

struct family {
	size_t from, n; /* candidates */
};

/* The largest first; among equals that of the earliest child. */
static int by_size(const void *a, const void *b)
{
	const struct family *x = a, *y = b;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

static int by_first_day(const void *a, const void *b)
{
	const struct child *x = *(struct child *const *)a, *y = *(struct child *const *)b;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return span_cmp(x->token, y->token);
}

static struct child *child_join(struct walk *k, struct child **members, size_t n, struct span token,
                                enum fold_reason reason)
{
	struct child *c = arena_calloc(k->arena, 1, sizeof *c);
	for (size_t i = 0; i < n; i++)
		c->n += members[i]->n;
	c->leaves = arena_alloc(k->arena, c->n * sizeof *c->leaves);
	c->token = token;
	c->ends = members[0]->ends;
	c->first = members[0]->first;
	c->last = members[0]->last;
	c->n = 0;
	for (size_t i = 0; i < n; i++) {
		memcpy(c->leaves + c->n, members[i]->leaves, members[i]->n * sizeof *c->leaves);
		c->n += members[i]->n;
		c->first = members[i]->first < c->first ? members[i]->first : c->first;
		c->last = members[i]->last > c->last ? members[i]->last : c->last;
		members[i]->taken = true;
	}
	for (size_t i = 0; i < c->n; i++)
		if (reason > c->leaves[i]->reason)
			c->leaves[i]->reason = reason;
	return c;
}

/* How the words of a family differ. */
enum variation { VARY_NAMES, VARY_NUMBERS, VARY_IDS };

/* The word that stands for all of n words. */
static struct span word_pattern(struct walk *k, const struct span *w, size_t n, enum variation *how)
{
	size_t head = w[0].n, tail = w[0].n, digits = 0, ids = 0;
	for (size_t i = 0; i < n; i++) {
		size_t h = plain_head(w[0], w[i]), t = plain_tail(w[0], w[i]);
		head = h < head ? h : head;
		tail = t < tail ? t : tail;
		ids += is_id_shaped(w[i]);
	}
	for (size_t i = 0; i < n; i++)
		digits += w[i].n > head + tail &&
		          all_digits(span_sub(w[i], head, w[i].n - head - tail));
	*how = ids == n ? VARY_IDS : digits == n ? VARY_NUMBERS : VARY_NAMES;
	if (digits < n)
		return SPAN_LIT("*");
	return arena_printf(k->arena, "%.*s*%.*s", (int)head, w[0].p, (int)tail,
	                    w[0].p + w[0].n - tail);
}

static bool has_star(struct span s)
{
	return span_chr(s, '*') >= 0;
}

/* Makes one child of the family if it grows; else NULL. */
static struct child *family_join(struct walk *k, struct child *children, const struct candidate *c,
                                 size_t n)
{
	struct growth g = {.n = 0};
	struct child *joined = NULL, **members = xcalloc(n, sizeof *members);
	struct span *words = xcalloc(n, sizeof *words);
	size_t left = 0;
	for (size_t i = 0; i < n; i++) {
		struct child *one = &children[c[i].child];
		if (one->taken || has_star(c[i].word) ||
		    !same_masked(children[c[0].child].token, c[0].word, one->token, c[i].word))
			continue;
		words[left] = c[i].word;
		members[left++] = one;
	}
	if (left > 1) {
		enum variation how;
		struct span token = members[0]->token, word = words[0];
		struct span in = word_pattern(k, words, left, &how);
		size_t at = (size_t)(word.p - token.p);
		struct span after = span_from(token, at + word.n);
		qsort(members, left, sizeof *members, by_first_day);
		for (size_t i = 0; i < left; i++)
			growth_add(k->h, &g, members[i]->first, members[i]->last);
		if (grows(&g, how != VARY_NAMES))
			joined = child_join(k, members, left,
			                    arena_printf(k->arena, "%.*s%.*s%.*s", (int)at, token.p,
			                                 SPAN_ARG(in), SPAN_ARG(after)),
			                    how == VARY_IDS ? FOLD_EPHEMERAL : FOLD_GROWING);
	}
	free(members);
	free(words);
	return joined;
}

static size_t count_words(const struct child *children, size_t n)
{
	size_t total = 1;
	for (size_t i = 0; i < n; i++) {
		struct words w;
		words_of(children[i].token, &w);
		total += children[i].taken ? 0 : 2 * w.n;
	}
	return total;
}

/* Candidates of every word of every child, family by family; returns how many families. */
static size_t find_families(const struct child *children, size_t n, struct candidate *c,
                            struct family *out)
{
	size_t at = 0, families = 0;
	for (size_t i = 0; i < n; i++) {
		struct words w;
		words_of(children[i].token, &w);
		for (size_t k = 0; k < w.n && !children[i].taken; k++) {
			uint64_t hash = masked_hash(children[i].token, w.w[k]);
			if (w.w[k].n)
				c[at++] = (struct candidate){hash, i, w.w[k]};
			if (has_digit(w.w[k]))
				c[at++] =
				        (struct candidate){numbered_hash(hash, w.w[k]), i, w.w[k]};
		}
	}
	if (at)
		qsort(c, at, sizeof *c, by_family);
	for (size_t i = 0, k; i < at; i = k) {
		for (k = i + 1; k < at && c[k].hash == c[i].hash;)
			k++;
		if (k - i > 1)
			out[families++] = (struct family){i, k - i};
	}
	if (families)
		qsort(out, families, sizeof *out, by_size);
	return families;
}

/* Joins what grows among n children; *children has room for twice as many. Returns how many there
 * are, taken ones among them. */
static size_t join_families(struct walk *k, struct child *children, size_t n)
{
	for (int pass = 0; pass < PASSES; pass++) {
		size_t room = count_words(children, n), before = n, made = 0;
		struct candidate *c = xcalloc(room, sizeof *c);
		struct family *f = xcalloc(room, sizeof *f);
		struct child **joined = xcalloc(n, sizeof *joined);
		size_t families = find_families(children, n, c, f);
		for (size_t i = 0; i < families; i++) {
			struct child *one = family_join(k, children, c + f[i].from, f[i].n);
			if (one)
				joined[made++] = one;
		}
		for (size_t i = 0; i < made; i++)
			children[n++] = *joined[i];
		free(c);
		free(f);
		free(joined);
		if (n == before)
			break;
	}
	return n;
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
	const char *delimiters = k->object && k->variable > 0 ? "/" : "/:";
	for (size_t at = 0; at < s.n; at++)
		if (strchr(delimiters, s.p[at]))
			return span_sub(s, 0, at + 1);
	return s;
}

static void walk_variable(struct walk *k, struct leaf **l, size_t n, size_t variable);
static void walk_node(struct walk *k, struct leaf **l, size_t n, struct span built, size_t depth);

static void walk_child(struct walk *k, struct child *c, struct span built, size_t depth)
{
	struct span value = arena_printf(k->arena, "%.*s%.*s", SPAN_ARG(built), SPAN_ARG(c->token));
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

/* n leaves whose values begin with built. */
static void walk_node(struct walk *k, struct leaf **l, size_t n, struct span built, size_t depth)
{
	size_t children = 0;
	struct child *c = xcalloc(4 * n + 4, sizeof *c);
	sort_leaves(l, n, by_rest);
	for (size_t i = 0, j; i < n; i = j) {
		struct span token = depth < DEPTH ? token_of(k, l[i]->rest) : l[i]->rest;
		struct child *one = &c[children++];
		*one = (struct child){.leaves = l + i,
		                      .token = token,
		                      .ends = token.n == l[i]->rest.n,
		                      .first = l[i]->seen->first,
		                      .last = l[i]->seen->last};
		for (j = i; j < n && span_starts(l[j]->rest, token) &&
		            (l[j]->rest.n == token.n) == one->ends;
		     j++) {
			const struct sighting *s = l[j]->seen;
			one->first = s->first < one->first ? s->first : one->first;
			one->last = s->last > one->last ? s->last : one->last;
			one->n++;
		}
	}
	children = children > 1 ? join_families(k, c, children) : children;
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

/* ---- shapes */

/* What was seen half of the time long is a name, whatever it looks like. */
static bool lasts(const struct history *h, const struct sighting *s)
{
	return 2 * (s->last - s->first) >= h->until - h->since;
}

static unsigned year_of(int64_t t)
{
	char text[WHEN_SIZE];
	return (unsigned)strtoul(when_format(t, text), NULL, 10);
}

static void fold_shapes(struct walk *k, const struct sar_type *type, struct leaf *l)
{
	bool stream = type && span_is(sar_type_name(type), "log-stream");
	bool object = k->object;
	if (type_is_durable(type))
		return;
	for (size_t v = 0; v < l->p.n_values; v++) {
		struct span value = without_secret_suffix(type, l->p.value[v], k->arena);
		if (!span_eq(value, l->p.value[v]))
			l->reason = FOLD_EPHEMERAL;
		l->p.value[v] = value;
	}
	bool name = lasts(k->h, l->seen) && !stream;
	unsigned shapes = name ? SHAPE_DATES_OF_YEAR : SHAPE_DATES;
	if (name)
		; /* but the month that it was is another one next month */
	else if (l->seen->made)
		shapes |= SHAPE_IDS | SHAPE_AWS_IDS;
	else if (object || !l->seen->written_once)
		shapes |= SHAPE_IDS;
	unsigned year = year_of(l->seen->last);
	for (size_t v = object ? 1 : 0; v < l->p.n_values; v++) {
		struct span value = stream && v > 0
		                            ? SPAN_LIT("*")
		                            : without_shapes(l->p.value[v], shapes, year, k->arena);
		if (!span_eq(value, l->p.value[v]))
			l->reason = l->seen->made ? FOLD_MADE : FOLD_EPHEMERAL;
		l->p.value[v] = value;
	}
}

/* ---- what is somebody else's */

static size_t lower_bound(const struct span *s, size_t n, struct span key)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (span_cmp(s[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int by_resource(const void *key, const void *sighting)
{
	return span_cmp(*(const struct span *)key, ((const struct sighting *)sighting)->resource);
}

/* How many resources the pattern stands for that others use and this principal does not. */
static size_t others_covered(const struct history *h, const struct sighting *mine, size_t n_mine,
                             struct span pattern)
{
	struct span head = span_sub(pattern, 0, pattern_text_head(pattern));
	size_t n = 0;
	for (size_t i = lower_bound(h->used, h->n_used, head);
	     i < h->n_used && span_starts(h->used[i], head); i++)
		n += pattern_text_covers(pattern, h->used[i], false) &&
		     !bsearch(&h->used[i], mine, n_mine, sizeof *mine, by_resource);
	return n;
}

static int by_pattern(const void *a, const void *b)
{
	const struct member *x = *(struct member *const *)a, *y = *(struct member *const *)b;
	int c = span_cmp(x->pattern, y->pattern);
	return c ? c : span_cmp(x->example, y->example);
}

/* A set that grows may be taken for another's, too: a pattern that takes in what others use stands
 * only where most of what is known behind it is this principal's own; else its resources are
 * listed. Ids and dates stay folded: listed, they would never be asked for again. */
enum { OWN_SHARE = 2 };

static void leave_others(const struct history *h, const struct sighting *mine, struct member *out,
                         size_t n)
{
	struct member **m = xcalloc(n + 1, sizeof(struct member *));
	for (size_t i = 0; i < n; i++)
		m[i] = &out[i];
	qsort(m, n, sizeof(struct member *), by_pattern);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && span_eq(m[k]->pattern, m[i]->pattern);)
			k++;
		bool grown = false;
		for (size_t j = i; j < k; j++)
			grown = grown || m[j]->reason == FOLD_GROWING;
		if (!grown || OWN_SHARE * others_covered(h, mine, n, m[i]->pattern) <= k - i)
			continue;
		for (size_t j = i; j < k; j++) {
			m[j]->pattern = m[j]->example;
			m[j]->reason = 0;
		}
	}
	free(m);
}

/* ---- all of it */

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

void history_fold(const struct history *h, const struct sar_type *type,
                  const struct sighting *sightings, size_t n, struct arena *arena,
                  struct member *out)
{
	struct walk k = {.h = h, .arena = arena};
	struct leaf *leaves = xcalloc(n + 1, sizeof *leaves);
	struct leaf **l = xcalloc(n + 1, sizeof(struct leaf *));
	size_t n_leaves = 0;
	k.object = type && span_is(sar_type_service(type), "s3") &&
	           span_is(sar_type_name(type), "object");
	for (size_t i = 0; i < n; i++) {
		leaves[i].seen = &sightings[i];
		if (arn_parts_of(sightings[i].resource, type, &leaves[i].p)) {
			fold_shapes(&k, type, &leaves[i]);
			l[n_leaves++] = &leaves[i];
		}
	}
	sort_leaves(l, n_leaves, by_frame);
	for (size_t i = 0, j; i < n_leaves; i = j) {
		for (j = i + 1; j < n_leaves && by_frame(&l[i], &l[j]) == 0;)
			j++;
		walk_variable(&k, l + i, j - i, 0);
	}
	for (size_t i = 0; i < n; i++) {
		struct span seen = sightings[i].resource;
		struct span pattern = leaves[i].reason ? arn_parts_join(&leaves[i].p, arena) : seen;
		out[i] = (struct member){
		        .pattern = pattern, .arns = 1, .example = seen, .reason = leaves[i].reason};
	}
	leave_others(h, sightings, out, n);
	free(l);
	free(leaves);
}
