/* read-file.h - base: files that are read whole: policies, command output. */
#ifndef BASE_READ_FILE_H
#define BASE_READ_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* Reads the file ("-" is stdin) into b, which is initialised; its ceiling bounds the size.
 * STATUS_OK or STATUS_FILE with err. */
enum status file_read(const char *path, struct buf *b, struct err *err);

/* Prints "iamreplay COMMAND: position: text" to stderr. */
void print_err(const char *command, const struct err *err);

#endif
