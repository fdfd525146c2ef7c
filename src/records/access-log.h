/* access-log.h - records: a line of an S3 server access log, cut into its fields. What stands in
 * the quoted fields was sent by whoever made the request, quotes and spaces included, so the fields
 * in front of them count from the left and those behind them are found by their form; a line that
 * could be cut in two ways is refused. Pure. Source: "Amazon S3 server access log format" (Amazon
 * S3 user guide). */
#ifndef RECORDS_ACCESS_LOG_H
#define RECORDS_ACCESS_LOG_H

#include "base/span.h"

/* As written, borrowed from the line; SPAN_NONE where the log has "-". */
struct access_line {
	struct span owner, bucket;
	struct span time; /* "06/Feb/2019:00:00:38 +0000" */
	struct span ip, requester, request_id;
	struct span operation; /* "REST.GET.OBJECT" */
	struct span key;       /* percent-encoded, once or twice: events/access-log.c */
	struct span method;
	struct span target; /* of the request line, "/path?query", as sent */
	struct span status, error;
	struct span user_agent;
	struct span version_id;
	struct span tls_version;
	struct span access_point; /* its ARN */
	struct span region;       /* of the bucket, where the log tells it */
};

/* Whether a line (without its end) begins as one: what a whole file is, is told by its first line.
 */
bool access_line_begins(struct span line);
/* NULL with *out set, or what is wrong with the line. */
const char *access_line_read(struct span line, struct access_line *out);

#endif
