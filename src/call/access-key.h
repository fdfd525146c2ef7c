/* access-key.h - call: what an access key id tells by itself. */
#ifndef CALL_ACCESS_KEY_H
#define CALL_ACCESS_KEY_H

#include "base/arena.h"
#include "base/span.h"

/* Whether s has the form of an access key id: capital letters and digits, at most 128 ("AccessKey" in
 * the IAM API; "IAM identifiers", unique ids). A secret access key given in its place has small
 * letters, '/' or '+': it must reach no file. */
bool is_access_key_id(struct span s);

/* The account in an access key id, 12 characters in arena, or SPAN_NONE where it encodes none: the
 * key is not 20 characters of base32 behind AKIA or ASIA, or its fifth character is below 'Q'
 * (older keys, documentation examples that begin with AKIAI...). The 40 bits behind the prefix,
 * shifted by the 7 lowest, are the account. */
struct span account_of_access_key(struct span key, struct arena *arena);

#endif
