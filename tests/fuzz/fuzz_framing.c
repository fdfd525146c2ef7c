/* fuzz_framing.c - fuzz: where a message begins and ends. The same is said of it whether it comes
 * whole, byte by byte or in any other pieces; nothing behind a piece is looked at; and what is
 * accepted ends where a plain reading of RFC 9112 says so, too. */
#include "fuzz.h"

#include "proxy/http.h"

#include <stdlib.h>

static void must(int fine)
{
	if (!fine)
		abort();
}

/* ---- as http.c frames it */

struct framed {
	enum http_result head, body;
	enum http_framing framing;
	size_t head_bytes, body_bytes; /* of HTTP_BAD in the body: unset */
	uint64_t content;              /* a sum over what is in it */
};

/* How long pieces are. */
struct pieces {
	size_t each; /* 0: of any length */
	uint32_t random;
};

static size_t next_piece(struct pieces *p, size_t rest)
{
	p->random = p->random * 1664525u + 1013904223u;
	size_t n = p->each ? p->each : 1 + (p->random >> 16) % 40;
	return n < rest ? n : rest;
}

/* A block of its own, so that a sanitizer sees what is read behind it. */
static char *own_block(struct span s)
{
	char *p = malloc(s.n + !s.n);
	must(p != NULL);
	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

static void sum_up(struct framed *f, struct span data)
{
	for (size_t i = 0; i < data.n; i++)
		f->content = (f->content + (unsigned char)data.p[i] + 1) * 0x9E3779B97F4A7C15u;
}

static void frame_head(struct span s, bool request, struct pieces p, struct http_head *h,
                       struct framed *f)
{
	size_t have = 0, scanned = 0;
	const char *reason;
	for (f->head = HTTP_MORE; f->head == HTTP_MORE && have < s.n;) {
		have += next_piece(&p, s.n - have);
		char *part = own_block(span_sub(s, 0, have));
		f->head = request ? http_request_head(part, have, &scanned, h, &reason)
		                  : http_response_head(part, have, &scanned, h, &reason);
		must(scanned <= have);
		free(part);
	}
	f->head_bytes = f->head == HTTP_DONE ? h->size : 0;
}

static void frame_body(struct span s, struct pieces p, struct http_body *b, struct framed *f)
{
	size_t at = f->head_bytes;
	for (;;) {
		struct span data;
		size_t n = next_piece(&p, s.n - at), used;
		char *part = own_block(span_sub(s, at, n));
		f->body = http_body_feed(b, part, n, &used, &data);
		must(used <= n && data.n <= used);
		must(data.n == 0 || (data.p >= part && data.p + data.n <= part + used));
		sum_up(f, data);
		free(part);
		at += used;
		if (f->body != HTTP_MORE || n == 0)
			break;
		must(used > 0); /* or it would never end */
	}
	f->body_bytes = at - f->head_bytes;
}

static struct framed frame(struct span s, bool request, const char *method, struct pieces p)
{
	static struct http_head h;
	struct framed f = {0};
	struct http_body b;
	frame_head(s, request, p, &h, &f);
	if (f.head != HTTP_DONE)
		return f;
	if (request)
		http_body_of_request(&b, &h);
	else
		http_body_of_response(&b, &h, span_of(method));
	f.framing = b.framing;
	frame_body(s, p, &b, &f);
	return f;
}

/* ---- as a plain reading has it */

struct plain {
	size_t head_bytes;
	unsigned status;
	struct span length, coding; /* last of their name */
	bool whole;                 /* and ends behind body_bytes */
	size_t body_bytes;
};

static struct span next_line(struct span *rest)
{
	ptrdiff_t at = span_find(*rest, SPAN_LIT("\r\n"));
	must(at >= 0);
	struct span line = span_sub(*rest, 0, (size_t)at);
	*rest = span_from(*rest, (size_t)at + 2);
	return line;
}

static void read_head(struct span s, bool request, struct plain *p)
{
	size_t at = 0;
	while (request && at < 4 && span_starts(span_from(s, at), SPAN_LIT("\r\n")))
		at += 2;
	ptrdiff_t end = span_find(span_from(s, at), SPAN_LIT("\r\n\r\n"));
	must(end >= 0);
	p->head_bytes = at + (size_t)end + 4;
	struct span rest = span_sub(s, at, (size_t)end + 2), line = next_line(&rest);
	if (!request)
		p->status = (unsigned)strtoul(line.p + 9, NULL, 10);
	while (rest.n) {
		line = next_line(&rest);
		struct span name = span_cut(&line, ':');
		if (span_eq_ci(name, SPAN_LIT("Content-Length")))
			p->length = span_trim(line);
		if (span_eq_ci(name, SPAN_LIT("Transfer-Encoding")))
			p->coding = span_trim(line);
	}
}

static void read_chunks(struct span s, struct plain *p)
{
	struct span rest = s;
	for (;;) {
		ptrdiff_t at = span_find(rest, SPAN_LIT("\r\n"));
		if (at < 0)
			return;
		size_t size = strtoull(rest.p, NULL, 16);
		rest = span_from(rest, (size_t)at + 2);
		if (size == 0)
			break;
		if (rest.n < 2 || rest.n - 2 < size)
			return;
		rest = span_from(rest, size + 2);
	}
	while (span_find(rest, SPAN_LIT("\r\n")) >= 0)
		if (next_line(&rest).n == 0) {
			p->whole = true;
			p->body_bytes = s.n - rest.n;
			return;
		}
}

static void read_body(struct span s, enum http_framing framing, struct plain *p)
{
	struct span body = span_from(s, p->head_bytes);
	size_t n = 0;
	switch (framing) {
	case HTTP_NO_BODY: p->whole = true; break;
	case HTTP_CHUNKED: read_chunks(body, p); break;
	case HTTP_LENGTH:
		n = strtoull(p->length.p, NULL, 10);
		p->whole = body.n >= n;
		p->body_bytes = n;
		break;
	case HTTP_UNTIL_CLOSE:
	case HTTP_TUNNEL: break;
	}
}

/* RFC 9112 6.3, in its order. */
static enum http_framing framing_of(const struct plain *p, bool request, const char *method)
{
	ptrdiff_t comma = span_rchr(p->coding, ',');
	struct span last = span_trim(span_from(p->coding, (size_t)(comma + 1)));
	bool chunked = span_eq_ci(last, SPAN_LIT("chunked"));
	if (p->status == 101)
		return HTTP_TUNNEL;
	if (!request && (strcmp(method, "HEAD") == 0 || p->status < 200 || p->status == 204 ||
	                 p->status == 304))
		return HTTP_NO_BODY;
	if (p->coding.p)
		return chunked ? HTTP_CHUNKED : HTTP_UNTIL_CLOSE;
	if (p->length.p)
		return strtoull(p->length.p, NULL, 10) ? HTTP_LENGTH : HTTP_NO_BODY;
	return request ? HTTP_NO_BODY : HTTP_UNTIL_CLOSE;
}

static void compare(struct span s, bool request, const char *method, const struct framed *f)
{
	struct plain p = {0};
	read_head(s, request, &p);
	must(p.head_bytes == f->head_bytes);
	must(framing_of(&p, request, method) == f->framing);
	read_body(s, f->framing, &p);
	if (f->body == HTTP_DONE)
		must(p.whole && p.body_bytes == f->body_bytes);
	if (f->body == HTTP_MORE)
		must(!p.whole);
}

/* ---- all of it */

static void must_be_same(const struct framed *a, const struct framed *b)
{
	must(a->head == b->head && a->head_bytes == b->head_bytes);
	must(a->framing == b->framing && a->body == b->body);
	must(a->body_bytes == b->body_bytes && a->content == b->content);
}

static void try_as(struct span s, bool request, const char *method, uint32_t random)
{
	struct framed whole = frame(s, request, method, (struct pieces){s.n, 0});
	for (size_t each = 0; each < 3; each++) {
		struct framed cut = frame(s, request, method, (struct pieces){each, random});
		must_be_same(&whole, &cut);
	}
	if (whole.head == HTTP_DONE)
		compare(s, request, method, &whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n == 0 || n > 20000)
		return 0;
	/* With a NUL behind it, for the plain reading's strtoull. */
	char *text = calloc(1, n + 1);
	must(text != NULL);
	memcpy(text, data, n);
	uint32_t random = (uint32_t)n * 2654435761u + data[n / 2];
	struct span s = span_make(text, n);
	try_as(s, true, "", random);
	try_as(s, false, "GET", random);
	try_as(s, false, "HEAD", random);
	free(text);
	return 0;
}
