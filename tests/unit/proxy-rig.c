/* proxy-rig.c - see proxy-rig.h. */
#include "proxy-rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void bound_waits(int fd)
{
	struct timeval tv = {WAIT_MS / 1000, 0};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
}

int listen_any(unsigned *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&a, n) == 0 && listen(fd, 64) == 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

int dial(unsigned port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	a.sin_port = htons((uint16_t)port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	bound_waits(fd);
	return fd;
}

int accept_one(const struct rig *r)
{
	struct pollfd p = {r->listener, POLLIN, 0};
	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	int fd = accept(r->listener, NULL, NULL);
	bound_waits(fd);
	return fd;
}

struct rig *rig_new(void)
{
	struct err err = {0};
	struct rig *r = calloc(1, sizeof *r);
	signal(SIGPIPE, SIG_IGN);
	strcpy(r->dir, "/tmp/iamreplay-test.XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->path, sizeof r->path, "%s/c.jsonl", r->dir);
	assert_int_equal(ca_open(r->dir, NULL, time(NULL), &r->ca, NULL, &err), STATUS_OK);
	struct capture_options o = {.path = r->path, .mode = "proxy", .mapping = mapping_builtin()};
	assert_int_equal(capture_open(&o, &r->capture, &err), STATUS_OK);
	r->recogniser = recogniser_new(mapping_builtin(), &r->rules, false);
	r->rules = (struct host_rules){.endpoint = recogniser_endpoint, .data = r->recogniser};
	r->listener = listen_any(&r->upstream_port);
	r->settings = (struct proxy_settings){
	        .listen_host = "127.0.0.1",
	        .upstream = {.host = "127.0.0.1", .port = r->upstream_port, .direct = true},
	        .hosts = r->rules,
	        .recogniser = r->recogniser,
	        .ca = r->ca,
	        .capture = r->capture,
	        .threads = 2,
	        .timeouts = proxy_timeouts_default,
	};
	r->settings.timeouts.hello = 300;
	r->settings.timeouts.head = 600;
	r->settings.timeouts.stop = 3000;
	return r;
}

SSL_CTX *rig_upstream_tls(struct rig *r)
{
	int64_t until;
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *leaf = ca_sign_leaf(r->ca, HOST, key, time(NULL), &until);
	assert_non_null(leaf);
	assert_int_equal(SSL_CTX_use_certificate(ctx, leaf), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
	X509_free(leaf);
	EVP_PKEY_free(key);
	snprintf(r->connect_to, sizeof r->connect_to, HOST ":443:127.0.0.1:%u", r->upstream_port);
	snprintf(r->ca_pem, sizeof r->ca_pem, "%s/ca.pem", r->dir);
	r->connect_list[0] = r->connect_to;
	r->settings.upstream = (struct upstream_target){.host = NULL};
	r->settings.connect.connect_to = r->connect_list;
	r->settings.connect.n_connect_to = 1;
	r->settings.connect.ca_file = r->ca_pem;
	return ctx;
}

void rig_start(struct rig *r)
{
	struct err err = {0};
	r->proxy = proxy_open(&r->settings, &err);
	assert_non_null(r->proxy);
	assert_true(proxy_start(r->proxy, &err));
}

void rig_free(struct rig *r)
{
	char command[128];
	proxy_free(r->proxy);
	assert_int_equal(capture_close(r->capture, NULL), STATUS_OK);
	recogniser_free(r->recogniser);
	ca_free(r->ca);
	close(r->listener);
	snprintf(command, sizeof command, "rm -rf '%s'", r->dir);
	assert_int_equal(system(command), 0);
	free(r);
}

int rig_set_up(void **state)
{
	struct rig *r = rig_new();
	*state = r;
	rig_start(r);
	return 0;
}

int rig_tear_down(void **state)
{
	rig_free(*state);
	return 0;
}

void put_fd(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
		if (k <= 0)
			return;
		p += k;
		n -= (size_t)k;
	}
}

size_t get_fd(int fd, char *p, size_t n)
{
	size_t have = 0;
	while (have < n) {
		ssize_t k = recv(fd, p + have, n - have, 0);
		if (k <= 0)
			break;
		have += (size_t)k;
	}
	return have;
}

void get_head(int fd, char *p, size_t size)
{
	size_t n = 0;
	while (n + 1 < size && recv(fd, p + n, 1, 0) == 1) {
		p[++n] = '\0';
		if (n >= 4 && strcmp(p + n - 4, "\r\n\r\n") == 0)
			return;
	}
	p[n] = '\0';
}

void open_client(const struct rig *r, struct client *c, const char *host)
{
	char text[1024];
	*c = (struct client){.fd = dial(proxy_port(r->proxy))};
	int n = snprintf(text, sizeof text, "CONNECT %s:443 HTTP/1.0\r\n\r\n", host);
	put_fd(c->fd, text, (size_t)n);
	get_head(c->fd, text, sizeof text);
	assert_non_null(strstr(text, " 200 "));
	c->ctx = SSL_CTX_new(TLS_client_method());
	char pem[128];
	snprintf(pem, sizeof pem, "%s/ca.pem", r->dir);
	assert_int_equal(SSL_CTX_load_verify_file(c->ctx, pem), 1);
	SSL_CTX_set_verify(c->ctx, SSL_VERIFY_PEER, NULL);
	c->ssl = SSL_new(c->ctx);
	snprintf(text, sizeof text, "%s", host);
	SSL_set_tlsext_host_name(c->ssl, text);
	SSL_set1_host(c->ssl, host);
	SSL_set_fd(c->ssl, c->fd);
	assert_int_equal(SSL_connect(c->ssl), 1);
}

void close_client(struct client *c)
{
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	close(c->fd);
}

void put_tls(struct client *c, const char *p, size_t n)
{
	size_t done;
	assert_int_equal(SSL_write_ex(c->ssl, p, n, &done), 1);
	assert_int_equal(done, n);
}

size_t get_tls(struct client *c, char *p, size_t n)
{
	size_t have = 0, k;
	while (have < n && SSL_read_ex(c->ssl, p + have, n - have, &k) == 1)
		have += k;
	return have;
}
