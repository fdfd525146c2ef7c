/* ca.h - tls: the local certificate authority that clients are told to trust, and the leaf
 * certificates that it signs. Its certificate is constrained to AWS's API domains, so that a stolen
 * key is of no use elsewhere. Nothing of OpenSSL shows here but two forward declarations. */
#ifndef TLS_CA_H
#define TLS_CA_H

#include "base/attributes.h"
#include "base/err.h"

struct x509_st;
struct evp_pkey_st;

/* Hosts that --also names: permitted beside AWS's domains. */
struct ca_also {
	const struct span *hosts;
	size_t n;
};

/* The CA's certificate holds a year; a leaf a week, and never longer than the CA. */
enum { CA_DAYS = 365, LEAF_DAYS = 7 };

struct ca;

/* What ca_open did, so that the command can say so. */
enum ca_news {
	CA_AS_IT_WAS,
	CA_MADE,     /* there was none */
	CA_REISSUED, /* a new certificate; of ca_open with the same key: a host of also was not
	              * permitted yet */
};

/* Loads DIR/ca.pem and DIR/ca.key, or makes them (folder 0700, key 0600) if neither is there;
 * also's hosts that the certificate does not permit make a new certificate with the same key.
 * STATUS_STOP when the folder or a file belongs to another user (but root) or can be written by
 * others, the key can be read by others, one of the two is missing, they do not belong together, or
 * the certificate is not valid (yet, or any more) at now (seconds since 1970). *news may be NULL.
 */
enum status ca_open(const char *dir, const struct ca_also *also, int64_t now, struct ca **out,
                    enum ca_news *news, struct err *err) MUST_CHECK;
/* The same checks, but nothing is made or changed: STATUS_STOP when there is none, too. */
enum status ca_load(const char *dir, int64_t now, struct ca **out, struct err *err) MUST_CHECK;
/* One's own CA from PEM files, RSA or EC; further certificates in cert_file are sent as its chain.
 * The same checks but those of owner and writers. */
enum status ca_open_own(const char *cert_file, const char *key_file, int64_t now, struct ca **out,
                        struct err *err) MUST_CHECK;
/* A new certificate for DIR's key, or with new_key for a new key; what was permitted by also before
 * is kept. Makes both if there are none: *news, which may be NULL, is CA_MADE then, else
 * CA_REISSUED. A certificate whose key is missing is replaced with new_key only. */
enum status ca_renew(const char *dir, bool new_key, int64_t now, enum ca_news *news,
                     struct err *err) MUST_CHECK;
void ca_free(struct ca *ca);

/* Whether its certificate is valid at now: a process may outlive it, and a clock be set. */
bool ca_holds(const struct ca *ca, int64_t now);

struct ca_info {
	char subject[128];
	char fingerprint[96];          /* SHA-256, upper case with colons */
	int64_t not_before, not_after; /* seconds since 1970 UTC */
	const char *key;               /* "EC P-256", "RSA 2048"... lives with ca */
	const struct span *permitted;  /* n_permitted DNS names; live with ca */
	size_t n_permitted;
};
void ca_info(const struct ca *ca, struct ca_info *info);

/* Whether clients accept a leaf for host: one of the permitted domains, or no constraints at all.
 */
bool ca_permits(const struct ca *ca, struct span host);

/* A certificate for host (a host name, lower case) and key, signed by ca; freed with X509_free.
 * NULL only when OpenSSL fails. *not_after is when to make another. */
struct x509_st *ca_sign_leaf(const struct ca *ca, const char *host, struct evp_pkey_st *key,
                             int64_t now, int64_t *not_after);
/* Certificates to be sent behind a leaf: i counts from 0; NULL behind the last. Borrowed. */
struct x509_st *ca_chain(const struct ca *ca, size_t i);

/* The PEM text of the CA's certificate, as it is in DIR/ca.pem; lives with ca. */
struct span ca_pem(const struct ca *ca);

#endif
