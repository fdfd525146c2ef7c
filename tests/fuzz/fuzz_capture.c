/* fuzz_capture.c - fuzz: from what client and server say of a call to the line of the capture file,
 * and back. Before the first line "=====" stands the request, behind it the response. The line is
 * one line of sound JSON that reads back as the same call, and no secret header of the request is
 * in it. */
#include "fuzz.h"

#include "capture/capture-line.h"
#include "events/captured.h"
#include "proxy/observe.h"
#include "recognise/recognise.h"
#include "records/scan.h"

#include <stdlib.h>

enum { MOST_INPUT = 64 << 10 };

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool same(struct span written, struct span read)
{
	return written.n == 0 || span_eq(written, read);
}

/* How often a text stands in another. */
static size_t times_in(struct span text, struct span in)
{
	size_t n = 0;
	for (ptrdiff_t at; (at = span_find(in, text)) >= 0; n++)
		in = span_from(in, (size_t)at + 1);
	return n;
}

/* The one line of b is JSON, and the decoder of captures takes it. */
static void read_back(struct captured_state *state, const struct buf *b, uint64_t number,
                      enum captured_kind kind, struct event *event, struct arena *arena)
{
	struct span line = buf_span(b);
	enum captured_kind is;
	struct scan j;
	struct err err;
	must(line.n > 1 && line.p[line.n - 1] == '\n');
	line.n--;
	must(span_chr(line, '\n') < 0 && span_utf8(line));
	scan_init(&j, line);
	must(scan_skip(&j) && scan_end(&j));
	err_clear(&err);
	must(captured_parse(state, line, number, arena, &is, event, &err) == STATUS_OK);
	must(is == kind);
}

static void keeps_secrets(const struct http_head *head, struct span all, struct span line)
{
	static const char *const secret[] = {"x-amz-security-token", "cookie", "authorization",
	                                     "x-amz-server-side-encryption-customer-key"};
	for (size_t i = 0; i < head->n_fields; i++)
		for (size_t k = 0; k < sizeof secret / sizeof *secret; k++) {
			const struct http_field *f = &head->fields[i];
			/* what stands elsewhere, too, is no secret of this header's */
			if (span_eq_ci(f->name, span_of(secret[k])) && f->value.n >= 24 &&
			    times_in(f->value, all) == 1)
				must(times_in(f->value, line) == 0);
		}
}

static void write_and_read(const struct captured_call *call, const struct captured_identity *ids,
                           size_t n_ids, const struct http_head *head, struct span all)
{
	static const unsigned char id[CAPTURE_ID_BYTES] = {1};
	struct captured_state state = {.header = 0};
	struct event event;
	struct arena arena;
	struct buf line;
	struct capture_filter filter = {.mapping = mapping_builtin(), .arena = &arena};
	struct captured_call allowed = *call;
	arena_init(&arena);
	buf_init(&line, (size_t)32 << 20);
	capture_line_header(&line, "proxy", id, call->time_ms);
	read_back(&state, &line, 1, CAPTURED_HEADER, &event, &arena);
	buf_reset(&line);
	capture_line_call(&line, &filter, call);
	read_back(&state, &line, 2, CAPTURED_CALL, &event, &arena);
	allow_call(&allowed);
	must(same(allowed.source, event.source) && same(allowed.name, event.name));
	must(same(allowed.region, event.region) && same(allowed.error_code, event.error_code));
	must(same(allowed.access_key, event.identity.access_key));
	keeps_secrets(head, all, buf_span(&line));
	for (size_t i = 0; i < n_ids; i++) {
		buf_reset(&line);
		capture_line_identity(&line, &ids[i]);
		if (line.n)
			read_back(&state, &line, 3, CAPTURED_IDENTITY, &event, &arena);
		keeps_secrets(head, all, buf_span(&line));
	}
	buf_release(&line);
	arena_release(&arena);
}

/* As the proxy has seen to it before it observes anything. */
static bool is_host(struct span host)
{
	for (size_t i = 0; i < host.n; i++)
		if (!ascii_digit(host.p[i]) && host.p[i] != '.' && host.p[i] != '-' &&
		    !(host.p[i] >= 'a' && host.p[i] <= 'z'))
			return false;
	return host.n > 0 && host.n < 254;
}

/* Where the response begins, and in *request what stands before it. */
static struct span cut(struct span all, struct span *request)
{
	static const char border[] = "\n=====\n";
	ptrdiff_t at = span_find(all, span_of(border));
	*request = at >= 0 ? span_sub(all, 0, (size_t)at) : all;
	return at >= 0 ? span_from(all, (size_t)at + sizeof border - 1) : SPAN_LIT("");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct host_rules rules;
	static struct recogniser *r;
	static struct http_head head, answer;
	struct span request, all = span_make((const char *)data, n), response = cut(all, &request);
	struct captured_call call;
	const struct captured_identity *ids;
	const char *reason;
	size_t scanned = 0, n_ids;
	if (!r) {
		r = recogniser_new(mapping_builtin(), &rules, false);
		rules = (struct host_rules){.endpoint = recogniser_endpoint, .data = r};
	}
	if (n == 0 || n > MOST_INPUT ||
	    http_request_head(request.p, request.n, &scanned, &head, &reason) != HTTP_DONE ||
	    !is_host(head.host))
		return 0;
	struct observed *o = observe_request(r, &head, head.host, 1767225600000);
	observe_request_data(o, span_from(request, head.size));
	scanned = 0;
	if (response.n &&
	    http_response_head(response.p, response.n, &scanned, &answer, &reason) == HTTP_DONE) {
		observe_response(o, &answer);
		observe_response_data(o, span_from(response, answer.size));
	}
	observe_finish(o, &call, &ids, &n_ids);
	write_and_read(&call, ids, n_ids, &head, all);
	observe_free(o);
	return 0;
}
