/* sandbox.c - capture: see sandbox.h. Landlock has no wrapper in the C library; the three system
 * calls are here and nowhere else (landlock(7)). */
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

/* gcc has the first, clang the second. */
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ADDRESS_SANITIZER
#endif
#endif

/* What the kernel's header may be too old to name (landlock(7), "VERSIONS"); rights that the
 * running kernel does not know are not asked for. */
enum { ABI_TRUNCATE = 3, ABI_NETWORK = 4, ABI_IOCTL = 5, ABI_SCOPE = 6 };
#define RIGHT_TRUNCATE (UINT64_C(1) << 14)
#define RIGHT_IOCTL_DEV (UINT64_C(1) << 15)
#define RIGHT_BIND_TCP (UINT64_C(1) << 0)
#define RIGHT_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT_SOCKETS (UINT64_C(1) << 0)
#define SCOPE_SIGNALS (UINT64_C(1) << 1)

/* struct landlock_ruleset_attr of version 6; older kernels take the longer one where what they do
 * not know is zero. */
struct ruleset_attr {
	uint64_t handled_fs, handled_net, scoped;
};

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS                                                                 \
	(READ_RIGHTS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | RIGHT_TRUNCATE)
#define ALL_RIGHTS                                                                   \
	(WRITE_RIGHTS | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |                \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |               \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | RIGHT_IOCTL_DEV)

int sandbox_version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

static uint64_t known_files(int version)
{
	uint64_t rights = ALL_RIGHTS;
	if (version < ABI_TRUNCATE)
		rights &= ~RIGHT_TRUNCATE;
	if (version < ABI_IOCTL)
		rights &= ~RIGHT_IOCTL_DEV;
	return rights;
}

/* A port that is to be bound is bound before; connections are for those who make them. */
static uint64_t denied_network(const struct sandbox *s, int version)
{
	if (version < ABI_NETWORK)
		return 0;
	return s->connects ? RIGHT_BIND_TCP : RIGHT_BIND_TCP | RIGHT_CONNECT_TCP;
}

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
	/* EBADFD: a pipe of the shell, which Landlock does not guard */
	int why = errno;
	close(rule.parent_fd);
	errno = why;
	return ok || why == EBADFD;
}

static bool allow_all(int ruleset, const struct sandbox *s, uint64_t known)
{
	for (size_t i = 0; i < s->n_readable; i++)
		if (!allow(ruleset, s->readable[i], READ_RIGHTS & known))
			return false;
	for (size_t i = 0; i < s->n_writable; i++)
		if (!allow(ruleset, s->writable[i], WRITE_RIGHTS & known))
			return false;
#ifdef UNDER_ADDRESS_SANITIZER
	/* the leak checker of such a build looks at its own threads when the program ends */
	if (!allow(ruleset, "/proc", READ_RIGHTS & known))
		return false;
#endif
#ifdef COVERAGE_FOLDER
	/* such a build writes its counters when the program ends */
	if (!allow(ruleset, COVERAGE_FOLDER, WRITE_RIGHTS & known))
		return false;
#endif
	return true;
}

static enum status restrict_process(const struct sandbox *s, struct err *err)
{
	int version = sandbox_version();
	/* ENOSYS: not built in; EOPNOTSUPP: not turned on */
	if (version < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? STATUS_OK : fail(err, "Landlock");
	struct ruleset_attr attr = {
	        .handled_fs = known_files(version),
	        .handled_net = denied_network(s, version),
	        .scoped = version >= ABI_SCOPE ? SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS : 0};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	if (ruleset < 0)
		return fail(err, "Landlock");
	bool ok = allow_all(ruleset, s, attr.handled_fs) &&
	          syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	enum status status = ok ? STATUS_OK : fail(err, "Landlock");
	close(ruleset);
	return status;
}

#else

int sandbox_version(void)
{
	errno = ENOSYS;
	return -1;
}

static enum status restrict_process(const struct sandbox *s, struct err *err)
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
	return restrict_process(s, err);
}
