/* cloudtrail.c - events: the decoder of CloudTrail records. One walk over the record takes the
 * members the event has and checks the rest. Whatever type a member has, it is no error: one that
 * can't be used is absent, but an error never is.
 *
 * Sources: CloudTrail record contents, userIdentity element, Insights events (CloudTrail user
 * guide); logstash-codec-cloudtrail; S3 event message structure (S3 user guide), which also comes
 * in "Records". */
#include "config.h"

#include "base/limits.h"
#include "base/when.h"
#include "events/decoder.h"
#include "records/scan.h"

#include <stddef.h>

enum field_type {
	TEXT,    /* struct span: a scalar as text */
	ERROR,   /* the same, and what is no text is one that nobody knows */
	RAW,     /* struct span: any value but null, as written */
	FLAG,    /* enum tristate */
	INSIDE,  /* an object with fields of its own */
	SPECIAL, /* has code */
};

struct field {
	struct span key;
	enum field_type type;
	size_t offset; /* in struct event */
	const struct field *inside;
};

/* The fields are in the order in which CloudTrail writes them, so that the search for one nearly
 * always ends at the first look: behind the one before. */
#define END                              \
	{                                \
		{NULL, 0}, TEXT, 0, NULL \
	}
#define KEY(s)                   \
	{                        \
		s, sizeof(s) - 1 \
	}
#define AT(member) offsetof(struct event, member)

static const struct field issuer_fields[] = {
        {KEY("type"), TEXT, AT(identity.issuer.type), NULL},
        {KEY("principalId"), TEXT, AT(identity.issuer.principal_id), NULL},
        {KEY("arn"), TEXT, AT(identity.issuer.arn), NULL},
        {KEY("accountId"), TEXT, AT(identity.issuer.account), NULL},
        {KEY("userName"), TEXT, AT(identity.issuer.user_name), NULL},
        END,
};

static const struct field federation_fields[] = {
        {KEY("federatedProvider"), TEXT, AT(identity.federated_provider), NULL},
        END,
};

static const struct field attribute_fields[] = {
        {KEY("mfaAuthenticated"), FLAG, AT(identity.mfa), NULL},
        END,
};

static const struct field session_fields[] = {
        {KEY("sessionIssuer"), INSIDE, 0, issuer_fields},
        {KEY("webIdFederationData"), INSIDE, 0, federation_fields},
        {KEY("attributes"), INSIDE, 0, attribute_fields},
        {KEY("sourceIdentity"), TEXT, AT(identity.source_identity), NULL},
        END,
};

static const struct field behalf_fields[] = {
        {KEY("userId"), TEXT, AT(identity.on_behalf_of_user), NULL},
        {KEY("identityStoreArn"), TEXT, AT(identity.identity_store_arn), NULL},
        END,
};

static const struct field identity_fields[] = {
        {KEY("type"), TEXT, AT(identity.type), NULL},
        {KEY("principalId"), TEXT, AT(identity.principal_id), NULL},
        {KEY("arn"), TEXT, AT(identity.arn), NULL},
        {KEY("accountId"), TEXT, AT(identity.account), NULL},
        {KEY("accessKeyId"), TEXT, AT(identity.access_key), NULL},
        {KEY("userName"), TEXT, AT(identity.user_name), NULL},
        {KEY("sessionContext"), INSIDE, 0, session_fields},
        {KEY("invokedBy"), TEXT, AT(identity.invoked_by), NULL},
        {KEY("identityProvider"), TEXT, AT(identity.identity_provider), NULL},
        {KEY("onBehalfOf"), INSIDE, 0, behalf_fields},
        {KEY("credentialId"), TEXT, AT(identity.credential_id), NULL},
        END,
};

static const struct field tls_fields[] = {
        {KEY("tlsVersion"), TEXT, AT(tls_version), NULL},
        END,
};

static const struct field record_fields[] = {
        {KEY("eventVersion"), TEXT, AT(version), NULL},
        {KEY("userIdentity"), SPECIAL, 0, identity_fields},
        {KEY("eventTime"), SPECIAL, 0, NULL},
        {KEY("eventSource"), TEXT, AT(source), NULL},
        {KEY("eventName"), TEXT, AT(name), NULL},
        {KEY("awsRegion"), TEXT, AT(region), NULL},
        {KEY("sourceIPAddress"), TEXT, AT(source_ip), NULL},
        {KEY("userAgent"), TEXT, AT(user_agent), NULL},
        {KEY("errorCode"), ERROR, AT(error_code), NULL},
        {KEY("errorMessage"), ERROR, AT(error_message), NULL},
        {KEY("requestParameters"), RAW, AT(request), NULL},
        {KEY("responseElements"), RAW, AT(response), NULL},
        {KEY("additionalEventData"), RAW, AT(additional), NULL},
        {KEY("requestID"), TEXT, AT(request_id), NULL},
        {KEY("eventID"), TEXT, AT(id), NULL},
        {KEY("readOnly"), FLAG, AT(read_only), NULL},
        {KEY("resources"), SPECIAL, 0, NULL},
        {KEY("eventType"), TEXT, AT(type), NULL},
        {KEY("managementEvent"), FLAG, AT(management), NULL},
        {KEY("recipientAccountId"), TEXT, AT(recipient), NULL},
        {KEY("sharedEventID"), TEXT, AT(shared_id), NULL},
        {KEY("vpcEndpointId"), TEXT, AT(vpc_endpoint), NULL},
        {KEY("vpcEndpointAccountId"), TEXT, AT(vpc_endpoint_account), NULL},
        {KEY("tlsDetails"), INSIDE, 0, tls_fields},
        {KEY("s3"), SPECIAL, 0, NULL},
        {KEY("insightDetails"), SPECIAL, 0, NULL},
        {KEY("@timestamp"), SPECIAL, 0, NULL},
        {KEY("acsRegion"), SPECIAL, 0, NULL},
        END,
};

struct decoding {
	struct scan j;
	struct arena *arena;
	struct event *e;
	struct span time;  /* eventTime as text; SPAN_NONE if absent */
	struct span stamp; /* "@timestamp", under which Logstash's codec for CloudTrail puts it */
	bool alibaba;      /* a member that ActionTrail's records alone have */
	bool notification; /* an S3 event message */
	bool insight;
};

static enum tristate flag_of(struct span text)
{
	if (span_eq_ci(text, SPAN_LIT("true")))
		return TRI_YES;
	return span_eq_ci(text, SPAN_LIT("false")) ? TRI_NO : TRI_UNKNOWN;
}

static void take_fields(struct decoding *d, const struct field *fields);

static void take_resource(struct decoding *d, struct event_resource *out)
{
	struct span key;
	*out = (struct event_resource){.type = SPAN_NONE, .arn = SPAN_NONE, .account = SPAN_NONE};
	if (scan_peek(&d->j) != SCAN_OBJECT) {
		scan_skip(&d->j);
		return;
	}
	scan_enter(&d->j, SCAN_OBJECT);
	while (scan_next_key(&d->j, &key)) {
		struct span text;
		if (!scan_take_text(&d->j, d->arena, &text))
			return;
		if (span_is(key, "ARN") || span_is(key, "arn")) {
			out->arn = text;
			out->prefix = false;
		} else if (span_is(key, "ARNPrefix") && !out->arn.p) {
			out->arn = text;
			out->prefix = true;
		} else if (span_is(key, "type")) {
			out->type = text;
		} else if (span_is(key, "accountId")) {
			out->account = text;
		}
	}
}

static void take_resources(struct decoding *d)
{
	struct event_resource *list = NULL;
	size_t n = 0, room = 0;
	d->e->resources = NULL;
	d->e->n_resources = 0;
	if (scan_peek(&d->j) != SCAN_ARRAY) {
		scan_skip(&d->j);
		return;
	}
	scan_enter(&d->j, SCAN_ARRAY);
	while (scan_next_item(&d->j)) {
		if (n == LIMIT_RESOURCES) {
			scan_skip(&d->j);
			continue;
		}
		if (n == room) {
			struct event_resource *more;
			room = room ? room * 4 : 4;
			more = arena_alloc(d->arena, room * sizeof *more);
			if (n)
				memcpy(more, list, n * sizeof *list);
			list = more;
		}
		take_resource(d, &list[n]);
		n += list[n].arn.p != NULL || list[n].type.p != NULL;
	}
	d->e->resources = list;
	d->e->n_resources = n;
}

static void take_special(struct decoding *d, const struct field *f)
{
	if (f->inside) {
		/* A second userIdentity replaces the first as a whole. */
		memset(&d->e->identity, 0, sizeof d->e->identity);
		d->e->identity.present = scan_peek(&d->j) == SCAN_OBJECT;
		take_fields(d, f->inside);
	} else if (span_is(f->key, "eventTime")) {
		struct span text = SPAN_NONE;
		if (scan_take_text(&d->j, d->arena, &text))
			d->time = text;
	} else if (span_is(f->key, "@timestamp")) {
		struct span text = SPAN_NONE;
		if (scan_take_text(&d->j, d->arena, &text))
			d->stamp = text;
	} else if (span_is(f->key, "acsRegion")) {
		d->alibaba = true;
		scan_skip(&d->j);
	} else if (span_is(f->key, "resources")) {
		take_resources(d);
	} else {
		enum scan_kind kind = scan_peek(&d->j);
		if (kind == SCAN_OBJECT && span_is(f->key, "s3"))
			d->notification = true;
		else if (kind == SCAN_OBJECT)
			d->insight = true;
		scan_skip(&d->j);
	}
}

/* Without an error a call went through, so what is there and is no text must not read as none, nor
 * must a second one take back the first. */
static void take_error(struct decoding *d, struct span *to)
{
	enum scan_kind kind = scan_peek(&d->j);
	struct span text = SPAN_NONE;
	if (!scan_take_text(&d->j, d->arena, &text))
		return;
	if (kind == SCAN_OBJECT || kind == SCAN_ARRAY)
		text = SPAN_LIT("Unreadable");
	if (text.n)
		*to = to->n && !span_eq(*to, text) ? SPAN_LIT("Unreadable") : text;
}

static void take_field(struct decoding *d, const struct field *f)
{
	void *to = (char *)d->e + f->offset;
	struct span text = SPAN_NONE;
	switch (f->type) {
	case TEXT:
		if (scan_take_text(&d->j, d->arena, &text))
			*(struct span *)to = text;
		break;
	case ERROR: take_error(d, to); break;
	case RAW: {
		bool none = scan_peek(&d->j) == SCAN_NULL;
		if (scan_take_raw(&d->j, &text))
			*(struct span *)to = none ? SPAN_NONE : text;
		break;
	}
	case FLAG:
		if (scan_take_text(&d->j, d->arena, &text))
			*(enum tristate *)to = flag_of(text);
		break;
	case INSIDE: take_fields(d, f->inside); break;
	case SPECIAL: take_special(d, f); break;
	}
}

/* The field with this key, looked for from *next on. */
static const struct field *find_field(const struct field *fields, const struct field **next,
                                      struct span key)
{
	const struct field *f = *next;
	do {
		if (!f->key.p)
			f = fields;
		if (span_eq(f->key, key)) {
			*next = f + 1;
			return f;
		}
		f++;
	} while (f != *next && (f->key.p || *next != fields));
	return NULL;
}

/* A key may be spelled with escapes; CloudTrail's never is. */
static struct span unescaped(struct decoding *d, struct span key)
{
	char *text = arena_alloc(d->arena, key.n);
	return span_make(text, scan_unescape(key, text));
}

/* Recursion ends with the tables. */
static void take_fields(struct decoding *d, const struct field *fields)
{
	const struct field *next = fields;
	struct span key;
	if (scan_peek(&d->j) != SCAN_OBJECT) {
		scan_skip(&d->j);
		return;
	}
	scan_enter(&d->j, SCAN_OBJECT);
	while (scan_next_key(&d->j, &key)) {
		const struct field *f = find_field(fields, &next, key);
		if (!f && span_chr(key, '\\') >= 0)
			f = find_field(fields, &next, unescaped(d, key));
		if (f)
			take_field(d, f);
		else
			scan_skip(&d->j);
	}
}

/* ---- what it is */

static enum event_kind kind_of(const struct event *e)
{
	static const struct {
		const char *type;
		enum event_kind kind;
	} kinds[] = {
	        {"AwsApiCall", EVENT_CALL},
	        {"AwsServiceEvent", EVENT_SERVICE},
	        {"AwsConsoleAction", EVENT_CONSOLE_ACTION},
	        {"AwsConsoleSignIn", EVENT_SIGN_IN},
	        {"AwsVpceEvent", EVENT_NETWORK},
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (span_is(e->type, kinds[i].type))
			return kinds[i].kind;
	/* eventType is there since version 1.02; what was recorded before were API calls. */
	bool early = span_is(e->version, "1.0") || span_is(e->version, "1.00") ||
	             span_is(e->version, "1.01");
	return !e->type.p && early ? EVENT_CALL : EVENT_OTHER;
}

/* What comes in "Records" and is no CloudTrail record, or NULL. */
static const char *ignored_kind(const struct decoding *d)
{
	const struct event *e = d->e;
	if (span_is(e->type, "AwsCloudTrailInsight") || d->insight)
		return "insight";
	if (d->notification || span_is(e->source, "aws:s3"))
		return "s3-notification";
	return span_starts(e->source, SPAN_LIT("aws:")) ? "notification" : NULL;
}

/* The cloud whose audit log has the same shape as CloudTrail's, or NULL. Sources: ActionTrail event
 * structure (Alibaba Cloud), CloudAudit log fields (Tencent Cloud). */
static const char *other_cloud(const struct decoding *d)
{
	static const struct {
		const char *end, *cloud;
	} ends[] = {
	        {".aliyuncs.com", "Alibaba Cloud"},     {".aliyun.com", "Alibaba Cloud"},
	        {".alibabacloud.com", "Alibaba Cloud"}, {".tencentcloudapi.com", "Tencent Cloud"},
	        {".qcloud.com", "Tencent Cloud"},       {".tencent.com", "Tencent Cloud"},
	        {".myhuaweicloud.com", "Huawei Cloud"},
	};
	if (d->alibaba)
		return ends[0].cloud;
	if (span_ends(d->e->source, SPAN_LIT(".amazonaws.com")))
		return NULL;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (span_ends(d->e->source, span_of(ends[i].end)))
			return ends[i].cloud;
	return NULL;
}

/* Numbers are seconds, or milliseconds where seconds would lie far ahead (from the year 5138 on).
 */
static bool parse_time(struct span text, int64_t *out)
{
	uint64_t number;
	int64_t t;
	if (span_to_u64(text, &number) && number < UINT64_C(100000000000000))
		t = (int64_t)(number < UINT64_C(100000000000) ? number : number / 1000);
	else if (!when_parse(text, &t))
		return false;
	if (t < 0)
		return false;
	*out = t;
	return true;
}

static enum status finish(struct decoding *d, const struct event_sink *sink, struct err *err)
{
	struct event *e = d->e;
	const char *ignored = ignored_kind(d);
	if (ignored) {
		sink->ignored(sink->data, ignored);
		return STATUS_OK;
	}
	if (span_empty(e->source) && span_empty(e->name))
		return err_set(err, STATUS_SKIP, "not-cloudtrail",
		               "a record has neither 'eventSource' nor 'eventName'");
	if (span_empty(e->source) || span_empty(e->name))
		return err_set(err, STATUS_SKIP, "no-name", "'%s' is missing",
		               span_empty(e->name) ? "eventName" : "eventSource");
	const char *cloud = other_cloud(d);
	if (cloud)
		return err_set(err, STATUS_SKIP, "other-cloud",
		               "a record of %s, which only looks like one of AWS", cloud);
	if (!d->time.p)
		d->time = d->stamp;
	if (!d->time.p)
		return err_set(err, STATUS_SKIP, "no-time", "'eventTime' is missing");
	if (!parse_time(d->time, &e->time)) {
		int n = d->time.n < 60 ? (int)d->time.n : 60;
		return err_set(err, STATUS_SKIP, "bad-time", "'eventTime' is not a time: \"%.*s\"",
		               n, d->time.p);
	}
	e->kind = kind_of(e);
	sink->event(sink->data, e);
	return STATUS_OK;
}

static void begin(struct decoding *d, struct event *e, const struct record *rec,
                  struct arena *arena)
{
	*d = (struct decoding){.arena = arena, .e = e};
	memset(e, 0, sizeof *e);
	e->observer = OBSERVED_CLOUDTRAIL;
	e->text = rec->text;
	scan_init(&d->j, rec->text);
	take_fields(d, record_fields);
}

static enum status decode(void *state, const struct record *rec, struct arena *arena,
                          const struct event_sink *sink, struct err *err)
{
	struct event e;
	struct decoding d;
	begin(&d, &e, rec, arena);
	if (!scan_end(&d.j)) {
		err_at_offset(err, (uint64_t)(d.j.at - d.j.start));
		bool deep = strcmp(d.j.error, "nested too deep") == 0;
		return err_set(err, STATUS_SKIP, deep ? "too-deep" : "bad-json", "%s", d.j.error);
	}
	return finish(&d, sink, err);
}

static enum status decode_open(void *state, const struct record *rec, struct arena *arena,
                               const struct event_sink *sink, size_t *n, struct err *err)
{
	struct event e;
	struct decoding d;
	begin(&d, &e, rec, arena);
	*n = 0;
	if (d.j.error || d.j.depth)
		return STATUS_SKIP;
	*n = (size_t)(d.j.at - d.j.start);
	e.text.n = *n;
	return finish(&d, sink, err);
}

const struct decoder decoder_cloudtrail = {
        .form = RECORD_CLOUDTRAIL, .decode = decode, .decode_open = decode_open};
