/* test_local_peer.c - whose socket is at the other end of a loopback connection. */
#define _GNU_SOURCE
#include "unit.h"

#include "capture/local-peer.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int bound(int type, struct sockaddr_in *a)
{
	socklen_t n = sizeof *a;
	int fd = socket(AF_INET, type, 0);
	*a = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	assert_int_equal(bind(fd, (struct sockaddr *)a, sizeof *a), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)a, &n), 0);
	return fd;
}

/* A socket that another user made, connected to a; -1 where that can't be played. */
static int socket_of(uid_t uid, int type, const struct sockaddr_in *a)
{
	int fd = -1;
	if (uid && setresuid((uid_t)-1, uid, (uid_t)-1) != 0)
		return -1;
	fd = socket(AF_INET, type, 0);
	if (uid && setresuid((uid_t)-1, 0, (uid_t)-1) != 0)
		abort();
	if (connect(fd, (const struct sockaddr *)a, sizeof *a) != 0)
		return -1;
	return fd;
}

static enum local_peer tcp_peer(struct local_peers *p, int listener, const struct sockaddr_in *a,
                                uid_t uid, bool gone, uid_t *told)
{
	struct sockaddr_in peer;
	socklen_t n = sizeof peer;
	int client = socket_of(uid, SOCK_STREAM, a);
	int fd = accept(listener, (struct sockaddr *)&peer, &n);
	assert_true(client >= 0 && fd >= 0);
	if (gone) { /* with a reset, so that nothing of it stays */
		struct linger now = {1, 0};
		setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		close(client);
	}
	enum local_peer who = local_peers_ask(p, fd, (struct sockaddr *)&peer, told);
	if (!gone)
		close(client);
	close(fd);
	return who;
}

static void tcp_clients_have_a_user(void **state)
{
	struct sockaddr_in a;
	uid_t uid = 0;
	int listener = bound(SOCK_STREAM, &a);
	assert_int_equal(listen(listener, 4), 0);
	struct local_peers *p = local_peers_new(listener);
	if (!p)
		skip();
	assert_int_equal(tcp_peer(p, listener, &a, 0, false, &uid), PEER_OWN);
	assert_int_equal(tcp_peer(p, listener, &a, 0, true, NULL), PEER_GONE);
	if (geteuid() == 0) {
		assert_int_equal(tcp_peer(p, listener, &a, 2002, false, &uid), PEER_OTHER);
		assert_int_equal(uid, 2002);
	}
	local_peers_free(p);
	close(listener);
}

static void datagrams_have_a_user(void **state)
{
	struct sockaddr_in a, from;
	socklen_t n = sizeof from;
	int fd = bound(SOCK_DGRAM, &a);
	struct local_peers *p = local_peers_new(fd);
	if (!p)
		skip();
	for (uid_t uid = 0; uid <= (geteuid() == 0 ? 2002 : 0); uid += 2002) {
		char byte;
		int sender = socket_of(uid, SOCK_DGRAM, &a);
		assert_int_equal(send(sender, "x", 1, 0), 1);
		assert_int_equal(recvfrom(fd, &byte, 1, 0, (struct sockaddr *)&from, &n), 1);
		assert_int_equal(local_peers_ask(p, fd, (struct sockaddr *)&from, NULL),
		                 uid ? PEER_OTHER : PEER_OWN);
		close(sender);
		assert_int_equal(local_peers_ask(p, fd, (struct sockaddr *)&from, NULL), PEER_GONE);
	}
	local_peers_free(p);
	close(fd);
}

static void without_a_kernel_that_tells_all_are_own(void **state)
{
	struct sockaddr_in a;
	int fd = bound(SOCK_STREAM, &a);
	assert_int_equal(local_peers_ask(NULL, fd, (struct sockaddr *)&a, NULL), PEER_OWN);
	close(fd);
	assert_null(local_peers_new(-1));
	local_peers_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(tcp_clients_have_a_user),
	        cmocka_unit_test(datagrams_have_a_user),
	        cmocka_unit_test(without_a_kernel_that_tells_all_are_own),
	};
	return cmocka_run_group_tests_name("local peers", tests, NULL, NULL);
}
