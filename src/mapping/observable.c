/* observable.c - mapping: see observable.h. */
#include "config.h"

#include "mapping/observable.h"

#include "base/alloc.h"
#include "mapping/image.h"
#include "mapping/operations.h"

#include <stdlib.h>

struct observable {
	const struct sar_action **called; /* sorted: some operation asks for it */
	size_t n, room;
};

/* Actions whose calls are data events. A star stands for any name; the table follows the resource
 * types of "Logging data events" (advanced event selectors, resources.type). */
static const struct {
	const char *prefix, *names;
} data_events[] = {
        {"appconfig", "GetLatestConfiguration|StartConfigurationSession"},
        {"appsync", "GraphQL|SourceGraphQL|EventPublish|EventSubscribe|EventConnect"},
        {"bedrock", "InvokeAgent|InvokeInlineAgent|InvokeFlow|Retrieve*|ApplyGuardrail|"
                    "RenderPrompt|InvokeModelWithBidirectionalStream"},
        {"cassandra", "Select|Modify*"},
        {"cloudfront-keyvaluestore", "*"},
        {"cloudtrail-data", "*"},
        {"cloudwatch",
         "PutMetricData|GetMetricData|GetMetricStatistics|GetMetricWidgetImage|ListMetrics"},
        {"codewhisperer", "*"},
        {"cognito-identity", "GetCredentialsForIdentity|GetId|GetOpenIdToken*|UnlinkIdentity"},
        {"dataexchange", "SendApiAsset"},
        {"dynamodb", "BatchGetItem|BatchWriteItem|ConditionCheckItem|DeleteItem|GetItem|GetRecords|"
                     "GetShardIterator|PartiQL*|PutItem|Query|Scan|UpdateItem"},
        {"ebs", "*"},
        {"emrwal", "*"},
        {"finspace-api", "*"},
        {"geo", "BatchUpdate*|BatchGet*|GetDevicePosition*|ListDevicePositions|SearchPlace*|"
                "CalculateRoute*|GetMap*|GetPlace"},
        {"geo-maps", "*"},
        {"geo-places", "*"},
        {"geo-routes", "*"},
        {"guardduty", "SendSecurityTelemetry"},
        {"iot",
         "Publish|Subscribe|Receive|Connect|RetainPublish|GetThingShadow|UpdateThingShadow|"
         "DeleteThingShadow|ListNamedShadowsForThing|GetRetainedMessage|ListRetainedMessages"},
        {"iotsitewise", "BatchPutAssetPropertyValue|BatchGetAssetProperty*|GetAssetPropertyValue*|"
                        "GetAssetPropertyAggregates|GetInterpolatedAssetPropertyValues"},
        {"kendra-ranking", "Rescore"},
        {"kinesis", "GetRecords|GetShardIterator|ListShards|PutRecord*|SubscribeToShard"},
        {"kinesisvideo", "GetMedia*|PutMedia|GetImages|GetClip|GetDASHStreamingSessionURL|"
                         "GetHLSStreamingSessionURL|ListFragments|ConnectAs*"},
        {"lambda", "InvokeFunction*|InvokeAsync"},
        {"machinelearning", "Predict"},
        {"managedblockchain", "GET|POST|Invoke*"},
        {"medical-imaging", "Get*|Search*|Copy*|Update*|Delete*"},
        {"mobiletargeting", "SendMessages|SendUsersMessages|PutEvents"},
        {"neptune-db", "*"},
        {"neptune-graph", "*Graph*Query*|ReadDataViaQuery|WriteDataViaQuery|DeleteDataViaQuery|"
                          "GetEngineStatus|GetGraphSummary"},
        {"qbusiness", "Chat*|ListConversations|ListMessages|PutFeedback|BatchPutDocument|"
                      "BatchDeleteDocument|DeleteConversation"},
        {"rds-data", "*"},
        {"s3", "AbortMultipartUpload|BypassGovernanceRetention|DeleteObject*|GetObject*|"
               "InitiateReplication|ListBucket|ListBucketMultipartUploads|ListBucketVersions|"
               "ListMultipartUploadParts|ObjectOwnerOverrideToBucketOwner|PutObject*|Replicate*|"
               "RestoreObject|UpdateObject*"},
        {"s3-object-lambda", "*Object*|AbortMultipartUpload|ListBucket*|ListMultipartUploadParts"},
        {"s3-outposts", "*Object*|AbortMultipartUpload|ListBucket|ListMultipartUploadParts"},
        {"s3express", "CreateSession"},
        {"s3tables", "GetTableData|PutTableData"},
        {"s3vectors", "PutVectors|GetVectors|DeleteVectors|ListVectors|QueryVectors"},
        {"sagemaker", "InvokeEndpoint*|BatchGetMetrics|BatchPutMetrics|PutRecord|GetRecord|"
                      "DeleteRecord|BatchGetRecord"},
        {"servicediscovery", "DiscoverInstances*"},
        {"ses", "SendEmail|SendRawEmail|SendTemplatedEmail|SendBulk*|SendBounce|"
                "SendCustomVerificationEmail"},
        {"signin", "*"},
        {"sms-voice", "Send*"},
        {"sns", "Publish"},
        {"social-messaging", "SendWhatsAppMessage|PostWhatsAppMessageMedia|GetWhatsAppMessageMedia|"
                             "DeleteWhatsAppMessageMedia"},
        {"sqs", "ChangeMessageVisibility|DeleteMessage|ReceiveMessage|SendMessage"},
        {"ssmmessages", "*"},
        {"states", "InvokeHTTPEndpoint|GetActivityTask|SendTask*"},
        {"swf", "Poll*|Respond*|RecordActivityTaskHeartbeat|Count*|StartWorkflowExecution|"
                "SignalWorkflowExecution"},
        {"timestream", "Select|WriteRecords"},
        {"verifiedpermissions", "IsAuthorized*|BatchIsAuthorized*"},
        {"wisdom",
         "QueryAssistant|GetRecommendations|SearchContent|SearchQuickResponses|SearchSessions"},
        {"xray", "PutTraceSegments|PutTelemetryRecords|GetSampling*"},
};

/* Actions that their services do not log: data planes outside CloudTrail. */
static const struct {
	const char *prefix, *names;
} unlogged[] = {
        {"aoss", "APIAccessAll|DashboardsAccessAll"},
        {"dbqms", "*"},
        {"ec2messages", "*"},
        {"es", "ESHttp*"},
        {"execute-api", "*"},
        {"firehose", "PutRecord*"},
        {"kafka-cluster", "*"},
        {"logs", "PutLogEvents|GetLogEvents|StartLiveTail"},
        {"rds-db", "connect"},
        {"redshift", "GetClusterCredentialsWithIAM"},
        {"sts", "TagSession|SetSourceIdentity|SetContext"},
};

static bool name_is_in(const char *names, struct span name)
{
	struct span rest = span_of(names);
	while (rest.n)
		if (span_glob(name, span_cut(&rest, '|'), true))
			return true;
	return false;
}

static void add(struct observable *o, const struct sar_action *a)
{
	if (!a)
		return;
	if (o->n == o->room) {
		o->room = o->room ? 2 * o->room : 4096;
		o->called = xreallocarray(o->called, o->room, sizeof(const struct sar_action *));
	}
	o->called[o->n++] = a;
}

static void add_operation(struct observable *o, const struct operation *op)
{
	if (image_flags(op) & (OP_ACTION_ONLY | OP_NOT_A_CALL))
		return;
	if (image_flags(op) & OP_PLAIN) {
		add(o, image_row(&op->needs));
		return;
	}
	size_t n;
	const struct image_grant *grants =
	        image_row(&op->needs) ? image_list(&op->needs, &n) : NULL;
	for (size_t i = 0; grants && i < n; i++)
		add(o, image_row(&grants[i].action));
}

static int by_address(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t) * (const struct sar_action *const *)a;
	uintptr_t y = (uintptr_t) * (const struct sar_action *const *)b;
	return x < y ? -1 : x > y;
}

struct observable *observable_new(const struct mapping *m)
{
	struct observable *o = xcalloc(1, sizeof *o);
	for (size_t i = 0; i < services_count(m); i++) {
		const struct image_service *s = service_at(m, i);
		for (size_t k = 0; k < service_operations(s); k++)
			add_operation(o, service_operation_at(s, k));
	}
	add(o, sar_action(m, SPAN_LIT("iam:PassRole"))); /* read off the calls that pass a role */
	if (o->n)
		qsort(o->called, o->n, sizeof(const struct sar_action *), by_address);
	return o;
}

void observable_free(struct observable *o)
{
	if (!o)
		return;
	free(o->called);
	free(o);
}

enum visibility observable_action(const struct observable *o, const struct sar_action *action)
{
	struct span prefix = sar_action_service(action), name = sar_action_name(action);
	for (size_t i = 0; i < sizeof unlogged / sizeof unlogged[0]; i++)
		if (span_is(prefix, unlogged[i].prefix) && name_is_in(unlogged[i].names, name))
			return VISIBLE_NEVER;
	for (size_t i = 0; i < sizeof data_events / sizeof data_events[0]; i++)
		if (span_is(prefix, data_events[i].prefix) &&
		    name_is_in(data_events[i].names, name))
			return VISIBLE_AS_DATA;
	if (!o->n ||
	    !bsearch(&action, o->called, o->n, sizeof(const struct sar_action *), by_address))
		return VISIBLE_NO_CALL;
	return VISIBLE;
}
