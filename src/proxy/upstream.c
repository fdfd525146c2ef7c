/* upstream.c - proxy: see upstream.h. */
#include "config.h"

#include "proxy/upstream.h"

#include "proxy/address.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct upstream_shared {
	struct upstream_settings settings;
	X509_STORE *store;
	CURLSH *share;
	pthread_mutex_t locks[CURL_LOCK_DATA_LAST];
	struct curl_slist *connect_to;
};

struct upstream_loop {
	struct upstream_shared *shared;
	struct loop *loop;
	CURLM *multi;
	int64_t deadline; /* of libcurl's timer, -1 if none */
};

struct curl_watch { /* a socket while libcurl works on it */
	struct watch watch;
	struct upstream_loop *loop;
};

struct upstream {
	struct upstream_loop *loop;
	CURL *easy;
	curl_socket_t fd;
	bool tls;
	SSL *ssl;     /* libcurl's, once it shakes hands */
	bool by_user; /* the user named where it leads, or the proxy that it goes through */
	bool forbidden;
	bool connected;
	void (*done)(void *owner, enum upstream_failure failure);
	void *owner;
	char error[CURL_ERROR_SIZE];
};

/* ---- shared by all loops */

static void lock_share(CURL *easy, curl_lock_data data, curl_lock_access access, void *user)
{
	struct upstream_shared *s = user;
	pthread_mutex_lock(&s->locks[data]);
}

static void unlock_share(CURL *easy, curl_lock_data data, void *user)
{
	struct upstream_shared *s = user;
	pthread_mutex_unlock(&s->locks[data]);
}

/* Read once: with the system's bundle each connection would otherwise cost 36 ms and 878 KB. */
static X509_STORE *load_store(const char *ca_file, struct err *err)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_set_default_paths(store);
	if (ca_file && X509_STORE_load_file(store, ca_file) != 1) {
		err_at_file(err, ca_file);
		bool readable = access(ca_file, R_OK) == 0;
		err_set(err, STATUS_STOP, "upstream-ca", "%s",
		        readable ? "holds no certificate that can be read" : strerror(errno));
		X509_STORE_free(store);
		store = NULL;
	}
	ERR_clear_error();
	return store;
}

struct upstream_shared *upstream_shared_new(const struct upstream_settings *settings,
                                            struct err *err)
{
	X509_STORE *store = load_store(settings->ca_file, err);
	if (!store)
		return NULL;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	struct upstream_shared *s = xcalloc(1, sizeof *s);
	s->settings = *settings;
	s->store = store;
	for (size_t i = 0; i < CURL_LOCK_DATA_LAST; i++)
		pthread_mutex_init(&s->locks[i], NULL);
	s->share = curl_share_init();
	curl_share_setopt(s->share, CURLSHOPT_LOCKFUNC, lock_share);
	curl_share_setopt(s->share, CURLSHOPT_UNLOCKFUNC, unlock_share);
	curl_share_setopt(s->share, CURLSHOPT_USERDATA, s);
	curl_share_setopt(s->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	curl_share_setopt(s->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	for (size_t i = 0; i < settings->n_connect_to; i++)
		s->connect_to = curl_slist_append(s->connect_to, settings->connect_to[i]);
	return s;
}

void upstream_shared_free(struct upstream_shared *s)
{
	if (!s)
		return;
	curl_share_cleanup(s->share);
	curl_slist_free_all(s->connect_to);
	X509_STORE_free(s->store);
	for (size_t i = 0; i < CURL_LOCK_DATA_LAST; i++)
		pthread_mutex_destroy(&s->locks[i]);
	free(s);
	curl_global_cleanup();
}

/* ---- libcurl inside our loop */

static void report_finished(struct upstream_loop *u);

static void curl_ready(struct watch *w, unsigned events)
{
	struct upstream_loop *u = ((struct curl_watch *)w)->loop;
	int mask = 0, running;
	if (events & LOOP_READ)
		mask |= CURL_CSELECT_IN;
	if (events & LOOP_WRITE)
		mask |= CURL_CSELECT_OUT;
	if (events & LOOP_ERROR)
		mask |= CURL_CSELECT_ERR;
	curl_multi_socket_action(u->multi, w->fd, mask, &running);
	report_finished(u);
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *of_socket)
{
	struct upstream_loop *u = user;
	struct curl_watch *w = of_socket;
	if (what == CURL_POLL_REMOVE) {
		if (w) {
			loop_forget(u->loop, &w->watch);
			curl_multi_assign(u->multi, fd, NULL);
			free(w);
		}
		return 0;
	}
	unsigned events = 0;
	if (what & CURL_POLL_IN)
		events |= LOOP_READ;
	if (what & CURL_POLL_OUT)
		events |= LOOP_WRITE;
	if (w) {
		loop_want(u->loop, &w->watch, events);
		return 0;
	}
	w = xcalloc(1, sizeof *w);
	w->loop = u;
	if (!loop_watch(u->loop, &w->watch, fd, events, curl_ready)) {
		/* The kernel watches no more sockets. Returning -1 would end all transfers; this
		 * one is tried again when curl asks next, or ends by its connect timeout. */
		free(w);
		return 0;
	}
	curl_multi_assign(u->multi, fd, w);
	return 0;
}

static int want_timer(CURLM *multi, long timeout_ms, void *user)
{
	struct upstream_loop *u = user;
	u->deadline = timeout_ms < 0 ? -1 : loop_now(u->loop) + timeout_ms;
	return 0;
}

struct upstream_loop *upstream_loop_new(struct upstream_shared *s, struct loop *loop)
{
	struct upstream_loop *u = xcalloc(1, sizeof *u);
	u->shared = s;
	u->loop = loop;
	u->deadline = -1;
	u->multi = curl_multi_init();
	curl_multi_setopt(u->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(u->multi, CURLMOPT_SOCKETDATA, u);
	curl_multi_setopt(u->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(u->multi, CURLMOPT_TIMERDATA, u);
	return u;
}

void upstream_loop_free(struct upstream_loop *u)
{
	if (!u)
		return;
	curl_multi_cleanup(u->multi);
	free(u);
}

int upstream_loop_timeout(const struct upstream_loop *u)
{
	if (u->deadline < 0)
		return -1;
	int64_t rest = u->deadline - loop_now(u->loop);
	return rest < 0 ? 0 : rest > 60000 ? 60000 : (int)rest;
}

void upstream_loop_run(struct upstream_loop *u)
{
	int running;
	if (u->deadline < 0 || loop_now(u->loop) < u->deadline)
		return;
	u->deadline = -1;
	curl_multi_socket_action(u->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	report_finished(u);
}

static enum upstream_failure failure_of(const struct upstream *up, CURLcode code)
{
	if (up->forbidden)
		return UPSTREAM_FORBIDDEN;
	switch (code) {
	case CURLE_OK: return UPSTREAM_CONNECTED;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY: return UPSTREAM_NO_NAME;
	case CURLE_COULDNT_CONNECT: return UPSTREAM_NO_CONNECT;
	case CURLE_OPERATION_TIMEDOUT: return UPSTREAM_TIMED_OUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CIPHER: return UPSTREAM_TLS;
	default: return UPSTREAM_OTHER;
	}
}

/* libcurl's own words may quote the proxy's URL with its password: only what it says of TLS is
 * passed on. */
static void say_why(struct upstream *up, enum upstream_failure f, CURLcode code)
{
	long answer = 0;
	if (f == UPSTREAM_FORBIDDEN || (f == UPSTREAM_TLS && up->error[0]))
		return;
	curl_easy_getinfo(up->easy, CURLINFO_HTTP_CONNECTCODE, &answer);
	if (answer >= 300)
		snprintf(up->error, sizeof up->error, "the proxy on the way answered %ld", answer);
	else
		snprintf(up->error, sizeof up->error, "%s", curl_easy_strerror(code));
}

static void report_finished(struct upstream_loop *u)
{
	CURLMsg *m;
	int left;
	while ((m = curl_multi_info_read(u->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		struct upstream *up = NULL;
		CURLcode code = m->data.result;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&up);
		enum upstream_failure f = failure_of(up, code);
		if (f == UPSTREAM_CONNECTED) {
			up->connected = true;
			curl_easy_getinfo(up->easy, CURLINFO_ACTIVESOCKET, &up->fd);
			if (up->fd == CURL_SOCKET_BAD)
				f = UPSTREAM_OTHER;
		} else {
			say_why(up, f, code);
		}
		up->done(up->owner, f);
	}
}

/* ---- one connection */

static int index_of_upstream;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_index(void)
{
	index_of_upstream = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

/* CURLINFO_TLS_SSL_PTR tells nothing of a connection without a transfer. Through a proxy that is
 * spoken TLS to, the last one is the upstream's. */
static void remember_ssl(const SSL *ssl, int where, int ret)
{
	if (!(where & SSL_CB_HANDSHAKE_START))
		return;
	struct upstream *up = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), index_of_upstream);
	up->ssl = (SSL *)(uintptr_t)ssl;
}

static CURLcode prepare_tls(CURL *easy, void *ssl_ctx, void *user)
{
	struct upstream *up = user;
	pthread_once(&once, make_index);
	SSL_CTX_set_ex_data(ssl_ctx, index_of_upstream, up);
	SSL_CTX_set_info_callback(ssl_ctx, remember_ssl);
	SSL_CTX_set1_cert_store(ssl_ctx, up->loop->shared->store);
	SSL_CTX_set_read_ahead(ssl_ctx, 1);
	/* libcurl declines session tickets, without which most servers resume nothing under
	 * TLS 1.2; and an end without close_notify is no proper one. */
	SSL_CTX_clear_options(ssl_ctx, SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
	/* Without the first two a write that has to be repeated fails when its bytes have moved. */
	SSL_CTX_set_mode(ssl_ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
	                                  SSL_MODE_RELEASE_BUFFERS);
	return CURLE_OK;
}

static struct address_rules rules_for(const struct upstream_settings *s, bool by_user)
{
	return (struct address_rules){
	        .self_host = s->self_host,
	        .self_port = s->self_port,
	        .no_loopback = s->remote_clients && !by_user,
	};
}

static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct upstream *up = user;
	struct address_rules rules = rules_for(&up->loop->shared->settings, up->by_user);
	if (!address_allowed(&rules, &a->addr)) {
		up->forbidden = true;
		snprintf(up->error, sizeof up->error,
		         "an address that this proxy never connects to");
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static void set_url(CURL *easy, const struct upstream_target *t)
{
	struct buf url;
	buf_init(&url, 1024);
	bool v6 = strchr(t->host, ':') != NULL;
	buf_addf(&url, "%s://%s%s%s:%u/", t->tls ? "https" : "http", v6 ? "[" : "", t->host,
	         v6 ? "]" : "", t->port);
	curl_easy_setopt(easy, CURLOPT_URL, buf_str(&url));
	buf_release(&url);
}

/* Whether one of --connect-to is for it: HOST:PORT:TO:PORT, of which HOST and PORT may be empty. */
static bool is_redirected(const struct upstream_settings *s, const struct upstream_target *t)
{
	char named[4][300];
	bool v6 = strchr(t->host, ':') != NULL;
	const char *open = v6 ? "[" : "", *close = v6 ? "]" : "";
	snprintf(named[0], sizeof named[0], "%s%s%s:%u:", open, t->host, close, t->port);
	snprintf(named[1], sizeof named[1], "%s%s%s::", open, t->host, close);
	snprintf(named[2], sizeof named[2], ":%u:", t->port);
	snprintf(named[3], sizeof named[3], "::");
	for (size_t i = 0; i < s->n_connect_to; i++)
		for (size_t k = 0; k < 4; k++)
			if (span_starts_ci(span_of(s->connect_to[i]), span_of(named[k])))
				return true;
	return false;
}

static struct span without_dots(struct span name)
{
	if (name.n && name.p[0] == '.')
		name = span_from(name, 1);
	if (name.n > 1 && name.p[name.n - 1] == '.')
		name.n--;
	return name;
}

/* Whether a name is in NO_PROXY, by libcurl's rules. Decided here, as what is connected to directly
 * must not be trusted like the proxy that the user named. */
static bool bypasses_proxy(const char *no_proxy, const char *name)
{
	struct span list = span_of(no_proxy), host = without_dots(span_of(name));
	size_t at = 0;
	while (at < list.n) {
		size_t from = at;
		while (at < list.n && list.p[at] != ',' && list.p[at] != ' ')
			at++;
		struct span entry = span_make(list.p + from, at++ - from);
		if (span_is(entry, "*"))
			return true;
		entry = without_dots(entry);
		if (entry.n == 0 || !span_ends_ci(host, entry))
			continue;
		if (host.n == entry.n || host.p[host.n - entry.n - 1] == '.')
			return true;
	}
	return false;
}

/* NULL: none. A forbidden address is not a company's proxy's to connect to either: without one the
 * connection is refused when it is made. */
static const char *proxy_for(const struct upstream_settings *s, const struct upstream_target *t)
{
	struct address_rules rules = rules_for(s, false);
	if (t->direct || !address_allowed_text(&rules, t->host, t->port) ||
	    (!address_is_literal(t->host) && bypasses_proxy(s->no_proxy, t->host)))
		return NULL;
	return t->port == 80 && !t->tls && s->http_proxy ? s->http_proxy : s->https_proxy;
}

static void set_proxy(CURL *easy, const struct upstream_settings *s, const char *proxy)
{
	curl_easy_setopt(easy, CURLOPT_PROXY, proxy ? proxy : "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, s->no_proxy ? s->no_proxy : "");
	curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
}

struct upstream *upstream_connect(struct upstream_loop *u, const struct upstream_target *target,
                                  void (*done)(void *owner, enum upstream_failure failure),
                                  void *owner)
{
	struct upstream_shared *s = u->shared;
	CURL *easy = curl_easy_init();
	if (!easy)
		return NULL;
	struct upstream *up = xcalloc(1, sizeof *up);
	*up = (struct upstream){.loop = u, .easy = easy, .fd = CURL_SOCKET_BAD, .tls = target->tls};
	up->done = done;
	up->owner = owner;
	const char *proxy = proxy_for(&s->settings, target);
	up->by_user = proxy || target->direct || is_redirected(&s->settings, target);
	set_url(easy, target);
	set_proxy(easy, &s->settings, proxy);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, up);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, up->error);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 16384L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)s->settings.connect_timeout_ms);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, up);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, prepare_tls);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, up);
	curl_easy_setopt(easy, CURLOPT_SHARE, s->share);
	if (s->connect_to)
		curl_easy_setopt(easy, CURLOPT_CONNECT_TO, s->connect_to);
	if (curl_multi_add_handle(u->multi, easy) != CURLM_OK) {
		curl_easy_cleanup(easy);
		free(up);
		return NULL;
	}
	return up;
}

void upstream_close(struct upstream *up)
{
	if (!up)
		return;
	curl_multi_remove_handle(up->loop->multi, up->easy);
	curl_easy_cleanup(up->easy);
	free(up);
}

const char *upstream_error(const struct upstream *up)
{
	return up->error;
}

int upstream_fd(const struct upstream *up)
{
	return up->fd;
}

/* libcurl does not tell an end that TLS knows of from one without close_notify. */
static enum upstream_result end_of(const struct upstream *up)
{
	if (up->ssl && !(SSL_get_shutdown(up->ssl) & SSL_RECEIVED_SHUTDOWN))
		return UPSTREAM_FAILED;
	return UPSTREAM_END;
}

enum upstream_result upstream_recv(struct upstream *up, void *p, size_t n, size_t *done)
{
	*done = 0;
	switch (curl_easy_recv(up->easy, p, n, done)) {
	case CURLE_OK: return *done ? UPSTREAM_OK : end_of(up);
	case CURLE_AGAIN: return UPSTREAM_AGAIN;
	default: return UPSTREAM_FAILED;
	}
}

enum upstream_result upstream_send(struct upstream *up, const void *p, size_t n, size_t *done)
{
	*done = 0;
	switch (curl_easy_send(up->easy, p, n, done)) {
	case CURLE_OK: return *done ? UPSTREAM_OK : UPSTREAM_AGAIN;
	case CURLE_AGAIN: return UPSTREAM_AGAIN;
	default: return UPSTREAM_FAILED;
	}
}

bool upstream_pending(const struct upstream *up)
{
	return up->ssl && SSL_has_pending(up->ssl) == 1;
}

void upstream_shut(struct upstream *up)
{
	if (!up->tls && up->connected)
		shutdown(up->fd, SHUT_WR);
}
