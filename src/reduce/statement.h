/* statement.h - reduce: the statements that make a query engine count equal calls, one a UTC day,
 * and the tables that they read. The rows are iamreplay-reduced(5). */
#ifndef REDUCE_STATEMENT_H
#define REDUCE_STATEMENT_H

#include "base/buf.h"
#include "base/text-list.h"
#include "mapping/mapping.h"
#include "reduce/dialect.h"

/* Days of one run: the events of ten years. */
enum { LIMIT_REDUCE_DAYS = 3660 };
/* One statement; Athena takes 262,144 bytes, which a few hundred accounts do not reach. Those of
 * ClickHouse name a source for each account, region and day. */
#define LIMIT_REDUCE_TEXT ((size_t)64 << 20)

struct reduce_request {
	enum engine engine;
	const char *table;  /* which holds the records; NULL: source does */
	const char *source; /* the trail's AWSLogs folder, or files; NULL: none */
	struct text_list accounts, regions;
	int64_t since, until; /* midnights, UTC; since < until, or since == until where none is
	                         given */
	unsigned fold; /* past so many requests of a caller and operation in a day fold names; 0:
	                * never
	                */
	bool sessions; /* keep names, keys and source identities of sessions */
	const struct mapping *mapping; /* by whose tables parameters are kept */
	const char *unload;            /* where the rows shall go; NULL: to the client */
};

/* What is missing or wrong, for a user; NULL: nothing is. table: it is about reduce_table. */
const char *reduce_problem(const struct reduce_request *request, bool table);

struct reducer;

/* request is borrowed until reducer_free, and without a problem. */
struct reducer *reducer_new(const struct reduce_request *request);
void reducer_free(struct reducer *r);
/* Adds the statement of the day that begins at day (seconds, midnight), with a comment before and
 * ";\n" behind it. False: it is too large for out. */
bool reduce_day(struct reducer *r, int64_t day, struct buf *out);
/* Adds the statement that makes the table, and those that fill it from the source where the engine
 * does not read the files in place. */
bool reduce_table(struct reducer *r, struct buf *out);

#endif
