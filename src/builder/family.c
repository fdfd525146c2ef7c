/* family.c - builder: see family.h. A token's words tell its families: a family is all tokens that
 * differ in one word; where nothing is found that way, in several words beside each other, of which
 * one may have more than another ("feature_login_form", "feature_menu"). */
#include "config.h"

#include "builder/family.h"

#include "base/alloc.h"
#include "base/when.h"
#include "builder/ephemeral.h"
#include "builder/fixed-width.h"

#include <stdlib.h>

enum {
	WORDS = 12,  /* words of a token that are told apart; all behind them are one */
	PASSES = 3,  /* words of one token that may vary, each by itself */
	ENDS = 4,    /* words, less one, at the start and at the end that may stay around several that vary */
};

struct joining {
	const struct history *h;
	struct arena *arena;
	enum node_start where;
};

/* ---- what grows */

static int64_t day_of(const struct history *h, int64_t t)
{
	return (t - h->since) / (int64_t)WHEN_DAY_SECONDS;
}

bool history_is_late(const struct history *h, int64_t first)
{
	return history_tells(h) && 2 * day_of(h, first) >= day_of(h, h->until);
}

/* Members of a set, as far as growth is concerned. */
struct growth {
	int64_t last_day; /* the latest on which a new member came */
	int64_t first_day;
	size_t n, days, late, late_days;
	size_t at_start; /* of the set's first three days: as good as there before */
	bool passing; /* none is seen for longer than two days */
	size_t created; /* by the principal itself */
};

/* Members come in the order of their first day. */
static void growth_add(const struct history *h, struct growth *g, const struct child *c)
{
	int64_t first = c->first, last = c->last;
	int64_t day = day_of(h, first);
	bool late = history_is_late(h, first), new_day = g->n == 0 || day != g->last_day;
	g->passing = (g->n == 0 || g->passing) && last - first <= 2 * (int64_t)WHEN_DAY_SECONDS;
	g->first_day = g->n ? g->first_day : day;
	g->at_start += day < g->first_day + 3;
	g->last_day = day;
	g->n++;
	g->days += new_day;
	g->late += late;
	g->late_days += late && new_day;
	g->created += c->created;
}

/* Newcomers on several days of the later half mean that more will come; a list that stopped growing
 * is closed, however long. Numbers and ids that alone differ need less evidence than names: where
 * they still come at all, they go on; so does what the principal creates itself, most of all what it
 * soon gives up. In a short history three of that kind are evidence, if their names begin alike (headed). */
static bool grows(const struct history *h, const struct growth *g, bool by_shape, bool headed)
{
	if (!history_tells(h))
		return headed && g->created >= 3 && 2 * g->created > g->n;
	bool own = 2 * g->created > g->n && g->n >= 3;
	if (own && (g->late_days >= 2 || (g->late && g->passing && g->days >= 3)))
		return true;
	if (by_shape)
		return g->late >= 1 && g->days >= 2 && (g->n >= 3 || g->passing);
	/* One at a time, and no fewer lately: of those that came behind the first three days, at least
	 * a third did in the later half. More than twice as many before it are a list that fills up. */
	bool steady = g->days >= 5 && 3 * g->late >= g->n - g->at_start;
	return g->late_days >= 3 || (g->late_days >= 2 && ((g->passing && g->n >= 4) || steady));
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

/* "20??-??-??" is one word, as the date is for which it stands. */
static bool inside_pattern(struct span token, size_t at)
{
	return at && token.p[at - 1] == '?' && at + 1 < token.n && token.p[at + 1] == '?';
}

static void words_of(struct span token, struct words *out)
{
	size_t from = 0;
	out->n = 0;
	for (size_t i = 0; i < token.n && out->n < WORDS - 1; i++) {
		if (i == from && i + UUID_SIZE <= token.n)
			i += uuid_at(token, i);
		if (i >= token.n || is_word_char(token.p[i]) || inside_pattern(token, i))
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

static bool same_masked(struct span a, struct span word_a, struct span b, struct span word_b)
{
	size_t head = (size_t)(word_a.p - a.p);
	return head == (size_t)(word_b.p - b.p) && a.n - word_a.n == b.n - word_b.n &&
	       span_eq(span_sub(a, 0, head), span_sub(b, 0, head)) &&
	       span_eq(span_from(a, head + word_a.n), span_from(b, head + word_b.n));
}

/* ---- children of a node */

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
	size_t from, n;   /* candidates */
	size_t newcomers; /* of the later half */
	size_t literal;   /* bytes of the token that stay */
};

/* The largest first; among equals that of the earliest child. */
static int by_size(const void *a, const void *b)
{
	const struct family *x = a, *y = b;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

/* That with the most newcomers first; among equals that of which the most stays. */
static int by_newcomers(const void *a, const void *b)
{
	const struct family *x = a, *y = b;
	if (x->newcomers != y->newcomers)
		return x->newcomers > y->newcomers ? -1 : 1;
	if (x->literal != y->literal)
		return x->literal > y->literal ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

/* What stands for more than one name already is no word of a name. */
static bool has_wildcard(struct span s)
{
	return span_chr(s, '*') >= 0 || span_chr(s, '?') >= 0;
}

/* A member of a family, and its word that differs. */
struct membership {
	struct child *child;
	struct span word;
};

static int by_first_day(const void *a, const void *b)
{
	const struct membership *x = a, *y = b;
	if (x->child->first != y->child->first)
		return x->child->first < y->child->first ? -1 : 1;
	return span_cmp(x->child->token, y->child->token);
}

static struct child *child_join(const struct joining *k, const struct membership *m, size_t n,
                                struct span token, enum fold_reason reason)
{
	struct child *c = arena_calloc(k->arena, 1, sizeof *c);
	for (size_t i = 0; i < n; i++)
		c->n += m[i].child->n;
	c->leaves = arena_alloc(k->arena, c->n * sizeof *c->leaves);
	c->token = token;
	c->ends = m[0].child->ends;
	c->first = m[0].child->first;
	c->last = m[0].child->last;
	c->n = 0;
	for (size_t i = 0; i < n; i++) {
		memcpy(c->leaves + c->n, m[i].child->leaves, m[i].child->n * sizeof *c->leaves);
		c->n += m[i].child->n;
		c->first = m[i].child->first < c->first ? m[i].child->first : c->first;
		c->last = m[i].child->last > c->last ? m[i].child->last : c->last;
		c->created |= m[i].child->created;
		m[i].child->taken = true;
	}
	for (size_t i = 0; i < c->n; i++)
		if (reason > c->leaves[i]->reason)
			c->leaves[i]->reason = reason;
	return c;
}

/* Makes one child of n members, which come in the order of their first day, if they grow; else NULL. */
static struct child *members_join(const struct joining *k, const struct membership *m, size_t n)
{
	struct growth g = {.n = 0};
	struct child *joined = NULL;
	struct span *words = xcalloc(n, sizeof *words), token = m[0].child->token;
	for (size_t i = 0; i < n; i++) {
		words[i] = m[i].word;
		growth_add(k->h, &g, m[i].child);
	}
	enum variation how = words_vary(words, n);
	size_t at = (size_t)(words[0].p - token.p);
	if (grows(k->h, &g, how != VARY_NAMES, at > 0)) {
		/* beside an id of AWS's own are other ids alone */
		bool any = k->h->any_width || (k->where == NODE_ID && how == VARY_IDS);
		struct span in = words_width(words, n, any, k->arena);
		token = arena_printf(k->arena, "%.*s%.*s%.*s", (int)at, token.p, SPAN_ARG(in),
		                     SPAN_ARG(span_from(token, at + words[0].n)));
		joined = child_join(k, m, n, token,
		                    how == VARY_IDS ? FOLD_EPHEMERAL : FOLD_GROWING);
	}
	free(words);
	return joined;
}

static struct child *family_join(const struct joining *k, struct child *children,
                                 const struct candidate *c, size_t n)
{
	struct membership *m = xcalloc(n, sizeof *m);
	size_t left = 0;
	for (size_t i = 0; i < n; i++) {
		struct child *one = &children[c[i].child];
		if (!one->taken && !has_wildcard(c[i].word) &&
		    same_masked(children[c[0].child].token, c[0].word, one->token, c[i].word))
			m[left++] = (struct membership){one, c[i].word};
	}
	if (left > 1)
		qsort(m, left, sizeof *m, by_first_day);
	struct child *joined = left > 1 ? members_join(k, m, left) : NULL;
	free(m);
	return joined;
}

static size_t count_words(const struct child *children, size_t n)
{
	size_t total = 1;
	for (size_t i = 0; i < n; i++) {
		struct words w;
		if (children[i].taken)
			continue;
		words_of(children[i].token, &w);
		total += 2 * w.n;
	}
	return total;
}

static bool is_newcomer(const struct history *h, const struct child *c)
{
	return history_tells(h) ? history_is_late(h, c->first) : c->created;
}

/* Families of n candidates, which get sorted; returns how many. */
static size_t group_candidates(const struct joining *k, const struct child *children,
                               struct candidate *c, size_t n, struct family *out)
{
	size_t families = 0;
	if (n)
		qsort(c, n, sizeof *c, by_family);
	for (size_t i = 0, j; i < n; i = j) {
		struct family f = {.from = i};
		for (j = i; j < n && c[j].hash == c[i].hash; j++)
			f.newcomers += is_newcomer(k->h, &children[c[j].child]);
		f.n = j - i;
		f.literal = children[c[i].child].token.n - c[i].word.n;
		if (f.n > 1)
			out[families++] = f;
	}
	return families;
}

/* Candidates of every word of every child, family by family; returns how many families. */
static size_t find_families(const struct joining *k, const struct child *children, size_t n,
                            struct candidate *c, struct family *out)
{
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		struct words w;
		if (children[i].taken)
			continue;
		words_of(children[i].token, &w);
		for (size_t j = 0; j < w.n; j++) {
			uint64_t hash = masked_hash(children[i].token, w.w[j]);
			if (w.w[j].n)
				c[at++] = (struct candidate){hash, i, w.w[j]};
			if (span_has_digit(w.w[j]))
				c[at++] =
				        (struct candidate){numbered_hash(hash, w.w[j]), i, w.w[j]};
		}
	}
	size_t families = group_candidates(k, children, c, at, out);
	if (families)
		qsort(out, families, sizeof *out, by_size);
	return families;
}

/* The same of all words but the first few and the last few. */
static size_t find_wide_families(const struct joining *k, const struct child *children, size_t n,
                                 struct candidate *c, struct family *out)
{
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		struct words w;
		if (children[i].taken)
			continue;
		words_of(children[i].token, &w);
		w.n -= w.n > 1 && w.w[w.n - 1].n == 0; /* behind the delimiter */
		for (size_t head = 0; head < ENDS && head < w.n; head++)
			for (size_t tail = 0; tail < ENDS && head + tail < w.n; tail++) {
				struct span last = w.w[w.n - 1 - tail];
				struct span word = span_make(
				        w.w[head].p, (size_t)(last.p + last.n - w.w[head].p));
				if (word.n && !has_wildcard(word) && !(k->where != NODE_INSIDE && head + tail == 0))
					c[at++] = (struct candidate){
					        masked_hash(children[i].token, word), i, word};
			}
	}
	size_t families = group_candidates(k, children, c, at, out);
	if (families)
		qsort(out, families, sizeof *out, by_newcomers);
	return families;
}

/* Whether any family of names could grow: newcomers on more than one day, or what was created. */
static bool has_newcomers(const struct joining *k, const struct child *children, size_t n)
{
	int64_t day = -1;
	size_t created = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t d = day_of(k->h, children[i].first);
		if (children[i].taken || has_wildcard(children[i].token) ||
		    !is_newcomer(k->h, &children[i]))
			continue;
		if (history_tells(k->h) ? day >= 0 && d != day : ++created > 1)
			return true;
		day = d;
	}
	return false;
}

/* One pass; returns how many children there are then. */
static size_t join_pass(const struct joining *k, struct child *children, size_t n, bool wide)
{
	size_t room = wide ? ENDS * ENDS * n : count_words(children, n), made = 0;
	struct candidate *c = xcalloc(room, sizeof *c);
	struct family *f = xcalloc(room / 2 + 1, sizeof *f);
	struct child **joined = xcalloc(n, sizeof *joined);
	size_t families = wide ? find_wide_families(k, children, n, c, f)
	                       : find_families(k, children, n, c, f);
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
	return n;
}

size_t families_join(const struct history *h, struct child *children, size_t n,
                     enum node_start where, struct arena *arena)
{
	const struct joining k = {h, arena, where};
	for (int pass = 0; pass < PASSES; pass++) {
		size_t before = n;
		n = join_pass(&k, children, n, false);
		if (n == before)
			break;
	}
	return has_newcomers(&k, children, n) ? join_pass(&k, children, n, true) : n;
}
