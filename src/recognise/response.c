/* response.c - recognise: see answer.h. Forms: Smithy's AWS protocols, "Operation error serialization"; S3
 * error responses. */
#include "config.h"

#include "recognise/response.h"

#include "normalise/outcome.h"

#include <stdio.h>

static bool starts_tag(struct span rest, struct span name)
{
	if (!span_starts(rest, name) || rest.n == name.n)
		return false;
	char c = rest.p[name.n];
	return c == '>' || c == ' ' || c == '/';
}

struct span answer_element(struct span xml, const char *name)
{
	struct span want = span_of(name);
	while (xml.n) {
		ptrdiff_t at = span_chr(xml, '<');
		if (at < 0)
			break;
		xml = span_from(xml, (size_t)at + 1);
		if (!starts_tag(xml, want))
			continue;
		ptrdiff_t open = span_chr(xml, '>');
		if (open < 0)
			break;
		if (open > 0 && xml.p[open - 1] == '/')
			return span_make(xml.p, 0);
		struct span text = span_from(xml, (size_t)open + 1);
		ptrdiff_t end = span_chr(text, '<');
		return end < 0 ? SPAN_NONE : span_make(text.p, (size_t)end);
	}
	return SPAN_NONE;
}

static struct span plain_text(struct arena *arena, struct span raw)
{
	struct wire w;
	if (!raw.p || span_chr(raw, '&') < 0)
		return raw;
	/* The five entities, by the reader that knows them. */
	wire_init(&w, arena);
	wire_xml(&w, arena_printf(arena, "<m>%.*s</m>", (int)(raw.n < 8192 ? raw.n : 8192), raw.p));
	return w.n ? w.items[0].value : raw;
}

static void of_xml(struct span body, struct arena *arena, struct answer *out)
{
	/* Only inside an error: a listing may well have elements called Code. */
	ptrdiff_t error = span_find(body, SPAN_LIT("<Error>"));
	if (error < 0)
		error = span_find(body, SPAN_LIT("<Error "));
	if (error >= 0) {
		struct span inside = span_from(body, (size_t)error);
		out->error_code = answer_element(inside, "Code");
		out->message = plain_text(arena, answer_element(inside, "Message"));
	}
	if (!out->request_id.n) {
		static const char *const names[] = {"RequestId", "RequestID", "requestId"};
		for (size_t i = 0; i < 3 && !out->request_id.n; i++)
			out->request_id = answer_element(body, names[i]);
	}
}

static void of_members(const struct wire *w, struct answer *out)
{
	struct span code = wire_find(w, "__type");
	out->error_code = code.n ? code : wire_find(w, "code");
	struct span message = wire_find(w, "message");
	out->message = message.n ? message : wire_find(w, "errorMessage");
}

static bool is_cbor(const struct answer_head *h)
{
	return span_starts_ci(h->content_type, SPAN_LIT("application/cbor"));
}

/* "AccessDenied;Sender" of x-amzn-query-error is what a client of the old protocol would see;
 * CloudTrail shows the other one. */
static void of_head(const struct answer_head *h, struct answer *out)
{
	if (h->error_type.n)
		out->error_code = h->error_type;
	if (!out->error_code.n && h->query_error.n) {
		struct span rest = h->query_error;
		out->error_code = span_cut(&rest, ';');
	}
}

static struct span code_of_status(unsigned status, struct arena *arena)
{
	if (status == 401 || status == 403)
		return SPAN_LIT("AccessDenied");
	return arena_printf(arena, "HTTP%u", status);
}

static bool is_code(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alpha(s.p[i]) && !ascii_digit(s.p[i]) && !strchr("._-:#/", s.p[i]))
			return false;
	return s.n > 0 && s.n <= 256;
}

void answer_read(const struct answer_head *h, struct span body, struct arena *arena,
                 struct answer *out)
{
	struct wire w;
	*out = (struct answer){.request_id = h->request_id};
	body = span_trim(body);
	bool error = h->status >= 400;
	if (body.n && body.p[0] == '<') {
		of_xml(body, arena, out);
		/* S3 begins its answer before it knows: 200 with an error inside. */
		error = error || span_starts(body, SPAN_LIT("<Error>")) ||
		        (out->error_code.n &&
		         span_find(span_sub(body, 0, 100), SPAN_LIT("<Error>")) >= 0);
	} else if (error && body.n) {
		wire_init(&w, arena);
		if (is_cbor(h))
			wire_cbor(&w, body);
		else if (body.p[0] == '{')
			wire_json(&w, body);
		of_members(&w, out);
	}
	if (!error) {
		out->error_code = out->message = SPAN_NONE;
		return;
	}
	of_head(h, out);
	out->error_code = outcome_plain_code(out->error_code);
	if (!is_code(out->error_code))
		out->error_code = code_of_status(h->status, arena);
}
