/* generalise.c - builder: see generalise.h. A resource is taken apart by its type's ARN pattern
 * into the values of the variables; values are folded one variable after the other, along a tree of
 * their tokens. */
#include "config.h"

#include "builder/generalise.h"

#include "base/alloc.h"
#include "builder/arn-parts.h"
#include "builder/ephemeral.h"
#include "call/arn.h"
#include "policy/pattern-text.h"

#include <stdlib.h>

enum { DEPTH = 200 }; /* tokens of one value that are looked at: bounds the recursion */

struct item {
	struct arn_parts p;
	size_t arns; /* how many stand behind it */
	struct span example;
	enum fold_reason reason; /* 0: as it was seen */
	struct span given;       /* the pattern that went in */
	bool changed;            /* by folding here: given is no longer it */
	struct span where;       /* of FOLD_SETTINGS */
};

/* ---- folding */

struct fold_state {
	const struct generalise_options *options;
	struct arena *arena;
	bool key;          /* an S3 object: its name folds at '/' alone */
	struct item *done; /* results; at most as many as went in */
	size_t n_done;
};

/* What items must share to be folded together: everything but the values. */
static int frame_cmp(const struct item *a, const struct item *b, bool with_region)
{
	int c = (a->p.pattern > b->p.pattern) - (a->p.pattern < b->p.pattern);
	c = c ? c : span_cmp(a->p.arn.partition, b->p.arn.partition);
	c = c ? c : span_cmp(a->p.arn.service, b->p.arn.service);
	c = c ? c : span_cmp(a->p.arn.account, b->p.arn.account);
	c = c ? c : span_cmp(a->p.literal[0], b->p.literal[0]);
	if (with_region)
		c = c ? c : span_cmp(a->p.arn.region, b->p.arn.region);
	return c;
}

static int by_frame(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int c = frame_cmp(x, y, true);
	return c ? c : span_cmp(x->example, y->example);
}

/* qsort takes no context: one comparison per variable. */
#define BY_VALUE(i)                                              \
	static int by_value_##i(const void *a, const void *b)    \
	{                                                        \
		const struct item *x = a, *y = b;                \
		int c = span_cmp(x->p.value[i], y->p.value[i]);  \
		return c ? c : span_cmp(x->example, y->example); \
	}
BY_VALUE(0)
BY_VALUE(1)
BY_VALUE(2)
BY_VALUE(3)
BY_VALUE(4)
BY_VALUE(5)

static int (*const by_value[ARN_VARIABLES])(const void *, const void *) = {
        by_value_0, by_value_1, by_value_2, by_value_3, by_value_4, by_value_5};

static void fold_variable(struct fold_state *f, struct item *items, size_t n, size_t variable);

/* The segment of s that begins at at, with the delimiter behind it, which is missing at the end. */
struct token {
	size_t end;
	bool delimited;
};

static struct token token_of(const struct fold_state *f, struct span s, size_t at, size_t variable)
{
	const char *delimiters = f->key && variable > 0 ? "/" : "/:";
	for (; at < s.n; at++)
		if (strchr(delimiters, s.p[at]))
			return (struct token){at + 1, true};
	return (struct token){s.n, false};
}

static size_t same_head(const struct item *items, size_t n, size_t variable, struct token t)
{
	struct span head = span_sub(items[0].p.value[variable], 0, t.end);
	size_t k = 1;
	while (k < n && (t.delimited ? span_starts(items[k].p.value[variable], head)
	                             : span_eq(items[k].p.value[variable], head)))
		k++;
	return k;
}

/* How many items from items[0] on have the same segment at offset. */
static size_t same_child(const struct fold_state *f, const struct item *items, size_t n,
                         size_t variable, size_t offset)
{
	return same_head(items, n, variable,
	                 token_of(f, items[0].p.value[variable], offset, variable));
}

/* The first words of a segment, as names are made of them ("app-prod-"); the whole segment where it
 * has no more. */
static struct token words_of(const struct fold_state *f, struct span s, size_t at, size_t variable,
                             size_t words)
{
	struct token t = token_of(f, s, at, variable);
	for (; at < t.end; at++)
		if (strchr("-_.", s.p[at]) && --words == 0)
			return (struct token){at + 1, true};
	return t;
}

static size_t same_words(const struct fold_state *f, const struct item *items, size_t n,
                         size_t variable, size_t offset, size_t words)
{
	return same_head(items, n, variable,
	                 words_of(f, items[0].p.value[variable], offset, variable, words));
}

static size_t count_groups(const struct fold_state *f, const struct item *items, size_t n,
                           size_t variable, size_t offset, size_t words)
{
	size_t groups = 0;
	for (size_t i = 0; i < n; groups++)
		i += same_words(f, items + i, n - i, variable, offset, words);
	return groups;
}

/* As many words of their names as leave no more groups than siblings may stay; 0: not even one word
 * does. */
static size_t words_to_keep(const struct fold_state *f, const struct item *items, size_t n,
                            size_t variable, size_t offset)
{
	enum { WORDS = 16 };
	size_t words = 0;
	if (f->key && variable > 0)
		return 0;
	while (words < WORDS &&
	       count_groups(f, items, n, variable, offset, words + 1) <= f->options->max_siblings)
		words++;
	return words;
}

/* The values become what they share up to offset, and '*'. */
static void fold_here(struct fold_state *f, struct item *items, size_t n, size_t variable,
                      size_t offset)
{
	struct span value =
	        arena_printf(f->arena, "%.*s*", (int)offset, items[0].p.value[variable].p);
	for (size_t i = 0; i < n; i++) {
		items[i].p.value[variable] = value;
		items[i].changed = true;
		items[i].reason = f->options->max_siblings < f->options->asked_siblings
		                          ? FOLD_TO_FIT
		                          : FOLD_SIBLINGS;
	}
	fold_variable(f, items, n, variable + 1);
}

static void fold_node(struct fold_state *f, struct item *items, size_t n, size_t variable,
                      size_t offset, size_t depth);

/* n items with the same segment at offset. */
static void fold_child(struct fold_state *f, struct item *items, size_t n, size_t variable,
                       size_t offset, size_t depth)
{
	struct token t = token_of(f, items[0].p.value[variable], offset, variable);
	if (span_eq(items[0].p.value[variable], items[n - 1].p.value[variable]))
		fold_variable(f, items, n, variable + 1);
	else
		fold_node(f, items, n, variable, t.end, depth + 1);
}

/* All n values share their first offset bytes, and the segments behind are siblings. */
static void fold_node(struct fold_state *f, struct item *items, size_t n, size_t variable,
                      size_t offset, size_t depth)
{
	size_t children = 0, words = 0;
	for (size_t i = 0; i < n; children++)
		i += same_child(f, items + i, n - i, variable, offset);
	bool many = children > f->options->max_siblings || (depth >= DEPTH && children > 1);
	if (many && (words = words_to_keep(f, items, n, variable, offset)) == 0) {
		fold_here(f, items, n, variable, offset);
		return;
	}
	for (size_t i = 0, k; i < n; i += k) {
		size_t child = same_child(f, items + i, n - i, variable, offset);
		k = many ? same_words(f, items + i, n - i, variable, offset, words) : child;
		struct token t = words_of(f, items[i].p.value[variable], offset, variable, words);
		if (k > child)
			fold_here(f, items + i, k, variable, t.end);
		else
			fold_child(f, items + i, k, variable, offset, depth);
	}
}

/* All n items share the values before this variable. */
static void fold_variable(struct fold_state *f, struct item *items, size_t n, size_t variable)
{
	if (variable < items[0].p.n_values) {
		if (n > 1)
			qsort(items, n, sizeof *items, by_value[variable]);
		fold_node(f, items, n, variable, 0, 0);
		return;
	}
	struct item one = items[0];
	for (size_t i = 1; i < n; i++) {
		one.arns += items[i].arns;
		if (span_cmp(items[i].example, one.example) < 0)
			one.example = items[i].example;
		if (items[i].reason > one.reason)
			one.reason = items[i].reason;
		one.changed = one.changed || items[i].changed;
	}
	f->done[f->n_done++] = one;
}

static bool is_made(const struct generalise_options *o, struct span resource)
{
	return pattern_texts_any_covers(o->made, o->n_made, resource, false);
}

static void drop_ephemeral(struct fold_state *f, const struct sar_type *type, struct item *items,
                           size_t n)
{
	bool stream = type && span_is(sar_type_name(type), "log-stream");
	if (type_is_durable(type))
		return;
	for (size_t i = 0; i < n; i++) {
		struct item *it = &items[i];
		bool made = is_made(f->options, it->example);
		for (size_t v = 0; v < it->p.n_values; v++) {
			if (f->key && v == 0)
				continue; /* a bucket lives long, and its name is the world's */
			struct span value =
			        stream && v > 0 ? SPAN_LIT("*")
			                        : without_ephemeral(it->p.value[v], made,
			                                            f->options->any_width, f->arena);
			value = without_secret_suffix(type, value, f->arena);
			/* beside an id of AWS's own are other ids alone */
			if (!span_eq(value, it->p.value[v]) && is_id_shaped(it->p.value[v]) &&
			    arn_parts_is_id(&it->p, type, v))
				value = SPAN_LIT("*");
			if (!span_eq(value, it->p.value[v])) {
				it->reason = made ? FOLD_MADE : FOLD_EPHEMERAL;
				it->changed = true;
			}
			it->p.value[v] = value;
		}
	}
}

static void fold_regions(struct item *items, size_t n)
{
	for (size_t i = 0, k; i < n; i = k) {
		bool differ = false;
		for (k = i + 1; k < n && frame_cmp(&items[i], &items[k], false) == 0; k++)
			differ |= !span_eq(items[i].p.arn.region, items[k].p.arn.region);
		for (size_t j = i; differ && j < k; j++) {
			items[j].p.arn.region = SPAN_LIT("*");
			items[j].changed = true;
			items[j].reason = FOLD_REGIONS;
		}
	}
}

static void fold_all(struct fold_state *f, const struct sar_type *type, struct item *items,
                     size_t n)
{
	if (n == 0)
		return;
	f->key = type && span_is(sar_type_service(type), "s3") &&
	         span_is(sar_type_name(type), "object");
	qsort(items, n, sizeof *items, by_frame);
	if (f->options->any_region)
		fold_regions(items, n);
	if (!f->options->folded)
		drop_ephemeral(f, type, items, n);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && frame_cmp(&items[i], &items[k], true) == 0;)
			k++;
		fold_variable(f, items + i, k - i, 0);
	}
}

/* ---- results */

static void note_fold(struct fold_list *list, struct span action, const struct sar_type *type,
                      struct span pattern, const struct item *it)
{
	if (!list || !it->reason)
		return;
	if (list->n == list->room) {
		list->room = list->room ? 2 * list->room : 64;
		list->folds = xreallocarray(list->folds, list->room, sizeof *list->folds);
	}
	list->folds[list->n++] =
	        (struct policy_fold){.action = action,
	                             .type = type ? sar_type_name(type) : SPAN_NONE,
	                             .pattern = pattern,
	                             .reason = it->reason,
	                             .arns = it->arns,
	                             .example = it->example,
	                             .where = it->where};
}

struct result {
	struct span pattern;
	struct item *item;
};

static int by_pattern(const void *a, const void *b)
{
	return span_cmp(((const struct result *)a)->pattern, ((const struct result *)b)->pattern);
}

/* Sorts the patterns, drops those that others cover and adds their numbers to those. */
static size_t finish(struct fold_state *f, struct span action, const struct sar_type *type,
                     struct span *patterns, struct fold_list *list)
{
	size_t n = f->n_done, left = 0;
	struct result *r = xcalloc(n, sizeof *r);
	size_t *by = xcalloc(n, sizeof *by);
	for (size_t i = 0; i < n; i++) {
		r[i].pattern = f->done[i].changed ? arn_parts_join(&f->done[i].p, f->arena)
		                                  : f->done[i].given;
		r[i].item = &f->done[i];
	}
	qsort(r, n, sizeof *r, by_pattern);
	for (size_t i = 0; i < n; i++)
		patterns[i] = r[i].pattern;
	pattern_texts_covered(patterns, n, by);
	for (size_t i = 0; i < n; i++) {
		if (by[i] == i)
			continue;
		struct item *into = r[by[i]].item;
		into->arns += r[i].item->arns;
		if (!into->reason && r[i].item->reason)
			into->reason = r[i].item->reason;
	}
	for (size_t i = 0; i < n; i++) {
		if (by[i] != i)
			continue;
		note_fold(list, action, type, r[i].pattern, r[i].item);
		patterns[left++] = r[i].pattern;
	}
	free(by);
	free(r);
	return left;
}

/* More than one resource, or anything but "*", which is none. */
static bool is_any_fold(const struct member *m, size_t n)
{
	return n > 1 || !span_is(m[0].pattern, "*");
}

static size_t fold_any(const struct member *m, size_t n, struct span action,
                       const struct sar_type *type, struct span *patterns, struct fold_list *list)
{
	struct item any = {.reason = FOLD_ANY, .arns = 0, .example = m[0].example};
	for (size_t i = 0; i < n; i++)
		any.arns += m[i].arns;
	patterns[0] = SPAN_LIT("*");
	if (is_any_fold(m, n))
		note_fold(list, action, type, patterns[0], &any);
	return 1;
}

/* Of exact resources only the user's word is no ARN that was seen. */
static void note_rules(const struct member *m, size_t n, struct span action,
                       const struct sar_type *type, struct fold_list *list)
{
	for (size_t i = 0; i < n; i++) {
		const struct item one = {.arns = m[i].arns,
		                         .example = m[i].example,
		                         .reason = m[i].reason,
		                         .where = m[i].where};
		note_fold(list, action, type, m[i].pattern, &one);
	}
}

/* By their history, and nothing else is asked for. */
static bool is_folded(const struct generalise_options *o)
{
	return o->folded && !o->any_region && o->max_siblings == UINT32_MAX;
}

size_t generalise(const struct generalise_options *options, struct span action,
                  const struct sar_type *type, const struct member *members, size_t n,
                  struct arena *arena, struct span **out, struct fold_list *list)
{
	struct span *patterns = arena_alloc(arena, (n + 1) * sizeof *patterns);
	*out = patterns;
	if (n == 0)
		return 0;
	if (options->mode == RESOURCES_ANY)
		return fold_any(members, n, action, type, patterns, list);
	if (options->mode == RESOURCES_EXACT) {
		note_rules(members, n, action, type, list);
		for (size_t i = 0; i < n; i++)
			patterns[i] = members[i].pattern;
		return pattern_texts_absorb(patterns, n);
	}
	struct fold_state f = {.options = options, .arena = arena};
	struct item *items = xcalloc(n, sizeof *items);
	size_t n_items = 0;
	f.done = xcalloc(n, sizeof *f.done);
	for (size_t i = 0; i < n; i++) {
		struct item *it = &items[n_items];
		*it = (struct item){.arns = members[i].arns,
		                    .example = members[i].example,
		                    .reason = members[i].reason,
		                    .given = members[i].pattern,
		                    .where = members[i].where};
		/* else it is the user's word */
		bool foldable = members[i].reason < FOLD_PREFIX && !is_folded(options);
		if (foldable && arn_parts_of(members[i].pattern, type, &it->p))
			n_items++;
		else /* or "*", or no ARN: nothing to fold */
			f.done[f.n_done++] = *it;
	}
	fold_all(&f, type, items, n_items);
	size_t left = finish(&f, action, type, patterns, list);
	free(items);
	free(f.done);
	return left;
}
