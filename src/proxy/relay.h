/* relay.h - proxy: bytes go on as they came; a request's go on once its head is known to be framed
 * in one way only, a response's likewise. One exchange is in flight at a time: what a client sends
 * ahead waits. */
#ifndef PROXY_RELAY_H
#define PROXY_RELAY_H

#include "proxy/conn.h"

/* Passes on what can be; PROGRESS_CLOSED when the flow is gone. */
enum progress relay_pump(struct flow *f);
/* Asks the loop for the events that pumping can go on with. */
void relay_want(struct flow *f);

#endif
