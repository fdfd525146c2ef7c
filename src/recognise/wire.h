/* wire.h - recognise: the members of a request, as far as its text tells them: path and value of
 * every scalar. Which of them may be kept is not decided here. Inputs are hostile and may be cut
 * anywhere: what is whole before the cut is told. Pure. */
#ifndef RECOGNISE_WIRE_H
#define RECOGNISE_WIRE_H

#include "base/arena.h"
#include "call/call.h"

/* Nesting that is followed; API models stay below 40. */
#define LIMIT_WIRE_DEPTH 48
/* Members noted of one request before the capture writer chooses among them. */
#define LIMIT_PARAMS_SEEN ((size_t)4096)

struct wire {
	struct arena *arena; /* paths and values live in it */
	struct param *items;
	size_t n, room;
	bool cut; /* there was more */
};

void wire_init(struct wire *p, struct arena *arena);
/* Value is copied; one longer than LIMIT_PARAM_VALUE is noted as PARAM_HIDDEN. */
void wire_add(struct wire *p, struct span path, struct span value);
/* The first value under path (any case), or SPAN_NONE. */
struct span wire_find(const struct wire *p, const char *path);

/* Each reads a whole text, paths spelled as in struct param, the elements of lists
 * numbered: "a[0].b". True if it was
 * well-formed to its end. */
bool wire_json(struct wire *p, struct span text);
/* RFC 8949; numbers as decimal text, byte strings and tags' numbers left out. */
bool wire_cbor(struct wire *p, struct span data);
/* Elements without attributes; the root's name is part of the path unless it ends in Request. An
 * element that stands beside others of its name is a list's. */
bool wire_xml(struct wire *p, struct span text);

/* A text that is looked for in XML: the first element called name, in one called parent (at any
 * depth) unless that is NULL; both without prefix. */
struct xml_text {
	const char *parent, *name;
	struct span text; /* SPAN_NONE before and if it is not found, whole before a cut */
};
/* Fills in the texts of wanted[0..n), n at most 8; they live in arena and end after 8 KB. No other
 * text is kept. */
void wire_xml_texts(struct span text, struct arena *arena, struct xml_text *wanted, size_t n);
/* application/x-www-form-urlencoded, AWS query style: "A.member.1.B" becomes "A[1].B". */
bool wire_form(struct wire *p, struct span text, bool query_protocol);

/* The value of name in a query string or form, undecoded; SPAN_NONE if it is not there, empty
 * without '='. */
struct span wire_query(struct span query, const char *name);

#endif
