/* service-error.h - fetch: what an AWS service says when it refuses, in XML or JSON, and what may
 * be done about it. */
#ifndef FETCH_SERVICE_ERROR_H
#define FETCH_SERVICE_ERROR_H

#include "fetch/http.h"

struct service_error {
	char code[96];     /* "AccessDenied", without namespace; "" if none was told */
	char message[400]; /* one line, printable, maybe cut; never of an error about signatures,
	                      whose text repeats header fields */
	char region[32];   /* where the bucket is, if the answer told */
};

/* From an answer whose status is no 2xx, or, of S3, a 200 with an error as its body. */
void service_error_read(const struct http_answer *a, struct service_error *out);

enum remedy {
	REMEDY_NONE,   /* told to the user */
	REMEDY_WAIT,   /* throttled, or the service's own trouble: again after a pause */
	REMEDY_CLOCK,  /* the clocks differ: again with the server's */
	REMEDY_RENEW,  /* the credentials ended: again with new ones */
	REMEDY_REGION, /* it is in error->region: again there */
};
enum remedy service_error_remedy(int status, const struct service_error *e);

#endif
