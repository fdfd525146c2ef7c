/* columns.h - records: a CloudTrail record out of named values: the columns of a CSV file, or the
 * members of an object that another program has flattened or spelt anew (Athena's table, the Event
 * history of the console, the AWSCloudTrail table of Sentinel, what LookupEvents tells beside the
 * record). Names are compared without case, blanks and punctuation. Pure. */
#ifndef RECORDS_COLUMNS_H
#define RECORDS_COLUMNS_H

#include "base/buf.h"

struct cell {
	struct span name;
	struct span value; /* text, or JSON where json is set */
	bool json;
};

/* Whether these names are enough of a record: who is called and what. */
bool columns_are_record(const struct cell *cells, size_t n);
/* Whether there is one with request parameters. Without them nothing tells on what a call worked.
 */
bool columns_have_parameters(const struct cell *cells, size_t n);
/* Adds the record to out as JSON. NULL, or what is wrong, one line: "ambiguous" ones above all. */
const char *columns_record(const struct cell *cells, size_t n, struct buf *out);

#endif
