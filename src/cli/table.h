/* table.h - cli: rows on stdout as a table for people, CSV (RFC 4180) or JSON (an array of
 * objects, one a line). */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/json-writer.h"
#include "store/store.h"

#include <stdio.h>

enum table_format { TABLE_TEXT, TABLE_CSV, TABLE_JSON };

struct table {
	FILE *to;
	enum table_format format;
	size_t n_columns, n_rows;
	bool hide_empty; /* TABLE_TEXT: without the columns that no row has a value in */
	/* internal */
	struct arena arena;
	const char **names;
	struct span *cells; /* of TABLE_TEXT, all rows: widths are known only at the end */
	size_t room;
	struct buf line;
	struct json_writer json; /* of TABLE_JSON */
};

void table_begin(struct table *t, FILE *to, enum table_format format);
/* Once, before the rows. Returns true. */
bool table_head(struct table *t, const char *const *names, size_t n);
/* n as in table_head. False when nothing more can be written. */
bool table_row(struct table *t, const struct cell *cells, size_t n);
/* Writes what is held, releases t. False if not all could be written. */
bool table_end(struct table *t);

struct cell cell_text(struct span s); /* CELL_NULL if absent */
struct cell cell_number(int64_t n);
struct cell cell_json(struct span s);
/* "2026-01-02T03:04:05Z" in arena. */
struct cell cell_time(int64_t t, struct arena *arena);

#endif
