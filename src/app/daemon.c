/* daemon.c - app: see daemon.h. */
#include "config.h"

#include "app/daemon.h"

#include "base/write-file.h"
#include "capture/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status daemon_confine(const struct confinement *c, struct err *err)
{
	enum { FILES = sizeof c->files / sizeof c->files[0] };
	const char *writable[FILES + 1];
	char folders[FILES][4096];
	struct sandbox sandbox = {c->readable, c->n_readable, writable, 0, c->connects};
	if (c->folder)
		writable[sandbox.n_writable++] = c->folder;
	for (size_t i = 0; i < FILES; i++)
		if (c->files[i]) {
			snprintf(folders[i], sizeof folders[i], "%s", c->files[i]);
			writable[sandbox.n_writable++] = dirname(folders[i]);
		}
	return sandbox_enter(&sandbox, err);
}

static enum status file_failed(struct err *err, const char *path)
{
	int why = errno;
	err_at_file(err, path);
	return err_set(err, STATUS_STOP, "pid-file", "%s", strerror(why));
}

/* Another user's, in a folder that everybody can write to, he could change later: whoever reads the
 * number ends some other process. */
static bool is_ours(int fd, const char *path)
{
	struct stat st;
	bool ours = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	            (st.st_uid == geteuid() || st.st_uid == 0 || !in_shared_folder(path));
	if (!ours)
		errno = EPERM;
	return ours;
}

static enum status write_pid(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
	bool ok = fd >= 0 && is_ours(fd, path) && ftruncate(fd, 0) == 0 &&
	          dprintf(fd, "%ld\n", (long)getpid()) > 0;
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	return ok ? STATUS_OK : file_failed(err, path);
}

/* In the background no terminal is held, and nothing is printed any more. */
static void detach_from_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
}

enum status daemon_detach(const struct daemon_options *o, pid_t *child, struct err *err)
{
	*child = 0;
	if (o->background) {
		fflush(NULL);
		*child = fork();
		if (*child < 0)
			return err_set(err, STATUS_STOP, "fork", "cannot go to the background: %s",
			               strerror(errno));
		if (*child > 0)
			return STATUS_OK;
		setsid();
	}
	enum status status = o->pid_file ? write_pid(o->pid_file, err) : STATUS_OK;
	if (status == STATUS_OK && o->background)
		detach_from_terminal();
	return status;
}

enum status daemon_end(const struct daemon_options *o, struct err *err)
{
	if (o->pid_file && unlink(o->pid_file) != 0 && errno != ENOENT)
		return file_failed(err, o->pid_file);
	return STATUS_OK;
}
