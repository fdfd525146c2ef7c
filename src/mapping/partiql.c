/* partiql.c - mapping: see partiql.h. */
#include "config.h"

#include "mapping/partiql.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '_' || c == '-';
}

/* Cuts the next token: a quoted text with its quotes, a word, or one character. */
static struct span token(struct span *rest)
{
	struct span s = *rest;
	size_t i = 0, start;
	while (i < s.n && is_space(s.p[i]))
		i++;
	start = i;
	if (i == s.n) {
		*rest = SPAN_NONE;
		return SPAN_NONE;
	}
	if (s.p[i] == '"' || s.p[i] == '\'') {
		char quote = s.p[i++];
		while (i < s.n && s.p[i] != quote)
			i++;
		i += i < s.n;
	} else if (is_name(s.p[i])) {
		while (i < s.n && is_name(s.p[i]))
			i++;
	} else {
		i++;
	}
	*rest = span_from(s, i);
	return span_sub(s, start, i - start);
}

/* A table's or index's name: letters, digits, '_', '-', '.', 3 to 255 of them (Amazon DynamoDB
 * naming rules). */
static struct span name_of(struct span t)
{
	if (t.n >= 2 && t.p[0] == '"' && t.p[t.n - 1] == '"')
		t = span_sub(t, 1, t.n - 2);
	for (size_t i = 0; i < t.n; i++)
		if (!is_name(t.p[i]) && t.p[i] != '.')
			return SPAN_NONE;
	return t.n >= 3 && t.n <= 255 ? t : SPAN_NONE;
}

bool partiql_parse(struct span statement, struct partiql *out)
{
	struct span rest = statement, t = token(&rest);
	struct partiql p = {.verb = t};
	bool update = span_eq_ci(t, SPAN_LIT("UPDATE"));
	const char *before = span_eq_ci(t, SPAN_LIT("SELECT")) || span_eq_ci(t, SPAN_LIT("DELETE"))
	                             ? "FROM"
	                     : span_eq_ci(t, SPAN_LIT("INSERT")) ? "INTO"
	                                                         : NULL;
	if (!before && !update)
		return false;
	while (before && (t = token(&rest)).p && !span_eq_ci(t, span_of(before)))
		;
	p.table = name_of(t = token(&rest));
	if (!p.table.p)
		return false;
	struct span peek = rest;
	if (span_is(token(&peek), "."))
		p.index = name_of(token(&peek));
	*out = p;
	return true;
}

struct span partiql_reduce(struct span statement, struct arena *arena)
{
	struct partiql p;
	if (!partiql_parse(statement, &p))
		return SPAN_NONE;
	char c = ascii_lower(p.verb.p[0]);
	const char *head = c == 's'   ? "SELECT FROM"
	                   : c == 'd' ? "DELETE FROM"
	                   : c == 'i' ? "INSERT INTO"
	                              : "UPDATE";
	if (p.index.p)
		return arena_printf(arena, "%s \"%.*s\".\"%.*s\"", head, SPAN_ARG(p.table),
		                    SPAN_ARG(p.index));
	return arena_printf(arena, "%s \"%.*s\"", head, SPAN_ARG(p.table));
}
