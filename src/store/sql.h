/* sql.h - store: the texts of sql/, embedded at build time (embed-sql.awk). */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "store/sql-names.h"

#include <stddef.h>

struct sql_text {
	const char *
	        name; /* of a section of sql/SUBJECT.sql, sql/report/NAME.sql, sql/schema/NNN.sql */
	const char *inputs; /* names in the order in which they first appear, with spaces between */
	const char *text;
};

extern const struct sql_text sql_texts[];   /* by enum sql */
extern const struct sql_text sql_reports[]; /* by name */
extern const size_t n_sql_reports;
extern const struct sql_text sql_migrations[]; /* the first makes schema version 1 */
extern const size_t n_sql_migrations;
extern const char *const sql_inputs[]; /* by enum sql_input */

#endif
