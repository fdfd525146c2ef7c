/* test_sandbox.c - what a process in the sandbox can still do, as far as this kernel can forbid it.
 */
#define _GNU_SOURCE
#include "unit.h"

#include "capture/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/iamreplay-sandbox.XXXXXX", file[64], kept[64];

static int make_folder(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof file, "%s/outside", folder);
	snprintf(kept, sizeof kept, "%s/w", folder);
	int fd = open(file, O_CREAT | O_WRONLY, 0600);
	if (fd < 0 || write(fd, "precious", 8) != 8 || close(fd) != 0)
		return -1;
	return mkdir(kept, 0700);
}

static int remove_folder(void **state)
{
	unlink(file);
	return rmdir(kept) == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static int listener(bool abstract)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	/* an abstract name: a NUL, then the folder's, which is this run's own */
	snprintf(un.sun_path + 1, sizeof un.sun_path - 1, "%s", folder);
	int fd = socket(abstract ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
	if (fd < 0 ||
	    bind(fd, abstract ? (struct sockaddr *)&un : (struct sockaddr *)&in,
	         abstract ? sizeof un : sizeof in) != 0 ||
	    listen(fd, 4) != 0)
		return -1;
	return fd;
}

static bool connects_to(int fd)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof a;
	if (getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		return false;
	int c = socket(a.ss_family, SOCK_STREAM, 0);
	bool well = connect(c, (struct sockaddr *)&a, n) == 0;
	close(c);
	return well;
}

/* What is told by the exit status of a child: one bit each that was allowed. */
enum {
	CAN_READ = 1,
	CAN_TRUNCATE = 2,
	CAN_SIGNAL = 4,
	CAN_CONNECT = 8,
	CAN_BIND = 16,
	CAN_ABSTRACT = 32,
	CAN_WRITE_BESIDE = 64,
	FAILED = 128
};

static int try_all(const struct sandbox *s, int tcp, int abstract)
{
	struct err err = {0};
	int can = 0, fd;
	char path[96];
	if (sandbox_enter(s, &err) != STATUS_OK)
		return FAILED;
	if ((fd = open(file, O_RDONLY)) >= 0)
		can |= CAN_READ;
	if (truncate(file, 0) == 0)
		can |= CAN_TRUNCATE;
	if (kill(getppid(), 0) == 0)
		can |= CAN_SIGNAL;
	if (connects_to(tcp))
		can |= CAN_CONNECT;
	if ((fd = listener(false)) >= 0)
		can |= CAN_BIND;
	if (connects_to(abstract))
		can |= CAN_ABSTRACT;
	snprintf(path, sizeof path, "%s/new", kept);
	if ((fd = open(path, O_CREAT | O_RDWR, 0600)) >= 0 && ftruncate(fd, 10) == 0 &&
	    truncate(path, 5) == 0 && unlink(path) == 0)
		can |= CAN_WRITE_BESIDE;
	return can;
}

static int in_child(const struct sandbox *s)
{
	int tcp = listener(false), abstract = listener(true), status;
	assert_true(tcp >= 0 && abstract >= 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(try_all(s, tcp, abstract));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	close(tcp);
	close(abstract);
	return WEXITSTATUS(status);
}

/* What this kernel can't forbid. */
static int beyond(int version)
{
	return (version < 3 ? CAN_TRUNCATE : 0) | (version < 4 ? CAN_CONNECT | CAN_BIND : 0) |
	       (version < 6 ? CAN_SIGNAL | CAN_ABSTRACT : 0);
}

static void nothing_is_left(void **state)
{
	const char *writable[] = {kept};
	struct sandbox s = {.writable = writable, .n_writable = 1};
	struct stat st;
	int version = sandbox_version();
	if (version < 0)
		skip();
	int can = in_child(&s);
	assert_int_equal(can & ~beyond(version), CAN_WRITE_BESIDE);
	assert_int_equal(stat(file, &st), 0);
	if (version >= 3)
		assert_int_equal(st.st_size, 8);
}

static void who_connects_still_does(void **state)
{
	struct sandbox s = {.connects = true};
	int version = sandbox_version();
	if (version < 0)
		skip();
	assert_int_equal(in_child(&s) & ~beyond(version) & ~CAN_CONNECT, 0);
	assert_int_equal(in_child(&s) & CAN_CONNECT, CAN_CONNECT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nothing_is_left),
	        cmocka_unit_test(who_connects_still_does),
	};
	return cmocka_run_group_tests_name("sandbox", tests, make_folder, remove_folder);
}
