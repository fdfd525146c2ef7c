/* capture-line.c - capture: see capture-line.h. */
#include "config.h"

#include "capture/capture-line.h"

#include "base/alloc.h"
#include "base/json-writer.h"
#include "base/limits.h"
#include "base/vec.h"
#include "base/when.h"
#include "mapping/members.h"

#include <sodium/utils.h>
#include <stdlib.h>

static void add_time(struct json_writer *w, int64_t ms)
{
	char text[WHEN_SIZE];
	when_format(ms / 1000, text);
	json_key(w, "time");
	json_put_textf(w, "%.19s.%03dZ", text, (int)(ms % 1000));
}

enum part_kind { PART_PLAIN, PART_LIST, PART_KEYS };

struct part {             /* of a member's path, up to the next '.' */
	struct span name; /* without its "[]", "[2]" or "{}" */
	enum part_kind kind;
	struct span mark; /* "[2]" */
};

static struct part next_part(struct span *path)
{
	struct part p = {.name = span_cut(path, '.')};
	size_t mark = mapping_list_mark(p.name);
	p.kind = mark ? PART_LIST : span_ends(p.name, SPAN_LIT("{}")) ? PART_KEYS : PART_PLAIN;
	mark = p.kind == PART_KEYS ? 2 : mark;
	p.mark = span_from(p.name, p.name.n - mark);
	p.name.n -= mark;
	return p;
}

static int by_path(const void *a, const void *b)
{
	const struct param *x = a, *y = b;
	int r = span_cmp(x->path, y->path);
	return r ? r : span_cmp(x->value, y->value);
}

static void add_value(struct json_writer *w, const struct param *p)
{
	if (p->state == PARAM_VALUE)
		json_put_text(w, p->value);
	else if (p->state == PARAM_HIDDEN)
		json_put_str(w, "HIDDEN_DUE_TO_SECURITY_REASONS");
	else if (p->value.p)
		json_put_raw(w, p->value);
	else
		json_put_str(w, "...");
}

static void add_object(struct json_writer *w, const struct param *p, size_t n, size_t skip);

static bool is_in_element(const struct param *p, struct span element)
{
	return p->path.n > element.n && span_starts(p->path, element) &&
	       p->path.p[element.n] == '.';
}

/* The elements of a list whose name ends at the paths' first name bytes: what has one number is
 * one. */
static void add_list(struct json_writer *w, const struct param *p, size_t n, size_t name)
{
	json_begin_array(w);
	for (size_t i = 0, next; i < n; i = next) {
		struct span rest = span_from(p[i].path, name), mark = span_cut(&rest, '.');
		next = i + 1;
		if (!rest.p) {
			if (i + 1 == n || !is_in_element(&p[i + 1], p[i].path))
				add_value(w, &p[i]);
			continue;
		}
		while (mark.n > 2 && next < n &&
		       is_in_element(&p[next], span_make(p[i].path.p, name + mark.n)))
			next++;
		add_object(w, &p[i], next - i, name + mark.n + 1);
	}
	json_end_array(w);
}

/* Names that are resources themselves. */
static void add_keys(struct json_writer *w, const struct param *p, size_t n)
{
	json_begin_object(w);
	for (size_t i = 0; i < n; i++) {
		json_key_span(w, p[i].value);
		json_begin_object(w);
		json_end_object(w);
	}
	json_end_object(w);
}

/* What stands behind a member's name, which ends at the paths' first end bytes: p[0..n) share it.
 */
static void add_members(struct json_writer *w, const struct param *p, size_t n, size_t end,
                        enum part_kind kind)
{
	if (kind == PART_LIST)
		add_list(w, p, n, end);
	else if (kind == PART_KEYS)
		add_keys(w, p, n);
	else if (end >= p[0].path.n)
		add_value(w, &p[0]);
	else
		add_object(w, p, n, end + 1);
}

/* An object of p[0..n), sorted, whose paths agree in their first skip bytes. Depth is bounded by
 * the length of a path. */
static void add_object(struct json_writer *w, const struct param *p, size_t n, size_t skip)
{
	json_begin_object(w);
	for (size_t i = 0, next; i < n; i = next) {
		struct span rest = span_from(p[i].path, skip);
		struct part part = next_part(&rest);
		for (next = i + 1; next < n; next++) {
			rest = span_from(p[next].path, skip);
			struct part other = next_part(&rest);
			if (!span_eq(part.name, other.name) || part.kind != other.kind)
				break;
		}
		json_key_span(w, part.name);
		add_members(w, p + i, next - i, skip + part.name.n, part.kind);
	}
	json_end_object(w);
}

/* The path with the numbers of those elements only that are looked at one by one; *element is its
 * part up to the last number that stays, SPAN_NONE if none does. */
static struct span numbered_path(const struct capture_filter *f, struct span source,
                                 struct span path, struct span *element)
{
	struct buf b;
	size_t end = 0;
	buf_init(&b, LIMIT_PARAM_VALUE);
	for (struct span rest = path; rest.p;) {
		struct span part = span_cut(&rest, '.');
		size_t mark = mapping_list_mark(part);
		struct span name = span_make(path.p, (size_t)(part.p - path.p) + part.n - mark);
		if (b.n)
			buf_add_char(&b, '.');
		buf_add(&b, part.p, part.n - mark);
		if (mark && mapping_keeps_elements(f->mapping, source, name)) {
			buf_add(&b, part.p + part.n - mark, mark);
			end = b.n;
		} else if (mark) {
			buf_add_str(&b, "[]");
		}
	}
	struct span out = arena_span(f->arena, buf_span(&b));
	*element = end ? span_make(out.p, end) : SPAN_NONE;
	buf_release(&b);
	return out;
}

static void add_params(const struct capture_filter *f, const struct captured_call *call,
                       struct json_writer *w)
{
	struct param *pass = xcalloc(2 * call->n_params + 1, sizeof *pass);
	size_t n = 0;
	for (size_t i = 0; i < call->n_params; i++) {
		struct param p = call->params[i];
		struct span element;
		p.path = numbered_path(f, call->source, p.path, &element);
		if (allow_param(f, call->source, &p, &pass[n]))
			n++;
		/* that an element is there tells what it lacks, if nothing else of it is kept */
		else if (element.p && allow_element(f, call->source, element))
			pass[n++] = (struct param){element, SPAN_LIT("{}"), PARAM_PRESENT};
	}
	n = sort_unique(pass, n, sizeof *pass, by_path);
	size_t kept = n < LIMIT_PARAMS ? n : LIMIT_PARAMS;
	if (kept) {
		json_key(w, "params");
		add_object(w, pass, kept, 0);
	}
	if (call->params_cut || kept < n)
		json_member_bool(w, "params_cut", true);
	free(pass);
}

static void add_denial(struct json_writer *w, const struct denial *d)
{
	if (d->by == DENIAL_UNSTATED && !d->explicit_deny && span_empty(d->action) &&
	    span_empty(d->resource))
		return;
	json_key(w, "denial");
	json_begin_object(w);
	json_member_u64(w, "by", (uint64_t)d->by);
	json_member_bool(w, "explicit", d->explicit_deny);
	json_member_if(w, "action", d->action);
	json_member_if(w, "resource", d->resource);
	json_member_if(w, "policy", d->policy);
	json_end_object(w);
}

static void add_call(struct json_writer *w, const struct captured_call *call)
{
	json_member_str(w, "kind", "call");
	json_member_str(w, "seen", call->observer == OBSERVED_CSM ? "csm" : "proxy");
	add_time(w, call->time_ms);
	json_member_if(w, "source", call->source);
	json_member_if(w, "name", call->name);
	json_member_if(w, "service", call->service);
	json_member_if(w, "operation", call->operation);
	json_member_if(w, "region", call->region);
	json_member_if(w, "account", call->account);
	json_member_if(w, "access_key", call->access_key);
	json_member_if(w, "request_id", call->request_id);
	json_member_if(w, "agent", call->user_agent);
	json_member_u64(w, "status", call->status);
	json_member_if(w, "error", call->error_code);
	add_denial(w, &call->denial);
	json_member_if(w, "host", call->host);
	json_member_if(w, "method", call->method);
	json_member_if(w, "path", call->path_pattern);
	if (call->sender_gone)
		json_member_str(w, "sender", "gone");
}

static void begin_line(struct json_writer *w, struct buf *b)
{
	json_to_buf(w, b, LAYOUT_COMPACT);
	json_begin_object(w);
}

/* b is as long as before where the line does not fit. */
static bool end_line(struct json_writer *w, struct buf *b, size_t before)
{
	json_end_object(w);
	if (json_finish(w) && buf_add_char(b, '\n'))
		return true;
	b->n = before;
	return false;
}

void capture_line_header(struct buf *b, const char *mode, const unsigned char id[CAPTURE_ID_BYTES],
                         int64_t time_ms)
{
	struct json_writer w;
	char hex[2 * CAPTURE_ID_BYTES + 1];
	size_t before = b->n;
	begin_line(&w, b);
	json_member_str(&w, "kind", "capture");
	json_member_u64(&w, "format", CAPTURE_FORMAT);
	json_member_str(&w, "tool", "iamreplay " PACKAGE_VERSION);
	json_member_str(&w, "mode", mode);
	json_member_str(&w, "capture", sodium_bin2hex(hex, sizeof hex, id, CAPTURE_ID_BYTES));
	add_time(&w, time_ms);
	(void)end_line(&w, b, before);
}

void capture_line_call(struct buf *b, const struct capture_filter *f,
                       const struct captured_call *seen)
{
	struct captured_call allowed = *seen, *call = &allowed;
	struct json_writer w;
	size_t before = b->n;
	allow_call(call);
	call->user_agent = allow_agent(call->user_agent, f->agents);
	begin_line(&w, b);
	add_call(&w, call);
	add_params(f, call, &w);
	if (end_line(&w, b, before))
		return;
	b->full = false;
	begin_line(&w, b);
	add_call(&w, call);
	json_member_bool(&w, "params_cut", true);
	(void)end_line(&w, b, before);
}

void capture_line_identity(struct buf *b, const struct captured_identity *seen)
{
	struct captured_identity allowed = *seen, *id = &allowed;
	struct json_writer w;
	size_t before = b->n;
	allow_identity(id);
	if (!id->access_key.n || (!id->arn.n && !id->parent_key.n))
		return;
	begin_line(&w, b);
	json_member_str(&w, "kind", "identity");
	add_time(&w, id->time_ms);
	json_member_if(&w, "access_key", id->access_key);
	json_member_if(&w, "arn", id->arn);
	json_member_if(&w, "role", id->role_arn);
	json_member_if(&w, "account", id->account);
	json_member_if(&w, "parent_key", id->parent_key);
	(void)end_line(&w, b, before);
}
