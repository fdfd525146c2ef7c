/* fields.h - reduce: the columns of a reduced row, iamreplay-reduced(5), and where each is in a
 * record of CloudTrail. */
#ifndef REDUCE_FIELDS_H
#define REDUCE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

enum field_kind {
	FIELD_TEXT,
	FIELD_JSON,      /* text that holds JSON; in files, JSON */
	FIELD_RESOURCES, /* the same; in Athena's table a list of structures */
};

struct field {
	const char *column;
	const char *path; /* in a record, as CloudTrail spells it */
	enum field_kind kind;
	bool kept; /* part of what a row is known by; else only the statement needs it */
	bool folds; /* holds names without end */
};

/* In the order of the rows' columns, ended by a NULL column. */
extern const struct field reduce_fields[];

#endif
