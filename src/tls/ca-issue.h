/* ca-issue.h - tls: what goes into the certificates; the inside of ca.h, for ca.c and ca-issue.c
 * alone. */
#ifndef TLS_CA_ISSUE_H
#define TLS_CA_ISSUE_H

#include "base/attributes.h"
#include "tls/ca.h"

#include "base/arena.h"

#include <openssl/x509.h>

struct ca {
	X509 *cert;
	EVP_PKEY *key;
	STACK_OF(X509) * more; /* further certificates of the file, towards the root */
	char *pem;
	struct arena arena; /* of permitted */
	struct span *permitted;
	size_t n_permitted;
	char key_kind[32];
};

/* A new P-256 key in ca->key. */
bool ca_make_key(struct ca *ca) MUST_CHECK;
/* A new certificate for ca->key in ca->cert, with its text in ca->pem and its names in
 * ca->permitted. Hosts of also that are permitted anyway are left out. */
bool ca_issue(struct ca *ca, const struct ca_also *also, int64_t now) MUST_CHECK;
/* Fills permitted from the certificate's name constraints, and key_kind. */
void ca_read_permitted(struct ca *ca);

#endif
