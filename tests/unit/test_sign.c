/* test_sign.c - signatures against those that AWS published for its test suite, and what is sent
 * beside them. */
#include "unit.h"

#include "base/when.h"
#include "fetch/sign.h"

#include <stdio.h>

static const struct sign_key key = {
        SPAN_LIT("AKIDEXAMPLE"), SPAN_LIT("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), {NULL, 0}};

struct made {
	struct buf target, lines;
	bool fine;
};

static void make(struct sign_request q, const struct sign_key *with, struct made *m)
{
	if (!q.method.p)
		q.method = SPAN_LIT("GET");
	if (!q.service.p)
		q.service = SPAN_LIT("service");
	if (!q.host.p)
		q.host = SPAN_LIT("example.amazonaws.com");
	if (!q.region.p)
		q.region = SPAN_LIT("us-east-1");
	assert_true(when_parse(SPAN_LIT("2015-08-30T12:36:00Z"), &q.time));
	buf_init(&m->target, 1 << 16);
	buf_init(&m->lines, 1 << 16);
	m->fine = sign_request(&q, with, &m->target, &m->lines);
}

static void drop(struct made *m)
{
	buf_release(&m->target);
	buf_release(&m->lines);
}

/* The suite signs Host, X-Amz-Date and what a case adds, so these are signed the same way. */
static void signs(struct sign_request q, const char *target, const char *signature)
{
	struct made m;
	char want[128];
	make(q, &key, &m);
	assert_true(m.fine);
	assert_string_equal(buf_str(&m.target), target);
	snprintf(want, sizeof want, "Signature=%s\n", signature);
	assert_true(span_ends(buf_span(&m.lines), span_of(want)));
	drop(&m);
}

#define PAIR(name, value)                       \
	{                                       \
		SPAN_LIT(name), SPAN_LIT(value) \
	}
#define VANILLA "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"

static void signs_as_the_suite_does(void **state)
{
	struct sign_pair order[] = {PAIR("Param2", "value2"), PAIR("Param1", "value1")};
	struct sign_pair values[] = {PAIR("Param1", "value2"), PAIR("Param1", "value1")};
	struct sign_pair utf8[] = {PAIR("\xe1\x88\xb4", "bar")};
	struct sign_pair trim[] = {PAIR("My-Header1", " value1"),
	                           PAIR("My-Header2", " \"a   b   c\"")};
	struct sign_pair twice[] = {PAIR("My-Header1", "value2"), PAIR("My-Header1", "value2"),
	                            PAIR("My-Header1", "value1")};
	struct sign_pair form[] = {PAIR("Content-Type", "application/x-www-form-urlencoded")};
	signs((struct sign_request){.path = SPAN_LIT("")}, "/", VANILLA);
	signs((struct sign_request){.path = SPAN_LIT("/"), .query = order, .n_query = 2},
	      "/?Param1=value1&Param2=value2",
	      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
	signs((struct sign_request){.path = SPAN_LIT("/"), .query = values, .n_query = 2},
	      "/?Param1=value1&Param1=value2",
	      "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694");
	signs((struct sign_request){.path = SPAN_LIT("/"), .query = utf8, .n_query = 1},
	      "/?%E1%88%B4=bar",
	      "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04");
	signs((struct sign_request){.path = SPAN_LIT("/\xe1\x88\xb4")}, "/%E1%88%B4",
	      "697b34846207a3f72246f99d74ae1ee4fe54f44bb06730c58a0d339eb079596d");
	signs((struct sign_request){.path = SPAN_LIT("/"), .headers = trim, .n_headers = 2}, "/",
	      "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
	signs((struct sign_request){.path = SPAN_LIT("/"), .headers = twice, .n_headers = 3}, "/",
	      "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea");
	signs((struct sign_request){.method = SPAN_LIT("POST"),
	                            .path = SPAN_LIT("/"),
	                            .headers = form,
	                            .n_headers = 1,
	                            .body = SPAN_LIT("Param1=value1")},
	      "/", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

/* What the suite calls normalize-path: every service but S3 shortens paths and encodes twice. */
static void shortens_paths_but_for_s3(void **state)
{
	struct made m;
	signs((struct sign_request){.path = SPAN_LIT("//example//")}, "//example//",
	      "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84");
	signs((struct sign_request){.path = SPAN_LIT("/example1/example2/../..")},
	      "/example1/example2/../..", VANILLA);
	signs((struct sign_request){.path = SPAN_LIT("/./example")}, "/./example",
	      "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5");
	signs((struct sign_request){.path = SPAN_LIT("/example space/")}, "/example%20space/",
	      "446b817944c553435b35e813c261ff4e161fff982d1bacdef1c87f6785dd1662");
	make((struct sign_request){.service = SPAN_LIT("s3"), .path = SPAN_LIT("/b//a/../c")}, &key,
	     &m);
	assert_string_equal(buf_str(&m.target), "/b//a/../c");
	assert_true(span_find(buf_span(&m.lines), SPAN_LIT(VANILLA)) < 0);
	drop(&m);
}

static void sends_what_it_signs(void **state)
{
	struct sign_pair range[] = {PAIR("Range", "bytes=0-99")};
	struct sign_key session = key;
	struct made m;
	session.session_token = SPAN_LIT("FwoG//+abc==");
	make((struct sign_request){.service = SPAN_LIT("s3"),
	                           .path = SPAN_LIT("/b/a b+c=\xf0\x9f\x98\x80(!*')~"),
	                           .headers = range,
	                           .n_headers = 1,
	                           .payload_hash = true},
	     &session, &m);
	assert_string_equal(buf_str(&m.target), "/b/a%20b%2Bc%3D%F0%9F%98%80%28%21%2A%27%29~");
	assert_true(span_starts(
	        buf_span(&m.lines),
	        SPAN_LIT("Host: example.amazonaws.com\nRange: bytes=0-99\n"
	                 "X-Amz-Date: 20150830T123600Z\n"
	                 "X-Amz-Content-Sha256: "
	                 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
	                 "X-Amz-Security-Token: FwoG//+abc==\n"
	                 "Authorization: AWS4-HMAC-SHA256 "
	                 "Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
	                 "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date;"
	                 "x-amz-security-token, Signature=")));
	drop(&m);
	make((struct sign_request){.path = SPAN_LIT("/latest")}, NULL, &m);
	assert_string_equal(buf_str(&m.lines), "Host: example.amazonaws.com\n");
	drop(&m);
}

static void no_field_ends_early(void **state)
{
	struct sign_pair bad[] = {PAIR("X-A", "b\r\nX-C: d")}, many[SIGN_PAIRS + 1];
	struct sign_key token = key;
	struct made m;
	for (size_t i = 0; i <= SIGN_PAIRS; i++)
		many[i] = (struct sign_pair)PAIR("a", "b");
	make((struct sign_request){.headers = bad, .n_headers = 1}, &key, &m);
	assert_false(m.fine);
	drop(&m);
	make((struct sign_request){.host = SPAN_LIT("a\nb")}, &key, &m);
	assert_false(m.fine);
	drop(&m);
	make((struct sign_request){.region = SPAN_LIT("eu\nX-C: d")}, &key, &m);
	assert_false(m.fine);
	drop(&m);
	make((struct sign_request){.query = many, .n_query = SIGN_PAIRS + 1}, &key, &m);
	assert_false(m.fine);
	drop(&m);
	token.session_token = SPAN_LIT("a\nb");
	make((struct sign_request){.path = SPAN_LIT("/")}, &token, &m);
	assert_false(m.fine);
	drop(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(signs_as_the_suite_does),
	        cmocka_unit_test(shortens_paths_but_for_s3),
	        cmocka_unit_test(sends_what_it_signs),
	        cmocka_unit_test(no_field_ends_early),
	};
	return cmocka_run_group_tests_name("sign", tests, NULL, NULL);
}
