/* proxy-session.c - app: see proxy-session.h. */
#include "config.h"

#include "app/proxy-session.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "cli/options.h"
#include "cli/printing.h"
#include "cli/signals.h"
#include "proxy/address.h"
#include "proxy/proxy.h"
#include "tls/client-hello.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TOKEN_LEAST = 16, TOKEN_MOST = 256, BLIND_SHOWN = 50, NOTE_LONGEST = 700 };

/* What went wrong in one way: how often, and the first of them for the summary. */
struct mishaps {
	uint64_t n;
	char first[NOTE_LONGEST];
};

struct proxy_session {
	const struct capture_run *run;
	struct arena arena;
	struct ca *ca;
	struct recogniser *recogniser;
	struct also_host also[CAPTURE_MAX_REPEATED];
	struct span also_names[CAPTURE_MAX_REPEATED];
	size_t n_also;
	struct proxy_settings settings;
	struct proxy *proxy;
	const char *ca_file;
	/* For the summary; guarded by the proxy, which tells one note at a time. */
	struct mishaps refused, failed, untrusted;
	/* hosts passed through unseen */
	char *blind[BLIND_SHOWN];
	size_t n_blind;
	uint64_t unsaid; /* lines that nobody took */
};

/* A user and a password in an URL are not repeated. */
static int complain(const struct capture_run *run, const char *what, const char *value)
{
	const char *at = strrchr(value, '@');
	fprintf(stderr, "iamreplay %s: %s: '%s%s'\n", run->self->name, what, at ? "..." : "",
	        at ? at : value);
	return EXIT_USAGE;
}

static int tell(const struct capture_run *run, const struct err *err)
{
	char line[2000];
	fprintf(stderr, "iamreplay %s: %s\n", run->self->name, err_line(err, line, sizeof line));
	return EXIT_NOT_DONE;
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

static int read_listen(struct proxy_session *s)
{
	const struct capture_run *run = s->run;
	const char *given = run->listen            ? run->listen
	                    : s->settings.endpoint ? "127.0.0.1:4567"
	                                           : "127.0.0.1:10080";
	struct span host, all = span_of(given);
	unsigned port;
	if (span_ends(all, SPAN_LIT(":0"))) { /* any free port */
		all.n -= 2;
		if (!host_split_port(all, 1, &host, &port))
			return complain(run, "--listen takes HOST:PORT", given);
		port = 0;
	} else if (port_is_too_large(all)) {
		return complain(run, "the port of --listen is a number from 0 to 65535", given);
	} else if (!host_split_port(all, 10080, &host, &port)) {
		return complain(run, "--listen takes HOST:PORT", given);
	}
	if (!address_is_literal(text_of(s, host)))
		return complain(run,
		                "--listen takes HOST:PORT, and HOST is an address or localhost",
		                given);
	s->settings.listen_host = text_of(s, host);
	s->settings.listen_port = port;
	if (address_is_loopback(s->settings.listen_host))
		return EXIT_DONE;
	if (s->settings.endpoint)
		return complain(run, "an endpoint listens on a loopback address only", given);
	if (!run->allow_remote)
		return complain(
		        run,
		        "to listen elsewhere than on a loopback address, --allow-remote is needed",
		        given);
	s->settings.connect.remote_clients = true;
	return EXIT_DONE;
}

static int read_token(struct proxy_session *s)
{
	const char *file = s->run->allow_remote;
	char text[TOKEN_MOST + 2];
	struct stat st;
	if (!file)
		return EXIT_DONE;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		fprintf(stderr, "iamreplay %s: %s: %s\n", s->run->self->name, file,
		        strerror(errno));
		if (fd >= 0)
			close(fd);
		return EXIT_NOT_DONE;
	}
	ssize_t n = read(fd, text, sizeof text - 1);
	close(fd);
	if ((st.st_mode & 077) != 0)
		return complain(s->run, "others can read the token of --allow-remote (chmod 600)",
		                file);
	struct span token = span_trim(span_make(text, n > 0 ? (size_t)n : 0));
	if (token.n < TOKEN_LEAST || token.n > TOKEN_MOST || span_chr(token, '\n') >= 0)
		return complain(s->run,
		                "the token of --allow-remote is one line of 16 to 256 characters",
		                file);
	s->settings.token = text_of(s, token);
	return EXIT_DONE;
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

static int read_upstream(struct proxy_session *s)
{
	const struct capture_run *run = s->run;
	const char *url = s->settings.endpoint ? run->to : run->upstream;
	if (s->settings.endpoint && !url)
		return options_usage(run->self,
		                     "--to URL is needed: where the endpoint's calls go");
	if (url && !read_url(s, url, &s->settings.upstream))
		return complain(run,
		                s->settings.endpoint
		                        ? "--to takes http://HOST:PORT or https://HOST"
		                        : "--upstream takes http://HOST:PORT or https://HOST",
		                url);
	for (size_t i = 0; i < run->n_connect_to; i++) {
		size_t colons = 0;
		for (const char *c = run->connect_to[i]; *c; c++)
			colons += *c == ':';
		if (colons < 3)
			return complain(run, "--connect-to takes HOST:PORT:TO:PORT",
			                run->connect_to[i]);
	}
	s->settings.connect.connect_to = run->connect_to;
	s->settings.connect.n_connect_to = run->n_connect_to;
	s->settings.connect.ca_file = run->upstream_ca;
	return EXIT_DONE;
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

static int read_also(struct proxy_session *s)
{
	for (size_t i = 0; i < s->run->n_also; i++) {
		struct span service = span_of(s->run->also[i]), host = span_cut(&service, '=');
		struct span name = host.n && host.p[0] == '.' ? span_from(host, 1) : host;
		if (!hello_is_hostname(name) || service.n == 0)
			return complain(s->run, "--also takes HOST=SERVICE", s->run->also[i]);
		if (!is_service(service))
			return complain(s->run, "--also names no service of the API models",
			                s->run->also[i]);
		s->also_names[s->n_also] = name;
		s->also[s->n_also++] = (struct also_host){host, service};
	}
	s->settings.hosts.also = s->also;
	s->settings.hosts.n_also = s->n_also;
	return EXIT_DONE;
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
		fprintf(stderr, "iamreplay %s: %s leads to this proxy itself: ignored here\n",
		        s->run->self->name, name);
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

char *proxy_ca_dir(const char *who, const char *dir)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	struct buf b;
	if (dir)
		return xstrdup(dir);
	buf_init(&b, 1 << 16);
	if (config && config[0] == '/') {
		buf_addf(&b, "%s/iamreplay", config);
	} else if (home && home[0] == '/') {
		buf_addf(&b, "%s/.config/iamreplay", home);
	} else {
		fprintf(stderr,
		        "iamreplay %s: neither XDG_CONFIG_HOME nor HOME is set: --ca-dir is "
		        "needed\n",
		        who);
		return NULL;
	}
	return buf_take(&b);
}

/* The CA that is made here is limited to AWS's API domains; another need not be. */
static void warn_unconstrained(const struct proxy_session *s)
{
	struct ca_info info;
	ca_info(s->ca, &info);
	if (info.n_permitted == 0)
		fprintf(stderr,
		        "iamreplay %s: warning: %s has no name constraints: who gets its key can "
		        "pose as any host to those who trust it\n",
		        s->run->self->name, s->ca_file);
}

static int open_own_ca(struct proxy_session *s)
{
	const struct capture_run *run = s->run;
	struct err err = {0};
	if (!run->ca_cert || !run->ca_key)
		return options_usage(run->self, "--ca-cert and --ca-key belong together");
	if (ca_open_own(run->ca_cert, run->ca_key, time(NULL), &s->ca, &err) != STATUS_OK)
		return tell(run, &err);
	s->ca_file = text_of(s, span_of(run->ca_cert));
	for (size_t i = 0; i < s->n_also; i++)
		if (!ca_permits(s->ca, s->also_names[i]))
			return complain(
			        run, "this CA's name constraints do not permit the host of --also",
			        run->also[i]);
	warn_unconstrained(s);
	return EXIT_DONE;
}

static int open_ca(struct proxy_session *s)
{
	const struct capture_run *run = s->run;
	struct ca_also also = {s->also_names, s->n_also};
	struct err err = {0};
	enum ca_news news = CA_AS_IT_WAS;
	if (s->settings.endpoint)
		return EXIT_DONE;
	if (run->ca_cert || run->ca_key)
		return open_own_ca(s);
	char *dir = proxy_ca_dir(run->self->name, run->ca_dir);
	if (!dir)
		return EXIT_NOT_DONE;
	s->ca_file = arena_printf(&s->arena, "%s/ca.pem", dir).p;
	if (ca_open(dir, &also, time(NULL), &s->ca, &news, &err) != STATUS_OK) {
		free(dir);
		return tell(run, &err);
	}
	free(dir);
	if (news == CA_MADE)
		fprintf(stderr, "iamreplay %s: made a CA for this machine: %s\n", run->self->name,
		        s->ca_file);
	if (news == CA_REISSUED)
		fprintf(stderr,
		        "iamreplay %s: %s was re-issued with the same key for the hosts of --also: "
		        "clients "
		        "that hold a copy need the new one\n",
		        run->self->name, s->ca_file);
	warn_unconstrained(s);
	return EXIT_DONE;
}

/* ---- what happens */

static void remember_blind(struct proxy_session *s, const char *host)
{
	for (size_t i = 0; i < s->n_blind; i++)
		if (strcmp(s->blind[i], host) == 0)
			return;
	if (s->n_blind < BLIND_SHOWN)
		s->blind[s->n_blind++] = xstrdup(host);
}

static void remember_mishap(struct mishaps *m, const struct proxy_note *n)
{
	/* what failed names where it should have gone, with the port */
	const char *host = n->kind == NOTE_FAILED || !n->host ? "" : n->host;
	if (m->n++ == 0)
		snprintf(m->first, sizeof m->first, "%s%s%s", host, *host ? ": " : "",
		         n->text ? n->text : "");
}

static void remember(struct proxy_session *s, const struct proxy_note *n)
{
	switch (n->kind) {
	case NOTE_BLIND: remember_blind(s, n->host); break;
	case NOTE_REFUSED: remember_mishap(&s->refused, n); break;
	case NOTE_FAILED: remember_mishap(&s->failed, n); break;
	case NOTE_UNTRUSTED: remember_mishap(&s->untrusted, n); break;
	default: break;
	}
}

static void say_call(const struct proxy_note *n)
{
	const struct captured_call *c = n->call;
	if (n->kind == NOTE_CALL)
		fprintf(stderr, "%.*s %.*s %u%s%.*s\n", SPAN_ARG(c->source), SPAN_ARG(c->name),
		        c->status, c->error_code.n ? " " : "", SPAN_ARG(c->error_code));
	else
		fprintf(stderr, "not recognised: %.*s %.*s%.*s %u\n", SPAN_ARG(c->method),
		        SPAN_ARG(c->host), SPAN_ARG(c->path_pattern), c->status);
}

/* Called by the proxy's threads, one at a time. */
static void note(void *data, const struct proxy_note *n)
{
	struct proxy_session *s = data;
	const char *who = s->run->self->name;
	remember(s, n);
	if (n->kind != NOTE_TROUBLE && !s->run->verbose && !s->run->debug)
		return;
	/* a proxy's thread is not to wait for a reader */
	if (!printing_takes(stderr)) {
		s->unsaid++;
		return;
	}
	switch (n->kind) {
	case NOTE_TROUBLE:
		fprintf(stderr, "iamreplay %s: %s; calls are relayed, and lost here\n", who,
		        n->text);
		break;
	case NOTE_OPENED: fprintf(stderr, "opened: %s\n", n->host); break;
	case NOTE_BLIND:
		fprintf(stderr, "passed through unseen: %s (%s)\n", n->host, n->text);
		break;
	case NOTE_TRACE:
		fprintf(stderr, "debug: %s%s%s\n", n->host ? n->host : "", n->host ? " " : "",
		        n->text);
		break;
	case NOTE_FAILED: fprintf(stderr, "could not be passed on: %s\n", n->text); break;
	case NOTE_REFUSED:
	case NOTE_UNTRUSTED:
		fprintf(stderr, "refused: %s%s%s\n", n->host ? n->host : "", n->host ? ": " : "",
		        n->text);
		break;
	default: say_call(n);
	}
}

static void session_free(struct proxy_session *s)
{
	proxy_free(s->proxy);
	recogniser_free(s->recogniser);
	ca_free(s->ca);
	for (size_t i = 0; i < s->n_blind; i++)
		free(s->blind[i]);
	arena_release(&s->arena);
	free(s);
}

struct proxy_session *proxy_session_open(const struct capture_run *run, struct capture *capture,
                                         int *status)
{
	static int (*const steps[])(struct proxy_session *) = {
	        read_listen, read_token, read_upstream, read_also, open_ca,
	};
	struct proxy_session *s = xcalloc(1, sizeof *s);
	struct err err = {0};
	arena_init(&s->arena);
	s->run = run;
	s->settings.endpoint = strcmp(run->mode, "endpoint") == 0;
	s->settings.timeouts = proxy_timeouts_default;
	s->settings.capture = capture;
	s->settings.trace = run->debug;
	s->settings.note = note;
	s->settings.note_data = s;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if ((*status = steps[i](s)) != EXIT_DONE) {
			session_free(s);
			return NULL;
		}
	read_environment(s);
	s->recogniser = recogniser_new(mapping_builtin(), &s->settings.hosts, s->settings.endpoint);
	s->settings.recogniser = s->recogniser;
	s->settings.hosts.endpoint = recogniser_endpoint;
	s->settings.hosts.data = s->recogniser;
	s->settings.ca = s->ca;
	s->proxy = proxy_open(&s->settings, &err);
	if (!s->proxy) {
		*status = tell(run, &err);
		if (err.reason && strcmp(err.reason, "in-use") == 0)
			fprintf(stderr, "A port that is free: --listen 127.0.0.1:0\n");
		session_free(s);
		return NULL;
	}
	return s;
}

bool proxy_session_start(struct proxy_session *s)
{
	struct err err = {0};
	if (proxy_start(s->proxy, &err))
		return true;
	tell(s->run, &err);
	return false;
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

/* One line of n things that went wrong alike; what (one) or whats (several), and why the first did.
 */
static void say_mishaps(const struct proxy_session *s, uint64_t n, const char *what,
                        const char *whats, const struct mishaps *m)
{
	if (!n)
		return;
	fprintf(stderr, "iamreplay %s: %" PRIu64 " %s", s->run->self->name, n,
	        n == 1 ? what : whats);
	if (m->n)
		fprintf(stderr, "%s: %s", n == 1 ? "" : "; the first", m->first);
	fprintf(stderr, "\n");
}

static void say_blind(const struct proxy_session *s, bool no_calls)
{
	const char *who = s->run->self->name, *local = NULL;
	if (s->n_blind == 0)
		return;
	fprintf(stderr, "iamreplay %s: passed through unseen:", who);
	for (size_t i = 0; i < s->n_blind; i++) {
		fprintf(stderr, " %s", s->blind[i]);
		if (address_is_loopback(s->blind[i]))
			local = s->blind[i];
	}
	fprintf(stderr, "%s\n", s->n_blind == BLIND_SHOWN ? " ..." : "");
	if (no_calls && local)
		fprintf(stderr,
		        "iamreplay %s: if a local cloud is at %s: 'iamreplay capture endpoint --to "
		        "URL' sees its calls\n",
		        who, local);
}

static void summary(struct proxy_session *s, const struct capture_target *t)
{
	struct proxy_counts n;
	const char *who = s->run->self->name;
	proxy_counts(s->proxy, &n);
	capture_run_say_calls(s->run, t, "the proxy", n.calls, "");
	if (n.unrecognised)
		fprintf(stderr, ", %" PRIu64 " of them not recognised", n.unrecognised);
	fprintf(stderr, "\n");
	if (n.calls == 0 && n.clients == 0)
		fprintf(stderr, "iamreplay %s: no client connected to the %s\n", who,
		        s->settings.endpoint ? "endpoint" : "proxy");
	say_mishaps(s, n.failed, "request could not be passed on",
	            "requests could not be passed on", &s->failed);
	say_mishaps(s, n.refused, "request refused", "requests refused", &s->refused);
	say_mishaps(s, s->untrusted.n,
	            "connection ended before it was encrypted (does the client trust the CA?)",
	            "connections ended before they were encrypted (do the clients trust the CA?)",
	            &s->untrusted);
	if (s->unsaid)
		fprintf(stderr,
		        "iamreplay %s: %" PRIu64 " line%s came faster here than they were read\n",
		        who, s->unsaid, printing_s(s->unsaid));
	say_blind(s, n.calls == 0);
}

void proxy_session_wait(struct proxy_session *s)
{
	proxy_wait(s->proxy);
	printing_give_up(signals_fd());
}

void proxy_session_end(struct proxy_session *s, const struct capture_target *t)
{
	if (!s)
		return;
	proxy_session_wait(s);
	if (t)
		summary(s, t);
	session_free(s);
}
