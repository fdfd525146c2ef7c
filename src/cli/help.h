/* help.h - cli: what --help prints, made from the table of commands. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

/* The page of one command, on stdout: as wide as the terminal, 80 columns elsewhere. */
void help_command(const struct command *c);
/* The page of the program. */
void help_program(void);

#endif
