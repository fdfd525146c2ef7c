/* outcome.h - normalise: what came of a call, from its error code and message. */
#ifndef NORMALISE_OUTCOME_H
#define NORMALISE_OUTCOME_H

#include "call/call.h"

/* What begins so, under the code ValidationError, is no failure. */
#define OUTCOME_NO_UPDATE "No updates are to be performed"

/* code: errorCode, or the service's own error where it put it elsewhere; may be SPAN_NONE. message
 * alike. */
enum outcome outcome_of_error(struct span code, struct span message, struct denial *denial);

#endif
