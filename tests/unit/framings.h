/* framings.h - conversations in HTTP/1 as clients and servers hold them, step by step: what tests
 * of the proxy send through it. Made up, after what SDKs were seen to send and what RFC 9112
 * allows. */
#ifndef FRAMINGS_H
#define FRAMINGS_H

#include <stdbool.h>
#include <stddef.h>

enum step_kind {
	STEPS_END,
	CLIENT_SENDS,
	SERVER_SENDS,
	HELD_ARRIVES, /* nothing is sent; of what was held back all but n_held goes on */
	CLIENT_ENDS,  /* its half; TLS: a close_notify */
	SERVER_ENDS,
	CLIENT_SEES_END,
	SERVER_SEES_END,
};

struct step {
	enum step_kind kind;
	const char *p;
	size_t n;
	const char *as; /* what arrives in its place; NULL: the same */
	size_t n_as;
	size_t n_held; /* bytes at the end of what the client sent that the proxy keeps for now */
};

enum { STEPS_MOST = 16 };

struct framing {
	const char *name;
	unsigned n_requests;
	bool once; /* ends its connection: the others can be repeated on one */
	struct step steps[STEPS_MOST];
};

/* Ended by one without a name. */
extern const struct framing http_framings[];     /* requests in origin form, to HOST */
extern const struct framing absolute_framings[]; /* requests to a proxy without CONNECT */
extern const struct framing blind_framings[];    /* behind CONNECT, no HTTP */

#endif
