/* rsa-signature.h - tls: RSA signatures of texts, by OpenSSL. */
#ifndef TLS_RSA_SIGNATURE_H
#define TLS_RSA_SIGNATURE_H

#include "base/span.h"

/* Whether signature is that of text: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017). key: DER of an
 * RSAPublicKey (PKCS#1). False also where the key is none. */
bool rsa_signature_is_valid(struct span key, struct span text, struct span signature);

#endif
