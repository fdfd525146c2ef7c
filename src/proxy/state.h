/* state.h - proxy: leads a flow from accept to the point where bytes are relayed: the proxy request,
 * the first words of the client behind CONNECT, TLS with it, the way to the upstream; and to its
 * end. */
#ifndef PROXY_STATE_H
#define PROXY_STATE_H

#include "proxy/conn.h"

/* A client was accepted. */
void stage_begin(struct worker *w, int fd);
/* Goes on with whatever can be done. */
void stage_advance(struct flow *f);
/* Its timer has run out. */
void stage_timed_out(struct flow *f);
/* A stop was asked for: ends it unless a call is in flight. */
void stage_stop(struct flow *f);

#endif
