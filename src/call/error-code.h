/* error-code.h - call: an error code without what protocols and SDKs put around it. */
#ifndef CALL_ERROR_CODE_H
#define CALL_ERROR_CODE_H

#include "base/span.h"

/* "Client.UnauthorizedOperation" is "UnauthorizedOperation", "com.amazonaws.x#AccessDenied:http://..."
 * is "AccessDenied". A part of code. */
struct span error_code_plain(struct span code);
/* The same without the "Exception" or "Fault" at its end and the "AWS.SimpleQueueService." before
 * it, which one protocol of a service has and another has not: "ThrottlingException" is
 * "Throttling". */
struct span error_code_stem(struct span code);

#endif
