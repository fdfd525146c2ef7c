/* test_hosts.c - which hosts are opened, which stay blind, and what their names tell; which
 * addresses are never connected to. */
#include "unit.h"

#include "proxy/address.h"
#include "recognise/recognise.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

static struct host_rules rules;

static int set_up(void **state)
{
	rules.endpoint = recogniser_endpoint;
	rules.data = recogniser_new(mapping_builtin(), &rules, false);
	return 0;
}

static int tear_down(void **state)
{
	recogniser_free((struct recogniser *)(uintptr_t)rules.data);
	return 0;
}

static void opens_api_hosts(void **state)
{
	static const struct {
		const char *host, *stem, *region, *resource;
	} t[] = {
	        {"ec2.us-east-1.amazonaws.com", "ec2", "us-east-1", ""},
	        {"ec2.amazonaws.com", "ec2", "", ""},
	        {"EC2.US-EAST-1.AMAZONAWS.COM", "ec2", "us-east-1", ""},
	        {"ec2.us-east-1.amazonaws.com.", "ec2", "us-east-1", ""},
	        {"ec2.us-east-1.amazonaws.com:443", "ec2", "us-east-1", ""},
	        {"ec2-fips.us-gov-west-1.amazonaws.com", "ec2", "us-gov-west-1", ""},
	        {"ec2.us-east-1.api.aws", "ec2", "us-east-1", ""},
	        {"lambda.eu-west-1.api.aws", "lambda", "eu-west-1", ""},
	        {"ec2.cn-north-1.amazonaws.com.cn", "ec2", "cn-north-1", ""},
	        {"sts.us-iso-east-1.c2s.ic.gov", "sts", "us-iso-east-1", ""},
	        {"sts.us-isob-east-1.sc2s.sgov.gov", "sts", "us-isob-east-1", ""},
	        {"sts.eusc-de-east-1.amazonaws.eu", "sts", "eusc-de-east-1", ""},
	        {"sts.amazonaws.com", "sts", "", ""},
	        {"iam.amazonaws.com", "iam", "", ""},
	        {"iam.us-gov.amazonaws.com", "iam", "", ""},
	        {"iam.cn-north-1.amazonaws.com.cn", "iam", "cn-north-1", ""},
	        {"route53.amazonaws.com", "route53", "", ""},
	        {"cloudfront.amazonaws.com", "cloudfront", "", ""},
	        {"rds.amazonaws.com", "rds", "", ""},
	        {"rds.us-east-1.amazonaws.com", "rds", "us-east-1", ""},
	        {"queue.amazonaws.com", "sqs", "", ""},
	        {"us-west-2.queue.amazonaws.com", "sqs", "us-west-2", ""},
	        {"sqs.us-east-1.amazonaws.com", "sqs", "us-east-1", ""},
	        {"eks.us-east-1.amazonaws.com", "eks", "us-east-1", ""},
	        {"fips.eks.us-east-1.amazonaws.com", "eks", "us-east-1", ""},
	        {"api.ecr.us-east-1.amazonaws.com", "api.ecr", "us-east-1", ""},
	        {"ecr.us-east-1.api.aws", "api.ecr", "us-east-1", ""},
	        {"api.ecr-public.us-east-1.amazonaws.com", "api.ecr-public", "us-east-1", ""},
	        {"oidc.us-east-1.amazonaws.com", "oidc", "us-east-1", ""},
	        {"portal.sso.us-east-1.amazonaws.com", "portal.sso", "us-east-1", ""},
	        {"data-ats.iot.us-east-1.amazonaws.com", "data-ats.iot", "us-east-1", ""},
	        {"iot.us-east-1.amazonaws.com", "iot", "us-east-1", ""},
	        {"stream-logs.us-east-1.amazonaws.com", "logs", "us-east-1", ""},
	        {"monitoring.us-east-1.amazonaws.com", "monitoring", "us-east-1", ""},
	        {"runtime.sagemaker.us-east-1.amazonaws.com", "runtime.sagemaker", "us-east-1", ""},
	        {"elasticloadbalancing.us-east-1.amazonaws.com", "elasticloadbalancing",
	         "us-east-1", ""},
	        {"streams.dynamodb.us-east-1.amazonaws.com", "streams.dynamodb", "us-east-1", ""},
	        {"dynamodb.us-east-1.amazonaws.com", "dynamodb", "us-east-1", ""},
	        {"123456789012.ddb.us-east-1.amazonaws.com", "dynamodb", "us-east-1",
	         "123456789012"},
	        {"abc123.execute-api.us-east-1.amazonaws.com", "execute-api", "us-east-1",
	         "abc123"},
	        {"search-x-abc.us-east-1.es.amazonaws.com", "es", "us-east-1", "search-x-abc"},
	        {"c1.us-east-1.aoss.amazonaws.com", "aoss", "us-east-1", "c1"},
	        {"aps-workspaces.us-east-1.amazonaws.com", "aps", "us-east-1", ""},
	        {"x1.appsync-api.us-east-1.amazonaws.com", "appsync", "us-east-1", "x1"},
	        {"abcd.lambda-url.us-east-1.on.aws", "lambda-url", "us-east-1", "abcd"},
	        {"vpce-0a1b-x.ec2.us-east-1.vpce.amazonaws.com", "ec2", "us-east-1", ""},
	        {"s3.amazonaws.com", "s3", "", ""},
	        {"s3.us-west-2.amazonaws.com", "s3", "us-west-2", ""},
	        {"s3-us-west-2.amazonaws.com", "s3", "us-west-2", ""},
	        {"b.s3.amazonaws.com", "s3", "", "b"},
	        {"my.dotted.bucket.s3.eu-west-1.amazonaws.com", "s3", "eu-west-1",
	         "my.dotted.bucket"},
	        {"b.s3-us-west-2.amazonaws.com", "s3", "us-west-2", "b"},
	        {"b.s3.dualstack.us-east-1.amazonaws.com", "s3", "us-east-1", "b"},
	        {"b.s3-fips.us-east-1.amazonaws.com", "s3", "us-east-1", "b"},
	        {"b.s3-fips.dualstack.us-east-1.amazonaws.com", "s3", "us-east-1", "b"},
	        {"b.s3-accelerate.amazonaws.com", "s3", "", "b"},
	        {"b.s3-accelerate.dualstack.amazonaws.com", "s3", "", "b"},
	        {"s3.cn-north-1.amazonaws.com.cn", "s3", "cn-north-1", ""},
	        {"ap1-123456789012.s3-accesspoint.us-east-1.amazonaws.com", "s3", "us-east-1",
	         "ap1-123456789012"},
	        {"x.mrap.accesspoint.s3-global.amazonaws.com", "s3", "", "x.mrap"},
	        {"123456789012.s3-control.us-east-1.amazonaws.com", "s3-control", "us-east-1",
	         "123456789012"},
	        {"ap-1.op-01.s3-outposts.us-east-1.amazonaws.com", "s3-outposts", "us-east-1",
	         "ap-1.op-01"},
	        {"b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com", "s3", "us-east-1",
	         "b--use1-az4--x-s3"},
	        {"s3express-control.us-east-1.amazonaws.com", "s3", "us-east-1", ""},
	        {"bucket.vpce-0a1b-x.s3.us-east-1.vpce.amazonaws.com", "s3", "us-east-1", ""},
	        {"b.bucket.vpce-0a1b-x.s3.us-east-1.vpce.amazonaws.com", "s3", "us-east-1", "b"},
	        {"ap-1.accesspoint.vpce-0a1b-x.s3.us-east-1.vpce.amazonaws.com", "s3", "us-east-1",
	         "ap-1"},
	        {"123456789012.control.vpce-0a1b-x.s3.us-east-1.vpce.amazonaws.com", "s3-control",
	         "us-east-1", "123456789012"},
	};
	assert_true(sizeof t / sizeof t[0] >= 60);
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct api_host h;
		if (host_parse(&rules, span_of(t[i].host), &h) == HOST_OTHER)
			fail_msg("%s is not opened", t[i].host);
		char got[600], want[600];
		snprintf(got, sizeof got, "%s: %.*s %.*s %.*s", t[i].host, SPAN_ARG(h.stem),
		         SPAN_ARG(h.region), SPAN_ARG(h.resource));
		snprintf(want, sizeof want, "%s: %s %s %s", t[i].host, t[i].stem, t[i].region,
		         t[i].resource);
		assert_string_equal(got, want);
	}
}

/* Every host that the endpoint rule sets of botocore 1.43.11 give for us-east-1, with and without
 * FIPS and dual stack, by account, endpoint id and ARN where a rule set takes one; and those of other
 * partitions whose names are none of an endpoint prefix. Left out: REGION.signin.aws.amazon.com and
 * its like, which lie in the domain of the console, where the local CA may not sign. */
static void opens_every_host_of_the_rule_sets(void **state)
{
	char path[4096], line[300];
	const char *top = getenv("top_srcdir");
	size_t n = 0, blind = 0;
	snprintf(path, sizeof path, "%s/tests/data/mapping/hosts.txt", top ? top : ".");
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		struct api_host h;
		struct span host = span_trim(span_of(line));
		if (host.n == 0 || host.p[0] == '#')
			continue;
		n++;
		if (host_parse(&rules, host, &h) == HOST_OTHER) {
			blind++;
			print_message("%.*s is not opened\n", SPAN_ARG(host));
		}
	}
	fclose(f);
	assert_true(n > 1600);
	assert_int_equal(blind, 0);
}

static void leaves_others_blind(void **state)
{
	static const char *const t[] = {
	        "ABCDEF0123.gr7.us-east-1.eks.amazonaws.com",
	        "ABCDEF0123.sk1.us-east-1.eks.amazonaws.com",
	        "oidc.eks.us-east-1.amazonaws.com",
	        "123456789012.dkr.ecr.us-east-1.amazonaws.com",
	        "public.ecr.aws",
	        "a1b2-ats.iot.us-east-1.amazonaws.com",
	        "a1b2.iot.us-east-1.amazonaws.com",
	        "greengrass-ats.iot.us-east-1.amazonaws.com",
	        "c1.credentials.iot.us-east-1.amazonaws.com",
	        "db1.c1x2.us-east-1.rds.amazonaws.com",
	        "cluster.c1x2.us-east-1.redshift.amazonaws.com",
	        "x.abc.0001.use1.cache.amazonaws.com",
	        "name-123.us-east-1.elb.amazonaws.com",
	        "name-123.elb.us-east-1.amazonaws.com",
	        "other-x-abc.us-east-1.es.amazonaws.com",
	        "x.y.us-east-1.aoss.amazonaws.com",
	        "b-1.x.c1.kafka.us-east-1.amazonaws.com",
	        "b-1234.mq.us-east-1.amazonaws.com",
	        "vpce-1.vpce-svc-2.us-east-1.vpce.amazonaws.com",
	        "domain-123456789012.d.codeartifact.us-east-1.amazonaws.com",
	        "git-codecommit.us-east-1.amazonaws.com",
	        "b.s3-website-us-east-1.amazonaws.com",
	        "b.s3-website.eu-central-1.amazonaws.com",
	        "client-telemetry.us-east-1.amazonaws.com",
	        "ec2-1-2-3-4.compute-1.amazonaws.com",
	        "registry.terraform.io",
	        "checkpoint-api.hashicorp.com",
	        "console.aws.amazon.com",
	        "us-east-1.signin.aws.amazon.com",
	        "amazonaws.com",
	        ".amazonaws.com",
	        "ec2.us-east-1.amazonaws.com.example.com",
	        "notamazonaws.com",
	        "d111111abcdef8.cloudfront.net",
	        "169.254.169.254",
	        "[fd00:ec2::254]:80",
	        "",
	        "ec2.us-east-1.amazonaws.com:0",
	        "ec2.us-east-1.amazonaws.com:x",
	        "ec2 .us-east-1.amazonaws.com",
	};
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct api_host h;
		if (host_parse(&rules, span_of(t[i]), &h) != HOST_OTHER)
			fail_msg("%s is opened", t[i]);
	}
}

static void opens_what_the_user_names(void **state)
{
	static const struct also_host also[] = {
	        {SPAN_LIT("api.internal.example"), SPAN_LIT("dynamodb")},
	        {SPAN_LIT(".minio.example"), SPAN_LIT("s3")},
	};
	struct host_rules mine = rules;
	struct api_host h;
	mine.also = also;
	mine.n_also = 2;
	assert_int_equal(host_parse(&mine, SPAN_LIT("API.internal.example:8443"), &h),
	                 HOST_SERVICE);
	assert_true(span_is(h.service, "dynamodb"));
	assert_int_equal(host_parse(&mine, SPAN_LIT("b.minio.example"), &h), HOST_S3);
	assert_true(span_is(h.resource, "b"));
	assert_int_equal(host_parse(&mine, SPAN_LIT("minio.example"), &h), HOST_OTHER);
	assert_int_equal(host_parse(&mine, SPAN_LIT("x.api.internal.example"), &h), HOST_OTHER);
}

static bool allowed(const struct address_rules *r, const char *text, unsigned port)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return address_allowed(r, (const struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return address_allowed(r, (const struct sockaddr *)&v6);
}

static void never_connects_to_metadata_or_itself(void **state)
{
	static const char *const never[] = {
	        "169.254.169.254",    "169.254.170.2", "169.254.170.23",  "fd00:ec2::254",
	        "fd00:ec2::23",       "fe80::1",       "0.0.0.0",         "::",
	        "224.0.0.1",          "ff02::1",       "255.255.255.255", "::ffff:169.254.169.254",
	        "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "::a9fe:a9fe", "::ffff:0:a9fe:a9fe", "2002:a9fe:a9fe::1",
	};
	struct address_rules r = {.self_host = "127.0.0.1", .self_port = 10080};
	for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
		if (allowed(&r, never[i], 80))
			fail_msg("%s is connected to", never[i]);
	assert_true(allowed(&r, "52.94.236.248", 443));
	assert_true(allowed(&r, "2600:1f00::1", 443));
	assert_true(allowed(&r, "127.0.0.1", 5000));
	assert_false(allowed(&r, "127.0.0.1", 10080));
	assert_false(allowed(&r, "127.0.0.2", 10080));
	assert_false(allowed(&r, "::1", 10080));
	assert_false(allowed(&r, "::ffff:127.0.0.1", 10080));
	r.no_loopback = true;
	assert_false(allowed(&r, "127.0.0.1", 5000));
	assert_false(allowed(&r, "::1", 5000));
	assert_false(allowed(&r, "2002:7f00:1::", 5000));
	assert_false(allowed(&r, "::7f00:1", 5000));
	r = (struct address_rules){.self_host = "10.0.0.5", .self_port = 10080};
	assert_false(allowed(&r, "10.0.0.5", 10080));
	assert_true(allowed(&r, "10.0.0.5", 10081));
	assert_true(address_is_loopback("127.0.0.1"));
	assert_true(address_is_loopback("::1"));
	assert_true(address_is_loopback("localhost"));
	assert_false(address_is_loopback("0.0.0.0"));
	assert_false(address_is_loopback("127.0.0.1.example.com"));
}

static void hosts_without_region_tell_their_partition(void **state)
{
	static const struct {
		const char *host, *word;
	} t[] = {
	        {"b.s3.amazonaws.com", "aws-global"},
	        {"S3.AMAZONAWS.COM.CN:443", "aws-cn-global"},
	        {"iam.us-gov.amazonaws.com", "aws-us-gov-global"},
	        {"b.us-gov.x.s3.amazonaws.com", "aws-global"},
	        {"sts.sc2s.sgov.gov", "aws-iso-b-global"},
	        {"s3.amazonaws.com.example.net", ""},
	};
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct api_host h;
		host_parse(&rules, span_of(t[i].host), &h);
		struct span got = host_no_region(&h);
		assert_int_equal(got.n, strlen(t[i].word));
		assert_memory_equal(got.p ? got.p : "", t[i].word, got.n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(opens_api_hosts),
	        cmocka_unit_test(opens_every_host_of_the_rule_sets),
	        cmocka_unit_test(leaves_others_blind),
	        cmocka_unit_test(opens_what_the_user_names),
	        cmocka_unit_test(never_connects_to_metadata_or_itself),
	        cmocka_unit_test(hosts_without_region_tell_their_partition),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
