/* fetch-athena.h - app: runs a query in Athena and finds its result, a CSV file in S3. */
#ifndef APP_FETCH_ATHENA_H
#define APP_FETCH_ATHENA_H

#include "fetch/session.h"

/* Athena takes statements of so many bytes. */
#define LIMIT_STATEMENT ((size_t)262144)

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

/* Starts the query and waits for its end, or until stop is set: it then runs on. STATUS_OK: *result
 * is where the result lies, "s3://...", to be freed. STATUS_STOP: err tells, in Athena's words if
 * it failed. */
enum status fetch_athena_run(const struct fetch_athena *q, char **result, struct err *err);

#endif
