/* subject-files.h - app: the files that principals' policies go to. Names come from logs and end in
 * a file system, in a repository, in another's checkout: every name is written so that it stays
 * inside of the folder, is no longer than file systems take, is no folder where another is a file,
 * and is not the same as another where case does not count (macOS, Windows). */
#ifndef APP_SUBJECT_FILES_H
#define APP_SUBJECT_FILES_H

#include "base/arena.h"

/* The path below the folder, without suffix, of an ARN or another name: "111122223333/role/ci". What
 * IAM does not allow in names is written %XX, and so are a dot at the beginning of a part, the names
 * that Windows keeps for devices, and the dot of a folder's name that could be that of a file
 * ("app.json" in a role's path); a part longer than FILE_PART_MOST is cut and told by its hash. No
 * two names share a path. In arena. */
struct span subject_file(struct arena *arena, struct span name);

/* Of a part of a path, with room for "~10", the longest suffix and the temporary's name below the
 * 255 bytes of a name (NAME_MAX of Linux's file systems). */
enum { FILE_PART_MOST = 180 };

/* Paths that differ in case only become different: those that have upper-case letters get
 * "~x" and 16 digits of their hash. The one in lower case keeps its name whatever others there are.
 * at(data, i) is the i-th of n paths. */
void subject_files_fold(struct arena *arena, struct span *(*at)(void *data, size_t i), void *data,
                        size_t n);

#endif
