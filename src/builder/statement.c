/* statement.c - builder: see statement.h. */
#include "config.h"

#include "builder/statement.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

static int hash_cmp(const struct hash128 *a, const struct hash128 *b)
{
	return memcmp(a->b, b->b, sizeof a->b);
}

static struct hash128 hash_spans(const struct span *s, size_t n)
{
	struct hasher h;
	hash_begin(&h);
	for (size_t i = 0; i < n; i++)
		hash_field(&h, s[i]);
	return hash_end(&h);
}

static struct hash128 hash_conditions(const struct policy_condition *c, size_t n)
{
	struct hasher h;
	hash_begin(&h);
	for (size_t i = 0; i < n; i++) {
		hash_field(&h, c[i].operator);
		hash_field(&h, c[i].key);
		hash_u64(&h, c[i].n_values);
		for (size_t k = 0; k < c[i].n_values; k++)
			hash_field(&h, c[i].values[k]);
	}
	return hash_end(&h);
}

void draft_hash(struct draft *d)
{
	d->conditions = hash_conditions(d->s.conditions, d->s.n_conditions);
}

/* ---- forming */

static int same_statement(const struct entry *a, const struct entry *b)
{
	int c = (a->origin > b->origin) - (a->origin < b->origin);
	c = c ? c : span_cmp(a->service, b->service);
	c = c ? c : (a->level > b->level) - (a->level < b->level);
	c = c ? c : span_cmp(a->via, b->via);
	c = c ? c : span_cmp(a->passed_to, b->passed_to);
	return c ? c : hash_cmp(&a->hash, &b->hash);
}

static int entry_order(const void *a, const void *b)
{
	int c = same_statement(a, b);
	return c ? c
	         : span_cmp(((const struct entry *)a)->action, ((const struct entry *)b)->action);
}

static struct draft draft_of(const struct entry *e, size_t n, struct arena *arena)
{
	struct span *actions = arena_alloc(arena, n * sizeof *actions);
	const struct entry **entries = arena_alloc(arena, n * sizeof *entries);
	for (size_t i = 0; i < n; i++) {
		actions[i] = e[i].action;
		entries[i] = &e[i];
	}
	return (struct draft){
	        .s = {.origin = e->origin,
	              .actions = actions,
	              .n_actions = n,
	              .resources = e->resources,
	              .n_resources = e->n_resources,
	              .service = e->service,
	              .level = e->level,
	              .via = e->via,
	              .passed_to = e->passed_to},
	        .lowest = e->level,
	        .entries = entries,
	        .n_entries = n,
	        .resources = e->hash,
	        .conditions = hash_conditions(NULL, 0),
	};
}

/* For every resource: the resource "*" and no other. */
static bool is_for_all(const struct policy_statement *s)
{
	return s->n_resources == 1 && span_is(s->resources[0], "*");
}

/* People read a policy by service, then from harmless to harmful; what is for every resource first.
 */
static int draft_order(const void *a, const void *b)
{
	const struct draft *d = a, *e = b;
	const struct policy_statement *x = &d->s, *y = &e->s;
	int c = (x->origin > y->origin) - (x->origin < y->origin);
	c = c ? c : span_cmp(x->service, y->service);
	c = c ? c : (d->lowest > e->lowest) - (d->lowest < e->lowest);
	c = c ? c : is_for_all(y) - is_for_all(x);
	c = c ? c : span_cmp(x->actions[0], y->actions[0]);
	c = c ? c : span_cmp(x->via, y->via);
	c = c ? c : span_cmp(x->passed_to, y->passed_to);
	for (size_t i = 0; !c && i < x->n_actions && i < y->n_actions; i++)
		c = span_cmp(x->actions[i], y->actions[i]);
	c = c ? c : (x->n_actions > y->n_actions) - (x->n_actions < y->n_actions);
	return c                                  ? c
	       : x->n_resources && y->n_resources ? span_cmp(x->resources[0], y->resources[0])
	                                          : 0;
}

struct drafts drafts_form(struct entry *entries, size_t n, struct arena *arena)
{
	struct drafts out = {arena_alloc(arena, (n + 1) * sizeof *out.d), 0};
	for (size_t i = 0; i < n; i++)
		entries[i].hash = hash_spans(entries[i].resources, entries[i].n_resources);
	if (n)
		qsort(entries, n, sizeof *entries, entry_order);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && same_statement(&entries[i], &entries[k]) == 0;)
			k++;
		out.d[out.n++] = draft_of(&entries[i], k - i, arena);
	}
	if (out.n)
		qsort(out.d, out.n, sizeof *out.d, draft_order);
	return out;
}

/* ---- merging */

static int merge_order(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;
	int c = (x->s.origin > y->s.origin) - (x->s.origin < y->s.origin);
	c = c ? c : hash_cmp(&x->conditions, &y->conditions);
	c = c ? c : hash_cmp(&x->resources, &y->resources);
	return c ? c : draft_order(a, b); /* by service */
}

static bool mergeable(const struct draft *a, const struct draft *b, enum drafts_merging merging)
{
	return (merging == MERGE_TO_FIT || span_eq(a->s.service, b->s.service)) &&
	       a->s.origin == b->s.origin && hash_eq(&a->conditions, &b->conditions) &&
	       hash_eq(&a->resources, &b->resources);
}

static int entry_by_action(const void *a, const void *b)
{
	return span_cmp((*(const struct entry *const *)a)->action,
	                (*(const struct entry *const *)b)->action);
}

static struct draft join(const struct draft *d, size_t n, struct arena *arena)
{
	struct draft out = d[0];
	size_t total = 0;
	for (size_t i = 0; i < n; i++)
		total += d[i].n_entries;
	if (n == 1)
		return out;
	out.entries = arena_alloc(arena, total * sizeof *out.entries);
	out.n_entries = 0;
	for (size_t i = 0; i < n; i++) {
		memcpy(out.entries + out.n_entries, d[i].entries,
		       d[i].n_entries * sizeof *out.entries);
		out.n_entries += d[i].n_entries;
		if (!span_eq(out.s.service, d[i].s.service))
			out.s.service = SPAN_NONE;
		if (out.s.level != d[i].s.level)
			out.s.level = LEVEL_UNKNOWN;
		out.lowest = d[i].lowest < out.lowest ? d[i].lowest : out.lowest;
		if (!span_eq(out.s.via, d[i].s.via))
			out.s.via = SPAN_NONE;
		if (!span_eq(out.s.passed_to, d[i].s.passed_to))
			out.s.passed_to = SPAN_NONE;
	}
	qsort(out.entries, total, sizeof *out.entries, entry_by_action);
	struct span *actions = arena_alloc(arena, total * sizeof *actions);
	for (size_t i = 0; i < total; i++)
		actions[i] = out.entries[i]->action;
	out.s.actions = actions;
	out.s.n_actions = spans_sort_unique(actions, total);
	return out;
}

/* A resource of several statements of one service, and the statement it comes from. */
struct pair {
	struct span resource;
	size_t draft;
};

static int pair_order(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int c = span_cmp(x->resource, y->resource);
	return c ? c : (x->draft > y->draft) - (x->draft < y->draft);
}

/* One resource with the drafts that name it: pairs[from] to pairs[from + n - 1]. */
struct holder {
	struct hash128 hash;
	size_t from, n;
};

static int holder_order(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;
	int c = hash_cmp(&x->hash, &y->hash);
	return c ? c : (x->from > y->from) - (x->from < y->from);
}

/* The statement of the resources that are named by the same drafts. */
static struct draft draft_of_holders(const struct draft *d, const struct pair *pairs,
                                     const struct holder *h, size_t n, struct arena *arena)
{
	struct draft *parts = xcalloc(h->n, sizeof *parts);
	for (size_t i = 0; i < h->n; i++)
		parts[i] = d[pairs[h->from + i].draft];
	struct draft out = join(parts, h->n, arena);
	struct span *resources = arena_alloc(arena, n * sizeof *resources);
	for (size_t i = 0; i < n; i++)
		resources[i] = pairs[h[i].from].resource;
	out.s.resources = resources;
	out.s.n_resources = n;
	out.resources = hash_spans(resources, n);
	free(parts);
	return out;
}

/* The same pairs of n drafts of one service, arranged by resource: *out in arena; returns how many.
 */
static size_t by_resource(const struct draft *d, size_t n, struct arena *arena, struct draft **out)
{
	size_t total = 0, n_holders = 0, made = 0;
	for (size_t i = 0; i < n; i++)
		total += d[i].s.n_resources;
	struct pair *pairs = xcalloc(total, sizeof *pairs);
	struct holder *holders = xcalloc(total, sizeof *holders);
	size_t at = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < d[i].s.n_resources; k++)
			pairs[at++] = (struct pair){d[i].s.resources[k], i};
	qsort(pairs, total, sizeof *pairs, pair_order);
	for (size_t i = 0, k; i < total; i = k) {
		struct hasher h;
		hash_begin(&h);
		for (k = i; k < total && span_eq(pairs[i].resource, pairs[k].resource); k++)
			hash_u64(&h, pairs[k].draft);
		holders[n_holders++] = (struct holder){hash_end(&h), i, k - i};
	}
	qsort(holders, n_holders, sizeof *holders, holder_order);
	*out = arena_alloc(arena, n_holders * sizeof **out);
	for (size_t i = 0, k; i < n_holders; i = k) {
		for (k = i + 1; k < n_holders && hash_eq(&holders[i].hash, &holders[k].hash);)
			k++;
		(*out)[made++] = draft_of_holders(d, pairs, holders + i, k - i, arena);
	}
	free(pairs);
	free(holders);
	return made;
}

static size_t drafts_size(const struct draft *d, size_t n)
{
	enum { SID = 35 }; /* characters of a usual Sid member: names are given later */
	size_t size = 0;
	for (size_t i = 0; i < n; i++)
		size += statement_size(&d[i].s, false) + SID;
	return size;
}

static int service_order(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;
	int c = (x->s.origin > y->s.origin) - (x->s.origin < y->s.origin);
	c = c ? c : hash_cmp(&x->conditions, &y->conditions);
	c = c ? c : span_cmp(x->s.service, y->s.service);
	return c ? c : draft_order(a, b);
}

struct draft_list {
	struct draft *d; /* free() */
	size_t n, room;
};

static void list_add(struct draft_list *list, const struct draft *d, size_t n)
{
	if (list->n + n > list->room) {
		list->room = 2 * (list->n + n);
		list->d = xreallocarray(list->d, list->room, sizeof *list->d);
	}
	memcpy(list->d + list->n, d, n * sizeof *d);
	list->n += n;
}

/* Of n drafts of one service: as they are, or arranged by resource where that is less. */
static void add_less(struct draft_list *list, const struct draft *d, size_t n,
                     enum drafts_merging merging, struct arena *arena)
{
	struct draft *turned = NULL;
	size_t n_turned = n > 1 ? by_resource(d, n, arena, &turned) : 0;
	bool less = merging == MERGE_TO_FIT ? drafts_size(turned, n_turned) < drafts_size(d, n)
	                                    : n_turned < n;
	if (n_turned && less)
		list_add(list, turned, n_turned);
	else
		list_add(list, d, n);
}

static bool same_service(const struct draft *a, const struct draft *b)
{
	return a->s.service.p && a->s.origin == b->s.origin &&
	       hash_eq(&a->conditions, &b->conditions) && span_eq(a->s.service, b->s.service);
}

struct drafts drafts_merge(struct drafts in, enum drafts_merging merging, struct arena *arena)
{
	struct draft_list joined = {NULL, 0, 0}, less = {NULL, 0, 0};
	struct drafts out = {NULL, 0};
	if (in.n == 0)
		return in;
	qsort(in.d, in.n, sizeof *in.d, merge_order);
	for (size_t i = 0, k; i < in.n; i = k) {
		for (k = i + 1; k < in.n && mergeable(&in.d[i], &in.d[k], merging);)
			k++;
		struct draft one = join(in.d + i, k - i, arena);
		list_add(&joined, &one, 1);
	}
	qsort(joined.d, joined.n, sizeof *joined.d, service_order);
	for (size_t i = 0, k; i < joined.n; i = k) {
		for (k = i + 1; k < joined.n && same_service(&joined.d[i], &joined.d[k]);)
			k++;
		add_less(&less, joined.d + i, k - i, merging, arena);
	}
	out.n = less.n;
	out.d = arena_alloc(arena, out.n * sizeof *out.d + 1);
	if (less.d)
		memcpy(out.d, less.d, out.n * sizeof *out.d);
	free(joined.d);
	free(less.d);
	if (out.n)
		qsort(out.d, out.n, sizeof *out.d, draft_order);
	return out;
}

/* ---- names */

struct span camel_case(struct span s, struct arena *arena)
{
	char *out = arena_alloc(arena, s.n + 1);
	size_t n = 0;
	bool upper = true;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!ascii_alpha(c) && !ascii_digit(c)) {
			upper = true;
			continue;
		}
		out[n++] = upper && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
		upper = false;
	}
	out[n] = '\0';
	return span_make(out, n);
}

static const char *level_word(enum access_level level)
{
	switch (level) {
	case LEVEL_LIST: return "List";
	case LEVEL_READ: return "Read";
	case LEVEL_WRITE: return "Write";
	case LEVEL_TAGGING: return "Tag";
	case LEVEL_PERMISSIONS: return "Permissions";
	case LEVEL_UNKNOWN: break;
	}
	return "";
}

/* "s3.amazonaws.com" as "S3"; empty if there is none. */
static struct span first_label(struct span service, struct arena *arena)
{
	return camel_case(span_cut(&service, '.'), arena);
}

enum { SID_TYPES = 2 };

/* The resource types of a statement's actions, in the order of the actions; none where there are
 * more than SID_TYPES. */
static struct span types_word(const struct draft *d, struct arena *arena)
{
	struct span types[SID_TYPES];
	size_t n = 0;
	for (size_t i = 0; i < d->n_entries; i++) {
		struct span type = d->entries[i]->type;
		size_t k = 0;
		while (k < n && !span_eq(types[k], type))
			k++;
		if (k < n)
			continue;
		if (n == SID_TYPES || !type.n)
			return SPAN_LIT("");
		types[n++] = type;
	}
	struct span word = SPAN_LIT("");
	for (size_t k = 0; k < n; k++) {
		struct span one = camel_case(types[k], arena);
		word = arena_printf(arena, "%.*s%.*s", SPAN_ARG(word), SPAN_ARG(one));
	}
	return word;
}

/* The access levels of a statement's actions, from harmless to harmful. */
static struct span levels_word(const struct draft *d, struct arena *arena)
{
	bool has[LEVEL_PERMISSIONS + 1] = {false};
	struct span word = SPAN_LIT("");
	for (size_t i = 0; i < d->n_entries; i++)
		has[d->entries[i]->level] = true;
	for (enum access_level l = LEVEL_LIST; l <= LEVEL_PERMISSIONS; l++)
		if (has[l])
			word = arena_printf(arena, "%.*s%s", SPAN_ARG(word), level_word(l));
	return word;
}

/* What a statement holds: of one action level and name ("S3ReadGetObject", but "S3ListBucket"), of
 * several the levels and the resource types ("S3ReadWriteObject", for every resource "Ec2List").
 * One of several services is named after its first action. */
static struct span sid_of(const struct draft *d, struct arena *arena)
{
	const struct policy_statement *s = &d->s;
	struct span action = s->actions[0], service = span_cut(&action, ':');
	struct span name = camel_case(service, arena), what = camel_case(action, arena);
	struct span via = first_label(s->via, arena), to = first_label(s->passed_to, arena);
	struct span levels = s->service.p ? levels_word(d, arena) : SPAN_LIT("");
	if (s->service.p && s->n_actions > 1)
		what = is_for_all(s) ? SPAN_LIT("") : types_word(d, arena);
	else if (span_starts(what, levels))
		levels = SPAN_LIT("");
	const char *before = !to.n ? "" : span_is(service, "kms") ? "Through" : "To";
	return arena_printf(arena, "%s%.*s%.*s%.*s%s%.*s%s%.*s%s", s->service.p ? "" : "Shared",
	                    SPAN_ARG(name), SPAN_ARG(levels), SPAN_ARG(what), via.n ? "Via" : "",
	                    SPAN_ARG(via), before, SPAN_ARG(to),
	                    s->origin == STATEMENT_DENIED    ? "Denied"
	                    : s->origin == STATEMENT_SIBLING ? "Unobserved"
	                                                     : "");
}

void drafts_name(struct drafts *d, struct arena *arena)
{
	for (size_t i = 0; i < d->n; i++)
		d->d[i].s.sid = sid_of(&d->d[i], arena);
}

struct named {
	struct span sid;
	size_t index;
};

static int named_order(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int c = span_cmp(x->sid, y->sid);
	return c ? c : (x->index > y->index) - (x->index < y->index);
}

static struct span with_hash(const struct policy_statement *s, size_t digits, struct arena *arena)
{
	struct hasher h;
	hash_begin(&h);
	hash_u64(&h, s->deny);
	for (size_t i = 0; i < s->n_actions; i++)
		hash_field(&h, s->actions[i]);
	hash_u64(&h, s->n_resources);
	for (size_t i = 0; i < s->n_resources; i++)
		hash_field(&h, s->resources[i]);
	struct hash128 c = hash_conditions(s->conditions, s->n_conditions);
	hash_bytes(&h, c.b, sizeof c.b);
	struct hash128 sum = hash_end(&h);
	char hex[2 * HASH_BYTES + 1];
	for (size_t i = 0; i < HASH_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02X", sum.b[i]);
	return arena_printf(arena, "%.*s%.*s", SPAN_ARG(s->sid), (int)digits, hex);
}

/* Statements that people wrote keep their Sids whatever happens. */
static bool distinguish_once(struct policy_statement *s, size_t n, size_t digits,
                             struct arena *arena)
{
	bool equal = false;
	struct named *order = xcalloc(n + 1, sizeof *order);
	for (size_t i = 0; i < n; i++)
		order[i] = (struct named){s[i].sid, i};
	qsort(order, n, sizeof *order, named_order);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && span_eq(order[i].sid, order[k].sid);)
			k++;
		for (size_t j = i; k - i > 1 && j < k; j++) {
			struct policy_statement *one = &s[order[j].index];
			if (!one->sid.p || one->origin == STATEMENT_KEPT)
				continue;
			one->sid = with_hash(one, digits, arena);
			equal = true;
		}
	}
	free(order);
	return equal;
}

void sids_distinguish(struct policy_statement *s, size_t n, struct arena *arena)
{
	for (size_t digits = 4; digits <= 32 && distinguish_once(s, n, digits, arena); digits += 14)
		;
}
