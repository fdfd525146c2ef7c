/* test_allow.c - what may leave the proxy: each field in its form only, parameters only where they
 * name something. */
#include "unit.h"

#include "capture/allow.h"

#include <stdio.h>

#define SECRET "Hunter2 & \"more\""

static void fields_pass_in_their_form(void **state)
{
	struct captured_call c = {
	        .service = SPAN_LIT("CloudWatch Logs"),
	        .operation = SPAN_LIT("CreateDistribution2020_05_31"),
	        .source = SPAN_LIT("logs.amazonaws.com"),
	        .name = SPAN_LIT("PutLogEvents"),
	        .region = SPAN_LIT("us-gov-west-1"),
	        .account = SPAN_LIT("111122223333"),
	        .access_key = SPAN_LIT("AKIAIOSFODNN7EXAMPLE"),
	        .request_id = SPAN_LIT("d6q3fHKPoAMF2Sw="),
	        .error_code = SPAN_LIT("Client.UnauthorizedOperation"),
	        .denial = {.action = SPAN_LIT("s3:Get*"),
	                   .resource = SPAN_LIT("role deploy"),
	                   .policy = SPAN_LIT("arn:aws:iam::aws:policy/ReadOnlyAccess")},
	        .host = SPAN_LIT("b.s3.amazonaws.com"),
	        .method = SPAN_LIT("GET"),
	};
	struct captured_call want = c;
	allow_call(&c);
	assert_memory_equal(&c, &want, sizeof c);
}

static void others_are_left_out(void **state)
{
	struct span s = SPAN_LIT(SECRET);
	struct captured_call c = {
	        .service = s,
	        .operation = s,
	        .source = s,
	        .name = s,
	        .region = s,
	        .account = s,
	        .access_key = s,
	        .request_id = s,
	        .error_code = s,
	        .host = s,
	        .method = s,
	        .denial = {.action = s, .policy = s},
	};
	static const char *const secrets[] = {"wJalrXUtnFEMIexampleK7MDENGbPxRfiCYEXAMPL",
	                                      "AKIAIOSFODNN7EXAMPLe", "AKIA/OSFODNN7EXAMPLE", ""};
	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
		struct captured_call k = {.access_key = span_of(secrets[i])};
		struct captured_identity by = {.access_key = span_of(secrets[i]),
		                               .parent_key = span_of(secrets[i])};
		allow_call(&k);
		allow_identity(&by);
		assert_int_equal(k.access_key.n + by.access_key.n + by.parent_key.n, 0);
	}
	struct captured_identity id = {
	        .access_key = s, .arn = s, .role_arn = s, .parent_key = s, .account = s};
	allow_call(&c);
	allow_identity(&id);
	const struct span gone[] = {c.region,      c.account,       c.access_key,    c.request_id,
	                            c.error_code,  c.denial.action, c.denial.policy, c.host,
	                            id.access_key, id.arn,          id.role_arn,     id.parent_key,
	                            id.account};
	for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
		assert_int_equal(gone[i].n, 0);
	/* A call has a name all the same. */
	const struct span named[] = {c.service, c.operation, c.source, c.name};
	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
		assert_true(span_is(named[i], "malformed"));
	assert_true(span_is(c.method, "OTHER"));
	assert_true(span_is(allow_agent(SPAN_LIT("aws-cli/2.1 " SECRET), NULL), "aws-cli/2"));
	assert_true(span_is(allow_agent(s, NULL), "other"));
	assert_true(span_is(allow_agent(SPAN_LIT("terraform"), NULL), "terraform"));
}

/* "" where nothing passes, "..." where it is told that it was there. */
static void passes(const char *source, const char *path, const char *value, const char *want)
{
	struct arena a;
	arena_init(&a);
	struct capture_filter f = {mapping_builtin(), &a, NULL};
	struct param p = {span_of(path), span_of(value), PARAM_VALUE}, out;
	bool any = allow_param(&f, span_of(source), &p, &out);
	char got[256];
	snprintf(got, sizeof got, "%.*s",
	         SPAN_ARG(!any                       ? SPAN_LIT("")
	                  : out.state == PARAM_VALUE ? out.value
	                                             : SPAN_LIT("...")));
	if (strcmp(got, want) != 0)
		fail_msg("%s %s: '%s', not '%s'", source, path, got, want);
	arena_release(&a);
}

static void members_pass_that_name_something(void **state)
{
	passes("s3.amazonaws.com", "Bucket", "b", "b");
	passes("s3.amazonaws.com", "Key", "a b?c#d", "a b?c#d");
	passes("ec2.amazonaws.com", "Vpc.VpcId", "vpc-1", "vpc-1");
	passes("secretsmanager.amazonaws.com", "SecretId", "shop/db", "shop/db");
	passes("secretsmanager.amazonaws.com", "SecretString", SECRET, "");
	passes("secretsmanager.amazonaws.com", "ClientRequestToken", SECRET, "");
	passes("ssm.amazonaws.com", "Value", SECRET, "");
	/* keys that are resources, and keys that open doors */
	passes("codebuild.amazonaws.com", "encryptionKey", "alias/a", "alias/a");
	passes("lambda.amazonaws.com", "Code.S3Key", "k.zip", "k.zip");
	passes("directconnect.amazonaws.com", "newPrivateVirtualInterface.authKey", SECRET, "");
	passes("iotwireless.amazonaws.com", "LoRaWAN.OtaaV1_1.AppKey", SECRET, "");
	passes("mobiletargeting.amazonaws.com", "ApiKey", SECRET, "");
	passes("kinesis.amazonaws.com", "PartitionKey", SECRET, "");
	/* the model marks it, its header is spelled otherwise, and grants on the key need it */
	passes("s3.amazonaws.com", "x-amz-server-side-encryption-aws-kms-key-id", SECRET, "...");
	passes("s3.amazonaws.com", "x-amz-server-side-encryption-aws-kms-key-id",
	       "1234abcd-12ab-34cd-56ef-1234567890ab", "1234abcd-12ab-34cd-56ef-1234567890ab");
}

static void nothing_passes_from_words_of_the_callers(void **state)
{
	static const char *const keys[] = {"name", "apiKey", "userId", "url", "x-arn"};
	char path[128];
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		snprintf(path, sizeof path, "Environment.Variables.%s", keys[i]);
		passes("lambda.amazonaws.com", path, SECRET, "");
		snprintf(path, sizeof path, "parameters.%s", keys[i]);
		passes("batch.amazonaws.com", path, SECRET, "");
		snprintf(path, sizeof path, "Parameters.%s[]", keys[i]);
		passes("ssm.amazonaws.com", path, SECRET, "");
		snprintf(path, sizeof path, "additionalModelRequestFields.a.%s", keys[i]);
		passes("bedrock.amazonaws.com", path, SECRET, "");
	}
	passes("glue.amazonaws.com", "ConnectionInput.ConnectionProperties.PASSWORD", SECRET, "");
	/* but what a row asks for in there */
	passes("ssm.amazonaws.com", "Parameters.AutomationAssumeRole[]",
	       "arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/a");
	passes("cognito-identity.amazonaws.com", "Roles.authenticated",
	       "arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/a");
}

static void some_values_pass_as_arns_only(void **state)
{
	static const char *const members[][2] = {
	        {"elasticbeanstalk.amazonaws.com", "OptionSettings[].Value"},
	        {"apigateway.amazonaws.com", "patchOperations[].value"},
	        {"rds.amazonaws.com", "OptionsToInclude[].OptionSettings[].Value"},
	        {"sns.amazonaws.com", "AttributeValue"},
	};
	static const char arn[] = "arn:aws:iam::111122223333:role/a";
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		passes(members[i][0], members[i][1], arn, arn);
		passes(members[i][0], members[i][1], SECRET, "...");
		passes(members[i][0], members[i][1], "x arn:aws:iam::111122223333:role/a", "...");
		passes(members[i][0], members[i][1], "arn:" SECRET, "...");
	}
}

static void urls_pass_without_what_may_be_secret(void **state)
{
	static const char *const urls[][2] = {
	        {"https://b.s3.amazonaws.com/t?X-Amz-Signature=00", "https://b.s3.amazonaws.com/t"},
	        {"https://host/x#token=1", "https://host/x"},
	        {"https://host/x;jsessionid=1", "https://host/x"},
	        {"https://me:secret@host/x", "..."},
	        {"https://me:sec/ret@host/x", "..."},
	        {"https://me:sec?ret@host/x", "..."},
	        {"mongodb+srv://me:secret@host/x", "..."},
	        {"jdbc:sqlserver://db:1433;user=sa;password=secret", "..."},
	        {"jdbc:oracle:thin:scott/tiger@db:1521:x", "..."},
	        {"data:text/plain,secret", "..."},
	        {"https://[::1]:8080/x", "https://[::1]:8080/x"},
	        {"https://host/x@y", "https://host/x@y"},
	        {"s3://b/a;b", "s3://b/a;b"},
	};
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
		passes("cloudformation.amazonaws.com", "TemplateURL", urls[i][0], urls[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(fields_pass_in_their_form),
	        cmocka_unit_test(others_are_left_out),
	        cmocka_unit_test(members_pass_that_name_something),
	        cmocka_unit_test(nothing_passes_from_words_of_the_callers),
	        cmocka_unit_test(some_values_pass_as_arns_only),
	        cmocka_unit_test(urls_pass_without_what_may_be_secret),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
