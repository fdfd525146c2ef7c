/* wire.c - recognise: see wire.h: the list, forms and query strings. */
#include "config.h"

#include "recognise/wire.h"

#include "base/limits.h"
#include "base/url.h"

void wire_init(struct wire *p, struct arena *arena)
{
	*p = (struct wire){.arena = arena};
}

void wire_add(struct wire *p, struct span path, struct span value)
{
	if (p->n == LIMIT_PARAMS_SEEN || path.n > LIMIT_PARAM_VALUE) {
		p->cut = true;
		return;
	}
	if (p->n == p->room) {
		size_t room = p->room ? p->room * 2 : 16;
		struct param *more = arena_alloc(p->arena, room * sizeof *more);
		if (p->n)
			memcpy(more, p->items, p->n * sizeof *more);
		p->items = more;
		p->room = room;
	}
	struct param *x = &p->items[p->n++];
	x->path = arena_span(p->arena, path);
	x->state = value.n > LIMIT_PARAM_VALUE ? PARAM_HIDDEN : PARAM_VALUE;
	x->value = x->state == PARAM_VALUE ? arena_span(p->arena, value) : SPAN_NONE;
}

struct span wire_find(const struct wire *p, const char *path)
{
	for (size_t i = 0; i < p->n; i++)
		if (span_eq_ci(p->items[i].path, span_of(path)))
			return p->items[i].value;
	return SPAN_NONE;
}

struct span wire_query(struct span query, const char *name)
{
	struct span want = span_of(name);
	while (query.p) {
		struct span pair = span_cut(&query, '&');
		struct span key = span_cut(&pair, '=');
		if (span_eq(key, want))
			return pair.p ? pair : span_make(key.p + key.n, 0);
	}
	return SPAN_NONE;
}

static bool is_index(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return s.n > 0 && s.n < 10;
}

/* AWS query protocol: a list's elements are numbered, with "member" before the number unless it is
 * flattened; a map's entries likewise with "entry", and "key" and "value" below. */
static struct span query_path(struct arena *arena, struct span name)
{
	char *out = arena_alloc(arena, name.n * 2 + 3);
	size_t n = 0;
	struct span rest = name;
	while (rest.p) {
		struct span part = span_cut(&rest, '.');
		bool wrapper = span_is(part, "member") || span_is(part, "entry");
		struct span next = rest, number = next.p ? span_cut(&next, '.') : SPAN_NONE;
		if (n && wrapper && is_index(number))
			continue;
		if (n && is_index(part)) {
			if (out[n - 1] != ']') {
				out[n++] = '[';
				memcpy(out + n, part.p, part.n);
				n += part.n;
				out[n++] = ']';
			}
			continue;
		}
		if (n)
			out[n++] = '.';
		memcpy(out + n, part.p, part.n);
		n += part.n;
	}
	out[n] = '\0';
	return span_make(out, n);
}

bool wire_form(struct wire *p, struct span text, bool query_protocol)
{
	while (text.p) {
		struct span pair = span_cut(&text, '&');
		struct span key = span_cut(&pair, '=');
		if (key.n == 0)
			continue;
		key = url_decode(p->arena, key, true);
		if (query_protocol)
			key = query_path(p->arena, key);
		wire_add(p, key, pair.p ? url_decode(p->arena, pair, true) : SPAN_LIT(""));
	}
	return true;
}
