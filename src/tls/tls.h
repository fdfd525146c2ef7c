/* tls.h - tls: the server side of TLS towards the clients: one context, a leaf certificate for
 * each host, made when first asked for and kept in memory only. Any thread may use one tls_server.
 */
#ifndef TLS_TLS_H
#define TLS_TLS_H

#include "tls/ca.h"

#include <stddef.h>
#include <sys/types.h>

struct ssl_st;

/* Leaves kept; each some 2 KB. A bucket is a host, so there can be many. */
#define LIMIT_LEAVES ((size_t)2048)

struct tls_server;

/* ca is borrowed. NULL with err when OpenSSL can't. */
struct tls_server *tls_server_new(const struct ca *ca, struct err *err);
void tls_server_free(struct tls_server *t);

/* A connection on fd (not closed with it) that will show host's certificate; now in seconds since
 * 1970. before[0..n_before) was read from fd already (n_before > 0); it is copied. NULL when it
 * can't be made. tls_end gives it back. */
struct ssl_st *tls_begin(struct tls_server *t, int fd, const char *host, const void *before,
                         size_t n_before, int64_t now);
void tls_end(struct ssl_st *ssl);

enum tls_result {
	TLS_OK,
	TLS_AGAIN_READ,  /* wait until fd can be read */
	TLS_AGAIN_WRITE, /* wait until fd can be written */
	TLS_CLOSED,      /* the peer ended it properly (close_notify) */
	TLS_FAILED,      /* the peer went away, or broke the protocol */
};

enum tls_result tls_handshake(struct ssl_st *ssl);
/* At most n bytes; *done > 0 with TLS_OK. */
enum tls_result tls_read(struct ssl_st *ssl, void *p, size_t n, size_t *done);
enum tls_result tls_write(struct ssl_st *ssl, const void *p, size_t n, size_t *done);
/* Whether bytes wait inside that no poll on fd will tell of. */
bool tls_pending(struct ssl_st *ssl);
/* Tells the peer that no more will come; best effort. */
void tls_shutdown(struct ssl_st *ssl);
/* "TLSv1.3, TLS_AES_256_GCM_SHA384", in out. */
const char *tls_names(struct ssl_st *ssl, char *out, size_t size);
/* Why the handshake failed, for a log line; a constant or OpenSSL's text in out. */
const char *tls_reason(char *out, size_t size);

#endif
