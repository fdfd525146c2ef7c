/* check.c - digest: see check.h. */
#include "config.h"

#include "digest/check.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/when.h"
#include "bytes/stream.h"
#include "bytes/walk.h"
#include "digest/digest-file.h"
#include "tls/rsa-signature.h"

#include <sodium/crypto_hash_sha256.h>
#include <sodium/utils.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* A digest of a busy hour lists thousands of files in half a kilobyte each. */
#define LIMIT_DIGEST ((size_t)64 << 20)
/* Files that are looked at: some 200 bytes each are kept. */
enum { LIMIT_FILES = 20000000 };
/* RSA of 16,384 bits. */
enum { LIMIT_SIGNATURE = 2048 };

struct file {
	struct span path, base;
	char hash[SHA256_HEX + 1];
	bool digest, listed;
};

struct read_digest {
	struct digest d;
	struct span path, chain;
	char hash[SHA256_HEX + 1];
};

struct check {
	const struct digest_check *c;
	struct digest_totals *totals;
	struct arena arena;
	struct {
		VEC_OF(struct file);
	} files;
	struct {
		VEC_OF(struct read_digest);
	} digests;
	size_t n_unreadable; /* files that are digests and cannot be read */
};

static void find(struct check *k, struct span path, const char *reason, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

static void find(struct check *k, struct span path, const char *reason, const char *format, ...)
{
	struct err err;
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	err_clear(&err);
	if (path.n)
		err_at_file(&err, arena_str(&k->arena, path));
	err_set(&err, STATUS_FILE, reason, "%s", text);
	k->totals->findings++;
	k->c->finding(k->c->data, &err);
}

/* ---- all files */

static bool is_stopped(const struct check *k)
{
	return k->c->stop && atomic_load(k->c->stop);
}

/* Which chain a digest is of: its object without the day's folders and the time,
 * "..._TRAIL_REGION". Backfilled ones are in none. */
static struct span chain_of(struct check *k, const struct digest *d)
{
	struct span name = digest_base_name(d->object);
	ptrdiff_t end = span_rchr(name, '_');
	if (end < 0 || span_ends(name, SPAN_LIT("_backfill.json")))
		return SPAN_NONE;
	return arena_printf(&k->arena, "%.*s/%.*s", SPAN_ARG(d->bucket),
	                    SPAN_ARG(span_sub(name, 0, (size_t)end)));
}

static void add_digest(struct check *k, struct file *f, struct span text)
{
	struct digest d;
	struct err err;
	f->digest = true;
	err_clear(&err);
	if (digest_read(text, &k->arena, &d, &err) != STATUS_OK) {
		find(k, f->path, "bad-digest", "%s", err.text);
		k->n_unreadable++;
		return;
	}
	if (!span_eq(digest_base_name(d.object), f->base)) {
		find(k, f->path, "bad-digest", "a digest under another name: its object is %.*s",
		     SPAN_ARG(d.object));
	}
	struct read_digest *to = vec_push(&k->digests, LIMIT_FILES);
	if (!to) {
		vec_release(&d);
		return;
	}
	to->d = d;
	to->path = f->path;
	to->chain = chain_of(k, &d);
	memcpy(to->hash, f->hash, sizeof f->hash);
}

/* Reads the source that is open to its end. False where it can't be. */
static bool hash_stream(struct stream *s, struct file *f, struct buf *text)
{
	crypto_hash_sha256_state state;
	unsigned char sha[crypto_hash_sha256_BYTES];
	bool first = true;
	crypto_hash_sha256_init(&state);
	do {
		struct span view = stream_view(s);
		if (first && view.n)
			f->digest = digest_begins(view);
		first = first && !view.n;
		if (f->digest)
			buf_add_span(text, view);
		crypto_hash_sha256_update(&state, (const unsigned char *)view.p, view.n);
		stream_take(s, view.n);
	} while (stream_more(s) != STREAM_END);
	crypto_hash_sha256_final(&state, sha);
	sodium_bin2hex(f->hash, sizeof f->hash, sha, sizeof sha);
	return !stream_damage(s);
}

static void read_file(struct check *k, struct stream *s, const char *path, bool named)
{
	struct buf text;
	struct err err;
	err_clear(&err);
	struct file *f = vec_push(&k->files, LIMIT_FILES);
	if (!f) {
		find(k, span_of(path), "unreadable", "there are more files than are looked at");
		return;
	}
	f->path = arena_span(&k->arena, span_of(path));
	f->base = digest_base_name(f->path);
	if (stream_open(s, path, named, &err) != STATUS_OK) {
		find(k, f->path, "unreadable", "%s", err.text);
		return;
	}
	buf_init(&text, LIMIT_DIGEST);
	while (stream_view(s).n < 2048 && stream_more(s) == STREAM_MORE)
		continue;
	if (!hash_stream(s, f, &text))
		find(k, f->path, "unreadable", "%s", stream_damage(s)->text);
	else if (f->digest && !text.full)
		add_digest(k, f, buf_span(&text));
	else if (f->digest)
		find(k, f->path, "bad-digest", "a digest is larger than 64 MiB");
	buf_release(&text);
	stream_close(s);
}

static void read_files(struct check *k)
{
	struct walk *w = walk_new(k->c->names, k->c->n_names);
	struct stream *s = stream_new(k->c->stop);
	const char *path;
	bool named;
	struct err err;
	enum status status;
	err_clear(&err);
	while (!is_stopped(k) && (status = walk_next(w, &path, &named, &err)) != STATUS_END)
		if (status == STATUS_OK)
			read_file(k, s, path, named);
		else
			find(k, span_of(err.where), "unreadable", "%s", err.text);
	stream_free(s);
	walk_free(w);
}

/* ---- what digests list */

static int by_base(const void *a, const void *b)
{
	const struct file *x = a, *y = b;
	int c = span_cmp(x->base, y->base);
	return c ? c : span_cmp(x->path, y->path);
}

/* The first file of that name; sorted. */
static struct file *find_file(struct check *k, struct span base)
{
	size_t low = 0, high = k->files.n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (span_cmp(k->files.v[mid].base, base) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < k->files.n && span_eq(k->files.v[low].base, base) ? &k->files.v[low] : NULL;
}

/* Copies of one file, in folders of their own, must all be as it was. */
static void check_log(struct check *k, const struct read_digest *d, const struct digest_log *log)
{
	struct file *f = find_file(k, digest_base_name(log->object));
	bool sound = f != NULL;
	if (!f)
		find(k, log->object, "missing-file", "is not there; %.*s lists it",
		     SPAN_ARG(d->path));
	for (; f && f < k->files.v + k->files.n && span_eq(f->base, digest_base_name(log->object));
	     f++) {
		f->listed = true;
		if (!span_is(log->hash, f->hash)) {
			sound = false;
			find(k, f->path, "changed-file", "is not what %.*s lists: it was changed",
			     SPAN_ARG(d->path));
		}
	}
	k->totals->logs += sound;
}

/* "111122223333_CloudTrail_eu-west-1_20260102T0310Z_x.json": whether it was delivered after the
 * last digest of its account and region. */
static bool is_newer(const struct check *k, struct span base)
{
	struct span rest = base;
	struct span account = span_cut(&rest, '_'), kind = span_cut(&rest, '_');
	struct span region = span_cut(&rest, '_'), time = span_cut(&rest, '_');
	char iso[40];
	int64_t delivered;
	bool newer = false;
	if (!span_starts(kind, SPAN_LIT("CloudTrail")) || time.n != 14)
		return false;
	snprintf(iso, sizeof iso, "%.4s-%.2s-%.2sT%.2s:%.2s:00Z", time.p, time.p + 4, time.p + 6,
	         time.p + 9, time.p + 11);
	if (!when_parse(span_of(iso), &delivered))
		return false;
	for (size_t i = 0; i < k->digests.n; i++) {
		const struct digest *d = &k->digests.v[i].d;
		struct span name = digest_base_name(d->object);
		span_cut(&name, '_');
		span_cut(&name, '_');
		if (!span_eq(d->account, account) || !span_eq(span_cut(&name, '_'), region))
			continue;
		if (delivered < d->end)
			return false;
		newer = true;
	}
	return newer;
}

static void check_unlisted(struct check *k)
{
	for (size_t i = 0; i < k->files.n; i++) {
		const struct file *f = &k->files.v[i];
		if (f->digest || f->listed)
			continue;
		if (is_newer(k, f->base))
			k->totals->newer++;
		else
			find(k, f->path, "unlisted-file", "no digest lists it");
	}
}

/* ---- the chain */

static int by_chain(const void *a, const void *b)
{
	const struct read_digest *x = a, *y = b;
	int c = span_cmp(x->chain, y->chain);
	if (!c)
		c = (x->d.end > y->d.end) - (x->d.end < y->d.end);
	if (!c)
		c = span_cmp(x->d.object, y->d.object);
	return c ? c : span_cmp(x->path, y->path);
}

static void missing_hours(struct check *k, const struct read_digest *before,
                          const struct read_digest *after, const char *why)
{
	char from[WHEN_SIZE], to[WHEN_SIZE];
	find(k, after->path, "missing-hours", "no digest from %s to %s: %s",
	     when_format(before->d.end, from), when_format(after->d.start, to), why);
}

/* What CloudTrail signs of a digest, line by line. */
static struct span signed_text(struct check *k, const struct read_digest *r)
{
	const struct digest *d = &r->d;
	struct span previous = d->previous_signature.n ? d->previous_signature : SPAN_LIT("null");
	return arena_printf(&k->arena, "%.*s\n%.*s/%.*s\n%s\n%.*s", SPAN_ARG(d->end_text),
	                    SPAN_ARG(d->bucket), SPAN_ARG(d->object), r->hash, SPAN_ARG(previous));
}

static void check_signature(struct check *k, const struct read_digest *r, struct span signature)
{
	unsigned char bytes[LIMIT_SIGNATURE];
	size_t n = 0;
	const char *end = NULL;
	if (!k->c->keys)
		return;
	struct span key = digest_key(k->c->keys, r->d.fingerprint);
	bool hex = signature.n &&
	           sodium_hex2bin(bytes, sizeof bytes, signature.p, signature.n, NULL, &n, &end) ==
	                   0 &&
	           end == signature.p + signature.n;
	if (!key.p)
		find(k, r->path, "unknown-key",
		     "is signed with the key %.*s, which is not among the keys",
		     SPAN_ARG(r->d.fingerprint));
	else if (!hex ||
	         !rsa_signature_is_valid(key, signed_text(k, r), span_make((const char *)bytes, n)))
		find(k, r->path, "bad-signature", "the signature is not CloudTrail's");
	else
		k->totals->verified++;
}

/* Two digests of one chain, the one that was delivered first before. */
static void check_link(struct check *k, const struct read_digest *before,
                       const struct read_digest *after)
{
	const struct digest *d = &after->d;
	if (span_eq(before->d.object, d->object)) { /* a copy */
		if (strcmp(before->hash, after->hash) != 0)
			find(k, after->path, "changed-digest", "is another one than %.*s",
			     SPAN_ARG(before->path));
		return;
	}
	if (!d->previous_object.n) {
		if (d->start > before->d.end)
			missing_hours(k, before, after, "logging or its validation was off");
		return;
	}
	if (!span_eq(d->previous_object, before->d.object)) {
		char why[300];
		snprintf(why, sizeof why, "%.*s is missing",
		         SPAN_ARG(span_sub(d->previous_object, 0, 250)));
		missing_hours(k, before, after, why);
		return;
	}
	if (!span_is(d->previous_hash, before->hash))
		find(k, before->path, "changed-digest", "is not what %.*s follows: it was changed",
		     SPAN_ARG(after->path));
	else
		check_signature(k, before, d->previous_signature);
}

static void check_chains(struct check *k)
{
	sort_items(k->digests.v, k->digests.n, sizeof *k->digests.v, by_chain);
	for (size_t i = 0; i < k->digests.n; i++) {
		const struct read_digest *r = &k->digests.v[i];
		if (!r->chain.p)
			continue;
		if (i && span_eq(r[-1].chain, r->chain))
			check_link(k, &r[-1], r);
		else
			k->totals->chains++;
	}
}

void digest_check_run(const struct digest_check *c, struct digest_totals *totals)
{
	struct check k = {.c = c, .totals = totals};
	*totals = (struct digest_totals){0};
	arena_init(&k.arena);
	read_files(&k);
	totals->digests = k.digests.n;
	if (!is_stopped(&k) && k.digests.n == 0 && k.n_unreadable == 0)
		find(&k, SPAN_NONE, "no-digests",
		     "there are no digests among the files: they lie under AWSLogs/.../"
		     "CloudTrail-Digest/");
	sort_items(k.files.v, k.files.n, sizeof *k.files.v, by_base);
	if (!is_stopped(&k) && k.digests.n) {
		check_chains(&k);
		for (size_t i = 0; i < k.digests.n; i++)
			for (size_t j = 0; j < k.digests.v[i].d.n; j++)
				check_log(&k, &k.digests.v[i], &k.digests.v[i].d.v[j]);
		check_unlisted(&k);
	}
	for (size_t i = 0; i < k.digests.n; i++)
		vec_release(&k.digests.v[i].d);
	vec_release(&k.digests);
	vec_release(&k.files);
	arena_release(&k.arena);
}
