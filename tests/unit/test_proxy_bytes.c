/* test_proxy_bytes.c - the proxy changes no byte: conversations of every framing go through it, cut
 * at every place, and what arrives at each end is compared with what the other one sent.
 *
 * A piece is a TLS record where there is TLS: the proxy reads one at a time, so a cut is a cut. On
 * plain connections the second piece waits until the proxy has passed on what it can of the
 * first, or for a moment. */
#include "proxy-rig.h"

#include "framings.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum reach { OPENED, ENDPOINT, ABSOLUTE, BLIND };

struct variant {
	enum reach reach;
	int tls;           /* of the client; 0: none */
	bool tls_upstream; /* and of the upstream */
	const struct framing *framings;
};

struct end {
	int fd;   /* -1: none yet */
	SSL *ssl; /* NULL: plain */
};

/* One direction of a conversation: what has to arrive, and what has. */
struct way {
	struct end *from, *to;
	char *want;
	size_t n_want, room, n_held, got;
};

enum { LANES = 3 };

/* One connection after another, each conversation in each way it can be cut. */
struct lane {
	const struct variant *variant;
	unsigned number;
	struct rig *rig;
	SSL_CTX *client_ctx, *server_ctx;
	SSL_SESSION *session; /* to be resumed */
	struct end client, server;
	struct way up, down;
	size_t runs, requests;
	char at[160], failed[1200];
};

/* Where to cut: one step at one place, or every step between all its bytes. */
struct cut {
	size_t step, at;
	bool everywhere;
};

/* ---- ends
 * ------------------------------------------------------------------------------------------------
 */

enum { NOTHING = 0, ENDED = -1, BROKEN = -2 };

static long end_recv(struct end *e, char *p, size_t n)
{
	if (e->ssl) {
		int k = SSL_read(e->ssl, p, (int)n);
		switch (SSL_get_error(e->ssl, k)) {
		case SSL_ERROR_NONE: return k;
		case SSL_ERROR_WANT_READ:
		case SSL_ERROR_WANT_WRITE: return NOTHING;
		case SSL_ERROR_ZERO_RETURN: return ENDED;
		default: return BROKEN;
		}
	}
	ssize_t k = recv(e->fd, p, n, MSG_DONTWAIT);
	if (k >= 0)
		return k ? k : ENDED;
	return errno == EAGAIN ? NOTHING : BROKEN;
}

static long end_send(struct end *e, const char *p, size_t n)
{
	if (e->ssl) {
		int k = SSL_write(e->ssl, p, (int)n);
		int why = SSL_get_error(e->ssl, k);
		if (why == SSL_ERROR_NONE)
			return k;
		return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? NOTHING : BROKEN;
	}
	ssize_t k = send(e->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (k >= 0)
		return k;
	return errno == EAGAIN ? NOTHING : BROKEN;
}

static void end_half(struct end *e)
{
	if (e->ssl)
		SSL_shutdown(e->ssl);
	else
		shutdown(e->fd, SHUT_WR);
}

static void end_close(struct end *e)
{
	SSL_free(e->ssl);
	if (e->fd >= 0)
		close(e->fd);
	*e = (struct end){-1, NULL};
}

/* Pieces go out as they are, and no call waits. */
static void end_begin(struct end *e, int fd)
{
	int one = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	e->fd = fd;
}

/* ---- what failed
 * ----------------------------------------------------------------------------------------- */

static size_t show(char *out, size_t size, const char *p, size_t n)
{
	size_t used = 0;
	for (size_t i = 0; i < n && used + 8 < size; i++) {
		unsigned char c = (unsigned char)p[i];
		bool plain = c >= 0x20 && c < 0x7f;
		used += (size_t)(plain ? snprintf(out + used, size - used, "%c", c)
		                       : snprintf(out + used, size - used, "\\x%02x", c));
	}
	return used;
}

static bool fail_lane(struct lane *l, const char *what, const char *p, size_t n)
{
	if (l->failed[0])
		return false;
	size_t used = (size_t)snprintf(l->failed, sizeof l->failed, "%s: %s ", l->at, what);
	show(l->failed + used, sizeof l->failed - used, p, n < 200 ? n : 200);
	return false;
}

/* ---- connections
 * ----------------------------------------------------------------------------------------- */

static SSL *client_tls(const struct lane *l)
{
	SSL *ssl = SSL_new(l->client_ctx);
	SSL_set_tlsext_host_name(ssl, (char *)(uintptr_t)HOST);
	SSL_set1_host(ssl, HOST);
	SSL_set_connect_state(ssl);
	if (l->session)
		SSL_set_session(ssl, l->session);
	return ssl;
}

/* On from where the handshake is. */
static bool shake_hands(struct lane *l, SSL *ssl)
{
	l->client.ssl = ssl;
	SSL_set_fd(ssl, l->client.fd);
	if (SSL_do_handshake(ssl) == 1 && SSL_version(ssl) == l->variant->tls)
		return true;
	return fail_lane(l, "no handshake", "", 0);
}

static int connect_line(const struct lane *l, char *p, size_t size)
{
	if (l->variant->reach == OPENED)
		return snprintf(p, size, "CONNECT " HOST ":443 HTTP/1.0\r\n\r\n");
	return snprintf(p, size, "CONNECT 127.0.0.1:%u HTTP/1.0\r\n\r\n", l->rig->upstream_port);
}

static bool see_established(struct lane *l)
{
	char text[512];
	get_head(l->client.fd, text, sizeof text);
	return strstr(text, " 200 ") || fail_lane(l, "CONNECT gets", text, strlen(text));
}

static bool open_client_end(struct lane *l)
{
	char text[512];
	l->client.fd = dial(proxy_port(l->rig->proxy));
	if (l->variant->reach == OPENED || l->variant->reach == BLIND) {
		put_fd(l->client.fd, text, (size_t)connect_line(l, text, sizeof text));
		if (!see_established(l))
			return false;
	}
	if (l->variant->reach == OPENED && !shake_hands(l, client_tls(l)))
		return false;
	end_begin(&l->client, l->client.fd);
	return true;
}

static void accept_server_end(struct lane *l)
{
	end_begin(&l->server, accept_one(l->rig));
	if (l->server_ctx) {
		l->server.ssl = SSL_new(l->server_ctx);
		SSL_set_fd(l->server.ssl, l->server.fd);
		SSL_set_accept_state(l->server.ssl);
	}
}

static void close_both(struct lane *l)
{
	if (l->client.ssl) {
		SSL_SESSION_free(l->session);
		l->session = SSL_get1_session(l->client.ssl);
	}
	end_close(&l->client);
	end_close(&l->server);
}

/* ---- one direction
 * --------------------------------------------------------------------------------------- */

static void expect(struct way *w, const struct step *s)
{
	const char *p = s->as ? s->as : s->p;
	size_t n = s->as ? s->n_as : s->n;
	if (w->n_want + n > w->room) {
		w->room = w->n_want + n + 4096;
		w->want = realloc(w->want, w->room);
	}
	if (n)
		memcpy(w->want + w->n_want, p, n);
	w->n_want += n;
	w->n_held = s->n_held;
}

static bool is_through(const struct way *w)
{
	return w->got == w->n_want - w->n_held;
}

/* Takes what is there. False: something else, or more, than has to come. */
static bool take(struct lane *l, struct way *w)
{
	char got[16384];
	if (w->to->fd < 0)
		return true;
	for (;;) {
		long k = end_recv(w->to, got, sizeof got);
		if (k == NOTHING || (k < 0 && is_through(w)))
			return true;
		if (k < 0)
			return fail_lane(l, "ended in front of", w->want + w->got,
			                 w->n_want - w->got);
		if ((size_t)k > w->n_want - w->n_held - w->got ||
		    memcmp(got, w->want + w->got, (size_t)k) != 0)
			return fail_lane(l, "there arrives", got, (size_t)k);
		w->got += (size_t)k;
	}
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for events of the receiver, or of the sender when it is stuck, and takes what came. */
static bool take_next(struct lane *l, struct way *w, bool stuck, int ms)
{
	struct pollfd p[2] = {
	        {w->to->fd >= 0 ? w->to->fd : l->rig->listener, POLLIN, 0},
	        {w->from->fd, POLLIN | POLLOUT, 0},
	};
	int n = poll(p, stuck ? 2 : 1, ms);
	if (n > 0 && p[0].revents && w->to->fd < 0)
		accept_server_end(l);
	return take(l, w);
}

/* Until n_want but for n_held has come; false if it does not, or anything else does. */
static bool take_all(struct lane *l, struct way *w)
{
	int64_t until = now_ms() + WAIT_MS;
	bool well = take(l, w);
	while (well && !is_through(w)) {
		if (now_ms() > until)
			return fail_lane(l, "there does not arrive", w->want + w->got,
			                 w->n_want - w->n_held - w->got);
		well = take_next(l, w, false, 100);
	}
	return well;
}

static bool send_piece(struct lane *l, struct way *w, const char *p, size_t n)
{
	int64_t until = now_ms() + WAIT_MS;
	while (n) {
		long k = end_send(w->from, p, n);
		if (k == BROKEN || now_ms() > until)
			return fail_lane(l, "can't send", p, n);
		p += k;
		n -= (size_t)k;
		if (!k && !take_next(l, w, true, 100))
			return false;
	}
	return true;
}

/* Gives the proxy time to see a piece by itself: on plain connections, until something arrives, or
 * for a moment. */
static bool pause_between(struct lane *l, struct way *w, bool briefly)
{
	if (w->from->ssl)
		return take(l, w);
	if (!briefly)
		return take_next(l, w, false, 1);
	usleep(50);
	return take(l, w);
}

enum { SHORT = 3000, STRIDE = 997 };

static size_t piece(const struct step *s, size_t number, size_t at, const struct cut *cut)
{
	size_t rest = s->n - at, n = rest;
	if (cut->everywhere)
		n = s->n <= SHORT ? 1 : STRIDE;
	else if (cut->step == number && at < cut->at)
		n = cut->at - at;
	return n < rest ? n : rest;
}

static bool pass(struct lane *l, struct way *w, const struct step *s, size_t number,
                 const struct cut *cut)
{
	expect(w, s);
	for (size_t at = 0, n; at < s->n; at += n) {
		n = piece(s, number, at, cut);
		if (at && !pause_between(l, w, cut->everywhere))
			return false;
		if (!send_piece(l, w, s->p + at, n))
			return false;
	}
	return take_all(l, w);
}

static bool see_end(struct lane *l, struct way *w)
{
	char got[64];
	struct pollfd p = {w->to->fd, POLLIN, 0};
	for (int64_t until = now_ms() + WAIT_MS; now_ms() < until;) {
		long k = end_recv(w->to, got, sizeof got);
		/* Of the client's end the server learns what libcurl says; the server's end must
		 * not look like an accident. */
		if (k == ENDED || (k == BROKEN && w == &l->up))
			return true;
		if (k != NOTHING)
			return fail_lane(l, "no proper end but", got, k > 0 ? (size_t)k : 0);
		poll(&p, 1, 100);
	}
	return fail_lane(l, "no end", "", 0);
}

/* ---- conversations
 * --------------------------------------------------------------------------------------- */

static bool run_step(struct lane *l, const struct step *s, size_t number, const struct cut *cut)
{
	switch (s->kind) {
	case CLIENT_SENDS:
	case HELD_ARRIVES: return pass(l, &l->up, s, number, cut);
	case SERVER_SENDS: return pass(l, &l->down, s, number, cut);
	case CLIENT_ENDS: end_half(&l->client); return true;
	case SERVER_ENDS: end_half(&l->server); return true;
	case CLIENT_SEES_END: return see_end(l, &l->down);
	case SERVER_SEES_END: return see_end(l, &l->up);
	case STEPS_END: break;
	}
	return true;
}

static bool run(struct lane *l, const struct framing *f, const struct cut *cut)
{
	snprintf(l->at, sizeof l->at, "%s, %s step %zu at %zu", f->name,
	         cut->everywhere ? "cut everywhere, not" : "cut in", cut->step, cut->at);
	if (l->client.fd < 0 && !open_client_end(l))
		return false;
	l->up = (struct way){&l->client, &l->server, l->up.want, 0, l->up.room, 0, 0};
	l->down = (struct way){&l->server, &l->client, l->down.want, 0, l->down.room, 0, 0};
	for (size_t i = 0; i < STEPS_MOST && f->steps[i].kind != STEPS_END; i++)
		if (!run_step(l, &f->steps[i], i, cut))
			return false;
	l->runs++;
	l->requests += f->n_requests;
	if (f->once)
		close_both(l);
	else if (!take(l, &l->up) || !take(l, &l->down))
		return false;
	return true;
}

/* Of long texts only the places where something may happen: near the ends, and where a buffer or a
 * record is full. */
static bool is_place(const struct step *s, size_t at)
{
	enum { FULL = 16384 };
	return s->n <= SHORT || at < 4 || s->n - at < 8 || (at + 1) % FULL <= 2 ||
	       memcmp(s->p + at - 1, "\n\r\n", 3) == 0;
}

static bool run_all_cuts(struct lane *l, const struct framing *f)
{
	struct cut cut = {0};
	if (!run(l, f, &cut))
		return false;
	for (; cut.step < STEPS_MOST && f->steps[cut.step].kind != STEPS_END; cut.step++) {
		const struct step *s = &f->steps[cut.step];
		for (cut.at = 1; cut.at < s->n; cut.at++)
			if (is_place(s, cut.at) && !run(l, f, &cut))
				return false;
	}
	cut.everywhere = true;
	return run(l, f, &cut);
}

static void *run_lane(void *arg)
{
	struct lane *l = arg;
	const struct framing *f = l->variant->framings;
	for (unsigned i = 0; f[i].name && !l->failed[0]; i++)
		if (i % LANES == l->number) {
			run_all_cuts(l, &f[i]);
			close_both(l);
		}
	return NULL;
}

/* ---- variants
 * -------------------------------------------------------------------------------------------- */

static void open_lane(struct lane *l, const struct variant *v, unsigned number)
{
	*l = (struct lane){.variant = v, .number = number, .client.fd = -1, .server.fd = -1};
	l->rig = rig_new();
	if (v->tls_upstream)
		l->server_ctx = rig_upstream_tls(l->rig);
	l->rig->settings.endpoint = v->reach == ENDPOINT;
	l->rig->settings.threads = 1;
	rig_start(l->rig);
	if (!v->tls)
		return;
	char pem[128];
	snprintf(pem, sizeof pem, "%s/ca.pem", l->rig->dir);
	l->client_ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(l->client_ctx, v->tls);
	SSL_CTX_set_max_proto_version(l->client_ctx, v->tls);
	assert_int_equal(SSL_CTX_load_verify_file(l->client_ctx, pem), 1);
	SSL_CTX_set_verify(l->client_ctx, SSL_VERIFY_PEER, NULL);
}

/* What passed unchanged was understood, too: each request was seen as one, and captured. */
static void check_counts(const struct lane *l)
{
	struct proxy_counts n;
	proxy_counts(l->rig->proxy, &n);
	for (int64_t until = now_ms() + WAIT_MS; n.calls < l->requests && now_ms() < until;) {
		usleep(1000);
		proxy_counts(l->rig->proxy, &n);
	}
	assert_int_equal(n.requests, l->requests);
	assert_int_equal(n.calls, l->requests);
	assert_int_equal(n.refused, 0);
	assert_int_equal(n.blind, l->variant->reach == BLIND ? l->runs : 0);
}

static void close_lane(struct lane *l)
{
	SSL_SESSION_free(l->session);
	SSL_CTX_free(l->client_ctx);
	SSL_CTX_free(l->server_ctx);
	free(l->up.want);
	free(l->down.want);
	rig_free(l->rig);
}

static void run_variant(const struct variant *v)
{
	struct lane lanes[LANES];
	pthread_t threads[LANES];
	size_t runs = 0;
	bool failed = false;
	for (unsigned i = 0; i < LANES; i++) {
		open_lane(&lanes[i], v, i);
		assert_int_equal(pthread_create(&threads[i], NULL, run_lane, &lanes[i]), 0);
	}
	for (unsigned i = 0; i < LANES; i++) {
		pthread_join(threads[i], NULL);
		if (lanes[i].failed[0])
			print_error("%s\n", lanes[i].failed);
		failed |= lanes[i].failed[0] != '\0';
	}
	assert_false(failed);
	for (unsigned i = 0; i < LANES; i++) {
		check_counts(&lanes[i]);
		runs += lanes[i].runs;
		close_lane(&lanes[i]);
	}
	print_message("# %zu conversations\n", runs);
}

/* ---- the corpus
 * -------------------------------------------------------------------------------------------- */

static void relays_tls_13(void **state)
{
	run_variant(&(struct variant){OPENED, TLS1_3_VERSION, false, http_framings});
}

static void relays_tls_12_to_tls(void **state)
{
	run_variant(&(struct variant){OPENED, TLS1_2_VERSION, true, http_framings});
}

static void relays_as_an_endpoint(void **state)
{
	run_variant(&(struct variant){ENDPOINT, 0, false, http_framings});
}

static void rewrites_nothing_but_the_target(void **state)
{
	run_variant(&(struct variant){ABSOLUTE, 0, false, absolute_framings});
}

static void tunnels_blindly(void **state)
{
	run_variant(&(struct variant){BLIND, 0, false, blind_framings});
}

/* ---- large ones
 * --------------------------------------------------------------------------------------------- */

struct text {
	char *p;
	size_t n;
};

enum { LARGE = 300 * 1000, LARGE_CHUNK = 0x2001, LARGE_HEAD = 60 * 1000 };

static void add(struct text *t, const char *p, size_t n)
{
	t->p = realloc(t->p, t->n + n);
	memcpy(t->p + t->n, p, n);
	t->n += n;
}

static void add_str(struct text *t, const char *p)
{
	add(t, p, strlen(p));
}

static void add_noise(struct text *t, size_t n)
{
	t->p = realloc(t->p, t->n + n);
	for (uint32_t x = 1; n; n--) {
		x = x * 1664525u + 1013904223u;
		t->p[t->n++] = (char)(x >> 24);
	}
}

static struct text by_length(const char *line)
{
	struct text t = {NULL, 0};
	add_str(&t, line);
	add_str(&t, "\r\nHost: " HOST "\r\nContent-Length: 300000\r\n\r\n");
	add_noise(&t, LARGE);
	return t;
}

static struct text by_chunks(const char *line)
{
	struct text t = {NULL, 0};
	add_str(&t, line);
	add_str(&t, "\r\nHost: " HOST "\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (size_t i = 0; i < LARGE; i += LARGE_CHUNK) {
		add_str(&t, "2001;sign=ed\r\n");
		add_noise(&t, LARGE_CHUNK);
		add_str(&t, "\r\n");
	}
	add_str(&t, "0\r\nx-amz-checksum-crc32: AAAAAA==\r\n\r\n");
	return t;
}

static struct text by_head(const char *line)
{
	struct text t = {NULL, 0};
	add_str(&t, line);
	add_str(&t, "\r\nHost: " HOST "\r\nContent-Length: 1\r\n");
	for (size_t i = 0; i < LARGE_HEAD; i += 1000) {
		char field[1001];
		snprintf(field, sizeof field, "x-amz-meta-a: %0985d", (int)i);
		add_str(&t, field);
		add_str(&t, "\r\n");
	}
	add_str(&t, "\r\n.");
	return t;
}

static struct framing both_ways(const char *name, struct text request, struct text response)
{
	return (struct framing){name,
	                        1,
	                        false,
	                        {{.kind = CLIENT_SENDS, .p = request.p, .n = request.n},
	                         {.kind = SERVER_SENDS, .p = response.p, .n = response.n}}};
}

static void relays_large_ones(void **state)
{
	static const char request[] = "PUT /k HTTP/1.1", response[] = "HTTP/1.1 200 OK";
	struct framing large[] = {
	        both_ways("large by length", by_length(request), by_length(response)),
	        both_ways("large in chunks", by_chunks(request), by_chunks(response)),
	        both_ways("large heads", by_head(request), by_head(response)),
	        {.name = NULL},
	};
	run_variant(&(struct variant){OPENED, TLS1_3_VERSION, true, large});
	run_variant(&(struct variant){OPENED, TLS1_2_VERSION, false, large});
	run_variant(&(struct variant){ENDPOINT, 0, false, large});
	for (size_t i = 0; large[i].name; i++)
		for (size_t k = 0; k < 2; k++)
			free((char *)(uintptr_t)large[i].steps[k].p);
}

/* ---- slow readers */

struct slow {
	const struct rig *rig;
	struct text request, response;
	sem_t heard; /* all of the request */
	bool same;
};

/* So slowly that the proxy has to wait: a socket's buffer grows for fast ones only. */
static bool read_slowly(int fd, SSL *ssl, const struct text *want)
{
	char got[8192];
	for (size_t at = 0, turn = 0; at < want->n; turn++) {
		size_t most = want->n - at < sizeof got ? want->n - at : sizeof got;
		ssize_t k = ssl ? SSL_read(ssl, got, (int)most) : recv(fd, got, most, 0);
		if (k <= 0 || memcmp(got, want->p + at, (size_t)k) != 0)
			return false;
		at += (size_t)k;
		if (turn % 4 == 0)
			usleep(200);
	}
	return true;
}

static void *serve_slowly(void *arg)
{
	struct slow *s = arg;
	int fd = accept_one(s->rig);
	s->same = read_slowly(fd, NULL, &s->request);
	sem_post(&s->heard);
	put_fd(fd, s->response.p, s->response.n);
	close(fd);
	return NULL;
}

/* The end of the one side is behind all that it said, however long that takes the other. */
static void waits_for_slow_readers(void **state)
{
	struct slow s = {.rig = *state, .request = {NULL, 0}, .response = {NULL, 0}};
	struct client c;
	pthread_t server;
	char end;
	add_str(&s.request, "PUT /k HTTP/1.1\r\nHost: " HOST "\r\nContent-Length: 4000000\r\n\r\n");
	add_noise(&s.request, 4000000);
	add_str(&s.response, "HTTP/1.1 200 OK\r\n\r\n");
	add_noise(&s.response, 300000);
	sem_init(&s.heard, 0, 0);
	assert_int_equal(pthread_create(&server, NULL, serve_slowly, &s), 0);
	open_client(s.rig, &c, HOST);
	put_tls(&c, s.request.p, s.request.n);
	/* The client's last word is behind what the proxy reads, and all of the answer on its way
	 * when the first of it is read: whoever closed now would take it back. */
	sem_wait(&s.heard);
	SSL_shutdown(c.ssl);
	usleep(200000);
	assert_true(read_slowly(c.fd, c.ssl, &s.response));
	assert_int_equal(SSL_get_error(c.ssl, SSL_read(c.ssl, &end, 1)), SSL_ERROR_ZERO_RETURN);
	pthread_join(server, NULL);
	assert_true(s.same);
	close_client(&c);
	sem_destroy(&s.heard);
	free(s.request.p);
	free(s.response.p);
}

/* ---- what comes first
 * --------------------------------------------------------------------------------------- */

/* The ClientHello, as bytes. */
static size_t first_words(SSL *ssl, char *p, size_t size)
{
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_do_handshake(ssl);
	return (size_t)BIO_read(SSL_get_wbio(ssl), p, (int)size);
}

/* CONNECT and what is behind it without waiting for the answer, cut at one place; then, if it is
 * TLS, a call. False when there is no such place, or something failed. */
static bool open_cut(struct lane *l, const struct framing *f, size_t at)
{
	char text[4096];
	size_t n = (size_t)connect_line(l, text, sizeof text), behind = f->steps[0].n;
	SSL *ssl = l->variant->tls ? client_tls(l) : NULL;
	if (ssl)
		behind = first_words(ssl, text + n, sizeof text - n);
	else
		memcpy(text + n, f->steps[0].p, behind);
	n += behind;
	snprintf(l->at, sizeof l->at, "%s, cut at %zu", f->name, at);
	if (at < n) {
		l->client.fd = dial(proxy_port(l->rig->proxy));
		put_fd(l->client.fd, text, at);
		usleep(500);
		put_fd(l->client.fd, text + at, n - at);
	}
	if (at >= n || !see_established(l) || (ssl && !shake_hands(l, ssl))) {
		if (ssl && ssl != l->client.ssl)
			SSL_free(ssl);
		return false;
	}
	end_begin(&l->client, l->client.fd);
	if (ssl)
		return run(l, f, &(struct cut){0});
	l->up.to = &l->server;
	l->up.from = &l->client;
	l->up.n_want = l->up.got = 0;
	expect(&l->up, &f->steps[0]);
	l->runs++;
	bool well = take_all(l, &l->up);
	close_both(l);
	return well;
}

static void cut_openings(const struct variant *v)
{
	struct lane l;
	size_t at = 1;
	open_lane(&l, v, 0);
	while (open_cut(&l, &v->framings[0], at))
		at++;
	close_both(&l);
	if (l.failed[0])
		fail_msg("%s", l.failed);
	assert_true(at > 40); /* all of it */
	check_counts(&l);
	close_lane(&l);
	print_message("# %zu openings\n", at - 1);
}

static void opens_what_comes_in_parts(void **state)
{
	static const struct framing call[] = {
	        {"an opening",
	         1,
	         true,
	         {{.kind = CLIENT_SENDS, .p = CALL("", ""), .n = sizeof CALL("", "") - 1},
	          {.kind = SERVER_SENDS, .p = OK, .n = sizeof OK - 1}}},
	};
	cut_openings(&(struct variant){OPENED, TLS1_3_VERSION, false, call});
	cut_openings(&(struct variant){OPENED, TLS1_2_VERSION, true, call});
	cut_openings(&(struct variant){BLIND, 0, false, blind_framings});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(relays_tls_13),
	        cmocka_unit_test(relays_tls_12_to_tls),
	        cmocka_unit_test(relays_as_an_endpoint),
	        cmocka_unit_test(rewrites_nothing_but_the_target),
	        cmocka_unit_test(tunnels_blindly),
	        cmocka_unit_test(relays_large_ones),
	        cmocka_unit_test_setup_teardown(waits_for_slow_readers, rig_set_up, rig_tear_down),
	        cmocka_unit_test(opens_what_comes_in_parts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
