/* ocsf.c - events: the decoder of OCSF events that Security Lake makes of CloudTrail's records: API
 * Activity (6003), and the classes of which some calls become, Account Change (3001) and
 * Authentication (3002). What has no place in OCSF stands in "unmapped" or is gone.
 *
 * Sources: API Activity, versions 1.0.0-rc.2 and 1.1.0 (OCSF schema); the mapping from CloudTrail
 * that goes with aws-samples/amazon-security-lake-ocsf-validation. */
#include "config.h"

#include "base/limits.h"
#include "base/when.h"
#include "events/decoder.h"
#include "records/scan.h"

#include <stddef.h>

struct ocsf {
	struct event e;
	struct span class_uid, product, provider, time, time_text, status, status_id;
	struct span user_id, user_id_2, user_id_3; /* an ARN or a principal id, by version */
	struct span request_text, response_text;   /* JSON as a string */
};

enum take { TEXT, FLAG, JSON };

static const struct field {
	const char
	        *path; /* members with '.' between; the last of a row with the same place counts */
	size_t offset;
	enum take take;
} fields[] = {
#define AT(member) offsetof(struct ocsf, member)
        {"class_uid", AT(class_uid), TEXT},
        {"metadata.product.name", AT(product), TEXT},
        {"metadata.product.version", AT(e.version), TEXT},
        {"metadata.uid", AT(e.id), TEXT},
        {"metadata.event_code", AT(e.type), TEXT},
        {"unmapped.eventType", AT(e.type), TEXT},
        {"cloud.provider", AT(provider), TEXT},
        {"cloud.region", AT(e.region), TEXT},
        {"cloud.account.uid", AT(e.recipient), TEXT},
        {"cloud.account_uid", AT(e.recipient), TEXT},
        {"accountid", AT(e.recipient), TEXT},
        {"unmapped.recipientAccountId", AT(e.recipient), TEXT},
        {"unmapped.sharedEventID", AT(e.shared_id), TEXT},
        {"unmapped.readOnly", AT(e.read_only), FLAG},
        {"unmapped.managementEvent", AT(e.management), FLAG},
        {"time", AT(time), TEXT},
        {"time_dt", AT(time_text), TEXT},
        {"status", AT(status), TEXT},
        {"status_id", AT(status_id), TEXT},
        {"api.operation", AT(e.name), TEXT},
        {"api.service.name", AT(e.source), TEXT},
        {"api.request.uid", AT(e.request_id), TEXT},
        {"api.request.data", AT(request_text), JSON},
        {"api.response.error", AT(e.error_code), TEXT},
        {"api.response.message", AT(e.error_message), TEXT},
        {"api.response.error_message", AT(e.error_message), TEXT},
        {"api.response.data", AT(response_text), JSON},
        {"actor.user.type", AT(e.identity.type), TEXT},
        {"actor.user.uid", AT(user_id), TEXT},
        {"actor.user.uid_alt", AT(user_id_2), TEXT},
        {"actor.user.uuid", AT(user_id_3), TEXT},
        {"actor.user.name", AT(e.identity.user_name), TEXT},
        {"actor.user.account.uid", AT(e.identity.account), TEXT},
        {"actor.user.account_uid", AT(e.identity.account), TEXT},
        {"actor.user.credential_uid", AT(e.identity.access_key), TEXT},
        {"actor.session.issuer", AT(e.identity.issuer.arn), TEXT},
        {"actor.session.is_mfa", AT(e.identity.mfa), FLAG},
        {"actor.session.mfa", AT(e.identity.mfa), FLAG},
        {"actor.invoked_by", AT(e.identity.invoked_by), TEXT},
        {"actor.idp.name", AT(e.identity.identity_provider), TEXT},
        {"http_request.user_agent", AT(e.user_agent), TEXT},
        {"src_endpoint.ip", AT(e.source_ip), TEXT},
        {"src_endpoint.domain", AT(e.source_ip), TEXT},
        {"src_endpoint.uid", AT(e.vpc_endpoint), TEXT},
#undef AT
};

enum { N_FIELDS = sizeof fields / sizeof fields[0], LONGEST_PATH = 64, DEEPEST = 4 };

struct walk {
	struct scan j;
	struct arena *arena;
	struct ocsf *o;
	char path[LONGEST_PATH]; /* of the member being looked at */
	size_t n;
};

static void take_resources(struct walk *w);
static void take_members(struct walk *w, unsigned depth);

static const struct field *find_field(const struct walk *w, bool *inside)
{
	const struct field *found = NULL;
	*inside = false;
	for (size_t i = 0; i < N_FIELDS; i++) {
		if (strncmp(fields[i].path, w->path, w->n) != 0)
			continue;
		if (fields[i].path[w->n] == '\0')
			found = &fields[i];
		*inside |= fields[i].path[w->n] == '.';
	}
	return found;
}

static void take_field(struct walk *w, const struct field *f)
{
	void *to = (char *)w->o + f->offset;
	enum scan_kind kind = scan_peek(&w->j);
	struct span text = SPAN_NONE;
	if (f->take == JSON && kind == SCAN_OBJECT) {
		scan_take_raw(&w->j, &text);
	} else if (!scan_take_text(&w->j, w->arena, &text)) {
		return;
	}
	if (f->take == FLAG)
		*(enum tristate *)to = span_eq_ci(text, SPAN_LIT("true"))    ? TRI_YES
		                       : span_eq_ci(text, SPAN_LIT("false")) ? TRI_NO
		                                                             : TRI_UNKNOWN;
	else if (text.n)
		*(struct span *)to = text;
}

static void take_member(struct walk *w, struct span key, unsigned depth)
{
	size_t before = w->n;
	bool inside = false;
	const struct field *f = NULL;
	if (w->n + key.n + 2 < LONGEST_PATH) {
		if (w->n)
			w->path[w->n++] = '.';
		memcpy(w->path + w->n, key.p, key.n);
		w->n += key.n;
		w->path[w->n] = '\0';
		f = find_field(w, &inside);
	}
	if (f)
		take_field(w, f);
	else if (depth == 0 && span_is(key, "resources") && scan_peek(&w->j) == SCAN_ARRAY)
		take_resources(w);
	else if (inside && depth < DEEPEST && scan_peek(&w->j) == SCAN_OBJECT)
		take_members(w, depth + 1);
	else
		scan_skip(&w->j);
	w->n = before;
}

static void take_members(struct walk *w, unsigned depth)
{
	struct span key;
	if (!scan_enter(&w->j, SCAN_OBJECT))
		return;
	while (scan_next_key(&w->j, &key))
		take_member(w, key, depth);
}

/* {"uid": ARN, "type": ..., "owner": {"account": {"uid": ...}}} or "account_uid". */
static void take_resource(struct walk *w, struct event_resource *out)
{
	struct span key, text;
	*out = (struct event_resource){.type = SPAN_NONE, .arn = SPAN_NONE, .account = SPAN_NONE};
	if (scan_peek(&w->j) != SCAN_OBJECT) {
		scan_skip(&w->j);
		return;
	}
	scan_enter(&w->j, SCAN_OBJECT);
	while (scan_next_key(&w->j, &key)) {
		if (!scan_take_text(&w->j, w->arena, &text))
			return;
		if (span_is(key, "uid") && span_starts(text, SPAN_LIT("arn:")))
			out->arn = text;
		else if (span_is(key, "type"))
			out->type = text;
		else if (span_is(key, "account_uid"))
			out->account = text;
	}
}

static void take_resources(struct walk *w)
{
	struct event_resource *list = NULL;
	size_t n = 0, room = 0;
	scan_enter(&w->j, SCAN_ARRAY);
	while (scan_next_item(&w->j)) {
		if (n == LIMIT_RESOURCES) {
			scan_skip(&w->j);
			continue;
		}
		if (n == room) {
			struct event_resource *more;
			room = room ? room * 4 : 4;
			more = arena_alloc(w->arena, room * sizeof *more);
			if (n)
				memcpy(more, list, n * sizeof *list);
			list = more;
		}
		take_resource(w, &list[n]);
		n += list[n].arn.p != NULL;
	}
	w->o->e.resources = list;
	w->o->e.n_resources = n;
}

/* ---- what it is */

static bool is_arn(struct span s)
{
	return span_starts(s, SPAN_LIT("arn:"));
}

static void set_identity(struct ocsf *o)
{
	struct event_identity *id = &o->e.identity;
	const struct span ids[] = {o->user_id, o->user_id_2, o->user_id_3};
	for (size_t i = 0; i < 3; i++) {
		if (is_arn(ids[i]))
			id->arn = ids[i];
		else if (ids[i].n)
			id->principal_id = ids[i];
	}
	id->present = id->arn.n || id->principal_id.n || id->type.n;
	/* OCSF keeps of the issuer its ARN alone. */
	if (span_find(id->issuer.arn, SPAN_LIT(":role/")) >= 0) {
		id->issuer.type = SPAN_LIT("Role");
		id->issuer.account = id->account;
		ptrdiff_t slash = span_rchr(id->issuer.arn, '/');
		id->issuer.user_name = span_from(id->issuer.arn, (size_t)slash + 1);
	}
}

/* A JSON object, or SPAN_NONE. */
static struct span object_text(struct span text)
{
	struct scan j;
	scan_init(&j, text);
	return text.n && scan_peek(&j) == SCAN_OBJECT && scan_skip(&j) && scan_end(&j) ? text
	                                                                               : SPAN_NONE;
}

static bool set_time(struct ocsf *o)
{
	uint64_t ms;
	if (o->time_text.p && when_parse(o->time_text, &o->e.time))
		return true;
	if (!span_to_u64(o->time, &ms))
		return false;
	o->e.time = (int64_t)(ms / 1000);
	return true;
}

static void set_kind(struct event *e)
{
	if (!e->type.p || span_is(e->type, "AwsApiCall"))
		e->kind = EVENT_CALL;
	else if (span_is(e->type, "AwsServiceEvent"))
		e->kind = EVENT_SERVICE;
	else if (span_is(e->type, "AwsConsoleSignIn"))
		e->kind = EVENT_SIGN_IN;
	else if (span_is(e->type, "AwsConsoleAction"))
		e->kind = EVENT_CONSOLE_ACTION;
	else
		e->kind = EVENT_OTHER;
}

static enum status finish(struct ocsf *o, const struct event_sink *sink, struct err *err)
{
	struct event *e = &o->e;
	bool class = span_is(o->class_uid, "6003") || span_is(o->class_uid, "3001") ||
	             span_is(o->class_uid, "3002");
	if (!class)
		return err_set(err, STATUS_SKIP, "not-cloudtrail",
		               "an OCSF event of class %.*s, which is no API call",
		               SPAN_ARG(span_sub(o->class_uid, 0, 20)));
	if (o->provider.p && !span_eq_ci(o->provider, SPAN_LIT("AWS")))
		return err_set(err, STATUS_SKIP, "other-cloud", "an OCSF event of another cloud");
	if (o->product.p && !span_is(o->product, "CloudTrail"))
		return err_set(err, STATUS_SKIP, "not-cloudtrail",
		               "an OCSF event that was not made of a CloudTrail record");
	if (!e->source.n || !e->name.n)
		return err_set(err, STATUS_SKIP, "no-name", "'api.%s' is missing",
		               e->name.n ? "service.name" : "operation");
	if (!set_time(o))
		return err_set(err, STATUS_SKIP, o->time.p ? "bad-time" : "no-time",
		               "'time' is missing or no time");
	/* A failure without a code must not pass for a success. */
	if (!e->error_code.n &&
	    (span_eq_ci(o->status, SPAN_LIT("Failure")) || span_is(o->status_id, "2")))
		e->error_code = SPAN_LIT("Failure");
	/* An object that was cut off would be one with fewer parameters, which permits more. */
	e->request = object_text(o->request_text);
	if (o->request_text.n && o->request_text.p[0] == '{' && !e->request.p)
		return err_set(err, STATUS_SKIP, "bad-row", "'api.request.data' is no JSON object");
	e->response = object_text(o->response_text);
	set_identity(o);
	set_kind(e);
	sink->event(sink->data, e);
	return STATUS_OK;
}

static enum status decode(void *state, const struct record *rec, struct arena *arena,
                          const struct event_sink *sink, struct err *err)
{
	struct ocsf o;
	struct walk w = {.arena = arena, .o = &o};
	memset(&o, 0, sizeof o);
	o.e.observer = OBSERVED_CLOUDTRAIL;
	o.e.text = rec->text;
	scan_init(&w.j, rec->text);
	take_members(&w, 0);
	if (!scan_end(&w.j)) {
		err_at_offset(err, (uint64_t)(w.j.at - w.j.start));
		bool deep = strcmp(w.j.error, "nested too deep") == 0;
		return err_set(err, STATUS_SKIP, deep ? "too-deep" : "bad-json", "%s", w.j.error);
	}
	return finish(&o, sink, err);
}

const struct decoder decoder_ocsf = {.form = RECORD_OCSF, .decode = decode};
