/* tsv.h - mapping/compile: reads the rows of one table of the mapping (mappings/README, "Common to
 * all files"), with errors by file and line. */
#ifndef MAPPING_COMPILE_TSV_H
#define MAPPING_COMPILE_TSV_H

#include "base/err.h"
#include "base/span.h"

/* The largest generated table is ec2's with half a megabyte. */
#define LIMIT_TSV_FILE ((size_t)16 << 20)
enum {
	LIMIT_TSV_FIELD = 8192, /* a field; the longest binding has some hundred bytes */
	TSV_FIELDS = 12,
};

struct tsv {
	char *path;       /* owned, for errors */
	char *data;       /* owned */
	struct span rest; /* not yet read */
	uint64_t line;    /* of the row last read, from 1 */
};

/* STATUS_OK; STATUS_END if there is no such file; STATUS_STOP with err. Only STATUS_OK needs
 * tsv_close. */
enum status tsv_open(struct tsv *t, const char *path, struct err *err);
void tsv_close(struct tsv *t);
/* The next row that is no comment: its fields in field[0..*n), "-" as SPAN_NONE, borrowed until
 * tsv_close. STATUS_END after the last; STATUS_STOP with err on what is no row. */
enum status tsv_next(struct tsv *t, struct span field[TSV_FIELDS], size_t *n, struct err *err);
/* Sets err for the row last read; returns STATUS_STOP. */
enum status tsv_bad(const struct tsv *t, struct err *err, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#endif
