/* feed-server.c - app: see feed-server.h and feed-process.h: the side that brings. */
#define _GNU_SOURCE
#include "config.h"

#include "app/feed-server.h"

#include "app/feed-wire.h"
#include "base/alloc.h"
#include "base/vec.h"
#include "base/write-file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Items that the other side may hold at once: as many as its queues do, with room. */
enum { LIMIT_SLOTS = 1 << 20 };

struct slot {
	struct pipeline_item item;
	bool used, busy; /* busy: it is being brought, so not to be dropped */
};

struct serving {
	const struct pipeline_feed *feed;
	pthread_mutex_t lock; /* for all below */
	struct {
		VEC_OF(struct slot *);
	} slots;
};

/* What one thread serves. */
struct hand {
	struct serving *of;
	unsigned worker;
	int fd;
	pthread_t thread;
};

/* ---- items, which the other side knows by their slots */

static bool keep(struct serving *s, const struct pipeline_item *item, uint32_t *slot)
{
	size_t i = 0;
	pthread_mutex_lock(&s->lock);
	while (i < s->slots.n && s->slots.v[i]->used)
		i++;
	bool room = i < LIMIT_SLOTS;
	if (room && i == s->slots.n)
		*(struct slot **)vec_push(&s->slots, LIMIT_SLOTS) = xcalloc(1, sizeof **s->slots.v);
	if (room)
		*s->slots.v[i] = (struct slot){*item, true, false};
	pthread_mutex_unlock(&s->lock);
	*slot = (uint32_t)i;
	return room;
}

/* The caller's alone until give_back or drop. NULL: no such item is held, or another has it. */
static struct slot *take(struct serving *s, uint32_t slot)
{
	struct slot *found = NULL;
	pthread_mutex_lock(&s->lock);
	if (slot < s->slots.n && s->slots.v[slot]->used && !s->slots.v[slot]->busy) {
		found = s->slots.v[slot];
		found->busy = true;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

static void give_back(struct serving *s, struct slot *slot)
{
	pthread_mutex_lock(&s->lock);
	slot->busy = false;
	pthread_mutex_unlock(&s->lock);
}

static void drop(struct serving *s, struct slot *slot)
{
	s->feed->drop(s->feed->data, &slot->item);
	free(slot->item.name);
	pthread_mutex_lock(&s->lock);
	slot->used = slot->busy = false;
	pthread_mutex_unlock(&s->lock);
}

/* ---- answers */

static void tell(struct feed_answer *a, enum status status, const struct err *err)
{
	a->status = status;
	snprintf(a->where, sizeof a->where, "%s", err->where);
	snprintf(a->text, sizeof a->text, "%s", err->text);
}

static bool answer_next(struct serving *s, int fd, double progress)
{
	struct feed_answer a = {.what = ANSWER_ITEM, .progress = progress};
	struct pipeline_item item = {.name = NULL};
	struct span name = SPAN_NONE;
	struct err err;
	err_clear(&err);
	enum status status = s->feed->next(s->feed->data, &item, &err);
	if (status == STATUS_OK) {
		name = span_of(item.name);
		a.size = item.size;
		a.content = item.content;
		if (name.n > LIMIT_FEED_NAME || !keep(s, &item, &a.slot)) {
			s->feed->drop(s->feed->data, &item);
			free(item.name);
			name = SPAN_NONE;
			status = err_set(&err, STATUS_FILE, "name", "its name is too long");
		}
	}
	tell(&a, status, &err);
	a.name = (uint32_t)name.n;
	return feed_send(fd, &a, sizeof a, name, -1);
}

/* Bytes in memory as a file without a name; -1 with errno. */
static int file_of(struct span bytes)
{
#ifdef MFD_CLOEXEC
	int fd = memfd_create("iamreplay", MFD_CLOEXEC);
#else
	FILE *f = tmpfile();
	int fd = f ? fcntl(fileno(f), F_DUPFD_CLOEXEC, 0) : -1;
	if (f)
		fclose(f);
#endif
	if (fd >= 0 && !fd_write_all(fd, bytes)) {
		close(fd);
		return -1;
	}
	return fd;
}

static enum status bring(struct serving *s, unsigned worker, struct slot *slot, int *fd,
                         uint64_t *size, struct err *err)
{
	struct span bytes = SPAN_NONE;
	const char *file = NULL;
	if (!slot)
		return err_set(err, STATUS_STOP, "fetch", "no such source");
	enum status status = s->feed->bring(s->feed->data, worker, &slot->item, &bytes, &file, err);
	if (status != STATUS_OK)
		return status;
	*fd = file ? open(file, O_RDONLY | O_CLOEXEC) : file_of(bytes);
	off_t end = *fd >= 0 ? lseek(*fd, 0, SEEK_END) : -1;
	*size = (uint64_t)end;
	return end >= 0 ? STATUS_OK
	                : err_set(err, STATUS_STOP, "spool", "the temporary file: %s",
	                          strerror(errno));
}

static bool answer_bring(struct hand *h, uint32_t number)
{
	struct feed_answer a = {.what = ANSWER_BROUGHT};
	struct slot *slot = take(h->of, number);
	struct err err;
	int fd = -1;
	err_clear(&err);
	enum status status = bring(h->of, h->worker, slot, &fd, &a.size, &err);
	if (slot)
		give_back(h->of, slot);
	tell(&a, status, &err);
	bool sent = feed_send(h->fd, &a, sizeof a, SPAN_NONE, status == STATUS_OK ? fd : -1);
	if (fd >= 0)
		close(fd);
	return sent;
}

/* ---- threads */

static bool ask_of(int fd, struct feed_ask *ask)
{
	int passed;
	if (feed_receive(fd, ask, sizeof *ask, NULL, 0, &passed) != 0)
		return false;
	if (passed >= 0)
		close(passed);
	return true;
}

static void *work(void *data)
{
	struct hand *h = data;
	struct feed_ask ask;
	while (ask_of(h->fd, &ask) && ask.what == ASK_BRING)
		if (!answer_bring(h, ask.slot))
			break;
	return NULL;
}

/* Ends with the round (what[1] is closed), or with the other side. */
static void *watch(void *data)
{
	struct pollfd *what = data;
	while (poll(what, 2, -1) < 0 && errno == EINTR)
		continue;
	if (!what[1].revents)
		kill(getpid(), SIGTERM);
	return NULL;
}

static int control(struct serving *s, int fd, double (*done)(void *data), void *data)
{
	struct feed_ask ask;
	while (ask_of(fd, &ask)) {
		if (ask.what == ASK_OVER)
			return ask.exit_status;
		struct slot *slot = ask.what == ASK_DROP ? take(s, ask.slot) : NULL;
		if (slot)
			drop(s, slot);
		else if (ask.what != ASK_NEXT || !answer_next(s, fd, done ? done(data) : 0))
			break;
	}
	return FEED_GONE;
}

static void release(struct serving *s)
{
	for (size_t i = 0; i < s->slots.n; i++) {
		if (s->slots.v[i]->used)
			drop(s, s->slots.v[i]);
		free(s->slots.v[i]);
	}
	vec_release(&s->slots);
	pthread_mutex_destroy(&s->lock);
}

int feed_serve(struct feed_server *server, const struct pipeline_feed *feed, unsigned jobs,
               double (*done)(void *data), void *data)
{
	const struct feed_answer round = {.what = ANSWER_ROUND, .jobs = jobs};
	struct serving s = {.feed = feed};
	struct hand *hands = xcalloc(jobs, sizeof *hands);
	unsigned started = 0;
	int ends[2] = {-1, -1}, exit_status = FEED_GONE;
	pthread_t watcher;
	assert(jobs <= server->n);
	pthread_mutex_init(&s.lock, NULL);
	bool fine = pipe2(ends, O_CLOEXEC) == 0;
	struct pollfd what[] = {{.fd = server->control}, {.fd = ends[0]}};
	bool watched = fine && pthread_create(&watcher, NULL, watch, what) == 0;
	for (; watched && started < jobs; started++) {
		hands[started] =
		        (struct hand){.of = &s, .worker = started, .fd = server->workers[started]};
		if (pthread_create(&hands[started].thread, NULL, work, &hands[started]) != 0)
			break;
	}
	if (started == jobs && feed_send(server->control, &round, sizeof round, SPAN_NONE, -1))
		exit_status = control(&s, server->control, done, data);
	for (unsigned i = 0; i < started; i++) {
		if (exit_status == FEED_GONE)
			shutdown(server->workers[i], SHUT_RDWR);
		pthread_join(hands[i].thread, NULL);
	}
	if (fine)
		close(ends[1]);
	if (watched)
		pthread_join(watcher, NULL);
	if (fine)
		close(ends[0]);
	free(hands);
	release(&s);
	return exit_status;
}

/* ---- making */

struct feed_server *feed_server_new(unsigned jobs)
{
	struct feed_server *s = xcalloc(1, sizeof *s);
	s->n = jobs;
	s->control = -1;
	s->workers = xcalloc(jobs, sizeof *s->workers);
	memset(s->workers, -1, jobs * sizeof *s->workers);
	return s;
}

void feed_server_free(struct feed_server *s)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->workers[i] >= 0)
			close(s->workers[i]);
	if (s->control >= 0)
		close(s->control);
	free(s->workers);
	free(s);
}
