/* generalise.c - builder: see generalise.h. A resource is taken apart by its type's ARN pattern into
 * the values of the variables; values are folded one variable after the other, along a tree of
 * their tokens. */
#include "config.h"

#include "builder/generalise.h"

#include "base/alloc.h"
#include "call/arn.h"
#include "policy/pattern-text.h"

#include <stdlib.h>

enum {
	VARIABLES = 6, /* the reference's longest pattern has five behind the account */
	DEPTH = 200,   /* tokens of one value that are looked at: bounds the recursion */
};

/* Types whose id AWS makes up once for something that lives long: as good as a name. */
static const struct {
	const char *service, *type;
} durable[] = {
        {"acm", "certificate"},
        {"apigateway", NULL},
        {"appsync", NULL},
        {"cloudfront", NULL},
        {"cognito-identity", NULL},
        {"kms", "key"},
        {"lambda", "eventSourceMapping"},
        {"organizations", NULL},
        {"route53", NULL},
        {"s3", "bucket"},
        {"sso", NULL},
        {"wafv2", NULL},
};

/* Ids of the form PREFIX-HEX that come and go with each run; all others (vpc-, subnet-, sg-,
 * fs-...) stand for what stays. */
static const char *const passing_ids[] = {
        "i",     "vol", "snap",     "eni",      "r",          "sir",         "sfr",
        "fleet", "mi",  "eipassoc", "import-i", "import-ami", "import-snap", "export-i"};

/* ---- ephemeral segments */

static bool is_hex(char c)
{
	return ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_alnum(char c)
{
	return ascii_digit(c) || ascii_alpha(c);
}

static bool segment_end(struct span s, size_t at)
{
	return at >= s.n || s.p[at] == '/' || s.p[at] == ':';
}

static bool segment_start(struct span s, size_t at)
{
	return at == 0 || s.p[at - 1] == '/' || s.p[at - 1] == ':';
}

/* Whether the text at s[at] has the shape: 'd' a digit, 'x' a hex digit, else the character itself.
 */
static bool shaped(struct span s, size_t at, const char *shape)
{
	size_t n = strlen(shape);
	if (at + n > s.n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s.p[at + i];
		bool ok = shape[i] == 'd'   ? ascii_digit(c)
		          : shape[i] == 'x' ? is_hex(c)
		                            : shape[i] == c;
		if (!ok)
			return false;
	}
	return true;
}

static size_t uuid_at(struct span s, size_t at)
{
	bool is = shaped(s, at, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
	return is && (at + 36 == s.n || !is_alnum(s.p[at + 36])) ? 36 : 0;
}

/* "2026-01-02", "2026_01_02", with a time behind it where there is one. */
static size_t date_at(struct span s, size_t at)
{
	if (!shaped(s, at, "dddd-dd-dd") && !shaped(s, at, "dddd_dd_dd"))
		return 0;
	size_t n = 10;
	if (shaped(s, at + n, "Tdd") || shaped(s, at + n, "tdd")) {
		n += 3;
		while (at + n < s.n && (ascii_digit(s.p[at + n]) || s.p[at + n] == ':' ||
		                        s.p[at + n] == '.' || s.p[at + n] == '-'))
			n++;
		if (at + n < s.n && (s.p[at + n] == 'Z' || s.p[at + n] == 'z'))
			n++;
	}
	return at + n == s.n || !is_alnum(s.p[at + n]) ? n : 0;
}

static bool listed(struct span prefix)
{
	for (size_t i = 0; i < sizeof passing_ids / sizeof *passing_ids; i++)
		if (span_is(prefix, passing_ids[i]))
			return true;
	return false;
}

/* A whole segment "PREFIX-8 or 17 hex digits": its length; *passing if it comes and goes. */
static size_t aws_id_at(struct span s, size_t at, bool *passing)
{
	size_t end = at;
	while (!segment_end(s, end))
		end++;
	struct span segment = span_sub(s, at, end - at);
	ptrdiff_t dash = span_rchr(segment, '-');
	if (dash <= 0 || dash > 12)
		return 0;
	struct span prefix = span_sub(segment, 0, (size_t)dash);
	struct span id = span_from(segment, (size_t)dash + 1);
	if (id.n != 8 && id.n != 17)
		return 0;
	for (size_t i = 0; i < id.n; i++)
		if (!is_hex(id.p[i]))
			return 0;
	for (size_t i = 0; i < prefix.n; i++)
		if (prefix.p[i] != '-' && !(prefix.p[i] >= 'a' && prefix.p[i] <= 'z'))
			return 0;
	*passing = listed(prefix);
	return segment.n;
}

/* A run number, hash or generated suffix: letters and digits only. An account number (12 digits) is
 * none. */
static bool ephemeral_word(struct span w, bool whole_segment)
{
	size_t digits = 0, hex = 0, upper = 0;
	for (size_t i = 0; i < w.n; i++) {
		digits += ascii_digit(w.p[i]);
		hex += is_hex(w.p[i]);
		upper += w.p[i] >= 'A' && w.p[i] <= 'Z';
	}
	size_t letters = w.n - digits;
	if (letters == 0)
		return w.n != 12 && (whole_segment || w.n >= 4);
	if (hex == w.n && digits >= 2 && (w.n >= 8 && letters >= 2))
		return true;
	if (hex == w.n && w.n >= 32)
		return true;
	/* CloudFormation's suffix of physical names: 12 or 13 capitals and digits */
	return upper + digits == w.n && w.n >= 12 && digits >= 2 && upper >= 2;
}

struct span without_ephemeral(struct span s, bool made, struct arena *arena)
{
	char *out = NULL;
	size_t n = 0;
	for (size_t at = 0; at < s.n;) {
		bool token_start = at == 0 || !is_alnum(s.p[at - 1]), passing = true;
		size_t len = 0;
		if (token_start && is_alnum(s.p[at])) {
			if (segment_start(s, at))
				len = aws_id_at(s, at, &passing);
			passing |= made;
			if (len == 0)
				len = uuid_at(s, at);
			if (len == 0)
				len = date_at(s, at);
			if (len == 0) {
				while (at + len < s.n && is_alnum(s.p[at + len]))
					len++;
				passing = ephemeral_word(span_sub(s, at, len),
				                         segment_start(s, at) &&
				                                 segment_end(s, at + len));
			}
		}
		if (len && passing && !out) {
			out = arena_alloc(arena, s.n + 1);
			memcpy(out, s.p, at);
			n = at;
		}
		size_t step = len ? len : 1;
		if (out && len && passing) {
			out[n++] = '*';
		} else if (out) {
			memcpy(out + n, s.p + at, step);
			n += step;
		}
		at += step;
	}
	return out ? span_make(out, n) : s;
}

/* ---- taking an ARN apart */

struct item {
	struct arn arn;
	size_t pattern; /* which of the type's patterns; n_patterns: none fits */
	struct span literal[VARIABLES + 1]; /* the texts around the variables */
	struct span value[VARIABLES];
	size_t n_values;
	size_t arns; /* how many stand behind it */
	struct span example;
	enum fold_reason reason; /* 0: as it was seen */
};

/* Cuts resource by the resource part of a pattern:
 * "log-group:${LogGroupName}:log-stream:${Stream}". */
static bool cut_by_pattern(struct item *it, struct span pattern)
{
	struct arn p;
	if (!arn_parse(pattern, &p))
		return false;
	struct span left = p.rest, rest = it->arn.rest;
	it->n_values = 0;
	while (left.n) {
		ptrdiff_t at = span_find(left, SPAN_LIT("${"));
		struct span literal = at < 0 ? left : span_sub(left, 0, (size_t)at);
		if (!span_starts(rest, literal))
			return false;
		it->literal[it->n_values] = literal;
		rest = span_from(rest, literal.n);
		if (at < 0)
			return rest.n == 0;
		left = span_from(left, (size_t)at);
		ptrdiff_t end = span_chr(left, '}');
		if (end < 0 || it->n_values == VARIABLES)
			return false;
		left = span_from(left, (size_t)end + 1);
		ptrdiff_t next = span_find(left, SPAN_LIT("${"));
		struct span stop = next < 0 ? left : span_sub(left, 0, (size_t)next);
		ptrdiff_t n = stop.n == 0 ? (ptrdiff_t)rest.n : span_find(rest, stop);
		if (n < 0 || (n == 0 && rest.n == 0))
			return false;
		it->value[it->n_values++] = span_sub(rest, 0, (size_t)n);
		it->literal[it->n_values] = SPAN_LIT("");
		rest = span_from(rest, (size_t)n);
	}
	return rest.n == 0;
}

/* No pattern fits: all up to the first '/' or ':' is taken for the type's word and never folded. */
static void cut_anyhow(struct item *it)
{
	struct span r = it->arn.rest;
	size_t at = 0;
	while (at < r.n && r.p[at] != '/' && r.p[at] != ':')
		at++;
	at = at < r.n ? at + 1 : 0;
	it->literal[0] = span_sub(r, 0, at);
	it->value[0] = span_from(r, at);
	it->literal[1] = SPAN_LIT("");
	it->n_values = 1;
}

static bool take_apart(struct item *it, const struct sar_type *type, struct span resource)
{
	*it = (struct item){.arns = 1, .example = resource};
	if (!arn_parse(resource, &it->arn))
		return false;
	size_t n = type ? sar_type_n_patterns(type) : 0;
	for (it->pattern = 0; it->pattern < n; it->pattern++)
		if (cut_by_pattern(it, sar_type_pattern(type, it->pattern)))
			return true;
	cut_anyhow(it);
	return true;
}

static struct span put_together(const struct item *it, struct arena *arena)
{
	struct span part[10 + 2 * VARIABLES + 1];
	size_t n = 0, size = 0;
	const struct span head[] = {SPAN_LIT("arn:"), it->arn.partition, SPAN_LIT(":"),
	                            it->arn.service,  SPAN_LIT(":"),     it->arn.region,
	                            SPAN_LIT(":"),    it->arn.account,   SPAN_LIT(":")};
	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		part[n++] = head[i];
	for (size_t i = 0; i < it->n_values; i++) {
		part[n++] = it->literal[i];
		part[n++] = it->value[i];
	}
	part[n++] = it->literal[it->n_values];
	for (size_t i = 0; i < n; i++)
		size += part[i].n;
	char *out = arena_alloc(arena, size + 1), *p = out;
	for (size_t i = 0; i < n; i++) {
		if (part[i].n)
			memcpy(p, part[i].p, part[i].n);
		p += part[i].n;
	}
	*p = '\0';
	return span_make(out, size);
}

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
	int c = (a->pattern > b->pattern) - (a->pattern < b->pattern);
	c = c ? c : span_cmp(a->arn.partition, b->arn.partition);
	c = c ? c : span_cmp(a->arn.service, b->arn.service);
	c = c ? c : span_cmp(a->arn.account, b->arn.account);
	c = c ? c : span_cmp(a->literal[0], b->literal[0]);
	if (with_region)
		c = c ? c : span_cmp(a->arn.region, b->arn.region);
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
		int c = span_cmp(x->value[i], y->value[i]);      \
		return c ? c : span_cmp(x->example, y->example); \
	}
BY_VALUE(0)
BY_VALUE(1)
BY_VALUE(2)
BY_VALUE(3)
BY_VALUE(4)
BY_VALUE(5)

static int (*const by_value[VARIABLES])(const void *, const void *) = {
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
	struct span head = span_sub(items[0].value[variable], 0, t.end);
	size_t k = 1;
	while (k < n && (t.delimited ? span_starts(items[k].value[variable], head)
	                             : span_eq(items[k].value[variable], head)))
		k++;
	return k;
}

/* How many items from items[0] on have the same segment at offset. */
static size_t same_child(const struct fold_state *f, const struct item *items, size_t n,
                         size_t variable, size_t offset)
{
	return same_head(items, n, variable,
	                 token_of(f, items[0].value[variable], offset, variable));
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
	                 words_of(f, items[0].value[variable], offset, variable, words));
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
	        arena_printf(f->arena, "%.*s*", (int)offset, items[0].value[variable].p);
	for (size_t i = 0; i < n; i++) {
		items[i].value[variable] = value;
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
	struct token t = token_of(f, items[0].value[variable], offset, variable);
	if (span_eq(items[0].value[variable], items[n - 1].value[variable]))
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
		struct token t = words_of(f, items[i].value[variable], offset, variable, words);
		if (k > child)
			fold_here(f, items + i, k, variable, t.end);
		else
			fold_child(f, items + i, k, variable, offset, depth);
	}
}

/* All n items share the values before this variable. */
static void fold_variable(struct fold_state *f, struct item *items, size_t n, size_t variable)
{
	if (variable < items[0].n_values) {
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
	}
	f->done[f->n_done++] = one;
}

static bool is_durable(const struct sar_type *type)
{
	for (size_t i = 0; type && i < sizeof durable / sizeof *durable; i++)
		if (span_is(sar_type_service(type), durable[i].service) &&
		    (!durable[i].type || span_is(sar_type_name(type), durable[i].type)))
			return true;
	return false;
}

static bool is_made(const struct generalise_options *o, struct span resource)
{
	for (size_t i = 0; i < o->n_made; i++)
		if (pattern_text_covers(o->made[i], resource, false))
			return true;
	return false;
}

static void drop_ephemeral(struct fold_state *f, const struct sar_type *type, struct item *items,
                           size_t n)
{
	bool stream = type && span_is(sar_type_name(type), "log-stream");
	if (is_durable(type))
		return;
	for (size_t i = 0; i < n; i++) {
		struct item *it = &items[i];
		bool made = is_made(f->options, it->example);
		for (size_t v = 0; v < it->n_values; v++) {
			if (f->key && v == 0)
				continue; /* a bucket lives long, and its name is the world's */
			struct span value =
			        stream && v > 0 ? SPAN_LIT("*")
			                        : without_ephemeral(it->value[v], made, f->arena);
			if (!span_eq(value, it->value[v]))
				it->reason = made ? FOLD_MADE : FOLD_EPHEMERAL;
			it->value[v] = value;
		}
	}
}

static void fold_regions(struct item *items, size_t n)
{
	for (size_t i = 0, k; i < n; i = k) {
		bool differ = false;
		for (k = i + 1; k < n && frame_cmp(&items[i], &items[k], false) == 0; k++)
			differ |= !span_eq(items[i].arn.region, items[k].arn.region);
		for (size_t j = i; differ && j < k; j++) {
			items[j].arn.region = SPAN_LIT("*");
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
	                             .example = it->example};
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
		bool whole = !f->done[i].reason;
		r[i].pattern = whole ? f->done[i].example : put_together(&f->done[i], f->arena);
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

size_t generalise(const struct generalise_options *options, struct span action,
                  const struct sar_type *type, const struct span *resources, size_t n,
                  struct arena *arena, struct span **out, struct fold_list *list)
{
	struct span *patterns = arena_alloc(arena, (n + 1) * sizeof *patterns);
	*out = patterns;
	if (n == 0)
		return 0;
	if (options->mode == RESOURCES_ANY) {
		struct item any = {.reason = FOLD_ANY, .arns = n, .example = resources[0]};
		patterns[0] = SPAN_LIT("*");
		if (n > 1 || !span_is(resources[0], "*"))
			note_fold(list, action, type, patterns[0], &any);
		return 1;
	}
	if (options->mode == RESOURCES_EXACT) {
		memcpy(patterns, resources, n * sizeof *patterns);
		return pattern_texts_absorb(patterns, n);
	}
	struct fold_state f = {.options = options, .arena = arena};
	struct item *items = xcalloc(n, sizeof *items);
	size_t n_items = 0;
	f.done = xcalloc(n, sizeof *f.done);
	for (size_t i = 0; i < n; i++) {
		if (take_apart(&items[n_items], type, resources[i]))
			n_items++;
		else /* "*" or no ARN: nothing to fold */
			f.done[f.n_done++] = (struct item){.arns = 1, .example = resources[i]};
	}
	fold_all(&f, type, items, n_items);
	size_t left = finish(&f, action, type, patterns, list);
	free(items);
	free(f.done);
	return left;
}
