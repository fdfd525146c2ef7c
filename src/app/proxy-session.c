/* proxy-session.c - app: see proxy-session.h. */
#include "config.h"

#include "app/proxy-session.h"

#include "app/bundle.h"
#include "base/alloc.h"
#include "proxy/address.h"
#include "tls/client-hello.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TOKEN_LEAST = 16, TOKEN_MOST = 256, MOST_TUNNELLED = 50 };

struct proxy_session {
	const struct proxy_request *request;
	proxy_session_event_fn told;
	void *data;
	struct arena arena;
	struct ca *ca;
	struct recogniser *recogniser;
	struct also_host *also;
	struct span *also_names;
	size_t n_also;
	struct proxy_settings settings;
	struct proxy *proxy;
	const char *ca_file;
	/* For the summary; guarded by the proxy, which tells one note at a time. */
	struct proxy_failures refused, failed, untrusted;
	char *tunnelled[MOST_TUNNELLED];
	size_t n_tunnelled;
	/* while it is opened */
	struct remarks *remarks;
	struct err *err;
};

/* A user and a password in an URL are not repeated. */
static enum status complain(struct proxy_session *s, const char *what, const char *value)
{
	const char *at = strrchr(value, '@');
	return err_set(s->err, STATUS_SKIP, "option", "%s: '%s%s'", what, at ? "..." : "",
	               at ? at : value);
}

static const char *text_of(struct proxy_session *s, struct span t)
{
	return arena_str(&s->arena, t);
}

/* ---- options */

static bool port_is_too_large(struct span listen)
{
	ptrdiff_t colon = span_rchr(listen, ':');
	struct span port = colon > 0 ? span_from(listen, (size_t)colon + 1) : SPAN_NONE;
	uint64_t number;
	if (!port.n || span_chr(listen, ':') != colon)
		return false; /* an address of IPv6 without brackets, or none */
	for (size_t i = 0; i < port.n; i++)
		if (port.p[i] < '0' || port.p[i] > '9')
			return false;
	return !span_to_u64(port, &number) || number > 65535;
}

static enum status read_listen(struct proxy_session *s)
{
	const struct proxy_request *request = s->request;
	const char *given = request->listen        ? request->listen
	                    : s->settings.endpoint ? "127.0.0.1:4567"
	                                           : "127.0.0.1:10080";
	struct span host, all = span_of(given);
	unsigned port;
	if (span_ends(all, SPAN_LIT(":0"))) { /* any free port */
		all.n -= 2;
		if (!host_split_port(all, 1, &host, &port))
			return complain(s, "--listen takes HOST:PORT", given);
		port = 0;
	} else if (port_is_too_large(all)) {
		return complain(s, "the port of --listen is a number from 0 to 65535", given);
	} else if (!host_split_port(all, 10080, &host, &port)) {
		return complain(s, "--listen takes HOST:PORT", given);
	}
	if (!address_is_literal(text_of(s, host)))
		return complain(s, "--listen takes HOST:PORT, and HOST is an address or localhost",
		                given);
	s->settings.listen_host = text_of(s, host);
	s->settings.listen_port = port;
	if (address_is_loopback(s->settings.listen_host))
		return STATUS_OK;
	if (s->settings.endpoint)
		return complain(s, "an endpoint listens on a loopback address only", given);
	if (!request->allow_remote)
		return complain(
		        s,
		        "to listen elsewhere than on a loopback address, --allow-remote is needed",
		        given);
	s->settings.connect.remote_clients = true;
	return STATUS_OK;
}

static enum status read_token(struct proxy_session *s)
{
	const char *file = s->request->allow_remote;
	char text[TOKEN_MOST + 2];
	struct stat st;
	if (!file)
		return STATUS_OK;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		err_at_file(s->err, file);
		err_set(s->err, STATUS_STOP, "token", "%s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return STATUS_STOP;
	}
	ssize_t n = read(fd, text, sizeof text - 1);
	close(fd);
	if ((st.st_mode & 077) != 0)
		return complain(s, "others can read the token of --allow-remote (chmod 600)", file);
	struct span token = span_trim(span_make(text, n > 0 ? (size_t)n : 0));
	if (token.n < TOKEN_LEAST || token.n > TOKEN_MOST || span_chr(token, '\n') >= 0)
		return complain(
		        s, "the token of --allow-remote is one line of 16 to 256 characters", file);
	s->settings.token = text_of(s, token);
	return STATUS_OK;
}

/* "http://127.0.0.1:5000", without a path. */
static bool read_url(struct proxy_session *s, const char *url, struct upstream_target *t)
{
	struct span rest = span_of(url), host;
	unsigned port;
	t->tls = span_starts_ci(rest, SPAN_LIT("https://"));
	if (!t->tls && !span_starts_ci(rest, SPAN_LIT("http://")))
		return false;
	rest = span_from(rest, t->tls ? 8 : 7);
	if (span_ends(rest, SPAN_LIT("/")))
		rest.n--;
	if (!host_split_port(rest, t->tls ? 443 : 80, &host, &port) || span_chr(host, '/') >= 0 ||
	    span_chr(host, '@') >= 0)
		return false;
	t->host = text_of(s, host);
	t->port = port;
	t->direct = address_is_loopback(t->host);
	return true;
}

static enum status read_upstream(struct proxy_session *s)
{
	const struct proxy_request *request = s->request;
	const char *url = s->settings.endpoint ? request->to : request->upstream;
	if (url && !read_url(s, url, &s->settings.upstream))
		return complain(s,
		                s->settings.endpoint
		                        ? "--to takes http://HOST:PORT or https://HOST"
		                        : "--upstream takes http://HOST:PORT or https://HOST",
		                url);
	const char **list = arena_calloc(&s->arena, request->connect_to.n + 1, sizeof *list);
	for (size_t i = 0; i < request->connect_to.n; i++) {
		size_t colons = 0;
		list[i] = request->connect_to.v[i].p;
		for (const char *c = list[i]; *c; c++)
			colons += *c == ':';
		if (colons < 3)
			return complain(s, "--connect-to takes HOST:PORT:TO:PORT", list[i]);
	}
	s->settings.connect.connect_to = list;
	s->settings.connect.n_connect_to = request->connect_to.n;
	s->settings.connect.ca_file = request->upstream_ca;
	return STATUS_OK;
}

static bool is_service(struct span name)
{
	const struct mapping *m = mapping_builtin();
	for (size_t i = 0; i < services_count(m); i++) {
		const struct image_service *x = service_at(m, i);
		if (span_eq(service_folder(x), name) || span_eq(service_signing(x), name) ||
		    span_eq(service_endpoint(x), name))
			return true;
	}
	return false;
}

static enum status read_also(struct proxy_session *s)
{
	const struct text_list *also = &s->request->also;
	s->also = arena_calloc(&s->arena, also->n + 1, sizeof *s->also);
	s->also_names = arena_calloc(&s->arena, also->n + 1, sizeof *s->also_names);
	for (size_t i = 0; i < also->n; i++) {
		struct span service = also->v[i], host = span_cut(&service, '=');
		struct span name = host.n && host.p[0] == '.' ? span_from(host, 1) : host;
		if (!hello_is_hostname(name) || service.n == 0)
			return complain(s, "--also takes HOST=SERVICE", also->v[i].p);
		if (!is_service(service))
			return complain(s, "--also names no service of the API models",
			                also->v[i].p);
		s->also_names[s->n_also] = name;
		s->also[s->n_also++] = (struct also_host){host, service};
	}
	s->settings.hosts.also = s->also;
	s->settings.hosts.n_also = s->n_also;
	return STATUS_OK;
}

/* A shell that already sends everything through this proxy must not send the proxy itself there. */
static const char *other_proxy(struct proxy_session *s, const char *name, const char *also_name)
{
	const char *value = getenv(name);
	struct span host, rest;
	unsigned port;
	if (!value || !*value)
		value = getenv(also_name);
	if (!value || !*value)
		return NULL;
	rest = span_of(value);
	ptrdiff_t scheme = span_find(rest, SPAN_LIT("://"));
	rest = scheme >= 0 ? span_from(rest, (size_t)scheme + 3) : rest;
	ptrdiff_t at = span_rchr(rest, '@');
	rest = at >= 0 ? span_from(rest, (size_t)at + 1) : rest;
	if (span_ends(rest, SPAN_LIT("/")))
		rest.n--;
	if (host_split_port(rest, 1080, &host, &port) && port == s->settings.listen_port &&
	    address_is_loopback(text_of(s, host))) {
		remarks_add(s->remarks, "%s leads to this proxy itself: ignored here", name);
		return NULL;
	}
	return value;
}

static void read_environment(struct proxy_session *s)
{
	const char *all = other_proxy(s, "ALL_PROXY", "all_proxy");
	const char *https = other_proxy(s, "HTTPS_PROXY", "https_proxy");
	/* As libcurl: HTTP_PROXY in upper case is what a web server makes of a request's field
	 * "Proxy". */
	const char *http = other_proxy(s, "http_proxy", "http_proxy");
	const char *no = getenv("NO_PROXY");
	s->settings.connect.https_proxy = https ? https : all;
	s->settings.connect.http_proxy = http ? http : all;
	s->settings.connect.no_proxy = no && *no ? no : getenv("no_proxy");
}

/* ---- the CA */

/* The CA that is made here is limited to AWS's API domains; another need not be. */
static void warn_unconstrained(const struct proxy_session *s)
{
	struct ca_info info;
	ca_info(s->ca, &info);
	if (info.n_permitted == 0)
		remarks_add(s->remarks,
		            "warning: %s has no name constraints: who gets its key can pose as any "
		            "host to those who trust it",
		            s->ca_file);
}

static enum status open_own_ca(struct proxy_session *s)
{
	const struct proxy_request *request = s->request;
	if (ca_open_own(request->ca_cert, request->ca_key, time(NULL), &s->ca, s->err) != STATUS_OK)
		return STATUS_STOP;
	s->ca_file = text_of(s, span_of(request->ca_cert));
	for (size_t i = 0; i < s->n_also; i++)
		if (!ca_permits(s->ca, s->also_names[i]))
			return complain(
			        s, "this CA's name constraints do not permit the host of --also",
			        request->also.v[i].p);
	warn_unconstrained(s);
	return STATUS_OK;
}

static enum status open_ca(struct proxy_session *s)
{
	const struct proxy_request *request = s->request;
	struct ca_also also = {s->also_names, s->n_also};
	enum ca_news news = CA_AS_IT_WAS;
	if (s->settings.endpoint)
		return STATUS_OK;
	if (request->ca_cert || request->ca_key)
		return open_own_ca(s);
	char *dir = ca_folder(request->ca_dir, s->err);
	if (!dir)
		return STATUS_STOP;
	s->ca_file = arena_printf(&s->arena, "%s/ca.pem", dir).p;
	enum status status = ca_open(dir, &also, time(NULL), &s->ca, &news, s->err);
	free(dir);
	if (status != STATUS_OK)
		return STATUS_STOP;
	if (news == CA_MADE)
		remarks_add(s->remarks, "made a CA for this machine: %s", s->ca_file);
	if (news == CA_REISSUED)
		remarks_add(s->remarks,
		            "%s was re-issued with the same key for the hosts of --also: clients "
		            "that hold a copy need the new one",
		            s->ca_file);
	warn_unconstrained(s);
	return STATUS_OK;
}

/* ---- what happens */

static void remember_tunnelled(struct proxy_session *s, const char *host)
{
	for (size_t i = 0; i < s->n_tunnelled; i++)
		if (strcmp(s->tunnelled[i], host) == 0)
			return;
	if (s->n_tunnelled < MOST_TUNNELLED)
		s->tunnelled[s->n_tunnelled++] = xstrdup(host);
}

static void remember_failure(struct proxy_failures *m, const struct proxy_event *n)
{
	/* what failed names where it should have gone, with the port */
	const char *host = n->kind == PROXY_EVENT_FAILED || !n->host ? "" : n->host;
	if (m->n++ == 0)
		snprintf(m->first, sizeof m->first, "%s%s%s", host, *host ? ": " : "",
		         n->text ? n->text : "");
}

static void remember(struct proxy_session *s, const struct proxy_event *n)
{
	switch (n->kind) {
	case PROXY_EVENT_BLIND: remember_tunnelled(s, n->host); break;
	case PROXY_EVENT_REFUSED: remember_failure(&s->refused, n); break;
	case PROXY_EVENT_FAILED: remember_failure(&s->failed, n); break;
	case PROXY_EVENT_UNTRUSTED: remember_failure(&s->untrusted, n); break;
	default: break;
	}
}

/* Called by the proxy's threads, one at a time. */
static void note(void *data, const struct proxy_event *n)
{
	struct proxy_session *s = data;
	remember(s, n);
	s->told(s->data, n);
}

/* ---- the session */

void proxy_session_free(struct proxy_session *s)
{
	if (!s)
		return;
	proxy_free(s->proxy);
	recogniser_free(s->recogniser);
	ca_free(s->ca);
	for (size_t i = 0; i < s->n_tunnelled; i++)
		free(s->tunnelled[i]);
	arena_release(&s->arena);
	free(s);
}

static enum status make_proxy(struct proxy_session *s)
{
	read_environment(s);
	s->recogniser = recogniser_new(mapping_builtin(), &s->settings.hosts, s->settings.endpoint);
	s->settings.recogniser = s->recogniser;
	s->settings.hosts.endpoint = recogniser_endpoint;
	s->settings.hosts.data = s->recogniser;
	s->settings.ca = s->ca;
	s->proxy = proxy_open(&s->settings, s->err);
	return s->proxy ? STATUS_OK : STATUS_STOP;
}

enum status proxy_session_open(const struct proxy_request *request, struct capture *capture,
                               proxy_session_event_fn told, void *data, struct proxy_session **out,
                               struct remarks *remarks, struct err *err)
{
	static enum status (*const steps[])(struct proxy_session *) = {
	        read_listen, read_token, read_upstream, read_also, open_ca, make_proxy,
	};
	struct proxy_session *s = xcalloc(1, sizeof *s);
	enum status status = STATUS_OK;
	arena_init(&s->arena);
	s->request = request;
	s->told = told;
	s->data = data;
	s->remarks = remarks;
	s->err = err;
	s->settings.endpoint = request->endpoint;
	s->settings.timeouts = proxy_timeouts_default;
	s->settings.capture = capture;
	s->settings.allow_others = request->allow_others;
	s->settings.trace = request->trace;
	s->settings.note = note;
	s->settings.note_data = s;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0] && status == STATUS_OK; i++)
		status = steps[i](s);
	if (status == STATUS_OK)
		*out = s;
	else
		proxy_session_free(s);
	return status;
}

bool proxy_session_start(struct proxy_session *s, struct err *err)
{
	return proxy_start(s->proxy, err);
}

const char *proxy_session_host(const struct proxy_session *s)
{
	return s->settings.listen_host;
}

unsigned proxy_session_port(const struct proxy_session *s)
{
	return proxy_port(s->proxy);
}

const char *proxy_session_ca_file(const struct proxy_session *s)
{
	return s->ca_file;
}

void proxy_session_stop(struct proxy_session *s)
{
	proxy_stop(s->proxy);
}

bool proxy_session_done(struct proxy_session *s)
{
	return proxy_done(s->proxy);
}

void proxy_session_wait(struct proxy_session *s)
{
	proxy_wait(s->proxy);
}

void proxy_session_summary(const struct proxy_session *s, struct proxy_summary *out)
{
	*out = (struct proxy_summary){.endpoint = s->settings.endpoint,
	                              .refused = &s->refused,
	                              .failed = &s->failed,
	                              .untrusted = &s->untrusted,
	                              .tunnelled = s->tunnelled,
	                              .n_tunnelled = s->n_tunnelled,
	                              .cut = s->n_tunnelled == MOST_TUNNELLED};
	proxy_counts(s->proxy, &out->counts);
	for (size_t i = 0; i < s->n_tunnelled; i++)
		if (address_is_loopback(s->tunnelled[i]))
			out->local = s->tunnelled[i];
}
