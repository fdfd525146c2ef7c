/* capture-line.c - capture: see capture-line.h. */
#include "config.h"

#include "capture/capture-line.h"

#include "base/alloc.h"
#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

static void add_value(struct buf *b, const struct param *p)
{
	if (p->state == PARAM_VALUE)
		buf_add_json(b, p->value);
	else if (p->state == PARAM_HIDDEN)
		buf_add_str(b, "\"HIDDEN_DUE_TO_SECURITY_REASONS\"");
	else if (p->value.p)
		buf_add_span(b, p->value);
	else
		buf_add_str(b, "\"...\"");
}

static void add_object(struct buf *b, const struct param *p, size_t n, size_t skip);

static void add_list(struct buf *b, const struct param *p, size_t n, size_t rest)
{
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

/* Names that are resources themselves. */
static void add_keys(struct buf *b, const struct param *p, size_t n)
{
	buf_add_char(b, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(b, ',');
		buf_add_json(b, p[i].value);
		buf_add_str(b, ":{}");
	}
	buf_add_char(b, '}');
}

/* What stands behind a member's name: p[0..n) share it, rest is where their paths go on. */
static void add_members(struct buf *b, const struct param *p, size_t n, size_t rest,
                        enum part_kind kind)
{
	if (kind == PART_LIST)
		add_list(b, p, n, rest);
	else if (kind == PART_KEYS)
		add_keys(b, p, n);
	else if (rest >= p[0].path.n)
		add_value(b, &p[0]);
	else
		add_object(b, p, n, rest);
}

/* An object of p[0..n), sorted, whose paths agree in their first skip bytes. Depth is bounded by
 * the length of a path. */
static void add_object(struct buf *b, const struct param *p, size_t n, size_t skip)
{
	buf_add_char(b, '{');
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
		if (i)
			buf_add_char(b, ',');
		buf_add_json(b, part);
		buf_add_char(b, ':');
		size_t at = skip + part_bytes + (rest.p ? 1 : 0);
		add_members(b, p + i, next - i, at, kind);
	}
	buf_add_char(b, '}');
}

static void add_params(const struct capture_filter *f, const struct captured_call *call,
                       struct buf *b)
{
	struct param *pass = xcalloc(call->n_params + 1, sizeof *pass);
	size_t n = 0;
	for (size_t i = 0; i < call->n_params; i++)
		if (allow_param(f, call->source, &call->params[i], &pass[n]))
			n++;
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

static void add_call(const struct captured_call *call, struct buf *b)
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

void capture_line_header(struct buf *b, const char *mode, const unsigned char id[CAPTURE_ID_BYTES],
                         int64_t time_ms)
{
	buf_addf(b, "{\"kind\":\"capture\",\"format\":%d,\"tool\":\"iamreplay %s\",\"mode\":\"%s\"",
	         CAPTURE_FORMAT, PACKAGE_VERSION, mode);
	buf_add_str(b, ",\"capture\":\"");
	for (size_t i = 0; i < CAPTURE_ID_BYTES; i++)
		buf_addf(b, "%02x", id[i]);
	buf_add_str(b, "\",");
	add_time(b, "time", time_ms);
	buf_add_str(b, "}\n");
}

void capture_line_call(struct buf *b, const struct capture_filter *f,
                       const struct captured_call *seen)
{
	struct captured_call allowed = *seen, *call = &allowed;
	size_t before = b->n;
	allow_call(call);
	call->user_agent = allow_agent(call->user_agent, f->agents);
	add_call(call, b);
	add_params(f, call, b);
	buf_add_str(b, "}\n");
	if (!b->full)
		return;
	b->n = before;
	b->full = false;
	add_call(call, b);
	buf_add_str(b, ",\"params_cut\":true}\n");
}

void capture_line_identity(struct buf *b, const struct captured_identity *seen)
{
	struct captured_identity allowed = *seen, *id = &allowed;
	allow_identity(id);
	buf_add_str(b, "{\"kind\":\"identity\",");
	add_time(b, "time", id->time_ms);
	add_member(b, "access_key", id->access_key);
	add_member(b, "arn", id->arn);
	add_member(b, "role", id->role_arn);
	add_member(b, "account", id->account);
	add_member(b, "parent_key", id->parent_key);
	buf_add_str(b, "}\n");
}
