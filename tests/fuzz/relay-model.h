/* relay-model.h - fuzz: what the relay may do, told from all that was sent so far: a plain reading
 * of two streams from their beginning, without buffers, events or states that last. */
#ifndef RELAY_MODEL_H
#define RELAY_MODEL_H

#include "base/span.h"

/* From this offset on the server's bytes were sent when so many of the client's had reached it. */
struct sent {
	size_t at, knew;
};

struct streams {
	struct span client, server;
	const struct sent *sent;
	size_t n_sent;
};

struct verdict {
	size_t up, down; /* so much may go on, and does unless something is wrong */
	size_t answer;   /* where in the server's bytes the relay's own words may stand instead */
	bool refused;    /* the client's bytes are not to be relayed from up on, or one before it */
	bool broken;     /* the server's likewise, from down on */
	bool unasked;    /* the server says what nobody asked for, from down on */
	bool said;       /* of the answer in progress something went on */
	bool waiting;    /* a whole request waits for its answer, or the rest of it */
	bool tunnel;     /* no HTTP any more */
};

void model_of(const struct streams *s, struct verdict *v);

#endif
