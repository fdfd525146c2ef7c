/* http.h - proxy: where an HTTP/1 message begins and ends (RFC 9112), decided strictly: what two
 * readers could frame in two ways is refused, never guessed. Pure: looks at bytes, changes none,
 * does no I/O. */
#ifndef PROXY_HTTP_H
#define PROXY_HTTP_H

#include "base/span.h"

enum http_result {
	HTTP_MORE, /* all well so far, the input ended first */
	HTTP_DONE, /* the head, or the body, is complete */
	HTTP_BAD,  /* not to be relayed; what is wrong is told */
};

/* Start line and fields of one message with their last empty line. AWS services stop at 8 to 64 KB.
 */
#define LIMIT_HTTP_HEAD ((size_t)64 << 10)
/* Fields of one head: the most seen was 38. */
#define LIMIT_HTTP_FIELDS ((size_t)200)
/* The longest method that is registered has 17 letters; a longer token begins another protocol. */
#define LIMIT_HTTP_METHOD ((size_t)32)
/* A chunk's size line with its extensions, and one trailer line; aws-chunked signs in 85 bytes. */
#define LIMIT_HTTP_LINE ((size_t)8 << 10)
/* All trailers of one message. */
#define LIMIT_HTTP_TRAILERS ((size_t)32 << 10)

struct http_field {
	struct span name, value; /* value without white space at its ends */
};

/* Spans point into the text that was parsed. */
struct http_head {
	size_t size;        /* bytes of the head, with what stood before it and its empty line */
	unsigned minor;     /* HTTP/1.minor: 0 or 1 */
	struct span method; /* of a request, else SPAN_NONE */
	struct span target; /* as written: origin, absolute, authority or asterisk form */
	unsigned status;    /* of a response: 100..599, else 0 */
	struct http_field fields[LIMIT_HTTP_FIELDS];
	size_t n_fields;
	struct span host; /* value of Host, SPAN_NONE if there is none */
	bool chunked;     /* the last transfer coding is chunked */
	bool coded;       /* a response has another transfer coding, too, or only another */
	bool has_length;
	uint64_t length;      /* Content-Length */
	bool close;           /* Connection: close */
	bool keep_alive;      /* Connection: keep-alive */
	bool upgrade;         /* Connection: upgrade with an Upgrade field */
	bool expect_continue; /* Expect: 100-continue */
};

/* Whether p[0..n) begins with a whole head. *scanned (0 at first) remembers how far was looked, so
 * that a head that comes byte by byte is looked at once. HTTP_DONE: *h is filled. HTTP_BAD: *reason
 * is a constant text. Of a request one or two empty lines in front are passed over (RFC 9112 2.2).
 */
enum http_result http_request_head(const char *p, size_t n, size_t *scanned, struct http_head *h,
                                   const char **reason);
enum http_result http_response_head(const char *p, size_t n, size_t *scanned, struct http_head *h,
                                    const char **reason);

/* Could p[0..n) (n > 0) begin an HTTP/1 request: method, space? False: another protocol. */
bool http_may_begin_request(const char *p, size_t n);

/* The first field of that name (any case), or SPAN_NONE. */
struct span http_field(const struct http_head *h, const char *name);
/* Whether a comma list holds the token (any case, parameters ignored). */
bool http_list_has(struct span list, const char *token);

enum http_framing {
	HTTP_NO_BODY,
	HTTP_LENGTH,
	HTTP_CHUNKED,
	HTTP_UNTIL_CLOSE, /* responses only */
	HTTP_TUNNEL,      /* 101: no HTTP from here on */
};

/* Reads a body in pieces of any size. */
struct http_body {
	enum http_framing framing;
	int state;
	uint64_t left;   /* bytes still to come, of the body or of the chunk */
	size_t line;     /* bytes of the line being read */
	size_t trailers; /* bytes of all trailers so far */
	bool colon;      /* the trailer line has one */
	unsigned names;  /* a bit for each name that the trailer may still have */
	unsigned digits;
	const char *reason; /* after HTTP_BAD */
};

/* How the body behind h is framed; for a response method is the request's. */
void http_body_of_request(struct http_body *b, const struct http_head *h);
void http_body_of_response(struct http_body *b, const struct http_head *h, struct span method);
/* A second chunk layer (Content-Encoding: aws-chunked). */
void http_body_inner(struct http_body *b);

/* Looks at p[0..n); *used says how many of them belong to the body so far, *data which of these are
 * its content (one piece; call again while used < n). HTTP_DONE: the body ends after *used bytes. A
 * body without content is done at the first call, with n 0 too. HTTP_UNTIL_CLOSE and HTTP_TUNNEL
 * never end. */
enum http_result http_body_feed(struct http_body *b, const char *p, size_t n, size_t *used,
                                struct span *data);

#endif
