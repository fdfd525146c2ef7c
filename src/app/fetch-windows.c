/* fetch-windows.c - app: see fetch-windows.h. Pages are kept as they came, one behind another:
 * ingest reads what lookup-events and filter-log-events print. */
#include "config.h"

#include "app/fetch-windows.h"

#include "base/alloc.h"
#include "base/when.h"
#include "fetch/json-api.h"
#include "fetch/spool.h"

#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of one window: 500,000 events of LookupEvents, 83 minutes. A service that never stops giving
 * pages ends here. */
enum { LIMIT_PAGES = 10000 };

/* What the two services differ in.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
static const struct protocol {
	const char *service, *target, *token;
	int64_t interval; /* ms between calls of an account in a region */
} lookup = {"cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents",
            "NextToken", 500},
  filter = {"logs", "Logs_20140328.FilterLogEvents", "nextToken", 200};

struct hand {
	struct client *client;
	struct spool spool;
};

struct fetch_windows {
	const struct fetch_windows_options *options;
	const struct protocol *protocol;
	struct hand *hands;
	struct pipeline_feed feed;
	uint64_t next, count; /* next: of whoever has the turn */
	pthread_mutex_t lock; /* for all below */
	struct pacer *pacers; /* a region */
	uint64_t done;
};

struct window {
	size_t region;
	int64_t since, until;
};

/* Time by time, so that regions are asked side by side. */
static struct window window_at(const struct fetch_windows *w, uint64_t n)
{
	const struct fetch_windows_options *o = w->options;
	/* Windows begin at whole multiples, so that other runs have the same. */
	int64_t first = o->since - o->since % WINDOW_SECONDS;
	int64_t since = first + (int64_t)(n / o->n_regions) * WINDOW_SECONDS;
	struct window x = {n % o->n_regions, since > o->since ? since : o->since,
	                   since + WINDOW_SECONDS};
	if (x.until > o->until)
		x.until = o->until;
	return x;
}

static char *window_name(const struct fetch_windows *w, const struct window *x)
{
	const struct fetch_windows_options *o = w->options;
	char since[WHEN_SIZE];
	struct buf b;
	buf_init(&b, 1 << 16);
	buf_addf(&b, "%s://%s/%s/%s%s%s", w->protocol->service, o->account, o->regions[x->region],
	         o->group ? o->group : "", o->group ? "/" : "", when_format(x->since, since));
	return buf_take(&b);
}

/* ---- asking */

static void write_body(const struct fetch_windows *w, const struct window *x, const char *token,
                       struct buf *out)
{
	buf_reset(out);
	if (w->options->group) {
		buf_add_str(out, "{\"logGroupName\":");
		buf_add_json(out, span_of(w->options->group));
		/* Both ends count, in milliseconds. */
		buf_addf(out, ",\"startTime\":%" PRId64 "000,\"endTime\":%" PRId64 "999", x->since,
		         x->until - 1);
	} else {
		buf_addf(out,
		         "{\"StartTime\":%" PRId64 ",\"EndTime\":%" PRId64 ",\"MaxResults\":50",
		         x->since, x->until - 1);
	}
	if (token) {
		buf_addf(out, ",\"%s\":", w->protocol->token);
		buf_add_json(out, span_of(token));
	}
	buf_add_char(out, '}');
}

/* The next page's token, to be freed, NULL if there is none. False if the page is no JSON. */
static bool take_token(const struct fetch_windows *w, struct span page, char **token)
{
	json_t *o = json_loadb(page.p, page.n, JSON_ALLOW_NUL, NULL);
	const char *next = json_string_value(json_object_get(o, w->protocol->token));
	bool fine = json_is_object(o);
	*token = next && *next ? xstrdup(next) : NULL;
	json_decref(o);
	return fine;
}

static bool await_turn(struct fetch_windows *w, struct hand *hand, size_t region)
{
	pthread_mutex_lock(&w->lock);
	int64_t ms = pacer_take(&w->pacers[region]);
	pthread_mutex_unlock(&w->lock);
	return client_pause(hand->client, ms);
}

/* All pages of a window into the hand's spool. */
static enum status ask(struct fetch_windows *w, struct hand *hand, const struct window *x,
                       struct err *err)
{
	const struct fetch_windows_options *o = w->options;
	struct http_answer a;
	struct buf body;
	char *token = NULL, *before = NULL;
	enum status status = STATUS_OK;
	http_answer_init(&a, LIMIT_ANSWER);
	buf_init(&body, 1 << 16);
	spool_begin(&hand->spool);
	for (unsigned page = 0; status == STATUS_OK && (page == 0 || token); page++) {
		if (!await_turn(w, hand, x->region)) {
			status = err_set(err, STATUS_STOP, "interrupted", "interrupted");
			break;
		}
		write_body(w, x, token, &body);
		free(before);
		before = token;
		token = NULL;
		status = json_api_call(o->session, hand->client, w->protocol->service,
		                       o->regions[x->region], w->protocol->target, buf_span(&body),
		                       &a, NULL, err);
		if (status == STATUS_OK &&
		    (!take_token(w, buf_span(&a.body), &token) ||
		     (token && before && strcmp(token, before) == 0) || page == LIMIT_PAGES))
			status = err_set(err, STATUS_FILE, "answer",
			                 "the pages are damaged or do not end");
		if (status == STATUS_OK && (!spool_add(&hand->spool, a.body.p, a.body.n) ||
		                            !spool_add(&hand->spool, "\n", 1)))
			status = err_set(err, STATUS_STOP, "spool", "the temporary file: %s",
			                 strerror(hand->spool.error));
	}
	free(token);
	free(before);
	buf_release(&body);
	http_answer_release(&a);
	/* One window is like another: what is refused for one is refused for all. */
	return status == STATUS_SKIP ? STATUS_STOP : status;
}

static void count_done(struct fetch_windows *w)
{
	pthread_mutex_lock(&w->lock);
	w->done++;
	pthread_mutex_unlock(&w->lock);
}

/* ---- for the pipeline */

static bool is_settled(const struct fetch_windows *w, const struct window *x)
{
	return x->until + WINDOW_SETTLED <= w->options->now;
}

static enum status feed_next(void *data, struct pipeline_item *out, struct err *err)
{
	struct fetch_windows *w = data;
	struct window *x;
	struct hasher h;
	if (w->next == w->count)
		return STATUS_END;
	x = xmalloc(sizeof *x);
	*x = window_at(w, w->next++);
	hash_begin(&h);
	hash_field(&h, span_of(w->protocol->service));
	hash_field(&h, span_of(w->options->account));
	hash_field(&h, span_of(w->options->regions[x->region]));
	hash_field(&h, span_of(w->options->group));
	hash_u64(&h, (uint64_t)x->since);
	hash_u64(&h, (uint64_t)x->until);
	if (!is_settled(w, x))
		hash_u64(&h, (uint64_t)w->options->now);
	*out = (struct pipeline_item){
	        .name = window_name(w, x), .content = hash_end(&h), .data = x};
	return STATUS_OK;
}

static enum status feed_bring(void *data, unsigned worker, struct pipeline_item *item,
                              struct span *bytes, const char **file, struct err *err)
{
	struct fetch_windows *w = data;
	err_at_file(err, item->name);
	enum status status = ask(w, &w->hands[worker], item->data, err);
	if (status == STATUS_OK)
		spool_end(&w->hands[worker].spool, bytes, file);
	return status;
}

static void feed_drop(void *data, struct pipeline_item *item)
{
	count_done(data);
	free(item->data);
	item->data = NULL;
}

const struct pipeline_feed *fetch_windows_feed(struct fetch_windows *w)
{
	return &w->feed;
}

uint64_t fetch_windows_count(const struct fetch_windows *w)
{
	return w->count;
}

double fetch_windows_progress(struct fetch_windows *w)
{
	pthread_mutex_lock(&w->lock);
	double done = w->count ? (double)w->done / (double)w->count : 0;
	pthread_mutex_unlock(&w->lock);
	return done;
}

/* ---- making */

struct fetch_windows *fetch_windows_new(const struct fetch_windows_options *o)
{
	struct fetch_windows *w = xcalloc(1, sizeof *w);
	int64_t first = o->since - o->since % WINDOW_SECONDS;
	w->options = o;
	w->protocol = o->group ? &filter : &lookup;
	if (o->until > first)
		w->count = (uint64_t)((o->until - first + WINDOW_SECONDS - 1) / WINDOW_SECONDS) *
		           o->n_regions;
	w->hands = xcalloc(o->jobs, sizeof *w->hands);
	for (unsigned i = 0; i < o->jobs; i++) {
		w->hands[i].client = session_client(o->session);
		spool_init(&w->hands[i].spool);
	}
	w->pacers = xcalloc(o->n_regions, sizeof *w->pacers);
	for (size_t i = 0; i < o->n_regions; i++)
		w->pacers[i].interval = w->protocol->interval;
	w->feed = (struct pipeline_feed){w, feed_next, feed_bring, feed_drop};
	pthread_mutex_init(&w->lock, NULL);
	return w;
}

void fetch_windows_free(struct fetch_windows *w)
{
	if (!w)
		return;
	for (unsigned i = 0; i < w->options->jobs; i++) {
		client_free(w->hands[i].client);
		spool_release(&w->hands[i].spool);
	}
	pthread_mutex_destroy(&w->lock);
	free(w->hands);
	free(w->pacers);
	free(w);
}

/* ---- as files */

/* "FOLDER/logs/ACCOUNT/REGION/GROUP/2026-01-31T06.json"; a group's '/' make no folders. */
static bool file_path(const struct fetch_windows *w, const char *folder, const struct window *x,
                      char *out, size_t size)
{
	const struct fetch_windows_options *o = w->options;
	char since[WHEN_SIZE], group[520] = "";
	when_format(x->since, since);
	if (o->group)
		snprintf(group, sizeof group, "%s/", o->group);
	for (char *p = group; *p && p[1]; p++)
		if (*p == '/' || (unsigned char)*p < 0x20)
			*p = '-';
	int n = snprintf(out, size, "%s/%s/%s/%s/%s%.13s.json", folder, w->protocol->service,
	                 o->account, o->regions[x->region], group, since);
	return n > 0 && (size_t)n < size;
}

static enum status write_window(struct fetch_windows *w, const char *folder, const struct window *x,
                                struct fetch_files_totals *totals, struct err *err)
{
	char path[4096];
	struct span bytes;
	const char *file;
	char *name = window_name(w, x);
	err_at_file(err, name);
	free(name);
	if (!file_path(w, folder, x, path, sizeof path))
		return err_set(err, STATUS_STOP, "write", "the file's name is too long");
	if (is_settled(w, x) && access(path, F_OK) == 0) {
		totals->unchanged++;
		return STATUS_OK;
	}
	enum status status = ask(w, &w->hands[0], x, err);
	if (status != STATUS_OK)
		return status;
	spool_end(&w->hands[0].spool, &bytes, &file);
	status = fetch_write_file(path, strlen(folder), &w->hands[0].spool, x->until, err);
	totals->fetched += status == STATUS_OK;
	totals->bytes += file ? 0 : bytes.n;
	return status;
}

enum status fetch_windows_files(struct fetch_windows *w, const char *folder,
                                void (*problem)(void *data, const struct err *err),
                                void (*progress)(void *data,
                                                 const struct fetch_files_totals *so_far),
                                void *data, struct fetch_files_totals *totals, struct err *err)
{
	const atomic_bool *stop = w->options->stop;
	enum status status = STATUS_OK;
	*totals = (struct fetch_files_totals){.bytes = 0};
	for (; w->next < w->count && status != STATUS_STOP; w->next++) {
		struct window x = window_at(w, w->next);
		status = write_window(w, folder, &x, totals, err);
		if (status == STATUS_FILE) {
			totals->failed++;
			problem(data, err);
		}
		count_done(w);
		if (progress)
			progress(data, totals);
	}
	return status == STATUS_STOP && !(stop && atomic_load(stop)) ? STATUS_STOP : STATUS_OK;
}
