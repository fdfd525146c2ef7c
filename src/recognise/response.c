/* response.c - recognise: see response.h. Forms: Smithy's AWS protocols, "Operation error
 * serialization"; S3 error responses. */
#include "config.h"

#include "recognise/response.h"

#include "call/error-code.h"

#include <stdio.h>

static void of_xml(struct span body, struct arena *arena, struct response_facts *out)
{
	/* Only inside an error: a listing may well have elements called Code. */
	struct xml_text t[] = {{"Error", "Code", SPAN_NONE},
	                       {"Error", "Message", SPAN_NONE},
	                       {NULL, "RequestId", SPAN_NONE},
	                       {NULL, "RequestID", SPAN_NONE},
	                       {NULL, "requestId", SPAN_NONE}};
	/* Listings are long, most have their request id in the head, and few an error. */
	if (out->request_id.n && span_find(body, SPAN_LIT("Error")) < 0)
		return;
	wire_xml_texts(body, arena, t, sizeof t / sizeof t[0]);
	out->error_code = t[0].text;
	out->message = t[1].text;
	for (size_t i = 2; i < sizeof t / sizeof t[0] && !out->request_id.n; i++)
		out->request_id = t[i].text;
}

static void of_members(const struct wire *w, struct response_facts *out)
{
	struct span code = wire_find(w, "__type");
	out->error_code = code.n ? code : wire_find(w, "code");
	struct span message = wire_find(w, "message");
	out->message = message.n ? message : wire_find(w, "errorMessage");
}

static bool is_cbor(const struct response_head *h)
{
	return span_starts_ci(h->content_type, SPAN_LIT("application/cbor"));
}

/* "AccessDenied;Sender" of x-amzn-query-error is what a client of the old protocol would see;
 * CloudTrail shows the other one. */
static void of_head(const struct response_head *h, struct response_facts *out)
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

void response_read(const struct response_head *h, struct span body, struct arena *arena,
                   struct response_facts *out)
{
	struct wire w;
	*out = (struct response_facts){.request_id = h->request_id};
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
	out->error_code = error_code_plain(out->error_code);
	if (!is_code(out->error_code))
		out->error_code = code_of_status(h->status, arena);
}
