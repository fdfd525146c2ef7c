/* fetch-athena.h - app: runs a query in Athena and finds its result, a CSV file in S3. */
#ifndef APP_FETCH_ATHENA_H
#define APP_FETCH_ATHENA_H

#include "app/pipeline.h"
#include "fetch/session.h"
#include "fetch/spool.h"

/* Athena takes statements of so many bytes. */
#define LIMIT_STATEMENT ((size_t)262144)
/* A file of them: some 600 as iamreplay-reduce writes them. */
#define LIMIT_STATEMENTS ((size_t)16 << 20)

struct fetch_athena {
	struct session *session;
	struct span statement;
	const char *region;
	const char *workgroup; /* NULL: "primary" */
	const char *database;  /* NULL: none; the statement names it */
	const char *output;    /* s3://BUCKET/PREFIX for the result; NULL: the workgroup's */
	/* A word about how it goes, a few times. */
	void (*note)(void *data, const char *line);
	void *data;
};

/* Cuts the next statement off *rest, which becomes SPAN_NONE with the last: each ends in a ';' at
 * the end of a line, outside of quotes and comments, which is no part of it. SPAN_NONE: there is no
 * more. A text without such an end is one statement as it is. */
struct span athena_statement(struct span *rest);

struct athena_result {
	char *location;    /* "s3://...", of a CSV file; NULL where Athena keeps it itself */
	char name[160];    /* "ID.csv" */
	struct spool rows; /* without location: the result as that CSV file */
	struct pipeline_feed feed; /* athena_result_feed's */
	bool given;
};

/* All empty, and what a result holds. */
void athena_result_init(struct athena_result *r);
void athena_result_release(struct athena_result *r);

/* Starts the query, waits for its end, or until stop is set: it then runs on, and reads what Athena
 * keeps itself (managed query results). result is initialised. STATUS_OK, or STATUS_STOP: err
 * tells, in Athena's words if it failed. */
enum status fetch_athena_run(const struct fetch_athena *q, struct athena_result *result,
                             struct err *err);

/* A feed of one source, the rows; borrowed until the next call. */
const struct pipeline_feed *athena_result_feed(struct athena_result *r);

#endif
