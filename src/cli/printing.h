/* printing.h - cli: non-blocking output: a stopped terminal (Ctrl-S) or a pipe that nobody reads
 * must not stall the threads that do the work. */
#ifndef CLI_PRINTING_H
#define CLI_PRINTING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What may be written at once where printing_would_block said no (POSIX: PIPE_BUF is at least 512;
 * Linux has 4096). */
enum { PRINTING_ROOM = 4096 };

/* Whether writing up to PRINTING_ROOM bytes to out (and flushing them) would have to wait. */
bool printing_would_block(FILE *out);

/* Before the last messages: standard output and error get a second each to become writable. One
 * that does not has no reader: instead (a descriptor that is open for reading only) takes its
 * place, so that what is still printed there is discarded. */
void printing_discard_unread(int instead);

#endif
