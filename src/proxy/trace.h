/* trace.h - proxy: tells for --debug what happens on a connection: which way it goes, how its
 * messages are framed, how it ends. Each line is made of texts of our own, numbers, and the names
 * of hosts and ciphers: of a message nothing is in it, so that a trace may be shown to others. */
#ifndef PROXY_TRACE_H
#define PROXY_TRACE_H

#include "proxy/conn.h"

/* what is a text of our own. */
void trace_step(const struct conn *f, const char *what);
/* A message's head was read; status 0: of a request. */
void trace_message(const struct conn *f, unsigned status, const struct http_body *body);
/* The handshake with the client is done. */
void trace_tls(const struct conn *f);
/* The upstream was reached, or was not. */
void trace_upstream(const struct conn *f);

#endif
