/* outcome.h - normalise: what came of a call, from its error code and message. */
#ifndef NORMALISE_OUTCOME_H
#define NORMALISE_OUTCOME_H

#include "call/call.h"

/* code: errorCode, or the service's own error where it put it elsewhere; may be SPAN_NONE. message
 * alike. */
enum outcome outcome_of_error(struct span code, struct span message, struct denial *denial);

#endif
