/* container.c - records: see container.h. Sources: "CloudTrail record contents" and "digest file
 * structure" (CloudTrail user guide); "Using subscription filters", CreateExportTask,
 * FilteredLogEvent (CloudWatch Logs); LookupEvents (CloudTrail API); "Events via CloudTrail"
 * (EventBridge); Lambda's Kinesis event. */
#include "config.h"

#include "records/container.h"

#include "base/limits.h"
#include "records/base64.h"

/* The inside of a string member. */
static bool unwrap_string(struct span object, struct span member, struct buf *out)
{
	struct span raw = span_sub(member, 1, member.n - 2);
	if (!buf_reserve(out, raw.n))
		return false;
	out->n += scan_unescape(raw, out->p + out->n);
	return true;
}

/* {"awslogs":{"data":"H4sI..."}}: base64 of a gzipped subscription envelope. */
static bool unwrap_base64(struct span object, struct span member, struct buf *out)
{
	return base64_decode(span_sub(member, 1, member.n - 2), out);
}

/* One column of a Logs Insights row, {"field":"@message","value":"..."}. */
static bool unwrap_column(struct span object, struct span member, struct buf *out)
{
	struct scan j;
	struct span key, value = SPAN_NONE;
	scan_init(&j, object);
	if (!scan_enter(&j, SCAN_OBJECT))
		return false;
	while (scan_next_key(&j, &key)) {
		bool here = span_is(key, "value") && scan_peek(&j) == SCAN_STRING;
		struct span raw;
		if (scan_take_raw(&j, &raw) && here)
			value = raw;
	}
	return value.p && unwrap_string(object, value, out);
}

#define RECORD(key)                                                                        \
	{                                                                                  \
		key, SCAN_BAD, NULL, ACT_RECORD, "records", RECORD_CLOUDTRAIL, NULL, false \
	}
#define ENTER(key, kind, name)                                             \
	{                                                                  \
		key, kind, NULL, ACT_ENTER, name, RECORD_NONE, NULL, false \
	}
#define IGNORE(key, kind, name)                                             \
	{                                                                   \
		key, kind, NULL, ACT_IGNORE, name, RECORD_NONE, NULL, false \
	}

static const struct container_row rows[] = {
        RECORD("eventVersion"),
        RECORD("eventTime"),
        RECORD("eventSource"),
        RECORD("eventName"),
        RECORD("eventID"),
        RECORD("eventType"),
        RECORD("eventCategory"),
        RECORD("userIdentity"),
        RECORD("awsRegion"),
        RECORD("sourceIPAddress"),
        RECORD("userAgent"),
        RECORD("requestParameters"),
        RECORD("responseElements"),
        RECORD("additionalEventData"),
        RECORD("serviceEventDetails"),
        RECORD("requestID"),
        RECORD("recipientAccountId"),
        RECORD("sharedEventID"),
        RECORD("readOnly"),
        RECORD("managementEvent"),
        RECORD("apiVersion"),
        RECORD("vpcEndpointId"),
        RECORD("tlsDetails"),
        RECORD("insightDetails"),
        {"kind", SCAN_STRING, NULL, ACT_RECORD, "capture", RECORD_CAPTURE, NULL, false},
        {"Type", SCAN_STRING, "ApiCall", ACT_RECORD, "csm", RECORD_CSM, NULL, false},
        {"Type", SCAN_STRING, "ApiCallAttempt", ACT_RECORD, "csm", RECORD_CSM, NULL, false},
        ENTER("Records", SCAN_ARRAY, "cloudtrail"),
        ENTER("logEvents", SCAN_ARRAY, "subscription"),
        ENTER("Events", SCAN_ARRAY, "lookup-events"),
        ENTER("events", SCAN_ARRAY, "log-events"),
        ENTER("results", SCAN_ARRAY, "logs-insights"),
        ENTER("detail", SCAN_OBJECT, "eventbridge"),
        ENTER("awslogs", SCAN_OBJECT, "awslogs"),
        ENTER("kinesis", SCAN_OBJECT, "kinesis"),
        ENTER("message", SCAN_OBJECT, "log-events"),
        {"CloudTrailEvent", SCAN_STRING, NULL, ACT_UNWRAP, "lookup-events", RECORD_NONE,
         unwrap_string, false},
        {"message", SCAN_STRING, NULL, ACT_UNWRAP, "log-events", RECORD_NONE, unwrap_string, true},
        {"data", SCAN_STRING, NULL, ACT_UNWRAP, "awslogs", RECORD_NONE, unwrap_base64, false},
        {"field", SCAN_STRING, "@message", ACT_UNWRAP, "logs-insights", RECORD_NONE, unwrap_column,
         true},
        {"field", SCAN_STRING, NULL, ACT_PASS, "logs-insights", RECORD_NONE, NULL, false},
        {"messageType", SCAN_STRING, "CONTROL_MESSAGE", ACT_IGNORE, "control-message", RECORD_NONE,
         NULL, false},
        {"Event", SCAN_STRING, "s3:TestEvent", ACT_IGNORE, "s3-notification", RECORD_NONE, NULL,
         false},
        IGNORE("digestStartTime", SCAN_BAD, "digest"),
        IGNORE("digestEndTime", SCAN_BAD, "digest"),
        IGNORE("digestS3Bucket", SCAN_BAD, "digest"),
        IGNORE("previousDigestSignature", SCAN_BAD, "digest"),
        IGNORE("TopicArn", SCAN_STRING, "sns-notification"),
        IGNORE("s3ObjectKey", SCAN_ARRAY, "sns-notification"),
        IGNORE("hashSignature", SCAN_STRING, "lake-signature"),
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

const struct container_row *container_row(struct span key, enum scan_kind kind, struct span value)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct container_row *row = &rows[i];
		if (!span_is(key, row->key) || (row->kind != SCAN_BAD && row->kind != kind))
			continue;
		if (!row->value ||
		    (value.n >= 2 && span_is(span_sub(value, 1, value.n - 2), row->value)))
			return row;
	}
	return NULL;
}

bool container_key(struct span key)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (span_is(key, rows[i].key) &&
		    (rows[i].act == ACT_RECORD || rows[i].act == ACT_ENTER))
			return true;
	return false;
}

/* ---- lines */

/* "2026-01-18T10:00:00.000Z ": an export task's stamp, by its shape. */
static size_t iso_stamp(struct span line)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	size_t n = sizeof shape - 1;
	if (line.n <= n)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (shape[i] == 'd' ? !ascii_digit(line.p[i]) : line.p[i] != shape[i])
			return 0;
	while (n < line.n && line.p[n] != ' ' && line.p[n] != '\t')
		n++;
	return n <= 40 ? n : 0;
}

/* "1600361930988 ": milliseconds since 1970, from 2001 to 2286. */
static size_t epoch_stamp(struct span line)
{
	size_t n = 0;
	while (n < line.n && n < 14 && ascii_digit(line.p[n]))
		n++;
	return n == 13 && n < line.n && (line.p[n] == ' ' || line.p[n] == '\t') ? n : 0;
}

enum line_kind container_line(struct span line, bool first, size_t *at, const char **name)
{
	size_t n = iso_stamp(line);
	if (!n)
		n = epoch_stamp(line);
	if (n) {
		while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
			n++;
		*at = n;
		*name = "cloudwatch-export";
		return LINE_MESSAGE;
	}
	/* What CreateExportTask leaves at the prefix of its destination. */
	if (span_is(span_trim(line), "Permission Check Successful")) {
		*name = "write-test";
		return LINE_IGNORE;
	}
	if (first && span_starts(line, span_make("SQLite format 3\0", 16))) {
		*name = "database";
		return LINE_STOP;
	}
	return LINE_UNKNOWN;
}
