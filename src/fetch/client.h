/* client.h - fetch: calls of AWS services: the endpoint found, the request signed, sent, and tried
 * again where that helps: after throttling, the service's own errors and broken connections with
 * pauses that double and vary by chance; with the server's clock where it differs from this
 * machine's; with new credentials where they ended; in another region where a bucket is there. */
#ifndef FETCH_CLIENT_H
#define FETCH_CLIENT_H

#include "base/arena.h"
#include "fetch/endpoint.h"
#include "fetch/service-error.h"
#include "fetch/sign.h"

enum {
	CLIENT_ATTEMPTS = 10, /* with the pauses below this bears some two minutes of trouble */
	CLIENT_PAUSE_MS = 100,
	CLIENT_LONGEST_PAUSE_MS = 20000,
	CLIENT_REDIRECTS = 3,
	CLIENT_TOLD_AFTER_MS = 1000, /* trouble that is over sooner is not worth a line */
};

/* An error's body, and the largest page that any of the services returns, with room. */
#define LIMIT_ANSWER ((size_t)32 << 20)

/* Keys to sign with. A session token has no documented maximum; those seen have up to 4 KB. */
struct credentials {
	char access_key[160], secret[256], token[16384];
	int64_t expires; /* seconds since 1970; WHEN_LAST: never */
};
void credentials_wipe(struct credentials *c);

/* What clients of all threads have in common; the pointers are borrowed. */
struct client_settings {
	struct http_settings http;
	unsigned attempts; /* CLIENT_ATTEMPTS */
	bool dual_stack, fips;
	/* The user's endpoint for a service, or NULL. */
	const char *(*endpoint_url)(void *data, const char *service);
	/* A line about each exchange, without secrets; NULL: none are told. */
	void (*trace)(void *data, const char *line);
	void *data;
	atomic_llong clock_ahead; /* seconds that the servers' clock is ahead of this machine's */
};

struct client;

/* One thread's. settings is borrowed until client_free. */
struct client *client_new(struct client_settings *settings);
void client_free(struct client *c);
const struct client_settings *client_settings_of(const struct client *c);
struct http_client *client_http(struct client *c);

struct client_request {
	const char *service; /* "s3", "cloudtrail": in the host's name and the signature's scope */
	struct span region;
	struct span bucket; /* SPAN_NONE but for S3 */
	const char *method;
	struct span path; /* unencoded; in the bucket, for S3 */
	const struct sign_pair *query, *headers;
	size_t n_query, n_headers;
	struct span body;
	/* Keys to sign with, asked for once per attempt; renew: those given last have ended.
	 * STATUS_OK, or STATUS_STOP with err. NULL: the request is not signed. */
	enum status (*keys)(void *data, struct client *c, bool renew, struct credentials *out,
	                    struct err *err);
	void *keys_data;
	/* As in struct http_request; begin (may be NULL) is called before each attempt. */
	void (*begin)(void *data);
	bool (*sink)(void *data, const char *p, size_t n);
	void *data;
	/* What the answer's body must be, checked where it is whole; false: it is tried again, as
	 * after a cut connection. May be NULL. */
	bool (*whole)(void *data, const struct http_answer *a);
};

/* STATUS_OK: the answer has a status of 2xx. STATUS_SKIP: the service refused; *why has its code,
 * err the text. STATUS_FILE: every attempt failed; err tells how the last did. STATUS_STOP: stop
 * was set, there are no credentials, or nothing can work (a certificate). where in err is left
 * alone; region_out (32 bytes; may be NULL) gets the region that answered. */
enum status client_call(struct client *c, const struct client_request *request,
                        struct http_answer *a, struct service_error *why, char *region_out,
                        struct err *err);

/* Waits so long, or until stop is set: then false. */
bool client_pause(const struct client *c, int64_t ms);

#endif
