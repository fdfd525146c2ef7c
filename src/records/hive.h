/* hive.h - records: the text form that Athena gives to a value with parts of its own, "{type=Root,
 * arn=...}" or "[{...}]", as JSON. The form quotes nothing, so a text may hold what looks like its
 * end: only members that are known, in the order of the table's definition and each once, are taken
 * for members, and what could be read in two ways is refused. Pure. Source: "Query AWS CloudTrail
 * logs" (Amazon Athena user guide), the table's definition. */
#ifndef RECORDS_HIVE_H
#define RECORDS_HIVE_H

#include "base/buf.h"

/* What a value with parts has, as CloudTrail spells it. */
struct shape {
	const char *name;           /* NULL ends a list */
	const struct shape *inside; /* of a member with parts; else NULL */
	unsigned order;             /* members with a lower one come before; 0: anywhere */
};

extern const struct shape shape_identity[], shape_resource[], shape_tls[];

/* Adds text, a value of this shape, to out as a JSON object. False, with out as it was, if it can't
 * be told apart for sure, or out is full. */
bool hive_object(struct span text, const struct shape *shape, struct buf *out);
/* "[{...}]" of one entry: of several it can't be told where one ends. "[]" and "null" give "[]". */
bool hive_list_of_one(struct span text, const struct shape *shape, struct buf *out);

/* Adds a JSON object (valid) to out with the names of its members as the shape spells them,
 * whatever case they have; others stay as they are. False if out is full. */
bool shape_names(struct span json, const struct shape *shape, struct buf *out);

#endif
