/* fetch-s3.h - app: brings the objects of a bucket: as sources of the pipeline, or as files. */
#ifndef APP_FETCH_S3_H
#define APP_FETCH_S3_H

#include "app/pipeline.h"
#include "app/trail.h"
#include "fetch/spool.h"

/* Objects that fail one after another before the rest is given up: a key that may not be used or a
 * bucket that may not be read fails for each. */
enum { FETCH_FAILURES = 20 };

struct fetch_s3_options {
	struct session *session;
	struct span bucket;
	bool requester_pays;
	struct trail_options trail; /* but its bucket */
	unsigned jobs;              /* transfers at once */
	const atomic_bool *stop;
};

struct fetch_s3;

/* options is borrowed until fetch_s3_free. */
struct fetch_s3 *fetch_s3_new(const struct fetch_s3_options *options);
void fetch_s3_free(struct fetch_s3 *f);

/* As sources, named s3://BUCKET/KEY, known by bucket, key and ETag; lives as long as f. */
const struct pipeline_feed *fetch_s3_feed(struct fetch_s3 *f);

/* From 0 to 1: how far it is; a guess. */
double fetch_s3_progress(struct fetch_s3 *f);

struct fetch_files_totals {
	uint64_t fetched, unchanged, failed, bytes;
};

/* As files, under folder by their keys, each whole or not there: it is written beside its place and
 * renamed. One that is there with the size and time of its object is unchanged. STATUS_OK, also
 * when stop was set, or STATUS_STOP with err. problem and progress: of struct pipeline_options;
 * called by one thread at a time. */
enum status fetch_s3_files(struct fetch_s3 *f, const char *folder,
                           void (*problem)(void *data, const struct err *err),
                           void (*progress)(void *data, const struct fetch_files_totals *so_far),
                           void *data, struct fetch_files_totals *totals, struct err *err);

/* Writes what was received to a file with this time, in folders that are made where they are not
 * there, from the one that path's first folder bytes name on. STATUS_OK, STATUS_FILE, or
 * STATUS_STOP when the disk is full. path is as it was afterwards. */
enum status fetch_write_file(char *path, size_t folder, struct spool *spool, int64_t modified,
                             struct err *err);

/* Whether a key can be a file's name below a folder: no empty, "." or ".." segment, no control
 * character, nothing that is too long. Pure. */
bool fetch_key_is_path(struct span key);

#endif
