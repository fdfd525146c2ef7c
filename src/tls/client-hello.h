/* client-hello.h - tls: what a TLS client says first: the host it wants (SNI, RFC 6066) and the protocols
 * it speaks (ALPN, RFC 7301). Pure; reads TLS 1.0 to 1.3 hellos, also when split over records. */
#ifndef TLS_CLIENT_HELLO_H
#define TLS_CLIENT_HELLO_H

#include "base/span.h"

enum hello_result {
	HELLO_MORE,  /* a prefix of a ClientHello */
	HELLO_TLS,   /* a whole one: *h is filled */
	HELLO_OTHER, /* no TLS, or a hello that is malformed or larger than LIMIT_HELLO */
};

/* Bytes of a ClientHello with its record headers: with post-quantum key shares and a session ticket
 * some 2 KB; OpenSSL itself stops at 128 KB, browsers' padding at 4 KB. */
#define LIMIT_HELLO ((size_t)16 << 10)

struct hello {
	char sni[256]; /* lower case, NUL-terminated; "" if absent or no plausible host name */
	bool sni_bad;  /* there was one, and it is no host name */
	bool alpn;     /* the extension is there */
	bool http11;   /* it offers http/1.1 */
	bool ech;      /* encrypted_client_hello: the real host is hidden */
};

enum hello_result hello_parse(const void *p, size_t n, struct hello *h);

/* Whether s is a host name of letters, digits, '-', '_' and dots, at most 253 bytes, labels of 1 to
 * 63, that is no IPv4 address. */
bool hello_is_hostname(struct span s);

#endif
