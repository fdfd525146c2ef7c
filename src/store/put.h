/* put.h - store, internal: rows that a run gathers in memory and inserts by one statement, which
 * reads them from a table of its own, put_event or put_day: SQLite does for each statement as much
 * as for a row. */
#ifndef STORE_PUT_H
#define STORE_PUT_H

#include "store/writer.h"

/* Of one statement: what it may have to take back is copied, so not too many. */
enum { PUT_ROWS = 256 };

/* On opening: makes the tables known. */
void put_tables(struct store *st);
/* Inserts what was gathered of events. Whoever asks the database for events does so first: db_stmt.
 */
enum status put_events(struct store *st, struct err *err);
/* Adds n counts to call_day, sorted as its key. */
enum status put_days(struct store *st, const struct day_count *days, size_t n, struct err *err);

#endif
