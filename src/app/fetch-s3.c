/* fetch-s3.c - app: see fetch-s3.h. Objects are listed by whoever takes the next one and read by
 * the thread that wants it, each over a connection of its own that is kept. */
#include "config.h"

#include "app/fetch-s3.h"

#include "base/alloc.h"
#include "base/write-file.h"
#include "fetch/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What one thread reads with. */
struct hand {
	struct s3_bucket bucket;
	struct spool spool;
};

struct fetch_s3 {
	const struct fetch_s3_options *options;
	struct trail_options trail_options;
	struct trail *trail; /* of whoever has the turn */
	struct hand lister, *hands;
	struct pipeline_feed feed;
	pthread_mutex_t lock; /* for all below */
	double progress;
	unsigned failures; /* one after another */
};

/* An object that was listed, for as long as it takes to read it. */
struct wanted_object {
	struct s3_object object;
	char *text; /* of its spans */
};

static struct wanted_object *keep_object(const struct s3_object *o)
{
	struct wanted_object *w = xcalloc(1, sizeof *w);
	w->object = *o;
	w->text = xmalloc(o->key.n + o->etag.n + 1);
	memcpy(w->text, o->key.p, o->key.n);
	if (o->etag.n)
		memcpy(w->text + o->key.n, o->etag.p, o->etag.n);
	w->object.key = span_make(w->text, o->key.n);
	w->object.etag = span_make(w->text + o->key.n, o->etag.n);
	return w;
}

static void free_object(struct wanted_object *w)
{
	if (!w)
		return;
	free(w->text);
	free(w);
}

static char *object_name(const struct fetch_s3 *f, const struct s3_object *o)
{
	struct buf b;
	buf_init(&b, 1 << 16);
	buf_addf(&b, "s3://%.*s/%.*s", SPAN_ARG(f->options->bucket), SPAN_ARG(o->key));
	return buf_take(&b);
}

static void keep_progress(struct fetch_s3 *f)
{
	double now = trail_progress(f->trail);
	pthread_mutex_lock(&f->lock);
	f->progress = now;
	pthread_mutex_unlock(&f->lock);
}

double fetch_s3_progress(struct fetch_s3 *f)
{
	pthread_mutex_lock(&f->lock);
	double now = f->progress;
	pthread_mutex_unlock(&f->lock);
	return now;
}

/* ---- reading */

static void spool_again(void *data)
{
	spool_begin(data);
}

static bool spool_more(void *data, const char *p, size_t n)
{
	return spool_add(data, p, n);
}

/* What a failed object means for the others. */
static enum status count_failure(struct fetch_s3 *f, enum status status, struct err *err)
{
	pthread_mutex_lock(&f->lock);
	f->failures = status == STATUS_OK ? 0 : f->failures + 1;
	bool all = f->failures >= FETCH_FAILURES;
	pthread_mutex_unlock(&f->lock);
	if (status == STATUS_OK || status == STATUS_STOP || !all)
		return status == STATUS_SKIP ? STATUS_FILE : status;
	size_t n = strlen(err->text);
	snprintf(err->text + n, sizeof err->text - n,
	         "; given up after %d objects in a row that could not be read", FETCH_FAILURES);
	return STATUS_STOP;
}

static enum status read_object(struct fetch_s3 *f, struct hand *hand, const struct s3_object *o,
                               struct err *err)
{
	const struct s3_sink sink = {spool_again, spool_more, &hand->spool};
	struct service_error why;
	char *name = object_name(f, o);
	err_at_file(err, name);
	free(name);
	enum status status = s3_get(&hand->bucket, o, &sink, &why, err);
	if (status == STATUS_SKIP && strcmp(why.code, "PreconditionFailed") == 0)
		err_set(err, STATUS_SKIP, "changed",
		        "was replaced while this ran; the next run reads it");
	if (hand->spool.error)
		status = err_set(err, STATUS_STOP, "spool", "the temporary file: %s",
		                 strerror(hand->spool.error));
	return count_failure(f, status, err);
}

/* ---- for the pipeline */

static enum status feed_next(void *data, struct pipeline_item *out, struct err *err)
{
	struct fetch_s3 *f = data;
	struct s3_object o;
	struct hasher h;
	enum status status = trail_next(f->trail, &o, err);
	keep_progress(f);
	if (status != STATUS_OK)
		return status;
	hash_begin(&h);
	hash_field(&h, SPAN_LIT("s3"));
	hash_field(&h, f->options->bucket);
	hash_field(&h, o.key);
	hash_field(&h, o.etag);
	hash_u64(&h, o.size);
	*out = (struct pipeline_item){.name = object_name(f, &o),
	                              .content = hash_end(&h),
	                              .size = o.size,
	                              .data = keep_object(&o)};
	return STATUS_OK;
}

static enum status feed_bring(void *data, unsigned worker, struct pipeline_item *item,
                              struct span *bytes, const char **file, struct err *err)
{
	struct fetch_s3 *f = data;
	struct wanted_object *w = item->data;
	struct hand *hand = &f->hands[worker];
	enum status status = read_object(f, hand, &w->object, err);
	if (status == STATUS_OK)
		spool_end(&hand->spool, bytes, file);
	return status;
}

static void feed_drop(void *data, struct pipeline_item *item)
{
	free_object(item->data);
	item->data = NULL;
}

const struct pipeline_feed *fetch_s3_feed(struct fetch_s3 *f)
{
	return &f->feed;
}

/* ---- making */

static void hand_init(struct fetch_s3 *f, struct hand *hand)
{
	const struct fetch_s3_options *o = f->options;
	hand->bucket = (struct s3_bucket){o->session, session_client(o->session), o->bucket,
	                                  o->requester_pays};
	spool_init(&hand->spool);
}

static void hand_release(struct hand *hand)
{
	client_free(hand->bucket.client);
	spool_release(&hand->spool);
}

struct fetch_s3 *fetch_s3_new(const struct fetch_s3_options *options)
{
	struct fetch_s3 *f = xcalloc(1, sizeof *f);
	f->options = options;
	f->hands = xcalloc(options->jobs, sizeof *f->hands);
	hand_init(f, &f->lister);
	for (unsigned i = 0; i < options->jobs; i++)
		hand_init(f, &f->hands[i]);
	f->trail_options = options->trail;
	f->trail_options.bucket = &f->lister.bucket;
	f->trail = trail_new(&f->trail_options);
	f->feed = (struct pipeline_feed){f, feed_next, feed_bring, feed_drop};
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

void fetch_s3_free(struct fetch_s3 *f)
{
	if (!f)
		return;
	trail_free(f->trail);
	hand_release(&f->lister);
	for (unsigned i = 0; i < f->options->jobs; i++)
		hand_release(&f->hands[i]);
	pthread_mutex_destroy(&f->lock);
	free(f->hands);
	free(f);
}

/* ---- as files */

bool fetch_key_is_path(struct span key)
{
	if (!key.n || key.n >= 3000)
		return false;
	for (size_t i = 0; i < key.n; i++)
		if ((unsigned char)key.p[i] < 0x20 || key.p[i] == 0x7f)
			return false;
	for (struct span rest = key, part; rest.p;) {
		part = span_cut(&rest, '/');
		if (!part.n || part.n > 255 || span_is(part, ".") || span_is(part, ".."))
			return false;
	}
	return true;
}

struct writing {
	struct fetch_s3 *f;
	const char *folder;
	void (*problem)(void *data, const struct err *err);
	void (*progress)(void *data, const struct fetch_files_totals *so_far);
	void *data;
	pthread_mutex_t turn; /* for the trail */
	pthread_mutex_t lock; /* for all below */
	struct fetch_files_totals *totals;
	struct err *err;
	atomic_bool stopped; /* err tells why */
};

struct writer {
	struct writing *w;
	struct hand *hand;
	pthread_t thread;
};

/* Makes the folders above path but for its first bytes, 0700: account data. */
static bool make_folders(char *path, size_t from)
{
	for (char *p = path + from; (p = strchr(p, '/')); p++) {
		*p = '\0';
		int failed = mkdir(path, 0700) != 0 && errno != EEXIST;
		*p = '/';
		if (failed)
			return false;
	}
	return true;
}

static bool copy_spool(int fd, struct spool *spool)
{
	struct span bytes;
	const char *file;
	char *chunk;
	ssize_t n = 0;
	bool fine = true;
	spool_end(spool, &bytes, &file);
	if (!file)
		return fd_write_all(fd, bytes);
	chunk = xmalloc(1 << 16);
	off_t at = 0;
	while (fine && (n = pread(spool->fd, chunk, 1 << 16, at)) > 0) {
		fine = fd_write_all(fd, span_make(chunk, (size_t)n));
		at += n;
	}
	free(chunk);
	return fine && n == 0;
}

/* Beside its place, then renamed. The name is the same each time, so that what a killed run left is
 * replaced by the next. Nothing is synced: a file that lost its end with the power has another size
 * than its object and is fetched again. */
static bool place_file(char *path, struct spool *spool, int64_t modified)
{
	struct timespec times[2] = {{.tv_sec = modified}, {.tv_sec = modified}};
	char temporary[4200];
	snprintf(temporary, sizeof temporary, "%s.iamreplay-part", path);
	unlink(temporary); /* else another user's file in a shared folder could be what is read then */
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	bool fine = copy_spool(fd, spool) && futimens(fd, times) == 0;
	int error = errno;
	fine = close(fd) == 0 && fine;
	fine = fine && rename(temporary, path) == 0;
	if (!fine) {
		error = error ? error : errno;
		unlink(temporary);
		errno = error;
	}
	return fine;
}

enum status fetch_write_file(char *path, size_t folder, struct spool *spool, int64_t modified,
                             struct err *err)
{
	errno = 0;
	if ((make_folders(path, folder) && place_file(path, spool, modified)))
		return STATUS_OK;
	int error = errno;
	err_at_file(err, path);
	return err_set(err, error == ENOSPC || error == EDQUOT ? STATUS_STOP : STATUS_FILE, "write",
	               "can't be written: %s", strerror(error));
}

static bool is_there(const char *path, const struct s3_object *o)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == o->size &&
	       (int64_t)st.st_mtime == o->modified;
}

/* STATUS_OK: fetched; STATUS_END: there already. */
static enum status write_object(struct writer *wr, const struct s3_object *o, struct err *err)
{
	struct writing *w = wr->w;
	char path[4096];
	char *name = object_name(w->f, o);
	err_at_file(err, name);
	free(name);
	if (!fetch_key_is_path(o->key) ||
	    snprintf(path, sizeof path, "%s/%.*s", w->folder, SPAN_ARG(o->key)) >= (int)sizeof path)
		return err_set(err, STATUS_FILE, "key", "its key can't be the name of a file");
	if (is_there(path, o))
		return STATUS_END;
	enum status status = read_object(w->f, wr->hand, o, err);
	if (status != STATUS_OK)
		return status;
	return fetch_write_file(path, strlen(w->folder), &wr->hand->spool, o->modified, err);
}

static bool is_over(struct writing *w)
{
	return atomic_load(&w->stopped) ||
	       (w->f->options->stop && atomic_load(w->f->options->stop));
}

static void count(struct writing *w, enum status status, uint64_t size, const struct err *err)
{
	bool interrupted = w->f->options->stop && atomic_load(w->f->options->stop);
	pthread_mutex_lock(&w->lock);
	w->totals->fetched += status == STATUS_OK;
	w->totals->unchanged += status == STATUS_END;
	w->totals->bytes += status == STATUS_OK ? size : 0;
	if (status == STATUS_FILE) {
		w->totals->failed++;
		w->problem(w->data, err);
	} else if (status == STATUS_STOP && !interrupted && !atomic_load(&w->stopped)) {
		*w->err = *err;
		atomic_store(&w->stopped, true);
	}
	if (w->progress)
		w->progress(w->data, w->totals);
	pthread_mutex_unlock(&w->lock);
}

static void *write_objects(void *data)
{
	struct writer *wr = data;
	struct writing *w = wr->w;
	enum status status = STATUS_OK;
	while (status != STATUS_END) {
		struct wanted_object *object = NULL;
		struct s3_object o;
		struct err err;
		err_clear(&err);
		pthread_mutex_lock(&w->turn);
		status = is_over(w) ? STATUS_END : trail_next(w->f->trail, &o, &err);
		if (status == STATUS_OK)
			object = keep_object(&o);
		keep_progress(w->f);
		pthread_mutex_unlock(&w->turn);
		if (status == STATUS_END)
			break;
		if (object)
			status = write_object(wr, &object->object, &err);
		count(w, status, object ? object->object.size : 0, &err);
		free_object(object);
		status = STATUS_OK;
	}
	return NULL;
}

enum status fetch_s3_files(struct fetch_s3 *f, const char *folder,
                           void (*problem)(void *data, const struct err *err),
                           void (*progress)(void *data, const struct fetch_files_totals *so_far),
                           void *data, struct fetch_files_totals *totals, struct err *err)
{
	struct writing w = {.f = f,
	                    .folder = folder,
	                    .problem = problem,
	                    .progress = progress,
	                    .data = data,
	                    .totals = totals,
	                    .err = err};
	unsigned n = f->options->jobs, started = 0;
	struct writer *writers = xcalloc(n, sizeof *writers);
	atomic_init(&w.stopped, false);
	*totals = (struct fetch_files_totals){.bytes = 0};
	pthread_mutex_init(&w.turn, NULL);
	pthread_mutex_init(&w.lock, NULL);
	for (; started < n; started++) {
		writers[started] = (struct writer){.w = &w, .hand = &f->hands[started]};
		if (pthread_create(&writers[started].thread, NULL, write_objects,
		                   &writers[started]) != 0)
			break;
	}
	for (unsigned i = 0; i < started; i++)
		pthread_join(writers[i].thread, NULL);
	free(writers);
	pthread_mutex_destroy(&w.turn);
	pthread_mutex_destroy(&w.lock);
	if (!started)
		return err_set(err, STATUS_STOP, "threads", "no thread can be started");
	return atomic_load(&w.stopped) ? STATUS_STOP : STATUS_OK;
}
