/* s3.h - fetch: lists and reads the objects of a bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
#ifndef FETCH_S3_H
#define FETCH_S3_H

#include "fetch/session.h"

/* S3 lists at most so many keys at once. */
enum { S3_PAGE = 1000 };
#define LIMIT_S3_KEY ((size_t)1024)

/* "s3://BUCKET" or "s3://BUCKET/PREFIX" in two, borrowed from text; false if it is neither. A
 * bucket may be an access point's ARN or alias. */
bool s3_parse(const char *text, struct span *bucket, struct span *prefix);

/* One bucket, as one thread reads it. All is borrowed. */
struct s3_bucket {
	struct session *session;
	struct client *client;
	struct span name;
	bool requester_pays;
};

struct s3_object {
	struct span key;
	struct span etag; /* with its quotes */
	uint64_t size;
	int64_t modified; /* seconds since 1970 UTC */
};

/* A page of a listing. */
struct s3_page {
	struct arena arena; /* all that the others point to */
	struct s3_object *objects;
	struct span *prefixes; /* what keys have in common up to the delimiter */
	size_t n_objects, n_prefixes;
	bool more;
	struct span last; /* where it ends: start_after of the next one */
	struct span token;
};

void s3_page_init(struct s3_page *p);
void s3_page_release(struct s3_page *p);

struct s3_listing {
	struct span prefix;
	struct span start_after; /* SPAN_NONE: from the beginning */
	bool folders;            /* up to the next '/' only: prefixes */
};

/* The first page, or, with a page that was read and has more, the one behind it, in its place.
 * Keys come in the order of their bytes and none twice: a page that does not go on from the last
 * one is an error. As client_call; err's where is left alone. */
enum status s3_list(const struct s3_bucket *b, const struct s3_listing *l, struct s3_page *page,
                    struct service_error *why, struct err *err);

/* Where an object's bytes go, as struct client_request has it: begin is called before each attempt,
 * after which all bytes come once more. */
struct s3_sink {
	void (*begin)(void *data);
	bool (*add)(void *data, const char *p, size_t n);
	void *data;
};
/* All of the object, with the ETag it was listed with: STATUS_SKIP with why->code
 * "PreconditionFailed" if it has changed since. As client_call. */
enum status s3_get(const struct s3_bucket *b, const struct s3_object *object,
                   const struct s3_sink *sink, struct service_error *why, struct err *err);

#endif
