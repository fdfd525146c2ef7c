/* file-identity.h - bytes: by what a file is known again without being opened. Whoever changes a
 * file's bytes changes one of these, but where he sets the clock back, or writes to the disk below
 * the file system. */
#ifndef BYTES_FILE_IDENTITY_H
#define BYTES_FILE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct file_identity {
	uint64_t device, inode;
	int64_t size;
	int64_t modified, changed; /* nanoseconds since 1970 UTC: st_mtim, st_ctim */
};

struct file_identity file_identity_of(const struct stat *st);
/* False if path is no regular file that can be looked at. */
bool file_identity_at(const char *path, struct file_identity *out);
/* Whether the file was last changed long enough before now (seconds since 1970), when it is opened,
 * that another change will show: times of files are exact to two seconds at worst. */
bool file_identity_settled(const struct file_identity *f, int64_t now);

#endif
