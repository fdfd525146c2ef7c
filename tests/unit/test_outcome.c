/* test_outcome.c - what came of a call: error codes, and the texts of refusals. */
#include "unit.h"

#include "base/arena.h"
#include "normalise/context.h"
#include "normalise/denial.h"
#include "normalise/outcome.h"

#include <stdio.h>

static void is_text(const char *what, struct span got, const char *want)
{
	if (want ? !span_is(got, want) : got.p != NULL)
		fail_msg("%s: got '%.*s', want '%s'", what, SPAN_ARG(got),
		         want ? want : "(absent)");
}

static void codes(void **state)
{
	static const struct {
		const char *code;
		enum outcome want;
	} table[] = {
	        {NULL, OUTCOME_ALLOWED},
	        {"AccessDenied", OUTCOME_DENIED},
	        {"AccessDeniedException", OUTCOME_DENIED},
	        {"Client.UnauthorizedOperation", OUTCOME_DENIED},
	        {"UnauthorizedOperation", OUTCOME_DENIED},
	        {"AuthorizationError", OUTCOME_DENIED},
	        {"NotAuthorizedException", OUTCOME_DENIED},
	        {"VpceAccessDenied", OUTCOME_DENIED},
	        {"KMSAccessDenied", OUTCOME_DENIED},
	        {"KmsAccessDenied", OUTCOME_DENIED},
	        {"com.amazon.coral.service#AccessDeniedException:http://x/", OUTCOME_DENIED},
	        {"403", OUTCOME_DENIED},
	        {"DryRunOperation", OUTCOME_ALLOWED},
	        {"Client.DryRunOperation", OUTCOME_ALLOWED},
	        {"ExpiredToken", OUTCOME_UNAUTHENTICATED},
	        {"InvalidClientTokenId", OUTCOME_UNAUTHENTICATED},
	        {"SignatureDoesNotMatch", OUTCOME_UNAUTHENTICATED},
	        {"AuthFailure", OUTCOME_UNAUTHENTICATED},
	        {"Client.AuthFailure", OUTCOME_UNAUTHENTICATED},
	        {"Client.", OUTCOME_FAILED},
	        {"aws.protocols#", OUTCOME_FAILED},
	        {"OptInRequired", OUTCOME_UNAUTHENTICATED},
	        {"UnrecognizedClientException", OUTCOME_UNAUTHENTICATED},
	        {"401", OUTCOME_UNAUTHENTICATED},
	        {"NoResponse", OUTCOME_UNKNOWN},
	        {"NoSuchKey", OUTCOME_FAILED},
	        {"ThrottlingException", OUTCOME_FAILED},
	        {"ValidationException", OUTCOME_FAILED},
	        {"404", OUTCOME_FAILED},
	        {"accessdenied", OUTCOME_FAILED},
	        {"", OUTCOME_ALLOWED},
	};
	struct denial d;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		enum outcome got = outcome_of_error(span_of(table[i].code), SPAN_NONE, &d);
		if (got != table[i].want)
			fail_msg("%s: got %d", table[i].code ? table[i].code : "none", got);
	}
}

struct message {
	const char *text;
	const char *action, *resource, *policy;
	enum denial_by by;
	bool explicit_deny;
};

#define USER "User: arn:aws:iam::111122223333:user/a is not authorized to perform: "

static const struct message messages[] = {
        {USER "s3:ListBucket on resource: arn:aws:s3:::b because no identity-based policy allows "
              "the s3:ListBucket action",
         "s3:ListBucket", "arn:aws:s3:::b", NULL, DENIAL_IDENTITY, false},
        {USER "s3:GetObject on resource: \"arn:aws:s3:::b/my key, with. things\" because no "
              "resource-based policy allows the s3:GetObject action",
         "s3:GetObject", "arn:aws:s3:::b/my key, with. things", NULL, DENIAL_RESOURCE, false},
        {USER "s3:PutObject on resource: \"arn:aws:s3:::b/x\" because no identity-based policy "
              "allows the s3:PutObject action\" with an explicit deny in a service control policy",
         "s3:PutObject",
         "arn:aws:s3:::b/x\" because no identity-based policy allows the s3:PutObject action", NULL,
         DENIAL_SCP, true},
        {USER "s3:PutObject on resource: \"arn:aws:s3:::b/cut in the mid", "s3:PutObject", NULL,
         NULL, DENIAL_UNSTATED, false},
        {USER "ec2:RunInstances with an explicit deny in an identity-based policy",
         "ec2:RunInstances", NULL, NULL, DENIAL_IDENTITY, true},
        {USER "ec2:RunInstances on resource: * with an explicit deny in a service control policy",
         "ec2:RunInstances", "*", NULL, DENIAL_SCP, true},
        {USER "ec2:RunInstances on resource: * with an explicit deny in a resource control policy",
         "ec2:RunInstances", "*", NULL, DENIAL_RCP, true},
        {USER "sqs:SendMessage on resource: arn:aws:sqs:us-east-1:1:q because no session policy "
              "allows the sqs:SendMessage action",
         "sqs:SendMessage", "arn:aws:sqs:us-east-1:1:q", NULL, DENIAL_SESSION, false},
        {USER "sqs:SendMessage because no permissions boundary allows the sqs:SendMessage action",
         "sqs:SendMessage", NULL, NULL, DENIAL_BOUNDARY, false},
        {USER "sqs:SendMessage with an explicit deny in a permissions boundary", "sqs:SendMessage",
         NULL, NULL, DENIAL_BOUNDARY, true},
        {USER "s3:ListBucket on resource: x because no VPC endpoint policy allows the "
              "s3:ListBucket action",
         "s3:ListBucket", "x", NULL, DENIAL_VPC_ENDPOINT, false},
        {USER "sts:AssumeRole on resource: arn:aws:iam::111122223333:role/r because no role trust "
              "policy allows the sts:AssumeRole action",
         "sts:AssumeRole", "arn:aws:iam::111122223333:role/r", NULL, DENIAL_TRUST, false},
        {USER "codecommit:ListRepositories because no service control policy allows the "
              "codecommit:ListRepositories action",
         "codecommit:ListRepositories", NULL, NULL, DENIAL_SCP, false},
        {USER "iam:GetUser on resource: user bob with an explicit deny", "iam:GetUser", "user bob",
         NULL, DENIAL_UNSTATED, true},
        {USER "iam:DeleteAccessKey on resource: access key AKIAIOSFODNN7EXAMPLE",
         "iam:DeleteAccessKey", "access key AKIAIOSFODNN7EXAMPLE", NULL, DENIAL_UNSTATED, false},
        {USER "SNS:Publish on resource: arn:aws:sns:us-east-1:1:t because no identity-based policy "
              "allows the SNS:Publish action",
         "SNS:Publish", "arn:aws:sns:us-east-1:1:t", NULL, DENIAL_IDENTITY, false},
        {"User is not authorized to perform: rds:ModifyDBInstance", "rds:ModifyDBInstance", NULL,
         NULL, DENIAL_UNSTATED, false},
        {"You are not authorized to perform this operation. " USER
         "ec2:GetPasswordData on resource: arn:aws:ec2:us-east-1:1:instance/* because no "
         "identity-based policy allows the ec2:GetPasswordData action. Encoded authorization "
         "failure message: 4DDn",
         "ec2:GetPasswordData", "arn:aws:ec2:us-east-1:1:instance/*", NULL, DENIAL_IDENTITY, false},
        {USER "s3:GetObject on resource: \"arn:aws:s3:::b/k\" with an explicit deny in a service "
              "control policy: "
              "arn:aws:organizations::111122223333:policy/o-x/service_control_policy/p-1. Go to "
              "https://docs.aws.amazon.com/x for complete details, or call the "
              "GetRequestAuthorizationDetails API with the following authorization id: abc",
         "s3:GetObject", "arn:aws:s3:::b/k",
         "arn:aws:organizations::111122223333:policy/o-x/service_control_policy/p-1", DENIAL_SCP,
         true},
        {USER "s3:GetObject on resource: k with an explicit deny in an identity-based policy: "
              "arn:aws:iam::1:policy/Cu",
         "s3:GetObject", "k", NULL, DENIAL_IDENTITY, true},
        {USER "s3:GetObject on resource: a.b,c with an explicit deny in a shiny new policy",
         "s3:GetObject", "a.b,c", NULL, DENIAL_OTHER, true},
        /* no policy refused: S3's Block Public Access */
        {USER "s3:PutBucketPolicy on resource: \"arn:aws:s3:::b\" because public policies are "
              "prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
         "s3:PutBucketPolicy", "arn:aws:s3:::b", NULL, DENIAL_SETTING, false},
        {USER "s3:PutBucketAcl on resource: \"arn:aws:s3:::b\" because public access control lists "
              "(ACLs) are blocked by the BlockPublicAcls block public access setting.",
         "s3:PutBucketAcl", "arn:aws:s3:::b", NULL, DENIAL_SETTING, false},
        /* of keys of other accounts KMS tells no ARN */
        {USER "kms:Decrypt on the resource associated with this ciphertext because the resource does "
              "not exist in this Region, no resource-based policies allow access, or a "
              "resource-based policy explicitly denies access",
         "kms:Decrypt", NULL, NULL, DENIAL_RESOURCE, false},
        {USER "kms:DescribeKey on this resource because the resource does not exist in this Region, "
              "no resource-based policies allow access, or a resource-based policy explicitly "
              "denies access",
         "kms:DescribeKey", NULL, NULL, DENIAL_RESOURCE, false},
        {USER "x:Do on resource: r because of the moon", "x:Do", "r", NULL, DENIAL_OTHER, false},
        /* names with blanks, which are not quoted */
        {USER "cloudwatch:PutMetricAlarm on resource: arn:aws:cloudwatch:us-east-1:1:alarm:CPU of a "
              "with an explicit deny in a service control policy",
         "cloudwatch:PutMetricAlarm", "arn:aws:cloudwatch:us-east-1:1:alarm:CPU of a", NULL,
         DENIAL_SCP, true},
        {USER "cloudwatch:PutMetricAlarm on resource: arn:aws:cloudwatch:us-east-1:1:alarm:CPU of a "
              "because no identity-based policy allows the cloudwatch:PutMetricAlarm action",
         "cloudwatch:PutMetricAlarm", "arn:aws:cloudwatch:us-east-1:1:alarm:CPU of a", NULL,
         DENIAL_IDENTITY, false},
        {USER "budgets:ModifyBudget on resource: arn:aws:budgets::1:budget/My budget",
         "budgets:ModifyBudget", NULL, NULL, DENIAL_UNSTATED, false},
        {USER "amplify:GetApp on resource: arn:aws:amplify:us-east-1:1:apps/d (Service: Amplify, "
              "Status Code: 403)",
         "amplify:GetApp", "arn:aws:amplify:us-east-1:1:apps/d", NULL, DENIAL_UNSTATED, false},
        {USER "x:Do on resource: arn:aws:x:us-east-1:1:thing/a. Please ask", "x:Do",
         "arn:aws:x:us-east-1:1:thing/a.", NULL, DENIAL_UNSTATED, false},
        /* whose names hold a reason of their own making: the last one is AWS's */
        {USER "cloudwatch:PutMetricAlarm on resource: arn:aws:cloudwatch:us-east-1:1:alarm:x because "
              "no identity-based policy allows with an explicit deny in a service control policy",
         "cloudwatch:PutMetricAlarm",
         "arn:aws:cloudwatch:us-east-1:1:alarm:x because no identity-based policy allows", NULL,
         DENIAL_SCP, true},
        /* or what else AWS may write behind a resource */
        {USER "cloudwatch:DeleteAlarms on resource: arn:aws:cloudwatch:us-east-1:1:alarm:x (Service: y "
              "with an explicit deny in an identity-based policy",
         "cloudwatch:DeleteAlarms", "arn:aws:cloudwatch:us-east-1:1:alarm:x (Service: y", NULL,
         DENIAL_IDENTITY, true},
        {USER "cloudwatch:DeleteAlarms on resource: arn:aws:cloudwatch:us-east-1:1:alarm:z Go to "
              "http://a with an explicit deny in a permissions boundary",
         "cloudwatch:DeleteAlarms", "arn:aws:cloudwatch:us-east-1:1:alarm:z Go to http://a", NULL,
         DENIAL_BOUNDARY, true},
        {USER "ec2:DeleteKeyPair on resource: arn:aws:ec2:us-east-1:1:key-pair/x because no "
              "identity-based policy allows the ec2:DeleteKeyPair action. Encoded authorization "
              "failure message: a with an explicit deny in a service control policy. Encoded "
              "authorization failure message: 4DDn",
         "ec2:DeleteKeyPair",
         "arn:aws:ec2:us-east-1:1:key-pair/x because no identity-based policy allows the "
         "ec2:DeleteKeyPair action. Encoded authorization failure message: a",
         NULL, DENIAL_SCP, true},
        /* the end of a clause is nobody */
        {"Access denied: not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:x:1:q",
         "sqs:SendMessage", "arn:aws:sqs:x:1:q", NULL, DENIAL_UNSTATED, false},
        {"Sorry, not authorized to perform: sqs:SendMessage", "sqs:SendMessage", NULL, NULL,
         DENIAL_UNSTATED, false},
        {"Denied. Not signed in. is not authorized to perform: sqs:SendMessage", "sqs:SendMessage",
         NULL, NULL, DENIAL_UNSTATED, false},
        /* a service speaks of itself, or of the role that it was given */
        {"CodeBuild is not authorized to perform: sts:AssumeRole on arn:aws:iam::1:role/r",
         "sts:AssumeRole", NULL, NULL, DENIAL_OTHER, false},
        {"You are not authorized to perform: athena:GetQueryExecution on the resource. After your "
         "AWS administrator has updated your permissions, please try again.",
         "athena:GetQueryExecution", NULL, NULL, DENIAL_UNSTATED, false},
};

static void texts(void **state)
{
	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		const struct message *m = &messages[i];
		struct denial d;
		assert_true(denial_parse(span_of(m->text), DENIAL_MESSAGE_CUT, &d));
		is_text(m->text, d.action, m->action);
		is_text(m->text, d.resource, m->resource);
		is_text(m->text, d.policy, m->policy);
		if (d.by != m->by || d.explicit_deny != m->explicit_deny)
			fail_msg("%s: by %d explicit %d", m->text, d.by, d.explicit_deny);
	}
}

static void other_texts(void **state)
{
	static const char *const none[] = {
	        "",
	        "Access Denied",
	        "You are not authorized to perform this operation.",
	        "User: x is not authorized to perform:",
	        "User: x is not authorized to perform: nothing here",
	        "User: x is not authorized to perform: s3:",
	        "is not authorized to perform: :GetObject",
	};
	struct denial d;
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		if (denial_parse(span_of(none[i]), DENIAL_MESSAGE_CUT, &d) || d.action.p)
			fail_msg("'%s' names no action", none[i]);
}

/* Refused, and no policy would change it. */
static void settings(void **state)
{
	struct denial d;
	assert_int_equal(outcome_of_error(span_of("AccessDenied"),
	                                  span_of("IAM user access not activated"), &d),
	                 OUTCOME_DENIED);
	assert_int_equal(d.by, DENIAL_SETTING);
	assert_int_equal(outcome_of_error(span_of("ValidationException"),
	                                  span_of("IAM user access not activated"), &d),
	                 OUTCOME_FAILED);
	assert_int_equal(d.by, DENIAL_UNSTATED);
	assert_int_equal(outcome_of_error(span_of("AccessDeniedException"),
	                                  span_of("Said: IAM user access not activated"), &d),
	                 OUTCOME_DENIED);
	assert_int_equal(d.by, DENIAL_UNSTATED);
}

/* What names no action and tells it all the same. */
static void beginnings(void **state)
{
	static const struct {
		const char *code, *text;
		enum denial_by by;
		const char *action;
	} table[] = {
	        {"AccessDenied", "Roles may not be assumed by root accounts.", DENIAL_SETTING, NULL},
	        {"AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
	         DENIAL_SETTING, NULL},
	        {"NotAuthorizedException", "Incorrect username or password.", DENIAL_SETTING, NULL},
	        {"AccessDeniedException",
	         "Neither the global service principal states.amazonaws.com, nor the regional one is "
	         "authorized to assume the provided role.",
	         DENIAL_TRUST, NULL},
	        {"AccessDeniedException",
	         "'arn:aws:iam::111122223333:role/r' is not authorized to create managed-rule.",
	         DENIAL_OTHER, NULL},
	        {"AccessDeniedException",
	         "The ciphertext refers to a customer master key that does not exist, does not exist in "
	         "this region, or you are not allowed to access.",
	         DENIAL_UNSTATED, "kms:Decrypt"},
	        {"KMSAccessDenied",
	         "The ciphertext refers to a customer master key that does not exist, does not exist in "
	         "this region, or you are not allowed to access.",
	         DENIAL_UNSTATED, "kms:Decrypt"},
	        {"AccessDeniedException", "Access to KMS is not allowed", DENIAL_UNSTATED, "kms:Decrypt"},
	        {"AccessDenied", "Access to the resource https://sqs.us-east-1.amazonaws.com/ is denied.",
	         DENIAL_UNSTATED, NULL},
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct denial d;
		assert_int_equal(
		        outcome_of_error(span_of(table[i].code), span_of(table[i].text), &d),
		        OUTCOME_DENIED);
		is_text(table[i].text, d.action, table[i].action);
		if (d.by != table[i].by)
			fail_msg("%s: by %d", table[i].text, d.by);
	}
}

/* Lambda says what was refused to the function's role, to who invokes the function. */
static void of_another(void **state)
{
	static const struct {
		const char *named, *caller;
		bool other;
	} table[] = {
	        {"arn:aws:sts::111122223333:assumed-role/f/f", "arn:aws:iam::111122223333:user/a", true},
	        {"arn:aws:sts::111122223333:assumed-role/f/f",
	         "arn:aws:sts::111122223333:assumed-role/g/f", true},
	        {"arn:aws:sts::111122223333:assumed-role/f/one",
	         "arn:aws:sts::111122223333:assumed-role/f/two", false},
	        {"arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:user/a", false},
	        {"arn:aws:iam::111122223333:user/a", "arn:aws:iam::444455556666:user/a", true},
	        {"arn:aws:iam::111122223333:user/a", "arn:aws:iam::REDACTED:user/b", false},
	        {"anonymous", "arn:aws:iam::111122223333:user/a", false},
	        {"arn:aws:iam::111122223333:user/a", "", false},
	};
	char text[256];
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		snprintf(text, sizeof text,
		         "KMS Message: User: %s is not authorized to perform: kms:Decrypt", table[i].named);
		if (denial_of_another(span_of(text), span_of(table[i].caller)) != table[i].other)
			fail_msg("%s for %s", table[i].named, table[i].caller);
	}
}

/* What CloudTrail cut at 1 KB may end anywhere: a piece of a name must not pass for the name. */
static void cut_texts(void **state)
{
	char text[DENIAL_MESSAGE_CUT + 1];
	struct denial d;
	memset(text, 'x', sizeof text);
	memcpy(text, USER "s3:GetObject on resource: ", strlen(USER "s3:GetObject on resource: "));
	assert_true(denial_parse(span_make(text, DENIAL_MESSAGE_CUT), DENIAL_MESSAGE_CUT, &d));
	is_text("cut", d.resource, NULL);
	assert_true(denial_parse(span_make(text, DENIAL_MESSAGE_CUT - 1), DENIAL_MESSAGE_CUT, &d));
	assert_non_null(d.resource.p);
	assert_true(denial_parse(span_make(text, DENIAL_MESSAGE_CUT_CSM), DENIAL_MESSAGE_CUT_CSM, &d));
	is_text("cut by an SDK", d.resource, NULL);
	assert_int_equal(d.by, DENIAL_OTHER);
	memset(text, 'x', sizeof text);
	memcpy(text, USER "s3:", strlen(USER "s3:"));
	assert_false(denial_parse(span_make(text, DENIAL_MESSAGE_CUT), DENIAL_MESSAGE_CUT, &d));
}

#define ALLOWS " because no identity-based policy allows the x:Do action. "
#define ENCODED "Encoded authorization failure message: "

/* What a cut message says of the reason: beyond the name only where it provably goes on. */
static void cut_reasons(void **state)
{
	static const struct {
		const char *text, *resource;
		enum denial_by by;
		bool explicit_deny;
	} table[] = {
	        {USER "ec2:DeleteKeyPair on resource: arn:aws:ec2:us-east-1:1:key-pair/x" ALLOWS
	              "with an explicit deny in a service control policy. " ENCODED,
	         NULL, DENIAL_SCP, true},
	        {USER "ec2:DeleteKeyPair on resource: arn:aws:ec2:us-east-1:1:key-pair/x" ALLOWS ENCODED
	              "a with an explicit deny in a service control policy. " ENCODED,
	         NULL, DENIAL_SCP, true},
	        {USER "ec2:DeleteKeyPair on resource: arn:aws:ec2:us-east-1:1:key-pair/x" ALLOWS ENCODED,
	         "arn:aws:ec2:us-east-1:1:key-pair/x", DENIAL_IDENTITY, false},
	        {USER "ec2:StartX" ALLOWS ENCODED, NULL, DENIAL_IDENTITY, false},
	        {USER "ec2:StartX. " ENCODED, NULL, DENIAL_UNSTATED, false},
	        {USER "x:Do on resource: \"arn:aws:s3:::b/evil\"" ALLOWS, NULL, DENIAL_OTHER, false},
	        {USER "x:Do on resource: \"arn:aws:s3:::b/evil\"" ALLOWS ENCODED, NULL, DENIAL_OTHER,
	         false},
	        {USER "x:Do on resource: arn:aws:x:us-east-1:1:t/a" ALLOWS, NULL, DENIAL_OTHER, false},
	        {USER "x:Do on resource: arn:aws:x:us-east-1:1:t/a" ALLOWS ENCODED "short ", NULL,
	         DENIAL_OTHER, false},
	};
	char text[DENIAL_MESSAGE_CUT];
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		size_t n = strlen(table[i].text);
		struct denial d;
		memset(text, 'z', sizeof text);
		memcpy(text, table[i].text, n);
		assert_true(denial_parse(span_make(text, sizeof text), DENIAL_MESSAGE_CUT, &d));
		if (d.by != table[i].by || d.explicit_deny != table[i].explicit_deny)
			fail_msg("%zu: by %d explicit %d", i, d.by, d.explicit_deny);
		if (table[i].resource)
			is_text(table[i].text, d.resource, table[i].resource);
		if (table[i].by == DENIAL_OTHER)
			assert_null(d.resource.p);
	}
	/* too few characters behind it to be more than a name's */
	memset(text, 'z', sizeof text);
	const char *start = USER "ec2:DeleteKeyPair on resource: arn:aws:ec2:us-east-1:1:key-pair/";
	const char *end = ALLOWS ENCODED;
	memcpy(text, start, strlen(start));
	for (size_t few = DENIAL_ENCODED_LEAST - 1; few <= DENIAL_ENCODED_LEAST; few++) {
		struct denial d;
		memset(text + strlen(start), 'z', sizeof text - strlen(start));
		memcpy(text + sizeof text - few - strlen(end), end, strlen(end));
		assert_true(denial_parse(span_make(text, sizeof text), DENIAL_MESSAGE_CUT, &d));
		assert_int_equal(d.by, few < DENIAL_ENCODED_LEAST ? DENIAL_OTHER : DENIAL_IDENTITY);
	}
}

static void message_over_code(void **state)
{
	struct denial d;
	assert_int_equal(outcome_of_error(SPAN_LIT("InvalidParameterException"),
	                                  SPAN_LIT("User: a is not authorized to perform: "
	                                           "iam:PassRole on resource: r"),
	                                  &d),
	                 OUTCOME_DENIED);
	is_text("action", d.action, "iam:PassRole");
	outcome_of_error(SPAN_LIT("VpceAccessDenied"), SPAN_NONE, &d);
	assert_int_equal(d.by, DENIAL_VPC_ENDPOINT);
}

static void networks(void **state)
{
	static const char *const table[][2] = {
	        {"192.0.2.7", "192.0.2.7"},
	        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
	        {"cloudformation.amazonaws.com", "cloudformation.amazonaws.com"},
	        {"AWS Internal", "AWS Internal"},
	        {"redacted", "other"},
	        {"999.1.1.1", "other"},
	        {"192.0.2.7 and much more text than any address has, by far", "other"},
	};
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		is_text(table[i][0], source_network(span_of(table[i][0]), &arena), table[i][1]);
	is_text("absent", source_network(SPAN_NONE, &arena), NULL);
	arena_release(&arena);
}

static void agents(void **state)
{
	static const char *const table[][3] = {
	        {"APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) "
	         "terraform-provider-aws/3.76.1 aws-sdk-go/1.44.157 (go1.19.3; linux; amd64)",
	         "192.0.2.7", "terraform"},
	        {"[Boto3/1.26.165 Python/3.10.6 Linux/5.19.0 Botocore/1.29.165]", "192.0.2.7",
	         "boto3"},
	        {"aws-cli/2.13.0 Python/3.11.4 Linux/5.10.0 exe/x86_64.ubuntu.22", "192.0.2.7",
	         "aws-cli/2"},
	        {"[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488 Linux]", "192.0.2.7",
	         "console"},
	        {"signin.amazonaws.com", "192.0.2.7", "console"},
	        {"secretsmanager.amazonaws.com", "secretsmanager.amazonaws.com",
	         "secretsmanager.amazonaws.com"},
	        {"secretsmanager.amazonaws.com", "192.0.2.7", "other"},
	        {"my-own-tool/1.0", "192.0.2.7", "other"},
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		is_text(table[i][0], agent_family(span_of(table[i][0]), span_of(table[i][1]), NULL),
		        table[i][2]);
}

/* The message tells a rate from a quota; only of codes that could prove something. */
static void a_rate_is_told_by_its_message(void **state)
{
	static const struct {
		const char *source, *name, *code, *message, *want;
	} t[] = {
	        {"dynamodb", "CreateTable", "LimitExceededException", "Rate exceeded",
	         "Throttling:LimitExceededException"},
	        {"dynamodb", "CreateTable", "LimitExceededException", "Rate exceeded for x",
	         "Throttling:LimitExceededException"},
	        {"glue", "CreateJob", "AlreadyExistsException", "Too Many Requests",
	         "Throttling:AlreadyExistsException"},
	        {"glue", "CreateJob", "NeverHeardOf", "Request limit exceeded.",
	         "Throttling:NeverHeardOf"},
	        {"glue", "CreateJob", "ThrottlingException", "Rate exceeded",
	         "ThrottlingException"},
	        {"glue", "CreateJob", "LimitExceededException", "The rate of jobs",
	         "LimitExceededException"},
	        {"glue", "CreateJob", "LimitExceededException", NULL, "LimitExceededException"},
	        {"glue", "CreateJob", NULL, "Rate exceeded", NULL},
	};
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		char source[64];
		snprintf(source, sizeof source, "%s.amazonaws.com", t[i].source);
		struct span got =
		        outcome_code(mapping_builtin(), span_of(source), span_of(t[i].name),
		                     span_of(t[i].code), span_of(t[i].message), &arena);
		if (!span_eq(got, span_of(t[i].want)))
			fail_msg("%s, %s: %.*s", t[i].code, t[i].message, SPAN_ARG(got));
	}
	arena_release(&arena);
	assert_true(outcome_fits(span_of("ec2.amazonaws.com"), span_of("Client.DryRunOperation")));
	assert_false(outcome_fits(span_of("s3.amazonaws.com"), span_of("DryRunOperation")));
	assert_true(
	        outcome_fits(span_of("cloudformation.amazonaws.com"), span_of("ValidationError")));
	assert_false(outcome_fits(span_of("ecs.amazonaws.com"), span_of("ValidationError")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_rate_is_told_by_its_message),
	        cmocka_unit_test(codes),
	        cmocka_unit_test(texts),
	        cmocka_unit_test(other_texts),
	        cmocka_unit_test(settings),
	        cmocka_unit_test(beginnings),
	        cmocka_unit_test(of_another),
	        cmocka_unit_test(cut_texts),
	        cmocka_unit_test(cut_reasons),
	        cmocka_unit_test(message_over_code),
	        cmocka_unit_test(networks),
	        cmocka_unit_test(agents),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
