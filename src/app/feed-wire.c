/* feed-wire.c - app: see feed-wire.h. */
#define _GNU_SOURCE
#include "config.h"

#include "app/feed-wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

union passing {
	struct cmsghdr header; /* aligns */
	char room[CMSG_SPACE(sizeof(int))];
};

bool feed_send(int fd, const void *p, size_t n, struct span more, int pass)
{
	union passing passing = {.room = {0}};
	struct iovec parts[] = {{(void *)(uintptr_t)p, n}, {(void *)(uintptr_t)more.p, more.n}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = more.n ? 2 : 1};
	ssize_t sent;
	if (pass >= 0) {
		message.msg_control = passing.room;
		message.msg_controllen = sizeof passing.room;
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof pass);
		memcpy(CMSG_DATA(header), &pass, sizeof pass);
	}
	do
		sent = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)(n + more.n);
}

/* One descriptor is all that there is room for: the kernel closes what is more. */
static int passed_with(struct msghdr *message)
{
	int fd = -1;
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(header), sizeof fd);
	return fd;
}

ptrdiff_t feed_receive(int fd, void *p, size_t n, char *more, size_t room, int *passed)
{
	union passing passing;
	struct iovec parts[] = {{p, n}, {more, room}};
	struct msghdr message = {.msg_iov = parts,
	                         .msg_iovlen = more ? 2 : 1,
	                         .msg_control = passing.room,
	                         .msg_controllen = sizeof passing.room};
	ssize_t got;
	*passed = -1;
	do
		got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -1;
	*passed = passed_with(&message);
	if ((size_t)got >= n && !(message.msg_flags & MSG_TRUNC))
		return got - (ptrdiff_t)n;
	if (*passed >= 0)
		close(*passed);
	*passed = -1;
	return -1;
}
