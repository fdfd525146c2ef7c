/* credentials.c - fetch: see credentials.h: the order of the sources, and keeping what was found
 * until shortly before it ends. */
#include "config.h"

#include "fetch/credential-sources.h"

#include "base/alloc.h"
#include "base/when.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct credentials_chain {
	struct credentials_options options;
	pthread_mutex_t lock; /* for all below */
	bool found;
	struct credentials kept;
	char source[256];
};

struct credentials_chain *credentials_new(const struct credentials_options *options)
{
	struct credentials_chain *c = xcalloc(1, sizeof *c);
	c->options = *options;
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void credentials_free(struct credentials_chain *c)
{
	if (!c)
		return;
	pthread_mutex_destroy(&c->lock);
	credentials_wipe(&c->kept);
	free(c);
}

const char *credentials_source(const struct credentials_chain *c)
{
	return c->source;
}

/* ---- profiles */

static const char *setting(const struct search *s, const char *profile, const char *key)
{
	return profiles_get(s->options->profiles, PROFILES_EITHER, profile, key);
}

static bool has_role(const struct search *s, const char *profile)
{
	return setting(s, profile, "role_arn") && !setting(s, profile, "web_identity_token_file");
}

static bool has_keys(const struct search *s, const char *profile)
{
	return setting(s, profile, "aws_access_key_id") ||
	       setting(s, profile, "aws_secret_access_key");
}

/* All that a profile can have but a role. */
static enum status of_profile(struct search *s, const char *profile, bool environment,
                              struct credentials *out, struct err *err)
{
	enum status status = source_web_identity(s, profile, environment, out, err);
	if (status == STATUS_END)
		status = source_cli(s, profile, false, out, err);
	if (status == STATUS_END)
		status = source_file(s, PROFILES_CREDENTIALS, profile, out, err);
	if (status == STATUS_END)
		status = source_cli(s, profile, true, out, err);
	if (status == STATUS_END)
		status = source_command(s, profile, out, err);
	if (status == STATUS_END)
		status = source_file(s, PROFILES_CONFIG, profile, out, err);
	return status;
}

static enum status of_role(struct search *s, const char *profile, struct credentials *out,
                           struct err *err);

static enum status of_source_profile(struct search *s, const char *profile, const char *source,
                                     struct credentials *out, struct err *err)
{
	bool self = strcmp(profile, source) == 0;
	if (!profiles_has(s->options->profiles, source))
		return err_set(err, STATUS_STOP, "credentials",
		               "profile %s: its source_profile %s does not exist", profile, source);
	for (size_t i = 0; i < s->n_visited; i++)
		if (strcmp(s->visited[i], source) == 0 && !(self && has_keys(s, source)))
			return err_set(err, STATUS_STOP, "credentials",
			               "profile %s: source_profile leads back to %s", profile,
			               source);
	if (has_role(s, source) && !has_keys(s, source))
		return of_role(s, source, out, err);
	enum status status = of_profile(s, source, false, out, err);
	if (status == STATUS_END)
		return err_set(err, STATUS_STOP, "credentials",
		               "profile %s: its source_profile %s has no credentials", profile,
		               source);
	return status;
}

static enum status of_named_source(struct search *s, const char *profile, const char *name,
                                   struct credentials *out, struct err *err)
{
	enum status status;
	if (strcmp(name, "Environment") == 0)
		status = source_environment(s, out, err);
	else if (strcmp(name, "EcsContainer") == 0)
		status = source_container(s, out, err);
	else if (strcmp(name, "Ec2InstanceMetadata") == 0)
		status = source_instance(s, out, err);
	else
		return err_set(err, STATUS_STOP, "credentials",
		               "profile %s: credential_source is none of Environment, "
		               "EcsContainer, Ec2InstanceMetadata",
		               profile);
	if (status == STATUS_END)
		return err_set(err, STATUS_STOP, "credentials",
		               "profile %s: its credential_source %s has no credentials", profile,
		               name);
	return status;
}

static enum status of_role(struct search *s, const char *profile, struct credentials *out,
                           struct err *err)
{
	const char *named = setting(s, profile, "credential_source");
	const char *source = setting(s, profile, "source_profile");
	struct credentials keys;
	enum status status;
	if (setting(s, profile, "mfa_serial"))
		return err_set(
		        err, STATUS_STOP, "credentials",
		        "profile %s wants a code of a second factor, which is asked for by the "
		        "AWS CLI: eval \"$(aws configure export-credentials --profile %s "
		        "--format env)\"",
		        profile, profile);
	if (!named == !source)
		return err_set(
		        err, STATUS_STOP, "credentials",
		        "profile %s has a role_arn and %s source_profile %s credential_source",
		        profile, named ? "both" : "neither", named ? "and" : "nor");
	if (s->n_visited == CREDENTIALS_ROLES)
		return err_set(err, STATUS_STOP, "credentials",
		               "profile %s: more than %d roles in a chain", profile,
		               CREDENTIALS_ROLES);
	s->visited[s->n_visited++] = profile;
	status = named ? of_named_source(s, profile, named, &keys, err)
	               : of_source_profile(s, profile, source, &keys, err);
	if (status == STATUS_OK)
		status = source_assume_role(s, profile, &keys, out, err);
	credentials_wipe(&keys);
	return status;
}

/* ---- the chain */

static enum status find(struct search *s, struct credentials *out, struct err *err)
{
	const struct credentials_options *o = s->options;
	bool named = o->explicit_profile || strcmp(o->profile, "default") != 0;
	enum status status = o->explicit_profile ? STATUS_END : source_environment(s, out, err);
	if (status == STATUS_END && named && !profiles_has(o->profiles, o->profile))
		return err_set(err, STATUS_STOP, "credentials",
		               "there is no profile %s in the AWS config and credentials files",
		               o->profile);
	if (status == STATUS_END && has_role(s, o->profile))
		return of_role(s, o->profile, out, err);
	if (status == STATUS_END)
		status = of_profile(s, o->profile, !o->explicit_profile, out, err);
	if (status == STATUS_END)
		status = source_container(s, out, err);
	if (status == STATUS_END)
		status = source_instance(s, out, err);
	if (status == STATUS_END)
		return err_set(
		        err, STATUS_STOP, "credentials",
		        "there are no AWS credentials: neither in the environment nor in profile "
		        "%s, and no service of a container or instance gives any (try 'aws sts "
		        "get-caller-identity')",
		        o->profile);
	return status;
}

static bool is_fresh(const struct credentials *c, int64_t margin)
{
	return c->expires == WHEN_LAST || c->expires - margin > (int64_t)time(NULL);
}

enum status credentials_get(struct credentials_chain *c, struct client *client, bool renew,
                            struct credentials *out, struct err *err)
{
	enum status status = STATUS_OK;
	pthread_mutex_lock(&c->lock);
	if (!c->found || renew || !is_fresh(&c->kept, CREDENTIALS_RENEW_BEFORE)) {
		struct search s = {.options = &c->options, .client = client};
		struct credentials fresh = {.expires = WHEN_LAST};
		status = find(&s, &fresh, err);
		if (status == STATUS_OK) {
			c->kept = fresh;
			c->found = true;
			memcpy(c->source, s.source, sizeof c->source);
		} else if (c->found && !renew && is_fresh(&c->kept, 0)) {
			status = STATUS_OK; /* they serve until they end; asked again then */
		}
		credentials_wipe(&fresh);
	}
	if (status == STATUS_OK)
		*out = c->kept;
	pthread_mutex_unlock(&c->lock);
	return status;
}

enum status credentials_keys(void *data, struct client *client, bool renew, struct credentials *out,
                             struct err *err)
{
	return credentials_get(data, client, renew, out, err);
}
