/* signals.h - cli: signals as bytes in a pipe, for loops that poll. One user at a time. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>

/* From now on each of the n signals only makes signals_fd readable. Returns 0, or -1 with errno. */
int signals_catch(const int *signals, size_t n);
/* Poll it for reading. */
int signals_fd(void);
/* The next signal that came, or 0. *from_process (may be NULL): a process sent it to this one; else
 * the kernel did, as for Ctrl-C, which every process of the terminal's foreground gets. */
int signals_next(bool *from_process);
/* What was caught has its former meaning again; safe between fork and exec. */
void signals_restore(void);

#endif
