/* feed-wire.h - app: what the process that takes sources in (feed-process.c) and the one that
 * brings them (feed-server.c) say to each other, over sequenced packets: one pair of sockets for
 * control, one for each worker. Neither believes the other: sizes, numbers and statuses are
 * looked at before they are used. */
#ifndef APP_FEED_WIRE_H
#define APP_FEED_WIRE_H

#include "app/pipeline.h"

/* Longer than any bucket and key, or window of time. */
#define LIMIT_FEED_NAME ((size_t)1 << 16)

struct feed_ask {
	enum {
		ASK_NEXT = 1, /* control: answered by ANSWER_ITEM */
		ASK_DROP,     /* control: the item of slot; no answer */
		ASK_BRING,    /* a worker: answered by ANSWER_BROUGHT */
		ASK_OVER,     /* control and workers: the round is over; no answer */
	} what;
	uint32_t slot;
	int32_t exit_status; /* ASK_OVER */
};

struct feed_answer {
	enum {
		ANSWER_ROUND = 1, /* control, unasked: jobs; a feed is there */
		ANSWER_ITEM,      /* its name follows in the packet */
		ANSWER_BROUGHT,   /* with a descriptor of size bytes, where status is STATUS_OK */
	} what;
	int32_t status; /* enum status; the texts are of err */
	uint32_t slot, jobs, name;
	uint64_t size;
	double progress; /* from 0 to 1 */
	struct hash128 content;
	char where[512], text[1024];
};

/* One packet of n bytes and, if there are any, more; pass: a descriptor that goes with it, or -1.
 * False: the other side is gone. */
bool feed_send(int fd, const void *p, size_t n, struct span more, int pass);

/* The next packet: at least n bytes into p, the rest (at most room) into more (NULL: there must be
 * none); *passed: a descriptor to be closed, or -1. Returns the number of bytes in more, or -1: the
 * other side is gone, or sends what is no packet of that form. */
ptrdiff_t feed_receive(int fd, void *p, size_t n, char *more, size_t room, int *passed);

#endif
