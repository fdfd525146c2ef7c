/* trace.c - proxy: see trace.h. */
#include "config.h"

#include "proxy/trace.h"

#include <inttypes.h>
#include <stdio.h>

static bool is_wanted(const struct conn *f)
{
	return f->worker->shared->settings->trace;
}

static void tell(const struct conn *f, const char *what)
{
	char line[512];
	snprintf(line, sizeof line, "#%d %s", f->fd, what);
	event_queue_tell(&f->worker->shared->events, PROXY_EVENT_TRACE, f->host[0] ? f->host : NULL,
	                 line, NULL);
}

void trace_step(const struct conn *f, const char *what)
{
	if (is_wanted(f))
		tell(f, what);
}

void trace_message(const struct conn *f, unsigned status, const struct http_body *body)
{
	char line[128], size[64] = "";
	if (!is_wanted(f))
		return;
	switch (body->framing) {
	case HTTP_NO_BODY: snprintf(size, sizeof size, "no body"); break;
	case HTTP_LENGTH: snprintf(size, sizeof size, "%" PRIu64 " bytes", body->left); break;
	case HTTP_CHUNKED: snprintf(size, sizeof size, "chunked"); break;
	case HTTP_UNTIL_CLOSE: snprintf(size, sizeof size, "up to the end"); break;
	case HTTP_TUNNEL: snprintf(size, sizeof size, "a tunnel from here on"); break;
	}
	if (status)
		snprintf(line, sizeof line, "answer %u, %s", status, size);
	else
		snprintf(line, sizeof line, "request, %s", size);
	tell(f, line);
}

void trace_tls(const struct conn *f)
{
	char line[192], names[128];
	if (!is_wanted(f))
		return;
	snprintf(line, sizeof line, "the client speaks %s", tls_names(f->ssl, names, sizeof names));
	tell(f, line);
}

void trace_upstream(const struct conn *f)
{
	char line[300];
	if (!is_wanted(f))
		return;
	snprintf(line, sizeof line, "upstream: %s", f->up_failure ? f->up_error : "connected");
	tell(f, line);
}
