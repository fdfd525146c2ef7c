/* feed-server.h - app: the end of the wire in the process that brings; see feed-process.h. */
#ifndef APP_FEED_SERVER_H
#define APP_FEED_SERVER_H

#include "app/feed-process.h"

struct feed_server {
	unsigned n; /* workers */
	int control, *workers;
};

/* Without sockets yet (-1), which the caller sets and feed_server_free closes. */
struct feed_server *feed_server_new(unsigned jobs);
void feed_server_free(struct feed_server *s);

#endif
