/* test_reader.c - records out of files, and out of broken ones. */
#include "reading.h"

#include "records/reader.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

static void containers_are_known(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	        {"{\"Records\":[" REC("a") "," REC("b") "]}", "R:a R:b"},
	        {"{\n  \"Records\": [\n    " REC("a") ",\n    " REC("b") "\n  ]\n}\n", "R:a R:b"},
	        {"{\"x\":1,\"Records\":[" REC("a") "],\"y\":{\"z\":[1]}}", "R:a"},
	        {"\xef\xbb\xbf{\"Records\":[" REC("a") "]}", "R:a"},
	        {"[" REC("a") "," REC("b") "]", "R:a R:b"},
	        {"[[" REC("a") "],[" REC("b") "]]", "R:a R:b"},
	        {REC("a"), "R:a"},
	        {REC("a") "\r\n" REC("b") "\r\n", "R:a R:b"},
	        {REC("a") REC("b"), "R:a R:b"},
	        {"{\"Records\":[" REC("a") "]}{\"Records\":[" REC("b") "]}", "R:a R:b"},
	        {"{\"Records\":[{\"Records\":[" REC("a") "]}]}", "R:a"},
	        {"{\"Records\":[{\"record\":" REC("a") ",\"n\":1},{\"record\":" REC("b") "}]}",
	         "R:a R:b"},
	        {"{\"answer\":{\"Records\":[" REC("a") "]},\"more\":true}" REC("b"),
	         "x:not-cloudtrail R:b"},
	        {"{\"requestParameters\":{\"Records\":[{\"eventVersion\":1}]},\"eventID\":\"a\","
	         "\"eventName\":\"n\","
	         "\"eventSource\":\"s\",\"eventTime\":\"2026-01-02T03:04:05Z\"}",
	         "R:a"},
	        {"{\"Records\":[]}", "i:empty-records"},
	        {"{\"Records\": [ ] }\n", "i:empty-records"},
	        {"[]", "i:empty-records"},
	        {"", "i:empty-file"},
	        {" \n", "i:empty-file"},
	        {"{\"awsAccountId\":\"1\",\"digestStartTime\":\"x\",\"logFiles\":[{\"s3Bucket\":"
	         "\"b\"}]}",
	         "i:digest"},
	        {"{\"Records\":[{\"eventVersion\":\"1.07\",\"eventType\":\"AwsCloudTrailInsight\","
	         "\"insightDetails\":{}}]}",
	         "i:insight"},
	        {"{\"Records\":[{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\",\"eventName\":"
	         "\"ObjectCreated:Put\","
	         "\"eventTime\":\"2026-01-02T03:04:05Z\",\"s3\":{\"bucket\":{}}}]}",
	         "i:s3-notification"},
	        {"{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\",\"Bucket\":\"b\"}",
	         "i:s3-notification"},
	        {"Permission Check Successful", "i:write-test"},
	        {"2026-01-18T10:00:00.000Z " REC("a") "\n2026-01-18T09:00:00.000Z " REC("b") "\n",
	         "R:a R:b"},
	        {"1600361930988 " REC("a") "\n1600361930989 some text\nits second "
	                                   "line\n1600361930990 {\"level\":1}\n"
	                                   "1600361930990 {pid 1} up\n1600361930991 " REC("b"),
	         "R:a i:log-line i:log-line i:log-line i:log-line R:b"},
	        {"{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"1\",\"logEvents\":[{\"id\":\"1\","
	         "\"timestamp\":1,\"message\":\"" MSG("a") "\"},{\"id\":\"2\",\"timestamp\":1,"
	                                                   "\"message\":\"" MSG(
	                                                           "b") "\"}]}"
	                                                                "{\"messageType\":"
	                                                                "\"CONTROL_MESSAGE\","
	                                                                "\"logEvents\":[{\"id\":"
	                                                                "\"\",\"message\":\"CWL "
	                                                                "CONTROL MESSAGE: x\"}]}",
	         "R:a R:b i:control-message"},
	        {"{\"logEvents\":[{\"id\":\"\",\"message\":\"CWL CONTROL MESSAGE: "
	         "x\"}],\"messageType\":\"CONTROL_MESSAGE\"}",
	         "i:control-message"},
	        {"{\"events\":[{\"logStreamName\":\"x\",\"timestamp\":1,\"message\":\"" MSG(
	                 "a") "\",\"eventId\":\"7\"},{\"message\":\"START "
	                      "RequestId\"}],\"searchedLogStreams\":[]}",
	         "R:a i:log-line"},
	        {"{\"Events\":[{\"EventId\":\"a\",\"Resources\":[{\"ResourceName\":\"n\"}],"
	         "\"CloudTrailEvent\":\"" MSG("a") "\"}],\"NextToken\":\"t\"}",
	         "R:a"},
	        {"{\"results\":[[{\"field\":\"@timestamp\",\"value\":\"t\"},{\"field\":\"@"
	         "message\",\"value\":\"" MSG("a") "\"},{\"field\":\"@ptr\",\"value\":\"p\"}],[{"
	                                           "\"value\":\"" MSG(
	                                                   "b") "\",\"field\":\"@message\"}]],"
	                                                        "\"status\":\"Complete\"}",
	         "R:a R:b"},
	        {"{\"version\":\"0\",\"id\":\"e\",\"detail-type\":\"AWS API Call via "
	         "CloudTrail\",\"resources\":[],"
	         "\"detail\":" REC("a") "}\n{\"account\":\"1\",\"detail\":" REC(
	                 "b") ",\"region\":\"r\"}",
	         "R:a R:b"},
	        {"{\"Type\":\"Notification\",\"TopicArn\":\"arn:x\",\"Message\":\"{}\"}",
	         "i:sns-notification"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check(span_of(cases[i].text), cases[i].want);
}

static void broken_ones_give_what_is_sound(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	        {"{\"Records\":[" REC("a") "," REC("b"), "R:a R:b"},
	        {"{\"Records\":[" REC("a") "," REC("b") "}", "R:a R:b"},
	        {"{\"Records\":[" REC("a") ",{\"eventVersion\":\"1.0", "R:a x:truncated"},
	        {"{\"Records\":[", "x:truncated"},
	        {"{\"Reco", "x:truncated"},
	        {"{\"Records\":[" REC("a") ",{\"eventVersion\":tru,\"eventID\":\"b\"}," REC(
	                 "c") "]}",
	         "R:a x:bad-json R:c"},
	        {"{\"Records\":[" REC("a") ",{\"eventVersion\":\"1.0,\"eventID\":\"b\"}," REC(
	                 "c") "," REC("d") "]}",
	         "R:a x:bad-json R:c R:d"},
	        {"{\"Records\":[" REC("a") ",{\"eventVersion\":\"1.0\",\"eventID\":\"b}," REC(
	                 "c") "," REC("d") "]}",
	         "R:a x:bad-json R:c R:d"},
	        {"{\"Records\":[" REC("a") ",{\"eventVersion\":\"1.0\",\"eventID\":{\"b\"," REC(
	                 "c") "," REC("d") "]}",
	         "R:a x:bad-json R:c R:d"},
	        {"{\"Records\":[{bad}," REC("a") "]}", "x:bad-json R:a"},
	        {"{\"Records\":[17,\"x\",null," REC("a") "]}",
	         "x:not-cloudtrail x:not-cloudtrail x:not-cloudtrail R:a"},
	        {"{\"Records\":[" REC("a") " " REC("b") ",," REC("c") "]}", "R:a R:b R:c"},
	        {"{\"foo\":1}\n" REC("a") "\n{}", "x:not-cloudtrail R:a x:not-cloudtrail"},
	        {"hello\nworld\n" REC("a") "\nagain\n", "x:unknown-format R:a x:unknown-format"},
	        {REC("a") "\n{\"eventVersion\":\"1\n" REC("b") "\n", "R:a x:bad-json R:b"},
	        {"{\"Records\":[{\"eventVersion\":\"1\",\"eventSource\":\"s\",\"eventName\":\"n\"},"
	         "{\"eventVersion\":\"1\"},"
	         "{\"eventVersion\":\"1\",\"eventSource\":\"s\"},{\"eventSource\":\"s\","
	         "\"eventName\":\"n\","
	         "\"eventTime\":\"redacted\"}]}",
	         "x:no-time x:not-cloudtrail x:no-name x:bad-time"},
	        {"{\"Events\":[{\"CloudTrailEvent\":\"{\\\"eventVersion\\\":\"},{"
	         "\"CloudTrailEvent\":\"" MSG("b") "\"}]}",
	         "x:truncated R:b"},
	        {"{\"awslogs\":{\"data\":\"@@\"}}" REC("a"), "x:bad-envelope R:a"},
	        {"{\"Records\":[" REC("a") "],\"x\" 1}" REC("b"), "R:a x:bad-json R:b"},
	        {"{\"eventVersion\":\"\\ud800\",\"eventID\":\"a\"}" REC("b"), "x:not-cloudtrail R:b"},
	        {"{\"eventVersion\":\"\xff\",\"eventID\":\"a\"}" REC("b"), "x:bad-json R:b"},
	        {"{\"eventID\":\"a\",\"eventID\":\"b\",\"eventName\":\"n\",\"eventSource\":\"s\","
	         "\"eventTime\":\"1600361930\","
	         "\"requestParameters\":{\"n\":123456789012345678901234567890}}",
	         "R:b"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check(span_of(cases[i].text), cases[i].want);
}

static void depth_and_size_are_bounded(void **state)
{
	enum { DEEP = 10000 };
	struct buf b;
	buf_init(&b, (size_t)64 << 20);
	for (int i = 0; i < DEEP; i++)
		buf_add_char(&b, '[');
	for (int i = 0; i < DEEP; i++)
		buf_add_char(&b, ']');
	buf_add_str(&b, REC("a"));
	check(buf_span(&b), "x:too-deep R:a");
	buf_reset(&b);
	buf_add_str(&b, "{\"Records\":[{\"eventVersion\":\"1\",\"requestParameters\":");
	for (int i = 0; i < DEEP; i++)
		buf_add_str(&b, "{\"a\":");
	buf_add_char(&b, '1');
	for (int i = 0; i < DEEP; i++)
		buf_add_char(&b, '}');
	buf_add_str(&b, "}," REC("a") "]}");
	check(buf_span(&b), "x:too-deep R:a");
	buf_reset(&b);
	for (int i = 0; i < DEEP; i++)
		buf_add_str(&b, "{\"a\":");
	check(buf_span(&b), "x:too-deep");
	for (size_t size = (size_t)10 << 20; size <= (size_t)20 << 20; size *= 2) {
		buf_reset(&b);
		buf_add_str(&b, "{\"Records\":[{\"eventVersion\":\"1\",\"eventSource\":\"s\","
		                "\"eventName\":\"n\","
		                "\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventID\":\"big\","
		                "\"requestParameters\":{\"a\":\"");
		buf_reserve(&b, size);
		memset(b.p + b.n, 'x', size);
		b.n += size;
		buf_add_str(&b, "\"}}," REC("a") "]}");
		check(buf_span(&b), size < LIMIT_RECORD_BYTES ? "R:big R:a" : "x:too-large R:a");
	}
	buf_release(&b);
}

static void add_gzip(struct buf *out, struct span text);

/* A record of size bytes, followed by a small one, plain (which comes in chunks) and gzip (which is
 * there at once). */
static void check_large(size_t size, const char *tail, const char *want)
{
	struct buf b, gz;
	buf_init(&b, (size_t)64 << 20);
	buf_init(&gz, (size_t)64 << 20);
	buf_add_str(&b, "{\"Records\":[");
	size_t begin = b.n;
	buf_add_str(&b, "{\"eventVersion\":\"1\",\"eventSource\":\"s\",\"eventName\":\"n\","
	                "\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventID\":\"big\","
	                "\"requestParameters\":{\"a\":\"");
	size_t fill = size - (b.n - begin) - strlen("\"}}");
	assert_true(buf_reserve(&b, fill));
	memset(b.p + b.n, 'x', fill);
	b.n += fill;
	buf_add_str(&b, tail);
	check(buf_span(&b), want);
	add_gzip(&gz, buf_span(&b));
	check(buf_span(&gz), want);
	buf_release(&b);
	buf_release(&gz);
}

static void a_limit_is_one_limit(void **state)
{
	static const char tail[] = "\"}}," REC("a") "]}";
	check_large(LIMIT_RECORD_BYTES, tail, "R:big R:a");
	check_large(LIMIT_RECORD_BYTES + 1, tail, "x:too-large R:a");
	check_large(17200000, tail, "x:too-large R:a");
	check_large(20000000, tail, "x:too-large R:a");
	check_large(17200000, "\"}!," REC("a") "]}", "x:too-large R:a");
	check_large(17200000, "", "x:too-large");
	check_large(16000000, "", "x:truncated");
}

/* Beginnings of records without end, inside one another: each is looked at once, not all the text
 * behind it. */
static void broken_beginnings_cost_little(void **state)
{
	struct buf b;
	struct reader *r = reader_new();
	struct stream *s = stream_new(NULL);
	struct record rec;
	struct err err;
	size_t lost = 0;
	buf_init(&b, (size_t)64 << 20);
	while (b.n < (size_t)4 << 20)
		buf_add_str(&b, "{\"eventVersion\":x");
	stream_open_memory(s, buf_span(&b));
	reader_begin(r, s);
	while (reader_next(r, &rec, &err) == STATUS_SKIP)
		lost++;
	assert_true(lost > 200000);
	reader_free(r);
	stream_free(s);
	buf_release(&b);
}

/* ---- gzip */

static void add_gzip(struct buf *out, struct span text)
{
	z_stream z;
	memset(&z, 0, sizeof z);
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	size_t room = deflateBound(&z, (uLong)text.n) + 64;
	assert_true(buf_reserve(out, room));
	z.next_in = (Bytef *)(uintptr_t)text.p;
	z.avail_in = (unsigned)text.n;
	z.next_out = (Bytef *)out->p + out->n;
	z.avail_out = (unsigned)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->n += z.total_out;
	deflateEnd(&z);
}

/* A source that is known by its content is not decompressed: only looking at it does that. */
static void gzip_is_decompressed_when_it_is_looked_at(void **state)
{
	struct buf gz;
	buf_init(&gz, 1 << 20);
	add_gzip(&gz, SPAN_LIT("{\"Records\":[]}"));
	struct stream *s = stream_new(NULL);
	stream_open_memory(s, buf_span(&gz));
	assert_int_equal(stream_read(s), 0);
	assert_int_equal(stream_size(s), gz.n);
	assert_true(span_eq(stream_view(s), SPAN_LIT("{\"Records\":[]}")));
	assert_int_equal(stream_read(s), gz.n);
	stream_free(s);
	buf_release(&gz);
}

static void gzip_is_undone(void **state)
{
	struct buf gz, twice, more;
	buf_init(&gz, 64 << 20);
	buf_init(&twice, 64 << 20);
	buf_init(&more, 64 << 20);
	add_gzip(&gz, SPAN_LIT("{\"Records\":[" REC("a") "," REC("b") "]}"));
	size_t one = gz.n;
	check(buf_span(&gz), "R:a R:b");
	add_gzip(&twice, buf_span(&gz));
	check(buf_span(&twice), "R:a R:b");
	add_gzip(&more, buf_span(&twice));
	check(buf_span(&more), "R:a R:b");
	buf_reset(&twice);
	add_gzip(&twice, buf_span(&more));
	check(buf_span(&twice), "x:unknown-format");
	add_gzip(&gz, SPAN_LIT("{\"Records\":[" REC("c") "]}"));
	size_t two = gz.n;
	check(buf_span(&gz), "R:a R:b R:c");
	buf_add_str(&gz, "trailing junk");
	check(buf_span(&gz), "R:a R:b R:c");
	gz.n = two;
	buf_add(&gz, "\0\0\0\0", 4);
	check(buf_span(&gz), "R:a R:b R:c");
	/* Cut in the second member, and in the trailer of the first. */
	check(span_make(gz.p, one + 20), "R:a R:b x:truncated");
	check(span_make(gz.p, one - 4), "R:a R:b x:truncated");
	check(span_make(gz.p, one + 1), "R:a R:b x:truncated");
	gz.p[one - 6] ^= 1;
	check(span_make(gz.p, one), "R:a R:b x:damaged");
	buf_release(&gz);
	buf_release(&twice);
	buf_release(&more);
}

static void truncation_keeps_what_came_before(void **state)
{
	struct buf text, gz;
	buf_init(&text, 64 << 20);
	buf_init(&gz, 64 << 20);
	buf_add_str(&text, "{\"Records\":[");
	uint64_t seed = 1;
	for (int i = 0; i < 2000; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1;
		buf_addf(&text,
		         "%s{\"eventVersion\":\"1\",\"eventID\":\"%016llx\",\"eventName\":\"n\","
		         "\"eventSource\":\"s\","
		         "\"eventTime\":\"2026-01-02T03:04:05Z\"}",
		         i ? "," : "", (unsigned long long)seed);
	}
	buf_add_str(&text, "]}");
	add_gzip(&gz, buf_span(&text));
	struct stream *s = stream_new(NULL);
	struct reader *r = reader_new();
	struct record rec;
	struct err err;
	size_t records = 0, lost = 0;
	stream_open_memory(s, span_make(gz.p, gz.n / 2));
	reader_begin(r, s);
	for (enum status status; (status = reader_next(r, &rec, &err)) != STATUS_END;)
		*(status == STATUS_OK ? &records : &lost) += 1;
	assert_true(records > 900 && records < 1100);
	assert_int_equal(lost, 1);
	reader_free(r);
	stream_free(s);
	buf_release(&text);
	buf_release(&gz);
}

/* 1 GB of blanks and a record out of about 1 MB: the view must not grow. */
static void expansion_is_streamed(void **state)
{
	enum { BLANKS = 16 << 20, TIMES = 12 };
	struct buf text, gz;
	buf_init(&text, 64 << 20);
	buf_init(&gz, 64 << 20);
	buf_add_str(&text, "{\"Records\":[");
	add_gzip(&gz, buf_span(&text));
	buf_reset(&text);
	buf_reserve(&text, BLANKS);
	memset(text.p, ' ', BLANKS);
	text.n = BLANKS;
	size_t before = gz.n;
	add_gzip(&gz, buf_span(&text));
	struct span blanks = span_make(xmemdup0(gz.p + before, gz.n - before), gz.n - before);
	for (int i = 1; i < TIMES; i++)
		buf_add_span(&gz, blanks);
	buf_reset(&text);
	buf_add_str(&text, REC("a") "]}");
	add_gzip(&gz, buf_span(&text));
	check(buf_span(&gz), "R:a");
	free((void *)(uintptr_t)blanks.p);
	buf_release(&text);
	buf_release(&gz);
}

static void lambda_envelope_is_unwrapped(void **state)
{
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf gz, text;
	buf_init(&gz, 1 << 20);
	buf_init(&text, 1 << 20);
	add_gzip(&gz,
	         SPAN_LIT("{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[{\"message\":\"" MSG(
	                 "a") "\"}]}"));
	buf_add_str(&text, "{\"awslogs\":{\"data\":\"");
	for (size_t i = 0; i < gz.n; i += 3) {
		unsigned v = 0;
		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (i + k < gz.n ? (unsigned char)gz.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_add_char(&text, i + k > gz.n ? '=' : digits[v >> (18 - 6 * k) & 63]);
	}
	buf_add_str(&text, "\"}}");
	check(buf_span(&text), "R:a");
	buf_release(&gz);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(containers_are_known),
	        cmocka_unit_test(broken_ones_give_what_is_sound),
	        cmocka_unit_test(depth_and_size_are_bounded),
	        cmocka_unit_test(a_limit_is_one_limit),
	        cmocka_unit_test(broken_beginnings_cost_little),
	        cmocka_unit_test(gzip_is_decompressed_when_it_is_looked_at),
	        cmocka_unit_test(gzip_is_undone),
	        cmocka_unit_test(truncation_keeps_what_came_before),
	        cmocka_unit_test(expansion_is_streamed),
	        cmocka_unit_test(lambda_envelope_is_unwrapped),
	};
	return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
