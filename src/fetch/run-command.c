/* run-command.c - fetch: see run-command.h. */
#include "config.h"

#include "fetch/run-command.h"

#include "base/alloc.h"
#include "base/when.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { TICK_MS = 100, CHUNK = 4096 };

/* ---- words */

char **command_words(const char *line)
{
	size_t n = strlen(line), words = 0;
	/* A word has at least one byte and a blank behind it. */
	char **argv = xmalloc((n / 2 + 2) * sizeof *argv + n + 1);
	char *out = (char *)(argv + n / 2 + 2);
	char quote = 0;
	bool inside = false;
	for (const char *p = line; *p; p++) {
		bool blank = *p == ' ' || *p == '\t';
		if (!inside && blank)
			continue;
		if (!inside) {
			argv[words++] = out;
			inside = true;
		}
		if (!quote && blank) {
			*out++ = '\0';
			inside = false;
		} else if (!quote && (*p == '"' || *p == '\'')) {
			quote = *p;
		} else if (quote && *p == quote) {
			quote = 0;
		} else if (*p == '\\' && quote != '\'' && p[1] &&
		           (!quote || p[1] == '"' || p[1] == '\\')) {
			*out++ = *++p;
		} else {
			*out++ = *p;
		}
	}
	*out = '\0';
	argv[words] = NULL;
	if (words && !quote)
		return argv;
	free(argv);
	return NULL;
}

/* ---- running */

static int start(const char *const *argv, int out, pid_t *child)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, standard;
	int error;
	sigemptyset(&none);
	sigemptyset(&standard);
	sigaddset(&standard, SIGINT);
	sigaddset(&standard, SIGPIPE);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&how);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
	                                       POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&how, 0);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setsigdefault(&how, &standard);
	error = posix_spawnp(child, argv[0], &files, &how, (char *const *)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

/* Until the output ends. NULL, or why it was given up. */
static const char *collect(int fd, int64_t deadline, const atomic_bool *stop, struct buf *out)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (stop && atomic_load(stop))
			return "was interrupted";
		if (when_steady_ms() >= deadline)
			return "took too long and was ended";
		if (poll(&p, 1, TICK_MS) <= 0)
			continue;
		if (!buf_reserve(out, 1))
			return "printed too much and was ended";
		size_t room = out->ceiling - out->n < CHUNK ? out->ceiling - out->n : CHUNK;
		if (room == 0 || !buf_reserve(out, room))
			return "printed too much and was ended";
		ssize_t got = read(fd, out->p + out->n, room);
		if (got < 0 && errno != EINTR)
			return "could not be read from";
		if (got == 0)
			return NULL;
		out->n += got > 0 ? (size_t)got : 0;
	}
}

/* Its exit status, or -1 if it had to be killed: it may close its output and go on. */
static int await_end(pid_t child, int64_t deadline, const atomic_bool *stop)
{
	int status = 0;
	pid_t got;
	while ((got = waitpid(child, &status, WNOHANG)) == 0 && when_steady_ms() < deadline &&
	       !(stop && atomic_load(stop)))
		poll(NULL, 0, 10);
	if (got != child) {
		kill(-child, SIGKILL);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			continue;
		return -1;
	}
	return status;
}

enum status run_command(const char *const *argv, unsigned seconds, const atomic_bool *stop,
                        struct buf *out, struct err *err)
{
	int ends[2];
	pid_t child;
	int64_t deadline = when_steady_ms() + (int64_t)seconds * 1000;
	const char *why;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set(err, STATUS_FILE, "command", "%s", strerror(errno));
	int error = start(argv, ends[1], &child);
	close(ends[1]);
	if (error) {
		close(ends[0]);
		return err_set(err, STATUS_FILE, "command", "%s can't be started: %s", argv[0],
		               strerror(error));
	}
	why = collect(ends[0], deadline, stop, out);
	close(ends[0]);
	int status = await_end(child, why ? 0 : deadline, stop);
	if (why)
		return err_set(err, STATUS_FILE, "command", "%s %s", argv[0], why);
	if (status < 0)
		return err_set(err, STATUS_FILE, "command", "%s took too long and was ended",
		               argv[0]);
	if (WIFSIGNALED(status))
		return err_set(err, STATUS_FILE, "command", "%s was killed by signal %d", argv[0],
		               WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(err, STATUS_FILE, "command", "%s exited with %d", argv[0],
		               WEXITSTATUS(status));
	return STATUS_OK;
}
