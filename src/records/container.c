/* container.c - records: see container.h. Sources: "CloudTrail record contents" and "digest file
 * structure" (CloudTrail user guide); "Using subscription filters", CreateExportTask,
 * FilteredLogEvent (CloudWatch Logs); LookupEvents (CloudTrail API); "Events via CloudTrail"
 * (EventBridge); Lambda's Kinesis event. */
#include "config.h"

#include "records/container.h"

#define RECORD(key)                                                                              \
	{                                                                                        \
		key, SCAN_BAD, NULL, ACT_RECORD, "records", RECORD_CLOUDTRAIL, true, true, false \
	}
#define LIST(key, name, quoted)                                                          \
	{                                                                                \
		key, SCAN_ARRAY, NULL, ACT_ENTER, name, RECORD_NONE, true, quoted, false \
	}
#define ENTER(key, kind, name)                                                     \
	{                                                                          \
		key, kind, NULL, ACT_ENTER, name, RECORD_NONE, false, false, false \
	}
#define IGNORE(key, kind, value, name)                                               \
	{                                                                            \
		key, kind, value, ACT_IGNORE, name, RECORD_NONE, false, false, false \
	}

#define REDUCED_COLUMN "iamreplay_reduced"

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
        RECORD("vpcEndpointId"),
        RECORD("tlsDetails"),
        RECORD("insightDetails"),
        {"kind", SCAN_STRING, "capture", ACT_RECORD, "capture", RECORD_CAPTURE, false, false,
         false},
        {"kind", SCAN_STRING, "call", ACT_RECORD, "capture", RECORD_CAPTURE, false, false, false},
        {"kind", SCAN_STRING, "identity", ACT_RECORD, "capture", RECORD_CAPTURE, false, false,
         false},
        {REDUCED_COLUMN, SCAN_BAD, NULL, ACT_RECORD, "reduced", RECORD_REDUCED, false, false, false},
        {"class_uid", SCAN_NUMBER, NULL, ACT_RECORD, "ocsf", RECORD_OCSF, false, false, false},
        {"Type", SCAN_STRING, "ApiCall", ACT_RECORD, "csm", RECORD_CSM, false, false, false},
        {"Type", SCAN_STRING, "ApiCallAttempt", ACT_RECORD, "csm", RECORD_CSM, false, false, false},
        LIST("Records", "cloudtrail", true),
        LIST("logEvents", "subscription", false),
        LIST("Events", "lookup-events", false),
        ENTER("events", SCAN_ARRAY, "log-events"),
        ENTER("results", SCAN_ARRAY, "logs-insights"),
        {"QueryResultRows", SCAN_ARRAY, NULL, ACT_ENTER, "lake", RECORD_NONE, false, false, true},
        ENTER("Messages", SCAN_ARRAY, "sqs"),
        ENTER("records", SCAN_ARRAY, "firehose"),
        ENTER("logs", SCAN_ARRAY, "datadog"),
        ENTER("data", SCAN_ARRAY, "datadog"),
        ENTER("hits", SCAN_ARRAY, "elastic"),
        ENTER("hits", SCAN_OBJECT, "elastic"),
        {"field", SCAN_STRING, NULL, ACT_PASS, "logs-insights", RECORD_NONE, false, false, false},
        IGNORE("messageType", SCAN_STRING, "CONTROL_MESSAGE", "control-message"),
        IGNORE("Event", SCAN_STRING, "s3:TestEvent", "s3-notification"),
        IGNORE("digestStartTime", SCAN_BAD, NULL, "digest"),
        IGNORE("digestEndTime", SCAN_BAD, NULL, "digest"),
        IGNORE("digestS3Bucket", SCAN_BAD, NULL, "digest"),
        IGNORE("previousDigestSignature", SCAN_BAD, NULL, "digest"),
        IGNORE("TopicArn", SCAN_STRING, NULL, "sns-notification"),
        IGNORE("s3ObjectKey", SCAN_ARRAY, NULL, "sns-notification"),
        IGNORE("hashSignature", SCAN_STRING, NULL, "lake-signature"),
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

bool container_is_reduced(struct span column)
{
	return span_eq_ci(column, SPAN_LIT(REDUCED_COLUMN));
}

/* Engines spell the names of columns as they like, CloudTrail never does. */
static bool is_key(const struct container_row *row, struct span key)
{
	return row->form == RECORD_REDUCED ? container_is_reduced(key) : span_is(key, row->key);
}

const struct container_row *container_row(struct span key, enum scan_kind kind, struct span value)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct container_row *row = &rows[i];
		if (!is_key(row, key) || (row->kind != SCAN_BAD && row->kind != kind))
			continue;
		if (!row->value ||
		    (value.n >= 2 && span_is(span_sub(value, 1, value.n - 2), row->value)))
			return row;
	}
	return NULL;
}

/* HTTP Archive (HAR) format 1.2: {"log": {"version", "creator", "browser", "pages", "entries"}}. */
const struct container_row *container_har_row(struct span key, enum scan_kind kind)
{
	static const struct container_row har_rows[] = {
	        ENTER("entries", SCAN_ARRAY, "har"),
	        {"startedDateTime", SCAN_STRING, NULL, ACT_RECORD, "har", RECORD_HAR, false, false,
	         false},
	};
	for (size_t i = 0; i < sizeof har_rows / sizeof har_rows[0]; i++)
		if (span_is(key, har_rows[i].key) && kind == har_rows[i].kind)
			return &har_rows[i];
	return NULL;
}

bool container_har_begins(struct span text, size_t *at)
{
	static const char *const first[] = {"version", "creator", "browser", "pages", "entries"};
	struct scan j;
	struct span key;
	scan_init(&j, text);
	if (!scan_enter(&j, SCAN_OBJECT) || !scan_next_key(&j, &key) || !span_is(key, "log") ||
	    scan_peek(&j) != SCAN_OBJECT)
		return false;
	*at = (size_t)(j.at - text.p);
	if (!scan_enter(&j, SCAN_OBJECT) || !scan_next_key(&j, &key))
		return false;
	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
		if (span_is(key, first[i]))
			return true;
	return false;
}

bool container_key(struct span key)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].whole && span_is(key, rows[i].key))
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

static size_t skip_blanks(struct span line, size_t n)
{
	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t' || line.p[n] == '\r'))
		n++;
	return n;
}

/* The name of a log stream as CloudTrail ("111122223333_CloudTrail_eu-west-1") or EventBridge (a
 * UUID) makes it, which "aws logs tail" writes behind the stamp. Any other word there may be a
 * line's level, and what follows the text of somebody else. */
static bool is_stream_name(struct span word)
{
	static const char uuid[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	if (span_find(word, SPAN_LIT("_CloudTrail_")) >= 0)
		return true;
	if (word.n != sizeof uuid - 1)
		return false;
	for (size_t i = 0; i < word.n; i++) {
		char c = ascii_lower(word.p[i]);
		bool hex = ascii_digit(c) || (c >= 'a' && c <= 'f');
		if (uuid[i] == 'x' ? !hex : c != '-')
			return false;
	}
	return true;
}

/* Where the message begins in a line whose stamp has n bytes. */
static size_t message_start(struct span line, size_t n)
{
	size_t at = skip_blanks(line, n), end = at;
	while (end < line.n && line.p[end] != ' ' && line.p[end] != '\t' && line.p[end] != '\r')
		end++;
	return is_stream_name(span_sub(line, at, end - at)) ? skip_blanks(line, end) : at;
}

enum line_kind container_line(struct span line, size_t *at, const char **name)
{
	size_t n = iso_stamp(line);
	if (!n)
		n = epoch_stamp(line);
	if (n) {
		*at = message_start(line, n);
		*name = "cloudwatch-export";
		return LINE_MESSAGE;
	}
	/* What CreateExportTask leaves at the prefix of its destination. */
	if (span_is(span_trim(line), "Permission Check Successful")) {
		*name = "write-test";
		return LINE_IGNORE;
	}
	return LINE_UNKNOWN;
}

bool container_own_database(struct span text)
{
	/* Database file format (SQLite): the application's id at byte 68; "IAMR" is this one's. */
	return span_starts(text, span_make("SQLite format 3\0", 16)) && text.n > 72 &&
	       span_starts(span_from(text, 68), SPAN_LIT("IAMR"));
}
