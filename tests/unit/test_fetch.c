/* test_fetch.c - what requests to AWS are made of and what comes back: the configuration's files,
 * addresses, XML, errors, commands that print credentials, names in a trail. */
#include "unit.h"

#include "app/fetch-s3.h"
#include "base/when.h"
#include "fetch/credential-sources.h"
#include "fetch/run-command.h"
#include "fetch/spool.h"
#include "fetch/xml.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- the configuration */

static const char config[] = "\xef\xbb\xbf# all of it\n"
                             "[default]\nregion = eu-west-1\n"
                             "[profile  build ]\r\nregion=us-east-2\r\n"
                             "s3 =\n  addressing_style = path\n  max_concurrent_requests=20\n"
                             "output: json\n"
                             "[profile \"two words\"]\nrole_arn = arn:aws:iam::1:role/a=b\n"
                             "[build]\nregion = not-a-profile\n"
                             "[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:9000\n"
                             "[sso-session corp]\nsso_region = us-east-1\n"
                             "[profile later]\n  continued = no\nAWS_ACCESS_KEY_ID = AKIDCONFIG\n";
static const char keys[] = "[build]\naws_access_key_id = AKIDBUILD\nregion = us-west-1\n"
                           "[later]\naws_access_key_id=AKIDLATER\n"
                           "aws_access_key_id = AKIDLAST ; no comment\n";

static void profiles_are_read_as_botocore_does(void **state)
{
	struct profiles *p = profiles_new();
	profiles_add(p, PROFILES_CONFIG, span_of(config));
	profiles_add(p, PROFILES_CREDENTIALS, span_of(keys));
	static const struct {
		enum profiles_file file;
		const char *profile, *key, *want;
	} cases[] = {
	        {PROFILES_EITHER, "default", "region", "eu-west-1"},
	        {PROFILES_CONFIG, "build", "region", "us-east-2"},
	        {PROFILES_EITHER, "build", "region", "us-west-1"},
	        {PROFILES_EITHER, "build", "s3.addressing_style", "path"},
	        {PROFILES_EITHER, "build", "s3.max_concurrent_requests", "20"},
	        {PROFILES_EITHER, "build", "output", "json"},
	        {PROFILES_EITHER, "two words", "role_arn", "arn:aws:iam::1:role/a=b"},
	        {PROFILES_CONFIG, "services local", "s3.endpoint_url", "http://127.0.0.1:9000"},
	        {PROFILES_CONFIG, "sso-session corp", "sso_region", "us-east-1"},
	        {PROFILES_CREDENTIALS, "later", "aws_access_key_id", "AKIDLAST ; no comment"},
	        {PROFILES_CONFIG, "later", "aws_access_key_id", "AKIDCONFIG"},
	        {PROFILES_EITHER, "later", "continued", NULL},
	        {PROFILES_CREDENTIALS, "default", "region", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *got = profiles_get(p, cases[i].file, cases[i].profile, cases[i].key);
		assert_true(!got == !cases[i].want);
		if (got)
			assert_string_equal(got, cases[i].want);
	}
	assert_true(profiles_has(p, "build"));
	assert_false(profiles_has(p, "nobody"));
	profiles_free(p);
}

/* ---- addresses */

static void addresses_are_those_of_the_partition(void **state)
{
	static const struct {
		struct endpoint_options options;
		const char *service, *region, *bucket, *base, *prefix;
	} cases[] = {
	        {{NULL, false, false},
	         "s3",
	         "eu-west-1",
	         "logs",
	         "https://logs.s3.eu-west-1.amazonaws.com",
	         ""},
	        {{NULL, false, false},
	         "s3",
	         "eu-west-1",
	         "my.logs",
	         "https://s3.eu-west-1.amazonaws.com",
	         "/my.logs"},
	        {{NULL, false, false},
	         "s3",
	         "eu-west-1",
	         "Logs_1",
	         "https://s3.eu-west-1.amazonaws.com",
	         "/Logs_1"},
	        {{NULL, true, false},
	         "s3",
	         "us-east-1",
	         "logs",
	         "https://logs.s3.dualstack.us-east-1.amazonaws.com",
	         ""},
	        {{NULL, true, true},
	         "s3",
	         "us-gov-west-1",
	         "logs",
	         "https://logs.s3-fips.dualstack.us-gov-west-1.amazonaws.com",
	         ""},
	        {{NULL, false, true},
	         "sts",
	         "us-east-1",
	         NULL,
	         "https://sts-fips.us-east-1.amazonaws.com",
	         ""},
	        {{NULL, true, false},
	         "logs",
	         "us-east-1",
	         NULL,
	         "https://logs.us-east-1.api.aws",
	         ""},
	        {{NULL, false, false},
	         "cloudtrail",
	         "cn-north-1",
	         NULL,
	         "https://cloudtrail.cn-north-1.amazonaws.com.cn",
	         ""},
	        {{NULL, false, false}, "sts", "", NULL, "https://sts.amazonaws.com", ""},
	        {{NULL, false, false}, "iam", "eu-west-1", NULL, "https://iam.amazonaws.com", ""},
	        {{"http://127.0.0.1:9000/", true, true},
	         "s3",
	         "us-east-1",
	         "logs",
	         "http://127.0.0.1:9000",
	         "/logs"},
	        {{"https://minio.local:443/at/", false, false},
	         "s3",
	         "x1",
	         "logs",
	         "https://minio.local:443",
	         "/at/logs"},
	};
	struct endpoint e;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(endpoint_find(&cases[i].options, cases[i].service,
		                          span_of(cases[i].region), span_of(cases[i].bucket), &e));
		assert_string_equal(e.base, cases[i].base);
		assert_string_equal(e.prefix, cases[i].prefix);
	}
	assert_string_equal(e.host, "minio.local");
	static const char *const bad[] = {"ftp://a",    "http://",    "http://user:pw@a",
	                                  "http://a?b", "http://a b", "a"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const struct endpoint_options o = {bad[i], false, false};
		assert_false(endpoint_find(&o, "s3", SPAN_LIT("us-east-1"), SPAN_NONE, &e));
	}
	/* What a server names as a region must not become another host. */
	const struct endpoint_options none = {NULL, false, false};
	assert_false(endpoint_find(&none, "s3", SPAN_LIT("evil.example/"), SPAN_LIT("b-b"), &e));
	assert_false(endpoint_region_sound(SPAN_LIT("us-east-1.evil.example")));
	assert_true(endpoint_region_sound(SPAN_LIT("us-east-1")));
}

/* ---- XML */

static void is_text(struct span inside, const char *want)
{
	struct buf b;
	buf_init(&b, 1000);
	assert_true(xml_text(inside, &b));
	assert_string_equal(buf_str(&b), want);
	buf_release(&b);
}

static void xml_is_taken_apart(void **state)
{
	struct span text = SPAN_LIT("<?xml version=\"1.0\"?>\n<!-- <Error> --><s:List "
	                            "xmlns=\"x\"><Key>a&lt;b&#x1F600;&#65;"
	                            "&bogus;</Key><Empty/><Member><Key>inner</Key></"
	                            "Member><Member><Member>nested</Member>"
	                            "</Member></s:List>");
	struct span list = xml_path(text, "List"), rest = list, inside;
	is_text(xml_child(list, "Key"), "a<b\xf0\x9f\x98\x80"
	                                "A&bogus;");
	is_text(xml_child(list, "Empty"), "");
	is_text(xml_path(text, "List/Member/Key"), "inner");
	assert_true(xml_next_of(&rest, "Member", &inside));
	assert_true(xml_next_of(&rest, "Member", &inside));
	is_text(xml_child(inside, "Member"), "nested");
	assert_false(xml_next_of(&rest, "Member", &inside));
	static const char *const bad[] = {"<a>",
	                                  "<a></b>",
	                                  "<a><b></a>",
	                                  "</a>",
	                                  "<",
	                                  "<>",
	                                  "<!DOCTYPE a><a></a>",
	                                  "<a",
	                                  "<!-- <a></a>",
	                                  "<a><![CDATA[<]]></a>"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_null(xml_path(span_of(bad[i]), "a").p);
}

/* ---- errors */

static enum remedy remedy_of(int status, const char *region, const char *body,
                             struct service_error *e)
{
	struct http_answer a;
	http_answer_init(&a, 10000);
	a.status = status;
	snprintf(a.region, sizeof a.region, "%s", region);
	buf_add_str(&a.body, body);
	service_error_read(&a, e);
	http_answer_release(&a);
	return service_error_remedy(status, e);
}

static void errors_have_remedies(void **state)
{
	struct service_error e;
	assert_int_equal(remedy_of(503, "", "<Error><Code>SlowDown</Code></Error>", &e),
	                 REMEDY_WAIT);
	assert_int_equal(
	        remedy_of(400, "", "{\"__type\":\"com.amazonaws#ThrottlingException\"}", &e),
	        REMEDY_WAIT);
	assert_string_equal(e.code, "ThrottlingException");
	assert_int_equal(remedy_of(403, "", "<Error><Code>RequestTimeTooSkewed</Code></Error>", &e),
	                 REMEDY_CLOCK);
	assert_int_equal(remedy_of(400, "",
	                           "{\"__type\":\"InvalidSignatureException\",\"message\":"
	                           "\"Signature expired: 20260101T000000Z is now earlier\"}",
	                           &e),
	                 REMEDY_CLOCK);
	assert_int_equal(remedy_of(400, "", "<Error><Code>ExpiredToken</Code></Error>", &e),
	                 REMEDY_RENEW);
	assert_int_equal(
	        remedy_of(301, "eu-west-1", "<Error><Code>PermanentRedirect</Code></Error>", &e),
	        REMEDY_REGION);
	assert_int_equal(remedy_of(400, "",
	                           "<Error><Code>AuthorizationHeaderMalformed</Code>"
	                           "<Region>eu-west-3</Region></Error>",
	                           &e),
	                 REMEDY_REGION);
	assert_string_equal(e.region, "eu-west-3");
	assert_int_equal(remedy_of(301, "",
	                           "<Error><Code>PermanentRedirect</Code><Region>a.evil/"
	                           "</Region></Error>",
	                           &e),
	                 REMEDY_NONE);
	assert_int_equal(remedy_of(403, "us-east-1",
	                           "<Error><Code>AccessDenied</Code><Message>no\nway"
	                           "</Message></Error>",
	                           &e),
	                 REMEDY_NONE);
	assert_string_equal(e.message, "no?way");
	/* The text of these repeats the session token. */
	assert_int_equal(remedy_of(403, "",
	                           "{\"__type\":\"InvalidSignatureException\",\"message\":\"The "
	                           "Canonical String: x-amz-security-token:FwoSECRET\"}",
	                           &e),
	                 REMEDY_NONE);
	assert_string_equal(e.message, "");
}

/* ---- commands */

static void command_lines_are_cut_as_a_shell_does(void **state)
{
	char **argv = command_words("  a 'b c'\"d\\\"e\" \\'f '' \"g\\h\"");
	assert_string_equal(argv[0], "a");
	assert_string_equal(argv[1], "b cd\"e");
	assert_string_equal(argv[2], "'f");
	assert_string_equal(argv[3], "");
	assert_string_equal(argv[4], "g\\h");
	assert_null(argv[5]);
	free(argv);
	assert_null(command_words("  "));
	assert_null(command_words("a 'b"));
}

static enum status run(const char *script, unsigned seconds, size_t ceiling, struct err *err)
{
	const char *argv[] = {"sh", "-c", script, NULL};
	struct buf out;
	buf_init(&out, ceiling);
	err_clear(err);
	enum status status = run_command(argv, seconds, NULL, &out, err);
	if (status == STATUS_OK)
		assert_string_equal(buf_str(&out), "fine");
	buf_release(&out);
	return status;
}

static void commands_are_bounded(void **state)
{
	struct err err;
	const char *nobody[] = {"/nonexistent/secret-tool", "hunter2", NULL};
	struct buf out;
	assert_int_equal(run("printf fine; echo hunter2 >&2", 10, 100, &err), STATUS_OK);
	assert_int_equal(run("printf hunter2; exit 7", 10, 100, &err), STATUS_FILE);
	assert_string_equal(err.text, "sh exited with 7");
	assert_int_equal(run("yes hunter2", 10, 10000, &err), STATUS_FILE);
	assert_string_equal(err.text, "sh printed too much and was ended");
	int64_t began = when_steady_ms();
	assert_int_equal(run("sleep 60 & sleep 60", 1, 100, &err), STATUS_FILE);
	assert_string_equal(err.text, "sh took too long and was ended");
	assert_int_equal(run("exec >&-; sleep 60", 1, 100, &err), STATUS_FILE);
	assert_true(when_steady_ms() - began < 20000);
	buf_init(&out, 10);
	assert_int_equal(run_command(nobody, 1, NULL, &out, &err), STATUS_FILE);
	assert_null(strstr(err.text, "hunter2"));
	buf_release(&out);
}

static void keys_that_are_none_are_refused(void **state)
{
	struct credentials c;
	assert_true(credentials_from_json(
	        SPAN_LIT("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
	                 "\"Expiration\":\"2026-01-01T00:00:00Z\"}"),
	        "Token", &c));
	assert_string_equal(c.token, "t");
	assert_int_equal(c.expires, 1767225600);
	assert_true(credentials_from_json(
	        SPAN_LIT("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\"}"), "SessionToken", &c));
	assert_true(c.expires == WHEN_LAST);
	static const char *const bad[] = {
	        "",
	        "{}",
	        "[]",
	        "{\"AccessKeyId\":\"A\"}",
	        "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"\"}",
	        "{\"AccessKeyId\":\"A b\",\"SecretAccessKey\":\"s\"}",
	        "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\\ns\"}",
	        "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Expiration\":\"soon\"}",
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(credentials_from_json(span_of(bad[i]), "Token", &c));
}

/* ---- what is received */

static void large_objects_leave_memory(void **state)
{
	struct spool s;
	struct span bytes;
	const char *file;
	char *chunk = calloc(1, 1 << 20);
	spool_init(&s);
	spool_begin(&s);
	assert_true(spool_add(&s, "abc", 3));
	spool_end(&s, &bytes, &file);
	assert_null(file);
	assert_int_equal(bytes.n, 3);
	spool_begin(&s);
	for (int i = 0; i < 9; i++)
		assert_true(spool_add(&s, chunk, 1 << 20));
	spool_end(&s, &bytes, &file);
	assert_non_null(file);
	FILE *f = fopen(file, "rb");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	assert_int_equal(ftell(f), 9 << 20);
	fclose(f);
	assert_true(s.memory.room <= 2 * SPOOL_MEMORY);
	spool_release(&s);
	free(chunk);
}

/* ---- names */

static void names_of_a_trail_are_dated(void **state)
{
	int64_t first, last, delivered, want;
	assert_true(trail_date(
	        SPAN_LIT("2026/01/31/111122223333_CloudTrail_us-east-1_20260131T0805Z_x_y.json.gz"),
	        &first, &last, &delivered));
	assert_true(when_parse(SPAN_LIT("2026-01-31T08:05:00Z"), &want));
	assert_int_equal(delivered, want);
	assert_int_equal(first % WHEN_DAY_SECONDS, 0);
	assert_true(trail_date(SPAN_LIT("2026/01/31/other"), &first, &last, &delivered));
	assert_int_equal(delivered, last);
	assert_false(trail_date(SPAN_LIT("2026/01/31"), &first, &last, &delivered));
	assert_false(trail_date(SPAN_LIT("2026/13/31/x"), &first, &last, &delivered));
	assert_false(trail_date(SPAN_LIT("other/2026/01/31/x"), &first, &last, &delivered));
}

static void keys_stay_below_their_folder(void **state)
{
	static const char *const good[] = {"a", "AWSLogs/1/CloudTrail/x y.json.gz", "a..b/...",
	                                   "é"};
	static const char *const bad[] = {"",    "/etc/passwd", "../a", "a/../b", "a//b",
	                                  "a/.", "a/",          "a\nb", "a/b/.."};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(fetch_key_is_path(span_of(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(fetch_key_is_path(span_of(bad[i])));
	assert_false(fetch_key_is_path(SPAN_LIT("a\0b")));
}

static void addresses_of_buckets_are_parsed(void **state)
{
	struct span bucket, prefix;
	assert_true(s3_parse("s3://my-trail", &bucket, &prefix));
	assert_true(span_is(bucket, "my-trail") && prefix.n == 0);
	assert_true(s3_parse("s3://my-trail/AWSLogs/", &bucket, &prefix));
	assert_true(span_is(prefix, "AWSLogs/"));
	assert_false(s3_parse("s3://", &bucket, &prefix));
	assert_false(s3_parse("s3:///a", &bucket, &prefix));
	assert_false(s3_parse("s3://a@b/", &bucket, &prefix));
	assert_false(s3_parse("https://a/b", &bucket, &prefix));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(profiles_are_read_as_botocore_does),
	        cmocka_unit_test(addresses_are_those_of_the_partition),
	        cmocka_unit_test(xml_is_taken_apart),
	        cmocka_unit_test(errors_have_remedies),
	        cmocka_unit_test(command_lines_are_cut_as_a_shell_does),
	        cmocka_unit_test(commands_are_bounded),
	        cmocka_unit_test(keys_that_are_none_are_refused),
	        cmocka_unit_test(large_objects_leave_memory),
	        cmocka_unit_test(names_of_a_trail_are_dated),
	        cmocka_unit_test(keys_stay_below_their_folder),
	        cmocka_unit_test(addresses_of_buckets_are_parsed),
	};
	return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}
