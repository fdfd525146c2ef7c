/* digest-file.c - digest: see digest-file.h. */
#include "config.h"

#include "digest/digest-file.h"

#include "base/when.h"
#include "records/scan.h"

#include <stddef.h>

/* Log files of one digest: CloudTrail delivers every five minutes or so for each region. */
enum { LIMIT_LOGS = 1000000 };

struct texts {
	struct span start, end, signature_algorithm, previous_hash_algorithm;
};

bool digest_begins(struct span text)
{
	enum { BEGINNING = 2048 };
	text = span_sub(span_trim(text), 0, BEGINNING);
	ptrdiff_t digest = span_find(text, SPAN_LIT("\"digestStartTime\""));
	ptrdiff_t records = span_find(text, SPAN_LIT("\"Records\""));
	return span_starts(text, SPAN_LIT("{")) && digest > 0 && (records < 0 || records > digest);
}

static bool is_sha256(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
			return false;
	return s.n == SHA256_HEX;
}

static bool read_log(struct scan *j, struct arena *arena, struct digest *d)
{
	struct span key, algorithm = SPAN_NONE;
	struct digest_log log = {SPAN_NONE, SPAN_NONE};
	if (scan_peek(j) != SCAN_OBJECT || !scan_enter(j, SCAN_OBJECT))
		return false;
	while (scan_next_key(j, &key))
		if (span_is(key, "s3Object"))
			scan_take_text(j, arena, &log.object);
		else if (span_is(key, "hashValue"))
			scan_take_text(j, arena, &log.hash);
		else if (span_is(key, "hashAlgorithm"))
			scan_take_text(j, arena, &algorithm);
		else
			scan_skip(j);
	if (!log.object.n || !is_sha256(log.hash) || !span_is(algorithm, "SHA-256"))
		return false;
	struct digest_log *to = vec_push(d, LIMIT_LOGS);
	if (!to)
		return false;
	*to = (struct digest_log){arena_span(arena, log.object), arena_span(arena, log.hash)};
	return true;
}

static bool read_logs(struct scan *j, struct arena *arena, struct digest *d)
{
	if (scan_peek(j) != SCAN_ARRAY || !scan_enter(j, SCAN_ARRAY))
		return false;
	while (scan_next_item(j))
		if (!read_log(j, arena, d))
			return false;
	return true;
}

static bool read_members(struct span text, struct arena *arena, struct digest *d, struct texts *t)
{
	const struct {
		const char *name;
		struct span *to;
	} members[] = {
	        {"awsAccountId", &d->account},
	        {"digestStartTime", &t->start},
	        {"digestEndTime", &t->end},
	        {"digestS3Bucket", &d->bucket},
	        {"digestS3Object", &d->object},
	        {"digestPublicKeyFingerprint", &d->fingerprint},
	        {"digestSignatureAlgorithm", &t->signature_algorithm},
	        {"previousDigestS3Bucket", &d->previous_bucket},
	        {"previousDigestS3Object", &d->previous_object},
	        {"previousDigestHashValue", &d->previous_hash},
	        {"previousDigestHashAlgorithm", &t->previous_hash_algorithm},
	        {"previousDigestSignature", &d->previous_signature},
	};
	enum { N = sizeof members / sizeof members[0] };
	struct scan j;
	struct span key;
	scan_init(&j, text);
	if (scan_peek(&j) != SCAN_OBJECT || !scan_enter(&j, SCAN_OBJECT))
		return false;
	while (scan_next_key(&j, &key)) {
		size_t i = 0;
		while (i < N && !span_is(key, members[i].name))
			i++;
		if (i < N)
			scan_take_text(&j, arena, members[i].to);
		else if (!span_is(key, "logFiles"))
			scan_skip(&j);
		else if (!read_logs(&j, arena, d))
			return false;
	}
	if (!scan_end(&j))
		return false;
	/* what has no escapes points into the text */
	for (size_t i = 0; i < N; i++)
		*members[i].to = arena_span(arena, *members[i].to);
	return true;
}

static const char *wrong_with(const struct digest *d, const struct texts *t)
{
	if (!d->bucket.n || !d->object.n || !d->fingerprint.n)
		return "a digest without its object or key";
	if (!span_is(t->signature_algorithm, "SHA256withRSA"))
		return "a digest that is not signed by RSA with SHA-256";
	if (d->previous_object.n &&
	    (!is_sha256(d->previous_hash) || !span_is(t->previous_hash_algorithm, "SHA-256")))
		return "a digest without the hash of the one before it";
	return NULL;
}

enum status digest_read(struct span text, struct arena *arena, struct digest *out, struct err *err)
{
	struct digest d = {0};
	struct texts t = {SPAN_NONE, SPAN_NONE, SPAN_NONE, SPAN_NONE};
	const char *wrong = "is no digest of CloudTrail, or a broken one";
	if (read_members(text, arena, &d, &t) && when_parse(t.start, &d.start) &&
	    when_parse(t.end, &d.end))
		wrong = wrong_with(&d, &t);
	if (wrong) {
		vec_release(&d);
		return err_set(err, STATUS_SKIP, "bad-digest", "%s", wrong);
	}
	d.end_text = t.end;
	*out = d;
	return STATUS_OK;
}

struct span digest_base_name(struct span path)
{
	ptrdiff_t slash = span_rchr(path, '/');
	struct span name = slash < 0 ? path : span_from(path, (size_t)slash + 1);
	return span_ends(name, SPAN_LIT(".gz")) ? span_sub(name, 0, name.n - 3) : name;
}
