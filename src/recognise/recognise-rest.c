/* recognise-rest.c - recognise: see recognise.h: method, path and literal query of REST operations.
 * Of several that fit, literal segments win over labels from the left, then more of the literal
 * query, then the rules by which S3 tells apart what its templates don't. */
#include "config.h"

#include "recognise/recognise.h"

#include "base/url.h"

enum {
	SEGMENTS = 24
}; /* the longest template has 12; what is longer can only fit a greedy label */

static struct span next_segment(struct span *rest)
{
	return span_cut(rest, '/');
}

static bool is_label(struct span s)
{
	return s.n > 2 && s.p[0] == '{' && s.p[s.n - 1] == '}';
}

static bool is_greedy(struct span s)
{
	return is_label(s) && s.p[s.n - 2] == '+';
}

/* Whether a label that stands for an ARN gets one: what tells some twins apart. */
static bool arn_fits(struct span label, struct span segment)
{
	label = span_sub(label, 1, label.n - 2);
	if (!span_ends_ci(label, SPAN_LIT("arn")))
		return true;
	return span_starts_ci(segment, SPAN_LIT("arn:")) ||
	       span_starts_ci(segment, SPAN_LIT("arn%3a"));
}

/* -1 if it does not fit; else what is literal, the leftmost segments in the highest digits. */
static int64_t path_score(struct span template, struct span path)
{
	int64_t score = 0;
	int n = 0;
	struct span t = span_from(template, 1), p = span_from(path, 1);
	for (; t.p && p.p; n++) {
		struct span want = next_segment(&t);
		if (is_greedy(want) && !t.p) {
			if (p.n == 0)
				return -1;
			return score << 2 * (SEGMENTS - n);
		}
		if (is_greedy(want)) {
			/* Some more segments follow: let the label take what they leave. */
			size_t after = 1;
			for (size_t i = 0; i < t.n; i++)
				after += t.p[i] == '/';
			size_t have = 1;
			for (size_t i = 0; i < p.n; i++)
				have += p.p[i] == '/';
			for (; have > after && p.p; have--)
				next_segment(&p);
			score <<= 2;
			continue;
		}
		struct span got = next_segment(&p);
		bool label = is_label(want);
		if (label ? got.n == 0 : !span_eq(want, got))
			return -1;
		if (n >= SEGMENTS)
			return -1;
		score = score << 2 | (label ? arn_fits(want, got) : 3);
	}
	/* A slash at the end is forgiven, as services do. */
	if (t.p ? t.n > 0 : p.n > 0)
		return -1;
	return n > SEGMENTS ? -1 : score << 2 * (SEGMENTS - n);
}

/* -1 if a literal of the template's query is missing; else how many there are. */
static int query_score(struct span literals, struct span query)
{
	int n = 0;
	while (literals.p) {
		struct span pair = span_cut(&literals, '&');
		struct span name = span_cut(&pair, '=');
		char key[64];
		if (name.n == 0)
			continue;
		if (name.n >= sizeof key)
			return -1;
		memcpy(key, name.p, name.n);
		key[name.n] = '\0';
		struct span got = query.p ? wire_query(query, key) : SPAN_NONE;
		if (!got.p || (pair.n && !span_eq(pair, got)))
			return -1;
		n++;
	}
	return n;
}

/* What S3's templates leave open (README of the mapping: twelve collisions). 0 does not fit, 1
 * fits, 2 fits because of what the request has. */
static int s3_rule(struct span name, const struct rest_request *q)
{
	static const struct {
		const char *name;
		const char *with, *without; /* query keys */
		int copy;                   /* 1: needs x-amz-copy-source, -1: must not have it */
	} rules[] = {
	        {"UploadPart", "partNumber", NULL, -1},
	        {"UploadPartCopy", "partNumber", NULL, 1},
	        {"CopyObject", NULL, "partNumber", 1},
	        {"PutObject", NULL, "partNumber", -1},
	        {"ListParts", "uploadId", NULL, 0},
	        {"GetObject", NULL, "uploadId", 0},
	        {"AbortMultipartUpload", "uploadId", NULL, 0},
	        {"DeleteObject", NULL, "uploadId", 0},
	        {"CompleteMultipartUpload", "uploadId", NULL, 0},
	        {"GetBucketAnalyticsConfiguration", "id", NULL, 0},
	        {"ListBucketAnalyticsConfigurations", NULL, "id", 0},
	        {"GetBucketIntelligentTieringConfiguration", "id", NULL, 0},
	        {"ListBucketIntelligentTieringConfigurations", NULL, "id", 0},
	        {"GetBucketInventoryConfiguration", "id", NULL, 0},
	        {"ListBucketInventoryConfigurations", NULL, "id", 0},
	        {"GetBucketMetricsConfiguration", "id", NULL, 0},
	        {"ListBucketMetricsConfigurations", NULL, "id", 0},
	        /* The older twins of these are no longer offered by SDKs. */
	        {"GetBucketLifecycleConfiguration", NULL, NULL, 0},
	        {"PutBucketLifecycleConfiguration", NULL, NULL, 0},
	        {"GetBucketNotificationConfiguration", NULL, NULL, 0},
	        {"PutBucketNotificationConfiguration", NULL, NULL, 0},
	};
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		if (!span_is(name, rules[i].name))
			continue;
		if (rules[i].with && !(q->query.p && wire_query(q->query, rules[i].with).p))
			return 0;
		if (rules[i].without && q->query.p && wire_query(q->query, rules[i].without).p)
			return 0;
		if (rules[i].copy && q->copy_source != (rules[i].copy > 0))
			return 0;
		return 2;
	}
	return 1;
}

static struct span template_path(struct span uri, struct span *query)
{
	struct span rest = uri;
	struct span path = span_cut(&rest, '?');
	*query = rest;
	return path;
}

const struct operation *rest_match(const struct image_service *s, const struct rest_request *q,
                                   int64_t *score)
{
	const struct operation *best = NULL;
	int64_t best_path = -1;
	int best_rest = -1;
	bool s3 = span_is(service_folder(s), "s3");
	struct span hint = q->query.p ? wire_query(q->query, "x-id") : SPAN_NONE;
	for (size_t i = 0; i < service_operations(s); i++) {
		const struct operation *op = service_operation_at(s, i);
		struct span literals, uri = operation_uri(op);
		if (uri.n == 0 || uri.p[0] != '/' || !span_eq(operation_method(op), q->method))
			continue;
		struct span path = template_path(uri, &literals);
		int64_t by_path = path_score(path, q->path);
		int by_query = by_path < 0 ? -1 : query_score(literals, q->query);
		int by_rule = by_query < 0 ? 0 : s3 ? s3_rule(operation_name(op), q) : 1;
		if (by_rule == 0)
			continue;
		/* SDKs say in x-id what they mean; it decides only between what fits alike. */
		int rest =
		        by_query * 8 + by_rule * 2 + (hint.p && span_eq(hint, operation_name(op)));
		if (by_path > best_path || (by_path == best_path && rest > best_rest)) {
			best = op;
			best_path = by_path;
			best_rest = rest;
		}
	}
	*score = best_path;
	return best;
}

static void add_label(struct wire *out, struct span label, struct span value)
{
	struct span name = span_sub(label, 1, label.n - 2);
	if (is_greedy(label))
		name.n--;
	wire_add(out, name, url_decode(out->arena, value, false));
}

static void label_params(struct span template, struct span path, struct wire *out)
{
	struct span t = span_from(template, 1), p = span_from(path, 1);
	while (t.p && p.p) {
		struct span want = next_segment(&t);
		if (!is_greedy(want)) {
			struct span got = next_segment(&p);
			if (is_label(want))
				add_label(out, want, got);
			continue;
		}
		size_t after = 0, keep = p.n;
		for (size_t i = 0; t.p && i <= t.n; i++)
			after += i == t.n || t.p[i] == '/';
		for (; after && keep; keep--)
			if (p.p[keep - 1] == '/' && --after == 0)
				break;
		struct span got = span_make(p.p, keep ? keep - (t.p ? 1 : 0) : p.n);
		add_label(out, want, got);
		p = t.p ? span_from(p, got.n + 1 <= p.n ? got.n + 1 : p.n) : SPAN_NONE;
	}
}

/* What belongs to the signature is no parameter, and some of it is secret. */
static bool is_signature(struct span name)
{
	static const char *const own[] = {
	        "Signature",       "AWSAccessKeyId", "Expires",       "SignatureVersion",
	        "SignatureMethod", "Timestamp",      "SecurityToken", "x-id"};
	if (span_starts_ci(name, SPAN_LIT("X-Amz-")))
		return true;
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (span_is(name, own[i]))
			return true;
	return false;
}

void rest_params(const struct operation *op, const struct rest_request *q, struct wire *out)
{
	struct span literals, query = q->query;
	struct span path = template_path(operation_uri(op), &literals);
	label_params(path, q->path, out);
	while (query.p) {
		struct span pair = span_cut(&query, '&');
		struct span name = url_decode(out->arena, span_cut(&pair, '='), true);
		if (name.n && !is_signature(name))
			wire_add(out, name,
			         pair.p ? url_decode(out->arena, pair, true) : SPAN_LIT(""));
	}
}
