/* fuzz_live.c - fuzz: what a client may send to the proxy. A message is framed alike whether it
 * comes whole or byte by byte, and whoever looks at it stays inside it. */
#include "fuzz.h"

#include "live/hello.h"
#include "live/observe.h"
#include "live/recognise.h"

#include <stdlib.h>

static void must(int fine)
{
	if (!fine)
		abort();
}

struct framing {
	enum http_result head, body;
	size_t head_bytes, body_bytes, content;
};

/* Reads the message at p in pieces of step bytes, each in a block of its own size. */
static struct framing frame(const uint8_t *data, size_t n, size_t step)
{
	static struct http_head h;
	struct framing f = {HTTP_MORE, HTTP_MORE, 0, 0, 0};
	const char *reason;
	size_t scanned = 0, have = 0;
	while (f.head == HTTP_MORE && have < n) {
		have = n - have < step ? n : have + step;
		char *part = malloc(have);
		memcpy(part, data, have);
		f.head = http_request_head(part, have, &scanned, &h, &reason);
		f.head_bytes = h.size;
		free(part);
	}
	if (f.head != HTTP_DONE)
		return f;
	struct http_body b;
	http_body_of_request(&b, &h);
	size_t at = f.head_bytes;
	for (;;) {
		size_t k = n - at < step ? n - at : step, used;
		struct span got;
		char *part = malloc(k + 1);
		memcpy(part, data + at, k);
		f.body = http_body_feed(&b, part, k, &used, &got);
		must(used <= k && got.n <= used);
		f.content += got.n;
		f.body_bytes += used;
		at += used;
		free(part);
		if (f.body != HTTP_MORE || used == 0)
			return f;
	}
}

static void observe(const uint8_t *data, size_t n)
{
	static struct host_rules rules;
	static struct recogniser *r;
	static struct http_head h;
	const char *reason;
	size_t scanned = 0;
	if (!r) {
		r = recogniser_new(mapping_builtin(), &rules, false);
		rules = (struct host_rules){.endpoint = recogniser_endpoint, .data = r};
	}
	if (http_request_head((const char *)data, n, &scanned, &h, &reason) != HTTP_DONE)
		return;
	struct captured_call call;
	const struct captured_identity *ids;
	size_t n_ids, at = h.size;
	struct observed *o = observe_request(r, &h, h.host, 0);
	observe_request_data(o, span_make((const char *)data + at, n - at));
	h.status = 400;
	observe_response(o, &h);
	observe_response_data(o, span_make((const char *)data + at, n - at));
	observe_finish(o, &call, &ids, &n_ids);
	observe_free(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct hello hello;
	if (n == 0 || n > 20000)
		return 0;
	hello_parse(data, n, &hello);
	struct framing whole = frame(data, n, n), cut = frame(data, n, 1);
	must(whole.head == cut.head);
	if (whole.head == HTTP_DONE) {
		must(whole.head_bytes == cut.head_bytes);
		must(whole.body == cut.body);
		if (whole.body == HTTP_DONE)
			must(whole.body_bytes == cut.body_bytes && whole.content == cut.content);
	}
	observe(data, n);
	return 0;
}
