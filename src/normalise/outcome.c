/* outcome.c - normalise: see outcome.h. Every code that is not in the table is a failure;
 * whether it proves authorization is decided when a policy is made (mapping/errors.h). */
#include "config.h"

#include "normalise/outcome.h"

#include "call/error-code.h"
#include "mapping/errors.h"
#include "normalise/denial.h"

/* Sources:
 *  [ec2]  Error codes for the Amazon EC2 API, "Common client error codes"
 *  [com]  "Common errors" of the query APIs (IAM, STS, SNS, ...), API references
 *  [json] "Common errors" of the JSON APIs (DynamoDB, KMS, Lambda, ...)
 *  [s3]   Amazon S3 API reference, "Error responses"
 *  [sns]  Amazon SNS API reference, "AuthorizationError"
 *  [rds]  Amazon RDS API reference: faults end in Fault
 *  [iot]  AWS IoT, Cognito, Organizations, CodeCommit API references, errors of the operations
 *  [vpce] CloudTrail user guide, network activity events
 *  [seen] observed in published CloudTrail records
 * Sorted by bytes for the search. */
static const struct {
	const char *code;
	enum outcome outcome;
} codes[] = {
        {"401", OUTCOME_UNAUTHENTICATED},                /* captures: a status without a code */
        {"403", OUTCOME_DENIED},                         /* [s3] HEAD has no body to name a code */
        {"AccessDenied", OUTCOME_DENIED},                /* [com] [s3] */
        {"AccessDeniedException", OUTCOME_DENIED},       /* [json] */
        {"AccessDeniedFault", OUTCOME_DENIED},           /* [rds] DMS */
        {"AccountProblem", OUTCOME_UNAUTHENTICATED},     /* [s3] */
        {"AuthFailure", OUTCOME_UNAUTHENTICATED},        /* [ec2] */
        {"AuthorizationError", OUTCOME_DENIED},          /* [sns] */
        {"AuthorizationErrorException", OUTCOME_DENIED}, /* [sns] in the SDKs */
        {"AuthorizationHeaderMalformed", OUTCOME_UNAUTHENTICATED}, /* [s3] */
        {"Blocked", OUTCOME_UNAUTHENTICATED},                 /* [ec2] the account is blocked */
        {"CloudHsmAccessDeniedException", OUTCOME_DENIED},    /* [json] */
        {"CredentialsNotSupported", OUTCOME_UNAUTHENTICATED}, /* [s3] */
        {"DryRunOperation", OUTCOME_ALLOWED},                 /* [ec2] would have succeeded */
        {"ExpiredToken", OUTCOME_UNAUTHENTICATED},            /* [s3] [com] */
        {"ExpiredTokenException", OUTCOME_UNAUTHENTICATED},   /* [json] */
        {"Failed authentication", OUTCOME_UNAUTHENTICATED},   /* [seen] console sign-in */
        {"Forbidden", OUTCOME_DENIED},                        /* [s3] as SDKs name a bodiless 403 */
        {"ForbiddenException", OUTCOME_DENIED},               /* [iot] */
        {"IncompleteSignature", OUTCOME_UNAUTHENTICATED},     /* [com] */
        {"IncompleteSignatureException", OUTCOME_UNAUTHENTICATED},  /* [json] */
        {"InvalidAccessKeyId", OUTCOME_UNAUTHENTICATED},            /* [s3] */
        {"InvalidClientTokenId", OUTCOME_UNAUTHENTICATED},          /* [com] */
        {"InvalidClientTokenIdException", OUTCOME_UNAUTHENTICATED}, /* [json] */
        {"InvalidSecurity", OUTCOME_UNAUTHENTICATED},               /* [s3] */
        {"InvalidSecurityToken", OUTCOME_UNAUTHENTICATED},          /* [com] */
        {"InvalidSignatureException", OUTCOME_UNAUTHENTICATED},     /* [json] */
        {"InvalidToken", OUTCOME_UNAUTHENTICATED},                  /* [s3] */
        {"KMSAccessDenied", OUTCOME_DENIED},                        /* [sns] for the topic's key */
        {"KMSAccessDeniedException", OUTCOME_DENIED}, /* [json] Kinesis, Lambda: for the key */
        {"KmsAccessDenied", OUTCOME_DENIED},          /* [json] SQS, for the queue's key */
        {"KmsAccessDeniedException", OUTCOME_DENIED}, /* [json] Step Functions */
        {"MissingAuthenticationToken", OUTCOME_UNAUTHENTICATED},          /* [com] */
        {"MissingAuthenticationTokenException", OUTCOME_UNAUTHENTICATED}, /* [json] */
        {"MissingSecurityHeader", OUTCOME_UNAUTHENTICATED},               /* [s3] */
        {"NoResponse", OUTCOME_UNKNOWN},                    /* captures: the connection ended */
        {"NotAuthorized", OUTCOME_DENIED},                  /* [com] */
        {"NotAuthorizedException", OUTCOME_DENIED},         /* [iot] */
        {"NotSignedUp", OUTCOME_UNAUTHENTICATED},           /* [s3] */
        {"OpsItemAccessDeniedException", OUTCOME_DENIED},   /* [json] Systems Manager */
        {"OptInRequired", OUTCOME_UNAUTHENTICATED},         /* [ec2] [com] */
        {"PendingVerification", OUTCOME_UNAUTHENTICATED},   /* [ec2] */
        {"RequestExpired", OUTCOME_UNAUTHENTICATED},        /* [ec2] [com] */
        {"RequestTimeTooSkewed", OUTCOME_UNAUTHENTICATED},  /* [s3] */
        {"SignatureDoesNotMatch", OUTCOME_UNAUTHENTICATED}, /* [s3] [com] */
        {"SubscriptionRequiredException", OUTCOME_UNAUTHENTICATED}, /* [json] */
        {"TokenRefreshRequired", OUTCOME_UNAUTHENTICATED},          /* [s3] */
        {"Unauthorized", OUTCOME_DENIED},                           /* [iot] */
        {"UnauthorizedException", OUTCOME_DENIED},                  /* [iot] */
        {"UnauthorizedOperation", OUTCOME_DENIED},                  /* [ec2] */
        {"UnrecognizedClientException", OUTCOME_UNAUTHENTICATED},   /* [json] */
        {"UserNotAuthorized", OUTCOME_DENIED},                      /* [seen] */
        {"UserUnauthorizedException", OUTCOME_DENIED},              /* [iot] */
        {"VpceAccessDenied", OUTCOME_DENIED},                       /* [vpce] */
};

/* UpdateStack says so under a code that has many other meanings, once it has compared the stack
 * with the template: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/
 * API_UpdateStack.html. The message is not kept, so that this is decided here. */
static bool is_no_update(struct span code, struct span message)
{
	return span_is(code, "ValidationError") &&
	       span_starts(message, SPAN_LIT(OUTCOME_NO_UPDATE));
}

/* Observed: "Rate exceeded for stream" under LimitExceededException (boto/botocore, pull request
 * 821), of DynamoDB Streams (aws/aws-sdk-java-v2, issue 470), "The rate of requests exceeds the
 * throughput limit" of Cloud Directory's and others' LimitExceededException (aws/aws-sdk-js, issue
 * 2884), EC2's "Request limit exceeded.", API Gateway's "Too Many Requests". */
const char *const outcome_rates[] = {"Rate exceeded",          "Rate Exceeded",
                                     "Rate limit exceeded",    "The rate of requests exceeds",
                                     "Request limit exceeded", "Too many requests",
                                     "Too Many Requests",      NULL};

struct span outcome_code(const struct mapping *m, struct span source, struct span name,
                         struct span code, struct span message, struct arena *arena)
{
	for (const char *const *rate = outcome_rates; code.n && *rate; rate++)
		if (span_starts(message, span_of(*rate)) &&
		    mapping_error(m, source, name, code).phase != ERROR_BEFORE)
			return arena_printf(arena, "Throttling:%.*s", SPAN_ARG(code));
	return code;
}

bool outcome_fits(struct span source, struct span code)
{
	struct span plain = error_code_plain(code);
	if (span_is(plain, "DryRunOperation"))
		return span_is(source, "ec2.amazonaws.com");
	if (span_is(plain, "ValidationError"))
		return span_is(source, "cloudformation.amazonaws.com");
	return true;
}

static bool find_code(struct span code, enum outcome *out)
{
	size_t low = 0, high = sizeof codes / sizeof codes[0];
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = span_cmp(code, span_of(codes[mid].code));
		if (c == 0) {
			*out = codes[mid].outcome;
			return true;
		}
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return false;
}

enum outcome outcome_of_error(struct span code, struct span message, struct denial *denial)
{
	*denial = (struct denial){0};
	struct span plain = error_code_plain(code);
	if ((!code.n && !message.n) || is_no_update(plain, message))
		return OUTCOME_ALLOWED;
	enum outcome known = OUTCOME_FAILED;
	bool found = find_code(plain, &known);
	if (found && known != OUTCOME_DENIED)
		return known;
	/* A service may refuse a part of its work (iam:PassRole) under a code of its own; the
	 * message is plain. */
	if (denial_parse(message, DENIAL_MESSAGE_CUT, denial))
		return OUTCOME_DENIED;
	if (span_is(plain, "VpceAccessDenied"))
		denial->by = DENIAL_VPC_ENDPOINT;
	else if (known == OUTCOME_DENIED)
		denial_begins(message, denial);
	return known;
}
