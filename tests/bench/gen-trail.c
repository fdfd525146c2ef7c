/* gen-trail.c - bench: writes a CloudTrail trail of any size, the same bytes every time, as a trail
 * delivers it: accounts and regions as streams of their own, files in name order in the folders of
 * a day. 420 roles, 5,000 access keys, 2,000 KMS keys; a third of the resources named are distinct.
 *
 *     gen-trail DIR FILES EVENTS-A-FILE [PROFILE]
 *
 * PROFILE: "usual"; "distinct", where every call that names an object, instance, stream or parameter
 * names another one; "params", where one call in twenty tags 500 new instances and volumes at once. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <zlib.h>

enum {
	ACCOUNTS = 3,
	REGIONS = 2,
	STREAMS = ACCOUNTS * REGIONS,
	ROLES = 420,
	KEYS = 5000,
	KMS_KEYS = 2000
};

static const char *const accounts[ACCOUNTS] = {"111122223333", "222233334444", "444455556666"};
static const char *const regions[REGIONS] = {"eu-central-1", "us-east-1"};

static uint64_t state;
static bool distinct, many_params;

static uint64_t next_random(void)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	uint64_t x = state;
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	return x;
}

static unsigned below(unsigned n)
{
	return (unsigned)(next_random() >> 32) % n;
}

/* Some are used much more than others. */
static unsigned skewed(unsigned n)
{
	unsigned a = below(n), b = below(n), c = below(n);
	unsigned least = a < b ? a : b;
	return least < c ? least : c;
}

static void die(const char *what)
{
	fprintf(stderr, "gen-trail: %s: %s\n", what, strerror(errno));
	exit(1);
}

static char *text;
static size_t text_n, text_room;

static void put(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void put(const char *format, ...)
{
	va_list args;
	if (text_room - text_n < 8192) {
		text_room = text_room ? text_room * 2 : 1 << 20;
		text = realloc(text, text_room);
		if (!text)
			die("memory");
	}
	va_start(args, format);
	text_n += (size_t)vsnprintf(text + text_n, text_room - text_n, format, args);
	va_end(args);
}

static void put_uuid(const char *name)
{
	uint64_t a = next_random(), b = next_random();
	put("\"%s\":\"%08x-%04x-4%03x-9%03x-%012" PRIx64 "\"", name, (unsigned)(a >> 32),
	    (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff), (unsigned)(b >> 52),
	    b & UINT64_C(0xffffffffffff));
}

static void put_time(const char *name, time_t t)
{
	struct tm tm;
	gmtime_r(&t, &tm);
	put("\"%s\":\"%04d-%02d-%02dT%02d:%02d:%02dZ\"", name, tm.tm_year + 1900, tm.tm_mon + 1,
	    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* What one call names: something new, or one of the few things this role always works with. With
 * the repeated ones a good third of all (role, operation, resource) is distinct. */
static unsigned long resource_number(unsigned role, unsigned long event)
{
	return distinct || below(6) == 0 ? 100000 + event : role;
}

static const char *const teams[] = {"payments", "search",    "ledger",  "media",
                                    "identity", "reporting", "platform"};
static const char *const agents[] = {
        "aws-cli/2.13.5 Python/3.11.4 Linux/5.10.186 exe/x86_64.amzn.2 command/s3.cp",
        "Boto3/1.28.62 md/Botocore#1.31.62 ua/2.0 os/linux lang/python#3.11.6 Botocore/1.31.62",
        "APN/1.0 HashiCorp/1.0 Terraform/1.5.7 terraform-provider-aws/5.20.1 aws-sdk-go/1.45.24",
        "aws-sdk-java/2.20.160 Linux/5.10.192 OpenJDK_64-Bit_Server_VM/17.0.8+7 Java/17.0.8",
        "aws-sdk-go-v2/1.21.0 os/linux lang/go#1.21.1 md/GOARCH#arm64 api/dynamodb#1.22.0",
};

struct who {
	const char *account, *region;
	unsigned role, key;
};

static void put_identity(const struct who *w, time_t t)
{
	const char *team = teams[w->role % 7];
	put("\"userIdentity\":{\"type\":\"AssumedRole\",\"principalId\":\"AROA%012uEXMPL:%s-%u\","
	    "\"arn\":\"arn:aws:sts::%s:assumed-role/%s-worker-%03u/%s-%u\",\"accountId\":\"%s\","
	    "\"accessKeyId\":\"ASIA%012uEXMP\",\"sessionContext\":{\"sessionIssuer\":{\"type\":"
	    "\"Role\","
	    "\"principalId\":\"AROA%012uEXMPL\",\"arn\":\"arn:aws:iam::%s:role/service/"
	    "%s-worker-%03u\","
	    "\"accountId\":\"%s\",\"userName\":\"%s-worker-%03u\"},"
	    "\"attributes\":{",
	    w->role, team, w->key, w->account, team, w->role, team, w->key, w->account, w->key,
	    w->role, w->account, team, w->role, w->account, team, w->role);
	put_time("creationDate", t - 1800 - (time_t)(w->key % 1800));
	put(",\"mfaAuthenticated\":\"false\"}}},");
}

static void put_common(const struct who *w, const char *source, const char *name, time_t t)
{
	put("{\"eventVersion\":\"1.09\",");
	put_identity(w, t);
	put_time("eventTime", t);
	put(",\"eventSource\":\"%s.amazonaws.com\",\"eventName\":\"%s\",\"awsRegion\":\"%s\","
	    "\"sourceIPAddress\":\"10.%u.%u.%u\","
	    "\"userAgent\":\"%s\",",
	    source, name, w->region, w->role % 200, w->key % 250, 1 + w->key % 20,
	    agents[w->role % 5]);
}

static void put_rest(const struct who *w, int read_only, int management)
{
	put_uuid("requestID");
	put(",");
	put_uuid("eventID");
	put(",\"readOnly\":%s,\"eventType\":\"AwsApiCall\",\"managementEvent\":%s,"
	    "\"recipientAccountId\":\"%s\","
	    "\"eventCategory\":\"%s\",\"tlsDetails\":{\"tlsVersion\":\"TLSv1.3\",\"cipherSuite\":"
	    "\"TLS_AES_128_GCM_SHA256\"}}",
	    read_only ? "true" : "false", management ? "true" : "false", w->account,
	    management ? "Management" : "Data");
}

static void put_s3(const struct who *w, time_t t, unsigned long event)
{
	static const char *const names[] = {"GetObject", "GetObject", "GetObject", "PutObject",
	                                    "HeadObject"};
	const char *name = names[below(5)], *team = teams[w->role % 7];
	unsigned long n = resource_number(w->role, event);
	int denied = below(40) == 0;
	put_common(w, "s3", name, t);
	if (denied)
		put("\"errorCode\":\"AccessDenied\",\"errorMessage\":\"User: "
		    "arn:aws:sts::%s:assumed-role/%s-worker-%03u/%s-%u is "
		    "not authorized to perform: s3:%s on resource: "
		    "\\\"arn:aws:s3:::%s-data-%s/in/2026/%06lu.parquet\\\" because no "
		    "identity-based policy allows the s3:%s action\",",
		    w->account, team, w->role, team, w->key, name, team, w->account, n, name);
	put("\"requestParameters\":{\"bucketName\":\"%s-data-%s\",\"Host\":\"%s-data-%s.s3.%s."
	    "amazonaws.com\","
	    "\"key\":\"in/2026/"
	    "%06lu.parquet\"},\"responseElements\":null,\"additionalEventData\":{"
	    "\"SignatureVersion\":\"SigV4\","
	    "\"CipherSuite\":\"ECDHE-RSA-AES128-GCM-SHA256\",\"bytesTransferredIn\":0,"
	    "\"SSEApplied\":\"SSE_KMS\","
	    "\"AuthenticationMethod\":\"AuthHeader\",\"x-amz-id-2\":\"%016" PRIx64 "%016" PRIx64
	    "=\",\"bytesTransferredOut\":%u},",
	    team, w->account, team, w->account, w->region, n, next_random(), next_random(),
	    below(5000000));
	put("\"resources\":[{\"type\":\"AWS::S3::Object\",\"ARN\":\"arn:aws:s3:::%s-data-%s/in/"
	    "2026/%06lu.parquet\"},"
	    "{\"accountId\":\"%s\",\"type\":\"AWS::S3::Bucket\",\"ARN\":\"arn:aws:s3:::%s-data-%"
	    "s\"}],",
	    team, w->account, n, w->account, team, w->account);
	put_rest(w, 1, 0);
}

static void put_kms(const struct who *w, time_t t)
{
	unsigned key = (w->role * 5 + skewed(3)) % KMS_KEYS;
	put_common(w, "kms", below(2) ? "Decrypt" : "GenerateDataKey", t);
	put("\"requestParameters\":{\"encryptionContext\":{\"aws:s3:arn\":\"arn:aws:s3:::%s-data-%"
	    "s\"},\"keyId\":"
	    "\"arn:aws:kms:%s:%s:key/"
	    "%08x-1111-4222-8333-%012x\",\"encryptionAlgorithm\":\"SYMMETRIC_DEFAULT\"},"
	    "\"responseElements\":null,",
	    teams[w->role % 7], w->account, w->region, w->account, key * 2654435761u, key);
	put("\"resources\":[{\"accountId\":\"%s\",\"type\":\"AWS::KMS::Key\",\"ARN\":"
	    "\"arn:aws:kms:%s:%s:key/%08x-1111-4222-8333-%012x\"}],",
	    w->account, w->region, w->account, key * 2654435761u, key);
	put_rest(w, 1, 1);
}

static void put_dynamodb(const struct who *w, time_t t, unsigned long event)
{
	static const char *const names[] = {"GetItem", "PutItem", "Query", "UpdateItem"};
	unsigned n = below(4);
	put_common(w, "dynamodb", names[n], t);
	put("\"requestParameters\":{\"tableName\":\"%s-table-%lu\",\"key\":{\"id\":\"%lu\"},"
	    "\"consistentRead\":true,"
	    "\"projectionExpression\":\"a, b, c\"},\"responseElements\":null,",
	    teams[w->role % 7], w->role * 2ul + skewed(2), event);
	put("\"resources\":[{\"accountId\":\"%s\",\"type\":\"AWS::DynamoDB::Table\",\"ARN\":\"arn:"
	    "aws:dynamodb:%s:%s:table/"
	    "%s-table-%lu\"}],",
	    w->account, w->region, w->account, teams[w->role % 7], w->role * 2ul);
	put_rest(w, n % 2 == 0, 0);
}

static void put_ec2(const struct who *w, time_t t, unsigned long event)
{
	static const char *const names[] = {"DescribeInstances", "DescribeNetworkInterfaces",
	                                    "DescribeVolumes"};
	put_common(w, "ec2", names[below(3)], t);
	put("\"requestParameters\":{\"maxResults\":1000,\"filterSet\":{\"items\":[{\"name\":\"tag:"
	    "team\",\"valueSet\":{\"items\":"
	    "[{\"value\":\"%s\"}]}},{\"name\":\"instance-state-name\",\"valueSet\":{\"items\":[{"
	    "\"value\":\"running\"},{\"value\":"
	    "\"pending\"}]}}]},\"instancesSet\":{\"items\":[{\"instanceId\":\"i-%017lx\"}]}},"
	    "\"responseElements\":null,",
	    teams[w->role % 7], resource_number(w->role, event));
	put_rest(w, 1, 1);
}

static void put_assume(const struct who *w, time_t t, unsigned long event)
{
	unsigned role = (w->role + 1 + skewed(2)) % ROLES;
	put_common(w, "sts", "AssumeRole", t);
	put("\"requestParameters\":{\"roleArn\":\"arn:aws:iam::%s:role/service/"
	    "%s-worker-%03u\",\"roleSessionName\":\"%s-%lu\","
	    "\"durationSeconds\":3600},\"responseElements\":{\"credentials\":{\"accessKeyId\":"
	    "\"ASIA%012uEXMP\","
	    "\"sessionToken\":\"hidden\",\"expiration\":\"Jan 12, 2026, 1:02:03 "
	    "PM\"},\"assumedRoleUser\":{\"assumedRoleId\":"
	    "\"AROA%012uEXMPL:s\",\"arn\":\"arn:aws:sts::%s:assumed-role/%s-worker-%03u/"
	    "%s-%lu\"}},",
	    w->account, teams[role % 7], role, teams[w->role % 7], w->key % 9ul, w->key, role,
	    w->account, teams[role % 7], role, teams[w->role % 7], event % 900);
	put("\"resources\":[{\"accountId\":\"%s\",\"type\":\"AWS::IAM::Role\",\"ARN\":\"arn:aws:"
	    "iam::%s:role/service/%s-worker-%03u\""
	    "}],",
	    w->account, w->account, teams[role % 7], role);
	put_rest(w, 1, 1);
}

static void put_logs(const struct who *w, time_t t, unsigned long event)
{
	put_common(w, "logs", "CreateLogStream", t);
	if (below(10) == 0)
		put("\"errorCode\":\"ResourceAlreadyExistsException\",\"errorMessage\":\"The "
		    "specified log stream already exists\",");
	put("\"requestParameters\":{\"logGroupName\":\"/aws/lambda/"
	    "%s-fn-%03u\",\"logStreamName\":\"2026/01/%02lu/[$LATEST]%016lx\"},"
	    "\"responseElements\":null,\"apiVersion\":\"20140328\",",
	    teams[w->role % 7], w->role, 1 + event % 28, resource_number(w->role, event));
	put_rest(w, 0, 1);
}

static void put_parameter(const struct who *w, time_t t, unsigned long event)
{
	put_common(w, "ssm", "GetParameter", t);
	put("\"requestParameters\":{\"name\":\"/%s/config/"
	    "value-%lu\",\"withDecryption\":true},\"responseElements\":null,",
	    teams[w->role % 7], resource_number(w->role, event) % 150000);
	put_rest(w, 1, 1);
}

static void put_tags(const struct who *w, time_t t, unsigned long event)
{
	put_common(w, "ec2", "CreateTags", t);
	put("\"requestParameters\":{\"resourcesSet\":{\"items\":[");
	for (unsigned long i = 0; i < 500; i++)
		put("%s{\"resourceId\":\"%s-%017lx\"}", i ? "," : "", i % 2 ? "vol" : "i",
		    event * 1000 + i);
	put("]},\"tagSet\":{\"items\":[{\"key\":\"team\",\"value\":\"%s\"}]}},"
	    "\"responseElements\":{\"_return\":true},",
	    teams[w->role % 7]);
	put_rest(w, 0, 1);
}

static void put_event(const struct who *w, time_t t, unsigned long event)
{
	unsigned kind = below(100);
	if (many_params && event % 20 == 0) {
		put_tags(w, t, event);
		return;
	}
	if (kind < 40)
		put_s3(w, t, event);
	else if (kind < 60)
		put_kms(w, t);
	else if (kind < 75)
		put_dynamodb(w, t, event);
	else if (kind < 84)
		put_ec2(w, t, event);
	else if (kind < 90)
		put_assume(w, t, event);
	else if (kind < 95)
		put_logs(w, t, event);
	else
		put_parameter(w, t, event);
}

static void make_folders(char *path)
{
	for (char *p = path + 1; *p; p++)
		if (*p == '/') {
			*p = '\0';
			if (mkdir(path, 0777) != 0 && errno != EEXIST)
				die(path);
			*p = '/';
		}
}

static void write_file(const char *dir, const char *account, const char *region, time_t t)
{
	char path[4096];
	struct tm tm;
	gmtime_r(&t, &tm);
	snprintf(path, sizeof path,
	         "%s/AWSLogs/%s/CloudTrail/%s/%04d/%02d/%02d/"
	         "%s_CloudTrail_%s_%04d%02d%02dT%02d%02dZ_%016" PRIx64 ".json.gz",
	         dir, account, region, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, account,
	         region, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	         next_random());
	make_folders(path);
	gzFile f = gzopen(path, "wb6");
	if (!f)
		die(path);
	for (size_t at = 0; at < text_n;) {
		unsigned n = text_n - at < 1 << 20 ? (unsigned)(text_n - at) : 1 << 20;
		if (gzwrite(f, text + at, n) != (int)n)
			die(path);
		at += n;
	}
	if (gzclose(f) != Z_OK)
		die(path);
}

int main(int argc, char **argv)
{
	const char *profile = argc > 4 ? argv[4] : "usual";
	distinct = strcmp(profile, "distinct") == 0;
	many_params = strcmp(profile, "params") == 0;
	if (argc < 4 || argc > 5 || (!distinct && !many_params && strcmp(profile, "usual") != 0)) {
		fprintf(stderr, "usage: gen-trail DIR FILES EVENTS-A-FILE [usual|distinct|params]\n");
		return 2;
	}
	unsigned long files = strtoul(argv[2], NULL, 10), events = strtoul(argv[3], NULL, 10),
	              event = 0;
	const time_t start = 1767225600; /* 2026-01-01 */
	unsigned long per_stream = (files + STREAMS - 1) / STREAMS;
	/* All streams tell of the same day. */
	unsigned long step = per_stream < 288 ? 300 : 86400 / per_stream + 1;
	for (unsigned long i = 0; i < files; i++) {
		unsigned long stream = i / per_stream;
		time_t t = start + (time_t)(i % per_stream * step);
		state = i * 7919 + 1;
		text_n = 0;
		put("{\"Records\":[");
		for (unsigned long k = 0; k < events; k++, event++) {
			unsigned key = skewed(KEYS);
			/* With one file all streams are in it. */
			unsigned long s = files == 1 ? k * STREAMS / events : stream;
			struct who w = {accounts[s / REGIONS % ACCOUNTS], regions[s % REGIONS],
			                key % ROLES, key};
			if (k)
				put(",");
			put_event(&w, t + (time_t)(k * step / events), event);
		}
		put("]}");
		write_file(argv[1], accounts[stream / REGIONS % ACCOUNTS],
		           regions[stream % REGIONS], t);
	}
	free(text);
	return 0;
}
