/* proxy-load.c - how many HTTPS requests a second pass, directly or through an HTTP proxy: a closed
 * loop of keep-alive or new connections that each send one DynamoDB call after the other.
 *     proxy-load PROXYPORT|0 HOST PORT CONNECTIONS SECONDS [new]
 * HOST is what CONNECT and Host say; with 0 it is connected to 127.0.0.1:PORT. Prints requests,
 * errors, requests a second, and the median and 99th percentile of the time for one. */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_TIMES = 1 << 21 };

struct load {
	int proxy_port, port;
	const char *host;
	double seconds;
	bool fresh;
	SSL_CTX *ctx;
	double began;
	char request[1024];
	int request_size;
};

struct worker {
	const struct load *load;
	pthread_t thread;
	float *times; /* seconds */
	size_t n;
	unsigned long errors;
	int fd;
	SSL *ssl;
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool ask_proxy(const struct load *l, int fd)
{
	char b[1024];
	int n = snprintf(b, sizeof b, "CONNECT %s:%d HTTP/1.1\r\nHost: %s:%d\r\n\r\n", l->host,
	                 l->port, l->host, l->port);
	if (write(fd, b, (size_t)n) != n)
		return false;
	for (size_t have = 0; have < sizeof b - 1;) {
		ssize_t k = read(fd, b + have, sizeof b - 1 - have);
		if (k <= 0)
			return false;
		have += (size_t)k;
		b[have] = '\0';
		if (strstr(b, "\r\n\r\n"))
			return strncmp(b + 8, " 200", 4) == 0;
	}
	return false;
}

static bool open_one(struct worker *w)
{
	const struct load *l = w->load;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {10, 0};
	int one = 1;
	a.sin_port = htons((uint16_t)(l->proxy_port ? l->proxy_port : l->port));
	w->fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (connect(w->fd, (struct sockaddr *)&a, sizeof a) != 0 ||
	    (l->proxy_port && !ask_proxy(l, w->fd))) {
		close(w->fd);
		return false;
	}
	w->ssl = SSL_new(l->ctx);
	SSL_set_fd(w->ssl, w->fd);
	char host[256];
	snprintf(host, sizeof host, "%s", l->host);
	SSL_set_tlsext_host_name(w->ssl, host);
	if (SSL_connect(w->ssl) == 1)
		return true;
	SSL_free(w->ssl);
	w->ssl = NULL;
	close(w->fd);
	return false;
}

static void close_one(struct worker *w)
{
	SSL_free(w->ssl);
	w->ssl = NULL;
	close(w->fd);
}

/* One call and its whole answer, which must be 200 with a length. */
static bool call_once(struct worker *w)
{
	char b[16384];
	int have = 0, want = -1;
	const struct load *l = w->load;
	if (SSL_write(w->ssl, l->request, l->request_size) != l->request_size)
		return false;
	while (want < 0 || have < want) {
		int k = SSL_read(w->ssl, b + have, (int)sizeof b - 1 - have);
		if (k <= 0)
			return false;
		have += k;
		b[have] = '\0';
		char *end = want < 0 ? strstr(b, "\r\n\r\n") : NULL;
		if (!end)
			continue;
		char *length = strstr(b, "Content-Length:");
		if (strncmp(b + 8, " 200", 4) != 0 || !length)
			return false;
		want = (int)(end - b) + 4 + atoi(length + 15);
	}
	return true;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	const struct load *l = w->load;
	while (now() - l->began < l->seconds && w->n < MOST_TIMES) {
		double t = now();
		bool well = (w->ssl || open_one(w)) && call_once(w);
		if (well)
			w->times[w->n++] = (float)(now() - t);
		else
			w->errors++;
		if (w->ssl && (l->fresh || !well))
			close_one(w);
	}
	if (w->ssl)
		close_one(w);
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	if (argc < 6)
		return 2;
	struct load l = {.proxy_port = atoi(argv[1]), .port = atoi(argv[3]), .host = argv[2]};
	int n = atoi(argv[4]);
	l.seconds = atof(argv[5]);
	l.fresh = argc > 6;
	signal(SIGPIPE, SIG_IGN);
	l.ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_verify(l.ctx, SSL_VERIFY_NONE, NULL);
	l.request_size = snprintf(
	        l.request, sizeof l.request,
	        "POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-amz-json-1.0\r\n"
	        "X-Amz-Target: DynamoDB_20120810.ListTables\r\nX-Amz-Date: 20261122T000000Z\r\n"
	        "Authorization: AWS4-HMAC-SHA256 "
	        "Credential=AKIAQ3EGRISEXAMPLE12/20261122/us-east-1/dynamodb/"
	        "aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
	        "Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n"
	        "Content-Length: 12\r\n\r\n{\"Limit\": 9}",
	        l.host);
	struct worker *w = calloc((size_t)n, sizeof *w);
	l.began = now();
	for (int i = 0; i < n; i++) {
		w[i].load = &l;
		w[i].times = malloc((size_t)MOST_TIMES * sizeof(float));
		pthread_create(&w[i].thread, NULL, work, &w[i]);
	}
	size_t all = 0;
	unsigned long errors = 0;
	for (int i = 0; i < n; i++) {
		pthread_join(w[i].thread, NULL);
		all += w[i].n;
		errors += w[i].errors;
	}
	double took = now() - l.began;
	float *times = malloc((all + 1) * sizeof *times);
	size_t at = 0;
	for (int i = 0; i < n; i++) {
		memcpy(times + at, w[i].times, w[i].n * sizeof *times);
		at += w[i].n;
	}
	qsort(times, all, sizeof *times, by_size);
	printf("%zu requests, %lu errors, %.0f/s, p50 %.3f ms, p99 %.3f ms\n", all, errors,
	       (double)all / took, all ? (double)times[all / 2] * 1e3 : 0,
	       all ? (double)times[all * 99 / 100] * 1e3 : 0);
	return errors > 0 || all == 0;
}
