/* tls.c - tls: see tls.h. */
#include "config.h"

#include "tls/tls.h"

#include "base/alloc.h"
#include "base/hash.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Replaced so long before it ends, so that no connection begins with a leaf that is about to end.
 */
enum { LEAF_MARGIN = 3600 };

struct leaf {
	char host[256];
	X509 *cert;
	int64_t made, until;
	struct leaf *next; /* in its bucket */
};

enum { BUCKETS = 1024 };

struct tls_server {
	const struct ca *ca;
	SSL_CTX *ctx;
	EVP_PKEY *key; /* one for all leaves: making keys is the slow part, and it never leaves here
	                */
	pthread_mutex_t lock;
	struct leaf *buckets[BUCKETS];
	size_t n_leaves;
};

static int choose_http11(SSL *ssl, const unsigned char **out, unsigned char *out_n,
                         const unsigned char *in, unsigned in_n, void *data)
{
	for (unsigned at = 0; at < in_n; at += 1u + in[at])
		if (in[at] == 8 && at + 9 <= in_n && memcmp(in + at + 1, "http/1.1", 8) == 0) {
			*out = in + at + 1;
			*out_n = 8;
			return SSL_TLSEXT_ERR_OK;
		}
	return SSL_TLSEXT_ERR_NOACK;
}

static SSL_CTX *make_context(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	static const unsigned char id[] = "iamreplay";
	if (!ctx)
		return NULL;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	/* Partial writes and moving buffers: the relay offers what it has, when it can. Released
	 * buffers: an idle client costs 15 KB instead of 50. */
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
	                              SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_session_id_context(ctx, id, sizeof id - 1);
	/* Tickets carry the session; nothing is kept here. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_alpn_select_cb(ctx, choose_http11, NULL);
	return ctx;
}

struct tls_server *tls_server_new(const struct ca *ca, struct err *err)
{
	struct tls_server *t = xcalloc(1, sizeof *t);
	t->ca = ca;
	pthread_mutex_init(&t->lock, NULL);
	t->ctx = make_context();
	t->key = EVP_EC_gen("P-256");
	if (t->ctx && t->key)
		return t;
	char text[256];
	err_set(err, STATUS_STOP, "tls", "TLS can't be set up: %s", tls_reason(text, sizeof text));
	tls_server_free(t);
	return NULL;
}

static void leaf_free(struct leaf *l)
{
	X509_free(l->cert);
	free(l);
}

static void drop_leaves(struct tls_server *t)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct leaf *l = t->buckets[i], *next; l; l = next) {
			next = l->next;
			leaf_free(l);
		}
	memset(t->buckets, 0, sizeof t->buckets);
	t->n_leaves = 0;
}

void tls_server_free(struct tls_server *t)
{
	if (!t)
		return;
	drop_leaves(t);
	SSL_CTX_free(t->ctx);
	EVP_PKEY_free(t->key);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static size_t bucket_of(const char *host)
{
	/* Whoever fills one bucket on purpose slows down his own lookups in LIMIT_LEAVES. */
	return hash_quick(span_of(host)) % BUCKETS;
}

static struct leaf *find_leaf(struct tls_server *t, const char *host, int64_t now)
{
	for (struct leaf **at = &t->buckets[bucket_of(host)]; *at; at = &(*at)->next) {
		struct leaf *l = *at;
		if (strcmp(l->host, host) != 0)
			continue;
		/* A clock that was set back makes a leaf unfit as surely as time does. */
		if (now + LEAF_MARGIN < l->until && now >= l->made - LEAF_MARGIN)
			return l;
		*at = l->next;
		leaf_free(l);
		t->n_leaves--;
		return NULL;
	}
	return NULL;
}

static struct leaf *make_leaf(struct tls_server *t, const char *host, int64_t now)
{
	struct leaf *l = xcalloc(1, sizeof *l);
	snprintf(l->host, sizeof l->host, "%s", host);
	l->made = now;
	l->cert = ca_sign_leaf(t->ca, host, t->key, now, &l->until);
	if (!l->cert) {
		leaf_free(l);
		return NULL;
	}
	if (t->n_leaves >= LIMIT_LEAVES)
		drop_leaves(t);
	size_t b = bucket_of(host);
	l->next = t->buckets[b];
	t->buckets[b] = l;
	t->n_leaves++;
	return l;
}

static bool show_leaf(struct tls_server *t, SSL *ssl, const char *host, int64_t now)
{
	pthread_mutex_lock(&t->lock);
	struct leaf *l = find_leaf(t, host, now);
	if (!l)
		l = make_leaf(t, host, now);
	bool well = l && SSL_use_certificate(ssl, l->cert) == 1;
	pthread_mutex_unlock(&t->lock);
	well = well && SSL_use_PrivateKey(ssl, t->key) == 1;
	for (size_t i = 0; well && ca_chain(t->ca, i); i++)
		well = SSL_add1_chain_cert(ssl, ca_chain(t->ca, i)) == 1;
	return well;
}

/* Reads what was read already, then from the socket: the memory BIO says "retry" when it is empty,
 * and is replaced then. */
static bool set_transport(SSL *ssl, int fd, const void *before, size_t n_before)
{
	BIO *to = BIO_new_socket(fd, BIO_NOCLOSE), *from = BIO_new(BIO_s_mem());
	if (!to || !from || BIO_write(from, before, (int)n_before) != (int)n_before) {
		BIO_free(to);
		BIO_free(from);
		return false;
	}
	BIO_set_mem_eof_return(from, -1);
	SSL_set0_rbio(ssl, from);
	SSL_set0_wbio(ssl, to);
	return true;
}

struct ssl_st *tls_begin(struct tls_server *t, int fd, const char *host, const void *before,
                         size_t n_before, int64_t now)
{
	SSL *ssl = SSL_new(t->ctx);
	if (!ssl || !show_leaf(t, ssl, host, now) || !set_transport(ssl, fd, before, n_before)) {
		SSL_free(ssl);
		ERR_clear_error();
		return NULL;
	}
	SSL_set_accept_state(ssl);
	return ssl;
}

void tls_end(struct ssl_st *ssl)
{
	SSL_free(ssl);
	ERR_clear_error();
}

static enum tls_result result_of(SSL *ssl, int r)
{
	switch (SSL_get_error(ssl, r)) {
	case SSL_ERROR_NONE: return TLS_OK;
	case SSL_ERROR_WANT_READ: return TLS_AGAIN_READ;
	case SSL_ERROR_WANT_WRITE: return TLS_AGAIN_WRITE;
	case SSL_ERROR_ZERO_RETURN: return TLS_CLOSED;
	default: return TLS_FAILED;
	}
}

enum tls_result tls_handshake(struct ssl_st *ssl)
{
	ERR_clear_error();
	enum tls_result r = result_of(ssl, SSL_do_handshake(ssl));
	if (r == TLS_AGAIN_READ && SSL_get_rbio(ssl) != SSL_get_wbio(ssl)) {
		BIO *socket = SSL_get_wbio(ssl);
		BIO_up_ref(socket);
		SSL_set0_rbio(ssl, socket);
		r = result_of(ssl, SSL_do_handshake(ssl));
	}
	return r;
}

enum tls_result tls_read(struct ssl_st *ssl, void *p, size_t n, size_t *done)
{
	ERR_clear_error();
	*done = 0;
	return result_of(ssl, SSL_read_ex(ssl, p, n, done));
}

enum tls_result tls_write(struct ssl_st *ssl, const void *p, size_t n, size_t *done)
{
	ERR_clear_error();
	*done = 0;
	return result_of(ssl, SSL_write_ex(ssl, p, n, done));
}

bool tls_pending(struct ssl_st *ssl)
{
	return SSL_has_pending(ssl) == 1;
}

void tls_shutdown(struct ssl_st *ssl)
{
	ERR_clear_error();
	SSL_shutdown(ssl);
	ERR_clear_error();
}

const char *tls_names(struct ssl_st *ssl, char *out, size_t size)
{
	snprintf(out, size, "%s, %s", SSL_get_version(ssl), SSL_get_cipher_name(ssl));
	return out;
}

const char *tls_reason(char *out, size_t size)
{
	unsigned long e = ERR_peek_last_error();
	const char *text = e ? ERR_reason_error_string(e) : NULL;
	snprintf(out, size, "%s", text ? text : "the connection was closed");
	ERR_clear_error();
	return out;
}
