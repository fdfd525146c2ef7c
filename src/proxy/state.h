/* state.h - proxy: the connection state machine: CONNECT or a request in absolute form,
 * ClientHello, handshake, HTTP or blind tunnel, close. */
#ifndef PROXY_STATE_H
#define PROXY_STATE_H

#include "proxy/conn.h"

/* A client was accepted. */
void state_begin(struct worker *w, int fd);
/* Goes on with whatever can be done. */
void state_advance(struct conn *f);
/* Its timer has run out. */
void state_timed_out(struct conn *f);
/* A stop was asked for: ends it unless a call is in flight. */
void state_stop(struct conn *f);

#endif
