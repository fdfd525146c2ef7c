/* access-log.c - events: a line of an S3 server access log as an event. Its operation keeps the
 * log's name ("REST.GET.OBJECT") under the source "s3-server-access-log";
 * mappings/s3-access-log.tsv says which call of the API that is.
 *
 * Sources: "Amazon S3 server access log format" (Amazon S3 user guide); that keys are
 * percent-encoded twice, and those of BATCH.DELETE.OBJECT once, is observed and told nowhere. */
#include "config.h"

#include "events/decoder.h"

#include "base/buf.h"
#include "base/url.h"
#include "base/when.h"
#include "records/access-log.h"

#include <stdio.h>

/* A key has 1,024 bytes at most (Amazon S3 user guide, "Naming Amazon S3 objects"). */
enum { LIMIT_KEY = 1024 };

/* "06/Feb/2019:00:00:38 +0000" */
static bool set_time(struct span text, int64_t *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char iso[40];
	ptrdiff_t at = span_find(span_of(months), span_sub(text, 3, 3));
	if (at < 0 || at % 3)
		return false;
	snprintf(iso, sizeof iso, "%.4s-%02d-%.2sT%.8s%.5s", text.p + 7, (int)at / 3 + 1, text.p,
	         text.p + 12, text.p + 21);
	return when_parse(span_of(iso), out);
}

/* ---- the key */

static bool is_key_of(struct span path, struct span bucket, struct span key)
{
	if (!span_starts(path, SPAN_LIT("/")))
		return false;
	path = span_from(path, 1);
	if (span_eq(path, key))
		return true;
	return span_starts(path, bucket) && path.n == bucket.n + 1 + key.n &&
	       path.p[bucket.n] == '/' && span_ends(path, key);
}

/* The key out of the log's form of it. Decoded once or twice, and with '+' as it is or as a space,
 * it may be one of several: the path of the request says which. SPAN_NONE: it can't be told. */
static struct span key_of(const struct access_line *l, struct arena *arena)
{
	struct span target = l->target, path = span_cut(&target, '?');
	struct span readings[4], found = SPAN_NONE;
	bool same = true;
	/* S3 has been seen to take a '+' in a path for a space: which one it was is not told. */
	path = span_chr(path, '+') < 0 ? url_decode(arena, path, false) : SPAN_NONE;
	readings[0] = url_decode(arena, l->key, false);
	readings[1] = url_decode(arena, readings[0], false);
	readings[2] = url_decode(arena, l->key, true);
	readings[3] = url_decode(arena, readings[2], true);
	for (size_t i = 0; i < 4; i++) {
		same &= span_eq(readings[i], readings[0]);
		if (!is_key_of(path, l->bucket, readings[i]))
			continue;
		if (found.p && !span_eq(found, readings[i]))
			return SPAN_NONE;
		found = readings[i];
	}
	if (same)
		return readings[0];
	if (!found.p && span_starts(l->operation, SPAN_LIT("BATCH.")) &&
	    span_eq(readings[0], readings[2]))
		return readings[0];
	return found;
}

/* ---- the event */

static void add_member(struct buf *b, const char *name, struct span value)
{
	if (!value.n)
		return;
	buf_add_str(b, b->n ? ",\"" : "{\"");
	buf_add_str(b, name);
	buf_add_str(b, "\":");
	buf_add_json(b, value);
}

/* As CloudTrail spells them. A line's version is of the answer where the request names none. */
static struct span parameters(const struct access_line *l, struct span key, struct arena *arena)
{
	struct buf b;
	bool version = !l->target.p || span_find(l->target, SPAN_LIT("versionId=")) >= 0;
	buf_init(&b, 16 * LIMIT_KEY);
	add_member(&b, "bucketName", l->access_point.p ? l->access_point : l->bucket);
	add_member(&b, "key", key);
	add_member(&b, "versionId", version ? l->version_id : SPAN_NONE);
	buf_add_char(&b, '}');
	struct span text = b.full ? SPAN_NONE : arena_span(arena, buf_span(&b));
	buf_release(&b);
	return text;
}

/* The requester: an ARN, "svc:SERVICE", a canonical user id, or nobody. */
static void set_requester(struct span who, struct event *e)
{
	struct event_identity *id = &e->identity;
	id->present = true;
	if (!who.n) {
		id->type = SPAN_LIT("AWSAccount");
		id->account = SPAN_LIT("anonymous");
	} else if (span_starts(who, SPAN_LIT("arn:"))) {
		id->arn = who;
		struct span rest = who;
		for (int i = 0; i < 4; i++)
			span_cut(&rest, ':');
		id->account = rest.p ? span_cut(&rest, ':') : SPAN_NONE;
	} else if (span_starts(who, SPAN_LIT("svc:"))) {
		id->type = SPAN_LIT("AWSService");
		id->invoked_by = span_from(who, 4);
	} else if (span_is(who, "AmazonS3")) {
		id->type = SPAN_LIT("AWSService");
		id->invoked_by = SPAN_LIT("s3.amazonaws.com");
	} else {
		id->principal_id = who;
	}
}

/* A status without a code must not pass for a success; 304 is one that a reader may have. */
static struct span error_of(const struct access_line *l)
{
	uint64_t status = 0;
	if (l->error.p)
		return l->error;
	if (!span_to_u64(l->status, &status))
		return SPAN_LIT("NoResponse");
	return status >= 300 && status != 304 ? l->status : SPAN_NONE;
}

static enum status fill(const struct access_line *l, struct arena *arena, struct event *e,
                        struct err *err)
{
	struct span key = SPAN_NONE;
	if (!set_time(l->time, &e->time))
		return err_set(err, STATUS_SKIP, "bad-time", "the time of the request is no time");
	if (l->key.p) {
		key = key_of(l, arena);
		if (!key.n || key.n > LIMIT_KEY)
			return err_set(err, STATUS_SKIP, "bad-row",
			               "how often the key is encoded can't be told");
	}
	/* What S3 does by a lifecycle rule is nobody's call. */
	e->kind = span_starts(l->operation, SPAN_LIT("S3.")) ? EVENT_SERVICE : EVENT_CALL;
	e->observer = OBSERVED_S3_ACCESS;
	e->management = TRI_NO;
	e->source = SPAN_LIT("s3-server-access-log");
	/* ACLs of buckets and of objects are told apart by the key alone. */
	e->name = key.n && span_ends(l->operation, SPAN_LIT(".ACL"))
	                  ? arena_printf(arena, "%.*s KEY", SPAN_ARG(l->operation))
	                  : l->operation;
	e->region = l->region;
	e->request_id = l->request_id;
	e->source_ip = l->ip;
	e->user_agent = l->user_agent;
	e->tls_version = l->tls_version;
	e->error_code = error_of(l);
	e->request = parameters(l, key, arena);
	set_requester(l->requester, e);
	return STATUS_OK;
}

static enum status decode(void *state, const struct record *rec, struct arena *arena,
                          const struct event_sink *sink, struct err *err)
{
	struct access_line l;
	struct event e = {.text = rec->text};
	const char *wrong = access_line_read(rec->text, &l);
	if (wrong)
		return err_set(err, STATUS_SKIP, "bad-row", "%s", wrong);
	enum status status = fill(&l, arena, &e, err);
	if (status == STATUS_OK)
		sink->event(sink->data, &e);
	return status;
}

const struct decoder decoder_s3_access = {.form = RECORD_S3_ACCESS, .decode = decode};
