/* sign.h - fetch: AWS Signature Version 4, in headers. A request is given in unencoded pieces and
 * encoded here once, so that what is sent is what was signed. Pure: no clock, no input or output.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
#ifndef FETCH_SIGN_H
#define FETCH_SIGN_H

#include "base/buf.h"

/* A request's query or its header fields, as many as are ever sent at once. */
enum { SIGN_PAIRS = 24 };

struct sign_pair {
	struct span name, value;
};

struct sign_request {
	struct span method;  /* "GET" */
	struct span service; /* "s3": as the scope names it */
	struct span region;  /* "eu-central-1" */
	struct span host;    /* the Host field: with the port unless it is the scheme's own */
	struct span path;    /* unencoded, from '/' on; an S3 key as it is. "" means "/" */
	const struct sign_pair *query; /* unencoded, in any order */
	size_t n_query;
	const struct sign_pair *headers; /* all are signed; not Host, X-Amz-Date, Authorization */
	size_t n_headers;
	struct span body;
	int64_t time;      /* seconds since 1970 UTC: the server's clock, as far as it is known */
	bool payload_hash; /* send X-Amz-Content-Sha256, which S3 wants */
};

struct sign_key {
	struct span access_key, secret;
	struct span session_token; /* SPAN_NONE with keys that do not expire */
};

/* Adds to target what follows the host in the URL ("/a%20b?list-type=2"), and to lines the
 * request's header fields, one "Name: value\n" each: Host, those given, X-Amz-Date,
 * X-Amz-Content-Sha256 if asked for, X-Amz-Security-Token if there is one, Authorization. key NULL:
 * nothing is signed, and only Host and those given are added. False, with anything in them, if a
 * field, the region (which a server may have told) or the service holds a control character, there
 * are more than SIGN_PAIRS, or a buffer is full. */
bool sign_request(const struct sign_request *request, const struct sign_key *key,
                  struct buf *target, struct buf *lines);

#endif
