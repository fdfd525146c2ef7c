/* printing.h - cli: what is printed while others do their work must not hold them up. A
 * terminal that was stopped (Ctrl-S) or a pipe that nobody reads takes nothing, for as long as it
 * likes. */
#ifndef CLI_PRINTING_H
#define CLI_PRINTING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What may be written at once where printing_takes said so (POSIX: PIPE_BUF is at least 512; Linux
 * has 4096). */
enum { PRINTING_ROOM = 4096 };

/* Whether up to PRINTING_ROOM bytes can be written to out (and flushed) without waiting. */
bool printing_takes(FILE *out);

/* The end is near: standard output and error get a second to take something. One that does not has
 * no reader, and what is still printed there goes nowhere. instead: a descriptor that is open for
 * reading only, which takes its place. */
void printing_give_up(int instead);

/* The plural's ending: "1 call", "2 calls". */
const char *printing_s(uint64_t n);

#endif
