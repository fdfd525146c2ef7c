/* address.h - proxy: which addresses a proxy may connect to or listen on. Pure. */
#ifndef PROXY_ADDRESS_H
#define PROXY_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

struct address_rules {
	const char *self_host; /* where we listen: an address; NULL if nowhere */
	unsigned self_port;
	bool no_loopback; /* clients from elsewhere: nothing of this machine is for them */
};

/* False for link-local addresses (169.254.0.0/16, fe80::/10: instance metadata, ECS and EKS
 * credentials), the IPv6 metadata range fd00:ec2::/32, the unspecified and multicast addresses, and
 * ourselves; also when an IPv4 address is written as IPv6. Source: EC2 user guide, instance
 * metadata; EKS pod identity. */
bool address_allowed(const struct address_rules *rules, const struct sockaddr *a);

/* The same for a host as it is written: false only if it is an address, in any of the forms that
 * resolvers take, or localhost, and not allowed. Looks nothing up. */
bool address_allowed_text(const struct address_rules *rules, const char *host, unsigned port);

/* An address of IPv4 or IPv6 as it is written, or "localhost". */
bool address_is_literal(const char *host);

/* A literal loopback address, or "localhost". */
bool address_is_loopback(const char *host);

#endif
