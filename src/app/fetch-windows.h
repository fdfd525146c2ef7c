/* fetch-windows.h - app: events that a service gives out page by page and only so often a second
 * (LookupEvents, FilterLogEvents): asked for in windows of time, each a source of its own that is
 * known once it was read to its end, so that a run that was interrupted goes on. */
#ifndef APP_FETCH_WINDOWS_H
#define APP_FETCH_WINDOWS_H

#include "app/fetch-s3.h"

enum {
	WINDOW_SECONDS = 6 * 3600,
	/* What lies so close may still come in; it is asked for again by the next run. CloudTrail
	 * says 15 minutes. */
	WINDOW_SETTLED = 3600,
	LOOKUP_DAYS = 90, /* LookupEvents knows no more */
};

struct fetch_windows_options {
	struct session *session;
	const char *group; /* a log group's name; NULL: LookupEvents */
	const char *account;
	const char *const *regions; /* n_regions of them, at least one */
	size_t n_regions;
	int64_t since, until, now; /* seconds; since <= t < until */
	unsigned jobs;
	const atomic_bool *stop;
};

struct fetch_windows;

/* options is borrowed until fetch_windows_free. */
struct fetch_windows *fetch_windows_new(const struct fetch_windows_options *options);
void fetch_windows_free(struct fetch_windows *w);
const struct pipeline_feed *fetch_windows_feed(struct fetch_windows *w);
/* Windows times regions: at least so many calls. */
uint64_t fetch_windows_count(const struct fetch_windows *w);
/* From 0 to 1. */
double fetch_windows_progress(struct fetch_windows *w);

/* As fetch_s3_files: one file a window, "FOLDER/cloudtrail/ACCOUNT/REGION/2026-01-31T06.json". */
enum status fetch_windows_files(struct fetch_windows *w, const char *folder,
                                void (*problem)(void *data, const struct err *err),
                                void (*progress)(void *data,
                                                 const struct fetch_files_totals *so_far),
                                void *data, struct fetch_files_totals *totals, struct err *err);

#endif
