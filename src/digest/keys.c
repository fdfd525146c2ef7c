/* keys.c - digest: see keys.h. Source: ListPublicKeys (CloudTrail API). */
#include "config.h"

#include "digest/keys.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/base64.h"
#include "base/vec.h"
#include "records/scan.h"

#include <stdlib.h>

/* CloudTrail makes a key a region every week or so and lists those of a time range. */
enum { LIMIT_KEYS = 100000 };
/* An RSA key of 16,384 bits has 2 KB. */
#define LIMIT_KEY ((size_t)4096)

struct key {
	struct span fingerprint, der;
};

struct digest_keys {
	struct arena arena;
	VEC_OF(struct key);
};

static bool read_key(struct scan *j, struct digest_keys *k)
{
	struct span name, value = SPAN_NONE, fingerprint = SPAN_NONE;
	struct buf der;
	if (scan_peek(j) != SCAN_OBJECT || !scan_enter(j, SCAN_OBJECT))
		return false;
	while (scan_next_key(j, &name))
		if (span_is(name, "Value"))
			scan_take_text(j, &k->arena, &value);
		else if (span_is(name, "Fingerprint"))
			scan_take_text(j, &k->arena, &fingerprint);
		else
			scan_skip(j);
	buf_init(&der, LIMIT_KEY);
	struct key *key = fingerprint.n && value.n && base64_decode(value, &der)
	                          ? vec_push(k, LIMIT_KEYS)
	                          : NULL;
	if (key)
		*key = (struct key){arena_span(&k->arena, fingerprint),
		                    arena_span(&k->arena, buf_span(&der))};
	buf_release(&der);
	return key != NULL;
}

static bool read_list(struct scan *j, struct digest_keys *k)
{
	if (scan_peek(j) != SCAN_ARRAY || !scan_enter(j, SCAN_ARRAY))
		return false;
	while (scan_next_item(j))
		if (!read_key(j, k))
			return false;
	return true;
}

enum status digest_keys_read(struct span json, struct digest_keys **out, struct err *err)
{
	struct digest_keys *k = xcalloc(1, sizeof *k);
	struct scan j;
	struct span name;
	bool sound = true;
	arena_init(&k->arena);
	scan_init(&j, json);
	scan_enter(&j, SCAN_OBJECT);
	while (sound && scan_next_key(&j, &name))
		if (span_is(name, "PublicKeyList"))
			sound = read_list(&j, k);
		else
			scan_skip(&j);
	if (sound && scan_end(&j) && k->n) {
		*out = k;
		return STATUS_OK;
	}
	digest_keys_free(k);
	return err_set(err, STATUS_FILE, "bad-keys",
	               "is no output of 'aws cloudtrail list-public-keys' with keys in it");
}

void digest_keys_free(struct digest_keys *k)
{
	if (!k)
		return;
	vec_release(k);
	arena_release(&k->arena);
	free(k);
}

struct span digest_key(const struct digest_keys *k, struct span fingerprint)
{
	for (size_t i = 0; i < k->n; i++)
		if (span_eq(k->v[i].fingerprint, fingerprint))
			return k->v[i].der;
	return SPAN_NONE;
}
