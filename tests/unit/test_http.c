/* test_http.c - framing of HTTP/1: every case whole and split at every byte gives the same answer;
 * what can be framed in two ways is refused. Also what a TLS client says first. */
#include "unit.h"

#include "tls/client-hello.h"
#include "proxy/http.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

struct message {
	const char *text;
	const char *content; /* NULL: refused */
	const char *rest;    /* what does not belong to it */
	const char *method;  /* of a response's request; NULL: text is a request */
};

/* Answers as the relay does, fed in pieces of step bytes. */
static enum http_result read_message(const struct message *m, size_t step, char *content,
                                     size_t *size)
{
	static struct http_head h;
	size_t n = strlen(m->text), scanned = 0, have = 0, at = 0;
	const char *reason = NULL;
	enum http_result r = HTTP_MORE;
	content[0] = '\0';
	char *copy = malloc(n + 1);
	while (r == HTTP_MORE && have < n) {
		have = have + step < n ? have + step : n;
		/* A fresh block of the exact size, so that a sanitizer sees any look past the end.
		 */
		char *part = malloc(have);
		memcpy(part, m->text, have);
		r = m->method ? http_response_head(part, have, &scanned, &h, &reason)
		              : http_request_head(part, have, &scanned, &h, &reason);
		free(copy);
		copy = part;
	}
	if (r == HTTP_DONE) {
		struct http_body b;
		if (m->method)
			http_body_of_response(&b, &h, span_of(m->method));
		else
			http_body_of_request(&b, &h);
		at = h.size;
		for (;;) {
			size_t used;
			struct span data;
			r = http_body_feed(&b, m->text + at, have - at, &used, &data);
			strncat(content, data.p ? data.p : "", data.n);
			at += used;
			if (r != HTTP_MORE || (at == have && have == n))
				break;
			if (at == have)
				have = have + step < n ? have + step : n;
		}
	}
	free(copy);
	*size = at;
	return r;
}

static void expect(const struct message *m, size_t n)
{
	char content[8192];
	for (size_t i = 0; i < n; i++)
		for (size_t step = 1; step <= strlen(m[i].text); step++) {
			size_t size;
			enum http_result r = read_message(&m[i], step, content, &size);
			if (!m[i].content) {
				if (r != HTTP_BAD)
					fail_msg("not refused in steps of %zu: %s", step,
					         m[i].text);
				continue;
			}
			if (r == HTTP_BAD)
				fail_msg("refused in steps of %zu: %s", step, m[i].text);
			assert_string_equal(content, m[i].content);
			assert_string_equal(m[i].text + size, m[i].rest);
		}
}

#define R(fields, body) "POST / HTTP/1.1\r\nHost: h\r\n" fields "\r\n" body
#define A(status, fields, body) "HTTP/1.1 " status "\r\n" fields "\r\n" body
#define CHUNKED "Transfer-Encoding: chunked\r\n"

static void frames_requests(void **state)
{
	static const struct message m[] = {
	        {"GET / HTTP/1.1\r\nHost: h\r\n\r\nGET", "", "GET", NULL},
	        {"\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "", "", NULL},
	        {"GET / HTTP/1.0\r\n\r\n", "", "", NULL},
	        {"CONNECT a:443 HTTP/1.0\r\n\r\n\x16\x03", "", "\x16\x03", NULL},
	        {R("Content-Length: 5\r\n", "helloPOST"), "hello", "POST", NULL},
	        {R("content-length:\t5 \r\n", "hello"), "hello", "", NULL},
	        {R("Content-Length: 0\r\n", "x"), "", "x", NULL},
	        {R(CHUNKED, "5\r\nhello\r\n0\r\n\r\nX"), "hello", "X", NULL},
	        {R("transfer-encoding: Chunked\r\n", "1;a=b\r\nh\r\n0004\r\nello\r\n0\r\n\r\n"),
	         "hello", "", NULL},
	        {R(CHUNKED,
	           "5 \t;a\r\nhello\r\n0\r\nHosts: a\r\nContent-Lengt: 5\r\nHos: b\r\n\r\n"),
	         "hello", "", NULL},
	        {R(CHUNKED, "A\r\n0123456789\r\n0;x\r\nx-amz-checksum-crc32: AA==\r\nb:\r\n\r\nX"),
	         "0123456789", "X", NULL},
	};
	expect(m, sizeof m / sizeof m[0]);
}

static void frames_responses(void **state)
{
	static const struct message m[] = {
	        {A("200 OK", "Content-Length: 2\r\n", "hi!"), "hi", "!", "GET"},
	        {A("200", "", "until close"), "until close", "", "GET"},
	        {A("200 OK", "Content-Length: 2\r\n", "HTTP"), "", "HTTP", "HEAD"},
	        {A("204 No Content", "", "HTTP"), "", "HTTP", "GET"},
	        {A("304 Not Modified", "Content-Length: 7\r\n", "HTTP"), "", "HTTP", "GET"},
	        {A("100 Continue", "", "HTTP"), "", "HTTP", "PUT"},
	        {A("206 Partial Content", CHUNKED, "2\r\nhi\r\n0\r\n\r\n!"), "hi", "!", "GET"},
	        {A("200 OK", "Transfer-Encoding: gzip, chunked\r\n", "2\r\nhi\r\n0\r\n\r\n!"), "hi",
	         "!", "GET"},
	        {A("200 OK", "Transfer-Encoding: gzip\r\n", "hi"), "hi", "", "GET"},
	        {A("101 Switching Protocols", "Upgrade: x\r\nConnection: upgrade\r\n", "\x81\x01x"),
	         "\x81\x01x", "", "GET"},
	        {"HTTP/1.0 200 OK\r\n\r\nold", "old", "", "GET"},
	};
	expect(m, sizeof m / sizeof m[0]);
}

static void refuses_what_is_ambiguous(void **state)
{
	static const struct message m[] = {
	        {R("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), NULL, NULL, NULL},
	        {R("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), NULL, NULL, NULL},
	        {R("Content-Length: 5, 5\r\n", "hello"), NULL, NULL, NULL},
	        {R("Content-Length: +5\r\n", "hello"), NULL, NULL, NULL},
	        {R("Content-Length: -1\r\n", "hello"), NULL, NULL, NULL},
	        {R("Content-Length: 0x5\r\n", "hello"), NULL, NULL, NULL},
	        {R("Content-Length:\r\n", ""), NULL, NULL, NULL},
	        {R("Content-Length: 99999999999999999999\r\n", ""), NULL, NULL, NULL},
	        {R("Content-Length: 5\r\n" CHUNKED, "0\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED "Content-Length: 5\r\n", "0\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED CHUNKED, "0\r\n\r\n"), NULL, NULL, NULL},
	        {R("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), NULL, NULL, NULL},
	        {R("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), NULL, NULL, NULL},
	        {R("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), NULL, NULL, NULL},
	        {R("Transfer-Encoding: \x0b"
	           "chunked\r\n",
	           "0\r\n\r\n"),
	         NULL, NULL, NULL},
	        {R("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), NULL, NULL, NULL},
	        {R("X: y\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), NULL, NULL, NULL},
	        {R("X: y\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), NULL, NULL, NULL},
	        {R("X: y\rZ: z\r\n", ""), NULL, NULL, NULL},
	        {R("Host: other\r\n", ""), NULL, NULL, NULL},
	        {R(": empty\r\n", ""), NULL, NULL, NULL},
	        {R("no colon\r\n", ""), NULL, NULL, NULL},
	        {R("a b: c\r\n", ""), NULL, NULL, NULL},
	        {"POST / HTTP/1.0\r\n" CHUNKED "\r\n0\r\n\r\n", NULL, NULL, NULL},
	        {"GET / HTTP/1.1\r\n\r\n", NULL, NULL, NULL},
	        {"GET / HTTP/1.1\nHost: h\n\n", NULL, NULL, NULL},
	        {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", NULL, NULL, NULL},
	        {"GET / x HTTP/1.1\r\nHost: h\r\n\r\n", NULL, NULL, NULL},
	        {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", NULL, NULL, NULL},
	        {"GET / HTTP/1.1 \r\nHost: h\r\n\r\n", NULL, NULL, NULL},
	        {"GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n", NULL, NULL, NULL},
	        {"G@T / HTTP/1.1\r\nHost: h\r\n\r\n", NULL, NULL, NULL},
	        {" GET / HTTP/1.1\r\nHost: h\r\n\r\n", NULL, NULL, NULL},
	        {R(CHUNKED, "5\nhello\r\n0\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED, "5 \r\nhello\n0\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED, "\r\nhello\r\n0\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED, "g\r\nhello\r\n0\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED, "0x5\r\nhello\r\n0\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED, "5 6\r\nhello\r\n0\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED, "0\r\ncontent-Length: 5\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED, "0\r\na: b\r\nTransfer-Encoding: chunked\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED, "0\r\nHost: other\r\n\r\n"), NULL, NULL, NULL},
	        {"GGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGG / HTTP/1.1\r\nHost: h\r\n\r\n", NULL, NULL,
	         NULL},
	        {R(CHUNKED, "5\r\nhello!\r\n0\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED, "1000000000000000\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED, "5;a\x01\r\nhello\r\n0\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED, "0\r\nno colon\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED, "0\r\n folded: x\r\n\r\n"), NULL, NULL, NULL},
	        {R(CHUNKED, "0\r\na: b\nc: d\r\n\r\n"), NULL, NULL, NULL},
	        {A("200 OK", "Content-Length: 2\r\n" CHUNKED, "0\r\n\r\n"), NULL, NULL, "GET"},
	        {A("200 OK", "Content-Length: 2\r\nContent-Length: 2\r\n", "hi"), NULL, NULL,
	         "GET"},
	        {A("200 OK", "Transfer-Encoding: chunked, gzip\r\n", "hi"), NULL, NULL, "GET"},
	        {A("099 No", "", ""), NULL, NULL, "GET"},
	        {A("2000 No", "", ""), NULL, NULL, "GET"},
	        {"HTTP/2 200 OK\r\n\r\n", NULL, NULL, "GET"},
	        {"HTTP/1.0 200 OK\r\n" CHUNKED "\r\n0\r\n\r\n", NULL, NULL, "GET"},
	        {"220 smtp.example ESMTP\r\n\r\n", NULL, NULL, "GET"},
	};
	expect(m, sizeof m / sizeof m[0]);
}

static void bounds_the_head(void **state)
{
	static struct http_head h;
	size_t room = LIMIT_HTTP_HEAD + 1000, n = 0, scanned = 0;
	char *big = malloc(room);
	const char *reason = NULL;
	n = (size_t)snprintf(big, room, "GET / HTTP/1.1\r\nHost: h\r\nX: ");
	memset(big + n, 'a', room - n);
	assert_int_equal(http_request_head(big, LIMIT_HTTP_HEAD - 1, &scanned, &h, &reason),
	                 HTTP_MORE);
	assert_int_equal(http_request_head(big, room, &scanned, &h, &reason), HTTP_BAD);
	n = (size_t)snprintf(big, room, "GET / HTTP/1.1\r\nHost: h\r\n");
	for (size_t i = 0; i < LIMIT_HTTP_FIELDS; i++)
		n += (size_t)snprintf(big + n, room - n, "A: b\r\n");
	n += (size_t)snprintf(big + n, room - n, "\r\n");
	scanned = 0;
	assert_int_equal(http_request_head(big, n, &scanned, &h, &reason), HTTP_BAD);
	assert_string_equal(reason, "too many fields");
	free(big);
}

static void tells_http_from_others(void **state)
{
	assert_true(http_may_begin_request("G", 1));
	assert_true(http_may_begin_request("GET /", 5));
	assert_true(http_may_begin_request("\r\nM-SEARCH * ", 13));
	assert_true(http_may_begin_request("POST\t/ HTTP/1.1", 15));
	assert_false(http_may_begin_request("\t/ HTTP/1.1", 11));
	assert_false(http_may_begin_request("PRI * HTTP/2.0\r\n", 16));
	/* However it is cut: a beginning decides nothing. */
	assert_true(http_may_begin_request("PRI ", 4));
	assert_true(http_may_begin_request("PRI /", 5));
	assert_false(http_may_begin_request("\x10\x1aMQTT", 6));
	assert_false(http_may_begin_request("\x16\x03\x01", 3));
	assert_false(http_may_begin_request(" GET", 4));
}

/* A real hello, by OpenSSL. */
static size_t make_hello(const char *sni, const char *alpn, unsigned char *out, size_t size)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);
	BIO *in = BIO_new(BIO_s_mem()), *to = BIO_new(BIO_s_mem());
	char name[256];
	SSL_set_bio(ssl, in, to);
	snprintf(name, sizeof name, "%s", sni ? sni : "");
	if (sni)
		SSL_set_tlsext_host_name(ssl, name);
	if (alpn)
		SSL_set_alpn_protos(ssl, (const unsigned char *)alpn, (unsigned)strlen(alpn));
	SSL_connect(ssl);
	int n = BIO_read(to, out, (int)size);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	return n > 0 ? (size_t)n : 0;
}

static void reads_a_hello(void **state)
{
	unsigned char b[4096], split[4096];
	struct hello h;
	size_t n = make_hello("S3.us-east-1.AMAZONAWS.com", "\x02h2\x08http/1.1", b, sizeof b);
	assert_true(n > 100);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(hello_parse(b, i, &h), HELLO_MORE);
	assert_int_equal(hello_parse(b, n, &h), HELLO_TLS);
	assert_string_equal(h.sni, "s3.us-east-1.amazonaws.com");
	assert_true(h.alpn && h.http11 && !h.sni_bad && !h.ech);
	/* The same message in two records. */
	memcpy(split, b, 5);
	split[3] = 0;
	split[4] = 50;
	memcpy(split + 5, b + 5, 50);
	memcpy(split + 55, b, 5);
	split[58] = (unsigned char)((n - 55) >> 8);
	split[59] = (unsigned char)(n - 55);
	memcpy(split + 60, b + 55, n - 55);
	for (size_t i = 0; i < n + 5; i++)
		assert_int_equal(hello_parse(split, i, &h), HELLO_MORE);
	assert_int_equal(hello_parse(split, n + 5, &h), HELLO_TLS);
	assert_string_equal(h.sni, "s3.us-east-1.amazonaws.com");
	n = make_hello(NULL, "\x02h2", b, sizeof b);
	assert_int_equal(hello_parse(b, n, &h), HELLO_TLS);
	assert_string_equal(h.sni, "");
	assert_true(h.alpn && !h.http11 && !h.sni_bad);
	n = make_hello("a\x01.amazonaws.com", NULL, b, sizeof b);
	assert_int_equal(hello_parse(b, n, &h), HELLO_TLS);
	assert_true(h.sni_bad && h.sni[0] == '\0');
	assert_int_equal(hello_parse("GET / HTTP/1.1\r\n", 16, &h), HELLO_OTHER);
	assert_int_equal(hello_parse("\x16\x03\x01\x02\x00\x01\xff\xff\xff", 9, &h), HELLO_OTHER);
	/* Cut and flipped bytes never lead outside (for the sanitizer). */
	for (size_t i = 5; i < n; i++) {
		memcpy(split, b, n);
		split[i] ^= 0xff;
		hello_parse(split, n, &h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(frames_requests),           cmocka_unit_test(frames_responses),
	        cmocka_unit_test(refuses_what_is_ambiguous), cmocka_unit_test(bounds_the_head),
	        cmocka_unit_test(tells_http_from_others),    cmocka_unit_test(reads_a_hello),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
