/* columns.c - records: see columns.h. Sources: "Query AWS CloudTrail logs" (Amazon Athena user
 * guide); "Downloading events" (CloudTrail user guide); Event (CloudTrail API); AWSCloudTrail
 * (Azure Monitor table reference). */
#include "config.h"

#include "records/columns.h"

#include "records/hive.h"
#include "records/scan.h"

enum column_type {
	TEXT,
	FLAG,
	OBJECT,    /* JSON, as text; one that is none makes the record a lost one */
	IDENTITY,  /* JSON or Hive's form */
	RESOURCES, /* the same, or a list of names as LookupEvents gives it */
	TLS,
};

enum group { RECORD, USER, SESSION, ISSUER, ATTRIBUTES, TLS_GROUP };

struct column {
	const char *name; /* lower case, letters and digits */
	enum group group;
	const char *member;
	enum column_type type;
};

static const struct column columns[] = {
        {"eventversion", RECORD, "eventVersion", TEXT},
        {"eventid", RECORD, "eventID", TEXT},
        {"awseventid", RECORD, "eventID", TEXT},
        {"eventtime", RECORD, "eventTime", TEXT},
        {"timegenerated", RECORD, "@timestamp", TEXT},
        {"timegeneratedutc", RECORD, "@timestamp", TEXT},
        {"eventsource", RECORD, "eventSource", TEXT},
        {"eventname", RECORD, "eventName", TEXT},
        {"awsregion", RECORD, "awsRegion", TEXT},
        {"sourceipaddress", RECORD, "sourceIPAddress", TEXT},
        {"useragent", RECORD, "userAgent", TEXT},
        {"errorcode", RECORD, "errorCode", TEXT},
        {"errormessage", RECORD, "errorMessage", TEXT},
        {"requestparameters", RECORD, "requestParameters", OBJECT},
        {"responseelements", RECORD, "responseElements", OBJECT},
        {"additionaleventdata", RECORD, "additionalEventData", OBJECT},
        {"requestid", RECORD, "requestID", TEXT},
        {"awsrequestid", RECORD, "requestID", TEXT},
        {"resources", RECORD, "resources", RESOURCES},
        {"eventtype", RECORD, "eventType", TEXT},
        {"eventtypename", RECORD, "eventType", TEXT},
        {"eventcategory", RECORD, "eventCategory", TEXT},
        {"apiversion", RECORD, "apiVersion", TEXT},
        {"readonly", RECORD, "readOnly", FLAG},
        {"managementevent", RECORD, "managementEvent", FLAG},
        {"recipientaccountid", RECORD, "recipientAccountId", TEXT},
        {"sharedeventid", RECORD, "sharedEventID", TEXT},
        {"vpcendpointid", RECORD, "vpcEndpointId", TEXT},
        {"vpcendpointaccountid", RECORD, "vpcEndpointAccountId", TEXT},
        {"useridentity", RECORD, "userIdentity", IDENTITY},
        {"tlsdetails", RECORD, "tlsDetails", TLS},
        {"useridentitytype", USER, "type", TEXT},
        {"useridentityprincipalid", USER, "principalId", TEXT},
        {"useridentityarn", USER, "arn", TEXT},
        {"useridentityaccountid", USER, "accountId", TEXT},
        {"useridentityinvokedby", USER, "invokedBy", TEXT},
        {"useridentityaccesskeyid", USER, "accessKeyId", TEXT},
        {"useridentityusername", USER, "userName", TEXT},
        {"arn", USER, "arn", TEXT},
        {"principalid", USER, "principalId", TEXT},
        {"accesskeyid", USER, "accessKeyId", TEXT},
        {"awsaccesskey", USER, "accessKeyId", TEXT},
        {"username", USER, "userName", TEXT},
        {"sessionissuertype", ISSUER, "type", TEXT},
        {"sessionissuerprincipalid", ISSUER, "principalId", TEXT},
        {"sessionissuerarn", ISSUER, "arn", TEXT},
        {"sessionissueraccountid", ISSUER, "accountId", TEXT},
        {"sessionissuerusername", ISSUER, "userName", TEXT},
        {"sessionmfaauthenticated", ATTRIBUTES, "mfaAuthenticated", TEXT},
        {"sessioncreationdate", ATTRIBUTES, "creationDate", TEXT},
        {"tlsversion", TLS_GROUP, "tlsVersion", TEXT},
};

/* Whether name is want but for case, blanks and punctuation. */
static bool is_column(struct span name, const char *want)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = ascii_lower(name.p[i]);
		if (!ascii_digit(c) && !ascii_alpha(c))
			continue;
		if (c != *want)
			return false;
		want++;
	}
	return !*want;
}

static const struct column *find_column(struct span name)
{
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
		if (is_column(name, columns[i].name))
			return &columns[i];
	return NULL;
}

static bool has_member(const struct cell *cells, size_t n, const char *member)
{
	for (size_t i = 0; i < n; i++) {
		const struct column *c = find_column(cells[i].name);
		if (c && c->group == RECORD && strcmp(c->member, member) == 0)
			return true;
	}
	return false;
}

bool columns_are_record(const struct cell *cells, size_t n)
{
	return has_member(cells, n, "eventName") && has_member(cells, n, "eventSource");
}

bool columns_have_parameters(const struct cell *cells, size_t n)
{
	return has_member(cells, n, "requestParameters");
}

/* Whether a cell says that there is nothing. */
static bool is_empty(const struct cell *c)
{
	struct span v = span_trim(c->value);
	return v.n == 0 || span_is(v, "null") || (!c->json && span_is(v, "-"));
}

static bool is_json(struct span text, enum scan_kind kind)
{
	struct scan j;
	scan_init(&j, text);
	return scan_peek(&j) == kind && scan_skip(&j) && scan_end(&j);
}

static const char *add_shaped(const struct cell *c, const struct shape *shape, const char *error,
                              struct buf *out)
{
	bool fine = is_json(c->value, SCAN_OBJECT) ? shape_names(c->value, shape, out)
	                                           : hive_object(c->value, shape, out);
	return fine ? NULL : error;
}

/* One entry of a list: {"ARN":...} as CloudTrail writes it, or LookupEvents' names, of which an ARN
 * is of use and a mere name is not. */
static void add_resource(struct span raw, bool *first, struct buf *out)
{
	struct scan j;
	struct span key, value, arn = SPAN_NONE, account = SPAN_NONE, type = SPAN_NONE;
	scan_init(&j, raw);
	if (scan_peek(&j) != SCAN_OBJECT || !scan_enter(&j, SCAN_OBJECT))
		return;
	while (scan_next_key(&j, &key) && scan_take_raw(&j, &value)) {
		if (span_eq_ci(key, SPAN_LIT("ARN")) || span_eq_ci(key, SPAN_LIT("resourceName")))
			arn = value;
		else if (span_eq_ci(key, SPAN_LIT("accountId")))
			account = value;
		else if (span_eq_ci(key, SPAN_LIT("type")) ||
		         span_eq_ci(key, SPAN_LIT("resourceType")))
			type = value;
	}
	if (!span_starts(arn, SPAN_LIT("\"arn:")))
		return;
	buf_add_str(out, *first ? "{\"ARN\":" : ",{\"ARN\":");
	buf_add_span(out, arn);
	if (account.p) {
		buf_add_str(out, ",\"accountId\":");
		buf_add_span(out, account);
	}
	if (type.p) {
		buf_add_str(out, ",\"type\":");
		buf_add_span(out, type);
	}
	buf_add_char(out, '}');
	*first = false;
}

static void add_resources(const struct cell *c, struct buf *out)
{
	struct scan j;
	struct span raw;
	bool first = true;
	if (!is_json(c->value, SCAN_ARRAY)) {
		/* What can't be told apart is left out: it only says more of what the parameters
		 * say. */
		if (!hive_list_of_one(c->value, shape_resource, out))
			buf_add_str(out, "[]");
		return;
	}
	scan_init(&j, c->value);
	scan_enter(&j, SCAN_ARRAY);
	buf_add_char(out, '[');
	while (scan_next_item(&j) && scan_take_raw(&j, &raw))
		add_resource(raw, &first, out);
	buf_add_char(out, ']');
}

/* An object that was cut off would be one with fewer parameters, which permits more. */
static const char *add_object(const struct column *col, const struct cell *c, struct buf *out)
{
	struct span text = span_trim(c->value);
	if (is_json(text, SCAN_OBJECT))
		buf_add_span(out, text);
	else if (strcmp(col->member, "requestParameters") != 0)
		buf_add_str(out, "null");
	else if (text.p[0] == '{' || text.p[0] == '[')
		return "the request parameters are no JSON object";
	else if (c->json)
		buf_add_span(out, text);
	else
		buf_add_json(out, text); /* "HIDDEN_DUE_TO_SECURITY_REASONS" */
	return NULL;
}

static const char *add_value(const struct column *col, const struct cell *c, struct buf *out)
{
	switch (col->type) {
	case IDENTITY:
		return add_shaped(c, shape_identity,
		                  "the parts of 'userIdentity' can't be told apart", out);
	case TLS:
		return add_shaped(c, shape_tls, "the parts of 'tlsDetails' can't be told apart",
		                  out);
	case RESOURCES: add_resources(c, out); return NULL;
	case OBJECT: return add_object(col, c, out);
	case FLAG:
		buf_add_str(out,
		            span_eq_ci(span_trim(c->value), SPAN_LIT("true")) ? "true" : "false");
		return NULL;
	default: break;
	}
	if (c->json)
		buf_add_span(out, c->value);
	else
		buf_add_json(out, c->value);
	return NULL;
}

/* Adds the group's members; *first is set anew. */
static const char *add_group(enum group group, const struct cell *cells, size_t n, bool *first,
                             struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct column *col = find_column(cells[i].name);
		if (!col || col->group != group || is_empty(&cells[i]))
			continue;
		buf_add_str(out, *first ? "\"" : ",\"");
		buf_add_str(out, col->member);
		buf_add_str(out, "\":");
		const char *error = add_value(col, &cells[i], out);
		if (error)
			return error;
		*first = false;
	}
	return NULL;
}

/* userIdentity out of columns of its own. */
static void add_identity(const struct cell *cells, size_t n, struct buf *out)
{
	bool first = true;
	buf_add_str(out, ",\"userIdentity\":{");
	add_group(USER, cells, n, &first, out);
	buf_add_str(out, first ? "\"sessionContext\":{" : ",\"sessionContext\":{");
	first = true;
	buf_add_str(out, "\"sessionIssuer\":{");
	add_group(ISSUER, cells, n, &first, out);
	first = true;
	buf_add_str(out, "},\"attributes\":{");
	add_group(ATTRIBUTES, cells, n, &first, out);
	buf_add_str(out, "}}}");
}

const char *columns_record(const struct cell *cells, size_t n, struct buf *out)
{
	bool first = true;
	buf_add_char(out, '{');
	const char *error = add_group(RECORD, cells, n, &first, out);
	if (error)
		return error;
	if (first)
		return "a row has no value";
	if (!has_member(cells, n, "userIdentity"))
		add_identity(cells, n, out);
	if (!has_member(cells, n, "tlsDetails")) {
		first = true;
		buf_add_str(out, ",\"tlsDetails\":{");
		add_group(TLS_GROUP, cells, n, &first, out);
		buf_add_char(out, '}');
	}
	buf_add_char(out, '}');
	return out->full ? "a row is larger than 16 MiB" : NULL;
}
