/* fuzz_live.c - fuzz: what a client may send to the proxy: whoever looks at it stays inside it. How
 * it is framed is fuzz_framing's. */
#include "fuzz.h"

#include "tls/client-hello.h"
#include "proxy/observe.h"
#include "recognise/recognise.h"

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
	observe(data, n);
	return 0;
}
