/* dialect.h - reduce: what the query engines spell differently. */
#ifndef REDUCE_DIALECT_H
#define REDUCE_DIALECT_H

#include "base/span.h"

enum engine { ENGINE_ATHENA, ENGINE_TRINO, ENGINE_CLICKHOUSE, ENGINE_DUCKDB };

/* How a record's members lie in what the statements read. */
enum shape {
	SHAPE_FLAT,   /* one text column for each, named as in iamreplay-reduced(5) */
	SHAPE_NESTED, /* Athena's table: lower case, userIdentity a structure */
	SHAPE_FILE,   /* the files themselves: r, spelled as CloudTrail does */
};

struct dialect {
	enum engine engine;
	const char *name;
	enum shape table; /* of a table that is named by the user */
	bool backslash;   /* a backslash in a literal escapes what follows it */
	/* A JSON value of a file as text, of a nested table's resources; %1 is the value. */
	const char *json_text, *resources_text;
	/* What a word of the template becomes; %1 and %2 are its arguments. */
	const struct dialect_word {
		const char *word, *text;
	} * words; /* ended by a NULL word */
};

/* Constant; never fails. */
const struct dialect *dialect_of(enum engine engine);
/* The text of a word, or NULL. */
const char *dialect_word(const struct dialect *d, struct span word);

#endif
