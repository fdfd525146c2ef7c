/* relay.h - proxy: relays bytes unchanged once framing is unambiguous: a request's when its head is
 * known to be framed in one way only, a response's likewise. One exchange is in flight at a time;
 * what a client sends ahead waits. */
#ifndef PROXY_RELAY_H
#define PROXY_RELAY_H

#include "proxy/conn.h"

/* Passes on what can be; PROGRESS_CLOSED when the connection is gone. */
enum progress relay_pump(struct conn *f);
/* Asks the loop for the events that pumping can go on with. */
void relay_want(struct conn *f);

#endif
