/* live-view.c - cli: see live-view.h. */
#include "config.h"

#include "cli/live-view.h"

#include "base/alloc.h"
#include "base/when.h"
#include "cli/plain.h"
#include "cli/printing.h"
#include "emit/save.h"
#include "records/scan.h"
#include "normalise/outcome.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Lines that wait for the next tick; what comes faster than it can be shown is still in the
 * capture. */
enum { LIMIT_WAITING = 64 << 20, LIMIT_SCREEN = 1 << 20 };
enum { SHOWN_CALLS = 500, MAX_ROWS = 500, MAX_COLUMNS = 500 };

struct live_view {
	struct live_view_options options;
	pthread_mutex_t lock; /* on waiting and overrun */
	struct buf waiting;
	uint64_t overrun; /* lines that did not fit, or that nobody took */
	struct buf lines; /* to be printed, where there is no terminal */
	uint64_t n_lines;
	struct live_policy *policy;
	struct buf policy_text;
	struct buf policy_before; /* the text before the last change of it */
	char *denied;             /* the last call that was */
	char *calls[SHOWN_CALLS]; /* a ring, the newest before next_call */
	size_t n_calls;
	int64_t drawn_ms;
	bool dirty, told;
	bool drawn;     /* at least once */
	bool on_screen; /* the terminal shows the view */
	bool left;      /* nothing is drawn any more */
	bool unsaved;   /* the policy file could not be written last time */
};

/* ---- taking in */

void live_view_line(void *data, struct span line)
{
	struct live_view *v = data;
	pthread_mutex_lock(&v->lock);
	if (!buf_add_span(&v->waiting, line))
		v->overrun++;
	pthread_mutex_unlock(&v->lock);
}

/* The names come from clients: what could drive a terminal is shown as '?'. */
static void add_shown(struct buf *b, struct span s, size_t width)
{
	size_t before = b->n;
	if (buf_add_span(b, span_sub(s, 0, s.n < width ? s.n : width)))
		span_plain(b->p + before, b->n - before);
}

struct shown_call {
	struct span kind, time, source, name, status, error, access_key, region;
};

static bool read_call(struct span line, struct arena *arena, struct shown_call *c)
{
	struct scan j;
	struct span key;
	*c = (struct shown_call){.kind = SPAN_NONE};
	scan_init(&j, line);
	if (!scan_enter(&j, SCAN_OBJECT))
		return false;
	while (scan_next_key(&j, &key)) {
		struct span *to = span_is(key, "kind")         ? &c->kind
		                  : span_is(key, "time")       ? &c->time
		                  : span_is(key, "source")     ? &c->source
		                  : span_is(key, "name")       ? &c->name
		                  : span_is(key, "operation")  ? (c->name.p ? NULL : &c->name)
		                  : span_is(key, "service")    ? (c->source.p ? NULL : &c->source)
		                  : span_is(key, "status")     ? &c->status
		                  : span_is(key, "error")      ? &c->error
		                  : span_is(key, "access_key") ? &c->access_key
		                  : span_is(key, "region")     ? &c->region
		                                               : NULL;
		if (to)
			scan_take_text(&j, arena, to);
		else
			scan_skip(&j);
	}
	return scan_end(&j) && span_is(c->kind, "call");
}

/* "08:00:01 s3.amazonaws.com PutObject us-east-1 403 AccessDenied AKIA..." */
static char *describe(struct span line, bool *denied)
{
	struct denial denial;
	struct arena arena;
	struct shown_call c;
	struct buf b;
	char *text = NULL;
	arena_init(&arena);
	*denied = false;
	if (read_call(line, &arena, &c)) {
		*denied = c.error.n &&
		          outcome_of_error(c.error, SPAN_NONE, &denial) == OUTCOME_DENIED;
		const struct span parts[] = {c.source, c.name,  c.region,
		                             c.status, c.error, c.access_key};
		buf_init(&b, 4096);
		if (c.time.n >= 19)
			add_shown(&b, span_sub(c.time, 11, 8), 8);
		for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
			if (!parts[i].n)
				continue;
			buf_add_char(&b, ' ');
			add_shown(&b, parts[i], 200);
		}
		text = buf_take(&b);
	}
	arena_release(&arena);
	return text;
}

/* Without waiting for whoever should read: these are calls in flight for others. */
static void print_lines(struct live_view *v)
{
	if (!v->n_lines)
		return;
	if (!printing_would_block(v->options.out)) {
		fwrite(v->lines.p, 1, v->lines.n, v->options.out);
		fflush(v->options.out);
	} else {
		v->overrun += v->n_lines;
	}
	buf_reset(&v->lines);
	v->n_lines = 0;
}

static void print_line(struct live_view *v, const char *text)
{
	if (v->lines.n + strlen(text) + 1 > PRINTING_ROOM)
		print_lines(v);
	buf_add_str(&v->lines, text);
	buf_add_char(&v->lines, '\n');
	v->n_lines++;
}

static void note_call(struct live_view *v, struct span line)
{
	bool denied;
	char *text = describe(line, &denied);
	if (!text)
		return;
	if (denied) {
		free(v->denied);
		v->denied = xstrdup(text);
	}
	if (v->options.kind == VIEW_CALLS && !v->options.terminal)
		print_line(v, text);
	size_t at = v->n_calls++ % SHOWN_CALLS;
	free(v->calls[at]);
	v->calls[at] = text;
}

static void take_waiting(struct live_view *v)
{
	struct buf mine;
	pthread_mutex_lock(&v->lock);
	mine = v->waiting;
	buf_init(&v->waiting, LIMIT_WAITING);
	pthread_mutex_unlock(&v->lock);
	struct span rest = buf_span(&mine);
	while (rest.n) {
		struct span line = span_cut(&rest, '\n');
		if (!line.n)
			continue;
		v->dirty = true;
		note_call(v, line);
		live_policy_add(v->policy, line);
	}
	print_lines(v);
	buf_release(&mine);
}

/* ---- drawing */

static void screen_size(FILE *out, unsigned *rows, unsigned *columns)
{
	struct winsize w;
	*rows = 24;
	*columns = 80;
	if (ioctl(fileno(out), TIOCGWINSZ, &w) == 0 && w.ws_row > 1 && w.ws_col > 1) {
		*rows = w.ws_row < MAX_ROWS ? w.ws_row : MAX_ROWS;
		*columns = w.ws_col < MAX_COLUMNS ? w.ws_col : MAX_COLUMNS;
	}
}

/* A row of the screen; what stood there before is overwritten, not erased first, so nothing
 * flickers. */
static void add_row(struct buf *screen, struct span text, unsigned columns, unsigned *left)
{
	if (!*left)
		return;
	add_shown(screen, text, columns);
	buf_add_str(screen, "\033[K");
	if (--*left)
		buf_add_str(screen, "\r\n");
}

/* Whether a line stood in the policy before its last change, wherever: '+' marks those that did not. */
static bool was_there(const struct live_view *v, struct span line)
{
	struct span rest = buf_span(&v->policy_before);
	/* a comma at its end comes and goes with what stands behind it */
	if (span_ends(line, SPAN_LIT(",")))
		line.n--;
	for (ptrdiff_t at; (at = span_find(rest, line)) >= 0; rest = span_from(rest, (size_t)at + 1)) {
		size_t end = (size_t)at + line.n;
		bool begins = at == 0 || rest.p[at - 1] == '\n';
		if (begins && (end == rest.n || rest.p[end] == '\n' || rest.p[end] == ','))
			return true;
	}
	return false;
}

static void add_policy_line(struct live_view *v, struct buf *screen, struct span line,
                            unsigned columns, unsigned *left)
{
	bool added = v->policy_before.n && !was_there(v, line);
	if (*left)
		buf_add_str(screen, added ? "+ " : "  ");
	add_row(screen, line, columns > 2 ? columns - 2 : columns, left);
}

static void add_policy(struct live_view *v, struct buf *screen, unsigned columns, unsigned left)
{
	struct span rest = buf_span(&v->policy_text);
	size_t lines = 0;
	for (size_t i = 0; i < rest.n; i++)
		lines += rest.p[i] == '\n';
	char more[80];
	snprintf(more, sizeof more, "... %zu more lines", lines + 1 > left ? lines + 1 - left : 0);
	if (!rest.n)
		add_row(screen, SPAN_LIT("(nothing to grant yet)"), columns, &left);
	bool cut = lines > left;
	while (rest.n && left > (cut ? 1 : 0)) {
		struct span line = span_cut(&rest, '\n');
		add_policy_line(v, screen, line, columns, &left);
	}
	if (cut)
		add_row(screen, span_of(more), columns, &left);
}

static void add_calls(struct live_view *v, struct buf *screen, unsigned columns, unsigned left)
{
	size_t held = v->n_calls < SHOWN_CALLS ? v->n_calls : SHOWN_CALLS;
	size_t n = held < left ? held : left;
	for (size_t i = v->n_calls - n; i < v->n_calls; i++)
		add_row(screen, span_of(v->calls[i % SHOWN_CALLS]), columns, &left);
}

static void draw(struct live_view *v)
{
	unsigned rows, columns;
	char counts[200];
	struct live_policy_counts n;
	struct buf screen;
	buf_init(&screen, LIMIT_SCREEN);
	/* the other screen, so that what was there before comes back; no cursor */
	if (!v->on_screen)
		buf_add_str(&screen, "\033[?1049h\033[?25l\033[2J");
	v->on_screen = true;
	live_policy_counts(v->policy, &n);
	screen_size(v->options.out, &rows, &columns);
	unsigned left = rows;
	buf_add_str(&screen, "\033[H");
	add_row(&screen, span_of(v->options.title), columns, &left);
	snprintf(counts, sizeof counts,
	         "%" PRIu64 " call%s, %" PRIu64 " denied, %" PRIu64 " failed, %" PRIu64 " unknown",
	         n.calls, plural(n.calls, "", "s"), n.denied, n.failed, n.unknown);
	add_row(&screen, span_of(counts), columns, &left);
	if (v->denied) {
		buf_add_str(&screen, "denied: ");
		add_row(&screen, span_of(v->denied), columns > 8 ? columns - 8 : columns, &left);
	}
	if (v->options.kind == VIEW_POLICY)
		add_policy(v, &screen, columns, left);
	else
		add_calls(v, &screen, columns, left);
	buf_add_str(&screen, "\033[J");
	fwrite(buf_str(&screen), 1, screen.n, v->options.out);
	fflush(v->options.out);
	buf_release(&screen);
}

static void tell_once(struct live_view *v, const struct err *err)
{
	char line[2000];
	if (!v->told)
		fprintf(stderr, "iamreplay: %s\n", err_line(err, line, sizeof line));
	v->told = true;
}

static void make_policy(struct live_view *v)
{
	struct err err;
	enum saved how;
	if (v->options.kind != VIEW_POLICY && !v->options.policy_file)
		return;
	err_clear(&err);
	struct buf now;
	buf_init(&now, LIMIT_POLICY_TEXT);
	enum status s = live_policy_text(v->policy, &now, &err);
	if (span_eq(buf_span(&now), buf_span(&v->policy_text))) {
		buf_release(&now);
	} else {
		buf_release(&v->policy_before);
		v->policy_before = v->policy_text;
		v->policy_text = now;
	}
	if (s == STATUS_OK && v->options.policy_file)
		s = save_text(v->options.policy_file, buf_span(&v->policy_text), &how, &err);
	if (s == STATUS_STOP)
		tell_once(v, &err);
	v->unsaved = s == STATUS_STOP && v->options.policy_file;
}

void live_view_refresh(struct live_view *v)
{
	take_waiting(v);
	if (v->dirty || v->unsaved)
		make_policy(v);
	v->dirty = false;
	if (v->options.terminal && v->options.kind != VIEW_NONE && !v->left &&
	    !printing_would_block(v->options.out))
		draw(v);
	v->drawn = true;
	v->drawn_ms = when_steady_ms();
}

enum status live_view_policy(struct live_view *v, struct buf *out, struct err *err)
{
	take_waiting(v);
	return live_policy_text(v->policy, out, err);
}

void live_view_counts(struct live_view *v, struct live_policy_counts *counts)
{
	take_waiting(v);
	live_policy_counts(v->policy, counts);
}

int live_view_tick(struct live_view *v)
{
	int64_t since = when_steady_ms() - v->drawn_ms;
	if (v->drawn && since < (int64_t)v->options.refresh_ms) {
		if (v->options.kind == VIEW_CALLS && !v->options.terminal)
			take_waiting(v);
		return (int)((int64_t)v->options.refresh_ms - since);
	}
	live_view_refresh(v);
	return (int)v->options.refresh_ms;
}

/* ---- beginning and end */

enum status live_view_open(const struct live_view_options *options, struct live_view **out,
                           struct err *err)
{
	struct live_policy *policy;
	if (options->policy_file && save_check(options->policy_file, err) != STATUS_OK)
		return STATUS_STOP;
	enum status s = live_policy_new(options->mapping, &options->policy, &policy, err);
	if (s != STATUS_OK)
		return s;
	struct live_view *v = xcalloc(1, sizeof *v);
	v->options = *options;
	v->policy = policy;
	pthread_mutex_init(&v->lock, NULL);
	buf_init(&v->waiting, LIMIT_WAITING);
	buf_init(&v->policy_text, LIMIT_POLICY_TEXT);
	buf_init(&v->policy_before, LIMIT_POLICY_TEXT);
	buf_init(&v->lines, 2 * PRINTING_ROOM);
	*out = v;
	return STATUS_OK;
}

void live_view_leave(struct live_view *v)
{
	if (!v || v->left)
		return;
	live_view_refresh(v);
	v->left = true;
	if (v->on_screen) {
		fputs("\033[?25h\033[?1049l", v->options.out);
		fflush(v->options.out);
	}
	if (v->overrun)
		fprintf(stderr,
		        "iamreplay: %" PRIu64
		        " call%s came faster than they were shown; the capture has them\n",
		        v->overrun, plural(v->overrun, "", "s"));
}

bool live_view_close(struct live_view *v)
{
	if (!v)
		return true;
	live_view_leave(v);
	bool saved = !v->unsaved;
	live_policy_free(v->policy);
	buf_release(&v->waiting);
	buf_release(&v->policy_text);
	buf_release(&v->policy_before);
	free(v->denied);
	buf_release(&v->lines);
	for (size_t i = 0; i < SHOWN_CALLS; i++)
		free(v->calls[i]);
	pthread_mutex_destroy(&v->lock);
	free(v);
	return saved;
}
