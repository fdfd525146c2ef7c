/* siblings.h - builder: actions that go with what was seen and were not seen themselves. A log shows
 * only the verbs that ran; whoever created a queue will have to read, change, tag and delete it.
 *
 * Offered is what undoes or completes what was seen, and nothing else: of the same noun
 * (CreateQueue: DeleteQueue, GetQueueAttributes; not SendMessage, not PurgeQueue), by the access levels of the Service Authorization Reference. The reference has no
 * level for "delete": it is the verb that undoes the one that was seen (Create: Delete; Attach:
 * Detach; Start: Stop). Who changed or started what is there did not make it, and only reads it.
 * Permissions management never is a sibling. */
#ifndef BUILDER_SIBLINGS_H
#define BUILDER_SIBLINGS_H

#include "mapping/mapping.h"
#include "policy/policy.h"

enum sibling_kind { SIBLING_READ, SIBLING_UPDATE, SIBLING_DELETE, SIBLING_TAG, SIBLING_KINDS };

/* The kind that an action is of as a sibling of one that was seen, seen's name without its service
 * ("CreateQueue"); SIBLING_KINDS: it is none. */
enum sibling_kind sibling_of_action(struct span seen, const struct sar_action *a);

#endif
