/* trail.h - app: which objects of a bucket to fetch. Trails lie in folders by account, region and
 * day, [PREFIX/]AWSLogs/[o-ORGANISATION/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/: what is outside the
 * wanted accounts, regions and days is neither listed nor read. A bucket without such folders is
 * listed as it is.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
 */
#ifndef APP_TRAIL_H
#define APP_TRAIL_H

#include "fetch/s3.h"

/* A file holds events of the minutes before it was delivered, "typically within an average of about
 * 5 minutes": those up to an hour behind the window are read, too. */
enum { TRAIL_LATE_SECONDS = 3600 };

/* Folders looked into for AWSLogs/, and how deep. */
enum { TRAIL_SEARCHED = 100, TRAIL_DEPTH = 3 };

struct trail_options {
	const struct s3_bucket *bucket;
	struct span prefix; /* of the user: a folder at any level, or the beginning of a name */
	const char *const *accounts, *const *regions; /* none: all */
	size_t n_accounts, n_regions;
	int64_t since, until; /* seconds, since <= t < until; WHEN_FIRST, WHEN_LAST: no bound */
	/* A word about what was found, for the user. */
	void (*note)(void *data, const char *line);
	void *data;
};

struct trail;

/* options is borrowed until trail_free. */
struct trail *trail_new(const struct trail_options *options);
void trail_free(struct trail *t);
/* The next object in the order of accounts, regions and keys; its spans live until the next call.
 * STATUS_FILE: a folder could not be listed, err tells, go on. STATUS_END. STATUS_STOP: stop was
 * set, or nothing can be listed at all. One thread at a time. */
enum status trail_next(struct trail *t, struct s3_object *out, struct err *err);
/* How far it is, from 0 to 1, by folders and days; a guess. */
double trail_progress(const struct trail *t);

/* ---- pure, for tests */

/* Where a key is in a trail, by what follows its region's folder: "2026/01/31/NAME". False if it is
 * not dated. *delivered: the minute in the name, else *last, the day's last second. */
bool trail_date(struct span rest, int64_t *first, int64_t *last, int64_t *delivered);

#endif
