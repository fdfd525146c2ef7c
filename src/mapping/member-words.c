/* member-words.c - mapping: see member-words.h. Nothing is decided here: each name is put to
 * mapping_keep, in each service that has it and in one that nobody knows; what the table of facts
 * takes from a request is there, too. */
#include "config.h"

#include "mapping/member-words.h"

#include "base/vec.h"
#include "mapping/facts.h"
#include "mapping/image.h"
#include "mapping/members.h"

#include <stdlib.h>

/* One name, and the most that is kept of it. */
struct named {
	struct span name;
	enum param_keep scalar, container;
};

struct names {
	struct named *v;
	size_t n, room;
	struct arena *arena;
};

static void add(struct names *to, const struct mapping *m, struct span source, struct span name)
{
	if (to->n == to->room) {
		size_t room = to->room ? 2 * to->room : 1024;
		struct named *wider = arena_alloc(to->arena, room * sizeof *wider);
		if (to->n)
			memcpy(wider, to->v, to->n * sizeof *wider);
		to->v = wider;
		to->room = room;
	}
	to->v[to->n++] = (struct named){
	        .name = name,
	        .scalar = mapping_keep(m, source, name, false),
	        .container = mapping_keep(m, source, name, true),
	};
}

static void add_source(struct names *to, const struct mapping *m, const struct image_source *s)
{
	size_t n_services, n;
	const row_ref *services = image_list(&s->services, &n_services);
	for (size_t i = 0; i < n_services; i++) {
		const struct image_service *service = image_row(&services[i]);
		const struct image_member *members = image_list(&service->members, &n);
		for (size_t k = 0; k < n; k++)
			add(to, m, image_str(&s->name), image_str(&members[k].name));
	}
}

static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	return span_cmp(x->name, y->name);
}

/* In the order of what is kept. */
static int rank(enum param_keep keep)
{
	return keep == KEEP_NOTHING ? 0 : keep == KEEP_PRESENT ? 1 : 2;
}

static enum param_keep more(enum param_keep a, enum param_keep b)
{
	return rank(a) >= rank(b) ? a : b;
}

/* One of each name. */
static void unite(struct names *names)
{
	size_t n = 0;
	qsort(names->v, names->n, sizeof *names->v, by_name);
	for (size_t i = 0; i < names->n; i++) {
		struct named *last = n ? &names->v[n - 1] : NULL, *next = &names->v[i];
		if (!last || !span_eq(last->name, next->name)) {
			names->v[n++] = *next;
			continue;
		}
		last->scalar = more(last->scalar, next->scalar);
		last->container = more(last->container, next->container);
	}
	names->n = n;
}

static struct words words_of(const char *const *list, struct arena *arena)
{
	size_t n = 0;
	while (list[n])
		n++;
	struct span *v = arena_alloc(arena, (n + 1) * sizeof *v);
	for (size_t i = 0; i < n; i++)
		v[i] = span_of(list[i]);
	return (struct words){v, spans_sort_unique(v, n)};
}

/* In every service: what is asked of one name may count for another ("filter", "filterSet"). */
static void add_words(struct names *to, const struct mapping *m, struct words words)
{
	size_t n;
	const struct image_source *sources = image_list(&m->sources, &n);
	for (size_t i = 0; i < words.n; i++) {
		add(to, m, SPAN_LIT("unknown.amazonaws.com"), words.v[i]);
		for (size_t k = 0; k < n; k++)
			add(to, m, image_str(&sources[k].name), words.v[i]);
	}
}

/* What facts.tsv takes from a request, "request.a.b|last(/),response.c": whatever is kept of it as
 * a parameter. */
static void add_fact(struct names *to, const struct mapping *m, struct span where)
{
	while (where.p) {
		struct span one = span_cut(&where, ','), path = span_cut(&one, '|');
		if (!span_is(span_cut(&path, '.'), "request"))
			continue;
		struct span member = span_cut(&path, '.');
		char *lower = arena_alloc(to->arena, member.n + 1);
		for (size_t i = 0; i < member.n; i++)
			lower[i] = ascii_lower(member.p[i]);
		lower[member.n] = '\0';
		add(to, m, SPAN_LIT("unknown.amazonaws.com"), span_make(lower, member.n));
		struct named *v = &to->v[to->n - 1];
		*(path.p ? &v->container : &v->scalar) = KEEP_VALUE;
	}
}

static void add_facts(struct names *to, const struct mapping *m)
{
	struct span source, event;
	struct fact_rule rule;
	for (size_t i = 0; mapping_fact_at(m, i, &source, &event, &rule); i++) {
		add_fact(to, m, rule.name);
		add_fact(to, m, rule.value);
	}
}

static void gather(const struct mapping *m, struct arena *arena, struct names *names)
{
	size_t n;
	const struct image_source *sources = image_list(&m->sources, &n);
	*names = (struct names){.arena = arena};
	for (size_t i = 0; i < n; i++)
		add_source(names, m, &sources[i]);
	for (const struct named *v = names->v, *end = v + names->n; v < end; v++)
		add(names, m, SPAN_LIT("unknown.amazonaws.com"), v->name);
	add_words(names, m, words_of(member_lists.presence, arena));
	add_words(names, m, words_of(member_lists.closed, arena));
	add_facts(names, m);
	unite(names);
}

/* Into out, if it is not NULL; returns how many. */
static size_t each_apart(const struct mapping *m, struct member_of *out)
{
	size_t n, n_services, n_members, found = 0;
	const struct image_source *sources = image_list(&m->sources, &n);
	for (size_t i = 0; i < n; i++) {
		struct span source = image_str(&sources[i].name);
		if (span_ends(source, SPAN_LIT(".sdk"))) /* no event's */
			continue;
		const row_ref *services = image_list(&sources[i].services, &n_services);
		for (size_t k = 0; k < n_services; k++) {
			const struct image_service *service = image_row(&services[k]);
			const struct image_member *members =
			        image_list(&service->members, &n_members);
			for (size_t j = 0; j < n_members; j++) {
				if (!(members[j].flags & (MEMBER_ELEMENTS | MEMBER_STATEMENT)))
					continue;
				if (out)
					out[found] = (struct member_of){
					        source, image_str(&members[j].name)};
				found++;
			}
		}
	}
	return found;
}

void member_words(const struct mapping *m, struct arena *arena, struct member_words *out)
{
	struct names names;
	gather(m, arena, &names);
	size_t n_apart = each_apart(m, NULL);
	struct member_of *apart = arena_alloc(arena, (n_apart + 1) * sizeof *apart);
	each_apart(m, apart);
	struct span *asked = arena_alloc(arena, (names.n + 1) * sizeof *asked);
	struct span *marks = arena_alloc(arena, (names.n + 1) * sizeof *marks);
	struct span *presence = arena_alloc(arena, (names.n + 1) * sizeof *presence);
	struct span *closed = arena_alloc(arena, (names.n + 1) * sizeof *closed);
	*out = (struct member_words){
	        .asked = {asked, 0},
	        .marks = {marks, 0},
	        .presence = {presence, 0},
	        .closed = {closed, 0},
	        .naming = words_of(member_lists.naming, arena),
	        .keys_of = words_of(member_lists.keys_of, arena),
	        .secret = words_of(member_lists.secret, arena),
	        .never = words_of(member_lists.never, arena),
	        .apart = apart,
	        .n_apart = n_apart,
	};
	for (size_t i = 0; i < names.n; i++) {
		const struct named *v = &names.v[i];
		int scalar = rank(v->scalar), container = rank(v->container);
		if (scalar == 2)
			asked[out->asked.n++] = v->name;
		else if (scalar == 1)
			marks[out->marks.n++] = v->name;
		if (container == 1)
			presence[out->presence.n++] = v->name;
		else if (container == 0)
			closed[out->closed.n++] = v->name;
	}
}
