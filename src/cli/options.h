/* options.h - cli: reads a command line by the command's own table of options. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/command.h"

#include <stdint.h>

struct options {
	const struct command *self;
	int argc;
	char **argv;
	int at;          /* next word to look at */
	int exit_status; /* when options_next returned OPTIONS_EXIT */
	int operands;    /* words that are no options, moved to the front of argv[1..operands] */
	bool stop_at_operand; /* set it after options_init where the operands are another program's */
	const char *letters; /* internal: rest of a cluster of short options */
	bool only_operands;  /* internal: "--" was seen */
};

enum { OPTIONS_END = -1, OPTIONS_EXIT = -2 };

/* argv[0] is the command's name; argv is reordered in place. */
void options_init(struct options *o, const struct command *self, int argc, char **argv);

/* The next option's index in self->options, with *value its argument (NULL with ARG_NONE), borrowed
 * from argv. OPTIONS_END: none left, operands are argv[1..o->operands]. OPTIONS_EXIT: end with
 * o->exit_status; --help was printed, or what is wrong was (EXIT_USAGE). Long names may be cut as
 * long as they are unambiguous; "--name=value" and "--name value" are both taken. */
int options_next(struct options *o, const char **value);

/* Prints "iamreplay COMMAND: text" and where help is to stderr; returns EXIT_USAGE. */
int options_usage(const struct command *self, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* The page that --help prints, on stdout. */
void options_help(const struct command *self);

/* A whole number from min to max in text, else false. */
bool options_number(const char *text, uint64_t min, uint64_t max, uint64_t *value);

#endif
