/* proxy-rig.h - what tests of the whole proxy share: one that runs on loopback with a CA and a
 * capture file of its own, a listener that is its upstream, and the two ends of a connection
 * through it. Every wait is bounded; what fails, fails the running test. */
#ifndef PROXY_RIG_H
#define PROXY_RIG_H

#include "unit.h"

#include "tls/ca.h"
#include "proxy/proxy.h"

#include <openssl/ssl.h>

/* The longest that a read waits. */
enum { WAIT_MS = 5000 };

struct rig {
	char dir[64];  /* of the CA and the capture file; removed at the end */
	char path[96]; /* the capture file */
	struct ca *ca;
	struct capture *capture;
	struct host_rules rules;
	struct recogniser *recogniser;
	struct proxy_settings settings;
	struct proxy *proxy;
	int listener; /* the upstream of all API hosts */
	unsigned upstream_port;
	char connect_to[160], ca_pem[96];
	const char *connect_list[1];
};

/* Everything but the proxy itself, so that settings may be changed before rig_start. */
struct rig *rig_new(void);
/* The upstream is HOST and speaks TLS, with a certificate of the rig's CA; what it accepts with. To
 * be called before rig_start. */
SSL_CTX *rig_upstream_tls(struct rig *r);
void rig_start(struct rig *r);
void rig_free(struct rig *r);
/* For cmocka: *state is the rig, started. */
int rig_set_up(void **state);
int rig_tear_down(void **state);

/* A socket that listens on a free port of 127.0.0.1. */
int listen_any(unsigned *port);
int dial(unsigned port);
/* The proxy's next connection to the upstream. */
int accept_one(const struct rig *r);
/* Sends all, or as much as the peer takes. */
void put_fd(int fd, const char *p, size_t n);
/* Up to n bytes, or what comes until the end; the number. */
size_t get_fd(int fd, char *p, size_t n);
/* Up to and with an empty line, NUL-terminated. */
void get_head(int fd, char *p, size_t size);

/* A client that was let through by CONNECT and has shaken hands. */
struct client {
	int fd;
	SSL_CTX *ctx;
	SSL *ssl;
};

void open_client(const struct rig *r, struct client *c, const char *host);
void close_client(struct client *c);
void put_tls(struct client *c, const char *p, size_t n);
size_t get_tls(struct client *c, char *p, size_t n);

/* An API host, a call to it with further fields and a body, and its answer. */
#define HOST "dynamodb.us-east-1.amazonaws.com"
#define CALL(fields, body)                                                                   \
	"POST / HTTP/1.1\r\nHost: " HOST "\r\nx-AMZ-target:DynamoDB_20120810.ListTables\r\n" \
	"Authorization: AWS4-HMAC-SHA256 "                                                   \
	"Credential=AKIAQ3EGRISEXAMPLE12/20261122/us-east-1/dynamodb/"                       \
	"aws4_request, SignedHeaders=host, Signature=5ec4e7\r\nX-Amz-Security-Token: "       \
	"tomato\r\n" fields "\r\n" body
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

#endif
