/* http.h - fetch: one HTTP/1.1 exchange after another through libcurl, over connections that are
 * kept. libcurl transports: it signs nothing, follows no redirect, and sends no credentials of its
 * own. Proxies are the environment's (HTTPS_PROXY, NO_PROXY), as libcurl reads it. */
#ifndef FETCH_HTTP_H
#define FETCH_HTTP_H

#include "base/buf.h"
#include "base/err.h"

#include <stdatomic.h>

struct http_settings {
	const char *ca_bundle;   /* a file of CA certificates; NULL: the system's */
	unsigned timeout;        /* seconds without a byte after which an exchange is given up */
	const atomic_bool *stop; /* once true, exchanges end; may be NULL */
	/* A line for people, without secrets, once in an exchange for which nothing has come for
	 * three seconds. May be NULL. */
	void (*waiting)(void *data, const char *line);
	void *data;
};

struct http_client;

/* http_start once before threads begin, http_stop after they ended. A client is one thread's.
 * settings is borrowed until http_free. */
void http_start(void);
void http_stop(void);
struct http_client *http_new(const struct http_settings *settings);
void http_free(struct http_client *c);

struct http_request {
	const char *method;
	const char *url;
	struct span lines; /* header fields, each "Name: value\n" */
	struct span body;  /* SPAN_NONE: none */
	bool direct;       /* not through a proxy: for services of this machine only */
	unsigned timeout;  /* seconds for all of it, 0: settings' rule alone */
	/* Where the body of an answer with a status of 2xx goes; NULL: into the answer. False ends
	 * the exchange as HTTP_REFUSED. */
	bool (*sink)(void *data, const char *p, size_t n);
	void *data;
};

struct http_answer {
	int status;      /* 0 if none came */
	uint64_t length; /* bytes of the body that came */
	int64_t date;    /* the server's clock, seconds since 1970; WHEN_FIRST if it told none */
	/* Header fields, "" if not sent. */
	char region[32];     /* X-Amz-Bucket-Region */
	char etag[128];      /* as sent, with its quotes */
	char request_id[96]; /* X-Amz-Request-Id or X-Amzn-RequestId */
	struct buf body;     /* its ceiling bounds it */
};

void http_answer_init(struct http_answer *a, size_t ceiling);
void http_answer_release(struct http_answer *a);

enum http_result {
	HTTP_DONE,    /* an answer came whole, whatever its status */
	HTTP_BROKEN,  /* no connection, or it was cut, or nothing came for too long: try again */
	HTTP_STOPPED, /* settings' stop */
	HTTP_REFUSED, /* the sink said no, or the body is larger than the answer's ceiling */
	HTTP_FAILED,  /* it makes no sense to try again: a certificate, a URL, a proxy's name */
};

/* a is initialised and emptied first. err (reason "connection") says what went wrong, for anything
 * but HTTP_DONE; no header field is in it. */
enum http_result http_perform(struct http_client *c, const struct http_request *request,
                              struct http_answer *a, struct err *err);

#endif
