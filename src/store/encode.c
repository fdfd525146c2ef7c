/* encode.c - store: see encode.h. */
#include "config.h"

#include "store/encode.h"

#include "base/buf.h"
#include "base/limits.h"
#include "records/scan.h"

/* LIMIT_PARAMS values of LIMIT_PARAM_VALUE bytes with their paths, each byte escaped at worst as
 * \u00xx. */
#define LIMIT_ENCODED ((size_t)16 << 20)

static void add_text(struct buf *b, struct span s)
{
	if (s.p)
		buf_add_json(b, s);
	else
		buf_add_str(b, "null");
}

/* Nearly all texts need no escape: then it grows once. */
static void begin(struct buf *b, size_t texts)
{
	buf_init(b, LIMIT_ENCODED);
	buf_reserve(b, texts < LIMIT_ENCODED ? texts : LIMIT_ENCODED);
}

/* A row's last number, of one digit, and its end. */
static void end_row(struct buf *b, int digit)
{
	const char text[] = {',', (char)('0' + digit), ']'};
	buf_add(b, text, sizeof text);
}

enum {
	ROW_SIGNS = 16,        /* quotes, commas, brackets, "null" */
	LIKELY_RESOURCE = 160, /* an ARN, its type and account */
};

static struct span finish(struct buf *b, struct arena *arena)
{
	struct span out = arena_span(arena, buf_span(b));
	buf_release(b);
	return out;
}

struct span encode_params(const struct call *c, struct arena *arena)
{
	struct buf b;
	if (!c->n_params)
		return SPAN_NONE;
	size_t texts = 0;
	for (size_t i = 0; i < c->n_params; i++)
		texts += c->params[i].path.n + c->params[i].value.n + ROW_SIGNS;
	begin(&b, texts);
	for (size_t i = 0; i < c->n_params; i++) {
		buf_add_str(&b, i ? ",[" : "[[");
		add_text(&b, c->params[i].path);
		buf_add_char(&b, ',');
		add_text(&b, c->params[i].value);
		end_row(&b, (int)c->params[i].state);
	}
	buf_add_char(&b, ']');
	return finish(&b, arena);
}

struct span encode_resources(const struct call *c, struct arena *arena)
{
	struct buf b;
	if (!c->n_resources)
		return SPAN_NONE;
	begin(&b, c->n_resources * LIKELY_RESOURCE);
	for (size_t i = 0; i < c->n_resources; i++) {
		buf_add_str(&b, i ? ",[" : "[[");
		add_text(&b, c->resources[i].arn);
		buf_add_char(&b, ',');
		add_text(&b, c->resources[i].type);
		buf_add_char(&b, ',');
		add_text(&b, c->resources[i].account);
		end_row(&b, c->resources[i].prefix ? 1 : c->resources[i].pattern ? 2 : 0);
	}
	buf_add_char(&b, ']');
	return finish(&b, arena);
}

/* The scalars of the inner array that comes next, at most n. */
static bool take_row(struct scan *j, struct arena *arena, struct span *out, size_t n)
{
	size_t i = 0;
	if (!scan_enter(j, SCAN_ARRAY))
		return false;
	while (scan_next_item(j)) {
		if (i < n)
			scan_take_text(j, arena, &out[i++]);
		else
			scan_skip(j);
	}
	return i == n && !j->error;
}

static size_t count_rows(struct span json)
{
	struct scan j;
	size_t n = 0;
	scan_init(&j, json);
	if (json.p && scan_enter(&j, SCAN_ARRAY))
		while (scan_next_item(&j) && scan_skip(&j))
			n++;
	return n;
}

void decode_params(struct span json, struct arena *arena, struct call *c)
{
	struct scan j;
	struct span row[3];
	uint64_t state;
	size_t n = 0, room = count_rows(json);
	c->params = NULL;
	c->n_params = 0;
	if (!room)
		return;
	struct param *p = arena_alloc(arena, room * sizeof *p);
	scan_init(&j, json);
	scan_enter(&j, SCAN_ARRAY);
	while (n < room && scan_next_item(&j) && take_row(&j, arena, row, 3)) {
		if (!span_to_u64(row[2], &state) || state > PARAM_PATTERN)
			break;
		p[n++] = (struct param){arena_span(arena, row[0]), arena_span(arena, row[1]),
		                        (enum param_state)state};
	}
	c->params = p;
	c->n_params = n;
}

void decode_resources(struct span json, struct arena *arena, struct call *c)
{
	struct scan j;
	struct span row[4];
	size_t n = 0, room = count_rows(json);
	c->resources = NULL;
	c->n_resources = 0;
	if (!room)
		return;
	struct event_resource *r = arena_alloc(arena, room * sizeof *r);
	scan_init(&j, json);
	scan_enter(&j, SCAN_ARRAY);
	while (n < room && scan_next_item(&j) && take_row(&j, arena, row, 4))
		r[n++] = (struct event_resource){.arn = arena_span(arena, row[0]),
		                                 .type = arena_span(arena, row[1]),
		                                 .account = arena_span(arena, row[2]),
		                                 .prefix = span_is(row[3], "1"),
		                                 .pattern = span_is(row[3], "2")};
	c->resources = r;
	c->n_resources = n;
}
