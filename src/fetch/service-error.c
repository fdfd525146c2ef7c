/* service-error.c - fetch: see service-error.h. */
#include "config.h"

#include "fetch/service-error.h"

#include "fetch/endpoint.h"
#include "fetch/xml.h"

#include <jansson.h>

static void copy(char *out, size_t size, struct span s)
{
	size_t n = s.n < size ? s.n : size - 1;
	/* No character of several bytes is cut in two. */
	while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	memcpy(out, s.p ? s.p : "", n);
	out[n] = '\0';
	span_plain(out, n);
}

static void copy_xml(char *out, size_t size, struct span inside)
{
	struct buf b;
	buf_init(&b, 4096);
	xml_text(inside, &b);
	copy(out, size, span_trim(buf_span(&b)));
	buf_release(&b);
}

static void from_xml(struct span text, struct service_error *out)
{
	/* S3 has Error alone; STS and IAM have ErrorResponse around it. */
	struct span error = xml_path(text, "Error");
	if (!error.p)
		error = xml_path(text, "ErrorResponse/Error");
	copy_xml(out->code, sizeof out->code, xml_child(error, "Code"));
	copy_xml(out->message, sizeof out->message, xml_child(error, "Message"));
	struct span region = xml_child(error, "Region");
	if (endpoint_region_sound(region))
		copy(out->region, sizeof out->region, region);
}

static void from_json(struct span text, struct service_error *out)
{
	json_t *o = json_loadb(text.p, text.n, 0, NULL);
	const char *code = json_string_value(json_object_get(o, "__type"));
	const char *message = json_string_value(json_object_get(o, "message"));
	if (!code)
		code = json_string_value(json_object_get(o, "code"));
	if (!message)
		message = json_string_value(json_object_get(o, "Message"));
	struct span s = span_of(code ? code : "");
	ptrdiff_t hash = span_rchr(s, '#');
	if (hash >= 0)
		s = span_from(s, (size_t)hash + 1);
	ptrdiff_t colon = span_chr(s, ':');
	copy(out->code, sizeof out->code, colon >= 0 ? span_sub(s, 0, (size_t)colon) : s);
	copy(out->message, sizeof out->message, span_of(message ? message : ""));
	json_decref(o);
}

static bool is_one_of(const char *code, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(code, *list) == 0)
			return true;
	return false;
}

static bool about_signature(const char *code)
{
	static const char *const list[] = {
	        "SignatureDoesNotMatch",        "InvalidSignatureException",  "IncompleteSignature",
	        "IncompleteSignatureException", "MissingAuthenticationToken", NULL};
	return is_one_of(code, list);
}

void service_error_read(const struct http_answer *a, struct service_error *out)
{
	struct span text = span_trim(buf_span(&a->body));
	*out = (struct service_error){.code = ""};
	if (text.n && text.p[0] == '{')
		from_json(text, out);
	else
		from_xml(text, out);
	if (!out->region[0] && endpoint_region_sound(span_of(a->region)))
		memcpy(out->region, a->region, sizeof out->region);
	/* The canonical request that these quote holds the session token. Their word about the
	 * time is kept: it is told from others by it. */
	if (about_signature(out->code)) {
		bool expired = strstr(out->message, "Signature expired") != NULL ||
		               strstr(out->message, "Signature not yet current") != NULL;
		strcpy(out->message, expired ? "Signature expired" : "");
	}
}

enum remedy service_error_remedy(int status, const struct service_error *e)
{
	static const char *const clock[] = {"RequestTimeTooSkewed", "RequestExpired",
	                                    "RequestInTheFuture", NULL};
	static const char *const ended[] = {"ExpiredToken", "ExpiredTokenException",
	                                    "TokenRefreshRequired", NULL};
	static const char *const wait[] = {"SlowDown",
	                                   "Throttling",
	                                   "ThrottlingException",
	                                   "ThrottledException",
	                                   "RequestThrottled",
	                                   "TooManyRequestsException",
	                                   "RequestLimitExceeded",
	                                   "BandwidthLimitExceeded",
	                                   "RequestTimeout",
	                                   "RequestTimeoutException",
	                                   "InternalError",
	                                   "InternalFailure",
	                                   "InternalServiceError",
	                                   "ServiceUnavailable",
	                                   "ServiceUnavailableException",
	                                   "PriorRequestNotComplete",
	                                   "EC2ThrottledException",
	                                   "LimitExceededException",
	                                   NULL};
	static const char *const region[] = {
	        "PermanentRedirect", "AuthorizationHeaderMalformed",
	        "TemporaryRedirect", "IllegalLocationConstraintException",
	        "IncorrectEndpoint", NULL};
	if (is_one_of(e->code, clock) || strcmp(e->message, "Signature expired") == 0)
		return REMEDY_CLOCK;
	if (is_one_of(e->code, ended))
		return REMEDY_RENEW;
	if (e->region[0] && (is_one_of(e->code, region) || status == 301 || status == 307 ||
	                     (status == 400 && !e->code[0])))
		return REMEDY_REGION;
	if (is_one_of(e->code, wait) || status == 429 || status == 500 || status == 502 ||
	    status == 503 || status == 504 || status == 307)
		return REMEDY_WAIT;
	return REMEDY_NONE;
}
