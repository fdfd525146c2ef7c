/* plain.h - cli: lines for people in which text from logs and policies cannot drive the
 * terminal, start a line of its own or pass for a command of the CI system that shows them. */
#ifndef CLI_PLAIN_H
#define CLI_PLAIN_H

#include "base/err.h"
#include "base/json-writer.h"

#include <stdint.h>
#include <stdio.h>

/* As fprintf. Newlines at the format's beginning and end are printed; everywhere else, in the
 * values as well as in the format, span_plain's rule holds: control characters and what is no
 * UTF-8 become '?'. A line whose first characters are "::" (GitHub takes it for a command, behind
 * white space too) begins with "?:" instead. */
void print_plain(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* one where n is 1, else many: plural(n, "call", "calls"), plural(n, "is", "are"). */
const char *plural(uint64_t n, const char *one, const char *many);

/* Prints "iamreplay COMMAND: position: text" to stderr. */
void print_err(const char *command, const struct err *err);

/* The same of a question to the store that failed; the exit status: that of wrong options where it is one
 * that counts do not answer (store_only_counts). */
int print_failure(const char *command, const struct err *err);

/* Ends a text that goes to stdout, with a newline. What could not be written shows when stdout is
 * flushed at the end. */
void print_json_end(struct json_writer *w);

#endif
