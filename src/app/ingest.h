/* ingest.h - app: files, folders and standard input into the database. */
#ifndef APP_INGEST_H
#define APP_INGEST_H

#include "app/database.h"
#include "app/pipeline.h"
#include "base/attributes.h"
#include "digest/check.h"

#define CLOSE_NONE INT64_MIN

struct ingest_request {
	struct database_request database;
	struct store_window window;
	bool verbose;       /* for whoever prints: tell what the reading was confined to */
	bool rehash;        /* as intake_options */
	unsigned jobs;      /* files that are read at once; from 1 on */
	char *const *names; /* n_names of them, as walk_new */
	size_t n_names;
	const struct pipeline_feed *feed; /* in place of names; NULL: names */
	bool confine; /* with feed: what it brings comes from another process, so that this one can
	                 give up the network and all files, as it does for names */
	/* When all is in, days before this one (seconds since 1970 / 86400) are closed: only their
	 * counts are kept. CLOSE_NONE: none. */
	int64_t close_before;
	bool close_anyway; /* even where sources could not be read */
	/* The files are checked against their digests before anything is read, which is only done
	 * where nothing is found; of it keys, data and finding are looked at. NULL: they are not.
	 */
	const struct digest_check *digests;
	struct digest_totals *digest_totals; /* filled where digests is set */
};

/* See pipeline_options. */
struct ingest_callbacks {
	const atomic_bool *stop;
	void *data;
	void (*problem)(void *data, const struct err *err, bool lost);
	void (*progress)(void *data, const struct pipeline_totals *so_far, uint64_t bytes);
};

/* Opens the database, takes everything in and closes it. STATUS_OK: all was done, or stop was set.
 * STATUS_STOP with err: the database failed; *totals tells what was taken in until then. */
enum status ingest_run(const struct ingest_request *q, const struct ingest_callbacks *callbacks,
                       struct pipeline_totals *totals, struct err *err) MUST_CHECK;

/* Counts the files that are to be read, and their bytes on disk. False where that is not known
 * within so many seconds, or standard input is among them. */
bool ingest_measure(const struct ingest_request *q, double seconds, uint64_t *files,
                    uint64_t *bytes);

#endif
