/* keys.h - digest: the public keys that CloudTrail signs digests with, as
 * "aws cloudtrail list-public-keys" prints them. */
#ifndef DIGEST_KEYS_H
#define DIGEST_KEYS_H

#include "base/attributes.h"
#include "base/err.h"

struct digest_keys;

/* json: {"PublicKeyList": [{"Value": BASE64 DER, "Fingerprint": HEX, ...}]}. STATUS_OK with *out
 * (digest_keys_free), or STATUS_FILE with err. */
enum status digest_keys_read(struct span json, struct digest_keys **out,
                             struct err *err) MUST_CHECK;
void digest_keys_free(struct digest_keys *k);
/* DER of the key with this fingerprint, or SPAN_NONE; lives as long as the keys. */
struct span digest_key(const struct digest_keys *k, struct span fingerprint);

#endif
