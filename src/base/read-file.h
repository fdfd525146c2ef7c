/* read-file.h - base: files that are read whole: policies, command output. */
#ifndef BASE_READ_FILE_H
#define BASE_READ_FILE_H

#include "base/attributes.h"
#include "base/buf.h"
#include "base/err.h"

/* Appends the whole file ("-" is stdin) to b, which is initialised; its ceiling bounds the size.
 * STATUS_OK or STATUS_FILE with err naming path. */
enum status file_read(const char *path, struct buf *b, struct err *err) MUST_CHECK;
/* The same from where the open file fd stands, to its end; name is for err. fd stays open. */
enum status fd_read_all(int fd, const char *name, struct buf *b, struct err *err) MUST_CHECK;

#endif
