/* index.c - mapping/compile: the names under which services are found: those of SDKs, and
 * CloudTrail's event sources with the events that are not simply named after an operation. */
#include "config.h"

#include "mapping/name-fold.h"
#include "mapping/compile/text.h"

#include <stdlib.h>

struct entry { /* a name and one of its services, in order of trust */
	struct span name;
	unsigned trust; /* lower first */
	size_t order;
	const struct m_service *service;
};

struct entries {
	struct entry *e;
	size_t n;
};

static int entry_cmp(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = span_cmp(x->name, y->name);
	if (c)
		return c;
	if (x->trust != y->trust)
		return x->trust < y->trust ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void add_entry(struct model *m, struct entries *to, struct span name, unsigned trust,
                      const struct m_service *s)
{
	struct entry *e = MODEL_ADD(m, to->e, to->n);
	*e = (struct entry){name, trust, to->n, s};
}

static void add_folded(struct model *m, struct entries *to, struct span name, unsigned trust,
                       const struct m_service *s)
{
	char folded[FOLD_MAX];
	if (name.p)
		add_entry(m, to, arena_span(&m->arena, fold_service(name, folded)), trust, s);
}

static bool is_repeated(const struct entry *e, size_t from, size_t at)
{
	for (size_t i = from; i < at; i++)
		if (e[i].service == e[at].service)
			return true;
	return false;
}

/* The services of e[from..to) without repetition, as a list of rows. */
static size_t list_services(struct image *im, const struct entry *e, size_t from, size_t to)
{
	size_t n = 0;
	for (size_t i = from; i < to; i++)
		n += !is_repeated(e, from, i);
	size_t list = image_add_list(im, n, 1), at = list;
	for (size_t i = from; i < to; i++)
		if (!is_repeated(e, from, i))
			image_refer(im, ++at, e[i].service->at);
	return list;
}

static void index_aliases(struct model *m, struct image *im)
{
	struct entries all = {NULL, 0};
	size_t names = 0, at = 0;
	for (size_t i = 0; i < m->n_services; i++) {
		const struct m_service *s = &m->services[i];
		add_folded(m, &all, s->of_prefix ? SPAN_NONE : s->id, 0, s);
		add_folded(m, &all, s->of_prefix ? SPAN_NONE : s->folder, 0, s);
		add_folded(m, &all, s->prefix, s->of_prefix ? 2 : 1, s);
	}
	qsort(all.e, all.n, sizeof *all.e, entry_cmp);
	for (size_t i = 0; i < all.n; i++)
		names += !i || !span_eq(all.e[i - 1].name, all.e[i].name);
	size_t list = image_add_list(im, names, IMAGE_WORDS(image_alias));
	image_refer(im, IMAGE_AT(mapping, aliases), list);
	for (size_t i = 0, to; i < all.n; i = to, at++) {
		size_t row = list + 1 + at * IMAGE_WORDS(image_alias);
		for (to = i + 1; to < all.n && span_eq(all.e[to].name, all.e[i].name);)
			to++;
		image_refer_text(im, row + IMAGE_AT(image_alias, name), all.e[i].name);
		image_refer(im, row + IMAGE_AT(image_alias, services),
		            list_services(im, all.e, i, to));
	}
}

/* ---- event sources */

/* "S3.amazonaws.com.cn" -> "s3" */
static struct span source_name(struct model *m, struct span source)
{
	ptrdiff_t at = span_find_ci(source, SPAN_LIT(".amazonaws.com"));
	struct span s = arena_span(&m->arena, at > 0 ? span_sub(source, 0, (size_t)at) : source);
	char *lower = arena_str(&m->arena, s);
	for (size_t i = 0; i < s.n; i++)
		lower[i] = ascii_lower(lower[i]);
	return span_make(lower, s.n);
}

static void add_source(struct model *m, struct entries *all, struct span name, unsigned trust,
                       const struct m_service *s)
{
	add_entry(m, all, name, trust, s);
	if (s->sar < m->n_prefixes)
		add_entry(m, all, name, trust + 1, &m->services[m->prefixes[s->sar].service]);
}

static void collect_sources(struct model *m, struct entries *all)
{
	for (size_t i = 0; i < m->n_events; i++) {
		const struct m_event *e = &m->events[i];
		struct span name = source_name(m, e->source);
		for (struct span rest = e->kind == M_SOURCE ? e->target : SPAN_NONE; rest.p;) {
			struct span folder = span_cut(&rest, ',');
			const struct m_prefix *p = model_prefix(m, folder);
			const struct m_service *s = model_service(m, folder);
			add_source(m, all, name, 0, s ? s : &m->services[p->service]);
		}
	}
	for (size_t i = 0; i < m->n_services; i++) {
		const struct m_service *s = &m->services[i];
		if (s->source.p)
			add_source(m, all, source_name(m, s->source), 2, s);
		if (s->of_prefix)
			add_source(m, all, s->prefix, 4, s);
		else
			add_source(m, all, arena_printf(&m->arena, "%.*s.sdk", SPAN_ARG(s->folder)),
			           6, s);
	}
	for (size_t i = 0; i < m->n_events; i++)
		add_entry(m, all, source_name(m, m->events[i].source), 9, NULL);
}

static int event_cmp(const void *a, const void *b)
{
	const struct m_event *x = a, *y = b;
	int c = span_cmp(x->source, y->source);
	return c ? c : span_cmp_ci(x->name, y->name);
}

static size_t event_target(struct model *m, struct image *im, const struct m_event *e)
{
	if (e->kind == M_CALL) {
		ptrdiff_t dot = span_chr(e->target, '.');
		const struct m_service *s = model_service(m, span_sub(e->target, 0, (size_t)dot));
		return model_op(s, span_from(e->target, (size_t)dot + 1))->at;
	}
	size_t at = image_add(im, IMAGE_WORDS(operation));
	size_t more = image_add(im, IMAGE_WORDS(image_more));
	image_refer_text(im, at + IMAGE_AT(operation, name), e->name);
	image_set(im, at + IMAGE_AT(operation, bits), OP_NOT_A_CALL | RULE_CURATED << 8);
	image_refer(im, at + IMAGE_AT(operation, rest), more);
	image_refer_text(im, more + IMAGE_AT(image_more, reason), e->reason);
	image_refer_text(im, more + IMAGE_AT(image_more, document), e->document);
	return at;
}

/* The events of one source that have a row of their own. */
static size_t list_events(struct model *m, struct image *im, struct span source)
{
	size_t from = 0, n = 0;
	while (from < m->n_events && !span_eq(m->events[from].source, source))
		from++;
	while (from + n < m->n_events && span_eq(m->events[from + n].source, source))
		n++;
	while (n && m->events[from].kind == M_SOURCE)
		from++, n--;
	if (!n)
		return 0;
	size_t list = image_add_list(im, n, IMAGE_WORDS(image_event));
	for (size_t i = 0; i < n; i++) {
		const struct m_event *e = &m->events[from + i];
		size_t row = list + 1 + i * IMAGE_WORDS(image_event);
		image_refer_text(im, row + IMAGE_AT(image_event, name), e->name);
		image_refer(im, row + IMAGE_AT(image_event, operation), event_target(m, im, e));
	}
	return list;
}

static void index_sources(struct model *m, struct image *im)
{
	struct entries all = {NULL, 0};
	size_t names = 0, at = 0;
	collect_sources(m, &all);
	for (size_t i = 0; i < m->n_events; i++)
		m->events[i].source = source_name(m, m->events[i].source);
	if (m->n_events)
		qsort(m->events, m->n_events, sizeof *m->events, event_cmp);
	qsort(all.e, all.n, sizeof *all.e, entry_cmp);
	for (size_t i = 0; i < all.n; i++)
		names += !i || !span_eq(all.e[i - 1].name, all.e[i].name);
	size_t list = image_add_list(im, names, IMAGE_WORDS(image_source));
	image_refer(im, IMAGE_AT(mapping, sources), list);
	for (size_t i = 0, to; i < all.n; i = to, at++) {
		size_t row = list + 1 + at * IMAGE_WORDS(image_source), end;
		for (to = i + 1; to < all.n && span_eq(all.e[to].name, all.e[i].name);)
			to++;
		for (end = to; end > i && !all.e[end - 1].service;)
			end--;
		/* a curated row says all services of its source */
		for (size_t k = i + 1; all.e[i].trust == 0 && k < end; k++)
			if (all.e[k].trust > 1)
				end = k;
		image_refer_text(im, row + IMAGE_AT(image_source, name), all.e[i].name);
		image_refer(im, row + IMAGE_AT(image_source, services),
		            end > i ? list_services(im, all.e, i, end) : 0);
		image_refer(im, row + IMAGE_AT(image_source, events),
		            list_events(m, im, all.e[i].name));
	}
}

void index_names(struct model *m, struct image *im)
{
	index_aliases(m, im);
	index_sources(m, im);
}
