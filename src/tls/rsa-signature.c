/* rsa-signature.c - tls: see rsa-signature.h. */
#include "config.h"

#include "tls/rsa-signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

bool rsa_signature_is_valid(struct span key, struct span text, struct span signature)
{
	const unsigned char *p = (const unsigned char *)key.p;
	EVP_PKEY *public_key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)key.n);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool valid = public_key && md &&
	             EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, public_key) == 1 &&
	             EVP_DigestVerify(md, (const unsigned char *)signature.p, signature.n,
	                              (const unsigned char *)text.p, text.n) == 1;
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(public_key);
	ERR_clear_error();
	return valid;
}
