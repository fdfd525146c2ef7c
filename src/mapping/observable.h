/* observable.h - mapping: can the use of an action show in CloudTrail at all, and as what? What
 * cannot show proves nothing by its absence.
 *
 * Source: AWS CloudTrail user guide, "Logging data events", "Understanding CloudTrail events". */
#ifndef MAPPING_OBSERVABLE_H
#define MAPPING_OBSERVABLE_H

#include "mapping/mapping.h"

enum visibility {
	VISIBLE = 1,     /* as a management event, in every trail */
	VISIBLE_AS_DATA, /* as a data event, only where the trail is told to log those of the
	                    service */
	VISIBLE_NEVER,   /* the service does not log it */
	VISIBLE_NO_CALL, /* no API operation is known to ask for it: authorised within other calls
	                  */
};

struct observable;

/* Walks all operations once. */
struct observable *observable_new(const struct mapping *m);
void observable_free(struct observable *o);
enum visibility observable_action(const struct observable *o, const struct sar_action *action);

#endif
