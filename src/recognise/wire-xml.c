/* wire-xml.c - recognise: see wire.h: the XML of rest-xml requests and of error and STS responses:
 * elements and text. No entity is expanded but the five of XML and character references, no DTD is
 * read. */
#include "config.h"

#include "recognise/wire.h"

#include "base/buf.h"
#include "base/limits.h"

struct xml {
	const char *p, *end;
	struct wire *out;
	struct buf path;
	unsigned depth;
};

static bool take_until(struct xml *x, const char *mark)
{
	ptrdiff_t at = span_find(span_make(x->p, (size_t)(x->end - x->p)), span_of(mark));
	if (at < 0)
		return false;
	x->p += (size_t)at + strlen(mark);
	return true;
}

static bool starts(const struct xml *x, const char *text)
{
	return span_starts(span_make(x->p, (size_t)(x->end - x->p)), span_of(text));
}

static bool skip_aside(struct xml *x)
{
	if (starts(x, "<!--"))
		return take_until(x, "-->");
	if (starts(x, "<?"))
		return take_until(x, "?>");
	return false;
}

static uint32_t reference_code(struct span name)
{
	static const struct {
		const char *name;
		uint32_t code;
	} table[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (span_is(name, table[i].name))
			return table[i].code;
	uint32_t c = 0;
	if (name.n < 2 || name.p[0] != '#' || name.n > 9)
		return 0;
	bool hex = name.p[1] == 'x' || name.p[1] == 'X';
	for (size_t i = hex ? 2 : 1; i < name.n; i++) {
		char d = ascii_lower(name.p[i]);
		if (!ascii_digit(d) && !(hex && d >= 'a' && d <= 'f'))
			return 0;
		c = c * (hex ? 16 : 10) + (uint32_t)(ascii_digit(d) ? d - '0' : d - 'a' + 10);
	}
	return c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : c;
}

static struct span decode(struct arena *arena, struct span raw)
{
	if (span_chr(raw, '&') < 0)
		return raw;
	char *out = arena_alloc(arena, raw.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < raw.n; i++) {
		struct span rest = span_sub(raw, i + 1, 10); /* none is longer */
		ptrdiff_t semicolon = raw.p[i] == '&' ? span_chr(rest, ';') : -1;
		uint32_t c =
		        semicolon > 0 ? reference_code(span_make(rest.p, (size_t)semicolon)) : 0;
		if (c) {
			n += utf8_put(out + n, c);
			i += (size_t)semicolon + 1;
		} else {
			out[n++] = raw.p[i];
		}
	}
	return span_make(out, n);
}

/* "<name attr...>" or "<name/>", without namespace prefix. */
static bool take_open(struct xml *x, struct span *name, bool *empty)
{
	const char *start = ++x->p;
	while (x->p < x->end && *x->p != '>' && *x->p != '/' && *x->p != ' ' && *x->p != '\t' &&
	       *x->p != '\n' && *x->p != '\r')
		x->p++;
	*name = span_make(start, (size_t)(x->p - start));
	char quote = 0;
	for (; x->p < x->end && (quote || *x->p != '>'); x->p++) {
		if (quote && *x->p == quote)
			quote = 0;
		else if (!quote && (*x->p == '"' || *x->p == '\''))
			quote = *x->p;
	}
	if (x->p == x->end || name->n == 0)
		return false;
	*empty = x->p[-1] == '/';
	x->p++;
	ptrdiff_t colon = span_rchr(*name, ':');
	if (colon >= 0)
		*name = span_from(*name, (size_t)colon + 1);
	return true;
}

static bool walk_element(struct xml *x, struct span *name);

static void add_list_mark(struct wire *p, size_t from, size_t to, size_t at)
{
	for (size_t i = from; i < to; i++) {
		struct span s = p->items[i].path;
		p->items[i].path = arena_printf(p->arena, "%.*s[]%.*s", (int)at, s.p,
		                                (int)(s.n - at), s.p + at);
	}
}

/* Inside an element up to its end tag: text, or members. */
static bool walk_content(struct xml *x)
{
	const char *text = x->p;
	bool members = false;
	size_t last_from = x->out->n, last_at = 0;
	struct span last = SPAN_NONE;
	bool last_list = false;
	while (x->p < x->end) {
		if (*x->p != '<') {
			x->p++;
			continue;
		}
		if (starts(x, "</")) {
			struct span value = span_make(text, (size_t)(x->p - text));
			if (!members && x->path.full)
				x->out->cut = true;
			else if (!members)
				wire_add(x->out, buf_span(&x->path), decode(x->out->arena, value));
			return take_until(x, ">");
		}
		if (starts(x, "<![CDATA[")) {
			if (!take_until(x, "]]>"))
				return false;
			continue;
		}
		if (skip_aside(x))
			continue;
		members = true;
		size_t from = x->out->n, at = x->path.n;
		struct span name;
		if (!walk_element(x, &name))
			return false;
		size_t name_end = at + (at ? 1 : 0) + name.n;
		bool same = last.p && span_eq(last, name);
		if (same) {
			if (!last_list)
				add_list_mark(x->out, last_from, from, last_at);
			add_list_mark(x->out, from, x->out->n, name_end);
		}
		last_list = same;
		last = name;
		last_from = from;
		last_at = name_end;
	}
	return false;
}

static bool walk_element(struct xml *x, struct span *name)
{
	bool empty;
	if (x->depth == LIMIT_PARAM_DEPTH || !take_open(x, name, &empty)) {
		x->out->cut = true;
		return false;
	}
	size_t at = x->path.n;
	bool wrapper = x->depth == 0 && span_ends(*name, SPAN_LIT("Request"));
	if (!wrapper) {
		if (at)
			buf_add_char(&x->path, '.');
		buf_add_span(&x->path, *name);
	}
	x->depth++;
	bool well = empty || walk_content(x);
	x->depth--;
	x->path.n = at;
	x->path.full = false;
	return well;
}

bool wire_xml(struct wire *p, struct span text)
{
	struct xml x = {.p = text.p, .end = text.p + text.n, .out = p};
	struct span name;
	bool well = false;
	buf_init(&x.path, LIMIT_PARAM_VALUE);
	while (x.p < x.end && !well) {
		if (*x.p != '<')
			x.p++;
		else if (starts(&x, "<!DOCTYPE") || !skip_aside(&x)) {
			if (starts(&x, "<!"))
				break;
			well = walk_element(&x, &name);
			if (!well)
				break;
		}
	}
	buf_release(&x.path);
	return well;
}
