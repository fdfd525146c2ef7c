/* fuzz_answers.c - fuzz: what a stranger's server may answer when logs are fetched, and what lies
 * in the files around them: errors and listings in XML, digests and their keys, profiles; and
 * whatever is signed, no field of it begins a line of its own. The first byte says which. */
#include "fuzz.h"

#include "digest/digest-file.h"
#include "digest/keys.h"
#include "fetch/profiles.h"
#include "fetch/service-error.h"
#include "fetch/sign.h"
#include "fetch/xml.h"

#include <stdlib.h>
#include <string.h>

static void try_error(struct span text)
{
	struct http_answer answer = {.status = 403};
	struct service_error why;
	buf_init(&answer.body, (size_t)1 << 20);
	if (buf_add_span(&answer.body, text)) {
		service_error_read(&answer, &why);
		(void)service_error_remedy(answer.status, &why);
		for (const char *p = why.message; *p; p++)
			if ((unsigned char)*p < ' ')
				abort();
	}
	buf_release(&answer.body);
}

static void try_xml(struct span text)
{
	struct span rest = text, name, inside;
	struct buf out;
	buf_init(&out, (size_t)1 << 20);
	for (int depth = 0; depth < 64 && xml_next(&rest, &name, &inside); depth++) {
		if (!inside.p || inside.p < text.p || inside.p + inside.n > text.p + text.n)
			abort();
		buf_reset(&out);
		(void)xml_text(inside, &out);
		rest = inside;
	}
	(void)xml_path(text, "ListBucketResult/Contents/Key");
	buf_release(&out);
}

static void try_digest(struct span text)
{
	struct digest digest;
	struct digest_keys *keys;
	struct arena arena;
	struct err err;
	arena_init(&arena);
	err_clear(&err);
	if (digest_read(text, &arena, &digest, &err) == STATUS_OK)
		vec_release(&digest);
	err_clear(&err);
	if (digest_keys_read(text, &keys, &err) == STATUS_OK) {
		(void)digest_key(keys, span_of("1f"));
		digest_keys_free(keys);
	}
	arena_release(&arena);
}

static void try_profiles(struct span text)
{
	struct profiles *p = profiles_new();
	profiles_add(p, PROFILES_CONFIG, text);
	profiles_add(p, PROFILES_CREDENTIALS, text);
	(void)profiles_get(p, PROFILES_EITHER, "default", "region");
	(void)profiles_get(p, PROFILES_CONFIG, "services x", "s3.endpoint_url");
	profiles_free(p);
}

/* Pieces between NUL bytes, one after the other. */
static struct span piece(struct span *rest)
{
	const char *nul = rest->n ? memchr(rest->p, 0, rest->n) : NULL;
	struct span out = nul ? span_make(rest->p, (size_t)(nul - rest->p)) : *rest;
	*rest = span_from(*rest, nul ? out.n + 1 : rest->n);
	return out;
}

static size_t lines_of(const struct buf *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++)
		n += b->p[i] == '\n';
	return n;
}

static void try_signing(struct span rest)
{
	struct sign_pair query[2], headers[1];
	struct buf target, lines;
	for (size_t i = 0; i < 2; i++) {
		query[i].name = piece(&rest);
		query[i].value = piece(&rest);
	}
	headers[0] = (struct sign_pair){span_of("X-Amz-Target"), piece(&rest)};
	const struct sign_request request = {.method = span_of("GET"),
	                                     .service = span_of("s3"),
	                                     .region = piece(&rest),
	                                     .host = piece(&rest),
	                                     .path = piece(&rest),
	                                     .query = query,
	                                     .n_query = 2,
	                                     .headers = headers,
	                                     .n_headers = 1,
	                                     .body = span_of(""),
	                                     .payload_hash = true};
	const struct sign_key key = {span_of("AKIDEXAMPLE"), span_of("secret"), piece(&rest)};
	buf_init(&target, (size_t)1 << 20);
	buf_init(&lines, (size_t)1 << 20);
	if (sign_request(&request, &key, &target, &lines)) {
		/* Host, X-Amz-Target, -Date, -Content-Sha256, Authorization, maybe the token's */
		size_t n = lines_of(&lines);
		if (n < 5 || n > 6 || lines_of(&target))
			abort();
	}
	buf_release(&target);
	buf_release(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static void (*const what[])(struct span) = {try_error, try_xml, try_digest, try_profiles,
	                                            try_signing};
	if (n)
		what[data[0] % 5](span_make((const char *)data + 1, n - 1));
	return 0;
}
