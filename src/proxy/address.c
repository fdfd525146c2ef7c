/* address.c - proxy: see address.h. */
#include "config.h"

#include "proxy/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Any address as IPv6, IPv4 mapped. */
static bool as_v6(const struct sockaddr *a, unsigned char out[16], unsigned *port)
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	if (a->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, a, sizeof in);
		memcpy(out, mapped, 12);
		memcpy(out + 12, &in.sin_addr, 4);
		*port = ntohs(in.sin_port);
		return true;
	}
	if (a->sa_family != AF_INET6)
		return false;
	struct sockaddr_in6 in6;
	memcpy(&in6, a, sizeof in6);
	memcpy(out, &in6.sin6_addr, 16);
	*port = ntohs(in6.sin6_port);
	/* These lead to the IPv4 address in them: of NAT64, 64:ff9b::/96 (RFC 6052) and
	 * 64:ff9b:1::/48 (RFC 8215), ::a.b.c.d (RFC 4291, 2.5.5.1), ::ffff:0:a.b.c.d (RFC 2765),
	 * 6to4's 2002::/16 (RFC 3056). */
	static const unsigned char nat64[12] = {0, 0x64, 0xff, 0x9b},
	                           local[6] = {0, 0x64, 0xff, 0x9b, 0, 1}, compatible[12],
	                           translated[12] = {[8] = 0xff, [9] = 0xff}, nobody[3];
	if (memcmp(out, nat64, 12) == 0 || memcmp(out, local, 6) == 0 ||
	    memcmp(out, translated, 12) == 0 ||
	    (memcmp(out, compatible, 12) == 0 && memcmp(out + 12, nobody, 3) != 0))
		memcpy(out, mapped, 12);
	if (out[0] == 0x20 && out[1] == 2) {
		memmove(out + 12, out + 2, 4);
		memcpy(out, mapped, 12);
	}
	return true;
}

static const unsigned char *v4_of(const unsigned char b[16])
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	return memcmp(b, mapped, 12) == 0 ? b + 12 : NULL;
}

static bool is_loopback(const unsigned char b[16])
{
	static const unsigned char one[16] = {[15] = 1};
	const unsigned char *v4 = v4_of(b);
	return v4 ? v4[0] == 127 : memcmp(b, one, 16) == 0;
}

static bool is_unspecified(const unsigned char b[16])
{
	static const unsigned char zero[16];
	const unsigned char *v4 = v4_of(b);
	return v4 ? v4[0] == 0 : memcmp(b, zero, 16) == 0;
}

static bool is_special(const unsigned char b[16])
{
	const unsigned char *v4 = v4_of(b);
	if (v4)
		return (v4[0] == 169 && v4[1] == 254) || v4[0] >= 224;
	bool link_local = b[0] == 0xfe && (b[1] & 0xc0) == 0x80;
	bool metadata = b[0] == 0xfd && b[1] == 0 && b[2] == 0x0e && b[3] == 0xc2;
	return link_local || metadata || b[0] == 0xff;
}

static bool parse(const char *host, unsigned char out[16])
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	memcpy(out, mapped, 12);
	return inet_pton(AF_INET, host, out + 12) == 1 || inet_pton(AF_INET6, host, out) == 1;
}

static bool is_self(const struct address_rules *rules, const unsigned char b[16], unsigned port)
{
	unsigned char self[16];
	if (!rules->self_host || port != rules->self_port)
		return false;
	if (is_loopback(b))
		return true; /* all of 127.0.0.0/8 and ::1 at our port is us, or too near to tell */
	return parse(rules->self_host, self) && (is_unspecified(self) || memcmp(self, b, 16) == 0);
}

bool address_allowed(const struct address_rules *rules, const struct sockaddr *a)
{
	unsigned char b[16];
	unsigned port;
	if (!as_v6(a, b, &port))
		return false;
	if (is_unspecified(b) || is_special(b) || is_self(rules, b, port))
		return false;
	return !rules->no_loopback || !is_loopback(b);
}

bool address_allowed_text(const struct address_rules *rules, const char *host, unsigned port)
{
	/* Not inet_pton: 2852039166, 0xa9fea9fe and 0251.0376.0251.0376 are addresses, too. */
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	                         .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	char service[16];
	snprintf(service, sizeof service, "%u", port);
	bool known = strcasecmp(host, "localhost") == 0;
	if (getaddrinfo(known ? "127.0.0.1" : host, service, &hints, &found) != 0)
		return true;
	bool allowed = true;
	for (const struct addrinfo *a = found; a; a = a->ai_next)
		allowed = allowed && address_allowed(rules, a->ai_addr);
	freeaddrinfo(found);
	return allowed;
}

bool address_is_literal(const char *host)
{
	unsigned char b[16];
	return strcmp(host, "localhost") == 0 || parse(host, b);
}

bool address_is_loopback(const char *host)
{
	unsigned char b[16];
	if (strcmp(host, "localhost") == 0)
		return true;
	return parse(host, b) && is_loopback(b);
}
