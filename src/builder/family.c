/* family.c - builder: see family.h. A token's words tell its families: a family is all tokens that
 * differ in one word; where nothing is found that way, in several words beside each other, of which
 * one may have more than another ("feature_login_form", "feature_menu"). */
#include "config.h"

#include "builder/family.h"

#include "base/alloc.h"
#include "base/when.h"
#include "builder/ephemeral.h"

#include <stdlib.h>

enum {
	WORDS = 12,  /* words of a token that are told apart; all behind them are one */
	PASSES = 3,  /* words of one token that may vary, each by itself */
	ENDS = 4,    /* words, less one, at the start and at the end that may stay around several that vary */
};

struct joining {
	const struct history *h;
	struct arena *arena;
	bool bare;
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
	size_t n, days, late, late_days;
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
	g->last_day = day;
	g->n++;
	g->days += new_day;
	g->late += late;
	g->late_days += late && new_day;
	g->created += c->created;
}

/* Newcomers on several days of the later half mean that more will come; a list that stopped growing
 * is closed, however long. Numbers and ids that alone differ need less evidence than names: where
 * they still come at all, they go on; so does what the principal creates
 * itself. In a short history three of that kind are evidence, if their names begin alike (headed). */
static bool grows(const struct history *h, const struct growth *g, bool by_shape, bool headed)
{
	if (!history_tells(h))
		return headed && g->created >= 3 && 2 * g->created > g->n;
	if (2 * g->created > g->n && g->late_days >= 2 && g->n >= 3)
		return true;
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
		if (i == from && i + UUID_SIZE <= token.n)
			i += uuid_at(token, i);
		if (i >= token.n || is_word_char(token.p[i]))
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

static int by_first_day(const void *a, const void *b)
{
	const struct child *x = *(struct child *const *)a, *y = *(struct child *const *)b;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return span_cmp(x->token, y->token);
}

static struct child *child_join(const struct joining *k, struct child **members, size_t n, struct span token,
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
		c->created |= members[i]->created;
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
static struct span word_pattern(const struct joining *k, const struct span *w, size_t n, enum variation *how)
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
static struct child *family_join(const struct joining *k, struct child *children, const struct candidate *c,
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
			growth_add(k->h, &g, members[i]);
		if (grows(k->h, &g, how != VARY_NAMES, at > 0))
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
			if (has_digit(w.w[j]))
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
				if (word.n && !has_star(word) && !(k->bare && head + tail == 0))
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
		if (children[i].taken || has_star(children[i].token) ||
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

size_t families_join(const struct history *h, struct child *children, size_t n, bool bare,
                     struct arena *arena)
{
	const struct joining k = {h, arena, bare};
	for (int pass = 0; pass < PASSES; pass++) {
		size_t before = n;
		n = join_pass(&k, children, n, false);
		if (n == before)
			break;
	}
	return has_newcomers(&k, children, n) ? join_pass(&k, children, n, true) : n;
}
