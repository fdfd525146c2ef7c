/* db-file.c - store: the database as a file: made for its owner alone, and refused where another
 * user could have put it there. What is ingested would be his to read, and what he wrote in it
 * would become policies. */
#include "config.h"

#include "store/db.h"

#include "base/alloc.h"
#include "base/write-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum status db_file_make(const char *path, struct err *err)
{
	/* Less where the umask says so. */
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		close(fd);
		return STATUS_OK;
	}
	if (errno == EEXIST)
		return STATUS_OK;
	err_set(err, STATUS_STOP, "cannot-open", "cannot make the database: %s", strerror(errno));
	err_at_file(err, path);
	return STATUS_STOP;
}

/* The file or symbolic link at path, if there is one, is the user's or root's. */
static enum status check_owner(const char *path, struct err *err)
{
	struct stat sb;
	if (lstat(path, &sb) != 0 || sb.st_uid == geteuid() || sb.st_uid == 0)
		return STATUS_OK;
	err_set(err, STATUS_STOP, "other-owner",
	        "this belongs to another user (uid %u) in a folder that everybody may write to; "
	        "use a "
	        "folder of your own or of your group",
	        (unsigned)sb.st_uid);
	err_at_file(err, path);
	return STATUS_STOP;
}

/* What SQLite would read beside the database: changes that are to be undone or done. */
static enum status check_family(const char *path, struct err *err)
{
	static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
	enum status status = STATUS_OK;
	if (!in_shared_folder(path))
		return STATUS_OK;
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0] && status == STATUS_OK; i++) {
		size_t n = strlen(path) + strlen(suffixes[i]) + 1;
		char *name = xcalloc(n, 1);
		strcat(strcpy(name, path), suffixes[i]);
		status = check_owner(name, err);
		free(name);
	}
	return status;
}

enum status db_file_check(const char *path, bool *empty, struct err *err)
{
	struct stat sb;
	*empty = false;
	if (check_family(path, err) != STATUS_OK)
		return STATUS_STOP;
	char *target = realpath(path, NULL);
	enum status status =
	        target && strcmp(target, path) != 0 ? check_family(target, err) : STATUS_OK;
	free(target);
	if (status != STATUS_OK)
		return status;
	if (stat(path, &sb) != 0)
		err_set(err, STATUS_STOP, "no-database", "%s",
		        errno == ENOENT ? "there is no such database ('iamreplay ingest' makes one)" : strerror(errno));
	else if (!S_ISREG(sb.st_mode))
		err_set(err, STATUS_STOP, "not-a-database", "this is no file");
	else {
		*empty = sb.st_size == 0;
		return STATUS_OK;
	}
	err_at_file(err, path);
	return STATUS_STOP;
}
