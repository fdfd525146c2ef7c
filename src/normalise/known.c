/* known.c - normalise: see known.h. */
#include "config.h"

#include "normalise/known.h"

#include "base/limits.h"
#include "mapping/facts.h"
#include "mapping/members.h"
#include "normalise/params.h"
#include "records/scan.h"

/* Rules of one event; the table has three for CreateDeployment. */
enum { LIMIT_FACTS = 8 };
/* Names of AWS have at most 2,048 bytes (ARNs). */
#define LIMIT_FACT ((size_t)2048)

/* The scalar at a path of object members, "a.b"; names are compared without case, as CloudTrail
 * lowers their first letters. SPAN_NONE if it is not there. */
static struct span text_at(struct span json, struct span path, struct arena *arena)
{
	struct scan j;
	struct span key, text = SPAN_NONE;
	scan_init(&j, json);
	while (path.p) {
		struct span want = span_cut(&path, '.');
		bool found = false;
		if (scan_peek(&j) != SCAN_OBJECT || !scan_enter(&j, SCAN_OBJECT))
			return SPAN_NONE;
		while (!found && scan_next_key(&j, &key)) {
			found = span_eq_ci(key, want);
			if (!found)
				scan_skip(&j);
		}
		if (!found)
			return SPAN_NONE;
	}
	if (scan_peek(&j) == SCAN_OBJECT || scan_peek(&j) == SCAN_ARRAY ||
	    !scan_take_text(&j, arena, &text))
		return SPAN_NONE;
	return text;
}

/* "last(TEXT)": what follows the last TEXT, the whole where there is none. */
static struct span transformed(struct span s, struct span how)
{
	struct span head = SPAN_LIT("last(");
	ptrdiff_t at;
	if (!span_starts(how, head) || how.n <= head.n + 1)
		return SPAN_NONE;
	struct span mark = span_sub(how, head.n, how.n - head.n - 1);
	while ((at = span_find(s, mark)) >= 0)
		s = span_from(s, (size_t)at + mark.n);
	return s;
}

/* "request.a.b|last(/),response.c,'literal'": the first that is there. */
static struct span text_of(const struct event *e, struct span where, struct arena *arena)
{
	struct span request = SPAN_LIT("request."), response = SPAN_LIT("response.");
	while (where.p) {
		struct span one = span_cut(&where, ','), text = SPAN_NONE;
		struct span path = span_cut(&one, '|');
		if (path.n > 1 && path.p[0] == '\'')
			return span_sub(path, 1, path.n - 2);
		if (span_starts(path, request) && e->request.p)
			text = text_at(e->request, span_from(path, request.n), arena);
		else if (span_starts(path, response) && e->response.p)
			text = text_at(e->response, span_from(path, response.n), arena);
		if (one.p && text.p)
			text = transformed(text, one);
		if (text.n && text.n <= LIMIT_FACT && !mapping_hidden(text))
			return text;
	}
	return SPAN_NONE;
}

void known_learn(const struct mapping *m, const struct event *e, const struct call *call,
                 struct arena *arena, struct fact *out)
{
	struct fact_rule rule[LIMIT_FACTS];
	size_t n = call->outcome == OUTCOME_ALLOWED && call->kind == EVENT_CALL
	                   ? mapping_facts(m, call->source, call->name, rule, LIMIT_FACTS)
	                   : 0;
	if (!n)
		return;
	struct known_fact *known = arena_alloc(arena, n * sizeof *known);
	for (size_t i = 0; i < n; i++) {
		struct span name = text_of(e, rule[i].name, arena);
		struct span value = text_of(e, rule[i].value, arena);
		if (!name.n || !value.n)
			continue;
		name = clean_text(name, LIMIT_FACT, arena);
		known[out->n_known++] = (struct known_fact){
		        .kind = rule[i].kind,
		        .name = arena_printf(arena, "%.*s/%.*s", SPAN_ARG(call->region),
		                             SPAN_ARG(name)),
		        .value = clean_text(value, LIMIT_FACT, arena)};
	}
	out->known = known;
}
