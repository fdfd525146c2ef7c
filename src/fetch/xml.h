/* xml.h - fetch: the XML of AWS's answers: elements and text. An element is looked at where it
 * stands, without a tree; no DTD is read and no entity expanded but the five of XML and character
 * references. Inputs are hostile; what is not well-formed is no element. Pure. */
#ifndef FETCH_XML_H
#define FETCH_XML_H

#include "base/buf.h"

/* The next element of *rest: its name without namespace prefix, and what is between its tags, as
 * written. *rest moves behind it. False if there is none, or none that ends. */
bool xml_next(struct span *rest, struct span *name, struct span *inside);
/* The same, passing over elements of other names. */
bool xml_next_of(struct span *rest, const char *wanted, struct span *inside);
/* What is inside the first element of this name among inside's own; SPAN_NONE if there is none. */
struct span xml_child(struct span inside, const char *name);
/* The same through a path of names: "ListAllMyBucketsResult/Buckets". */
struct span xml_path(struct span text, const char *path);
/* Adds what text (the inside of an element without elements) stands for to out, whose ceiling
 * bounds it; false past it. */
bool xml_text(struct span text, struct buf *out);

#endif
