/* session.h - fetch: what the user and the AWS configuration say about all calls of one run: the
 * profile, its credentials, the region, endpoints, certificates. Shared by all threads. */
#ifndef FETCH_SESSION_H
#define FETCH_SESSION_H

#include "fetch/credentials.h"

struct session_options {
	const char *profile;      /* --profile; NULL: $AWS_PROFILE, else "default" */
	const char *region;       /* NULL: $AWS_REGION, $AWS_DEFAULT_REGION, else the profile's */
	const char *endpoint_url; /* of service alone; NULL: as the configuration says */
	const char *service;      /* "s3": what endpoint_url is of */
	bool dual_stack, fips;    /* also on where the configuration says so */
	bool no_sign_request;     /* public buckets */
	unsigned timeout;         /* seconds without a byte; 0: 60 */
	const atomic_bool *stop;
	void (*trace)(void *data, const char *line); /* as struct client_settings */
	/* What is waited for, and why, in a line without secrets; from any thread, at most one in
	 * five seconds. May be NULL. */
	void (*waiting)(void *data, const char *line);
	void *trace_data; /* of both */
};

struct session;

/* options' pointers are borrowed until session_close. STATUS_OK, or STATUS_STOP with err. Nobody is
 * asked yet. Once at a time in a process. */
enum status session_open(const struct session_options *options, struct session **out,
                         struct err *err);
/* After all its clients were freed. NULL is fine. */
void session_close(struct session *s);

/* "" if none is set. */
const char *session_region(const struct session *s);
/* Where the keys came from; "" before the first call. */
const char *session_source(const struct session *s);
/* A client for the calling thread, for client_free. */
struct client *session_client(struct session *s);
/* Sets what has request signed with the session's keys, or not signed if so wished. */
void session_sign(struct session *s, struct client_request *request);
/* The account that the keys belong to, by sts:GetCallerIdentity, 12 digits. As client_call. */
enum status session_account(struct session *s, struct client *c, char out[16], struct err *err);

#endif
