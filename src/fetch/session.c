/* session.c - fetch: see session.h. */
#include "config.h"

#include "fetch/session.h"

#include "base/alloc.h"
#include "base/when.h"
#include "fetch/json-api.h"
#include "fetch/xml.h"

#include <stdio.h>
#include <stdlib.h>

enum { TIMEOUT = 60, MOST_ATTEMPTS = 100 };

struct session {
	const struct session_options *options;
	struct profiles *profiles;
	const char *profile, *region;
	struct client_settings settings;
	struct credentials_chain *chain;
	atomic_llong told; /* when a wait was told last, ms */
};

static const char *of_environment(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

static const char *of_profile(const struct session *s, const char *key)
{
	const char *value = profiles_get(s->profiles, PROFILES_EITHER, s->profile, key);
	return value && *value ? value : NULL;
}

/* The environment's word, else the profile's. */
static const char *setting(const struct session *s, const char *variable, const char *key)
{
	const char *value = of_environment(variable);
	return value ? value : of_profile(s, key);
}

static bool is_on(const char *value)
{
	return value && span_eq_ci(span_of(value), SPAN_LIT("true"));
}

/* ---- endpoints */

/* https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html: by the name in hosts. */
static const struct {
	const char *service, *variable, *key;
} names[] = {
        {"s3", "AWS_ENDPOINT_URL_S3", "s3.endpoint_url"},
        {"sts", "AWS_ENDPOINT_URL_STS", "sts.endpoint_url"},
        {"iam", "AWS_ENDPOINT_URL_IAM", "iam.endpoint_url"},
        {"cloudtrail", "AWS_ENDPOINT_URL_CLOUDTRAIL", "cloudtrail.endpoint_url"},
        {"logs", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "cloudwatch_logs.endpoint_url"},
        {"athena", "AWS_ENDPOINT_URL_ATHENA", "athena.endpoint_url"},
};

static const char *of_services(const struct session *s, const char *key)
{
	const char *name = of_profile(s, "services");
	char section[256];
	if (!name || snprintf(section, sizeof section, "services %s", name) >= (int)sizeof section)
		return NULL;
	return profiles_get(s->profiles, PROFILES_CONFIG, section, key);
}

static const char *endpoint_url(void *data, const char *service)
{
	const struct session *s = data;
	const char *url = NULL, *key = NULL;
	if (s->options->endpoint_url && strcmp(service, s->options->service) == 0)
		return s->options->endpoint_url;
	if (is_on(setting(s, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
	                  "ignore_configured_endpoint_urls")))
		return NULL;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i].service, service) == 0) {
			url = of_environment(names[i].variable);
			key = names[i].key;
		}
	if (!url)
		url = of_environment("AWS_ENDPOINT_URL");
	if (!url && key)
		url = of_services(s, key);
	return url ? url : of_profile(s, "endpoint_url");
}

/* ---- opening */

static void set_profile(struct session *s)
{
	s->profile = s->options->profile;
	if (!s->profile)
		s->profile = of_environment("AWS_PROFILE");
	if (!s->profile)
		s->profile = of_environment("AWS_DEFAULT_PROFILE");
	if (!s->profile)
		s->profile = "default";
}

static void set_region(struct session *s)
{
	s->region = s->options->region;
	if (!s->region)
		s->region = of_environment("AWS_REGION");
	if (!s->region)
		s->region = setting(s, "AWS_DEFAULT_REGION", "region");
	if (!s->region)
		s->region = "";
}

static void set_client(struct session *s)
{
	const struct session_options *o = s->options;
	const char *attempts = setting(s, "AWS_MAX_ATTEMPTS", "max_attempts");
	uint64_t n;
	s->settings.http = (struct http_settings){
	        .ca_bundle = setting(s, "AWS_CA_BUNDLE", "ca_bundle"),
	        .timeout = o->timeout ? o->timeout : TIMEOUT,
	        .stop = o->stop,
	};
	s->settings.attempts = CLIENT_ATTEMPTS;
	if (attempts && span_to_u64(span_of(attempts), &n) && n >= 1 && n <= MOST_ATTEMPTS)
		s->settings.attempts = (unsigned)n;
	s->settings.dual_stack = o->dual_stack || is_on(setting(s, "AWS_USE_DUALSTACK_ENDPOINT",
	                                                        "use_dualstack_endpoint"));
	s->settings.fips =
	        o->fips || is_on(setting(s, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"));
	s->settings.endpoint_url = endpoint_url;
	s->settings.data = s;
}

static void trace(void *data, const char *line)
{
	const struct session *s = data;
	s->options->trace(s->options->trace_data, line);
}

static void waiting(void *data, const char *line)
{
	enum { BETWEEN_MS = 5000 };
	struct session *s = data;
	long long now = (long long)when_steady_ms(), before = atomic_load(&s->told);
	if ((before && now - before < BETWEEN_MS) ||
	    !atomic_compare_exchange_strong(&s->told, &before, now))
		return;
	s->options->waiting(s->options->trace_data, line);
}

enum status session_open(const struct session_options *options, struct session **out,
                         struct err *err)
{
	struct session *s = xcalloc(1, sizeof *s);
	s->options = options;
	enum status status = profiles_read(&s->profiles, err);
	if (status != STATUS_OK) {
		free(s);
		return status;
	}
	set_profile(s);
	set_region(s);
	set_client(s);
	if (options->trace)
		s->settings.trace = trace;
	if (options->waiting) {
		s->settings.http.waiting = waiting;
		s->settings.http.data = s;
	}
	if (*s->region && !endpoint_region_sound(span_of(s->region))) {
		err_set(err, STATUS_STOP, "region", "'%s' is no region's name", s->region);
		profiles_free(s->profiles);
		free(s);
		return STATUS_STOP;
	}
	const struct credentials_options chain = {
	        .profiles = s->profiles,
	        .profile = s->profile,
	        .explicit_profile = options->profile != NULL,
	        .region = s->region,
	};
	s->chain = credentials_new(&chain);
	http_start();
	*out = s;
	return STATUS_OK;
}

void session_close(struct session *s)
{
	if (!s)
		return;
	http_stop();
	credentials_free(s->chain);
	profiles_free(s->profiles);
	free(s);
}

/* ---- what it says */

const char *session_region(const struct session *s)
{
	return s->region;
}

const char *session_source(const struct session *s)
{
	return credentials_source(s->chain);
}

struct client *session_client(struct session *s)
{
	return client_new(&s->settings);
}

void session_sign(struct session *s, struct client_request *request)
{
	request->keys = s->options->no_sign_request ? NULL : credentials_keys;
	request->keys_data = s->chain;
}

enum status session_account(struct session *s, struct client *c, char out[16], struct err *err)
{
	struct http_answer a;
	http_answer_init(&a, 1 << 16);
	enum status status =
	        form_api_call(s, c, "sts", SPAN_LIT("Action=GetCallerIdentity&Version=2011-06-15"),
	                      &a, NULL, err);
	struct span account = xml_path(buf_span(&a.body),
	                               "GetCallerIdentityResponse/GetCallerIdentityResult/Account");
	bool sound = account.n == 12;
	for (size_t i = 0; i < account.n; i++)
		sound = sound && ascii_digit(account.p[i]);
	if (status == STATUS_OK && !sound)
		status = err_set(err, STATUS_FILE, "answer", "STS names no account");
	if (status == STATUS_OK)
		snprintf(out, 16, "%.*s", SPAN_ARG(account));
	http_answer_release(&a);
	return status;
}
