/* request.h - proxy: the heads of requests: who asks, for which host, in which form; begins the
 * exchange (RFC 9110 9.3.6 CONNECT, RFC 9112 3.2 the forms of a target). */
#ifndef PROXY_REQUEST_H
#define PROXY_REQUEST_H

#include "proxy/conn.h"

/* Whether head may use this proxy; if not it was answered. */
bool request_authorized(struct conn *f, const struct http_head *head);
/* Sets f's host, port and is_api by a CONNECT's or URL's authority; false if that is none to
 * connect to. */
bool request_set_target(struct conn *f, struct span authority, unsigned default_port);
/* head is at the front of to_server, behind TLS, in absolute form or of an endpoint: checks it,
 * makes it ready to be sent on, connects where that is not done, begins the exchange. Else it was
 * answered, or f closed. */
void request_take(struct conn *f, const struct http_head *head);

#endif
