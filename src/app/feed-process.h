/* feed-process.h - app: sources that a process of its own brings. That one has the network and the
 * credentials, and reads what servers answer; this one reads the logs and writes the database, has
 * neither, and can give up all the rest (ingest_request.confine). So whoever takes over the reading
 * of a log finds no key and no way out, and whoever takes over the fetching no database. */
#ifndef APP_FEED_PROCESS_H
#define APP_FEED_PROCESS_H

#include "app/pipeline.h"

/* ---- the side that takes in */

struct feed_process;
struct feed_server;

/* Starts the process, which runs body with its end of the wire, and ends with what body returns as
 * its exit status. For at most so many jobs; while there is one thread. stop: once true, nothing is
 * waited for any more; may be NULL. STATUS_OK, or STATUS_STOP with err. */
enum status feed_process_start(unsigned jobs, const atomic_bool *stop,
                               int (*body)(void *data, struct feed_server *server), void *data,
                               struct feed_process **out, struct err *err);

/* Waits until body serves a feed: then true, and *jobs are at most to be read at once. False: it
 * has ended, or ends, without another one. */
bool feed_process_round(struct feed_process *p, unsigned *jobs);
/* What it serves; lives until feed_process_over. */
const struct pipeline_feed *feed_process_feed(struct feed_process *p);
/* How far it said to be, from 0 to 1; p as data. */
double feed_process_progress(void *p);
/* The feed was read: feed_serve returns exit_status there. */
void feed_process_over(struct feed_process *p, int exit_status);

/* Waits for its end and frees p: its exit status, or -1 if it was killed. */
int feed_process_end(struct feed_process *p);

/* ---- the side that brings */

enum { FEED_GONE = -1 };

/* Serves feed, which it calls from jobs threads and this one, until the other side is done with it:
 * what that told, or FEED_GONE if it is gone. Where it goes, this process is sent SIGTERM, so that
 * what it waits for ends. done (may be NULL): how far it is, called by this thread. */
int feed_serve(struct feed_server *s, const struct pipeline_feed *feed, unsigned jobs,
               double (*done)(void *data), void *data);

#endif
