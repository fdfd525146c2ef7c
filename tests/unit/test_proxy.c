/* test_proxy.c - the proxy as a whole, on loopback: what goes in at one end comes out at the other,
 * byte for byte, however it is cut; what must be refused is refused; every call is captured, and no
 * secret is. */
#include "proxy-rig.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct rig *rig;

static int set_up(void **state)
{
	rig_set_up(state);
	rig = *state;
	return 0;
}

/* ---- identity
 * -------------------------------------------------------------------------------------------- */

struct pair {
	const char *request, *response;
	bool ends; /* the response ends with the connection */
};

struct script {
	const struct pair *pair;
	size_t step;
	bool same;
};

/* The upstream: takes exactly the request, answers in pieces of step bytes. */
static void *serve(void *arg)
{
	struct script *s = arg;
	char got[8192];
	int fd = accept_one(rig);
	size_t n = get_fd(fd, got, strlen(s->pair->request));
	s->same = n == strlen(s->pair->request) && memcmp(got, s->pair->request, n) == 0;
	const char *p = s->pair->response;
	for (size_t rest = strlen(p); rest;) {
		size_t k = s->step < rest ? s->step : rest;
		put_fd(fd, p, k);
		p += k;
		rest -= k;
		if (rest && rest % 7 == 0)
			usleep(500);
	}
	if (!s->pair->ends) /* until the client ends it */
		get_fd(fd, got, 1);
	close(fd);
	return NULL;
}

static void exchange(const struct pair *pair, size_t step)
{
	struct script s = {pair, step, false};
	struct client c;
	pthread_t server;
	char got[8192];
	pthread_create(&server, NULL, serve, &s);
	open_client(rig, &c, HOST);
	const char *p = pair->request;
	for (size_t rest = strlen(p), k; rest; rest -= k, p += k) {
		k = step < rest ? step : rest;
		put_tls(&c, p, k);
	}
	size_t want = strlen(pair->response);
	size_t n = get_tls(&c, got, want);
	if (n != want || memcmp(got, pair->response, n) != 0)
		fail_msg("in steps of %zu: %.*s instead of %s", step, (int)n, got, pair->response);
	close_client(&c);
	pthread_join(server, NULL);
	if (!s.same)
		fail_msg("in steps of %zu: other bytes than %s", step, pair->request);
}

static void relays_every_framing_as_it_is(void **state)
{
	static const struct pair pairs[] = {
	        {CALL("content-LENGTH:  2 \r\nAccept-Encoding: identity\r\n", "{}"), OK, false},
	        {CALL("Transfer-Encoding: chunked\r\n",
	              "1;x=y\r\n{\r\n1\r\n}\r\n0\r\nx-t: 1\r\n\r\n"),
	         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nt: "
	         "u\r\n\r\n",
	         false},
	        {CALL("", ""), "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", false},
	        {CALL("", ""), "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", false},
	        {"HEAD /k HTTP/1.1\r\nHost: " HOST "\r\n\r\n",
	         "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", false},
	        {CALL("Expect: 100-continue\r\nContent-Length: 2\r\n", "{}"),
	         "HTTP/1.1 100 Continue\r\n\r\n" OK, false},
	        {CALL("", ""), "HTTP/1.1 200 OK\r\n\r\nuntil the end", true},
	        {CALL("", ""), "HTTP/1.0 200 OK\r\n\r\nuntil the end", true},
	        {"GET /prod HTTP/1.1\r\nHost: " HOST
	         "\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
	         "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n\x81\x05hello",
	         false},
	};
	static const size_t steps[] = {1, 2, 3, 7, 64, 100000};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++)
			exchange(&pairs[i], steps[k]);
}

/* ---- answers of the proxy itself
 * ---------------------------------------------------------------------------- */

static void ask(const char *request, char *answer, size_t size)
{
	int fd = dial(proxy_port(rig->proxy));
	put_fd(fd, request, strlen(request));
	size_t n = get_fd(fd, answer, size - 1);
	answer[n] = '\0';
	close(fd);
}

static void expect_status(const char *request, const char *status)
{
	char answer[4096];
	ask(request, answer, sizeof answer);
	if (strncmp(answer, "HTTP/1.1 ", 9) != 0 || strncmp(answer + 9, status, 3) != 0)
		fail_msg("%s gets %.60s, not %s", request, answer, status);
}

static void refuses_what_is_no_proxy_request(void **state)
{
	expect_status("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "400");
	expect_status("CONNECT HTTP/1.1\r\n\r\n", "400");
	expect_status("CONNECT : HTTP/1.0\r\n\r\n", "400");
	expect_status("CONNECT a\x01"
	              "b:443 HTTP/1.0\r\n\r\n",
	              "400");
	expect_status("CONNECT a:99999 HTTP/1.0\r\n\r\n", "400");
	expect_status("CONNECT a:0 HTTP/1.0\r\n\r\n", "400");
	expect_status("\x16\x03\x01\x02\x00", "400");
	expect_status("GET https://x/ HTTP/1.1\r\nHost: x\r\n\r\n", "400");
	expect_status("GET http://u@x/ HTTP/1.1\r\nHost: x\r\n\r\n", "400");
	expect_status("GET http://x/ HTTP/1.1\r\nHost: y\r\n\r\n", "400");
	expect_status("CONNECT 169.254.169.254:80 HTTP/1.0\r\n\r\n", "403");
	expect_status("GET http://169.254.169.254/latest/meta-data/ HTTP/1.1\r\nHost: "
	              "169.254.169.254\r\n\r\n",
	              "403");
	char text[128];
	snprintf(text, sizeof text, "CONNECT 127.0.0.1:%u HTTP/1.0\r\n\r\n",
	         proxy_port(rig->proxy));
	expect_status(text, "403");
	unsigned closed;
	int fd = listen_any(&closed);
	close(fd);
	snprintf(text, sizeof text, "CONNECT 127.0.0.1:%u HTTP/1.0\r\n\r\n", closed);
	expect_status(text, "502");
	expect_status("CONNECT no-such-name.invalid:443 HTTP/1.0\r\n\r\n", "502");
	expect_status("CONNECT example.com:443 HTT", "408"); /* a slow loris */
	char *big = malloc(70000);
	memset(big, 'a', 70000);
	memcpy(big, "CONNECT ", 8);
	big[69999] = '\0';
	expect_status(big, "400");
	free(big);
}

static void refuses_smuggling_inside_tls(void **state)
{
	static const struct {
		const char *request, *status;
	} t[] = {
	        {CALL("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), "400"},
	        {CALL("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400"},
	        {CALL("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), "400"},
	        {CALL("Transfer-Encoding: chunked\r\n", "zz\r\n"), "400"},
	        {CALL("X: y\r\n Z: w\r\n", ""), "400"},
	        {"GET / HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n", "421"},
	        {"GET / HTTP/1.1\r\nHost: " HOST "\r\nHost: " HOST "\r\n\r\n", "400"},
	        {"GET / HTTP/1.1\r\nHost: a\x01"
	         "b\r\n\r\n",
	         "400"},
	        {"GET / HTTP/1.1\r\n\r\n", "400"},
	        {"CONNECT a:443 HTTP/1.1\r\nHost: " HOST "\r\n\r\n", "400"},
	};
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct client c;
		char got[2048];
		open_client(rig, &c, HOST);
		put_tls(&c, t[i].request, strlen(t[i].request));
		size_t n = get_tls(&c, got, sizeof got - 1);
		got[n] = '\0';
		if (strncmp(got + 9, t[i].status, 3) != 0)
			fail_msg("%s gets %.60s", t[i].request, got);
		close_client(&c);
	}
	struct proxy_counts n;
	proxy_counts(rig->proxy, &n);
	assert_int_equal(n.calls, 0);
}

static void says_why_the_upstream_fails(void **state)
{
	struct client c;
	char got[2048];
	close(rig->listener); /* from here on: refused */
	open_client(rig, &c, HOST);
	put_tls(&c, CALL("", ""), strlen(CALL("", "")));
	size_t n = get_tls(&c, got, sizeof got - 1);
	got[n] = '\0';
	assert_non_null(strstr(got, "HTTP/1.1 502 "));
	assert_non_null(strstr(got, HOST));
	close_client(&c);
	struct proxy_counts counts;
	proxy_counts(rig->proxy, &counts);
	assert_int_equal(counts.calls, 0);
	rig->listener = listen_any(&rig->upstream_port);
}

/* ---- faults
 * ---------------------------------------------------------------------------------------------------
 */

static void *serve_half(void *arg)
{
	char got[4096];
	int fd = accept_one(rig);
	get_head(fd, got, sizeof got);
	const char *half = arg;
	put_fd(fd, half, strlen(half));
	close(fd);
	return NULL;
}

static void shows_a_cut_answer_as_cut(void **state)
{
	struct client c;
	pthread_t server;
	char got[2048];
	char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nonly this";
	pthread_create(&server, NULL, serve_half, half);
	open_client(rig, &c, HOST);
	put_tls(&c, CALL("", ""), strlen(CALL("", "")));
	size_t n = get_tls(&c, got, sizeof got);
	assert_int_equal(n, strlen(half));
	/* No close_notify: the end was not proper. */
	assert_int_equal(SSL_get_shutdown(c.ssl) & SSL_RECEIVED_SHUTDOWN, 0);
	close_client(&c);
	pthread_join(server, NULL);
	struct proxy_counts counts;
	proxy_counts(rig->proxy, &counts);
	assert_int_equal(counts.calls, 1);
}

/* What the server says, until it can't be framed, goes through; then the client is cut off. */
static void cuts_where_framing_ends(void **state)
{
	static const struct {
		const char *says, *arrives;
		bool proper;
	} t[] = {
	        /* a malformed chunk */
	        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
	         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc", false},
	        /* an answer that nobody asked for */
	        {OK "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", OK, true},
	};
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct client c;
		pthread_t server;
		char got[2048], says[512];
		snprintf(says, sizeof says, "%s", t[i].says);
		pthread_create(&server, NULL, serve_half, says);
		open_client(rig, &c, HOST);
		/* The second call waits, and never goes on. */
		put_tls(&c, CALL("", "") CALL("", ""), 2 * strlen(CALL("", "")));
		size_t n = get_tls(&c, got, sizeof got - 1);
		got[n] = '\0';
		assert_string_equal(got, t[i].arrives);
		int shut = SSL_get_shutdown(c.ssl) & SSL_RECEIVED_SHUTDOWN;
		assert_int_equal(shut, t[i].proper ? SSL_RECEIVED_SHUTDOWN : 0);
		close_client(&c);
		pthread_join(server, NULL);
	}
	struct proxy_counts counts;
	proxy_counts(rig->proxy, &counts);
	assert_int_equal(counts.requests, sizeof t / sizeof t[0]);
	assert_int_equal(counts.calls, counts.requests);
}

/* Of an exchange with nothing but interim answers something can still be said. */
static void answers_after_an_interim_answer(void **state)
{
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct client c;
	pthread_t server;
	char got[2048];
	char half[] = "HTTP/1.1 100 Continue\r\n\r\nHTTP/2 200\r\n\r\n";
	pthread_create(&server, NULL, serve_half, half);
	open_client(rig, &c, HOST);
	put_tls(&c, CALL("Expect: 100-continue\r\nContent-Length: 2\r\n", ""),
	        strlen(CALL("Expect: 100-continue\r\nContent-Length: 2\r\n", "")));
	size_t n = get_tls(&c, got, sizeof got - 1);
	got[n] = '\0';
	assert_memory_equal(got, interim, strlen(interim));
	assert_memory_equal(got + strlen(interim), "HTTP/1.1 502 ", 13);
	close_client(&c);
	pthread_join(server, NULL);
}

static void *echo(void *arg)
{
	char b[1024];
	ssize_t n;
	int fd = accept_one(rig);
	while ((n = recv(fd, b, sizeof b, 0)) > 0)
		put_fd(fd, b, (size_t)n);
	shutdown(fd, SHUT_WR);
	close(fd);
	return NULL;
}

/* What is no TLS, another name than CONNECT's, or no API host passes as it is, both ends
 * half-closing on their own. */
static void passes_the_rest_through(void **state)
{
	static const char *const first[] = {"hello, I speak no TLS", "\x16\x03\x01\xff\xff\xff",
	                                    "\x10\x0cMQTT"};
	char text[256], got[256];
	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
		pthread_t server;
		pthread_create(&server, NULL, echo, NULL);
		int fd = dial(proxy_port(rig->proxy));
		int n = snprintf(text, sizeof text,
		                 "CONNECT 127.0.0.1:%u HTTP/1.1\r\nHost: x\r\n\r\n",
		                 rig->upstream_port);
		put_fd(fd, text, (size_t)n);
		get_head(fd, got, sizeof got);
		assert_non_null(strstr(got, " 200 "));
		put_fd(fd, first[i], strlen(first[i]));
		shutdown(fd, SHUT_WR);
		size_t k = get_fd(fd, got, sizeof got);
		assert_int_equal(k, strlen(first[i]));
		assert_memory_equal(got, first[i], k);
		close(fd);
		pthread_join(server, NULL);
	}
	struct proxy_counts counts;
	proxy_counts(rig->proxy, &counts);
	assert_int_equal(counts.blind, 3);
	assert_int_equal(counts.calls, 0);
}

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define SETTINGS "\0\0\0\4\0\0\0\0\0"

static int choose_h2(SSL *ssl, const unsigned char **out, unsigned char *out_n,
                     const unsigned char *in, unsigned in_n, void *data)
{
	*out = in + 1;
	*out_n = in[0];
	return in_n == 3 && memcmp(in, "\2h2", 3) == 0 ? SSL_TLSEXT_ERR_OK
	                                               : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void *serve_h2(void *ctx)
{
	char got[64];
	size_t n;
	int fd = accept_one(rig);
	SSL *ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	bool well = SSL_accept(ssl) == 1 && SSL_read_ex(ssl, got, sizeof got, &n) == 1 &&
	            n == strlen(PREFACE) && memcmp(got, PREFACE, n) == 0;
	if (well)
		SSL_write_ex(ssl, SETTINGS, sizeof SETTINGS - 1, &n);
	SSL_read_ex(ssl, got, 1, &n); /* until the client ends it */
	SSL_free(ssl);
	close(fd);
	return NULL;
}

/* Who offers HTTP/2 alone, though to an API host, meets the upstream itself. */
static void passes_http2_through(void **state)
{
	char text[256];
	size_t n;
	pthread_t server;
	struct proxy_counts counts;
	rig = rig_new();
	SSL_CTX *ctx = rig_upstream_tls(rig), *own = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_alpn_select_cb(ctx, choose_h2, NULL);
	rig_start(rig);
	pthread_create(&server, NULL, serve_h2, ctx);
	int fd = dial(proxy_port(rig->proxy));
	put_fd(fd, "CONNECT " HOST ":443 HTTP/1.0\r\n\r\n",
	       strlen("CONNECT " HOST ":443 HTTP/1.0\r\n\r\n"));
	get_head(fd, text, sizeof text);
	assert_non_null(strstr(text, " 200 "));
	SSL *ssl = SSL_new(own);
	snprintf(text, sizeof text, "%s", HOST);
	SSL_set_tlsext_host_name(ssl, text);
	SSL_set_alpn_protos(ssl, (const unsigned char *)"\2h2", 3);
	SSL_set_fd(ssl, fd);
	assert_int_equal(SSL_connect(ssl), 1);
	assert_int_equal(X509_cmp(SSL_get0_peer_certificate(ssl), SSL_CTX_get0_certificate(ctx)),
	                 0);
	assert_int_equal(SSL_write_ex(ssl, PREFACE, strlen(PREFACE), &n), 1);
	assert_int_equal(SSL_read_ex(ssl, text, sizeof text, &n), 1);
	assert_int_equal(n, sizeof SETTINGS - 1);
	assert_memory_equal(text, SETTINGS, n);
	SSL_free(ssl);
	close(fd);
	pthread_join(server, NULL);
	proxy_counts(rig->proxy, &counts);
	assert_int_equal(counts.blind, 1);
	assert_int_equal(counts.calls, 0);
	SSL_CTX_free(own);
	SSL_CTX_free(ctx);
	rig_free(rig);
}

static void *serve_slowly(void *arg)
{
	char got[4096];
	int fd = accept_one(rig);
	get_head(fd, got, sizeof got);
	usleep(400000);
	put_fd(fd, OK, strlen(OK));
	get_fd(fd, got, 1);
	close(fd);
	return NULL;
}

static void finishes_calls_when_it_stops(void **state)
{
	struct client c;
	pthread_t server;
	char got[256];
	pthread_create(&server, NULL, serve_slowly, NULL);
	open_client(rig, &c, HOST);
	put_tls(&c, CALL("", ""), strlen(CALL("", "")));
	usleep(150000);
	proxy_stop(rig->proxy);
	size_t n = get_tls(&c, got, strlen(OK));
	assert_int_equal(n, strlen(OK));
	close_client(&c);
	pthread_join(server, NULL);
	proxy_wait(rig->proxy);
	assert_true(proxy_done(rig->proxy));
	struct proxy_counts counts;
	proxy_counts(rig->proxy, &counts);
	assert_int_equal(counts.calls, 1);
}

/* ---- what is written
 * --------------------------------------------------------------------------------------------- */

static void writes_calls_and_no_secret(void **state)
{
	static const struct pair pair = {
	        CALL("Content-Length: 38\r\n", "{\"Password\":\"potato\",\"TableName\":\"t1\"}"),
	        OK, false};
	char text[8192];
	exchange(&pair, 100000);
	exchange(&pair, 1);
	assert_int_equal(capture_flush(rig->capture, NULL), STATUS_OK);
	FILE *f = fopen(rig->path, "r");
	size_t n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	fclose(f);
	int calls = 0;
	for (const char *p = text; (p = strstr(p, "\"ListTables\"")) != NULL; p++)
		calls++;
	assert_true(calls >= 2);
	assert_non_null(strstr(text, "AKIAQ3EGRISEXAMPLE12"));
	assert_null(strstr(text, "tomato"));
	assert_null(strstr(text, "potato"));
	assert_null(strstr(text, "5ec4e7"));
	assert_null(strstr(text, "dG9tYXRv")); /* tomato */
	assert_null(strstr(text, "cG90YXRv")); /* potato */
}

static int set_up_remote(void **state)
{
	*state = rig = rig_new();
	rig->settings.token = "correct-horse-battery";
	rig_start(rig);
	return 0;
}

static void asks_for_its_token(void **state)
{
	expect_status("CONNECT 127.0.0.1:1 HTTP/1.0\r\n\r\n", "407");
	expect_status("CONNECT 127.0.0.1:1 HTTP/1.0\r\nProxy-Authorization: Bearer wrong\r\n\r\n",
	              "407");
	expect_status("GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n", "407");
	expect_status("CONNECT 127.0.0.1:1 HTTP/1.0\r\nProxy-Authorization: Bearer "
	              "correct-horse-battery\r\n\r\n",
	              "502");
	/* u:correct-horse-battery */
	expect_status("CONNECT 127.0.0.1:1 HTTP/1.0\r\nProxy-Authorization: Basic "
	              "dTpjb3JyZWN0LWhvcnNlLWJhdHRlcnk=\r\n\r\n",
	              "502");
}

static int set_up_few(void **state)
{
	*state = rig = rig_new();
	rig->settings.max_clients = 2;
	rig->settings.threads = 1;
	rig_start(rig);
	return 0;
}

static void bounds_its_clients(void **state)
{
	int a = dial(proxy_port(rig->proxy)), b = dial(proxy_port(rig->proxy));
	usleep(100000);
	expect_status("", "503");
	close(a);
	close(b);
	usleep(100000);
	expect_status("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "400");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(relays_every_framing_as_it_is, set_up,
	                                        rig_tear_down),
	        cmocka_unit_test_setup_teardown(refuses_what_is_no_proxy_request, set_up,
	                                        rig_tear_down),
	        cmocka_unit_test_setup_teardown(refuses_smuggling_inside_tls, set_up,
	                                        rig_tear_down),
	        cmocka_unit_test_setup_teardown(says_why_the_upstream_fails, set_up, rig_tear_down),
	        cmocka_unit_test_setup_teardown(shows_a_cut_answer_as_cut, set_up, rig_tear_down),
	        cmocka_unit_test_setup_teardown(cuts_where_framing_ends, set_up, rig_tear_down),
	        cmocka_unit_test_setup_teardown(answers_after_an_interim_answer, set_up,
	                                        rig_tear_down),
	        cmocka_unit_test_setup_teardown(passes_the_rest_through, set_up, rig_tear_down),
	        cmocka_unit_test(passes_http2_through),
	        cmocka_unit_test_setup_teardown(finishes_calls_when_it_stops, set_up,
	                                        rig_tear_down),
	        cmocka_unit_test_setup_teardown(writes_calls_and_no_secret, set_up, rig_tear_down),
	        cmocka_unit_test_setup_teardown(asks_for_its_token, set_up_remote, rig_tear_down),
	        cmocka_unit_test_setup_teardown(bounds_its_clients, set_up_few, rig_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
