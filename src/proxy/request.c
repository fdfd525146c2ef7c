/* request.c - proxy: see request.h. */
#include "config.h"

#include "proxy/request.h"

#include "proxy/address.h"
#include "proxy/trace.h"

#include "base/when.h"

#include <sodium/utils.h>
#include <stdio.h>

/* ---- who may ask */

/* In a time that does not depend on what differs. */
static bool same_secret(struct span a, struct span b)
{
	return a.n == b.n && sodium_memcmp(a.p, b.p, a.n) == 0;
}

/* Proxy-Authorization: Bearer TOKEN, or Basic with any user and the token as password, as it comes
 * out of http://USER:TOKEN@host:port in a proxy variable. */
static bool authorized(const struct conn *f, const struct http_head *h)
{
	const char *token = f->worker->shared->settings->token;
	if (!token)
		return true;
	struct span rest = http_field(h, "proxy-authorization");
	struct span scheme = span_cut(&rest, ' ');
	if (!rest.p)
		return false;
	if (span_eq_ci(scheme, SPAN_LIT("bearer")))
		return same_secret(span_trim(rest), span_of(token));
	char text[512];
	size_t n;
	rest = span_trim(rest);
	if (!span_eq_ci(scheme, SPAN_LIT("basic")) ||
	    sodium_base642bin((unsigned char *)text, sizeof text, rest.p, rest.n, NULL, &n, NULL,
	                      sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	struct span user = span_make(text, n);
	span_cut(&user, ':');
	return user.p && same_secret(user, span_of(token));
}

bool request_authorized(struct conn *f, const struct http_head *h)
{
	if (authorized(f, h))
		return true;
	conn_answer(f, "407 Proxy Authentication Required",
	            "Proxy-Authenticate: Basic realm=\"iamreplay\"\r\n",
	            "this proxy asks for its token as the password");
	return false;
}

/* ---- for which host */

bool request_set_target(struct conn *f, struct span authority, unsigned default_port)
{
	struct span host;
	unsigned port;
	if (!host_split_port(authority, default_port, &host, &port) || host.n >= sizeof f->host)
		return false;
	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--;
	for (size_t i = 0; i < host.n; i++) {
		char c = ascii_lower(host.p[i]);
		if (!ascii_alpha(c) && !ascii_digit(c) && !strchr("-._:", c))
			return false;
		f->host[i] = c;
	}
	f->host[host.n] = '\0';
	f->port = port;
	struct api_host api;
	const struct proxy_settings *s = f->worker->shared->settings;
	f->is_api = host_parse(&s->hosts, span_of(f->host), &api) != HOST_OTHER;
	return true;
}

/* Host with another name than the one that the connection was opened for would be recorded as a
 * call to somebody it did not go to. */
static bool host_is_ours(const struct conn *f, const struct http_head *h)
{
	struct span host;
	unsigned port;
	if (!h->host.p)
		return true; /* HTTP/1.0 */
	if (!host_split_port(h->host, f->port, &host, &port))
		return false;
	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--;
	return span_eq_ci(host, span_of(f->host));
}

/* ---- an exchange begins */

static void begin_exchange(struct conn *f, const struct http_head *h, struct span host)
{
	struct shared *s = f->worker->shared;
	atomic_fetch_add(&s->n_requests, 1);
	snprintf(f->method, sizeof f->method, "%.*s", SPAN_ARG(h->method));
	http_body_of_request(&f->request_body, h);
	trace_message(f, 0, &f->request_body);
	f->request = REQUEST_BODY;
	f->response = RESPONSE_HEAD;
	f->may_upgrade = h->upgrade;
	f->relayed = true;
	f->to_server.scanned = 0;
	if (f->is_api)
		f->seen = observe_request(s->settings->recogniser, h, host, when_wall_ms());
	conn_timer(f, TIMER_IDLE);
}

/* ---- in absolute form */

/* "http://host/path" into host:port and the rest, with "/" where that is empty. */
static bool split_absolute(struct span target, struct span *authority, struct span *path)
{
	if (!span_starts_ci(target, SPAN_LIT("http://")))
		return false;
	struct span rest = span_from(target, 7);
	size_t n = 0;
	while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?')
		n++;
	*authority = span_make(rest.p, n);
	*path = span_from(rest, n);
	return n > 0 && span_chr(*authority, '@') < 0;
}

static bool is_hop_field(struct span line)
{
	return span_starts_ci(line, SPAN_LIT("proxy-authorization:")) ||
	       span_starts_ci(line, SPAN_LIT("proxy-connection:"));
}

/* The request as the origin expects it (RFC 9112 3.2.1): path instead of URL, and without the
 * fields that are the proxy's own. Everything else stays as it is. Returns the new size of the
 * head. */
static size_t rewrite_head(struct buffer *p, const struct http_head *h, struct span path)
{
	char *from = p->p + p->ready, *to = from;
	size_t method = h->method.n;
	char *line = memchr(h->method.p, '\n', h->size);
	struct span version = span_make(h->target.p + h->target.n,
	                                (size_t)(line + 1 - (h->target.p + h->target.n)));
	memmove(to, h->method.p, method + 1);
	to += method + 1;
	if (path.n == 0 && span_is(h->method, "OPTIONS"))
		*to++ = '*'; /* of the server as a whole: RFC 9112 3.2.4 */
	else if (path.n == 0 || path.p[0] != '/')
		*to++ = '/';
	memmove(to, path.p, path.n);
	to += path.n;
	memmove(to, version.p, version.n);
	to += version.n;
	for (char *at = line + 1, *end = from + h->size; at < end;) {
		char *nl = memchr(at, '\n', (size_t)(end - at));
		struct span field = span_make(at, (size_t)(nl + 1 - at));
		if (!is_hop_field(field)) {
			memmove(to, field.p, field.n);
			to += field.n;
		}
		at = nl + 1;
	}
	size_t size = (size_t)(to - from);
	memmove(to, from + h->size, p->end - p->ready - h->size);
	p->end -= h->size - size;
	return size;
}

static void take_absolute(struct conn *f, const struct http_head *h)
{
	struct span authority, path, host, named;
	unsigned port, named_port;
	char old[sizeof f->host];
	unsigned old_port = f->port;
	snprintf(old, sizeof old, "%s", f->host);
	if (!request_authorized(f, h))
		return;
	if (!split_absolute(h->target, &authority, &path)) {
		conn_answer(f, "400 Bad Request", "",
		            "a proxy is asked by CONNECT or with http://HOST/");
		return;
	}
	if (!request_set_target(f, authority, 80) ||
	    !host_split_port(authority, 80, &host, &port) ||
	    (h->host.p &&
	     (!host_split_port(h->host, 80, &named, &named_port) || !span_eq_ci(host, named)))) {
		conn_answer(f, "400 Bad Request", "",
		            "the URL's host and Host are not one host name");
		return;
	}
	if (f->up && (strcmp(old, f->host) != 0 || old_port != f->port))
		conn_leave_upstream(f);
	f->why_blind = f->is_api ? NULL : "plain HTTP";
	if (!f->up && !conn_connect(f, false))
		return;
	if (f->is_api)
		event_queue_tell_host(&f->worker->shared->events, PROXY_EVENT_OPENED, f->host,
		                      "plain HTTP");
	/* Observed before the head changes under it. */
	begin_exchange(f, h, span_of(f->host));
	f->to_server.ready += rewrite_head(&f->to_server, h, path);
}

/* ---- of an endpoint */

/* Names that lead to this machine, whoever asks for them: literal addresses, RFC 6761's localhost,
 * and the public one of a widely used emulator, for buckets in host names. */
static bool names_this_machine(struct span host)
{
	char text[256];
	if (host.n == 0 || host.n >= sizeof text)
		return false;
	snprintf(text, sizeof text, "%.*s", SPAN_ARG(host));
	return address_is_loopback(text) || span_eq_ci(host, SPAN_LIT("localhost")) ||
	       span_ends_ci(host, SPAN_LIT(".localhost")) ||
	       span_eq_ci(host, SPAN_LIT("localhost.localstack.cloud")) ||
	       span_ends_ci(host, SPAN_LIT(".localhost.localstack.cloud"));
}

static bool is_expected_host(const struct conn *f, struct span host)
{
	const struct proxy_settings *s = f->worker->shared->settings;
	struct api_host api;
	return names_this_machine(host) || span_eq_ci(host, span_of(s->listen_host)) ||
	       span_eq_ci(host, span_of(s->upstream.host)) ||
	       host_parse(&s->hosts, host, &api) != HOST_OTHER;
}

/* "https://evil.example:8080" or "null": whether it is a page of this machine. */
static bool is_local_origin(struct span origin)
{
	struct span host;
	unsigned port;
	ptrdiff_t at = span_find(origin, SPAN_LIT("://"));
	return at >= 0 && host_split_port(span_from(origin, (size_t)at + 3), 80, &host, &port) &&
	       names_this_machine(host);
}

/* A page of anybody's web site can have a browser send requests to a loopback port, under that
 * port's name or, once its own name resolves to this machine, under that one. With
 * --allow-others clients may come under any name of this machine. NULL, or what is wrong. */
static const char *not_for_browsers(const struct conn *f, const struct http_head *h)
{
	struct span host, origin = http_field(h, "origin");
	unsigned port;
	if (h->host.p && !f->worker->shared->settings->allow_others &&
	    (!host_split_port(h->host, 80, &host, &port) || !is_expected_host(f, host)))
		return "Host is a name that an endpoint on this machine does not have";
	if ((origin.p && !is_local_origin(origin)) ||
	    span_eq_ci(http_field(h, "sec-fetch-site"), SPAN_LIT("cross-site")))
		return "a web page of another site sent this";
	return NULL;
}

static void take_of_endpoint(struct conn *f, const struct http_head *h)
{
	struct span host;
	unsigned port;
	const char *wrong = not_for_browsers(f, h);
	if (wrong) {
		conn_answer(f, "403 Forbidden", "", wrong);
		return;
	}
	if (h->target.p[0] != '/' && !span_is(h->target, "*")) {
		conn_answer(f, "400 Bad Request", "", "this is an endpoint, no proxy");
		return;
	}
	if (!f->host[0]) {
		const struct upstream_target *t = &f->worker->shared->settings->upstream;
		snprintf(f->host, sizeof f->host, "%s", t->host);
		f->port = t->port;
	}
	if (!h->host.p || !host_split_port(h->host, 80, &host, &port))
		host = span_of(f->host);
	f->is_api = true;
	if (!f->up && !f->up_failure && !conn_connect(f, false))
		return;
	begin_exchange(f, h, host);
	f->to_server.ready += h->size;
}

/* ---- behind TLS */

static void take_inside(struct conn *f, const struct http_head *h)
{
	if (h->target.p[0] != '/' && !span_is(h->target, "*")) {
		/* A URL's host is what counts for its reader (RFC 9112 3.2.2), whatever Host says.
		 */
		conn_answer(f, "400 Bad Request", "", "inside a tunnel a request names a path");
	} else if (!host_is_ours(f, h)) {
		conn_answer(f, "421 Misdirected Request", "",
		            "Host names another host than CONNECT did");
	} else if (f->up_failure) {
		conn_answer_failure(f);
	} else {
		begin_exchange(f, h, span_of(f->host));
		f->to_server.ready += h->size;
	}
}

void request_take(struct conn *f, const struct http_head *h)
{
	if (span_is(h->method, "CONNECT"))
		conn_answer(f, "400 Bad Request", "", "CONNECT inside a connection that is in use");
	else if (f->worker->shared->settings->endpoint)
		take_of_endpoint(f, h);
	else if (f->plain)
		take_absolute(f, h);
	else
		take_inside(f, h);
}
