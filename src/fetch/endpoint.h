/* endpoint.h - fetch: where a service is reached, by partition, region and the user's wishes.
 * https://docs.aws.amazon.com/general/latest/gr/rande.html */
#ifndef FETCH_ENDPOINT_H
#define FETCH_ENDPOINT_H

#include "base/buf.h"

struct endpoint_options {
	const char *url; /* of the user, "http://127.0.0.1:9000/path"; NULL: AWS's own */
	bool dual_stack, fips;
};

struct endpoint {
	char base[512];   /* scheme, host and port: "https://s3.eu-central-1.amazonaws.com" */
	char host[256];   /* the Host field */
	char prefix[256]; /* unencoded path before the request's own, without '/' at its end */
	char region[32];  /* to sign for */
};

/* Whether text may be a region's name; what a server says is one, before it is put in a host. */
bool endpoint_region_sound(struct span text);
/* "aws", "aws-cn"...: a constant. */
const char *endpoint_partition(struct span region);

/* service: the name in hosts ("s3", "cloudtrail"). bucket (s3; SPAN_NONE for others) becomes part
 * of the host, or of the path where it is no host name or the endpoint is the user's. False if url
 * is no http:// or https:// URL, or something is too long. IAM and STS: region "" means the global
 * endpoint. */
bool endpoint_find(const struct endpoint_options *options, const char *service, struct span region,
                   struct span bucket, struct endpoint *out);

#endif
