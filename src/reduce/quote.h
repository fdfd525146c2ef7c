/* quote.h - reduce: what users name, in a statement: nothing that is given can end a literal or a
 * name and become SQL. */
#ifndef REDUCE_QUOTE_H
#define REDUCE_QUOTE_H

#include "base/buf.h"

/* A table's longest name, with its database and catalog. */
#define LIMIT_TABLE_NAME ((size_t)400)
/* A source or a place for results: 1,024 bytes of a key behind a bucket or a host. */
#define LIMIT_PLACE ((size_t)1400)

/* NAME, DATABASE.NAME or CATALOG.DATABASE.NAME: parts of visible characters without quotes,
 * backslashes, blanks and ';'. */
bool table_sound(const char *name);
/* A folder, file or URL of visible characters and blanks, without quotes and backslashes. */
bool place_sound(const char *place);
/* The same, and it names S3: "s3://BUCKET/..." without '*', '?', '{' and '['. */
bool s3_place_sound(const char *place);

/* Adds text as a literal of standard SQL: quotes doubled. template_fill sees to backslashes. */
bool add_literal(struct span text, struct buf *out);
/* Adds "SOURCE/EVENT", which calls are told apart by, in the same way. */
bool add_event_literal(struct span source, struct span event, struct buf *out);
/* Adds a sound table name, each part in quotes; quote: '"', or '`' for Athena's DDL. */
bool add_table(struct span name, char quote, struct buf *out);

#endif
