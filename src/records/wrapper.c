/* wrapper.c - records: see wrapper.h. Sources: LookupEvents and GetQueryResults (CloudTrail API),
 * Logs Insights' export and GetQueryResults, FilteredLogEvent and subscription filters (CloudWatch
 * Logs), "Events via CloudTrail" (EventBridge), "Using Lambda with" SQS, SNS, Kinesis and
 * CloudWatch Logs (Lambda), ReceiveMessage (SQS), "Data transformation" (Firehose);
 * search/jobs/export and the HTTP event collector (Splunk REST API), ECS event.original (Elastic),
 * the AWS CloudTrail catalogue (OpenSearch), log archives (Datadog), tail (Fluent Bit), aws_s3
 * (Vector). */
#include "config.h"

#include "records/wrapper.h"

#include "base/alloc.h"
#include "base/base64.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT(path, sign, name, other)                                             \
	{                                                                         \
		path, WRAPPED_TEXT, sign, name, other, false, false, false, false \
	}
#define LINE(path, form, sign, name)                                          \
	{                                                                     \
		path, form, sign, name, "log-line", false, false, true, false \
	}
#define OBJECT(path, sign, name)                                                   \
	{                                                                          \
		path, WRAPPED_OBJECT, sign, name, NULL, false, false, false, false \
	}
#define QUEUE(path, form, sign, name, other)                            \
	{                                                               \
		path, form, sign, name, other, true, true, false, false \
	}

/* Where an object has several, the first row counts: the whole record as text before anything else.
 */
static const struct wrapper rows[] = {
        TEXT("CloudTrailEvent", NULL, "lookup-events", NULL),
        TEXT("eventJson", NULL, "lake", NULL),
        TEXT("@message", NULL, "logs-insights", "log-line"),
        TEXT("value", "field=@message", "logs-insights", "log-line"),
        TEXT("result/_raw", NULL, "splunk", "log-line"),
        TEXT("_raw", NULL, "splunk", "log-line"),
        TEXT("_source/event/original", NULL, "elastic", "log-line"),
        TEXT("_source/event.original", NULL, "elastic", "log-line"),
        TEXT("event/original", NULL, "elastic", "log-line"),
        TEXT("event.original", NULL, "elastic", "log-line"),
        OBJECT("_source/aws/cloudtrail", NULL, "opensearch"),
        OBJECT("aws/cloudtrail", NULL, "opensearch"),
        OBJECT("_source", NULL, "elastic"),
        {"detail", WRAPPED_OBJECT, "detail-type", "eventbridge", "notification", false, false,
         false, true},
        OBJECT("detail", NULL, "eventbridge"),
        OBJECT("content/attributes", NULL, "datadog"),
        OBJECT("attributes/attributes", NULL, "datadog"),
        OBJECT("attributes", "service|source|tags|_id|message", "datadog"),
        QUEUE("body", WRAPPED_TEXT, "receiptHandle|eventSourceARN", "sqs", "notification"),
        QUEUE("Body", WRAPPED_TEXT, "ReceiptHandle|MD5OfBody", "sqs", "notification"),
        QUEUE("Sns/Message", WRAPPED_TEXT, NULL, "sns", "notification"),
        QUEUE("Message", WRAPPED_TEXT, "TopicArn", "sns", "sns-notification"),
        QUEUE("awslogs/data", WRAPPED_BASE64, NULL, "awslogs", NULL),
        QUEUE("kinesis/data", WRAPPED_BASE64, NULL, "kinesis", NULL),
        QUEUE("data", WRAPPED_BASE64, "recordId|approximateArrivalTimestamp", "firehose", NULL),
        QUEUE("Data", WRAPPED_BASE64, "PartitionKey|SequenceNumber", "kinesis", NULL),
        OBJECT("event", "sourcetype|index|host", "splunk"),
        TEXT("event", "sourcetype|index|host", "splunk", "log-line"),
        LINE("_source/message", WRAPPED_TEXT, NULL, "elastic"),
        LINE("message", WRAPPED_TEXT, NULL, "log-events"),
        LINE("message", WRAPPED_OBJECT, NULL, "log-events"),
        LINE("log", WRAPPED_TEXT, NULL, "fluent-bit"),
        LINE("log", WRAPPED_OBJECT, NULL, "fluent-bit"),
        LINE("record", WRAPPED_OBJECT, NULL, "records"),
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

/* The path's first member; *rest is what follows it, SPAN_NONE at its end. */
static struct span first_member(struct span path, struct span *rest)
{
	*rest = path;
	return span_cut(rest, '/');
}

bool wrapper_key(struct span key)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		struct span rest;
		if (span_eq(first_member(span_of(rows[i].path), &rest), key))
			return true;
	}
	return false;
}

/* What loggers of many languages call a line's severity: an application that logs as JSON writes
 * what its users sent it into "message" and its like. */
bool wrapper_log_key(struct span key)
{
	static const char *const keys[] = {"level",      "severity",   "loglevel", "log_level",
	                                   "levelname",  "lvl",        "logger",   "logger_name",
	                                   "loggerName", "log.level",  "priority", "thread",
	                                   "threadName", "stack_trace"};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (span_eq_ci(key, span_of(keys[i])))
			return true;
	return false;
}

/* The members of an envelope. No envelope of the table has as many; what comes behind them in an
 * object that does is not looked at, so that a hostile one costs no more. */
enum { LIMIT_MEMBERS = 256 };

struct members {
	size_t n;
	struct {
		struct span key, value;
	} list[LIMIT_MEMBERS];
};

static void take_members(struct span object, struct members *m)
{
	struct scan j;
	m->n = 0;
	scan_init(&j, object);
	if (!scan_enter(&j, SCAN_OBJECT))
		return;
	while (m->n < LIMIT_MEMBERS && scan_next_key(&j, &m->list[m->n].key))
		if (scan_take_raw(&j, &m->list[m->n].value))
			m->n++;
}

/* The last of equal keys counts, as everywhere. */
static struct span member(const struct members *m, struct span key)
{
	for (size_t i = m->n; i-- > 0;)
		if (span_eq(m->list[i].key, key))
			return m->list[i].value;
	return SPAN_NONE;
}

/* The value at the path below an object, or SPAN_NONE. */
static struct span value_below(struct span object, struct span path)
{
	struct span rest, want = first_member(path, &rest), key, raw, value = SPAN_NONE;
	struct scan j;
	scan_init(&j, object);
	if (!scan_enter(&j, SCAN_OBJECT))
		return SPAN_NONE;
	while (scan_next_key(&j, &key)) {
		bool here = span_eq(key, want);
		if (scan_take_raw(&j, &raw) && here)
			value = raw;
	}
	return value.p && rest.p ? value_below(value, rest) : value;
}

static struct span value_at(const struct members *m, struct span path)
{
	struct span rest, value = member(m, first_member(path, &rest));
	return value.p && rest.p ? value_below(value, rest) : value;
}

static bool has_sign(const struct members *m, const char *signs)
{
	struct span rest = span_of(signs), sign;
	if (!signs)
		return true;
	while ((sign = span_cut(&rest, '|')).p) {
		struct span want = sign, value = member(m, span_cut(&want, '='));
		if (value.p &&
		    (!want.p || (value.n >= 2 && span_eq(span_sub(value, 1, value.n - 2), want))))
			return true;
	}
	return false;
}

static bool is_log_line(const struct members *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (wrapper_log_key(m->list[i].key))
			return true;
	return false;
}

bool wrapper_find(struct span object, bool text, struct wrapped *out)
{
	struct members m;
	take_members(object, &m);
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct wrapper *row = &rows[i];
		if (text && !row->quoted)
			continue;
		struct span value = value_at(&m, span_of(row->path));
		if (!value.p || value.p[0] != (row->form == WRAPPED_OBJECT ? '{' : '"') ||
		    !has_sign(&m, row->sign) || (row->line && is_log_line(&m)))
			continue;
		*out = (struct wrapped){row, value};
		return true;
	}
	return false;
}

static bool unwrap_base64(struct span raw, struct buf *out)
{
	if (span_chr(raw, '\\') < 0)
		return base64_decode(raw, out);
	/* some writers of JSON escape the slash */
	char *text = xmalloc(raw.n);
	bool ok = base64_decode(span_make(text, scan_unescape(raw, text)), out);
	free(text);
	return ok;
}

bool wrapper_unwrap(const struct wrapped *w, struct buf *out)
{
	if (w->row->form == WRAPPED_OBJECT)
		return buf_add_span(out, w->value);
	struct span raw = span_sub(w->value, 1, w->value.n - 2);
	if (w->row->form == WRAPPED_BASE64)
		return unwrap_base64(raw, out);
	if (!buf_reserve(out, raw.n))
		return false;
	out->n += scan_unescape(raw, out->p + out->n);
	return true;
}

const char *wrapper_path(const struct wrapper *row, char *out, size_t size)
{
	snprintf(out, size, "%s", row->path);
	for (char *p = out; *p; p++)
		if (*p == '/')
			*p = '.';
	return out;
}
