/* run-command.h - fetch: runs a program that hands out credentials, for a bounded time and with a
 * bounded output. */
#ifndef FETCH_RUN_COMMAND_H
#define FETCH_RUN_COMMAND_H

#include "base/buf.h"
#include "base/err.h"

#include <stdatomic.h>

/* Runs argv (ended by NULL, looked for in PATH, no shell) with its standard output in out, standard
 * input from /dev/null and standard error thrown away: it may hold secrets. It is ended, with all
 * that it started in its process group, after so many seconds, when out is full, or once stop (may
 * be NULL) is true. STATUS_OK if it exited with 0. STATUS_FILE with err otherwise; nothing of what
 * it printed is in err, and no argument but its name. */
enum status run_command(const char *const *argv, unsigned seconds, const atomic_bool *stop,
                        struct buf *out, struct err *err);

/* Cuts a command line into words as a shell does: blanks, quotes and backslashes, nothing else.
 * The array (ended by NULL) and its words are one allocation, for free(). NULL: a quote does not
 * end, or there is no word. */
char **command_words(const char *line);

#endif
