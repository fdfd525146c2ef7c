/* command.h - cli: the table of commands. A command describes itself in a const struct; --help,
 * the man page check and the shell completions are made from it. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/options.h"

#include <stdbool.h>
#include <stddef.h>

/* Exit status, the same for every command (record alone ends as its COMMAND does). */
enum exit_status {
	EXIT_DONE = 0, /* done; what is expected in a bucket and is no call counts as ignored */
	EXIT_PARTLY =
	        1, /* done, but input was skipped, a check failed, or there is nothing to print */
	EXIT_USAGE = 2,   /* wrong options or an ambiguous name */
	EXIT_NOT_DONE = 3 /* not done: no database, disk full, does not fit */
};

struct command {
	const char *name;
	const char *usage;                /* what follows the name, e.g. "[--db F] SOURCE..." */
	const char *summary;              /* one line */
	const struct option_use *options; /* ended by a NULL group */
	const char *examples;             /* shown by --help, one command a line; may be NULL */
	const char *verbs; /* what its first operand may be, blanks between; NULL: anything */
	bool operands_end_options;        /* the operands are another program's command line */
	/* argv[0] is the command's name. Returns an exit status. */
	int (*run)(const struct command *self, int argc, char **argv);
};

/* All commands in the order of --help, ended by NULL. */
extern const struct command *const commands[];

extern const struct command command_ingest;
extern const struct command command_fetch;
extern const struct command command_policy;
extern const struct command command_explain;
extern const struct command command_principals;
extern const struct command command_query;
extern const struct command command_simulate;
extern const struct command command_mapping;
extern const struct command command_capture;
extern const struct command command_record;
extern const struct command command_verify;
extern const struct command command_backtest;
extern const struct command command_diff;
extern const struct command command_report;
extern const struct command command_merge;
extern const struct command command_prune;
extern const struct command command_ca;
extern const struct command command_reduce;

#endif
