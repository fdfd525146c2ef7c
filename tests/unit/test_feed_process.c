/* test_feed_process.c - sources that another process brings: what comes over is what was brought,
 * whatever the other side does. */
#define _GNU_SOURCE
#include "unit.h"

#include "app/feed-server.h"
#include "app/feed-wire.h"
#include "base/alloc.h"
#include "base/buf.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ITEMS = 40, JOBS = 4, KILLED = 21, EXIT_TOLD = 7, EXIT_ASKED = 5 };

/* ---- what the other process brings: item i has so many bytes, each of them i */

static const size_t sizes[] = {0, 1, 4096, 70000, (size_t)5 << 20};

struct source {
	uint32_t next, dropped;
	struct buf bytes[JOBS];
	char path[64]; /* of a file with the bytes of the largest */
	bool dies, waits;
};

static size_t size_of(uint32_t i)
{
	return sizes[i % (sizeof sizes / sizeof *sizes)];
}

static enum status source_next(void *data, struct pipeline_item *out, struct err *err)
{
	struct source *s = data;
	char name[32];
	uint32_t i = s->next++;
	if (i == ITEMS)
		return STATUS_END;
	if (i == 10) {
		err_at_file(err, "ten");
		return err_set(err, STATUS_FILE, "test", "is not to be listed");
	}
	snprintf(name, sizeof name, "item %u", i);
	*out = (struct pipeline_item){.name = xstrdup(name),
	                              .content = hash_of(span_of(name)),
	                              .size = size_of(i),
	                              .data = (void *)(uintptr_t)i};
	return STATUS_OK;
}

static enum status source_bring(void *data, unsigned worker, struct pipeline_item *item,
                                struct span *bytes, const char **file, struct err *err)
{
	struct source *s = data;
	uint32_t i = (uint32_t)(uintptr_t)item->data;
	struct buf *b = &s->bytes[worker];
	if (i == KILLED && s->dies)
		raise(SIGKILL);
	while (s->waits)
		pause();
	err_at_file(err, item->name);
	if (i == 12)
		return err_set(err, STATUS_FILE, "test", "is not to be had");
	if (size_of(i) > 1 << 20) {
		*file = s->path;
		return STATUS_OK;
	}
	buf_reset(b);
	for (size_t k = 0; k < size_of(i); k++)
		buf_add_char(b, (char)i);
	*bytes = buf_span(b);
	return STATUS_OK;
}

static void source_drop(void *data, struct pipeline_item *item)
{
	struct source *s = data;
	assert_true(s->next > (uint32_t)(uintptr_t)item->data);
	s->dropped++;
}

static double half(void *data)
{
	return 0.5;
}

static void on_term(int number)
{
	_exit(EXIT_ASKED);
}

static int serve_once(struct source *s, struct feed_server *server)
{
	const struct pipeline_feed feed = {s, source_next, source_bring, source_drop};
	int told = feed_serve(server, &feed, JOBS, half, NULL);
	return s->dropped == ITEMS - 1 || told == FEED_GONE ? told : 99;
}

static int serve(void *data, struct feed_server *server)
{
	struct source *s = data;
	signal(SIGTERM, on_term);
	for (unsigned i = 0; i < JOBS; i++)
		buf_init(&s->bytes[i], 1 << 20);
	int first = serve_once(s, server);
	s->next = s->dropped = 0;
	int second = first == EXIT_TOLD ? serve_once(s, server) : first;
	for (unsigned i = 0; i < JOBS; i++)
		buf_release(&s->bytes[i]);
	return second;
}

/* ---- this one */

static struct feed_process *start(struct source *s, const atomic_bool *stop)
{
	struct feed_process *p;
	struct err err;
	err_clear(&err);
	assert_int_equal(feed_process_start(JOBS, stop, serve, s, &p, &err), STATUS_OK);
	return p;
}

static void make_large(struct source *s)
{
	snprintf(s->path, sizeof s->path, "/tmp/test_feed_process.%ld", (long)getpid());
	FILE *f = fopen(s->path, "w");
	assert_non_null(f);
	for (size_t i = 0; i < sizes[4]; i++)
		putc('l', f);
	assert_int_equal(fclose(f), 0);
}

static void one_item(const struct pipeline_feed *feed, uint32_t i, struct pipeline_item *item)
{
	struct span bytes = SPAN_NONE;
	const char *file = "set";
	struct err err;
	char name[32];
	err_clear(&err);
	snprintf(name, sizeof name, "item %u", i);
	assert_string_equal(item->name, name);
	struct hash128 want = hash_of(span_of(name));
	assert_true(hash_eq(&item->content, &want));
	assert_int_equal(item->size, size_of(i));
	enum status status = feed->bring(feed->data, i % JOBS, item, &bytes, &file, &err);
	if (i == 12) {
		assert_int_equal(status, STATUS_FILE);
		assert_string_equal(err.where, "item 12");
		assert_string_equal(err.text, "is not to be had");
		return;
	}
	assert_int_equal(status, STATUS_OK);
	assert_null(file);
	assert_int_equal(bytes.n, size_of(i));
	for (size_t k = 0; k < bytes.n; k++)
		assert_int_equal(bytes.p[k], size_of(i) > 1 << 20 ? 'l' : (char)i);
}

static void one_round(struct feed_process *p)
{
	const struct pipeline_feed *feed = feed_process_feed(p);
	struct pipeline_item item;
	struct err err;
	unsigned jobs;
	uint32_t i = 0;
	enum status status;
	assert_true(feed_process_round(p, &jobs));
	assert_int_equal(jobs, JOBS);
	err_clear(&err);
	for (; (status = feed->next(feed->data, &item, &err)) != STATUS_END; i++) {
		if (i == 10) {
			assert_int_equal(status, STATUS_FILE);
			assert_string_equal(err.where, "ten");
			continue;
		}
		assert_int_equal(status, STATUS_OK);
		one_item(feed, i, &item);
		feed->drop(feed->data, &item);
		free(item.name);
	}
	assert_int_equal(i, ITEMS);
	assert_true(feed_process_progress(p) == 0.5);
	feed_process_over(p, EXIT_TOLD);
}

static void two_rounds_come_whole(void **state)
{
	struct source s = {.next = 0};
	unsigned jobs;
	make_large(&s);
	struct feed_process *p = start(&s, NULL);
	one_round(p);
	one_round(p);
	assert_false(feed_process_round(p, &jobs));
	assert_int_equal(feed_process_end(p), EXIT_TOLD);
	unlink(s.path);
}

static void a_killed_process_is_told(void **state)
{
	struct source s = {.dies = true};
	struct pipeline_item item;
	struct span bytes;
	const char *file;
	struct err err;
	unsigned jobs;
	make_large(&s);
	struct feed_process *p = start(&s, NULL);
	const struct pipeline_feed *feed = feed_process_feed(p);
	assert_true(feed_process_round(p, &jobs));
	err_clear(&err);
	for (uint32_t i = 0; i <= KILLED; i++) {
		enum status status = feed->next(feed->data, &item, &err);
		assert_int_equal(status, i == 10 ? STATUS_FILE : STATUS_OK);
		if (i != 10 && i != KILLED)
			free(item.name);
	}
	assert_int_equal(feed->bring(feed->data, 0, &item, &bytes, &file, &err), STATUS_STOP);
	assert_non_null(strstr(err.text, "has ended"));
	free(item.name);
	assert_int_equal(feed->next(feed->data, &item, &err), STATUS_STOP);
	feed_process_over(p, 0);
	assert_false(feed_process_round(p, &jobs));
	assert_int_equal(feed_process_end(p), -1);
	unlink(s.path);
}

/* The process that brings does not believe the other: an item that was not given, or is gone. */
static void an_item_that_is_not_held_is_refused(void **state)
{
	struct source s = {.next = 0};
	struct pipeline_item item, second, wrong = {.data = (void *)(uintptr_t)4711};
	struct span bytes;
	const char *file;
	struct err err;
	unsigned jobs;
	make_large(&s);
	struct feed_process *p = start(&s, NULL);
	const struct pipeline_feed *feed = feed_process_feed(p);
	assert_true(feed_process_round(p, &jobs));
	err_clear(&err);
	assert_int_equal(feed->bring(feed->data, 1, &wrong, &bytes, &file, &err), STATUS_STOP);
	assert_non_null(strstr(err.text, "no such source"));
	assert_int_equal(feed->next(feed->data, &item, &err), STATUS_OK);
	free(item.name);
	feed->drop(feed->data, &item);
	assert_int_equal(feed->next(feed->data, &second, &err), STATUS_OK); /* comes after it */
	free(second.name);
	item.data = (void *)(uintptr_t)1;
	assert_int_equal(feed->bring(feed->data, 1, &item, &bytes, &file, &err), STATUS_STOP);
	feed->drop(feed->data, &item);
	assert_int_equal(feed->next(feed->data, &item, &err), STATUS_STOP);
	assert_int_equal(feed_process_end(p), FEED_GONE & 0xff);
	unlink(s.path);
}

static void *stop_soon(void *data)
{
	usleep(100000);
	atomic_store((atomic_bool *)data, true);
	return NULL;
}

static void what_waits_is_ended(void **state)
{
	static atomic_bool stop;
	struct source s = {.waits = true};
	struct pipeline_item item;
	struct span bytes;
	const char *file;
	struct err err;
	unsigned jobs;
	pthread_t thread;
	struct feed_process *p = start(&s, &stop);
	const struct pipeline_feed *feed = feed_process_feed(p);
	assert_true(feed_process_round(p, &jobs));
	err_clear(&err);
	assert_int_equal(feed->next(feed->data, &item, &err), STATUS_OK);
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, &stop), 0);
	assert_int_equal(feed->bring(feed->data, 0, &item, &bytes, &file, &err), STATUS_STOP);
	assert_string_equal(err.text, "interrupted");
	pthread_join(thread, NULL);
	free(item.name);
	assert_int_equal(feed->next(feed->data, &item, &err), STATUS_END);
	assert_int_equal(feed_process_end(p), EXIT_ASKED);
}

static int never(void *data, struct feed_server *server)
{
	return 3;
}

static void a_process_without_a_feed_ends(void **state)
{
	struct feed_process *p;
	struct err err;
	unsigned jobs;
	err_clear(&err);
	assert_int_equal(feed_process_start(1, NULL, never, NULL, &p, &err), STATUS_OK);
	assert_false(feed_process_round(p, &jobs));
	assert_int_equal(feed_process_end(p), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(two_rounds_come_whole),
	        cmocka_unit_test(a_killed_process_is_told),
	        cmocka_unit_test(an_item_that_is_not_held_is_refused),
	        cmocka_unit_test(what_waits_is_ended),
	        cmocka_unit_test(a_process_without_a_feed_ends),
	};
	return cmocka_run_group_tests_name("feed process", tests, NULL, NULL);
}
