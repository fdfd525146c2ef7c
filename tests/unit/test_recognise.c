/* test_recognise.c - from a request and its response to a captured call: which operation, by whom,
 * with which parameters, and what came of it. */
#include "unit.h"

#include "proxy/observe.h"
#include "recognise/recognise.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

static struct host_rules rules;
static struct recogniser *recogniser;

static int set_up(void **state)
{
	recogniser = recogniser_new(mapping_builtin(), &rules, false);
	rules.endpoint = recogniser_endpoint;
	rules.data = recogniser;
	return 0;
}

static int tear_down(void **state)
{
	recogniser_free(recogniser);
	return 0;
}

#define SCOPE(region, service)                                                             \
	"Authorization: AWS4-HMAC-SHA256 Credential=AKIAQ3EGRISEXAMPLE12/20261122/" region \
	"/" service "/aws4_request, SignedHeaders=host, Signature=5ec4e7\r\n"
#define FORM "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"

struct exchange {
	const char *request;  /* head with a last empty line, and body */
	size_t body_bytes;    /* 0: strlen */
	const char *response; /* NULL: 200 without anything */
	const char *want;
};

static struct observed *run(const char *request, size_t n, const char *response,
                            struct captured_call *call, const struct captured_identity **ids,
                            size_t *n_ids)
{
	static struct http_head h;
	const char *reason;
	size_t scanned = 0;
	assert_int_equal(http_request_head(request, n, &scanned, &h, &reason), HTTP_DONE);
	struct observed *o = observe_request(recogniser, &h, h.host, 1700000000000);
	for (size_t i = h.size; i < n; i++) /* byte by byte, as it may come */
		observe_request_data(o, span_make(request + i, 1));
	if (!response)
		response = "HTTP/1.1 200 OK\r\n\r\n";
	n = strlen(response);
	scanned = 0;
	assert_int_equal(http_response_head(response, n, &scanned, &h, &reason), HTTP_DONE);
	observe_response(o, &h);
	observe_response_data(o, span_make(response + h.size, n - h.size));
	observe_finish(o, call, ids, n_ids);
	return o;
}

static void check(const struct exchange *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct captured_call c;
		const struct captured_identity *ids;
		size_t n_ids;
		char got[2048];
		size_t bytes = t[i].body_bytes ? t[i].body_bytes : strlen(t[i].request);
		struct observed *o = run(t[i].request, bytes, t[i].response, &c, &ids, &n_ids);
		int at = snprintf(got, sizeof got, "%.*s:%.*s %.*s %u %.*s%.*s",
		                  SPAN_ARG(c.service), SPAN_ARG(c.operation), SPAN_ARG(c.region),
		                  c.status, SPAN_ARG(c.error_code), SPAN_ARG(c.path_pattern));
		for (size_t k = 0; k < c.n_params; k++)
			at += snprintf(got + at, sizeof got - (size_t)at, " %.*s=%.*s",
			               SPAN_ARG(c.params[k].path), SPAN_ARG(c.params[k].value));
		observe_free(o);
		assert_string_equal(got, t[i].want);
	}
}

static void names_the_operation(void **state)
{
	static const struct exchange t[] = {
	        {"POST / HTTP/1.1\r\nHost: dynamodb.us-east-1.amazonaws.com\r\n" SCOPE(
	                 "us-east-1", "dynamodb") "X-Amz-Target: "
	                                          "DynamoDB_20120810.PutItem\r\n\r\n{\"TableName\":"
	                                          "\"t\",\"Item\":{\"k\":{\"S\":\"v\"}}}",
	         0, NULL, "dynamodb:PutItem us-east-1 200  TableName=t Item{}=k Item.k.S=v"},
	        {"POST / HTTP/1.1\r\nHost: ec2.eu-west-1.amazonaws.com\r\n" SCOPE("eu-west-1",
	                                                                          "ec2") FORM
	         "\r\nAction=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1&InstanceId.2=i-2"
	         "&Filter.1.Name=x&Filter.1.Value.1=y%20z",
	         0, NULL,
	         "ec2:DescribeInstances eu-west-1 200  InstanceId[1]=i-1 InstanceId[2]=i-2 "
	         "Filter[1].Name=x "
	         "Filter[1].Value[1]=y z"},
	        {"POST / HTTP/1.1\r\nHost: iam.amazonaws.com\r\n" SCOPE("us-east-1", "iam") FORM
	         "\r\nAction=TagRole&Version=2010-05-08&RoleName=r&Tags.member.1.Key=k",
	         0, NULL, "iam:TagRole us-east-1 200  RoleName=r Tags[1].Key=k"},
	        {"POST / HTTP/1.1\r\nHost: elasticloadbalancing.us-east-1.amazonaws.com\r\n" SCOPE(
	                 "us-east-1", "elasticloadbalancing") FORM
	         "\r\nAction=DescribeLoadBalancers&Version=2015-12-01",
	         0, NULL, "elbv2:DescribeLoadBalancers us-east-1 200 "},
	        {"POST / HTTP/1.1\r\nHost: elasticloadbalancing.us-east-1.amazonaws.com\r\n" SCOPE(
	                 "us-east-1", "elasticloadbalancing") FORM
	         "\r\nAction=DescribeLoadBalancers&Version=2012-06-01",
	         0, NULL, "elb:DescribeLoadBalancers us-east-1 200 "},
	        {"POST /123456789012/q HTTP/1.1\r\nHost: sqs.us-east-1.amazonaws.com\r\n" SCOPE(
	                 "us-east-1", "sqs") FORM "\r\nAction=SendMessage&Version=2012-11-05",
	         0, NULL,
	         "sqs:SendMessage us-east-1 200  "
	         "QueueUrl=https://sqs.us-east-1.amazonaws.com/123456789012/q"},
	        {"GET /2015-03-31/functions/my%3Afn HTTP/1.1\r\nHost: "
	         "lambda.us-east-1.amazonaws.com\r\n" SCOPE("us-east-1", "lambda") "\r\n",
	         0, NULL, "lambda:GetFunction us-east-1 200  FunctionName=my:fn"},
	        {"POST /2015-03-31/functions/f/invocations?Qualifier=v1 HTTP/1.1\r\n"
	         "Host: lambda.us-east-1.amazonaws.com\r\n" SCOPE(
	                 "us-east-1",
	                 "lambda") "Content-Type: "
	                           "application/json\r\n\r\n{\"FunctionName\":\"not-a-parameter\"}",
	         0, NULL, "lambda:Invoke us-east-1 200  FunctionName=f Qualifier=v1"},
	        {"PUT /dir/a%20b.txt?x-id=PutObject HTTP/1.1\r\nHost: "
	         "b.s3.us-east-1.amazonaws.com\r\n" SCOPE("us-east-1",
	                                                  "s3") "\r\n{\"Key\":\"not-a-parameter\"}",
	         0, NULL, "s3:PutObject us-east-1 200  Bucket=b Key=dir/a b.txt"},
	        {"PUT /k?partNumber=2&uploadId=u HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\n" SCOPE(
	                 "us-east-1", "s3") "\r\n",
	         0, NULL, "s3:UploadPart us-east-1 200  Bucket=b Key=k partNumber=2 uploadId=u"},
	        {"PUT /b/k HTTP/1.1\r\nHost: s3.us-east-1.amazonaws.com\r\nx-amz-copy-source: "
	         "c/d\r\n" SCOPE("us-east-1", "s3") "\r\n",
	         0, NULL, "s3:CopyObject us-east-1 200  Bucket=b Key=k x-amz-copy-source=c/d"},
	        {"GET /?list-type=2&prefix=a%2F HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\n" SCOPE(
	                 "us-east-1", "s3") "\r\n",
	         0, NULL, "s3:ListObjectsV2 us-east-1 200  Bucket=b list-type=2 prefix=a/"},
	        {"GET /?prefix=a HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\n" SCOPE("us-east-1",
	                                                                         "s3") "\r\n",
	         0, NULL, "s3:ListObjects us-east-1 200  Bucket=b prefix=a"},
	        {"GET / HTTP/1.1\r\nHost: s3.amazonaws.com\r\n" SCOPE("us-east-1", "s3") "\r\n", 0,
	         NULL, "s3:ListBuckets us-east-1 200 "},
	        {"GET /?inventory&id=x HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\n" SCOPE("us-east-1",
	                                                                               "s3") "\r\n",
	         0, NULL,
	         "s3:GetBucketInventoryConfiguration us-east-1 200  Bucket=b inventory= id=x"},
	        {"POST /?delete HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\n" SCOPE(
	                 "us-east-1", "s3") "\r\n<Delete><Object><Key>a&amp;b</Key></"
	                                    "Object><Object><Key>c</Key></Object></Delete>",
	         0, NULL,
	         "s3:DeleteObjects us-east-1 200  Bucket=b delete= Delete.Object[0].Key=a&b "
	         "Delete.Object[1].Key=c"},
	        {"HEAD /k HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\n" SCOPE("us-east-1", "s3") "\r\n",
	         0, "HTTP/1.1 404 Not Found\r\n\r\n",
	         "s3:HeadObject us-east-1 404 HTTP404 Bucket=b Key=k"},
	        {"GET /v20180820/accesspoint HTTP/1.1\r\nHost: "
	         "123456789012.s3-control.us-east-1.amazonaws.com\r\n"
	         "x-amz-account-id: 123456789012\r\n" SCOPE("us-east-1", "s3") "\r\n",
	         0, NULL,
	         "s3control:ListAccessPoints us-east-1 200  x-amz-account-id=123456789012"},
	        {"GET /k HTTP/1.1\r\nHost: "
	         "ap1-123456789012.s3-accesspoint.us-east-1.amazonaws.com\r\n" SCOPE("us-east-1",
	                                                                             "s3") "\r\n",
	         0, NULL,
	         "s3:GetObject us-east-1 200  "
	         "Bucket=arn:aws:s3:us-east-1:123456789012:accesspoint/ap1 Key=k"},
	        {"GET /k HTTP/1.1\r\nHost: "
	         "a-b-123456789012.s3-object-lambda.cn-north-1.amazonaws.com.cn\r\n" SCOPE(
	                 "cn-north-1", "s3-object-lambda") "\r\n",
	         0, NULL,
	         "s3:GetObject cn-north-1 200  "
	         "Bucket=arn:aws-cn:s3-object-lambda:cn-north-1:123456789012:accesspoint/a-b "
	         "Key=k"},
	        {"GET /k HTTP/1.1\r\nHost: "
	         "ap-123456789012.op-01.s3-outposts.us-east-1.amazonaws.com\r\n" SCOPE(
	                 "us-east-1", "s3-outposts") "\r\n",
	         0, NULL,
	         "s3:GetObject us-east-1 200  "
	         "Bucket=arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-01/accesspoint/ap "
	         "Key=k"},
	        {"GET /k HTTP/1.1\r\nHost: "
	         "nameless-1234.s3-accesspoint.us-east-1.amazonaws.com\r\n" SCOPE("us-east-1",
	                                                                          "s3") "\r\n",
	         0, NULL, "s3:GetObject us-east-1 200  Bucket=nameless-1234 Key=k"},
	        {"POST / HTTP/1.1\r\nHost: dynamodb.us-east-1.amazonaws.com\r\n" SCOPE(
	                 "us-east-1", "dynamodb") "X-Amz-Target: DynamoDB_20120810.BatchGetItem"
	                                          "\r\n\r\n{\"RequestItems\":{\"orders\":{"
	                                          "\"ConsistentRead\":true},\"items\":{}}}",
	         0, NULL,
	         "dynamodb:BatchGetItem us-east-1 200  RequestItems{}=orders "
	         "RequestItems.orders.ConsistentRead=true RequestItems{}=items"},
	        {"POST /2013-04-01/hostedzone/Z1/rrset HTTP/1.1\r\nHost: "
	         "route53.amazonaws.com\r\n" SCOPE(
	                 "us-east-1",
	                 "route53") "\r\n<?xml "
	                            "version=\"1.0\"?><ChangeResourceRecordSetsRequest><"
	                            "ChangeBatch><Comment>c</Comment>"
	                            "</ChangeBatch></ChangeResourceRecordSetsRequest>",
	         0, NULL,
	         "route53:ChangeResourceRecordSets us-east-1 200  Id=Z1 "
	         "ChangeBatch.Comment=c"},
	        {"GET /prod/@connections/c1 HTTP/1.1\r\nHost: "
	         "x1.execute-api.us-east-1.amazonaws.com\r\n" SCOPE("us-east-1",
	                                                            "execute-api") "\r\n",
	         0, NULL,
	         "apigatewaymanagementapi:GetConnection us-east-1 200  connectionId=c1 ApiId=x1 "
	         "Stage=prod"},
	        /* what no API model has */
	        {"POST /prod/pets/7?x=1 HTTP/1.1\r\nHost: "
	         "x1.execute-api.us-east-1.amazonaws.com\r\n" SCOPE("us-east-1",
	                                                            "execute-api") "\r\n",
	         0, NULL,
	         "apigatewaymanagementapi:Invoke us-east-1 200  ApiId=x1 Stage=prod MethodName=POST "
	         "ResourcePath=pets/7"},
	        {"POST /workspaces/ws-1/api/v1/remote_write HTTP/1.1\r\nHost: "
	         "aps-workspaces.us-east-1.amazonaws.com\r\n" SCOPE("us-east-1", "aps") "\r\n",
	         0, NULL, "amp:RemoteWrite us-east-1 200  workspaceId=ws-1"},
	        {"PUT /index/_doc/1 HTTP/1.1\r\nHost: "
	         "search-my-logs-abc123.us-east-1.es.amazonaws.com\r\n" SCOPE("us-east-1",
	                                                                      "es") "\r\n",
	         0, NULL, "es:ESHttpPut us-east-1 200  DomainName=my-logs"},
	        {"GET /index/_search HTTP/1.1\r\nHost: "
	         "c0llect10n.us-east-1.aoss.amazonaws.com\r\n" SCOPE("us-east-1", "aoss") "\r\n",
	         0, NULL, "opensearchserverless:APIAccessAll us-east-1 200  CollectionId=c0llect10n"},
	        {"POST /service/ArcRegionSwitch/operation/ListPlans HTTP/1.1\r\n"
	         "Host: arc-region-switch.us-east-1.api.aws\r\nsmithy-protocol: "
	         "rpc-v2-cbor\r\n" SCOPE("us-east-1", "arc-region-switch") "\r\n\xbf\x63"
	                                                                   "arn\x62"
	                                                                   "ab\x64"
	                                                                   "list\x82\x01\x20\xff",
	         0, NULL, "arc-region-switch:ListPlans us-east-1 200  arn=ab list[0]=1 list[1]=-1"},
	        {"GET /functions/knows/a1b2c3d4e5f6a7 HTTP/1.1\r\nHost: "
	         "lambda.us-east-1.amazonaws.com\r\n" SCOPE("us-east-1", "lambda") "\r\n",
	         0, NULL, ": us-east-1 200 /functions/{}/{}"},
	};
	check(t, sizeof t / sizeof t[0]);
}

static void knows_who_signed(void **state)
{
	static const struct {
		const char *request, *key, *region;
	} t[] = {
	        {"GET "
	         "/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIAQ3EGRISEXAMPLE12%"
	         "2F20261122%2Feu-west-1"
	         "%2Fs3%2Faws4_request&X-Amz-Signature=5ec4e7 HTTP/1.1\r\nHost: "
	         "b.s3.amazonaws.com\r\n\r\n",
	         "ASIAQ3EGRISEXAMPLE12", "eu-west-1"},
	        {"GET /k?AWSAccessKeyId=AKIAQ3EGRISEXAMPLE12&Expires=1&Signature=x HTTP/1.1\r\n"
	         "Host: b.s3.amazonaws.com\r\n\r\n",
	         "AKIAQ3EGRISEXAMPLE12", "aws-global"},
	        {"GET /k?AWSAccessKeyId=AKIAQ3EGRISEXAMPLE12&Expires=1&Signature=x HTTP/1.1\r\n"
	         "Host: b.s3.amazonaws.com.cn\r\n\r\n",
	         "AKIAQ3EGRISEXAMPLE12", "aws-cn-global"},
	        {"GET /k HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\nAuthorization: AWS "
	         "AKIAQ3EGRISEXAMPLE12:5ec4e7\r\n\r\n",
	         "AKIAQ3EGRISEXAMPLE12", "aws-global"},
	        {"GET /k HTTP/1.1\r\nHost: "
	         "x.mrap.accesspoint.s3-global.amazonaws.com\r\nX-Amz-Region-Set: us-east-1\r\n"
	         "Authorization: AWS4-ECDSA-P256-SHA256 "
	         "Credential=AKIAQ3EGRISEXAMPLE12/20261122/s3/aws4_request, "
	         "SignedHeaders=host, Signature=5ec4e7\r\n\r\n",
	         "AKIAQ3EGRISEXAMPLE12", "us-east-1"},
	        {"GET /k HTTP/1.1\r\nHost: b.s3.us-west-2.amazonaws.com\r\n\r\n", "", "us-west-2"},
	        {"POST / HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\nContent-Type: "
	         "multipart/form-data; boundary=x\r\n\r\n"
	         "--x\r\nContent-Disposition: form-data; "
	         "name=\"key\"\r\n\r\nk\r\n--x\r\nContent-Disposition: "
	         "form-data; "
	         "name=\"x-amz-credential\"\r\n\r\nAKIAQ3EGRISEXAMPLE12/20261122/us-east-1/s3/"
	         "aws4_request"
	         "\r\n--x--\r\n",
	         "AKIAQ3EGRISEXAMPLE12", "us-east-1"},
	        {"POST / HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\nContent-Type: "
	         "multipart/form-data; boundary=x\r\n\r\n"
	         "--x\r\nContent-Disposition: form-data; "
	         "name=\"key\"\r\n\r\nk\r\n--x\r\nContent-Disposition: "
	         "form-data; "
	         "name=\"AWSAccessKeyId\"\r\n\r\nAKIAQ3EGRISEXAMPLE12"
	         "\r\n--x--\r\n",
	         "AKIAQ3EGRISEXAMPLE12", "aws-global"},
	};
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct captured_call c;
		const struct captured_identity *ids;
		size_t n;
		char got[200], want[200];
		struct observed *o = run(t[i].request, strlen(t[i].request), NULL, &c, &ids, &n);
		snprintf(got, sizeof got, "%.*s %.*s %s", SPAN_ARG(c.access_key),
		         SPAN_ARG(c.region), span_is(c.service, "s3") ? "s3" : "not s3");
		snprintf(want, sizeof want, "%s %s s3", t[i].key, t[i].region);
		assert_string_equal(got, want);
		observe_free(o);
	}
}

#define LIST_TABLES                                                            \
	"POST / HTTP/1.1\r\nHost: dynamodb.us-east-1.amazonaws.com\r\n" SCOPE( \
	        "us-east-1", "dynamodb") "X-Amz-Target: DynamoDB_20120810.ListTables\r\n\r\n{}"
#define GET_OBJECT "GET /k HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\n" SCOPE("us-east-1", "s3") "\r\n"
#define DENIED                                                                                 \
	"User: arn:aws:iam::111122223333:user/u is not authorized to perform: "                \
	"dynamodb:ListTables on "                                                              \
	"resource: arn:aws:dynamodb:us-east-1:111122223333:table/* because no identity-based " \
	"policy allows "                                                                       \
	"the dynamodb:ListTables action"

static void tells_the_outcome(void **state)
{
	static const struct {
		const char *request, *response, *error, *id, *denied;
	} t[] = {
	        {LIST_TABLES,
	         "HTTP/1.1 200 OK\r\nx-amzn-requestid: R1\r\n\r\n{\"code\":\"NoError\"}", "", "R1",
	         ""},
	        {LIST_TABLES,
	         "HTTP/1.1 400 Bad Request\r\nx-amzn-RequestId: R1\r\n\r\n"
	         "{\"__type\":\"com.amazonaws.dynamodb.v20120810#AccessDeniedException\","
	         "\"Message\":\"" DENIED "\"}",
	         "AccessDeniedException", "R1", "dynamodb:ListTables"},
	        {LIST_TABLES,
	         "HTTP/1.1 404 No\r\nx-amzn-errortype: "
	         "ResourceNotFoundException:http://internal/\r\n\r\n{}",
	         "ResourceNotFoundException", "", ""},
	        {GET_OBJECT,
	         "HTTP/1.1 403 Forbidden\r\nx-amz-request-id: R2\r\nContent-Type: "
	         "application/xml\r\n\r\n"
	         "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>Access "
	         "Denied</Message>"
	         "<RequestId>R3</RequestId></Error>",
	         "AccessDenied", "R2", ""},
	        {GET_OBJECT, "HTTP/1.1 503 Slow Down\r\n\r\n<html>oops</html>", "HTTP503", "", ""},
	        {GET_OBJECT,
	         "HTTP/1.1 200 OK\r\nContent-Type: "
	         "application/xml\r\n\r\n\n<Error><Code>InternalError</Code>"
	         "</Error>",
	         "InternalError", "", ""},
	        {GET_OBJECT,
	         "HTTP/1.1 200 OK\r\nContent-Type: "
	         "application/xml\r\n\r\n<List><Code>x</Code></List>",
	         "", "", ""},
	        {GET_OBJECT,
	         "HTTP/1.1 403 Forbidden\r\nContent-Type: "
	         "text/xml\r\n\r\n<Response><Errors><Error><Code>"
	         "UnauthorizedOperation</Code><Message>&quot;no&quot;</Message></Error></Errors>"
	         "<RequestID>R4</RequestID></Response>",
	         "UnauthorizedOperation", "R4", ""},
	};
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct captured_call c;
		const struct captured_identity *ids;
		size_t n;
		char got[300], want[300];
		struct observed *o =
		        run(t[i].request, strlen(t[i].request), t[i].response, &c, &ids, &n);
		snprintf(got, sizeof got, "%zu: %.*s %.*s %.*s", i, SPAN_ARG(c.error_code),
		         SPAN_ARG(c.request_id), SPAN_ARG(c.denial.action));
		snprintf(want, sizeof want, "%zu: %s %s %s", i, t[i].error, t[i].id, t[i].denied);
		assert_string_equal(got, want);
		observe_free(o);
	}
}

static void ties_keys_to_principals(void **state)
{
	struct captured_call c;
	const struct captured_identity *ids;
	size_t n;
	const char *assume =
	        "POST / HTTP/1.1\r\nHost: sts.us-east-1.amazonaws.com\r\n" SCOPE("us-east-1", "sts")
	                FORM "\r\nAction=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%"
	                     "3A111122223333%3Arole%2Fci%2Fdeploy"
	                     "&RoleSessionName=s";
	const char *answer = "HTTP/1.1 200 OK\r\nContent-Type: "
	                     "text/xml\r\n\r\n<AssumeRoleResponse><AssumeRoleResult>"
	                     "<AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:s</"
	                     "AssumedRoleId><Arn>arn:aws:sts::111122223333:"
	                     "assumed-role/deploy/s</Arn></"
	                     "AssumedRoleUser><Credentials><AccessKeyId>ASIAQ3EGRISEXAMPLE99"
	                     "</AccessKeyId><SecretAccessKey>tomato</"
	                     "SecretAccessKey><SessionToken>potato</SessionToken>"
	                     "</Credentials></AssumeRoleResult></AssumeRoleResponse>";
	struct observed *o = run(assume, strlen(assume), answer, &c, &ids, &n);
	assert_int_equal(n, 1);
	assert_true(span_is(ids[0].access_key, "ASIAQ3EGRISEXAMPLE99"));
	assert_true(span_is(ids[0].arn, "arn:aws:sts::111122223333:assumed-role/deploy/s"));
	assert_true(span_is(ids[0].role_arn, "arn:aws:iam::111122223333:role/ci/deploy"));
	assert_true(span_is(ids[0].account, "111122223333"));
	assert_true(span_is(ids[0].parent_key, "AKIAQ3EGRISEXAMPLE12"));
	observe_free(o);
	const char *who = "POST / HTTP/1.1\r\nHost: sts.amazonaws.com\r\n" SCOPE("us-east-1", "sts")
	        FORM "\r\nAction=GetCallerIdentity&Version=2011-06-15";
	answer = "HTTP/1.1 200 OK\r\nContent-Type: "
	         "text/xml\r\n\r\n<R><Arn>arn:aws:iam::111122223333:user/u</Arn>"
	         "<UserId>AIDAEXAMPLE</UserId><Account>111122223333</Account></R>";
	o = run(who, strlen(who), answer, &c, &ids, &n);
	assert_int_equal(n, 1);
	assert_true(span_is(ids[0].access_key, "AKIAQ3EGRISEXAMPLE12"));
	assert_true(span_is(ids[0].arn, "arn:aws:iam::111122223333:user/u"));
	assert_int_equal(ids[0].parent_key.n, 0);
	observe_free(o);
	o = run(who, strlen(who),
	        "HTTP/1.1 403 No\r\nContent-Type: text/xml\r\n\r\n<Error><Arn>x</Arn></Error>", &c,
	        &ids, &n);
	assert_int_equal(n, 0);
	observe_free(o);
}

static void decodes_for_the_look_only(void **state)
{
	struct captured_call c;
	const struct captured_identity *ids;
	size_t n;
	char request[4096];
	const char body[] = "Action=PutMetricData&Version=2010-08-01&Namespace=N";
	unsigned char packed[256];
	z_stream z = {.next_in = (unsigned char *)(uintptr_t)body, .avail_in = sizeof body - 1};
	z.next_out = packed;
	z.avail_out = sizeof packed;
	deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	size_t k = sizeof packed - z.avail_out;
	deflateEnd(&z);
	int at = snprintf(request, sizeof request,
	                  "POST / HTTP/1.1\r\nHost: monitoring.us-east-1.amazonaws.com\r\n" SCOPE(
	                          "us-east-1", "monitoring") FORM "Content-Encoding: gzip\r\n\r\n");
	memcpy(request + at, packed, k);
	struct observed *o = run(request, (size_t)at + k, NULL, &c, &ids, &n);
	assert_true(span_is(c.operation, "PutMetricData"));
	assert_int_equal(c.n_params, 1);
	observe_free(o);
	/* Cut anywhere it tells what came before, or nothing, and never fails. */
	for (size_t cut = 0; cut < k; cut++) {
		o = run(request, (size_t)at + cut, NULL, &c, &ids, &n);
		observe_free(o);
	}
	const char *chunked = "PUT /?tagging HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\n" SCOPE(
	        "us-east-1", "s3") "Content-Encoding: "
	                           "aws-chunked\r\n\r\n9;chunk-signature=ab\r\n<Tagging>\r\na\r\n</"
	                           "Tagging>\r\n0\r\n\r\n";
	o = run(chunked, strlen(chunked), NULL, &c, &ids, &n);
	assert_true(span_is(c.operation, "PutBucketTagging"));
	assert_int_equal(c.n_params, 3);
	observe_free(o);
}

static void is_not_moved_by_nonsense(void **state)
{
	/* For the sanitizers: every byte of a request turned over, in turn. */
	static const char *const texts[] = {LIST_TABLES, GET_OBJECT};
	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < strlen(texts[t]); i++) {
			struct captured_call c;
			const struct captured_identity *ids;
			size_t n, scanned = 0;
			static struct http_head h;
			const char *reason;
			char *copy = strdup(texts[t]);
			copy[i] = (char)(copy[i] ^ 0x55);
			if (http_request_head(copy, strlen(copy), &scanned, &h, &reason) ==
			    HTTP_DONE) {
				struct observed *o = observe_request(recogniser, &h, h.host, 0);
				observe_request_data(o, span_from(span_of(copy), h.size));
				observe_finish(o, &c, &ids, &n);
				observe_free(o);
			}
			free(copy);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_the_operation),
	        cmocka_unit_test(knows_who_signed),
	        cmocka_unit_test(tells_the_outcome),
	        cmocka_unit_test(ties_keys_to_principals),
	        cmocka_unit_test(decodes_for_the_look_only),
	        cmocka_unit_test(is_not_moved_by_nonsense),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
