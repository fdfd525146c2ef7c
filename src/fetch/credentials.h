/* credentials.h - fetch: credentials as every AWS tool finds them, in botocore's order: the
 * environment; a profile's role (source_profile, credential_source, external_id); web identity;
 * IAM Identity Center and "aws login" through the AWS CLI; the shared credentials file; the
 * profile's credential_process; keys in the config file; the container's endpoint; the instance's
 * metadata (IMDSv2). They are renewed before they end. No message holds any of them.
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html */
#ifndef FETCH_CREDENTIALS_H
#define FETCH_CREDENTIALS_H

#include "fetch/client.h"
#include "fetch/profiles.h"

enum {
	CREDENTIALS_RENEW_BEFORE = 600, /* seconds before their end; botocore's mandatory window */
	CREDENTIALS_ROLES = 8,          /* profiles in a chain of source_profile */
};

struct credentials_options {
	const struct profiles *profiles; /* borrowed */
	const char *profile;             /* name; never NULL */
	bool explicit_profile; /* the user typed it: then keys in the environment don't count */
	const char *region;    /* for STS; "" if there is none */
};

struct credentials_chain;

/* options' pointers are borrowed until credentials_free. Asks nobody yet. */
struct credentials_chain *credentials_new(const struct credentials_options *options);
void credentials_free(struct credentials_chain *chain);

/* A copy of the keys, found or renewed first if need be; any thread may ask, others wait. client is
 * what STS and the metadata services are asked through. STATUS_OK; STATUS_STOP: err tells which
 * source failed and how, or that there is none. */
enum status credentials_get(struct credentials_chain *chain, struct client *client, bool renew,
                            struct credentials *out, struct err *err);
/* The same as struct client_request wants it; data is the chain. */
enum status credentials_keys(void *data, struct client *client, bool renew, struct credentials *out,
                             struct err *err);
/* Where the keys came from, "profile staging's credential_process"; "" before they were found. */
const char *credentials_source(const struct credentials_chain *chain);

#endif
