/* csm.c - events: reads one client-side monitoring datagram. See csm.h. */
#include "config.h"

#include "events/csm.h"

#include "base/alloc.h"

#include <jansson.h>
#include <stdlib.h>

/* Longer than any service id, operation, key or request id that an SDK sends; what is longer is no
 * monitoring event. */
enum { LIMIT_CSM_NAME = 256 };
/* Caps of the monitoring format: user agent 256, message 512 characters. */
enum { LIMIT_CSM_TEXT = 2048 };

struct csm_reader {
	json_t *root;
};

struct csm_reader *csm_reader_new(void)
{
	return xcalloc(1, sizeof(struct csm_reader));
}

void csm_reader_free(struct csm_reader *r)
{
	if (!r)
		return;
	json_decref(r->root);
	free(r);
}

/* An absent member is fine and so is a null; false for another type or for a text over the limit.
 */
static bool get_text(const json_t *o, const char *member, size_t limit, struct span *out)
{
	const json_t *v = json_object_get(o, member);
	*out = SPAN_NONE;
	if (!v || json_is_null(v))
		return true;
	if (!json_is_string(v) || json_string_length(v) > limit)
		return false;
	*out = span_make(json_string_value(v), json_string_length(v));
	return true;
}

static bool get_number(const json_t *o, const char *member, int64_t max, int64_t *out)
{
	const json_t *v = json_object_get(o, member);
	*out = 0;
	if (!v || json_is_null(v))
		return true;
	if (json_is_real(v)) {
		double d = json_real_value(v);
		if (!(d >= 0 && d <= (double)max))
			return false;
		*out = (int64_t)d;
		return true;
	}
	if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > max)
		return false;
	*out = (int64_t)json_integer_value(v);
	return true;
}

static bool get_first_text(const json_t *o, const char *const members[], struct span *out)
{
	for (size_t i = 0; members[i]; i++) {
		if (!get_text(o, members[i], LIMIT_CSM_NAME, out))
			return false;
		if (!span_empty(*out))
			return true;
	}
	return true;
}

/* Year 9999: a clock that is off stays representable everywhere. */
static const int64_t max_time_ms = 253402300799000;

static bool read_common(const json_t *o, struct csm_datagram *d)
{
	return get_text(o, "Service", LIMIT_CSM_NAME, &d->service) && !span_empty(d->service) &&
	       get_text(o, "Api", LIMIT_CSM_NAME, &d->api) && !span_empty(d->api) &&
	       get_text(o, "ClientId", LIMIT_CSM_NAME, &d->client_id) &&
	       get_text(o, "Region", LIMIT_CSM_NAME, &d->region) &&
	       get_text(o, "UserAgent", LIMIT_CSM_TEXT, &d->user_agent) &&
	       get_number(o, "Timestamp", max_time_ms, &d->time_ms);
}

static bool read_attempt(const json_t *o, struct csm_datagram *d)
{
	static const char *const ids[] = {"XAmznRequestId", "XAmzRequestId", NULL};
	int64_t status = 0;
	bool ok = get_number(o, "AttemptLatency", max_time_ms, &d->latency_ms) &&
	          get_number(o, "HttpStatusCode", 999, &status) &&
	          get_text(o, "AccessKey", LIMIT_CSM_NAME, &d->access_key) &&
	          get_first_text(o, ids, &d->request_id) &&
	          get_text(o, "AwsException", LIMIT_CSM_TEXT, &d->exception) &&
	          get_text(o, "AwsExceptionMessage", LIMIT_CSM_BYTES, &d->exception_message) &&
	          get_text(o, "SdkException", LIMIT_CSM_TEXT, &d->sdk_exception);
	d->status = (unsigned)status;
	d->attempts = 1;
	return ok;
}

static bool read_call(const json_t *o, struct csm_datagram *d)
{
	static const char *const ids[] = {"XAmznRequestId", "XAmzRequestId", NULL};
	int64_t status = 0, attempts = 0;
	bool ok = get_number(o, "Latency", max_time_ms, &d->latency_ms) &&
	          get_number(o, "FinalHttpStatusCode", 999, &status) &&
	          get_number(o, "AttemptCount", 1000, &attempts) &&
	          get_first_text(o, ids, &d->request_id) &&
	          get_text(o, "FinalAwsException", LIMIT_CSM_TEXT, &d->exception) &&
	          get_text(o, "FinalAwsExceptionMessage", LIMIT_CSM_BYTES, &d->exception_message) &&
	          get_text(o, "FinalSdkException", LIMIT_CSM_TEXT, &d->sdk_exception);
	d->status = (unsigned)status;
	d->attempts = attempts ? (unsigned)attempts : 1;
	return ok;
}

enum status csm_parse(struct csm_reader *r, struct span text, struct csm_datagram *out,
                      struct err *err)
{
	json_error_t why;
	if (text.n > LIMIT_CSM_BYTES)
		return err_set(err, STATUS_SKIP, "too-large", "longer than a datagram can be");
	json_decref(r->root);
	r->root = json_loadb(text.p ? text.p : "", text.n, 0, &why);
	if (!r->root)
		/* why.text quotes from the datagram, which may hold a session token */
		return err_set(err, STATUS_SKIP, "bad-json", "no JSON at byte %d", why.position);
	const json_t *o = r->root;
	struct span type = SPAN_NONE;
	struct csm_datagram d = {.type = 0};
	bool ok = json_is_object(o) && get_text(o, "Type", LIMIT_CSM_NAME, &type);
	if (ok && span_is(type, "ApiCall"))
		d.type = CSM_CALL;
	else if (ok && span_is(type, "ApiCallAttempt"))
		d.type = CSM_ATTEMPT;
	ok = d.type && read_common(o, &d) &&
	     (d.type == CSM_CALL ? read_call(o, &d) : read_attempt(o, &d));
	if (!ok)
		return err_set(err, STATUS_SKIP, "not-csm", "JSON, but no monitoring event");
	*out = d;
	return STATUS_OK;
}
