/* proxy-session.h - app: a proxy with everything it needs, made from a command line: for
 * "capture proxy", "capture endpoint" and "record". What users must know is said on stderr. */
#ifndef APP_PROXY_SESSION_H
#define APP_PROXY_SESSION_H

#include "base/span.h"
#include "cmd/capture.h"

struct proxy_session;

/* Reads run's proxy options, makes or loads the CA and listens at run->listen (proxy
 * 127.0.0.1:10080, endpoint 127.0.0.1:4567 where it is NULL; port 0 is any free one). No thread is
 * started yet. NULL after a message; *status is then EXIT_USAGE or EXIT_NOT_DONE. capture is
 * borrowed until proxy_session_end. */
struct proxy_session *proxy_session_open(const struct capture_run *run, struct capture *capture,
                                         int *status);
/* Starts its threads; false after a message. */
bool proxy_session_start(struct proxy_session *s);

const char *proxy_session_host(const struct proxy_session *s);
unsigned proxy_session_port(const struct proxy_session *s);
/* The file of the CA that clients have to trust, NULL with endpoint. Lives with s. */
const char *proxy_session_ca_file(const struct proxy_session *s);

/* Stops taking connections and finishes calls in flight, up to 30 seconds; a second call ends them.
 * Returns at once. */
void proxy_session_stop(struct proxy_session *s);
/* True once all threads have ended. Never waits. */
bool proxy_session_done(struct proxy_session *s);
/* Waits for its end after proxy_session_stop. */
void proxy_session_wait(struct proxy_session *s);
/* The same, tells what was captured and what was passed through unseen (unless t is NULL; it is
 * finished), and frees it. */
void proxy_session_end(struct proxy_session *s, const struct capture_target *t);

/* The folder of the CA: dir, or $XDG_CONFIG_HOME/iamreplay, or ~/.config/iamreplay; to be freed.
 * NULL after a message if there is no home. */
char *proxy_ca_dir(const char *who, const char *dir);

#endif
