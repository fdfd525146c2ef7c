/* test_errors.c - what the code of a failed call proves, in all its spellings. */
#include "unit.h"

#include "call/error-code.h"
#include "mapping/errors.h"

#include <stdio.h>

static void phase_is(const char *source, const char *name, const char *code, enum error_phase want)
{
	struct error_rule got =
	        mapping_error(mapping_builtin(), span_of(source), span_of(name), span_of(code));
	if (got.phase != want)
		fail_msg("%s %s %s: got %s, want %s", source, name, code ? code : "(none)",
		         error_phase_name(got.phase), error_phase_name(want));
}

static void codes_have_a_phase(void **state)
{
	static const struct {
		const char *source, *name, *code;
		enum error_phase want;
	} t[] = {
	        {"iam.amazonaws.com", "CreateUser", "Throttling", ERROR_BEFORE},
	        {"ssm.amazonaws.com", "GetParameter", "ThrottlingException", ERROR_BEFORE},
	        {"ec2.amazonaws.com", "RunInstances", "Client.RequestLimitExceeded", ERROR_BEFORE},
	        {"kms.amazonaws.com", "Encrypt", "SignatureDoesNotMatch", ERROR_BEFORE},
	        {"kms.amazonaws.com", "Encrypt", "ExpiredTokenException", ERROR_BEFORE},
	        {"dynamodb.amazonaws.com", "PutItem", "SerializationException", ERROR_BEFORE},
	        {"dynamodb.amazonaws.com", "PutItem", "UnknownOperationException", ERROR_BEFORE},
	        {"glue.amazonaws.com", "CreateJob", "OptInRequired", ERROR_BEFORE},
	        {"glue.amazonaws.com", "CreateJob", "SomeAccessDeniedException", ERROR_BEFORE},
	        {"glue.amazonaws.com", "CreateJob", "WidgetNotAuthorizedFault", ERROR_BEFORE},
	        {"s3.amazonaws.com", "GetObject", "NoSuchKey", ERROR_AFTER},
	        {"s3.amazonaws.com", "GetObject", "SlowDown", ERROR_BEFORE},
	        {"s3.amazonaws.com", "HeadObject", "404", ERROR_AFTER},
	        {"sqs.amazonaws.com", "X", "HTTP404", ERROR_AFTER},
	        {"s3.amazonaws.com", "ListObjects", "NoSuchBucket", ERROR_UNDECIDED},
	        {"dynamodb.amazonaws.com", "PutItem", "ConditionalCheckFailedException",
	         ERROR_AFTER},
	        {"dynamodb.amazonaws.com", "PutItem",
	         "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", ERROR_AFTER},
	        {"dynamodb.amazonaws.com", "PutItem", "ProvisionedThroughputExceededException",
	         ERROR_BEFORE},
	        {"iam.amazonaws.com", "CreateUser", "EntityAlreadyExists", ERROR_AFTER},
	        {"iam.amazonaws.com", "CreateUser", "EntityAlreadyExistsException", ERROR_AFTER},
	        {"iam.amazonaws.com", "CreateUser", "LimitExceededException", ERROR_AFTER},
	        {"rds.amazonaws.com", "CreateDBInstance", "DBInstanceAlreadyExistsFault",
	         ERROR_AFTER},
	        {"ec2.amazonaws.com", "CreateVpc", "Client.VpcLimitExceeded", ERROR_AFTER},
	        {"ec2.amazonaws.com", "StopInstances", "Client.InvalidInstanceID.NotFound",
	         ERROR_UNDECIDED},
	        {"ec2.amazonaws.com", "RunInstances", "Client.DryRunOperation", ERROR_AFTER},
	        {"kinesis.amazonaws.com", "PutRecord", "LimitExceededException", ERROR_BEFORE},
	        {"cloudformation.amazonaws.com", "UpdateStack", "ValidationError", ERROR_UNDECIDED},
	        {"lambda.amazonaws.com", "Invoke", "ValidationException", ERROR_UNDECIDED},
	        {"lambda.amazonaws.com", "Invoke", "InvalidParameterValueException",
	         ERROR_UNDECIDED},
	        {"lambda.amazonaws.com", "Invoke", "ServiceException", ERROR_UNDECIDED},
	        {"s3.amazonaws.com", "HeadBucket", "404", ERROR_UNDECIDED},
	        {"s3.amazonaws.com", "HeadBucket", "HTTP404", ERROR_UNDECIDED},
	        {"s3.amazonaws.com", "HeadBucket", "412", ERROR_AFTER},
	        {"ec2.amazonaws.com", "RunInstances", "Client.BandwidthLimitExceeded",
	         ERROR_BEFORE},
	        {"ec2.amazonaws.com", "StartInstances", "Client.IncorrectInstanceState",
	         ERROR_AFTER},
	        {"kms.amazonaws.com", "Verify", "KMSInvalidSignatureException", ERROR_AFTER},
	        {"kms.amazonaws.com", "Decrypt", "DryRunOperationException", ERROR_AFTER},
	        {"kms.amazonaws.com", "CreateGrant", "LimitExceededException", ERROR_UNDECIDED},
	        {"sqs.amazonaws.com", "CreateQueue", "QueueAlreadyExists", ERROR_AFTER},
	        {"sqs.amazonaws.com", "CreateQueue", "QueueNameExists", ERROR_AFTER},
	        {"sqs.amazonaws.com", "PurgeQueue", "AWS.SimpleQueueService.PurgeQueueInProgress",
	         ERROR_AFTER},
	        {"sqs.amazonaws.com", "GetQueueUrl", "AWS.SimpleQueueService.NonExistentQueue",
	         ERROR_UNDECIDED},
	        {"sns.amazonaws.com", "SetTopicAttributes", "InvalidState", ERROR_UNDECIDED},
	        {"sts.amazonaws.com", "AssumeRoleWithWebIdentity", "IDPRejectedClaim",
	         ERROR_BEFORE},
	        {"ssm.amazonaws.com", "SendCommand", "InvalidInstanceId", ERROR_UNDECIDED},
	        {"rds.amazonaws.com", "StopDBInstance", "InvalidDBInstanceState", ERROR_AFTER},
	        {"monitoring.amazonaws.com", "PutMetricAlarm", "LimitExceeded", ERROR_AFTER},
	        {"monitoring.amazonaws.com", "PutDashboard", "LimitExceeded", ERROR_UNDECIDED},
	        /* quotas that are rates */
	        {"apigateway.amazonaws.com", "CreateRestApi", "LimitExceededException",
	         ERROR_BEFORE},
	        {"bedrock.amazonaws.com", "CreateGuardrail", "ServiceQuotaExceededException",
	         ERROR_BEFORE},
	        {"ce.amazonaws.com", "GetCostAndUsage", "LimitExceededException", ERROR_BEFORE},
	        {"glue.amazonaws.com", "CreateJob", "ServiceQuotaExceededException", ERROR_AFTER},
	        {"dynamodb.amazonaws.com", "GetRecords", "LimitExceededException", ERROR_BEFORE},
	        {"datazone.amazonaws.com", "NewerThanTables", "ServiceQuotaExceededException",
	         ERROR_UNDECIDED},
	        {"dynamodb.amazonaws.com", "CreateTable", "Throttling:LimitExceededException",
	         ERROR_BEFORE},
	        /* an operation newer than the tables: what its source may mean by the code */
	        {"apigateway.amazonaws.com", "NewerThanTables", "LimitExceededException",
	         ERROR_BEFORE},
	        {"bedrock.amazonaws.com", "NewerThanTables", "ServiceQuotaExceededException",
	         ERROR_BEFORE},
	        {"glue.amazonaws.com", "NewerThanTables", "AlreadyExistsException", ERROR_AFTER},
	        {"nosuch.amazonaws.com", "X", "NeverHeardOf", ERROR_UNDECIDED},
	        {"nosuch.amazonaws.com", "X", "throttlingexception", ERROR_BEFORE},
	        {"nosuch.amazonaws.com", "X", "", ERROR_UNDECIDED},
	        {"nosuch.amazonaws.com", "X", NULL, ERROR_UNDECIDED},
	        {NULL, NULL, "Exception", ERROR_UNDECIDED},
	};
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
		phase_is(t[i].source, t[i].name, t[i].code, t[i].want);
}

/* Every way in which a code is spelled proves the same. */
static void spellings_are_one(void **state)
{
	static const char *const before[] = {"", "Client.", "Server.", "aws.protocols#",
	                                     "x.y#Client."};
	static const char *const behind[] = {"", "Exception", "Fault", ":http://internal/",
	                                     "Exception:http://internal/"};
	static const struct {
		const char *code;
		enum error_phase want;
	} t[] = {{"Throttling", ERROR_BEFORE},
	         {"AlreadyExists", ERROR_AFTER},
	         {"ResourceInUse", ERROR_AFTER},
	         {"Validation", ERROR_UNDECIDED}};
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
		for (size_t k = 0; k < 25; k++) {
			char code[200];
			snprintf(code, sizeof code, "%s%s%s", before[k / 5], t[i].code,
			         behind[k % 5]);
			phase_is("glue.amazonaws.com", "CreateJob", code, t[i].want);
		}
}

static void rows_have_their_source(void **state)
{
	struct error_rule r = mapping_error(mapping_builtin(), SPAN_LIT("s3.amazonaws.com"),
	                                    SPAN_LIT("GetObject"), SPAN_LIT("NoSuchKey"));
	assert_true(r.reason.n > 0);
	assert_true(span_starts(r.document, SPAN_LIT("https://docs.aws.amazon.com/")));
}

static void stems_lose_their_wrapping(void **state)
{
	assert_true(span_is(error_code_plain(SPAN_LIT("a#B:c")), "B"));
	assert_true(span_is(error_code_stem(SPAN_LIT("Exception")), "Exception"));
	assert_true(span_is(error_code_stem(SPAN_LIT("Client.XFault")), "X"));
	assert_null(error_code_stem(SPAN_NONE).p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(codes_have_a_phase),
	        cmocka_unit_test(spellings_are_one),
	        cmocka_unit_test(rows_have_their_source),
	        cmocka_unit_test(stems_lose_their_wrapping),
	};
	return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
