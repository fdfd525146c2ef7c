/* proxy-bypass.h - app: why nothing was recorded of a command: its calls went past the proxy. */
#ifndef APP_PROXY_BYPASS_H
#define APP_PROXY_BYPASS_H

#include "app/environment.h"
#include "app/remarks.h"

/* Adds what in a command's environment leads its calls past the proxy. */
void proxy_bypasses(const struct environment *e, struct remarks *r);

#endif
