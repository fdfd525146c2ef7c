/* proxy-session.h - app: a proxy with everything it needs, made from what a user asks for: for
 * "capture proxy", "capture endpoint" and "record". */
#ifndef APP_PROXY_SESSION_H
#define APP_PROXY_SESSION_H

#include "app/remarks.h"
#include "base/text-list.h"
#include "capture/capture.h"
#include "proxy/proxy.h"

/* What is asked for. Texts are borrowed; NULL where not given. */
struct proxy_request {
	bool endpoint;            /* plain HTTP for "to", else an HTTPS proxy */
	const char *listen;       /* "HOST:PORT", 127.0.0.1:10080 (endpoint 127.0.0.1:4567) where
	                             it is NULL; port 0 is any free one */
	const char *to;           /* endpoint: URL of where the calls go */
	const char *upstream;     /* URL that all calls to AWS hosts are sent to */
	const char *upstream_ca;  /* file of further certificates to trust there */
	const char *allow_remote; /* file of the token that clients of other machines send */
	bool allow_others;        /* clients of other users of this machine, too */
	const char *ca_dir, *ca_cert, *ca_key;
	struct text_list connect_to; /* "HOST:PORT:TO:PORT" */
	struct text_list also;       /* "HOST=SERVICE" */
	bool verbose;                /* for whoever takes the notes: what happens is asked for */
	bool trace;                  /* notes of every step of every connection, too */
};

struct proxy_session;

/* What the proxy's threads tell, one at a time. */
typedef void (*proxy_session_event_fn)(void *data, const struct proxy_event *note);

/* Makes or loads the CA and listens; no thread is started yet. request, capture and data are
 * borrowed until proxy_session_free; what was made and what is not taken is added to remarks.
 * STATUS_OK and *out; STATUS_SKIP: what request asks for is not possible, err tells; STATUS_STOP:
 * it could not be done (reason "in-use": the port is another's). */
enum status proxy_session_open(const struct proxy_request *request, struct capture *capture,
                               proxy_session_event_fn note, void *data, struct proxy_session **out,
                               struct remarks *remarks, struct err *err);
/* Starts its threads. False with err. */
bool proxy_session_start(struct proxy_session *s, struct err *err);

const char *proxy_session_host(const struct proxy_session *s);
unsigned proxy_session_port(const struct proxy_session *s);
/* The file of the CA that clients have to trust, NULL with endpoint. Lives with s. */
const char *proxy_session_ca_file(const struct proxy_session *s);

/* Stops taking connections and finishes calls in flight, up to 30 seconds; a second call ends them.
 * Returns at once. */
void proxy_session_stop(struct proxy_session *s);
/* True once all threads have ended. Never waits. */
bool proxy_session_done(struct proxy_session *s);
/* Waits for its end after proxy_session_stop. */
void proxy_session_wait(struct proxy_session *s);

/* What went wrong in one way: how often, and the first of them. */
struct proxy_failures {
	uint64_t n;
	char first[700];
};

/* After proxy_session_wait; lives with the session. */
struct proxy_summary {
	struct proxy_counts counts;
	bool endpoint;
	const struct proxy_failures *refused, *failed, *untrusted;
	/* Hosts whose connections were tunnelled without inspection; the first of them only if cut.
	 */
	char *const *tunnelled;
	size_t n_tunnelled;
	bool cut;
	const char *local; /* one of them on a loopback address, or NULL */
};
void proxy_session_summary(const struct proxy_session *s, struct proxy_summary *out);

/* NULL is fine. */
void proxy_session_free(struct proxy_session *s);

#endif
