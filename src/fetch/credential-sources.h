/* credential-sources.h - fetch: the places where credentials are looked for, one function each;
 * credentials.h has their order. Internal to it. Each answers STATUS_OK with *out; STATUS_END: it
 * is not set up here, the next one may be; STATUS_STOP: it is set up and gave none, err tells why
 * without a secret in it. */
#ifndef FETCH_CREDENTIAL_SOURCES_H
#define FETCH_CREDENTIAL_SOURCES_H

#include "fetch/credentials.h"

struct search {
	const struct credentials_options *options;
	struct client *client;
	const char *visited[CREDENTIALS_ROLES]; /* profiles of the chain of roles */
	size_t n_visited;
	char source[256]; /* what gave them, for messages */
};

enum status source_environment(struct search *s, struct credentials *out, struct err *err);
/* Keys in one of the files, under a profile. */
enum status source_file(struct search *s, enum profiles_file file, const char *profile,
                        struct credentials *out, struct err *err);
enum status source_command(struct search *s, const char *profile, struct credentials *out,
                           struct err *err);
/* Profiles of IAM Identity Center, or with login_session, through "aws configure
 * export-credentials". */
enum status source_cli(struct search *s, const char *profile, bool login, struct credentials *out,
                       struct err *err);
enum status source_container(struct search *s, struct credentials *out, struct err *err);
enum status source_instance(struct search *s, struct credentials *out, struct err *err);
/* environment: AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE count, too. */
enum status source_web_identity(struct search *s, const char *profile, bool environment,
                                struct credentials *out, struct err *err);
/* AssumeRole with source's keys, as the profile's role_arn and what stands beside it say. */
enum status source_assume_role(struct search *s, const char *profile,
                               const struct credentials *source, struct credentials *out,
                               struct err *err);

/* Fills *out; false if one of them is missing, empty, too long or holds a control character.
 * token may be NULL. */
bool credentials_fill(struct credentials *out, const char *access_key, const char *secret,
                      const char *token);
/* From a JSON object with AccessKeyId, SecretAccessKey, the token under token_name, and maybe
 * Expiration. False if it is none. */
bool credentials_from_json(struct span text, const char *token_name, struct credentials *out);

#endif
