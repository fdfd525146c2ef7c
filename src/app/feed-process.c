/* feed-process.c - app: see feed-process.h: the side that takes in. */
#define _GNU_SOURCE
#include "config.h"

#include "app/feed-process.h"

#include "app/feed-server.h"
#include "app/feed-wire.h"
#include "base/alloc.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TICK_MS = 200 };

/* What a worker was brought last. */
struct brought {
	void *p;
	size_t n;
};

struct feed_process {
	pid_t child;
	unsigned n; /* workers */
	int control, *workers;
	struct brought *brought;
	const atomic_bool *stop;
	struct pipeline_feed feed;
	_Atomic double progress;
	unsigned jobs;    /* of the round */
	atomic_bool gone; /* the other side is, or an answer was not waited for */
	char *name;       /* room for LIMIT_FEED_NAME */
};

static bool is_stopped(const struct feed_process *p)
{
	return p->stop && atomic_load(p->stop);
}

static enum status gone(struct feed_process *p, struct err *err)
{
	bool stopped = is_stopped(p);
	atomic_store(&p->gone, true);
	return err_set(err, STATUS_STOP, "fetch", "%s",
	               stopped ? "interrupted" : "the process that fetches has ended");
}

/* The answer to what was asked on fd; *more bytes of name. STATUS_OK, or STATUS_STOP with err. */
static enum status await(struct feed_process *p, int fd, unsigned what, struct feed_answer *a,
                         int *passed, struct err *err)
{
	struct pollfd poll_for = {.fd = fd, .events = POLLIN};
	char *name = fd == p->control ? p->name : NULL;
	while (!is_stopped(p) && poll(&poll_for, 1, TICK_MS) <= 0)
		continue;
	if (is_stopped(p))
		return gone(p, err);
	ptrdiff_t n = feed_receive(fd, a, sizeof *a, name, LIMIT_FEED_NAME, passed);
	if (n < 0 || a->what != what || a->name != (size_t)n || a->status < STATUS_OK ||
	    a->status > STATUS_STOP) {
		if (n >= 0 && *passed >= 0)
			close(*passed);
		return gone(p, err);
	}
	a->where[sizeof a->where - 1] = a->text[sizeof a->text - 1] = '\0';
	return STATUS_OK;
}

/* What the other side could not do, in its words. */
static enum status told(const struct feed_answer *a, struct err *err)
{
	if (a->status == STATUS_END)
		return STATUS_END;
	err_at_file(err, a->where);
	return err_set(err, (enum status)a->status, "fetch", "%s", a->text);
}

/* ---- as a feed */

static enum status feed_next(void *data, struct pipeline_item *out, struct err *err)
{
	struct feed_process *p = data;
	const struct feed_ask ask = {.what = ASK_NEXT};
	struct feed_answer a;
	int passed = -1;
	if (atomic_load(&p->gone) || !feed_send(p->control, &ask, sizeof ask, SPAN_NONE, -1))
		return is_stopped(p) ? STATUS_END : gone(p, err);
	enum status status = await(p, p->control, ANSWER_ITEM, &a, &passed, err);
	if (passed >= 0)
		close(passed);
	if (status != STATUS_OK)
		return is_stopped(p) ? STATUS_END : status;
	atomic_store(&p->progress, a.progress);
	if (a.status != STATUS_OK)
		return told(&a, err);
	p->name[a.name] = '\0';
	*out = (struct pipeline_item){.name = xstrdup(p->name),
	                              .content = a.content,
	                              .size = a.size,
	                              .data = (void *)(uintptr_t)a.slot};
	return STATUS_OK;
}

static void forget(struct brought *b)
{
	if (b->n)
		munmap(b->p, b->n);
	*b = (struct brought){NULL, 0};
}

/* A mapping and no path: to open a file anew would take rights that this process gave up. */
static enum status look_at(struct brought *b, int fd, uint64_t size, struct err *err)
{
	struct stat st;
	void *at;
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0 ||
	    (uint64_t)st.st_size < size || size > SIZE_MAX)
		return err_set(err, STATUS_STOP, "fetch",
		               "the process that fetches gave something else");
	if (!size)
		return STATUS_OK;
	at = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return err_set(err, STATUS_FILE, "memory", "%s", strerror(errno));
	*b = (struct brought){at, (size_t)size};
	return STATUS_OK;
}

static enum status feed_bring(void *data, unsigned worker, struct pipeline_item *item,
                              struct span *bytes, const char **file, struct err *err)
{
	struct feed_process *p = data;
	struct brought *b = &p->brought[worker];
	const struct feed_ask ask = {.what = ASK_BRING, .slot = (uint32_t)(uintptr_t)item->data};
	struct feed_answer a;
	int passed = -1;
	forget(b);
	if (atomic_load(&p->gone) ||
	    !feed_send(p->workers[worker], &ask, sizeof ask, SPAN_NONE, -1))
		return gone(p, err);
	enum status status = await(p, p->workers[worker], ANSWER_BROUGHT, &a, &passed, err);
	if (status == STATUS_OK && a.status != STATUS_OK)
		status = told(&a, err);
	else if (status == STATUS_OK)
		status = look_at(b, passed, a.size, err);
	if (passed >= 0)
		close(passed);
	if (status == STATUS_OK) {
		*file = NULL;
		*bytes = span_make(b->n ? b->p : "", b->n);
	}
	return status;
}

static void feed_drop(void *data, struct pipeline_item *item)
{
	struct feed_process *p = data;
	const struct feed_ask ask = {.what = ASK_DROP, .slot = (uint32_t)(uintptr_t)item->data};
	(void)feed_send(p->control, &ask, sizeof ask, SPAN_NONE, -1);
}

/* ---- rounds */

bool feed_process_round(struct feed_process *p, unsigned *jobs)
{
	struct feed_answer a;
	struct err unused;
	int passed = -1;
	err_clear(&unused);
	if (atomic_load(&p->gone) ||
	    await(p, p->control, ANSWER_ROUND, &a, &passed, &unused) != STATUS_OK)
		return false;
	if (passed >= 0)
		close(passed);
	if (a.jobs < 1 || a.jobs > p->n)
		return false;
	*jobs = p->jobs = a.jobs;
	atomic_store(&p->progress, 0);
	return true;
}

const struct pipeline_feed *feed_process_feed(struct feed_process *p)
{
	return &p->feed;
}

double feed_process_progress(void *p)
{
	return atomic_load(&((struct feed_process *)p)->progress);
}

void feed_process_over(struct feed_process *p, int exit_status)
{
	const struct feed_ask ask = {.what = ASK_OVER, .exit_status = exit_status};
	for (unsigned i = 0; i < p->jobs; i++) {
		forget(&p->brought[i]);
		(void)feed_send(p->workers[i], &ask, sizeof ask, SPAN_NONE, -1);
	}
	(void)feed_send(p->control, &ask, sizeof ask, SPAN_NONE, -1);
}

/* ---- making */

static void release(struct feed_process *p)
{
	for (unsigned i = 0; i < p->n; i++) {
		forget(&p->brought[i]);
		if (p->workers[i] >= 0)
			close(p->workers[i]);
	}
	if (p->control >= 0)
		close(p->control);
	free(p->workers);
	free(p->brought);
	free(p->name);
	free(p);
}

int feed_process_end(struct feed_process *p)
{
	int status;
	pid_t child = p->child;
	release(p); /* which tells the other side */
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Two ends of each socket. False with errno: some are not there. */
static bool make_ends(struct feed_process *p, struct feed_server *s)
{
	bool fine = true;
	for (unsigned i = 0; i <= p->n && fine; i++) {
		int ends[2];
		fine = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0;
		if (fine && i == p->n) {
			p->control = ends[0];
			s->control = ends[1];
		} else if (fine) {
			p->workers[i] = ends[0];
			s->workers[i] = ends[1];
		}
	}
	return fine;
}

enum status feed_process_start(unsigned jobs, const atomic_bool *stop,
                               int (*body)(void *data, struct feed_server *server), void *data,
                               struct feed_process **out, struct err *err)
{
	struct feed_process *p = xcalloc(1, sizeof *p);
	struct feed_server *s = feed_server_new(jobs);
	p->n = jobs;
	p->control = -1;
	p->workers = xcalloc(jobs, sizeof *p->workers);
	memset(p->workers, -1, jobs * sizeof *p->workers);
	p->brought = xcalloc(jobs, sizeof *p->brought);
	p->name = xmalloc(LIMIT_FEED_NAME + 1);
	p->stop = stop;
	p->feed = (struct pipeline_feed){p, feed_next, feed_bring, feed_drop};
	fflush(NULL); /* nothing is to be written by both */
	p->child = make_ends(p, s) ? fork() : -1;
	if (p->child == 0) {
		release(p);
		int exit_status = body(data, s);
		feed_server_free(s);
		exit(exit_status);
	}
	int why = errno;
	feed_server_free(s);
	if (p->child > 0) {
		*out = p;
		return STATUS_OK;
	}
	release(p);
	return err_set(err, STATUS_STOP, "process", "no process can be started: %s", strerror(why));
}
