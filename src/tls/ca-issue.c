/* ca-issue.c - tls: see ca-issue.h. Profile: RFC 5280; name constraints as RFC 5280 4.2.1.10. */
#include "config.h"

#include "tls/ca-issue.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

enum { DAY = 24 * 60 * 60, HOUR = 60 * 60 };

/* The domains of AWS's API endpoints in all partitions (botocore partitions.json: dnsSuffix,
 * dualStackDnsSuffix), and of Lambda function URLs. */
static const char *const aws_domains[] = {
        "amazonaws.com",
        "api.aws",
        "on.aws",
        "amazonaws.com.cn",
        "api.amazonwebservices.com.cn",
        "amazonaws.eu",
        "api.amazonwebservices.eu",
        "c2s.ic.gov",
        "api.aws.ic.gov",
        "sc2s.sgov.gov",
        "api.aws.scloud",
        "cloud.adc-e.uk",
        "api.cloud-aws.adc-e.uk",
        "csp.hci.ic.gov",
        "api.aws.hci.ic.gov",
};
enum { N_AWS_DOMAINS = sizeof aws_domains / sizeof aws_domains[0] };

static bool within(struct span host, struct span domain)
{
	if (span_eq_ci(host, domain))
		return true;
	return host.n > domain.n && span_ends_ci(host, domain) &&
	       (domain.p[0] == '.' || host.p[host.n - domain.n - 1] == '.');
}

static bool within_aws(struct span host)
{
	for (size_t i = 0; i < N_AWS_DOMAINS; i++)
		if (within(host, span_of(aws_domains[i])))
			return true;
	return false;
}

bool ca_permits(const struct ca *ca, struct span host)
{
	for (size_t i = 0; i < ca->n_permitted; i++)
		if (within(host, ca->permitted[i]))
			return true;
	return ca->n_permitted == 0;
}

bool ca_make_key(struct ca *ca)
{
	EVP_PKEY_free(ca->key);
	ca->key = EVP_EC_gen("P-256");
	return ca->key != NULL;
}

/* Positive, 20 bytes at most (RFC 5280 4.1.2.2), unpredictable. */
static bool set_serial(X509 *x)
{
	BIGNUM *n = BN_new();
	bool well = n && BN_rand(n, 159, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
	            BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
	BN_free(n);
	return well;
}

static bool set_times(X509 *x, int64_t from, int64_t to)
{
	return ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from) &&
	       ASN1_TIME_set(X509_getm_notAfter(x), (time_t)to);
}

static bool add_extension(X509 *x, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
	bool well = e && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return well;
}

static GENERAL_SUBTREE *dns_subtree(struct span name)
{
	GENERAL_SUBTREE *t = GENERAL_SUBTREE_new();
	ASN1_IA5STRING *s = ASN1_IA5STRING_new();
	ASN1_STRING_set(s, name.p, (int)name.n);
	GENERAL_NAME_set0_value(t->base, GEN_DNS, s);
	return t;
}

/* All addresses of a family: address and mask both zero. */
static GENERAL_SUBTREE *ip_subtree(int bytes)
{
	static const unsigned char zero[32];
	GENERAL_SUBTREE *t = GENERAL_SUBTREE_new();
	ASN1_OCTET_STRING *s = ASN1_OCTET_STRING_new();
	ASN1_STRING_set(s, zero, 2 * bytes);
	GENERAL_NAME_set0_value(t->base, GEN_IPADD, s);
	return t;
}

/* DNS names constrain only DNS names: OpenSSL then still takes leaves for IP addresses, so these
 * are excluded, and extended key usage keeps code signing and mail out. */
static bool add_constraints(X509 *x, const struct ca_also *also)
{
	NAME_CONSTRAINTS *nc = NAME_CONSTRAINTS_new();
	nc->permittedSubtrees = sk_GENERAL_SUBTREE_new_null();
	nc->excludedSubtrees = sk_GENERAL_SUBTREE_new_null();
	for (size_t i = 0; i < N_AWS_DOMAINS; i++)
		sk_GENERAL_SUBTREE_push(nc->permittedSubtrees,
		                        dns_subtree(span_of(aws_domains[i])));
	for (size_t i = 0; also && i < also->n; i++)
		if (!within_aws(also->hosts[i]))
			sk_GENERAL_SUBTREE_push(nc->permittedSubtrees, dns_subtree(also->hosts[i]));
	sk_GENERAL_SUBTREE_push(nc->excludedSubtrees, ip_subtree(4));
	sk_GENERAL_SUBTREE_push(nc->excludedSubtrees, ip_subtree(16));
	bool well = X509_add1_ext_i2d(x, NID_name_constraints, nc, 1, X509V3_ADD_DEFAULT) == 1;
	NAME_CONSTRAINTS_free(nc);
	return well;
}

/* Named after its key, so that a new certificate for the same key takes the old one's place and two
 * CAs can be told apart. */
static bool set_ca_name(X509 *x, EVP_PKEY *key)
{
	unsigned char *der = NULL, digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	int size = i2d_PUBKEY(key, &der);
	if (size <= 0 || EVP_Digest(der, (size_t)size, digest, &n, EVP_sha256(), NULL) != 1) {
		OPENSSL_free(der);
		return false;
	}
	OPENSSL_free(der);
	char cn[64];
	snprintf(cn, sizeof cn, "iamreplay local CA %02x%02x%02x%02x", digest[0], digest[1],
	         digest[2], digest[3]);
	X509_NAME *name = X509_get_subject_name(x);
	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1,
	                                  -1, 0) == 1 &&
	       X509_set_issuer_name(x, name) == 1;
}

static bool fill_ca(X509 *x, const struct ca *ca, const struct ca_also *also, int64_t now)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	/* An hour back, for clients in containers whose clocks differ. */
	return X509_set_version(x, 2) == 1 && set_serial(x) &&
	       set_times(x, now - HOUR, now + (int64_t)CA_DAYS * DAY) &&
	       X509_set_pubkey(x, ca->key) == 1 && set_ca_name(x, ca->key) &&
	       add_extension(x, &ctx, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
	       add_extension(x, &ctx, NID_key_usage, "critical,keyCertSign,cRLSign") &&
	       add_extension(x, &ctx, NID_ext_key_usage, "serverAuth") &&
	       add_extension(x, &ctx, NID_subject_key_identifier, "hash") &&
	       add_constraints(x, also) && X509_sign(x, ca->key, EVP_sha256()) > 0;
}

bool ca_issue(struct ca *ca, const struct ca_also *also, int64_t now)
{
	X509 *x = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	bool well = x && bio && fill_ca(x, ca, also, now) && PEM_write_bio_X509(bio, x) == 1;
	if (well) {
		char *p;
		long n = BIO_get_mem_data(bio, &p);
		X509_free(ca->cert);
		ca->cert = x;
		free(ca->pem);
		ca->pem = xmemdup0(p, (size_t)n);
		ca_read_permitted(ca);
	} else {
		X509_free(x);
		ERR_clear_error();
	}
	BIO_free(bio);
	return well;
}

static void name_key(struct ca *ca)
{
	int bits = EVP_PKEY_get_bits(ca->key);
	if (EVP_PKEY_get_base_id(ca->key) == EVP_PKEY_EC)
		snprintf(ca->key_kind, sizeof ca->key_kind, "EC P-%d", bits);
	else
		snprintf(ca->key_kind, sizeof ca->key_kind, "%s %d",
		         EVP_PKEY_get0_type_name(ca->key), bits);
}

void ca_read_permitted(struct ca *ca)
{
	NAME_CONSTRAINTS *nc = X509_get_ext_d2i(ca->cert, NID_name_constraints, NULL, NULL);
	int n = nc ? sk_GENERAL_SUBTREE_num(nc->permittedSubtrees) : 0;
	/* also of ca_renew points into the old list: it stays in the arena. */
	ca->permitted =
	        arena_calloc(&ca->arena, (size_t)(n > 0 ? n : 0) + 1, sizeof *ca->permitted);
	ca->n_permitted = 0;
	for (int i = 0; i < n; i++) {
		const GENERAL_NAME *g = sk_GENERAL_SUBTREE_value(nc->permittedSubtrees, i)->base;
		if (g->type != GEN_DNS)
			continue;
		const char *p = (const char *)ASN1_STRING_get0_data(g->d.dNSName);
		struct span s = span_make(p, (size_t)ASN1_STRING_length(g->d.dNSName));
		ca->permitted[ca->n_permitted++] = arena_span(&ca->arena, s);
	}
	NAME_CONSTRAINTS_free(nc);
	if (ca->key)
		name_key(ca);
}

static int64_t seconds_of(const ASN1_TIME *t)
{
	struct tm tm;
	return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

void ca_info(const struct ca *ca, struct ca_info *info)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	*info = (struct ca_info){.key = ca->key_kind, .permitted = ca->permitted};
	info->n_permitted = ca->n_permitted;
	X509_NAME_oneline(X509_get_subject_name(ca->cert), info->subject, sizeof info->subject);
	if (X509_digest(ca->cert, EVP_sha256(), digest, &n) == 1)
		for (unsigned i = 0; i < n; i++)
			snprintf(info->fingerprint + 3 * i, sizeof info->fingerprint - 3 * i,
			         "%02X%s", digest[i], i + 1 < n ? ":" : "");
	info->not_before = seconds_of(X509_get0_notBefore(ca->cert));
	info->not_after = seconds_of(X509_get0_notAfter(ca->cert));
}

static bool fill_leaf(X509 *x, const struct ca *ca, const char *host, EVP_PKEY *key, int64_t from,
                      int64_t to)
{
	char san[300];
	X509V3_CTX ctx;
	snprintf(san, sizeof san, "DNS:%s", host);
	X509V3_set_ctx(&ctx, ca->cert, x, NULL, NULL, 0);
	/* No common name: it is limited to 64 bytes and bucket hosts are longer. */
	static const unsigned char org[] = "iamreplay";
	return X509_set_version(x, 2) == 1 && set_serial(x) && set_times(x, from, to) &&
	       X509_set_pubkey(x, key) == 1 &&
	       X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "O", MBSTRING_ASC, org, -1, -1,
	                                  0) == 1 &&
	       X509_set_issuer_name(x, X509_get_subject_name(ca->cert)) == 1 &&
	       add_extension(x, &ctx, NID_subject_alt_name, san) &&
	       add_extension(x, &ctx, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(x, &ctx, NID_key_usage, "critical,digitalSignature") &&
	       add_extension(x, &ctx, NID_ext_key_usage, "serverAuth") &&
	       add_extension(x, &ctx, NID_subject_key_identifier, "hash") &&
	       add_extension(x, &ctx, NID_authority_key_identifier, "keyid:always") &&
	       X509_sign(x, ca->key, EVP_sha256()) > 0;
}

struct x509_st *ca_sign_leaf(const struct ca *ca, const char *host, struct evp_pkey_st *key,
                             int64_t now, int64_t *not_after)
{
	int64_t from = now - HOUR, to = now + (int64_t)LEAF_DAYS * DAY;
	int64_t ca_from = seconds_of(X509_get0_notBefore(ca->cert));
	int64_t ca_to = seconds_of(X509_get0_notAfter(ca->cert));
	from = from < ca_from ? ca_from : from;
	to = to > ca_to ? ca_to : to;
	X509 *x = X509_new();
	if (!x || !fill_leaf(x, ca, host, key, from, to)) {
		X509_free(x);
		ERR_clear_error();
		return NULL;
	}
	*not_after = to;
	return x;
}
