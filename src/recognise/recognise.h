/* recognise.h - recognise: which operation of which service a request is: from its signature, host,
 * target, action, method and path. Never guesses: no answer is an answer. Pure.
 *
 * Sources: Smithy's AWS protocols (awsJson, awsQuery, ec2Query, restJson1, restXml, rpcv2Cbor),
 * Signature Version 4 and 4A, S3 virtual hosting. */
#ifndef RECOGNISE_RECOGNISE_H
#define RECOGNISE_RECOGNISE_H

#include "recognise/hosts.h"
#include "recognise/wire.h"
#include "mapping/operations.h"

/* Who signed, for where; SPAN_NONE where it is not told. Never the signature. */
struct signer {
	struct span access_key;
	struct span region;
	struct span service; /* signing name */
	bool presigned;      /* in the query string */
};

struct request {
	struct span method;
	struct span target; /* "/path?query" as sent */
	struct span host;
	struct span authorization; /* Authorization, looked at for the credential only */
	struct span region_set;    /* X-Amz-Region-Set of SigV4A */
	struct span amz_target;    /* X-Amz-Target */
	struct span content_type;
	struct span smithy;      /* smithy-protocol */
	struct span copy_source; /* x-amz-copy-source: only whether it is there */
	struct span account;     /* x-amz-account-id */
	struct span body;        /* decoded, as far as it was looked at */
	bool body_cut;
};

/* Index over the mapping's services; read-only once made. */
struct recogniser;
struct recogniser *recogniser_new(const struct mapping *m, const struct host_rules *hosts,
                                  bool any_host);
void recogniser_free(struct recogniser *r);
const struct mapping *recogniser_mapping(const struct recogniser *r);
/* For struct host_rules: whether some model has this endpoint prefix. data is the recogniser. */
bool recogniser_endpoint(const void *data, struct span stem);

struct recognised {
	const struct operation *op;          /* NULL: not recognised */
	const struct image_service *service; /* of op */
	struct signer signer;
	struct span
	        region; /* "aws-global" and its like where but the partition is told, else SPAN_NONE
	                 */
	struct span account;      /* of the resource, where the host or a header tells it */
	struct span path_pattern; /* without op: "/v1/{}/x", no query values */
	struct wire params;       /* of op */
};

/* All texts live in arena, in *q or in the mapping. host is filled on the way. */
void recognise(const struct recogniser *r, const struct request *q, struct api_host *host,
               struct arena *arena, struct recognised *out);

/* recognise-auth.c: the credential of a header or a query string, or of a POST form's fields. */
void signer_of(const struct request *q, struct span query, struct arena *arena, struct signer *out);

/* recognise-path.c: the words that stand in the paths of API models. */
struct words;
struct words *words_new(const struct mapping *m);
void words_free(struct words *w);
/* "/v1/things/{}/x": the path with {} for what is no such word: a name, a number, or a secret.
 * SPAN_NONE, a path that may not be shown at all, gives "/{}". In arena. */
struct span words_pattern(const struct words *w, struct span path, struct arena *arena);

/* recognise-rest.c */
struct rest_request {
	struct span method;
	struct span path;     /* begins with '/', undecoded */
	struct span query;    /* undecoded, may be SPAN_NONE */
	struct span resource; /* S3: bucket that the host names, else SPAN_NONE */
	bool copy_source;
};
/* The one operation of the service whose method, path and literal query fit best; NULL if none
 * does. */
const struct operation *rest_match(const struct image_service *s, const struct rest_request *q,
                                   int64_t *score);
/* Adds what the URI's labels and the query say. */
void rest_params(const struct operation *op, const struct rest_request *q, struct wire *out);

#endif
