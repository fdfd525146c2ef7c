/* local-peer.c - capture: see local-peer.h. One question and answer of sock_diag(7) a connection;
 * it takes some ten microseconds. */
#define _GNU_SOURCE
#include "config.h"

#include "capture/local-peer.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/time.h>

struct local_peers {
	int netlink;
	unsigned char protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	uint32_t sequence;
};

/* An end of a connection as inet_diag has it; a mapped address counts as the IPv4 address. */
struct end {
	unsigned char family;
	__be16 port;
	__be32 address[4];
};

static bool end_of(const struct sockaddr *a, struct end *e)
{
	*e = (struct end){.family = (unsigned char)a->sa_family};
	if (a->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, a, sizeof in);
		e->port = in.sin_port;
		e->address[0] = in.sin_addr.s_addr;
		return true;
	}
	if (a->sa_family != AF_INET6)
		return false;
	struct sockaddr_in6 in6;
	memcpy(&in6, a, sizeof in6);
	e->port = in6.sin6_port;
	if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
		e->family = AF_INET;
		memcpy(e->address, in6.sin6_addr.s6_addr + 12, 4);
	} else {
		memcpy(e->address, &in6.sin6_addr, 16);
	}
	return true;
}

static bool own_end(int fd, struct end *e)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof a;
	return getsockname(fd, (struct sockaddr *)&a, &n) == 0 && end_of((struct sockaddr *)&a, e);
}

static bool ask(struct local_peers *p, const struct end *source, const struct end *target)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 body;
	} q = {.head = {.nlmsg_len = sizeof q,
	                .nlmsg_type = SOCK_DIAG_BY_FAMILY,
	                .nlmsg_flags = NLM_F_REQUEST,
	                .nlmsg_seq = ++p->sequence},
	       .body = {.sdiag_family = source->family,
	                .sdiag_protocol = p->protocol,
	                .idiag_states = ~0u,
	                .id = {.idiag_sport = source->port,
	                       .idiag_dport = target->port,
	                       .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}}};
	memcpy(q.body.id.idiag_src, source->address, sizeof q.body.id.idiag_src);
	memcpy(q.body.id.idiag_dst, target->address, sizeof q.body.id.idiag_dst);
	return send(p->netlink, &q, sizeof q, 0) == (ssize_t)sizeof q;
}

/* 1 and *uid; 0: there is no such socket; -1: no answer. */
static int answer(struct local_peers *p, uid_t *uid)
{
	union {
		struct nlmsghdr head;
		char room[1024];
	} a;
	for (;;) {
		ssize_t n = recv(p->netlink, &a, sizeof a, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < (ssize_t)sizeof a.head)
			return -1;
		if (a.head.nlmsg_seq != p->sequence)
			continue;
		if (a.head.nlmsg_type == NLMSG_ERROR)
			return 0;
		if (a.head.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
		    n < (ssize_t)(NLMSG_HDRLEN + sizeof(struct inet_diag_msg)))
			return -1;
		struct inet_diag_msg m;
		memcpy(&m, a.room + NLMSG_HDRLEN, sizeof m);
		*uid = m.idiag_uid;
		return 1;
	}
}

/* The owner of the socket at peer, whose other end is own. A socket of TCP is asked for by its own
 * side first, one of UDP by who sends to it. */
static int owner(struct local_peers *p, const struct end *own, const struct end *peer, uid_t *uid)
{
	bool tcp = p->protocol == IPPROTO_TCP;
	if (own->family != peer->family || !ask(p, tcp ? peer : own, tcp ? own : peer))
		return -1;
	return answer(p, uid);
}

struct local_peers *local_peers_new(int fd)
{
	struct local_peers *p = xcalloc(1, sizeof *p);
	struct timeval patience = {.tv_sec = 1};
	struct end own, nobody;
	int type = 0;
	socklen_t n = sizeof type;
	uid_t uid;
	p->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (p->netlink >= 0 && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 &&
	    setsockopt(p->netlink, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
	    own_end(fd, &own)) {
		p->protocol = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
		nobody = (struct end){.family = own.family};
		/* a kernel that does not find fd itself does not tell of others either */
		if (owner(p, &nobody, &own, &uid) == 1 && uid == geteuid())
			return p;
	}
	local_peers_free(p);
	return NULL;
}

void local_peers_free(struct local_peers *p)
{
	if (!p)
		return;
	if (p->netlink >= 0)
		close(p->netlink);
	free(p);
}

enum local_peer local_peers_ask(struct local_peers *p, int fd, const struct sockaddr *peer,
                                uid_t *uid)
{
	struct end own, other;
	uid_t who;
	if (!p || !own_end(fd, &own) || !end_of(peer, &other))
		return PEER_OWN;
	int known = owner(p, &own, &other, &who);
	if (known < 0)
		return PEER_OWN;
	if (known == 0)
		return PEER_GONE;
	if (uid)
		*uid = who;
	return who == geteuid() || who == 0 ? PEER_OWN : PEER_OTHER;
}

#else

struct local_peers *local_peers_new(int fd)
{
	return NULL;
}

void local_peers_free(struct local_peers *p)
{
}

enum local_peer local_peers_ask(struct local_peers *p, int fd, const struct sockaddr *peer,
                                uid_t *uid)
{
	return PEER_OWN;
}

#endif
