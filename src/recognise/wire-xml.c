/* wire-xml.c - recognise: see wire.h: the XML of rest-xml requests and of error and STS responses,
 * read by expat: elements and text. A text may be cut anywhere; what expat reported before the cut
 * counts. A document type declaration ends the reading, so no entity is ever defined and none but
 * the five of XML and character references is expanded. */
#include "config.h"

#include "recognise/wire.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"

#include <assert.h>
#include <expat.h>

/* One text that is kept of a response: denial messages with an encoded part have some 3 KB. */
#define LIMIT_XML_TEXT ((size_t)8 << 10)

static struct span local_name(const XML_Char *name)
{
	struct span s = span_of(name);
	ptrdiff_t colon = span_rchr(s, ':');
	return colon >= 0 ? span_from(s, (size_t)colon + 1) : s;
}

/* As much of the text as fits. */
static void add_text(struct buf *b, const XML_Char *text, int n)
{
	size_t room = b->ceiling - b->n;
	buf_add(b, text, (size_t)n < room ? (size_t)n : room);
}

/* ---- expat */

struct handlers {
	XML_StartElementHandler start;
	XML_EndElementHandler end;
	XML_CharacterDataHandler text;
};

/* What the handlers are given begins with this. */
struct reading {
	XML_Parser parser;
};

static void refuse_declaration(void *user, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int internal)
{
	struct reading *r = user;
	XML_StopParser(r->parser, XML_FALSE);
}

/* True if text was one well-formed document. AWS's services speak UTF-8, whatever a declaration in
 * the text says. */
static bool read_xml(struct reading *r, const struct handlers *h, struct span text)
{
	text = span_trim(text);
	if (text.n > INT32_MAX)
		return false;
	r->parser = XML_ParserCreate("UTF-8");
	if (!r->parser)
		out_of_memory();
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, h->start, h->end);
	XML_SetCharacterDataHandler(r->parser, h->text);
	XML_SetStartDoctypeDeclHandler(r->parser, refuse_declaration);
	bool well = XML_Parse(r->parser, text.n ? text.p : "", (int)text.n, 1) == XML_STATUS_OK;
	XML_ParserFree(r->parser);
	return well;
}

/* ---- all members of a request */

/* An element that is open. */
struct element {
	size_t at;        /* length of the path around it */
	bool members;     /* it has child elements, so its text is none */
	struct span last; /* the last child's name, */
	size_t last_from; /* its first item, */
	size_t last_at;   /* and where its name ends in the path */
	size_t n_last;    /* and how many of its name stand behind each other */
	struct span name; /* without prefix */
	size_t from;      /* its first item */
};

struct member_reading {
	struct reading r;
	struct wire *out;
	struct buf path, text;
	unsigned depth;
	struct element open[LIMIT_WIRE_DEPTH];
};

static void start_member(void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct member_reading *m = user;
	if (m->depth == LIMIT_WIRE_DEPTH) {
		m->out->cut = true;
		XML_StopParser(m->r.parser, XML_FALSE);
		return;
	}
	struct element *e = &m->open[m->depth];
	*e = (struct element){.at = m->path.n,
	                      .from = m->out->n,
	                      .name = arena_span(m->out->arena, local_name(name))};
	if (m->depth)
		m->open[m->depth - 1].members = true;
	bool wrapper = m->depth == 0 && span_ends(e->name, SPAN_LIT("Request"));
	if (!wrapper) {
		if (e->at)
			buf_add_char(&m->path, '.');
		buf_add_span(&m->path, e->name);
	}
	m->depth++;
	buf_reset(&m->text);
}

static void member_text(void *user, const XML_Char *text, int n)
{
	struct member_reading *m = user;
	add_text(&m->text, text, n);
}

/* "[2]" goes behind the first at bytes of the paths of items from to. */
static void add_list_mark(struct wire *p, size_t from, size_t to, size_t at, size_t number)
{
	for (size_t i = from; i < to; i++) {
		struct span s = p->items[i].path;
		p->items[i].path = arena_printf(p->arena, "%.*s[%zu]%.*s", (int)at, s.p, number,
		                                (int)(s.n - at), s.p + at);
	}
}

/* A child that stands beside others of its name is an item of a list: it gets the mark, and the
 * first of them, too. */
static void mark_list(struct wire *out, struct element *parent, const struct element *child)
{
	size_t name_end = child->at + (child->at ? 1 : 0) + child->name.n;
	bool same = parent->last.p && span_eq(parent->last, child->name);
	if (same && parent->n_last == 1)
		add_list_mark(out, parent->last_from, child->from, parent->last_at, 0);
	if (same)
		add_list_mark(out, child->from, out->n, name_end, parent->n_last);
	parent->n_last = same ? parent->n_last + 1 : 1;
	parent->last = child->name;
	parent->last_from = child->from;
	parent->last_at = name_end;
}

static void end_member(void *user, const XML_Char *name)
{
	struct member_reading *m = user;
	struct element *e = &m->open[--m->depth];
	/* no bytes: the end of <name/>, which holds nothing, not even an empty text */
	bool empty = XML_GetCurrentByteCount(m->r.parser) == 0;
	if (!e->members && !empty) {
		if (m->path.full)
			m->out->cut = true;
		else
			wire_add(m->out, buf_span(&m->path), buf_span(&m->text));
	}
	m->path.n = e->at;
	m->path.full = false;
	if (m->depth)
		mark_list(m->out, &m->open[m->depth - 1], e);
}

bool wire_xml(struct wire *p, struct span text)
{
	static const struct handlers handlers = {start_member, end_member, member_text};
	struct member_reading m = {.out = p};
	buf_init(&m.path, LIMIT_PARAM_VALUE);
	buf_init(&m.text, LIMIT_PARAM_VALUE + 1); /* one more than is kept: told as hidden */
	bool well = read_xml(&m.r, &handlers, text);
	buf_release(&m.path);
	buf_release(&m.text);
	return well;
}

/* ---- single texts of a response */

struct text_reading {
	struct reading r;
	struct xml_text *wanted;
	size_t n;
	struct xml_text *now; /* whose element is open, or NULL */
	struct buf text;
	struct arena *arena;
	unsigned depth;
	unsigned inside[8]; /* depth of the parent that wanted[i] is in, 0 if none is open */
};

static void start_text(void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct text_reading *t = user;
	struct span element = local_name(name);
	t->depth++;
	t->now = NULL;
	for (size_t i = 0; i < t->n; i++) {
		struct xml_text *w = &t->wanted[i];
		if (!w->text.p && span_is(element, w->name) && (!w->parent || t->inside[i])) {
			t->now = w;
			buf_reset(&t->text);
		}
		if (w->parent && !t->inside[i] && span_is(element, w->parent))
			t->inside[i] = t->depth;
	}
}

static void wanted_text(void *user, const XML_Char *text, int n)
{
	struct text_reading *t = user;
	if (t->now)
		add_text(&t->text, text, n);
}

static void end_text(void *user, const XML_Char *name)
{
	struct text_reading *t = user;
	if (t->now)
		t->now->text = arena_span(t->arena, buf_span(&t->text));
	t->now = NULL;
	for (size_t i = 0; i < t->n; i++)
		if (t->inside[i] == t->depth)
			t->inside[i] = 0;
	t->depth--;
}

void wire_xml_texts(struct span text, struct arena *arena, struct xml_text *wanted, size_t n)
{
	static const struct handlers handlers = {start_text, end_text, wanted_text};
	struct text_reading t = {.wanted = wanted, .n = n, .arena = arena};
	assert(n <= sizeof t.inside / sizeof t.inside[0]);
	buf_init(&t.text, LIMIT_XML_TEXT);
	(void)read_xml(&t.r, &handlers, text);
	buf_release(&t.text);
}
