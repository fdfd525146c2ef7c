/* build-history.c - builder: what the principal did with each resource over all of its actions, what
 * that folds to, and what it creates itself. */
#include "config.h"

#include "builder/build-internal.h"

#include "base/alloc.h"
#include "builder/arn-parts.h"
#include "builder/ephemeral.h"
#include "builder/scanner.h"
#include "policy/pattern-text.h"

#include <stdlib.h>

struct span builder_service(const struct row *r)
{
	ptrdiff_t colon = span_chr(r->action, ':');
	return span_sub(r->action, 0, colon < 0 ? 0 : (size_t)colon);
}

/* ---- what it creates */

/* Whether the rest of a call's name is the type, as one word and perhaps in the plural. */
static bool names_type(struct span name, struct span type)
{
	size_t at = 0;
	for (size_t i = 0; i < type.n; i++) {
		if (type.p[i] == '-' || type.p[i] == '_')
			continue;
		if (at == name.n || ascii_lower(name.p[at++]) != ascii_lower(type.p[i]))
			return false;
	}
	return type.n && (at == name.n || span_is(span_from(name, at), "s"));
}

/* "CreateVpc" makes a "vpc", "RunInstances" an "instance", "CreateFlowLogs" a "vpc-flow-log". An
 * address is an elastic-ip of the reference. */
bool action_makes_type(struct span action, struct span type)
{
	if (span_is(action, "ec2:AllocateAddress"))
		return span_is(type, "elastic-ip");
	if (span_is(action, "ec2:AllocateHosts"))
		return span_is(type, "dedicated-host");
	static const char *const verbs[] = {"Create", "Run",     "Import",
	                                    "Copy",   "Restore", "Register"};
	struct span name = span_from(action, (size_t)(span_chr(action, ':') + 1));
	size_t n = 0;
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs && !n; i++)
		if (span_starts(name, span_of(verbs[i])))
			n = strlen(verbs[i]);
	if (!n)
		return false;
	name = span_from(name, n);
	ptrdiff_t dash = span_chr(type, '-');
	return names_type(name, type) ||
	       (dash >= 0 && names_type(name, span_from(type, (size_t)dash + 1)));
}

static void find_made(struct builder *b)
{
	b->made = xcalloc(b->n_rows + 1, sizeof *b->made);
	for (size_t i = 0; i < b->n_rows; i++) {
		const struct row *r = &b->rows[i];
		const struct made *last = b->n_made ? &b->made[b->n_made - 1] : NULL;
		if (r->origin != STATEMENT_OBSERVED || !span_ends(r->resource, SPAN_LIT("/*")) ||
		    !action_makes_type(r->action, r->type) ||
		    (last && span_eq(last->pattern, r->resource)))
			continue;
		b->made[b->n_made++] =
		        (struct made){span_sub(r->action, 0, (size_t)span_chr(r->action, ':')),
		                      r->type, r->resource};
	}
}

/* The patterns of what is made of one type, at out; their number. */
size_t builder_made_of(const struct builder *b, struct span service, struct span type,
                      struct span *out)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n_made; i++)
		if (span_eq(b->made[i].service, service) && span_eq(b->made[i].type, type))
			out[n++] = b->made[i].pattern;
	return n;
}

/* ---- folding by history */

static int seen_order(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	int c = span_cmp(x->service, y->service);
	c = c ? c : span_cmp(x->type, y->type);
	return c ? c : span_cmp(x->sighting.resource, y->sighting.resource);
}

static bool is_made(const struct builder *b, const struct seen *s)
{
	for (size_t i = 0; i < b->n_made; i++)
		if (span_eq(b->made[i].service, s->service) && span_eq(b->made[i].type, s->type) &&
		    pattern_text_covers(b->made[i].pattern, s->sighting.resource, false))
			return true;
	return false;
}

struct key { /* a row by its resource */
	struct span service;
	struct row *row;
	bool metadata, creates; /* by the action and type */
};

static int same_or_cmp(struct span a, struct span b)
{
	return a.p == b.p && a.n == b.n ? 0 : span_cmp(a, b);
}

static int key_order(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int c = same_or_cmp(x->service, y->service);
	c = c ? c : same_or_cmp(x->row->type, y->row->type);
	c = c ? c : same_or_cmp(x->row->resource, y->row->resource);
	return c ? c : (x->row > y->row) - (x->row < y->row);
}

static struct seen seen_of(const struct builder *b, const struct key *k)
{
	const struct row *r = k->row;
	const struct access_use *u = &b->in->uses[r->use];
	return (struct seen){.service = k->service,
	                     .type = r->type,
	                     .sighting = {.resource = r->resource,
	                                  .first = u->first,
	                                  .last = u->last,
	                                  .created = k->creates},
	                     .events = u->events,
	                     .writes = u->access.level >= LEVEL_WRITE,
	                     .metadata = k->metadata,
	                     .else_too = !k->metadata};
}

static void seen_add(struct seen *to, const struct seen *one)
{
	to->events += one->events;
	to->writes |= one->writes;
	to->metadata |= one->metadata;
	to->else_too |= one->else_too;
	to->sighting.created |= one->sighting.created;
	if (one->sighting.first < to->sighting.first)
		to->sighting.first = one->sighting.first;
	if (one->sighting.last > to->sighting.last)
		to->sighting.last = one->sighting.last;
}

/* Sorted by service, type and resource. */
static struct key *keys_of(const struct builder *b)
{
	struct key *k = xcalloc(b->n_rows + 1, sizeof *k);
	for (size_t i = 0; i < b->n_rows; i++) {
		struct row *r = &b->rows[i];
		k[i].row = r;
		if (i && row_same_entry(r - 1, r) && span_eq(r[-1].type, r->type)) {
			k[i].service = k[i - 1].service;
			k[i].metadata = k[i - 1].metadata;
			k[i].creates = k[i - 1].creates;
			continue;
		}
		k[i].service = builder_service(r);
		k[i].metadata =
		        reads_metadata(b->in->mapping, sar_action(b->in->mapping, r->action),
		                       sar_type(b->in->mapping, k[i].service, r->type));
		k[i].creates =
		        r->origin == STATEMENT_OBSERVED && action_makes_type(r->action, r->type);
	}
	if (b->n_rows)
		qsort(k, b->n_rows, sizeof *k, key_order);
	return k;
}

static bool same_resource(const struct key *x, const struct key *y)
{
	return same_or_cmp(x->row->resource, y->row->resource) == 0 &&
	       same_or_cmp(x->row->type, y->row->type) == 0 &&
	       same_or_cmp(x->service, y->service) == 0;
}

/* One entry for each resource of a type. */
static void seen_collect(struct builder *b)
{
	struct key *k = keys_of(b);
	size_t n = 0;
	for (size_t i = 0; i < b->n_rows; i++)
		n += i == 0 || !same_resource(&k[i - 1], &k[i]);
	b->seen = xcalloc(n + 1, sizeof *b->seen);
	b->n_seen = 0;
	for (size_t i = 0; i < b->n_rows; i++) {
		struct seen one = seen_of(b, &k[i]);
		if (i && same_resource(&k[i - 1], &k[i]))
			seen_add(&b->seen[b->n_seen - 1], &one);
		else
			b->seen[b->n_seen++] = one;
		k[i].row->seen = &b->seen[b->n_seen - 1];
	}
	free(k);
}

/* n of one type. */
static void seen_scan(struct builder *b, const struct sar_type *type, struct seen *seen, size_t n)
{
	struct looked_at *looked = xcalloc(n, sizeof *looked);
	struct span *wide = xcalloc(n, sizeof *wide);
	for (size_t i = 0; i < n; i++)
		looked[i] = (struct looked_at){seen[i].sighting.resource, seen[i].to.pattern,
		                               seen[i].metadata, seen[i].else_too};
	scanned(type, looked, n, &b->out->arena, wide);
	for (size_t i = 0; i < n; i++)
		seen[i].wide = wide[i];
	free(wide);
	free(looked);
}

/* The same. */
static void seen_fold(struct builder *b, struct seen *seen, size_t n)
{
	const struct sar_type *type = sar_type(b->in->mapping, seen->service, seen->type);
	struct sighting *s = xcalloc(n, sizeof *s);
	struct member *m = xcalloc(n, sizeof *m);
	for (size_t i = 0; i < n; i++) {
		s[i] = seen[i].sighting;
		s[i].made = is_made(b, &seen[i]);
		s[i].written_once = seen[i].writes && seen[i].events == 1;
	}
	history_fold(&b->history, type, s, n, &b->out->arena, m);
	for (size_t i = 0; i < n; i++)
		seen[i].to = m[i];
	seen_scan(b, type, seen, n);
	free(m);
	free(s);
}

static void fold_all_seen(struct builder *b)
{
	for (size_t i = 0, k; i < b->n_seen; i = k) {
		for (k = i + 1; k < b->n_seen && span_eq(b->seen[k].service, b->seen[i].service) &&
		                span_eq(b->seen[k].type, b->seen[i].type);)
			k++;
		seen_fold(b, b->seen + i, k - i);
	}
}

void builder_look_back(struct builder *b)
{
	find_made(b);
	b->history = (struct history){.since = INT64_MAX,
	                              .until = INT64_MIN,
	                              .used = b->in->used};
	for (size_t i = 0; i < b->in->n_uses; i++) {
		const struct access_use *u = &b->in->uses[i];
		b->history.since = u->first < b->history.since ? u->first : b->history.since;
		b->history.until = u->last > b->history.until ? u->last : b->history.until;
	}
	if (!resources_fold(b->options->resources) || b->in->n_uses == 0)
		return;
	b->by_history = history_tells(&b->history);
	seen_collect(b);
	fold_all_seen(b);
}

void builder_fold_any_width(struct builder *b)
{
	b->history.any_width = true;
	fold_all_seen(b);
}

const struct seen *builder_seen(const struct builder *b, const struct row *r)
{
	const struct seen key = {.service = builder_service(r),
	                         .type = r->type,
	                         .sighting = {.resource = r->resource}};
	if (r->seen)
		return r->seen;
	return b->n_seen ? bsearch(&key, b->seen, b->n_seen, sizeof *b->seen, seen_order) : NULL;
}

/* ---- what was done once */

bool builder_was_once(const struct builder *b, const struct row *r, size_t n)
{
	uint64_t events = 0;
	bool writes = false;
	for (size_t i = 0; i < n; i++) {
		/* a sibling goes with what was done, and was not done itself */
		if (r[i].use == SIZE_MAX || !span_eq(r[i].resource, r[0].resource))
			return false;
		const struct access_use *u = &b->in->uses[r[i].use];
		events += u->events;
		writes |= u->access.level >= LEVEL_WRITE;
	}
	return writes && events == 1;
}

bool builder_stays_exact(const struct seen *s)
{
	bool set = s->to.reason == FOLD_GROWING || s->to.reason == FOLD_FOLDER;
	return s->to.once || (set && !s->to.own);
}

/* "A", "A, B and C", "A, B, C and 4 more". */
static struct span names_text(struct arena *a, const struct span *names, size_t n)
{
	enum { NAMED = 3 };
	struct span text = names[0];
	for (size_t i = 1; i < n && i < NAMED; i++)
		text = arena_printf(a, "%.*s%s%.*s", SPAN_ARG(text),
		                    i + 1 == n ? " and " : ", ", SPAN_ARG(names[i]));
	return n > NAMED ? arena_printf(a, "%.*s and %zu more", SPAN_ARG(text), n - NAMED) : text;
}

void builder_tell_once(struct builder *b)
{
	struct arena *a = &b->out->arena;
	struct span *actions = xcalloc(b->n_rows + 1, sizeof *actions);
	size_t n = 0;
	for (size_t i = 0, k; i < b->n_rows && b->by_history; i = k) {
		const struct row *r = &b->rows[i];
		for (k = i + 1; k < b->n_rows && row_same_entry(r, &b->rows[k]) &&
		                span_eq(r->type, b->rows[k].type);)
			k++;
		const struct seen *s = r->seen;
		if (s && builder_was_once(b, r, k - i) && builder_stays_exact(s))
			actions[n++] = r->action;
	}
	n = spans_sort_unique(actions, n);
	if (n)
		builder_note(b, arena_printf(a,
		                             "%.*s: seen once, on one resource, and granted on that "
		                             "alone",
		                             SPAN_ARG(names_text(a, actions, n))));
	free(actions);
}

static bool is_unclear_secret(const struct builder *b, const struct seen *s)
{
	const struct sar_type *type = sar_type(b->in->mapping, s->service, s->type);
	struct arn_parts p;
	return !s->to.reason && arn_parts_of(s->sighting.resource, type, &p) && p.n_values &&
	       secret_suffix_unclear(type, p.value[p.n_values - 1]);
}

void builder_tell_unclear_secrets(struct builder *b)
{
	struct arena *a = &b->out->arena;
	struct span *secrets = xcalloc(b->n_seen + 1, sizeof *secrets);
	size_t n = 0;
	for (size_t i = 0; i < b->n_seen; i++)
		if (is_unclear_secret(b, &b->seen[i]))
			secrets[n++] = b->seen[i].sighting.resource;
	n = spans_sort_unique(secrets, n);
	if (n)
		builder_note(b, arena_printf(a,
		                             "%.*s: granted as called; no call tells whether the last "
		                             "six letters are the name's or were added by Secrets "
		                             "Manager, and will be others once the secret is made anew",
		                             SPAN_ARG(names_text(a, secrets, n))));
	free(secrets);
}
