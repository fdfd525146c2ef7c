/* write-file.h - base: files that are written whole, so that a reader, a crash or a power loss sees
 * the old content or the new one, never a part: a temporary beside the target, fsync, rename, fsync
 * of the folder. */
#ifndef BASE_WRITE_FILE_H
#define BASE_WRITE_FILE_H

#include "base/attributes.h"
#include "base/err.h"

#include <sys/types.h>

/* A file that is being written. All zero bytes but fd -1 is "none". */
struct file_write {
	int fd;          /* of the temporary, open for reading and writing; -1 if none */
	char *path;      /* what it will replace, symbolic links followed */
	char *temporary; /* its name now, in the same folder */
};

/* Makes a temporary file beside path. mode 0: the mode and owner of the file that is there, where
 * the user may set that owner; 0600 where there is none. Another mode is set as it is, whatever the
 * umask. A symbolic link at path is followed: what it points to is replaced. STATUS_OK, or
 * STATUS_STOP with err naming path, and nothing is left. */
enum status file_write_begin(struct file_write *w, const char *path, mode_t mode,
                             struct err *err) MUST_CHECK;
/* Appends text; STATUS_OK, or STATUS_STOP with err: then file_write_abandon. */
enum status file_write_add(struct file_write *w, struct span text, struct err *err) MUST_CHECK;
/* Puts the file in its place and closes it. STATUS_OK, or STATUS_STOP with err; the temporary is
 * gone and what was there is as it was. w is "none" again either way. */
enum status file_write_commit(struct file_write *w, struct err *err) MUST_CHECK;
/* Removes the temporary; nothing for "none". */
void file_write_abandon(struct file_write *w);

/* All of that for a text in memory. */
enum status file_replace(const char *path, struct span text, mode_t mode,
                         struct err *err) MUST_CHECK;

/* Whether everybody may put files into the folder of path, or it can't be looked at. A team's folder
 * is its group's. */
bool in_shared_folder(const char *path);

/* Writes all of text to fd, going on after signals and short writes; false with errno. A fd that
 * does not block is not for this: EAGAIN is an error. */
bool fd_write_all(int fd, struct span text) MUST_CHECK;

#endif
