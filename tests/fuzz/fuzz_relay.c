/* fuzz_relay.c - fuzz: one flow of an endpoint or of a blind tunnel between a client and a server
 * that follow a script. Whatever they say, in whatever pieces and order: each gets what the other
 * one sent, in its order, nothing else but the proxy's own answer in its place; nothing behind what
 * is refused; and all that may go on does.
 *
 * It stands where upstream.c stands: the server's end is a socket pair. The first byte of the input
 * says how it is set up; then bytes are the client's, or after SERVER_SPEAKS the server's. */
#include "fuzz.h"

#include "relay-model.h"

#include "proxy/state.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* The first byte. */
enum {
	AS_TUNNEL = 1,     /* not an endpoint */
	LATE = 2,          /* connects when the script says so, or at its end */
	STUTTERS = 4,      /* the server takes and gives a few bytes at a time */
	NOT_CONNECTED = 8, /* the server is not there */
	READS_LATE = 16,   /* the client takes nothing until its script is over */
	HOWS = 32,
};

/* Bytes of the script that are no data. */
enum {
	CLIENT_SPEAKS = 0xf8,
	SERVER_SPEAKS,
	CLIENT_ENDS,
	SERVER_ENDS,
	CUT, /* what was said so far goes out */
	CONNECTS,
	SERVER_BREAKS,
	REPEATED, /* the last byte, so often in 64s as the next byte says */
};

enum { ROOM = 1 << 18, DELIVERIES = 4096 };

struct text {
	char p[ROOM];
	size_t n;
};

static struct {
	unsigned how;
	struct upstream *up;
	int client, server; /* the script's ends */
	bool client_reads, client_saw_end, client_ended, server_ended, server_broke;
	struct text from_client, from_server, to_client, to_server;
	struct sent sent[DELIVERIES];
	size_t n_sent;
	unsigned calls; /* of the server's functions, for STUTTERS */
} world;

static void must(int fine)
{
	if (!fine)
		abort();
}

/* ---- the upstream */

struct upstream {
	int fd;
	void (*done)(void *owner, enum upstream_failure failure); /* NULL: called */
	void *owner;
};

struct upstream *upstream_connect(struct upstream_loop *u, const struct upstream_target *target,
                                  void (*done)(void *owner, enum upstream_failure failure),
                                  void *owner)
{
	int ends[2];
	must(!world.up && world.server < 0);
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
	world.server = ends[0];
	world.up = xcalloc(1, sizeof *world.up);
	*world.up = (struct upstream){ends[1], done, owner};
	return world.up;
}

void upstream_close(struct upstream *up)
{
	if (!up)
		return;
	must(up == world.up);
	close(up->fd);
	free(up);
	world.up = NULL;
}

const char *upstream_error(const struct upstream *up)
{
	return "not there";
}

int upstream_fd(const struct upstream *up)
{
	return up->fd;
}

enum upstream_result upstream_recv(struct upstream *up, void *p, size_t n, size_t *done)
{
	if ((world.how & STUTTERS) && n > 5)
		n = 5;
	ssize_t k = recv(up->fd, p, n, 0);
	*done = k > 0 ? (size_t)k : 0;
	if (k > 0)
		return UPSTREAM_OK;
	if (k == 0)
		return world.server_broke ? UPSTREAM_FAILED : UPSTREAM_END;
	return errno == EAGAIN ? UPSTREAM_AGAIN : UPSTREAM_FAILED;
}

enum upstream_result upstream_send(struct upstream *up, const void *p, size_t n, size_t *done)
{
	*done = 0;
	if ((world.how & STUTTERS) && world.calls++ % 3 == 1)
		return UPSTREAM_AGAIN;
	if ((world.how & STUTTERS) && n > 7)
		n = 7;
	ssize_t k = send(up->fd, p, n, MSG_NOSIGNAL);
	*done = k > 0 ? (size_t)k : 0;
	if (k > 0)
		return UPSTREAM_OK;
	return k < 0 && errno == EAGAIN ? UPSTREAM_AGAIN : UPSTREAM_FAILED;
}

bool upstream_pending(const struct upstream *up)
{
	return false;
}

void upstream_shut(struct upstream *up)
{
	shutdown(up->fd, SHUT_WR);
}

static void connect_now(void)
{
	struct upstream *up = world.up;
	if (!up || !up->done)
		return;
	void (*done)(void *, enum upstream_failure) = up->done;
	up->done = NULL;
	done(up->owner, world.how & NOT_CONNECTED ? UPSTREAM_NO_CONNECT : UPSTREAM_CONNECTED);
}

/* ---- the worker */

static struct shared shared;
static struct worker worker;
static struct proxy_settings settings;
static struct host_rules rules;

static void begin_once(void)
{
	struct err err = {0};
	if (worker.loop)
		return;
	settings.upstream = (struct upstream_target){.host = "server", .port = 80};
	settings.recogniser = recogniser_new(mapping_builtin(), &rules, false);
	rules = (struct host_rules){.endpoint = recogniser_endpoint, .data = settings.recogniser};
	settings.hosts = rules;
	settings.allow_others = true; /* whatever Host says: framing is what is looked at */
	settings.timeouts = (struct proxy_timeouts){1000, 1000, 1000, 1000, 1000, 1000, 1000};
	shared.settings = &settings;
	event_queue_init(&shared.events, &settings);
	worker.shared = &shared;
	worker.loop = loop_new(&err);
	must(worker.loop != NULL);
}

static void run_flows(void)
{
	while (worker.runnable)
		state_advance(conn_next_runnable(&worker));
	while (worker.dead) {
		struct conn *f = worker.dead;
		worker.dead = f->next;
		free(f);
	}
}

/* Until nothing goes on. */
static void run(void)
{
	for (int turns = 0;; turns++) {
		must(turns < 200000); /* it waits for what does not come */
		if (!(world.how & LATE))
			connect_now();
		must(loop_run_once(worker.loop, 0));
		if (!worker.runnable)
			return;
		run_flows();
	}
}

/* ---- both ends */

static bool take(int fd, struct text *t)
{
	ssize_t k;
	if (fd < 0)
		return false;
	while (t->n < ROOM && (k = recv(fd, t->p + t->n, ROOM - t->n, MSG_DONTWAIT)) != 0) {
		if (k < 0)
			return errno != EAGAIN;
		t->n += (size_t)k;
	}
	return true;
}

static void settle(void)
{
	size_t before;
	do {
		before = world.to_client.n + world.to_server.n;
		run();
		if (world.client_reads)
			world.client_saw_end = take(world.client, &world.to_client);
		take(world.server, &world.to_server);
	} while (before != world.to_client.n + world.to_server.n);
}

/* What does not fit was not said. */
static void say(int fd, struct text *all, const char *p, size_t n)
{
	if (fd < 0 || all->n + n > ROOM / 2)
		return;
	ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
	if (k <= 0)
		return;
	memcpy(all->p + all->n, p, (size_t)k);
	all->n += (size_t)k;
}

static bool server_is_there(void)
{
	return world.up && !world.up->done && !world.server_ended;
}

static void deliver(bool client, struct text *words)
{
	if (words->n == 0)
		return;
	if (client && !world.client_ended) {
		say(world.client, &world.from_client, words->p, words->n);
	} else if (!client && server_is_there() && world.n_sent < DELIVERIES) {
		world.sent[world.n_sent++] = (struct sent){world.from_server.n, world.to_server.n};
		say(world.server, &world.from_server, words->p, words->n);
	}
	words->n = 0;
	settle();
}

static void end_side(int fd, bool *ended)
{
	if (fd < 0 || *ended)
		return;
	*ended = true;
	shutdown(fd, SHUT_WR);
	settle();
}

/* ---- what has to hold */

static const char established[] = "HTTP/1.1 200 Connection established\r\n\r\n";

static bool is_prefix(struct span s, const struct text *of)
{
	return s.n <= of->n && (s.n == 0 || memcmp(s.p, of->p, s.n) == 0);
}

/* A whole answer of the proxy itself. */
static bool is_own_answer(struct span s)
{
	char length[48];
	ptrdiff_t end = span_find(s, SPAN_LIT("\r\n\r\n"));
	if (end < 13 || !span_starts(s, SPAN_LIT("HTTP/1.1 ")) ||
	    (s.p[9] != '4' && s.p[9] != '5') ||
	    span_find(span_from(s, 9), SPAN_LIT("HTTP/1.1 ")) >= 0)
		return false;
	struct span text = span_from(s, (size_t)end + 4);
	snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n", text.n);
	return span_find(s, span_of(length)) > 0 &&
	       (text.n == 0 || span_starts(text, SPAN_LIT("iamreplay: ")));
}

static void check_tunnel(struct span got)
{
	if (got.n == 0)
		return;
	if (world.how & NOT_CONNECTED) {
		must(is_own_answer(got));
		return;
	}
	must(span_starts(got, span_of(established)));
	got = span_from(got, sizeof established - 1);
	must(is_prefix(got, &world.from_server));
	must(world.client_saw_end || world.server_broke ||
	     (got.n == world.from_server.n && world.to_server.n == world.from_client.n));
}

/* Something that ends a connection: what is wrong, or an end with nothing left to do. */
static bool has_reason_to_end(const struct verdict *v)
{
	return v->refused || v->broken || v->unasked || world.server_ended ||
	       (world.how & NOT_CONNECTED) || (world.client_ended && !v->waiting);
}

static void check_answered(const struct verdict *v, struct span got)
{
	bool passed = is_prefix(got, &world.from_server);
	bool own = !passed && got.n > v->answer &&
	           is_prefix(span_sub(got, 0, v->answer), &world.from_server) &&
	           is_own_answer(span_from(got, v->answer));
	must(own || (passed && got.n <= v->down));
	must(!own || v->refused || v->broken || (world.how & NOT_CONNECTED));
	if (v->refused && !v->said && !v->unasked && !world.server_ended && !world.client_ended)
		must(own);
}

static void check_endpoint(struct span got)
{
	struct streams s = {span_make(world.from_client.p, world.from_client.n),
	                    span_make(world.from_server.p, world.from_server.n), world.sent,
	                    world.n_sent};
	struct verdict v;
	model_of(&s, &v);
	must(world.to_server.n <= v.up);
	if (!world.client_reads)
		return;
	if (world.client_saw_end) {
		check_answered(&v, got);
		must(v.tunnel || has_reason_to_end(&v));
		return;
	}
	must(got.n <= v.down && is_prefix(got, &world.from_server));
	must(!v.refused && !v.broken && !v.unasked);
	if (server_is_there())
		must(got.n == v.down && world.to_server.n == v.up);
}

static void check(void)
{
	struct span got = span_make(world.to_client.p, world.to_client.n);
	struct span sent = span_make(world.to_server.p, world.to_server.n);
	must(is_prefix(sent, &world.from_client));
	if ((world.how & AS_TUNNEL) && world.client_reads)
		check_tunnel(got);
	else if (!(world.how & AS_TUNNEL))
		check_endpoint(got);
}

static void read_at_last(void)
{
	world.client_reads = true;
	settle();
	check();
}

/* ---- the script */

static void begin(unsigned how)
{
	int ends[2], little = 1;
	world.how = how;
	world.up = NULL;
	world.server = -1;
	world.client_reads = !(how & READS_LATE);
	world.client_saw_end = world.client_ended = world.server_ended = world.server_broke = false;
	world.from_client.n = world.from_server.n = world.to_client.n = world.to_server.n = 0;
	world.n_sent = 0;
	world.calls = 0;
	settings.endpoint = !(how & AS_TUNNEL);
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
	/* The least there is, or a late reader would not make anybody wait. */
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
	world.client = ends[0];
	state_begin(&worker, ends[1]);
	if (how & AS_TUNNEL) {
		static const char text[] = "CONNECT server.example:99 HTTP/1.0\r\n\r\n";
		must(send(world.client, text, sizeof text - 1, 0) == sizeof text - 1);
	}
	settle();
}

static void follow(const uint8_t *p, size_t n)
{
	static struct text words;
	bool client = true;
	words.n = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] == REPEATED && i + 1 < n && words.n) {
			for (size_t k = 64u * p[++i]; k && words.n < ROOM / 4; k--, words.n++)
				words.p[words.n] = words.p[words.n - 1];
			continue;
		}
		if (p[i] < CLIENT_SPEAKS) {
			if (words.n < ROOM / 4)
				words.p[words.n++] = (char)p[i];
			continue;
		}
		deliver(client, &words);
		switch (p[i]) {
		case CLIENT_SPEAKS: client = true; break;
		case SERVER_SPEAKS: client = false; break;
		case CLIENT_ENDS: end_side(world.client, &world.client_ended); break;
		case SERVER_BREAKS: world.server_broke |= server_is_there(); /* fall through */
		case SERVER_ENDS:
			if (server_is_there())
				end_side(world.server, &world.server_ended);
			break;
		case CONNECTS:
			connect_now();
			settle();
			break;
		default: break;
		}
		check();
	}
	deliver(client, &words);
	connect_now();
	settle();
	check();
	read_at_last();
}

/* With both ends gone nothing is left. */
static void end(void)
{
	end_side(world.client, &world.client_ended);
	end_side(world.server, &world.server_ended);
	check();
	must(worker.conns == NULL && world.up == NULL);
	close(world.client);
	if (world.server >= 0)
		close(world.server);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n == 0 || n > 20000)
		return 0;
	begin_once();
	begin(data[0] % HOWS);
	follow(data + 1, n - 1);
	end();
	return 0;
}
