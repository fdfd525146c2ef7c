/* consent.h - evaluator: what the account that owns a resource says, by policies of its own, of a
 * request from another account: beside the allow that the caller's account gives, it must allow it,
 * too.
 *
 * Source: IAM user guide, "Cross-account policy evaluation logic": a principal that is named, or
 * its account, is enough, since the caller's account has allowed it on its side. */
#ifndef EVALUATOR_CONSENT_H
#define EVALUATOR_CONSENT_H

#include "evaluator/evaluate.h"

/* Whether n resource-based policies allow the request: YES, NO, or MAYBE where that hangs on a key
 * that is unknown. Statements without a Principal are no resource policy's and are passed over. */
enum truth consent_of(const struct layered *policies, size_t n, const struct request *r);

#endif
