/* siblings.h - builder: actions that go with what was seen and were not seen themselves. A log shows
 * only the verbs that ran; whoever created a queue will have to read, change, tag and delete it.
 * Found by resource type and access level of the Service Authorization Reference, not by the
 * spelling of verbs.
 *
 * The reference has no access level for "delete": it is the Write actions that begin with the words
 * by which the reference itself describes removal (Delete, Remove, Terminate, Deregister, Destroy,
 * Purge). */
#ifndef BUILDER_SIBLINGS_H
#define BUILDER_SIBLINGS_H

#include "mapping/mapping.h"
#include "policy/policy.h"

enum sibling_kind { SIBLING_READ, SIBLING_UPDATE, SIBLING_DELETE, SIBLING_TAG, SIBLING_KINDS };

/* The kind that an action is of as a sibling, or SIBLING_KINDS: permissions management and what
 * lists other resources never is one. */
enum sibling_kind sibling_of_action(const struct sar_action *a);

#endif
