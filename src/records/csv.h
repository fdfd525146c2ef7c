/* csv.h - records: files of columns, CSV and TSV (RFC 4180): a heading that tells in which column
 * whole records lie, or which columns make one, and a row after another out of a view that moves.
 */
#ifndef RECORDS_CSV_H
#define RECORDS_CSV_H

#include "base/buf.h"
#include "base/limits.h"
#include "records/columns.h"

struct csv_cells {
	struct buf text; /* of all cells, without their quotes */
	struct {
		size_t at, n; /* in text */
	} list[LIMIT_COLUMNS];
	size_t n;
};

struct csv {
	char separator;
	struct csv_cells head, row;
	bool reduced;      /* the columns are those of iamreplay-reduced(5) */
	size_t record;     /* the column with whole records; head.n: the columns make one */
	const char *other; /* what a cell that is no record counts as; NULL: it is lost */
	const char *path;  /* the column's name, for people */
};

void csv_init(struct csv *t);
void csv_release(struct csv *t);

enum csv_heading {
	HEADING_NONE,    /* the line is no heading of columns */
	HEADING_UNKNOWN, /* it is one, and no column is known */
	HEADING_KNOWN,
};
/* What a file's first line (without its end) is; sets t. */
enum csv_heading csv_heading(struct csv *t, struct span line);
/* Whether rows tell on what a call worked. */
bool csv_has_parameters(const struct csv *t);

enum csv_result {
	CSV_ROW,
	CSV_CUT, /* the row does not end inside the view */
	CSV_BAD, /* *error says why; *n is the length of its first line */
};
/* The row at the beginning of view, into t->row; *n: its bytes with its end. last: nothing follows
 * the view. */
enum csv_result csv_row(struct csv *t, struct span view, bool last, size_t *n, const char **error);
/* The i-th cell of the row, borrowed until the next csv_row; empty where it is missing. */
struct span csv_cell(const struct csv *t, size_t i);
/* The row as an object with a text a column, added to out. NULL, or what is wrong. */
const char *csv_object(const struct csv *t, struct buf *out);
/* The row as a record, added to out. NULL, or what is wrong. */
const char *csv_record(const struct csv *t, struct buf *out);

#endif
