/* fit.c - builder: see fit.h. */
#include "config.h"

#include "builder/fit.h"

#include "base/alloc.h"
#include "builder/statement.h"

#include <stdlib.h>

struct bin {
	struct policy_statement *s;
	size_t n, room, size;
};

struct packing {
	const struct fit_options *options;
	struct arena *arena;
	size_t empty; /* characters of a document without statements */
	struct bin *bins;
	size_t n_bins;
	size_t largest;
	bool over; /* more documents than allowed, or a piece that fits none */
};

static void bin_add(struct bin *b, const struct policy_statement *s, size_t size)
{
	if (b->n == b->room) {
		b->room = b->room ? 2 * b->room : 16;
		b->s = xreallocarray(b->s, b->room, sizeof *b->s);
	}
	b->s[b->n++] = *s;
	b->size += size;
}

/* The first document with room, else a new one. */
static void place(struct packing *p, const struct policy_statement *s, size_t size)
{
	for (size_t i = 0; i < p->n_bins; i++)
		if (!p->options->limit || p->bins[i].size + size <= p->options->limit) {
			bin_add(&p->bins[i], s, size);
			return;
		}
	if (p->n_bins == p->options->max_documents) {
		p->over = true;
		return;
	}
	p->bins[p->n_bins] = (struct bin){.size = p->empty};
	bin_add(&p->bins[p->n_bins++], s, size);
}

static void split(struct packing *p, const struct policy_statement *s, size_t room);

static void split_actions(struct packing *p, const struct policy_statement *s, size_t room)
{
	struct policy_statement half = *s;
	size_t left = s->n_actions / 2;
	half.n_actions = left;
	split(p, &half, room);
	half.actions = s->actions + left;
	half.n_actions = s->n_actions - left;
	split(p, &half, room);
}

/* The Sid gets a piece of hash when two pieces meet in one document: room for it is kept. */
enum { SID_GROWTH = 4 };

static void split(struct packing *p, const struct policy_statement *s, size_t room)
{
	bool space = p->options->white_space;
	size_t size = statement_size(s, space) + SID_GROWTH;
	if (p->over)
		return;
	if (size <= room) {
		place(p, s, size);
		return;
	}
	bool whole = s->origin == STATEMENT_KEPT || (s->n_resources < 2 && s->n_actions < 2);
	if (whole) {
		if (size > p->largest)
			p->largest = size;
		p->over = true;
		return;
	}
	struct policy_statement part = *s;
	part.n_resources = s->n_resources ? 1 : 0;
	size_t base = statement_size(&part, space) + SID_GROWTH;
	if (s->n_actions > 1 && (s->n_resources < 2 || base > room / 2)) {
		split_actions(p, s, room);
		return;
	}
	for (size_t from = 0; from < s->n_resources && !p->over;) {
		part.resources = s->resources + from;
		part.n_resources = 1;
		size_t used = statement_size(&part, space) + SID_GROWTH;
		while (from + part.n_resources < s->n_resources) {
			size_t more = value_size(part.resources[part.n_resources], space);
			if (used + more > room)
				break;
			used += more;
			part.n_resources++;
		}
		if (used > room) {
			p->largest = used > p->largest ? used : p->largest;
			p->over = true;
			return;
		}
		place(p, &part, used);
		from += part.n_resources;
	}
}

static struct policy_document document_of(struct bin *b, bool space, struct arena *arena)
{
	struct policy_document d = {.version = SPAN_LIT("2012-10-17"), .n_statements = b->n};
	struct policy_statement *s = arena_alloc(arena, (b->n + 1) * sizeof *s);
	if (b->n)
		memcpy(s, b->s, b->n * sizeof *s);
	sids_distinguish(s, b->n, arena);
	d.statements = s;
	d.size = document_size(&d, space);
	return d;
}

struct fit_result fit_documents(const struct policy_statement *s, size_t n,
                                const struct fit_options *options, struct arena *arena)
{
	struct policy_document none = {.version = SPAN_LIT("2012-10-17")};
	struct packing p = {.options = options, .arena = arena};
	struct fit_result out = {NULL, 0, 0, 0};
	p.empty = document_size(&none, options->white_space);
	p.bins = xcalloc(options->max_documents, sizeof *p.bins);
	out.characters = p.empty;
	size_t room = options->limit > p.empty ? options->limit - p.empty : 0;
	for (size_t i = 0; i < n; i++) {
		out.characters += statement_size(&s[i], options->white_space);
		if (!options->limit)
			place(&p, &s[i], 0);
		else
			split(&p, &s[i], room);
	}
	out.largest = p.largest ? p.largest + p.empty : 0;
	if (!p.over) {
		out.documents = arena_alloc(arena, p.n_bins * sizeof *out.documents);
		for (size_t i = 0; i < p.n_bins; i++)
			out.documents[i] = document_of(&p.bins[i], options->white_space, arena);
		out.n = p.n_bins;
	}
	for (size_t i = 0; i < p.n_bins; i++)
		free(p.bins[i].s);
	free(p.bins);
	return out;
}

/* ---- action wildcards */

static bool word_begins(struct span name, size_t at)
{
	return at >= name.n || (name.p[at] >= 'A' && name.p[at] <= 'Z');
}

struct shortening {
	const struct sar_action *first; /* of the service */
	size_t n_all;
	const bool *have; /* of the service's actions: the statement has it */
	bool verbs;
	enum access_level level;
};

/* How many of the service's actions from at on start with head, and how many of them the statement
 * has; 0 if the wildcard would allow what it must not. */
static size_t matched(const struct shortening *k, size_t at, struct span head, size_t *have)
{
	size_t n = 0, from = at;
	*have = 0;
	while (from > 0 && span_starts(sar_action_name(sar_action_at(k->first, from - 1)), head))
		from--;
	for (size_t i = from; i < k->n_all; i++, n++) {
		const struct sar_action *a = sar_action_at(k->first, i);
		if (!span_starts(sar_action_name(a), head))
			break;
		if (sar_action_level(a) != k->level || (!k->verbs && !k->have[i]))
			return 0;
		*have += k->have[i];
	}
	return from == at || k->verbs || *have == n ? n : 0;
}

static void note_wildcard(struct wildcard_list *list, struct span pattern, size_t seen, size_t all)
{
	if (list->n == list->room) {
		list->room = list->room ? 2 * list->room : 16;
		list->w = xreallocarray(list->w, list->room, sizeof *list->w);
	}
	list->w[list->n++] = (struct policy_wildcard){pattern, seen, all};
}

/* The index of the action among the service's, by name; n if it is not there. */
static size_t index_of(const struct sar_action *first, size_t n, struct span name)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (span_cmp(sar_action_name(sar_action_at(first, mid)), name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && span_eq(sar_action_name(sar_action_at(first, lo)), name) ? lo : n;
}

static size_t shorten_service(const struct mapping *m, struct span service,
                              const struct span *actions, size_t n, bool verbs, struct arena *arena,
                              struct span *out, struct wildcard_list *list)
{
	struct shortening k = {.verbs = verbs};
	k.first = sar_service(m, service, &k.n_all);
	bool *have = xcalloc(k.n_all + 1, sizeof *have);
	size_t *index = xcalloc(n, sizeof *index), made = 0;
	for (size_t i = 0; i < n; i++) {
		index[i] = index_of(k.first, k.n_all, span_from(actions[i], service.n + 1));
		have[index[i]] = true;
	}
	k.have = have;
	for (size_t i = 0; i < n;) {
		struct span name = span_from(actions[i], service.n + 1);
		size_t best = 0, covers = 0, all = 0;
		k.level = index[i] < k.n_all ? sar_action_level(sar_action_at(k.first, index[i]))
		                             : LEVEL_UNKNOWN;
		for (size_t at = 1; index[i] < k.n_all && at < name.n && !best; at++) {
			size_t got;
			if (!word_begins(name, at))
				continue;
			size_t match = matched(&k, index[i], span_sub(name, 0, at), &got);
			if (match > 1 && got > 1) {
				best = at;
				covers = got;
				all = match;
			}
		}
		if (!best) {
			out[made++] = actions[i++];
			continue;
		}
		out[made] = arena_printf(arena, "%.*s*", (int)(service.n + 1 + best), actions[i].p);
		note_wildcard(list, out[made], covers, all);
		struct span head = span_sub(actions[i], 0, service.n + 1 + best);
		made++;
		while (i < n && span_starts(actions[i], head))
			i++;
	}
	free(have);
	free(index);
	return made;
}

size_t actions_shorten(const struct mapping *m, struct policy_statement *s, bool verbs,
                       struct arena *arena, struct wildcard_list *list)
{
	size_t before = statement_size(s, false), made = 0;
	if (s->origin == STATEMENT_KEPT || s->not_action || s->n_actions < 2)
		return 0;
	struct span *out = arena_alloc(arena, s->n_actions * sizeof *out);
	for (size_t i = 0, k; i < s->n_actions; i = k) {
		ptrdiff_t colon = span_chr(s->actions[i], ':');
		struct span service = span_sub(s->actions[i], 0, colon < 0 ? 0 : (size_t)colon);
		struct span head = span_sub(s->actions[i], 0, service.n + 1);
		for (k = i + 1; k < s->n_actions && span_starts(s->actions[k], head);)
			k++;
		made += shorten_service(m, service, s->actions + i, k - i, verbs, arena, out + made,
		                        list);
	}
	s->actions = out;
	s->n_actions = made;
	return before - statement_size(s, false);
}
