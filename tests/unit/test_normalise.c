/* test_normalise.c - from one event to what is kept of it: parameters, outcome, identities, keys
 * that responses give out; and records made to break it. */
#include "unit.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "normalise/normalise.h"
#include "normalise/params.h"
#include "normalise/session-tags.h"

#include <stdio.h>
#include <stdlib.h>

#define ACCT "111122223333"

static struct arena arena;
static struct normaliser *normaliser;

static int set_up(void **state)
{
	arena_init(&arena);
	normaliser = normaliser_new(mapping_builtin());
	return 0;
}

static int tear_down(void **state)
{
	arena_release(&arena);
	normaliser_free(normaliser);
	return 0;
}

static struct event event(const char *source, const char *name, const char *request)
{
	return (struct event){
	        .kind = EVENT_CALL,
	        .observer = OBSERVED_CLOUDTRAIL,
	        .id = SPAN_LIT("6a4cbd0f-0000-4000-8000-000000000001"),
	        .time = 1700000000,
	        .source = span_of(source),
	        .name = span_of(name),
	        .region = SPAN_LIT("eu-west-1"),
	        .recipient = SPAN_LIT(ACCT),
	        .request = span_of(request),
	        .identity = {.present = true,
	                     .type = SPAN_LIT("IAMUser"),
	                     .arn = SPAN_LIT("arn:aws:iam::" ACCT ":user/ada"),
	                     .account = SPAN_LIT(ACCT)},
	};
}

static struct fact fact_of(const struct event *e)
{
	struct fact f;
	normalise(normaliser, e, &arena, &f);
	return f;
}

/* "path=value path? path!": values, present, hidden. */
static char *params_text(const struct call *c)
{
	struct buf b;
	buf_init(&b, (size_t)1 << 20);
	for (size_t i = 0; i < c->n_params; i++) {
		const struct param *p = &c->params[i];
		buf_addf(&b, "%s%.*s", i ? " " : "", SPAN_ARG(p->path));
		if (p->state == PARAM_VALUE)
			buf_addf(&b, "=%.*s", SPAN_ARG(p->value));
		else
			buf_add_char(&b, p->state == PARAM_HIDDEN ? '!' : '?');
	}
	buf_addf(&b, "%s", c->params_cut ? " cut" : "");
	return buf_take(&b);
}

static void parameters(void **state)
{
	static const struct {
		const char *source, *name, *request, *want;
	} cases[] = {
	        {"s3.amazonaws.com", "GetObject",
	         "{\"key\":\"k\",\"bucketName\":\"b\",\"Host\":\"b.s3.amazonaws.com\"}",
	         "bucketName=b key=k"},
	        {"ec2.amazonaws.com", "TerminateInstances",
	         "{\"instancesSet\":{\"items\":[{\"instanceId\":\"i-2\"},{\"instanceId\":\"i-1\"},{"
	         "\"instanceId\":\"i-2\"}]}}",
	         "instancesSet.items[].instanceId=i-1 instancesSet.items[].instanceId=i-2"},
	        {"s3.amazonaws.com", "GetObject",
	         "{\"bucketName\":\"b\",\"key\":\"HIDDEN_DUE_TO_SECURITY_REASONS\"}",
	         "bucketName=b key!"},
	        {"s3.amazonaws.com", "GetObject",
	         "{\"bucketName\":\"a\\u0000b\",\"key\":\"\\u00e4\"}",
	         "bucketName=a\xef\xbf\xbd"
	         "b key=\xc3\xa4"},
	        {"s3.amazonaws.com", "GetObject", "null", ""},
	        {"s3.amazonaws.com", "GetObject", "\"Omitted\"", " cut"},
	        {"s3.amazonaws.com", "GetObject", "[{\"bucketName\":\"b\"}]", " cut"},
	        {"s3.amazonaws.com", "GetObject",
	         "{\"bucketName\":\"b\",\"key\":", "bucketName=b cut"},
	        {"s3.amazonaws.com", "GetObject", "{\"bucketName\":null,\"key\":[]}", ""},
	        {"dynamodb.amazonaws.com", "BatchGetItem",
	         "{\"requestItems\":{\"Music\":{\"keys\":[{\"x\":{\"S\":\"y\"}}]}}}",
	         "requestItems{}=Music"},
	        {"s3.amazonaws.com", "DeleteObjects", /* which version is of which key */
	         "{\"delete\":{\"objects\":[{\"key\":\"k2\",\"versionId\":\"v\"},{\"key\":\"k1\"},"
	         "{\"versionId\":\"v\",\"key\":\"k2\"}]}}",
	         "delete.objects[1].key=k1 delete.objects[2].key=k2 "
	         "delete.objects[2].versionId?"},
	        {"s3.amazonaws.com", "DeleteObjects", /* nothing belongs together */
	         "{\"delete\":{\"objects\":[{\"key\":\"k2\"},{\"key\":\"k1\"}]}}",
	         "delete.objects[].key=k1 delete.objects[].key=k2"},
	        {"events.amazonaws.com", "PutEvents", /* one of them names no bus */
	         "{\"entries\":[{\"source\":\"a\"},{\"eventBusName\":\"b\"},{\"source\":\"c\"},{}]"
	         "}",
	         "entries[1]? entries[2].eventBusName=b"},
	        {"events.amazonaws.com", "PutEvents", "{\"entries\":[{\"source\":\"a\"},{}]}", ""},
	        {"sts.amazonaws.com", "AssumeRoleWithWebIdentity",
	         "{\"principalTags\":{\"run_id\":\"1\",\"Name\":\"n\"},\"transitiveTagKeys\":["
	         "\"Name\"],\"incomingTransitiveTags\":{\"id\":\"2\"},\"roleArn\":\"r\"}",
	         "incomingTransitiveTags? principalTags? roleArn=r transitiveTagKeys?"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct event e = event(cases[i].source, cases[i].name, cases[i].request);
		struct fact f = fact_of(&e);
		char *got = params_text(&f.call);
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: '%s', want '%s'", cases[i].request, got, cases[i].want);
		free(got);
	}
}

static void secrets_are_not_kept(void **state)
{
	static const char *const requests[][3] = {
	        {"secretsmanager.amazonaws.com", "PutSecretValue",
	         "{\"secretId\":\"s\",\"secretString\":\"TOPSECRET\",\"secretBinary\":"
	         "\"TOPSECRET\"}"},
	        {"iam.amazonaws.com", "CreateLoginProfile",
	         "{\"userName\":\"u\",\"password\":\"TOPSECRET\"}"},
	        {"ssm.amazonaws.com", "PutParameter",
	         "{\"name\":\"/a\",\"value\":\"TOPSECRET\",\"type\":\"SecureString\"}"},
	        {"s3.amazonaws.com", "GetObject",
	         "{\"bucketName\":\"b\",\"key\":\"k\",\"X-Amz-Signature\":\"TOPSECRET\",\"X-Amz-"
	         "Security-Token\":\"TOPSECRET\"}"},
	};
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
		struct event e = event(requests[i][0], requests[i][1], requests[i][2]);
		struct fact f = fact_of(&e);
		assert_true(f.call.n_params > 0);
		for (size_t k = 0; k < f.call.n_params; k++)
			if (span_find(f.call.params[k].value, SPAN_LIT("TOPSECRET")) >= 0)
				fail_msg("%s keeps %.*s", requests[i][1],
				         SPAN_ARG(f.call.params[k].path));
	}
}

/* Depth, width and length from outside are bounded, and what remains is still there. */
static void hostile_requests(void **state)
{
	struct buf b;
	buf_init(&b, (size_t)8 << 20);
	buf_add_str(&b, "{\"bucketName\":\"b\",\"a\":");
	for (int i = 0; i < 400; i++)
		buf_add_str(&b, "{\"a\":[");
	for (int i = 0; i < 400; i++)
		buf_add_str(&b, "]}");
	buf_add_str(&b, "}");
	struct event e = event("s3.amazonaws.com", "GetObject", buf_str(&b));
	struct fact f = fact_of(&e);
	char *text = params_text(&f.call);
	assert_non_null(strstr(text, "bucketName=b"));
	free(text);

	buf_reset(&b);
	buf_add_str(&b, "{\"instancesSet\":{\"items\":[");
	for (int i = 0; i < 5000; i++)
		buf_addf(&b, "%s{\"instanceId\":\"i-%d\"}", i ? "," : "", i);
	buf_add_str(&b, "]}}");
	e = event("ec2.amazonaws.com", "TerminateInstances", buf_str(&b));
	f = fact_of(&e);
	assert_int_equal(f.call.n_params, LIMIT_PARAMS);
	assert_true(f.call.params_cut);

	buf_reset(&b);
	buf_add_str(&b, "{\"bucketName\":\"");
	for (size_t i = 0; i < LIMIT_PARAM_VALUE + 1; i++)
		buf_add_char(&b, 'x');
	buf_add_str(&b, "\"}");
	e = event("s3.amazonaws.com", "GetObject", buf_str(&b));
	f = fact_of(&e);
	text = params_text(&f.call);
	assert_string_equal(text, "bucketName!");
	free(text);
	buf_release(&b);
}

static void clean_texts(void **state)
{
	static const struct {
		const char *in;
		size_t n, limit;
		const char *want;
	} cases[] = {
	        {"abc", 3, 10, "abc"},
	        {"abc", 3, 2, "ab"},
	        {"a\xc3\xa4", 3, 2, "a"}, /* not half a character */
	        {"a\0b", 3, 10,
	         "a\xef\xbf\xbd"
	         "b"},
	        {"\xff\xc3\xa4", 3, 10, "\xef\xbf\xbd\xc3\xa4"},
	        {"\xed\xa0\x80", 3, 10, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct span got =
		        clean_text(span_make(cases[i].in, cases[i].n), cases[i].limit, &arena);
		if (!span_is(got, cases[i].want))
			fail_msg("case %zu: '%.*s'", i, SPAN_ARG(got));
	}
	assert_null(clean_text(SPAN_NONE, 10, &arena).p);
}

static void identities(void **state)
{
	struct event e = event("s3.amazonaws.com", "ListBuckets", NULL), other = e;
	struct fact a = fact_of(&e), b = fact_of(&other);
	assert_true(hash_eq(&a.id, &b.id) && hash_eq(&a.call_hash, &b.call_hash));
	other.name = SPAN_LIT("ListObjects");
	b = fact_of(&other);
	assert_false(hash_eq(&a.id, &b.id));
	assert_memory_equal(a.id.b, b.id.b, FACT_ID_PREFIX);
	other = e;
	other.recipient = SPAN_LIT("444455556666");
	b = fact_of(&other);
	assert_false(hash_eq(&a.id, &b.id));
	assert_false(hash_eq(&a.stream, &b.stream));
	assert_true(b.owner_side);
	assert_false(a.owner_side);
	/* The session is no part of the call. */
	other = e;
	other.identity.access_key = SPAN_LIT("AKIAEXAMPLE000000001");
	other.source_ip = SPAN_LIT("192.0.2.9");
	b = fact_of(&other);
	assert_true(hash_eq(&a.call_hash, &b.call_hash));
	assert_false(hash_eq(&a.session_hash, &b.session_hash));
	assert_false(hash_eq(&a.context_hash, &b.context_hash));
	struct hash128 h = call_hash(&b.call);
	assert_true(hash_eq(&h, &b.call_hash));
}

static void is_key(const struct fact *f, const char *key, const char *principal)
{
	assert_int_equal(f->n_issued, 1);
	assert_true(span_is(f->issued[0].access_key, key));
	if (!span_is(f->issued[0].principal, principal))
		fail_msg("issued to %.*s", SPAN_ARG(f->issued[0].principal));
}

static void keys_from_responses(void **state)
{
	struct event e =
	        event("sts.amazonaws.com", "AssumeRole",
	              "{\"roleArn\":\"arn:aws:iam::" ACCT ":role/p/r\",\"roleSessionName\":\"s\"}");
	e.response = SPAN_LIT("{\"credentials\":{\"accessKeyId\":\"ASIA1\",\"sessionToken\":\"t\"},"
	                      "\"assumedRoleUser\":{\"arn\":\"arn:aws:sts::" ACCT
	                      ":assumed-role/r/s\"}}");
	struct fact f = fact_of(&e);
	is_key(&f, "ASIA1", "arn:aws:iam::" ACCT ":role/p/r");
	assert_true(span_is(f.issued[0].session, "s"));
	e.request = SPAN_NONE;
	f = fact_of(&e);
	is_key(&f, "ASIA1", "arn:aws:iam::" ACCT ":role/r");
	e.name = SPAN_LIT("GetSessionToken");
	f = fact_of(&e);
	is_key(&f, "ASIA1", "arn:aws:iam::" ACCT ":user/ada");
	e = event("iam.amazonaws.com", "CreateAccessKey", NULL);
	e.response = SPAN_LIT("{\"accessKey\":{\"accessKeyId\":\"AKIA1\",\"userName\":\"bob\"}}");
	f = fact_of(&e);
	is_key(&f, "AKIA1", "arn:aws:iam::" ACCT ":user/bob");
	e.response = SPAN_LIT("\"Omitted\"");
	f = fact_of(&e);
	assert_int_equal(f.n_issued, 0);
	e = event("iam.amazonaws.com", "GetRole", NULL);
	e.response =
	        SPAN_LIT("{\"role\":{\"arn\":\"arn:aws:iam::" ACCT
	                 ":role/p/r\",\"roleName\":\"r\"},\"x\":[[[[{\"arn\":\"arn:aws:iam::1:role/"
	                 "p/deep\"}]]]]}");
	f = fact_of(&e);
	assert_int_equal(f.n_iam_arns, 1);
	e = (struct event){
	        .kind = EVENT_IDENTITY,
	        .observer = OBSERVED_PROXY,
	        .identity = {.present = true,
	                     .type = SPAN_LIT("AssumedRole"),
	                     .access_key = SPAN_LIT("ASIA2"),
	                     .arn = SPAN_LIT("arn:aws:sts::" ACCT ":assumed-role/r/s"),
	                     .issuer = {.arn = SPAN_LIT("arn:aws:iam::" ACCT ":role/p/r")}}};
	f = fact_of(&e);
	is_key(&f, "ASIA2", "arn:aws:iam::" ACCT ":role/p/r");
}

/* NULL: none. */
static void has_tags(struct event *e, const char *request, const char *want)
{
	e->request = span_of(request);
	struct fact f = fact_of(e);
	is_key(&f, "ASIA1", "arn:aws:iam::" ACCT ":role/r");
	struct span got = f.issued[0].tags;
	if (want ? !span_is(got, want) : got.p != NULL)
		fail_msg("%.300s: tags '%.*s', want '%.300s'", request, SPAN_ARG(got),
		         want ? want : "none");
	assert_null(f.context.session_tags.p);
}

static struct event giving_key(const char *name)
{
	struct event e = event("sts.amazonaws.com", name, NULL);
	e.response = SPAN_LIT("{\"credentials\":{\"accessKeyId\":\"ASIA1\"},"
	                      "\"assumedRoleUser\":{\"arn\":\"arn:aws:sts::" ACCT
	                      ":assumed-role/r/s\"}}");
	return e;
}

/* What a record says of a session's tags, in the forms that CloudTrail has for it. */
static void tags_of_sessions(void **state)
{
	struct event e = giving_key("AssumeRole");
	has_tags(&e,
	         "{\"incomingTransitiveTags\":{\"Dept\":\"x\",\"team\":\"old\"},\"tags\":[{"
	         "\"value\":\"a@example.com\",\"key\":\"Email\"},{\"key\":\"Team\",\"value\":"
	         "\"\"}],\"transitiveTagKeys\":[\"Email\"]}",
	         "{\"Dept\":\"x\",\"Email\":\"a@example.com\",\"Team\":\"\"}");
	has_tags(&e, "{\"tags\":[{\"key\":\"b\",\"value\":\"1\"},{\"key\":\"A\",\"value\":\"2\"}]}",
	         "{\"A\":\"2\",\"b\":\"1\"}");
	has_tags(&e, "{\"tags\":[{\"key\":\"\\u0041\\\\ \\u00e4\",\"value\":\"\\\"\\u0001\"}]}",
	         "{\"A\\\\ \xc3\xa4\":\"\\\"\\u0001\"}");
	has_tags(&e, "{\"tags\":null,\"incomingTransitiveTags\":{\"a\":\"b\"}}", "{\"a\":\"b\"}");
	e = giving_key("AssumeRoleWithSAML");
	has_tags(&e, "{\"principalTags\":{\"Project\":\"u\",\"Cost\":\"9\"}}",
	         "{\"Cost\":\"9\",\"Project\":\"u\"}");
	e = giving_key("AssumeRoleWithWebIdentity");
	has_tags(&e, "{\"principalTags\":{\"build_branch\":\"main\"}}",
	         "{\"build_branch\":\"main\"}");
	e = giving_key("GetFederationToken");
	e.request = SPAN_LIT("{\"name\":\"n\",\"tags\":[{\"key\":\"k\",\"value\":\"v\"}]}");
	struct fact f = fact_of(&e);
	is_key(&f, "ASIA1", "arn:aws:iam::" ACCT ":user/ada");
	assert_true(span_is(f.issued[0].tags, "{\"k\":\"v\"}"));
}

/* All that is odd counts as if nothing were known, and the key is kept all the same. */
static void odd_tags(void **state)
{
	static const char *const requests[] = {
	        "{}",
	        "{\"tags\":[]}",
	        "{\"tags\":{}}",
	        "\"Omitted\"",
	        "null",
	        "[]",
	        "{\"tags\":\"HIDDEN_DUE_TO_SECURITY_REASONS\",\"principalTags\":{\"a\":\"b\"}}",
	        "{\"tags\":[{\"key\":\"a\"}],\"principalTags\":{\"a\":\"b\"}}",
	        "{\"tags\":[{\"key\":\"a\",\"value\":1}]}",
	        "{\"tags\":[{\"key\":\"a\",\"value\":null}]}",
	        "{\"tags\":[{\"key\":[],\"value\":\"b\"}]}",
	        "{\"tags\":[{\"key\":\"\",\"value\":\"b\"}]}",
	        "{\"tags\":[{\"key\":\"a\",\"value\":\"b\",\"x\":\"c\"}]}",
	        "{\"tags\":[{\"key\":\"a\",\"key\":\"b\",\"value\":\"c\"}]}",
	        "{\"tags\":[{\"key\":\"a\",\"value\":\"b\"},\"x\"]}",
	        "{\"tags\":[{\"key\":\"a\",\"value\":\"b\"},{\"key\":\"A\",\"value\":\"b\"}]}",
	        "{\"tags\":[{\"key\":\"a\",\"value\":\"b\\u0000\"}]}",
	        "{\"tags\":[{\"key\":\"a\\u0000\",\"value\":\"b\"}]}",
	        "{\"tags\":[{\"key\":\"a\",\"value\":\"b\"}],\"tags\":{\"c\":\"d\"}}",
	        "{\"principalTags\":{\"a\":[\"b\"]}}",
	        "{\"principalTags\":[[\"a\",\"b\"]]}",
	        "{\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]",
	        "{\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]} x",
	};
	struct event e = giving_key("AssumeRole");
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
		has_tags(&e, requests[i], NULL);
	/* a capture lets no tags pass; one that claims to have some is not believed */
	e.observer = OBSERVED_PROXY;
	has_tags(&e, "{\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]}", NULL);
	e = event("iam.amazonaws.com", "CreateAccessKey",
	          "{\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]}");
	e.response = SPAN_LIT("{\"accessKey\":{\"accessKeyId\":\"AKIA1\",\"userName\":\"bob\"}}");
	assert_null(fact_of(&e).issued[0].tags.p);
}

/* n tags with keys of so many characters, values of so many, each of a number of bytes. */
static char *tagged(size_t n, size_t key, size_t value, const char *character)
{
	struct buf b;
	buf_init(&b, (size_t)4 << 20);
	buf_add_str(&b, "{\"tags\":[");
	for (size_t i = 0; i < n; i++) {
		buf_addf(&b, "%s{\"key\":\"%02zu", i ? "," : "", i);
		for (size_t c = 2; c < key; c++)
			buf_add_str(&b, character);
		buf_add_str(&b, "\",\"value\":\"");
		for (size_t c = 0; c < value; c++)
			buf_add_str(&b, character);
		buf_add_str(&b, "\"}");
	}
	buf_add_str(&b, "]}");
	return buf_take(&b);
}

static void limits_of_tags(void **state)
{
	static const struct {
		size_t n, key, value;
		bool kept;
	} cases[] = {{50, 128, 256, true},
	             {51, 10, 1, false},
	             {1, 129, 1, false},
	             {1, 128, 257, false},
	             {1, 2, 300000, false}};
	static const char *const characters[] = {"x", "\xc3\xa4", "\xf0\x9f\x98\x80", "\\u0001"};
	struct event e = giving_key("AssumeRole");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (size_t c = 0; c < sizeof characters / sizeof characters[0]; c++) {
			char *text =
			        tagged(cases[i].n, cases[i].key, cases[i].value, characters[c]);
			struct session_tags tags;
			e.request = span_of(text);
			struct fact f = fact_of(&e);
			assert_int_equal(f.n_issued, 1);
			assert_int_equal(f.issued[0].tags.p != NULL, cases[i].kept);
			if (cases[i].kept)
				assert_true(session_tags_read(f.issued[0].tags, &arena, &tags) &&
				            tags.n == cases[i].n);
			free(text);
		}
}

/* What several have in common does not depend on their order. */
static void tags_in_common(void **state)
{
	static const char *const texts[] = {"{\"a\":\"1\",\"B\":\"2\",\"c\":\"3\"}",
	                                    "{\"A\":\"1\",\"b\":\"2\",\"c\":\"4\"}",
	                                    "{\"a\":\"1\",\"b\":\"2\",\"d\":\"4\"}"};
	for (int first = 0; first < 3; first++)
		for (int step = 1; step < 3; step++) {
			struct session_tags common, other;
			assert_true(session_tags_read(span_of(texts[first]), &arena, &common));
			for (int i = 1; i < 3; i++) {
				int at = (first + i * step) % 3;
				assert_true(session_tags_read(span_of(texts[at]), &arena, &other));
				session_tags_keep(&common, &other, &arena);
			}
			struct span text = session_tags_write(&common, &arena);
			assert_true(span_is(text, "{\"A\":\"1\",\"B\":\"2\"}"));
			assert_true(span_is(session_tags_find(&common, SPAN_LIT("b"))->value, "2"));
			assert_null(session_tags_find(&common, SPAN_LIT("c")));
		}
}

static void outcomes(void **state)
{
	struct event e = event("s3.amazonaws.com", "ListBuckets", NULL);
	assert_int_equal(fact_of(&e).call.outcome, OUTCOME_ALLOWED);
	e.response = SPAN_LIT("{\"errorCode\":\"AccessDenied\",\"errorMessage\":\"no\"}");
	struct fact f = fact_of(&e);
	assert_int_equal(f.call.outcome, OUTCOME_DENIED);
	assert_true(span_is(f.call.error, "AccessDenied"));
	e.response = SPAN_LIT("{\"Error\":{\"Code\":\"NoSuchBucket\",\"Message\":\"m\"}}");
	assert_int_equal(fact_of(&e).call.outcome, OUTCOME_FAILED);
	e.response = SPAN_LIT(
	        "{\"lastError\":\"AccessDenied\",\"list\":[{\"errorCode\":\"AccessDenied\"}]}");
	assert_int_equal(fact_of(&e).call.outcome, OUTCOME_ALLOWED);
	e.kind = EVENT_SIGN_IN;
	e.response = SPAN_LIT("{\"ConsoleLogin\":\"Failure\"}");
	assert_int_equal(fact_of(&e).call.outcome, OUTCOME_UNAUTHENTICATED);
	e.response = SPAN_LIT("{\"ConsoleLogin\":\"Success\"}");
	assert_int_equal(fact_of(&e).call.outcome, OUTCOME_ALLOWED);
}

static void captured_names(void **state)
{
	struct event e = event("CloudWatch Logs", "FilterLogEvents", NULL);
	e.observer = OBSERVED_CSM;
	struct fact f = fact_of(&e);
	assert_true(span_is(f.call.source, "logs.amazonaws.com"));
	assert_true(span_is(f.call.name, "FilterLogEvents"));
	e.source = SPAN_LIT("No Such Service");
	f = fact_of(&e);
	assert_true(span_is(f.call.source, "No Such Service"));
}

/* Nothing is there, and everything is of the wrong kind. */
static void empty_and_odd(void **state)
{
	struct event e = {.kind = EVENT_CALL, .observer = OBSERVED_CLOUDTRAIL};
	struct fact f = fact_of(&e);
	assert_true(span_is(f.call.principal.arn, "unknown"));
	assert_true(span_is(f.account, ""));
	char *big = xmalloc(1 << 20);
	memset(big, '\xff', 1 << 20);
	struct span s = span_make(big, 1 << 20);
	e = event("", "", NULL);
	e.source = e.name = e.region = e.recipient = e.request_id = e.shared_id = e.source_ip = s;
	e.user_agent = e.vpc_endpoint = e.tls_version = e.error_code = e.error_message = e.id = s;
	e.identity = (struct event_identity){.type = s,
	                                     .principal_id = s,
	                                     .arn = s,
	                                     .account = s,
	                                     .access_key = s,
	                                     .user_name = s,
	                                     .invoked_by = s,
	                                     .issuer = {.arn = s, .principal_id = s}};
	e.request = e.response = s;
	f = fact_of(&e);
	assert_true(f.call.source.n <= 3 * 256 && f.call.error.n <= 3 * 256);
	assert_true(f.call.principal.arn.n <= 3 * 2048);
	assert_true(span_utf8(f.call.source) && span_utf8(f.call.principal.arn));
	assert_true(f.call.params_cut);
	free(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(parameters),       cmocka_unit_test(secrets_are_not_kept),
	        cmocka_unit_test(hostile_requests), cmocka_unit_test(clean_texts),
	        cmocka_unit_test(identities),       cmocka_unit_test(keys_from_responses),
	        cmocka_unit_test(tags_of_sessions), cmocka_unit_test(odd_tags),
	        cmocka_unit_test(limits_of_tags),   cmocka_unit_test(tags_in_common),
	        cmocka_unit_test(outcomes),         cmocka_unit_test(captured_names),
	        cmocka_unit_test(empty_and_odd),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
