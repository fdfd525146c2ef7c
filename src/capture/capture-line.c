/* capture-line.c - capture: see capture-line.h. */
#include "config.h"

#include "capture/capture-line.h"

#include "base/alloc.h"
#include "base/json-writer.h"
#include "base/limits.h"
#include "base/vec.h"
#include "base/when.h"

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

/* A member name's part up to the next '.', without its "[]" or "{}". */
static struct span next_part(struct span *path, enum part_kind *kind)
{
	struct span part = span_cut(path, '.');
	*kind = span_ends(part, SPAN_LIT("[]"))   ? PART_LIST
	        : span_ends(part, SPAN_LIT("{}")) ? PART_KEYS
	                                          : PART_PLAIN;
	if (*kind != PART_PLAIN)
		part.n -= 2;
	return part;
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

static void add_list(struct json_writer *w, const struct param *p, size_t n, size_t rest)
{
	json_begin_array(w);
	for (size_t i = 0; i < n; i++) {
		if (rest >= p[i].path.n)
			add_value(w, &p[i]);
		else
			add_object(w, &p[i], 1, rest);
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

/* What stands behind a member's name: p[0..n) share it, rest is where their paths go on. */
static void add_members(struct json_writer *w, const struct param *p, size_t n, size_t rest,
                        enum part_kind kind)
{
	if (kind == PART_LIST)
		add_list(w, p, n, rest);
	else if (kind == PART_KEYS)
		add_keys(w, p, n);
	else if (rest >= p[0].path.n)
		add_value(w, &p[0]);
	else
		add_object(w, p, n, rest);
}

/* An object of p[0..n), sorted, whose paths agree in their first skip bytes. Depth is bounded by
 * the length of a path. */
static void add_object(struct json_writer *w, const struct param *p, size_t n, size_t skip)
{
	json_begin_object(w);
	for (size_t i = 0, next; i < n; i = next) {
		struct span rest = span_from(p[i].path, skip);
		enum part_kind kind;
		struct span part = next_part(&rest, &kind);
		size_t part_bytes = part.n + (kind == PART_PLAIN ? 0 : 2);
		for (next = i + 1; next < n; next++) {
			struct span other = span_from(p[next].path, skip);
			enum part_kind other_kind;
			struct span other_part = next_part(&other, &other_kind);
			if (!span_eq(part, other_part) || kind != other_kind)
				break;
		}
		json_key_span(w, part);
		size_t at = skip + part_bytes + (rest.p ? 1 : 0);
		add_members(w, p + i, next - i, at, kind);
	}
	json_end_object(w);
}

static void add_params(const struct capture_filter *f, const struct captured_call *call,
                       struct json_writer *w)
{
	struct param *pass = xcalloc(call->n_params + 1, sizeof *pass);
	size_t n = 0;
	for (size_t i = 0; i < call->n_params; i++)
		if (allow_param(f, call->source, &call->params[i], &pass[n]))
			n++;
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
