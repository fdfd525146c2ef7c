/* captured.c - events: see captured.h. */
#include "config.h"

#include "events/captured.h"

#include "base/alloc.h"
#include "base/when.h"
#include "events/decoder.h"
#include "records/scan.h"

#include <stdio.h>
#include <stdlib.h>

enum { FORMAT_KNOWN = 1 };

/* The members of all kinds of lines; spans as scan_take_text gives them. */
struct line {
	struct span kind, seen, time, source, name, service, operation, region, account, access_key;
	struct span request_id, agent, status, error, host, method, path, arn, role, parent_key;
	struct span capture, format;
	struct span by, action, resource, policy, is_explicit; /* of denial */
	struct span params;                                    /* raw */
	bool odd; /* a member was there twice, or not of its type */
};

static const struct {
	const char *name;
	size_t at;
} members[] =
        {
                {"kind", offsetof(struct line, kind)},
                {"seen", offsetof(struct line, seen)},
                {"time", offsetof(struct line, time)},
                {"source", offsetof(struct line, source)},
                {"name", offsetof(struct line, name)},
                {"service", offsetof(struct line, service)},
                {"operation", offsetof(struct line, operation)},
                {"region", offsetof(struct line, region)},
                {"account", offsetof(struct line, account)},
                {"access_key", offsetof(struct line, access_key)},
                {"request_id", offsetof(struct line, request_id)},
                {"agent", offsetof(struct line, agent)},
                {"status", offsetof(struct line, status)},
                {"error", offsetof(struct line, error)},
                {"host", offsetof(struct line, host)},
                {"method", offsetof(struct line, method)},
                {"path", offsetof(struct line, path)},
                {"arn", offsetof(struct line, arn)},
                {"role", offsetof(struct line, role)},
                {"parent_key", offsetof(struct line, parent_key)},
                {"capture", offsetof(struct line, capture)},
                {"format", offsetof(struct line, format)},
},
  denial_members[] = {
          {"by", offsetof(struct line, by)},
          {"explicit", offsetof(struct line, is_explicit)},
          {"action", offsetof(struct line, action)},
          {"resource", offsetof(struct line, resource)},
          {"policy", offsetof(struct line, policy)},
};

static struct span *member_at(struct line *l, size_t at)
{
	return (struct span *)(void *)((char *)l + at);
}

static void read_denial(struct scan *j, struct arena *arena, struct line *l)
{
	struct span key;
	if (!scan_enter(j, SCAN_OBJECT))
		return;
	while (scan_next_key(j, &key)) {
		struct span *to = NULL;
		for (size_t i = 0; i < sizeof denial_members / sizeof denial_members[0]; i++)
			if (span_is(key, denial_members[i].name))
				to = member_at(l, denial_members[i].at);
		if (to)
			scan_take_text(j, arena, to);
		else
			scan_skip(j);
	}
}

static void read_member(struct scan *j, struct span key, struct arena *arena, struct line *l)
{
	if (span_is(key, "params") && scan_peek(j) == SCAN_OBJECT) {
		scan_take_raw(j, &l->params);
		return;
	}
	if (span_is(key, "denial") && scan_peek(j) == SCAN_OBJECT) {
		read_denial(j, arena, l);
		return;
	}
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (span_is(key, members[i].name)) {
			struct span *to = member_at(l, members[i].at);
			enum scan_kind kind = scan_peek(j);
			l->odd = l->odd || to->p || kind == SCAN_OBJECT || kind == SCAN_ARRAY;
			scan_take_text(j, arena, to);
			return;
		}
	/* no name of a member has one, however it is spelled */
	l->odd = l->odd || span_chr(key, '\\') >= 0;
	scan_skip(j);
}

static enum status read_line(struct span text, struct arena *arena, struct line *l, struct err *err)
{
	struct scan j;
	struct span key;
	*l = (struct line){.kind = SPAN_NONE};
	scan_init(&j, text);
	if (scan_enter(&j, SCAN_OBJECT))
		while (scan_next_key(&j, &key))
			read_member(&j, key, arena, l);
	if (!scan_end(&j))
		return err_set(err, STATUS_SKIP, "bad-json", "%s", j.error ? j.error : "no JSON");
	/* an error that does not read as one would be a call that went through */
	if (l->odd)
		return err_set(err, STATUS_SKIP, "bad-capture",
		               "a member is there twice or of another type");
	return STATUS_OK;
}

static enum status begin_capture(struct captured_state *state, const struct line *l,
                                 uint64_t number, struct err *err)
{
	uint64_t format;
	state->id[0] = '\0';
	if (!span_to_u64(l->format, &format))
		return err_set(err, STATUS_SKIP, "newer-format",
		               "a capture's header without format");
	if (format > FORMAT_KNOWN)
		return err_set(err, STATUS_SKIP, "newer-format",
		               "capture format %.*s is newer than this program reads (%d)",
		               SPAN_ARG(span_sub(l->format, 0, 20)), FORMAT_KNOWN);
	if (l->capture.n == 0 || l->capture.n >= sizeof state->id)
		return err_set(err, STATUS_SKIP, "bad-capture",
		               "a capture's header without its id");
	memcpy(state->id, l->capture.p, l->capture.n);
	state->id[l->capture.n] = '\0';
	state->header = number;
	return STATUS_OK;
}

/* How AWS words it (troubleshoot access denied, IAM user guide): the message itself is not in the
 * capture, what it said is, and one parser reads it for every source. */
static const char *const denial_words[][2] = {
        /* in the order of enum denial_by, no allow and explicit deny */
        {NULL, NULL},
        {"identity-based policy", "an identity-based policy"},
        {"resource-based policy", "a resource-based policy"},
        {"session policy", "a session policy"},
        {"permissions boundary", "a permissions boundary"},
        {"service control policy", "a service control policy"},
        {"resource control policy", "a resource control policy"},
        {"VPC endpoint policy", "a VPC endpoint policy"},
        {"role trust policy", "a role trust policy"},
        {"other policy", "another policy"},
};

/* The last of enum denial_by: no policy refused. One of the texts that say so. */
enum { BY_SETTING = 10 };
#define SETTING_TEXT "IAM user access not activated"

static struct span denial_message(const struct line *l, struct arena *arena)
{
	uint64_t by = 0;
	if (!l->action.n && !l->by.n)
		return SPAN_NONE;
	(void)span_to_u64(l->by, &by);
	if (by == BY_SETTING)
		return SPAN_LIT(SETTING_TEXT);
	if (by >= sizeof denial_words / sizeof denial_words[0])
		by = 0;
	struct span action = l->action.n ? l->action : SPAN_LIT("unknown:Unknown");
	struct span said = arena_printf(arena, "User: unknown is not authorized to perform: %.*s",
	                                SPAN_ARG(action));
	if (l->resource.n)
		said = arena_printf(arena, "%.*s on resource: \"%.*s\"", SPAN_ARG(said),
		                    SPAN_ARG(l->resource));
	bool explicit_deny = span_is(l->is_explicit, "true");
	if (!denial_words[by][0])
		return explicit_deny
		               ? arena_printf(arena, "%.*s with an explicit deny", SPAN_ARG(said))
		               : said;
	if (explicit_deny)
		return arena_printf(arena, "%.*s with an explicit deny in %s%s%.*s", SPAN_ARG(said),
		                    denial_words[by][1], l->policy.n ? ": " : "",
		                    SPAN_ARG(l->policy));
	return arena_printf(arena, "%.*s because no %s allows the %.*s action", SPAN_ARG(said),
	                    denial_words[by][0], SPAN_ARG(action));
}

/* Calls that were not recognised keep their host, method and path pattern, so that they can be
 * shown. */
static void name_call(const struct line *l, struct arena *arena, struct event *e)
{
	e->source = l->source.n ? l->source : l->service.n ? l->service : l->host;
	e->name = l->name.n ? l->name : l->operation;
	if (!e->name.n && l->method.n)
		e->name = arena_printf(arena, "%.*s %.*s", SPAN_ARG(l->method), SPAN_ARG(l->path));
}

static enum status fill_call(const struct line *l, struct arena *arena, struct event *out,
                             struct err *err)
{
	uint64_t status = 0;
	struct event e = {.kind = EVENT_CALL};
	e.observer = span_is(l->seen, "csm") ? OBSERVED_CSM : OBSERVED_PROXY;
	if (!when_parse(l->time, &e.time))
		return err_set(err, STATUS_SKIP, "bad-time", "'time' is not a time");
	name_call(l, arena, &e);
	if (!e.source.n || !e.name.n)
		return err_set(err, STATUS_SKIP, "bad-capture", "a call that names nothing");
	(void)span_to_u64(l->status, &status);
	e.region = l->region;
	e.recipient = l->account;
	e.request_id = l->request_id;
	e.user_agent = l->agent;
	e.error_code = l->error;
	if (!e.error_code.n && status >= 400)
		e.error_code = l->status;
	if (status == 0 && !e.error_code.n)
		e.error_code = SPAN_LIT("NoResponse");
	e.error_message = denial_message(l, arena);
	e.identity.access_key = l->access_key;
	e.identity.present = l->access_key.n > 0;
	e.request = l->params;
	*out = e;
	return STATUS_OK;
}

static enum status fill_identity(const struct line *l, struct event *out, struct err *err)
{
	struct event e = {.kind = EVENT_IDENTITY, .observer = OBSERVED_PROXY};
	if (!when_parse(l->time, &e.time))
		return err_set(err, STATUS_SKIP, "bad-time", "'time' is not a time");
	if (!l->access_key.n || (!l->arn.n && !l->parent_key.n))
		return err_set(err, STATUS_SKIP, "bad-capture", "an identity without key or ARN");
	e.identity.present = true;
	e.identity.access_key = l->access_key;
	e.identity.arn = l->arn;
	e.identity.account = l->account;
	e.identity.issuer.arn = l->role;
	e.identity.parent_key = l->parent_key;
	e.identity.type =
	        span_find(l->arn, SPAN_LIT(":assumed-role/")) >= 0     ? SPAN_LIT("AssumedRole")
	        : span_find(l->arn, SPAN_LIT(":federated-user/")) >= 0 ? SPAN_LIT("FederatedUser")
	        : span_ends(l->arn, SPAN_LIT(":root"))                 ? SPAN_LIT("Root")
	                                                               : SPAN_LIT("IAMUser");
	*out = e;
	return STATUS_OK;
}

enum status captured_parse(struct captured_state *state, struct span text, uint64_t number,
                           struct arena *arena, enum captured_kind *kind, struct event *out,
                           struct err *err)
{
	struct line l;
	enum status s = read_line(text, arena, &l, err);
	if (s != STATUS_OK)
		return s;
	if (span_is(l.kind, "capture")) {
		*kind = CAPTURED_HEADER;
		return begin_capture(state, &l, number, err);
	}
	if (!state->id[0])
		return err_set(err, STATUS_SKIP, "no-header", "before any capture's header line");
	*kind = CAPTURED_OTHER;
	if (span_is(l.kind, "call")) {
		*kind = CAPTURED_CALL;
		s = fill_call(&l, arena, out, err);
	} else if (span_is(l.kind, "identity")) {
		*kind = CAPTURED_IDENTITY;
		s = fill_identity(&l, out, err);
	}
	if (s != STATUS_OK || *kind == CAPTURED_OTHER)
		return s;
	out->text = text;
	out->capture_id = span_of(state->id);
	out->capture_line = number - state->header;
	return STATUS_OK;
}

/* ---- as a decoder */

static void *begin(struct span source)
{
	return xcalloc(1, sizeof(struct captured_state));
}

static void end(void *state, const struct event_sink *sink)
{
	free(state);
}

static enum status decode(void *state, const struct record *rec, struct arena *arena,
                          const struct event_sink *sink, struct err *err)
{
	enum captured_kind kind;
	struct event e;
	enum status s = captured_parse(state, rec->text, rec->ordinal, arena, &kind, &e, err);
	if (s != STATUS_OK)
		return STATUS_SKIP;
	if (kind == CAPTURED_HEADER)
		sink->ignored(sink->data, "capture-header");
	else if (kind == CAPTURED_OTHER)
		sink->ignored(sink->data, "capture-other");
	else
		sink->event(sink->data, &e);
	return STATUS_OK;
}

const struct decoder decoder_capture = {
        .form = RECORD_CAPTURE, .begin = begin, .end = end, .decode = decode};
