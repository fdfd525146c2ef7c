/* recognise-path.c - recognise: see recognise.h: what may be shown of the path of a request that no
 * model knows. A segment that looks like a word may be a password; only what stands literally in
 * some model's path is surely none. */
#include "config.h"

#include "recognise/recognise.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <stdlib.h>

/* Patterns are cut there: no API has paths near as long. */
enum { LONGEST_PATTERN = 1024 };

struct words {
	struct span *items; /* sorted */
	size_t n;
};

static int by_text(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	return span_cmp(*x, *y);
}

static bool is_literal(struct span s)
{
	return s.n && span_chr(s, '{') < 0;
}

/* The literal segments of all paths are counted, or added to w. */
static size_t each_word(const struct mapping *m, struct words *w)
{
	size_t n = 0;
	for (size_t i = 0; i < services_count(m); i++) {
		const struct image_service *s = service_at(m, i);
		for (size_t k = 0; k < service_operations(s); k++) {
			struct span uri = operation_uri(service_operation_at(s, k));
			struct span rest = span_cut(&uri, '?');
			while (rest.p) {
				struct span word = span_cut(&rest, '/');
				if (!is_literal(word))
					continue;
				if (w)
					w->items[n] = word;
				n++;
			}
		}
	}
	return n;
}

struct words *words_new(const struct mapping *m)
{
	struct words *w = xcalloc(1, sizeof *w);
	size_t n = each_word(m, NULL);
	w->items = xcalloc(n + 1, sizeof *w->items);
	each_word(m, w);
	qsort(w->items, n, sizeof *w->items, by_text);
	for (size_t i = 0; i < n; i++)
		if (!w->n || span_cmp(w->items[w->n - 1], w->items[i]) != 0)
			w->items[w->n++] = w->items[i];
	return w;
}

void words_free(struct words *w)
{
	if (!w)
		return;
	free(w->items);
	free(w);
}

static bool is_known(const struct words *w, struct span s)
{
	return w->n && bsearch(&s, w->items, w->n, sizeof *w->items, by_text) != NULL;
}

struct span words_pattern(const struct words *w, struct span path, struct arena *arena)
{
	struct buf b;
	struct span rest = path.p ? span_from(path, 1) : SPAN_LIT("{}");
	buf_init(&b, LONGEST_PATTERN);
	while (rest.p) {
		struct span segment = span_cut(&rest, '/');
		buf_add_char(&b, '/');
		if (segment.n)
			buf_add_span(&b, is_known(w, segment) ? segment : SPAN_LIT("{}"));
	}
	struct span out = arena_span(arena, buf_span(&b));
	buf_release(&b);
	return out.n ? out : SPAN_LIT("/");
}
