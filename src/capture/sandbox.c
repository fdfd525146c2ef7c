/* sandbox.c - capture: see sandbox.h. Landlock has no wrapper in the C library; the three system calls
 * are here and nowhere else (landlock(7)). */
#define _GNU_SOURCE
#include "config.h"

#include "capture/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif
#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#include <sys/syscall.h>
#endif

static enum status fail(struct err *err, const char *what)
{
	return err_set(err, STATUS_STOP, "sandbox", "%s: %s", what, strerror(errno));
}

#if defined(HAVE_LINUX_LANDLOCK_H) && defined(SYS_landlock_create_ruleset)

/* Rights of the first version; what later versions add is asked for where the kernel knows it. */
#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS                                                                 \
	(READ_RIGHTS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define ALL_RIGHTS                                                                   \
	(WRITE_RIGHTS | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |                \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |               \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static bool allow(int ruleset, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = rights};
	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno == ENOENT;
	bool ok =
	        syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
	/* a plain file takes no rights of folders */
	if (!ok && errno == EINVAL) {
		rule.allowed_access &=
		        ~(uint64_t)(LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
		                    LANDLOCK_ACCESS_FS_REMOVE_FILE);
		ok = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule,
		             0) == 0;
	}
	int why = errno;
	close(rule.parent_fd);
	errno = why;
	return ok;
}

static enum status restrict_files(const struct sandbox *s, struct err *err)
{
	struct landlock_ruleset_attr attr = {.handled_access_fs = ALL_RIGHTS};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	/* ENOSYS: not built in; EOPNOTSUPP: not turned on */
	if (ruleset < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? STATUS_OK : fail(err, "Landlock");
	bool ok = true;
	for (size_t i = 0; ok && i < s->n_readable; i++)
		ok = allow(ruleset, s->readable[i], READ_RIGHTS);
#ifdef __SANITIZE_ADDRESS__
	/* the leak checker of such a build looks at its own threads when the program ends */
	ok = ok && allow(ruleset, "/proc", READ_RIGHTS);
#endif
	for (size_t i = 0; ok && i < s->n_writable; i++)
		ok = allow(ruleset, s->writable[i], WRITE_RIGHTS);
	ok = ok && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	enum status status = ok ? STATUS_OK : fail(err, "Landlock");
	close(ruleset);
	return status;
}

#else

static enum status restrict_files(const struct sandbox *s, struct err *err)
{
	return STATUS_OK;
}

#endif

void sandbox_no_core(void)
{
	struct rlimit limit;
	/* One byte, because with none at all Linux still hands a core to a program that the
	 * system may have for them. */
	if (getrlimit(RLIMIT_CORE, &limit) != 0)
		return;
	if (limit.rlim_max > 1)
		limit.rlim_max = 1;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_CORE, &limit);
}

enum status sandbox_enter(const struct sandbox *s, struct err *err)
{
	sandbox_no_core();
#if defined(HAVE_SYS_PRCTL_H) && defined(PR_SET_NO_NEW_PRIVS)
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(err, "no_new_privs");
#endif
	return restrict_files(s, err);
}
