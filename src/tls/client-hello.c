/* client-hello.c - tls: see client-hello.h. By hand: OpenSSL reads a ClientHello only as a server that
 * then answers it; here it is read before anyone decides whether to answer or to tunnel it unread. */
#include "config.h"

#include "tls/client-hello.h"

enum {
	RECORD_HANDSHAKE = 22,
	HANDSHAKE_CLIENT_HELLO = 1,
	RECORD_HEADER = 5,
	RECORD_MOST = 16384, /* RFC 8446 5.1: plaintext of one record */
	EXTENSION_SNI = 0,
	EXTENSION_ALPN = 16,
	EXTENSION_ECH = 0xfe0d,
};

struct reader {
	const unsigned char *p;
	size_t n;
	bool bad;
};

static uint32_t take_number(struct reader *r, size_t bytes)
{
	if (r->n < bytes) {
		r->bad = true;
		return 0;
	}
	uint32_t v = 0;
	for (size_t i = 0; i < bytes; i++)
		v = v << 8 | r->p[i];
	r->p += bytes;
	r->n -= bytes;
	return v;
}

/* A vector with a length of so many bytes in front. */
static struct reader take_vector(struct reader *r, size_t length_bytes)
{
	size_t n = take_number(r, length_bytes);
	if (r->bad || r->n < n) {
		r->bad = true;
		return (struct reader){NULL, 0, true};
	}
	struct reader v = {r->p, n, false};
	r->p += n;
	r->n -= n;
	return v;
}

bool hello_is_hostname(struct span s)
{
	bool letter = false;
	if (s.n == 0 || s.n > 253)
		return false;
	while (s.p) {
		struct span label = span_cut(&s, '.');
		if (label.n == 0 || label.n > 63)
			return false;
		for (size_t i = 0; i < label.n; i++) {
			char c = label.p[i];
			letter |= ascii_alpha(c);
			if (!ascii_alpha(c) && !ascii_digit(c) && c != '-' && c != '_')
				return false;
		}
	}
	return letter;
}

static void read_sni(struct reader r, struct hello *h)
{
	struct reader list = take_vector(&r, 2);
	while (!list.bad && list.n) {
		uint32_t type = take_number(&list, 1);
		struct reader name = take_vector(&list, 2);
		if (list.bad || type != 0)
			continue;
		struct span host = span_make((const char *)name.p, name.n);
		if (!hello_is_hostname(host)) {
			h->sni_bad = true;
			return;
		}
		for (size_t i = 0; i < host.n; i++)
			h->sni[i] = ascii_lower(host.p[i]);
		h->sni[host.n] = '\0';
		return;
	}
	h->sni_bad = true;
}

static void read_alpn(struct reader r, struct hello *h)
{
	struct reader list = take_vector(&r, 2);
	h->alpn = true;
	while (!list.bad && list.n) {
		struct reader name = take_vector(&list, 1);
		if (!list.bad && span_is(span_make((const char *)name.p, name.n), "http/1.1"))
			h->http11 = true;
	}
}

static bool read_hello(struct reader r, struct hello *h)
{
	take_number(&r, 2); /* legacy_version */
	if (r.n < 32)
		return false;
	r.p += 32;
	r.n -= 32;
	take_vector(&r, 1); /* session id */
	take_vector(&r, 2); /* cipher suites */
	take_vector(&r, 1); /* compression */
	if (r.bad)
		return false;
	if (r.n == 0)
		return true;
	struct reader extensions = take_vector(&r, 2);
	while (!extensions.bad && extensions.n) {
		uint32_t type = take_number(&extensions, 2);
		struct reader body = take_vector(&extensions, 2);
		if (extensions.bad)
			break;
		if (type == EXTENSION_SNI)
			read_sni(body, h);
		else if (type == EXTENSION_ALPN)
			read_alpn(body, h);
		else if (type == EXTENSION_ECH)
			h->ech = true;
	}
	return !extensions.bad;
}

enum hello_result hello_parse(const void *data, size_t n, struct hello *h)
{
	const unsigned char *p = data;
	unsigned char message[LIMIT_HELLO];
	size_t have = 0, want = 4;
	*h = (struct hello){.sni = ""};
	for (size_t at = 0; have < want;) {
		size_t rest = n - at;
		if ((rest > 0 && p[at] != RECORD_HANDSHAKE) || (rest > 1 && p[at + 1] != 3))
			return HELLO_OTHER;
		if (rest < RECORD_HEADER)
			return HELLO_MORE;
		size_t length = (size_t)p[at + 3] << 8 | p[at + 4];
		if (length == 0 || length > RECORD_MOST)
			return HELLO_OTHER;
		at += RECORD_HEADER;
		size_t take = length < n - at ? length : n - at;
		if (have + take > sizeof message)
			return HELLO_OTHER;
		memcpy(message + have, p + at, take);
		have += take;
		if (have > 0 && message[0] != HANDSHAKE_CLIENT_HELLO)
			return HELLO_OTHER;
		if (have >= 4)
			want = 4 +
			       ((size_t)message[1] << 16 | (size_t)message[2] << 8 | message[3]);
		if (want > sizeof message)
			return HELLO_OTHER;
		at += take;
		if (take < length && have < want)
			return HELLO_MORE;
	}
	return read_hello((struct reader){message + 4, want - 4, false}, h) ? HELLO_TLS
	                                                                    : HELLO_OTHER;
}
