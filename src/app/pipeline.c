/* pipeline.c - app: see pipeline.h. Every source that is being read or waits to be written is
 * a job; jobs are numbered in the order of the walk and lie in a ring. A worker takes the next
 * name, fills the job's queue of batches and goes on to the next name; the writer empties the
 * oldest job's queue. */
#include "config.h"

#include "app/pipeline.h"

#include "base/alloc.h"
#include "base/when.h"
#include "bytes/walk.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
	RING = 512,             /* jobs between the oldest unwritten source and the newest */
	QUEUE_OLDEST = 6,       /* batches waiting of the job being written */
	QUEUE_BYTES = 24 << 20, /* of batches waiting of all others */
	SPARE_BATCHES = 8,
	TICK_MS = 200,
};

struct job {
	char *path; /* NULL: end tells why there is none */
	bool named, remote;
	struct pipeline_item item; /* remote */
	bool begun, ended;
	bool archive; /* its batches say which entry they are of */
	bool known_content, resume;
	struct hash128 content;
	struct batch *first, *last;
	size_t queued; /* batches */
	size_t bytes;  /* of them */
	struct intake_end end;
};

struct pipeline {
	const struct pipeline_options *options;
	struct pipeline_totals *totals;
	struct intake_options intake;
	struct walk *walk;
	pthread_mutex_t turn; /* for the walk or the feed, which may take long; before lock */

	pthread_mutex_t lock; /* for all below */
	pthread_cond_t room;  /* workers wait for it */
	pthread_cond_t ready; /* the writer waits for it */
	struct job *ring[RING];
	uint64_t oldest, next; /* numbers of jobs */
	bool walked, stop;
	size_t waiting; /* bytes of batches of all jobs but the oldest */
	struct batch *spare;
	size_t n_spare;
	uint64_t bytes; /* read by workers */

	/* The writer's alone. */
	struct store_source *source;
	struct err *err;
	struct timespec ticked;
};

/* ---- writing (the caller's thread) */

static void tell(struct pipeline *p, const struct err *err, bool lost)
{
	if (p->options->problem)
		p->options->problem(p->options->data, err, lost);
}

static void tick(struct pipeline *p, uint64_t bytes)
{
	struct timespec now;
	if (!p->options->progress)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t ms = (now.tv_sec - p->ticked.tv_sec) * 1000 +
	             (now.tv_nsec - p->ticked.tv_nsec) / 1000000;
	if (ms < TICK_MS)
		return;
	p->ticked = now;
	p->options->progress(p->options->data, p->totals, bytes);
}

static bool write_begin(struct pipeline *p, const char *path, const struct hash128 *content,
                        bool resume)
{
	struct store_source_info info = {span_of(path), content, p->options->window, resume};
	return store_source_begin(p->options->store, &info, &p->source, p->err) == STATUS_OK;
}

static bool put_batch(struct pipeline *p, const struct batch *b)
{
	struct pipeline_totals *t = p->totals;
	struct store_counts counts = {.records = 0};
	struct store_batch batch = {b->facts,     b->n_facts, b->reasons,
	                            b->n_reasons, b->reached, b->ordinals};
	if (store_put(p->options->store, p->source, &batch, &counts, p->err) != STATUS_OK)
		return false;
	t->records += b->records;
	t->stored += counts.stored;
	t->duplicates += counts.duplicates;
	t->conflicts += counts.conflicts;
	if (counts.reduced_day)
		tally_add(&t->skipped, "reduced-day", counts.reduced_day);
	if (counts.raw_day)
		tally_add(&t->skipped, "raw-day", counts.raw_day);
	for (size_t i = 0; i < b->n_reasons; i++)
		tally_add(b->reasons[i].skipped ? &t->skipped : &t->ignored, b->reasons[i].word,
		          b->reasons[i].n);
	for (size_t i = 0; i < b->n_notes; i++)
		tell(p, &b->notes[i], true);
	return true;
}

/* The archive itself is a source without records, so that the next run knows it by its hash. */
static bool write_archive(struct pipeline *p, const char *path, const struct intake_end *end,
                          const struct store_source_end *info)
{
	struct store_source *source;
	p->totals->bytes += end->size;
	if (!write_begin(p, path, end->has_content ? &end->content : NULL, false))
		return false;
	source = p->source;
	p->source = NULL;
	return store_source_finish(p->options->store, source, info, NULL, p->err) == STATUS_OK;
}

/* Names the days of which records of the source were refused. */
static void tell_refused(struct pipeline *p, const char *path, const struct store_source *source)
{
	size_t n;
	const struct store_refused *r = store_source_refused(source, &n);
	for (size_t i = 0; i < n; i++) {
		char day[WHEN_SIZE];
		struct err err;
		err_clear(&err);
		err_at_file(&err, path);
		when_format_day(r[i].day * WHEN_DAY_SECONDS, day);
		if (r[i].account.p)
			err_set(&err, STATUS_SKIP, r[i].events ? "raw-day" : "reduced-day",
			        "%s of account %.*s in %.*s is held as %s already: %llu %s refused",
			        day, SPAN_ARG(r[i].account), SPAN_ARG(r[i].region),
			        r[i].events ? "events" : "counts", (unsigned long long)r[i].records,
			        r[i].events ? "reduced rows" : "records");
		else
			err_set(&err, STATUS_SKIP, "reduced-day",
			        "further days are held in another form already: %llu records "
			        "refused",
			        (unsigned long long)r[i].records);
		tell(p, &err, false);
	}
}

static bool write_end(struct pipeline *p, const char *path, const struct intake_end *end)
{
	struct pipeline_totals *t = p->totals;
	struct store_source *source = p->source;
	struct store_source_end info = {
	        .content = end->has_content ? &end->content : NULL,
	        .size = end->size,
	        .format = end->format,
	        .damage = err_is_set(&end->damage) ? end->damage.text : NULL,
	};
	switch (end->how) {
	case INTAKE_UNREADABLE:
		if (end->fatal && atomic_load(p->options->stop))
			return true;
		if (end->fatal) {
			*p->err = end->err;
			return false;
		}
		t->failed++;
		tell(p, &end->err, false);
		return true;
	case INTAKE_UNCHANGED:
		t->unchanged++;
		t->bytes += end->size;
		return true;
	case INTAKE_PASSED:
		if (t->passed++ < PIPELINE_PASSED_TOLD)
			tell(p, &end->err, false);
		return true;
	case INTAKE_BROKEN:
		t->failed++;
		tell(p, &end->err, false);
		if (source)
			tell_refused(p, path, source);
		if (source)
			store_source_leave(p->options->store, source);
		p->source = NULL;
		return true;
	case INTAKE_ARCHIVE: return write_archive(p, path, end, &info);
	case INTAKE_STOPPED: return true;
	case INTAKE_READ: break;
	}
	t->read++;
	t->bytes += end->size;
	wrapped_add(&t->wrapped, end->path);
	if (end->remark) {
		struct err remark;
		err_clear(&remark);
		err_at_file(&remark, path);
		err_set(&remark, STATUS_OK, "remark", "%s", end->remark);
		tell(p, &remark, false);
	}
	if (info.damage && strcmp(end->damage.reason, "unclosed") == 0)
		tell(p, &end->damage, false);
	tell_refused(p, path, source);
	p->source = NULL;
	return store_source_finish(p->options->store, source, &info, NULL, p->err) == STATUS_OK;
}

/* The same of a file, which is known from then on by what its folder says of it. */
static bool write_file_end(struct pipeline *p, const char *path, const struct intake_end *end)
{
	if (!write_end(p, path, end))
		return false;
	bool known = end->how == INTAKE_READ || end->how == INTAKE_UNCHANGED ||
	             end->how == INTAKE_ARCHIVE;
	if (!known || !end->settled || !end->has_content)
		return true;
	return store_file_note(p->options->store, &end->file, &end->content, p->err) == STATUS_OK;
}

/* Of an entry of an archive the batch says where it begins and ends. */
static bool write_batch(struct pipeline *p, const struct batch *b)
{
	if (b->opens && !write_begin(p, b->opens->name, NULL, false))
		return false;
	if ((b->records || !b->closes) && !put_batch(p, b))
		return false;
	return !b->closes || write_end(p, b->closes->name, b->closes->end);
}

/* ---- sources */

/* The next name or item into *job. STATUS_END: there is none. Otherwise the job is to be written,
 * with its end set where it has no path. */
static enum status next_source(struct pipeline *p, struct job *job)
{
	const struct pipeline_feed *feed = p->options->feed;
	const char *path = NULL;
	enum status status;
	err_clear(&job->end.err);
	if (feed)
		status = feed->next(feed->data, &job->item, &job->end.err);
	else
		status = walk_next(p->walk, &path, &job->named, &job->end.err);
	if (status == STATUS_END)
		return STATUS_END;
	job->remote = feed && status == STATUS_OK;
	if (status == STATUS_OK)
		job->path = feed ? job->item.name : xstrdup(path);
	job->end.how = INTAKE_UNREADABLE;
	job->end.fatal = status == STATUS_STOP;
	return STATUS_OK;
}

static void drop_source(struct pipeline *p, struct job *job)
{
	if (job->remote)
		p->options->feed->drop(p->options->feed->data, &job->item);
	job->remote = false;
	free(job->path);
	job->path = NULL;
}

struct bringing {
	const struct pipeline_feed *feed;
	unsigned worker;
	struct pipeline_item *item;
};

static enum status bring(void *data, struct span *bytes, const char **file, struct err *err)
{
	struct bringing *b = data;
	return b->feed->bring(b->feed->data, b->worker, b->item, bytes, file, err);
}

static void read_source(struct pipeline *p, struct intake *in, unsigned worker, struct job *job,
                        const struct intake_sink *sink, struct intake_end *end)
{
	struct bringing b = {p->options->feed, worker, &job->item};
	struct intake_remote remote = {job->item.content, job->item.size, bring, &b};
	struct intake_source source = {job->path, job->named, job->remote ? &remote : NULL};
	if (job->path)
		intake_read(in, &source, sink, end);
	else
		*end = job->end;
}

/* ---- one thread */

struct alone {
	struct pipeline *p;
	const char *path;
	struct batch *batch;
	bool failed;
};

static bool alone_begin(void *data, const struct hash128 *content, bool resume, bool archive)
{
	struct alone *a = data;
	a->failed = !archive && !write_begin(a->p, a->path, content, resume);
	return !a->failed;
}

static struct batch *alone_fresh(void *data)
{
	struct alone *a = data;
	struct batch *b = a->batch ? a->batch : batch_new();
	a->batch = NULL;
	batch_reset(b);
	return b;
}

static bool alone_full(void *data, struct batch *b)
{
	struct alone *a = data;
	a->failed = !write_batch(a->p, b);
	a->batch = b;
	tick(a->p, a->p->bytes);
	return !a->failed;
}

static void alone_progress(void *data, uint64_t bytes)
{
	((struct alone *)data)->p->bytes += bytes;
}

static enum status run_alone(struct pipeline *p)
{
	struct alone a = {.p = p};
	const struct intake_sink sink = {&a, alone_begin, alone_fresh, alone_full, alone_progress};
	struct intake *in = intake_new(&p->intake);
	struct intake_end *end = xcalloc(1, sizeof *end);
	while (!a.failed && !atomic_load(p->options->stop)) {
		struct job *job = xcalloc(1, sizeof *job);
		enum status status = next_source(p, job);
		a.path = job->path;
		if (status == STATUS_OK) {
			read_source(p, in, 0, job, &sink, end);
			if (!a.failed)
				a.failed = !write_file_end(p, job->path, end);
		}
		drop_source(p, job);
		free(job);
		if (status == STATUS_END || a.failed || end->how == INTAKE_STOPPED)
			break;
	}
	batch_free(a.batch);
	free(end);
	intake_free(in);
	return a.failed ? STATUS_STOP : STATUS_OK;
}

/* ---- workers */

struct worker {
	struct pipeline *p;
	unsigned number;
	struct job *job;
	pthread_t thread;
};

static bool is_oldest(const struct pipeline *p, const struct job *job)
{
	return p->ring[p->oldest % RING] == job;
}

static bool worker_begin(void *data, const struct hash128 *content, bool resume, bool archive)
{
	struct worker *w = data;
	pthread_mutex_lock(&w->p->lock);
	w->job->known_content = content != NULL;
	if (content)
		w->job->content = *content;
	w->job->resume = resume;
	w->job->archive = archive;
	w->job->begun = true;
	pthread_cond_signal(&w->p->ready);
	bool go_on = !w->p->stop;
	pthread_mutex_unlock(&w->p->lock);
	return go_on;
}

static struct batch *worker_fresh(void *data)
{
	struct pipeline *p = ((struct worker *)data)->p;
	pthread_mutex_lock(&p->lock);
	struct batch *b = p->spare;
	if (b) {
		p->spare = b->next;
		p->n_spare--;
	}
	pthread_mutex_unlock(&p->lock);
	if (!b)
		return batch_new();
	batch_reset(b);
	return b;
}

static bool worker_full(void *data, struct batch *b)
{
	struct worker *w = data;
	struct pipeline *p = w->p;
	struct job *job = w->job;
	size_t bytes = batch_size(b);
	b->next = NULL;
	pthread_mutex_lock(&p->lock);
	while (!p->stop &&
	       (is_oldest(p, job) ? job->queued >= QUEUE_OLDEST : p->waiting >= QUEUE_BYTES))
		pthread_cond_wait(&p->room, &p->lock);
	*(job->last ? &job->last->next : &job->first) = b;
	job->last = b;
	job->queued++;
	job->bytes += bytes;
	if (is_oldest(p, job))
		pthread_cond_signal(&p->ready);
	else
		p->waiting += bytes;
	bool go_on = !p->stop;
	pthread_mutex_unlock(&p->lock);
	return go_on;
}

static void worker_progress(void *data, uint64_t bytes)
{
	struct pipeline *p = ((struct worker *)data)->p;
	pthread_mutex_lock(&p->lock);
	p->bytes += bytes;
	pthread_mutex_unlock(&p->lock);
}

/* Whether there is room in the ring, after waiting for it. p->turn is held, so nobody else takes
 * it.
 */
static bool await_room(struct pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	while (!p->stop && !p->walked && p->next - p->oldest >= RING)
		pthread_cond_wait(&p->room, &p->lock);
	bool go_on = !p->stop && !p->walked;
	pthread_mutex_unlock(&p->lock);
	return go_on;
}

/* The next source as a job in the ring, or NULL when there is none. */
static struct job *next_job(struct pipeline *p)
{
	struct job *job = NULL;
	enum status status = STATUS_END;
	pthread_mutex_lock(&p->turn);
	bool go_on = await_room(p);
	if (go_on) {
		job = xcalloc(1, sizeof *job);
		status = next_source(p, job);
	}
	pthread_mutex_lock(&p->lock);
	if (go_on && status == STATUS_END) {
		free(job);
		job = NULL;
		p->walked = true;
	} else if (job) {
		p->ring[p->next++ % RING] = job;
	}
	if (p->walked) {
		pthread_cond_broadcast(&p->room);
		pthread_cond_signal(&p->ready);
	}
	pthread_mutex_unlock(&p->lock);
	pthread_mutex_unlock(&p->turn);
	return job;
}

static void *work(void *data)
{
	struct worker *w = data;
	struct pipeline *p = w->p;
	const struct intake_sink sink = {w, worker_begin, worker_fresh, worker_full,
	                                 worker_progress};
	struct intake *in = intake_new(&p->intake);
	struct intake_end *end = xcalloc(1, sizeof *end);
	while ((w->job = next_job(p))) {
		struct job *job = w->job;
		read_source(p, in, w->number, job, &sink, end);
		pthread_mutex_lock(&p->lock);
		job->end = *end;
		job->ended = true;
		pthread_cond_signal(&p->ready);
		pthread_mutex_unlock(&p->lock);
	}
	free(end);
	intake_free(in);
	return NULL;
}

/* ---- the writer beside workers */

/* Waits a short time, so that a signal is noticed and progress shown. */
static void wait_ready(struct pipeline *p)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += TICK_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_cond_timedwait(&p->ready, &p->lock, &until);
	uint64_t bytes = p->bytes;
	pthread_mutex_unlock(&p->lock);
	tick(p, bytes);
	pthread_mutex_lock(&p->lock);
}

static void free_job(struct pipeline *p, struct job *job)
{
	if (!job)
		return;
	while (job->first) {
		struct batch *b = job->first;
		job->first = b->next;
		batch_free(b);
	}
	drop_source(p, job);
	free(job);
}

/* Takes the oldest job's next batch off its queue; NULL when the job is over or the run is stopped.
 */
static struct batch *next_batch(struct pipeline *p, struct job *job)
{
	while (!job->first && !job->ended && !atomic_load(p->options->stop))
		wait_ready(p);
	struct batch *b = atomic_load(p->options->stop) ? NULL : job->first;
	if (b) {
		job->first = b->next;
		if (!job->first)
			job->last = NULL;
		job->queued--;
		job->bytes -= batch_size(b);
		pthread_cond_broadcast(&p->room);
	}
	return b;
}

/* p->lock is held, and given up while the store works. */
static bool write_job(struct pipeline *p, struct job *job)
{
	struct batch *b;
	bool fine = true;
	while (!job->begun && !job->ended && !atomic_load(p->options->stop))
		wait_ready(p);
	if (atomic_load(p->options->stop))
		return true;
	if (job->begun && !job->archive) {
		pthread_mutex_unlock(&p->lock);
		fine = write_begin(p, job->path, job->known_content ? &job->content : NULL,
		                   job->resume);
		pthread_mutex_lock(&p->lock);
	}
	while (fine && (b = next_batch(p, job))) {
		uint64_t bytes = p->bytes;
		pthread_mutex_unlock(&p->lock);
		fine = write_batch(p, b);
		tick(p, bytes);
		pthread_mutex_lock(&p->lock);
		if (p->n_spare < SPARE_BATCHES) {
			b->next = p->spare;
			p->spare = b;
			p->n_spare++;
		} else {
			batch_free(b);
		}
	}
	/* Stopped with batches left: the source must not count as read. */
	if (!fine || !job->ended || job->first)
		return fine;
	pthread_mutex_unlock(&p->lock);
	fine = write_file_end(p, job->path, &job->end);
	pthread_mutex_lock(&p->lock);
	return fine;
}

static enum status run_writer(struct pipeline *p)
{
	bool fine = true;
	pthread_mutex_lock(&p->lock);
	while (fine && !atomic_load(p->options->stop)) {
		if (p->oldest == p->next) {
			if (p->walked)
				break;
			wait_ready(p);
			continue;
		}
		struct job *job = p->ring[p->oldest % RING];
		fine = write_job(p, job);
		if (!fine || atomic_load(p->options->stop))
			break;
		p->ring[p->oldest % RING] = NULL;
		p->oldest++;
		free_job(p, job);
		/* The next job's batches no longer count as waiting. */
		if (p->oldest < p->next)
			p->waiting -= p->ring[p->oldest % RING]->bytes;
		pthread_cond_broadcast(&p->room);
	}
	p->stop = true;
	pthread_cond_broadcast(&p->room);
	pthread_mutex_unlock(&p->lock);
	return fine ? STATUS_OK : STATUS_STOP;
}

static enum status run_threads(struct pipeline *p)
{
	unsigned n = p->options->jobs, started = 0;
	struct worker *workers = xcalloc(n, sizeof *workers);
	enum status status;
	for (; started < n; started++) {
		workers[started].p = p;
		workers[started].number = started;
		if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0)
			break;
	}
	status = started ? run_writer(p)
	                 : err_set(p->err, STATUS_STOP, "threads", "no thread can be started");
	for (unsigned i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	free(workers);
	return status;
}

enum status pipeline_run(const struct pipeline_options *options, char *const *names, size_t n,
                         struct pipeline_totals *totals, struct err *err)
{
	struct pipeline p = {
	        .options = options,
	        .totals = totals,
	        .intake = {options->mapping, options->store, options->window, options->stop,
	                   options->rehash},
	        .walk = walk_new(names, n),
	        .err = err,
	};
	pthread_mutex_init(&p.turn, NULL);
	pthread_mutex_init(&p.lock, NULL);
	pthread_cond_init(&p.room, NULL);
	pthread_cond_init(&p.ready, NULL);
	clock_gettime(CLOCK_MONOTONIC, &p.ticked);
	*totals = (struct pipeline_totals){.read = 0};
	enum status status = options->jobs > 1 ? run_threads(&p) : run_alone(&p);
	if (p.source)
		store_source_leave(options->store, p.source);
	for (; p.oldest < p.next; p.oldest++)
		free_job(&p, p.ring[p.oldest % RING]);
	while (p.spare) {
		struct batch *b = p.spare;
		p.spare = b->next;
		batch_free(b);
	}
	walk_free(p.walk);
	pthread_cond_destroy(&p.ready);
	pthread_cond_destroy(&p.room);
	pthread_mutex_destroy(&p.lock);
	pthread_mutex_destroy(&p.turn);
	tally_sort(&totals->ignored);
	tally_sort(&totals->skipped);
	wrapped_sort(&totals->wrapped);
	return status;
}
