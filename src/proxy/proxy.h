/* proxy.h - proxy: the HTTPS proxy and the plain HTTP endpoint: relays bytes as they are, and
 * writes down which calls they were. Everything that may happen while it runs is told through
 * events; nothing is printed. */
#ifndef PROXY_PROXY_H
#define PROXY_PROXY_H

#include "base/attributes.h"
#include "proxy/proxy-settings.h"

struct proxy;

/* Listens; what comes waits. settings and what it points to must live until proxy_free. NULL with
 * err when it can't: address in use (reason "in-use"), not permitted, no such CA file... */
struct proxy *proxy_open(const struct proxy_settings *settings, struct err *err);
/* Starts its threads (so that a process may fork in between). False with err if none could be
 * started. */
bool proxy_start(struct proxy *p, struct err *err) MUST_CHECK;
/* The port it listens on. */
unsigned proxy_port(const struct proxy *p);
/* No new connections; those without a call in flight end now, the others when it is done. Returns
 * at once; safe in a signal handler. A second call ends all now. */
void proxy_stop(struct proxy *p);
/* True if all threads have ended. */
bool proxy_done(struct proxy *p);
/* Waits until all threads have ended. */
void proxy_wait(struct proxy *p);
void proxy_counts(struct proxy *p, struct proxy_counts *counts);
void proxy_free(struct proxy *p);

#endif
