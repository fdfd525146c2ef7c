/* credential-services.c - fetch: see credential-sources.h: those that are asked over the network:
 * the container's and the instance's, and STS. */
#include "config.h"

#include "fetch/credential-sources.h"

#include "base/read-file.h"
#include "base/when.h"
#include "fetch/json-api.h"
#include "fetch/xml.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	LOCAL_SECONDS = 2, /* botocore's for containers */
	LOCAL_ATTEMPTS = 3,
	LIMIT_LOCAL_ANSWER = 64 << 10,
	LIMIT_TOKEN_FILE = 64 << 10, /* a web identity token has at most 20,000 characters */
};

/* ---- services of this machine */

/* A plain request, tried again a few times. STATUS_OK with a 2xx answer, STATUS_SKIP with another,
 * STATUS_FILE without any. */
static enum status ask_local(struct search *s, const char *method, const char *url,
                             const char *lines, unsigned attempts, struct http_answer *a,
                             struct err *err)
{
	const struct http_request q = {.method = method,
	                               .url = url,
	                               .lines = span_of(lines),
	                               .direct = strncmp(url, "http://", 7) == 0,
	                               .timeout = LOCAL_SECONDS};
	for (unsigned n = 0; n < attempts; n++) {
		if (n && !client_pause(s->client, 1000))
			break;
		enum http_result result = http_perform(client_http(s->client), &q, a, err);
		if (result == HTTP_STOPPED)
			break;
		if (result == HTTP_DONE && a->status >= 200 && a->status < 300)
			return STATUS_OK;
		if (result == HTTP_DONE && a->status < 500)
			return STATUS_SKIP;
	}
	return STATUS_FILE;
}

static void wipe(struct http_answer *a)
{
	if (a->body.p)
		sodium_memzero(a->body.p, a->body.room);
	http_answer_release(a);
}

/* Over plain HTTP only to this machine, and to the addresses that ECS and EKS document: whoever
 * sets the environment must not be able to send the token elsewhere. */
static bool is_local_url(const char *url)
{
	struct span rest = span_of(url);
	struct in_addr v4;
	char text[64];
	if (span_starts_ci(rest, SPAN_LIT("https://")))
		return true;
	if (!span_starts_ci(rest, SPAN_LIT("http://")))
		return false;
	rest = span_from(rest, 7);
	struct span host = span_cut(&rest, '/');
	if (span_starts(host, SPAN_LIT("[fd00:ec2::23]")) || span_starts(host, SPAN_LIT("[::1]")))
		return true;
	host = span_cut(&host, ':');
	if (span_is(host, "localhost") || span_is(host, "169.254.170.2") ||
	    span_is(host, "169.254.170.23"))
		return true;
	snprintf(text, sizeof text, "%.*s", host.n < sizeof text ? (int)host.n : 0, host.p);
	return inet_pton(AF_INET, text, &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127;
}

static enum status container_lines(struct buf *lines, struct err *err)
{
	const char *file = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *token = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	struct buf text;
	struct err why;
	err_clear(&why);
	buf_init(&text, LIMIT_TOKEN_FILE);
	enum status status = STATUS_OK;
	bool own = file && *file;
	if (own && file_read(file, &text, &why) != STATUS_OK)
		status = err_set(err, STATUS_STOP, "credentials",
		                 "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE %s", why.text);
	else if (own &&
	         (span_chr(buf_span(&text), '\n') >= 0 || span_chr(buf_span(&text), '\r') >= 0))
		status = err_set(err, STATUS_STOP, "credentials",
		                 "the token for the container's credentials holds a line's end");
	else if (!own && token && strpbrk(token, "\r\n"))
		status = err_set(err, STATUS_STOP, "credentials",
		                 "AWS_CONTAINER_AUTHORIZATION_TOKEN holds a line's end");
	else if (own || (token && *token))
		buf_addf(lines, "Authorization: %s\n", own ? buf_str(&text) : token);
	buf_add_str(lines, "Accept: application/json\n");
	if (text.p)
		sodium_memzero(text.p, text.n);
	buf_release(&text);
	return status;
}

enum status source_container(struct search *s, struct credentials *out, struct err *err)
{
	const char *relative = getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	char url[2048];
	struct http_answer a;
	struct buf lines;
	struct err why;
	if ((!relative || !*relative) && (!full || !*full))
		return STATUS_END;
	int n = relative && *relative
	                ? snprintf(url, sizeof url, "http://169.254.170.2%s", relative)
	                : snprintf(url, sizeof url, "%s", full);
	if (n >= (int)sizeof url || !is_local_url(url))
		return err_set(err, STATUS_STOP, "credentials",
		               "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https:// nor this "
		               "machine's");
	err_clear(&why);
	buf_init(&lines, 2 * LIMIT_TOKEN_FILE);
	http_answer_init(&a, LIMIT_LOCAL_ANSWER);
	enum status status = container_lines(&lines, err);
	if (status == STATUS_OK &&
	    ask_local(s, "GET", url, buf_str(&lines), LOCAL_ATTEMPTS, &a, &why) != STATUS_OK)
		status = err_set(err, STATUS_STOP, "credentials",
		                 "the container's credentials can't be had: %s%d",
		                 a.status ? "status " : "no answer, ", a.status);
	else if (status == STATUS_OK && !credentials_from_json(buf_span(&a.body), "Token", out))
		status = err_set(err, STATUS_STOP, "credentials",
		                 "the container's service gave no credentials");
	if (lines.p)
		sodium_memzero(lines.p, lines.n);
	buf_release(&lines);
	wipe(&a);
	snprintf(s->source, sizeof s->source, "the container's service");
	return status;
}

static const char *instance_base(const struct search *s)
{
	const char *own = getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	const char *mode = getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
	if (!own || !*own)
		own = profiles_get(s->options->profiles, PROFILES_EITHER, s->options->profile,
		                   "ec2_metadata_service_endpoint");
	if (own && *own)
		return own;
	return mode && span_eq_ci(span_of(mode), SPAN_LIT("ipv6")) ? "http://[fd00:ec2::254]"
	                                                           : "http://169.254.169.254";
}

/* A role's name as IAM has it: what else comes is no answer of the metadata service. */
static bool is_role_name(const char *s)
{
	return *s && strlen(s) <= 128 &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-") ==
	               strlen(s);
}

static enum status instance_role(struct search *s, const char *base, struct http_answer *a,
                                 struct buf *lines, struct err *err)
{
	char url[1024];
	enum status status;
	snprintf(url, sizeof url, "%s/latest/api/token", base);
	if (ask_local(s, "PUT", url, "X-aws-ec2-metadata-token-ttl-seconds: 21600\n", 1, a, err) !=
	            STATUS_OK ||
	    strpbrk(buf_str(&a->body), "\r\n"))
		return STATUS_END; /* no such service here */
	buf_addf(lines, "X-aws-ec2-metadata-token: %s\n", buf_str(&a->body));
	snprintf(url, sizeof url, "%s/latest/meta-data/iam/security-credentials/", base);
	status = ask_local(s, "GET", url, buf_str(lines), LOCAL_ATTEMPTS, a, err);
	if (status != STATUS_OK)
		return STATUS_END; /* an instance without a role */
	char role[132];
	struct span name = span_trim(buf_span(&a->body));
	snprintf(role, sizeof role, "%.*s", name.n < sizeof role ? (int)name.n : 0, name.p);
	if (!is_role_name(role))
		return STATUS_END;
	snprintf(url, sizeof url, "%s/latest/meta-data/iam/security-credentials/%s", base, role);
	snprintf(s->source, sizeof s->source, "the instance's role %s", role);
	status = ask_local(s, "GET", url, buf_str(lines), LOCAL_ATTEMPTS, a, err);
	return status == STATUS_OK ? STATUS_OK
	                           : err_set(err, STATUS_STOP, "credentials",
	                                     "the instance's metadata service gave no credentials");
}

enum status source_instance(struct search *s, struct credentials *out, struct err *err)
{
	const char *disabled = getenv("AWS_EC2_METADATA_DISABLED");
	char base[512];
	struct http_answer a;
	struct buf lines;
	struct err why;
	if (disabled && span_eq_ci(span_of(disabled), SPAN_LIT("true")))
		return STATUS_END;
	struct span b = span_of(instance_base(s));
	while (b.n && b.p[b.n - 1] == '/')
		b.n--;
	if (snprintf(base, sizeof base, "%.*s", SPAN_ARG(b)) >= (int)sizeof base)
		return STATUS_END;
	err_clear(&why);
	buf_init(&lines, LIMIT_LOCAL_ANSWER);
	http_answer_init(&a, LIMIT_LOCAL_ANSWER);
	enum status status = instance_role(s, base, &a, &lines, &why);
	if (status == STATUS_STOP)
		*err = why;
	else if (status == STATUS_OK && !credentials_from_json(buf_span(&a.body), "Token", out))
		status = err_set(err, STATUS_STOP, "credentials",
		                 "the instance's metadata service gave no credentials");
	if (lines.p)
		sodium_memzero(lines.p, lines.n);
	buf_release(&lines);
	wipe(&a);
	return status;
}

/* ---- STS */

static enum status given_keys(void *data, struct client *c, bool renew, struct credentials *out,
                              struct err *err)
{
	*out = *(const struct credentials *)data;
	return STATUS_OK;
}

static bool read_keys(struct span text, const char *path, struct credentials *out)
{
	struct span keys = xml_path(text, path), end = xml_child(keys, "Expiration");
	struct buf access_key, secret, token;
	buf_init(&access_key, sizeof out->access_key);
	buf_init(&secret, sizeof out->secret);
	buf_init(&token, sizeof out->token);
	bool fine =
	        xml_text(xml_child(keys, "AccessKeyId"), &access_key) &&
	        xml_text(xml_child(keys, "SecretAccessKey"), &secret) &&
	        xml_text(xml_child(keys, "SessionToken"), &token) &&
	        credentials_fill(out, buf_str(&access_key), buf_str(&secret), buf_str(&token)) &&
	        when_parse(end, &out->expires);
	if (secret.p)
		sodium_memzero(secret.p, secret.n);
	if (token.p)
		sodium_memzero(token.p, token.n);
	buf_release(&access_key);
	buf_release(&secret);
	buf_release(&token);
	return fine;
}

/* source NULL: not signed. what: for messages. */
static enum status ask_sts(struct search *s, const struct credentials *source, struct buf *form,
                           const char *path, const char *profile, struct credentials *out,
                           struct err *err)
{
	static const struct sign_pair type[] = {
	        {SPAN_LIT("Content-Type"),
	         SPAN_LIT("application/x-www-form-urlencoded; charset=utf-8")}};
	struct http_answer a;
	struct err why;
	const struct client_request q = {.service = "sts",
	                                 .region = span_of(s->options->region),
	                                 .method = "POST",
	                                 .path = SPAN_LIT("/"),
	                                 .headers = type,
	                                 .n_headers = 1,
	                                 .body = buf_span(form),
	                                 .keys = source ? given_keys : NULL,
	                                 .keys_data = (void *)(uintptr_t)source};
	err_clear(&why);
	http_answer_init(&a, LIMIT_LOCAL_ANSWER);
	enum status status = client_call(s->client, &q, &a, NULL, NULL, &why);
	if (status != STATUS_OK)
		status = err_set(err, STATUS_STOP, "credentials",
		                 "profile %s: no role was assumed: %s", profile, why.text);
	else if (!read_keys(buf_span(&a.body), path, out))
		status = err_set(err, STATUS_STOP, "credentials",
		                 "profile %s: STS gave no credentials", profile);
	wipe(&a);
	return status;
}

static const char *session_name(const char *own, char text[64])
{
	if (own && *own)
		return own;
	snprintf(text, 64, "iamreplay-%lld", (long long)time(NULL));
	return text;
}

enum status source_assume_role(struct search *s, const char *profile,
                               const struct credentials *source, struct credentials *out,
                               struct err *err)
{
	const struct profiles *p = s->options->profiles;
	const char *id = profiles_get(p, PROFILES_EITHER, profile, "external_id");
	const char *seconds = profiles_get(p, PROFILES_EITHER, profile, "duration_seconds");
	char name[64];
	uint64_t number;
	struct buf form;
	buf_init(&form, 1 << 16);
	form_add(&form, "Action", SPAN_LIT("AssumeRole"));
	form_add(&form, "Version", SPAN_LIT("2011-06-15"));
	form_add(&form, "RoleArn", span_of(profiles_get(p, PROFILES_EITHER, profile, "role_arn")));
	form_add(&form, "RoleSessionName",
	         span_of(session_name(
	                 profiles_get(p, PROFILES_EITHER, profile, "role_session_name"), name)));
	if (id)
		form_add(&form, "ExternalId", span_of(id));
	if (seconds && span_to_u64(span_of(seconds), &number))
		form_add(&form, "DurationSeconds", span_of(seconds));
	enum status status =
	        ask_sts(s, source, &form, "AssumeRoleResponse/AssumeRoleResult/Credentials",
	                profile, out, err);
	if (form.p)
		sodium_memzero(form.p, form.n);
	buf_release(&form);
	snprintf(s->source, sizeof s->source, "profile %s's role", profile);
	return status;
}

enum status source_web_identity(struct search *s, const char *profile, bool environment,
                                struct credentials *out, struct err *err)
{
	const struct profiles *p = s->options->profiles;
	const char *file = environment ? getenv("AWS_WEB_IDENTITY_TOKEN_FILE") : NULL;
	const char *role = environment ? getenv("AWS_ROLE_ARN") : NULL;
	const char *session = environment ? getenv("AWS_ROLE_SESSION_NAME") : NULL;
	char name[64];
	struct buf token, form;
	struct err why;
	if (!file)
		file = profiles_get(p, PROFILES_EITHER, profile, "web_identity_token_file");
	if (!file || !*file)
		return STATUS_END;
	if (!role)
		role = profiles_get(p, PROFILES_EITHER, profile, "role_arn");
	if (!role || !*role)
		return err_set(err, STATUS_STOP, "credentials",
		               "there is a web identity token file, but neither AWS_ROLE_ARN nor a "
		               "role_arn in profile %s",
		               profile);
	if (!session)
		session = profiles_get(p, PROFILES_EITHER, profile, "role_session_name");
	err_clear(&why);
	buf_init(&token, LIMIT_TOKEN_FILE);
	buf_init(&form, 4 * LIMIT_TOKEN_FILE);
	enum status status = file_read(file, &token, &why);
	if (status == STATUS_OK) {
		form_add(&form, "Action", SPAN_LIT("AssumeRoleWithWebIdentity"));
		form_add(&form, "Version", SPAN_LIT("2011-06-15"));
		form_add(&form, "RoleArn", span_of(role));
		form_add(&form, "RoleSessionName", span_of(session_name(session, name)));
		form_add(&form, "WebIdentityToken", span_trim(buf_span(&token)));
		status = ask_sts(s, NULL, &form,
		                 "AssumeRoleWithWebIdentityResponse/"
		                 "AssumeRoleWithWebIdentityResult/Credentials",
		                 profile, out, err);
	} else {
		status = err_set(err, STATUS_STOP, "credentials", "%s: %s", file, why.text);
	}
	if (token.p)
		sodium_memzero(token.p, token.n);
	if (form.p)
		sodium_memzero(form.p, form.n);
	buf_release(&token);
	buf_release(&form);
	snprintf(s->source, sizeof s->source, "a web identity");
	return status;
}
