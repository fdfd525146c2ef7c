/* test_wrappers.c - records out of what exports and shippers wrap around them, in the shapes that
 * their makers publish, each beside what somebody may have got into a log of the same shape: a text
 * or an object that only quotes a record must not become one. */
#include "reading.h"

#include "records/hive.h"

#define QUOTED "{\\\"user\\\":\\\"x\\\",\\\"sent\\\":" MSG("bad") "}"
#define EVENT(id) \
	"{\"version\":\"0\",\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":" REC(id) "}"
#define EVENT_MSG(id)                                                                         \
	"{\\\"version\\\":\\\"0\\\",\\\"detail-type\\\":\\\"AWS API Call via CloudTrail\\\"," \
	"\\\"detail\\\":" MSG(id) "}"

static void aws_exports(void **state)
{
	static const struct reading_case cases[] = {
	        /* lookup-events --query 'Events[].CloudTrailEvent', as JSON, as text, through jq */
	        {"[\n    \"" MSG("a") "\",\n    \"" MSG("b") "\"\n]\n", "R:a R:b"},
	        {REC("a") "\t" REC("b") "\n", "R:a R:b"},
	        {"\"" MSG("a") "\"\n\"" MSG("b") "\"\n", "R:a R:b"},
	        {"[\"he sent " MSG("bad") "\", \"" QUOTED "\"]",
	         "x:not-cloudtrail x:not-cloudtrail"},
	        /* get-query-results */
	        {"{\"QueryStatus\":\"FINISHED\",\"QueryResultRows\":[[{\"eventJson\":\"" MSG(
	                 "a") "\"}],[{\"eventJson\":\"" MSG("b") "\"}]]}",
	         "R:a R:b"},
	        {"{\"QueryResultRows\":[[{\"note\":\"" MSG("bad") "\"}],[{\"eventJson\":\"" QUOTED
	                                                          "\"}]]}",
	         "x:not-cloudtrail x:not-cloudtrail"},
	        {"{\"QueryResultRows\":[[{\"eventID\":\"a\"},{\"eventName\":\"n\"},{"
	         "\"eventSource\":\"s\"},{"
	         "\"eventTime\":\"2026-09-01 "
	         "08:00:01.000\"}],[{\"count\":\"3\"}],[{\"eventName\":\"n\"},{"
	         "\"eventSource\":\"s\"},{\"userIdentity\":\"{arn=a, arn=b}\"}]]}",
	         "R:a x:not-cloudtrail x:bad-row"},
	        /* Logs Insights: the console's JSON, and get-query-results */
	        {"[{\"@timestamp\":\"2026-09-01 08:00:00.000\",\"@message\":\"" MSG("a") "\"}]",
	         "R:a"},
	        {"{\"results\":[[{\"field\":\"@message\",\"value\":\"" MSG("a") "\"}]]}", "R:a"},
	        {"[{\"@timestamp\":\"t\",\"@message\":\"POST " MSG(
	                 "bad") "\"},{\"@message\":\"" QUOTED
	                        "\"},{\"@message\":\"{\\\"message\\\":\\\"x\\\"}\"}]",
	         "i:log-line i:log-line i:log-line"},
	        {"{\"results\":[[{\"field\":\"user\",\"value\":\"" MSG("bad") "\"}]]}",
	         "i:empty-records"},
	        /* filter-log-events */
	        {"{\"events\":[{\"logStreamName\":\"s\",\"timestamp\":1,\"message\":\"" MSG(
	                 "a") "\",\"eventId\":\"1\"}]}",
	         "R:a"},
	        {"{\"events\":[{\"timestamp\":1,\"message\":\"[ERROR] " MSG(
	                 "bad") "\"},{\"message\":\"[" MSG("bad") "]\"},{\"message\":\"{"
	                                                          "\\\"message\\\":\\\"{}\\\","
	                                                          "\\\"event\\\":" MSG("bad") "}\"}"
	                                                                                      "]}",
	         "i:log-line i:log-line i:log-line"},
	        /* a Lambda function that logs what it was called with */
	        {"{\"events\":[{\"message\":\"{\\\"Records\\\":[{\\\"body\\\":\\\"x\\\","
	         "\\\"receiptHandle\\\":\\\"h\\\",\\\"eventSource\\\":\\\"aws:sqs\\\"}]}\"}]}",
	         "i:notification"},
	        {"{\"events\":[{\"message\":\"" EVENT_MSG("a") "\"}]}", "R:a"},
	};
	check_cases(cases, sizeof cases / sizeof cases[0]);
}

static void aws_logs_tail(void **state)
{
	static const struct reading_case cases[] = {
	        /* short, detailed, json */
	        {"2026-09-01T08:00:01 " REC("a") "\n2026-09-01T08:00:02 " REC("b") "\n", "R:a R:b"},
	        {"2026-09-01T08:00:01.123000+00:00 111122223333_CloudTrail_eu-west-1 " REC(
	                 "a") "\n",
	         "R:a"},
	        {"2026-09-01T08:00:01.123000+00:00 0f5d0b5c-1111-4222-8333-444455556666 " EVENT(
	                 "a") "\n",
	         "R:a"},
	        {"2026-09-01T08:00:01.123000+00:00 111122223333_CloudTrail_eu-west-1_2 \n" REC(
	                 "a") "\n2026-09-01T08:00:02.000000+00:00 "
	                      "111122223333_CloudTrail_eu-west-1_2 "
	                      "\n{\n    \"eventVersion\": \"1.08\",\n    \"eventTime\": "
	                      "\"2026-01-02T03:04:05Z\",\n    \"eventSource\": \"s\",\n    "
	                      "\"eventName\": \"n\",\n    \"eventID\": \"b\"\n}\n",
	         "R:a R:b"},
	        {"2026-09-01T08:00:01.123Z ERROR " REC("bad") "\n2026-09-01T08:00:01 got:\n" REC(
	                 "bad") "\n2026-09-01T08:00:01 {pid 1} " REC("bad") "\n"
	                                                                    "2026-09-01T08:00:02 "
	                                                                    "{\"sent\":" REC(
	                                                                            "bad") "}\n",
	         "i:log-line i:log-line i:log-line i:log-line i:log-line"},
	};
	check_cases(cases, sizeof cases / sizeof cases[0]);
}

static void queues(void **state)
{
	static const struct reading_case cases[] = {
	        /* a Lambda event of a queue, of a queue behind a topic, of a topic */
	        {"{\"Records\":[{\"messageId\":\"m\",\"receiptHandle\":\"h\",\"body\":\"" EVENT_MSG(
	                 "a") "\",\"attributes\":{},\"eventSource\":\"aws:sqs\",\"awsRegion\":"
	                      "\"r\"}]}",
	         "R:a"},
	        {"{\"Records\":[{\"awsRegion\":\"r\",\"body\":\"" EVENT_MSG(
	                 "a") "\",\"eventSource\":\"aws:sqs\",\"receiptHandle\":\"h\"}]}",
	         "R:a"},
	        {"{\"Records\":[{\"EventSource\":\"aws:sns\",\"Sns\":{\"Type\":\"Notification\","
	         "\"Message\":\"" EVENT_MSG("a") "\"}}]}",
	         "R:a"},
	        {"{\"Type\":\"Notification\",\"TopicArn\":\"arn:x\",\"Message\":\"" EVENT_MSG(
	                 "a") "\"}",
	         "R:a"},
	        /* receive-message */
	        {"{\"Messages\":[{\"MessageId\":\"m\",\"ReceiptHandle\":\"h\",\"MD5OfBody\":\"x\","
	         "\"Body\":\"" EVENT_MSG("a") "\"}]}",
	         "R:a"},
	        {"{\"Messages\":[{\"ReceiptHandle\":\"h\",\"Body\":\"hello\"},{\"ReceiptHandle\":"
	         "\"h\","
	         "\"Body\":\"" QUOTED
	         "\"},{\"ReceiptHandle\":\"h\",\"Body\":\"see " MSG("bad") "\"}]}",
	         "i:notification i:notification i:notification"},
	        {"{\"version\":\"0\",\"detail-type\":\"Object Created\",\"detail\":{\"x\":" REC(
	                 "bad") "}}",
	         "i:notification"},
	        /* a call that sent such a message: the record's own fields */
	        {"{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T03:04:05Z\","
	         "\"eventSource\":\"s\","
	         "\"eventName\":\"SendMessage\",\"eventID\":\"a\",\"requestParameters\":{\"body\":"
	         "\"" MSG("bad") "\",\"receiptHandle\":\"h\",\"detail\":" REC("bad") "}}",
	         "R:a"},
	};
	check_cases(cases, sizeof cases / sizeof cases[0]);
}

static void other_tools(void **state)
{
	static const struct reading_case cases[] = {
	        /* Splunk: search/jobs/export, JSON of a search, HTTP event collector */
	        {"{\"preview\":false,\"offset\":0,\"result\":{\"_raw\":\"" MSG(
	                 "a") "\",\"sourcetype\":\"aws:cloudtrail\"}}",
	         "R:a"},
	        {"{\"results\":[{\"_raw\":\"" MSG("a") "\"}]}", "R:a"},
	        {"{\"time\":1,\"sourcetype\":\"aws:cloudtrail\",\"event\":" REC("a") "}", "R:a"},
	        {"{\"result\":{\"_raw\":\"user=x " MSG("bad") "\"}}", "i:log-line"},
	        {"{\"result\":{\"fields\":{\"x\":" REC("bad") "}}}", "x:not-cloudtrail"},
	        /* Elastic, OpenSearch */
	        {"{\"took\":1,\"hits\":{\"total\":{\"value\":1},\"hits\":[{\"_id\":\"0\",\"_"
	         "source\":{"
	         "\"@timestamp\":\"t\",\"aws\":{\"cloudtrail\":{\"user_identity\":{}}},"
	         "\"event\":{\"original\":\"" MSG("a") "\"}}}]}}",
	         "R:a"},
	        {"{\"_source\":{\"event.original\":\"" MSG("a") "\"}}", "R:a"},
	        {"{\"@timestamp\":\"t\",\"aws\":{\"cloudtrail\":" REC("a") "}}", "R:a"},
	        {"{\"_index\":\"i\",\"_source\":" REC("a") "}", "R:a"},
	        {"{\"_source\":{\"event\":{\"original\":\"GET /?q=" MSG("bad") "\"}}}",
	         "i:log-line"},
	        {"{\"_source\":{\"aws\":{\"cloudtrail\":{\"x\":" REC("bad") "}}}}",
	         "x:not-cloudtrail"},
	        /* Logstash */
	        {"{\"@timestamp\":\"2026-09-01T08:00:01.000Z\",\"@version\":\"1\",\"eventVersion\":"
	         "\"1."
	         "08\",\"eventSource\":\"s\",\"eventName\":\"n\",\"eventID\":\"a\"}",
	         "R:a"},
	        {"{\"@timestamp\":\"2026-09-01T08:00:01.000Z\",\"level\":\"INFO\",\"message\":"
	         "\"" MSG("bad") "\"}",
	         "x:not-cloudtrail"},
	        /* Fluent Bit, Vector */
	        {"{\"date\":1.5,\"log\":\"" MSG("a") "\\n\"}", "R:a"},
	        {"{\"date\":1.5,\"log\":" REC("a") "}", "R:a"},
	        {"{\"bucket\":\"b\",\"source_type\":\"aws_s3\",\"message\":\"{\\\"Records\\\":"
	         "[" MSG("a") "]}\"}",
	         "R:a"},
	        {"{\"date\":1.5,\"log\":\"200 OK " MSG("bad") "\"}", "i:log-line"},
	        {"{\"log\":\"" QUOTED "\",\"stream\":\"stdout\"}", "i:log-line"},
	        {"{\"level\":\"error\",\"log\":\"" MSG("bad") "\"}", "x:not-cloudtrail"},
	        /* Datadog: archive, API */
	        {"{\"_id\":\"x\",\"date\":\"t\",\"service\":\"cloudtrail\",\"attributes\":" REC(
	                 "a") ",\"message\":\"x\"}",
	         "R:a"},
	        {"{\"data\":[{\"id\":\"x\",\"type\":\"log\",\"attributes\":{\"service\":"
	         "\"cloudtrail\","
	         "\"attributes\":" REC("a") "}}]}",
	         "R:a"},
	        {"{\"_id\":\"x\",\"service\":\"web\",\"attributes\":{\"body\":" REC("bad") "}}",
	         "x:not-cloudtrail"},
	        /* Panther */
	        {"{\"p_log_type\":\"AWS.CloudTrail\",\"p_any_ip_addresses\":[\"192.0.2.1\"],"
	         "\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventSource\":"
	         "\"s\","
	         "\"eventName\":\"n\",\"eventID\":\"a\"}",
	         "R:a"},
	        /* an ordinary line of an application that logs as JSON */
	        {"{\"ts\":1,\"msg\":\"bad request\",\"body\":" REC(
	                 "bad") "}\n{\"ts\":2,\"payload\":\"" MSG("bad") "\"}\n",
	         "x:not-cloudtrail x:not-cloudtrail"},
	};
	check_cases(cases, sizeof cases / sizeof cases[0]);
}

static void other_clouds(void **state)
{
	static const struct reading_case cases[] = {
	        {"{\"eventId\":\"x\",\"eventVersion\":\"1\",\"acsRegion\":\"cn-hangzhou\","
	         "\"eventSource\":"
	         "\"ecs.aliyuncs.com\",\"eventName\":\"StartInstance\",\"eventTime\":"
	         "\"2026-01-02T03:04:05Z\",\"userIdentity\":{\"type\":\"ram-user\"}}",
	         "x:other-cloud"},
	        {"{\"eventVersion\":\"1\",\"eventSource\":\"oss-cn-beijing.aliyuncs.com\","
	         "\"eventName\":"
	         "\"PutObject\",\"eventTime\":\"2026-01-02T03:04:05Z\"}",
	         "x:other-cloud"},
	        {"{\"eventVersion\":\"1.08\",\"eventSource\":\"s3.amazonaws.com.cn\",\"eventName\":"
	         "\"PutObject\",\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventID\":\"a\"}",
	         "R:a"},
	};
	check_cases(cases, sizeof cases / sizeof cases[0]);
}

#define OCSF(class, rest)                                                                          \
	"{\"metadata\":{\"product\":{\"name\":\"CloudTrail\",\"version\":\"1.08\"},\"uid\":\"a\"}" \
	","                                                                                        \
	"\"time\":1788249600000,\"cloud\":{\"region\":\"r\",\"provider\":\"AWS\"},\"class_"        \
	"uid\":" class ",\"api\":{\"operation\":\"n\",\"service\":{\"name\":\"s\"}" rest "}"

static void security_lake(void **state)
{
	static const struct reading_case cases[] = {
	        {OCSF("6003", ",\"request\":{\"data\":\"{\\\"a\\\":1}\"}}"), "R:a"},
	        {"{\"data\":[" OCSF("3001", "}") "]}", "R:a"},
	        {OCSF("6003", ",\"request\":{\"data\":\"{\\\"a\\\":\"}}"), "x:bad-row"},
	        {OCSF("4001", "}"), "x:not-cloudtrail"},
	        {"{\"class_uid\":6003,\"cloud\":{\"provider\":\"Azure\"},\"api\":{\"operation\":"
	         "\"n\"}}",
	         "x:other-cloud"},
	        {"{\"class_uid\":6003,\"api\":{\"operation\":\"n\",\"service\":{\"name\":{}}}}",
	         "x:no-name"},
	        {"{\"class_uid\":6003,\"api\":{\"operation\":\"n\",\"service\":{\"name\":\"s\"}}}",
	         "x:no-time"},
	        {"{\"events\":[{\"message\":\"{\\\"class_uid\\\":6003,\\\"api\\\":{}}\"}]}",
	         "i:log-line"},
	};
	check_cases(cases, sizeof cases / sizeof cases[0]);
}

/* Behind damage nothing is looked for inside a record's own fields. */
static void damage_opens_nothing(void **state)
{
	static const struct reading_case cases[] = {
	        {"{\"eventVersion\":tru,\"requestParameters\":{\"x\": " REC("bad") "}}\n" REC(
	                 "a") "\n",
	         "x:bad-json R:a"},
	        {"{\"eventVersion\":\"1\",\"requestParameters\":{\"a\":1\n" REC("a") "\n" REC(
	                 "b") "\n",
	         "x:bad-json R:a R:b"},
	        {"{\"x\":[\n" REC("a") ",\n" REC("b") "\n", "x:truncated R:a R:b"},
	        {"{\"events\":[{\"message\":\"{\\\"eventVersion\\\":tru,\\\"x\\\":[" MSG(
	                 "bad") "]}\"}]}",
	         "x:bad-json"},
	};
	check_cases(cases, sizeof cases / sizeof cases[0]);
}

/* A record as a cell of CSV. */
#define CELL(id)                                                                               \
	"\"{\"\"eventVersion\"\":\"\"1.08\"\",\"\"eventTime\"\":\"\"2026-01-02T03:04:05Z\"\"," \
	"\"\"eventSource\"\":\"\"s\"\",\"\"eventName\"\":\"\"n\"\",\"\"eventID\"\":\"\"" id    \
	"\"\"}\""

static void columns_with_records(void **state)
{
	static const struct reading_case cases[] = {
	        {"eventJson\n" CELL("a") "\n" CELL("b") "\n", "R:a R:b"},
	        {"\xef\xbb\xbf\"@timestamp\",\"@message\"\r\nt," CELL("a") "\r\nt," CELL("b"),
	         "R:a R:b"},
	        {"_time\t_raw\tx\nt\t" CELL("a") "\t1\n", "R:a"},
	        {"_time;_raw\nt;" CELL("a") "\n", "R:a"},
	        {"n,@message\n1,\"two\nlines, \"\"quoted\"\"\"\n2," CELL("a") "\n",
	         "i:log-line R:a"},
	        {"@timestamp,@message\nt,\"he sent " MSG("bad") "\"\n", "x:bad-row"},
	        {"@timestamp,@message\nt,\"{\"\"message\"\":\"\"{}\"\"}\"\nt," CELL("a") "\n",
	         "i:log-line R:a"},
	        {"@timestamp,user\nt," CELL("bad") "\n", "x:unknown-format"},
	        {"eventJson,n\n\"no record\",1\n" CELL("a") ",2\n\"open," CELL("bad") "\n" CELL(
	                 "b") ",3\n",
	         "x:unknown-format R:a x:bad-row R:b"},
	        {"eventJson\n" CELL("a") "\n\"open\n", "R:a x:bad-row"},
	};
	check_cases(cases, sizeof cases / sizeof cases[0]);
}

#define ATHENA                                                                                 \
	"eventversion,useridentity,eventtime,eventsource,eventname,requestparameters,eventid," \
	"resources\n"
#define ATHENA_ROW(identity, parameters, id, resources)                                        \
	"1.08," identity ",2026-01-02T03:04:05Z,s3.amazonaws.com,GetObject," parameters "," id \
	"," resources "\n"

static void columns_of_a_record(void **state)
{
	static const struct reading_case cases[] = {
	        {"User name,AWS access key,Event time,Event source,Event name,AWS region,Event ID\n"
	         "build,ASIAIOSFODNN7EXAMPLE,2026-09-01T08:00:01Z,s3.amazonaws.com,GetObject,r,"
	         "a\n\n"
	         "build,,2026-09-01T08:00:01Z,s3.amazonaws.com,GetObject,r\n",
	         "R:a x:bad-row"},
	        {ATHENA ATHENA_ROW("\"{type=Root, principalid=1, arn=arn:aws:iam::1:root}\"",
	                           "\"{\"\"a\"\":1}\"", "a",
	                           "\"[{arn=arn:aws:s3:::b, accountid=1, type=T}]\""),
	         "R:a"},
	        {ATHENA ATHENA_ROW(
	                 "\"{type=IAMUser, arn=null, username=x, arn=arn:aws:iam::1:root}\"", "",
	                 "bad", ""),
	         "x:bad-row"},
	        {ATHENA ATHENA_ROW("\"{type=IAMUser, username=x, arn=arn:aws:iam::1:root}\"", "",
	                           "bad", ""),
	         "x:bad-row"},
	        {ATHENA ATHENA_ROW("\"{type=IAMUser, username=x}}\"", "", "bad", ""), "x:bad-row"},
	        {ATHENA ATHENA_ROW("\"{type=Root}\"", "\"{\"\"bucketName\"\":\"\"b\"", "bad", ""),
	         "x:bad-row"},
	        /* Sentinel, as CSV and as JSON */
	        {"\"TimeGenerated [UTC]\",AwsEventId,EventName,EventSource,UserIdentityArn\n"
	         "2026-09-01T08:00:01Z,a,GetObject,s3.amazonaws.com,arn:aws:iam::1:root\n",
	         "R:a"},
	        {"[{\"TimeGenerated\":\"2026-09-01T08:00:01Z\",\"AwsEventId\":\"a\",\"EventName\":"
	         "\"n\","
	         "\"EventSource\":\"s\",\"RequestParameters\":\"{\\\"a\\\":1}\"}]",
	         "R:a"},
	        /* LookupEvents without CloudTrailEvent */
	        {"{\"Events\":[{\"EventId\":\"a\",\"EventName\":\"n\",\"EventSource\":\"s\","
	         "\"EventTime\":\"2026-09-01T08:00:01Z\",\"Resources\":[{\"ResourceName\":\"x\"}]}]"
	         "}",
	         "R:a"},
	        /* Athena's UNLOAD as JSON */
	        {"{\"eventversion\":\"1.08\",\"useridentity\":{\"type\":\"Root\",\"principalid\":"
	         "\"1\"},"
	         "\"eventtime\":\"2026-09-01T08:00:01Z\",\"eventsource\":\"s\",\"eventname\":\"n\","
	         "\"requestparameters\":\"{}\",\"eventid\":\"a\"}",
	         "R:a"},
	        {"{\"level\":\"x\",\"event\":{\"EventName\":\"n\",\"EventSource\":\"s\"}}",
	         "x:not-cloudtrail"},
	};
	check_cases(cases, sizeof cases / sizeof cases[0]);
}

/* ---- the form that quotes nothing */

static void parts_are_told_apart_or_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	        {"{type=AssumedRole, principalid=AROA:a=b,c, arn=arn:x, accountid=1, "
	         "accesskeyid=null, sessioncontext={sessionissuer={type=Role, arn=arn:y}, "
	         "attributes={mfaauthenticated=false}}}",
	         "{\"type\":\"AssumedRole\",\"principalId\":\"AROA:a=b,c\",\"arn\":\"arn:x\","
	         "\"accountId\":\"1\",\"accessKeyId\":null,\"sessionContext\":{\"sessionIssuer\":{"
	         "\"type\":\"Role\",\"arn\":\"arn:y\"},\"attributes\":{\"mfaAuthenticated\":"
	         "\"false\"}}"
	         "}"},
	        {"{type=x, arn=a, arn=b}", NULL},
	        {"{username=x, arn=b}", NULL},
	        {"{type=x}, arn=b}", NULL},
	        {"{type={x}}", NULL},
	        {"{type=x", NULL},
	        {"{nobody=x}", NULL},
	        {"{sessioncontext=x}", NULL},
	        {"{}", "{}"},
	        {"", NULL},
	};
	struct buf out;
	buf_init(&out, 10000);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		bool fine = hive_object(span_of(cases[i].text), shape_identity, &out);
		assert_int_equal(fine, cases[i].want != NULL);
		assert_string_equal(buf_str(&out), fine ? cases[i].want : "");
		buf_reset(&out);
	}
	assert_true(hive_list_of_one(SPAN_LIT("[{arn=arn:a, accountid=1, type=T}]"), shape_resource,
	                             &out));
	assert_string_equal(buf_str(&out),
	                    "[{\"ARN\":\"arn:a\",\"accountId\":\"1\",\"type\":\"T\"}]");
	assert_false(hive_list_of_one(
	        SPAN_LIT("[{arn=k, accountid=1, type=T}, {arn=secret, accountid=1, type=T}]"),
	        shape_resource, &out));
	assert_false(hive_list_of_one(SPAN_LIT("[{arn=k, accountid=1, accountid=2, type=T}]"),
	                              shape_resource, &out));
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(aws_exports),
	        cmocka_unit_test(aws_logs_tail),
	        cmocka_unit_test(queues),
	        cmocka_unit_test(other_tools),
	        cmocka_unit_test(columns_with_records),
	        cmocka_unit_test(columns_of_a_record),
	        cmocka_unit_test(parts_are_told_apart_or_refused),
	        cmocka_unit_test(other_clouds),
	        cmocka_unit_test(security_lake),
	        cmocka_unit_test(damage_opens_nothing),
	};
	return cmocka_run_group_tests_name("wrappers", tests, NULL, NULL);
}
