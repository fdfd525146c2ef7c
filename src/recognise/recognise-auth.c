/* recognise-auth.c - recognise: see recognise.h: who signed a request. Reads the credential, never
 * the signature. */
#include "config.h"

#include "recognise/recognise.h"

#include "base/url.h"
#include "call/access-key.h"

/* "AKIA.../20261122/us-east-1/s3/aws4_request"; SigV4A leaves the region out. */
static void take_scope(struct span scope, struct signer *out)
{
	struct span parts[5];
	size_t n = 0;
	while (scope.p && n < 5)
		parts[n++] = span_cut(&scope, '/');
	if (n < 4 || scope.p || !span_is(parts[n - 1], "aws4_request"))
		return;
	out->access_key = parts[0];
	out->service = parts[n - 2];
	out->region = n == 5 ? parts[2] : SPAN_NONE;
}

/* Authorization: AWS4-HMAC-SHA256 Credential=SCOPE, SignedHeaders=..., Signature=... */
static void of_header(struct span value, struct signer *out)
{
	struct span rest = value;
	struct span scheme = span_cut(&rest, ' ');
	if (span_is(scheme, "AWS") && rest.p) { /* version 2, S3 only: AWS KEY:SIGNATURE */
		out->access_key = span_cut(&rest, ':');
		out->service = SPAN_LIT("s3");
		return;
	}
	if (!span_starts(scheme, SPAN_LIT("AWS4-")))
		return;
	while (rest.p) {
		struct span part = span_trim(span_cut(&rest, ','));
		if (span_starts(part, SPAN_LIT("Credential=")))
			take_scope(span_from(part, 11), out);
	}
}

static void of_query(struct span query, struct arena *arena, struct signer *out)
{
	struct span scope = wire_query(query, "X-Amz-Credential");
	if (scope.n) {
		take_scope(url_decode(arena, scope, true), out);
		out->presigned = out->access_key.p != NULL;
		return;
	}
	struct span key = wire_query(query, "AWSAccessKeyId");
	if (key.n && wire_query(query, "Signature").n) {
		out->access_key = url_decode(arena, key, true);
		/* Version 2: S3's presigned URLs, and the query services long ago. */
		if (wire_query(query, "Expires").n)
			out->service = SPAN_LIT("s3");
		out->presigned = true;
	}
}

void signer_of(const struct request *q, struct span query, struct arena *arena, struct signer *out)
{
	*out = (struct signer){.presigned = false};
	if (q->authorization.p)
		of_header(q->authorization, out);
	else
		of_query(query, arena, out);
	if (!is_access_key_id(out->access_key))
		out->access_key = SPAN_NONE;
	/* SigV4A names its regions in a field: one, a list, or "*". */
	if (!out->region.p && q->region_set.n && span_chr(q->region_set, ',') < 0 &&
	    span_chr(q->region_set, '*') < 0)
		out->region = q->region_set;
}
