/* hosts.h - recognise: which hosts are AWS API endpoints, and what their names tell: service, region,
 * bucket. A name that merely ends in amazonaws.com (clusters, registries, databases, load
 * balancers, device endpoints) is none. Pure.
 *
 * Sources: AWS service endpoints (general reference), botocore partitions.json and endpoint rule
 * sets, S3 endpoints and virtual hosting (S3 user guide), AWS PrivateLink. */
#ifndef RECOGNISE_HOSTS_H
#define RECOGNISE_HOSTS_H

#include "base/span.h"

enum host_kind {
	HOST_OTHER = 0, /* no API endpoint: its connections stay closed to us */
	HOST_SERVICE,   /* an endpoint of stem; resource may be set (API Gateway, accounts) */
	HOST_S3, /* S3 in any of its styles; resource is the bucket, access point... or SPAN_NONE */
};

enum host_s3 { /* with HOST_S3 */
	       S3_PLAIN = 0,
	       S3_ACCESS_POINT, /* resource NAME-ACCOUNT */
	       S3_OBJECT_LAMBDA,
	       S3_OUTPOSTS,        /* resource NAME-ACCOUNT.OUTPOST, or none */
	       S3_MULTI_REGION,    /* resource ALIAS.mrap */
	       S3_CONTROL,         /* resource ACCOUNT, or none */
	       S3_EXPRESS,         /* resource BUCKET--AZ--x-s3 */
	       S3_EXPRESS_CONTROL, /* buckets in the path */
};

struct api_host {
	enum host_kind kind;
	enum host_s3 s3;
	struct span name;   /* lower case, without port and final dot; in buffer */
	struct span stem;   /* endpoint prefix without FIPS and dual stack marks: "ec2", "api.ecr",
	                       "s3" */
	struct span region; /* as the name tells it, or SPAN_NONE */
	struct span resource; /* labels in front of the stem that name a resource */
	struct span service;  /* --also: the API model or signing name to take, else SPAN_NONE */
	char buffer[512];     /* what the spans point into: an api_host is not to be copied */
	size_t used;
};

/* HOST=service of --also; host with a leading dot holds for all below it. */
struct also_host {
	struct span host, service;
};

struct host_rules {
	/* Whether an API model has this endpoint prefix ("ec2", "api.ecr"). */
	bool (*endpoint)(const void *data, struct span stem);
	const void *data;
	const struct also_host *also;
	size_t n_also;
};

/* host as in a URL or Host field, with or without port; fills *h and returns its kind. */
enum host_kind host_parse(const struct host_rules *rules, struct span host, struct api_host *h);

/* "us-east-1" and its like, by form. */
bool host_is_region(struct span s);
/* The first name for "partition of region": "aws", "aws-cn", "aws-us-gov"... */
struct span host_partition(struct span region);
/* The SDKs' word for no region of the partition that a parsed host's domain belongs to
 * ("aws-global", "aws-cn-global"...): what is left to tell where the name has no region.
 * SPAN_NONE for a host that is none of AWS's. */
struct span host_no_region(const struct api_host *h);

/* Splits "host:port", "[v6]:port" or "host"; *port is the default when none is written. False if it
 * is not well-formed: empty, other characters than names and addresses have, no number, port 0. v6
 * addresses come without brackets. */
bool host_split_port(struct span authority, unsigned default_port, struct span *host,
                     unsigned *port);

#endif
