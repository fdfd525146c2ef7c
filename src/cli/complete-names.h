/* complete-names.h - cli: the names that a shell completes: what the database, the mapping and the
 * reports hold. */
#ifndef CLI_COMPLETE_NAMES_H
#define CLI_COMPLETE_NAMES_H

#include "cli/command.h"

/* What the value of an option, or the words of a command behind its options, are: "principals",
 * "actions", "services", "accounts", "sessions", "agents", "reports", "keys"; NULL: nothing that is
 * known. */
const char *complete_option_names(const struct option *o);
const char *complete_operand_names(const struct command *c);

/* Prints the names of that kind that begin with prefix, one a line, sorted; of a database that is
 * not there, or cannot be read, none: a shell that completes has no use for an error. db as --db, or
 * NULL. Returns an exit status. */
int complete_names(const char *kind, const char *prefix, const char *db);

#endif
