/* credential-sources.c - fetch: see credential-sources.h: those of this machine: the environment,
 * the files, and programs. */
#include "config.h"

#include "fetch/credential-sources.h"

#include "base/when.h"
#include "fetch/run-command.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	COMMAND_SECONDS = 60,           /* a program may ask for a touch of a hardware key */
	LIMIT_COMMAND_OUTPUT = 64 << 10 /* AWS documents no limit; keys and a token have 5 KB */
};

/* ---- keys */

static bool copy_sound(char *out, size_t size, const char *s, bool needed)
{
	size_t n = s ? strlen(s) : 0;
	if (n >= size || (needed && n == 0))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x21 || s[i] == 0x7f)
			return false;
	memcpy(out, s ? s : "", n);
	out[n] = '\0';
	return true;
}

bool credentials_fill(struct credentials *out, const char *access_key, const char *secret,
                      const char *token)
{
	out->expires = WHEN_LAST;
	return copy_sound(out->access_key, sizeof out->access_key, access_key, true) &&
	       copy_sound(out->secret, sizeof out->secret, secret, true) &&
	       copy_sound(out->token, sizeof out->token, token, false);
}

bool credentials_from_json(struct span text, const char *token_name, struct credentials *out)
{
	json_t *o = json_loadb(text.p, text.n, 0, NULL);
	const char *end = json_string_value(json_object_get(o, "Expiration"));
	bool fine = credentials_fill(out, json_string_value(json_object_get(o, "AccessKeyId")),
	                             json_string_value(json_object_get(o, "SecretAccessKey")),
	                             json_string_value(json_object_get(o, token_name)));
	if (fine && end)
		fine = when_parse(span_of(end), &out->expires);
	json_decref(o);
	return fine;
}

static enum status from(struct search *s, const char *what, const char *name, const char *how)
{
	snprintf(s->source, sizeof s->source, "%s%s%s", what, name, how);
	return STATUS_OK;
}

/* ---- sources */

enum status source_environment(struct search *s, struct credentials *out, struct err *err)
{
	const char *access_key = getenv("AWS_ACCESS_KEY_ID");
	const char *token = getenv("AWS_SECURITY_TOKEN"),
	           *end = getenv("AWS_CREDENTIAL_EXPIRATION");
	if (!access_key || !*access_key)
		return STATUS_END;
	if (!token || !*token)
		token = getenv("AWS_SESSION_TOKEN");
	if (!credentials_fill(out, access_key, getenv("AWS_SECRET_ACCESS_KEY"), token))
		return err_set(err, STATUS_STOP, "credentials",
		               "AWS_ACCESS_KEY_ID is set, but it, AWS_SECRET_ACCESS_KEY or "
		               "AWS_SESSION_TOKEN is empty or holds what no key holds");
	if (end && *end)
		(void)when_parse(span_of(end), &out->expires);
	return from(s, "the environment", "", "");
}

enum status source_file(struct search *s, enum profiles_file file, const char *profile,
                        struct credentials *out, struct err *err)
{
	const struct profiles *p = s->options->profiles;
	const char *access_key = profiles_get(p, file, profile, "aws_access_key_id");
	const char *token = profiles_get(p, file, profile, "aws_security_token");
	if (!access_key)
		return STATUS_END;
	if (!token)
		token = profiles_get(p, file, profile, "aws_session_token");
	if (!credentials_fill(out, access_key,
	                      profiles_get(p, file, profile, "aws_secret_access_key"), token))
		return err_set(
		        err, STATUS_STOP, "credentials",
		        "profile %s has an aws_access_key_id, but it, aws_secret_access_key or "
		        "aws_session_token is empty or holds what no key holds",
		        profile);
	return from(s, "profile ", profile, "");
}

/* What argv prints, as credential_process has it. */
static enum status from_command(struct search *s, const char *profile, const char *const *argv,
                                struct credentials *out, struct err *err)
{
	struct buf text;
	struct err why;
	err_clear(&why);
	buf_init(&text, LIMIT_COMMAND_OUTPUT);
	enum status status = run_command(argv, COMMAND_SECONDS,
	                                 client_settings_of(s->client)->http.stop, &text, &why);
	if (status != STATUS_OK)
		status = err_set(err, STATUS_STOP, "credentials", "profile %s: %s", profile,
		                 why.text);
	else if (!credentials_from_json(buf_span(&text), "SessionToken", out))
		status = err_set(err, STATUS_STOP, "credentials",
		                 "profile %s: %s did not print credentials as credential_process "
		                 "has them",
		                 profile, argv[0]);
	if (text.p)
		sodium_memzero(text.p, text.n);
	buf_release(&text);
	return status;
}

enum status source_command(struct search *s, const char *profile, struct credentials *out,
                           struct err *err)
{
	const char *line =
	        profiles_get(s->options->profiles, PROFILES_EITHER, profile, "credential_process");
	if (!line)
		return STATUS_END;
	char **argv = command_words(line);
	if (!argv)
		return err_set(err, STATUS_STOP, "credentials",
		               "profile %s: its credential_process is no command line", profile);
	enum status status = from_command(s, profile, (const char *const *)argv, out, err);
	free(argv);
	return status == STATUS_OK ? from(s, "profile ", profile, "'s credential_process") : status;
}

enum status source_cli(struct search *s, const char *profile, bool login, struct credentials *out,
                       struct err *err)
{
	const struct profiles *p = s->options->profiles;
	char name[256];
	const char *argv[] = {"aws",       "configure", "export-credentials",
	                      "--profile", name,        "--format",
	                      "process",   NULL};
	bool set = login ? profiles_get(p, PROFILES_EITHER, profile, "login_session") != NULL
	                 : profiles_get(p, PROFILES_EITHER, profile, "sso_account_id") ||
	                           profiles_get(p, PROFILES_EITHER, profile, "sso_role_name");
	if (!set)
		return STATUS_END;
	if (snprintf(name, sizeof name, "%s", profile) >= (int)sizeof name)
		return err_set(err, STATUS_STOP, "credentials", "a profile's name is too long");
	enum status status = from_command(s, profile, argv, out, err);
	if (status == STATUS_OK)
		return from(s, "profile ", profile, " through the AWS CLI");
	size_t n = strlen(err->text);
	snprintf(err->text + n, sizeof err->text - n,
	         "; its session is the AWS CLI's (version 2), try 'aws %s --profile %s'",
	         login ? "login" : "sso login", profile);
	return status;
}
