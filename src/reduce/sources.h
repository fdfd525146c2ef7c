/* sources.h - reduce: what the statements read: a table, or the files of a trail by names that list
 * no more than the day's folders. */
#ifndef REDUCE_SOURCES_H
#define REDUCE_SOURCES_H

#include "reduce/statement.h"

/* Adds a query of all columns of the records, each under "r_COLUMN", never null. */
void add_recorded(const struct reduce_request *request, int64_t day, struct buf *out);
/* Adds the condition on these columns for the day's events. */
void add_wanted(const struct reduce_request *request, int64_t day, struct buf *out);
/* Adds what has to be run before a statement that reads files, if anything. */
void add_files(const struct reduce_request *request, int64_t day, struct buf *out);

/* Whether the statements read the files themselves. */
bool reads_files(const struct reduce_request *request);

#endif
