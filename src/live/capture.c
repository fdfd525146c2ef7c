/* capture.c - live: see capture.h. A line is built in memory and handed over whole, so that
 * whatever ends the process can tear at most the last one. */
#include "config.h"

#include "live/capture.h"

#include "ground/alloc.h"
#include "ground/buf.h"
#include "ground/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sodium/randombytes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CAPTURE_FORMAT = 1, CAPTURE_ID_BYTES = 16 };

/* Lines held back until capture_flush or until so many bytes are there; a kill -9 costs at most
 * these. */
#define HELD_BYTES ((size_t)64 << 10)
/* One line: LIMIT_PARAMS values of LIMIT_PARAM_VALUE bytes, each byte escaped at worst, do not come
 * near it in practice; what is longer loses its parameters. */
#define LINE_BYTES ((size_t)1 << 20)

struct capture {
	pthread_mutex_t lock;
	int fd;
	char *path;
	struct capture_options options;
	struct buf held;
	uint64_t held_lines;
	struct buf line;
	struct capture_counts counts;
};

static void add_member(struct buf *b, const char *name, struct span value)
{
	if (span_empty(value))
		return;
	buf_addf(b, ",\"%s\":", name);
	buf_add_json(b, value);
}

static void add_time(struct buf *b, const char *name, int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;
	char text[40];
	if (!gmtime_r(&s, &tm) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	buf_addf(b, "\"%s\":\"%s.%03dZ\"", name, text, (int)(ms % 1000));
}

/* A member name's part up to the next '.', without it; *list says that it ended in "[]". */
static struct span next_part(struct span *path, bool *list)
{
	struct span part = span_cut(path, '.');
	*list = span_ends(part, SPAN_LIT("[]"));
	if (*list)
		part.n -= 2;
	return part;
}

/* What identifies something: the last member's name says so. */
static bool names_something(struct span path)
{
	static const char *const words[] = {"name", "id",     "arn",       "key",
	                                    "url",  "alias",  "version",   "path",
	                                    "role", "bucket", "identifier"};
	struct span leaf = path;
	ptrdiff_t dot = span_rchr(path, '.');
	if (dot >= 0)
		leaf = span_from(path, (size_t)dot + 1);
	while (span_ends(leaf, SPAN_LIT("[]")))
		leaf.n -= 2;
	if (leaf.n > 1 && ascii_lower(leaf.p[leaf.n - 1]) == 's')
		leaf.n--;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (span_ends_ci(leaf, span_of(words[i])))
			return true;
	return false;
}

static bool may_pass(const struct capture *c, const struct captured_call *call,
                     const struct param *p)
{
	if (p->path.n == 0 || p->path.n > LIMIT_PARAM_VALUE || p->value.n > LIMIT_PARAM_VALUE)
		return false;
	if (p->state != PARAM_VALUE)
		return true;
	if (c->options.sensitive &&
	    c->options.sensitive(c->options.sensitive_data, call->source, p->path))
		return false;
	return names_something(p->path);
}

static int by_path(const void *a, const void *b)
{
	const struct param *x = a, *y = b;
	int r = span_cmp(x->path, y->path);
	return r ? r : span_cmp(x->value, y->value);
}

static void add_value(struct buf *b, const struct param *p)
{
	if (p->state == PARAM_VALUE)
		buf_add_json(b, p->value);
	else
		buf_add_str(b, p->state == PARAM_PRESENT ? "{}"
		                                         : "\"HIDDEN_DUE_TO_SECURITY_REASONS\"");
}

static void add_object(struct buf *b, const struct param *p, size_t n, size_t skip);

/* What stands behind a member's name: p[0..n) share it, rest is where their paths go on. */
static void add_members(struct buf *b, const struct param *p, size_t n, size_t rest, bool list)
{
	if (!list) {
		if (rest >= p[0].path.n)
			add_value(b, &p[0]);
		else
			add_object(b, p, n, rest);
		return;
	}
	buf_add_char(b, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(b, ',');
		if (rest >= p[i].path.n)
			add_value(b, &p[i]);
		else
			add_object(b, &p[i], 1, rest);
	}
	buf_add_char(b, ']');
}

/* An object of p[0..n), sorted, whose paths agree in their first skip bytes. Depth is bounded by
 * the length of a path. */
static void add_object(struct buf *b, const struct param *p, size_t n, size_t skip)
{
	buf_add_char(b, '{');
	for (size_t i = 0, next; i < n; i = next) {
		struct span rest = span_from(p[i].path, skip);
		bool list;
		struct span part = next_part(&rest, &list);
		size_t part_bytes = part.n + (list ? 2 : 0);
		for (next = i + 1; next < n; next++) {
			struct span other = span_from(p[next].path, skip);
			bool other_list;
			struct span other_part = next_part(&other, &other_list);
			if (!span_eq(part, other_part) || list != other_list)
				break;
		}
		if (i)
			buf_add_char(b, ',');
		buf_add_json(b, part);
		buf_add_char(b, ':');
		size_t at = skip + part_bytes + (rest.p ? 1 : 0);
		add_members(b, p + i, next - i, at, list);
	}
	buf_add_char(b, '}');
}

static void add_params(const struct capture *c, const struct captured_call *call, struct buf *b)
{
	struct param *pass = xcalloc(call->n_params + 1, sizeof *pass);
	size_t n = 0;
	for (size_t i = 0; i < call->n_params; i++)
		if (may_pass(c, call, &call->params[i]))
			pass[n++] = call->params[i];
	qsort(pass, n, sizeof *pass, by_path);
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (!kept || by_path(&pass[kept - 1], &pass[i]) != 0)
			pass[kept++] = pass[i];
	if (kept > LIMIT_PARAMS)
		kept = LIMIT_PARAMS;
	if (kept) {
		buf_add_str(b, ",\"params\":");
		add_object(b, pass, kept, 0);
	}
	if (call->params_cut || kept < n)
		buf_add_str(b, ",\"params_cut\":true");
	free(pass);
}

static void add_denial(struct buf *b, const struct denial *d)
{
	if (d->by == DENIAL_UNSTATED && !d->explicit_deny && span_empty(d->action) &&
	    span_empty(d->resource))
		return;
	buf_addf(b, ",\"denial\":{\"by\":%d,\"explicit\":%s", (int)d->by,
	         d->explicit_deny ? "true" : "false");
	add_member(b, "action", d->action);
	add_member(b, "resource", d->resource);
	add_member(b, "policy", d->policy);
	buf_add_char(b, '}');
}

static void build_call(const struct capture *c, const struct captured_call *call, struct buf *b)
{
	buf_addf(b, "{\"kind\":\"call\",\"seen\":\"%s\",",
	         call->observer == OBSERVED_CSM ? "csm" : "proxy");
	add_time(b, "time", call->time_ms);
	add_member(b, "source", call->source);
	add_member(b, "name", call->name);
	add_member(b, "service", call->service);
	add_member(b, "operation", call->operation);
	add_member(b, "region", call->region);
	add_member(b, "account", call->account);
	add_member(b, "access_key", call->access_key);
	add_member(b, "request_id", call->request_id);
	add_member(b, "agent", call->user_agent);
	buf_addf(b, ",\"status\":%u", call->status);
	add_member(b, "error", call->error_code);
	add_denial(b, &call->denial);
	add_member(b, "host", call->host);
	add_member(b, "method", call->method);
	add_member(b, "path", call->path_pattern);
}

static enum status hand_over(struct capture *c, struct err *err)
{
	size_t at = 0;
	while (at < c->held.n) {
		ssize_t k = write(c->fd, c->held.p + at, c->held.n - at);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			err_at_file(err, c->path);
			err_set(err, STATUS_STOP, "write", "%s",
			        k < 0 ? strerror(errno) : "nothing written");
			break;
		}
		at += (size_t)k;
	}
	bool whole = at == c->held.n;
	if (!whole)
		c->counts.lost += c->held_lines;
	buf_reset(&c->held);
	c->held_lines = 0;
	return whole ? STATUS_OK : STATUS_STOP;
}

static enum status hold(struct capture *c, struct err *err)
{
	buf_add_str(&c->line, "}\n");
	enum status s = STATUS_OK;
	if (c->held.n + c->line.n > HELD_BYTES)
		s = hand_over(c, err);
	buf_add_span(&c->held, buf_span(&c->line));
	c->held_lines++;
	return s;
}

enum status capture_write(struct capture *c, const struct captured_call *call, struct err *err)
{
	pthread_mutex_lock(&c->lock);
	buf_reset(&c->line);
	build_call(c, call, &c->line);
	add_params(c, call, &c->line);
	if (c->line.full) {
		buf_reset(&c->line);
		build_call(c, call, &c->line);
		buf_add_str(&c->line, ",\"params_cut\":true");
	}
	c->counts.calls++;
	enum status s = hold(c, err);
	pthread_mutex_unlock(&c->lock);
	return s;
}

enum status capture_write_identity(struct capture *c, const struct captured_identity *id,
                                   struct err *err)
{
	pthread_mutex_lock(&c->lock);
	buf_reset(&c->line);
	buf_add_str(&c->line, "{\"kind\":\"identity\",");
	add_time(&c->line, "time", id->time_ms);
	add_member(&c->line, "access_key", id->access_key);
	add_member(&c->line, "arn", id->arn);
	add_member(&c->line, "role", id->role_arn);
	add_member(&c->line, "account", id->account);
	add_member(&c->line, "user_id", id->user_id);
	c->counts.identities++;
	enum status s = hold(c, err);
	pthread_mutex_unlock(&c->lock);
	return s;
}

enum status capture_flush(struct capture *c, struct err *err)
{
	pthread_mutex_lock(&c->lock);
	enum status s = c->held.n ? hand_over(c, err) : STATUS_OK;
	pthread_mutex_unlock(&c->lock);
	return s;
}

void capture_counts(const struct capture *c, struct capture_counts *counts)
{
	*counts = c->counts;
}

static enum status write_header(struct capture *c, struct err *err)
{
	unsigned char id[CAPTURE_ID_BYTES];
	struct timespec now;
	randombytes_buf(id, sizeof id);
	clock_gettime(CLOCK_REALTIME, &now);
	struct buf *b = &c->line;
	buf_addf(b, "{\"kind\":\"capture\",\"format\":%d,\"tool\":\"iamreplay %s\",\"mode\":\"%s\"",
	         CAPTURE_FORMAT, PACKAGE_VERSION, c->options.mode);
	buf_add_str(b, ",\"capture\":\"");
	for (size_t i = 0; i < sizeof id; i++)
		buf_addf(b, "%02x", id[i]);
	buf_add_str(b, "\",");
	add_time(b, "time", (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
	enum status s = hold(c, err);
	return s == STATUS_OK ? hand_over(c, err) : s;
}

enum status capture_open(const struct capture_options *options, struct capture **out,
                         struct err *err)
{
	int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(options->path, flags | (options->append ? 0 : O_EXCL), 0600);
	if (fd < 0) {
		err_at_file(err, options->path);
		if (errno == EEXIST)
			return err_set(err, STATUS_STOP, "exists",
			               "is there already (--append adds to it)");
		return err_set(err, STATUS_STOP, "open", "%s", strerror(errno));
	}
	struct capture *c = xcalloc(1, sizeof *c);
	pthread_mutex_init(&c->lock, NULL);
	c->fd = fd;
	c->path = xstrdup(options->path);
	c->options = *options;
	buf_init(&c->held, HELD_BYTES + LINE_BYTES);
	buf_init(&c->line, LINE_BYTES);
	enum status s = write_header(c, err);
	if (s != STATUS_OK) {
		capture_close(c, NULL);
		return s;
	}
	*out = c;
	return STATUS_OK;
}

enum status capture_close(struct capture *c, struct err *err)
{
	if (!c)
		return STATUS_OK;
	enum status s = capture_flush(c, err);
	if (s == STATUS_OK && fsync(c->fd) != 0 && errno != EINVAL)
		s = err_set(err, STATUS_STOP, "write", "%s: %s", c->path, strerror(errno));
	if (close(c->fd) != 0 && s == STATUS_OK)
		s = err_set(err, STATUS_STOP, "write", "%s: %s", c->path, strerror(errno));
	buf_release(&c->held);
	buf_release(&c->line);
	pthread_mutex_destroy(&c->lock);
	free(c->path);
	free(c);
	return s;
}
