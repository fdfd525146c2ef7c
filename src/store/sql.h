/* sql.h - store: the SQL texts of sql/, embedded at build time, sorted by name. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <stddef.h>

struct sql_text {
	const char *name; /* "event-insert" of sql/event-insert.sql */
	const char *text;
};

extern const struct sql_text sql_texts[];
extern const size_t n_sql_texts;

#endif
