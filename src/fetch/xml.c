/* xml.c - fetch: see xml.h. */
#include "config.h"

#include "fetch/xml.h"

/* Behind the next occurrence of mark; false if there is none. */
static bool pass(struct span *rest, const char *mark)
{
	ptrdiff_t at = span_find(*rest, span_of(mark));
	if (at < 0)
		return false;
	*rest = span_from(*rest, (size_t)at + strlen(mark));
	return true;
}

struct tag {
	struct span name; /* with its prefix */
	bool end, empty;  /* "</a>", "<a/>" */
	const char *at;   /* of its '<' */
};

/* The next tag of *rest, which moves behind it; comments and declarations are passed over. */
static bool next_tag(struct span *rest, struct tag *t)
{
	ptrdiff_t at;
	while ((at = span_chr(*rest, '<')) >= 0) {
		*rest = span_from(*rest, (size_t)at);
		if (span_starts(*rest, SPAN_LIT("<!--"))) {
			if (!pass(rest, "-->"))
				return false;
			continue;
		}
		if (span_starts(*rest, SPAN_LIT("<?"))) {
			if (!pass(rest, "?>"))
				return false;
			continue;
		}
		if (span_starts(*rest, SPAN_LIT("<!")))
			return false; /* AWS sends no DTD and no CDATA */
		t->at = rest->p;
		ptrdiff_t end = span_chr(*rest, '>');
		if (end < 2)
			return false;
		struct span in = span_make(rest->p + 1, (size_t)end - 1);
		*rest = span_from(*rest, (size_t)end + 1);
		t->end = in.p[0] == '/';
		t->empty = !t->end && in.p[in.n - 1] == '/';
		in = t->end ? span_from(in, 1) : t->empty ? span_sub(in, 0, in.n - 1) : in;
		size_t n = 0;
		while (n < in.n && in.p[n] != ' ' && in.p[n] != '\t' && in.p[n] != '\n' &&
		       in.p[n] != '\r')
			n++;
		t->name = span_sub(in, 0, n);
		return n > 0;
	}
	return false;
}

bool xml_next(struct span *rest, struct span *name, struct span *inside)
{
	struct span at = *rest;
	struct tag open, t;
	size_t depth = 1;
	if (!next_tag(&at, &open) || open.end)
		return false;
	ptrdiff_t colon = span_rchr(open.name, ':');
	struct span own = colon < 0 ? open.name : span_from(open.name, (size_t)colon + 1);
	const char *begin = at.p;
	t.at = begin;
	while (!open.empty && depth > 0) {
		if (!next_tag(&at, &t))
			return false;
		if (t.end)
			depth--;
		else if (!t.empty)
			depth++;
	}
	if (!open.empty && !span_eq(t.name, open.name))
		return false;
	*name = own;
	*inside = span_make(begin, (size_t)(t.at - begin));
	*rest = at;
	return true;
}

bool xml_next_of(struct span *rest, const char *wanted, struct span *inside)
{
	struct span name;
	while (xml_next(rest, &name, inside))
		if (span_is(name, wanted))
			return true;
	return false;
}

struct span xml_child(struct span inside, const char *name)
{
	struct span found;
	return xml_next_of(&inside, name, &found) ? found : SPAN_NONE;
}

struct span xml_path(struct span text, const char *path)
{
	for (struct span rest = span_of(path), part; rest.p && text.p;) {
		struct span found = SPAN_NONE, name, inside;
		part = span_cut(&rest, '/');
		while (!found.p && xml_next(&text, &name, &inside))
			if (span_eq(name, part))
				found = inside;
		text = found;
	}
	return text;
}

static uint32_t reference(struct span name)
{
	static const struct {
		const char *name;
		char c;
	} table[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (span_is(name, table[i].name))
			return (uint32_t)table[i].c;
	bool hex = name.n > 1 && ascii_lower(name.p[1]) == 'x';
	uint32_t c = 0;
	if (name.n < 2 || name.n > 8 || name.p[0] != '#')
		return 0;
	for (size_t i = hex ? 2 : 1; i < name.n; i++) {
		char d = ascii_lower(name.p[i]);
		if (!ascii_digit(d) && !(hex && d >= 'a' && d <= 'f'))
			return 0;
		c = c * (hex ? 16 : 10) + (uint32_t)(ascii_digit(d) ? d - '0' : d - 'a' + 10);
	}
	return c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : c;
}

bool xml_text(struct span text, struct buf *out)
{
	bool fits = true;
	for (size_t i = 0; fits && i < text.n; i++) {
		struct span rest = span_sub(text, i + 1, text.n - i - 1 < 10 ? text.n - i - 1 : 10);
		ptrdiff_t semicolon = text.p[i] == '&' ? span_chr(rest, ';') : -1;
		uint32_t c = semicolon > 0 ? reference(span_make(rest.p, (size_t)semicolon)) : 0;
		char utf8[4];
		if (c) {
			fits = buf_add(out, utf8, utf8_put(utf8, c));
			i += (size_t)semicolon + 1;
		} else {
			fits = buf_add_char(out, text.p[i]);
		}
	}
	return fits;
}
