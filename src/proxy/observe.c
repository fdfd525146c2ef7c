/* observe.c - proxy: see observe.h. */
#include "config.h"

#include "proxy/observe.h"

#include "recognise/recognise.h"
#include "recognise/response.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "call/access-key.h"
#include "call/arn.h"
#include "normalise/outcome.h"

#include <stdlib.h>
#include <zlib.h>

/* A head field kept for the look: targets and credentials stay below 2 KB, presigned URLs with
 * session tokens below 8. */
#define LIMIT_KEPT_FIELD ((size_t)16 << 10)
/* Fields of S3 and its kin that are members: copy source, grants, tagging... */
enum { KEPT_FIELDS = 24 };

struct look {
	struct buf raw;
	bool cut;
	bool wanted;
	struct span encoding; /* Content-Encoding */
};

struct observed {
	const struct recogniser *recogniser;
	struct arena arena;
	int64_t time_ms;
	struct request q;
	struct span user_agent;
	struct http_field fields[KEPT_FIELDS];
	size_t n_fields;
	struct look request, response;
	struct response_head answer;
	struct api_host host;
	struct recognised what;
	struct captured_identity identity;
};

/* ---- the request */

static struct span keep(struct observed *o, struct span s)
{
	return s.n <= LIMIT_KEPT_FIELD ? arena_span(&o->arena, s) : SPAN_NONE;
}

/* Fields that begin with x-amz- and are no member of a request: signature, credentials, checksums,
 * what SDKs say of themselves; customer keys are secrets. */
static bool is_member_field(struct span name)
{
	static const char *const other[] = {
	        "x-amz-date",
	        "x-amz-security-token",
	        "x-amz-content-sha256",
	        "x-amz-target",
	        "x-amz-user-agent",
	        "x-amz-region-set",
	        "x-amz-trailer",
	        "x-amz-request-payer",
	        "x-amz-s3session-token",
	        "x-amz-decoded-content-length",
	};
	if (!span_starts_ci(name, SPAN_LIT("x-amz-")))
		return false;
	for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
		if (span_eq_ci(name, span_of(other[i])))
			return false;
	static const char *const parts[] = {"customer-key", "checksum", "x-amz-meta-",
	                                    "x-amz-sdk-",   "token",    "signature",
	                                    "-context"};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (span_find_ci(name, span_of(parts[i])) >= 0)
			return false;
	return true;
}

static void keep_fields(struct observed *o, const struct http_head *h)
{
	for (size_t i = 0; i < h->n_fields && o->n_fields < KEPT_FIELDS; i++)
		if (is_member_field(h->fields[i].name))
			o->fields[o->n_fields++] = (struct http_field){keep(o, h->fields[i].name),
			                                               keep(o, h->fields[i].value)};
}

/* An absolute target's path; a target that is too long is cut, for its path names the call. */
static struct span target_path(struct observed *o, struct span target)
{
	if (target.n && target.p[0] != '/') {
		ptrdiff_t at = span_find(target, SPAN_LIT("://"));
		struct span rest = at >= 0 ? span_from(target, (size_t)at + 3) : target;
		size_t n = 0;
		while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?')
			n++;
		target = span_from(rest, n);
	}
	return arena_span(&o->arena, span_sub(target, 0, LIMIT_KEPT_FIELD));
}

struct observed *observe_request(const struct recogniser *r, const struct http_head *h,
                                 struct span host, int64_t time_ms)
{
	struct observed *o = xcalloc(1, sizeof *o);
	o->recogniser = r;
	o->time_ms = time_ms;
	arena_init(&o->arena);
	buf_init(&o->request.raw, LIMIT_LOOK_REQUEST);
	buf_init(&o->response.raw, LIMIT_LOOK_RESPONSE);
	o->q = (struct request){
	        .method = keep(o, h->method),
	        .target = target_path(o, h->target),
	        .host = keep(o, host),
	        .authorization = keep(o, http_field(h, "authorization")),
	        .region_set = keep(o, http_field(h, "x-amz-region-set")),
	        .amz_target = keep(o, http_field(h, "x-amz-target")),
	        .content_type = keep(o, http_field(h, "content-type")),
	        .smithy = keep(o, http_field(h, "smithy-protocol")),
	        .copy_source = keep(o, http_field(h, "x-amz-copy-source")),
	        .account = keep(o, http_field(h, "x-amz-account-id")),
	};
	o->user_agent = keep(o, http_field(h, "user-agent"));
	o->request.encoding = keep(o, http_field(h, "content-encoding"));
	/* Uploads of objects are the one large thing, and their content says nothing. */
	struct span sha = http_field(h, "x-amz-content-sha256");
	o->request.wanted = !span_starts(sha, SPAN_LIT("STREAMING-"));
	keep_fields(o, h);
	return o;
}

static void look_at(struct look *l, struct span data)
{
	if (!l->wanted || l->cut)
		return;
	size_t room = l->raw.ceiling - l->raw.n;
	buf_add(&l->raw, data.p, data.n < room ? data.n : room);
	l->cut = data.n > room;
}

void observe_request_data(struct observed *o, struct span data)
{
	look_at(&o->request, data);
}

/* ---- the response */

static struct span request_id(const struct http_head *h)
{
	static const char *const names[] = {"x-amzn-requestid", "x-amz-request-id",
	                                    "x-amzn-request-id", "x-amz-requestid"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct span s = http_field(h, names[i]);
		if (s.n)
			return s;
	}
	return SPAN_NONE;
}

void observe_response(struct observed *o, const struct http_head *h)
{
	o->answer = (struct response_head){
	        .status = h->status,
	        .error_type = keep(o, http_field(h, "x-amzn-errortype")),
	        .query_error = keep(o, http_field(h, "x-amzn-query-error")),
	        .request_id = keep(o, request_id(h)),
	        .content_type = keep(o, http_field(h, "content-type")),
	};
	o->response.encoding = keep(o, http_field(h, "content-encoding"));
	/* Data is not looked at: only errors, and XML, which may be an error or STS's answer. */
	o->response.wanted =
	        h->status >= 400 || span_find_ci(o->answer.content_type, SPAN_LIT("xml")) >= 0;
}

void observe_response_data(struct observed *o, struct span data)
{
	look_at(&o->response, data);
}

/* ---- content codings */

static struct span inflate_look(struct look *l, struct arena *arena)
{
	z_stream z = {.next_in = (unsigned char *)l->raw.p, .avail_in = (unsigned)l->raw.n};
	unsigned char *out = arena_alloc(arena, l->raw.ceiling);
	/* 32: gzip or zlib by their heads. */
	if (inflateInit2(&z, 15 + 32) != Z_OK)
		return SPAN_NONE;
	z.next_out = out;
	z.avail_out = (unsigned)l->raw.ceiling;
	if (inflate(&z, Z_SYNC_FLUSH) != Z_STREAM_END)
		l->cut = true;
	inflateEnd(&z);
	return span_make((char *)out, l->raw.ceiling - z.avail_out);
}

/* The second chunk layer: "SIZE;chunk-signature=... CRLF data CRLF". */
static struct span unchunk_look(struct look *l, struct arena *arena)
{
	struct http_body b;
	char *out = arena_alloc(arena, l->raw.n + 1);
	size_t n = 0, at = 0, used;
	struct span data;
	enum http_result r = HTTP_MORE;
	http_body_inner(&b);
	while (at < l->raw.n && r == HTTP_MORE) {
		r = http_body_feed(&b, l->raw.p + at, l->raw.n - at, &used, &data);
		if (data.n)
			memcpy(out + n, data.p, data.n);
		n += data.n;
		at += used;
	}
	return span_make(out, n);
}

static struct span decoded(struct look *l, struct arena *arena)
{
	if (!l->raw.n)
		return SPAN_NONE;
	if (http_list_has(l->encoding, "aws-chunked"))
		return unchunk_look(l, arena);
	if (http_list_has(l->encoding, "gzip") || http_list_has(l->encoding, "deflate"))
		return inflate_look(l, arena);
	return l->encoding.n && !http_list_has(l->encoding, "identity") ? SPAN_NONE
	                                                                : buf_span(&l->raw);
}

/* ---- all together */

/* Only the key's id and the ARNs are taken from it; secret and token are never looked for. */
static bool sts_identity(struct observed *o, struct span name, struct span body)
{
	struct captured_identity *id = &o->identity;
	struct xml_text t[] = {{NULL, "Arn", SPAN_NONE},
	                       {NULL, "Account", SPAN_NONE},
	                       {NULL, "AccessKeyId", SPAN_NONE}};
	wire_xml_texts(body, &o->arena, t, sizeof t / sizeof t[0]);
	*id = (struct captured_identity){.time_ms = o->time_ms};
	if (span_is(name, "GetCallerIdentity")) {
		id->access_key = o->what.signer.access_key;
	} else {
		id->access_key = t[2].text;
		id->parent_key = o->what.signer.access_key;
	}
	if (span_starts(name, SPAN_LIT("AssumeRole")) || span_is(name, "AssumeRoot"))
		id->role_arn = wire_find(&o->what.params, "RoleArn");
	id->arn = t[0].text;
	id->account = t[1].text;
	struct arn arn;
	if (!arn_is_account(id->account) && arn_parse(id->arn, &arn) && arn_is_account(arn.account))
		id->account = arn.account;
	return id->access_key.n >= 16 && is_access_key_id(id->access_key) &&
	       (id->arn.n || id->parent_key.n);
}

static void add_fields(struct observed *o)
{
	for (size_t i = 0; i < o->n_fields; i++)
		if (o->fields[i].value.p)
			wire_add(&o->what.params, o->fields[i].name, o->fields[i].value);
}

static void fill_call(struct observed *o, const struct response_facts *a,
                      struct captured_call *call)
{
	const struct recognised *w = &o->what;
	const struct mapping *m = recogniser_mapping(o->recogniser);
	*call = (struct captured_call){
	        .observer = OBSERVED_PROXY,
	        .time_ms = o->time_ms,
	        .region = w->region,
	        .account = w->account,
	        .access_key = w->signer.access_key,
	        .request_id = a->request_id,
	        .user_agent = o->user_agent,
	        .status = o->answer.status,
	        .error_code = a->error_code,
	        .host = o->host.name,
	        .method = o->q.method,
	};
	if (w->op) {
		call->service = operation_service(w->op);
		call->operation = operation_name(w->op);
		call->source = operation_event_source(m, w->op, &o->arena);
		call->name = operation_event_name(w->op);
		call->params = w->params.items;
		call->n_params = w->params.n;
		call->params_cut = w->params.cut;
	} else {
		call->path_pattern = w->path_pattern;
	}
	call->error_code = outcome_code(m, call->source, call->name, a->error_code, a->message, &o->arena);
	if (a->error_code.n)
		outcome_of_error(a->error_code, a->message, &call->denial);
}

void observe_finish(struct observed *o, struct captured_call *call,
                    const struct captured_identity **ids, size_t *n_ids)
{
	struct response_facts a;
	o->q.body = decoded(&o->request, &o->arena);
	o->q.body_cut = o->request.cut;
	recognise(o->recogniser, &o->q, &o->host, &o->arena, &o->what);
	if (o->what.op && o->what.service)
		add_fields(o);
	struct span body = decoded(&o->response, &o->arena);
	response_read(&o->answer, body, &o->arena, &a);
	fill_call(o, &a, call);
	*ids = &o->identity;
	*n_ids = 0;
	if (o->answer.status == 200 && span_is(call->service, "sts"))
		*n_ids = sts_identity(o, call->operation, body);
}

void observe_free(struct observed *o)
{
	if (!o)
		return;
	buf_release(&o->request.raw);
	buf_release(&o->response.raw);
	arena_release(&o->arena);
	free(o);
}
