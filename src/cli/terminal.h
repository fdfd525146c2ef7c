/* terminal.h - cli: what a terminal gets that a file or a pipe does not: a width, colour. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "base/arena.h"

#include <stdio.h>

/* Columns of the terminal that to is; COLUMNS says otherwise. 0: to is none, so nothing is cut. */
unsigned terminal_width(FILE *to);

/* Writes text that is neither escaped nor made plain, as CSV is not: on a terminal, what cannot be
 * seen but line ends is '?'. Whether all was written. */
bool terminal_put(FILE *to, struct span text);

enum terminal_colour_when { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* Takes "--color", "--color=WHEN" and "--no-color" out of the words of a command, up to "--";
 * returns how many words are left, or -1 after a message where WHEN is none of auto, always, never.
 * Once, before anything is printed. */
int terminal_take_colour(int argc, char **argv);
/* What is to be printed before and after a text that is marked: "" where there is no colour. auto:
 * on a terminal that can, unless NO_COLOR is set (no-color.org). */
enum mark { MARK_HEAD, MARK_BAD, MARK_DOUBT };
const char *mark_on(FILE *to, enum mark mark);
const char *mark_off(FILE *to);

/* text in at most width columns (characters), its middle left out:
 * "arn:aws:iam::1111..role/orders-api". In arena, or text itself. */
struct span shorten_middle(struct span text, size_t width, struct arena *arena);

#endif
