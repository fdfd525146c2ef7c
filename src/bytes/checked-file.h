/* checked-file.h - bytes: a regular file that is read twice: once for its hash, which tells whether
 * it need be read at all, and once for its bytes. Each piece of the second reading is given out only
 * after it was found to be what the hash was made of, so that what is stored under a hash is what was
 * hashed, also when the file is cut, overwritten or copied anew meanwhile. What is added to its end
 * meanwhile is left out: it belongs to another hash. */
#ifndef BYTES_CHECKED_FILE_H
#define BYTES_CHECKED_FILE_H

#include "base/err.h"
#include "base/hash.h"

struct checked_file;

/* Reads all of fd, a regular file, for its hash. fd is borrowed until checked_file_free and read by
 * position. *out is set on STATUS_OK; STATUS_FILE, reason "unreadable", with err. */
enum status checked_file_new(int fd, struct checked_file **out, struct err *err);
void checked_file_free(struct checked_file *f);

/* Of all its bytes. */
const struct hash128 *checked_file_content(const struct checked_file *f);
/* Bytes that were hashed. */
uint64_t checked_file_size(const struct checked_file *f);

/* The next bytes, at most n, into p; their number, 0 at the end. 0 with err set, reason "unreadable"
 * or "changed": there are more, and they can't be had or are others than those that were hashed. err
 * must be empty before. */
size_t checked_file_read(struct checked_file *f, void *p, size_t n, struct err *err);

#endif
