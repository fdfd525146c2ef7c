/* local-peer.h - capture: whose process is at the other end of a loopback socket. Everybody on a
 * machine can connect to a loopback port; the kernel tells who did (sock_diag(7)). */
#ifndef CAPTURE_LOCAL_PEER_H
#define CAPTURE_LOCAL_PEER_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

struct local_peers;

/* For the clients of the bound socket fd, of TCP (listening) or UDP. NULL where this kernel does
 * not tell: then everybody counts as the user's own. To be used by one thread, and made before a
 * sandbox is entered. */
struct local_peers *local_peers_new(int fd);
void local_peers_free(struct local_peers *p); /* NULL is fine */

enum local_peer {
	PEER_OWN,   /* a process of this user or of root, who could do all the same */
	PEER_OTHER, /* of *uid */
	PEER_GONE,  /* its socket is closed by now */
};

/* Of TCP: peer is the other end of the connection that was accepted as fd. Of UDP: the sender of a
 * datagram to fd. uid may be NULL. */
enum local_peer local_peers_ask(struct local_peers *p, int fd, const struct sockaddr *peer,
                                uid_t *uid);

#endif
