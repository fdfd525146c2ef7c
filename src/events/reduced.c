/* reduced.c - events: a row of iamreplay-reduced(5), which stands for many records that are equal but
 * for their times. What it has of them is put together as a CloudTrail record again and decoded as one, so
 * that both have one meaning; what it counts goes beside. A row of which anything can't be read is lost:
 * with a part of it missing, it could count for more than it says.
 *
 * Source: iamreplay-reduced(5). */
#include "config.h"

#include "events/decoder.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/when.h"
#include "records/container.h"
#include "records/scan.h"

#include <stdlib.h>

enum form {
	TEXT,
	OBJECT, /* JSON, as text or as it is; requestParameters: also CloudTrail's mark of what it omitted */
	LIST,
	COUNT, /* no part of the record */
};

/* Where in a record: members of one object stand one after the other. */
enum group { RECORD, USER, BEHALF, SESSION, ISSUER, ATTRIBUTES, TLS, N_GROUPS };

static const struct {
	const char *open, *close;
} frame[N_GROUPS] = {
        [RECORD] = {"{", ""},
        [USER] = {",\"userIdentity\":{", ""},
        [BEHALF] = {",\"onBehalfOf\":{", "}"},
        [SESSION] = {",\"sessionContext\":{", ""},
        [ISSUER] = {",\"sessionIssuer\":{", "}"},
        [ATTRIBUTES] = {",\"attributes\":{", "}}}"},
        [TLS] = {",\"tlsDetails\":{", "}}"},
};

/* Columns that have code. */
enum { FORMAT, EVENTS, FIRST, LAST, OWNER, FOLDED };

static const struct column {
	const char *name;
	enum group group;
	const char *member;
	enum form form;
} columns[] = {
        [FORMAT] = {"iamreplay_reduced", N_GROUPS, NULL, COUNT},
        [EVENTS] = {"events", N_GROUPS, NULL, COUNT},
        [FIRST] = {"first", RECORD, "eventTime", TEXT},
        [LAST] = {"last", N_GROUPS, NULL, COUNT},
        [OWNER] = {"owneraccountid", N_GROUPS, NULL, COUNT},
        [FOLDED] = {"folded", N_GROUPS, NULL, COUNT},
        {"eventid", RECORD, "eventID", TEXT},
        {"eventversion", RECORD, "eventVersion", TEXT},
        {"eventtype", RECORD, "eventType", TEXT},
        {"eventsource", RECORD, "eventSource", TEXT},
        {"eventname", RECORD, "eventName", TEXT},
        {"awsregion", RECORD, "awsRegion", TEXT},
        {"recipientaccountid", RECORD, "recipientAccountId", TEXT},
        {"readonly", RECORD, "readOnly", TEXT},
        {"managementevent", RECORD, "managementEvent", TEXT},
        {"errorcode", RECORD, "errorCode", TEXT},
        {"errormessage", RECORD, "errorMessage", TEXT},
        {"sourceipaddress", RECORD, "sourceIPAddress", TEXT},
        {"useragent", RECORD, "userAgent", TEXT},
        {"vpcendpointid", RECORD, "vpcEndpointId", TEXT},
        {"requestparameters", RECORD, "requestParameters", OBJECT},
        {"resources", RECORD, "resources", LIST},
        {"responseelements", RECORD, "responseElements", OBJECT},
        {"useridentity_type", USER, "type", TEXT},
        {"useridentity_principalid", USER, "principalId", TEXT},
        {"useridentity_arn", USER, "arn", TEXT},
        {"useridentity_accountid", USER, "accountId", TEXT},
        {"useridentity_accesskeyid", USER, "accessKeyId", TEXT},
        {"useridentity_username", USER, "userName", TEXT},
        {"useridentity_invokedby", USER, "invokedBy", TEXT},
        {"useridentity_identityprovider", USER, "identityProvider", TEXT},
        {"onbehalfof_userid", BEHALF, "userId", TEXT},
        {"onbehalfof_identitystorearn", BEHALF, "identityStoreArn", TEXT},
        {"session_sourceidentity", SESSION, "sourceIdentity", TEXT},
        {"sessionissuer_principalid", ISSUER, "principalId", TEXT},
        {"sessionissuer_arn", ISSUER, "arn", TEXT},
        {"sessionissuer_accountid", ISSUER, "accountId", TEXT},
        {"sessionissuer_username", ISSUER, "userName", TEXT},
        {"session_mfaauthenticated", ATTRIBUTES, "mfaAuthenticated", TEXT},
        {"tlsversion", TLS, "tlsVersion", TEXT},
};

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

struct row {
	struct span value[N_COLUMNS]; /* SPAN_NONE: there is nothing */
	bool seen[N_COLUMNS];
};

static const char reason[] = "bad-reduced-row";

/* ---- the row */

static size_t find_column(struct span key)
{
	size_t i = 0;
	while (i < N_COLUMNS && !span_eq_ci(key, span_of(columns[i].name)))
		i++;
	return i;
}

/* A scalar as text, an object or list as it is written; nothing where it is null or empty. */
static bool take_value(struct scan *j, struct arena *arena, struct span *out)
{
	enum scan_kind kind = scan_peek(j);
	bool fine = kind == SCAN_OBJECT || kind == SCAN_ARRAY ? scan_take_raw(j, out)
	                                                      : scan_take_text(j, arena, out);
	if (!out->n)
		*out = SPAN_NONE;
	return fine;
}

static enum status read_row(struct span text, struct arena *arena, struct row *row, struct err *err)
{
	struct scan j;
	struct span key;
	scan_init(&j, text);
	scan_enter(&j, SCAN_OBJECT);
	while (scan_next_key(&j, &key)) {
		size_t i = find_column(key);
		if (i == N_COLUMNS) {
			scan_skip(&j);
			continue;
		}
		if (row->seen[i])
			return err_set(err, STATUS_SKIP, reason, "column '%s' is there twice",
			               columns[i].name);
		row->seen[i] = true;
		take_value(&j, arena, &row->value[i]);
	}
	if (scan_end(&j))
		return STATUS_OK;
	err_at_offset(err, (uint64_t)(j.at - j.start));
	return err_set(err, STATUS_SKIP,
	               strcmp(j.error, "nested too deep") == 0 ? "too-deep" : "bad-json", "%s",
	               j.error);
}

/* ---- what it counts */

static enum status bad_value(struct err *err, size_t column, struct span value)
{
	enum { SHOWN = 60 };
	struct span shown = span_sub(value, 0, SHOWN);
	return err_set(err, STATUS_SKIP, reason, "'%s' is not as it should be: \"%.*s\"",
	               columns[column].name, SPAN_ARG(shown));
}

static enum status missing(struct err *err, size_t column)
{
	return err_set(err, STATUS_SKIP, reason, "'%s' is missing", columns[column].name);
}

static enum status read_times(const struct row *row, int64_t *first, int64_t *last, struct err *err)
{
	static const size_t at[] = {FIRST, LAST};
	int64_t time[2];
	for (size_t i = 0; i < 2; i++) {
		if (!row->value[at[i]].p)
			return missing(err, at[i]);
		if (!when_parse(row->value[at[i]], &time[i]) || time[i] < 0)
			return bad_value(err, at[i], row->value[at[i]]);
	}
	if (time[1] < time[0] || when_day(time[0]) != when_day(time[1]))
		return err_set(err, STATUS_SKIP, reason,
		               "'first' and 'last' are not in this order on one day (UTC)");
	*first = time[0];
	*last = time[1];
	return STATUS_OK;
}

static bool is_account(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return s.n == 12;
}

static struct hash128 hash_row(const struct row *row)
{
	struct hasher h;
	hash_begin(&h);
	for (size_t i = 0; i < N_COLUMNS; i++)
		hash_field(&h, row->value[i]);
	return hash_end(&h);
}

static enum status read_count(const struct row *row, struct event_count *out, struct err *err)
{
	const struct span *v = row->value;
	uint64_t level;
	int64_t first;
	*out = (struct event_count){.owner = v[OWNER], .folded = -1};
	if (!v[FORMAT].p)
		return missing(err, FORMAT);
	if (!span_is(v[FORMAT], "1"))
		return err_set(err, STATUS_SKIP, reason,
		               "the row is of another version of this format than 1");
	if (!v[EVENTS].p)
		return missing(err, EVENTS);
	if (!span_to_u64(v[EVENTS], &out->events) || out->events > LIMIT_COUNTED_EVENTS)
		return bad_value(err, EVENTS, v[EVENTS]);
	if (v[OWNER].p && !is_account(v[OWNER]))
		return bad_value(err, OWNER, v[OWNER]);
	if (v[FOLDED].p && (!span_to_u64(v[FOLDED], &level) || level > 2))
		return bad_value(err, FOLDED, v[FOLDED]);
	if (v[FOLDED].p)
		out->folded = (int)level;
	out->row = hash_row(row);
	return read_times(row, &first, &out->last, err);
}

/* ---- the record */

static bool is_json(struct span text, enum scan_kind kind)
{
	struct scan j;
	scan_init(&j, text);
	return scan_peek(&j) == kind && scan_skip(&j) && scan_end(&j);
}

static enum status add_value(const struct column *c, struct span value, struct buf *out,
                             struct err *err)
{
	bool json = c->form == OBJECT ? is_json(value, SCAN_OBJECT)
	                              : c->form == LIST && is_json(value, SCAN_ARRAY);
	bool mark = c->form == OBJECT && value.p[0] != '{' && value.p[0] != '[';
	if (c->form != TEXT && !json && !mark)
		return bad_value(err, (size_t)(c - columns), value);
	if (json)
		buf_add_span(out, value);
	else
		buf_add_json(out, value);
	return STATUS_OK;
}

/* Whether a group is part of an object that the records have. */
static bool is_there(const struct row *row, enum group g)
{
	bool any = g == RECORD || g == TLS;
	for (size_t i = 0; i < N_COLUMNS && !any; i++)
		any = row->value[i].p && columns[i].group >= USER && columns[i].group <= ATTRIBUTES;
	return any;
}

static enum status write_record(const struct row *row, struct buf *out, struct err *err)
{
	buf_reset(out);
	for (enum group g = RECORD; g < N_GROUPS; g++) {
		bool first = true;
		if (!is_there(row, g))
			continue;
		/* behind an object that has no member of its own yet */
		bool opened = out->n && out->p[out->n - 1] == '{';
		buf_add_str(out, frame[g].open + opened);
		for (size_t i = 0; i < N_COLUMNS; i++) {
			if (columns[i].group != g || !row->value[i].p)
				continue;
			buf_add_str(out, first ? "\"" : ",\"");
			buf_add_str(out, columns[i].member);
			buf_add_str(out, "\":");
			if (add_value(&columns[i], row->value[i], out, err) != STATUS_OK)
				return STATUS_SKIP;
			first = false;
		}
		buf_add_str(out, frame[g].close);
	}
	if (out->full)
		return err_set(err, STATUS_SKIP, "too-large", "a row is larger than 16 MiB");
	return STATUS_OK;
}

/* ---- the decoder */

struct state {
	struct buf record;
	struct event_count count; /* of the row being decoded */
	const struct event_sink *sink;
};

static void on_event(void *data, const struct event *e)
{
	struct state *st = data;
	struct event counted = *e;
	counted.count = &st->count;
	st->sink->event(st->sink->data, &counted);
}

static void on_ignored(void *data, const char *kind)
{
	struct state *st = data;
	st->sink->ignored(st->sink->data, kind);
}

static void on_lost(void *data, const struct err *err)
{
	struct state *st = data;
	st->sink->lost(st->sink->data, err);
}

static void *begin(struct span source)
{
	struct state *st = xcalloc(1, sizeof *st);
	buf_init(&st->record, 2 * LIMIT_RECORD_BYTES);
	return st;
}

static void end(void *state, const struct event_sink *sink)
{
	struct state *st = state;
	buf_release(&st->record);
	free(st);
}

static enum status decode(void *state, const struct record *rec, struct arena *arena,
                          const struct event_sink *sink, struct err *err)
{
	struct state *st = state;
	struct row row = {.seen = {false}};
	const struct event_sink inner = {st, on_event, on_ignored, on_lost};
	enum status status = read_row(rec->text, arena, &row, err);
	if (status == STATUS_OK)
		status = read_count(&row, &st->count, err);
	if (status == STATUS_OK)
		status = write_record(&row, &st->record, err);
	if (status != STATUS_OK)
		return status;
	struct record record = *rec;
	record.text = buf_span(&st->record);
	record.form = RECORD_CLOUDTRAIL;
	st->sink = sink;
	status = decoder_cloudtrail.decode(NULL, &record, arena, &inner, err);
	/* The places in what was put together say nothing of the row's text. */
	if (status == STATUS_SKIP && strcmp(err->reason, "bad-json") == 0)
		err->reason = reason;
	return status;
}

const struct decoder decoder_reduced = {
        .form = RECORD_REDUCED, .begin = begin, .end = end, .decode = decode};
