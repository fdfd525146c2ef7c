/* response.h - recognise: what a response says about the outcome: error code, message, request id,
 * and of STS's whom a key belongs to. Pure. */
#ifndef RECOGNISE_RESPONSE_H
#define RECOGNISE_RESPONSE_H

#include "recognise/wire.h"

struct response_head {
	unsigned status;
	struct span error_type;  /* x-amzn-errortype */
	struct span query_error; /* x-amzn-query-error: "Code;Fault" */
	struct span request_id;  /* x-amzn-requestid, x-amz-request-id and their kin */
	struct span content_type;
};

struct response_facts {
	struct span error_code; /* plain; SPAN_NONE if it was no error */
	struct span message;
	struct span request_id;
};

/* body as far as it was looked at; texts live in arena or head. An error without a code is
 * named after its status: "AccessDenied" for 401 and 403, else "HTTP404". */
void response_read(const struct response_head *head, struct span body, struct arena *arena,
                   struct response_facts *out);

#endif
