/* outcome.h - normalise: what came of a call, from its error code and message. */
#ifndef NORMALISE_OUTCOME_H
#define NORMALISE_OUTCOME_H

#include "base/arena.h"
#include "call/call.h"
#include "mapping/mapping.h"

/* What begins so, under the code ValidationError, is no failure. */
#define OUTCOME_NO_UPDATE "No updates are to be performed"

/* How messages begin that tell of too many requests, under whatever code; NULL ends them. */
extern const char *const outcome_rates[];

/* The code as it is kept. Where the table of errors would take it for one that comes after
 * authorization, or does not know, and the message says that there were too many requests,
 * "Throttling:" stands before it, which is what it is then. In arena, or code itself. */
struct span outcome_code(const struct mapping *m, struct span source, struct span name,
                         struct span code, struct span message, struct arena *arena);

/* Whether success under this code, which outcome_of_error tells, can be: only EC2 and
 * CloudFormation say so. source: eventSource. */
bool outcome_fits(struct span source, struct span code);

/* code: errorCode, or the service's own error where it put it elsewhere; may be SPAN_NONE. message
 * alike. */
enum outcome outcome_of_error(struct span code, struct span message, struct denial *denial);

#endif
