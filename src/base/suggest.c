/* suggest.c - base: see suggest.h. */
#include "config.h"

#include "base/suggest.h"

#include "base/buf.h"

#include <limits.h>

enum { LONGEST_NAME = 64, MOST_SUGGESTED = 3 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned edit_distance(struct span a, struct span b, unsigned most)
{
	/* rows of the table of distances between the beginnings of a and of b: the one before the
	 * last, the last, and the one that is filled */
	unsigned rows[3][LONGEST_NAME + 1];
	if (a.n > LONGEST_NAME || b.n > LONGEST_NAME)
		return most + 1;
	for (unsigned j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		now[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			bool same = a.p[i - 1] == b.p[j - 1];
			now[j] = least(last[j - 1] + !same, least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return least(rows[a.n % 3][b.n], most + 1);
}

/* A third of the letters may be wrong, and the whole of a beginning may be missing its end. */
static unsigned far_of(struct span typed, struct span name)
{
	unsigned most = (unsigned)(typed.n + 2) / 3;
	if (typed.n >= 3 && span_starts(name, typed))
		return 1;
	unsigned d = edit_distance(typed, name, most);
	return d > most ? UINT_MAX : d;
}

struct span suggest(struct arena *arena, struct span typed, const char *before,
                    suggest_name_fn name_at, const void *data)
{
	unsigned nearest = UINT_MAX;
	size_t shown = 0;
	struct span name;
	struct buf b;
	for (size_t i = 0; (name = name_at(data, i)).p; i++)
		nearest = least(nearest, far_of(typed, name));
	if (nearest == UINT_MAX)
		return SPAN_LIT("");
	buf_init(&b, 1024);
	for (size_t i = 0; (name = name_at(data, i)).p && shown < MOST_SUGGESTED; i++)
		if (far_of(typed, name) == nearest)
			buf_addf(&b, "%s%s%.*s'", shown++ ? " or '" : "; did you mean '", before,
			         SPAN_ARG(name));
	buf_add_char(&b, '?');
	struct span out = arena_span(arena, buf_span(&b));
	buf_release(&b);
	return out;
}
