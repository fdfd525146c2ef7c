/* http.c - proxy: see http.h. By hand: HTTP libraries rewrite, normalise or buffer what they read, and
 * accept framings that another reader takes otherwise; here the bytes must pass unchanged, and only
 * where there is no second way to frame them. */
#include "config.h"

#include "proxy/http.h"

/* RFC 9110 5.6.2: token characters. */
static bool is_token_char(unsigned char c)
{
	if (ascii_alpha((char)c) || ascii_digit((char)c))
		return true;
	return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_token(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_token_char((unsigned char)s.p[i]))
			return false;
	return s.n > 0;
}

/* RFC 9110 5.5: no control characters but the tab; bytes above 0x7f are opaque. */
static bool is_field_text(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static struct span trim_ows(struct span s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = span_from(s, 1);
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

bool http_list_has(struct span list, const char *token)
{
	while (list.p) {
		struct span item = span_cut(&list, ',');
		if (span_eq_ci(trim_ows(span_cut(&item, ';')), span_of(token)))
			return true;
	}
	return false;
}

struct span http_field(const struct http_head *h, const char *name)
{
	struct span want = span_of(name);
	for (size_t i = 0; i < h->n_fields; i++)
		if (span_eq_ci(h->fields[i].name, want))
			return h->fields[i].value;
	return SPAN_NONE;
}

bool http_may_begin_request(const char *p, size_t n)
{
	size_t i = 0;
	while (i < n && i < 4 && (p[i] == '\r' || p[i] == '\n'))
		i++;
	size_t start = i;
	while (i < n && is_token_char((unsigned char)p[i]))
		i++;
	/* "PRI * HTTP/2.0" is the one thing that looks like a request and is another protocol. */
	static const char preface[] = "PRI * HTTP/2";
	if (n - start >= sizeof preface - 1 && memcmp(p + start, preface, sizeof preface - 1) == 0)
		return false;
	/* Methods are short; a long token is no method. A tab behind one is read as a request, and
	 * refused: some servers take it for a space, so that what follows must not pass unseen. */
	return i - start <= LIMIT_HTTP_METHOD && (i == n || ((p[i] == ' ' || p[i] == '\t') && i > start));
}

static enum http_result bad(const char **reason, const char *text)
{
	*reason = text;
	return HTTP_BAD;
}

static enum http_result set_length(struct http_head *h, struct span value, const char **reason)
{
	if (h->has_length)
		return bad(reason, "more than one Content-Length");
	if (value.n == 0 || value.n > 18 || !span_to_u64(value, &h->length))
		return bad(reason, "Content-Length is not a number");
	h->has_length = true;
	return HTTP_DONE;
}

static enum http_result set_coding(struct http_head *h, struct span value, const char **reason)
{
	if (h->chunked || h->coded)
		return bad(reason, "more than one Transfer-Encoding");
	struct span rest = value;
	while (rest.p) {
		struct span item = trim_ows(span_cut(&rest, ','));
		bool chunked = span_eq_ci(item, SPAN_LIT("chunked"));
		if (h->chunked)
			return bad(reason, "chunked is not the last transfer coding");
		if (!chunked && (h->status == 0 || !is_token(trim_ows(span_cut(&item, ';')))))
			return bad(reason, "a Transfer-Encoding other than chunked");
		h->chunked = chunked;
		h->coded |= !chunked;
	}
	return HTTP_DONE;
}

static enum http_result note_field(struct http_head *h, struct span name, struct span value,
                                   const char **reason)
{
	if (span_eq_ci(name, SPAN_LIT("content-length")))
		return set_length(h, value, reason);
	if (span_eq_ci(name, SPAN_LIT("transfer-encoding")))
		return set_coding(h, value, reason);
	if (span_eq_ci(name, SPAN_LIT("host"))) {
		if (h->host.p)
			return bad(reason, "more than one Host");
		h->host = value;
	} else if (span_eq_ci(name, SPAN_LIT("connection"))) {
		h->close |= http_list_has(value, "close");
		h->keep_alive |= http_list_has(value, "keep-alive");
		h->upgrade |= http_list_has(value, "upgrade");
	} else if (span_eq_ci(name, SPAN_LIT("expect"))) {
		h->expect_continue |= span_eq_ci(value, SPAN_LIT("100-continue"));
	}
	return HTTP_DONE;
}

static enum http_result take_field(struct http_head *h, struct span line, const char **reason)
{
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return bad(reason, "a folded field");
	ptrdiff_t colon = span_chr(line, ':');
	if (colon < 0 || !is_token(span_make(line.p, (size_t)colon)))
		return bad(reason, "a malformed field name");
	struct span name = span_make(line.p, (size_t)colon);
	struct span value = trim_ows(span_from(line, (size_t)colon + 1));
	if (!is_field_text(value))
		return bad(reason, "a control character in a field");
	if (h->n_fields == LIMIT_HTTP_FIELDS)
		return bad(reason, "too many fields");
	h->fields[h->n_fields++] = (struct http_field){name, value};
	return note_field(h, name, value, reason);
}

static bool take_version(struct span s, unsigned *minor)
{
	if (s.n != 8 || memcmp(s.p, "HTTP/1.", 7) != 0 || (s.p[7] != '0' && s.p[7] != '1'))
		return false;
	*minor = (unsigned)(s.p[7] - '0');
	return true;
}

static enum http_result take_request_line(struct http_head *h, struct span line,
                                          const char **reason)
{
	struct span rest = line;
	h->method = span_cut(&rest, ' ');
	h->target = span_cut(&rest, ' ');
	if (!rest.p || !take_version(rest, &h->minor))
		return bad(reason, "the request line is not METHOD TARGET HTTP/1.x");
	if (!is_token(h->method) || h->method.n > LIMIT_HTTP_METHOD)
		return bad(reason, "a malformed method");
	if (h->target.n == 0 || !is_field_text(h->target) || span_chr(h->target, '\t') >= 0)
		return bad(reason, "a malformed request target");
	return HTTP_DONE;
}

static enum http_result take_status_line(struct http_head *h, struct span line, const char **reason)
{
	if (line.n < 12 || !take_version(span_sub(line, 0, 8), &h->minor) || line.p[8] != ' ')
		return bad(reason, "the status line is not HTTP/1.x");
	for (size_t i = 9; i < 12; i++) {
		if (!ascii_digit(line.p[i]))
			return bad(reason, "a malformed status");
		h->status = h->status * 10 + (unsigned)(line.p[i] - '0');
	}
	if (h->status < 100 || h->status > 599 || (line.n > 12 && line.p[12] != ' '))
		return bad(reason, "a malformed status");
	if (!is_field_text(line))
		return bad(reason, "a control character in the status line");
	return HTTP_DONE;
}

static enum http_result check_head(struct http_head *h, const char **reason)
{
	if ((h->chunked || h->coded) && h->has_length)
		return bad(reason, "both Transfer-Encoding and Content-Length");
	if ((h->chunked || h->coded) && h->minor == 0)
		return bad(reason, "Transfer-Encoding in HTTP/1.0");
	if (h->upgrade && !http_field(h, "upgrade").p)
		h->upgrade = false;
	if (h->status == 0 && h->minor == 1 && !h->host.p)
		return bad(reason, "no Host");
	return HTTP_DONE;
}

/* The end of the head behind p + start: the offset past its empty line, or 0. Lines must end in CR
 * LF, and neither may stand alone. */
static enum http_result find_end(const char *p, size_t start, size_t n, size_t *scanned,
                                 size_t *end, const char **reason)
{
	size_t i = *scanned > start ? *scanned : start;
	while (i < n) {
		const char *nl = memchr(p + i, '\n', n - i);
		size_t stop = nl ? (size_t)(nl - p) : n;
		const char *cr = memchr(p + i, '\r', stop - i);
		if (cr && (size_t)(cr - p) + 1 < stop)
			return bad(reason, "a bare CR in the head");
		if (!nl) {
			*scanned = cr ? (size_t)(cr - p) : n;
			break;
		}
		if (stop == 0 || p[stop - 1] != '\r')
			return bad(reason, "a bare LF in the head");
		i = stop + 1;
		if (stop >= start + 3 && p[stop - 2] == '\n') {
			*end = i;
			return HTTP_DONE;
		}
		*scanned = i;
	}
	if (n - start > LIMIT_HTTP_HEAD)
		return bad(reason, "the head is too large");
	return HTTP_MORE;
}

static enum http_result parse_head(const char *p, size_t start, size_t end, struct http_head *h,
                                   bool request, const char **reason)
{
	*h = (struct http_head){.size = end};
	size_t at = start;
	for (bool first = true; at + 2 < end; first = false) {
		const char *nl = memchr(p + at, '\n', end - at);
		struct span line = span_make(p + at, (size_t)(nl - (p + at)) - 1);
		at += line.n + 2;
		enum http_result r = !first    ? take_field(h, line, reason)
		                     : request ? take_request_line(h, line, reason)
		                               : take_status_line(h, line, reason);
		if (r == HTTP_BAD)
			return r;
	}
	return check_head(h, reason);
}

static enum http_result head(const char *p, size_t n, size_t *scanned, struct http_head *h,
                             bool request, const char **reason)
{
	size_t start = 0, end = 0;
	if (request)
		while (start < 4 && start + 2 <= n && p[start] == '\r' && p[start + 1] == '\n')
			start += 2;
	if (start == n || (request && start < 4 && start + 1 == n && p[start] == '\r'))
		return HTTP_MORE;
	enum http_result r = find_end(p, start, n, scanned, &end, reason);
	if (r != HTTP_DONE)
		return r;
	if (end - start > LIMIT_HTTP_HEAD)
		return bad(reason, "the head is too large");
	return parse_head(p, start, end, h, request, reason);
}

enum http_result http_request_head(const char *p, size_t n, size_t *scanned, struct http_head *h,
                                   const char **reason)
{
	return head(p, n, scanned, h, true, reason);
}

enum http_result http_response_head(const char *p, size_t n, size_t *scanned, struct http_head *h,
                                    const char **reason)
{
	return head(p, n, scanned, h, false, reason);
}

/* ---- bodies */

enum {
	IN_SIZE,      /* hexadecimal digits */
	BEHIND_SIZE,  /* white space, which only an extension or the end may follow */
	IN_EXTENSION, /* up to CR */
	AFTER_SIZE,   /* LF is due */
	IN_DATA,
	AFTER_DATA, /* CR is due */
	AFTER_DATA_CR,
	IN_TRAILER, /* at the start of, or in, a trailer line */
	AFTER_TRAILER_CR,
	AFTER_LAST_CR, /* LF of the empty line is due */
	ENDED,
};

static void body_init(struct http_body *b, const struct http_head *h)
{
	*b = (struct http_body){.framing = HTTP_NO_BODY, .state = IN_SIZE};
	if (h->chunked)
		b->framing = HTTP_CHUNKED;
	else if (h->has_length && h->length > 0)
		b->framing = HTTP_LENGTH;
	b->left = b->framing == HTTP_LENGTH ? h->length : 0;
}

void http_body_of_request(struct http_body *b, const struct http_head *h)
{
	body_init(b, h);
}

void http_body_of_response(struct http_body *b, const struct http_head *h, struct span method)
{
	body_init(b, h);
	bool none = span_is(method, "HEAD") || (h->status >= 100 && h->status < 200) ||
	            h->status == 204 || h->status == 304;
	if (h->status == 101)
		b->framing = HTTP_TUNNEL;
	else if (none)
		b->framing = HTTP_NO_BODY;
	else if (!h->chunked && !h->has_length)
		b->framing = HTTP_UNTIL_CLOSE;
}

void http_body_inner(struct http_body *b)
{
	*b = (struct http_body){.framing = HTTP_CHUNKED, .state = IN_SIZE};
}

static enum http_result body_bad(struct http_body *b, const char *reason)
{
	b->reason = reason;
	return HTTP_BAD;
}

static int hex_value(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_line_text(char c)
{
	return is_field_text(span_make(&c, 1));
}

static enum http_result behind_size(struct http_body *b, char c)
{
	if (c == '\r')
		b->state = AFTER_SIZE;
	else if (c == ';')
		b->state = IN_EXTENSION;
	else if (c == ' ' || c == '\t')
		b->state = BEHIND_SIZE;
	else
		return body_bad(b, "a malformed chunk size");
	return HTTP_MORE;
}

static enum http_result size_char(struct http_body *b, char c)
{
	int v = hex_value(c);
	if (v >= 0) {
		/* 15 digits hold 2^60 bytes; more is an attempt to overflow somebody's counter. */
		if (++b->digits > 15)
			return body_bad(b, "a chunk size is too long");
		b->left = b->left * 16 + (uint64_t)v;
		return HTTP_MORE;
	}
	if (b->digits == 0)
		return body_bad(b, "a chunk size is missing");
	return behind_size(b, c);
}

/* Fields that frame or route a message have no business behind it (RFC 9110 6.5.1): who adds
 * trailers to the head would read another message. c is the next byte of a name, or its colon. */
static bool is_framing_trailer(struct http_body *b, char c)
{
	static const char *const names[] = {"content-length", "transfer-encoding", "host"};
	bool found = false;
	if (b->line == 0)
		b->names = (1u << sizeof names / sizeof names[0]) - 1;
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t n = strlen(names[i]);
		bool fits = c == ':' ? b->line == n
		                     : b->line < n && ascii_lower(c) == names[i][b->line];
		if (!fits)
			b->names &= ~(1u << i);
		found |= c == ':' && (b->names & 1u << i) != 0;
	}
	return found;
}

static enum http_result trailer_char(struct http_body *b, char c)
{
	if (++b->trailers > LIMIT_HTTP_TRAILERS)
		return body_bad(b, "trailers are too large");
	if (c == '\r') {
		if (b->line && !b->colon)
			return body_bad(b, "a malformed trailer");
		b->state = b->line ? AFTER_TRAILER_CR : AFTER_LAST_CR;
		return HTTP_MORE;
	}
	if (!b->colon && is_framing_trailer(b, c))
		return body_bad(b, "a trailer that would frame the message");
	if (c == ':' && b->line)
		b->colon = true;
	else if (b->colon ? !is_line_text(c) : !is_token_char((unsigned char)c))
		return body_bad(b, "a malformed trailer");
	b->line++;
	return HTTP_MORE;
}

static void begin_line(struct http_body *b, int state)
{
	b->state = state;
	b->line = 0;
	b->digits = 0;
	b->colon = false;
}

/* One byte of what is between the chunks' data. */
static enum http_result control_char(struct http_body *b, char c)
{
	if (b->state != IN_TRAILER && ++b->line > LIMIT_HTTP_LINE)
		return body_bad(b, "a chunk's size line is too long");
	switch (b->state) {
	case IN_SIZE: return size_char(b, c);
	case BEHIND_SIZE: return behind_size(b, c);
	case IN_EXTENSION:
		if (c == '\r')
			b->state = AFTER_SIZE;
		else if (!is_line_text(c))
			return body_bad(b, "a control character in a chunk extension");
		return HTTP_MORE;
	case IN_TRAILER: return trailer_char(b, c);
	case AFTER_DATA:
		if (c != '\r')
			return body_bad(b, "a chunk is longer than its size");
		b->state = AFTER_DATA_CR;
		return HTTP_MORE;
	default: break;
	}
	if (c != '\n')
		return body_bad(b, "a bare CR between chunks");
	switch (b->state) {
	case AFTER_SIZE: begin_line(b, b->left ? IN_DATA : IN_TRAILER); return HTTP_MORE;
	case AFTER_DATA_CR:
		begin_line(b, IN_SIZE);
		b->left = 0;
		return HTTP_MORE;
	case AFTER_TRAILER_CR: begin_line(b, IN_TRAILER); return HTTP_MORE;
	default: b->state = ENDED; return HTTP_DONE;
	}
}

static enum http_result feed_chunked(struct http_body *b, const char *p, size_t n, size_t *used,
                                     struct span *data)
{
	while (*used < n && b->state != ENDED) {
		if (b->state == IN_DATA) {
			size_t rest = n - *used;
			size_t take = b->left < rest ? (size_t)b->left : rest;
			*data = span_make(p + *used, take);
			*used += take;
			b->left -= take;
			if (b->left == 0)
				begin_line(b, AFTER_DATA);
			return HTTP_MORE;
		}
		enum http_result r = control_char(b, p[(*used)++]);
		if (r != HTTP_MORE)
			return r;
	}
	return b->state == ENDED ? HTTP_DONE : HTTP_MORE;
}

enum http_result http_body_feed(struct http_body *b, const char *p, size_t n, size_t *used,
                                struct span *data)
{
	*used = 0;
	*data = SPAN_NONE;
	switch (b->framing) {
	case HTTP_NO_BODY: return HTTP_DONE;
	case HTTP_CHUNKED: return feed_chunked(b, p, n, used, data);
	case HTTP_LENGTH:
		*used = b->left < n ? (size_t)b->left : n;
		b->left -= *used;
		*data = span_make(p, *used);
		return b->left ? HTTP_MORE : HTTP_DONE;
	case HTTP_UNTIL_CLOSE:
	case HTTP_TUNNEL: break;
	}
	*used = n;
	*data = span_make(p, n);
	return HTTP_MORE;
}
