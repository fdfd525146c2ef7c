/* walk.h - bytes: from what the user named (files, folders, "-") to the files that are to be read,
 * one at a time, folders in the byte order of their entries' names, so that the order is the same
 * everywhere. Only the folders on the way to the current file are in memory. */
#ifndef BYTES_WALK_H
#define BYTES_WALK_H

#include "base/attributes.h"
#include "base/err.h"

struct walk;

/* names (n of them) are borrowed until walk_free. */
struct walk *walk_new(char *const *names, size_t n);
/* The same, but walk_next tells only what is a symbolic link to a file: for who must know which
 * files outside the named folders will be read. */
struct walk *walk_new_links(char *const *names, size_t n);
void walk_free(struct walk *w);
/* STATUS_OK: *path is the next file, "-" for stdin, borrowed until the next call; *named tells that
 * the user named it himself, so that it may be a pipe. STATUS_FILE: a name could not be looked at,
 * err says which and why; go on. STATUS_END: that was all. Symbolic links to files are followed; to
 * folders only where the user named them, so that no cycle is walked; what is neither file nor
 * folder is passed over. */
enum status walk_next(struct walk *w, const char **path, bool *named, struct err *err) MUST_CHECK;

#endif
