/* observe.h - proxy: one call as it passes: keeps of request and response only what is needed to
 * name it (a few fields, and bodies up to a bound), and turns that into a captured call when it is
 * over. Changes nothing, does no I/O. */
#ifndef PROXY_OBSERVE_H
#define PROXY_OBSERVE_H

#include "capture/capture.h"
#include "recognise/hosts.h"
#include "proxy/http.h"
#include "mapping/mapping.h"

/* How much of a body is looked at, as it comes and again after decoding: enough for a DeleteObjects
 * of 1,000 keys or a large template. What lies behind is told by params_cut. */
#define LIMIT_LOOK_REQUEST ((size_t)256 << 10)
/* Errors and STS responses stay far below. */
#define LIMIT_LOOK_RESPONSE ((size_t)64 << 10)

struct recogniser;

struct observed;

/* r is borrowed until observe_free. head is copied as far as needed. time_ms since 1970 UTC. */
struct observed *observe_request(const struct recogniser *r, const struct http_head *head,
                                 struct span host, int64_t time_ms);
void observe_request_data(struct observed *o, struct span data);
void observe_response(struct observed *o, const struct http_head *head);
void observe_response_data(struct observed *o, struct span data);

/* What it was. Spans live until observe_free. Identities: *ids and *n_ids (0 or 1) of STS
 * responses. */
void observe_finish(struct observed *o, struct captured_call *call,
                    const struct captured_identity **ids, size_t *n_ids);
void observe_free(struct observed *o);

#endif
