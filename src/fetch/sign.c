/* sign.c - fetch: see sign.h. */
#include "config.h"

#include "fetch/sign.h"

#include "base/arena.h"
#include "base/when.h"

#include <sodium.h>
#include <stdlib.h>

enum { HEX_HASH = 2 * crypto_hash_sha256_BYTES + 1, STAMP = 17 };

/* What goes into the canonical request, already in its form. */
struct signing {
	const struct sign_request *request;
	struct arena arena;
	struct sign_pair headers[SIGN_PAIRS + 4]; /* names in lower case, values trimmed; sorted */
	size_t n_headers;
	struct span query;   /* encoded and sorted, without '?' */
	struct span names;   /* "host;x-amz-date" */
	char stamp[STAMP];   /* "20260131T080000Z" */
	char hash[HEX_HASH]; /* of the body */
};

/* ---- encoding */

static bool is_unreserved(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '-' || c == '_' || c == '.' || c == '~';
}

static struct span encode(struct arena *arena, struct span s, bool keep_slash)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = arena_alloc(arena, 3 * s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (is_unreserved(s.p[i]) || (keep_slash && c == '/')) {
			out[n++] = s.p[i];
			continue;
		}
		out[n++] = '%';
		out[n++] = digits[c >> 4];
		out[n++] = digits[c & 15];
	}
	return span_make(out, n);
}

/* Without empty and dot segments: what every service but S3 does to a path before it checks. */
static struct span normalise(struct arena *arena, struct span path)
{
	char *out = arena_alloc(arena, path.n + 2);
	size_t n = 0;
	bool slash_end = path.n == 0 || path.p[path.n - 1] == '/' ||
	                 span_ends(path, SPAN_LIT("/.")) || span_ends(path, SPAN_LIT("/.."));
	for (struct span rest = path, part; rest.p;) {
		part = span_cut(&rest, '/');
		if (part.n == 0 || span_is(part, "."))
			continue;
		if (span_is(part, "..")) {
			while (n > 0 && out[--n] != '/')
				continue;
			continue;
		}
		out[n++] = '/';
		memcpy(out + n, part.p, part.n);
		n += part.n;
	}
	if (n == 0 || slash_end)
		out[n++] = '/';
	return span_make(out, n);
}

static int by_name(const void *a, const void *b)
{
	const struct sign_pair *x = a, *y = b;
	int c = span_cmp(x->name, y->name);
	return c ? c : span_cmp(x->value, y->value);
}

static struct span canonical_query(struct arena *arena, const struct sign_request *q)
{
	struct sign_pair pairs[SIGN_PAIRS] = {{{0}, {0}}};
	size_t n = 0;
	for (size_t i = 0; i < q->n_query; i++) {
		pairs[i].name = encode(arena, q->query[i].name, false);
		pairs[i].value = encode(arena, q->query[i].value, false);
		n += pairs[i].name.n + pairs[i].value.n + 2;
	}
	qsort(pairs, q->n_query, sizeof *pairs, by_name);
	char *out = arena_alloc(arena, n + 1);
	n = 0;
	for (size_t i = 0; i < q->n_query; i++) {
		if (i)
			out[n++] = '&';
		memcpy(out + n, pairs[i].name.p, pairs[i].name.n);
		n += pairs[i].name.n;
		out[n++] = '=';
		memcpy(out + n, pairs[i].value.p, pairs[i].value.n);
		n += pairs[i].value.n;
	}
	return span_make(out, n);
}

/* ---- header fields */

static bool is_sound(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return true;
}

/* Trimmed, with one blank for each run of them. */
static struct span squeeze(struct arena *arena, struct span s)
{
	s = span_trim(s);
	char *out = arena_alloc(arena, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' || out[n - 1] != ' ')
			out[n++] = s.p[i];
	return span_make(out, n);
}

static void add_header(struct signing *s, struct span name, struct span value)
{
	char *lower = arena_alloc(&s->arena, name.n + 1);
	for (size_t i = 0; i < name.n; i++)
		lower[i] = ascii_lower(name.p[i]);
	s->headers[s->n_headers++] =
	        (struct sign_pair){span_make(lower, name.n), squeeze(&s->arena, value)};
}

/* Fields of one name become one, in the order in which they are sent; then all are sorted. */
static void order_headers(struct signing *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n_headers; i++) {
		size_t k = 0;
		while (k < n && !span_eq(s->headers[k].name, s->headers[i].name))
			k++;
		if (k == n)
			s->headers[n++] = s->headers[i];
		else
			s->headers[k].value =
			        arena_printf(&s->arena, "%.*s,%.*s", SPAN_ARG(s->headers[k].value),
			                     SPAN_ARG(s->headers[i].value));
	}
	s->n_headers = n;
	qsort(s->headers, n, sizeof *s->headers, by_name);
}

static void name_headers(struct signing *s)
{
	s->names = SPAN_LIT("");
	for (size_t i = 0; i < s->n_headers; i++)
		s->names = arena_printf(&s->arena, "%.*s%s%.*s", SPAN_ARG(s->names), i ? ";" : "",
		                        SPAN_ARG(s->headers[i].name));
}

/* ---- the signature */

static void hash_hex(struct span s, char out[HEX_HASH])
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(hash, (const unsigned char *)s.p, s.n);
	sodium_bin2hex(out, HEX_HASH, hash, sizeof hash);
}

static void hmac(const unsigned char *key, size_t n, struct span text,
                 unsigned char out[crypto_auth_hmacsha256_BYTES])
{
	crypto_auth_hmacsha256_state state;
	crypto_auth_hmacsha256_init(&state, key, n);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)text.p, text.n);
	crypto_auth_hmacsha256_final(&state, out);
	sodium_memzero(&state, sizeof state);
}

static void write_stamp(int64_t time, char out[STAMP])
{
	char text[WHEN_SIZE];
	size_t n = 0;
	when_format(time, text);
	for (size_t i = 0; text[i] && n < STAMP - 1; i++)
		if (text[i] != '-' && text[i] != ':')
			out[n++] = text[i];
	out[n] = '\0';
}

static struct span string_to_sign(struct signing *s, struct span scope)
{
	const struct sign_request *q = s->request;
	bool s3 = span_is(q->service, "s3");
	struct span path = q->path.n ? q->path : SPAN_LIT("/");
	char hash[HEX_HASH];
	struct buf b;
	path = encode(&s->arena, s3 ? path : normalise(&s->arena, path), true);
	if (!s3)
		path = encode(&s->arena, path, true);
	buf_init(&b, SIZE_MAX / 2);
	buf_addf(&b, "%.*s\n%.*s\n%.*s\n", SPAN_ARG(q->method), SPAN_ARG(path), SPAN_ARG(s->query));
	for (size_t i = 0; i < s->n_headers; i++)
		buf_addf(&b, "%.*s:%.*s\n", SPAN_ARG(s->headers[i].name),
		         SPAN_ARG(s->headers[i].value));
	buf_addf(&b, "\n%.*s\n%s", SPAN_ARG(s->names), s->hash);
	hash_hex(buf_span(&b), hash);
	sodium_memzero(b.p, b.n); /* the session token is in it */
	buf_release(&b);
	return arena_printf(&s->arena, "AWS4-HMAC-SHA256\n%s\n%.*s\n%s", s->stamp, SPAN_ARG(scope),
	                    hash);
}

static void sign_text(struct signing *s, const struct sign_key *key, struct span text,
                      char out[HEX_HASH])
{
	const struct sign_request *q = s->request;
	unsigned char k[crypto_auth_hmacsha256_BYTES];
	struct span first = arena_printf(&s->arena, "AWS4%.*s", SPAN_ARG(key->secret));
	hmac((const unsigned char *)first.p, first.n, span_make(s->stamp, 8), k);
	sodium_memzero((void *)(uintptr_t)first.p, first.n);
	hmac(k, sizeof k, q->region, k);
	hmac(k, sizeof k, q->service, k);
	hmac(k, sizeof k, SPAN_LIT("aws4_request"), k);
	hmac(k, sizeof k, text, k);
	sodium_bin2hex(out, HEX_HASH, k, sizeof k);
	sodium_memzero(k, sizeof k);
}

/* The fields that signing adds, to what is signed and to what is sent. */
static bool add_own(struct signing *s, const struct sign_key *key, struct buf *lines)
{
	const struct sign_request *q = s->request;
	struct sign_pair own[3];
	size_t n = 0;
	bool fine = true;
	own[n++] = (struct sign_pair){SPAN_LIT("X-Amz-Date"), span_of(s->stamp)};
	if (q->payload_hash)
		own[n++] = (struct sign_pair){SPAN_LIT("X-Amz-Content-Sha256"), span_of(s->hash)};
	if (key->session_token.n)
		own[n++] = (struct sign_pair){SPAN_LIT("X-Amz-Security-Token"), key->session_token};
	for (size_t i = 0; i < n; i++) {
		add_header(s, own[i].name, own[i].value);
		fine = fine && is_sound(own[i].value) &&
		       buf_addf(lines, "%.*s: %.*s\n", SPAN_ARG(own[i].name),
		                SPAN_ARG(own[i].value));
	}
	return fine;
}

static bool add_signature(struct signing *s, const struct sign_key *key, struct buf *lines)
{
	const struct sign_request *q = s->request;
	char signature[HEX_HASH];
	write_stamp(q->time, s->stamp);
	hash_hex(span_make(q->body.p ? q->body.p : "", q->body.n), s->hash);
	if (!is_sound(key->access_key) || !add_own(s, key, lines))
		return false;
	order_headers(s);
	name_headers(s);
	struct span scope = arena_printf(&s->arena, "%.8s/%.*s/%.*s/aws4_request", s->stamp,
	                                 SPAN_ARG(q->region), SPAN_ARG(q->service));
	sign_text(s, key, string_to_sign(s, scope), signature);
	return buf_addf(lines,
	                "Authorization: AWS4-HMAC-SHA256 Credential=%.*s/%.*s, SignedHeaders=%.*s, "
	                "Signature=%s\n",
	                SPAN_ARG(key->access_key), SPAN_ARG(scope), SPAN_ARG(s->names), signature);
}

bool sign_request(const struct sign_request *q, const struct sign_key *key, struct buf *target,
                  struct buf *lines)
{
	struct signing s = {.request = q};
	if (q->n_headers > SIGN_PAIRS || q->n_query > SIGN_PAIRS || !is_sound(q->host) ||
	    !is_sound(q->region) || !is_sound(q->service))
		return false;
	arena_init(&s.arena);
	s.query = canonical_query(&s.arena, q);
	bool fine =
	        buf_add_span(target, encode(&s.arena, q->path.n ? q->path : SPAN_LIT("/"), true));
	if (s.query.n)
		fine = fine && buf_add_char(target, '?') && buf_add_span(target, s.query);
	add_header(&s, SPAN_LIT("Host"), q->host);
	fine = fine && buf_addf(lines, "Host: %.*s\n", SPAN_ARG(q->host));
	for (size_t i = 0; fine && i < q->n_headers; i++) {
		add_header(&s, q->headers[i].name, q->headers[i].value);
		fine = is_sound(q->headers[i].name) && is_sound(q->headers[i].value) &&
		       buf_addf(lines, "%.*s: %.*s\n", SPAN_ARG(q->headers[i].name),
		                SPAN_ARG(q->headers[i].value));
	}
	if (fine && key)
		fine = add_signature(&s, key, lines);
	arena_release(&s.arena);
	return fine;
}
