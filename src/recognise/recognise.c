/* recognise.c - recognise: see recognise.h: which service, which protocol, which operation, and its
 * parameters. */
#include "config.h"

#include "recognise/recognise.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/url.h"
#include "recognise/data-plane.h"
#include "call/arn.h"

#include <stdlib.h>

enum { CANDIDATES = 32 }; /* services that share a signing name: at most a dozen do */

struct named { /* a signing name, endpoint prefix or target prefix, and its service */
	struct span name;
	const struct image_service *service;
};

struct names {
	struct named *items;
	size_t n;
};

struct recogniser {
	const struct mapping *mapping;
	const struct host_rules *hosts;
	bool any_host;
	struct names signing, endpoint, target;
	struct words *words;
};

/* ---- index */

static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int r = span_cmp(x->name, y->name);
	/* The order of the table among equals. */
	return r ? r : (x->service > y->service) - (x->service < y->service);
}

static void index_names(const struct mapping *m, struct names *to,
                        struct span (*name)(const struct image_service *))
{
	size_t all = services_count(m);
	to->items = xcalloc(all + 1, sizeof *to->items);
	for (size_t i = 0; i < all; i++) {
		const struct image_service *s = service_at(m, i);
		struct span key = name(s);
		if (key.n && service_endpoint(s).n)
			to->items[to->n++] = (struct named){key, s};
	}
	qsort(to->items, to->n, sizeof *to->items, by_name);
}

struct recogniser *recogniser_new(const struct mapping *m, const struct host_rules *hosts,
                                  bool any_host)
{
	struct recogniser *r = xcalloc(1, sizeof *r);
	r->mapping = m;
	r->hosts = hosts;
	r->any_host = any_host;
	index_names(m, &r->signing, service_signing);
	index_names(m, &r->endpoint, service_endpoint);
	index_names(m, &r->target, service_target);
	r->words = words_new(m);
	return r;
}

void recogniser_free(struct recogniser *r)
{
	if (!r)
		return;
	free(r->signing.items);
	free(r->endpoint.items);
	free(r->target.items);
	words_free(r->words);
	free(r);
}

const struct mapping *recogniser_mapping(const struct recogniser *r)
{
	return r->mapping;
}

static size_t find_names(const struct names *in, struct span name, const struct named **first)
{
	size_t low = 0, high = in->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (span_cmp(in->items[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*first = &in->items[low];
	size_t n = 0;
	while (low + n < in->n && span_eq(in->items[low + n].name, name))
		n++;
	return n;
}

bool recogniser_endpoint(const void *data, struct span stem)
{
	const struct recogniser *r = data;
	const struct named *first;
	return find_names(&r->endpoint, stem, &first) > 0;
}

/* ---- candidates */

struct candidates {
	const struct image_service *items[CANDIDATES];
	size_t n;
};

static void add_candidate(struct candidates *c, const struct image_service *s)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->items[i] == s)
			return;
	if (c->n < CANDIDATES)
		c->items[c->n++] = s;
}

/* The model that bears the name itself comes first: rds before docdb and neptune. */
static void add_all(struct candidates *c, const struct names *names, struct span name)
{
	const struct named *first;
	size_t n = name.n ? find_names(names, name, &first) : 0;
	for (size_t i = 0; i < n; i++)
		if (span_eq(service_folder(first[i].service), name))
			add_candidate(c, first[i].service);
	for (size_t i = 0; i < n; i++)
		add_candidate(c, first[i].service);
}

static const struct image_service *service_of_folder(const struct recogniser *r, const char *folder)
{
	for (size_t i = 0; i < services_count(r->mapping); i++) {
		const struct image_service *s = service_at(r->mapping, i);
		if (span_is(service_folder(s), folder))
			return s;
	}
	return NULL;
}

/* Signing names of S3's kin, for which no model has them. */
static bool is_s3_scope(struct span service)
{
	return span_is(service, "s3") || span_is(service, "s3express") ||
	       span_is(service, "s3-outposts") || span_is(service, "s3-object-lambda");
}

static const char *s3_folder(const struct api_host *h, const struct request *q)
{
	/* S3 Control's version in front of its paths; a bucket of that name can't be told from it,
	 * and is not to be expected. */
	bool control = span_starts(q->target, SPAN_LIT("/v20180820/"));
	switch (h->s3) {
	case S3_CONTROL: return "s3control";
	case S3_OUTPOSTS:
		if (h->resource.n)
			return "s3";
		return control ? "s3control" : "s3outposts";
	case S3_EXPRESS_CONTROL: return control ? "s3control" : "s3";
	default: return "s3";
	}
}

static void find_candidates(const struct recogniser *r, const struct request *q,
                            const struct api_host *h, struct span scope, struct candidates *c)
{
	struct candidates by_scope = {.n = 0}, by_host = {.n = 0};
	if (h->kind == HOST_S3) {
		const struct image_service *s = service_of_folder(r, s3_folder(h, q));
		if (s)
			add_candidate(c, s);
		return;
	}
	if (is_s3_scope(scope) && h->kind != HOST_SERVICE) {
		/* A local cloud: the host does not tell S3 Control, its header does. */
		const struct image_service *s =
		        service_of_folder(r, q->account.n ? "s3control" : "s3");
		if (s)
			add_candidate(c, s);
		return;
	}
	add_all(&by_scope, &r->signing, scope);
	if (!by_scope.n)
		add_all(&by_scope, &r->endpoint, scope);
	add_all(&by_host, &r->endpoint, h->stem);
	if (h->service.n) {
		add_all(&by_host, &r->signing, h->service);
		for (size_t i = 0; i < services_count(r->mapping); i++)
			if (span_eq(service_folder(service_at(r->mapping, i)), h->service))
				add_candidate(&by_host, service_at(r->mapping, i));
	}
	for (size_t i = 0; i < by_scope.n; i++)
		for (size_t k = 0; k < by_host.n; k++)
			if (by_scope.items[i] == by_host.items[k])
				add_candidate(c, by_scope.items[i]);
	/* The signature is what the service checks; thirteen endpoint prefixes serve several
	 * models. */
	if (!c->n)
		*c = by_scope.n ? by_scope : by_host;
}

/* ---- protocols */

enum body_kind { BODY_NONE, BODY_QUERY, BODY_JSON, BODY_CBOR, BODY_REST };

struct found {
	const struct image_service *service;
	const struct operation *op;
	enum body_kind body;
};

static bool find_target(const struct recogniser *r, const struct request *q,
                        const struct candidates *c, struct found *f)
{
	ptrdiff_t dot = span_rchr(q->amz_target, '.');
	if (dot <= 0)
		return false;
	struct span prefix = span_make(q->amz_target.p, (size_t)dot);
	struct span name = span_from(q->amz_target, (size_t)dot + 1);
	struct candidates both = {.n = 0};
	const struct named *first;
	size_t n = find_names(&r->target, prefix, &first);
	for (size_t i = 0; i < c->n; i++)
		if (span_eq(service_target(c->items[i]), prefix))
			add_candidate(&both, c->items[i]);
	for (size_t i = 0; i < n; i++)
		add_candidate(&both, first[i].service);
	for (size_t i = 0; i < both.n; i++)
		if ((f->op = service_operation(both.items[i], name)) != NULL) {
			f->service = both.items[i];
			f->body = BODY_JSON;
			return true;
		}
	return false;
}

/* /service/NAME/operation/OPERATION, with smithy-protocol: rpc-v2-cbor. */
static bool find_rpc(const struct recogniser *r, const struct request *q, struct span path,
                     const struct candidates *c, struct found *f)
{
	ptrdiff_t at = span_find(path, SPAN_LIT("/service/"));
	if (!span_starts(q->smithy, SPAN_LIT("rpc-v2-")) || at < 0)
		return false;
	struct span rest = span_from(path, (size_t)at + 9);
	struct span name = span_cut(&rest, '/');
	if (!span_is(span_cut(&rest, '/'), "operation") || rest.n == 0)
		return false;
	struct candidates all = *c;
	const struct named *first;
	size_t n = find_names(&r->target, name, &first);
	for (size_t i = 0; i < n; i++)
		add_candidate(&all, first[i].service);
	for (size_t i = 0; i < all.n; i++)
		if ((f->op = service_operation(all.items[i], rest)) != NULL) {
			f->service = all.items[i];
			f->body = span_is(q->smithy, "rpc-v2-cbor") ? BODY_CBOR : BODY_JSON;
			return true;
		}
	return false;
}

static bool is_form(const struct request *q)
{
	return span_starts_ci(q->content_type, SPAN_LIT("application/x-www-form-urlencoded"));
}

static bool find_action(const struct request *q, struct span query, const struct candidates *c,
                        struct arena *arena, struct found *f)
{
	struct span text = query.p && wire_query(query, "Action").n ? query
	                   : is_form(q)                             ? q->body
	                                                            : SPAN_NONE;
	if (!text.p)
		return false;
	struct span name = url_decode(arena, wire_query(text, "Action"), true);
	struct span version = wire_query(text, "Version");
	bool exact = false;
	for (size_t i = 0; i < c->n && name.n; i++) {
		const struct image_service *s = c->items[i];
		/* Some that speak JSON today still answer older SDKs; their models tell the version
		 * only. */
		bool speaks = service_speaks(s, "query") || service_speaks(s, "ec2");
		if (!speaks && !(is_form(q) && span_eq(service_version(s), version)))
			continue;
		const struct operation *op = service_operation(s, name);
		if (!op)
			continue;
		bool same = span_eq(service_version(s), version);
		if (f->op && (exact || !same))
			continue;
		*f = (struct found){s, op, BODY_QUERY};
		exact = same;
	}
	return f->op != NULL;
}

static bool find_rest(const struct candidates *c, const struct rest_request *q, struct found *f)
{
	int64_t best = -1;
	for (size_t i = 0; i < c->n; i++) {
		const struct image_service *s = c->items[i];
		int64_t score = -1;
		if (!service_speaks(s, "rest-json") && !service_speaks(s, "rest-xml"))
			continue;
		const struct operation *op = rest_match(s, q, &score);
		if (op && score > best) {
			*f = (struct found){s, op, BODY_REST};
			best = score;
		}
	}
	return f->op != NULL;
}

/* ---- S3 */

/* A bucket in front of a local cloud's host: "b.s3.localhost.localstack.cloud", "b.localhost". */
static struct span local_bucket(struct span host)
{
	ptrdiff_t at = span_find(host, SPAN_LIT(".s3."));
	if (at < 0 && span_ends(host, SPAN_LIT(".localhost")))
		at = (ptrdiff_t)(host.n - 10);
	return at > 0 ? span_make(host.p, (size_t)at) : SPAN_NONE;
}

/* An access point's host has its name and account, "NAME-ACCOUNT" and perhaps ".OUTPOST", where a
 * bucket would be. CloudTrail and the mapping know it by its ARN. */
static void name_access_point(const struct api_host *h, struct arena *arena, struct recognised *out)
{
	struct span outpost = h->resource, label = span_cut(&outpost, '.');
	ptrdiff_t dash = span_rchr(label, '-');
	struct span account = dash > 0 ? span_from(label, (size_t)dash + 1) : SPAN_NONE;
	struct span region = out->region, partition = host_partition(region);
	bool in_outpost = h->s3 == S3_OUTPOSTS && outpost.n;
	if (!arn_is_account(account) || !region.n ||
	    !(in_outpost || h->s3 == S3_ACCESS_POINT || h->s3 == S3_OBJECT_LAMBDA))
		return;
	const char *service = in_outpost                  ? "s3-outposts"
	                      : h->s3 == S3_OBJECT_LAMBDA ? "s3-object-lambda"
	                                                  : "s3";
	struct span arn = arena_printf(
	        arena, "arn:%.*s:%s:%.*s:%.*s:%s%.*s%saccesspoint/%.*s", SPAN_ARG(partition),
	        service, SPAN_ARG(region), SPAN_ARG(account), in_outpost ? "outpost/" : "",
	        SPAN_ARG(outpost), in_outpost ? "/" : "", (int)dash, label.p);
	for (size_t i = 0; i < out->params.n; i++)
		if (span_is(out->params.items[i].path, "Bucket"))
			out->params.items[i].value = arn;
}

/* Content-Disposition: form-data; name="key" CRLF CRLF value CRLF. A file may be called "key", too.
 */
static struct span multipart_field(struct span body, const char *name)
{
	struct buf mark;
	struct span value = SPAN_NONE;
	buf_init(&mark, 128);
	buf_addf(&mark, "form-data; name=\"%s\"", name);
	ptrdiff_t at = span_find_ci(body, buf_span(&mark));
	if (at >= 0) {
		struct span rest = span_from(body, (size_t)at);
		ptrdiff_t gap = span_find(rest, SPAN_LIT("\r\n\r\n"));
		rest = gap >= 0 ? span_from(rest, (size_t)gap + 4) : SPAN_NONE;
		ptrdiff_t end = rest.p ? span_find(rest, SPAN_LIT("\r\n")) : -1;
		if (end >= 0)
			value = span_make(rest.p, (size_t)end);
	}
	buf_release(&mark);
	return value;
}

/* A browser's upload: POST to the bucket with a form; the key is a field, and so is the credential.
 */
static bool find_post_form(const struct request *q, const struct candidates *c,
                           const struct rest_request *rest, struct arena *arena, struct found *f,
                           struct recognised *out)
{
	if (!span_is(q->method, "POST") || rest->query.n || c->n == 0 ||
	    !span_is(service_folder(c->items[0]), "s3") ||
	    !span_starts_ci(q->content_type, SPAN_LIT("multipart/form-data")))
		return false;
	struct span key = multipart_field(q->body, "key");
	struct span bucket = span_from(rest->path, 1);
	const struct operation *put = service_operation(c->items[0], SPAN_LIT("PutObject"));
	if (!put || !key.p)
		return false;
	f->op = put;
	f->service = c->items[0];
	f->body = BODY_NONE;
	wire_add(&out->params, SPAN_LIT("Bucket"), span_cut(&bucket, '/'));
	wire_add(&out->params, SPAN_LIT("Key"), key);
	struct request form = *q;
	/* signed by version 4, or by version 2, which SDKs still use where a region has it */
	struct span scope = multipart_field(q->body, "x-amz-credential");
	struct span key_id = multipart_field(q->body, "AWSAccessKeyId");
	form.authorization = SPAN_NONE;
	struct span as_query =
	        scope.n ? arena_printf(arena, "X-Amz-Credential=%.*s", SPAN_ARG(scope))
	        : key_id.n
	                ? arena_printf(arena, "AWSAccessKeyId=%.*s&Signature=-", SPAN_ARG(key_id))
	                : SPAN_NONE;
	if (as_query.p && scope.n < 512 && key_id.n < 512)
		signer_of(&form, as_query, arena, &out->signer);
	return true;
}

/* ---- parameters */

/* Operations whose body is the caller's own data, not a structure of members (payload of type blob
 * or string in the API models): what it says names nothing of the call. */
static bool body_is_data(struct span folder, struct span name)
{
	static const struct {
		const char *folder, *name;
	} table[] = {
	        {"apigateway", "ImportApiKeys"},
	        {"apigateway", "ImportDocumentationParts"},
	        {"apigateway", "ImportRestApi"},
	        {"apigateway", "PutRestApi"},
	        {"apigatewaymanagementapi", "PostToConnection"},
	        {"appconfig", "CreateHostedConfigurationVersion"},
	        {"bedrock-agentcore", "InvokeAgentRuntime"},
	        {"bedrock-runtime", "InvokeModel"},
	        {"bedrock-runtime", "InvokeModelWithResponseStream"},
	        {"cloudsearchdomain", "UploadDocuments"},
	        {"codeartifact", "PublishPackageVersion"},
	        {"codeguruprofiler", "PostAgentProfile"},
	        {"dataexchange", "SendApiAsset"},
	        {"datazone", "PostLineageEvent"},
	        {"ebs", "PutSnapshotBlock"},
	        {"glacier", "UploadArchive"},
	        {"glacier", "UploadMultipartPart"},
	        {"iot-data", "Publish"},
	        {"iot-data", "UpdateThingShadow"},
	        {"iotwireless", "UpdateResourcePosition"},
	        {"lambda", "Invoke"},
	        {"lambda", "InvokeAsync"},
	        {"lambda", "InvokeWithResponseStream"},
	        {"lambda", "SendDurableExecutionCallbackSuccess"},
	        {"lex-runtime", "PostContent"},
	        {"lexv2-runtime", "RecognizeUtterance"},
	        {"mediastore-data", "PutObject"},
	        {"omics", "UploadReadSetPart"},
	        {"s3", "PutBucketPolicy"},
	        {"s3", "PutObject"},
	        {"s3", "UploadPart"},
	        {"s3", "WriteGetObjectResponse"},
	        {"sagemaker-runtime", "InvokeEndpoint"},
	        {"sagemaker-runtime", "InvokeEndpointWithResponseStream"},
	        {"tnb", "PutSolFunctionPackageContent"},
	        {"tnb", "PutSolNetworkPackageContent"},
	        {"tnb", "ValidateSolFunctionPackageContent"},
	        {"tnb", "ValidateSolNetworkPackageContent"},
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (span_is(folder, table[i].folder) && span_is(name, table[i].name))
			return true;
	return false;
}

static bool is_query_frame(struct span path)
{
	static const char *const frame[] = {"Action",        "Version",         "AWSAccessKeyId",
	                                    "Signature",     "SignatureMethod", "SignatureVersion",
	                                    "SecurityToken", "Timestamp",       "Expires"};
	for (size_t i = 0; i < sizeof frame / sizeof frame[0]; i++)
		if (span_is(path, frame[i]))
			return true;
	return span_starts_ci(path, SPAN_LIT("X-Amz-"));
}

static void query_params(const struct request *q, struct span path, struct span query,
                         struct recognised *out)
{
	struct wire *w = &out->params;
	wire_form(w, query, true);
	if (is_form(q))
		wire_form(w, q->body, true);
	size_t kept = 0;
	for (size_t i = 0; i < w->n; i++)
		if (!is_query_frame(w->items[i].path))
			w->items[kept++] = w->items[i];
	w->n = kept;
	/* SQS once had the queue in the path. */
	if (path.n > 1 && !wire_find(w, "QueueUrl").p &&
	    span_is(service_folder(out->service), "sqs"))
		wire_add(w, SPAN_LIT("QueueUrl"),
		         arena_printf(w->arena, "https://%.*s%.*s", SPAN_ARG(q->host),
		                      SPAN_ARG(path)));
}

static void body_params(const struct request *q, struct recognised *out)
{
	struct wire *w = &out->params;
	struct span body = span_trim(q->body);
	if (body.n == 0 || body_is_data(service_folder(out->service), operation_name(out->op)))
		return;
	if (body.p[0] == '{')
		wire_json(w, body);
	else if (body.p[0] == '<')
		wire_xml(w, body);
	if (q->body_cut)
		w->cut = true;
}

static void find_params(const struct request *q, const struct found *f,
                        const struct rest_request *rest, struct span path, struct span query,
                        struct recognised *out)
{
	switch (f->body) {
	case BODY_NONE: break;
	case BODY_QUERY: query_params(q, path, query, out); break;
	case BODY_JSON: wire_json(&out->params, q->body); break;
	case BODY_CBOR: wire_cbor(&out->params, q->body); break;
	case BODY_REST:
		rest_params(f->op, rest, &out->params);
		body_params(q, out);
		return;
	}
	if (q->body_cut)
		out->params.cut = true;
}

/* ---- what is not recognised */

static bool find_data_plane(const struct recogniser *r, const struct request *q,
                            const struct api_host *h, struct span path, struct found *f,
                            struct recognised *out)
{
	if (!out->signer.access_key.n)
		return false;
	f->op = data_plane_find(r->mapping, h, q->method, path, &out->params);
	return f->op != NULL;
}

/* The path below what is part of some endpoints' URLs: the stage of an API's management, a version
 * of maps. */
static struct span below_base(const struct api_host *h, struct span path)
{
	ptrdiff_t at = span_find(path, SPAN_LIT("/@connections/"));
	if (at > 0 && span_is(h->stem, "execute-api"))
		return span_from(path, (size_t)at);
	if ((span_is(h->stem, "geo-maps") || span_is(h->stem, "geo-routes")) &&
	    span_starts(path, SPAN_LIT("/v2/")))
		return span_from(path, 3);
	return path;
}

/* An API's connections: its id is in the host, its stage in front of the path. */
static void name_api(const struct api_host *h, struct span path, struct recognised *out)
{
	ptrdiff_t at = span_find(path, SPAN_LIT("/@connections/"));
	if (!out->op || at < 1 || !span_is(h->stem, "execute-api"))
		return;
	struct span stage = span_sub(path, 1, (size_t)at - 1);
	wire_add(&out->params, SPAN_LIT("ApiId"), h->resource);
	if (span_chr(stage, '/') < 0)
		wire_add(&out->params, SPAN_LIT("Stage"), stage);
}

void recognise(const struct recogniser *r, const struct request *q, struct api_host *h,
               struct arena *arena, struct recognised *out)
{
	struct candidates c = {.n = 0};
	struct found f = {.op = NULL};
	struct span query = q->target, path = span_cut(&query, '?');
	*out = (struct recognised){.op = NULL};
	wire_init(&out->params, arena);
	if (path.n == 0 || path.p[0] != '/')
		path = SPAN_LIT("/");
	host_parse(r->hosts, q->host, h);
	signer_of(q, query, arena, &out->signer);
	find_candidates(r, q, h, out->signer.service, &c);
	bool s3 = h->kind == HOST_S3 || (c.n && (span_is(service_folder(c.items[0]), "s3") ||
	                                         span_is(service_folder(c.items[0]), "s3control")));
	struct rest_request rest = {q->method, path, query, SPAN_NONE, q->copy_source.p != NULL};
	bool data = c.n && span_is(service_folder(c.items[0]), "s3");
	/* A response to S3 Object Lambda goes to a route, not to a bucket. */
	data = data && !span_starts(path, SPAN_LIT("/WriteGetObjectResponse"));
	rest.resource = h->kind == HOST_S3 && data ? h->resource
	                : r->any_host && data      ? local_bucket(h->name)
	                                           : SPAN_NONE;
	rest.path = below_base(h, path);
	if (rest.resource.n)
		rest.path =
		        arena_printf(arena, "/%.*s%.*s", SPAN_ARG(rest.resource), SPAN_ARG(path));
	if (!find_target(r, q, &c, &f) && !find_rpc(r, q, path, &c, &f) &&
	    !find_action(q, query, &c, arena, &f) &&
	    !find_post_form(q, &c, &rest, arena, &f, out) && !find_data_plane(r, q, h, path, &f, out))
		find_rest(&c, &rest, &f);
	if (h->kind == HOST_S3 && h->s3 == S3_EXPRESS_CONTROL && f.op &&
	    span_is(operation_name(f.op), "ListBuckets"))
		f.op = service_operation(f.service, SPAN_LIT("ListDirectoryBuckets"));
	out->region = out->signer.region.n ? out->signer.region : h->region;
	out->account = q->account.n ? q->account : SPAN_NONE;
	out->op = f.op;
	out->service = f.service;
	if (!f.op)
		out->path_pattern = words_pattern(r->words, s3 ? SPAN_NONE : path, arena);
	else if (f.service)
		find_params(q, &f, &rest, path, query, out);
	if (h->kind == HOST_S3)
		name_access_point(h, arena, out);
	name_api(h, path, out);
	if (!out->region.n && h->kind != HOST_OTHER)
		out->region = host_no_region(h);
}
