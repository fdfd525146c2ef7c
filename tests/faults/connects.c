/* connects.c - a flood of connections that are of no use: half of them say nothing or nonsense,
 * half ask for a tunnel, all go away, every other one without a word.
 *     connects PORT COUNT AT-ONCE HOST:PORT
 * HOST:PORT is what is asked for. Prints how many connections were made, how many of the asked were
 * answered with 200, and how long it took; fails if not all could be made. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A local port that was used is not free again at once: so many connections share an address of
 * 127.0.0.0/8. */
enum { PER_ADDRESS = 5000, PATIENCE_MS = 10000 };

enum kind { SILENT, NONSENSE, NO_METHOD, HALF_HEAD, ASKS, ASKS_AND_SPEAKS, KINDS };

struct one {
	int fd;
	long number;
	bool asked;
};

struct flood {
	struct sockaddr_in to;
	const char *ask;
	long count, begun, made, answered, failed, alive;
	int epoll;
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The four kinds of nonsense take turns on even numbers, asking on odd ones. */
static enum kind kind_of(const struct one *o)
{
	if (o->number % 2)
		return o->number % 4 == 1 ? ASKS : ASKS_AND_SPEAKS;
	return (enum kind)(o->number / 2 % 4);
}

static bool begin(struct flood *f, struct one *o)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	o->number = f->begun++;
	o->asked = false;
	o->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (o->fd < 0)
		return false;
	from.sin_addr.s_addr = htonl(0x7f010001u + (uint32_t)(o->number / PER_ADDRESS));
	int one = 1;
	setsockopt(o->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	struct epoll_event e = {.events = EPOLLOUT, .data.ptr = o};
	if (bind(o->fd, (struct sockaddr *)&from, sizeof from) != 0 ||
	    (connect(o->fd, (struct sockaddr *)&f->to, sizeof f->to) != 0 &&
	     errno != EINPROGRESS) ||
	    epoll_ctl(f->epoll, EPOLL_CTL_ADD, o->fd, &e) != 0) {
		close(o->fd);
		return false;
	}
	f->alive++;
	return true;
}

static void end(struct flood *f, struct one *o)
{
	struct linger reset = {1, 0};
	if (o->number % 3 == 0)
		setsockopt(o->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(o->fd);
	f->alive--;
	o->fd = -1;
}

static void say(int fd, const char *text)
{
	/* Nobody has to take it. */
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		return;
}

/* True when it is done with. */
static bool connected(struct flood *f, struct one *o)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = o};
	int error = 0;
	socklen_t n = sizeof error;
	getsockopt(o->fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (error) {
		f->failed++;
		return true;
	}
	f->made++;
	switch (kind_of(o)) {
	case SILENT: return true;
	case NONSENSE: say(o->fd, "\x16\x03\x01\x02\x01\xff\x80 nonsense \r\n\r\n"); return true;
	case NO_METHOD: say(o->fd, "@@@ / HTTP/1.1\r\n\r\n"); return true;
	case HALF_HEAD: say(o->fd, "CONNECT half.example:443 HTTP/1.1\r\nHost: ha"); return true;
	default: break;
	}
	say(o->fd, f->ask);
	o->asked = true;
	return epoll_ctl(f->epoll, EPOLL_CTL_MOD, o->fd, &e) != 0;
}

static bool ready(struct flood *f, struct one *o)
{
	char answer[256];
	if (!o->asked)
		return connected(f, o);
	ssize_t n = recv(o->fd, answer, sizeof answer - 1, 0);
	answer[n > 0 ? n : 0] = '\0';
	f->answered += strstr(answer, " 200 ") != NULL;
	if (kind_of(o) == ASKS_AND_SPEAKS)
		say(o->fd, "\x16\x03\x01\x02\x00\x01");
	return true;
}

static void fill(struct flood *f, struct one *o)
{
	o->fd = -1;
	while (o->fd < 0 && f->begun < f->count)
		if (!begin(f, o)) {
			f->failed++;
			o->fd = -1;
		}
}

int main(int argc, char **argv)
{
	char ask[512];
	struct epoll_event events[256];
	if (argc != 5)
		return 2;
	struct flood f = {.count = atol(argv[2]), .ask = ask};
	long at_once = atol(argv[3]);
	snprintf(ask, sizeof ask, "CONNECT %s HTTP/1.0\r\n\r\n", argv[4]);
	f.to.sin_family = AF_INET;
	f.to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	f.to.sin_port = htons((uint16_t)atoi(argv[1]));
	f.epoll = epoll_create1(0);
	struct one *all = calloc((size_t)at_once, sizeof *all);
	double began = now();
	for (long i = 0; i < at_once; i++)
		fill(&f, &all[i]);
	while (f.alive) {
		int n = epoll_wait(f.epoll, events, 256, PATIENCE_MS);
		if (n <= 0)
			break;
		for (int i = 0; i < n; i++) {
			struct one *o = events[i].data.ptr;
			if (!ready(&f, o))
				continue;
			end(&f, o);
			fill(&f, o);
		}
	}
	printf("%ld connections, %ld failed, %ld waited for in vain, %ld answered, %.1f s\n",
	       f.made, f.failed, f.alive, f.answered, now() - began);
	free(all);
	return f.made != f.count;
}
